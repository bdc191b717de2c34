package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.SpecReader;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WritesTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "set           | { set: { fields: { a: x, b: 1, c: 1.5, d: true, e: '%{m}' } } } | a TEXT, b WHOLE, c DECIMAL, d TRUTH, e TEXT",
                "rename        | { set: { fields: { a: 1 } } }, { rename: { fields: { a: b, c: d } } } | b WHOLE, d UNKNOWN",
                "convert       | { set: { fields: { a: '1' } } }, { convert: { fields: { a: integer } } } | a WHOLE",
                "remove        | { set: { fields: { a: x, b: x } } }, { remove: [a] }             | b TEXT",
                "keep          | { set: { fields: { a: x, b: x } } }, { keep: [a] }               | a TEXT",
                "timestamp     | { timestamp: { field: t, into: u } }                             | u TIME",
                "level         | level                                                            | level TEXT",
                "dissect       | { parse: { dissect: '%{a} %{+a/2} %{?b} %{c->} %{*k}=%{&k} %{n|integer}' } } | a TEXT, c TEXT, n WHOLE",
                "grok          | { parse: { grok: '%{IP:ip} %{INT:[h][s]:int} %{WORD}' } }        | ip TEXT, h.s WHOLE",
                "regex         | { parse: { regex: '^(?<x>[0-9]+) (?<y>.*)$' } }                  | x TEXT, y TEXT",
                "csv           | { parse: { csv: { columns: [u, v] } } }                          | u TEXT, v TEXT",
                "into          | { parse: { csv: { columns: [u], into: row } } }                  | row.u TEXT",
                "json          | { parse: { json: msg } }                                         | ``",
            })
    void what_filters_write_is_known_as_far_as_the_spec_says_it(String why, String filters, String written) {
        var yaml =
                "apiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: a }\nspec: { router: core, to: [x], filters: [ %s ] }\n"
                        .formatted(filters);
        var reading = SpecReader.documents("r.yaml", yaml);
        assertThat(reading.problems()).isEmpty();
        var found = Writes.of(reading.documents().getFirst());
        assertThat(found.stream().map(each -> each.field() + " " + each.kind()).collect(Collectors.joining(", ")))
                .as(why)
                .isEqualTo(written);
        assertThat(found).allSatisfy(each -> assertThat(each.where()).startsWith("r.yaml:4: spec.filters["));
    }
}
