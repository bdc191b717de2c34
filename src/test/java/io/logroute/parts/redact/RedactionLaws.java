package io.logroute.parts.redact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.logroute.Seeds;
import io.logroute.spec.FilterSpec.Known;
import io.logroute.spec.LinePattern;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class RedactionLaws {
    /// Whole ones, parts of them, and what stands around.
    private static final List<String> PIECES = List.of(
            "ann@example.org",
            "@",
            "a.b",
            "%40",
            ".org",
            "4111111111111111",
            "4111",
            " 1111 1111 1111",
            "-",
            " ",
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "10.0.0.7",
            "1.2",
            "2001:db8::1",
            "::",
            ":",
            "fe80",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx",
            "eyJ",
            ".",
            "password=",
            "token: ",
            "\"secret\":\"",
            "\"",
            "'",
            "\\\"",
            "\\",
            "\\n",
            "\\\\n",
            "\\u0040",
            "\\u00fc",
            "u00",
            "Authorization: Bearer ",
            "Digest ",
            "redis://:",
            "://a:b@",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "[email]",
            "[secret",
            "[card:0123456789ab]",
            "]",
            "[",
            "order-77",
            "order-",
            "=",
            "&",
            ",",
            "\n",
            "null",
            "x",
            "7",
            "ü",
            "[own]",
            "card",
            "own",
            "secret");

    @Test
    void doing_it_twice_changes_nothing_more() {
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            var redaction = any(random, Seeds.random(seed));
            var text = text(random);
            var once = redaction.of(text);
            assertThat(redaction.of(once)).as("seed %d: %s", seed, text).isEqualTo(once);
        }
    }

    @Test
    void nothing_around_it_saves_a_value() {
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            var redaction =
                    redaction(EnumSet.of(Known.EMAIL, Known.values()[random.nextInt(6)]), (name, _) -> "", true);
            var text = text(random) + " ann@example.org " + text(random);
            assertThat(redaction.of(text)).as("seed %d: %s", seed, text).doesNotContain(" ann@example.org ");
        }
    }

    /// A value of JSON in a string of JSON in a string of JSON is found as it is found bare.
    @Test
    void a_value_inside_of_json_goes_however_deep_it_lies_and_the_json_stays_json() throws IOException {
        var values = List.of("ann@example.org", "4111 1111 1111 1111", "DE89370400440532013000", "10.0.0.7");
        var around = List.of("\n", "\t", "\"", "\\", "/", " ü ", " ", "\r\n", "<", "\u0001");
        var redaction = redaction(EnumSet.of(Known.EMAIL, Known.CARD, Known.IBAN, Known.IP), (_, _) -> "[x]", false);
        for (int seed : Seeds.upTo(5_000)) {
            var random = Seeds.random(seed);
            var value = values.get(random.nextInt(values.size()));
            var text = around.get(random.nextInt(around.size())) + value + around.get(random.nextInt(around.size()));
            var document = text;
            int depth = random.nextInt(4);
            for (int i = 0; i < depth; i++) {
                document = quoted(document, random);
            }
            var left = redaction.of(document);
            assertThat(left).as("seed %d: %s", seed, document).contains("[x]");
            for (int i = 0; i < depth; i++) {
                left = new ObjectMapper().readValue(left, String.class);
            }
            assertThat(left).as("seed %d: %s", seed, document).isEqualTo(text.replace(value, "[x]"));
        }
    }

    @Test
    void no_text_takes_long() {
        var all = redaction(EnumSet.allOf(Known.class), (name, _) -> Masks.of(name), true);
        for (var piece : PIECES) {
            var text = piece.repeat(400_000 / piece.length());
            long start = System.nanoTime();
            all.of(text);
            assertThat((System.nanoTime() - start) / 1_000_000)
                    .as("milliseconds for 400,000 characters of \"%s\"", piece)
                    .isLessThan(20_000);
        }
    }

    /// As a string of JSON, some characters by their numbers.
    private static String quoted(String text, Random random) {
        var json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            int escape = "\n\t\r\"\\".indexOf(c);
            if (c < ' ' && escape < 0 || random.nextInt(8) == 0) {
                json.append(String.format("\\u%04x", (int) c));
            } else if (escape >= 0) {
                json.append('\\').append("ntr\"\\".charAt(escape));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    private static Redaction any(Random random, Random chosen) {
        var known = EnumSet.noneOf(Known.class);
        for (var each : Known.values()) {
            if (chosen.nextBoolean()) {
                known.add(each);
            }
        }
        boolean own = known.isEmpty() || chosen.nextBoolean();
        BiFunction<String, String, String> instead = switch (chosen.nextInt(3)) {
            case 0 -> (name, _) -> Masks.of(name);
            case 1 -> (name, text) -> Masks.of(name, String.format("%012x", text.hashCode() & 0xffffffffL));
            default -> (_, _) -> "";
        };
        return redaction(known, instead, own);
    }

    private static Redaction redaction(EnumSet<Known> known, BiFunction<String, String, String> instead, boolean own) {
        var finders = new LinkedHashMap<String, Finder>();
        known.forEach(each -> finders.put(each.name().toLowerCase(Locale.ROOT), Redaction.finder(each)));
        if (own) {
            finders.put("own", new OwnPattern(new LinePattern("order-([0-9]+)|x+|\\[\\w")));
        }
        return new Redaction(finders, instead);
    }
}
