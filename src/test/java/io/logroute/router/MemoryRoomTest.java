package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryRoomTest {
    private static final long MIB = 1 << 20;

    private final MemoryRoom room = new MemoryRoom(2048 * MIB, 512 * MIB);

    @Test
    void the_size_that_a_refusal_names_is_taken_and_one_byte_more_is_not() {
        assertThatThrownBy(() -> room.refuseTooLarge(1400 * MIB, 280 * MIB))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("1400 MiB", "2048 MiB", "512 MiB", "280 MiB", "write 1000MiB or less");
        assertThatCode(() -> room.refuseTooLarge(1000 * MIB, 280 * MIB)).doesNotThrowAnyException();
        assertThatThrownBy(() -> room.refuseTooLarge(1000 * MIB + 1, 280 * MIB)).isInstanceOf(IOException.class);
    }

    @Test
    void where_none_fits_only_the_disk_is_named() {
        for (long others : new long[] {1270 * MIB, 1280 * MIB, 9999 * MIB}) {
            assertThatThrownBy(() -> room.refuseTooLarge(16 * MIB, others))
                    .hasMessageContaining("buffer: { maxBytes")
                    .hasMessageNotContaining("or less");
        }
    }

    @Test
    void a_size_beyond_all_measure_is_too_large() {
        assertThatThrownBy(() -> room.refuseTooLarge(Long.MAX_VALUE, 0)).isInstanceOf(IOException.class);
    }
}
