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
                "(?P<a>x) ~ \"(?P<a>x)\" is no regular expression of Java's form: it names a group with a P, at character 3, \"P<a>x)\"; write (?<name>...)",
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?c)a",
                "(?ic:a)",
                "(?-c)a",
                "(?x)( ?c)a",
                "(?x)(? c)a",
                "(?x)(?i c)a",
                "(?x)# a comment\r(?c)a",
                "(?x)#\u0085(?c)a",
                "(?xd)#\u2028[\n(?c)]",
                "(?x)#\\Q\n[\\E\n(?c)]",
                "\\c\\QA[\\E(?c)]",
                "\\x\\Qab[\\E(?c)]",
                "\\p\\QL[\\E(?c)]",
            })
    void the_flag_c_is_refused_however_it_is_hidden(String expression) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexCheck.check(expression))
                .withMessageMatching("(?s).*(a flag that is not known|a comment with|within an escape).*");
    }

    @Test
    void flags_that_are_documented_are_taken_and_others_told() {
        assertThat(RegexCheck.check("(?imsxuUd)a(?-imsxuUd:b)( # c\r\n ?i)")).isPositive();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexCheck.check("a(?ic)b"))
                .withMessage("\"a(?ic)b\" has a flag that is not known, at character 5, \"c)b\";"
                        + " flags are i, m, s, x, u, U and d, with nothing between");
    }

    /// `n` ranges of two characters each, which do not touch.
    private static String ranges(int n) {
        var ranges = new StringBuilder();
        for (int i = 0; i < n; i++) {
            ranges.append((char) (0x4000 + 4 * i)).append('-').append((char) (0x4001 + 4 * i));
        }
        return ranges.toString();
    }

    @Test
    void a_set_has_at_most_64_members() {
        assertThat(RegexCheck.check("[^" + ranges(64) + "]")).isPositive();
        assertThat(RegexCheck.check(("[" + ranges(64) + "]").repeat(20))).isPositive();
        assertThat(RegexCheck.check("[" + "\\x{4000}-\\x{4001}".repeat(64) + "]"))
                .isPositive();
        assertThat(RegexCheck.check("[" + "😀-😂".repeat(64) + "]")).isPositive();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexCheck.check("[^" + ranges(65) + "]"))
                .withMessageContaining("has a set of more than 64 characters and ranges, at character 1, ")
                .withMessageEndingWith("; write fewer, or a class such as \\p{L}");
    }

    @Test
    void members_of_inner_sets_and_of_quotations_count() {
        for (var set : new String[] {
            "[a[" + ranges(33) + "]&&[" + ranges(33) + "]]",
            "[\\Q" + "中".repeat(65) + "\\E]",
            "[" + "[a".repeat(33) + "]".repeat(34),
            "[" + "a-b-".repeat(50) + "]",
            "[" + "\\w".repeat(65) + "]",
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RegexCheck.check(set))
                    .withMessageContaining("has a set of more than 64");
        }
    }
}
