package io.logroute.face;

import io.logroute.control.StatusBoard.RouteStatus;
import io.logroute.spec.SpecWriter;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Route", description = "A route: whether it runs as written, and how its events fare.")
record RouteView(
        String name,

        @Schema(description = "The router that it names; absent when that cannot be read.")
        Optional<String> router,

        @Schema(description = "Whether a router runs it: as written, or held at its last good state.")
        boolean inForce,

        @Schema(description = "Whether it runs, but not as it is written now.")
        boolean held,

        @Schema(description = "Events that it took since its router started.")
        long routedEvents,

        List<ConditionView> conditions,

        @Schema(description = "What is wrong in what was written, or with what it names.")
        List<ProblemView> problems,

        @Schema(
                description = "The route that runs, as YAML, every default spelled out. Only when one route is asked"
                        + " for; absent when none runs.")
        Optional<String> spec) {

    static RouteView of(RouteStatus status) {
        return of(status, Optional.empty());
    }

    /// The same with its spec.
    static RouteView full(RouteStatus status) {
        return of(status, status.route().map(SpecWriter::write));
    }

    private static RouteView of(RouteStatus status, Optional<String> spec) {
        var verdict = status.verdict();
        return new RouteView(
                verdict.name(),
                verdict.router(),
                verdict.inForce(),
                verdict.held(),
                status.routedEvents(),
                ConditionView.of(status.conditions()),
                ProblemView.of(verdict.problems()),
                spec);
    }
}
