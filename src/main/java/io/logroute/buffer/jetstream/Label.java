package io.logroute.buffer.jetstream;

import io.nats.client.impl.Headers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a message says of itself, in its one header; the format stands in the package's documentation.
///
/// @param id of the buffer
/// @param owner chance that names the opening that wrote it; with `epoch` it tells whose a message is
/// @param first the sequence number of its first event; of a mark, the one that comes next
/// @param events 0 for a mark
/// @param passed numbers below `first` that belong to no event
/// @param bytes what the records before it came to
/// @param low all below is settled for every reader
/// @param settled how many events that is
record Label(
        String id,
        long epoch,
        String owner,
        long first,
        int events,
        byte codec,
        long millis,
        long passed,
        long bytes,
        long low,
        long settled) {
    static final String HEADER = "Logroute";
    static final int VERSION = 1;
    private static final int WORDS = 12;

    /// The sequence number after its last event.
    long end() {
        return first + events;
    }

    /// Events before its first one.
    long before() {
        return first - passed;
    }

    boolean isMark() {
        return events == 0;
    }

    /// Whether it was written by an opening that comes after this one; of two at the same time, chance
    /// decides.
    boolean after(long otherEpoch, String otherOwner) {
        return epoch > otherEpoch || epoch == otherEpoch && owner.compareTo(otherOwner) > 0;
    }

    /// As [#after], of a message; whatever a newer LogRoute wrote comes after.
    static boolean isAfter(@Nullable Headers headers, long otherEpoch, String otherOwner) {
        return version(headers) > VERSION
                || of(headers)
                        .filter(label -> label.after(otherEpoch, otherOwner))
                        .isPresent();
    }

    boolean by(long otherEpoch, String otherOwner) {
        return epoch == otherEpoch && owner.equals(otherOwner);
    }

    String text() {
        return VERSION + " " + id + " " + epoch + " " + owner + " " + first + " " + events + " " + codec + " " + millis
                + " " + passed + " " + bytes + " " + low + " " + settled;
    }

    /// Empty when the message is none of ours, or of a version that is newer: see [#version].
    static Optional<Label> of(@Nullable Headers headers) {
        String text = headers == null ? null : headers.getFirst(HEADER);
        if (text == null) {
            return Optional.empty();
        }
        String[] words = text.split(" ");
        if (words.length < WORDS || !words[0].equals(Integer.toString(VERSION))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Label(
                    words[1],
                    Long.parseLong(words[2]),
                    words[3],
                    Long.parseLong(words[4]),
                    Integer.parseInt(words[5]),
                    Byte.parseByte(words[6]),
                    Long.parseLong(words[7]),
                    Long.parseLong(words[8]),
                    Long.parseLong(words[9]),
                    Long.parseLong(words[10]),
                    Long.parseLong(words[11])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /// The version that a message says; 0 when it is none of ours.
    static int version(@Nullable Headers headers) {
        String text = headers == null ? null : headers.getFirst(HEADER);
        if (text == null) {
            return 0;
        }
        try {
            return Integer.parseInt(text.substring(0, Math.max(0, text.indexOf(' '))));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
