package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitingTest {
    private final StringWriter said = new StringWriter();
    private long now = 5;

    private Waiting waiting(boolean terminal) {
        return new Waiting(new PrintWriter(said), terminal, () -> now);
    }

    private void after(long millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    @Test
    void a_line_is_printed_when_there_is_something_new_to_say_and_at_most_one_in_two_seconds() {
        try (var waiting = waiting(false)) {
            waiting.at(0, 2, "router core: It begins.");
            after(500);
            waiting.at(0, 2, "router core: It starts.");
            after(1_900);
            waiting.at(0, 2, "router core: It goes on.");
            after(100);
            waiting.at(0, 2, "router core: It is nearly there.");
            after(5_000);
            waiting.at(0, 2, "router core: It is nearly there.");
        }
        assertThat(said.toString().lines())
                .containsExactly("waiting for router core: It starts.", "waiting for router core: It is nearly there.");
    }

    @Test
    void what_is_over_soon_says_nothing() {
        try (var waiting = waiting(true)) {
            waiting.at(0, 2, "router core: It starts.");
            after(499);
            waiting.at(1, 2, "route all: It starts.");
        }
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void a_terminal_has_one_line_that_fits_and_goes() {
        try (var waiting = waiting(true)) {
            after(500);
            waiting.at(1, 2, "router core: " + "long ".repeat(40));
        }
        assertThat(said.toString())
                .startsWith("\r\u001b[K1 of 2, waiting for router core: long ")
                .endsWith("\r\u001b[K")
                .hasSize(79 + 8);
    }
}
