package io.logroute.buffer.jetstream;

import io.logroute.buffer.BufferTooNew;
import io.logroute.buffer.BufferUnfit;
import io.logroute.remote.NatsSetupWrong;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/// How long something is tried. A cluster that has just been formed, or has just lost a leader, refuses
/// for a while.
///
/// @param until by `System.nanoTime()`
/// @param ends whether whoever waits for it is to end; that is heard within a moment, also in the midst
///     of a try
record Patience(long until, BooleanSupplier ends) {
    private static final System.Logger LOG = System.getLogger(Patience.class.getName());
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration HEARS = Duration.ofMillis(200);

    interface Trying<T> {
        T get() throws IOException;
    }

    static Patience of(Duration atMost, BooleanSupplier ends) {
        return new Patience(System.nanoTime() + atMost.toNanos(), ends);
    }

    /// Tries again and again; not what no waiting mends.
    <T> T persist(Trying<T> trying) throws IOException {
        while (true) {
            try {
                return heeding(trying);
            } catch (BufferTaken | BufferTooNew | BufferUnfit | NatsSetupWrong e) {
                throw e;
            } catch (IOException e) {
                if (System.nanoTime() - until > 0 || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                refuseEnding();
                LOG.log(System.Logger.Level.DEBUG, "Tried again", e);
                pause();
            }
        }
    }

    private void refuseEnding() throws IOException {
        if (ends.getAsBoolean()) {
            throw new IOException("it is ended before the servers have answered");
        }
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// One try, on a thread of its own that is left alone when this one is to end.
    private <T> T heeding(Trying<T> trying) throws IOException {
        FutureTask<T> task = new FutureTask<>(trying::get);
        Thread thread = Thread.ofVirtual().name("ask-nats").start(task);
        try {
            while (true) {
                try {
                    return task.get(HEARS.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    refuseEnding();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw thrown(Objects.requireNonNull(e.getCause()));
        } finally {
            thread.interrupt();
        }
    }

    private static IOException thrown(Throwable cause) {
        if (cause instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof IOException io ? io : new IOException(cause);
    }
}
