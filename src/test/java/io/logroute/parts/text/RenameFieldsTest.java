package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.spec.FilterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenameFieldsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a field gets another name        | { a: b }             | {\"a\":1,\"x\":2}               | {\"x\":2,\"b\":1}",
                "one that is missing              | { gone: b }          | {\"a\":1}                       | {\"a\":1}",
                "null is a value                  | { a: b }             | {\"a\":null}                    | {\"b\":null}",
                "one of the new name is replaced  | { a: b }             | {\"a\":1,\"b\":2}               | {\"b\":1}",
                "onto itself                      | { a: a }             | {\"a\":1}                       | {\"a\":1}",
                "two change their names           | { a: b, b: a }       | {\"a\":1,\"b\":2}               | {\"a\":2,\"b\":1}",
                "one of the two is missing        | { a: b, b: a }       | {\"a\":1}                       | {\"b\":1}",
                "one moves up for another         | { a: b, b: c }       | {\"a\":1,\"b\":2}               | {\"b\":1,\"c\":2}",
                "the last written is it           | { a: c, b: c }       | {\"a\":1,\"b\":2}               | {\"c\":2}",
                "of those that are there          | { a: c, b: c }       | {\"a\":1}                       | {\"c\":1}",
                "out of an object                 | { o.k: k }           | {\"o\":{\"k\":1,\"l\":2}}       | {\"o\":{\"l\":2},\"k\":1}",
                "into an object that is made      | { a: o.k }           | {\"a\":1}                       | {\"o\":{\"k\":1}}",
                "an object with all that is in it | { o: p.q }           | {\"o\":{\"k\":[1]}}             | {\"p\":{\"q\":{\"k\":[1]}}}",
                "into itself                      | { a: a.b }           | {\"a\":1}                       | {\"a\":{\"b\":1}}",
                "out of itself                    | { a.b: a }           | {\"a\":{\"b\":1,\"c\":2}}       | {\"a\":1}",
                "a name with a dot in it          | { log.level: level } | {\"log.level\":\"warn\"}        | {\"level\":\"warn\"}",
                "not into what is no object       | { a: b.c }           | {\"a\":1,\"b\":\"text\"}        | {\"a\":1,\"b\":\"text\"}",
            })
    void fields_get_other_names(String why, String fields, String json, String left) {
        var rename = new RenameFields(Some.spec(FilterSpec.Rename.class, "rename: { fields: %s }".formatted(fields)));
        assertThat(Some.after(rename, json)).as(why).isEqualTo(Some.fields(left));
        var changed = Some.event("{}");
        Some.event(json).tree().forEach((name, value) -> changed.set(value, name));
        assertThat(Some.through(rename, changed).getFirst().tree())
                .as(why + ", set")
                .isEqualTo(Some.fields(left));
    }

    @Test
    void names_with_dots_stand_in_brackets() {
        var rename = new RenameFields(
                Some.spec(FilterSpec.Rename.class, "rename: { fields: { message: msg, '[a.b][c]': d } }"));
        assertThat(Some.after(rename, "{\"message\":\"hi\",\"a.b\":{\"c\":1}}"))
                .isEqualTo(Some.fields("{\"msg\":\"hi\",\"a.b\":{},\"d\":1}"));
    }

    @Test
    void nothing_grows_deeper_than_an_event_may_be() {
        var deep = "{\"a\":" + "[".repeat(254) + "]".repeat(254) + "}";
        var rename = new RenameFields(Some.spec(FilterSpec.Rename.class, "rename: { fields: { a: x.y.z } }"));
        var left = Some.through(rename, Some.event(deep)).getFirst();
        assertThat(left.has("a")).isTrue();
        assertThat(Event.checked(
                        left.json().getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        0,
                        left.json().length(),
                        Some.NOW))
                .isNotNull();
    }
}
