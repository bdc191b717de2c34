package io.logroute.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstrumentsTest {
    private final Instruments meters = new Instruments();

    @AfterEach
    void close() {
        meters.close();
    }

    @Test
    void theSameLabelsGiveTheSameCounter() {
        meters.counter(Meter.ROUTED_EVENTS, "core", "shop").increment(2);
        meters.counter(Meter.ROUTED_EVENTS, "core", "shop").increment(3);
        assertThat(meters.value(Meter.ROUTED_EVENTS, "core", "shop")).isEqualTo(5);
        assertThat(meters.scrape()).contains("logroute_routed_events_total{route=\"shop\",router=\"core\"} 5.0");
    }

    @Test
    void labelsThatAreNotGivenAreSummedOver() {
        meters.counter(Meter.ROUTED_EVENTS, "core", "shop").increment(2);
        meters.counter(Meter.ROUTED_EVENTS, "core", "bank").increment(3);
        meters.counter(Meter.ROUTED_EVENTS, "edge", "shop").increment(7);
        assertThat(meters.value(Meter.ROUTED_EVENTS, "core")).isEqualTo(5);
        assertThat(meters.value(Meter.ROUTED_EVENTS)).isEqualTo(12);
        assertThat(meters.value(Meter.ROUTED_EVENTS, "core", "cor")).isZero();
    }

    @Test
    void whatIsTakenAwaySaysNothingAndBeginsAnew() {
        meters.counter(Meter.ROUTED_EVENTS, "core", "shop").increment(2);
        meters.counter(Meter.ROUTED_EVENTS, "core", "bank").increment(3);
        meters.timer(Meter.RELOAD_SECONDS, "applied");
        meters.remove(Meter.ROUTED_EVENTS, "core", "shop");
        meters.remove(Meter.RELOAD_SECONDS, "applied");
        meters.remove(Meter.ROUTED_EVENTS, "core", "never there");
        assertThat(meters.value(Meter.ROUTED_EVENTS, "core", "shop")).isZero();
        assertThat(meters.scrape())
                .contains("route=\"bank\"")
                .doesNotContain("route=\"shop\"")
                .doesNotContain("logroute_reload_seconds");
        meters.counter(Meter.ROUTED_EVENTS, "core", "shop").increment();
        assertThat(meters.value(Meter.ROUTED_EVENTS, "core", "shop")).isEqualTo(1);
    }

    @Test
    void aGaugeIsTakenAwayByThoseWhoShowItAndNotByThoseBefore() {
        var before = meters.gauge(Meter.BUFFER_EVENTS, () -> 1, "core", "es");
        var after = meters.gauge(Meter.BUFFER_EVENTS, () -> 2, "core", "es");
        before.run();
        assertThat(meters.value(Meter.BUFFER_EVENTS, "core", "es")).isEqualTo(2);
        assertThat(meters.scrape()).contains("logroute_buffer_events{router=\"core\",sink=\"es\"} 2.0");
        after.run();
        assertThat(meters.value(Meter.BUFFER_EVENTS, "core", "es")).isZero();
        assertThat(meters.scrape()).doesNotContain("logroute_buffer_events");
    }

    @Test
    void aGaugeAskedForAnewReplacesTheEarlierOne() {
        meters.gauge(Meter.BUFFER_EVENTS, () -> 1, "core", "es");
        meters.gauge(Meter.BUFFER_EVENTS, () -> 2, "core", "es");
        assertThat(meters.value(Meter.BUFFER_EVENTS, "core", "es")).isEqualTo(2);
        assertThat(meters.scrape()).contains("logroute_buffer_events{router=\"core\",sink=\"es\"} 2.0");
    }

    @Test
    void labelsThatAMeterDoesNotHaveAreRefused() {
        assertThatThrownBy(() -> meters.counter(Meter.ROUTED_EVENTS, "core"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[router, route]");
        assertThatThrownBy(() -> meters.gauge(Meter.ROUTED_EVENTS, () -> 1, "core", "shop"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
