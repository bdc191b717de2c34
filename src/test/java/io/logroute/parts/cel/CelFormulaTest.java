package io.logroute.parts.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Formula;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelFormulaTest {
    private static final Given GIVEN = new Given("shop", InstantSource.fixed(Instant.parse("2026-11-22T10:00:00.5Z")));
    private static final String EVENT = """
            {"took_ms":1500,"took":1.5,"msg":"hi","ok":true,"none":null,"tags":["a","b"],"user":{"name":"ann"},\
            "@timestamp":"2026-11-22T09:00:00Z","log.level":"warn","big":9223372036854775808}""";

    @ParameterizedTest(name = "{0} gives {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "event.took_ms / 1000.0                       ; 1.5",
                "event.took_ms / 1000                         ; 1",
                "event.took * 1000                            ; 1500.0",
                "event.took_ms > 1000                         ; true",
                "event.msg + '!'                              ; \"hi!\"",
                "route + '/' + event.msg                      ; \"shop/hi\"",
                "event.user                                   ; {\"name\":\"ann\"}",
                "event.tags                                   ; [\"a\",\"b\"]",
                "event.tags.map(t, t + '1')                   ; [\"a1\",\"b1\"]",
                "{'n': event.took_ms, 'l': [event.ok, null]}  ; {\"n\":1500,\"l\":[true,null]}",
                "{1: 'a', true: 'b'}                          ; {\"1\":\"a\",\"true\":\"b\"}",
                "event.none                                   ; null",
                "null                                         ; null",
                "size(event.msg)                              ; 2",
                "now                                          ; \"2026-11-22T10:00:00.500Z\"",
                "now - timestamp(event['@timestamp'])         ; \"3600.500s\"",
                "duration('-90s')                             ; \"-90s\"",
                "string(duration('1.5s'))                     ; \"1.500s\"",
                "[duration('1.5s')]                           ; [\"1.500s\"]",
                "event.ok ? 'yes' : 'no'                      ; \"yes\"",
                "event.log.level                              ; \"warn\"",
                "has(event.gone.deeper) ? 1 : 2               ; 2",
                "18446744073709551615u                        ; 18446744073709551615",
                "1u                                           ; 1",
                "int('7') + 1                                 ; 8",
            })
    void values_of_all_that_json_has(String formula, String value) {
        var worked = new CelFormula(new Formula(formula), GIVEN).of(Event.of(EVENT, Instant.EPOCH));
        assertThat(worked).isNotNull();
        assertThat(Json.write(worked.value())).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "event.gone",
                "event.gone + 'x'",
                "event.msg + 1",
                "event.msg / 2",
                "event.took_ms / 0",
                "1.0 / 0.0",
                "9223372036854775807 + event.took_ms",
                "[b'abc']",
                "{1.5: 2}[1.5]",
                "timestamp(event.msg)",
                "event.tags[9]",
            })
    void where_it_fails_there_is_no_value(String formula) {
        var wrong = new Formula(formula).check();
        if (wrong.isEmpty()) {
            assertThat(new CelFormula(new Formula(formula), GIVEN).of(Event.of(EVENT, Instant.EPOCH)))
                    .isNull();
        } else {
            assertThat(formula).isEqualTo("{1.5: 2}[1.5]");
        }
    }

    @Test
    @Timeout(60)
    void what_is_worked_out_has_a_bound() {
        var event =
                Event.of("{\"l\":[" + "1,".repeat(2_000) + "1],\"m\":\"" + "x".repeat(20_000) + "\"}", Instant.EPOCH);
        assertThat(new CelFormula(new Formula("event.l.map(i, event.m)"), GIVEN).of(event))
                .isNull();
        assertThat(new CelFormula(new Formula("event.l.map(i, i)"), GIVEN).of(event))
                .isNotNull();
        var deep = Event.of("{\"d\":" + "[".repeat(255) + "]".repeat(255) + "}", Instant.EPOCH);
        assertThat(new CelFormula(new Formula("[event.d]"), GIVEN).of(deep)).isNotNull();
        assertThat(new CelFormula(new Formula("[[event.d]]"), GIVEN).of(deep)).isNull();
    }

    @Test
    void what_no_field_can_hold_is_told_with_its_place() {
        assertThat(new Formula("b'abc'").check().getFirst())
                .isEqualTo("a field holds text, a number, true or false, a list or an object; this is of type 'bytes'\n"
                        + "    b'abc'\n    ^");
        assertThat(new Formula("event.a ++").check()).isNotEmpty();
        assertThatThrownBy(() -> new CelFormula(new Formula("level"), GIVEN)).hasMessageContaining("event.level");
    }
}
