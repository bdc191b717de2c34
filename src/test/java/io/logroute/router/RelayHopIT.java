package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.BulkStub;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.Ports;
import io.logroute.testbed.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One swarm above another: routers, a real Redis between them, and what stands for an Elasticsearch on either side.
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class RelayHopIT {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    Path folder;

    private final BulkStub below = new BulkStub();
    private final BulkStub above = new BulkStub();
    private final List<AutoCloseable> open = new ArrayList<>(List.of(below, above));
    private final HttpClient http = HttpClient.newHttpClient();

    RelayHopIT() throws IOException {}

    @AfterEach
    void end() throws Exception {
        for (var each : open.reversed()) {
            each.close();
        }
        http.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(240)).pollInterval(Duration.ofMillis(50));
    }

    /// A swarm that takes events in over HTTP, and sends them to an Elasticsearch and a relay.
    private static String lower(int port, BulkStub elastic, String redis) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { http: { host: 127.0.0.1, port: %d } } ] }
                ---
                apiVersion: logroute/v1
                kind: LogRelay
                metadata: { name: up }
                spec: { swarm: eu1, redis: { %s }, maxLength: 100000 }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["%s"], index: logs } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [es, { relay: up }] }
                """.formatted(port, redis, elastic.url());
    }

    private static String upper(BulkStub elastic, String source) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: top }
                spec: { sources: [ { relay: { %s } } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: all }
                spec: { elasticsearch: { urls: ["%s"], index: logs, ids: "%%{logroute.id}" } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: everything }
                spec: { router: top, to: [all] }
                """.formatted(source, elastic.url());
    }

    /// A router in a process of its own, that may be killed.
    private Process killable(String name, String spec) throws IOException {
        var file = Files.writeString(folder.resolve(name + ".yaml"), spec);
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Alone.class.getName(),
                        file.toString(),
                        folder.resolve(name).toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(name + ".log").toFile()))
                .start();
        open.add(() -> kill(process));
        return process;
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(60, TimeUnit.SECONDS);
    }

    /// The routers of a spec, until the process is killed.
    static final class Alone {
        private Alone() {}

        public static void main(String... args) throws Exception {
            try (var meters = new Instruments()) {
                running(Files.readString(Path.of(args[0])), Path.of(args[1]), meters);
                new CountDownLatch(1).await();
            }
        }
    }

    private static Pipelines running(String spec, Path data, Instruments meters) throws Exception {
        var routers = new Pipelines(data, Mappings.of(Optional.empty()), System.out, meters, InstantSource.system());
        var change = routers.become(pipelines(spec));
        assertThat(change.refused()).isEmpty();
        return routers;
    }

    private static List<PipelineDefinition> pipelines(String spec) {
        var declared = Declared.of(SpecReader.documents("relay.yaml", spec), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipelines();
    }

    /// A router in this process.
    private Instruments here(String name, String spec) throws Exception {
        var meters = new Instruments();
        open.add(meters);
        open.add(running(spec, folder.resolve(name), meters));
        return meters;
    }

    /// Sends numbers, and waits until they are taken for good.
    private void send(int port, int from, int to) {
        var body = IntStream.range(from, to)
                .mapToObj(i -> "{\"@timestamp\":\"2026-11-30T10:00:00Z\",\"n\":%d}".formatted(i))
                .collect(Collectors.joining("\n"));
        await().atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> http.send(
                                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                                .build(),
                                        BodyHandlers.ofString())
                                .statusCode()
                        == 200);
    }

    private static Map<String, Integer> numbers(BulkStub elastic) {
        var numbers = new TreeMap<String, Integer>();
        elastic.documents().forEach((id, document) -> {
            var number = NUMBER.matcher(document);
            assertThat(number.find()).as(document).isTrue();
            numbers.put(id, Integer.valueOf(number.group(1)));
        });
        return numbers;
    }

    private void theSameOnBothSides(int events) {
        soon().untilAsserted(() -> assertThat(below.documents()).hasSize(events));
        soon().untilAsserted(() -> assertThat(above.documents()).hasSize(events));
        assertThat(numbers(above)).isEqualTo(numbers(below));
        assertThat(numbers(below).values()).doesNotHaveDuplicates();
    }

    @Test
    void the_same_documents_are_on_both_sides_though_redis_and_both_routers_are_killed() throws Exception {
        try (var redis = RedisServer.with("appendonly yes\nappendfsync always\n")) {
            int port = Ports.free();
            var lower = lower(port, below, "servers: [\"%s\"]".formatted(redis.url()));
            var upper = upper(above, "url: \"%s\"".formatted(redis.url()));
            var core = killable("core", lower);
            var top = killable("top", upper);
            int sent = 0;
            for (int round = 0; round < 4; round++) {
                send(port, sent, sent += 2_000);
                redis.node(0).kill();
                send(port, sent, sent += 2_000);
                redis.node(0).startAndAwait();
                send(port, sent, sent += 2_000);
                kill(top);
                send(port, sent, sent += 2_000);
                top = killable("top", upper);
                kill(core);
                core = killable("core", lower);
            }
            theSameOnBothSides(sent);
            assertThat(above.documents().values())
                    .allSatisfy(document -> assertThat(document)
                            .contains("\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":"));
            assertThat(below.documents().values())
                    .noneSatisfy(document -> assertThat(document).contains("logroute"));
        }
    }

    @Test
    void over_tls_with_a_password() throws Exception {
        var made = Certificates.make(folder, "relay");
        var password = Files.writeString(folder.resolve("password"), "secret\n");
        try (var redis = RedisServer.overTls(
                "port 0\ntls-port %%PORT%%\ntls-cert-file %s\ntls-key-file %s\ntls-auth-clients no\nrequirepass secret\n"
                        .formatted(made.crt("relay"), made.key("relay")),
                "--tls",
                "--cacert",
                made.crt("relay").toString(),
                "-a",
                "secret",
                "--no-auth-warning")) {
            int port = Ports.free();
            var url = "rediss://localhost:" + redis.node(0).port;
            var secrets = "auth: { passwordFile: %s }, tls: { caFile: %s }".formatted(password, made.crt("relay"));
            here("core", lower(port, below, "servers: [\"%s\"], %s".formatted(url, secrets)));
            here("top", upper(above, "url: \"%s\", %s".formatted(url, secrets)));
            send(port, 0, 1_000);
            theSameOnBothSides(1_000);
        }
    }

    @Test
    void through_three_tiers_an_event_says_where_it_was_first_taken_in() throws Exception {
        try (var redis = RedisServer.single()) {
            int port = Ports.free();
            here("core", lower(port, below, "servers: [\"%s\"]".formatted(redis.url())));
            here("middle", """
                    apiVersion: logroute/v1
                    kind: LogRouter
                    metadata: { name: middle }
                    spec: { sources: [ { relay: { url: "%1$s" } } ] }
                    ---
                    apiVersion: logroute/v1
                    kind: LogRelay
                    metadata: { name: up }
                    spec: { swarm: middle, stream: higher, redis: { servers: ["%1$s"] } }
                    ---
                    apiVersion: logroute/v1
                    kind: LogRoute
                    metadata: { name: all }
                    spec: { router: middle, to: [up] }
                    """.formatted(redis.url()));
            here("top", upper(above, "url: \"%s\", stream: higher".formatted(redis.url())));
            send(port, 0, 1_000);
            theSameOnBothSides(1_000);
            assertThat(above.documents().values())
                    .allSatisfy(document -> assertThat(document).contains("\"swarm\":\"eu1\",\"router\":\"core\""));
        }
    }

    @Test
    void a_relay_that_is_full_holds_up_its_own_sink_alone_and_says_why() throws Exception {
        try (var redis = RedisServer.single()) {
            int port = Ports.free();
            var lower = lower(port, below, "servers: [\"%s\"]".formatted(redis.url()))
                    .replace("maxLength: 100000", "maxLength: 1000");
            var meters = here("core", lower);
            send(port, 0, 3_000);
            soon().untilAsserted(() -> assertThat(below.documents()).hasSize(3_000));
            soon().untilAsserted(() ->
                    assertThat(redis.cli("get", "{logroute}:written")).isEqualTo("1000"));
            assertThat(meters.value(Meter.BUFFER_LAG_BYTES, "core", "up")).isPositive();
            here("top", upper(above, "url: \"%s\"".formatted(redis.url())));
            theSameOnBothSides(3_000);
        }
    }

    @Test
    void a_stream_that_is_deleted_is_made_again_and_what_comes_then_arrives() throws Exception {
        try (var redis = RedisServer.single()) {
            int port = Ports.free();
            here("core", lower(port, below, "servers: [\"%s\"]".formatted(redis.url())));
            here("top", upper(above, "url: \"%s\"".formatted(redis.url())));
            send(port, 0, 100);
            theSameOnBothSides(100);
            redis.cli("del", "logroute");
            send(port, 100, 200);
            soon().untilAsserted(() -> assertThat(numbers(above).values()).contains(199));
        }
    }
}
