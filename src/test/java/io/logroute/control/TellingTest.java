package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Order;
import io.logroute.plan.swarm.Step;
import io.logroute.remote.RouterLink.Ordered;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Instances are told side by side.
@Timeout(300)
class TellingTest {
    private static final Ordered TAKEN = new Ordered.Taken();

    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final Orders orders =
            new Orders(this::tell, each -> Thread.ofVirtual().start(each), Duration.ofSeconds(3));

    private Ordered tell(Step.Tell tell) {
        if (tell.service().endsWith("-0")) {
            try {
                hangs.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } finally {
                over.countDown();
            }
        }
        return TAKEN;
    }

    private static Step.Tell drain(int instance) {
        return new Step.Tell("logroute_core-" + instance, "core", instance, Order.DRAIN);
    }

    @Test
    void one_that_hangs_holds_up_no_other_and_what_came_of_it_is_heard_later() throws InterruptedException {
        assertThat(orders.tell(List.of(drain(0), drain(1), drain(2))))
                .containsExactlyInAnyOrder(
                        new Orders.Outcome(drain(0), Optional.empty()),
                        new Orders.Outcome(drain(1), Optional.of(TAKEN)),
                        new Orders.Outcome(drain(2), Optional.of(TAKEN)));
        assertThat(orders.tell(List.of(drain(0))))
                .as("it is told once")
                .containsExactly(new Orders.Outcome(drain(0), Optional.empty()));
        hangs.countDown();
        assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
        // A pass that tells it once more waits for the answer.
        var later = orders.tell(List.of(drain(1), drain(2)));
        while (later.stream().noneMatch(each -> each.equals(new Orders.Outcome(drain(0), Optional.of(TAKEN))))) {
            Thread.onSpinWait();
            later = orders.tell(List.of());
        }
    }
}
