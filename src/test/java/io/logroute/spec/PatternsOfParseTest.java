package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Patterns that cannot work are told when they are read: what is wrong, where, and how to mend it.
class PatternsOfParseTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "plain text       ~ \"plain text\" takes nothing; write for instance \"%{time} %{level} %{text}\"",
                "%{a %{b}         ~ `\"%{a %{b}\" opens %{ inside of another, at character 5, \"%{b}\"; write } after the name before it`",
                "%{a} %{b         ~ \"%{a} %{b\" opens %{ at character 6, \"%{b\" and does not close it; write } after its name",
                "%{a}%{b}         ~ nothing stands between %{a} and the next, at character 5, \"%{b}\"; write what separates them",
                "%{a} %{a}        ~ %{a} stands twice; write %{+a} to append, or give one another name",
                "%{+a/x} %{b}     ~ %{+a/x} has no number after its /; write for instance %{+a/2}",
                "%{+a/1} %{+a/1}  ~ %{+a/1} stands twice; write each place once",
                "%{+} %{b}        ~ %{+} has no name; write for instance %{+name}, or %{} to skip it",
                "%{+&a} %{b}      ~ %{+&a} cannot append to a field that the text names; write %{&a}",
                "%{&a} %{b}       ~ %{&a} has no name; write %{*a} where that stands",
                "%{*a} %{b}       ~ %{*a} has no value; write %{&a} where that stands",
                "%{*a} %{*a} %{&a} ~ %{*a} stands twice; write it once",
                "%{} %{?b}        ~ the pattern skips all it finds; write a name for what it should take, such as %{text}",
                "%{a|number}      ~ %{a|number} names no type that is known; write integer, float, boolean or string behind the |",
                "%{+a|integer} %{b} ~ %{+a|integer} cannot be of a type; write it with %{name|integer} or %{&key|integer}",
                "%{[a]b}          ~ `%{[a]b}: \"[a]b\" names no field; write each key in brackets, [service][name]`",
                "%{a..b}          ~ `%{a..b}: field \"a..b\" has an empty part; write a name such as msg or service.name`",
            })
    void dissect(String pattern, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Dissection(pattern))
                .withMessage(message);
    }

    @Test
    void a_dissect_pattern_is_taken_apart() {
        var pieces = new Dissection("[%{a->|integer}] %{+b/2} %{}").pieces();
        assertThat(pieces.before()).isEqualTo("[");
        assertThat(pieces.parts())
                .containsExactly(
                        new Dissection.Part(Dissection.Use.TAKE, "a", -1, true, Dissection.Kind.INTEGER, "] "),
                        new Dissection.Part(Dissection.Use.APPEND, "b", 2, false, Dissection.Kind.TEXT, " "),
                        new Dissection.Part(Dissection.Use.SKIP, "", -1, false, Dissection.Kind.TEXT, ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "%{WROD:a}        ~ %{WROD:a} is no pattern that is known; did you mean WORD?",
                "%{combinedapachelog:a} ~ %{combinedapachelog:a} is no pattern that is known; did you mean COMBINEDAPACHELOG?",
                "%{XYZZY:a}       ~ %{XYZZY:a} is no pattern that is known; give it under definitions",
                "%{OWM:a}         ~ %{OWM:a} is no pattern that is known; did you mean OWN?",
                "%{WORD:a         ~ \"%{WORD:a\" opens %{ at character 1, \"%{WORD:a\" and does not close it; write } after its name",
                "%{:a}            ~ %{:a} at character 1, \"%{:a}\" names no pattern; write for instance %{WORD:name}",
                "%{INT:a:number}  ~ %{INT:a:number} names no type that is known; write int or float",
                "%{WORD:[a}       ~ `\"%{WORD:[a}\": \"[a\" names no field; write each key in brackets, [service][name]`",
                "%{WORD}          ~ \"%{WORD}\" takes nothing; name what it should take, such as %{WORD:name}",
                "%{ROUND:a}       ~ %{ROUND} goes round in circles (ROUND -> ROUND); take it out of its own definition",
                "(?<a>x)\\k<b>    ~ \"(?<a>x)\\k<b>\" refers back to b, which stands nowhere before; write (?<b>...) first",
                "(?<a>x)\\g<a>    ~ \"(?<a>x)\\g<a>\" calls a group by \\g, which is not known here; write that group again",
            })
    void grok(String pattern, String message) {
        var own = pattern.contains("ROUND") ? Map.of("ROUND", "a%{ROUND}b") : Map.of("OWN", "[a-z]+");
        assertThatIllegalArgumentException().isThrownBy(() -> of(own, pattern)).withMessage(message);
    }

    @Test
    void circles_are_shown() {
        var own = new LinkedHashMap<String, String>();
        own.put("ROUND", "a%{THERE}");
        own.put("THERE", "b%{BACK}");
        own.put("BACK", "c%{ROUND}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(own, "%{WORD:a}"))
                .withMessage("%{THERE} goes round in circles (THERE -> BACK -> ROUND -> THERE);"
                        + " take it out of its own definition");
    }

    @Test
    void a_wrong_expression_in_a_grok_pattern_is_shown_where_it_was_written() {
        for (var pattern : List.of("%{INT:a} (x", "(?<a_b>x) %{INT:a} (y", "%{INT:a} [[:alpha:] (x")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> of(Map.of(), pattern))
                    .withMessageStartingWith("\"" + pattern + "\" is no regular expression: unclosed ");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of(), "%{COMBINEDAPACHELOG} %{INT:a} (a|b)* **x (?<c>d)"))
                .withMessage(
                        "\"%{COMBINEDAPACHELOG} %{INT:a} (a|b)* **x (?<c>d)\" is no regular expression: dangling meta"
                                + " character '*' at character 39, \"*x (?<c>d)\"; mend it there");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of(), "(a %{INT:a}"))
                .withMessageStartingWith("\"(a %{INT:a}\" is no regular expression");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("BAD", "[a"), "%{WORD:a}"))
                .withMessageContaining("\"[a\" is no regular expression");
    }

    @Test
    void definitions_that_grow_without_end_are_refused() {
        var many = new TreeMap<String, String>();
        many.put("A0", "x".repeat(100));
        for (int i = 1; i <= 30; i++) {
            many.put("A" + i, "%{A" + (i - 1) + "}%{A" + (i - 1) + "}");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(many, "%{A30:a}"))
                .withMessageContaining("becomes longer than 100000 characters when it is written out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("a b", "x"), "%{WORD:a}"))
                .withMessage("definitions has a pattern \"a b\"; name it of letters, digits and _, such as ORDER");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("A", ""), "%{WORD:a}"))
                .withMessage("definitions has nothing for A; write what it matches");
    }

    @Test
    void a_grok_pattern_is_written_out() {
        var expression = GrokExpression.of("%{INT:status:int} (a|b) %{GREEDYDATA:[a][text]}", Map.of());
        assertThat(expression.regex()).isEqualTo("([+-]?[0-9]+) (?:a|b) (.*)");
        assertThat(expression.captures())
                .containsExactly(
                        new GrokExpression.Capture(1, FieldPath.parse("status"), GrokExpression.Kind.INT),
                        new GrokExpression.Capture(2, FieldPath.parse("[a][text]"), GrokExpression.Kind.TEXT));
    }

    private static ParseSpec.Grok of(Map<String, String> definitions, String pattern) {
        return new ParseSpec.Grok(Optional.empty(), List.of(pattern), definitions, Optional.empty());
    }

    @Test
    void regex_needs_a_named_group() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ParseSpec.Regex(Optional.empty(), new LinePattern("(a)"), Optional.empty()))
                .withMessage("pattern has no named group; name what it should take, such as (?<code>[0-9]+)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "a,a      ~ `,`  ~ \"  ~ columns has a twice; give each its own name",
                "a,b]     ~ `,`  ~ \"  ~ `columns: \"b]\" names no field; write msg, service.name or [service][name]`",
                "a        ~ `,,` ~ \"  ~ separator is \",,\"; write one character, or \\t",
                "a        ~ \"   ~ \"  ~ quote is \"\"\"; write one character other than the separator",
            })
    void csv(String columns, String separator, String quote, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ParseSpec.Csv(
                        Optional.empty(), List.of(columns.split(",")), separator, quote, false, Optional.empty()))
                .withMessage(message);
    }
}
