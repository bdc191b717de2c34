package io.logroute.parts.nats;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Messages of a stream that were delivered to us and are not acknowledged yet, by their numbers; and the numbers of
/// those acknowledged last, so that what is delivered again is known. Safe for all threads.
///
/// Remembered are the latest 65,536 numbers. An acknowledgement that was lost is missed after `ack_wait` only, when
/// many
/// more may have come: so what was remembered when a connection changed stays so for twice that time. That takes 1 MiB
/// a
/// time, eight times at most.
final class Held {
    private static final int REMEMBERED = 1 << 16;
    private static final int MOST_DOUBTS = 8;

    /// Numbers, each in the place of its last bits, and when their messages were stored.
    private static final class Memory {
        private final long[] seqs;
        private final long[] nanos;

        Memory() {
            this(new long[REMEMBERED], new long[REMEMBERED]);
        }

        private Memory(long[] seqs, long[] nanos) {
            this.seqs = seqs;
            this.nanos = nanos;
        }

        void add(Message message) {
            int at = (int) (message.seq & REMEMBERED - 1);
            seqs[at] = message.seq;
            nanos[at] = message.nanos;
        }

        boolean has(Message message) {
            int at = (int) (message.seq & REMEMBERED - 1);
            return seqs[at] == message.seq && nanos[at] == message.nanos;
        }

        Memory copy() {
            return new Memory(seqs.clone(), nanos.clone());
        }
    }

    /// What may not have been acknowledged.
    ///
    /// @param until of [System#nanoTime]
    private record Doubt(Memory memory, long until) {}

    /// One message.
    static final class Message {
        final long seq;
        final long nanos;
        final int bytes;
        /// Where the latest delivery of it is to be acknowledged.
        volatile String reply;
        /// When we last got it, or asked for time.
        volatile long asked;
        /// Whether its events are stored, so that only the acknowledgement is missing.
        volatile boolean stored;

        Message(Delivered delivered, String reply, int bytes, long now) {
            this.seq = delivered.seq();
            this.nanos = delivered.nanos();
            this.reply = reply;
            this.bytes = bytes;
            this.asked = now;
        }
    }

    private final Map<Long, Message> bySeq = new HashMap<>();
    private final ArrayDeque<Doubt> doubts = new ArrayDeque<>();
    private Memory last = new Memory();
    /// Whether nothing was acknowledged since it was doubted last.
    private boolean isDoubted = true;
    private long bytes;

    synchronized int count() {
        return bySeq.size();
    }

    synchronized long bytes() {
        return bytes;
    }

    /// What a message that was delivered is to us.
    enum Standing {
        /// Its events are to be stored.
        NEW,
        /// Held already: its elder is to be acknowledged where this one is.
        HELD,
        /// Acknowledged by us a while ago, which did not get there; to be acknowledged again, and held until then.
        ACKNOWLEDGED
    }

    /// It is looked up however often the servers say that it was delivered: NATS 2.9 may call a second delivery the
    /// first.
    synchronized Standing add(Message message) {
        doubts.removeIf(doubt -> doubt.until - message.asked < 0);
        // Looked up and put in one step: between two, an elder that is held could become one that was acknowledged.
        if (wasAcknowledged(message)) {
            message.stored = true;
            put(message);
            return Standing.ACKNOWLEDGED;
        }
        var elder = put(message);
        if (elder == null) {
            return Standing.NEW;
        }
        elder.reply = message.reply;
        elder.asked = message.asked;
        return Standing.HELD;
    }

    /// `null` when the message was not held; else the one that was, and is.
    private @Nullable Message put(Message message) {
        var before = bySeq.putIfAbsent(message.seq, message);
        if (before == null) {
            bytes += message.bytes;
            return null;
        }
        if (before.nanos != message.nanos) { // of a stream that was made anew
            bySeq.put(message.seq, message);
            bytes += message.bytes - before.bytes;
            return null;
        }
        return before;
    }

    private boolean wasAcknowledged(Message message) {
        if (last.has(message)) {
            return true;
        }
        for (var doubt : doubts) {
            if (doubt.memory.has(message)) {
                return true;
            }
        }
        return false;
    }

    synchronized void acknowledged(Message message) {
        last.add(message);
        isDoubted = false;
        remove(message);
    }

    /// A connection was lost, or came back: the last acknowledgements may be lost with it.
    ///
    /// @param now of [System#nanoTime]
    /// @param ackWait in nanoseconds
    synchronized void doubtLast(long now, long ackWait) {
        if (isDoubted) {
            return;
        }
        isDoubted = true;
        if (doubts.size() == MOST_DOUBTS) {
            doubts.remove();
        }
        doubts.add(new Doubt(last.copy(), now + 2 * ackWait));
    }

    /// Nothing was acknowledged: to a consumer made anew everything is new.
    synchronized void forget() {
        last = new Memory();
        doubts.clear();
        isDoubted = true;
    }

    /// It will come again, here or elsewhere.
    synchronized void remove(Message message) {
        if (bySeq.remove(message.seq, message)) {
            bytes -= message.bytes;
        }
    }

    synchronized List<Message> all() {
        return new ArrayList<>(bySeq.values());
    }
}
