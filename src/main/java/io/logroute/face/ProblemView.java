package io.logroute.face;

import io.logroute.spec.Problem;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Problem", description = "Something wrong in what people wrote.")
record ProblemView(
        @Schema(description = "File, line and path inside the document.", examples = "routes.yaml:12: spec.to[0].sink")
        String where,

        @Schema(description = "What is wrong.", examples = "there is no sink \"es2\"")
        String what,

        @Schema(description = "What to do about it; may be empty.", examples = "Write one of: es; or declare it.")
        String mend) {

    static List<ProblemView> of(List<Problem> problems) {
        return problems.stream()
                .sorted()
                .map(each -> new ProblemView(each.where(), each.what(), each.mend()))
                .toList();
    }

    /// The file that it is in.
    String file() {
        return where.replaceFirst(":\\d+(: .*)?$", "");
    }
}
