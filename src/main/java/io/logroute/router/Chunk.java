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
    /// Slices of a record that are less than this part of it are copied.
    private static final int SMALL_PART = 4;

    final List<Event> events = new ArrayList<>();
    final List<Letter> letters = new ArrayList<>();
    long bytes;
    /// Where the events of the record at hand begin, and the bytes before them.
    private int recordAt;

    private long bytesBefore;

    /// The number of its first event; -1 while it is empty. Numbers between the first and the last
    /// may be missing.
    long firstSeq = -1;

    /// The stretch ends before this sequence number; 0 while it is empty.
    long endSeq;
    long taken;
    long passed;
    long filtered;
    long copied;
    long unrouted;
    /// Ways along which events of it are held back by filters.
    long held;
    /// Ways along which events that were held back before, here or in an earlier stretch, went on.
    long released;
    /// The least number of those; `Long.MAX_VALUE` when there are none.
    long low = Long.MAX_VALUE;
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
        bytes += event.size();
    }

    /// A record of so many bytes is through. Events are slices of it: where they are a small part, they
    /// get arrays of their own, so that a few events do not keep many whole records in memory.
    void endRecord(int recordBytes) {
        if (recordBytes > SMALL_PART * (bytes - bytesBefore)) {
            for (int i = recordAt; i < events.size(); i++) {
                events.set(i, events.get(i).alone());
            }
            letters.replaceAll(letter -> new Letter(letter.event().alone(), letter.reason()));
        }
        recordAt = events.size();
        bytesBefore = bytes;
    }

    /// Events that are written or buried together.
    int size() {
        return events.size() + letters.size();
    }

    /// Whether nothing of it is for the sink.
    boolean isPassing() {
        return events.isEmpty() && letters.isEmpty();
    }

    @Override
    public void released(long seq, int ways, Routing.Taken taken) {
        released += ways;
        low = Math.min(low, seq);
        held += taken.held();
        filtered += taken.filtered();
        copied += taken.ways() - ways;
    }

    /// Events of it for the sink, refused ones included.
    long sent() {
        return taken - passed - filtered + copied - held + released;
    }

    /// Whether anything came of it yet.
    boolean isEmpty() {
        return taken == 0 && released == 0;
    }

    /// Lets go of the events; the counts stay.
    void release() {
        events.clear();
        letters.clear();
    }

    /// Counts one event of the buffer and what came of it.
    void count(Event event, Routing.Taken taken) {
        this.taken++;
        firstSeq = firstSeq < 0 ? event.seq() : firstSeq;
        endSeq = event.seq() + 1;
        first = first == null ? event.received() : first;
        last = event.received();
        int ways = taken.ways();
        if (ways == 0) {
            passed++;
        } else {
            filtered += taken.filtered();
            held += taken.held();
            copied += ways - 1;
        }
        if (taken.unrouted()) {
            unrouted++;
        }
    }
}
