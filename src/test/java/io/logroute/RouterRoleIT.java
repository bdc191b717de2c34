package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.Declared;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.remote.LinkKey;
import io.logroute.remote.RouterLink;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The real jar as one router instance of a fleet: what it mounts, what is pushed to it while clients send, what a
/// kill among pushes leaves, and what strangers get.
@Timeout(1200)
@Order(8)
class RouterRoleIT {
    @TempDir
    Path folder;

    private final LinkKey key = LinkKey.generate(new SecureRandom());
    private final RouterLink link = new RouterLink(key, InstantSource.system());
    private final int beats = LogRouteProcess.freePort();
    private final int elastic = LogRouteProcess.freePort();

    RouterRoleIT() throws IOException {}

    @BeforeEach
    void writeKey() throws IOException {
        Files.writeString(folder.resolve("link"), key.secret());
    }

    @AfterEach
    void close() {
        link.close();
    }

    /// Definition `r`; each of them is another revision.
    private PipelineDefinition pipeline(int r) {
        var text = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: 127.0.0.1, port: %d } } ]
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all-%d }
                spec: { router: core, to: [ { sink: es, index: r%d } ] }
                """.formatted(beats, elastic, r, r);
        var declared = Declared.of(SpecReader.documents("test.yaml", text), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline("core").orElseThrow();
    }

    private Path mounted(PipelineDefinition pipeline, int largestPart) throws IOException {
        var mounted = Files.createDirectories(folder.resolve("mounted-" + pipeline.revision()));
        for (var part : Packed.of(pipeline.text(), largestPart).parts()) {
            Files.write(mounted.resolve(part.name()), part.bytes());
        }
        return mounted;
    }

    private LogRouteProcess start(PipelineDefinition pipeline, long generation) throws IOException {
        return LogRouteProcess.router(
                mounted(pipeline, 200),
                folder.resolve("data"),
                "--router",
                "core",
                "--instance",
                "4",
                "--revision",
                pipeline.revision().hash(),
                "--generation",
                Long.toString(generation),
                "--link-key-file",
                folder.resolve("link").toString());
    }

    private static Address address(LogRouteProcess router) {
        return new Address("127.0.0.1", router.rest, "core-4");
    }

    private InstanceReport report(LogRouteProcess router) {
        return switch (link.report(address(router))) {
            case Reported.Told(var report) -> report;
            case Reported.NotYet other -> throw new AssertionError(other);
            case Reported.Denied other -> throw new AssertionError(other);
            case Reported.Unreachable other -> throw new AssertionError(other);
        };
    }

    private Pushed push(LogRouteProcess router, PipelineDefinition pipeline, long generation) {
        return link.push(address(router), pipeline.text(), pipeline.revision(), generation);
    }

    /// One client that sends windows for ever, each until it is acknowledged.
    private final class Client implements AutoCloseable {
        private final CountDownLatch stop = new CountDownLatch(1);
        private final BitSet acknowledged = new BitSet();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger broken = new AtomicInteger();
        private final Thread thread = Thread.ofVirtual().start(this::run);

        private void run() {
            try (var beat = new Beat(beats)) {
                while (stop.getCount() > 0) {
                    int from = next.getAndAdd(20);
                    var window = IntStream.range(from, from + 20)
                            .mapToObj("{\"n\":%d}"::formatted)
                            .toList();
                    while (!sent(beat, window)) {
                        broken.incrementAndGet();
                    }
                    synchronized (acknowledged) {
                        acknowledged.set(from, from + 20);
                    }
                    stop.await(20, TimeUnit.MILLISECONDS);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private boolean sent(Beat beat, List<String> window) throws IOException {
            try {
                if (!beat.isConnected()) {
                    beat.connect();
                }
                beat.send(window);
                return true;
            } catch (IOException e) {
                beat.close();
                return false;
            }
        }

        int count() {
            synchronized (acknowledged) {
                return acknowledged.cardinality();
            }
        }

        BitSet finish() throws InterruptedException {
            stop.countDown();
            assertThat(thread.join(Duration.ofMinutes(3))).isTrue();
            synchronized (acknowledged) {
                return (BitSet) acknowledged.clone();
            }
        }

        @Override
        public void close() {
            stop.countDown();
            thread.interrupt();
        }
    }

    @Test
    void pushes_and_kills_under_load_lose_nothing_and_the_newest_accepted_runs() throws Exception {
        var random = new Random(5);
        try (var receiver = new BulkReceiver(elastic);
                var client = new Client()) {
            var router = start(pipeline(0), 1).ready();
            try {
                assertThat(report(router).instance()).isEqualTo(4);
                assertThat(report(router).generation()).isEqualTo(1);
                int generation = 1;
                for (int i = 0; i < 5; i++) {
                    generation++;
                    int before = client.broken.get();
                    assertThat(push(router, pipeline(generation), generation)).isEqualTo(new Pushed.Taken(true));
                    assertThat(client.broken.get())
                            .as("no connection ends by a push")
                            .isEqualTo(before);
                }
                for (int kill = 0; kill < 6; kill++) {
                    int wanted = ++generation;
                    var victim = router;
                    var pushed = CompletableFuture.supplyAsync(() -> push(victim, pipeline(wanted), wanted));
                    pushed.completeOnTimeout(
                                    new Pushed.Unreachable("in time"), random.nextInt(60), TimeUnit.MILLISECONDS)
                            .join();
                    router.process.destroyForcibly();
                    assertThat(router.process.waitFor(120, SECONDS)).isTrue();
                    var answered = pushed.join() instanceof Pushed.Taken;
                    router.close();
                    router = start(pipeline(0), 1).ready();
                    var now = report(router);
                    assertThat(now.trouble()).isEmpty();
                    assertThat(now.generation()).isIn((long) wanted - 1, (long) wanted);
                    if (answered) {
                        assertThat(now.generation())
                                .as("what was answered runs")
                                .isEqualTo(wanted);
                    }
                    assertThat(now.revision())
                            .isEqualTo(
                                    pipeline((int) now.generation()).revision().hash());
                    assertThat(push(router, pipeline(wanted), wanted)).isInstanceOf(Pushed.Taken.class);
                    int count = client.count();
                    await("events go on").atMost(180, SECONDS).until(() -> client.count() > count);
                }
                assertThat(report(router).generation()).isEqualTo(generation);
                var sent = client.finish();
                assertThat(sent.cardinality()).as("load, all the while").isGreaterThan(500);
                await("all that was acknowledged is delivered")
                        .atMost(300, SECONDS)
                        .until(() -> receiver.missing(sent).isEmpty());
            } finally {
                router.close();
            }
            try (var mounted = start(pipeline(1_000), 1_000).ready()) {
                assertThat(report(mounted).generation())
                        .as("a later one is mounted")
                        .isEqualTo(1_000);
            }
        }
    }

    @Test
    void sigterm_ends_it_in_time_and_its_log_is_there() throws Exception {
        Files.delete(folder.resolve("link"));
        try (var router = start(pipeline(0), 1).ready()) {
            assertThat(router.get("/api/v1/report").statusCode()).isEqualTo(403);
            assertThat(router.get("/").body()).contains("\"status\":\"green\"", "\"name\":\"core-4\"");
            assertThat(router.get("/metrics").body()).contains("logroute_buffer_bytes", "jvm_memory_used_bytes");
            long start = System.nanoTime();
            router.process.toHandle().destroy();
            assertThat(router.exit()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
            assertThat(router.said())
                    .contains("Router core, instance 4, runs revision "
                            + pipeline(0).revision() + " (generation 1)")
                    .containsPattern("T[0-9:.]+\\S+ WARN  \\S*RouterRole: There is no link key at ")
                    .contains("LogRoute stopped; what was not delivered waits in")
                    .doesNotContain("Quarkus", "\tat ");
        }
    }

    @Test
    void what_cannot_start_ends_with_2_and_words() throws Exception {
        var wrong = LogRouteProcess.router(
                mounted(pipeline(0), 200),
                folder.resolve("data"),
                "--router",
                "core",
                "--instance",
                "0",
                "--revision",
                "0123456789ab",
                "--generation",
                "1");
        try (wrong) {
            assertThat(wrong.exit()).isEqualTo(2);
            assertThat(wrong.said())
                    .contains("its content is revision %s, and not 0123456789ab as was said"
                            .formatted(pipeline(0).revision()))
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void strangers_get_nothing_and_hold_nobody_up() throws Exception {
        try (var router = start(pipeline(0), 1).ready();
                var late = new RouterLink(key, () -> Instant.now().minusSeconds(400));
                var stranger = new RouterLink(LinkKey.generate(new SecureRandom()), InstantSource.system())) {
            assertThat(stranger.report(address(router))).isInstanceOf(Reported.Denied.class);
            assertThat(late.report(address(router)))
                    .isInstanceOfSatisfying(
                            Reported.Denied.class,
                            denied -> assertThat(denied.reason()).containsPattern("was signed 4\\d\\d s ago"));
            var slow = new ArrayList<Socket>();
            try {
                for (int i = 0; i < 200; i++) {
                    var socket = new Socket("127.0.0.1", router.rest);
                    slow.add(socket);
                    socket.setSoTimeout(180_000);
                    socket.getOutputStream()
                            .write((i % 3 == 0
                                            ? "GET / HTTP/1.1\r\nX-Slow: "
                                            : i % 3 == 1
                                                    ? "PUT /api/v1/pipeline HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
                                                    : "")
                                    .getBytes(UTF_8));
                }
                var huge = Thread.ofVirtual().start(() -> sendEndlessly(router.rest));
                for (int r = 1; r <= 5; r++) {
                    assertThat(push(router, pipeline(r), r + 1)).isEqualTo(new Pushed.Taken(true));
                    assertThat(router.get("/q/health/ready").statusCode()).isEqualTo(200);
                }
                assertThat(huge.join(Duration.ofMinutes(3)))
                        .as("the endless body was cut off")
                        .isTrue();
                for (var each : slow) {
                    drip(each);
                }
                assertThat(report(router).generation()).isEqualTo(6);
                assertThat(router.said()).doesNotContain("OutOfMemory", "\tat ");
            } finally {
                for (var each : slow) {
                    each.close();
                }
            }
        }
    }

    /// Reads until the other side closes, for three minutes at most.
    private static void drip(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            assertThat(e).as("reset, which closes it as well").hasMessageContaining("reset");
        }
    }

    private static void sendEndlessly(int port) {
        var piece = new byte[1 << 20];
        try (var socket = new Socket("127.0.0.1", port)) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    "PUT /api/v1/pipeline?revision=3f9a1c0d2b4e&generation=9 HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
                            .getBytes(UTF_8));
            while (!socket.isClosed()) {
                out.write(piece);
            }
        } catch (IOException e) {
            return;
        }
    }
}
