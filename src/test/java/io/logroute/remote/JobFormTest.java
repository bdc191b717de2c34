package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobFormTest {
    private static final Map<String, String> LABELS = Map.of(Label.ROUTER, "core");

    @Test
    void a_job_is_written_as_the_golden_file_shows() throws IOException {
        var remove = new Step.RemoveVolume("logroute_core-2", "core", "x1y2z3", "n3", "logroute:1.0.0");
        Golden.sameAsGolden(
                "job.json",
                ServiceFormLaws.pretty(JobForm.written(remove, "logroute", "/run/user/1000/docker.sock"), "") + "\n");
    }

    @Test
    void it_is_done_once_a_task_is_complete_whatever_failed_before() {
        assertThat(read(task("complete", 3, ""), task("failed", 2, "task: non-zero exit (1)")))
                .isEqualTo(new Seen.Job("logroute_core-2", "core", true, Optional.empty()));
    }

    @Test
    void it_has_failed_when_no_other_task_follows() {
        assertThat(read()).isEqualTo(new Seen.Job("logroute_core-2", "core", false, Optional.empty()));
        assertThat(read(task("ready", 3, ""), task("failed", 2, "second")).error())
                .isEmpty();
        assertThat(read(task("pending", 3, "no suitable node"), task("failed", 2, "second"))
                        .error())
                .isEmpty();
        assertThat(read(task("failed", 3, "third"), task("failed", 2, "second")).error())
                .contains("third");
    }

    private static Seen.Job read(Seen.Task... newest) {
        return JobForm.read("logroute_core-2-remove", LABELS, List.of(newest));
    }

    private static Seen.Task task(String state, int at, String error) {
        return new Seen.Task(
                "t" + at,
                "n1",
                state,
                false,
                Optional.of(error).filter(words -> !words.isEmpty()),
                Instant.ofEpochSecond(at));
    }
}
