package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.ParseSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrokTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "a name                      ~ %{WORD:a}                        ~ hello world   ~ {'a':'hello'}",
                "without a name              ~ %{WORD} %{WORD:b}                ~ hello world   ~ {'b':'world'}",
                "anywhere in the text        ~ id=%{INT:id}                     ~ x id=5 y      ~ {'id':'5'}",
                "anchored                    ~ ^%{INT:id}$                      ~ x 5           ~ ! the pattern does not match",
                "a whole number              ~ %{NUMBER:n:int}                  ~ 42            ~ {'n':42}",
                "fractions are cut off       ~ %{NUMBER:n:int}                  ~ -42.9         ~ {'n':-42}",
                "a decimal number            ~ %{NUMBER:n:float}                ~ 4.25          ~ {'n':4.25}",
                "no number                   ~ %{WORD:n:int}                    ~ many          ~ {'n':'many'} [_convertfailure]",
                "nested names                ~ %{WORD:[a][b]} %{WORD:[a][c]}    ~ x y           ~ {'a':{'b':'x','c':'y'}}",
                "dotted names                ~ %{WORD:a.b:int}                  ~ 5             ~ {'a':{'b':5}}",
                "names with other characters ~ %{WORD:a-b_c} %{WORD:@d}         ~ x y           ~ {'a-b_c':'x','@d':'y'}",
                "a group with a name         ~ (?<queue_id>[0-9A-F]{4,})        ~ BEEF12        ~ {'queue_id':'BEEF12'}",
                "a group with a nested name  ~ (?<[q][id]>[0-9A-F]+) %{WORD:[q][w]} ~ BE x      ~ {'q':{'id':'BE','w':'x'}}",
                "other groups take nothing   ~ (a|b)(?<c>c)                     ~ bc            ~ {'c':'c'}",
                "a field twice is a list     ~ %{WORD:a} %{WORD:a} %{INT:a:int} ~ x y 5         ~ {'a':['x','y',5]}",
                "a field of two branches     ~ (?:%{INT:a}|%{WORD:a})           ~ x             ~ {'a':'x'}",
                "two fields of two branches  ~ ^(%{TIMESTAMP_ISO8601:t}|%{LOGLEVEL:l})$ ~ warn  ~ {'l':'warn'}",
                "a time, a level, a text     ~ ^%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} %{GREEDYDATA:m} ~ 2026-11-29T10:15:30.5Z info up and running ~ {'t':'2026-11-29T10:15:30.5Z','l':'info','m':'up and running'}",
                "a time and no level         ~ ^%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} %{GREEDYDATA:m} ~ 2026-11-29T10:15:30.5Z up and running ~ ! the pattern does not match",
                "what took no part           ~ (?:%{INT:a} )?%{WORD:b}          ~ x             ~ {'b':'x'}",
                "what took nothing           ~ %{DATA:a}%{WORD:b}$              ~ x             ~ {'b':'x'}",
                "back to a group             ~ (?<q>['\"])%{WORD:a}\\k<q>       ~ `\"x\"`       ~ {'q':'\\'','a':'x'}",
                "back to a number            ~ (.)%{WORD:a}\\1                  ~ .x.           ~ {'a':'x'}",
                "Ruby's m: dots take line ends ~ (?m)a%{GREEDYDATA:r}           ~ `ax\ny`       ~ {'r':'x\\ny'}",
                "without it they do not      ~ a%{GREEDYDATA:r}                 ~ `ax\ny`       ~ {'r':'x'}",
                "anchors at line ends        ~ ^b%{GREEDYDATA:r}$               ~ `ax\nby\nc`   ~ {'r':'y'}",
                "Ruby's h: hexadecimal       ~ (?<x>\\h+)(?<y>[\\hg]+)(?<z>\\H) ~ 0fgz          ~ {'x':'0f','y':'g','z':'z'}",
                "classes of POSIX            ~ (?<x>[[:alpha:]_]+)(?<y>[^[:space:]]) ~ ab_7     ~ {'x':'ab_','y':'7'}",
                "the class of words          ~ (?<x>[[:word:]]+)(?<y>[[:^word:]]) ~ ab_7-       ~ {'x':'ab_7','y':'-'}",
                "a bracket first in a set    ~ (?<x>[]a]+)                      ~ b]a]          ~ {'x':']a]'}",
                "a comment                   ~ %{WORD:a}(?#the rest) .          ~ x y           ~ {'a':'x'}",
                "no case                     ~ (?i)error: %{WORD:a}             ~ ERROR: x      ~ {'a':'x'}",
                "atomic and possessive       ~ (?>a+)(?<b>b)                  ~ aaab          ~ {'b':'b'}",
            })
    void patterns(String why, String pattern, String text, String expected) {
        assertThat(read(Map.of(), text, pattern)).as(why).isEqualTo(expected);
    }

    @Test
    void the_first_pattern_that_matches_counts() {
        assertThat(read(Map.of(), "5 x", "^%{WORD:w}$", "^%{INT:a} %{WORD:b}", "%{GREEDYDATA:c}"))
                .isEqualTo("{'a':'5','b':'x'}");
        assertThat(read(Map.of(), "-", "%{WORD:w}", "%{INT:i}")).isEqualTo("! none of the 2 patterns matches");
    }

    @Test
    void patterns_of_ones_own_go_before_the_standard_ones() {
        var own = Map.of("ORDER", "%{LETTERS:letters}-%{INT:number:int}", "LETTERS", "[A-Z]{2}", "INT", "[0-9]{3}");
        assertThat(read(own, "order AB-1234", "order %{ORDER:order}"))
                .isEqualTo("{'order':'AB-123','letters':'AB','number':123}");
    }

    @Test
    void patterns_may_share_what_stands_under_definitions() {
        var own = Map.of(
                "START", "%{WHEN} %{HOW}",
                "WHEN", "%{TIMESTAMP_ISO8601:time}",
                "HOW", "%{LOGLEVEL:level}",
                "CODE", "%{POSINT:code:int}",
                "REST", "%{GREEDYDATA:text}");
        var patterns = new String[] {"^%{START} %{CODE} %{REST}", "^%{START} %{REST}"};
        assertThat(read(own, "2026-11-29 10:15:30 info 204 gone", patterns))
                .isEqualTo("{'time':'2026-11-29 10:15:30','level':'info','code':204,'text':'gone'}");
        assertThat(read(own, "2026-11-29 10:15:30 info gone", patterns))
                .isEqualTo("{'time':'2026-11-29 10:15:30','level':'info','text':'gone'}");
    }

    @Test
    void what_takes_too_long_does_not_match() {
        assertThat(read(Map.of(), "x,".repeat(3_000), "^(.*?,){30}P%{WORD:w}"))
                .isEqualTo("! it takes too long to match");
    }

    private static String read(Map<String, String> definitions, String text, String... patterns) {
        return Reads.of(new ParseSpec.Grok(Reads.LINE, List.of(patterns), definitions, Reads.OUT), text);
    }
}
