package io.logroute.parts.nats;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Messages of a stream that were delivered to us and are not acknowledged yet, by their numbers; and the numbers of
/// those that are, for they may come again. Safe for all threads.
final class Held {
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
        /// How many consumers were forgotten before it came.
        private int era;

        Message(Delivered delivered, String reply, int bytes, long now) {
            this.seq = delivered.seq();
            this.nanos = delivered.nanos();
            this.reply = reply;
            this.bytes = bytes;
            this.asked = now;
        }
    }

    private final Map<Long, Message> bySeq = new HashMap<>();
    private final Acknowledged acknowledged = new Acknowledged();
    private int era;
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
        // Looked up and put in one step: between two, an elder that is held could become one that was acknowledged.
        message.era = era;
        message.stored = acknowledged.has(message.seq, message.nanos);
        if (message.stored) {
            put(message);
            return Standing.ACKNOWLEDGED;
        }
        var elder = put(message);
        if (elder == null) {
            return Standing.NEW;
        }
        elder.reply = message.reply;
        elder.asked = message.asked;
        elder.era = era;
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

    /// Whether an answer means it, and no other one: servers go by the number alone. Not when the number was given
    /// again, as of a stream made anew, or when it was delivered by a consumer that is gone.
    synchronized boolean isOwed(Message message) {
        return bySeq.get(message.seq) == message && message.era == era;
    }

    synchronized void acknowledged(Message message) {
        if (message.era == era) {
            acknowledged.add(message.seq, message.nanos, System.nanoTime());
        }
        remove(message);
    }

    /// The last acknowledgements may be lost, with a connection or a server.
    ///
    /// @param now of [System#nanoTime]
    /// @param ackWait in nanoseconds
    synchronized void doubtLast(long now, long ackWait) {
        acknowledged.keep(now + 2 * ackWait, now);
    }

    /// What need not be known any more goes.
    ///
    /// @param now of [System#nanoTime]
    synchronized void letGo(long now) {
        acknowledged.letGo(now);
    }

    /// Nothing was acknowledged: to a consumer made anew everything is new.
    synchronized void forget() {
        era++;
        acknowledged.clear();
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
