package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.Dissection;
import io.logroute.spec.ParseSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DissectTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "one part takes all           ~ %{key}                       ~ foobar               ~ {'key':'foobar'}",
                "two parts                    ~ %{a} %{b}                    ~ foo bar              ~ {'a':'foo','b':'bar'}",
                "the last takes the rest      ~ %{a} %{b}                    ~ foo bar baz          ~ {'a':'foo','b':'bar baz'}",
                "text before                  ~ /var/%{key}                  ~ /var/foobar/log      ~ {'key':'foobar/log'}",
                "text around                  ~ /var/%{key}/log              ~ /var/foobar/log      ~ {'key':'foobar'}",
                "text before is at the start  ~ [%{a}] %{b}                  ~ x [foo] bar          ~ ! it does not begin with '['",
                "text behind is at the end    ~ %{a} end                     ~ one end two end      ~ {'a':'one end two'}",
                "text behind is missing       ~ %{a} end                     ~ one                  ~ ! it does not end with ' end'",
                "text behind and more         ~ %{a}]                        ~ one] two             ~ ! it does not end with ']'",
                "text before and behind meet  ~ aa%{a}aa                     ~ aaa                  ~ ! it does not end with 'aa'",
                "a delimiter is missing       ~ %{a} %{b}                    ~ foo                  ~ ! it has no ' ' for what stands behind a",
                "the name of what is skipped  ~ %{} %{b}                     ~ foo                  ~ ! it has no ' ' for what stands behind its part 1",
                "parts may be empty           ~ %{a},%{b},%{c}               ~ x,,z                 ~ {'a':'x','b':'','c':'z'}",
                "all parts may be empty       ~ %{a},%{b}                    ~ ,                    ~ {'a':'','b':''}",
                "skipped                      ~ %{} %{b} %{?c}               ~ foo bar baz          ~ {'b':'bar'}",
                "appended                     ~ %{a}-%{+a}-%{+a}             ~ 1-2-3                ~ {'a':'1-2-3'}",
                "appended behind another      ~ %{a} %{b} %{+a}              ~ foo bar baz quux     ~ {'a':'foo baz quux','b':'bar'}",
                "only appended                ~ %{+a} %{b} %{+a} %{c}        ~ foo bar baz quux     ~ {'a':'foo baz','b':'bar','c':'quux'}",
                "what is taken comes first    ~ %{+a} %{a} %{+a} %{b}        ~ December 31 1999 q   ~ {'a':'31 December 1999','b':'q'}",
                "in order                     ~ %{+k/3} %{+k/1} %{+k/2}      ~ 1 2 3                ~ {'k':'2 3 1'}",
                "in order, four               ~ %{+a/2} %{+a/4} %{+a/1} %{+a/3} ~ bar quux foo baz     ~ {'a':'foo bar baz quux'}",
                "with what stands before it   ~ %{a} - %{+a}, %{+a}          ~ 1 - 2, 3             ~ {'a':'1 - 2, 3'}",
                "a named field                ~ %{*k}=%{&k}                  ~ foo=bar              ~ {'foo':'bar'}",
                "the value before the name    ~ %{&k}=%{*k}                  ~ bar=foo              ~ {'foo':'bar'}",
                "named by what is skipped     ~ %{?k}: %{&k}                 ~ foo: bar             ~ {'foo':'bar'}",
                "named by what is taken       ~ %{k} %{&k}                   ~ hello world          ~ {'k':'hello','hello':'world'}",
                "two named fields             ~ %{*a}=%{&a}, %{*b}=%{&b}     ~ x=1, y=2             ~ {'x':'1','y':'2'}",
                "a named field without a name ~ %{*k}=%{&k}                  ~ =bar                 ~ {}",
                "padding behind               ~ %{id} %{f->} %{s}            ~ 43 View     m-3      ~ {'id':'43','f':'View','s':'m-3'}",
                "padding that is not there    ~ %{id} %{f->} %{s}            ~ 43 View m-3          ~ {'id':'43','f':'View','s':'m-3'}",
                "no padding, no skipping      ~ %{a} %{b}                    ~ x  y                 ~ {'a':'x','b':' y'}",
                "padding of several characters ~ %{a->}, %{b}                 ~ x, , , y             ~ {'a':'x','b':'y'}",
                "padding at the end           ~ %{a->}-                      ~ x---                 ~ {'a':'x'}",
                "only padding                 ~ %{->} %{a}                   ~ `    x`              ~ {'a':'x'}",
                "a padded part that is skipped ~ %{a} %{?b->} %{c}            ~ x y    z             ~ {'a':'x','c':'z'}",
                "nested names                 ~ %{[a][b]} %{[a][c]} %{d.e}   ~ 1 2 3                ~ {'a':{'b':'1','c':'2'},'d':{'e':'3'}}",
                "more than one character      ~ %{a}------->%{b}             ~ foo------->bar baz   ~ {'a':'foo','b':'bar baz'}",
                "beyond ASCII                 ~ %{a} » %{b}»%{c}€%{d}        ~ foo » bar»baz€quux   ~ {'a':'foo','b':'bar','c':'baz','d':'quux'}",
                "a whole number               ~ %{a|integer} %{b}            ~ 42 x                 ~ {'a':42,'b':'x'}",
                "other words for it           ~ %{a|int} %{b|long}           ~ -42 +7               ~ {'a':-42,'b':7}",
                "a decimal number             ~ %{a|float} %{b|double}       ~ 1.5 2e3              ~ {'a':1.5,'b':2000.0}",
                "a truth value                ~ %{a|boolean} %{b|boolean}    ~ true No              ~ {'a':true,'b':false}",
                "text stays text              ~ %{a|string}                  ~ 42                   ~ {'a':'42'}",
                "no number                    ~ %{a|integer} %{b}            ~ - x                  ~ {'a':'-','b':'x'} [_convertfailure]",
                "a named number               ~ %{*k}=%{&k|integer}          ~ n=5                  ~ {'n':5}",
                "padded, with a type          ~ %{a->|integer} %{b}          ~ 5   x                ~ {'a':5,'b':'x'}",
                "braces of other kinds        ~ {%{a}} %{b}                  ~ {x} y                ~ {'a':'x','b':'y'}",
                "percents of other kinds      ~ 100% %{a}%%{b}               ~ 100% x%y             ~ {'a':'x','b':'y'}",
            })
    void patterns(String why, String pattern, String text, String expected) {
        assertThat(read(pattern, text)).as(why).isEqualTo(expected);
    }

    @Test
    void a_line_end_is_a_character_like_any_other() {
        assertThat(read("%{a}: %{b}", "x: one\n  two\n")).isEqualTo("{'a':'x','b':'one\\n  two\\n'}");
        assertThat(read("%{a}\n%{b}", "one\ntwo\nthree")).isEqualTo("{'a':'one','b':'two\\nthree'}");
    }

    @Test
    void a_log_of_java() {
        assertThat(read(
                        "%{time} %{+time} [%{thread}] %{level->} %{logger} - %{text}",
                        "2026-11-29 10:15:30,123 [http-1 a] WARN  c.e.Shop - slow: 5 s - again"))
                .isEqualTo("{'time':'2026-11-29 10:15:30,123','thread':'http-1 a','level':'WARN','logger':'c.e.Shop',"
                        + "'text':'slow: 5 s - again'}");
    }

    private static String read(String pattern, String text) {
        return Reads.of(new ParseSpec.Dissect(Reads.LINE, new Dissection(pattern), Reads.OUT), text);
    }
}
