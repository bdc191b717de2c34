package io.logroute.parts.gelf;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Messages whose chunks come in several datagrams:
///
///     chunk = 1e 0f  id[8]  number:u8  count:u8  bytes
///
/// What is not whole after five seconds is dropped, and so is the oldest when there are too many of
/// them or too many bytes: GELF has no other bound. By one thread.
final class Chunks {
    static final int HEAD = 12;
    static final int MOST_CHUNKS = 128;
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /// @param sender ids are the sender's own
    private record Key(String sender, long id) {}

    private static final class Parts {
        final Instant since;
        final byte[] @Nullable [] parts;
        int missing;
        int bytes;

        Parts(Instant since, int count) {
            this.since = since;
            this.parts = new byte[count][];
            this.missing = count;
        }
    }

    private final int mostMessages;
    private final long mostBytes;
    private final long mostOfMessage;
    private final IntConsumer lost;
    private final LinkedHashMap<Key, Parts> waiting = new LinkedHashMap<>();
    private long bytes;

    /// @param lost told how many datagrams came in vain
    Chunks(int mostMessages, long mostBytes, long mostOfMessage, IntConsumer lost) {
        this.mostMessages = mostMessages;
        this.mostBytes = mostBytes;
        this.mostOfMessage = mostOfMessage;
        this.lost = lost;
    }

    static boolean isChunk(byte[] b, int length) {
        return length >= 2 && b[0] == 0x1e && b[1] == 0x0f;
    }

    int waiting() {
        return waiting.size();
    }

    long bytes() {
        return bytes;
    }

    /// @return the message, when this was its last chunk
    byte @Nullable [] take(byte[] b, int length, String sender, Instant now) {
        giveUp(now);
        int number = length < HEAD ? 0 : b[10] & 0xff;
        int count = length < HEAD ? 0 : b[11] & 0xff;
        if (count == 0 || count > MOST_CHUNKS || number >= count) {
            lost.accept(1);
            return null;
        }
        long id = 0;
        for (int i = 2; i < 10; i++) {
            id = id << 8 | b[i] & 0xff;
        }
        var key = new Key(sender, id);
        var parts = waiting.computeIfAbsent(key, _ -> new Parts(now, count));
        if (parts.parts.length != count || parts.parts[number] != null) {
            lost.accept(1);
            return null;
        }
        parts.parts[number] = Arrays.copyOfRange(b, HEAD, length);
        parts.missing--;
        parts.bytes += length - HEAD;
        bytes += length - HEAD;
        if (parts.bytes > mostOfMessage) {
            drop(key);
            return null;
        }
        if (parts.missing == 0) {
            waiting.remove(key);
            bytes -= parts.bytes;
            return joined(parts);
        }
        while (waiting.size() > mostMessages || bytes > mostBytes) {
            drop(waiting.firstEntry().getKey());
        }
        return null;
    }

    private static byte[] joined(Parts parts) {
        var all = new byte[parts.bytes];
        int at = 0;
        for (var part : parts.parts) {
            if (part != null) {
                System.arraycopy(part, 0, all, at, part.length);
                at += part.length;
            }
        }
        return all;
    }

    private void drop(Key key) {
        var parts = waiting.remove(key);
        if (parts != null) {
            bytes -= parts.bytes;
            lost.accept(parts.parts.length - parts.missing);
        }
    }

    /// Drops what waited too long.
    void giveUp(Instant now) {
        while (!waiting.isEmpty()) {
            var oldest = waiting.firstEntry();
            if (oldest.getValue().since.plus(PATIENCE).isAfter(now)) {
                return;
            }
            drop(oldest.getKey());
        }
    }
}
