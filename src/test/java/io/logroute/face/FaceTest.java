package io.logroute.face;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FaceTest {
    private final Served served;

    FaceTest(@TempDir Path folder) {
        served = new Shop(folder).served;
    }

    private record Ending(Runnable does) implements Face.Life {
        @Override
        public void listening(int port) {}

        @Override
        public void stopping() {
            does.run();
        }
    }

    /// Deaf to interrupts while it starts, until it is let go.
    private static final class Starting implements Face.Life {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        final List<String> told = new CopyOnWriteArrayList<>();

        @Override
        public void listening(int port) {
            begun.countDown();
            while (go.getCount() > 0) {
                Thread.onSpinWait();
                Thread.yield();
            }
            told.add("listening");
        }

        @Override
        public void ending() {
            told.add("ending");
        }

        @Override
        public void stopping() {
            told.add("stopping");
        }
    }

    @Test
    @Timeout(60)
    void what_does_not_end_holds_the_process_no_longer_than_it_may() {
        var never = new CountDownLatch(1);
        var face = new Face(served, new Ending(() -> {
            while (never.getCount() > 0) {
                Thread.onSpinWait();
                Thread.yield();
            }
        }));
        long began = System.nanoTime();
        face.stopping(Duration.ofMillis(300));
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(290), Duration.ofSeconds(30));
        never.countDown();
    }

    @Test
    void what_ends_is_waited_for() {
        var ended = new AtomicBoolean();
        new Face(served, new Ending(() -> ended.set(true))).stopping(Duration.ofSeconds(30));
        assertThat(ended).isTrue();
    }

    @Test
    @Timeout(120)
    void a_start_that_takes_long_hears_of_the_end_and_holds_it_up_no_longer_than_it_may() throws Exception {
        var life = new Starting();
        var face = new Face(served, life);
        var main = Thread.ofVirtual().start(() -> face.listening(1));
        assertThat(life.begun.await(60, SECONDS)).isTrue();
        long began = System.nanoTime();
        face.stopping(Duration.ofMillis(300));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
        assertThat(life.told).as("never both at once").containsExactly("ending");
        life.go.countDown();
        main.join();
        await().atMost(60, SECONDS).until(() -> life.told.size() == 3);
        assertThat(life.told).containsExactly("ending", "listening", "stopping");
    }

    @Test
    void an_end_before_it_listens_starts_nothing() {
        var life = new Starting();
        life.go.countDown();
        var face = new Face(served, life);
        face.stopping();
        face.listening(1);
        face.stopping();
        assertThat(life.told).containsExactly("ending", "stopping");
    }
}
