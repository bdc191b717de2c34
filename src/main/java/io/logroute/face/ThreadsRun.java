package io.logroute.face;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// Up when a virtual thread that is begun runs: all the work is done on those, and this answer is not. A process
/// in which none runs any more is to be started anew, docs/decisions/0035.
@Liveness
@Singleton
class ThreadsRun implements HealthCheck {
    /// Less than a health check waits for the answer.
    private static final Duration SOON = Duration.ofSeconds(4);

    private final Executor threads;
    private final Duration atMost;

    @Inject
    ThreadsRun() {
        this(Thread::startVirtualThread, SOON);
    }

    /// @param threads runs something on a virtual thread, sometime
    ThreadsRun(Executor threads, Duration atMost) {
        this.threads = threads;
        this.atMost = atMost;
    }

    @Override
    public HealthCheckResponse call() {
        var ran = new CountDownLatch(1);
        threads.execute(ran::countDown);
        try {
            return HealthCheckResponse.named("threads")
                    .status(ran.await(atMost.toMillis(), TimeUnit.MILLISECONDS))
                    .build();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return HealthCheckResponse.up("threads");
        }
    }
}
