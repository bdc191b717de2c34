package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.Format.Home;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentTest {
    private final Segment segment = new Segment(new Home(1, 1), 0, 0, 0, false);

    @Test
    void tiny_records_are_bounded_by_what_they_take_in_memory() {
        var recent = new Recent(1 << 20);
        for (int seq = 0; seq < 10_000; seq++) {
            recent.add(record(seq));
        }
        assertThat(recent.find(0, segment, 0)).isNull();
        assertThat(recent.find(9_999, segment, 9_999 * 64L)).isEqualTo(record(9_999));
        assertThat(recent.find(5_000, segment, 5_000 * 64L))
                .as("more than 4096 of them take more than a MiB")
                .isNull();
    }

    @Test
    void a_record_is_found_at_its_own_place_only() {
        var recent = new Recent(1 << 20);
        recent.add(record(7));
        assertThat(recent.find(7, segment, 7 * 64L)).isNotNull();
        assertThat(recent.find(7, segment, 8 * 64L)).isNull();
        assertThat(recent.find(7, new Segment(new Home(1, 2), 0, 0, 0, false), 7 * 64L)).isNull();
        recent.clear();
        assertThat(recent.find(7, segment, 7 * 64L)).isNull();
    }

    private static final byte[] BYTES = {1, 2, 3};

    private Recent.Record record(int seq) {
        return new Recent.Record(
                segment, seq * 64L, seq * 64L + 64, new Stored(seq, 1, Instant.EPOCH, (byte) 1, BYTES));
    }
}
