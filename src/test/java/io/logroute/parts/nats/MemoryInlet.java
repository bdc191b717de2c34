package io.logroute.parts.nats;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/// Keeps the rules of an inlet in memory: stores, waits, refuses, or leaves the word to the test.
final class MemoryInlet implements Inlet {
    enum Mood {
        STORES,
        REFUSES,
        /// As a full buffer.
        WAITS,
        /// Takes events in and tells nobody, until the test does.
        HOLDS,
        /// Answers as nothing should.
        BREAKS
    }

    /// What waits for the test's word.
    record Taken(Batch batch, Receipt receipt) {}

    final List<Event> stored = new CopyOnWriteArrayList<>();
    final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
    volatile int broken;
    private Mood mood;

    MemoryInlet(Mood mood) {
        this.mood = mood;
    }

    synchronized void become(Mood other) {
        mood = other;
        notifyAll();
    }

    private synchronized Mood moodWhenNotFull() throws InterruptedException {
        while (mood == Mood.WAITS) {
            wait();
        }
        return mood;
    }

    @Override
    public void accept(Batch batch, Receipt receipt) throws InterruptedException {
        switch (moodWhenNotFull()) {
            case STORES -> {
                stored.addAll(batch.events());
                Thread.startVirtualThread(receipt::stored);
            }
            case REFUSES -> Thread.startVirtualThread(() -> receipt.refused("the disk said no"));
            case HOLDS -> taken.add(new Taken(batch, receipt));
            case BREAKS -> {
                broken++;
                throw new IllegalStateException("it is broken");
            }
            case WAITS -> throw new IllegalStateException("it was not full");
        }
    }

    @Override
    public synchronized boolean full() {
        return mood == Mood.WAITS;
    }

    /// The numbers of the events that were stored, in their order.
    List<Integer> numbers() {
        return stored.stream()
                .map(event -> Integer.valueOf(String.valueOf(event.text("n"))))
                .toList();
    }
}
