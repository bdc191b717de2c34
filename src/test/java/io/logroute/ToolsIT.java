package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The tools for 3 a.m., as a user has them: the real jar, a buffer damaged on purpose, dead
/// letters given back.
@Timeout(900)
@Order(4)
class ToolsIT {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    Path folder;

    /// What a command said, all of it, and its exit code.
    private record Ran(int code, String said) {
        List<?> list() {
            var bytes = said.getBytes(UTF_8);
            return (List<?>) Objects.requireNonNull(Json.value(bytes, 0, bytes.length));
        }

        Map<?, ?> first() {
            return (Map<?, ?>) list().getFirst();
        }
    }

    private Ran run(String... arguments) throws Exception {
        var output = Files.createTempFile(folder, "said", ".txt");
        var process = LogRouteProcess.start(output, arguments);
        assertThat(process.waitFor(300, SECONDS)).isTrue();
        return new Ran(process.exitValue(), Files.readString(output));
    }

    /// A bulk server that does what it is told, and the numbers that it took.
    private static final class Receiver implements AutoCloseable {
        final HttpServer server;
        final List<Integer> taken = new CopyOnWriteArrayList<>();
        volatile int status = 201;
        volatile int pause;

        Receiver() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                var numbers = NUMBER.matcher(body)
                        .results()
                        .map(found -> Integer.parseInt(found.group(1)))
                        .toList();
                int answer = status;
                if (!numbers.isEmpty() && pause > 0) {
                    try {
                        TimeUnit.MILLISECONDS.sleep(pause);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                if (answer == 201) {
                    taken.addAll(numbers);
                }
                var item = answer == 201
                        ? "{\"create\":{\"status\":201}}"
                        : "{\"create\":{\"status\":%d,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"failed to parse field [n]\"}}}"
                                .formatted(answer);
                var json = "{\"errors\":%s,\"items\":[%s]}"
                        .formatted(
                                answer != 201, numbers.stream().map(_ -> item).collect(Collectors.joining(",")))
                        .getBytes(UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(answer == 503 ? 503 : 200, json.length);
                exchange.getResponseBody().write(json);
                exchange.close();
            });
            server.start();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private Path spec(int http, Receiver receiver) throws IOException {
        return Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { http: { port: %d } } ], buffer: { maxBytes: 16MiB } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec:
                  elasticsearch: { urls: ["http://127.0.0.1:%d"], index: logs }
                  deadLetters: { maxBytes: 64MiB, maxAge: 7d }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [es] }
                """.formatted(
                        http, receiver.server.getAddress().getPort()));
    }

    private static void post(int http, int from, int to, int size) throws Exception {
        var body = IntStream.range(from, to)
                .mapToObj(n -> "{\"n\":%d,\"text\":\"%s\"}".formatted(n, "x".repeat(size)))
                .collect(Collectors.joining("\n"));
        assertThat(LogRouteProcess.post(http, body).statusCode()).isEqualTo(200);
    }

    private static void stop(LogRouteProcess run) throws Exception {
        run.process.destroy();
        assertThat(run.exit()).isEqualTo(143);
    }

    @Test
    void a_buffer_damaged_on_purpose_is_told_mended_and_all_but_what_was_hit_is_delivered() throws Exception {
        int http = LogRouteProcess.freePort();
        var data = folder.resolve("data");
        try (var receiver = new Receiver()) {
            receiver.status = 503;
            var spec = spec(http, receiver);
            try (var run = LogRouteProcess.run(spec, data).ready()) {
                for (int i = 0; i < 60; i++) {
                    post(http, i * 100, i * 100 + 100, 1000);
                }
                var live = run("buffer", "verify", "--data", data.toString());
                assertThat(live.code()).as(live.said()).isZero();
                assertThat(run("buffer", "repair", "--yes", "--data", data.toString())
                                .said())
                        .contains("is in use by");
                stop(run);
            }
            var hit = hurt(data.resolve("routers/core/buffer"));

            var told = run("buffer", "verify", "--data", data.toString());
            assertThat(told.code()).as(told.said()).isEqualTo(1);
            assertThat(told.said()).contains(hit, "no whole record");
            long lost = Long.parseLong(String.valueOf(run("buffer", "verify", "-o", "json", "--data", data.toString())
                    .first()
                    .get("lostEvents")));
            assertThat(lost).isPositive().isLessThanOrEqualTo(300);
            var exported = folder.resolve("exported.ndjson");
            assertThat(run("buffer", "export", "--data", data.toString(), "--file", exported.toString())
                            .code())
                    .as("damage was passed over")
                    .isEqualTo(1);
            assertThat(Files.readAllLines(exported)).hasSize((int) (6000 - lost));

            var mended = run("buffer", "repair", "--yes", "--data", data.toString());
            assertThat(mended.code()).as(mended.said()).isZero();
            assertThat(mended.said()).contains("copied to corrupt/" + hit);
            assertThat(run("buffer", "verify", "--data", data.toString()).code())
                    .isZero();

            receiver.status = 201;
            try (var run = LogRouteProcess.run(spec, data).ready()) {
                await().atMost(180, SECONDS).until(() -> receiver.taken.size() >= 6000 - lost);
                await("its reader has passed all").atMost(120, SECONDS).until(() -> waiting(run) == 0);
                assertThat(receiver.taken).hasSize((int) (6000 - lost)).doesNotHaveDuplicates();
                stop(run);
            }
        }
    }

    private static long waiting(LogRouteProcess run) throws Exception {
        var bytes = run.get("/api/v1/sinks/es").body().getBytes(UTF_8);
        return (Long) Objects.requireNonNull(Json.parse(bytes, 0, bytes.length).get("waitingEvents"));
    }

    /// Flips bytes in the middle of two records of the first segment.
    private static String hurt(Path buffer) throws IOException {
        Path first;
        try (var files = Files.list(buffer)) {
            var segments = files.filter(file -> file.toString().endsWith(".seg"))
                    .sorted()
                    .toList();
            assertThat(segments.size()).isGreaterThan(2);
            first = segments.getFirst();
        }
        try (var file = FileChannel.open(first, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (long at : new long[] {300_000, 900_000}) {
                var bytes = ByteBuffer.allocate(4);
                file.read(bytes, at);
                bytes.put(1, (byte) (bytes.get(1) ^ 0x10)).flip();
                file.write(bytes, at);
            }
        }
        return first.getFileName().toString();
    }

    @Test
    void a_replay_that_is_stopped_half_way_goes_on_and_every_letter_arrives() throws Exception {
        int http = LogRouteProcess.freePort();
        var data = folder.resolve("data");
        try (var receiver = new Receiver()) {
            receiver.status = 400;
            try (var run = LogRouteProcess.run(spec(http, receiver), data).ready()) {
                var url = "http://127.0.0.1:" + run.rest;
                for (int i = 0; i < 12; i++) {
                    post(http, i * 500, i * 500 + 500, 50);
                }
                await().atMost(180, SECONDS).until(() -> letters(run) == 6000);
                var ls = run("dlq", "ls", "--url", url);
                assertThat(ls.code()).isEqualTo(1);
                assertThat(ls.said())
                        .contains(
                                "6000  elasticsearch answered N: mapper_parsing_exception: failed to parse field [n]");
                var shown = run("dlq", "show", "--url", url, "--limit", "3", "-o", "json")
                        .list();
                assertThat(shown).hasSize(3);
                assertThat(run.get("/metrics").body())
                        .contains("logroute_dead_letters{router=\"core\",sink=\"es\"} 6000");

                receiver.status = 201;
                receiver.pause = 300;
                var output = folder.resolve("replay.txt");
                var replay = LogRouteProcess.start(output, "dlq", "replay", "--to", "es", "--url", url);
                await().atMost(180, SECONDS).until(() -> receiver.taken.size() >= 1500);
                assertThat(new ProcessBuilder("kill", "-INT", Long.toString(replay.pid()))
                                .start()
                                .waitFor())
                        .isZero();
                assertThat(replay.waitFor(120, SECONDS)).isTrue();
                assertThat(replay.exitValue()).as(Files.readString(output)).isEqualTo(130);
                var stopped = Files.readString(output);
                assertThat(stopped).contains("the same command goes on");
                var told = Pattern.compile("Stopped: (\\d+) letters are given back")
                        .matcher(stopped);
                assertThat(told.find()).as(stopped).isTrue();
                assertThat(receiver.taken)
                        .as("what it tells is what was given back, the step under way included")
                        .hasSize(Integer.parseInt(told.group(1)))
                        .hasSizeLessThan(5000);
                assertThat(letters(run)).isEqualTo(6000 - receiver.taken.size());
                receiver.pause = 0;

                var rest = run("dlq", "replay", "--to", "es", "--url", url);
                assertThat(rest.code()).as(rest.said()).isZero();
                assertThat(new TreeSet<>(receiver.taken)).hasSize(6000);
                assertThat(receiver.taken).hasSize(6000);
                assertThat(run("dlq", "ls", "--url", url).code()).isZero();

                // Refused again, through the routes: new letters, and an end.
                receiver.status = 400;
                post(http, 6000, 6010, 50);
                await().atMost(120, SECONDS).until(() -> letters(run) == 10);
                var again = run("dlq", "replay", "--url", url);
                assertThat(again.code()).as(again.said()).isZero();
                await().atMost(120, SECONDS).until(() -> letters(run) == 10);
                assertThat(run("dlq", "purge", "--url", url).said()).contains("10 letters would be deleted");
                assertThat(run("dlq", "purge", "--yes", "--url", url).code()).isZero();
                assertThat(letters(run)).isZero();
                stop(run);
            }
        }
    }

    @Test
    void whoever_is_killed_during_a_replay_every_letter_arrives_and_few_come_twice() throws Exception {
        int http = LogRouteProcess.freePort();
        var data = folder.resolve("data");
        int step = 500;
        try (var receiver = new Receiver()) {
            var spec = spec(http, receiver);
            for (boolean straight : new boolean[] {true, false}) {
                receiver.pause = 0;
                receiver.status = 400;
                receiver.taken.clear();
                try (var run = LogRouteProcess.run(spec, data).ready()) {
                    for (int n = 0; n < 4000; n += step) {
                        post(http, n, n + step, 50);
                    }
                    await().atMost(180, SECONDS).until(() -> letters(run) == 4000);
                    stop(run);
                }
                receiver.status = 201;
                receiver.pause = 60;
                int kills = 0;
                for (int more : new int[] {1, 400, 900}) {
                    try (var run = LogRouteProcess.run(spec, data).ready()) {
                        int wanted = receiver.taken.size() + more;
                        var replay = replay(run, straight);
                        await().pollInterval(Duration.ofMillis(5))
                                .atMost(180, SECONDS)
                                .until(() -> receiver.taken.size() >= wanted || !replay.isAlive());
                        run.process.destroyForcibly();
                        run.exit();
                        kills++;
                        assertThat(replay.waitFor(120, SECONDS)).isTrue();
                    }
                }
                try (var run = LogRouteProcess.run(spec, data).ready()) {
                    var client = replay(run, straight);
                    client.destroyForcibly();
                    assertThat(client.waitFor(120, SECONDS)).isTrue();
                    receiver.pause = 0;
                    var rest = replay(run, straight);
                    assertThat(rest.waitFor(180, SECONDS)).isTrue();
                    await().atMost(180, SECONDS).until(() -> waiting(run) == 0);
                    assertThat(letters(run)).isZero();
                    stop(run);
                }
                assertThat(new TreeSet<>(receiver.taken))
                        .as("straight: %s", straight)
                        .hasSize(4000);
                if (straight) {
                    assertThat(receiver.taken)
                            .as("of each kill, the step that was under way")
                            .hasSizeLessThanOrEqualTo(4000 + kills * step);
                }
            }
        }
    }

    private Process replay(LogRouteProcess run, boolean straight) throws IOException {
        var arguments = new ArrayList<>(List.of("dlq", "replay", "--url", "http://127.0.0.1:" + run.rest));
        if (straight) {
            arguments.addAll(List.of("--to", "es"));
        }
        return LogRouteProcess.start(Files.createTempFile(folder, "replay", ".txt"), arguments.toArray(String[]::new));
    }

    @Test
    void a_repair_that_is_killed_at_any_moment_leaves_all_that_could_be_read() throws Exception {
        int http = LogRouteProcess.freePort();
        var data = folder.resolve("data");
        try (var receiver = new Receiver()) {
            receiver.status = 503;
            var spec = spec(http, receiver);
            try (var run = LogRouteProcess.run(spec, data).ready()) {
                for (int i = 0; i < 60; i++) {
                    post(http, i * 100, i * 100 + 100, 1000);
                }
                run.process.destroyForcibly();
                run.exit();
            }
            var buffer = data.resolve("routers/core/buffer");
            hurt(buffer);
            cutNewest(buffer);
            var before = run("buffer", "export", "--all", "--data", data.toString());
            long readable =
                    before.said().lines().filter(line -> line.startsWith("{")).count();
            assertThat(readable).isBetween(5_000L, 5_990L);

            int killed = 0;
            for (int moment = 0; moment < 6 || killed <= 2 && moment < 16; moment++) {
                var copy = folder.resolve("copy-" + moment);
                copy(data, copy);
                var corrupt = copy.resolve("routers/core/buffer/corrupt");
                var repair = LogRouteProcess.start(
                        Files.createTempFile(folder, "repair", ".txt"),
                        "buffer",
                        "repair",
                        "--yes",
                        "--data",
                        copy.toString());
                int files = moment % 4;
                long patience = System.nanoTime() + Duration.ofMinutes(2).toNanos();
                while (repair.isAlive() && count(corrupt) < files && System.nanoTime() < patience) {
                    Thread.onSpinWait();
                }
                // 0: before it began; later ones also a little after the file appeared.
                if (moment >= 4 || files == 0) {
                    repair.waitFor(files == 0 ? 60L * moment + 250 : 3L * moment, TimeUnit.MILLISECONDS);
                }
                killed += repair.isAlive() ? 1 : 0;
                repair.destroyForcibly();
                assertThat(repair.waitFor(120, SECONDS)).isTrue();

                var again = run("buffer", "repair", "--yes", "--data", copy.toString());
                assertThat(again.code()).as(again.said()).isZero();
                var verify = run("buffer", "verify", "--data", copy.toString());
                assertThat(verify.code()).as("%d: %s", moment, verify.said()).isZero();
                var after = run("buffer", "export", "--all", "--data", copy.toString());
                assertThat(after.said()
                                .lines()
                                .filter(line -> line.startsWith("{"))
                                .toList())
                        .as("moment %d", moment)
                        .isEqualTo(before.said()
                                .lines()
                                .filter(line -> line.startsWith("{"))
                                .toList());
            }
            assertThat(killed).as("killed before it had ended").isGreaterThan(2);
            receiver.status = 201;
            try (var run = LogRouteProcess.run(spec, folder.resolve("copy-5")).ready()) {
                await().atMost(180, SECONDS).until(() -> new TreeSet<>(receiver.taken).size() >= readable);
                stop(run);
            }
        }
    }

    private static long count(Path corrupt) {
        var files = corrupt.toFile().list();
        return files == null ? 0 : files.length;
    }

    private static void cutNewest(Path buffer) throws IOException {
        try (var files = Files.list(buffer)) {
            var newest = files.filter(file -> file.toString().endsWith(".seg"))
                    .max(java.util.Comparator.naturalOrder())
                    .orElseThrow();
            try (var file = FileChannel.open(newest, StandardOpenOption.WRITE)) {
                file.truncate(file.size() - 5_000);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static long letters(LogRouteProcess run) throws Exception {
        var bytes = run.get("/api/v1/dead-letters").body().getBytes(UTF_8);
        var list = (List<?>) Objects.requireNonNull(Json.value(bytes, 0, bytes.length));
        var letters = new ArrayList<Long>();
        list.forEach(each -> letters.add((Long) Objects.requireNonNull(((Map<?, ?>) each).get("letters"))));
        return letters.stream().mapToLong(Long::longValue).sum();
    }
}
