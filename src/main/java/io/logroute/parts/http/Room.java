package io.logroute.parts.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Memory that the bodies of all requests share. Who finds none waits a moment, then is told to
/// come back.
final class Room {
    private static final int STEP = 1 << 10;

    private final Semaphore steps;

    Room(long bytes) {
        steps = new Semaphore((int) Math.min(Integer.MAX_VALUE, steps(bytes)), true);
    }

    private static long steps(long bytes) {
        return (bytes + STEP - 1) / STEP;
    }

    Part part() {
        return new Part();
    }

    /// What one request has of it.
    final class Part implements AutoCloseable {
        private long held;

        /// Makes it so many bytes in all; false when there is no room for them within two
        /// seconds.
        boolean growTo(long bytes) throws InterruptedException {
            int more = (int) Math.max(0, steps(bytes) - held);
            if (more > 0 && !steps.tryAcquire(more, 2, TimeUnit.SECONDS)) {
                return false;
            }
            held += more;
            return true;
        }

        @Override
        public void close() {
            steps.release((int) held);
            held = 0;
        }
    }
}
