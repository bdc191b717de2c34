package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.Format.Home;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RecentTest {
    private static Segment segment(long ordinal) {
        return new Segment(new Home(77, ordinal), 0, 0, 0, false);
    }

    /// A record of two events that takes so many bytes of memory, its objects included.
    private static Recent.Record record(Segment segment, long from, long seq, int bytes) {
        var stored = new Stored(seq, 2, Instant.EPOCH, (byte) 1, new byte[bytes - Recent.OVERHEAD], 1, 2);
        return new Recent.Record(segment, from, from + 56, stored);
    }

    @Test
    void a_record_is_found_by_its_first_number_at_its_own_place_and_nowhere_else() {
        var recent = new Recent(1000);
        var segment = segment(3);
        var record = record(segment, 1024, 40, 300);
        recent.add(record);
        assertThat(recent.find(40, segment, 1024)).isSameAs(record);
        assertThat(recent.find(41, segment, 1024)).isNull();
        assertThat(recent.find(40, segment, 1080)).isNull();
        assertThat(recent.find(40, segment(4), 1024)).isNull();
        recent.clear();
        assertThat(recent.find(40, segment, 1024)).isNull();
    }

    @Test
    void the_newest_are_kept_as_long_as_their_whole_arrays_fit_and_none_without_memory_for_it() {
        var segment = segment(3);
        assertThat(kept(new Recent(10000), segment, 3000, 3000, 3000)).containsExactly(0L, 2L, 4L);
        assertThat(kept(new Recent(10000), segment, 3000, 3000, 3000, 3000)).containsExactly(2L, 4L, 6L);
        assertThat(kept(new Recent(10000), segment, 3000, 3000, 10000)).containsExactly(4L);
        assertThat(kept(new Recent(10000), segment, 3000, 10010)).isEmpty();
        assertThat(kept(new Recent(10000), segment, 10010, 3000)).containsExactly(2L);
        assertThat(kept(new Recent(0), segment, 300, 300)).isEmpty();

        var cleared = new Recent(10000);
        assertThat(kept(cleared, segment, 5000, 5000)).hasSize(2);
        cleared.clear();
        assertThat(kept(cleared, segment, 5000, 5000)).as("room again").hasSize(2);
    }

    /// Adds records that take so much; the numbers of those that are there then.
    private static List<Long> kept(Recent recent, Segment segment, int... lengths) {
        for (int i = 0; i < lengths.length; i++) {
            recent.add(record(segment, 1024 + 56L * i, 2L * i, lengths[i]));
        }
        return LongStream.range(0, lengths.length)
                .filter(i -> recent.find(2 * i, segment, 1024 + 56 * i) != null)
                .map(i -> 2 * i)
                .boxed()
                .toList();
    }
}
