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

@Path("/api/v1/sinks")
@Produces(MediaType.APPLICATION_JSON)
class SinksResource {
    private final Served served;

    SinksResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(summary = "Every sink that is declared, sorted by name.")
    public List<SinkView> all() {
        var now = served.clock().instant();
        return served.board().sinks().stream()
                .map(sink -> SinkView.of(sink, now))
                .toList();
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "One sink, with its spec.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SinkView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such sink.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public SinkView one(@PathParam("name") String name) {
        return served.board().sinks().stream()
                .filter(sink -> sink.sink().name().value().equals(name))
                .findFirst()
                .map(sink -> SinkView.full(sink, served.clock().instant()))
                .orElseThrow(() -> Fault.absent("sink", name));
    }
}
