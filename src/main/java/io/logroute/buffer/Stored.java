package io.logroute.buffer;

import java.time.Instant;

/// One record as it was appended. `firstSeq` is the sequence number of its first event; it
/// carries `events` of them. `codec` is what the appender said of the bytes, which belong to
/// whoever read the record.
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; bytes in, bytes out
public record Stored(long firstSeq, int events, Instant appended, byte codec, byte[] bytes) {
    /// The sequence number after the last event of this record.
    public long endSeq() {
        return firstSeq + events;
    }
}
