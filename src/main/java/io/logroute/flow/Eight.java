package io.logroute.flow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Looks at eight bytes of JSON text at a time: most bytes of a log are the inside of strings,
/// where only few matter.
///
/// A byte of a word is zero where `(word - 0x01…) & ~word & 0x80…` has its high bit; bits above
/// the lowest one found may be wrong, the lowest never is. (Mycroft's test; Henry S. Warren,
/// Hacker's Delight, 6-1.)
final class Eight {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long TWOS = ONES * 2;
    private static final long AFTER_BLANKS = ONES * (' ' + 1);

    /// The golden ratio's odd multiplier: it spreads what it is multiplied with over the upper bits.
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Eight() {}

    /// The first place from `at` on with a quote or backslash. There has to be one.
    static int nextQuoteOrBackslash(byte[] bytes, int at) {
        int i = at;
        for (int last = bytes.length - Long.BYTES; i <= last; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            long found = zero(word ^ QUOTES) | zero(word ^ BACKSLASHES);
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (bytes[i] != '"' && bytes[i] != '\\') {
            i++;
        }
        return i;
    }

    /// The first place from `at` on, and before `to`, with a byte that is not plain inside a JSON
    /// string: a quote, a backslash, a control character, or one beyond ASCII; `to` when there is
    /// none.
    static int nextUnplain(byte[] bytes, int at, int to) {
        int i = at;
        for (int last = to - Long.BYTES; i <= last; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            // With the second bit turned round, quotes and control characters are all that is at most
            // a blank: one comparison for both.
            long turned = word ^ TWOS;
            long low = (turned - AFTER_BLANKS) & ~turned;
            long slash = word ^ BACKSLASHES;
            long found = (low | (slash - ONES) & ~slash | word) & HIGHS;
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (i < to && bytes[i] >= ' ' && bytes[i] != '"' && bytes[i] != '\\') {
            i++;
        }
        return i;
    }

    /// Whether so many bytes are the same here and there.
    static boolean same(byte[] one, int at, byte[] other, int there, int length) {
        if (length < Long.BYTES) {
            for (int i = 0; i < length; i++) {
                if (one[at + i] != other[there + i]) {
                    return false;
                }
            }
            return true;
        }
        int last = length - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            if ((long) LONGS.get(one, at + i) != (long) LONGS.get(other, there + i)) {
                return false;
            }
        }
        return (long) LONGS.get(one, at + last) == (long) LONGS.get(other, there + last);
    }

    /// A hash of these bytes; not one that keeps somebody from making many with the same.
    static int hash(byte[] bytes, int from, int to) {
        long hash = to - from;
        int i = from;
        for (int last = to - Long.BYTES; i <= last; i += Long.BYTES) {
            hash = mixed(hash, (long) LONGS.get(bytes, i));
        }
        for (; i < to; i++) {
            hash = mixed(hash, bytes[i]);
        }
        return (int) (hash * GOLDEN >>> 32);
    }

    private static long mixed(long hash, long word) {
        long product = (hash ^ word) * GOLDEN;
        return product ^ product >>> 32;
    }

    private static long zero(long word) {
        return (word - ONES) & ~word & HIGHS;
    }
}
