package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Nodes of a swarm of three come and go as tests rely on.
@Timeout(600)
@ResourceLock(SwarmLab.OF_THREE)
class SwarmLabNodesIT {
    @Test
    void a_node_that_burnt_is_a_new_machine_and_one_that_is_removed_is_no_more_in_the_swarm() {
        var three = SwarmLab.of(3);
        three.tiny();
        three.docker(3, "volume", "create", "kept");
        var id = three.id(3);
        three.kill(3);
        three.start(3);
        assertThat(three.id(3)).isEqualTo(id);
        assertThat(three.lines(3, "volume", "ls", "-q")).containsExactly("kept");
        three.availability(3, "drain");
        assertThat(three.docker(1, "node", "ls")).containsPattern("n3 +Ready +Drain");

        three.burn(3);
        assertThat(three.isUp(3)).isFalse();
        three.remove(3, id);
        assertThat(three.lines(1, "node", "ls", "-q")).hasSize(2).doesNotContain(id);
        three.start(3);
        assertThat(three.docker(3, "info", "--format", "{{.Swarm.LocalNodeState}}"))
                .isEqualToIgnoringNewLines("inactive");
        assertThat(three.lines(3, "volume", "ls", "-q")).isEmpty();
        assertThat(three.lines(3, "images", "-q")).isEmpty();

        three.join(3);
        assertThat(three.lines(3, "images", "-q", "tiny:1")).isNotEmpty();
        await().atMost(Duration.ofSeconds(180))
                .untilAsserted(
                        () -> assertThat(three.lines(1, "node", "ls", "--format", "{{.Status}} {{.Availability}}"))
                                .containsExactly("Ready Active", "Ready Active", "Ready Active"));
        assertThat(three.id(3)).isNotEqualTo(id);
    }
}
