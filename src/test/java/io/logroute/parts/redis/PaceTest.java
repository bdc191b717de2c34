package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long LARGEST_OF_OURS = 512 << 10;

    private final Pace pace = new Pace();

    @Test
    void the_first_reply_fits_into_memory_also_when_its_entries_are_as_large_as_a_sink_makes_them() {
        assertThat(pace.count() * LARGEST_OF_OURS).isLessThanOrEqualTo(32 << 20);
    }

    @Test
    void it_grows_with_small_entries_by_four_at_a_time_and_not_for_ever() {
        for (int i = 0; i < 20; i++) {
            int before = pace.count();
            pace.came(before * 100L, before);
            assertThat(pace.count()).isLessThanOrEqualTo(4 * before).isLessThanOrEqualTo(2_000);
        }
        assertThat(pace.count()).isEqualTo(2_000);
    }

    @Test
    void it_falls_at_once_with_large_ones_and_asks_for_one_at_least() {
        pace.came(64 * LARGEST_OF_OURS, 64);
        assertThat(pace.count()).isEqualTo(4);
        pace.came(100L << 20, 1);
        assertThat(pace.count()).isEqualTo(1);
    }
}
