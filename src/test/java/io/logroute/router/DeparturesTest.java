package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeparturesTest {
    @Test
    void a_damaged_line_is_as_if_it_was_not_there_and_the_others_are_read() throws IOException {
        var text = "logroute-leaving 1 b\nes%zz 1000 7\nold 1000 7\n";
        var slot = new Departures.Slot() {
            @Override
            public Optional<byte[]> read() {
                return Optional.of(text.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public void write(byte[] changed) {}
        };
        assertThat(new Departures(slot, "b").find()).containsOnlyKeys("old");
    }
}
