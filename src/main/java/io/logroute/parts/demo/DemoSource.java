package io.logroute.parts.demo;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import io.logroute.flow.Source;
import io.logroute.spec.SourceSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes up a web shop's logs, so many a second. While the inlet waits it waits too, and does not
/// make up for the time afterwards. What the inlet refuses is not made again.
public final class DemoSource implements Source {
    /// Batches that wait for their receipt, at most.
    private static final int UNTOLD = 64;

    private static final long SECOND = 1_000_000_000L;
    private static final int LARGEST_BATCH = 2_000;

    /// How often it looks at what is due; a slower rate has one event a turn.
    private static final long TURN = SECOND / 20;

    private final SourceSpec.Demo spec;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Semaphore untold = new Semaphore(UNTOLD);
    private final Receipt told = new Receipt() {
        @Override
        public void stored() {
            untold.release();
        }

        @Override
        public void refused(String reason) {
            untold.release();
        }
    };
    private @Nullable Thread thread;
    private volatile boolean closed;

    public DemoSource(SourceSpec.Demo spec, InstantSource clock, RandomGenerator random) {
        this.spec = spec;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public synchronized void start(Inlet inlet) {
        if (thread != null || closed) {
            throw new IllegalStateException("the demo was started before");
        }
        thread = Thread.ofVirtual().name("demo").start(() -> {
            try {
                run(inlet);
            } catch (InterruptedException e) {
                // closed
            }
        });
    }

    private void run(Inlet inlet) throws InterruptedException {
        var shop = new Shop(random);
        long begin = System.nanoTime();
        long made = 0;
        while (!closed) {
            long due = (System.nanoTime() - begin) * spec.eventsPerSecond() / SECOND;
            if (due - made > spec.eventsPerSecond() + 1L) {
                begin = System.nanoTime();
                made = 0;
                due = 1;
            }
            while (made < due) {
                int count = (int) Math.min(due - made, LARGEST_BATCH);
                untold.acquire();
                inlet.accept(batch(shop, count), told);
                made += count;
            }
            Thread.sleep(Duration.ofNanos(Math.max(TURN, SECOND / spec.eventsPerSecond())));
        }
    }

    private Batch batch(Shop shop, int count) {
        var events = new ArrayList<Event>(count);
        for (int i = 0; i < count; i++) {
            var now = clock.instant();
            events.add(Event.of(shop.next(now), now));
        }
        return new Batch(events);
    }

    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
        }
        if (running == null) {
            return;
        }
        running.interrupt();
        try {
            running.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
