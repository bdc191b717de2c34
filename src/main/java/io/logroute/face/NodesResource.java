package io.logroute.face;

import io.logroute.control.Operator.Place;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/nodes")
@Produces(MediaType.APPLICATION_JSON)
class NodesResource {
    private final SwarmDesk desk;

    NodesResource(Served served) {
        this.desk = new SwarmDesk(served);
    }

    @POST
    @Path("/{node}/drain")
    @Operation(
            summary = "Has all instances on a node take nothing in, and deliver what they have.",
            description =
                    "200 when it is asked for: GET /api/v1/volumes tells how much is left. It stands until it is taken back. Others may be placed there meanwhile; docker node update --availability drain keeps them away.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response drain(
            @Parameter(description = "Its name or its id.") @PathParam("node") String node,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return SwarmDesk.answer(
                DoneView.of(desk.ask(operator -> operator.drain(new Place.Node(node), SwarmDesk.who(who)))));
    }

    @POST
    @Path("/{node}/uncordon")
    @Operation(summary = "Has instances on a node take events in again that somebody asked to drain.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response uncordon(
            @Parameter(description = "Its name or its id.") @PathParam("node") String node,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return SwarmDesk.answer(
                DoneView.of(desk.ask(operator -> operator.uncordon(new Place.Node(node), SwarmDesk.who(who)))));
    }
}
