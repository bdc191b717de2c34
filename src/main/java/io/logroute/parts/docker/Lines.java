package io.logroute.parts.docker;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/// Joins the pieces of each stream to lines: Docker keeps a line of more than 16 KiB as several. A line
/// that is longer than may be comes out in parts. What Docker sends twice comes out once. Of one thread.
final class Lines implements LogDecoder.Pieces {
    /// Without asking, a line may have so many bytes.
    static final int SMALL = 64 << 10;

    /// Pieces of one line, at most.
    private static final int MOST_PIECES = 1 << 12;

    private final Position position;
    private final int longest;
    private final BooleanSupplier room;
    private final Taking taking;
    private final Pending out = new Pending();
    private final Pending err = new Pending();

    /// Takes lines.
    interface Taking {
        /// All pieces of it are taken now. The array is the taker's for this call only.
        ///
        /// @param partial whether the line goes on
        void line(boolean err, long time, byte[] bytes, int from, int to, boolean partial) throws IOException;
    }

    /// What came of a line that has not ended.
    private static final class Pending {
        final Recent recent = new Recent();
        /// Whether the line of the piece before goes on, taken before or not.
        boolean open;

        byte[] bytes = new byte[0];
        int length;
        long[] times = new long[4];
        int pieces;
        int last;
        /// Whether there is room for more than a small one.
        boolean large;

        void add(long time, byte[] from, int at, int to) {
            if (length + to - at > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(length + to - at, bytes.length * 2));
            }
            System.arraycopy(from, at, bytes, length, to - at);
            length += to - at;
            if (pieces == times.length) {
                times = Arrays.copyOf(times, pieces * 2);
            }
            times[pieces++] = time;
            last = to - at;
        }

        void clear() {
            bytes = length > SMALL ? new byte[0] : bytes;
            length = 0;
            pieces = 0;
        }
    }

    /// @param position what is new, and what was taken
    /// @param longest bytes of a line
    /// @param room takes room for one line that is longer than [#SMALL], when there is some; [#released]
    ///     gives it back
    Lines(Position position, int longest, BooleanSupplier room, Taking taking) {
        this.position = position;
        this.longest = longest;
        this.room = room;
        this.taking = taking;
    }

    @Override
    public void piece(boolean isErr, long told, byte[] bytes, int from, int to, boolean ends) throws IOException {
        var pending = isErr ? err : out;
        if (told != LogDecoder.UNTIMED && pending.recent.isRepeat(told, bytes, from, to, pending.open)) {
            return;
        }
        pending.open = !ends;
        long time = position.timeOf(isErr, told);
        if (!position.isNew(isErr, time)) {
            return;
        }
        if (pending.pieces > 0 && pending.last < LogDecoder.PIECE && time != pending.times[0]) {
            give(isErr, pending, false); // its writer ended in the middle of it, and another one began
        }
        if (pending.pieces == 0 && ends) {
            position.take(isErr, time);
            taking.line(isErr, time, bytes, from, to, false);
            return;
        }
        if (pending.pieces > 0 && !fits(pending, to - from)) {
            give(isErr, pending, true);
        }
        if (pending.pieces == 0) {
            position.begin(isErr, time);
        }
        pending.add(time, bytes, from, to);
        if (ends) {
            give(isErr, pending, false);
        }
    }

    private boolean fits(Pending pending, int more) {
        if (pending.length + more > longest || pending.pieces == MOST_PIECES) {
            return false;
        }
        if (pending.length + more > SMALL && !pending.large) {
            pending.large = room.getAsBoolean();
            return pending.large;
        }
        return true;
    }

    private void give(boolean isErr, Pending pending, boolean partial) throws IOException {
        for (int i = 0; i < pending.pieces; i++) {
            position.take(isErr, pending.times[i]);
        }
        var bytes = pending.bytes;
        int length = pending.length;
        pending.clear();
        taking.line(isErr, pending.times[0], bytes, 0, length, partial);
    }

    /// Nobody writes any more: what is left are lines, too.
    void end() throws IOException {
        if (out.pieces > 0) {
            give(false, out, false);
        }
        if (err.pieces > 0) {
            give(true, err, false);
        }
    }

    /// The log is opened again. Lets go of what is not whole: it comes again, as does what came lately.
    void letGo() {
        for (var each : new Pending[] {out, err}) {
            each.clear();
            each.recent.forget();
            each.open = false;
        }
    }

    /// How many lines have room of their own, once: it is given back.
    int released() {
        int released = 0;
        for (var each : new Pending[] {out, err}) {
            if (each.large && each.pieces == 0) {
                each.large = false;
                released++;
            }
        }
        return released;
    }
}
