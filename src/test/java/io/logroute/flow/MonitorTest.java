package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MonitorTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Monitor monitor = new Monitor();
    private int number;

    @Test
    void one_is_inside_at_a_time_and_may_enter_again() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                threads.submit(() -> {
                    for (int k = 0; k < 1000; k++) {
                        try (var _ = monitor.enter();
                                var _ = monitor.enter()) {
                            number++;
                        }
                    }
                });
            }
        }
        assertThat(number).isEqualTo(100_000);
    }

    @Test
    void all_who_wait_hear_of_a_change() throws Exception {
        var waiting = new CountDownLatch(10);
        var heard = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            Thread.ofVirtual().start(new FutureTask<>(() -> {
                try (var _ = monitor.enter()) {
                    waiting.countDown();
                    while (number == 0) {
                        assertThat(monitor.await(LONG)).isTrue();
                    }
                    heard.countDown();
                    return null;
                }
            }));
        }
        assertThat(waiting.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        try (var _ = monitor.enter()) {
            number = 1;
            monitor.changed();
        }
        assertThat(heard.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void without_a_change_it_ends_with_the_time() throws InterruptedException {
        long start = System.nanoTime();
        var most = Duration.ofMillis(20);
        try (var _ = monitor.enter()) {
            boolean left = true;
            while (left) {
                left = monitor.await(most.minusNanos(System.nanoTime() - start));
            }
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(most.toNanos());
    }

    @Test
    void an_interrupt_ends_it_and_leaves_the_monitor_to_others() throws Exception {
        var inside = new CountDownLatch(1);
        var interrupted = new AtomicBoolean();
        var thread = Thread.ofVirtual().start(() -> {
            try (var _ = monitor.enter()) {
                inside.countDown();
                while (true) {
                    monitor.await();
                }
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        assertThat(inside.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(thread.join(LONG)).isTrue();
        assertThat(interrupted).isTrue();
        try (var _ = monitor.enter()) {
            number = 1;
        }
    }

    @Test
    void who_is_not_inside_neither_waits_nor_tells() {
        assertThatThrownBy(monitor::changed).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(() -> monitor.await(LONG)).isInstanceOf(IllegalMonitorStateException.class);
    }
}
