package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FaceTest {
    private record Ending(Runnable does) implements Face.Life {
        @Override
        public void listening(int port) {}

        @Override
        public void stopping() {
            does.run();
        }
    }

    @Test
    @Timeout(20)
    void what_does_not_end_holds_the_process_no_longer_than_it_may() {
        var never = new CountDownLatch(1);
        long began = System.nanoTime();
        Face.end(
                new Ending(() -> {
                    while (never.getCount() > 0) {
                        Thread.onSpinWait();
                        Thread.yield();
                    }
                }),
                Duration.ofMillis(300));
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(290), Duration.ofSeconds(8));
        never.countDown();
    }

    @Test
    void what_ends_is_waited_for() {
        var ended = new AtomicBoolean();
        Face.end(new Ending(() -> ended.set(true)), Duration.ofSeconds(30));
        assertThat(ended).isTrue();
    }
}
