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

        @Schema(
                description = "The instance that has them; names it in paths in place of the router. Absent where"
                        + " routers run in the controller's own process.")
        Optional<String> instance,

        @Schema(description = "Absent when the instance is not reached.")
        Optional<String> sink,

        long letters,

        @Schema(description = "What their files occupy.") long bytes,

        @Schema(description = "Lines that are no whole letter any more.")
        long damaged,

        @Schema(description = "When the oldest was refused.")
        Optional<Instant> oldest,

        Optional<Instant> newest,

        @Schema(description = "The ten most frequent; numbers and quotes in them are left away.")
        List<Reason> reasons,

        @Schema(description = "Why the instance tells nothing now.")
        Optional<String> trouble) {
    @Schema(name = "DeadLetterReason")
    record Reason(String reason, long letters) {}

    static DeadLettersView of(DeadLetters.Summary summary) {
        return new DeadLettersView(
                summary.router(),
                Optional.empty(),
                Optional.of(summary.sink()),
                summary.letters(),
                summary.bytes(),
                summary.damaged(),
                summary.oldest(),
                summary.newest(),
                summary.reasons().stream()
                        .map(each -> new Reason(each.reason(), each.letters()))
                        .toList(),
                Optional.empty());
    }

    /// As the instance told it.
    static DeadLettersView read(LettersAfar.Told told, String instance) {
        return new DeadLettersView(
                told.needed("router"),
                Optional.of(instance),
                Optional.of(told.needed("sink")),
                told.number("letters"),
                told.number("bytes"),
                told.number("damaged"),
                told.time("oldest"),
                told.time("newest"),
                told.objects("reasons").stream()
                        .map(each -> new Reason(each.needed("reason"), each.number("letters")))
                        .toList(),
                Optional.empty());
    }

    /// Of an instance that tells nothing.
    static DeadLettersView silent(String router, String instance, String why) {
        return new DeadLettersView(
                router,
                Optional.of(instance),
                Optional.empty(),
                0,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.of(why));
    }

    /// The same as REST gives it.
    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("router", router);
        instance.ifPresent(name -> tree.put("instance", name));
        sink.ifPresent(name -> tree.put("sink", name));
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
        trouble.ifPresent(why -> tree.put("trouble", why));
        return tree;
    }
}
