package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A reader's way through a [DiskBuffer]: through its segment files, one at a time, with the records
/// that came last from memory. Damaged stretches are stepped over.
final class DiskCursor implements Cursor {
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

    DiskCursor(DiskBuffer buffer, Place place, long settled, int blockBytes) {
        this.buffer = buffer;
        this.place = place;
        this.blockBytes = blockBytes;
        this.settled = settled;
        this.next = settled;
    }

    @Override
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
            System.getLogger(DiskCursor.class.getName())
                    .log(System.Logger.Level.DEBUG, "A segment file did not close after reading", e);
        }
        if (from != null) {
            buffer.left(from);
        }
    }

    @Override
    public synchronized void settle(long seq) {
        if (seq > buffer.nextSeq()) {
            throw new IllegalArgumentException("cursor \"%s\" cannot settle up to %d: the log ends at %d"
                    .formatted(place.reader, seq, buffer.nextSeq()));
        }
        settled = Math.max(settled, seq);
    }

    @Override
    public void save() throws IOException {
        buffer.save(place, buffer.worthSaving(settled));
    }

    @Override
    public long settled() {
        return settled;
    }

    @Override
    public long unsettled() {
        return buffer.unsettled(settled);
    }

    @Override
    public long unsettledBelow(long seq) {
        return buffer.eventsBetween(settled, seq);
    }

    @Override
    public long unsettledBytes() {
        return buffer.bytesFrom(settled);
    }

    @Override
    public long placeWithin(long bytes) {
        return buffer.placeWithin(bytes);
    }

    @Override
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

    @Override
    public boolean hasReadAll() {
        reading.lock();
        try {
            return next >= buffer.nextSeq();
        } finally {
            reading.unlock();
        }
    }

    @Override
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
