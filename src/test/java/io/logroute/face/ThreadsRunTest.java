package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class ThreadsRunTest {
    @Test
    void a_process_whose_threads_run_is_up() {
        assertThat(new ThreadsRun(Thread::startVirtualThread, Duration.ofMinutes(1))
                        .call()
                        .getStatus())
                .isEqualTo(Status.UP);
    }

    @Test
    void one_in_which_none_runs_any_more_is_down() {
        var down = new ThreadsRun(_ -> {}, Duration.ofMillis(20)).call();
        assertThat(down.getStatus()).isEqualTo(Status.DOWN);
        assertThat(down.getName()).isEqualTo("threads");
    }
}
