package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.RelayState;
import io.logroute.plan.swarm.Installation;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Relays;
import io.logroute.plan.swarm.Wishes;
import io.logroute.spec.ByteSize;
import io.logroute.spec.DeadLettersSpec;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.LogRelay;
import io.logroute.spec.Name;
import io.logroute.testbed.SwarmLab;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A relay whose node loses its power, on a real swarm of three.
@Timeout(1200)
@ResourceLock(SwarmLab.OF_THREE)
class RelayNodesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(300);
    private static final Installation HERE =
            new Installation("logroute", "logroute", "logroute:1", "logroute-link-0123456789ab", 4000);
    private static final String REDIS = "logroute_relay_up";

    private final SwarmLab lab = SwarmLab.of(3);
    private final DockerSwarm swarm = new DockerSwarm(
            new DockerHost(URI.create("unix://" + lab.socket(1)), Optional.empty()),
            "logroute",
            () -> new byte[32],
            (_, _) -> {});

    @TempDir
    Path folder;

    @AfterEach
    void clear() {
        swarm.close();
        lab.clear();
    }

    /// One that has to be on the third node, for the first is asked.
    private static LogRelay relay(String constraint) {
        return new LogRelay(
                new Name("up"),
                new Name("eu1"),
                Optional.of(new LogRelay.Deployed(
                        "relay-password",
                        new ByteSize(16 << 20),
                        LogRelay.Fsync.ALWAYS,
                        Optional.empty(),
                        List.of(),
                        List.of(constraint),
                        new DeploySpec.Volume("local", Map.of()),
                        Optional.empty(),
                        "redis:1",
                        false,
                        "redis:1")),
                Optional.empty(),
                "logroute",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                DeadLettersSpec.USUAL,
                Optional.empty());
    }

    /// Passes until its condition says so.
    private RelayState until(String words, LogRelay relay) {
        var last = new AtomicReference<RelayState>();
        await("it says: " + words)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptionsMatching(e -> e instanceof OutOfDate || e instanceof SwarmUnreachable)
                .untilAsserted(() -> {
                    var decision = Relays.decide(swarm.observe(), List.of(relay), HERE, Instant.now());
                    for (var step : decision.steps()) {
                        swarm.apply(step);
                    }
                    last.set(decision.states().getFirst());
                    assertThat(decision.states().getFirst().conditions().toString())
                            .contains(words);
                });
        return last.get();
    }

    private Optional<String> container(int node) {
        return lab.lines(node, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + REDIS).stream()
                .findFirst();
    }

    private String redis(int node, String... words) {
        var command = new java.util.ArrayList<>(
                List.of("exec", "-e", "REDISCLI_AUTH=word", container(node).orElseThrow(), "redis-cli"));
        command.addAll(List.of(words));
        return lab.docker(node, command.toArray(String[]::new)).strip();
    }

    @Test
    void it_waits_for_its_node_and_goes_elsewhere_only_when_somebody_gives_that_up() throws Exception {
        lab.docker(1, "network", "create", "-d", "overlay", "logroute");
        lab.redis();
        lab.docker(
                1,
                "secret",
                "create",
                "relay-password",
                Files.writeString(folder.resolve("p"), "word").toString());
        var third = relay("node.hostname == n3");
        until("Its Redis runs on node n3.", third);
        assertThat(redis(3, "xadd", "logroute", "*", "event", "{}")).isNotEmpty();

        lab.kill(3);
        var away = until("NodeDown", third);
        assertThat(away.problems().toString()).contains("its node n3 is down", "logroute forget relay/up");
        var anywhere = relay("node.hostname != n1");
        until("NodeDown", anywhere);
        assertThat(container(1)).isEmpty();
        assertThat(container(2)).as("no other one is started").isEmpty();

        lab.start(3);
        until("Its Redis runs on node n3.", third);
        await("its container is there again")
                .atMost(PATIENCE)
                .until(() -> container(3).isPresent());
        await("it has what it had")
                .atMost(PATIENCE)
                .ignoreExceptionsMatching(_ -> true)
                .until(() -> redis(3, "xlen", "logroute").equals("1"));

        var second = relay("node.hostname == n2");
        assertThat(until("Its Redis runs on node n3.", second).problems().toString())
                .contains("it stays on node n3, which does not fit node.hostname == n2");
        switch (Relays.forget(swarm.observe(), "up", second.deploy())) {
            case Wishes.Answer.Granted(var steps, var _) -> {
                for (var step : steps) {
                    swarm.apply(step);
                }
            }
            case Wishes.Answer.Refused refused -> throw new AssertionError(refused);
        }
        until("Its Redis runs on node n2.", second);
        assertThat(redis(2, "xlen", "logroute")).isEqualTo("0");
        assertThat(lab.lines(3, "volume", "ls", "-q")).contains(REDIS);
    }
}
