package io.logroute.face;

import io.logroute.plan.Declared;
import io.logroute.spec.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What checking specs gave, told alike by `logroute validate` and by `POST /api/v1/validate`.
///
/// @param good whether there is no problem
/// @param routers how many are declared and would be started; likewise sinks and routes
/// @param problems sorted by place
record Verdict(boolean good, int routers, int sinks, int routes, List<ProblemView> problems) {
    Verdict {
        problems = List.copyOf(problems);
    }

    /// @param templates names of the index templates that there are
    static Verdict of(Reading reading, Set<String> templates) {
        var declared = Declared.of(reading, Declared.NOTHING, templates);
        return new Verdict(
                declared.problems().isEmpty(),
                declared.pipelines().size(),
                declared.sinks().size(),
                declared.routes().size(),
                ProblemView.of(declared.problems()));
    }

    /// `3 problems in 2 files`, or `2 routers, 3 sinks, 4 routes: all good`.
    String summary() {
        if (good) {
            return "%s, %s, %s: all good"
                    .formatted(
                            Sizes.count(routers, "router"), Sizes.count(sinks, "sink"), Sizes.count(routes, "route"));
        }
        long files = problems.stream().map(ProblemView::file).distinct().count();
        return "%s in %s".formatted(Sizes.count(problems.size(), "problem"), Sizes.count(files, "file"));
    }

    /// What the JSON form is made of.
    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("good", good);
        tree.put("routers", routers);
        tree.put("sinks", sinks);
        tree.put("routes", routes);
        var list = new ArrayList<Map<String, String>>();
        for (var problem : problems) {
            var each = new LinkedHashMap<String, String>();
            each.put("where", problem.where());
            each.put("what", problem.what());
            each.put("mend", problem.mend());
            list.add(each);
        }
        tree.put("problems", list);
        return tree;
    }
}
