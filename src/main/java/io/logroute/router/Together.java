package io.logroute.router;

import java.time.Duration;
import java.util.Collection;

/// Ends several things side by side, so that one that is slow costs the others no time.
final class Together {
    private static final System.Logger LOG = System.getLogger(Together.class.getName());

    private Together() {}

    /// Runs them all at once and waits for them, no longer than this; what takes longer goes on alone.
    static void run(String what, Collection<Runnable> ends, Duration atMost) {
        var threads = ends.stream()
                .map(end -> Thread.ofVirtual().name(what).start(() -> {
                    try {
                        end.run();
                    } catch (RuntimeException e) {
                        LOG.log(System.Logger.Level.ERROR, what + " failed; the others go on", e);
                    }
                }))
                .toList();
        long until = System.nanoTime() + atMost.toNanos();
        try {
            for (var thread : threads) {
                thread.join(Duration.ofNanos(Math.max(1_000_000, until - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
