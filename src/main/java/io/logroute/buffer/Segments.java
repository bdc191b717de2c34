package io.logroute.buffer;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The segments of a log, from the oldest to the newest. Guarded by the lock of [DiskBuffer].
final class Segments {
    private final TreeMap<Long, Segment> byOrdinal = new TreeMap<>();
    /// Those of them that hold records or may come to hold some, by the first number.
    private final TreeMap<Long, Segment> bySeq = new TreeMap<>();

    void add(Segment segment) {
        byOrdinal.put(segment.home.ordinal(), segment);
        if (!segment.finished || segment.holdsRecords()) {
            bySeq.put(segment.baseSeq, segment);
        }
    }

    void remove(Segment segment) {
        byOrdinal.remove(segment.home.ordinal());
        bySeq.remove(segment.baseSeq, segment);
    }

    boolean has(Segment segment) {
        return byOrdinal.get(segment.home.ordinal()) == segment;
    }

    int size() {
        return byOrdinal.size();
    }

    /// There has to be one.
    Segment oldest() {
        return byOrdinal.firstEntry().getValue();
    }

    /// The oldest that holds records from `seq` on.
    Optional<Segment> from(long seq) {
        Map.Entry<Long, Segment> at = bySeq.floorEntry(seq);
        boolean passed = at == null || (at.getValue().finished && at.getValue().readableSeq <= seq);
        return holding(passed ? bySeq.higherEntry(seq) : at);
    }

    /// The one after, when it holds records.
    Optional<Segment> after(Segment segment) {
        return holding(bySeq.higherEntry(segment.baseSeq));
    }

    private static Optional<Segment> holding(Map.@Nullable Entry<Long, Segment> entry) {
        return entry == null || !entry.getValue().holdsRecords() ? Optional.empty() : Optional.of(entry.getValue());
    }

    /// The oldest with an event, durable or not.
    Optional<Segment> oldestFilled() {
        return bySeq.values().stream()
                .filter(segment -> segment.endSeq > segment.baseSeq)
                .findFirst();
    }

    /// What lies from `seq` on, in bytes; the part of a segment is reckoned by its events.
    long bytesFrom(long seq) {
        long bytes = 0;
        for (Segment segment : byOrdinal.values()) {
            long events = segment.endSeq - segment.baseSeq;
            if (segment.endSeq > seq && events > 0) {
                long left = segment.endSeq - Math.max(seq, segment.baseSeq);
                bytes += (long) Math.ceil((double) (segment.end - Format.RECORDS_AT) * left / events);
            }
        }
        return bytes;
    }

    /// The least place that has no more than so many bytes behind it; as [#bytesFrom] reckons.
    long placeWithin(long bytes) {
        long left = bytes;
        for (Segment segment : byOrdinal.descendingMap().values()) {
            long events = segment.endSeq - segment.baseSeq;
            long size = segment.end - Format.RECORDS_AT;
            if (events > 0 && size > left) {
                return segment.endSeq - (long) Math.floor((double) events * left / size);
            }
            left -= size;
        }
        return 0;
    }
}
