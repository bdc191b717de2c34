package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// An event that looks into its bytes gives the answers that a tree of it gives.
class FieldsLaws {
    private static final Instant RECEIVED = Instant.parse("2026-11-22T10:15:30.123Z");
    private static final List<String[]> QUESTIONS = List.of(
            new String[] {"msg"},
            new String[] {"level"},
            new String[] {"@timestamp"},
            new String[] {"@metadata"},
            new String[] {"service.name"},
            new String[] {"service", "name"},
            new String[] {"service"},
            new String[] {"a"},
            new String[] {"a", "b"},
            new String[] {""},
            new String[] {"größe"},
            new String[] {"x\"y"},
            new String[] {"gone"},
            new String[] {"a", "a", "b"},
            new String[] {"service", "service.name"});

    @Test
    void fields_are_found_as_in_the_tree() {
        for (int seed : Seeds.upTo(20_000)) {
            var bytes = new SomeJson(Seeds.random(seed)).object();
            var tree = Json.parse(bytes, 0, bytes.length);
            for (var keys : QUESTIONS) {
                var event = Event.of(bytes, 0, bytes.length, -1, RECEIVED);
                var as = "seed %d: %s of %s"
                        .formatted(seed, String.join("/", keys), new String(bytes, StandardCharsets.UTF_8));
                assertThat(event.has(keys)).as(as).isEqualTo(Json.has(tree, keys));
                assertThat(event.get(keys)).as(as).isEqualTo(Json.get(tree, keys));
                assertThat(event.text(keys)).as(as).isEqualTo(Json.text(Json.get(tree, keys)));
            }
        }
    }

    @Test
    void an_event_leaves_as_one_line_without_metadata_and_with_a_timestamp() {
        for (int seed : Seeds.upTo(20_000)) {
            var bytes = new SomeJson(Seeds.random(seed)).object();
            var line = Event.of(bytes, 0, bytes.length, -1, RECEIVED).json();
            var as = "seed %d: %s".formatted(seed, new String(bytes, StandardCharsets.UTF_8));
            assertThat(line).as(as).doesNotContain("\n").doesNotContain("\r");
            assertThat(parsed(line)).as(as).isEqualTo(expected(Json.parse(bytes, 0, bytes.length)));
        }
    }

    @Test
    void a_changed_event_leaves_like_an_untouched_one() {
        for (int seed : Seeds.upTo(10_000)) {
            var bytes = new SomeJson(Seeds.random(seed)).object();
            var event = Event.of(bytes, 0, bytes.length, -1, RECEIVED);
            event.set(1L, "new");
            event.remove("new");
            assertThat(parsed(event.json()))
                    .as("seed %d", seed)
                    .isEqualTo(parsed(
                            Event.of(bytes, 0, bytes.length, -1, RECEIVED).json()));
        }
    }

    @Test
    void changes_do_what_they_do_to_a_map() {
        for (int seed : Seeds.upTo(10_000)) {
            var random = Seeds.random(seed);
            var bytes = new SomeJson(random).object();
            var event = Event.of(bytes, 0, bytes.length, -1, RECEIVED);
            var model = new LinkedHashMap<String, @Nullable Object>(Json.parse(bytes, 0, bytes.length));
            var done = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                var name = List.of("msg", "level", "a", "service.name", "new").get(random.nextInt(5));
                if (random.nextBoolean()) {
                    event.set((long) i, name);
                    model.put(name, (long) i);
                } else {
                    event.remove(name);
                    model.remove(name);
                }
                done.add(name);
            }
            assertThat(parsed(event.json())).as("seed %d after %s", seed, done).isEqualTo(expected(model));
        }
    }

    private static Map<String, @Nullable Object> expected(Map<String, @Nullable Object> tree) {
        var expected = new LinkedHashMap<String, @Nullable Object>(tree);
        expected.remove("@metadata");
        expected.putIfAbsent("@timestamp", tree.containsKey("@timestamp") ? null : "2026-11-22T10:15:30.123Z");
        return expected;
    }

    private static Map<String, @Nullable Object> parsed(String line) {
        var bytes = line.getBytes(StandardCharsets.UTF_8);
        assertThat(Json.check(bytes, 0, bytes.length)).as(line).isNull();
        return Json.parse(bytes, 0, bytes.length);
    }
}
