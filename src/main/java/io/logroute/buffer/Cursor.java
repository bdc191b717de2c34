package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One reader's way through the buffer: it reads on from where it was, and says what is settled,
/// which is what it finds again after a crash.
///
/// One thread reads and rewinds; any thread may settle, save and close. Only durable records are
/// read. An interrupted read leaves the cursor where it was.
public final class Cursor implements AutoCloseable {
    private final DiskBuffer buffer;
    private final Place place;
    private final int blockBytes;
    private final ReentrantLock reading = new ReentrantLock();

    private volatile long settled;
    private volatile boolean closed;

    // All below: guarded by `reading`.
    /// The sequence number that should come next.
    private long next;

    private @Nullable Segment segment;
    private @Nullable Walk walk;
    private long limit;

    /// No record below `limit` has a number from here on.
    private long limitSeq;

    private @Nullable ByteBuffer block;

    Cursor(DiskBuffer buffer, Place place, long settled, int blockBytes) {
        this.buffer = buffer;
        this.place = place;
        this.blockBytes = blockBytes;
        this.settled = settled;
        this.next = settled;
    }

    /// The next durable record, waiting at most `patience` for one; empty when none came.
    ///
    /// The first record after opening or [#rewind] is the one that contains [#settled], which may
    /// lie in its middle: skip the events before it. Damaged stretches are stepped over, counted in
    /// [DiskBuffer#damage]. Throws `IOException` when the disk cannot be read (try again) or the
    /// cursor is closed.
    public Optional<Stored> read(Duration patience) throws IOException, InterruptedException {
        reading.lockInterruptibly();
        try {
            long deadline = System.nanoTime() + patience.toNanos();
            while (true) {
                if (closed) {
                    throw new IOException("cursor \"%s\" is closed".formatted(place.reader));
                }
                long seen = buffer.rounds();
                Optional<Stored> stored = step();
                if (stored.isPresent()) {
                    return stored;
                }
                if (!buffer.awaitRound(seen, deadline - System.nanoTime(), this) && !closed) {
                    return Optional.empty();
                }
            }
        } catch (ClosedByInterruptException e) {
            leave();
            Thread.interrupted();
            throw new InterruptedException("reading was interrupted");
        } catch (IOException | RuntimeException e) {
            leave();
            throw e;
        } finally {
            reading.unlock();
        }
    }

    /// The next record that is there now.
    private Optional<Stored> step() throws IOException {
        while (true) {
            Segment at = segment;
            Walk on = walk;
            if (at == null || on == null) {
                Optional<Segment> found = buffer.segmentFor(next);
                if (found.isEmpty()) {
                    return Optional.empty();
                }
                enter(found.get());
                continue;
            }
            if (on.position() < limit) {
                Optional<Stored> stored = take(at, on);
                if (stored.isPresent()) {
                    return stored;
                }
                continue;
            }
            DiskBuffer.Reach reach = buffer.reach(at);
            if (reach.readable() > limit) {
                limit = reach.readable();
                limitSeq = reach.endSeq();
                continue;
            }
            if (reach.endSeq() > next) { // its last records are damaged
                buffer.lost(next, reach.endSeq());
                next = reach.endSeq();
            }
            Optional<Segment> after = reach.finished() ? buffer.segmentAfter(at) : Optional.empty();
            if (after.isEmpty()) {
                return Optional.empty();
            }
            enter(after.get());
        }
    }

    private void enter(Segment other) throws IOException {
        leave();
        segment = other;
        ByteBuffer memory = block;
        if (memory == null) {
            memory = ByteBuffer.allocateDirect(blockBytes);
            block = memory;
        }
        walk = new Walk(buffer.openToRead(other), other.home, memory);
        limit = 0;
        next = Math.max(next, other.baseSeq);
    }

    private Optional<Stored> take(Segment at, Walk on) throws IOException {
        Recent.Record recent = buffer.recent(next, at, on.position());
        if (recent != null && recent.to() <= limit) {
            on.pass(recent.to());
            next = recent.stored().endSeq();
            return Optional.of(recent.stored());
        }
        if (!(on.next(limit) instanceof Walk.Entry entry) || entry.head().endSeq() > limitSeq) {
            buffer.corrupt(at, on.position());
            return Optional.empty();
        }
        Format.Head head = entry.head();
        if (head.endSeq() <= next) {
            return Optional.empty();
        }
        Optional<byte[]> bytes = on.payload(entry);
        if (head.seq() > next) {
            buffer.lost(next, head.seq());
        }
        if (bytes.isEmpty()) {
            buffer.corrupt(at, on.position());
            buffer.lost(Math.max(next, head.seq()), head.endSeq());
        }
        next = head.endSeq();
        return bytes.map(payload ->
                new Stored(head.seq(), head.events(), Instant.ofEpochMilli(head.millis()), head.codec(), payload));
    }

    private void leave() {
        Walk left = walk;
        Segment from = segment;
        walk = null;
        segment = null;
        try {
            if (left != null) {
                left.close();
            }
        } catch (IOException e) {
            System.getLogger(Cursor.class.getName())
                    .log(System.Logger.Level.DEBUG, "A segment file did not close after reading", e);
        }
        if (from != null) {
            buffer.left(from);
        }
    }

    /// Everything below `seq` is settled. Never goes back; in memory until [#save]. Throws
    /// `IllegalArgumentException` beyond what was ever appended.
    public synchronized void settle(long seq) {
        if (seq > buffer.nextSeq()) {
            throw new IllegalArgumentException("cursor \"%s\" cannot settle up to %d: the log ends at %d"
                    .formatted(place.reader, seq, buffer.nextSeq()));
        }
        settled = Math.max(settled, seq);
    }

    /// Makes the settled place durable, then deletes the segments that every reader has durably
    /// passed. Throws `IOException` when either fails; then the place before stands, or segments
    /// stay, and a later save tries again.
    public void save() throws IOException {
        buffer.save(place, buffer.worthSaving(settled));
    }

    public long settled() {
        return settled;
    }

    /// Events from [#settled] to the end of the log; those that were lost or given up do not count.
    public long unsettled() {
        return buffer.unsettled(settled);
    }

    /// Those of them that come before this number.
    public long unsettledBelow(long seq) {
        return buffer.eventsBetween(settled, seq);
    }

    /// Bytes in the log from [#settled] on; the part of a segment is reckoned by its events.
    public long unsettledBytes() {
        return buffer.bytesFrom(settled);
    }

    /// The least place that has no more than so many bytes behind it, as [#unsettledBytes] reckons;
    /// 0 when the whole log is within.
    public long placeWithin(long bytes) {
        return buffer.placeWithin(bytes);
    }

    /// The next read goes on at `seq`, or after it when reading is beyond it already; what lies
    /// between is not read. Settles nothing.
    ///
    /// @param from where the reader is
    /// @return how many events from `from` to `seq` are passed over
    public long skip(long from, long seq) {
        reading.lock();
        try {
            leave();
            next = Math.max(next, seq);
        } finally {
            reading.unlock();
        }
        return buffer.eventsBetween(from, seq);
    }

    /// Whether every event that was ever appended has been read or passed over, durable or not: one that
    /// is appended from now on came in later than this was asked.
    public boolean hasReadAll() {
        reading.lock();
        try {
            return next >= buffer.nextSeq();
        } finally {
            reading.unlock();
        }
    }

    /// The next read starts again at [#settled].
    public void rewind() {
        reading.lock();
        try {
            leave();
            next = settled;
        } finally {
            reading.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /// Ends reading; a read that waits is woken. Does not save. Safe to call twice.
    @Override
    public void close() {
        closed = true;
        buffer.closed(this, place.reader);
        reading.lock();
        try {
            leave();
            block = null;
        } finally {
            reading.unlock();
        }
    }
}
