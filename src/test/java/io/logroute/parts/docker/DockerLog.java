package io.logroute.parts.docker;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/// A container's log as Docker keeps it and gives it out: the twin of `daemon/logger` for tests. A line of more than
/// 16 KiB is several pieces of one time. Used by one thread at a time.
final class DockerLog {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

    /// What Docker keeps as one message.
    record Piece(boolean err, long time, byte[] text, boolean ends) {}

    private final boolean tty;
    private final List<Piece> pieces = new ArrayList<>();

    DockerLog(boolean tty) {
        this.tty = tty;
    }

    /// A line is written, in pieces.
    void line(boolean err, long time, String line) {
        pieces.addAll(cut(err, time, line.getBytes(StandardCharsets.UTF_8), true));
    }

    /// As the copier cuts it.
    static List<Piece> cut(boolean err, long time, byte[] text, boolean ends) {
        var cut = new ArrayList<Piece>();
        int at = 0;
        for (; text.length - at >= LogDecoder.PIECE; at += LogDecoder.PIECE) {
            cut.add(new Piece(err, time, java.util.Arrays.copyOfRange(text, at, at + LogDecoder.PIECE), false));
        }
        if (ends || at < text.length) {
            cut.add(new Piece(err, time, java.util.Arrays.copyOfRange(text, at, text.length), ends));
        }
        return cut;
    }

    void add(Piece piece) {
        pieces.add(piece);
    }

    int size() {
        return pieces.size();
    }

    /// The oldest are gone.
    void rotate(int count) {
        pieces.subList(0, count).clear();
    }

    /// As it is given out from a time on.
    ///
    /// @param modern whether all that follows the first piece of that time comes, as since Docker 23, or
    ///     each piece is
    ///     asked for its time
    byte[] since(long since, int from, int to, boolean modern) {
        var out = new ByteArrayOutputStream();
        boolean begun = false;
        for (int i = 0; i < to; i++) {
            var piece = pieces.get(i);
            if (piece.time() < since && !(modern && begun)) {
                continue;
            }
            begun = true;
            if (i >= from) {
                out.writeBytes(written(piece, tty));
            }
        }
        return out.toByteArray();
    }

    static byte[] written(Piece piece, boolean tty) {
        var time = TIME.format(Instant.ofEpochSecond(piece.time() / 1_000_000_000, piece.time() % 1_000_000_000)) + " ";
        var end = !piece.ends() ? "" : tty ? "\r\n" : "\n";
        int length = time.length() + piece.text().length + end.length();
        var out = ByteBuffer.allocate(length + (tty ? 0 : 8));
        if (!tty) {
            out.put((byte) (piece.err() ? 2 : 1)).put(new byte[3]).putInt(length);
        }
        out.put(time.getBytes(StandardCharsets.US_ASCII))
                .put(piece.text())
                .put(end.getBytes(StandardCharsets.US_ASCII));
        return out.array();
    }
}
