package io.logroute.face;

import io.logroute.control.Operator.Done;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Done", description = "What was done, or why nothing was.")
record DoneView(
        boolean good,

        @Schema(description = "What was done, in words; empty when there was nothing to do.")
        List<String> done,

        @Schema(
                description = "The instances that it was done to, or that were so already; absent where it is not about"
                        + " instances.",
                examples = "core/2")
        Optional<List<String>> instances,

        @Schema(description = "Why nothing was done.") List<ProblemView> problems) {
    static DoneView of(Done done) {
        return new DoneView(
                done.problems().isEmpty(),
                List.copyOf(done.done()),
                done.instances().isEmpty() ? Optional.empty() : Optional.of(done.instances()),
                ProblemView.of(done.problems()));
    }
}
