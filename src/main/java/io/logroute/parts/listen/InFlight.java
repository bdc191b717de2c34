package io.logroute.parts.listen;

import io.logroute.flow.Batch;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;

/// The batches of one source that are handed over and not stored yet: all together they take a bounded
/// number of bytes, and who has more waits.
public final class InFlight implements AutoCloseable {
    private static final long SHARE = 8;
    private static final long LEAST = 64L << 20;
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Inlet inlet;
    private final int size;
    private final Semaphore room;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Set<Thread> insisting = ConcurrentHashMap.newKeySet();

    /// As much as an eighth of the heap, and room for a few large batches at least.
    public InFlight(Inlet inlet) {
        this(inlet, Math.max(LEAST, Runtime.getRuntime().maxMemory() / SHARE));
    }

    InFlight(Inlet inlet, long bytes) {
        this.inlet = inlet;
        this.size = (int) Math.clamp(bytes >> 10, 1, Integer.MAX_VALUE);
        this.room = new Semaphore(size, true);
    }

    /// Whether the buffer is full: then waiting is nobody's fault.
    public boolean full() {
        return inlet.full();
    }

    /// Hands the batch over; waits for room, and while the buffer is full.
    public void hand(Batch batch, long bytes, Receipt told) throws InterruptedException {
        int kib = Math.clamp(bytes >> 10, 1, size);
        room.acquire(kib);
        try {
            inlet.accept(batch, new Receipt() {
                @Override
                public void stored() {
                    room.release(kib);
                    told.stored();
                }

                @Override
                public void refused(String reason) {
                    room.release(kib);
                    told.refused(reason);
                }
            });
        } catch (InterruptedException e) {
            room.release(kib);
            throw e;
        }
    }

    /// Hands over what no client would send again: what is refused is handed over again each second,
    /// until it is stored or this closes.
    ///
    /// @param lost told why, and how many events, when it was refused and this closes
    public void insist(Batch batch, long bytes, ObjIntConsumer<String> lost) throws InterruptedException {
        insist(batch, bytes, () -> {}, lost);
    }

    void insist(Batch batch, long bytes, Runnable stored, ObjIntConsumer<String> lost) throws InterruptedException {
        hand(batch, bytes, new Receipt() {
            @Override
            public void stored() {
                stored.run();
            }

            @Override
            public void refused(String reason) {
                var again = Thread.ofVirtual().name("again").unstarted(() -> again(batch, bytes, reason, stored, lost));
                insisting.add(again);
                again.start();
            }
        });
    }

    private void again(Batch batch, long bytes, String reason, Runnable stored, ObjIntConsumer<String> lost) {
        try {
            if (!closing.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                insist(batch, bytes, stored, lost);
                return;
            }
        } catch (InterruptedException e) {
            // This closes.
        } finally {
            insisting.remove(Thread.currentThread());
        }
        lost.accept(reason, batch.size());
    }

    /// Waits until all is stored.
    ///
    /// @return false when it is not
    public boolean awaitNone(Duration atMost) throws InterruptedException {
        if (!room.tryAcquire(size, atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        room.release(size);
        return true;
    }

    /// Ends what is handed over again.
    @Override
    public void close() {
        closing.countDown();
        for (var each : insisting) {
            each.interrupt();
        }
        for (var each : insisting) {
            try {
                each.join(Duration.ofSeconds(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
