package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldValue;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.ParseSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiltersTest {
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
                "no JSON                       | hello                           | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "half an object                | {\"x\":1                        | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "an array                      | [1]                             | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
                "more after the object         | {} x                            | {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":TEXT,\"level\":\"info\",\"tags\":[\"_jsonparsefailure\"]}",
            })
    void parsing_a_field_as_json(String why, String text, String left) {
        var event = event("{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"info\"}");
        event.set(text, "msg");
        var after = through(new ParseJson(ParseSpec.Json.of("msg")), event);
        var expected = event(left.replace("TEXT", io.logroute.flow.Json.write(text)));
        assertThat(after.getFirst().tree()).as(why).isEqualTo(expected.tree());
    }

    @Test
    void a_parsed_object_goes_under_a_field_when_it_is_told_to() {
        var parse = new ParseJson(
                new ParseSpec.Json(Optional.of(FieldPath.parse("log.text")), Optional.of(FieldPath.parse("a.b"))));
        var after = through(parse, event("{\"log\":{\"text\":\"{\\\"@timestamp\\\":1}\"}}"));
        assertThat(after.getFirst().get("a", "b")).isEqualTo(Map.of("@timestamp", 1L));
    }

    @Test
    void an_event_without_the_field_passes_untouched() {
        var parse = new ParseJson(ParseSpec.Json.of("msg"));
        for (var json : List.of("{\"@timestamp\":\"t\",\"a\":1}", "{\"@timestamp\":\"t\",\"msg\":null}")) {
            assertThat(through(parse, event(json)).getFirst().json()).isEqualTo(json);
        }
        assertThat(through(parse, event("{\"msg\":5}")).getFirst().get("tags")).isEqualTo(List.of("_jsonparsefailure"));
    }

    @Test
    void fields_are_set_in_order_and_left_alone_when_a_template_lacks_one() {
        var fields = new LinkedHashMap<FieldPath, FieldValue>();
        fields.put(FieldPath.parse("title"), new FieldValue.Text(FieldTemplate.parse("%{level}: %{msg}")));
        fields.put(FieldPath.parse("again"), new FieldValue.Text(FieldTemplate.parse("<%{title}>")));
        fields.put(FieldPath.parse("level"), new FieldValue.Text(FieldTemplate.parse("%{gone}")));
        fields.put(FieldPath.parse("n.whole"), new FieldValue.Whole(5));
        fields.put(FieldPath.parse("n.decimal"), new FieldValue.Decimal(0.5));
        fields.put(FieldPath.parse("truth"), new FieldValue.Truth(true));
        var after = through(
                new SetFields(new FilterSpec.Set(fields, Optional.empty()), Some.GIVEN),
                event("{\"@timestamp\":\"t\",\"level\":\"info\",\"msg\":\"hi\"}"));
        assertThat(after.getFirst().json())
                .isEqualTo("{\"@timestamp\":\"t\",\"level\":\"info\",\"msg\":\"hi\",\"title\":\"info: hi\","
                        + "\"again\":\"<info: hi>\",\"n\":{\"whole\":5,\"decimal\":0.5},\"truth\":true}");
    }

    @Test
    void fields_are_taken_away_and_missing_ones_do_not_matter() {
        var remove = new RemoveFields(new FilterSpec.Remove(
                List.of(
                        FieldPath.parse("a"),
                        FieldPath.parse("o.k"),
                        FieldPath.parse("gone.deeper"),
                        FieldPath.parse("x.y")),
                Optional.empty()));
        var after = through(remove, event("{\"@timestamp\":\"t\",\"a\":1,\"o\":{\"k\":1,\"l\":2},\"x.y\":3}"));
        assertThat(after.getFirst().json()).isEqualTo("{\"@timestamp\":\"t\",\"o\":{\"l\":2}}");
    }

    @Test
    void removing_nothing_leaves_the_bytes_that_came_in() {
        var remove = new RemoveFields(new FilterSpec.Remove(List.of(FieldPath.parse("gone")), Optional.empty()));
        var json = "{\"@timestamp\" : \"t\",  \"n\":1.500}";
        assertThat(through(remove, event(json)).getFirst().json()).isEqualTo(json);
    }

    @Test
    void drop_drops_those_its_condition_holds_for() {
        var drop = new OnlyWhen(event -> "/healthz".equals(event.get("path")), new Drop());
        assertThat(through(drop, event("{\"path\":\"/healthz\"}"))).isEmpty();
        var other = event("{\"path\":\"/\"}");
        assertThat(through(drop, other)).containsExactly(other);
    }

    private static Event event(String json) {
        return Event.of(json, Instant.EPOCH);
    }

    private static List<Event> through(Filter filter, Event event) {
        var after = new ArrayList<Event>();
        filter.apply(event, new Filter.Way() {
            @Override
            public void pass(Event left) {
                after.add(left);
            }

            @Override
            public void refuse(Event refused, String reason) {
                throw new AssertionError(reason);
            }
        });
        return after;
    }
}
