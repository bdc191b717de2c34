package io.logroute.buffer;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/// The one thread on which places are saved and files deleted, in the order in which it was asked. Nobody
/// interrupts it, so nobody's interrupt closes a file.
final class Housekeeping {
    private static final System.Logger LOG = System.getLogger(Housekeeping.class.getName());

    interface Task<T> {
        T run() throws IOException;
    }

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("buffer-housekeeping").factory());

    /// Waits until the task is done, also through an interrupt, which is kept.
    ///
    /// @throws IOException when it failed, or the buffer is closed
    <T> T run(Task<T> task) throws IOException {
        Future<T> future;
        try {
            future = thread.submit(task::run);
        } catch (RejectedExecutionException e) {
            throw DiskBuffer.closed();
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof IOException cause) {
                        throw new IOException(cause.getMessage(), cause);
                    }
                    throw new IllegalStateException("housekeeping of the buffer failed", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void soon(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "The buffer is closed; housekeeping is left to its next opening");
        }
    }

    /// Takes no more; what it was asked to is still done.
    void end() {
        thread.shutdown();
    }

    /// @return false when it takes longer than that
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return thread.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
