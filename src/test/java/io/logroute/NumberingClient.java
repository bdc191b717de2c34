package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// One client that sends windows of numbered events for ever, each until it is acknowledged.
final class NumberingClient implements AutoCloseable {
    private static final int WINDOW = 20;
    /// Some 50 windows a second are load enough to be hit by whatever happens, and leave something of
    /// the machine to others.
    static final Duration PAUSE = Duration.ofMillis(20);

    private final List<String> hosts;
    private final int port;
    private final int first;
    private final Duration pause;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final BitSet acknowledged = new BitSet();
    private final AtomicInteger broken = new AtomicInteger();
    private final Thread thread;

    /// @param hosts taken in turn, as connections end
    NumberingClient(List<String> hosts, int port) {
        this(hosts, port, 0);
    }

    /// @param first its first number: several clients take others
    NumberingClient(List<String> hosts, int port, int first) {
        this(hosts, port, first, PAUSE);
    }

    /// @param pause between two windows
    NumberingClient(List<String> hosts, int port, int first, Duration pause) {
        this.pause = pause;
        this.hosts = List.copyOf(hosts);
        this.port = port;
        this.first = first;
        this.thread = Thread.ofVirtual().name("numbering-client").start(this::run);
    }

    private void run() {
        try (var beat = new Beat(hosts, port)) {
            for (int next = first; stop.getCount() > 0; next += WINDOW) {
                var window = IntStream.range(next, next + WINDOW)
                        .mapToObj("{\"n\":%d}"::formatted)
                        .toList();
                while (!sent(beat, window)) {
                    broken.incrementAndGet();
                }
                synchronized (acknowledged) {
                    acknowledged.set(next, next + WINDOW);
                }
                stop.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean sent(Beat beat, List<String> window) throws IOException {
        try {
            if (!beat.isConnected()) {
                beat.connect();
            }
            beat.send(window);
            return true;
        } catch (IOException e) {
            beat.close();
            return false;
        }
    }

    /// How many of its connections ended.
    int broken() {
        return broken.get();
    }

    int count() {
        synchronized (acknowledged) {
            return acknowledged.cardinality();
        }
    }

    /// Waits until events are acknowledged that were not before. A connection to a machine that is gone
    /// without a word costs half a minute of it.
    void goesOn() {
        int before = count();
        await("events go on").atMost(Duration.ofMinutes(4)).until(() -> count() > before + 2 * WINDOW);
    }

    /// Ends it.
    ///
    /// @return what was acknowledged
    BitSet finish() throws InterruptedException {
        stop.countDown();
        assertThat(thread.join(Duration.ofMinutes(4))).isTrue();
        synchronized (acknowledged) {
            return (BitSet) acknowledged.clone();
        }
    }

    @Override
    public void close() {
        stop.countDown();
        thread.interrupt();
    }
}
