package io.logroute.control;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Counts passes, so that who changed something can wait until it was looked at. Safe for all threads.
public final class Passes {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private long begun;
    private long done;

    /// One begins.
    ///
    /// @return its number, for [#end]
    long begin() {
        lock.lock();
        try {
            return ++begun;
        } finally {
            lock.unlock();
        }
    }

    /// It is over, and what it found can be asked for.
    void end(long pass) {
        lock.lock();
        try {
            done = pass;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for one that begins after this moment.
    ///
    /// @param most waits no longer
    /// @return whether there was one
    boolean awaitNext(Duration most) throws InterruptedException {
        lock.lock();
        try {
            long wanted = begun + 1;
            long left = most.toNanos();
            while (done < wanted && left > 0) {
                left = ended.awaitNanos(left);
            }
            return done >= wanted;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "%d of %d passes done".formatted(done, begun);
    }
}
