package io.logroute.parts.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.spec.When;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReasonsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "it holds               | event.a == 1                   | {\"a\":1}        | ``",
                "another value          | event.a == 1                   | {\"a\":2}        | event.a == 1 is false: event.a is 2",
                "no such field          | event.a == 1                   | {}               | event.a == 1 is false: the event has no a",
                "only what is false     | event.a == 1 && event.b == 2   | {\"a\":1,\"b\":3} | event.b == 2 is false: event.b is 3",
                "all that is false      | event.a == 1 && event.b == 2   | {\"b\":3}        | event.a == 1 is false: the event has no a; event.b == 2 is false: event.b is 3",
                "either                 | event.a == 1 || event.b == 2   | {\"a\":2,\"b\":3} | event.a == 1 || event.b == 2 is false: event.a is 2, event.b is 3",
                "a nested field         | event.h.status >= 500          | {\"h\":{\"status\":200}} | event.h.status >= 500 is false: event.h.status is 200",
                "a name with a dot      | event[\"h.s\"] == 1            | {\"h.s\":2}      | event[\"h.s\"] == 1 is false: event.[h.s] is 2",
                "has                    | has(event.a)                   | {\"b\":1}        | has(event.a) is false: the event has no a",
                "has not                | !has(event.a)                  | {\"a\":\"x\"}    | !has(event.a) is false: event.a is \"x\"",
                "no field in it         | 1 > 2                          | {}               | 1 > 2 is false",
                "within a macro         | event.l.all(x, x > 1)          | {\"l\":[1]}      | event.l.all(x, x > 1) is false: event.l is [1]",
            })
    void what_is_false_is_told_with_what_the_event_has(String why, String condition, String event, String told) {
        var when = new When(condition);
        var asked = Event.of(event, Instant.EPOCH);
        assertThat(Reasons.ofMatch(when, "r").told(asked)).as(why).isEqualTo(told);
        assertThat(Reasons.ofMatch(when, "r").of(asked).isEmpty())
                .isEqualTo(CelCondition.ofMatch(when, "r").test(asked));
    }
}
