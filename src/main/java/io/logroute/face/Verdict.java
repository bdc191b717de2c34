package io.logroute.face;

import io.logroute.plan.Declared;
import io.logroute.router.Foresight;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What checking specs gave, told alike by `logroute validate` and by `POST /api/v1/validate`.
///
/// @param good whether there is no problem; warnings do not count
/// @param routers how many are declared and would be started; likewise sinks and routes
/// @param tests how many were read; they were run where their routes could be
/// @param problems with the warnings, sorted by place
record Verdict(boolean good, int routers, int sinks, int routes, int tests, List<ProblemView> problems) {
    Verdict {
        problems = List.copyOf(problems);
    }

    static Verdict of(Reading reading, Foresight foresight) {
        var declared = Declared.of(reading, Declared.NOTHING, foresight.templates(), foresight);
        return new Verdict(
                declared.problems().isEmpty(),
                declared.pipelines().size(),
                declared.sinks().size(),
                declared.routes().size(),
                declared.all(LogRouteTest.class).size(),
                ProblemView.of(declared.problems(), foresight.warnings(reading)));
    }

    boolean hasWarnings() {
        return problems.stream().anyMatch(ProblemView::isWarning);
    }

    /// `3 problems and 1 warning in 2 files`, or `2 routers, 3 sinks, 4 routes, 5 tests: all good`.
    String summary() {
        long warnings = problems.stream().filter(ProblemView::isWarning).count();
        if (good) {
            return "%s, %s, %s%s: %s"
                    .formatted(
                            Sizes.count(routers, "router"),
                            Sizes.count(sinks, "sink"),
                            Sizes.count(routes, "route"),
                            tests == 0 ? "" : ", " + Sizes.count(tests, "test"),
                            warnings == 0 ? "all good" : "good, with " + Sizes.count(warnings, "warning"));
        }
        long files = problems.stream().map(ProblemView::file).distinct().count();
        return "%s%s in %s"
                .formatted(
                        Sizes.count(problems.size() - warnings, "problem"),
                        warnings == 0 ? "" : " and " + Sizes.count(warnings, "warning"),
                        Sizes.count(files, "file"));
    }

    /// What the JSON form is made of.
    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("good", good);
        tree.put("routers", routers);
        tree.put("sinks", sinks);
        tree.put("routes", routes);
        tree.put("tests", tests);
        tree.put("problems", problems.stream().map(ProblemView::tree).toList());
        return tree;
    }
}
