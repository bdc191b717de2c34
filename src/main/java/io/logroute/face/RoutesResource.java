package io.logroute.face;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

@Path("/api/v1/routes")
@Produces(MediaType.APPLICATION_JSON)
class RoutesResource {
    private final Served served;

    RoutesResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(summary = "Every route that is written, sorted by name.")
    public List<RouteView> all() {
        return served.board().routes().stream().map(RouteView::of).toList();
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "One route, with its spec.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = RouteView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such route.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public RouteView one(@PathParam("name") String name) {
        return served.board().route(name).map(RouteView::full).orElseThrow(() -> Fault.absent("route", name));
    }
}
