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

@Path("/api/v1/relays")
@Produces(MediaType.APPLICATION_JSON)
class RelaysResource {
    private final Served served;

    RelaysResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(
            summary = "Every relay that is deployed here, sorted by name.",
            description = "Those that are declared no longer, and stay, are among them.")
    @APIResponse(responseCode = "200")
    public List<RelayView> all() {
        return served.board().relays().stream().map(RelayView::of).toList();
    }

    @DELETE
    @Path("/{name}")
    @Operation(
            summary = "Gives up a relay that is declared no longer, or whose node is away or does not fit any more.",
            description = "Its services go; its volume stays where it is, on its node. One that is declared is started"
                    + " elsewhere, empty.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "400",
            description = "yes=true was not said; the answer says what would be given up.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such relay.",
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
            @PathParam("name") String name,
            @Parameter(description = "true, to do it.") @QueryParam("yes") boolean yes,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        var relay = all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Fault.absent("relay", name));
        var desk = new SwarmDesk(served);
        if (!yes) {
            var kept = desk.ask(operator -> operator.keepsRelay(name));
            if (kept.isPresent()) {
                return SwarmDesk.answer(DoneView.of(new Done(List.of(), List.of(kept.get()))));
            }
            throw SwarmDesk.fault(
                    400,
                    "relay %s would be forgotten. %s".formatted(name, relay.givesUp()),
                    "Say yes=true to give that up.");
        }
        return SwarmDesk.answer(DoneView.of(desk.ask(operator -> operator.forgetRelay(name, SwarmDesk.who(who)))));
    }
}
