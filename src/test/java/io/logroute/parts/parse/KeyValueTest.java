package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.ParseSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyValueTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "pairs                    ~ hello=world foo=bar           ~ {'hello':'world','foo':'bar'}",
                "double quotes            ~ a=\"hello world\" b=1         ~ {'a':'hello world','b':'1'}",
                "single quotes            ~ `a='hello world' b=1`         ~ {'a':'hello world','b':'1'}",
                "brackets                 ~ a=(x y) b=[x y] c=<x y> d=1   ~ {'a':'x y','b':'x y','c':'x y','d':'1'}",
                "a bracket not closed     ~ a=(x b=1                      ~ {'a':'(x','b':'1'}",
                "more behind a bracket    ~ a=(x)y b=1                    ~ {'a':'(x)y','b':'1'}",
                "a quote not closed       ~ a=\"x b=1                     ~ {'a':'\\'x','b':'1'}",
                "pairs in quotes          ~ a=\"b=1 c=2\" d=3             ~ {'a':'b=1 c=2','d':'3'}",
                "escapes stay             ~ a=x\\ y b=\"say \\\"x\\\" z\"  ~ {'a':'x\\\\ y','b':'say \\\\\\'x\\\\\\' z'}",
                "blanks around            ~ a = x b =y c= z d =(u v)      ~ {'a':'x','b':'y','c':'z','d':'u v'}",
                "empty values             ~ in=eth0 out= mac=0f q=\"\" b=[] ~ {'in':'eth0','mac':'0f'}",
                "words                    ~ well hello=world there        ~ {'hello':'world'}",
                "equals in a value        ~ url=/a?b=c&d=e x=1            ~ {'url':'/a?b=c&d=e','x':'1'}",
                "repeated keys            ~ a=1 b=2 a=3 a=1               ~ {'a':['1','3','1'],'b':'2'}",
                "no key                   ~ =1 b=2                        ~ {'b':'2'}",
                "only a separator         ~ a=no =                        ~ {'a':'no'}",
                "a key in quotes          ~ `\"first name\"=Ann 'last name'='B C' x=1` ~ {'first name':'Ann','last name':'B C','x':'1'}",
                "blanks around, in quotes ~ \"a b\"  =  \"x y\" c=1           ~ {'a b':'x y','c':'1'}",
                "equals in a key's quotes ~ \"a=b\"=1 c=2                   ~ {'a=b':'1','c':'2'}",
                "escapes in a key stay    ~ \"a \\\"b\\\"\"=1                   ~ {'a \\\\\\'b\\\\\\'':'1'}",
                "words in quotes          ~ \"hello world\" a=1 'x'         ~ {'a':'1'}",
                "a key's quote not closed ~ \"a=1 b=2                      ~ {'\\'a':'1','b':'2'}",
                "keys of other characters ~ @timestamp=2026-11-29T10:15:30Z key#1=x a.b/c=y ~ {'@timestamp':'2026-11-29T10:15:30Z','key#1':'x','a.b/c':'y'}",
                "a line of a router       ~ at=info method=GET path=/a?b=c fwd=\"10.0.0.7\" connect=1ms status=200 ~ {'at':'info','method':'GET','path':'/a?b=c','fwd':'10.0.0.7','connect':'1ms','status':'200'}",
                "the other quotes inside  ~ `a='say \"x y\"' b=\"it's\"`      ~ {'a':'say \\'x y\\'','b':'it's'}",
                "only words               ~ this is no pair               ~ ! it has no pair of a key and a value",
                "nothing                  ~ ``                            ~ ! it has no pair of a key and a value",
                "only empty ones          ~ a=                            ~ {}",
            })
    void lines(String why, String text, String expected) {
        assertThat(read(text, " ", "=")).as(why).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "?&    ~ =  ~ ?hello=world&foo=a b&ignoreme&q=\"x&y\" ~ {'hello':'world','foo':'a b','q':'x&y'}",
                "|     ~ =  ~ a=test|b=another test|c=3              ~ {'a':'test','b':'another test','c':'3'}",
                "`; `  ~ =  ~ user=ann; ip=10.0.0.1                  ~ {'user':'ann','ip':'10.0.0.1'}",
                "` `   ~ :  ~ hello:=world foo:bar baz=:fizz q:'a b' ~ {'hello':'=world','foo':'bar','baz=':'fizz','q':'a b'}",
                "` `   ~ := ~ a:1 b=2                                ~ {'a':'1','b':'2'}",
                "`,`   ~ =  ~ first name = Ann , last name = B       ~ {'first name':'Ann ','last name':'B'}",
                "`,`   ~ :  ~ \"first name\" : \"Ann\"  , age : 42      ~ {'first name':'Ann','age':'42'}",
                "`,`   ~ :  ~ \"id\":1,\"text\":\"a, b\"                  ~ {'id':'1','text':'a, b'}",
                "`,`   ~ :  ~ a: x, b: \"y\" c: z                     ~ {'a':'x','b':'\\'y\\' c: z'}",
                "`,`   ~ =  ~ a=(x y) ,b=[1]  , c=<z> u             ~ {'a':'x y','b':'1','c':'<z> u'}",
                "`\n`  ~ :  ~ `To: ann\ntext: \"a: b\"  \nCc: \"b\" c`  ~ {'To':'ann','text':'a: b','Cc':'\\'b\\' c'}",
                "`\t`  ~ =  ~ `a=1\tb=two words\t\tc=3`             ~ {'a':'1','b':'two words','c':'3'}",
                "`,`   ~ ` ` ~ user ann, ip   10.0.0.1              ~ {'user':'ann','ip':'10.0.0.1'}",
                "`,`   ~ `= ` ~ user ann, ip = 10.0.0.1, \"k\" v      ~ {'user':'ann','ip':'10.0.0.1','k':'v'}",
            })
    void separators(String pairs, String keys, String text, String expected) {
        assertThat(read(text, pairs, keys)).isEqualTo(expected);
    }

    @Test
    void a_line_has_a_thousand_pairs_at_most() {
        assertThat(read("a=1 ".repeat(1_000), " ", "=")).startsWith("{'a':['1','1',");
        assertThat(read("a=1 ".repeat(1_001), " ", "=")).isEqualTo("! it has more than 1,000 pairs");
    }

    @Test
    void a_long_text_without_a_pair_does_not_fit() {
        assertThat(read("a".repeat(100_000), " ", "=")).isEqualTo("! it has no pair of a key and a value");
        assertThat(read("'a ".repeat(100_000), ",", "=")).isEqualTo("! it has no pair of a key and a value");
    }

    @Test
    void what_is_trimmed() {
        assertThat(Reads.of(
                        new ParseSpec.KeyValue(Reads.LINE, " ", "=", "<>", "<>,", "", List.of(), List.of(), Reads.OUT),
                        "<a>=x, <b>=y,, c=<z> d=,"))
                .isEqualTo("{'a':'x','b':'y','c':'z'}");
    }

    @Test
    void which_keys_and_what_stands_before_them() {
        var text = "user=ann ip=10.0.0.1 password=secret";
        assertThat(Reads.of(with("kv_", List.of(), List.of("password")), text))
                .isEqualTo("{'kv_user':'ann','kv_ip':'10.0.0.1'}");
        assertThat(Reads.of(with("", List.of("ip", "password"), List.of("password")), text))
                .isEqualTo("{'ip':'10.0.0.1'}");
        assertThat(Reads.of(with("", List.of("none"), List.of()), text)).isEqualTo("{}");
    }

    private static ParseSpec with(String prefix, List<String> include, List<String> exclude) {
        return new ParseSpec.KeyValue(Reads.LINE, " ", "=", "", "", prefix, include, exclude, Reads.OUT);
    }

    private static String read(String text, String pairs, String keys) {
        return Reads.of(
                new ParseSpec.KeyValue(Reads.LINE, pairs, keys, "", "", "", List.of(), List.of(), Reads.OUT), text);
    }
}
