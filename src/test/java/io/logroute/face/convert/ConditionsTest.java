package io.logroute.face.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.face.convert.Conditions.Asked;
import io.logroute.flow.Event;
import io.logroute.parts.cel.CelCondition;
import io.logroute.parts.cel.Given;
import io.logroute.spec.When;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Logstash answers, for events that have the field, lack it, or have something else there.
class ConditionsTest {
    @ParameterizedTest(name = "{0}: {1} of {2} is {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "equal                   | [a] == \"x\"             | {\"a\":\"x\"}                  | true",
                "equal                   | [a] == \"x\"             | {\"a\":\"y\"}                  | false",
                "equal                   | [a] == \"x\"             | {}                             | false",
                "equal                   | [a] == \"5\"             | {\"a\":5}                      | false",
                "equal                   | [a] == \"x\"             | {\"a\":[\"x\"]}                | false",
                "equal                   | \"x\" == [a]             | {\"a\":\"x\"}                  | true",
                "equal to a number       | [a] == 5                 | {\"a\":5}                      | true",
                "equal to a number       | [a] == 5                 | {\"a\":\"5\"}                  | false",
                "not equal               | [a] != \"x\"             | {\"a\":\"y\"}                  | true",
                "not equal               | [a] != \"x\"             | {}                             | true",
                "not equal               | [a] != \"x\"             | {\"a\":\"x\"}                  | false",
                "not equal               | [a] != 5                 | {\"a\":\"5\"}                  | true",
                "nested                  | [a][b] == \"x\"          | {\"a\":{\"b\":\"x\"}}          | true",
                "nested                  | [a][b] != \"x\"          | {\"a\":{}}                     | true",
                "nested                  | [a][b] != \"x\"          | {\"a\":\"text\"}               | true",
                "nested                  | [a][b] != \"x\"          | {}                             | true",
                "a dot in the name       | [a.b] == \"x\"           | {\"a.b\":\"x\",\"a\":{\"b\":\"y\"}} | true",
                "a word of CEL           | [in] == \"x\"            | {\"in\":\"x\"}                 | true",
                "a word of CEL           | ![package]               | {}                             | true",
                "metadata                | [@metadata][x] == \"y\"  | {\"@metadata\":{\"x\":\"y\"}}  | true",
                "there                   | [a]                      | {\"a\":\"x\"}                  | true",
                "there                   | [a]                      | {\"a\":0}                      | true",
                "there                   | [a]                      | {\"a\":{}}                     | true",
                "there                   | [a]                      | {\"a\":[]}                     | true",
                "there                   | [a]                      | {\"a\":false}                  | false",
                "there                   | [a]                      | {\"a\":\"false\"}              | false",
                "there                   | [a]                      | {\"a\":\"\"}                   | false",
                "there                   | [a]                      | {\"a\":null}                   | false",
                "there                   | [a]                      | {}                             | false",
                "not there               | ![a][b]                  | {\"a\":5}                      | true",
                "not there               | ![a]                     | {\"a\":false}                  | true",
                "greater                 | [a] > 4                  | {\"a\":5}                      | true",
                "greater                 | [a] > 4                  | {\"a\":4.5}                    | true",
                "greater                 | [a] >= 5                 | {\"a\":4}                      | false",
                "greater                 | !([a] > 4)               | {}                             | true",
                "greater                 | !([a] > 4)               | {\"a\":\"5\"}                  | true",
                "greater                 | 4 < [a]                  | {\"a\":5}                      | true",
                "less, of text           | [a] < \"b\"              | {\"a\":\"a\"}                  | true",
                "less, of text           | !([a] < \"b\")           | {\"a\":1}                      | true",
                "in tags                 | \"x\" in [tags]          | {\"tags\":[\"w\",\"x\"]}       | true",
                "in tags                 | \"x\" in [tags]          | {\"tags\":[]}                  | false",
                "not in tags             | \"x\" not in [tags]      | {}                             | true",
                "not in tags             | \"x\" not in [tags]      | {\"tags\":[\"x\"]}             | false",
                "in a list               | \"x\" in [a]             | {\"a\":[\"x\"]}                | true",
                "in a text               | \"x\" in [a]             | {\"a\":\"wxyz\"}               | true",
                "in a number             | \"x\" not in [a]         | {\"a\":5}                      | true",
                "a number in a list      | 5 in [a]                 | {\"a\":[5]}                    | true",
                "a number in a list      | !(5 in [a])              | {\"a\":\"5\"}                  | true",
                "in an array             | [a] in [\"x\",\"y\"]     | {\"a\":\"y\"}                  | true",
                "in an array             | [a] not in [\"x\",\"y\"] | {}                             | true",
                "in an array             | [a] in [\"200\",\"x\"]   | {\"a\":200}                    | true",
                "in an array             | [a] in [200, 404]        | {\"a\":\"404\"}                | true",
                "in an array             | [a] not in [200, 404]    | {\"a\":[404]}                  | true",
                "a field in a text       | [a] in \"abc\"           | {\"a\":\"b\"}                  | true",
                "a field in a text       | [a] not in \"abc\"       | {\"a\":5}                      | true",
                "a field in a field      | [a] in [b]               | {\"a\":\"x\",\"b\":[\"x\"]}    | true",
                "a field in a field      | [a] in [b]               | {\"a\":\"x\",\"b\":\"wxy\"}    | true",
                "a field in a field      | [a] not in [b]           | {\"a\":5,\"b\":\"5\"}          | true",
                "two fields              | [a] == [b]               | {\"a\":\"x\",\"b\":\"x\"}      | true",
                "two fields              | [a] != [b]               | {\"a\":\"x\"}                  | true",
                "two fields              | !([a] < [b])             | {\"a\":\"x\",\"b\":1}          | true",
                "matches                 | [a] =~ /^b/              | {\"a\":\"a\\nb\"}              | true",
                "matches                 | [a] =~ /b\\/c$/          | {\"a\":\"ab/c\"}               | true",
                "matches                 | [a] =~ \"\\A\\h+\\Z\"    | {\"a\":\"0fF\\n\"}             | true",
                "matches                 | [a] !~ /5/               | {\"a\":5}                      | true",
                "matches                 | [a] !~ /5/               | {}                             | true",
                "matches                 | [a] =~ /(?<x>b)(?i:C)/   | {\"a\":\"abc\"}                | true",
                "matches                 | [a] =~ /a.b/             | {\"a\":\"a\\nb\"}              | false",
                "matches                 | [a] =~ /(?m)a.b/         | {\"a\":\"a\\nb\"}              | true",
                "and                     | [a] == 1 and [b] == 2    | {\"a\":1,\"b\":2}              | true",
                "or                      | [a] == 1 or [b] == 2     | {\"b\":2}                      | true",
                "or                      | !([a] == 1 or [b] == 2)  | {\"a\":2}                      | true",
                "nand                    | [a] == 1 nand [b] == 2   | {\"a\":1}                      | true",
                "nand                    | [a] == 1 nand [b] == 2   | {\"a\":1,\"b\":2}              | false",
                "xor                     | [a] == 1 xor [b] == 2    | {\"b\":2}                      | true",
                "xor                     | [a] == 1 xor [b] == 2    | {\"a\":1,\"b\":2}              | false",
                "or before and           | ([a] or [b]) and ![c]    | {\"b\":1}                      | true",
                "or before and           | !(([a] or [b]) and ![c]) | {\"b\":1,\"c\":1}              | true",
            })
    void conditions_answer_as_Logstash_does(String why, String condition, String event, boolean answer) throws Untold {
        var asked = asked(condition);
        assertThat(holds(asked.perhaps().text(), event))
                .as(asked.perhaps().text())
                .isEqualTo(answer);
        assertThat(holds(asked.total().text(), event)).as(asked.total().text()).isEqualTo(answer);
        assertThat(holds(asked.total().not().text(), event))
                .as(asked.total().not().text())
                .isEqualTo(!answer);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "looking ahead        | [a] =~ /a(?=b)/     | looks ahead",
                "looking behind       | [a] =~ /(?<!a)b/    | looks behind",
                "an atomic group      | [a] =~ /(?>a)b/     | gives nothing back",
                "a possessive one     | [a] =~ /a++b/       | gives nothing back",
                "a back reference     | [a] =~ /(a)\\1/     | refers to what a group matched",
                "an extended one      | [a] =~ /(?x) a/     | extended",
                "a class in a class   | [a] =~ /[a[bc]]/    | class within a class",
                "a place in a list    | [a][0] == \"x\"     | a place in a list",
                "a call               | [a] == f([b])       | takes a field, text or a number",
                "a text by itself     | \"x\"               | a value by itself is no condition",
                "no expression at all | [a] =~ /(/          | no RE2 expression",
            })
    void what_cannot_be_said_is_told(String why, String condition, String message) {
        assertThatThrownBy(() -> asked(condition)).isInstanceOf(Untold.class).hasMessageContaining(message);
    }

    @Test
    void what_excludes_what_is_known() throws Untold {
        assertThat(asked("[a] == \"x\"").excludes(asked("[a] == \"y\""))).isTrue();
        assertThat(asked("[a] == \"x\"").excludes(asked("[a] == \"x\""))).isFalse();
        assertThat(asked("[a] == \"x\"").excludes(asked("[b] == \"y\""))).isFalse();
        assertThat(asked("[a] =~ /x/").excludes(asked("[a] =~ /x/").not())).isTrue();
        assertThat(asked("[a] =~ /x/").not().excludes(asked("[a] =~ /x/"))).isTrue();
        assertThat(asked("[a] != \"x\"").excludes(asked("[a] != \"y\""))).isFalse();
    }

    private static Asked asked(String condition) throws Untold {
        var read = ConfReader.read(List.of(new ConfReader.Source("x", "filter { if " + condition + " { drop {} } }")))
                .orElse(problems -> {
                    throw new AssertionError(problems.toString());
                });
        return Conditions.cel(((Conf.Branch) read.conf().filters().getFirst())
                .arms()
                .getFirst()
                .condition()
                .orElseThrow());
    }

    private static boolean holds(String cel, String event) {
        return new CelCondition(new When(cel), new Given("r", InstantSource.system()))
                .test(Event.of(event, Instant.EPOCH));
    }
}
