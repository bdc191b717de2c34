package io.logroute.parts.nats;

import java.util.ArrayDeque;

/// Numbers of messages that were acknowledged last: at least [#LATEST] of them, and those that are to be kept. An
/// acknowledgement that was lost is missed after `ack_wait` only, when many more may have come; so what was the latest
/// when it may have been lost is kept for that long.
///
/// It takes 2 MiB for each [#LATEST] messages, and 16 MiB at most: where more are to be kept, the eldest go. Not
/// safe for several threads.
final class Acknowledged {
    static final int LATEST = 1 << 16;
    private static final int MOST_TABLES = 8;
    private static final int FIRST_SLOTS = 1 << 10;

    /// Open addressing, half empty at least.
    private static final class Table {
        private long[] seqs = new long[FIRST_SLOTS];
        private long[] nanos = new long[FIRST_SLOTS];
        private int count;
        private boolean isKept;
        /// Until when, of [System#nanoTime].
        private long until;

        /// The place of the number, or the free one where it belongs.
        private int place(long seq) {
            int mask = seqs.length - 1;
            int at = Long.hashCode(seq * 0x9E37_79B9_7F4A_7C15L) & mask;
            while (seqs[at] != 0 && seqs[at] != seq) {
                at = at + 1 & mask;
            }
            return at;
        }

        boolean has(long seq, long stored) {
            int at = place(seq);
            return seqs[at] == seq && nanos[at] == stored;
        }

        void add(long seq, long stored) {
            if (2 * (count + 1) > seqs.length) {
                grow();
            }
            int at = place(seq);
            count += seqs[at] == seq ? 0 : 1;
            seqs[at] = seq;
            nanos[at] = stored;
        }

        private void grow() {
            var olderSeqs = seqs;
            var olderNanos = nanos;
            seqs = new long[2 * olderSeqs.length];
            nanos = new long[2 * olderSeqs.length];
            for (int i = 0; i < olderSeqs.length; i++) {
                if (olderSeqs[i] != 0) {
                    int at = place(olderSeqs[i]);
                    seqs[at] = olderSeqs[i];
                    nanos[at] = olderNanos[i];
                }
            }
        }

        boolean isOver(long now) {
            return !isKept || until - now < 0;
        }
    }

    /// The latest first. Those after the first two are there because they are kept.
    private final ArrayDeque<Table> tables = new ArrayDeque<>();

    Acknowledged() {
        tables.add(new Table());
    }

    /// @param seq from 1
    /// @param nanos when the message was stored, which tells a stream from an older one of its name
    boolean has(long seq, long nanos) {
        for (var table : tables) {
            if (table.has(seq, nanos)) {
                return true;
            }
        }
        return false;
    }

    /// @param now of [System#nanoTime]
    void add(long seq, long nanos, long now) {
        if (tables.getFirst().count == LATEST) {
            tables.addFirst(new Table());
            letGo(now);
        }
        tables.getFirst().add(seq, nanos);
    }

    /// Keeps the latest, whatever comes.
    ///
    /// @param until of [System#nanoTime], as `now`
    void keep(long until, long now) {
        letGo(now);
        int latest = 0;
        for (var table : tables) {
            if (latest++ < 2) {
                table.until = table.isKept && table.until - until > 0 ? table.until : until;
                table.isKept = true;
            }
        }
    }

    /// What need not be kept any more goes.
    void letGo(long now) {
        int place = 0;
        for (var each = tables.iterator(); each.hasNext(); place++) {
            boolean isOver = each.next().isOver(now);
            if (place >= MOST_TABLES || place >= 2 && isOver) {
                each.remove();
            }
        }
    }

    void clear() {
        tables.clear();
        tables.add(new Table());
    }
}
