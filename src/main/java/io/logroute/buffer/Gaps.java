package io.logroute.buffer;

import java.util.Map;
import java.util.TreeMap;

/// Ranges of sequence numbers that belong to no readable record: passed over, given up after a
/// failed sync, or lost. Ranges that touch become one, so there are few; the oldest go when there
/// are very many. Guarded by the lock of the buffer it belongs to.
public final class Gaps {
    private static final int MOST = 10_000;

    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    /// Adds the range; gives how many of its numbers were not in a gap before.
    public long add(long from, long to) {
        if (from >= to) {
            return 0;
        }
        long fresh = to - from;
        long start = from;
        long end = to;
        Map.Entry<Long, Long> before = ranges.floorEntry(to);
        while (before != null && before.getValue() >= from) {
            fresh -= Math.max(0, Math.min(to, before.getValue()) - Math.max(from, before.getKey()));
            start = Math.min(start, before.getKey());
            end = Math.max(end, before.getValue());
            ranges.remove(before.getKey());
            before = ranges.floorEntry(to);
        }
        ranges.put(start, end);
        if (ranges.size() > MOST) {
            ranges.pollFirstEntry();
        }
        return fresh;
    }

    /// The first number at or above `seq` that is not in a gap.
    public long skip(long seq) {
        Map.Entry<Long, Long> at = ranges.floorEntry(seq);
        return at == null ? seq : Math.max(seq, at.getValue());
    }

    public boolean contains(long seq) {
        return skip(seq) != seq;
    }

    /// No number from here on is in a gap.
    public long end() {
        return ranges.isEmpty() ? 0 : ranges.lastEntry().getValue();
    }

    /// How many numbers at or above `seq` are in gaps.
    public long above(long seq) {
        long sum = Math.max(0, skip(seq) - seq);
        for (Map.Entry<Long, Long> range : ranges.tailMap(seq, false).entrySet()) {
            sum += range.getValue() - range.getKey();
        }
        return sum;
    }
}
