package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventTest {
    private static final Instant RECEIVED = Instant.parse("2026-11-22T10:15:30.123Z");

    @Test
    void an_untouched_event_leaves_as_the_bytes_that_came_in() {
        var json = "{\"@timestamp\":\"2026-01-01T00:00:00Z\", \"n\" : 1.50, \"text\":\"\\u00e9\"}";
        assertThat(event(json).json()).isEqualTo(json);
    }

    @Test
    void an_event_without_a_timestamp_gets_the_time_it_was_received() {
        assertThat(event("{\"a\":1}").json()).isEqualTo("{\"@timestamp\":\"2026-11-22T10:15:30.123Z\",\"a\":1}");
        assertThat(event("{ }").json()).isEqualTo("{\"@timestamp\":\"2026-11-22T10:15:30.123Z\" }");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "first        | {\"@metadata\":{\"beat\":\"x\"},\"@timestamp\":\"t\",\"a\":1} | {\"@timestamp\":\"t\",\"a\":1}",
                "last         | {\"@timestamp\":\"t\",\"a\":1,\"@metadata\":{\"beat\":\"x\"}} | {\"@timestamp\":\"t\",\"a\":1}",
                "twice        | {\"@metadata\":{},\"@timestamp\":\"t\",\"@metadata\":{}}     | {\"@timestamp\":\"t\"}",
                "in disguise  | {\"@metadata\":1,\"\\u0040metadata\":2,\"@timestamp\":\"t\"}  | {\"@timestamp\":\"t\"}",
                "alone        | {\"@metadata\":{}}           | {\"@timestamp\":\"2026-11-22T10:15:30.123Z\"}",
                "alone, twice | {\"@metadata\":{},\"@metadata\":{}} | {\"@timestamp\":\"2026-11-22T10:15:30.123Z\"}",
                "pretty       | {\"@metadata\" : { } , \"@timestamp\" : \"t\" , \"a\" : [ 1 ] }  | {\"@timestamp\":\"t\",\"a\":[ 1 ]}",
            })
    void metadata_does_not_leave(String where, String came, String left) {
        assertThat(event(came).json()).as(where).isEqualTo(left);
        assertThat(event(came).has("@metadata")).isTrue();
    }

    @Test
    void pretty_printed_json_leaves_as_one_line() {
        assertThat(event("{\r\n  \"@timestamp\": \"t\",\n  \"a\": [\n 1 ]\n}").json())
                .isEqualTo("{    \"@timestamp\": \"t\",   \"a\": [  1 ] }");
    }

    @Test
    void values_have_the_types_of_json() {
        var event = event(
                "{\"t\":\"x\",\"i\":7,\"d\":1.5,\"b\":true,\"n\":null,\"o\":{\"k\":[1]},\"big\":9223372036854775808}");
        assertThat(event.get("t")).isEqualTo("x");
        assertThat(event.get("i")).isEqualTo(7L);
        assertThat(event.get("d")).isEqualTo(1.5);
        assertThat(event.get("b")).isEqualTo(true);
        assertThat(event.get("n")).isNull();
        assertThat(event.has("n")).isTrue();
        assertThat(event.get("o")).isEqualTo(Map.of("k", List.of(1L)));
        assertThat(event.get("big")).isEqualTo(new BigInteger("9223372036854775808"));
        assertThat(event.text("o")).isEqualTo("{\"k\":[1]}");
        assertThat(event.text("i")).isEqualTo("7");
    }

    @Test
    void a_dotted_name_is_found_by_its_keys_and_nested_keys_come_first() {
        assertThat(event("{\"service.name\":\"dotted\"}").text("service", "name"))
                .isEqualTo("dotted");
        assertThat(event("{\"service.name\":\"dotted\",\"service\":{\"name\":\"nested\"}}")
                        .text("service", "name"))
                .isEqualTo("nested");
    }

    @Test
    void numbers_beyond_any_type_do_no_harm_to_a_change() {
        var digits = "7".repeat(5_000);
        for (var number :
                List.of(digits, "0." + digits, "1e400", "-1e99999999999", "1e-99999999999", digits + "e" + digits)) {
            var event = event("{\"n\":" + number + "}");
            event.set("x", "y");
            assertThat(Json.check(bytes(event.json()), 0, bytes(event.json()).length))
                    .as(number)
                    .isNull();
            assertThat(event.text("y")).isEqualTo("x");
        }
    }

    @Test
    void long_names_and_half_surrogates_do_no_harm_to_a_change() {
        var event = event("{\"" + "k".repeat(100_000) + "\":\"\\ud800\",\"b\":[\"a\\ud83d\"]}");
        event.set("x", "y");
        assertThat(Json.check(bytes(event.json()), 0, bytes(event.json()).length))
                .isNull();
        assertThat(event.json()).contains("\"y\":\"x\"");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "\\ud83d, false",
        "\\ude00, false",
        "\\ude00\\ud83d, false",
        "a\\ud83da, false",
        "\\uD83D\\uDE00, true",
        "\\\\ud83d, true"
    })
    void a_name_with_half_a_pair_is_no_name(String name, boolean good) {
        var json = bytes("{\"" + name + "\":1}");
        assertThat(Json.check(json, 0, json.length) == null).isEqualTo(good);
    }

    @Test
    void a_copy_does_not_share_changes() {
        var event = event("{\"a\":{\"b\":1}}");
        event.get("a", "b");
        var copy = event.copy();
        copy.set(2L, "a", "b");
        assertThat(event.get("a", "b")).isEqualTo(1L);
        assertThat(copy.get("a", "b")).isEqualTo(2L);
    }

    @Test
    void setting_makes_objects_on_the_way() {
        var event = event("{\"a\":1}");
        event.set("v", "a", "b", "c");
        assertThat(event.get("a")).isEqualTo(Map.of("b", Map.of("c", "v")));
    }

    @Test
    void a_tag_is_added_once() {
        var event = event("{\"tags\":\"one\"}");
        event.tag("two");
        event.tag("two");
        assertThat(event.get("tags")).isEqualTo(List.of("one", "two"));
    }

    @Test
    void its_time_is_its_timestamp_where_that_is_one() {
        assertThat(event("{\"@timestamp\":\"2020-01-01T00:00:00Z\"}").timestamp())
                .isEqualTo("2020-01-01T00:00:00Z");
        assertThat(event("{\"@timestamp\":\"soon\"}").timestamp()).isEqualTo(RECEIVED);
        assertThat(event("{\"@timestamp\":5}").timestamp()).isEqualTo(RECEIVED);
        assertThat(event("{}").timestamp()).isEqualTo(RECEIVED);
    }

    @Test
    void bare_nan_becomes_null() {
        assertThat(lenient("{\"@timestamp\":\"t\",\"a\":NaN,\"b\":[-Infinity,1]}")
                        .json())
                .isEqualTo("{\"@timestamp\":\"t\",\"a\":null,\"b\":[null,1]}");
    }

    @Test
    void what_is_no_object_is_kept_as_text() {
        var event = lenient("{\"a\":1,");
        assertThat(event.text("message")).isEqualTo("{\"a\":1,");
        assertThat(event.get("tags")).isEqualTo(List.of(Event.UNREADABLE));
    }

    @Test
    void it_has_an_address_only_on_its_way_to_a_sink() {
        var event = event("{}");
        assertThatThrownBy(event::address).isInstanceOf(IllegalStateException.class);
        assertThat(event.addressed(new Address("shop", 0, Optional.empty()))
                        .address()
                        .route())
                .isEqualTo("shop");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Event event(String json) {
        assertThat(Json.check(bytes(json), 0, bytes(json).length))
                .as(json.substring(0, Math.min(100, json.length())))
                .isNull();
        return Event.of(json, RECEIVED);
    }

    private static Event lenient(String text) {
        return Event.lenient(bytes(text), 0, bytes(text).length, RECEIVED);
    }

    @Test
    void text_that_was_set_is_written_as_json_writes_it() {
        var all = new StringBuilder("ä漢");
        for (char c = 0; c < 0x200; c++) {
            all.append(c);
        }
        var event = Event.of("{\"@timestamp\":\"2026-01-01T00:00:00Z\"}", Instant.EPOCH);
        event.set(all.toString(), "text");
        assertThat(event.json())
                .isEqualTo("{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"text\":" + Json.write(all.toString()) + "}");
    }

    @Test
    void an_event_of_too_many_values_goes_as_it_is_and_becomes_no_tree() {
        var list = "[" + "[],".repeat(Json.MOST_VALUES) + "[]]";
        var json = "{\"@timestamp\":\"2026-11-29T00:00:00Z\",\"a\":" + list + ",\"b\":{\"c\":" + list + "}}";
        var event = Event.of(json, Instant.EPOCH);
        assertThat(event.json()).isEqualTo(json);
        assertThat(event.has("a")).isTrue();
        assertThat(event.has("b", "c")).isTrue();
        assertThat(event.text("a")).isEqualTo(list);
        assertThat(event.text("b", "c")).isEqualTo(list);
        assertThatThrownBy(() -> event.get("a"))
                .isInstanceOf(Json.TooManyValues.class)
                .hasMessage("more than 200,000 values");
        assertThatThrownBy(event::tree).isInstanceOf(Json.TooManyValues.class);
        assertThatThrownBy(() -> event.set(1L, "b", "d")).isInstanceOf(Json.TooManyValues.class);
        event.set("x", "e");
        assertThat(event.json()).isEqualTo(json.substring(0, json.length() - 1) + ",\"e\":\"x\"}");
        var most = Event.of("{\"a\":[" + "[],".repeat(Json.MOST_VALUES - 2) + "[]]}", Instant.EPOCH);
        assertThat(most.tree()).hasSize(1);
    }
}
