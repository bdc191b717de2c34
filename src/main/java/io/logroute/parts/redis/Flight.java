package io.logroute.parts.redis;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Receipt;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Entries, or elements, that were handed to the router together and are not settled in Redis yet.
final class Flight implements Receipt {
    private final List<byte[]> marks;
    /// How many events each of them has.
    private final int[] counts;

    private final List<Event> events;
    private final long bytes;
    private final Consumer<Flight> stored;
    private final BiConsumer<Flight, String> refused;
    private int refusals;
    private long storedBefore;

    Flight(
            List<byte[]> marks,
            int[] counts,
            List<Event> events,
            long bytes,
            Consumer<Flight> stored,
            BiConsumer<Flight, String> refused) {
        this.marks = List.copyOf(marks);
        this.counts = counts.clone();
        this.events = events;
        this.bytes = bytes;
        this.stored = stored;
        this.refused = refused;
    }

    List<byte[]> marks() {
        return marks;
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    Batch batch() {
        return new Batch(events);
    }

    /// Counts one more refusal.
    ///
    /// @param storedByNow how many flights were stored by now, whichever
    /// @return how many there were
    int refusedOnceMore(long storedByNow) {
        if (refusals == 0) {
            storedBefore = storedByNow;
        }
        return ++refusals;
    }

    int refusals() {
        return refusals;
    }

    /// Whether others were stored since this one was refused first.
    boolean isOvertaken(long storedByNow) {
        return storedByNow > storedBefore;
    }

    /// Two flights of about half the entries each.
    List<Flight> halves() {
        int middle = marks.size() / 2;
        int split = 0;
        for (int i = 0; i < middle; i++) {
            split += counts[i];
        }
        long half = bytes / 2;
        return List.of(
                part(0, middle, events.subList(0, split), half),
                part(middle, marks.size(), events.subList(split, events.size()), bytes - half));
    }

    private Flight part(int from, int to, List<Event> some, long share) {
        var part = new Flight(
                marks.subList(from, to), java.util.Arrays.copyOfRange(counts, from, to), some, share, stored, refused);
        part.refusals = refusals;
        part.storedBefore = storedBefore;
        return part;
    }

    @Override
    public void stored() {
        stored.accept(this);
    }

    @Override
    public void refused(String reason) {
        refused.accept(this, reason);
    }
}
