package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConjunctsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "one alone                | event.a == 1                              | event.a == 1",
                "two                      | event.a == 1 && event.b                   | event.a == 1 ; event.b",
                "three, nested            | (event.a && event.b) && event.c           | event.a ; event.b ; event.c",
                "all in parentheses       | ((event.a && event.b))                    | event.a ; event.b",
                "two pairs of parentheses | (event.a) && (event.b || event.c)         | (event.a) ; (event.b || event.c)",
                "or binds less            | event.a && event.b || event.c             | event.a && event.b || event.c",
                "so does the choice       | event.a && event.b ? event.c : true       | event.a && event.b ? event.c : true",
                "within text              | event.a == \"x && y\" && event.b          | event.a == \"x && y\" ; event.b",
                "within text of apostrophes | event.a == 'x && y' && event.b          | event.a == 'x && y' ; event.b",
                "an escaped quote         | event.a == \"\\\" && \" && event.b        | event.a == \"\\\" && \" ; event.b",
                "raw text                 | event.a.matches(r\"\\\") && event.b       | event.a.matches(r\"\\\") ; event.b",
                "three quotes             | event.a == \"\"\"x\" && \"y\"\"\" && event.b | event.a == \"\"\"x\" && \"y\"\"\" ; event.b",
                "within a list            | event.a in [true && false] && event.b     | event.a in [true && false] ; event.b",
                "within a call            | event.l.all(x, x && x) && event.b         | event.l.all(x, x && x) ; event.b",
                "parentheses at both ends | (event.a) || (event.b)                    | (event.a) || (event.b)",
            })
    void a_condition_falls_into_the_parts_that_and_joins(String why, String condition, String parts) {
        assertThat(Conjuncts.of(condition)).as(why).isEqualTo(List.of(parts.split(" ; ")));
    }
}
