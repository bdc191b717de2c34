package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.spec.SourceSpec.RedisCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PayloadTest {
    private static final Instant NOW = Instant.parse("2026-11-30T10:00:00Z");

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "an object             | {\"a\":1}              | {\"a\":1}",
                "blanks around         | ` {\"a\":1}\n`         | {\"a\":1}",
                "an array of objects   | [{\"a\":1}, {\"b\":\"],[\"}] | {\"a\":1} {\"b\":\"],[\"}",
                "arrays inside         | [{\"a\":[1,[2]]},{}]    | {\"a\":[1,[2]]} {}",
                "an empty array        | []                    | ``",
                "text                  | hello                 | {\"message\":\"hello\",\"tags\":[\"_jsonparsefailure\"]}",
                "half an object        | {\"a\":                 | {\"message\":\"{\\\"a\\\":\",\"tags\":[\"_jsonparsefailure\"]}",
                "half an array         | [{\"a\":1}              | {\"message\":\"[{\\\"a\\\":1}\",\"tags\":[\"_jsonparsefailure\"]}",
                "a comma too many      | [1,]                  | {\"message\":\"[1,]\",\"tags\":[\"_jsonparsefailure\"]}",
                "more after the array  | [{}] x                | {\"message\":\"[{}] x\",\"tags\":[\"_jsonparsefailure\"]}",
                "brackets like a log's | [INFO] up             | {\"message\":\"[INFO] up\",\"tags\":[\"_jsonparsefailure\"]}",
                "numbers in an array   | [1]                   | {\"message\":\"1\",\"tags\":[\"_jsonparsefailure\"]}",
                "bare NaN of old Beats | {\"a\":NaN}             | {\"a\":null}"
            })
    void elements_of_a_list(String why, String element, String events) {
        var out = new ArrayList<Event>();
        new Payload(RedisCodec.JSON).element(utf8(element), NOW, out);
        assertThat(raw(out)).as(why).isEqualTo(events);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ours, one event      | event,{\"a\":1}          | {\"a\":1}",
                "ours, many events    | `events,{\"a\":1}\n{\"b\":2}\n` | {\"a\":1} {\"b\":2}",
                "one of many broken   | `events,{\"a\":1}\n{\"b\n{}` | {\"a\":1} {\"message\":\"{\\\"b\",\"tags\":[\"_jsonparsefailure\"]} {}",
                "JSON in any field    | data,{\"a\":1}           | {\"a\":1}",
                "an array             | events,[{\"a\":1}]       | {\"a\":1}",
                "text in message      | message,hello          | {\"message\":\"hello\"}",
                "text in any field    | line,hello             | {\"line\":\"hello\"}",
                "text where JSON is due | event,hello          | {\"message\":\"hello\",\"tags\":[\"_jsonparsefailure\"]}",
                "fields               | level,info,msg,{\"a\":1} | {\"level\":\"info\",\"msg\":\"{\\\"a\\\":1}\"}",
                "a field twice        | a,1,b,2,a,3,a,4        | {\"a\":[\"1\",\"3\",\"4\"],\"b\":\"2\"}"
            })
    void entries_of_a_stream(String why, String entry, String events) {
        var out = new ArrayList<Event>();
        new Payload(RedisCodec.JSON).entry(entry(entry), NOW, out);
        assertThat(raw(out)).as(why).isEqualTo(events);
    }

    @Test
    void text_is_not_looked_into() {
        var out = new ArrayList<Event>();
        var payload = new Payload(RedisCodec.TEXT);
        payload.element(utf8("{\"a\":1}"), NOW, out);
        payload.entry(entry("line,[x"), NOW, out);
        payload.entry(List.of(utf8("a"), utf8("1"), utf8("b"), utf8("2")), NOW, out);
        assertThat(raw(out))
                .isEqualTo("{\"message\":\"{\\\"a\\\":1}\"} {\"message\":\"[x\"} {\"a\":\"1\",\"b\":\"2\"}");
        assertThat(payload.unreadable()).isZero();
    }

    @Test
    void what_was_no_json_is_counted_once() {
        var out = new ArrayList<Event>();
        var payload = new Payload(RedisCodec.JSON);
        payload.element(utf8("x"), NOW, out);
        payload.element(utf8("{\"tags\":[\"_jsonparsefailure\"]}"), NOW, out);
        payload.element(utf8("{\"a\":NaN}"), NOW, out);
        assertThat(payload.unreadable()).isEqualTo(1);
        assertThat(payload.unreadable()).isZero();
    }

    @Test
    void bytes_that_are_no_utf_8_are_kept_as_far_as_json_can() {
        var out = new ArrayList<Event>();
        var payload = new Payload(RedisCodec.JSON);
        payload.element(new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xff, '"', '}'}, NOW, out);
        assertThat(raw(out)).isEqualTo("{\"message\":\"{\\\"a\\\":\\\"\ufffd\\\"}\",\"tags\":[\"_jsonparsefailure\"]}");
    }

    @Test
    void json_goes_on_as_the_bytes_that_came() {
        var out = new ArrayList<Event>();
        new Payload(RedisCodec.JSON).element(utf8("{ \"b\" : 1.50, \"a\":\"\\u00e4\" }"), NOW, out);
        assertThat(new String(out.getFirst().raw(), StandardCharsets.UTF_8))
                .isEqualTo("{ \"b\" : 1.50, \"a\":\"\\u00e4\" }");
    }

    @Test
    @Timeout(60)
    void an_entry_of_very_many_fields_of_one_name_holds_up_nobody_for_long() {
        var fields = java.util.Collections.nCopies(300_000, utf8("a"));
        var events = new ArrayList<Event>();
        new Payload(RedisCodec.JSON).entry(fields, NOW, events);
        assertThat(events).hasSize(1);
        assertThat((List<?>) events.getFirst().get("a")).hasSize(150_000);
    }

    private static List<byte[]> entry(String words) {
        int first = words.indexOf(',');
        var name = words.substring(0, first);
        var rest = words.substring(first + 1);
        boolean isOne = rest.startsWith("{") || rest.startsWith("[") || !rest.contains(",");
        return isOne
                ? List.of(utf8(name), utf8(rest))
                : Stream.of(words.split(",", 4)[0].equals("a") ? words.split(",") : words.split(",", 4))
                        .map(PayloadTest::utf8)
                        .toList();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String raw(List<Event> events) {
        return String.join(
                " ",
                events.stream()
                        .map(event -> new String(event.raw(), StandardCharsets.UTF_8))
                        .toList());
    }

    @Test
    void what_has_too_many_events_stays_text() {
        var events = new ArrayList<Event>();
        var payload = new Payload(RedisCodec.JSON);
        var array = "[" + "{},".repeat(200_000) + "{}]";
        payload.element(utf8(array), NOW, events);
        assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.get("message")).isEqualTo(array));
        events.clear();
        payload.entry(List.of(utf8("events"), utf8("{}\n".repeat(200_005))), NOW, events);
        assertThat(events).hasSize(200_001);
        assertThat(events.getLast().get("message")).isEqualTo("{}\n".repeat(5));
        assertThat(payload.unreadable()).isEqualTo(2);
    }
}
