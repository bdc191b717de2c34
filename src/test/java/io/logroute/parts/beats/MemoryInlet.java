package io.logroute.parts.beats;

import io.logroute.flow.Batch;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/// Takes batches in and stores them at once, or when the test says so.
final class MemoryInlet implements Inlet {
    /// A batch that waits for the test's word.
    record Taken(Batch batch, Receipt receipt) {
        List<String> events() {
            return batch.events().stream().map(event -> event.json()).toList();
        }
    }

    private final boolean atOnce;
    private final List<String> stored = new ArrayList<>();
    final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
    private volatile CountDownLatch room = new CountDownLatch(0);

    private MemoryInlet(boolean atOnce) {
        this.atOnce = atOnce;
    }

    static MemoryInlet storingAtOnce() {
        return new MemoryInlet(true);
    }

    static MemoryInlet storingOnRequest() {
        return new MemoryInlet(false);
    }

    /// From now on `accept` waits, until the latch that this gives is counted down.
    CountDownLatch fill() {
        room = new CountDownLatch(1);
        return room;
    }

    @Override
    public void accept(Batch batch, Receipt receipt) throws InterruptedException {
        room.await();
        if (atOnce) {
            keep(batch);
            receipt.stored();
        } else {
            taken.add(new Taken(batch, receipt));
        }
    }

    private synchronized void keep(Batch batch) {
        batch.events().forEach(event -> stored.add(event.json()));
    }

    synchronized List<String> stored() {
        return List.copyOf(stored);
    }

    @Override
    public boolean full() {
        return room.getCount() > 0;
    }
}
