package io.logroute.parts.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.spec.When;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is answered without the CEL runtime is what the runtime answers.
class QuickLaws {
    private static final List<String> FIELDS =
            List.of("event.a", "event.b", "event[\"a.b\"]", "event.gone", "event[\"c\"]", "event.c");
    private static final List<String> TEXTS = List.of("\"\"", "\"x\"", "\"xy\"", "\"1\"", "\"größe\"", "\"true\"");
    private static final List<String> NUMBERS =
            List.of("0", "1", "-1", "503", "9223372036854775807", "1.0", "1u", "0.5");
    private static final List<String> VALUES = List.of(
            "\"\"",
            "\"x\"",
            "\"xy\"",
            "\"1\"",
            "\"gr\\u00f6\\u00dfe\"",
            "0",
            "1",
            "-1",
            "503",
            "1.0",
            "0.5",
            "9223372036854775807",
            "9223372036854775808",
            "1e400",
            "true",
            "false",
            "null",
            "[1,\"x\"]",
            "{\"x\":1}");

    @Test
    void the_quick_answer_is_that_of_cel() {
        int quick = 0;
        int holds = 0;
        int all = 0;
        for (int seed : Seeds.upTo(3_000)) {
            var random = new Random(seed);
            var text = expression(random, 3);
            if (!new When(text).check().isEmpty()) {
                continue;
            }
            var condition = new CelCondition(new When(text));
            for (int i = 0; i < 8; i++) {
                var json = event(random);
                boolean expected = condition.evaluated(Event.of(json, Instant.EPOCH));
                assertThat(condition.test(Event.of(json, Instant.EPOCH)))
                        .as("seed %d: %s of %s", seed, text, json)
                        .isEqualTo(expected);
                var changed = Event.of("{}", Instant.EPOCH);
                Event.of(json, Instant.EPOCH).tree().forEach((name, value) -> changed.set(value, name));
                assertThat(condition.test(changed))
                        .as("seed %d: %s of %s, set", seed, text, json)
                        .isEqualTo(expected);
                all++;
                quick += condition.isQuickFor(Event.of(json, Instant.EPOCH)) ? 1 : 0;
                holds += expected ? 1 : 0;
            }
        }
        // Else the law would say little.
        assertThat(quick).isBetween(all / 4, all);
        assertThat(holds).isBetween(all / 10, all * 9 / 10);
    }

    private static String expression(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            return switch (random.nextInt(3)) {
                case 0 -> "!(" + expression(random, depth - 1) + ")";
                case 1 -> "(" + expression(random, depth - 1) + " && " + expression(random, depth - 1) + ")";
                default -> "(" + expression(random, depth - 1) + " || " + expression(random, depth - 1) + ")";
            };
        }
        var field = any(random, FIELDS);
        var text = any(random, TEXTS);
        var constant = random.nextBoolean() ? text : any(random, NUMBERS);
        var compare = any(random, List.of("==", "!=", "==", "!=", "<", "<=", ">", ">="));
        return switch (random.nextInt(9)) {
            case 0, 1 -> field + " " + compare + " " + constant;
            case 2 -> constant + " " + compare + " " + field;
            case 3 -> field + " in [" + constant + ", " + any(random, random.nextBoolean() ? TEXTS : NUMBERS) + "]";
            case 4 -> field + any(random, List.of(".contains(", ".startsWith(", ".endsWith(")) + text + ")";
            case 5 -> "has(event." + any(random, List.of("a", "b", "c", "gone", "a.x")) + ")";
            case 6 -> field;
            case 7 -> any(random, List.of("true", "false", "\"a\" in event", "event.b.x == 1", "event.a.size() == 1"));
            default -> field + " == " + any(random, FIELDS);
        };
    }

    private static String event(Random random) {
        var json = new StringBuilder("{");
        for (var name : List.of("a", "b", "a.b", "c")) {
            if (random.nextInt(4) > 0) {
                json.append(json.length() > 1 ? "," : "")
                        .append('"')
                        .append(name)
                        .append("\":")
                        .append(any(random, VALUES));
            }
        }
        return json.append('}').toString();
    }

    private static String any(Random random, List<String> some) {
        return some.get(random.nextInt(some.size()));
    }
}
