package io.logroute.parts.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What Docker sends twice when it rotates a log that is followed, as dockerd 20.10 does it now and then.
class LinesTest {
    private static final long T = 1_795_000_000_123_456_789L;
    private static final String FULL = "x".repeat(LogDecoder.PIECE);

    private final List<String> came = new ArrayList<>();
    private final Position position = new Position(0);
    private Lines lines = open();

    private Lines open() {
        return new Lines(
                position,
                1 << 20,
                () -> true,
                (_, time, bytes, from, to, _) -> came.add(time - T + " "
                        + new String(bytes, from, to - from, StandardCharsets.UTF_8).replace(FULL, "X")));
    }

    private void piece(long time, String text, boolean ends) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        lines.piece(false, T + time, bytes, 0, bytes.length, ends);
    }

    @Test
    void the_later_pieces_of_a_line_that_come_again_with_what_follows_them_are_no_line() throws Exception {
        piece(0, "a", true);
        piece(1, FULL, false);
        piece(1, FULL, false);
        piece(1, "end", true);
        piece(2, "b", true);
        piece(1, FULL, false);
        piece(1, "end", true);
        piece(2, "b", true);
        piece(3, "c", true);
        assertThat(came).containsExactly("0 a", "1 XXend", "2 b", "3 c");
    }

    @Test
    void they_are_known_also_when_the_log_was_opened_again_before() throws Exception {
        piece(0, "a", true);
        piece(1, FULL, false);
        piece(1, "end", true);
        position.reopen();
        lines = open();
        piece(0, "a", true);
        piece(1, FULL, false);
        piece(1, "end", true);
        piece(1, "end", true);
        piece(2, "b", true);
        assertThat(came).containsExactly("0 a", "1 Xend", "2 b");
    }

    @Test
    void equal_pieces_of_one_line_equal_lines_and_lines_of_a_clock_that_was_set_back_are_kept() throws Exception {
        piece(5, FULL, false);
        piece(5, FULL, false);
        piece(5, FULL, false);
        piece(5, "", true);
        piece(6, "same", true);
        piece(7, "same", true);
        piece(2, "same", true);
        piece(8, "other", true);
        assertThat(came).containsExactly("5 XXX", "6 same", "7 same", "2 same", "8 other");
    }

    @Test
    void equal_lines_of_a_clock_of_microseconds_are_kept() throws Exception {
        piece(211, "same", true);
        piece(211, "same", true);
        assertThat(came).containsExactly("211 same", "211 same");
    }
}
