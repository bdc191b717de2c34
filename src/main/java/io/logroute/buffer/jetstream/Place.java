package io.logroute.buffer.jetstream;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Where one reader is: everything before message `stream` is settled, and of that message's record
/// what lies below `saved`. On the servers it is the acknowledged part of a durable consumer:
///
///     <reader>__<version>      letters, digits and "-" of the reader's name stand for themselves,
///                              every other byte of UTF-8 is _XX
///
/// A consumer is never rewound: one of the next version begins where the old one was acknowledged, and
/// then the old one goes. The highest version counts. Written under the lock of [JetStreamBuffer].
final class Place {
    private static final String BEFORE_VERSION = "__";

    final String reader;
    volatile int version;
    /// Changes when the place was moved under the reader.
    volatile int generation;

    volatile long stream;
    /// The number at which that message begins.
    volatile long start;
    /// Numbers below `start` that belong to no event.
    volatile long passed;
    /// Everything below is settled; the part beyond `start` is known in this process only, and to a
    /// closing mark.
    volatile long saved;
    /// The consumer of this version has given nothing out yet.
    volatile boolean fresh;

    Place(String reader, int version) {
        this.reader = reader;
        this.version = version;
    }

    String consumer() {
        return consumer(reader, version);
    }

    static String consumer(String reader, int version) {
        StringBuilder name = new StringBuilder();
        for (byte each : reader.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-';
            name.append(plain ? String.valueOf(c) : "_%02X".formatted((int) c));
        }
        return name + BEFORE_VERSION + version;
    }

    record Name(String reader, int version) {}

    /// Empty for a consumer that is none of ours.
    static Optional<Name> of(String consumer) {
        int at = consumer.lastIndexOf(BEFORE_VERSION);
        if (at < 0) {
            return Optional.empty();
        }
        try {
            int version = Integer.parseInt(consumer.substring(at + BEFORE_VERSION.length()));
            var bytes = new java.io.ByteArrayOutputStream();
            for (int i = 0; i < at; i++) {
                char c = consumer.charAt(i);
                if (c == '_') {
                    bytes.write(Integer.parseInt(consumer.substring(i + 1, i + 3), 16));
                    i += 2;
                } else {
                    bytes.write(c);
                }
            }
            var name = new Name(bytes.toString(StandardCharsets.UTF_8), version);
            return consumer(name.reader(), version).equals(consumer) ? Optional.of(name) : Optional.empty();
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
