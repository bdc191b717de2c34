package io.logroute.parts.listen;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Memory for what connections have read and not handed over yet. Each has an allowance of its
/// own; what goes beyond it comes out of here, and goes back with [Part#shrinkTo].
///
/// Who finds none waits a bounded time and ends then, so connections that each hold a part cannot
/// block one another for ever. Nobody queues: small needs pass a large one.
public final class Room {
    private final long size;
    private final long allowance;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long left;
    private int waiting;

    /// @param size bytes that all share
    /// @param allowance bytes that each may have besides
    public Room(long size, long allowance) {
        this.size = size;
        this.allowance = allowance;
        this.left = size;
    }

    public Part part() {
        return new Part();
    }

    /// Bytes that nobody has.
    public long left() {
        lock.lock();
        try {
            return left;
        } finally {
            lock.unlock();
        }
    }

    /// Whether somebody waits for a part that another has.
    public boolean wanted() {
        lock.lock();
        try {
            return waiting > 0;
        } finally {
            lock.unlock();
        }
    }

    /// What one connection has of it. Grows and shrinks on the thread of the connection;
    /// [#end] comes from any.
    public final class Part implements AutoCloseable {
        private long held;
        private boolean ended;

        /// Makes it enough for so many bytes in all. Who has all of the room has enough: one
        /// connection alone can always go on.
        ///
        /// @return false when there was no room for so long, or after [#end]
        public boolean growTo(long bytes, Duration atMost) {
            long more = beyond(bytes) - held;
            return more <= 0 || take(more, atMost.toNanos());
        }

        private boolean take(long more, long nanos) {
            lock.lock();
            try {
                waiting++;
                while (left < more && !ended && nanos > 0) {
                    nanos = changed.awaitNanos(nanos);
                }
                if (left < more || ended) {
                    return false;
                }
                left -= more;
                held += more;
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                waiting--;
                lock.unlock();
            }
        }

        /// Gives back what is not needed for so many bytes.
        public void shrinkTo(long bytes) {
            long less = held - beyond(bytes);
            if (less <= 0) {
                return;
            }
            lock.lock();
            try {
                left += less;
                held -= less;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private long beyond(long bytes) {
            return Math.clamp(bytes - allowance, 0, size);
        }

        /// Whether it has something that others could use.
        public boolean holds() {
            return held > 0;
        }

        /// Ends waiting, now and later.
        public void end() {
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            shrinkTo(0);
        }
    }
}
