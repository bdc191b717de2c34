package io.logroute.parts.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Event;
import io.logroute.spec.When;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CelConditionTest {
    private static final Given GIVEN =
            new Given("shop", java.time.InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z")));
    private static final String EVENT = """
            {"level":"error","status":503,"took":1.5,"big":9223372036854775808,"ok":true,"none":null,"msg":"time is out",\
            "user":{"name":"ann","roles":["admin","ops"],"nick":null},"service.name":"web","tags":["a",1,2.0],"year":"2026"}""";

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "event.level == 'error'                            ; true",
                "event.level == 'info'                             ; false",
                "event.level in ['error', 'fatal']                 ; true",
                "event.status >= 500                               ; true",
                "event.status >= 500.5                             ; true",
                "event.status == 503.0                             ; true",
                "event.status == 503u                              ; true",
                "event.status in [502, 503]                        ; true",
                "event.took > 1                                    ; true",
                "event.took < 2u                                   ; true",
                "event.big > 1                                     ; true",
                "event.ok                                          ; true",
                "!event.ok                                         ; false",
                "event.none == null                                ; true",
                "event.user.nick == null                           ; true",
                "event.level == null                               ; false",
                "event.user.name == 'ann'                          ; true",
                "'ops' in event.user.roles                         ; true",
                "event.user.roles.exists(r, r == 'admin')          ; true",
                "event.user.roles.all(r, r.startsWith('a'))        ; false",
                "event.user.roles.size() == 2                      ; true",
                "event.tags[1] == 1 && event.tags[2] == 2          ; true",
                "event['service.name'] == 'web'                    ; true",
                "has(event.user.name)                              ; true",
                "has(event.user.gone)                              ; false",
                "has(event.gone)                                   ; false",
                "'level' in event                                  ; true",
                "'gone' in event                                   ; false",
                "event.msg.contains('is')                          ; true",
                "event.msg.matches('^t.*t$')                       ; true",
                "event.msg.matches('out')                          ; true",
                "int(event.year) > 2000                            ; true",
                "event.exists(k, k == 'level')                     ; true",
                "size(event) == 11                                 ; true",
                "event.gone == 'x'                                 ; false",
                "event.gone != 'x'                                 ; false",
                "!(event.gone == 'x')                              ; false",
                "event.gone.deeper == 'x'                          ; false",
                "event.level.deeper == 'x'                         ; false",
                "event.level > 5                                   ; false",
                "event.status.startsWith('5')                      ; false",
                "event.level                                       ; false",
                "event.status                                      ; false",
                "event.gone == 'x' || event.level == 'error'       ; true",
                "event.level == 'error' || event.gone == 'x'       ; true",
                "event.gone == 'x' && event.level == 'error'       ; false",
                "event.status / 0 == 1                             ; false",
                "event.status == '503'                             ; false",
                "event.tags[7] == 1                                ; false",
            })
    void conditions_over_an_event(String condition, boolean holds) {
        assertThat(holds(condition, EVENT)).isEqualTo(holds);
    }

    @Test
    void it_looks_at_what_filters_changed() {
        var event = Event.of("{\"a\":1}", Instant.EPOCH);
        event.set("x", "b", "c");
        assertThat(new CelCondition(new When("event.b.c == 'x'"), GIVEN).test(event))
                .isTrue();
    }

    @Test
    @Timeout(60)
    void endless_conditions_end_and_are_false() {
        var list = "[" + "1,".repeat(2_000) + "1]";
        assertThat(holds("event.l.all(a, event.l.all(b, event.l.all(c, true)))", "{\"l\":" + list + "}"))
                .isFalse();
        assertThat(holds("event.m.matches('(a*)*b')", "{\"m\":\"" + "a".repeat(100_000) + "\"}"))
                .isFalse();
    }

    @Test
    void a_field_of_too_many_values_makes_a_condition_on_it_not_hold() {
        var event = "{\"b\":1,\"a\":[" + "[],".repeat(200_000) + "[]]}";
        assertThat(holds("size(event.a) > 3", event)).isFalse();
        assertThat(holds("event.a.exists(x, true)", event)).isFalse();
        assertThat(holds("event.exists(k, k == 'a')", event)).isFalse();
        assertThat(holds("has(event.a) && event.b == 1", event)).isTrue();
    }

    @Test
    @Timeout(60)
    void sums_of_large_texts_end() {
        var event = "{\"m\":\"" + "m".repeat(1_000_000) + "\"}";
        assertThat(holds("(event.m" + " + event.m".repeat(4) + ").size() == 5000000", event))
                .isTrue();
        assertThat(holds("(event.m" + " + event.m".repeat(5) + ").size() > 0", event))
                .isFalse();
    }

    @Test
    void one_condition_serves_many_threads() throws Exception {
        var condition = new CelCondition(new When("event.n % 2 == 0 && event.l.exists(x, x == event.n)"), GIVEN);
        try (var threads = Executors.newFixedThreadPool(4)) {
            var answers = threads.invokeAll(IntStream.range(0, 2_000)
                    .<Callable<Boolean>>mapToObj(n ->
                            () -> condition.test(Event.of("{\"n\":%d,\"l\":[1,%d]}".formatted(n, n), Instant.EPOCH))
                                    == (n % 2 == 0))
                    .toList());
            for (var answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @Test
    void what_has_problems_is_not_made() {
        assertThatThrownBy(() -> new CelCondition(new When("level == 'x'"), GIVEN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("event.level");
    }

    private static boolean holds(String condition, String json) {
        return new CelCondition(new When(condition), GIVEN).test(Event.of(json, Instant.EPOCH));
    }
}
