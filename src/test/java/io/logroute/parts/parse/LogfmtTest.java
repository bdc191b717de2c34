package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.ParseSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogfmtTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "pairs                  ~ level=info took=3ms       ~ {'level':'info','took':'3ms'}",
                "numbers stay text      ~ n=5 t=true                ~ {'n':'5','t':'true'}",
                "a quoted value         ~ msg=\"it works\" a=1      ~ {'msg':'it works','a':'1'}",
                "an empty quoted value  ~ a=\"\" b=1                ~ {'a':'','b':'1'}",
                "an empty value         ~ a= b=1                    ~ {'a':'','b':'1'}",
                "an empty value at last ~ b=1 a=                    ~ {'b':'1','a':''}",
                "a bare key             ~ debug a=1 quiet           ~ {'debug':true,'a':'1','quiet':true}",
                "escapes                ~ a=\"x\\\"y\\\\z\\n\\t\\u00e9\\q\" ~ {'a':'x\\'y\\\\z\\n\\té\\\\q'}",
                "half an escape         ~ a=\"\\u00\"               ~ {'a':'\\\\u00'}",
                "equals in a value      ~ url=/a?b=c&d=e            ~ {'url':'/a?b=c&d=e'}",
                "equals in quotes       ~ q=\"a=b\"                 ~ {'q':'a=b'}",
                "many blanks            ~ `  a=1 \t b=2  \n`        ~ {'a':'1','b':'2'}",
                "keys of any letters    ~ a.b-c/d=1 Ü=2             ~ {'a.b-c/d':'1','Ü':'2'}",
                "of other characters    ~ @timestamp=\"Sun Nov 29\" tag#1=x id=C-1 ~ {'@timestamp':'Sun Nov 29','tag#1':'x','id':'C-1'}",
                "an unknown escape      ~ a=\"x\\ax\" b=\"\\ \"           ~ {'a':'x\\\\ax','b':'\\\\ '}",
                "the last one counts    ~ a=1 a=2                   ~ {'a':'2'}",
                "single quotes are text ~ a='x y=z'                 ~ {'a':''x','y':'z''}",
                "a quote not closed     ~ a=\"x y                   ~ ! the value of a has a quote that is not closed, or stands inside of it",
                "a backslash at the end ~ a=\"x\\                   ~ ! the value of a has a quote that is not closed, or stands inside of it",
                "more behind a quote    ~ a=\"x\"y b=1              ~ ! the value of a has a quote that is not closed, or stands inside of it",
                "a quote in a value     ~ a=x\"y b=1                ~ ! the value of a has a quote that is not closed, or stands inside of it",
                "a quote in a key       ~ a\"b=1                    ~ ! the key a has a quote in it",
                "no key                 ~ a=1 =2                    ~ ! it has no key before character 5",
                "a quote for a key      ~ \"a\"=1                   ~ ! it has no key before character 1",
                "a quoted key           ~ \"a b\"=1                   ~ ! it has no key before character 1",
                "blanks around equals   ~ a = 1                     ~ ! it has no key before character 3",
                "only equals            ~ =                         ~ ! it has no key before character 1",
                "plain words            ~ hello world               ~ ! it has no =",
                "nothing                ~ ``                        ~ ! it has no =",
            })
    void lines(String why, String text, String expected) {
        assertThat(Reads.of(new ParseSpec.Logfmt(Reads.LINE, Reads.OUT), text))
                .as(why)
                .isEqualTo(expected);
    }

    @Test
    void a_line_has_a_thousand_pairs_at_most() {
        var logfmt = new ParseSpec.Logfmt(Reads.LINE, Reads.OUT);
        assertThat(Reads.of(logfmt, "a=1 ".repeat(1_000))).isEqualTo("{'a':'1'}");
        assertThat(Reads.of(logfmt, "a=1 ".repeat(1_001))).isEqualTo("! it has more than 1,000 pairs");
    }
}
