package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// How long a number is remembered.
class AcknowledgedTest {
    private static final int LATEST = Acknowledged.LATEST;
    private static final long STORED_AT = 1_700_000_000_000_000_000L;

    private final Acknowledged acknowledged = new Acknowledged();

    private void add(long first, long step, int count, long now) {
        for (int i = 0; i < count; i++) {
            acknowledged.add(first + i * step, STORED_AT, now);
        }
    }

    private long known(long first, long step, int count) {
        long known = 0;
        for (int i = 0; i < count; i++) {
            known += acknowledged.has(first + i * step, STORED_AT) ? 1 : 0;
        }
        return known;
    }

    @Test
    void the_latest_are_known_however_far_apart_they_are_and_others_are_not() {
        for (long step : new long[] {1, 64, 1 << 16, 1L << 40}) {
            acknowledged.clear();
            add(1, step, LATEST, 0);
            assertThat(known(1, step, LATEST)).as("steps of %d", step).isEqualTo(LATEST);
            assertThat(known(1 + LATEST * step, step, LATEST)).isZero();
            add(1 + LATEST * step, step, LATEST, 0);
            assertThat(known(1 + LATEST * step, step, LATEST)).isEqualTo(LATEST);
            add(1 + 2 * LATEST * step, step, LATEST, 0);
            assertThat(known(1, step, LATEST)).as("those before are forgotten").isZero();
        }
    }

    @Test
    void of_random_numbers_the_latest_are_known() {
        for (int seed = 0; seed < 5; seed++) {
            acknowledged.clear();
            var random = Seeds.random(seed);
            var all = new ArrayList<Long>();
            for (int i = 0; i < 3 * LATEST; i++) {
                all.add(1 + random.nextLong(1L << 45));
                acknowledged.add(all.getLast(), STORED_AT, 0);
            }
            assertThat(all.subList(2 * LATEST, 3 * LATEST))
                    .as("seed %d", seed)
                    .allMatch(seq -> acknowledged.has(seq, STORED_AT));
        }
    }

    @Test
    void the_same_number_of_another_stream_is_another_one() {
        add(5, 1, 1, 0);
        assertThat(acknowledged.has(5, STORED_AT + 1)).isFalse();
        acknowledged.add(5, STORED_AT + 1, 0);
        assertThat(acknowledged.has(5, STORED_AT + 1)).isTrue();
        acknowledged.clear();
        assertThat(acknowledged.has(5, STORED_AT + 1)).isFalse();
    }

    @Test
    void what_is_kept_is_known_until_then_whatever_comes() {
        add(1, 1, LATEST + 1_000, 0);
        acknowledged.keep(100, 0);
        add(1_000_000, 1, 4 * LATEST, 100);
        assertThat(known(1, 1, LATEST + 1_000)).isEqualTo(LATEST + 1_000);
        acknowledged.keep(300, 100);
        add(2_000_000, 1, LATEST, 101);
        assertThat(known(1, 1, LATEST)).as("its time is over").isZero();
        assertThat(known(1_000_000 + 3 * LATEST, 1, LATEST)).isEqualTo(LATEST);
    }

    @Test
    void it_does_not_grow_for_ever() {
        for (int time = 0; time < 20; time++) {
            add(1 + time * LATEST, 1, LATEST, time);
            acknowledged.keep(1_000_000, time);
        }
        assertThat(known(1, 1, 20 * LATEST)).isEqualTo(8L * LATEST);
    }
}
