package io.logroute.flow;

/// What one look over an event tells of its top level, in 16 bits, so that nobody looks again:
///
///     bit 15      known: the rest says something
///     bit 14      it may have a field `@metadata`
///     bit 13      line ends stand between its tokens
///     bits 0-12   where the value of `@timestamp` begins, counted from the event's first byte; 0 when
///                 it has none; all ones when one has to look: far behind, written with escapes, or
///                 there twice
///
/// They lie beside the event in the buffer ([Frames]). Zero says nothing, and is always right.
final class Facts {
    static final int UNKNOWN = 0;
    static final int KNOWN = 1 << 15;
    static final int METADATA = 1 << 14;
    static final int LINE_ENDS = 1 << 13;
    static final int LOOK = LINE_ENDS - 1;

    private static final byte[] TIMESTAMP = {'@', 't', 'i', 'm', 'e', 's', 't', 'a', 'm', 'p'};
    private static final byte[] BEATS_METADATA = {'@', 'm', 'e', 't', 'a', 'd', 'a', 't', 'a'};

    private Facts() {}

    /// The facts with one field more, whose name begins with `@` or has escapes.
    ///
    /// @param name, nameEnd its name, the quotes included
    /// @param value where its value begins, counted from the event's first byte
    static int with(int facts, byte[] bytes, int name, int nameEnd, int value) {
        if (bytes[name + 1] == '@' && !hasEscape(bytes, name, nameEnd)) {
            if (is(TIMESTAMP, bytes, name, nameEnd)) {
                return (facts & LOOK) == 0 && value < LOOK ? facts | value : facts | LOOK;
            }
            return is(BEATS_METADATA, bytes, name, nameEnd) ? facts | METADATA : facts;
        }
        return facts | METADATA | LOOK;
    }

    private static boolean is(byte[] word, byte[] bytes, int name, int nameEnd) {
        return java.util.Arrays.equals(word, 0, word.length, bytes, name + 1, nameEnd - 1);
    }

    private static boolean hasEscape(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /// Whether the event can leave as it is: it has a time, and nothing that must not leave.
    static boolean leavesAsItIs(int facts) {
        int stamp = facts & LOOK;
        return (facts & (KNOWN | METADATA | LINE_ENDS)) == KNOWN && stamp != 0 && stamp != LOOK;
    }

    /// Where the value of `@timestamp` begins, or -1 when one has to look.
    static int timestamp(int facts) {
        int stamp = facts & LOOK;
        return (facts & KNOWN) == 0 || stamp == 0 || stamp == LOOK ? -1 : stamp;
    }
}
