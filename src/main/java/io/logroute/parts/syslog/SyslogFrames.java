package io.logroute.parts.syslog;

import org.jspecify.annotations.Nullable;

/// Finds messages in a stream: octet counting (`34 <13>...`, RFC 6587 and 5425) or one a line, ended by
/// a newline or NUL, told apart at each message. What only looks like a count is a line.
///
/// A message longer than allowed comes in several pieces.
final class SyslogFrames {
    private static final int MOST_DIGITS = 9;

    private final int most;
    /// Bytes of a counted message that are still to come, of one that was cut.
    private int counted;
    /// Whether a message was cut, and this is the rest of it.
    private boolean isRest;

    /// @param from where the message begins
    /// @param to where it ends
    /// @param next where the next one begins
    /// @param isPiece whether it was longer than allowed, and this is a part of it
    /// @param isTorn whether its rest did not come
    record Frame(int from, int to, int next, boolean isPiece, boolean isRest, boolean isTorn) {
        Frame(int from, int to, int next, boolean isPiece, boolean isRest) {
            this(from, to, next, isPiece, isRest, false);
        }
    }

    SyslogFrames(int most) {
        this.most = most;
    }

    /// The message that begins here; `null` when it is not all there.
    ///
    /// @param isEnd whether nothing more comes: what is there is a message then
    @Nullable
    Frame next(byte[] b, int from, int to, boolean isEnd) {
        if (counted > 0) {
            return counted(b, from, from, to, counted, isEnd);
        }
        if (!isRest) {
            while (from < to && (b[from] == '\n' || b[from] == 0 || b[from] == '\r')) {
                from++;
            }
        }
        int digits = from;
        int length = 0;
        while (!isRest && digits < to && digits - from < MOST_DIGITS && b[digits] >= '0' && b[digits] <= '9') {
            length = 10 * length + b[digits++] - '0';
        }
        if (digits > from && b[from] != '0') {
            if (digits + 2 > to && !isEnd && (digits == to || b[digits] == ' ')) {
                return null;
            }
            if (digits + 2 <= to && b[digits] == ' ' && b[digits + 1] == '<') {
                return counted(b, from, digits + 1, to, length, isEnd);
            }
        }
        return line(b, from, to, isEnd);
    }

    private @Nullable Frame counted(byte[] b, int first, int from, int to, int length, boolean isEnd) {
        int piece = Math.min(length, most);
        boolean isTorn = to - from < piece;
        if (isTorn) {
            if (!isEnd || to == from) {
                return null;
            }
            piece = to - from;
            length = piece;
        }
        boolean rest = isRest;
        counted = length - piece;
        isRest = counted > 0;
        int end = from + piece;
        int trimmed = !isRest && end > from && b[end - 1] == '\n' ? end - 1 : end;
        return new Frame(from, trimmed, end, rest || isRest, rest, isTorn);
    }

    private @Nullable Frame line(byte[] b, int from, int to, boolean isEnd) {
        boolean rest = isRest;
        int limit = Math.min(to, from + most);
        for (int i = from; i < limit; i++) {
            if (b[i] == '\n' || b[i] == 0) {
                isRest = false;
                int end = i > from && b[i - 1] == '\r' ? i - 1 : i;
                return new Frame(from, end, i + 1, rest, rest);
            }
        }
        if (to - from > most || to - from == most && isEnd) {
            isRest = to - from > most;
            return new Frame(from, limit, limit, true, rest);
        }
        if (isEnd && to > from) {
            isRest = false;
            return new Frame(from, to, to, rest, rest);
        }
        return null;
    }
}
