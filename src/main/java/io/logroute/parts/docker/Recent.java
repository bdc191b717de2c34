package io.logroute.parts.docker;

import java.util.Arrays;
import java.util.zip.CRC32C;

/// The pieces that came lately over one stream. A Docker of 20.10 that rotates a log while it is followed
/// now and then sends a second time what the new file held by then: the same pieces, with the times they
/// had. Times are those of a clock of nanoseconds, so two lines with the same words and the same time are one;
/// a driver that keeps coarser times is not doubted. Within a line only what is the same all along, such as a
/// dump of zeros, may have pieces that are alike. Of one thread.
final class Recent {
    /// A rotation is seen within moments; more than this is never sent twice.
    private static final int KEPT = 512;

    private static final int COARSE = 1_000;

    private final long[] pieces = new long[KEPT];
    private final CRC32C sum = new CRC32C();
    private int next;
    private long latest;
    /// Of the piece before.
    private long last;

    /// Whether the piece came before, and is to be passed over. Asked once for each that comes.
    ///
    /// @param inLine whether it may go on with a line: pieces of one line have the same time, and may have the
    ///     same bytes
    boolean isRepeat(long time, byte[] bytes, int from, int to, boolean inLine) {
        long piece = piece(time, bytes, from, to);
        boolean mayBeAlike = inLine && time == last && isTheSameAllAlong(bytes, from, to);
        if (time <= latest && !mayBeAlike && time % COARSE != 0 && holds(piece)) {
            return true;
        }
        last = time;
        pieces[next] = piece;
        next = (next + 1) % KEPT;
        latest = Math.max(latest, time);
        return false;
    }

    void forget() {
        Arrays.fill(pieces, 0);
        latest = 0;
        last = 0;
    }

    private static boolean isTheSameAllAlong(byte[] bytes, int from, int to) {
        int half = (to - from) / 2;
        return Arrays.equals(bytes, from, from + half, bytes, from + half, from + 2 * half);
    }

    private long piece(long time, byte[] bytes, int from, int to) {
        sum.reset();
        sum.update(bytes, from, to - from);
        return time * 0x9E37_79B9_7F4A_7C15L ^ sum.getValue() << 20 ^ to - from;
    }

    private boolean holds(long piece) {
        for (long each : pieces) {
            if (each == piece) {
                return true;
            }
        }
        return false;
    }
}
