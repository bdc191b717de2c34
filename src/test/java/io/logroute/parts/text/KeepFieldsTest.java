package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FilterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeepFieldsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "the others go                     | [a]           | {\"a\":1,\"b\":2,\"c\":{\"d\":3}}               | {\"a\":1}",
                "one that is missing               | [a, gone]     | {\"a\":1,\"b\":2}                               | {\"a\":1}",
                "all of an object                  | [o]           | {\"o\":{\"k\":1,\"l\":2},\"b\":2}               | {\"o\":{\"k\":1,\"l\":2}}",
                "some of an object                 | [o.k]         | {\"o\":{\"k\":1,\"l\":2},\"b\":2}               | {\"o\":{\"k\":1}}",
                "several of an object              | [o.k, o.l]    | {\"o\":{\"k\":1,\"l\":2,\"m\":3}}               | {\"o\":{\"k\":1,\"l\":2}}",
                "the whole of it beside a part     | [o, o.k]      | {\"o\":{\"k\":1,\"l\":2}}                       | {\"o\":{\"k\":1,\"l\":2}}",
                "deeper down                       | [o.p.q]       | {\"o\":{\"p\":{\"q\":null,\"r\":1},\"k\":1}}    | {\"o\":{\"p\":{\"q\":null}}}",
                "an object without them goes       | [o.x]         | {\"o\":{\"k\":1},\"a\":1}                       | {}",
                "what is no object goes            | [o.x]         | {\"o\":\"text\"}                                | {}",
                "the time and how it travels stay  | [a]           | {\"@timestamp\":\"t\",\"@metadata\":{\"b\":1},\"c\":1} | {\"@timestamp\":\"t\",\"@metadata\":{\"b\":1}}",
                "a name with a dot in it           | [log.level]   | {\"log.level\":\"warn\",\"log\":{\"x\":1}}      | {\"log.level\":\"warn\"}",
                "the nested one is meant sooner    | [log.level]   | {\"log.level\":1,\"log\":{\"level\":2}}         | {\"log\":{\"level\":2}}",
            })
    void only_these_stay(String why, String fields, String json, String left) {
        var keep = new KeepFields(Some.spec(FilterSpec.Keep.class, "keep: { fields: %s }".formatted(fields)));
        assertThat(Some.after(keep, json)).as(why).isEqualTo(Some.fields(left));
        var tree = Some.event(json);
        tree.tree();
        assertThat(Some.through(keep, tree).getFirst().tree())
                .as(why + ", of a tree")
                .isEqualTo(Some.fields(left));
    }

    @Test
    void a_plain_list_is_the_fields() {
        var keep = new KeepFields(Some.spec(FilterSpec.Keep.class, "keep: [a]"));
        assertThat(Some.after(keep, "{\"b\":1,\"a\":2}")).isEqualTo(Some.fields("{\"a\":2}"));
    }

    @Test
    void keeping_all_leaves_the_bytes_that_came_in() {
        var keep = new KeepFields(Some.spec(FilterSpec.Keep.class, "keep: [n]"));
        var json = "{\"@timestamp\" : \"t\",  \"n\":1.500}";
        assertThat(Some.through(keep, Some.event(json)).getFirst().json()).isEqualTo(json);
    }
}
