package io.logroute.parts.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleSinkTest {
    private static final Batch BATCH = new Batch(List.of(
            Event.of("{\"@timestamp\":\"t\",\"ä\":\n1}", Instant.EPOCH),
            Event.of("{\"@timestamp\":\"t\"}", Instant.EPOCH)));

    @Test
    void each_event_is_a_line_in_utf8() throws Exception {
        var out = new ByteArrayOutputStream();
        try (var sink = new ConsoleSink(new PrintStream(out, false, StandardCharsets.US_ASCII))) {
            assertThat(sink.write(BATCH)).hasSize(2).allMatch(Delivery.Delivered.class::isInstance);
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"@timestamp\":\"t\",\"ä\": 1}\n{\"@timestamp\":\"t\"}\n");
    }

    @Test
    void a_closed_pipe_is_an_error() {
        var broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("broken pipe");
            }
        };
        try (var sink = new ConsoleSink(new PrintStream(broken))) {
            assertThatThrownBy(() -> sink.write(BATCH))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("standard output");
        }
    }
}
