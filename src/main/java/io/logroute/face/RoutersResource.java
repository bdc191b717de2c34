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
        return all().stream()
                .filter(router -> router.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Fault.absent("router", name));
    }
}
