package io.logroute.parts.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Formula;
import io.logroute.spec.When;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The functions for text that CEL has beside its standard ones.
class TextFunctionsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "event.a.lowerAscii()                               | \"ann / bob\"",
                "event.a.upperAscii()                               | \"ANN / BOB\"",
                "event.a.replace(\"/\", \"+\")                      | \"Ann + Bob\"",
                "event.a.split(\" / \")                             | [\"Ann\",\"Bob\"]",
                "event.a.split(\" / \").join(\",\")                 | \"Ann,Bob\"",
                "event.a.substring(0, 1)                            | \"A\"",
                "event.a.indexOf(\"/\")                             | 4",
                "event.a.charAt(0)                                  | \"A\"",
                "(\" \" + event.a + \"\\t\").trim()                 | \"Ann / Bob\"",
                "regex.replace(event.a, r\"(\\w+) / (\\w+)\", r\"\\2 / \\1\") | \"Bob / Ann\"",
                "regex.replace(event.a, \"[aeiou]\", \"\")          | \"Ann / Bb\"",
            })
    void text_is_worked_on(String formula, String value) {
        var worked = new CelFormula(new Formula(formula), new Given("r", InstantSource.system()))
                .of(Event.of("{\"a\":\"Ann / Bob\"}", Instant.EPOCH));
        assertThat(worked).isNotNull();
        assertThat(Json.write(Map.of("v", worked.value()))).isEqualTo("{\"v\":" + value + "}");
    }

    @Test
    void what_is_no_text_gives_nothing() {
        var formula = new CelFormula(new Formula("event.a.lowerAscii()"), new Given("r", InstantSource.system()));
        assertThat(formula.of(Event.of("{\"a\":5}", Instant.EPOCH))).isNull();
        assertThat(formula.of(Event.of("{}", Instant.EPOCH))).isNull();
    }

    @Test
    void a_wrong_expression_is_told_before_the_first_event() {
        assertThat(new Formula("regex.replace(event.a, \"(\", \"\")").check())
                .singleElement()
                .satisfies(
                        wrong -> assertThat(wrong).startsWith("the expression of regex.replace is no RE2 expression"));
        assertThat(new When("event.a.matches(\"(\")").check())
                .singleElement()
                .satisfies(wrong -> assertThat(wrong).startsWith("the expression of matches is no RE2 expression"));
        assertThat(new Formula("regex.extract(event.a, \"a\")").check()).isNotEmpty();
    }
}
