package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who changed something waits for a pass that began afterwards, and not for one that was under way.
@Timeout(300)
class PassesTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    private final Passes passes = new Passes();

    @Test
    void one_that_was_under_way_does_not_count() throws Exception {
        long underWay = passes.begin();
        var waiting = waiting();
        passes.end(underWay);
        assertThat(waiting.isDone()).isFalse();
        passes.end(passes.begin());
        assertThat(waiting.get(50, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void one_that_failed_does_not_count_and_the_next_does() throws Exception {
        var waiting = waiting();
        passes.begin();
        passes.end(passes.begin());
        assertThat(waiting.get(50, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void the_wait_ends_without_one() throws Exception {
        assertThat(passes.awaitNext(Duration.ofMillis(1))).isFalse();
        passes.end(passes.begin());
        assertThat(passes.awaitNext(Duration.ZERO)).as("of the time before").isFalse();
    }

    /// Waits in a thread of its own, and comes back when that waits.
    private CompletableFuture<Boolean> waiting() {
        var done = new CompletableFuture<Boolean>();
        var thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                done.complete(passes.awaitNext(LONG));
            } catch (InterruptedException e) {
                done.completeExceptionally(e);
            }
        });
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return done;
    }
}
