package io.logroute.buffer;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The records that were appended last, as they were given: a reader that keeps up takes them from
/// here and never asks the disk. It is bounded by the memory it keeps alive, and losing any of it
/// loses nothing. Guarded by the lock of [DiskBuffer].
final class Recent {
    /// A record at its place in a segment, which ends at `to`.
    record Record(Segment segment, long from, long to, Stored stored) {}

    /// Bytes of a record's objects beside its array.
    static final int OVERHEAD = 256;

    private final long maxBytes;
    private final ArrayDeque<Record> inOrder = new ArrayDeque<>();
    private final Map<Long, Record> bySeq = new HashMap<>();
    private long bytes;

    Recent(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void add(Record record) {
        inOrder.add(record);
        bySeq.put(record.stored().firstSeq(), record);
        bytes += weight(record);
        while (bytes > maxBytes) {
            var gone = inOrder.remove();
            bySeq.remove(gone.stored().firstSeq());
            bytes -= weight(gone);
        }
    }

    private static long weight(Record record) {
        return record.stored().array().length + OVERHEAD;
    }

    /// The record that begins with this number, when it is still here and lies there.
    @Nullable
    Record find(long seq, Segment segment, long from) {
        var found = bySeq.get(seq);
        return found != null && found.segment() == segment && found.from() == from ? found : null;
    }

    void clear() {
        inOrder.clear();
        bySeq.clear();
        bytes = 0;
    }
}
