package io.logroute.parts.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.spec.Formula;
import io.logroute.spec.When;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is answered without the CEL runtime is what the runtime answers.
class QuickLaws {
    private static final Given GIVEN = new Given("shop", InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z")));

    private static final List<String> FIELDS = List.of(
            "event.a",
            "event.b",
            "event[\"a.b\"]",
            "event.gone",
            "event[\"c\"]",
            "event.c",
            "event.a.b",
            "event[\"a\"][\"b\"]",
            "event.c[\"x\"]",
            "event.c.x.y",
            "event.gone.x",
            "event.d.x",
            "event.a.b.c",
            "route");
    private static final List<String> TEXTS =
            List.of("\"\"", "\"x\"", "\"xy\"", "\"1\"", "\"größe\"", "\"true\"", "\"shop\"", "\"\\uffff\"", "\"😀\"");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "503",
            "9223372036854775807",
            "-9223372036854775808",
            "9007199254740993",
            "9007199254740992.0",
            "1.0",
            "-0.0",
            "1u",
            "0.5",
            "1e300",
            "2.5");
    private static final List<String> OTHERS = List.of("true", "false", "null");
    private static final List<String> PATTERNS =
            List.of("\"^x\"", "\"x$\"", "\".*\"", "\"[0-9]+\"", "\"gr.+e\"", "\"(?i)X\"", "\"^$\"");
    private static final List<String> PLAIN = List.of(
            "\"\"",
            "\"x\"",
            "\"xy\"",
            "\"1\"",
            "\"gr\\u00f6\\u00dfe\"",
            "\"\\uffff\"",
            "\"\\ud83d\\ude00\"",
            "\"shop\"",
            "0",
            "1",
            "-1",
            "503",
            "1.0",
            "-0.0",
            "0.5",
            "2.5e0",
            "9007199254740993",
            "9007199254740992.0",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "1e300",
            "1e400",
            "true",
            "false",
            "null");

    @Test
    void the_quick_answer_is_that_of_cel() {
        int quick = 0;
        int holds = 0;
        int all = 0;
        for (int seed : Seeds.upTo(2_500)) {
            var random = Seeds.random(seed);
            var text = condition(random, 3);
            if (!new When(text).check().isEmpty()) {
                continue;
            }
            var condition = new CelCondition(new When(text), GIVEN);
            for (int i = 0; i < 8; i++) {
                var json = event(random);
                boolean expected = condition.evaluated(Event.of(json, Instant.EPOCH));
                for (var event : List.of(Event.of(json, Instant.EPOCH), set(json), treed(json))) {
                    assertThat(condition.test(event))
                            .as("seed %d: %s of %s", seed, text, json)
                            .isEqualTo(expected);
                }
                all++;
                quick += condition.isQuickFor(Event.of(json, Instant.EPOCH)) ? 1 : 0;
                holds += expected ? 1 : 0;
            }
        }
        // Else the law would say little.
        if (Seeds.many()) {
            assertThat(quick).isBetween(all / 2, all - 1);
            assertThat(holds).isBetween(all / 10, all * 9 / 10);
        }
    }

    @Test
    void the_quick_value_is_that_of_cel() {
        int given = 0;
        int all = 0;
        for (int seed : Seeds.upTo(1_500)) {
            var random = Seeds.random(seed);
            var text = random.nextInt(4) == 0
                    ? "(%s ? %s : %s)".formatted(condition(random, 1), value(random, 2), value(random, 2))
                    : value(random, 2);
            if (!new Formula(text).check().isEmpty()) {
                continue;
            }
            var formula = new CelFormula(new Formula(text), GIVEN);
            for (int i = 0; i < 8; i++) {
                var json = event(random);
                var expected = formula.evaluated(Event.of(json, Instant.EPOCH));
                assertThat(formula.of(Event.of(json, Instant.EPOCH)))
                        .as("seed %d: %s of %s", seed, text, json)
                        .isEqualTo(expected);
                all++;
                given += expected == null ? 0 : 1;
            }
        }
        if (Seeds.many()) {
            assertThat(given).isBetween(all / 4, all - 1);
        }
    }

    /// The same event with all of its fields set anew.
    private static Event set(String json) {
        var changed = Event.of("{}", Instant.EPOCH);
        Event.of(json, Instant.EPOCH).tree().forEach((name, value) -> changed.set(value, name));
        return changed;
    }

    /// The same event that somebody made a tree of.
    private static Event treed(String json) {
        var event = Event.of(json, Instant.EPOCH);
        event.tree();
        return event;
    }

    private static String condition(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            return switch (random.nextInt(4)) {
                case 0 -> "!(" + condition(random, depth - 1) + ")";
                case 1 -> "(" + condition(random, depth - 1) + " && " + condition(random, depth - 1) + ")";
                case 2 -> "(" + condition(random, depth - 1) + " || " + condition(random, depth - 1) + ")";
                default ->
                    "(%s ? %s : %s)"
                            .formatted(
                                    condition(random, depth - 1),
                                    condition(random, depth - 1),
                                    condition(random, depth - 1));
            };
        }
        var field = any(random, FIELDS);
        var compare = any(random, List.of("==", "!=", "==", "!=", "<", "<=", ">", ">="));
        return switch (random.nextInt(14)) {
            case 0, 1 -> field + " " + compare + " " + constant(random);
            case 2 -> constant(random) + " " + compare + " " + field;
            case 3 -> field + " in [" + constant(random) + ", " + constant(random) + "]";
            case 4 ->
                field + any(random, List.of(".contains(", ".startsWith(", ".endsWith(")) + any(random, TEXTS) + ")";
            case 5 ->
                "has("
                        + any(
                                random,
                                List.of(
                                        "event.a",
                                        "event.b",
                                        "event.c",
                                        "event.gone",
                                        "event.a.b",
                                        "event.c.x",
                                        "event.c.x.y",
                                        "event.gone.x",
                                        "event.d.x"))
                        + ")";
            case 6 -> field;
            case 7 ->
                any(
                        random,
                        List.of(
                                "true",
                                "false",
                                "\"a\" in event",
                                "\"a.b\" in event",
                                "event.b.x == 1",
                                "event.d.exists(i, i == 1)",
                                "event.d.exists(event, event == 1)",
                                "event.exists(k, k == \"a\")",
                                "event.d[0] == 1"));
            case 8 -> field + " " + compare + " " + any(random, FIELDS);
            case 9 -> field + ".matches(" + any(random, PATTERNS) + ")";
            case 10 -> constant(random) + " in " + field;
            case 11 -> field + " in " + any(random, FIELDS);
            case 12 -> "size(" + field + ") " + compare + " " + any(random, List.of("0", "1", "2"));
            default -> value(random, 1) + " " + compare + " " + value(random, 1);
        };
    }

    private static String value(Random random, int depth) {
        if (depth > 0 && random.nextBoolean()) {
            var operator = any(random, List.of("+", "-", "*", "/", "+", "%"));
            return "(" + value(random, depth - 1) + " " + operator + " " + value(random, depth - 1) + ")";
        }
        return switch (random.nextInt(6)) {
            case 0 -> constant(random);
            case 1 -> any(random, NUMBERS);
            case 2 ->
                any(
                        random,
                        List.of("size(event.a)", "-event.a", "[event.a, 1]", "{\"k\": event.c}", "event.d + event.d"));
            default -> any(random, FIELDS);
        };
    }

    private static String constant(Random random) {
        return any(random, any(random, List.of(TEXTS, NUMBERS, OTHERS)));
    }

    private static String event(Random random) {
        var json = new StringBuilder("{");
        for (var name : List.of("a", "b", "a.b", "c", "d", "a.b.c")) {
            if (random.nextInt(4) > 0) {
                json.append(json.length() > 1 ? "," : "")
                        .append('"')
                        .append(name)
                        .append("\":")
                        .append(json(random, 2));
            }
        }
        return json.append('}').toString();
    }

    private static String json(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) > 0) {
            return any(random, PLAIN);
        }
        if (random.nextInt(3) == 0) {
            return "[" + json(random, depth - 1) + ", " + json(random, depth - 1) + "]";
        }
        var names = List.of("x", "y", "b", "c", "b.c");
        return "{ \"%s\" : %s ,\"%s\":%s}"
                .formatted(any(random, names), json(random, depth - 1), any(random, names), json(random, depth - 1));
    }

    private static <T> T any(Random random, List<T> some) {
        return some.get(random.nextInt(some.size()));
    }
}
