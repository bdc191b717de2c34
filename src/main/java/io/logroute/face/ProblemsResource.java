package io.logroute.face;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

@Path("/api/v1/problems")
@Produces(MediaType.APPLICATION_JSON)
class ProblemsResource {
    private final Served served;

    ProblemsResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(
            summary = "All that is wrong in what is declared, and routers that could not become it; sorted by place.")
    public List<ProblemView> all() {
        return ProblemView.of(served.board().problems());
    }
}
