package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.spec.SpecReader;
import io.logroute.testbed.NatsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Routers that keep what they accepted on three NATS servers, under the load of a client that counts
/// what was acknowledged. Routers and servers are processes, and die as such; what a router has in its
/// folder is never used again, as on a machine that burnt.
@Timeout(900)
@Order(7)
class ReplicatedBufferIT {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");
    private static NatsServer nats;

    @TempDir
    Path folder;

    private int machines;

    @BeforeAll
    static void start() throws IOException {
        nats = NatsServer.cluster(3);
    }

    @AfterAll
    static void stop() {
        nats.close();
    }

    /// Instance 1 of the router, on a machine that has nothing of it.
    private LogRouteProcess machine(PipelineDefinition pipeline) throws IOException {
        var machine = Files.createDirectories(folder.resolve("machine-" + ++machines));
        for (var part : Packed.of(pipeline.text(), 200_000).parts()) {
            Files.write(Files.createDirectories(machine.resolve("mounted")).resolve(part.name()), part.bytes());
        }
        return LogRouteProcess.router(
                machine.resolve("mounted"),
                machine.resolve("data"),
                "--router",
                "core",
                "--instance",
                "1",
                "--revision",
                pipeline.revision().hash(),
                "--generation",
                "1");
    }

    private PipelineDefinition core(String host, int port, String prefix) {
        return pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: %s, port: %d } } ]
                  buffer: { jetstream: { servers: %s, stream: %s } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: all }
                spec: { file: { path: "%s/all.ndjson" } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [all] }
                """.formatted(host, port, nats.urls(), prefix, folder));
    }

    private static PipelineDefinition pipeline(String text) {
        var declared = Declared.of(SpecReader.documents("core.yaml", text), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipelines().getFirst();
    }

    /// Every number that came out.
    private BitSet delivered() throws IOException {
        var numbers = new BitSet();
        var file = folder.resolve("all.ndjson");
        if (Files.exists(file)) {
            NUMBER.matcher(Files.readString(file))
                    .results()
                    .forEach(each -> numbers.set(Integer.parseInt(each.group(1))));
        }
        return numbers;
    }

    private void everyAcknowledgedEventArrives(NumberingClient client) throws InterruptedException {
        var acknowledged = client.finish();
        await().atMost(Duration.ofSeconds(240)).untilAsserted(() -> {
            var missing = (BitSet) acknowledged.clone();
            missing.andNot(delivered());
            assertThat(missing.cardinality())
                    .as("missing of %d", acknowledged.cardinality())
                    .isZero();
        });
    }

    @Test
    void the_router_and_the_server_that_leads_burn_and_every_acknowledged_event_arrives() throws Exception {
        int port = LogRouteProcess.freePort();
        try (var client = new NumberingClient(List.of("127.0.0.1", "127.0.0.2"), port)) {
            try (var router = machine(core("127.0.0.1", port, "B")).ready()) {
                client.goesOn();
                var leader = nats.leader("B_core-1");
                router.process.destroyForcibly().waitFor();
                leader.kill();
                leader.wipe();
                try (var _ = machine(core("127.0.0.2", port, "B")).ready()) {
                    client.goesOn();
                    leader.startAndAwait();
                    client.goesOn();
                    everyAcknowledgedEventArrives(client);
                }
            }
        }
    }

    @Test
    void a_second_copy_takes_over_and_the_first_ends_with_words() throws Exception {
        int port = LogRouteProcess.freePort();
        try (var client = new NumberingClient(List.of("127.0.0.1", "127.0.0.2"), port);
                var older = machine(core("127.0.0.1", port, "C")).ready()) {
            client.goesOn();
            try (var newer = machine(core("127.0.0.2", port, "C")).ready()) {
                assertThat(older.exit()).isEqualTo(2);
                assertThat(older.said())
                        .contains("Router core, instance 1, ended: another instance has opened stream C_core-1");
                client.goesOn();
                assertThat(newer.process.isAlive()).isTrue();
                everyAcknowledgedEventArrives(client);
            }
        }
    }

    @Test
    void with_one_server_left_nothing_is_acknowledged_and_all_goes_on_when_the_others_are_back() throws Exception {
        int port = LogRouteProcess.freePort();
        try (var client = new NumberingClient(List.of("127.0.0.1"), port);
                var router = machine(core("127.0.0.1", port, "Q")).ready()) {
            client.goesOn();
            nats.node(0).kill();
            nats.node(1).kill();
            await("it tells that nothing is stored")
                    .atMost(Duration.ofSeconds(240))
                    .until(() -> router.get("/q/health/ready").body().contains("a majority of them"));
            nats.node(0).startAndAwait();
            nats.node(1).startAndAwait();
            client.goesOn();
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> router.get("/q/health/ready").statusCode() == 200);
            everyAcknowledgedEventArrives(client);
        }
    }

    @Test
    void a_router_that_starts_before_its_servers_waits_for_them_and_says_so() throws Exception {
        int port = LogRouteProcess.freePort();
        var away = core("127.0.0.1", port, "W").text();
        for (int i = 0; i < 3; i++) {
            nats.node(i).stop();
        }
        try (var client = new NumberingClient(List.of("127.0.0.1"), port);
                var router = machine(pipeline(away))) {
            await().atMost(Duration.ofSeconds(180))
                    .ignoreExceptions()
                    .until(() -> router.get("/q/health/ready").body().contains("no server of NATS answers"));
            assertThat(router.get("/q/health/live").statusCode()).isEqualTo(200);
            for (int i = 0; i < 3; i++) {
                nats.node(i).startAndAwait();
            }
            router.readyWithin(90);
            client.goesOn();
            everyAcknowledgedEventArrives(client);
        }
    }

    @Test
    void the_example_runs() throws Exception {
        int port = LogRouteProcess.freePort();
        var example = Files.readString(Path.of("examples/replicated-buffer/logroute.yaml"))
                .replace("\"nats://nats:4222\"", String.join(", ", nats.urls()))
                .replace("port: 8888, path: /logs", "host: 127.0.0.1, port: " + port);
        try (var router = machine(pipeline(example)).ready()) {
            assertThat(LogRouteProcess.post(port, "{\"msg\":\"hello\"}").statusCode())
                    .isEqualTo(200);
            await().atMost(Duration.ofSeconds(120)).until(() -> router.said().contains("\"msg\":\"hello\""));
        }
    }
}
