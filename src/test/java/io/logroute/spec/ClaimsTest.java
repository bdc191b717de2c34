package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "false",
                "event.a == 1 && false",
                "event.a == \"x\" && event.a == \"y\"",
                "event.a in [\"x\", \"y\"] && event.a == \"z\"",
                "event.a in [\"x\", \"y\"] && event.a in [\"u\", \"v\"]",
                "event.a == \"x\" && event.a != \"x\"",
                "\"x\" == event[\"a\"] && event.a == \"y\"",
                "event.n > 5 && event.n < 3",
                "event.n >= 5 && event.n < 5",
                "5 < event.n && event.n == 5",
                "event.http.status == 200 && event.http.status >= 500",
                "event.ok && !event.ok",
                "event.a == \"x\" && event.a > 3",
            })
    void conditions_that_no_event_fulfils_are_known(String condition) {
        assertThat(Claims.of(new When(condition)).impossible()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "event.a == \"x\" || event.a == \"y\"",
                "event.a == \"x\" && event.b == \"y\"",
                "event.a in [\"x\", \"y\"] && event.a != \"x\"",
                "event.n > 3 && event.n < 5",
                "event.n >= 5 && event.n <= 5",
                "event.n == 5 && event.n == 5.0",
                "event.a.b == 1 && event.a.c == 2",
                "!(event.a == \"x\") && event.a == \"x\" || true",
                "event.l.exists(x, x == 1) && event.l.exists(x, x == 2)",
            })
    void what_some_event_may_fulfil_is_not_doubted(String condition) {
        assertThat(Claims.of(new When(condition)).impossible()).isEmpty();
    }

    @Test
    void only_true_itself_is_always() {
        assertThat(Claims.isAlways(new When("true"))).isTrue();
        assertThat(Claims.isAlways(new When("event.a == 1"))).isFalse();
    }
}
