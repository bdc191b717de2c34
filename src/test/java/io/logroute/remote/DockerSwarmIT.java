package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Fleets;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.OwnedConfig;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// What Docker makes of our steps, on a real swarm of one node.
@Timeout(600)
@ResourceLock(SwarmLab.OF_ONE)
@Order(4)
class DockerSwarmIT {
    private static final String SERVICE = "logroute_core-0";
    private static final String SECRET = "logroute-link-0123456789ab";
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final Duration PATIENCE = Duration.ofSeconds(300);

    private final SwarmLab lab = SwarmLab.of(1);
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private final DockerSwarm swarm = new DockerSwarm(
            new DockerHost(URI.create("unix://" + lab.socket(1)), Optional.empty()),
            "logroute",
            () -> KEY,
            (op, code) -> asked.add(op + " " + code));

    @TempDir
    Path folder;

    @BeforeEach
    void ready() throws IOException {
        lab.docker(1, "network", "create", "-d", "overlay", "--attachable", "logroute");
        lab.docker(1, "network", "create", "-d", "overlay", "monit");
        var secret = Files.writeString(folder.resolve("secret"), "secret");
        lab.docker(1, "secret", "create", "es-ca", secret.toString());
        image();
    }

    /// A router of one shell script: healthy when `healthy` exists, gone with words when it is told to.
    private void image() throws IOException {
        lab.tiny();
        if (!lab.lines(1, "images", "-q", "router:1").isEmpty()) {
            return;
        }
        var context = Files.createDirectory(folder.resolve("image"));
        Files.writeString(context.resolve("image.sh"), """
                #!/bin/sh
                if [ "$1" = health ]; then [ -e /tmp/healthy ]; exit $?; fi
                [ "$1" = router ] || exit 9
                if [ -n "$FAIL" ]; then echo "reading the pipeline"; echo "cannot start: $FAIL" >&2; exit 3; fi
                cat /run/secrets/logroute-link > /dev/null || exit 8
                cat /etc/logroute/pipeline/* > /dev/null || exit 7
                touch /tmp/healthy
                trap 'exit 0' TERM
                while true; do sleep 1 & wait $!; done
                """);
        Files.writeString(context.resolve("Dockerfile"), """
                FROM tiny:1
                COPY image.sh /app/image.sh
                USER 10001:10001
                ENTRYPOINT ["sh", "/app/image.sh"]
                """);
        lab.docker(1, "build", "-q", "-t", "router:1", context.toString());
    }

    @AfterEach
    void clear() {
        swarm.close();
        lab.clear();
    }

    @Test
    void what_was_applied_is_what_is_seen() throws Exception {
        assertThat(swarm.observe().owned().services()).isEmpty();
        swarm.apply(new Step.CreateSecret(SECRET));
        var config = config("aaaaaaaaaaaa", "one");
        swarm.apply(new Step.CreateConfig(config, false));
        var wanted = service("aaaaaaaaaaaa", 1);
        swarm.apply(new Step.CreateService(wanted, false));
        for (int look = 0; look < 2; look++) {
            var seen = swarm.observe();
            assertThat(seen.owned().services()).containsExactly(Map.entry(SERVICE, wanted));
            assertThat(seen.owned().configs()).containsExactly(Map.entry(config.name(), config));
            assertThat(seen.owned().secrets()).containsExactly(SECRET);
            assertThat(seen.secrets()).containsExactlyInAnyOrder(SECRET, "es-ca");
            assertThat(seen.networks()).containsExactlyInAnyOrder("logroute", "monit");
            assertThat(state(seen).wanted()).contains(Fleets.hash(wanted));
        }
        var seen = until(each -> state(each).runs());
        assertThat(seen.owned().services()).containsExactly(Map.entry(SERVICE, wanted));
        var node = seen.nodes().getFirst();
        assertThat(node.address()).isEqualTo(lab.address(1));
        assertThat(node.manager() && node.ready() && node.active()).isTrue();
        assertThat(node.os()).isEqualTo("linux");
        asked.clear();
        swarm.observe();
        assertThat(asked).hasSize(6).allMatch(each -> each.endsWith(" 200"));
    }

    @Test
    void a_secret_that_is_there_is_made_once() throws Exception {
        swarm.apply(new Step.CreateSecret(SECRET));
        swarm.apply(new Step.CreateSecret(SECRET));
        assertThat(swarm.observe().owned().secrets()).containsExactly(SECRET);
    }

    @Test
    void a_name_that_somebody_else_has_is_refused_with_words() throws Exception {
        var other = Files.writeString(folder.resolve("other"), "other");
        lab.docker(1, "config", "create", "logroute-core-aaaaaaaaaaaa", other.toString());
        assertThatThrownBy(() -> swarm.apply(new Step.CreateConfig(config("aaaaaaaaaaaa", "one"), false)))
                .isInstanceOf(SwarmRefused.class)
                .hasMessageContaining("that is not ours");
    }

    @Test
    void what_is_there_already_is_looked_at_again() throws Exception {
        running("aaaaaaaaaaaa");
        assertThatThrownBy(() -> swarm.apply(new Step.CreateConfig(config("aaaaaaaaaaaa", "one"), false)))
                .isInstanceOf(OutOfDate.class);
        assertThatThrownBy(() -> swarm.apply(new Step.CreateService(service("aaaaaaaaaaaa", 1), false)))
                .isInstanceOf(OutOfDate.class);
    }

    @Test
    void a_change_of_what_somebody_else_changed_is_out_of_date() throws Exception {
        var is = running("aaaaaaaaaaaa");
        swarm.apply(new Step.CreateConfig(config("bbbbbbbbbbbb", "two"), false));
        lab.insist(1, "service", "update", "-d", "--no-resolve-image", "--label-add", "mine=1", SERVICE);
        assertThatThrownBy(() -> swarm.apply(new Step.UpdateService(is, service("bbbbbbbbbbbb", 2), false)))
                .isInstanceOf(OutOfDate.class)
                .hasMessageContaining("somebody else");
        var labels = new TreeMap<>(config("aaaaaaaaaaaa", "one").labels());
        labels.put(Label.ACCEPTED, "true");
        var step = new Step.LabelConfig(
                "logroute-core-aaaaaaaaaaaa", config("aaaaaaaaaaaa", "one").labels(), labels, "why");
        swarm.apply(step);
        assertThatThrownBy(() -> swarm.apply(step)).isInstanceOf(OutOfDate.class);
        assertThat(swarm.observe().owned().configs().values())
                .extracting(OwnedConfig::labels)
                .contains(labels);
        assertThatThrownBy(() -> swarm.apply(step)).isInstanceOf(OutOfDate.class);
    }

    @Test
    void what_others_change_is_seen_and_restored_at_once() throws Exception {
        var wanted = running("aaaaaaaaaaaa");
        for (var drift : List.of(
                List.of("--env-add", "MINE=1"),
                List.of("--env-add", "LOGROUTE_REVISION=other"),
                List.of("--constraint-add", "node.role == worker"),
                List.of("--replicas", "2"),
                List.of("--label-add", "mine=1"),
                List.of("--container-label-add", "mine=1"),
                List.of("--image", "tiny:1"),
                List.of("--args", "other"),
                List.of("--limit-memory", "64MB"),
                List.of("--reserve-memory", "64MB"),
                List.of("--mount-add", "type=tmpfs,target=/scratch"),
                List.of("--config-rm", "logroute-core-aaaaaaaaaaaa"),
                List.of("--secret-rm", "es-ca"),
                List.of("--network-rm", "monit"),
                List.of("--publish-add", "mode=host,target=9999,published=9999"),
                List.of("--stop-grace-period", "1s"),
                List.of("--no-healthcheck"),
                List.of("--update-order", "start-first"),
                List.of("--rollback-monitor", "1s"),
                List.of("--restart-condition", "none"),
                List.of("--sysctl-add", "net.core.somaxconn=100"),
                List.of("--user", "root"),
                List.of("--read-only"))) {
            var command = new java.util.ArrayList<>(List.of("service", "update", "-d", "--no-resolve-image"));
            command.addAll(drift);
            command.add(SERVICE);
            lab.insist(1, command.toArray(String[]::new));
            assertThat(swarm.observe().owned().services().get(SERVICE))
                    .as(drift.toString())
                    .isNotEqualTo(wanted);
            restore(wanted);
            assertThat(swarm.observe().owned().services().get(SERVICE))
                    .as("after %s", drift)
                    .isEqualTo(wanted);
        }
    }

    /// Swarm itself goes on with the update before, which makes a new version of the service each time.
    private void restore(RouterService wanted) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            var is = swarm.observe().owned().services().getOrDefault(SERVICE, wanted);
            try {
                swarm.apply(new Step.UpdateService(is, wanted, true));
                return true;
            } catch (OutOfDate e) {
                return false;
            }
        });
    }

    @Test
    void a_forced_restart_and_a_log_driver_are_people_s() throws Exception {
        var wanted = running("aaaaaaaaaaaa");
        lab.insist(
                1,
                "service",
                "update",
                "-d",
                "--no-resolve-image",
                "--force",
                "--log-driver",
                "json-file",
                "--log-opt",
                "max-size=1m",
                SERVICE);
        assertThat(swarm.observe().owned().services()).containsExactly(Map.entry(SERVICE, wanted));
        swarm.apply(new Step.CreateConfig(config("bbbbbbbbbbbb", "two"), false));
        swarm.apply(new Step.UpdateService(wanted, service("bbbbbbbbbbbb", 2), false));
        assertThat(lab.docker(
                        1,
                        "service",
                        "inspect",
                        SERVICE,
                        "--format",
                        "{{.Spec.TaskTemplate.ForceUpdate}} {{.Spec.TaskTemplate.LogDriver.Name}}"))
                .isEqualToIgnoringNewLines("1 json-file");
    }

    @Test
    void the_configs_of_the_spec_before_are_seen_and_a_config_in_use_stays() throws Exception {
        var one = running("aaaaaaaaaaaa");
        swarm.apply(new Step.CreateConfig(config("bbbbbbbbbbbb", "two"), false));
        var two = service("bbbbbbbbbbbb", 2);
        swarm.apply(new Step.UpdateService(one, two, false));
        var seen = swarm.observe();
        assertThat(seen.owned().services()).containsExactly(Map.entry(SERVICE, two));
        assertThat(state(seen).previousConfigs()).containsExactly("logroute-core-aaaaaaaaaaaa");
        assertThatThrownBy(() -> swarm.apply(new Step.RemoveConfig("logroute-core-bbbbbbbbbbbb")))
                .isInstanceOf(SwarmRefused.class)
                .hasMessageContaining("in use")
                .hasMessageContaining(SERVICE);
        swarm.apply(new Step.RemoveConfig("logroute-core-cccccccccccc"));
        var done = until(each -> state(each).update().phase() == Seen.Update.Phase.COMPLETED);
        assertThat(state(done).update().started()).isPresent();
        swarm.apply(new Step.RemoveConfig("logroute-core-aaaaaaaaaaaa"));
        assertThat(swarm.observe().owned().configs()).containsOnlyKeys("logroute-core-bbbbbbbbbbbb");
    }

    @Test
    void a_router_that_dies_is_rolled_back_and_its_words_are_seen() throws Exception {
        var one = running("aaaaaaaaaaaa");
        swarm.apply(new Step.CreateConfig(config("bbbbbbbbbbbb", "two"), false));
        var before = java.time.Instant.now().minusSeconds(1);
        var environment = new TreeMap<>(one.environment());
        environment.put("FAIL", "no such sink");
        swarm.apply(new Step.UpdateService(one, with(service("bbbbbbbbbbbb", 2), "router:1", environment), false));
        var seen = until(each -> state(each).update().phase() == Seen.Update.Phase.ROLLED_BACK
                && errors(each).stream().anyMatch(error -> error.contains("cannot start")));
        assertThat(seen.owned().services()).containsExactly(Map.entry(SERVICE, one));
        assertThat(state(seen).update().started())
                .hasValueSatisfying(at -> assertThat(at).isAfter(before));
        assertThat(state(seen).wanted()).contains(Fleets.hash(one));
        assertThat(errors(seen))
                .anySatisfy(error -> assertThat(error)
                        .startsWith("task: non-zero exit (3)")
                        .contains("cannot start: no such sink")
                        // On standard output there may be events.
                        .doesNotContain("reading the pipeline"));
        asked.clear();
        swarm.observe();
        assertThat(asked).doesNotContain("tasks.logs 200");
    }

    @Test
    void an_image_that_is_not_there_is_rolled_back_and_docker_s_words_are_seen() throws Exception {
        var one = running("aaaaaaaaaaaa");
        swarm.apply(new Step.UpdateService(one, with(one, "nowhere:1", one.environment()), false));
        var seen = until(each -> state(each).update().phase() == Seen.Update.Phase.ROLLED_BACK
                && !errors(each).isEmpty());
        assertThat(errors(seen)).anySatisfy(error -> assertThat(error).contains("No such image: nowhere:1"));
    }

    @Test
    void a_service_is_removed_once_and_one_that_was_changed_meanwhile_or_is_somebody_else_s_stays() throws Exception {
        running("aaaaaaaaaaaa");
        lab.insist(1, "service", "update", "-d", "--no-resolve-image", "--label-add", "mine=1", SERVICE);
        var remove = new Step.RemoveService(SERVICE, "core", "it is drained");
        assertThatThrownBy(() -> swarm.apply(remove)).isInstanceOf(OutOfDate.class);
        assertThat(swarm.observe().owned().services()).containsOnlyKeys(SERVICE);
        // Swarm itself goes on with the update.
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            swarm.observe();
            try {
                swarm.apply(remove);
                return true;
            } catch (OutOfDate e) {
                return false;
            }
        });
        assertThat(swarm.observe().owned().services()).isEmpty();
        swarm.apply(remove);
        lab.docker(
                1,
                "service",
                "create",
                "-d",
                "-q",
                "--no-resolve-image",
                "--replicas",
                "0",
                "--name",
                SERVICE,
                "tiny:1");
        assertThatThrownBy(() -> swarm.apply(remove)).isInstanceOf(OutOfDate.class);
        assertThat(lab.lines(1, "service", "ls", "-q")).hasSize(1);
        assertThat(lab.lines(1, "volume", "ls", "-q")).as("the volume stays").contains(SERVICE);
    }

    @Test
    void a_job_removes_our_volume_once_no_container_uses_it_and_no_other_volume() throws Exception {
        var image = lab.product();
        running("aaaaaaaaaaaa");
        lab.docker(1, "volume", "create", "--label", "com.docker.stack.namespace=logroute", "logroute_core-1");
        lab.docker(1, "volume", "create", "logroute_core-2");
        lab.docker(1, "volume", "create", "--label", Label.MANAGED_BY + "=second", "logroute_core-3");
        var held = lab.docker(1, "run", "-d", "-v", "logroute_core-2:/held", lab.tiny(), "sleep", "1000")
                .strip();
        swarm.apply(new Step.RemoveService(SERVICE, "core", "it is drained"));
        for (var volume :
                List.of(SERVICE, "logroute_core-1", "logroute_core-2", "logroute_core-3", "logroute_core-4")) {
            swarm.apply(removal(volume, image)); // the router is still ending
            swarm.apply(removal(volume, image));
        }
        until(seen -> isDone(seen, SERVICE)
                && isDone(seen, "logroute_core-4") // there is none
                && error(seen, "logroute_core-1").contains("it is not ours")
                && error(seen, "logroute_core-3").contains("it is not ours"));
        var seen = swarm.observe();
        assertThat(seen.owned().services()).as("a job is no router").isEmpty();
        assertThat(seen.jobs().get("logroute_core-2-remove"))
                .as("it waits for the container")
                .isEqualTo(new Seen.Job("logroute_core-2", "core", false, Optional.empty()));
        lab.docker(1, "rm", "-f", held);
        until(each -> isDone(each, "logroute_core-2"));
        assertThat(lab.lines(1, "volume", "ls", "-q"))
                .as("nor does the job itself leave one")
                .containsExactlyInAnyOrder("logroute_core-1", "logroute_core-3");

        for (var job : swarm.observe().jobs().keySet()) {
            swarm.apply(new Step.RemoveJob(job, "core"));
            swarm.apply(new Step.RemoveJob(job, "core"));
        }
        assertThat(swarm.observe().jobs()).isEmpty();
        assertThat(lab.lines(1, "service", "ls", "-q")).isEmpty();
    }

    private Step.RemoveVolume removal(String volume, String image) {
        return new Step.RemoveVolume(volume, "core", node(), "n1", image);
    }

    private static boolean isDone(Seen seen, String volume) {
        return job(seen, volume).filter(Seen.Job::done).isPresent();
    }

    private static String error(Seen seen, String volume) {
        return job(seen, volume).flatMap(Seen.Job::error).orElse("");
    }

    private static Optional<Seen.Job> job(Seen seen, String volume) {
        return Optional.ofNullable(seen.jobs().get(volume + "-remove"));
    }

    @Test
    void an_instance_without_a_volume_and_a_node_is_seen_as_it_was_made() throws Exception {
        swarm.observe();
        swarm.apply(new Step.CreateSecret(SECRET));
        swarm.apply(new Step.CreateConfig(config("aaaaaaaaaaaa", "one"), false));
        var wanted = service("aaaaaaaaaaaa", 1, "", RouterService.Volume.NONE);
        swarm.apply(new Step.CreateService(wanted, false));
        var seen = until(each -> state(each).runs());
        assertThat(seen.owned().services()).containsExactly(Map.entry(SERVICE, wanted));
        assertThat(lab.lines(1, "volume", "ls", "-q")).isEmpty();
    }

    @Test
    void services_of_users_are_seen_with_their_labels_and_networks() throws Exception {
        lab.docker(
                1,
                "service",
                "create",
                "-d",
                "-q",
                "--no-resolve-image",
                "--name",
                "shop_web",
                "--replicas",
                "0",
                "--endpoint-mode",
                "dnsrr",
                "--network",
                "monit",
                "--label",
                "logroute.to=es",
                "--label",
                "com.docker.stack.namespace=shop",
                "--container-label",
                "logroute.drop=x",
                "tiny:1",
                "true");
        lab.docker(
                1,
                "service",
                "create",
                "-d",
                "-q",
                "--no-resolve-image",
                "--name",
                "other",
                "--replicas",
                "0",
                "--label",
                "a=b",
                "tiny:1",
                "true");
        lab.docker(
                1,
                "service",
                "create",
                "-d",
                "-q",
                "--no-resolve-image",
                "--name",
                "second_core-0",
                "--replicas",
                "0",
                "--label",
                "logroute.managed-by=second",
                "tiny:1",
                "true");
        var user = new Seen.UserService(
                "shop_web",
                Optional.of("shop"),
                new TreeMap<>(Map.of("logroute.to", "es", "com.docker.stack.namespace", "shop")),
                new TreeMap<>(Map.of("logroute.drop", "x")),
                java.util.Set.of("monit"));
        assertThat(swarm.observe().users()).containsExactly(user);
        assertThat(swarm.observe().owned().services()).isEmpty();
    }

    @Test
    void stored_specs_take_the_place_of_older_ones() throws Exception {
        var first = swarm.storeSpec("shop", bytes("kind: LogSink # 1"));
        var other = swarm.storeSpec("other", bytes("kind: LogSink # 0"));
        var second = swarm.storeSpec("shop", bytes("kind: LogSink # 2"));
        assertThat(second).matches("shop-[0-9a-f]{12}").isNotEqualTo(first);
        assertThat(swarm.storeSpec("shop", bytes("kind: LogSink # 2"))).isEqualTo(second);
        assertThat(swarm.observe().specs())
                .containsExactly(
                        new Seen.SpecConfig(other, new Content(bytes("kind: LogSink # 0"))),
                        new Seen.SpecConfig(second, new Content(bytes("kind: LogSink # 2"))));
        assertThatThrownBy(() -> swarm.storeSpec("large", new byte[2 << 20]))
                .isInstanceOf(SwarmRefused.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void a_network_that_is_not_there_is_refused_with_docker_s_words() throws Exception {
        swarm.apply(new Step.CreateSecret(SECRET));
        swarm.apply(new Step.CreateConfig(config("aaaaaaaaaaaa", "one"), false));
        lab.docker(1, "network", "rm", "monit");
        var wanted = service("aaaaaaaaaaaa", 1);
        assertThatThrownBy(() -> swarm.apply(new Step.CreateService(wanted, false)))
                .isInstanceOf(SwarmRefused.class)
                .hasMessageContaining("monit");
    }

    @Test
    void events_ring_and_a_daemon_that_was_killed_is_found_again() throws Exception {
        var rings = new AtomicInteger();
        try (var _ = swarm.follow(rings::incrementAndGet)) {
            await().atMost(PATIENCE).until(swarm::follows);
            await().atMost(PATIENCE).until(() -> rings.get() >= 1);
            int begun = rings.get();
            swarm.apply(new Step.CreateConfig(config("aaaaaaaaaaaa", "one"), false));
            await().atMost(PATIENCE).until(() -> rings.get() > begun);
            for (var command : List.of(
                    List.of("network", "create", "-d", "overlay", "another"),
                    List.of("node", "update", "--label-add", "zone=a", "n1"),
                    List.of("secret", "rm", "es-ca"),
                    List.of(
                            "service",
                            "create",
                            "-d",
                            "-q",
                            "--no-resolve-image",
                            "--name",
                            "web",
                            "--replicas",
                            "0",
                            "tiny:1"))) {
                int rung = rings.get();
                lab.docker(1, command.toArray(String[]::new));
                await(command.toString()).atMost(PATIENCE).until(() -> rings.get() > rung);
            }
            lab.kill(1);
            await().atMost(PATIENCE).until(() -> !swarm.follows());
            assertThatThrownBy(swarm::observe)
                    .isInstanceOf(SwarmUnreachable.class)
                    .hasMessageContaining("does not answer");
            int before = rings.get();
            lab.start(1);
            await().atMost(PATIENCE).until(swarm::follows);
            await().atMost(PATIENCE).until(() -> rings.get() > before);
            until(seen -> seen.owned().configs().size() == 1
                    && seen.nodes().getFirst().ready());
        }
        assertThat(swarm.follows()).isFalse();
    }

    // ---- the words of these tests

    private RouterService running(String revision) throws Exception {
        swarm.observe();
        swarm.apply(new Step.CreateSecret(SECRET));
        swarm.apply(new Step.CreateConfig(config(revision, "one"), false));
        var wanted = service(revision, 1);
        swarm.apply(new Step.CreateService(wanted, false));
        until(seen -> state(seen).runs());
        return wanted;
    }

    private static OwnedConfig config(String revision, String text) {
        return new OwnedConfig(
                "logroute-core-" + revision,
                new TreeMap<>(Map.of(
                        Label.MANAGED_BY, "logroute",
                        Label.ROLE, "pipeline",
                        Label.ROUTER, "core",
                        Label.REVISION, revision)),
                new Content(bytes(text)));
    }

    private String node() {
        return lab.docker(1, "info", "--format", "{{.Swarm.NodeID}}").strip();
    }

    private RouterService service(String revision, long generation) {
        return service(revision, generation, node(), new RouterService.Volume(SERVICE, "local", new TreeMap<>()));
    }

    private RouterService service(String revision, long generation, String node, RouterService.Volume volume) {
        return new RouterService(
                SERVICE,
                "core",
                0,
                "router:1",
                node,
                List.of("node.role == manager"),
                new RouterService.Mounted(revision, generation),
                new TreeMap<>(Map.of("/etc/logroute/pipeline/pipeline", "logroute-core-" + revision)),
                new TreeMap<>(Map.of("logroute-link", SECRET, "es-ca", "es-ca")),
                volume,
                List.of(
                        new RouterService.Attachment("monit", List.of("core", "logstash")),
                        new RouterService.Attachment("logroute", List.of("core", "logstash"))),
                List.of(5044),
                Optional.of(256L << 20),
                Optional.of(500_000_000L),
                new TreeMap<>(Map.of("LOGROUTE_ROUTER", "core", "LOGROUTE_INSTANCE", "0", "TZ", "UTC")),
                new TreeMap<>(Map.of(
                        Label.MANAGED_BY,
                        "logroute",
                        Label.ROLE,
                        "router",
                        Label.ROUTER,
                        "core",
                        Label.INSTANCE,
                        "0",
                        "io.amp.role",
                        "infrastructure")),
                1,
                List.of());
    }

    private static RouterService with(RouterService each, String image, Map<String, String> environment) {
        return new RouterService(
                each.name(),
                each.router(),
                each.instance(),
                image,
                each.node(),
                each.constraints(),
                each.pipeline(),
                each.configs(),
                each.secrets(),
                each.volume(),
                each.attachments(),
                each.ports(),
                each.memoryBytes(),
                each.nanoCpus(),
                new TreeMap<>(environment),
                each.labels(),
                each.replicas(),
                each.oddities());
    }

    private static Seen.State state(Seen seen) {
        return seen.states().getOrDefault(SERVICE, Seen.State.NEW);
    }

    private static List<String> errors(Seen seen) {
        return state(seen).tasks().stream()
                .flatMap(task -> task.error().stream())
                .toList();
    }

    private Seen until(Predicate<Seen> claim) {
        var last = new Seen[1];
        ThrowingRunnable look = () -> {
            last[0] = swarm.observe();
            assertThat(claim.test(last[0])).as(() -> String.valueOf(last[0])).isTrue();
        };
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(look);
        return last[0];
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
