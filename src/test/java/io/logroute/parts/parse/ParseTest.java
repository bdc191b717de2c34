package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Dissection;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec.OnFailure;
import io.logroute.spec.LinePattern;
import io.logroute.spec.ParseSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What all ways to parse share, and JSON.
class ParseTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "fields go to the top          | {\"x\":1,\"y\":{\"z\":[2]}}       | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"x\":1,\"y\":{\"z\":[2]}}",
                "over what is there            | {\"level\":\"error\"}           | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"error\"}",
                "the field itself too          | {\"msg\":\"inner\"}             | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":\"inner\",\"level\":\"info\"}",
                "a timestamp that is one       | {\"@timestamp\":\"2020-02-02T00:00:00Z\"} | {\"@timestamp\":\"2020-02-02T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\"}",
                "a timestamp that is none      | {\"@timestamp\":\"yesterday\"}  | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\"}",
                "a timestamp that is a number  | {\"@timestamp\":5}              | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\"}",
                "metadata is not the line's    | {\"@metadata\":{\"a\":1},\"b\":2} | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"b\":2}",
                "blanks around                 | ` {\"x\":1} `                   | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"x\":1}",
                "an empty object               | {}                              | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\"}",
                "a mark of byte order          | \ufeff{\"x\":1}                       | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"x\":1}",
                "a name that stands twice      | {\"x\":1,\"x\":2}                   | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"x\":2}",
                "numbers of many digits        | {\"x\":9223372036854775808,\"y\":1626175065.5934923} | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"x\":9223372036854775808,\"y\":1626175065.5934923}",
                "no JSON                       | hello                           | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "half an object                | {\"x\":1                        | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "an array                      | [1]                             | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "more after the object         | {} x                            | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "only a mark of byte order     | \ufeff                              | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "a value that is no object     | 5                               | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "a line end in a text          | `{\"x\":\"a\nb\"}`                  | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
            })
    void json_at_the_top(String why, String text, String left) {
        var event = event("{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"info\"}");
        event.set(text, "msg");
        var after = left(ParseSpec.Json.of("msg"), event);
        var expected = event(left.replace("TEXT", Json.write(text)));
        assertThat(after.tree()).as(why).isEqualTo(expected.tree());
    }

    @Test
    void what_is_found_goes_under_a_field_when_it_is_told_to() {
        var how = new ParseSpec.Json(Optional.of(FieldPath.parse("log.text")), Optional.of(FieldPath.parse("a.b")));
        assertThat(left(how, event("{\"log\":{\"text\":\"{\\\"@timestamp\\\":1}\"},\"a\":{\"b\":{\"c\":1}}}"))
                        .get("a", "b"))
                .isEqualTo(Map.of("@timestamp", 1L));
        var dissect = new ParseSpec.Dissect(Reads.LINE, new Dissection("%{[a][x]} %{b}"), Reads.OUT);
        assertThat(left(dissect, event("{\"msg\":\"1 2\",\"a\":5}")).tree())
                .isEqualTo(Map.of("msg", "1 2", "a", 5L, "out", Map.of("a", Map.of("x", "1"), "b", "2")));
    }

    @Test
    void at_the_top_it_replaces_what_is_there_and_objects_grow() {
        var dissect = new ParseSpec.Dissect(Reads.LINE, new Dissection("%{msg} %{[a][x]} %{[b][y]}"), Reads.TOP);
        assertThat(left(dissect, event("{\"msg\":\"new 1 2\",\"a\":{\"x\":0,\"z\":3},\"b\":7}"))
                        .tree())
                .isEqualTo(Map.of("msg", "new", "a", Map.of("x", "1", "z", 3L), "b", Map.of("y", "2")));
    }

    @Test
    void the_time_and_the_metadata_are_not_the_lines_to_change() {
        var dissect = new ParseSpec.Dissect(
                Reads.LINE,
                new Dissection("%{@timestamp} %{[@metadata][beat]} %{@metadata} %{*k}=%{&k} %{a}"),
                Reads.TOP);
        assertThat(left(dissect, event("{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":\"now x y @metadata=z b\"}"))
                        .tree())
                .isEqualTo(Map.of("@timestamp", "2026-01-01T00:00:00Z", "msg", "now x y @metadata=z b", "a", "b"));
        var time = new ParseSpec.Dissect(Reads.LINE, new Dissection("%{@timestamp}"), Reads.TOP);
        assertThat(left(time, event("{\"msg\":\"2026-11-29T10:00:00+01:00\"}")).timestamp())
                .isEqualTo(Instant.parse("2026-11-29T09:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{\"msg\":\"a b\",\"message\":\"c d\"}    ~ a",
                "{\"message\":\"c d\"}                    ~ c",
                "{\"msg\":null,\"message\":\"c d\"}       ~ c",
            })
    void the_line_is_msg_or_else_message(String json, String first) {
        var dissect = new ParseSpec.Dissect(Reads.LINE, new Dissection("%{first} %{second}"), Reads.TOP);
        assertThat(left(dissect, event(json)).get("first")).isEqualTo(first);
    }

    static List<ParseSpec> ways() {
        return List.of(
                new ParseSpec.Json(Reads.LINE, Reads.TOP),
                new ParseSpec.Dissect(Reads.LINE, new Dissection("%{a} -> %{b}"), Reads.TOP),
                new ParseSpec.Grok(Reads.LINE, List.of("%{UUID:a}"), Map.of(), Reads.TOP),
                new ParseSpec.Logfmt(Reads.LINE, Reads.TOP),
                new ParseSpec.KeyValue(Reads.LINE, " ", "=", "", "", "", List.of(), List.of(), Reads.TOP),
                new ParseSpec.Regex(Reads.LINE, new LinePattern("(?<a>§)"), Reads.TOP),
                new ParseSpec.Csv(Reads.LINE, List.of("a"), ",", "\"", false, Reads.TOP),
                new ParseSpec.Nginx(Reads.LINE, Reads.TOP),
                new ParseSpec.Apache(Reads.LINE, Reads.TOP));
    }

    private static final String NONE_OF_THEM = "no \"form\" at all";

    @ParameterizedTest
    @MethodSource("ways")
    void an_event_without_the_field_passes_untouched(ParseSpec how) {
        for (var json : List.of("{\"@timestamp\":\"t\",\"a\" : 1}", "{\"@timestamp\":\"t\",\"msg\":null}")) {
            for (var onFailure : OnFailure.values()) {
                var outcome = Reads.outcome(how, onFailure, event(json));
                assertThat(outcome.passed().getFirst().json()).isEqualTo(json);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void what_does_not_fit_is_tagged(ParseSpec how) {
        var tag = switch (how) {
            case ParseSpec.Json _ -> "_jsonparsefailure";
            case ParseSpec.Dissect _ -> "_dissectfailure";
            case ParseSpec.Grok _ -> "_grokparsefailure";
            case ParseSpec.Logfmt _ -> "_logfmtparsefailure";
            case ParseSpec.KeyValue _ -> "_kv_filter_error";
            case ParseSpec.Regex _ -> "_regexparsefailure";
            case ParseSpec.Csv _ -> "_csvparsefailure";
            case ParseSpec.Nginx _ -> "_nginxparsefailure";
            case ParseSpec.Apache _ -> "_apacheparsefailure";
        };
        var outcome = Reads.outcome(how, OnFailure.TAG, Reads.line(NONE_OF_THEM));
        assertThat(outcome.passed().getFirst().tree()).isEqualTo(Map.of("msg", NONE_OF_THEM, "tags", List.of(tag)));
        assertThat(outcome.refused()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void what_does_not_fit_is_kept_dropped_or_refused(ParseSpec how) {
        var kept = Reads.outcome(how, OnFailure.KEEP, Reads.line(NONE_OF_THEM));
        assertThat(kept.passed().getFirst().tree()).isEqualTo(Map.of("msg", NONE_OF_THEM));
        assertThat(kept.refused()).isEmpty();
        assertThat(Reads.outcome(how, OnFailure.DROP, Reads.line(NONE_OF_THEM))).isEqualTo(new Reads.Outcome());
        var refused = Reads.outcome(how, OnFailure.DEAD_LETTER, Reads.line(NONE_OF_THEM));
        assertThat(refused.passed()).isEmpty();
        assertThat(refused.refused().getFirst().tree()).isEqualTo(Map.of("msg", NONE_OF_THEM));
        assertThat(refused.reasons().getFirst())
                .startsWith(
                        "msg does not fit " + Reads.filter(how, OnFailure.TAG).form() + ": ")
                .endsWith(", in \"" + NONE_OF_THEM + "\"");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void what_is_no_text_does_not_fit(ParseSpec how) {
        var refused = Reads.outcome(how, OnFailure.DEAD_LETTER, event("{\"msg\":[1]}"));
        assertThat(refused.reasons().getFirst()).endsWith(": it is no text, in \"[1]\"");
    }

    @Test
    void a_reason_names_the_field_and_shows_no_more_than_200_characters() {
        var how = new ParseSpec.Dissect(
                Optional.of(FieldPath.parse("[log][the.line]")), new Dissection("%{a} -> %{b}"), Reads.TOP);
        var event = event("{}");
        event.set("😀".repeat(1_000), "log", "the.line");
        var reason = Reads.outcome(how, OnFailure.DEAD_LETTER, event).reasons().getFirst();
        assertThat(reason)
                .isEqualTo("[log][the.line] does not fit dissect: it has no \" -> \" for what stands behind a, in \""
                        + "😀".repeat(99) + "…\"");
    }

    @Test
    void a_value_that_is_no_number_does_not_cost_the_event_its_other_fields() {
        var how =
                new ParseSpec.Grok(Reads.LINE, List.of("%{NOTSPACE:bytes:int} %{INT:status:int}"), Map.of(), Reads.TOP);
        var after =
                Reads.outcome(how, OnFailure.DROP, Reads.line("- 200")).passed().getFirst();
        assertThat(after.tree())
                .isEqualTo(Map.of("msg", "- 200", "bytes", "-", "status", 200L, "tags", List.of("_convertfailure")));
    }

    @Test
    void many_fields_are_set_as_few_are() {
        var text = new StringBuilder("{");
        for (int i = 0; i < 50_000; i++) {
            text.append(i == 0 ? "" : ",").append("\"k").append(i).append("\":\"v\"");
        }
        text.append('}');
        var how = new ParseSpec.Json(Reads.LINE, Reads.TOP);
        var after = left(how, Reads.line(text.toString()));
        assertThat(after.tree()).hasSize(50_001).containsEntry("k49999", "v");
    }

    @Test
    void json_of_too_many_values_does_not_fit() {
        for (var text : List.of(
                "{\"a\":[" + "[],".repeat(200_000) + "[]]}",
                "{\"a\":[" + "[],".repeat(120_000) + "[]],\"b\":[" + "[],".repeat(120_000) + "[]]}")) {
            for (var into : List.of(Reads.TOP, Reads.OUT)) {
                assertThat(left(new ParseSpec.Json(Reads.LINE, into), Reads.line(text))
                                .tree())
                        .isEqualTo(Map.of("msg", text, "tags", List.of("_jsonparsefailure")));
            }
        }
    }

    @Test
    void json_does_not_make_an_event_deeper_than_any_may_come_in() {
        for (var into : List.of(Reads.TOP, Reads.OUT, Optional.of(FieldPath.parse("a.b")))) {
            int levels =
                    Json.MAX_DEPTH - 1 - into.map(each -> each.toArray().length).orElse(0);
            var how = new ParseSpec.Json(Reads.LINE, into);
            var deep = "{\"x\":" + "[".repeat(levels) + "]".repeat(levels) + "}";
            var fits = left(how, Reads.line(deep));
            assertThat(fits.get("tags")).isNull();
            assertThat(isRead(fits)).isTrue();
            var tooDeep = left(how, Reads.line(deep.replace("[]", "[[]]")));
            assertThat(tooDeep.names()).containsExactlyInAnyOrder("msg", "tags");
            assertThat(tooDeep.get("tags")).isEqualTo(List.of("_jsonparsefailure"));
        }
    }

    private static boolean isRead(Event event) {
        var json = event.json().getBytes(StandardCharsets.UTF_8);
        return Json.check(json, 0, json.length) == null;
    }

    private static Event event(String json) {
        return Event.of(json, Instant.EPOCH);
    }

    private static Event left(ParseSpec how, Event event) {
        return Reads.outcome(how, OnFailure.TAG, event).passed().getFirst();
    }
}
