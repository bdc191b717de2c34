package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FilterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertFieldsTest {
    @ParameterizedTest(name = "{1} to {0} is {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "integer | \"503\"                   | 503",
                "integer | \" 503 \"                 | 503",
                "integer | \"+503\"                  | 503",
                "integer | \"-12.7\"                 | -12",
                "integer | \"12.7\"                  | 12",
                "integer | 12.7                      | 12",
                "integer | -0.9                      | 0",
                "integer | \"1,234,567.9\"           | 1234567",
                "integer | \"1e3\"                   | 1000",
                "integer | \".5\"                    | 0",
                "integer | \"007\"                   | 7",
                "integer | true                      | 1",
                "integer | false                     | 0",
                "integer | 5                         | 5",
                "integer | \"9223372036854775807\"   | 9223372036854775807",
                "integer | \"-9223372036854775808\"  | -9223372036854775808",
                "integer | [\"1\",2,[\"3.5\"],null]  | [1,2,[3],null]",
                "float   | \"12.50\"                 | 12.5",
                "float   | 12                        | 12.0",
                "float   | \"1,000.5\"               | 1000.5",
                "float   | \"-1.5e-3\"               | -0.0015",
                "float   | \"5.\"                    | 5.0",
                "float   | 9223372036854775808       | 9.223372036854776E18",
                "float   | true                      | 1.0",
                "boolean | \"true\"                  | true",
                "boolean | \"T\"                     | true",
                "boolean | \"Yes\"                   | true",
                "boolean | \"y\"                     | true",
                "boolean | \"ON\"                    | true",
                "boolean | \"1\"                     | true",
                "boolean | 1                         | true",
                "boolean | 1.0                       | true",
                "boolean | \"false\"                 | false",
                "boolean | \"f\"                     | false",
                "boolean | \"NO\"                    | false",
                "boolean | \"n\"                     | false",
                "boolean | \"off\"                   | false",
                "boolean | \"0\"                     | false",
                "boolean | 0                         | false",
                "boolean | \"0.0\"                   | false",
                "string  | 503                       | \"503\"",
                "string  | 1.5                       | \"1.5\"",
                "string  | true                      | \"true\"",
                "string  | {\"a\":[1]}               | \"{\\\"a\\\":[1]}\"",
                "string  | [1,{\"a\":2},\"x\"]       | [\"1\",\"{\\\"a\\\":2}\",\"x\"]",
                "string  | 9223372036854775808       | \"9223372036854775808\"",
            })
    void values_become_of_another_type(String kind, String value, String made) {
        assertThat(Some.after(convert(kind), "{\"v\":%s}".formatted(value)))
                .isEqualTo(Some.fields("{\"v\":%s}".formatted(made)));
    }

    @ParameterizedTest(name = "{1} to {0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "integer | \"many\"",
                "integer | \"\"",
                "integer | \" \"",
                "integer | \"0x1F\"",
                "integer | \"1_000\"",
                "integer | \"1,5\"",
                "integer | \"1,2345\"",
                "integer | \"12 ms\"",
                "integer | \"e5\"",
                "integer | \".\"",
                "integer | \"NaN\"",
                "integer | \"9223372036854775808\"",
                "integer | 9223372036854775808",
                "integer | 1e300",
                "integer | \"1e999\"",
                "integer | {\"a\":1}",
                "float   | \"1e999\"",
                "float   | \"Infinity\"",
                "float   | {}",
                "boolean | \"maybe\"",
                "boolean | \"\"",
                "boolean | 2",
                "boolean | 0.5",
                "boolean | {}",
            })
    void what_cannot_be_converted_stays_and_is_tagged(String kind, String value) {
        assertThat(Some.after(convert(kind), "{\"v\":%s}".formatted(value)))
                .isEqualTo(Some.fields("{\"v\":%s,\"tags\":[\"_convertfailure\"]}".formatted(value)));
    }

    @Test
    void of_a_list_the_items_that_can_be_are_converted() {
        assertThat(Some.after(convert("integer"), "{\"v\":[\"1\",\"x\",\"3\"]}"))
                .isEqualTo(Some.fields("{\"v\":[1,\"x\",3],\"tags\":[\"_convertfailure\"]}"));
    }

    @Test
    void missing_fields_and_null_do_not_matter_and_nested_ones_are_found() {
        var convert = new ConvertFields(Some.spec(
                FilterSpec.Convert.class, "convert: { fields: { gone: integer, none: float, http.status: integer } }"));
        assertThat(Some.after(convert, "{\"none\":null,\"http\":{\"status\":\"200\"}}"))
                .isEqualTo(Some.fields("{\"none\":null,\"http\":{\"status\":200}}"));
    }

    private static ConvertFields convert(String kind) {
        return new ConvertFields(Some.spec(FilterSpec.Convert.class, "convert: { fields: { v: %s } }".formatted(kind)));
    }
}
