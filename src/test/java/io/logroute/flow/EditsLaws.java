package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Changes kept beside the bytes of an event do what the same changes to a map do: for questions,
/// for copies, for what is written, and when a deeper change makes a tree half way.
class EditsLaws {
    private static final Instant RECEIVED = Instant.parse("2026-11-22T10:15:30.123Z");
    private static final List<String> NAMES = List.of(
            "msg",
            "level",
            "a",
            "b",
            "service.name",
            "new",
            "",
            "größe",
            "x\"y",
            "@timestamp",
            "@metadata",
            "tags",
            "\n");

    /// Fields in others, or with a dot in their name.
    private static final List<String> DEEP = List.of("service.name", "a.deep", "a.b", "service.id", "a.b.c");

    @Test
    void a_nested_field_is_taken_away_first_of_all_and_leaves_those_beside_it() {
        for (var json : List.of(
                "{\"user\":{\"name\":\"a\",\"password\":\"b\"},\"x\":1}",
                "{\"user.password\":\"b\",\"user\":{\"name\":\"a\"},\"x\":1}",
                "{\"user.password\":\"b\",\"user.name\":\"a\",\"x\":1}")) {
            var event = Event.of(json, RECEIVED);
            event.remove("user", "password");
            assertThat(event.has("user", "password")).as(json).isFalse();
            assertThat(event.json())
                    .doesNotContain("password")
                    .contains("name\":\"a\"")
                    .contains("\"x\":1");
        }
    }

    @Test
    void changes_do_what_they_do_to_a_map() {
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            var some = new SomeJson(random);
            var bytes = some.object();
            var event = Event.of(bytes, 0, bytes.length, -1, RECEIVED);
            var model = Json.parse(bytes, 0, bytes.length);
            boolean inOrder = Fields.of(bytes, 0, bytes.length).count() == model.size();
            var done = new ArrayList<String>();
            for (int i = 0; i < 8; i++) {
                done.add(move(random, some, event, model));
                if (random.nextInt(6) == 0) {
                    var copy = event.copy();
                    event.set("after the copy", "level");
                    event.remove("a");
                    event = copy;
                    done.add("copy");
                }
                var as = "seed %d: %s after %s".formatted(seed, new String(bytes, StandardCharsets.UTF_8), done);
                for (var name : NAMES) {
                    assertThat(event.has(name)).as(as + ": " + name).isEqualTo(model.containsKey(name));
                    assertThat(event.get(name)).as(as + ": " + name).isEqualTo(model.get(name));
                    assertThat(text(event.utf8(name)))
                            .as(as + ": " + name)
                            .isEqualTo(model.get(name) instanceof String text ? text(Json.utf8(text)) : null);
                }
                holds(as, event, model, inOrder);
            }
        }
    }

    @Test
    void a_name_that_stands_twice_stands_once_when_it_was_set() {
        for (var json : List.of("{\"a\":111,\"b\":2,\"a\":333}", "{\"a\":111,\"\\u0061\":333}")) {
            var event = Event.of(json, RECEIVED);
            event.set("x", "a");
            assertThat(event.json())
                    .containsOnlyOnce("\"x\"")
                    .doesNotContain("111")
                    .doesNotContain("333");
            event.remove("a");
            assertThat(event.json()).doesNotContain("\"a\"").doesNotContain("0061");
        }
    }

    @Test
    void fields_of_a_text_are_those_of_its_tree() {
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            var bytes = random.nextInt(4) == 0 ? new SomeJson(random).mutated() : new SomeJson(random).object();
            Map<String, @Nullable Object> tree;
            try {
                tree = Json.parse(bytes, 0, bytes.length);
            } catch (IllegalArgumentException e) {
                tree = null;
            }
            Map<String, @Nullable Object> read = null;
            try {
                read = new LinkedHashMap<>(Json.fields(bytes));
                read.replaceAll((name, value) -> Json.read(value));
            } catch (IllegalArgumentException e) {
                assertThat(tree).as("seed %d", seed).isNull();
            }
            assertThat(read)
                    .as("seed %d: %s", seed, new String(bytes, StandardCharsets.UTF_8))
                    .isEqualTo(tree);
        }
    }

    private static String move(Random random, SomeJson some, Event event, Map<String, @Nullable Object> model) {
        var name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                event.remove(name);
                model.remove(name);
                return "remove " + name;
            }
            case 2, 3 -> {
                var object = some.object();
                Json.fields(object).forEach((each, value) -> event.set(value, each));
                model.putAll(Json.parse(object, 0, object.length));
                return "set all of " + new String(object, StandardCharsets.UTF_8);
            }
            case 4 -> {
                if (random.nextInt(3) == 0) {
                    var keys = DEEP.get(random.nextInt(DEEP.size())).split("\\.");
                    event.remove(keys);
                    Json.remove(model, keys);
                    return "remove " + List.of(keys);
                }
                if (random.nextInt(3) == 0) {
                    event.set("deep", "a", "deep");
                    Json.set(model, "deep", "a", "deep");
                }
                return "set a deep";
            }
            default -> {
                var value = value(random);
                event.set(value, name);
                model.put(name, value);
                return "set %s to %s".formatted(name, value);
            }
        }
    }

    private static @Nullable Object value(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> null;
            case 1 -> true;
            case 2 -> random.nextLong();
            case 3 -> random.nextDouble();
            case 4 -> new BigInteger(90, random);
            case 5 -> List.of("a", 1L);
            case 6 -> new LinkedHashMap<>(Map.of("b", "c"));
            case 7 -> "\"quoted\" \\ \n zwölf 😀";
            case 8 -> "half \ud83d";
            default -> "plain " + random.nextInt(100);
        };
    }

    /// What is written is one line of valid JSON with what the model has, in its order where no
    /// name stood twice.
    private static void holds(String as, Event event, Map<String, @Nullable Object> model, boolean inOrder) {
        var address = new Address("route", 0, Optional.empty());
        var out = new ByteArrayOutputStream();
        var addressed = event.copy().addressed(address);
        addressed.contentTo(out);
        var written = out.toByteArray();
        assertThat(Json.check(written, 0, written.length)).as(as).isNull();
        var read = Json.parse(written, 0, written.length);
        var expected = reread(model);
        assertThat(reread(read)).as(as).isEqualTo(expected);
        if (inOrder) {
            assertThat(List.copyOf(read.keySet())).as(as).isEqualTo(List.copyOf(expected.keySet()));
        }
        // What was noted while writing leads to the same line as looking again.
        assertThat(addressed.json())
                .as(as)
                .isEqualTo(Event.of(written, 0, written.length, -1, RECEIVED).json());
        assertThat(event.json()).as(as).isEqualTo(addressed.json()).doesNotContain("\n");
        assertThat(event.timestamp())
                .as(as)
                .isEqualTo(addressed.timestamp())
                .isEqualTo(Event.of(written, 0, written.length, -1, RECEIVED).timestamp());
    }

    private static Map<String, @Nullable Object> reread(Map<String, @Nullable Object> model) {
        var out = new ByteArrayOutputStream();
        Json.write(model, out);
        var bytes = out.toByteArray();
        return Json.parse(bytes, 0, bytes.length);
    }

    private static @Nullable String text(byte @Nullable [] utf8) {
        return utf8 == null ? null : new String(utf8, StandardCharsets.UTF_8);
    }
}
