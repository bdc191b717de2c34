package io.logroute.parts.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;

/// Finds the pieces of a log in what `GET /containers/ID/logs?timestamps=1` answers, however that is cut. A
/// piece is what Docker keeps as one message: a line with its line end, or 16 KiB of a longer one without. Each
/// begins with its time:
///
///     piece = 2026-11-30T06:07:33.123456789Z <text> [line end]
///
/// Of a container without a TTY each piece is a frame:
///
///     frame = stream:u8 (0 stdin, 1 stdout, 2 stderr, 3 Docker's own words)  0 0 0  length:u32  piece[length]
///
/// With a TTY pieces follow each other and nothing says where one begins; after a line end it does, and else after
/// exactly 16 KiB of text, when a time follows. (A line of 16 KiB whose text goes on with such a time is thus cut;
/// none that a program writes by chance.)
///
/// Bounded by the largest piece that it takes. Of one thread.
final class LogDecoder {
    /// Docker's buffer for a line (`daemon/logger/copier.go`).
    static final int PIECE = 16 << 10;

    /// No driver that we know makes longer ones; what is longer is no log.
    static final int LARGEST = 4 << 20;

    /// Bytes of a time and the blank after it.
    private static final int TIME = 31;

    private static final int HEAD = 8;
    private static final int OUT = 1;
    private static final int ERR = 2;
    private static final int DOCKER = 3;

    /// Takes the pieces.
    interface Pieces {
        /// @param err whether it came on stderr
        /// @param time nanoseconds since 1970; [#UNTIMED] when it has none
        /// @param ends whether its line ends with it; the line end is not part of it
        void piece(boolean err, long time, byte[] bytes, int from, int to, boolean ends) throws IOException;
    }

    static final long UNTIMED = Long.MIN_VALUE;

    private final boolean tty;
    private final Pieces pieces;
    private byte[] held = new byte[HEAD + TIME + 256];
    private int length;
    /// With a TTY: up to where no line end was found.
    private int looked;

    LogDecoder(boolean tty, Pieces pieces) {
        this.tty = tty;
        this.pieces = pieces;
    }

    /// Takes what came next.
    ///
    /// @throws IOException when it is no log, or Docker says in it that something is wrong
    void take(byte[] bytes, int from, int to) throws IOException {
        if (length == 0) {
            looked = 0;
            hold(bytes, decode(bytes, from, to), to);
        } else {
            hold(bytes, from, to);
            int taken = decode(held, 0, length);
            System.arraycopy(held, taken, held, 0, length - taken);
            length -= taken;
        }
        looked = length;
    }

    /// Nothing more comes. What is left of a stream with a TTY is a piece without a line end; of another it is
    /// nothing, and comes again when it is read again.
    void end() throws IOException {
        if (hasRest()) {
            int all = length;
            length = 0;
            raw(held, 0, all, false);
        }
    }

    /// Whether [#end] gives such a piece.
    boolean hasRest() {
        return tty && length > 0;
    }

    void letGo() {
        length = 0;
        looked = 0;
    }

    private void hold(byte[] bytes, int from, int to) throws IOException {
        int needed = length + to - from;
        if (needed > LARGEST + HEAD + TIME + (1 << 20)) {
            throw new IOException("the log has a piece of more than %d bytes".formatted(LARGEST));
        }
        if (needed > held.length) {
            held = Arrays.copyOf(held, Math.max(needed, held.length * 2));
        } else if (length == 0 && needed < held.length / 8 && held.length > 1 << 16) {
            held = new byte[Math.max(needed, HEAD + TIME + 256)];
        }
        System.arraycopy(bytes, from, held, length, to - from);
        length = needed;
    }

    /// @return up to where all is told
    private int decode(byte[] bytes, int from, int to) throws IOException {
        return tty ? decodeRaw(bytes, from, to) : decodeFrames(bytes, from, to);
    }

    private int decodeFrames(byte[] bytes, int from, int to) throws IOException {
        int at = from;
        while (to - at >= HEAD) {
            int stream = bytes[at];
            if (stream < 0 || stream > DOCKER || bytes[at + 1] != 0 || bytes[at + 2] != 0 || bytes[at + 3] != 0) {
                throw new IOException("the log has no frame where one should begin; has the container a TTY by now?");
            }
            int size = (bytes[at + 4] & 0xff) << 24
                    | (bytes[at + 5] & 0xff) << 16
                    | (bytes[at + 6] & 0xff) << 8
                    | bytes[at + 7] & 0xff;
            if (size < 0 || size > LARGEST) {
                throw new IOException("the log has a frame of %d bytes".formatted(size & 0xffffffffL));
            }
            int begin = at + HEAD;
            if (to - begin < size) {
                return at;
            }
            at = begin + size;
            switch (stream) {
                case OUT, ERR -> raw(bytes, begin, at, stream == ERR);
                case DOCKER ->
                    throw new IOException("Docker says in the log: "
                            + new String(bytes, begin, Math.min(size, 500), StandardCharsets.UTF_8).strip());
                default -> {} // nobody reads what goes into a container
            }
        }
        return at;
    }

    private int decodeRaw(byte[] bytes, int from, int to) throws IOException {
        int at = from;
        int search = from + looked;
        while (at < to) {
            int end = lineEnd(bytes, Math.max(search, at), to);
            int cut = at + TIME + PIECE;
            if (end < 0 || end > cut) {
                // It may be a piece of a longer line.
                if (to - cut < TIME && end < 0) {
                    return checkedLength(at, to);
                }
                if (to - cut >= TIME && isTime(bytes, cut) && isTime(bytes, at)) {
                    raw(bytes, at, cut, false);
                    at = cut;
                    search = at;
                    continue;
                }
                if (end < 0) {
                    return checkedLength(at, to);
                }
            }
            raw(bytes, at, end + 1, false);
            at = end + 1;
            search = at;
        }
        return at;
    }

    private static int checkedLength(int at, int to) throws IOException {
        if (to - at > LARGEST) {
            throw new IOException("the log has a piece of more than %d bytes".formatted(LARGEST));
        }
        return at;
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\n') {
                return at;
            }
        }
        return -1;
    }

    private void raw(byte[] bytes, int from, int to, boolean err) throws IOException {
        boolean ends = to > from && bytes[to - 1] == '\n';
        int end = ends ? to - 1 : to;
        if (tty && end > from && bytes[end - 1] == '\r' && ends) {
            end--;
        }
        long time = to - from < TIME ? UNTIMED : time(bytes, from);
        if (time == UNTIMED && tty && startsWith(bytes, from, end, "Error grabbing logs:")) {
            throw new IOException(
                    "Docker says in the log: " + new String(bytes, from, end - from, StandardCharsets.UTF_8));
        }
        pieces.piece(err, time, bytes, time == UNTIMED ? from : Math.min(from + TIME, end), end, ends);
    }

    private static boolean startsWith(byte[] bytes, int from, int to, String words) {
        return to - from >= words.length()
                && new String(bytes, from, words.length(), StandardCharsets.ISO_8859_1).equals(words);
    }

    private static boolean isTime(byte[] bytes, int at) {
        return time(bytes, at) != UNTIMED;
    }

    /// Nanoseconds since 1970 of the time that stands there with a blank behind.
    private static long time(byte[] bytes, int at) {
        if (bytes[at + 4] != '-'
                || bytes[at + 7] != '-'
                || bytes[at + 10] != 'T'
                || bytes[at + 13] != ':'
                || bytes[at + 16] != ':'
                || bytes[at + 19] != '.'
                || bytes[at + 29] != 'Z'
                || bytes[at + 30] != ' ') {
            return UNTIMED;
        }
        int year = digits(bytes, at, 4);
        int month = digits(bytes, at + 5, 2);
        int day = digits(bytes, at + 8, 2);
        int hour = digits(bytes, at + 11, 2);
        int minute = digits(bytes, at + 14, 2);
        int second = digits(bytes, at + 17, 2);
        int nano = digits(bytes, at + 20, 9);
        // Nanoseconds of other years do not fit.
        if (year < 1970 || year > 2261 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || nano < 0) {
            return UNTIMED;
        }
        try {
            long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400 + hour * 3600L + minute * 60L + second;
            return hour > 23 || minute > 59 || second > 59 ? UNTIMED : seconds * 1_000_000_000L + nano;
        } catch (DateTimeException e) {
            return UNTIMED;
        }
    }

    /// -1 when they are none.
    private static int digits(byte[] bytes, int from, int count) {
        int number = 0;
        for (int at = from; at < from + count; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
