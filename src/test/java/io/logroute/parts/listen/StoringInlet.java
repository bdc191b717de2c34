package io.logroute.parts.listen;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Keeps the rules of an inlet in memory: stores at once, or when it is told to.
public final class StoringInlet implements Inlet {
    private final List<Event> events = new ArrayList<>();
    private final List<Receipt> waiting = new ArrayList<>();
    private boolean holds;
    private boolean refuses;
    private volatile boolean waitedFor;
    private volatile CountDownLatch room = new CountDownLatch(0);

    @Override
    public void accept(Batch batch, Receipt receipt) throws InterruptedException {
        waitedFor = true;
        room.await();
        synchronized (this) {
            if (holds) {
                events.addAll(batch.events());
                waiting.add(receipt);
                return;
            }
            if (refuses) {
                Thread.startVirtualThread(() -> receipt.refused("the disk said no"));
                return;
            }
            events.addAll(batch.events());
        }
        Thread.startVirtualThread(receipt::stored);
    }

    /// Takes batches in, and tells nobody that they are stored.
    public synchronized void hold() {
        holds = true;
    }

    /// From now on who hands over waits, until the latch that this gives is counted down.
    public CountDownLatch fill() {
        waitedFor = false;
        room = new CountDownLatch(1);
        return room;
    }

    /// Whether somebody hands over since [#fill].
    public boolean isWaitedFor() {
        return waitedFor;
    }

    public synchronized void refuse(boolean does) {
        refuses = does;
    }

    /// All that waits is stored.
    public synchronized void store() {
        holds = false;
        waiting.forEach(Receipt::stored);
        waiting.clear();
    }

    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    @Override
    public boolean full() {
        return false;
    }
}
