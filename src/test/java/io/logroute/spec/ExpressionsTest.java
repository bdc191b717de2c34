package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "event.level == \"error\"",
                "event.level in [\"error\", \"fatal\"]",
                "event.status >= 500 && event.path != '/healthz'",
                "has(event.user) && event.user.name.startsWith('a')",
                "event[\"service.name\"] == 'x'",
                "event.flag",
                "!event.flag",
                "event.msg.matches('^time[a-z]+')",
                "event.labels.exists(l, l.startsWith('io'))",
                "size(event.msg) > 100",
                "true",
                "1 < 1.5",
            })
    void good_conditions_have_no_problems(String text) {
        assertThat(new When(text).check()).isEmpty();
    }

    @ParameterizedTest(name = "{0} | {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "level == 'x'            | 0  | fields stand under event, as in event.level",
                "event.level == error    | 15 | plain text stands in quotes, \"error\"",
                "event.level = 'error'   | 12 | write == to compare",
                "event.level == 'error   | 15 | closing quote is missing",
                "event.a && not event.b  | 15 | turned round with !",
                "event.a and event.b     | 8  | joined with &&",
                "event.a &&              | 10 | it ends where something more is due",
                "event.a + 1             | 8  | this is arithmetic",
                "event                   | 0  | this is of type 'map(string, dyn)'",
                "event.a in 'x'          | 8  | in asks for a list",
                "event.@timestamp == 'x' | 6  | event[\"@timestamp\"]",
                "event.a.contain('x')    | 15 | there is no function contain; did you mean contains, as in event.msg.contains(\"...\")?",
                "event.a.has_it('x')     | 14 | there is no function has_it; there are has, size, int, ",
                "event.a =~ 'x'          | 8  | =~ is not known here; write event.msg.matches(",
                "[level] == 'error'      | 1  | [level] is Logstash's way to name a field; write event.level",
                "event.msg.matches('(')  | 18 | no RE2 expression",
            })
    void a_problem_shows_its_place_under_the_line(String text, int column, String words) {
        var problems = new When(text).check();
        assertThat(problems).isNotEmpty();
        assertThat(problems.toString()).contains(words);
        var lines = problems.stream()
                .filter(p -> p.contains(words))
                .findFirst()
                .orElseThrow()
                .lines()
                .toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).isEqualTo("    " + text);
        assertThat(lines.get(2)).isEqualTo("    " + " ".repeat(column) + "^");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "lowerCase(event.a) == 'x'     | 9  | there is no function lowerCase; did you mean lowerAscii, as in event.msg.lowerAscii()?",
                "event.a.toLower() == 'x'      | 15 | there is no function toLower; did you mean lowerAscii, as in event.msg.lowerAscii()?",
                "length(event.a) > 3           | 6  | there is no function length; did you mean size, as in size(event.msg)?",
                "event.n > 2 && sizee(event.a) > 1 | 20 | there is no function sizee; did you mean size, as in size(event.msg)?",
                "event.at < now()              | 14 | there is no function now; did you mean now, as in event.at < now, without parentheses?",
                "regex.match(event.a, 'x')     | 11 | there is no function regex.match; did you mean matches, as in event.msg.matches(\"...\")?",
                "math.max(event.a, 3) > 3      | 8  | there is no function math.max; there are has, size, int, uint, double, string, bool, bytes, timestamp, duration, type, regex.replace, and of text contains, startsWith,",
                "parseInt(event.a) > 3         | 8  | there is no function parseInt; did you mean int, as in int(event.n)?",
            })
    void a_function_that_there_is_not_is_told_as_one_with_what_is_meant(String text, int column, String words) {
        assertThat(new When(text).check())
                .singleElement()
                .satisfies(problem -> assertThat(problem)
                        .startsWith(words)
                        .endsWith("\n    " + text + "\n    " + " ".repeat(column) + "^"));
    }

    @Test
    void a_field_without_event_before_a_function_that_there_is_not_is_told_beside_it() {
        assertThat(new When("level.contain('x') && zzz(level)").check())
                .hasSize(4)
                .filteredOn(problem -> problem.startsWith("undeclared reference to 'level'"))
                .hasSize(2);
    }

    @Test
    void all_problems_are_told_at_once_each_on_its_line() {
        var problems = new When("a == 1 &&\n  b == 2").check();
        assertThat(problems).hasSize(2);
        assertThat(problems.get(0)).endsWith("    a == 1 &&\n    ^");
        assertThat(problems.get(1)).endsWith("      b == 2\n      ^");
    }

    @Test
    void a_condition_has_bounds() {
        assertThat(new When("true || ".repeat(2_000) + "true").check()).isNotEmpty();
        assertThat(new When("(".repeat(500) + "true" + ")".repeat(500)).check()).isNotEmpty();
        assertThat(new When("event.a.matches('((a{100}){100}){100}')").check()).isNotEmpty();
    }

    @Test
    void nothing_that_can_be_written_breaks_the_check() {
        var random = new java.util.Random(7);
        var pieces = List.of(
                "event", ".", "level", "==", "'", "\"", "(", ")", "[", "]", "&&", "||", "!", "1", "1.5", "in",
                "matches", " ", "\n", "ä", "😀", "{", "}", ",", "?", ":", "\t", "\\", "has", "\u0000");
        var failed = new ArrayList<String>();
        for (int i = 0; i < 3_000; i++) {
            var text = new StringBuilder("event");
            for (int k = random.nextInt(12); k >= 0; k--) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            try {
                for (var problem : new When(text.toString()).check()) {
                    assertThat(problem).isNotBlank();
                }
            } catch (RuntimeException e) {
                failed.add(text + ": " + e);
            }
        }
        assertThat(failed).isEmpty();
    }

    @Test
    void compiling_what_has_problems_says_them() {
        assertThatThrownBy(() -> Expressions.compile("level", Expressions.Use.CONDITION))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("event.level");
    }
}
