package io.logroute.buffer;

import java.io.IOException;

/// Records that were appended and are not durable were given up. Those from [#from] up
/// to (not including) [#to] are gone for good: no reader gets them from this process, their
/// sequence numbers are not used again, and whoever sent their events must not be told that they
/// are stored. The buffer itself goes on.
public final class SyncFailed extends IOException {
    private final long from;
    private final long to;
    private final String why;
    private final String situation;

    /// @param why what was answered
    /// @param situation as [#situation]
    public SyncFailed(long from, long to, String message, String why, String situation) {
        super(message);
        this.from = from;
        this.to = to;
        this.why = why;
        this.situation = situation;
    }

    public String why() {
        return why;
    }

    /// The same without numbers, and how to mend it: a sentence that stays the same while the trouble
    /// lasts.
    public String situation() {
        return situation;
    }

    public long from() {
        return from;
    }

    public long to() {
        return to;
    }
}
