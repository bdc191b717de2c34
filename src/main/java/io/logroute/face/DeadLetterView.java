package io.logroute.face;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.logroute.flow.Json;
import io.logroute.router.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "DeadLetter", description = "An event that a sink refused for good, and why.")
record DeadLetterView(
        @Schema(description = "Names it among the letters of its sink.")
        String id,

        @Schema(description = "When it was refused.") Instant time,

        @Schema(description = "When the event came in.") Instant received,

        String router,
        String sink,
        String route,

        @Schema(description = "The index that the route named.")
        Optional<String> index,

        @Schema(description = "In the receiver's words.") String reason,

        @Schema(description = "Its number in the buffer.") long seq,

        @JsonRawValue
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(type = SchemaType.OBJECT, description = "What would have been sent.")
        @Nullable
        String event,

        @JsonRawValue
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(type = SchemaType.OBJECT, description = "What came in; there only when filters changed it.")
        @Nullable
        String raw) {

    /// Some of the letters.
    @Schema(name = "DeadLetterPage")
    record Page(
            List<DeadLetterView> letters,

            @Schema(description = "Ask again with this as `after`; absent at the end.")
            Optional<String> next,

            @Schema(description = "Lines passed over that are no whole letter any more.")
            long damaged) {
        Map<String, @Nullable Object> tree() {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            var list = new ArrayList<@Nullable Object>();
            letters.forEach(letter -> list.add(letter.tree()));
            tree.put("letters", list);
            next.ifPresent(id -> tree.put("next", id));
            tree.put("damaged", damaged);
            return tree;
        }
    }

    /// @param events whether the events come with it
    static DeadLetterView of(DeadLetter letter, boolean events) {
        return new DeadLetterView(
                letter.id().toString(),
                letter.head().time(),
                letter.head().received(),
                letter.head().router(),
                letter.head().sink(),
                letter.head().route(),
                letter.head().index(),
                letter.head().reason(),
                letter.head().seq(),
                events ? letter.contentText() : null,
                events && letter.isChanged() ? letter.cameInText() : null);
    }

    /// As an instance told it.
    static DeadLetterView read(LettersAfar.Told told) {
        return new DeadLetterView(
                told.needed("id"),
                Instant.parse(told.needed("time")),
                Instant.parse(told.needed("received")),
                told.needed("router"),
                told.needed("sink"),
                told.needed("route"),
                told.text("index"),
                told.needed("reason"),
                told.number("seq"),
                told.json("event"),
                told.json("raw"));
    }

    /// The same as REST gives it.
    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("id", id);
        tree.put("time", time.toString());
        tree.put("received", received.toString());
        tree.put("router", router);
        tree.put("sink", sink);
        tree.put("route", route);
        index.ifPresent(name -> tree.put("index", name));
        tree.put("reason", reason);
        tree.put("seq", seq);
        put(tree, "event", event);
        put(tree, "raw", raw);
        return tree;
    }

    private static void put(Map<String, @Nullable Object> tree, String key, @Nullable String json) {
        if (json != null) {
            var bytes = json.getBytes(StandardCharsets.UTF_8);
            tree.put(key, Json.value(bytes, 0, bytes.length));
        }
    }
}
