package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.Condition;
import io.logroute.plan.RelayState;
import io.logroute.plan.swarm.Installation;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Relays;
import io.logroute.plan.swarm.Wishes;
import io.logroute.spec.ByteSize;
import io.logroute.spec.DeadLettersSpec;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRelay.RelayTls;
import io.logroute.spec.Name;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Relays as they are planned, on a real swarm of one node, with a real Redis and a real exporter.
@Timeout(900)
@ResourceLock(SwarmLab.OF_ONE)
@Order(5)
class RelaysIT {
    private static final Duration PATIENCE = Duration.ofSeconds(300);
    private static final Installation HERE =
            new Installation("logroute", "logroute", "logroute:1", "logroute-link-0123456789ab", 4000);
    private static final String REDIS = "logroute_relay_up";
    private static final String EXPORTER = "logroute_relay_up_exporter";

    /// With all that means something to a shell, to Redis or to a URL.
    private static final String PASSWORD = "pä \"ss' $HOME `id` \\x41 %2f #;&|{{.ID}}";

    private final SwarmLab lab = SwarmLab.of(1);
    private final DockerSwarm swarm = new DockerSwarm(
            new DockerHost(URI.create("unix://" + lab.socket(1)), Optional.empty()),
            "logroute",
            () -> new byte[32],
            (_, _) -> {});

    @TempDir
    Path folder;

    @BeforeEach
    void ready() throws IOException {
        lab.docker(1, "network", "create", "-d", "overlay", "--attachable", "logroute");
        lab.redis();
        // As an editor leaves it.
        secret("relay-password", " %s\r\n".formatted(PASSWORD));
    }

    @AfterEach
    void clear() {
        swarm.close();
        lab.clear();
    }

    private void secret(String name, String content) throws IOException {
        lab.docker(
                1,
                "secret",
                "create",
                name,
                Files.writeString(folder.resolve(name), content).toString());
    }

    private static LogRelay relay(long memory, LogRelay.Fsync fsync, Optional<RelayTls> tls) {
        return new LogRelay(
                new Name("up"),
                new Name("eu1"),
                Optional.of(new LogRelay.Deployed(
                        "relay-password",
                        new ByteSize(memory),
                        fsync,
                        Optional.of(6400),
                        List.of(),
                        List.of(),
                        new DeploySpec.Volume("local", Map.of()),
                        tls,
                        "redis:1",
                        true,
                        "redis:1")),
                Optional.empty(),
                "logs, up & away",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                DeadLettersSpec.USUAL,
                Optional.empty());
    }

    private static LogRelay usual() {
        return relay(32 << 20, LogRelay.Fsync.ALWAYS, Optional.empty());
    }

    // ---- what is done

    /// Passes until nothing is left to do and all is well.
    ///
    /// @return what was done
    private List<String> settle(LogRelay... declared) {
        var done = new ArrayList<String>();
        await("all is as declared")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreException(OutOfDate.class)
                .untilAsserted(() -> {
                    var decision = Relays.decide(swarm.observe(), List.of(declared), HERE, Instant.now());
                    for (var step : decision.steps()) {
                        swarm.apply(step);
                        done.add(step.describe());
                    }
                    assertThat(decision.steps()).isEmpty();
                    assertThat(decision.states().stream().flatMap(each -> each.conditions().stream()))
                            .allMatch(Condition::good)
                            .noneMatch(each -> each.reason().equals(RelayState.UPDATING));
                });
        return done;
    }

    private Optional<String> container(String service) {
        return lab.lines(1, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + service).stream()
                .findFirst();
    }

    /// What redis-cli says that knows the password.
    private String redis(String... arguments) {
        return cli(List.of("-e", "REDISCLI_AUTH=" + PASSWORD), arguments);
    }

    private String cli(List<String> options, String... arguments) {
        var command = new ArrayList<>(List.of("exec"));
        command.addAll(options);
        command.add(container(REDIS).orElseThrow());
        command.add("redis-cli");
        command.addAll(List.of(arguments));
        return lab.docker(1, command.toArray(String[]::new)).strip();
    }

    private void write(int count) {
        for (int i = 0; i < count; i++) {
            redis("xadd", "logs, up & away", "*", "event", "{\"n\":%d}".formatted(i));
        }
    }

    private String length() {
        return redis("xlen", "logs, up & away");
    }

    private String metrics() {
        // Its own wget crashes; nc does.
        return lab.docker(
                1,
                "exec",
                container(EXPORTER).orElseThrow(),
                "sh",
                "-c",
                "printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' | nc 127.0.0.1 9121");
    }

    // ---- claims

    @Test
    void it_is_started_asks_for_its_password_and_shows_it_to_nobody() throws Exception {
        assertThat(settle(usual())).hasSize(3);
        assertThat(settle(usual())).as("what Docker makes of it is no oddity").isEmpty();
        assertThat(cli(List.of(), "ping")).contains("NOAUTH");
        assertThat(redis("ping")).isEqualTo("PONG");
        assertThat(redis("config", "get", "appendfsync")).endsWith("always");
        assertThat(redis("config", "get", "maxmemory")).endsWith(Integer.toString(32 << 20));
        assertThat(redis("config", "get", "maxmemory-policy")).endsWith("noeviction");

        var id = container(REDIS).orElseThrow();
        assertThat(lab.docker(1, "exec", id, "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; grep ^Uid /proc/1/status"))
                .as("Redis is the first process, and has no right of root")
                .startsWith("redis-server ")
                .containsPattern("Uid:\\s+999\\s+999");
        assertThat(lab.docker(1, "exec", id, "stat", "-c", "%U", "/data", "/data/appendonlydir"))
                .isEqualTo("redis\nredis\n");

        var shown = new StringBuilder();
        for (var service : List.of(REDIS, EXPORTER)) {
            shown.append(lab.docker(1, "service", "inspect", service));
            var of = container(service).orElseThrow();
            shown.append(lab.docker(1, "inspect", of));
            shown.append(lab.docker(1, "top", of, "axo", "pid,args"));
            shown.append(lab.docker(1, "logs", of));
        }
        shown.append(lab.docker(1, "config", "inspect", REDIS));
        shown.append(lab.docker(1, "volume", "inspect", REDIS));
        shown.append(lab.docker(1, "exec", id, "sh", "-c", "find /dev/shm /tmp -type f -exec cat {} +"));
        assertThat(shown.toString())
                .contains("relay-password")
                .doesNotContain("ss' $HOME", "`id`")
                .doesNotContain(HexFormat.of().formatHex(PASSWORD.getBytes(StandardCharsets.UTF_8)))
                .doesNotContain("\\x70\\xc3");
    }

    @Test
    void what_was_written_survives_a_kill_a_change_and_that_it_is_forgotten() throws Exception {
        settle(usual());
        write(20);
        var before = container(REDIS).orElseThrow();
        lab.docker(1, "kill", before);
        await("another one runs")
                .atMost(PATIENCE)
                .until(() ->
                        container(REDIS).filter(each -> !each.equals(before)).isPresent());
        settle(usual());
        assertThat(length()).isEqualTo("20");

        assertThat(settle(relay(64 << 20, LogRelay.Fsync.EVERY_SECOND, Optional.empty())))
                .anyMatch(each -> each.startsWith("update service logroute_relay_up: its settings"));
        assertThat(redis("config", "get", "appendfsync")).endsWith("everysec");
        assertThat(redis("config", "get", "maxmemory")).endsWith(Integer.toString(64 << 20));
        assertThat(length()).isEqualTo("20");

        lab.insist(1, "service", "update", "-d", "--no-resolve-image", "--env-add", "A=b", REDIS);
        assertThat(settle(relay(64 << 20, LogRelay.Fsync.EVERY_SECOND, Optional.empty())))
                .anyMatch(each -> each.startsWith("restore service logroute_relay_up"));

        if (Relays.forget(swarm.observe(), "up", Optional.empty()) instanceof Wishes.Answer.Granted(var steps, var _)) {
            for (var step : steps) {
                swarm.apply(step);
            }
        }
        settle();
        assertThat(lab.lines(1, "service", "ls", "-q")).isEmpty();
        assertThat(lab.lines(1, "config", "ls", "-q")).isEmpty();
        assertThat(lab.docker(1, "volume", "inspect", REDIS))
                .contains("\"logroute.managed-by\": \"logroute\"", "\"logroute.relay\": \"up\"");
        settle(usual());
        assertThat(length()).as("it goes on with its volume").isEqualTo("20");
    }

    @Test
    void what_the_alerts_and_the_dashboard_ask_for_the_exporter_shows() throws Exception {
        settle(usual());
        write(3);
        redis("xgroup", "create", "logs, up & away", "top", "0");
        redis("xreadgroup", "group", "top", "a", "count", "1", "streams", "logs, up & away", ">");
        var asked = new TreeSet<String>();
        for (var file : List.of("logroute.rules.yml", "dashboard.json")) {
            Pattern.compile("\\bredis_(?:up|memory|stream)\\w*")
                    .matcher(Files.readString(Path.of("deploy/monitoring", file)))
                    .results()
                    .map(MatchResult::group)
                    .forEach(asked::add);
        }
        assertThat(asked).hasSizeGreaterThan(5);
        await("the exporter is let in")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metrics())
                        .containsPattern("(?m)^redis_up 1\\r?$")
                        .containsPattern("(?m)^redis_stream_length\\{[^}]*stream=\"logs, up & away\"[^}]*} 3\\r?$"));
        var shown = metrics();
        assertThat(asked).allSatisfy(metric -> assertThat(shown).containsPattern("(?m)^" + metric + "[ {]"));
    }

    @Test
    void a_full_one_refuses_and_throws_nothing_away() {
        settle(relay(16 << 20, LogRelay.Fsync.EVERY_SECOND, Optional.empty()));
        lab.docker(
                1,
                "exec",
                "-e",
                "REDISCLI_AUTH=" + PASSWORD,
                container(REDIS).orElseThrow(),
                "sh",
                "-c",
                "x=$(head -c 10000 /dev/zero | tr '\\0' x); for i in $(seq 2500); do"
                        + " echo \"XADD \\\"logs, up & away\\\" * e $x\"; done | redis-cli > /dev/null");
        int written = Integer.parseInt(length());
        assertThat(written).isBetween(1000, 2400);
        assertThat(redis("xadd", "logs, up & away", "*", "e", "y")).contains("OOM");
        assertThat(length()).isEqualTo(Integer.toString(written));
    }

    @Test
    void with_tls_nobody_speaks_plainly_to_it_and_the_exporter_knows_it_by_its_authority() throws Exception {
        var made = Certificates.make(folder, "dns:relay-up,dns:localhost", List.of("relay"));
        secret("relay-cert", Files.readString(made.crt("relay")));
        secret("relay-ca", Files.readString(made.crt("relay")));
        secret("relay-key", Files.readString(made.key("relay")));
        settle(relay(
                32 << 20, LogRelay.Fsync.ALWAYS, Optional.of(new RelayTls("relay-cert", "relay-key", "relay-ca"))));
        assertThat(redis("--tls", "--cacert", "/run/secrets/relay-ca", "ping")).isEqualTo("PONG");
        await("the exporter is let in")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metrics()).containsPattern("(?m)^redis_up 1\\r?$"));
        var id = container(REDIS).orElseThrow();
        assertThat(lab.docker(1, "exec", id, "sh", "-c", "redis-cli ping 2>&1 || true"))
                .doesNotContain("PONG", "NOAUTH");
    }

    @Test
    void an_empty_secret_is_told_in_its_own_words() throws Exception {
        lab.docker(1, "secret", "rm", "relay-password");
        secret("relay-password", " \n");
        await("it is told")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    var decision = Relays.decide(swarm.observe(), List.of(usual()), HERE, Instant.now());
                    for (var step : decision.steps()) {
                        swarm.apply(step);
                    }
                    assertThat(decision.states().getFirst().conditions().toString())
                            .contains("Failing")
                            .contains("the secret relay-password is empty");
                });
    }
}
