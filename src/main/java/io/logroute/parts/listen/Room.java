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
    /// What several rooms may share.
    private static final class Pool {
        final long size;
        final ReentrantLock lock = new ReentrantLock();
        final Condition changed = lock.newCondition();
        long left;
        int waiting;

        Pool(long size) {
            this.size = size;
            this.left = size;
        }
    }

    private static final Pool OF_ALL =
            new Pool(Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 4));

    private final Pool pool;
    private final long allowance;

    /// @param size bytes that all share
    /// @param allowance bytes that each may have besides
    public Room(long size, long allowance) {
        this(new Pool(size), allowance);
    }

    private Room(Pool pool, long allowance) {
        this.pool = pool;
        this.allowance = allowance;
    }

    /// The room that all sources of this process share: a quarter of the heap, and 64 MiB at least.
    ///
    /// @param allowance bytes that each connection of this source may have besides
    public static Room ofAll(long allowance) {
        return new Room(OF_ALL, allowance);
    }

    public Part part() {
        return new Part();
    }

    /// Bytes that nobody has.
    public long left() {
        pool.lock.lock();
        try {
            return pool.left;
        } finally {
            pool.lock.unlock();
        }
    }

    /// Whether somebody waits for a part that another has.
    public boolean wanted() {
        pool.lock.lock();
        try {
            return pool.waiting > 0;
        } finally {
            pool.lock.unlock();
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
            pool.lock.lock();
            try {
                pool.waiting++;
                while (pool.left < more && !ended && nanos > 0) {
                    nanos = pool.changed.awaitNanos(nanos);
                }
                if (pool.left < more || ended) {
                    return false;
                }
                pool.left -= more;
                held += more;
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                pool.waiting--;
                pool.lock.unlock();
            }
        }

        /// Gives back what is not needed for so many bytes.
        public void shrinkTo(long bytes) {
            long less = held - beyond(bytes);
            if (less <= 0) {
                return;
            }
            pool.lock.lock();
            try {
                pool.left += less;
                held -= less;
                pool.changed.signalAll();
            } finally {
                pool.lock.unlock();
            }
        }

        private long beyond(long bytes) {
            return Math.clamp(bytes - allowance, 0, pool.size);
        }

        /// Whether it has something that others could use.
        public boolean holds() {
            return held > 0;
        }

        /// Ends waiting, now and later.
        public void end() {
            pool.lock.lock();
            try {
                ended = true;
                pool.changed.signalAll();
            } finally {
                pool.lock.unlock();
            }
        }

        @Override
        public void close() {
            shrinkTo(0);
        }
    }
}
