package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Taking;
import io.logroute.spec.FilterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitEventTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a list              | r                        | {\"a\":1,\"r\":[1,{\"x\":2},null]}      | {\"a\":1,\"r\":1};{\"a\":1,\"r\":{\"x\":2}};{\"a\":1,\"r\":null}",
                "lines               | r                        | {\"a\":1,\"r\":\"x\\ny\\r\\nz\\n\"}     | {\"a\":1,\"r\":\"x\"};{\"a\":1,\"r\":\"y\"};{\"a\":1,\"r\":\"z\"}",
                "empty lines         | r                        | {\"r\":\"\\n\\nx\\n\\n\"}               | {\"r\":\"x\"}",
                "parts               | { field: r, separator: ', ' } | {\"r\":\"x, y\"}                   | {\"r\":\"x\"};{\"r\":\"y\"}",
                "elsewhere           | { field: r, into: i }    | {\"a\":1,\"r\":[1,2]}                   | {\"a\":1,\"i\":1};{\"a\":1,\"i\":2}",
                "nested              | { field: o.r, into: o.i } | {\"o\":{\"r\":[1,2],\"k\":0}}          | {\"o\":{\"k\":0,\"i\":1}};{\"o\":{\"k\":0,\"i\":2}}",
                "one item            | r                        | {\"r\":[5]}                             | {\"r\":5}",
                "one line            | r                        | {\"r\":\"x\"}                           | {\"r\":\"x\"}",
                "no field            | r                        | {\"a\":1}                               | {\"a\":1}",
                "null                | r                        | {\"r\":null}                            | {\"r\":null}",
                "an empty list       | r                        | {\"r\":[]}                              | {\"r\":[]}",
                "an empty text       | r                        | {\"r\":\"\"}                            | {\"r\":\"\"}",
                "only separators     | r                        | {\"r\":\"\\n\\r\\n\\n\"}                        | {\"r\":\"\\n\\r\\n\\n\"}",
                "empty items         | r                        | {\"r\":[\"x\",\"\",null,[],\"y\"]}              | {\"r\":\"x\"};{\"r\":\"\"};{\"r\":null};{\"r\":[]};{\"r\":\"y\"}",
                "numbers and text    | { field: r, into: i }    | {\"r\":[1,2.5,\"three\",true]}              | {\"i\":1};{\"i\":2.5};{\"i\":\"three\"};{\"i\":true}",
                "tabs                | `{ field: r, separator: \"\\t\" }` | {\"r\":\"x y\\tz\\n\"}                 | {\"r\":\"x y\"};{\"r\":\"z\\n\"}",
                "others of its form  | r                        | {\"a\":\"1\\n2\",\"l\":[1,2],\"r\":\"x\\ny\"}       | {\"a\":\"1\\n2\",\"l\":[1,2],\"r\":\"x\"};{\"a\":\"1\\n2\",\"l\":[1,2],\"r\":\"y\"}",
                "an item as its name | { field: r, into: r.i }  | {\"r\":[1,2]}                             | {\"r\":{\"i\":1}};{\"r\":{\"i\":2}}",
                "neither             | r                        | {\"r\":5}                               | {\"r\":5,\"tags\":[\"_split_type_failure\"]}",
                "an object           | r                        | {\"r\":{\"x\":1}}                       | {\"r\":{\"x\":1},\"tags\":[\"_split_type_failure\"]}",
            })
    void an_event_of_each_item(String why, String spec, String json, String left) {
        var split = new SplitEvent(Some.spec(FilterSpec.Split.class, "split: " + spec));
        var expected =
                java.util.Arrays.stream(left.split(";")).map(Some::fields).toList();
        assertThat(Some.through(split, Some.event(json)).stream()
                        .map(Event::tree)
                        .toList())
                .as(why)
                .isEqualTo(List.copyOf(expected));
    }

    @Test
    void pieces_are_numbered_and_pieces_of_pieces_too() {
        var split = new SplitEvent(Some.spec(FilterSpec.Split.class, "split: r"));
        var pieces = Some.through(split, Some.event("{\"r\":[[1,2],[3]]}"));
        assertThat(pieces).extracting(Event::piece).containsExactly("1", "2");
        assertThat(pieces.stream().flatMap(piece -> Some.through(split, piece).stream()))
                .extracting(Event::piece)
                .containsExactly("1.1", "1.2", "2.1");
        assertThat(Some.through(split, Some.event("{\"r\":[]}")).getFirst().piece())
                .isEmpty();
    }

    @Test
    void pieces_do_not_share_what_is_changed_later() {
        var split = new SplitEvent(Some.spec(FilterSpec.Split.class, "split: r"));
        var pieces = Some.through(split, Some.event("{\"o\":{\"k\":1},\"r\":[1,2]}"));
        pieces.getFirst().set(5L, "o", "k");
        assertThat(pieces.getLast().get("o", "k")).isEqualTo(1L);
    }

    @Test
    void too_many_pieces_are_refused_as_one() {
        var split = new SplitEvent(Some.spec(FilterSpec.Split.class, "split: r"));
        var most = "x\n".repeat(SplitEvent.MOST);
        assertThat(Some.through(split, event(most))).hasSize(SplitEvent.MOST);
        assertThat(refused(split, event(most + "x"))).contains("would make 10001 events");
        var large = event("x\n".repeat(9_000));
        large.set("y".repeat(10_000), "other");
        assertThat(refused(split, large)).contains("at most 10000 are made of one, with 67108864 characters together");
    }

    private static Event event(String text) {
        var event = Some.event("{}");
        event.set(text, "r");
        return event;
    }

    private static String refused(Filter filter, Event event) {
        var before = event.json();
        var taking = new Taking();
        filter.apply(event, taking);
        assertThat(taking.passed).isEmpty();
        assertThat(taking.reasons).hasSize(1);
        assertThat(event.json()).isEqualTo(before);
        return taking.reasons.getFirst();
    }
}
