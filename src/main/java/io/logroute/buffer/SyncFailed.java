package io.logroute.buffer;

import java.io.IOException;

/// The disk refused to keep records that were appended but not yet durable. Those from [#from] up
/// to (not including) [#to] are given up for good: no reader gets them from this process, their
/// sequence numbers are not used again, and whoever sent their events must not be told that they
/// are stored. The buffer itself goes on in a new segment.
public final class SyncFailed extends IOException {
    private final long from;
    private final long to;

    private final String why;

    SyncFailed(long from, long to, Disk disk, String why) {
        super(
                "Events %d to %d could not be made durable in %s (%s). They are not stored and have to be sent again; free that disk, or mend it."
                        .formatted(from, to - 1, disk, why));
        this.from = from;
        this.to = to;
        this.why = why;
    }

    String why() {
        return why;
    }

    public long from() {
        return from;
    }

    public long to() {
        return to;
    }
}
