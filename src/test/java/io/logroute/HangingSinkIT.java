package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.testbed.TinyDisk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A sink that takes connections and never answers, where that hurts most: the real jar, with a
/// memory buffer that is full, with `dropOldest` under load, with clients that wait for its word.
@Timeout(900)
class HangingSinkIT {
    @TempDir
    Path folder;

    private final int in = LogRouteProcess.freePort();
    private final ServerSocket hole =
            new ServerSocket(LogRouteProcess.freePort(), 50, InetAddress.getLoopbackAddress());

    HangingSinkIT() throws IOException {}

    private Path spec(String source, String router, String sinks, String to) throws IOException {
        var draft = Files.writeString(folder.resolve("spec.draft"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { %s: { host: 127.0.0.1, port: %d } } ]
                  %s
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [%s] }
                """.formatted(source, in, router, to) + sinks);
        return Files.move(draft, folder.resolve("spec.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String sink(String name, int port, String more) {
        return """
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: %s }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x }%s }
                """.formatted(name, port, more);
    }

    private int post(int from, int to) throws Exception {
        var pad = "x".repeat(2000);
        var body = IntStream.range(from, to)
                .mapToObj(each -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(each, pad))
                .collect(Collectors.joining("\n"));
        return LogRouteProcess.post(in, body).statusCode();
    }

    private static long number(LogRouteProcess run, String sink, String key) throws Exception {
        var bytes = run.get("/api/v1/sinks/" + sink).body().getBytes(UTF_8);
        return (Long) Objects.requireNonNull(Json.parse(bytes, 0, bytes.length).get(key));
    }

    @Test
    void files_on_a_disk_that_hangs_hold_up_neither_clients_nor_other_sinks() throws Exception {
        try (var disk = TinyDisk.mount(folder, 64 << 20)) {
            var good = folder.resolve("good.log");
            var slow = List.of(disk.folder().resolve("a.log"), disk.folder().resolve("b.log"));
            var spec = spec(
                    "http", "", file("a", slow.get(0)) + file("b", slow.get(1)) + file("good", good), "a, b, good");
            try (var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
                disk.freeze();
                try {
                    for (int n = 0; n < 10; n++) {
                        assertThat(post(n, n + 1)).isEqualTo(200);
                    }
                    await().atMost(60, SECONDS).untilAsserted(() -> hasTen(good));
                    assertThat(run.get("/api/v1/sinks/a").body()).contains("\"waitingEvents\":10");
                } finally {
                    disk.thaw();
                }
                for (var each : slow) {
                    await().atMost(60, SECONDS).untilAsserted(() -> hasTen(each));
                }
            }
        }
    }

    private static String file(String name, Path path) {
        return """
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: %s }
                spec: { file: { path: "%s" } }
                """.formatted(name, path);
    }

    private static void hasTen(Path file) throws IOException {
        assertThat(file).exists();
        assertThat(Files.readAllLines(file)).hasSize(10);
    }

    @Test
    void a_memory_buffer_full_to_the_brim_ends_in_time_and_says_what_is_lost_with_it() throws Exception {
        var spec = spec("http", "buffer: { memory: 16MiB }", sink("hole", hole.getLocalPort(), ""), "hole");
        try (var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
            var filling = new CompletableFuture<Integer>();
            var stored = new BitSet();
            var client = Thread.ofVirtual().start(() -> {
                try {
                    for (int n = 0; post(n, n + 200) == 200; n += 200) {
                        synchronized (stored) {
                            stored.set(n, n + 200);
                        }
                    }
                    filling.complete(0);
                } catch (Exception e) {
                    filling.complete(1);
                }
            });
            await("it is full, and its client waits")
                    .atMost(180, SECONDS)
                    .until(() -> run.get("/api/v1/routes").body().contains("BufferFull"));
            long waiting = number(run, "hole", "waitingEvents");
            long began = System.nanoTime();
            run.process.destroy();
            assertThat(run.exit()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
            assertThat(client.join(Duration.ofMinutes(3))).isTrue();
            synchronized (stored) {
                assertThat(stored.cardinality()).isPositive();
            }
            var told = Pattern.compile("([\\d,.]+) events in memory were not delivered to sink hole")
                    .matcher(run.said());
            assertThat(told.find()).as(run.said()).isTrue();
            assertThat(Long.parseLong(told.group(1).replaceAll("\\D", "")))
                    .as(run.said())
                    .isGreaterThanOrEqualTo(waiting);
        }
    }

    @Test
    void an_end_in_the_middle_of_a_change_comes_in_time() throws Exception {
        var hanging = sink("hole", hole.getLocalPort(), "");
        var spec = spec("http", "buffer: { memory: 16MiB }", hanging, "hole");
        try (var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
            assertThat(post(0, 200)).isEqualTo(200);
            await().atMost(120, SECONDS).until(() -> number(run, "hole", "waitingEvents") == 200);
            spec("http", "buffer: { maxBytes: 64MiB }", hanging, "hole");
            assertThat(run.process.waitFor(1500, MILLISECONDS))
                    .as("meanwhile the change waits for the sink")
                    .isFalse();
            long began = System.nanoTime();
            run.process.destroy();
            assertThat(run.exit()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
            assertThat(run.said())
                    .contains("200 events in memory were not delivered to sink hole")
                    .doesNotContain("ERROR", "Interrupt");
        }
    }

    @Test
    void a_sink_that_hangs_and_drops_its_oldest_holds_up_nobody_and_every_event_is_counted() throws Exception {
        int good = LogRouteProcess.freePort();
        int all = 30_000;
        var spec = spec(
                "http",
                "buffer: { maxBytes: 32MiB }",
                sink("good", good, "") + sink("hole", hole.getLocalPort(), ", maxLag: 4MiB, whenFull: dropOldest"),
                "good, hole");
        try (var receiver = new BulkReceiver(good);
                var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
            for (int n = 0; n < all; n += 500) {
                int from = n;
                await("room, which the other sink may need a moment to make")
                        .pollInSameThread()
                        .atMost(120, SECONDS)
                        .until(() -> post(from, from + 500) == 200);
            }
            await().atMost(180, SECONDS).until(() -> receiver.size() == all);
            assertThat(number(run, "good", "discardedEvents")).isZero();
            await("what it does not have is passed over or waits, each once")
                    .atMost(120, SECONDS)
                    .untilAsserted(() -> assertThat(
                                    number(run, "hole", "discardedEvents") + number(run, "hole", "waitingEvents"))
                            .isEqualTo(all));
            await("it is behind by no more than it may be")
                    .atMost(120, SECONDS)
                    .until(() -> number(run, "hole", "waitingBytes") < 6L << 20);
            assertThat(number(run, "hole", "discardedEvents")).isGreaterThan(all / 2);

            int port = hole.getLocalPort();
            hole.close();
            try (var back = new BulkReceiver(port)) {
                await("it takes what is left for it")
                        .atMost(240, SECONDS)
                        .until(() -> number(run, "hole", "waitingEvents") == 0);
                await("each is counted once").atMost(120, SECONDS).untilAsserted(() -> {
                    long delivered = number(run, "hole", "deliveredEvents");
                    assertThat(delivered).isPositive();
                    assertThat(back.size()).isEqualTo((int) delivered);
                    assertThat(delivered + number(run, "hole", "discardedEvents"))
                            .isEqualTo(all);
                });
            }
        }
    }

    @Test
    void clients_that_wait_for_a_sink_hear_when_a_reload_takes_it_away() throws Exception {
        int good = LogRouteProcess.freePort();
        var sinks = sink("good", good, "") + sink("hole", hole.getLocalPort(), "");
        var spec = spec("beats", "acknowledge: delivered", sinks, "good, hole");
        try (var receiver = new BulkReceiver(good);
                var run = LogRouteProcess.run(spec, folder.resolve("data")).ready();
                var beat = new Beat(in)) {
            var window =
                    IntStream.range(0, 50).mapToObj("{\"n\":%d}"::formatted).toList();
            var heard = new CompletableFuture<Integer>();
            Thread.ofVirtual().start(() -> sendUntilHeard(beat, window, heard));
            await().atMost(120, SECONDS).until(() -> receiver.size() == 50);
            assertThat(heard).as("the other sink has not settled it").isNotDone();

            spec("beats", "acknowledge: delivered", sink("good", good, ""), "good");
            await("its client hears, or sends it again and hears then")
                    .atMost(120, SECONDS)
                    .until(heard::isDone);
            assertThat(heard.get()).as("times sent").isLessThanOrEqualTo(2);

            var more = new CompletableFuture<Integer>();
            Thread.ofVirtual().start(() -> sendUntilHeard(beat, List.of("{\"n\":50}", "{\"n\":51}"), more));
            await("nothing hangs").atMost(120, SECONDS).until(more::isDone);
            assertThat(receiver.size()).isEqualTo(52);
            long began = System.nanoTime();
            run.process.destroy();
            assertThat(run.exit()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
        }
    }

    private static void sendUntilHeard(Beat beat, List<String> window, CompletableFuture<Integer> heard) {
        for (int times = 1; ; times++) {
            try {
                if (times > 1 || !beat.isConnected()) {
                    beat.connect();
                }
                beat.send(window);
                heard.complete(times);
                return;
            } catch (IOException e) {
                if (times > 20) {
                    heard.completeExceptionally(e);
                    return;
                }
            }
        }
    }
}
