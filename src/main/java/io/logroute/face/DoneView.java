package io.logroute.face;

import io.logroute.control.Operator.Done;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Done", description = "What was done, or why nothing was.")
record DoneView(
        boolean good,

        @Schema(description = "What was done, in words; empty when there was nothing to do.")
        List<String> done,

        @Schema(description = "Why nothing was done.") List<ProblemView> problems) {
    static DoneView of(Done done) {
        return new DoneView(done.problems().isEmpty(), List.copyOf(done.done()), ProblemView.of(done.problems()));
    }
}
