package io.logroute.parts.redis;

import io.logroute.remote.RedisLink;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A key of Redis to take from: what differs between a stream and a list. Knows the commands, keeps no connection;
/// the [Taker] that has it uses it with two, from two threads: one that reads, and one that settles.
interface Shelf {
    /// Handed out more often than this and never settled, it goes alone and behind others, so that it harms none.
    int OFTEN = 5;

    /// How long a read waits on the server when there is nothing, in milliseconds.
    int WAIT = 1_000;

    /// One entry or element.
    ///
    /// @param mark what it is settled by: the id of an entry, the bytes of an element
    /// @param content the fields of an entry; the bytes of an element. An empty list when the entry was
    ///     deleted before
    ///     anybody could take it
    /// @param times how often it was handed out, as far as is known
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Item(byte[] mark, Object content, long bytes, long times) {}

    /// Gets ready on a new connection.
    void open(RedisLink link) throws IOException;

    /// Gives on what was handed out to this consumer before and is neither settled nor `held` by the one who asks:
    /// left from an earlier life, or from a connection that broke.
    void left(RedisLink link, Held held, Hands hands) throws IOException, InterruptedException;

    /// New ones, at most so many; waits up to [#WAIT] when there are none.
    List<Item> read(RedisLink link, int count, Held held) throws IOException, InterruptedException;

    /// How many this consumer has begun with and not settled, as Redis knows it. Those of a reply that was lost
    /// with its connection are among them, also when the server heard of the question only after [#left].
    long begun(RedisLink link) throws IOException;

    /// What consumers have begun with that were not heard of for long.
    TakenOver takeOver(RedisLink link, int count) throws IOException;

    /// @param items what is ours now
    /// @param putBack how many were put back to where [#read] finds them
    record TakenOver(List<Item> items, long putBack) {}

    /// They are stored.
    void settle(RedisLink link, List<byte[]> marks) throws IOException;

    /// Whether settling again what may be settled already does no harm.
    boolean maySettleAgain();

    /// Tells the others that this consumer lives.
    void beat(RedisLink link) throws IOException;

    /// What waits to be taken, and what is begun with.
    Waiting waiting(RedisLink link) throws IOException;

    /// @param items how many; less than 0 when Redis does not say
    /// @param oldest when the first of them came to Redis; empty when there is none, or it does not say
    record Waiting(long items, Optional<Instant> oldest) {
        /// Nothing is known.
        static final Waiting UNKNOWN = new Waiting(-1, Optional.empty());
    }

    /// What the one who reads has in hand.
    interface Held {
        /// Whether this one is in hand. Of several that are equal, each asking stands for another one.
        boolean takes(byte[] mark);

        boolean isEmpty();
    }

    /// Where items are given to.
    interface Hands {
        void take(List<Item> items) throws InterruptedException;
    }
}
