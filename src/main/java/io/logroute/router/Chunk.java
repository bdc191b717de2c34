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
    /// So many marks may be next to each other; between others lie so many events.
    private static final int CLOSE = 16;

    private static final int APART = 16;

    final List<Event> events = new ArrayList<>();
    final List<Letter> letters = new ArrayList<>();
    long bytes;
    /// Where the events of the record at hand begin, and the bytes before them.
    private int recordAt;

    private long bytesBefore;
    private long markedAt;

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
    /// The least number of those that several events are part of.
    long spread = Long.MAX_VALUE;
    /// Since the last of [#marks].
    private long spreadHere = Long.MAX_VALUE;
    /// Places within it where an event that is held back comes next.
    final List<Mark> marks = new ArrayList<>(0);
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
    public void released(long seq, long lastSeq, int ways, Routing.Taken taken) {
        released += ways;
        low = Math.min(low, seq);
        if (lastSeq > seq) {
            spread = Math.min(spread, seq);
            spreadHere = Math.min(spreadHere, seq);
        }
        held += taken.held();
        filtered += taken.filtered();
        copied += taken.ways() - ways;
    }

    /// Events of it for the sink, refused ones included.
    long sent() {
        return taken - passed - filtered + copied - held + released;
    }

    /// Whether nothing came of it yet.
    boolean isEmpty() {
        return taken == 0 && released == 0;
    }

    /// It goes as far as this number, where it has only events that were held back before.
    void reach(long seq) {
        if (taken == 0 && released > 0) {
            firstSeq = firstSeq < 0 ? seq : firstSeq;
            endSeq = Math.max(endSeq, seq);
        }
    }

    /// Lets go of the events; the counts stay.
    void release() {
        events.clear();
        letters.clear();
    }

    /// What came of it before a place.
    ///
    /// @param endSeq the place
    /// @param spread the least number of an event of several that went on since the mark before
    record Mark(
            long endSeq,
            long spread,
            @Nullable Instant last,
            long passed,
            long filtered,
            long copied,
            long unrouted,
            long held,
            long released,
            long sent) {}

    private void mark(long seq) {
        marks.add(new Mark(seq, spreadHere, last, passed, filtered, copied, unrouted, held, released, sent()));
        spreadHere = Long.MAX_VALUE;
        markedAt = this.taken + released;
    }

    /// What came of all of it.
    Mark end() {
        return new Mark(endSeq, spreadHere, last, passed, filtered, copied, unrouted, held, released, sent());
    }

    /// Counts one event of the buffer and what came of it.
    void count(Event event, Routing.Taken taken) {
        if (taken.held() > 0 && this.taken + released - markedAt >= (marks.size() < CLOSE ? 1 : APART)) {
            mark(event.seq());
        }
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
