package io.logroute.face;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/plan")
@Produces(MediaType.APPLICATION_JSON)
@APIResponse(
        responseCode = "409",
        description = "There is no swarm here.",
        content = @Content(schema = @Schema(implementation = Fault.class)))
@APIResponse(
        responseCode = "503",
        description = "The swarm cannot be reached.",
        content = @Content(schema = @Schema(implementation = Fault.class)))
class PlanResource {
    private final SwarmDesk desk;

    PlanResource(Served served) {
        this.desk = new SwarmDesk(served);
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Operation(
            summary = "Tells what would be done if these documents were stored, and does nothing.",
            description =
                    "Takes YAML documents, 4 MiB at most; they stand in place of the config that is stored under this"
                            + " name. The answer is 200 also when there are problems.")
    @RequestBody(content = @Content(mediaType = "application/yaml", schema = @Schema(implementation = String.class)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PlannedView.class)))
    public PlannedView plan(
            @Parameter(description = "What the documents would be stored under; `body` unless told.")
                    @QueryParam("name")
                    @Nullable
                    String name,
            byte[] body) {
        var text = Bodies.text(body);
        var called = name == null || name.isEmpty() ? "body" : SwarmDesk.name(name);
        return PlannedView.of(desk.ask(operator -> operator.plan(called, text)));
    }
}
