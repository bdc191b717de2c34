package io.logroute.buffer.jetstream;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Where in the log so many bytes are behind: places that are known exactly, some MiB apart, and
/// between them reckoned by numbers. Guarded by the lock of [JetStreamBuffer].
final class Stretches {
    private static final int MOST = 1024;

    /// @param stream the message at it, or the next one
    /// @param bytes what all records before it came to
    record Start(long stream, long seq, long passed, long bytes) {}

    private final List<Start> starts = new ArrayList<>();
    private long endSeq;
    private long endBytes;

    /// In the order of the log.
    void add(Start start) {
        if (!starts.isEmpty() && start.seq() <= starts.getLast().seq()) {
            return;
        }
        if (starts.size() >= MOST) {
            starts.remove(starts.size() / 2);
        }
        starts.add(start);
        end(start.seq(), start.bytes());
    }

    /// How far the log goes.
    void end(long seq, long bytes) {
        endSeq = Math.max(endSeq, seq);
        endBytes = Math.max(endBytes, bytes);
    }

    /// Bytes since the newest start.
    long newest(long bytes) {
        return starts.isEmpty() ? 0 : bytes - starts.getLast().bytes();
    }

    /// All below is gone.
    void dropBelow(long seq) {
        while (starts.size() > 1 && starts.get(1).seq() <= seq) {
            starts.removeFirst();
        }
    }

    void clear() {
        starts.clear();
        endSeq = 0;
        endBytes = 0;
    }

    /// Where the oldest ends; empty while it is the only one.
    OptionalLong oldestEnd() {
        return starts.size() < 2
                ? OptionalLong.empty()
                : OptionalLong.of(starts.get(1).seq());
    }

    /// A start at or before this number; the oldest when there is none.
    Start before(long seq) {
        return starts.get(at(seq));
    }

    /// The message of the first start after this number; `otherwise` when there is none.
    long streamAfter(long seq, long otherwise) {
        int next = at(seq) + 1;
        return next < starts.size() ? starts.get(next).stream() : otherwise;
    }

    private int at(long seq) {
        int at = 0;
        while (at + 1 < starts.size() && starts.get(at + 1).seq() <= seq) {
            at++;
        }
        return at;
    }

    long bytesFrom(long seq) {
        if (starts.isEmpty() || seq >= endSeq) {
            return 0;
        }
        int at = at(seq);
        Start start = starts.get(at);
        long toSeq = at + 1 < starts.size() ? starts.get(at + 1).seq() : endSeq;
        long toBytes = at + 1 < starts.size() ? starts.get(at + 1).bytes() : endBytes;
        double part = (double) Math.max(0, seq - start.seq()) / Math.max(1, toSeq - start.seq());
        return endBytes - start.bytes() - (long) (part * (toBytes - start.bytes()));
    }

    long placeWithin(long bytes) {
        if (starts.isEmpty() || endBytes - starts.getFirst().bytes() <= bytes) {
            return 0;
        }
        long target = endBytes - bytes;
        int at = 0;
        while (at + 1 < starts.size() && starts.get(at + 1).bytes() <= target) {
            at++;
        }
        Start start = starts.get(at);
        long toSeq = at + 1 < starts.size() ? starts.get(at + 1).seq() : endSeq;
        long toBytes = at + 1 < starts.size() ? starts.get(at + 1).bytes() : endBytes;
        double part = (double) (target - start.bytes()) / Math.max(1, toBytes - start.bytes());
        return Math.min(toSeq, start.seq() + (long) Math.ceil(part * (toSeq - start.seq())));
    }

    /// All that is known exactly, in the order of the log.
    List<Start> all() {
        return List.copyOf(starts);
    }
}
