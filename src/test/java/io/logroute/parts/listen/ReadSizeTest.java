package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadSizeTest {
    private static final int USUAL = 64 << 10;

    @Test
    void it_grows_while_what_comes_fills_it_and_not_for_ever() {
        int length = ReadSize.LEAST;
        for (int i = 0; i < 10; i++) {
            length = ReadSize.next(length, 17, true, false);
        }
        assertThat(length).isEqualTo(USUAL);
        assertThat(ReadSize.next(length, 17, false, false)).isEqualTo(USUAL);
    }

    @Test
    void a_connection_that_is_quiet_costs_little_unless_something_is_in_it() {
        assertThat(ReadSize.next(USUAL, 0, false, true)).isEqualTo(ReadSize.LEAST);
        assertThat(ReadSize.next(USUAL, 1, false, true)).isEqualTo(USUAL);
    }

    @Test
    void what_grew_for_a_large_message_shrinks_behind_it() {
        assertThat(ReadSize.next(8 << 20, 0, true, false)).isEqualTo(USUAL);
        assertThat(ReadSize.next(8 << 20, 1, true, false)).isEqualTo(8 << 20);
    }
}
