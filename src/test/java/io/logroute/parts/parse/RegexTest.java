package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.LinePattern;
import io.logroute.spec.ParseSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "named groups             ~ ^(?<code>[0-9]{3}) (?<reason>.*)$ ~ 404 not found ~ {'code':'404','reason':'not found'}",
                "anywhere in the text     ~ id=(?<id>\\w+)              ~ x id=5 y     ~ {'id':'5'}",
                "the first place counts   ~ id=(?<id>\\w+)              ~ id=5 id=6    ~ {'id':'5'}",
                "only its groups          ~ (?<x>\\w+) and (?<y>\\w+)     ~ ann and bob, eve and joe ~ {'x':'ann','y':'bob'}",
                "as little as fits        ~ (?<nr>.*?) group            ~ first group and second group ~ {'nr':'first'}",
                "an access line           ~ ^(?<host>[\\w.]+) - (?<user>\\w+) \\[(?<time>.*)\\] \"(?<verb>\\w+) (?<path>.*)\" (?<status>\\d+)$ ~ a.b - ann [29/Nov/2026] \"GET /x y\" 201 ~ {'host':'a.b','user':'ann','time':'29/Nov/2026','verb':'GET','path':'/x y','status':'201'}",
                "other groups             ~ (a|b)(?<c>c)                ~ bc           ~ {'c':'c'}",
                "a group that took no part ~ (?<a>a)?(?<b>b)            ~ b            ~ {'b':'b'}",
                "a group that took nothing ~ (?<a>a*)(?<b>b)            ~ b            ~ {'a':'','b':'b'}",
                "in the order of groups   ~ (?<z>.)(?<a>.)              ~ xy           ~ {'z':'x','a':'y'}",
                "no case                  ~ (?i)(?<l>error)             ~ an ERROR     ~ {'l':'ERROR'}",
                "look-around              ~ (?<=\\[)(?<x>[^\\]]+)(?=\\]) ~ a [b] c     ~ {'x':'b'}",
                "no match                 ~ ^(?<id>[0-9]+)$             ~ 5x           ~ ! the expression does not match",
            })
    void expressions(String why, String expression, String text, String expected) {
        assertThat(read(expression, text)).as(why).isEqualTo(expected);
    }

    @Test
    void what_takes_too_long_does_not_match() {
        assertThat(read("^(.*?,){30}(?<p>P)", "x,".repeat(3_000))).isEqualTo("! it takes too long to match");
    }

    private static String read(String expression, String text) {
        return Reads.of(new ParseSpec.Regex(Reads.LINE, new LinePattern(expression), Reads.OUT), text);
    }
}
