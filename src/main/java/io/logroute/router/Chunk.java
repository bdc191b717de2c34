package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.router.DeadLetters.Letter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stretch of the buffer on its way to a sink: the events to write, and the count of all that
/// came of the stretch. Gathered by one thread, then delivered by another.
final class Chunk implements Routing.Way {
    final List<Event> events = new ArrayList<>();
    final List<Letter> letters = new ArrayList<>();
    long bytes;
    /// The stretch ends before this sequence number; 0 while it is empty.
    long endSeq;
    long taken;
    long passed;
    long filtered;
    long copied;
    long unrouted;
    long delivered;
    long deliveredBytes;
    long deadLettered;

    @Nullable
    Instant first;

    @Nullable
    Instant last;

    volatile boolean done;

    @Override
    public void send(Event event) {
        events.add(event);
        bytes += event.size();
    }

    @Override
    public void reject(Event event, String reason) {
        letters.add(new Letter(event, reason));
    }

    /// Whether nothing of it is for the sink.
    boolean isPassing() {
        return events.isEmpty() && letters.isEmpty();
    }

    /// Events of it for the sink, refused ones included.
    long sent() {
        return taken - passed - filtered + copied;
    }

    /// Lets go of the events; the counts stay.
    void release() {
        events.clear();
        letters.clear();
    }

    /// Counts one event of the buffer and what came of it.
    void count(Event event, Routing.Taken taken) {
        this.taken++;
        endSeq = event.seq() + 1;
        first = first == null ? event.received() : first;
        last = event.received();
        int ways = taken.sent() + taken.filtered();
        if (ways == 0) {
            passed++;
        } else {
            filtered += taken.filtered();
            copied += ways - 1;
        }
        if (taken.unrouted()) {
            unrouted++;
        }
    }
}
