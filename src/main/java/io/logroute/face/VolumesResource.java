package io.logroute.face;

import io.logroute.control.Operator.Done;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/volumes")
@Produces(MediaType.APPLICATION_JSON)
class VolumesResource {
    private final Served served;

    VolumesResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(
            summary = "Where undelivered events lie: the volume or stream of each instance, by router and number.",
            description = "Those of instances that are gone or not reached are among them, with what was last heard.")
    @APIResponse(responseCode = "200")
    public List<VolumeView> all() {
        return VolumeView.all(served.board(), served.clock().instant());
    }

    @DELETE
    @Path("/{router}/{instance}")
    @Operation(
            summary = "Gives up what an instance held that is not reached, or has told no longer what one lost.",
            description = "The volume itself stays where it is, on its node.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "400",
            description = "yes=true was not said; the answer says what would be given up.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such volume.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response forget(
            @PathParam("router") String router,
            @PathParam("instance") int instance,
            @Parameter(description = "true, to do it.") @QueryParam("yes") boolean yes,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        var volume = all().stream()
                .filter(each -> each.router().equals(router) && each.instance() == instance)
                .findFirst()
                .orElseThrow(() -> SwarmDesk.fault(
                        404,
                        "there is no volume of %s/%d".formatted(router, instance),
                        "Choose one of: logroute volumes; GET /api/v1/volumes, too."));
        if (!yes) {
            var kept = new SwarmDesk(served).ask(operator -> operator.keeps(router, instance));
            if (kept.isPresent()) {
                return SwarmDesk.answer(DoneView.of(new Done(List.of(), List.of(kept.get()))));
            }
            throw SwarmDesk.fault(
                    400,
                    "%s would be forgotten, with %s".formatted(volume.name(), volume.held()),
                    "Say yes=true to give that up.");
        }
        return SwarmDesk.answer(DoneView.of(
                new SwarmDesk(served).ask(operator -> operator.forget(router, instance, SwarmDesk.who(who)))));
    }
}
