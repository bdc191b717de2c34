package io.logroute.buffer;

import java.time.Instant;
import java.util.Arrays;

/// One record as it was appended. `firstSeq` is the sequence number of its first event; it
/// carries `events` of them. `codec` is what the appender said of the bytes. They lie in
/// `[from, to)` of an array that several readers may share: look, never touch.
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; bytes in, bytes out
public record Stored(long firstSeq, int events, Instant appended, byte codec, byte[] array, int from, int to) {
    public Stored(long firstSeq, int events, Instant appended, byte codec, byte[] bytes) {
        this(firstSeq, events, appended, codec, bytes, 0, bytes.length);
    }

    /// The sequence number after the last event of this record.
    public long endSeq() {
        return firstSeq + events;
    }

    /// The bytes in an array of their own.
    public byte[] bytes() {
        return Arrays.copyOfRange(array, from, to);
    }
}
