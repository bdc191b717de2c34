package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long LARGEST_OF_OURS = 512 << 10;

    private final Pace pace = new Pace();

    @Test
    void the_first_reply_is_one_entry_for_nobody_knows_how_large_they_are() {
        assertThat(pace.count()).isEqualTo(1);
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
        for (int i = 0; i < 3; i++) {
            pace.came(100, 1);
        }
        assertThat(pace.count()).isEqualTo(64);
        pace.came(64 * LARGEST_OF_OURS, 64);
        assertThat(pace.count()).isEqualTo(4);
        pace.came(100L << 20, 1);
        assertThat(pace.count()).isEqualTo(1);
    }
}
