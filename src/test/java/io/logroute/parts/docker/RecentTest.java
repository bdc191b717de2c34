package io.logroute.parts.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentTest {
    private static final long TIME = 1_795_000_000_123_456_789L;

    private final Recent recent = new Recent();

    private boolean isRepeat(long time, String text, boolean inLine) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return recent.isRepeat(time, bytes, 0, bytes.length, inLine);
    }

    private static String piece(int number) {
        return IntStream.range(0, 2_000).mapToObj(i -> number + "." + i).collect(Collectors.joining(" "));
    }

    @Test
    void a_line_that_is_sent_again_is_one_and_so_is_what_follows_it() {
        assertThat(isRepeat(TIME, "one", false)).isFalse();
        assertThat(isRepeat(TIME + 1, "two", false)).isFalse();
        assertThat(isRepeat(TIME, "one", false)).isTrue();
        assertThat(isRepeat(TIME + 1, "two", false)).isTrue();
        assertThat(isRepeat(TIME + 2, "three", false)).isFalse();
    }

    @Test
    void pieces_of_a_line_that_are_sent_again_before_its_end_came_are_passed_over() {
        assertThat(isRepeat(TIME, "before", false)).isFalse();
        assertThat(isRepeat(TIME + 1, piece(1), false)).isFalse();
        assertThat(isRepeat(TIME + 1, piece(2), true)).isFalse();
        assertThat(isRepeat(TIME, "before", true)).isTrue();
        assertThat(isRepeat(TIME + 1, piece(1), true)).isTrue();
        assertThat(isRepeat(TIME + 1, piece(2), true)).isTrue();
        assertThat(isRepeat(TIME + 1, "its end", true)).isFalse();
    }

    @Test
    void a_dump_of_zeros_keeps_all_its_pieces() {
        var zeros = "0".repeat(LogDecoder.PIECE);
        assertThat(isRepeat(TIME, zeros, false)).isFalse();
        assertThat(isRepeat(TIME, zeros, true)).isFalse();
        assertThat(isRepeat(TIME, zeros, true)).isFalse();
    }
}
