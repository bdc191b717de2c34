package io.logroute.face;

import io.logroute.spec.Problem;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Problem", description = "Something wrong in what people wrote.")
record ProblemView(
        @Schema(
                description =
                        "`problem`: it keeps what was written from running. `warning`: it runs, and will hardly do"
                                + " what was meant.",
                examples = "problem")
        String severity,

        @Schema(description = "File, line and path inside the document.", examples = "routes.yaml:12: spec.to[0].sink")
        String where,

        @Schema(description = "What is wrong.", examples = "there is no sink \"es2\"")
        String what,

        @Schema(description = "What to do about it; may be empty.", examples = "Write one of: es; or declare it.")
        String mend) {

    static List<ProblemView> of(List<Problem> problems) {
        return problems.stream()
                .sorted()
                .map(each -> new ProblemView("problem", each.where(), each.what(), each.mend()))
                .toList();
    }

    /// Problems and warnings, by their places.
    static List<ProblemView> of(List<Problem> problems, List<Problem> warnings) {
        record Told(Problem problem, String severity) {}
        return Stream.concat(
                        problems.stream().map(each -> new Told(each, "problem")),
                        warnings.stream().map(each -> new Told(each, "warning")))
                .sorted(Comparator.comparing(Told::problem))
                .map(each -> new ProblemView(
                        each.severity(),
                        each.problem().where(),
                        each.problem().what(),
                        each.problem().mend()))
                .toList();
    }

    /// What the JSON form is made of.
    Map<String, String> tree() {
        var tree = new LinkedHashMap<String, String>();
        tree.put("severity", severity);
        tree.put("where", where);
        tree.put("what", what);
        tree.put("mend", mend);
        return tree;
    }

    boolean isWarning() {
        return severity.equals("warning");
    }

    /// The file that it is in.
    String file() {
        return where.replaceFirst(":\\d+(: .*)?$", "");
    }
}
