package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.elastic.DocumentId;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.Name;
import io.logroute.spec.SinkSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an event says of where it came from, and that it is otherwise as it was.
class OriginTest {
    private static final Instant NOW = Instant.parse("2026-11-30T10:00:00Z");
    private static final Origin EU1 = new Origin(new SinkSpec.RedisOrigin(new Name("eu1")), "core", "4z9k");

    private static Event event(String json, long seq) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return Event.of(bytes, 0, bytes.length, seq, NOW);
    }

    private static Event addressed(Event event, int copy) {
        return event.addressed(new Address("audit", copy, Optional.empty()));
    }

    private static String written(Event event) {
        var out = new Bytes(16);
        out.writeBytes(Words.of("before\n"));
        EU1.write(event, out);
        var all = out.toString(StandardCharsets.UTF_8);
        assertThat(all).startsWith("before\n");
        return all.substring("before\n".length());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "one with a time       | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"n\":1} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"n\":1,\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
                "one without           | {\"n\":1} | {\"@timestamp\":\"2026-11-30T10:00:00.000Z\",\"n\":1,\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
                "an empty one          | {} | {\"@timestamp\":\"2026-11-30T10:00:00.000Z\",\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
                "one of a third tier   | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"swarm\":\"us1\",\"router\":\"a\",\"id\":\"b-1\"}} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"swarm\":\"us1\",\"router\":\"a\",\"id\":\"b-1\"}}",
                "that, flattened       | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute.swarm\":\"us1\"} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute.swarm\":\"us1\"}",
                "text of that name     | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":\"yes\"} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"was\":\"yes\",\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
                "an object of it       | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"a\":1,\"id\":7}} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"a\":1,\"id\":\"4z9k-rs\",\"swarm\":\"eu1\",\"router\":\"core\"}}",
                "nothing of that name  | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":null} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
                "the word in a text    | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"m\":\"\\\"logroute\\\":1\"} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"m\":\"\\\"logroute\\\":1\",\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
                "deeper down           | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"a\":{\"logroute\":1}} | {\"@timestamp\":\"2026-11-30T10:00:00Z\",\"a\":{\"logroute\":1},\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"4z9k-rs\"}}",
            })
    void an_event_says_where_it_came_from(String why, String json, String expected) {
        assertThat(written(addressed(event(json, 1_000), 0))).isEqualTo(expected);
    }

    @Test
    void a_name_in_escapes_is_no_second_one() {
        var written = written(addressed(event("{\"\\u006cogroute\":\"yes\"}", 1), 0));
        assertThat(Json.parse(written.getBytes(StandardCharsets.UTF_8), 0, written.length()))
                .containsOnlyKeys("@timestamp", "logroute");
        assertThat(written).contains("\"was\":\"yes\"");
    }

    @Test
    void copies_and_pieces_have_ids_of_their_own() {
        assertThat(written(addressed(event("{}", 35), 1))).contains("\"id\":\"4z9k-z-audit\"");
        assertThat(written(addressed(event("{}", 35).piece(2), 0))).contains("\"id\":\"4z9k-z.2\"");
    }

    /// The model: the tree of the event, and one member more.
    @Test
    void the_json_is_the_events_plus_one_member_and_the_id_that_elasticsearch_gets() {
        var random = new Random(7);
        var ids = DocumentId.of(new DocumentIds.Sequence(), "4z9k");
        for (int seed = 0; seed < 20_000; seed++) {
            var event = addressed(event(object(random, 0), random.nextLong(1L << 40)), random.nextInt(2));
            var id = new Bytes(16);
            ids.write(event, id);
            var model = new LinkedHashMap<>(tree(event.json()));
            var had = model.remove("logroute");
            boolean isThirdTier = had instanceof Map<?, ?> map && map.get("swarm") instanceof String;
            var now = new LinkedHashMap<>(tree(written(event)));
            var told = now.remove("logroute");
            assertThat(now).as("seed %d: %s", seed, event).isEqualTo(model);
            if (isThirdTier) {
                assertThat(told).as("seed %d: %s", seed, event).isEqualTo(had);
                continue;
            }
            var expected = new LinkedHashMap<String, @Nullable Object>();
            switch (had) {
                case null -> {}
                case Map<?, ?> map -> map.forEach((key, value) -> expected.put(String.valueOf(key), value));
                case Object other -> expected.put("was", other);
            }
            expected.put("swarm", "eu1");
            expected.put("router", "core");
            expected.put("id", id.toString(StandardCharsets.UTF_8));
            assertThat(told).as("seed %d: %s", seed, event).isEqualTo(expected);
        }
    }

    private static Map<String, @Nullable Object> tree(String json) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }

    private static String object(Random random, int deep) {
        var names = List.of("msg", "logroute", "swarm", "@timestamp", "log", "id", "logroutes", "\\u006cogroute");
        var fields = new LinkedHashMap<String, String>();
        for (int i = random.nextInt(5); i > 0; i--) {
            fields.put(names.get(random.nextInt(names.size())), value(random, deep));
        }
        if (fields.containsKey("logroute")) {
            fields.remove("\\u006cogroute");
        }
        var out = new StringBuilder("{");
        fields.forEach((name, value) -> out.append(out.length() == 1 ? "" : ",")
                .append('"')
                .append(name)
                .append("\":")
                .append(value));
        return out.append('}').toString();
    }

    private static String value(Random random, int deep) {
        return switch (random.nextInt(deep > 2 ? 5 : 7)) {
            case 0 -> "1";
            case 1 -> "null";
            case 2 -> "\"\\\"logroute\\\":{\"";
            case 3 -> "\"eu\\u0031\"";
            case 4 -> "[true,{\"logroute\":\"x\"}]";
            default -> object(random, deep + 1);
        };
    }
}
