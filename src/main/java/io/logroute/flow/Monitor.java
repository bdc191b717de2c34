package io.logroute.flow;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Guards what one thread changes at a time and others wait for: what `synchronized`, `wait` and `notifyAll` do,
/// and safe on virtual threads.
///
///     try (var _ = monitor.enter()) {
///         while (!done) {
///             monitor.await(LOOK);
///         }
///     }
///
/// A virtual thread that is notified while its [Object#wait(long)] runs out may never leave its carrier again, up to
/// JDK 25.0.3 ([JDK-8373120](https://bugs.openjdk.org/browse/JDK-8373120)). With as many
/// of those threads as there are carriers no virtual thread of the process runs any more: docs/decisions/0035.
public final class Monitor {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final Stay stay = lock::unlock;

    /// Ends with [#close] what [#enter] began.
    public interface Stay extends AutoCloseable {
        @Override
        void close();
    }

    /// Waits until no other thread is inside. The same thread may enter again.
    public Stay enter() {
        lock.lock();
        return stay;
    }

    /// Whoever waits looks again, once this thread has left.
    ///
    /// @throws IllegalMonitorStateException when this thread is not inside, as all that follows
    public void changed() {
        change.signalAll();
    }

    /// Lets others in until there is a change. As any such wait it may end for no reason: look again.
    public void await() throws InterruptedException {
        change.await();
    }

    /// The same, for at most so long.
    ///
    /// @return false when the time ran out first
    public boolean await(Duration atMost) throws InterruptedException {
        return change.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
