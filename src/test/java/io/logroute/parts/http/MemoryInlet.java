package io.logroute.parts.http;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps the rules of an inlet in memory, with faults on request.
final class MemoryInlet implements Inlet {
    /// What it does with a batch.
    enum Mood {
        STORES,
        REFUSES,
        WAITS,
        FORGETS_THE_RECEIPT
    }

    final List<Event> events = new CopyOnWriteArrayList<>();
    volatile Mood mood = Mood.STORES;
    private volatile boolean waitedFor;
    volatile boolean full;

    @Override
    public void accept(Batch batch, Receipt receipt) throws InterruptedException {
        switch (mood) {
            case WAITS -> {
                waitedFor = true;
                synchronized (this) {
                    while (mood == Mood.WAITS) {
                        wait();
                    }
                }
                accept(batch, receipt);
            }
            case REFUSES -> Thread.startVirtualThread(() -> receipt.refused("the disk said no"));
            case STORES -> {
                events.addAll(batch.events());
                Thread.startVirtualThread(receipt::stored);
            }
            case FORGETS_THE_RECEIPT -> events.addAll(batch.events());
        }
    }

    /// Whether somebody handed over since it began to wait.
    boolean isWaitedFor() {
        return waitedFor;
    }

    synchronized void become(Mood other) {
        waitedFor = false;
        mood = other;
        notifyAll();
    }

    @Override
    public boolean full() {
        return full;
    }
}
