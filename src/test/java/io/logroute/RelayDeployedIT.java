package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A relay from its spec to the end, by the real controller on a real swarm. What its container does is
/// in `RelaysIT`.
@Timeout(1200)
@ResourceLock(SwarmLab.OTHER_OF_ONE)
class RelayDeployedIT {
    private static final String REDIS = "logroute_relay_up";
    private static final String OPERATOR = "operator-0123456789abcdef";
    private static final String SPEC = """
            apiVersion: logroute/v1
            kind: LogRelay
            metadata: { name: up }
            spec:
              swarm: eu1
              deploy:
                passwordSecret: relay-password
                memory: %s
                image: redis:1
                exporterImage: redis:1
            """;

    private final SwarmLab lab = SwarmLab.other(1);

    @TempDir
    Path folder;

    /// First the controller: it would make again what is removed.
    @AfterEach
    void clear() {
        lab.docker(1, "service", "rm", "logroute_controller");
        await("the controller is gone")
                .atMost(Deployed.SOON)
                .until(() -> container("logroute_controller").isEmpty());
        lab.clear();
    }

    private Optional<String> container(String service) {
        return lab.lines(1, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + service).stream()
                .findFirst();
    }

    private String redis(String... words) {
        var command = new java.util.ArrayList<>(List.of(
                "exec", "-e", "REDISCLI_AUTH=word of passage", container(REDIS).orElseThrow(), "redis-cli"));
        command.addAll(List.of(words));
        return lab.docker(1, command.toArray(String[]::new)).strip();
    }

    private static void isReady(Deployed deployed, String condition) {
        await("Ready is " + condition).atMost(Deployed.SOON).untilAsserted(() -> {
            var relays = deployed.all("relays");
            assertThat(relays).hasSize(1);
            assertThat(String.valueOf(relays.getFirst().get("conditions"))).contains(condition);
        });
    }

    @Test
    void it_waits_for_its_secret_runs_is_changed_in_place_and_stays_until_it_is_forgotten() throws Exception {
        lab.redis();
        var deployed = Deployed.on(lab, folder);
        deployed.declare("relay-1", SPEC.formatted("32MiB"));
        await("what is missing is told")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(String.valueOf(deployed.all("problems")))
                        .contains("the swarm has no secret relay-password"));
        assertThat(lab.lines(1, "service", "ls", "--format", "{{.Name}}")).containsExactly("logroute_controller");

        secret("relay-password", "word of passage");
        isReady(deployed, "reason=Running, message=Its Redis runs on node n1.");
        isReady(deployed, "message=Its exporter runs.");
        assertThat(redis("xadd", "logroute", "*", "event", "{}")).isNotEmpty();
        await("status has a line for it")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(lab.docker(
                                1,
                                "exec",
                                container("logroute_controller").orElseThrow(),
                                "sh",
                                "-c",
                                "logroute status --token-file /run/secrets/logroute_viewer || true"))
                        .containsPattern("up +redis://relay-up:6379 +n1 +- +well"));

        deployed.declare("relay-2", SPEC.formatted("64MiB"));
        deployed.undeclareAllBut("relay-2");
        await("it has more memory")
                .atMost(Deployed.SOON)
                .ignoreExceptionsMatching(_ -> true)
                .until(() -> redis("config", "get", "maxmemory").endsWith(Integer.toString(64 << 20)));
        isReady(deployed, "Its Redis runs");
        assertThat(redis("xlen", "logroute")).isEqualTo("1");
        assertThat(lab.docker(1, "service", "logs", "logroute_controller")).doesNotContain("word of passage");
        assertThat(String.valueOf(deployed.all("relays"))).doesNotContain("word of passage");

        deployed.undeclareAllBut();
        await("it is told")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(String.valueOf(deployed.all("problems")))
                        .contains("declares it to be deployed here"));
        assertThat(container(REDIS)).isPresent();
        assertThat(deployed.ask("DELETE", "/api/v1/relays/up", OPERATOR).statusCode())
                .isEqualTo(400);
        assertThat(deployed.ask("DELETE", "/api/v1/relays/up?yes=true", OPERATOR)
                        .statusCode())
                .isEqualTo(200);
        await("it is gone").atMost(Deployed.SOON).untilAsserted(() -> {
            assertThat(lab.lines(1, "service", "ls", "--format", "{{.Name}}")).containsExactly("logroute_controller");
            assertThat(deployed.all("relays")).isEmpty();
        });
        assertThat(lab.lines(1, "volume", "ls", "-q")).contains(REDIS);
    }

    private void secret(String name, String content) throws IOException {
        lab.docker(
                1,
                "secret",
                "create",
                name,
                Files.writeString(folder.resolve(name), content).toString());
    }
}
