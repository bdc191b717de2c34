package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexCheckTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "^[0-9]{4}-",
                "a|b|",
                "(?i)error(?-i:X)",
                "(?<name>a)\\k<name>\\1",
                "[]a-z]|[^]]|[a[b-c]&&[^d]]|[\\]\\[]|[\\\\]",
                "\\Q(.*\\E+|\\x41\\u0041\\x{1F600}\\cA\\p{L}\\pL\\P{IsLatin}\\N{DIGIT ONE}",
                "(?x) a # a comment (\n b [ x] c",
                "(?x: a # (\n )b",
                "a*+b?+c{1,2}+d{3}?e{2,}",
                "(?<=a|bc)(?<!x{1,3})(?=y)(?!z)(?>w+)",
                "\\b{g}\\R\\X\\h\\v\\d\\D\\s\\S\\w\\W\\A\\G\\z\\Z\\B",
                "(\\s*)?(\\w*)*(?:(?:a?)+)+",
                "😀+[😀-😂]",
            })
    void these_are_fine(String expression) {
        assertThat(RegexCheck.check(expression)).isBetween(1, RegexCheck.MOST_BLIND);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "(a     ~ \"(a\" is no regular expression: unclosed group at its end; mend it there",
                "[a-    ~ \"[a-\" is no regular expression: illegal character range at its end; mend it there",
                "a{2,1} ~ \"a{2,1}\" is no regular expression: illegal repetition range at character 6, \"}\"; mend it there",
                "x*a**  ~ \"x*a**\" is no regular expression: dangling meta character '*' at character 5, \"*\"; mend it there",
                "[[:alpha:]]+x ~ \"[[:alpha:]]+x\" has a class that is not known, at character 2, \"[:alpha:]]+x\"; write \\p{Alpha}, \\p{Alnum}, \\p{Space} and so on",
            })
    void a_message_says_what_where_and_how_to_mend(String expression, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexCheck.check(expression))
                .withMessage(message);
    }

    @Test
    void a_long_expression_is_shown_in_part() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexCheck.check("x".repeat(500) + "("))
                .withMessageStartingWith("\"" + "x".repeat(79) + "…\" is no regular expression");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 4_000})
    void nesting_is_bounded(int depth) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexCheck.check("(".repeat(depth) + "a" + ")".repeat(depth)))
                .withMessageContaining("nested");
    }

    @Test
    void a_pattern_for_lines_is_no_longer_than_10_000_characters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinePattern("x".repeat(10_001)))
                .withMessage("the expression has 10001 characters; write at most 10000");
        assertThat(new LinePattern("(?<b>x)(?<a>y)(z)").names()).containsExactly("b", "a");
    }
}
