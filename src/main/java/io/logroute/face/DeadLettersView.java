package io.logroute.face;

import io.logroute.router.DeadLetters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "DeadLetters", description = "The dead letters of a sink at a router, in numbers.")
record DeadLettersView(
        String router,
        String sink,
        long letters,

        @Schema(description = "What their files occupy.") long bytes,

        @Schema(description = "Lines that are no whole letter any more.")
        long damaged,

        @Schema(description = "When the oldest was refused.")
        Optional<Instant> oldest,

        Optional<Instant> newest,

        @Schema(description = "The ten most frequent; numbers and quotes in them are left away.")
        List<Reason> reasons) {
    @Schema(name = "DeadLetterReason")
    record Reason(String reason, long letters) {}

    static DeadLettersView of(DeadLetters.Summary summary) {
        return new DeadLettersView(
                summary.router(),
                summary.sink(),
                summary.letters(),
                summary.bytes(),
                summary.damaged(),
                summary.oldest(),
                summary.newest(),
                summary.reasons().stream()
                        .map(each -> new Reason(each.reason(), each.letters()))
                        .toList());
    }

    /// The same as REST gives it.
    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("router", router);
        tree.put("sink", sink);
        tree.put("letters", letters);
        tree.put("bytes", bytes);
        tree.put("damaged", damaged);
        oldest.ifPresent(time -> tree.put("oldest", time.toString()));
        newest.ifPresent(time -> tree.put("newest", time.toString()));
        var list = new ArrayList<@Nullable Object>();
        for (var each : reasons) {
            var one = new LinkedHashMap<String, @Nullable Object>();
            one.put("reason", each.reason());
            one.put("letters", each.letters());
            list.add(one);
        }
        tree.put("reasons", list);
        return tree;
    }
}
