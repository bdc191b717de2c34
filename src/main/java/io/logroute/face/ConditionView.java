package io.logroute.face;

import io.logroute.control.StatusBoard.Told;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Condition", description = "Something that is true of a route, a router or an instance, or is not.")
record ConditionView(
        @Schema(description = "What.", examples = "Delivering")
        String type,

        @Schema(
                description = "Whether it is true.",
                enumeration = {"True", "False", "Unknown"})
        String status,

        @Schema(description = "One word, for programs.", examples = "SinkDown")
        String reason,

        @Schema(description = "What, where, and how to mend; the same text while the situation is the same.")
        String message,

        @Schema(description = "Since when status and reason are what they are.")
        Instant since,

        @Schema(description = "Whether the status is as it should be: False is good for Degraded, True for Delivering.")
        boolean good) {
    static List<ConditionView> of(List<Told> told) {
        return told.stream().map(ConditionView::of).toList();
    }

    private static ConditionView of(Told told) {
        var condition = told.condition();
        return new ConditionView(
                condition.type(),
                condition.status().word(),
                condition.reason(),
                condition.message(),
                told.since(),
                condition.good());
    }
}
