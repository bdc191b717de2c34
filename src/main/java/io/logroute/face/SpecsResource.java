package io.logroute.face;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

@Path("/api/v1/specs")
@Produces(MediaType.APPLICATION_JSON)
@APIResponse(
        responseCode = "409",
        description = "There is no swarm here.",
        content = @Content(schema = @Schema(implementation = Fault.class)))
@APIResponse(
        responseCode = "503",
        description = "The swarm cannot be reached.",
        content = @Content(schema = @Schema(implementation = Fault.class)))
class SpecsResource {
    private final SwarmDesk desk;

    SpecsResource(Served served) {
        this.desk = new SwarmDesk(served);
    }

    @POST
    @Path("/{name}")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            summary = "Stores documents as a Docker config, in place of what was stored under this name.",
            description =
                    "Takes YAML documents, 4 MiB at most. A config that was made by hand and is called just so is taken"
                            + " over, too; a document that another one declares is a problem. 200 when they are stored:"
                            + " routers take them in the next passes, and the conditions of routes tell. 422 when there is a"
                            + " problem in them, or would be elsewhere because of them; then nothing is stored.")
    @RequestBody(content = @Content(mediaType = "application/yaml", schema = @Schema(implementation = String.class)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was stored; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response apply(@PathParam("name") String name, byte[] body) {
        var text = Bodies.text(body);
        var called = SwarmDesk.name(name);
        return SwarmDesk.answer(DoneView.of(desk.ask(operator -> operator.apply(called, text))));
    }
}
