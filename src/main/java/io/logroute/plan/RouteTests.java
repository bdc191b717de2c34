package io.logroute.plan;

import io.logroute.spec.Located;
import io.logroute.spec.LogRoute;
import io.logroute.spec.Problem;
import java.util.List;

/// Runs the tests of routes. It is handed in: what runs them stands on a floor above.
@FunctionalInterface
public interface RouteTests {
    /// Takes every test for good.
    RouteTests UNASKED = (_, _, _) -> List.of();

    /// What is wrong with the route by its tests; none when all of them hold.
    ///
    /// @param pipeline that the route is part of
    /// @param tests [io.logroute.spec.LogRouteTest]s of that route
    List<Problem> failures(PipelineDefinition pipeline, LogRoute route, List<Located> tests);
}
