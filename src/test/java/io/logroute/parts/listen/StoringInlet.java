package io.logroute.parts.listen;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps the rules of an inlet in memory: stores at once, or when it is told to.
public final class StoringInlet implements Inlet {
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Receipt> waiting = new ArrayList<>();
    private boolean holds;
    private boolean refuses;

    @Override
    public void accept(Batch batch, Receipt receipt) throws InterruptedException {
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

    public synchronized void refuse(boolean does) {
        refuses = does;
    }

    /// All that waits is stored.
    public synchronized void store() {
        holds = false;
        waiting.forEach(Receipt::stored);
        waiting.clear();
    }

    public List<Event> events() {
        return List.copyOf(events);
    }

    @Override
    public boolean full() {
        return false;
    }
}
