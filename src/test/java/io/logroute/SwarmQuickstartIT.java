package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The example swarm-quickstart on a real swarm, as its README says: one command, and the lines of a
/// service lie in a file.
@Timeout(900)
@ResourceLock(SwarmLab.OTHER_OF_ONE)
class SwarmQuickstartIT {
    private static final Duration SOON = Duration.ofMinutes(5);

    /// Its specs are `"examples/swarm-quickstart/logroute.yaml"`, which the stack file mounts as a config.
    private static final Path STACK =
            Path.of("examples/swarm-quickstart/logroute.yaml").resolveSibling("stack.yml");

    private final SwarmLab lab = SwarmLab.other(1);

    @AfterEach
    void clear() {
        lab.clear(); // the stack's networks are in use by routers
    }

    private List<String> containers(String service) {
        return lab.lines(1, "ps", "-q", "-f", "label=com.docker.swarm.service.name=" + service);
    }

    @Test
    void every_line_of_a_service_lies_in_a_file_two_minutes_later() throws IOException {
        lab.product();
        lab.tiny();
        lab.deploy("logroute", STACK, Map.of("HELLO_IMAGE", "tiny:1"));
        await("a router on the node")
                .atMost(SOON)
                .until(() -> containers("logroute_nodes-0").size() == 1);
        await("lines of the service")
                .atMost(SOON)
                .untilAsserted(() -> assertThat(lines("logroute_hello"))
                        .contains("\"msg\":\"hello 1\"")
                        .contains("\"greeting\":\"yes\"")
                        .contains("\"service_name\":\"logroute_hello\""));
        var router = containers("logroute_nodes-0").getFirst();
        assertThat(lab.docker(1, "exec", router, "sh", "-c", "grep -E '^(Uid|Gid|Groups|CapEff)' /proc/1/status"))
                .as("the router has no right of root")
                .containsPattern("Uid:\\s+10001\\s+10001\\s+10001\\s+10001")
                .containsPattern("Gid:\\s+10001\\s+10001\\s+10001\\s+10001")
                .containsPattern("CapEff:\\s+0000000000000000");
        assertThat(lab.docker(1, "exec", router, "ls", "/data/logs/logroute"))
                .as("it does not read what it or the controller writes")
                .isEqualToIgnoringNewLines("logroute_hello.ndjson");
        var hello = containers("logroute_hello").getFirst();
        lab.docker(1, "kill", router); // -9: the next one goes on where it was
        await("another router").atMost(SOON).until(() -> {
            var now = containers("logroute_nodes-0");
            return now.size() == 1 && !now.getFirst().equals(router);
        });
        await("lines after it").atMost(SOON).untilAsserted(() -> {
            var numbers = lines("logroute_hello")
                    .lines()
                    .filter(line -> line.contains(hello))
                    .map(line -> line.replaceFirst(".*\"msg\":\"hello (\\d+)\".*", "$1"))
                    .map(Integer::parseInt)
                    .toList();
            assertThat(numbers.stream().distinct()).hasSizeGreaterThan(20);
            assertThat(numbers.stream().distinct().toList())
                    .containsExactlyElementsOf(java.util.stream.IntStream.rangeClosed(1, numbers.getLast())
                            .boxed()
                            .toList());
        });
    }

    private String lines(String service) {
        var routers = containers("logroute_nodes-0");
        if (routers.isEmpty()) {
            return "";
        }
        var router = routers.getFirst();
        return lab.docker(
                1,
                "exec",
                router,
                "sh",
                "-c",
                "cat /data/logs/logroute/%s.ndjson 2>/dev/null || true".formatted(service));
    }
}
