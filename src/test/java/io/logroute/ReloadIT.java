package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Pipelines;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Specs change over and over while clients send and one of two sinks is a black hole: no connection ends, no
/// event is lost, and each goes to every sink by one and the same definition.
///
/// A thousand changes are made by the one call that makes them, with real sockets and a real buffer around
/// it; thirty are made as people make them, by files beside the real jar, which looks once a second.
@Timeout(1200)
class ReloadIT {
    private static final int CLIENTS = 24;

    @TempDir
    Path folder;

    private final int in = LogRouteProcess.freePort();
    private final AtomicInteger numbers = new AtomicInteger();

    ReloadIT() throws IOException {}

    /// Takes bulk requests, and notes of each event number the indices that it came to.
    private static final class Indices implements AutoCloseable {
        private static final Pattern LINE = Pattern.compile("\"_index\":\"([^\"]+)\"|\"n\":(\\d+)");

        private final HttpServer server;
        private final Map<Integer, Set<String>> byNumber = new ConcurrentSkipListMap<>();

        Indices(int port) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                var index = "";
                var found = LINE.matcher(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                while (found.find()) {
                    if (found.group(1) != null) {
                        index = found.group(1);
                    } else {
                        note(Integer.parseInt(found.group(2)), index);
                    }
                }
                var answer = "{\"errors\":false}".getBytes(UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
        }

        private void note(int number, String index) {
            byNumber.merge(number, Set.of(index), (one, other) -> {
                var both = new java.util.TreeSet<>(one);
                both.addAll(other);
                return both;
            });
        }

        Set<String> of(int number) {
            return byNumber.getOrDefault(number, Set.of());
        }

        int size() {
            return byNumber.size();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    /// Revision `r` of a thousand: every third sends to both sinks, every third to one of them only. Each writes to
    /// indices of its own. A route that takes nothing keeps both sinks declared.
    private static String specs(int in, int r, int alive, int dead) {
        var to = new ArrayList<String>();
        if (r % 3 != 2) {
            to.add("{ sink: alive, index: r%d }".formatted(r));
        }
        if (r % 3 != 1) {
            to.add("{ sink: dead, index: r%d }".formatted(r));
        }
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: 127.0.0.1, port: %d } } ]
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: alive }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: dead }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: keeps }
                spec: { router: core, match: { service: [nobody] }, to: [alive, dead] }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: moves }
                spec: { router: core, match: { fields: { k: [x] } }, to: [%s] }
                """.formatted(in, alive, dead, String.join(", ", to));
    }

    private static PipelineDefinition definition(String specs) {
        var declared = Declared.of(SpecReader.documents("t.yaml", specs), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipelines().getFirst();
    }

    /// Clients that send windows one after the other on one connection each, until they are stopped.
    private final class Clients implements AutoCloseable {
        private final List<Thread> threads = new ArrayList<>();
        private final List<List<Integer>> acknowledged = new ArrayList<>();
        private final AtomicReference<Optional<Throwable>> broken = new AtomicReference<>(Optional.empty());
        private final CountDownLatch stop = new CountDownLatch(1);

        Clients(Duration pause) {
            for (int i = 0; i < CLIENTS; i++) {
                var own = new ArrayList<Integer>();
                acknowledged.add(own);
                threads.add(Thread.ofVirtual().name("client-" + i).start(() -> send(own, pause)));
            }
        }

        private void send(List<Integer> own, Duration pause) {
            try (var beat = new Beat(in)) {
                beat.connect();
                do {
                    int from = numbers.getAndAdd(5);
                    beat.send(IntStream.range(from, from + 5)
                            .mapToObj("{\"n\":%d,\"k\":\"x\"}"::formatted)
                            .toList());
                    IntStream.range(from, from + 5).forEach(own::add);
                } while (!stop.await(pause.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS));
            } catch (IOException e) {
                broken.compareAndSet(Optional.empty(), Optional.of(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void unbroken() {
            broken.get().ifPresent(why -> {
                throw new AssertionError("a connection ended", why);
            });
        }

        /// What each client had acknowledged, in its order.
        List<List<Integer>> finish() throws InterruptedException {
            stop.countDown();
            for (var thread : threads) {
                assertThat(thread.join(Duration.ofMinutes(3))).isTrue();
            }
            unbroken();
            return acknowledged;
        }

        @Override
        public void close() {
            stop.countDown();
            threads.forEach(Thread::interrupt);
        }
    }

    @Test
    void a_thousand_changes_under_load_with_one_sink_down_end_no_connection_and_lose_no_event() throws Exception {
        int dead = LogRouteProcess.freePort();
        var hole = new ServerSocket(dead, 50, InetAddress.getLoopbackAddress());
        int alive = LogRouteProcess.freePort();
        try (var meters = new Instruments();
                var living = new Indices(alive);
                var pipelines = new Pipelines(
                        folder,
                        Mappings.of(Optional.empty()),
                        new PrintStream(OutputStream.nullOutputStream()),
                        meters,
                        InstantSource.system())) {
            assertThat(pipelines
                            .become(List.of(definition(specs(in, 0, alive, dead))))
                            .refused())
                    .isEmpty();
            try (var clients = new Clients(Duration.ofMillis(20))) {
                await().atMost(120, SECONDS).until(() -> numbers.get() > 10 * CLIENTS);
                long began = System.nanoTime();
                for (int r = 1; r <= 1000; r++) {
                    assertThat(pipelines
                                    .become(List.of(definition(specs(in, r, alive, dead))))
                                    .refused())
                            .isEmpty();
                    clients.unbroken();
                    Thread.yield();
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .as("nobody waits for the black hole")
                        .isLessThan(Duration.ofMinutes(8));
                assertThat(meters.value(Meter.RELOADS, "applied")).isEqualTo(1001);
                assertThat(meters.value(Meter.CONNECTIONS, "core", "beats:" + in))
                        .isEqualTo(CLIENTS);
                var sent = clients.finish();
                checkAlive(sent, living, meters);
                hole.close();
                try (var back = new Indices(dead)) {
                    checkBoth(sent, living, back, meters);
                }
            }
        }
    }

    private void checkAlive(List<List<Integer>> sent, Indices living, Instruments meters) {
        int all = sent.stream().mapToInt(List::size).sum();
        assertThat(all).as("load, all the while").isGreaterThan(2000);
        await("the living sink has all that is for it")
                .atMost(180, SECONDS)
                .until(() -> meters.value(Meter.BUFFER_EVENTS, "core", "alive") == 0);
        assertThat(living.size()).isPositive().isLessThan(all);
    }

    /// Every event came to the sinks of one revision, and only in its index; none is missing; and what a client sent
    /// later went by no earlier one.
    private static void checkBoth(List<List<Integer>> sent, Indices living, Indices back, Instruments meters) {
        await("what waited for the other")
                .atMost(300, SECONDS)
                .until(() -> meters.value(Meter.BUFFER_EVENTS, "core", "dead") == 0);
        var revisions = new java.util.TreeSet<Integer>();
        for (var client : sent) {
            int last = 0;
            for (int n : client) {
                var indices = new java.util.TreeSet<>(living.of(n));
                indices.addAll(back.of(n));
                assertThat(indices).as("event %d went by one revision", n).hasSize(1);
                int r = Integer.parseInt(indices.first().substring(1));
                assertThat(living.of(n).isEmpty())
                        .as("event %d of revision %d, alive", n, r)
                        .isEqualTo(r % 3 == 2);
                assertThat(back.of(n).isEmpty())
                        .as("event %d of revision %d, dead", n, r)
                        .isEqualTo(r % 3 == 1);
                assertThat(r).as("event %d", n).isGreaterThanOrEqualTo(last);
                last = r;
                revisions.add(r);
            }
        }
        assertThat(revisions).as("revisions that events went by").hasSizeGreaterThan(50);
    }

    @Test
    void files_that_change_beside_the_real_jar_end_no_connection_and_lose_no_event() throws Exception {
        int dead = LogRouteProcess.freePort();
        var hole = new ServerSocket(dead, 50, InetAddress.getLoopbackAddress());
        int alive = LogRouteProcess.freePort();
        try (var living = new Indices(alive);
                var run = LogRouteProcess.run(write(specs(in, 0, alive, dead)), folder.resolve("data"))
                        .ready();
                var clients = new Clients(Duration.ofMillis(100))) {
            await().atMost(120, SECONDS).until(() -> numbers.get() > 10 * CLIENTS);
            for (int r = 1; r <= 30; r++) {
                var specs = specs(in, r, alive, dead);
                write(specs);
                var revision = definition(specs).revision().hash();
                await("revision %s".formatted(revision))
                        .atMost(120, SECONDS)
                        .until(() -> run.get("/metrics").body().contains(revision));
                clients.unbroken();
            }
            write(specs(in, 31, alive, dead).replace("match: { fields", "mtach: { fields"));
            await("what is broken is told, and the old goes on")
                    .atMost(120, SECONDS)
                    .until(() -> run.get("/api/v1/routes/moves").body().contains("mtach"));
            clients.unbroken();
            var sent = clients.finish();
            hole.close();
            try (var back = new Indices(dead)) {
                await("all that waits is delivered")
                        .atMost(300, SECONDS)
                        .until(() -> waiting(run, "alive") == 0 && waiting(run, "dead") == 0);
                for (var client : sent) {
                    for (int n : client) {
                        assertThat(living.of(n).isEmpty() && back.of(n).isEmpty())
                                .as("event %d is lost", n)
                                .isFalse();
                    }
                }
            }
        }
    }

    private static long waiting(LogRouteProcess run, String sink) throws Exception {
        var text = run.get("/api/v1/sinks/" + sink).body();
        var found = Pattern.compile("\"waitingEvents\":(\\d+)").matcher(text);
        assertThat(found.find()).as(text).isTrue();
        return Long.parseLong(found.group(1));
    }

    private Path write(String specs) throws IOException {
        var draft = Files.writeString(folder.resolve("spec.draft"), specs);
        return Files.move(draft, folder.resolve("spec.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }
}
