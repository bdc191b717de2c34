package io.logroute.parts.docker;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps the rules of an inlet in memory: events and marks of a batch together or not at all.
final class MarkedInlet implements Inlet {
    private final List<Event> events = new ArrayList<>();
    private final Map<String, String> marks = new ConcurrentHashMap<>();
    private final Set<String> forgotten = new HashSet<>();
    private boolean waits;
    private int waiting;
    private int refusals;
    private int failures;
    int largestBatch;
    private long largest = Long.MAX_VALUE;

    @Override
    public synchronized void accept(Batch batch, Receipt receipt) throws InterruptedException {
        waiting++;
        try {
            while (waits) {
                wait();
            }
        } finally {
            waiting--;
        }
        if (failures > 0) {
            failures--;
            throw new IllegalStateException("it is broken");
        }
        if (refusals > 0) {
            refusals--;
            Thread.startVirtualThread(() -> receipt.refused("the disk said no"));
            return;
        }
        largestBatch = Math.max(largestBatch, batch.size());
        events.addAll(batch.events());
        batch.mark().ifPresent(mark -> marks.put(mark.of(), mark.at()));
        Thread.startVirtualThread(receipt::stored);
    }

    synchronized void waits(boolean waits) {
        this.waits = waits;
        notifyAll();
    }

    /// Batches that wait for room.
    synchronized int waiting() {
        return waiting;
    }

    synchronized void refuses(int batches) {
        refusals = batches;
    }

    /// So many batches are answered as nothing should be.
    synchronized void fails(int batches) {
        failures = batches;
    }

    synchronized void largest(long bytes) {
        largest = bytes;
    }

    @Override
    public synchronized long largest() {
        return largest;
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    synchronized List<String> texts(String field) {
        return events.stream().map(each -> String.valueOf(each.get(field))).toList();
    }

    /// Of one container.
    synchronized List<String> texts(String container, String field) {
        return events.stream()
                .filter(each -> container.equals(each.get("container_id")))
                .map(each -> String.valueOf(each.get(field)))
                .toList();
    }

    @Override
    public boolean full() {
        return false;
    }

    @Override
    public Map<String, String> marks() {
        return Map.copyOf(marks);
    }

    @Override
    public synchronized void forget(String of) {
        marks.remove(of);
        forgotten.add(of);
    }

    synchronized Set<String> forgotten() {
        return Set.copyOf(forgotten);
    }
}
