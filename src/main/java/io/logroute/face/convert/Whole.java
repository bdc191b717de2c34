package io.logroute.face.convert;

import io.logroute.spec.Problem;
import io.logroute.spec.SpecReader;
import java.util.List;
import java.util.Map;

/// Lets the reader of specs look at what was made: what it does not take is not written.
final class Whole {
    private Whole() {}

    /// @throws Untold when it is no filter, with what the reader says
    static void check(Step step) throws Untold {
        check("LogRoute", Map.of("router", "some", "filters", List.of(step.yaml()), "to", List.of("some")));
    }

    /// @param spec what stands under `spec`
    static void check(String kind, Map<String, Object> spec) throws Untold {
        var lines = new java.util.ArrayList<String>();
        lines.add("apiVersion: logroute/v1");
        lines.add("kind: " + kind);
        lines.add("metadata: { name: some }");
        lines.addAll(Yaml.entry("spec", spec, 0));
        var problems =
                SpecReader.documents("some", String.join("\n", lines) + "\n").problems();
        if (!problems.isEmpty()) {
            throw new Untold(words(problems.getFirst()));
        }
    }

    private static String words(Problem problem) {
        var mend = problem.mend().startsWith("It is here:") ? "" : ". " + problem.mend();
        return Conditions.firstLine(problem.what()) + Conditions.firstLine(mend);
    }
}
