package io.logroute.face;

import io.logroute.control.Operator.Planned;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Planned", description = "What would be done if these documents were declared.")
record PlannedView(
        @Schema(description = "Whether there is no problem in them.")
        boolean good,

        @Schema(description = "Described, in order: those of the first pass; instances follow one after the other.")
        List<String> steps,

        @Schema(description = "What changes in each pipeline: lines that begin with `+`, `-` or a blank.")
        List<String> changes,

        @Schema(description = "Of the documents, and of placing them.")
        List<ProblemView> problems) {
    static PlannedView of(Planned planned) {
        return new PlannedView(
                planned.problems().isEmpty(),
                List.copyOf(planned.steps()),
                List.copyOf(planned.changes()),
                ProblemView.of(planned.problems()));
    }
}
