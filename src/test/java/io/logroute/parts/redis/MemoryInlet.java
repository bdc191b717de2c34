package io.logroute.parts.redis;

import io.logroute.flow.Batch;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;

/// Takes batches in and stores them at once, or when the test says so.
final class MemoryInlet implements Inlet {
    /// A batch that waits for the test's word.
    record Taken(Batch batch, Receipt receipt) {
        List<String> events() {
            return lines(batch);
        }
    }

    private final boolean atOnce;
    private final Predicate<String> refused;
    private final List<String> stored = new ArrayList<>();
    final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
    private volatile CountDownLatch room = new CountDownLatch(0);

    private MemoryInlet(boolean atOnce, Predicate<String> refused) {
        this.atOnce = atOnce;
        this.refused = refused;
    }

    static MemoryInlet storingAtOnce() {
        return new MemoryInlet(true, _ -> false);
    }

    /// Refuses every batch that has such an event.
    static MemoryInlet refusing(Predicate<String> refused) {
        return new MemoryInlet(true, refused);
    }

    static MemoryInlet storingOnRequest() {
        return new MemoryInlet(false, _ -> false);
    }

    /// From now on `accept` waits, until the latch that this gives is counted down.
    CountDownLatch fill() {
        room = new CountDownLatch(1);
        return room;
    }

    @Override
    public void accept(Batch batch, Receipt receipt) throws InterruptedException {
        room.await();
        if (!atOnce) {
            taken.add(new Taken(batch, receipt));
        } else if (lines(batch).stream().anyMatch(refused)) {
            receipt.refused("it is not liked");
        } else {
            keep(batch);
            receipt.stored();
        }
    }

    private synchronized void keep(Batch batch) {
        stored.addAll(lines(batch));
    }

    private static List<String> lines(Batch batch) {
        return batch.events().stream()
                .map(event -> new String(event.raw(), StandardCharsets.UTF_8))
                .toList();
    }

    synchronized List<String> stored() {
        return List.copyOf(stored);
    }

    @Override
    public boolean full() {
        return room.getCount() > 0;
    }
}
