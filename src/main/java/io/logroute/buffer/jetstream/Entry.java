package io.logroute.buffer.jetstream;

/// A message on its way: a record, or a mark of ours. Guarded by the lock of [JetStreamBuffer].
final class Entry {
    /// What the servers count on top of a payload, about: subject, headers, their own.
    private static final int OVERHEAD = 256;

    enum Kind {
        RECORD,
        /// So much was written since the last one.
        STRETCH,
        /// Says nothing but what its label says.
        NOTE,
        /// The last of an opening, with the exact places of all readers.
        CLOSE
    }

    final Kind kind;
    final long first;
    final int events;
    final byte codec;
    final long millis;
    final byte[] body;
    /// When it is given up, by `System.nanoTime()`.
    final long deadline;
    /// Its place in the stream, if all goes well.
    long at;

    long passed;
    /// What the records before it came to.
    long bytes;
    long low;
    /// Events below `low`.
    long settled;

    long lowStream;
    /// It was sent at least once, so it may be stored.
    boolean sent;

    boolean stored;
    boolean givenUp;

    Entry(Kind kind, long first, int events, byte codec, long millis, byte[] body, long deadline) {
        this.kind = kind;
        this.first = first;
        this.events = events;
        this.codec = codec;
        this.millis = millis;
        this.body = body;
        this.deadline = deadline;
    }

    long end() {
        return first + events;
    }

    long size() {
        return size(body.length);
    }

    static long size(int length) {
        return (long) length + OVERHEAD;
    }
}
