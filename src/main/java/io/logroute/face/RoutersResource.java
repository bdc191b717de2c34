package io.logroute.face;

import io.logroute.control.Operator.Done;
import io.logroute.control.Operator.Place;
import io.logroute.remote.SwarmUnreachable;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
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

@Path("/api/v1/routers")
@Produces(MediaType.APPLICATION_JSON)
class RoutersResource {
    private final Served served;

    RoutersResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(summary = "Every router that is declared, sorted by name.")
    public List<RouterView> all() {
        var now = served.clock().instant();
        return served.board().routers().stream()
                .map(router -> RouterView.of(router, now))
                .toList();
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "One router.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = RouterView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public RouterView one(@PathParam("name") String name) {
        return served.board().routers().stream()
                .filter(router -> router.name().equals(name))
                .findFirst()
                .map(router -> RouterView.full(router, served.clock().instant()))
                .orElseThrow(() -> Fault.absent("router", name));
    }

    @GET
    @Path("/{name}/instances")
    @Operation(summary = "The instances of a router, by number.")
    @APIResponse(responseCode = "200")
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public List<RouterView.InstanceView> instances(@PathParam("name") String name) {
        return one(name).instances();
    }

    @GET
    @Path("/{name}/pipeline")
    @Operation(
            summary = "What a router runs: itself, its routes and its sinks.",
            description = "What it should run, where it runs nothing yet or what it runs is not known here.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PipelineView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public PipelineView pipeline(@PathParam("name") String name) {
        var declared = served.board().last().declared().pipeline(name).orElseThrow(() -> Fault.absent("router", name));
        var runs = one(name).runningRevision();
        var should = declared.revision().hash();
        var other = runs.filter(
                revision -> !revision.equals(should) && served.operator().isPresent());
        if (other.isPresent()) {
            var text = new SwarmDesk(served).ask(operator -> operator.text(name, other.get()));
            if (text.isPresent()) {
                return new PipelineView(name, other.get(), true, text.get());
            }
        }
        return new PipelineView(name, should, runs.filter(should::equals).isPresent(), declared.text());
    }

    @POST
    @Path("/{name}/pause")
    @Operation(summary = "Lets a router take no new revision; it goes on with what it runs.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response pause(
            @PathParam("name") String name,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return paused(name, true, who);
    }

    @POST
    @Path("/{name}/resume")
    @Operation(summary = "Lets a paused router take new revisions again.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response resume(
            @PathParam("name") String name,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return paused(name, false, who);
    }

    @POST
    @Path("/{name}/drain")
    @Operation(
            summary = "Has all instances of a router take nothing in, and deliver what they have.",
            description =
                    "200 when it is asked for: GET /api/v1/volumes tells how much is left. It stands until it is taken back.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response drain(
            @PathParam("name") String name,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return wished(name, who, (operator, asks) -> operator.drain(new Place.Fleet(name), asks));
    }

    @POST
    @Path("/{name}/uncordon")
    @Operation(summary = "Has instances of a router take events in again that somebody asked to drain.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response uncordon(
            @PathParam("name") String name,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return wished(name, who, (operator, asks) -> operator.uncordon(new Place.Fleet(name), asks));
    }

    @POST
    @Path("/{name}/instances/{instance}/drain")
    @Operation(
            summary = "Has an instance take nothing in, and deliver what it has.",
            description =
                    "200 when it is asked for: GET /api/v1/volumes tells how much is left. It stands until it is taken back.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response drain(
            @PathParam("name") String name,
            @PathParam("instance") int instance,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return wished(name, who, (operator, asks) -> operator.drain(new Place.Instance(name, instance), asks));
    }

    @POST
    @Path("/{name}/instances/{instance}/uncordon")
    @Operation(summary = "Has an instance take events in again that somebody asked to drain.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such router.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "409",
            description = "There is no swarm here.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response uncordon(
            @PathParam("name") String name,
            @PathParam("instance") int instance,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        return wished(name, who, (operator, asks) -> operator.uncordon(new Place.Instance(name, instance), asks));
    }

    /// What is wished of a router's instances.
    @FunctionalInterface
    private interface Wish {
        Done of(io.logroute.control.Operator operator, String who) throws SwarmUnreachable;
    }

    private Response wished(String name, @Nullable String who, Wish wish) {
        var desk = new SwarmDesk(served);
        desk.needRouter(name, desk.revisions(null));
        return SwarmDesk.answer(DoneView.of(desk.ask(operator -> wish.of(operator, SwarmDesk.who(who)))));
    }

    private Response paused(String name, boolean paused, @Nullable String who) {
        var desk = new SwarmDesk(served);
        desk.needRouter(name, desk.revisions(null));
        return SwarmDesk.answer(DoneView.of(desk.ask(operator -> operator.pause(name, paused, SwarmDesk.who(who)))));
    }
}
