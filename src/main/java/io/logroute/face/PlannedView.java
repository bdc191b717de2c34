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

        @Schema(
                description =
                        "What keeps the documents from being stored: what is wrong in them, or goes wrong elsewhere"
                                + " because of them. With any of them there are neither steps nor changes.")
        List<ProblemView> problems,

        @Schema(description = "What is wrong elsewhere, and with fleets. It keeps nothing from being stored.")
        List<ProblemView> besides) {
    static PlannedView of(Planned planned) {
        return new PlannedView(
                planned.problems().isEmpty(),
                List.copyOf(planned.steps()),
                List.copyOf(planned.changes()),
                ProblemView.of(planned.problems()),
                ProblemView.of(planned.besides()));
    }
}
