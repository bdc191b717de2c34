package io.logroute.parts.sift;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Taking;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Excess;
import io.logroute.spec.Pace;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThrottleTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "at once the rate of its time,    5/s,   ,    20,   0,  5",
        "at once no more than the burst,  5/s,   2,   20,   0,  2",
        "a burst above the rate,          5/s,   9,   20,   0,  9",
        "all at the rate,                 5/s,   1,   20, 200, 20",
        "half of twice the rate,          5/s,   1,   20, 100, 10",
        "none is lost to rounding,        3/s,   1,   31, 333.333334, 31",
        "a minute,                       60/m,   1,   10, 1000, 10",
        "an hour,                         1/h,    ,    5, 1800000, 3",
        "a day,                           1/d,    ,    3, 86400000, 3",
    })
    void so_many_pass(String why, String rate, Integer burst, int events, double everyMillis, int pass) {
        var throttle = throttle(rate, Optional.ofNullable(burst), Excess.DROP);
        long passed = IntStream.range(0, events)
                .filter(n -> Taking.passes(throttle, event("a", NOON.plusNanos((long) (n * everyMillis * 1e6)))))
                .count();
        assertThat(passed).as(why).isEqualTo(pass);
    }

    @Test
    void a_quiet_time_fills_the_bucket_and_no_more_than_that() {
        var throttle = throttle("10/s", Optional.of(3), Excess.DROP);
        assertThat(passed(throttle, "a", NOON, 10)).isEqualTo(3);
        assertThat(passed(throttle, "a", NOON.plusMillis(100), 10)).isEqualTo(1);
        assertThat(passed(throttle, "a", NOON.plusSeconds(3600), 10)).isEqualTo(3);
    }

    @Test
    void each_key_has_a_rate_of_its_own_and_events_without_one_have_one_together() {
        var throttle = throttle("2/s", Optional.empty(), Excess.DROP);
        assertThat(passed(throttle, "a", NOON, 5)).isEqualTo(2);
        assertThat(passed(throttle, "b", NOON, 5)).isEqualTo(2);
        assertThat(IntStream.range(0, 5)
                        .filter(n -> Taking.passes(throttle, Event.of("{\"n\":%d}".formatted(n), NOON))))
                .hasSize(2);
    }

    @Test
    void time_that_goes_back_stands_still() {
        var throttle = throttle("1/s", Optional.empty(), Excess.DROP);
        assertThat(passed(throttle, "a", NOON, 2)).isEqualTo(1);
        assertThat(passed(throttle, "a", NOON.minusSeconds(60), 2)).isZero();
        assertThat(passed(throttle, "a", NOON, 2))
                .as("the minute is not counted twice")
                .isZero();
        assertThat(passed(throttle, "a", NOON.plusSeconds(1), 2)).isEqualTo(1);
    }

    @Test
    void excess_goes_to_the_dead_letters_where_that_is_wanted_with_words() {
        var throttle = throttle("500/s", Optional.of(1), Excess.DEAD_LETTER);
        var taking = new Taking();
        throttle.apply(event("shop_web", NOON), taking);
        throttle.apply(event("shop_web", NOON), taking);
        throttle.apply(Event.of("{}", NOON), taking);
        throttle.apply(Event.of("{}", NOON), taking);
        assertThat(taking.passed).hasSize(2);
        assertThat(taking.reasons)
                .containsExactly(
                        "more than 500/s of key \"shop_web\"",
                        "more than 500/s of events without the field service_name");
    }

    /// In any stretch of time no more passes than the burst and what the rate gives, and at least that
    /// where there is enough.
    @Test
    void whatever_comes_the_rate_is_kept() {
        for (int seed = 0; seed < 200; seed++) {
            var random = Seeds.random(seed);
            int rate = 1 + random.nextInt(50);
            int burst = 1 + random.nextInt(30);
            var throttle = throttle(rate + "/s", Optional.of(burst), Excess.DROP);
            var now = NOON;
            int passed = 0;
            for (int i = 0; i < 2000; i++) {
                now = now.plusMillis(random.nextInt(4));
                passed += Taking.passes(throttle, event("a", now)) ? 1 : 0;
            }
            double seconds = Duration.between(NOON, now).toMillis() / 1000.0;
            assertThat((double) passed)
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(burst + rate * seconds + 1e-6)
                    .isGreaterThan(seconds / (1.0 / rate + 0.003) - 1);
        }
    }

    @Test
    void the_key_that_was_not_seen_longest_is_forgotten() {
        var throttle = throttle("1/d", Optional.empty(), Excess.DROP);
        assertThat(Taking.passes(throttle, event("first", NOON))).isTrue();
        assertThat(Taking.passes(throttle, event("second", NOON))).isTrue();
        for (int i = 0; i < Throttle.MAX_KEYS - 2; i++) {
            Taking.passes(throttle, event("k" + i, NOON));
        }
        assertThat(Taking.passes(throttle, event("first", NOON)))
                .as("remembered")
                .isFalse();
        Taking.passes(throttle, event("one more", NOON));
        assertThat(Taking.passes(throttle, event("second", NOON)))
                .as("forgotten")
                .isTrue();
        assertThat(Taking.passes(throttle, event("first", NOON)))
                .as("seen since")
                .isFalse();
    }

    private static long passed(Throttle throttle, String service, Instant received, int events) {
        return IntStream.range(0, events)
                .filter(_ -> Taking.passes(throttle, event(service, received)))
                .count();
    }

    private static Throttle throttle(String rate, Optional<Integer> burst, Excess excess) {
        return new Throttle(new FilterSpec.Throttle(
                Pace.parse(rate), burst, FieldTemplate.parse("%{service_name}"), excess, Optional.empty()));
    }

    private static Event event(String service, Instant received) {
        return Event.of("{\"service_name\":\"%s\"}".formatted(service), received);
    }
}
