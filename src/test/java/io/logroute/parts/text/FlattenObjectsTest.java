package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FilterSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlattenObjectsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "all objects                    | {}                            | {\"a\":{\"b\":1,\"c\":{\"d\":2}},\"e\":3}     | {\"e\":3,\"a.b\":1,\"a.c.d\":2}",
                "only those that are named      | [a]                           | {\"a\":{\"b\":1},\"e\":{\"f\":1}}             | {\"a.b\":1,\"e\":{\"f\":1}}",
                "a nested one                   | [a.b]                         | {\"a\":{\"b\":{\"c\":1},\"d\":2}}             | {\"a\":{\"d\":2},\"a.b.c\":1}",
                "a nested one and its parent    | [a.b]                         | {\"a\":{\"b\":{\"c\":1}}}                     | {\"a.b.c\":1}",
                "another separator              | { separator: _ }              | {\"a\":{\"b\":{\"c\":1}}}                     | {\"a_b_c\":1}",
                "one that is missing            | [gone]                        | {\"a\":{\"b\":1}}                             | {\"a\":{\"b\":1}}",
                "what is no object              | [a]                           | {\"a\":5}                                     | {\"a\":5}",
                "lists stay lists               | {}                            | {\"a\":{\"b\":[{\"c\":1}]}}                   | {\"a.b\":[{\"c\":1}]}",
                "lists in lists, and deep ones  | {}                            | {\"a\":{\"b\":[1,[2,{\"c\":3}]],\"d\":{\"e\":[4]}},\"l\":[{\"m\":1}]} | {\"a.b\":[1,[2,{\"c\":3}]],\"a.d.e\":[4],\"l\":[{\"m\":1}]}",
                "three deep, and plain ones     | { separator: _ }              | {\"a\":{\"b\":{\"c\":1},\"d\":{\"e\":2,\"f\":3}},\"g\":4}   | {\"a_b_c\":1,\"a_d_e\":2,\"a_d_f\":3,\"g\":4}",
                "objects without fields stay    | {}                            | {\"a\":{},\"b\":{\"c\":{}}}                   | {\"a\":{},\"b.c\":{}}",
                "null is a value                | {}                            | {\"a\":{\"b\":null}}                          | {\"a.b\":null}",
                "a name that is taken           | {}                            | {\"a\":{\"b\":1,\"c\":2},\"a.b\":3}           | {\"a.b\":3,\"a.c\":2,\"a\":{\"b\":1}}",
                "a name that becomes taken      | {}                            | {\"a\":{\"b.c\":1,\"b\":{\"c\":2}}}           | {\"a.b.c\":1,\"a\":{\"b\":{\"c\":2}}}",
                "how it travels is not touched  | {}                            | {\"@metadata\":{\"a\":{\"b\":1}}}             | {\"@metadata\":{\"a\":{\"b\":1}}}",
            })
    void objects_become_fields(String why, String spec, String json, String left) {
        var flatten = new FlattenObjects(Some.spec(FilterSpec.Flatten.class, "flatten: " + spec));
        assertThat(Some.after(flatten, json)).as(why).isEqualTo(Some.fields(left));
    }
}
