package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class BellTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private final Bell bell = new Bell();

    @Test
    void silence_ends_the_waiting() throws InterruptedException {
        assertThat(bell.await(SHORT, SHORT)).isFalse();
    }

    @Test
    void many_rings_are_one_wake() throws InterruptedException {
        for (int i = 0; i < 1_000; i++) {
            bell.ring();
        }
        assertThat(bell.await(Duration.ofSeconds(60), SHORT)).isTrue();
        assertThat(bell.await(SHORT, SHORT)).isFalse();
    }

    @Test
    void a_ring_wakes_the_one_who_waits() throws InterruptedException {
        var ringer = Thread.startVirtualThread(bell::ring);
        assertThat(bell.await(Duration.ofSeconds(60), SHORT)).isTrue();
        ringer.join();
    }

    @Test
    void one_who_never_stops_ringing_does_not_hold_it_up() throws InterruptedException {
        var stop = new AtomicBoolean();
        var ringer = Thread.ofPlatform().daemon().start(() -> {
            while (!stop.get()) {
                bell.ring();
            }
        });
        assertThat(bell.await(Duration.ofSeconds(60), Duration.ofMillis(200))).isTrue();
        stop.set(true);
        ringer.join();
    }
}
