package io.logroute.face;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

@Path("/")
class HomeResource {
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    @Operation(summary = "Where to look.")
    public String home() {
        return """
                LogRoute %s

                /api/v1/routers         routers: what they run and how they do
                /api/v1/routes          routes, with their conditions
                /api/v1/routes/{name}   one of them, with its spec
                /api/v1/sinks           destinations, and what waits for them
                /api/v1/relays          relays that are deployed here
                /api/v1/events          what happened
                /api/v1/problems        what is wrong in the specs, and how to mend it
                /api/v1/validate        POST specs here to check them
                /api/v1/plan            POST specs here to see what they would change
                /api/v1/specs/{name}    POST specs here to store them in the swarm
                /api/v1/revisions       the pipelines that routers run and ran
                /metrics                for Prometheus
                /q/health/live          whether the process lives
                /q/health/ready         whether every declared router runs
                /q/openapi              all of this for programs

                The same as tables: logroute status
                """.formatted(Commands.Version.number());
    }
}
