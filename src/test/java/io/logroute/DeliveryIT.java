package io.logroute;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a dead sink, and a lost disk, do to the others: the real jar, real sockets, real signals.
@Timeout(900)
class DeliveryIT {
    private static final Pattern SLOWEST =
            Pattern.compile("logroute_delivery_latency_seconds_max\\{[^}]*sink=\"good\"[^}]*} ([0-9.E+-]+)");

    @TempDir
    Path folder;

    private final int in = LogRouteProcess.freePort();

    DeliveryIT() throws IOException {}

    @Test
    void acknowledged_when_delivered_survives_kill_9_and_the_loss_of_the_disk() throws Exception {
        int elastic = LogRouteProcess.freePort();
        var spec = spec(
                "beats: { host: 127.0.0.1, port: %d }".formatted(in), "acknowledge: delivered", sink("es", elastic));
        var data = folder.resolve("data");
        var acknowledged = new BitSet();
        try (var receiver = new BulkReceiver(elastic)) {
            var stop = new AtomicBoolean();
            var client = Thread.ofVirtual().start(() -> sendUntil(stop, acknowledged));
            for (int round = 1; round <= 3; round++) {
                try (var run = LogRouteProcess.run(spec, data).ready()) {
                    int wanted = round * 400;
                    await().atMost(240, SECONDS).until(() -> size(acknowledged) > wanted);
                    run.process.destroyForcibly();
                    run.exit();
                }
                delete(data);
                assertThat(receiver.missing(copy(acknowledged)))
                        .as("acknowledged, and neither at the sink nor, any more, on the disk")
                        .isEqualTo(new BitSet());
            }
            stop.set(true);
            try (var _ = LogRouteProcess.run(spec, data).ready()) {
                client.join();
                assertThat(receiver.missing(acknowledged)).isEqualTo(new BitSet());
                assertThat(acknowledged.nextClearBit(0)).as("none was given up").isEqualTo(acknowledged.length());
            }
        }
    }

    @Test
    void a_dead_sink_hurts_only_itself_and_drains_its_backlog_when_it_is_back() throws Exception {
        int good = LogRouteProcess.freePort();
        int refusing = LogRouteProcess.freePort();
        int all = 40_000;
        try (var receiver = new BulkReceiver(good);
                var hole = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var spec = spec(
                    "http: { host: 127.0.0.1, port: %d }".formatted(in),
                    "",
                    sink("good", good) + sink("hole", hole.getLocalPort()) + sink("refusing", refusing));
            try (var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
                for (int n = 0; n < all; n += 4_000) {
                    post(n, n + 4_000);
                    // How long events wait is the sinks' doing, not that of a slow machine.
                    int most = n;
                    await().atMost(180, SECONDS).until(() -> receiver.size() >= most);
                }
                await().atMost(180, SECONDS).until(() -> receiver.size() == all);
                var metrics = run.get("/metrics").body();
                assertThat(metrics)
                        .contains("logroute_delivered_events_total{router=\"core\",sink=\"hole\"} 0")
                        .contains("logroute_delivered_events_total{router=\"core\",sink=\"refusing\"} 0");
                var slowest = SLOWEST.matcher(metrics);
                assertThat(slowest.find()).as(metrics).isTrue();
                assertThat(Double.parseDouble(slowest.group(1))).isLessThan(30);
                assertThat(run.peakBytes())
                        .as("what waits for two sinks is more than the heap, and none of it is kept there")
                        .isLessThan(600L << 20);
                assertThat(run.said()).doesNotContain("OutOfMemory");

                try (var back = new BulkReceiver(refusing)) {
                    post(all, all + 5_000);
                    var wanted = new BitSet();
                    wanted.set(0, all + 5_000);
                    await().atMost(300, SECONDS)
                            .until(() -> back.missing(wanted).isEmpty());
                    await().atMost(180, SECONDS)
                            .until(() -> receiver.missing(wanted).isEmpty());
                }
            }
        }
    }

    private void post(int from, int to) throws IOException, InterruptedException {
        var pad = "x".repeat(8000);
        for (int n = from; n < to; n += 500) {
            var body = IntStream.range(n, n + 500)
                    .mapToObj(each -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(each, pad))
                    .collect(Collectors.joining("\n"));
            assertThat(LogRouteProcess.post(in, body).statusCode()).isEqualTo(200);
        }
    }

    /// A Beat that sends a window again until it is acknowledged.
    private void sendUntil(AtomicBoolean stop, BitSet acknowledged) {
        try (var beat = new Beat(in)) {
            beat.connect();
            for (int n = 0; !stop.get(); n += 20) {
                var window = IntStream.range(n, n + 20)
                        .mapToObj("{\"n\":%d}"::formatted)
                        .toList();
                send(beat, window);
                synchronized (acknowledged) {
                    acknowledged.set(n, n + 20);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void send(Beat beat, List<String> window) {
        while (true) {
            try {
                beat.send(window);
                return;
            } catch (IOException e) {
                beat.connect();
            }
        }
    }

    private static int size(BitSet numbers) {
        synchronized (numbers) {
            return numbers.cardinality();
        }
    }

    private static BitSet copy(BitSet numbers) {
        synchronized (numbers) {
            return (BitSet) numbers.clone();
        }
    }

    private static String sink(String name, int port) {
        return """
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: %s }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x } }
                """.formatted(name, port);
    }

    private Path spec(String source, String more, String sinks) throws IOException {
        var names = Pattern.compile("name: (\\w+)")
                .matcher(sinks)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.joining(", "));
        return Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { %s } ]
                  %s
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [%s] }
                """.formatted(source, more, names) + sinks);
    }

    private static void delete(Path tree) throws IOException {
        try (var files = Files.walk(tree)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
