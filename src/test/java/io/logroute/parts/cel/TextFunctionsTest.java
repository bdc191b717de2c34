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
        for (var wrong : new String[] {
            "event.a.matches(\"((((a{1000}){1000}){1000}){1000})\")",
            "regex.replace(event.a, \"((a{1000}){1000}){1000}\", \"\") == \"\"",
            "event.a.matches(\"(?P<n>[]{2}]{500,1000}\\\\Q)\\\\E{999}){1000}\")",
            "event.a.matches(\"" + "(".repeat(2_000) + "a" + ")".repeat(2_000) + "\")",
        }) {
            assertThat(new When(wrong).check())
                    .singleElement()
                    .satisfies(what -> assertThat(what).contains("is too large; write a shorter one"));
        }
        assertThat(new When("event.a.matches(\"^(?:[0-9a-f]{4,8}-){3}(?i:x{1000}|\\\\x{1F600}[{9}]\\\\{99)$\")")
                        .check())
                .isEmpty();
        assertThat(new Formula("regex.extract(event.a, \"a\")").check()).isNotEmpty();
    }

    @Test
    void no_event_brings_an_expression() {
        assertThat(new When("event.a.matches(event.b)").check())
                .singleElement()
                .satisfies(wrong -> assertThat(wrong).startsWith("the expression of matches must be written out"));
        assertThat(new Formula("regex.replace(event.a, event.b + \"x\", \"\")").check())
                .singleElement()
                .satisfies(
                        wrong -> assertThat(wrong).startsWith("the expression of regex.replace must be written out"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "event.a.replace(event.b, event.c)",
                "event.a.replace(event.b, event.c, 59000)",
                "event.a.replace(\"\", event.c)",
                "regex.replace(event.a, \"a\", event.c)",
                "regex.replace(event.a, \"(a+)\", event.d)",
                "event.l.map(x, event.a + event.c).join()",
                "event.l.join(event.a)",
                "[event.a + event.a].map(x, [x + x].map(x, [x + x].map(x, [x + x].map(x, [x + x].map(x, [x + x].map(x, x + x)))))).size()",
                "event.l.map(x, event.a.replace(event.b, event.d)).size()",
            })
    void what_would_become_too_long_gives_nothing(String formula) {
        var event = Event.of(
                Json.write(Map.of(
                        "a", "a".repeat(200_000),
                        "b", "a",
                        "c", "c".repeat(30_000),
                        "d", "\\1".repeat(100),
                        "l", java.util.Collections.nCopies(9_000, "x"))),
                Instant.EPOCH);
        var given = new Given("r", InstantSource.system());
        assertThat(new CelFormula(new Formula(formula), given).of(event)).isNull();
        // Nothing of it is left for the next.
        assertThat(new CelFormula(new Formula("event.a.replace(event.b, \"xy\").size()"), given).of(event))
                .isEqualTo(new CelFormula.Worked(400_000L));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "abcabc | b  | xy | -1 | axycaxyc",
                "abcabc | b  | xy | 1  | axycabc",
                "abcabc | b  | xy | 0  | abcabc",
                "abcabc | b  | b  | -1 | abcabc",
                "aaa    | aa | b  | -1 | ba",
                "aé😀    | `` | -  | -1 | -a-é-😀-",
                "aé😀    | `` | -  | 3  | -a-é-😀",
                "``     | `` | -  | -1 | -",
                "``     | a  | -  | -1 | ``",
                "a😀a    | 😀  | `` | -1 | aa",
            })
    void replace_gives_what_cel_gives(String text, String from, String to, long most, String expected)
            throws Exception {
        Texts.begin();
        assertThat(Texts.replace(text, from, to, most)).isEqualTo(expected);
        var strings = dev.cel.extensions.CelExtensions.strings();
        var compiler = dev.cel.compiler.CelCompilerFactory.standardCelCompilerBuilder()
                .addLibraries(strings)
                .addVar("t", dev.cel.common.types.SimpleType.STRING)
                .addVar("f", dev.cel.common.types.SimpleType.STRING)
                .addVar("o", dev.cel.common.types.SimpleType.STRING)
                .build();
        var runtime = dev.cel.runtime.CelRuntimeFactory.plannerRuntimeBuilder()
                .addLibraries(strings)
                .build();
        var program = runtime.createProgram(
                compiler.compile("t.replace(f, o, " + most + ")").getAst());
        assertThat(program.eval(Map.of("t", text, "f", from, "o", to))).isEqualTo(expected);
    }
}
