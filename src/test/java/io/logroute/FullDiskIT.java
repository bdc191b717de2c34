package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import io.logroute.testbed.TinyDisk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real jar, its data on a file system of 64 MiB that becomes full while its sink is away.
@Timeout(900)
@Order(6)
class FullDiskIT {
    /// Events in a window: what is left when a large one does not fit takes smaller ones.
    private static final int[] WINDOWS = {400, 40, 4, 1};

    /// Where the buffer has no room a window is not refused, but waits.
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final String PADDING = "x".repeat(1000);
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    Path folder;

    private final int beats = LogRouteProcess.freePort();
    private final int http = LogRouteProcess.freePort();
    private final int elastic = LogRouteProcess.freePort();
    private final Set<Integer> acknowledged = new TreeSet<>();
    private int next;

    FullDiskIT() throws IOException {}

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "segments of 8 MiB,                            64MiB",
        "one segment that is larger than the disk,     8GiB"
    })
    void a_full_disk_is_told_costs_nothing_that_was_acknowledged_and_all_goes_on_when_there_is_space(
            String why, String maxBytes) throws Exception {
        try (var disk = TinyDisk.mount(folder, 64 << 20)) {
            var foreign = Files.write(disk.folder().resolve("foreign"), new byte[8 << 20]);
            var spec = write(maxBytes);
            var data = disk.folder().resolve("data");
            try (var run = LogRouteProcess.run(spec, data).ready();
                    var beat = new Beat(beats, PATIENCE)) {
                beat.connect();
                fill(beat, 503);
                assertThat(acknowledged).as(why).hasSizeGreaterThan(30_000);
                isToldOf(run);

                Files.delete(foreign);
                int before = acknowledged.size();
                goesOn(beat);
                isWell(run);
                fill(beat, 503);
                assertThat(acknowledged).as("with the space that came free").hasSizeGreaterThan(before + 3000);
                isToldOf(run);
                assertThat(run.said()).contains("No space left on device");
                run.process.destroyForcibly();
                run.exit();
            }
            assertThat(foreign).doesNotExist();

            try (var run = LogRouteProcess.run(spec, data).ready();
                    var beat = new Beat(beats, PATIENCE)) {
                beat.connect();
                fill(beat, 503);
                isToldOf(run);
                assertThat(run.get("/metrics").body())
                        .contains("logroute_buffer_lost_events{router=\"core\"} 0")
                        .contains("logroute_buffer_corrupt_records{router=\"core\"} 0");
                var seen = new HashSet<Integer>();
                var server = RunIT.bulkServer(elastic, seen);
                try {
                    arrives(seen);
                    goesOn(beat);
                    arrives(seen);
                    await().atMost(120, SECONDS)
                            .until(() -> run.get("/api/v1/routes/all").body().contains("\"SinksTakeEvents\""));
                    isWell(run);
                } finally {
                    server.stop(0);
                }
            }
        }
    }

    /// Nothing counts as settled before its letter is durable: where the disk takes no letter more, its event
    /// waits in the buffer.
    @Test
    void a_disk_full_of_dead_letters_keeps_the_events_that_find_no_room_there_and_none_is_lost() throws Exception {
        try (var disk = TinyDisk.mount(folder, 64 << 20)) {
            // More than the letters of all that the buffer holds.
            var foreign = Files.write(disk.folder().resolve("foreign"), new byte[22 << 20]);
            var spec = write("16MiB", ", deadLetters: { maxBytes: 1GiB }");
            var data = disk.folder().resolve("data");
            var refusing = new AtomicBoolean(true);
            var seen = new HashSet<Integer>();
            var server = bulkServer(seen, refusing);
            try (var beat = new Beat(beats, PATIENCE)) {
                try (var run = LogRouteProcess.run(spec, data).ready()) {
                    beat.connect();
                    fill(beat, 503, 429); // letters and buffer grow side by side, until one of both has no room
                    assertThat(acknowledged).as("more than the buffer holds").hasSizeGreaterThan(15_000);
                    await().atMost(180, SECONDS)
                            .until(() ->
                                    run.get("/api/v1/sinks/out").body().contains("dead letters cannot be written"));
                    assertThat(number(run, "waitingEvents")).isPositive();
                    run.process.destroyForcibly();
                    run.exit();
                }
                try (var run = LogRouteProcess.run(spec, data).ready()) {
                    await().atMost(180, SECONDS)
                            .until(() ->
                                    run.get("/api/v1/sinks/out").body().contains("dead letters cannot be written"));
                    Files.delete(foreign);
                    await().atMost(240, SECONDS).until(() -> number(run, "waitingEvents") == 0);
                    assertThat(number(run, "deliveredEvents"))
                            .as("each was refused")
                            .isZero();
                    assertThat(letters(run)).isGreaterThanOrEqualTo(acknowledged.size());
                    refusing.set(false);
                    var said = Files.createTempFile(folder, "replay", ".txt");
                    var replay = LogRouteProcess.start(
                            said, "dlq", "replay", "--to", "out", "--url", "http://127.0.0.1:" + run.rest);
                    assertThat(replay.waitFor(300, SECONDS)).isTrue();
                    assertThat(replay.exitValue()).as(Files.readString(said)).isZero();
                    arrives(seen);
                    beat.connect();
                    goesOn(beat);
                    arrives(seen);
                    isWell(run);
                }
            } finally {
                server.stop(0);
            }
        }
    }

    private static long letters(LogRouteProcess run) throws Exception {
        var found = Pattern.compile("\"letters\":(\\d+)")
                .matcher(run.get("/api/v1/dead-letters").body());
        assertThat(found.find()).isTrue();
        return Long.parseLong(found.group(1));
    }

    private static long number(LogRouteProcess run, String key) throws Exception {
        var bytes = run.get("/api/v1/sinks/out").body().getBytes(UTF_8);
        return (Long) Objects.requireNonNull(Json.parse(bytes, 0, bytes.length).get(key));
    }

    /// A bulk server that refuses each event for good, or takes it.
    private HttpServer bulkServer(Set<Integer> seen, AtomicBoolean refusing) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), elastic), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            var numbers = NUMBER.matcher(body)
                    .results()
                    .map(found -> Integer.parseInt(found.group(1)))
                    .toList();
            boolean refuses = refusing.get();
            if (!refuses) {
                synchronized (seen) {
                    seen.addAll(numbers);
                }
            }
            var item = refuses
                    ? "{\"create\":{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"no\"}}}"
                    : "{\"create\":{\"status\":201}}";
            var answer = "{\"errors\":%s,\"items\":[%s]}"
                    .formatted(refuses, String.join(",", Collections.nCopies(numbers.size(), item)))
                    .getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    /// Sends until nothing is acknowledged any more, over HTTP either.
    ///
    /// @param over what HTTP answers then: 503 where the disk is full, 429 where the buffer is
    private void fill(Beat beat, Integer... over) throws Exception {
        for (int window : WINDOWS) {
            for (int refused = 0; refused < 3; ) {
                long begun = System.nanoTime();
                boolean acknowledged = sent(beat, window);
                boolean waited = System.nanoTime() - begun >= PATIENCE.toNanos();
                refused = acknowledged ? 0 : waited ? 3 : refused + 1;
                assertThat(next).as("a disk of 64 MiB is full").isLessThan(100_000);
            }
        }
        assertThat(LogRouteProcess.post(http, "{\"n\":%d,\"pad\":\"%s\"}".formatted(next++, PADDING))
                        .statusCode())
                .as("over HTTP")
                .isIn((Object[]) over);
    }

    /// Whether a window of so many events was acknowledged.
    private boolean sent(Beat beat, int window) {
        int from = next;
        next += window;
        try {
            beat.send(IntStream.range(from, next)
                    .mapToObj(n -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(n, PADDING))
                    .toList());
            IntStream.range(from, next).forEach(acknowledged::add);
            return true;
        } catch (IOException e) {
            beat.connect();
            return false;
        }
    }

    /// As a client does: sends until it is acknowledged.
    private void goesOn(Beat beat) {
        await("acknowledged again").atMost(180, SECONDS).pollInSameThread().until(() -> sent(beat, WINDOWS[0]));
    }

    private void arrives(Set<Integer> seen) {
        await("all that was acknowledged").atMost(240, SECONDS).until(() -> {
            synchronized (seen) {
                return seen.containsAll(acknowledged);
            }
        });
    }

    private static void isToldOf(LogRouteProcess run) throws Exception {
        await("it is told")
                .atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(instance(run))
                        .contains("\"DiskTrouble\"", "The disk of the buffer refuses data. Free it or mend it"));
        assertThat(run.get("/q/health/live").statusCode()).isEqualTo(200);
    }

    private static void isWell(LogRouteProcess run) {
        await("nothing is told any more")
                .atMost(60, SECONDS)
                .untilAsserted(() ->
                        assertThat(instance(run)).doesNotContain("DiskTrouble").contains("\"Healthy\""));
    }

    private static String instance(LogRouteProcess run) throws Exception {
        return run.get("/api/v1/routers/core").body();
    }

    private Path write(String maxBytes) throws IOException {
        return write(maxBytes, "");
    }

    private Path write(String maxBytes, String more) throws IOException {
        return Files.writeString(folder.resolve("logroute.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: 127.0.0.1, port: %d } }, { http: { host: 127.0.0.1, port: %d } } ]
                  buffer: { maxBytes: %s }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: out }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x }%s }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [out] }
                """.formatted(beats, http, maxBytes, elastic, more));
    }
}
