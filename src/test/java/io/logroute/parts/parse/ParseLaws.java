package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Dissection;
import io.logroute.spec.FilterSpec.OnFailure;
import io.logroute.spec.LinePattern;
import io.logroute.spec.ParseSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No text makes a parser throw, lose the event, or take long; and what is written in a form is read as it was.
class ParseLaws {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static final List<String> BITS = List.of(
            "a",
            "b",
            "key",
            "=",
            "==",
            " ",
            "  ",
            "\t",
            "\n",
            "\r\n",
            "\"",
            "\"\"",
            "'",
            "\\",
            "\\\"",
            "\\u00",
            ",",
            ", ",
            ", client: ",
            ", server: ",
            ", request: \"",
            ", referer: ",
            ";",
            ":",
            ": ",
            "-",
            " - ",
            "->",
            "[",
            "]",
            "] ",
            "(",
            ")",
            "<",
            ">",
            "{",
            "}",
            "%{a}",
            "/",
            "10.0.0.1",
            "::1",
            "5",
            "-7",
            "1e400",
            "99999999999999999999",
            "[client ",
            "[pid ",
            "[core:error] ",
            "AH00124: ",
            "7#8: ",
            "*9 ",
            "GET / HTTP/1.1",
            "@timestamp",
            "@metadata",
            "29/Nov/2026:10:15:30 +0000",
            "2026/11/29 10:15:30 [error] ",
            "[Sun Nov 29 10:15:30.1 2026] ",
            "ä漢😀",
            "\uD83D",
            "\u0000",
            "{\"a\":1}",
            "null");

    private static List<ParseSpec> ways(boolean atTop) {
        var into = atTop ? Reads.TOP : Reads.OUT;
        return List.of(
                new ParseSpec.Json(Reads.LINE, into),
                new ParseSpec.Dissect(
                        Reads.LINE, new Dissection("%{a->|integer} %{+b/2}: %{+b/1},%{*k->}=%{&k|float}"), into),
                new ParseSpec.Dissect(Reads.LINE, new Dissection("[%{[a][b]}] %{*k} %{&k->} "), into),
                new ParseSpec.Grok(
                        Reads.LINE,
                        List.of(
                                "%{HTTPD_ERRORLOG}",
                                "%{COMBINEDAPACHELOG}", "%{QS:q} %{IP:[a][ip]} %{NUMBER:n:int}", "%{URI:u}"),
                        Map.of(),
                        into),
                new ParseSpec.Logfmt(Reads.LINE, into),
                new ParseSpec.KeyValue(Reads.LINE, " ,", "=:", "-", "\"", "", List.of(), List.of(), into),
                new ParseSpec.KeyValue(Reads.LINE, ";", "=", "", "", "p_", List.of(), List.of("key"), into),
                new ParseSpec.Regex(
                        Reads.LINE, new LinePattern("(?<a>\\S+)\\s*=\\s*(?<b>(?:[^\"]|\"\")*)(?<c>5)?"), into),
                new ParseSpec.Csv(Reads.LINE, List.of("a", "[b][c]"), ",", "\"", false, into),
                new ParseSpec.Nginx(Reads.LINE, into),
                new ParseSpec.Apache(Reads.LINE, into));
    }

    @Test
    void no_text_makes_a_parser_throw_or_lose_the_event() {
        var filters = Stream.of(true, false)
                .flatMap(atTop -> ways(atTop).stream())
                .flatMap(how -> Stream.of(OnFailure.values())
                        .map(onFailure -> Map.entry(onFailure, Reads.filter(how, onFailure))))
                .toList();
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var text = text(random, 1 + random.nextInt(30));
            for (var filter : filters) {
                var outcome = new Reads.Outcome();
                filter.getValue().apply(Reads.line(text), outcome);
                assertThat(outcome.passed().size() + outcome.refused().size())
                        .as("seed %d: %s of %s, %s", seed, filter.getValue().form(), Json.write(text), filter.getKey())
                        .isBetween(filter.getKey() == OnFailure.DROP ? 0 : 1, 1);
                outcome.passed().forEach(ParseLaws::canBeWritten);
            }
        }
    }

    private static void canBeWritten(Event event) {
        var bytes = event.json().getBytes(StandardCharsets.UTF_8);
        Json.parse(bytes, 0, bytes.length);
    }

    /// What repeats is what takes a parser long that goes back over it.
    @Test
    void no_text_takes_long() {
        for (int seed : Seeds.upTo(10, 20)) {
            var random = Seeds.random(seed);
            var text = text(random, 1 + random.nextInt(3)).repeat(20_000) + text(random, 3);
            for (var how : ways(random.nextBoolean())) {
                assertTimeoutPreemptively(
                        LONG,
                        () -> Reads.outcome(how, OnFailure.TAG, Reads.line(text)),
                        () -> "%s of %s...".formatted(how, Json.write(text.substring(0, Math.min(60, text.length())))));
            }
        }
    }

    private static String text(Random random, int bits) {
        var text = new StringBuilder();
        for (int i = 0; i < bits; i++) {
            text.append(BITS.get(random.nextInt(BITS.size())));
        }
        return text.toString();
    }

    @Test
    void values_written_as_csv_are_read_as_they_were() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var values = values(random);
            var line = values.stream()
                    .map(value -> value.isEmpty() && values.size() == 1 || value.matches("(?s).*[\",\r\n].*")
                            ? "\"" + value.replace("\"", "\"\"") + "\""
                            : value)
                    .collect(Collectors.joining(","));
            var how = new ParseSpec.Csv(Reads.LINE, List.of("column1"), ",", "\"", false, Reads.OUT);
            assertThat(new ArrayList<>(found(how, line).values()))
                    .as("seed %d: %s", seed, line)
                    .isEqualTo(values);
        }
    }

    @Test
    void values_written_as_logfmt_are_read_as_they_were() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var wanted = new LinkedHashMap<String, Object>();
            var line = new StringBuilder("first=");
            wanted.put("first", "");
            for (var value : values(random)) {
                var key = "k" + wanted.size();
                wanted.put(key, value);
                line.append(' ').append(key).append("=\"");
                line.append(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
                line.append('"');
            }
            assertThat(found(new ParseSpec.Logfmt(Reads.LINE, Reads.OUT), line.toString()))
                    .as("seed %d: %s", seed, line)
                    .isEqualTo(wanted);
        }
    }

    @Test
    void values_put_between_delimiters_are_dissected_as_they_were() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var delimiters = List.of(" ", " - ", "] [", "», ", "\n", "::");
            var pattern = new StringBuilder(random.nextBoolean() ? "<" : "");
            var text = new StringBuilder(pattern);
            var wanted = new LinkedHashMap<String, Object>();
            int parts = 1 + random.nextInt(8);
            for (int i = 0; i < parts; i++) {
                var value = "v".repeat(random.nextInt(4)) + (random.nextBoolean() ? "€" : "");
                var until =
                        i < parts - 1 || random.nextBoolean() ? delimiters.get(random.nextInt(delimiters.size())) : "";
                pattern.append("%{k").append(i).append('}').append(until);
                text.append(value).append(until);
                wanted.put("k" + i, value);
            }
            var how = new ParseSpec.Dissect(Reads.LINE, new Dissection(pattern.toString()), Reads.OUT);
            assertThat(found(how, text.toString()))
                    .as("seed %d: %s", seed, pattern)
                    .isEqualTo(wanted);
        }
    }

    private static List<String> values(Random random) {
        var values = new ArrayList<String>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            // Half a surrogate pair is mended where JSON is written; these come whole.
            values.add(text(random, random.nextInt(4)).replace("\uD83D", "").replace("😀", "x"));
        }
        return values;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> found(ParseSpec how, String text) {
        var outcome = Reads.outcome(how, OnFailure.DEAD_LETTER, Reads.line(text));
        assertThat(outcome.reasons()).isEmpty();
        return (Map<String, Object>)
                Objects.requireNonNull(outcome.passed().getFirst().get("out"));
    }
}
