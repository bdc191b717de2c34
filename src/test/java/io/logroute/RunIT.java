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
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `logroute run`, from outside: the real jar, real sockets, real signals.
@Order(5)
class RunIT {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    Path folder;

    @Test
    void the_quickstart_does_what_its_readme_says() throws Exception {
        int beats = LogRouteProcess.freePort();
        int http = LogRouteProcess.freePort();
        var spec = folder.resolve("quickstart.yaml");
        Files.writeString(
                spec,
                Files.readString(Path.of("examples/quickstart/logroute.yaml"))
                        .replace("5044", Integer.toString(beats))
                        .replace("8088", Integer.toString(http)));
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            assertThat(LogRouteProcess.post(http, "{\"service_name\":\"me\",\"level\":\"error\",\"msg\":\"mine\"}")
                            .statusCode())
                    .isEqualTo(200);
            LogRouteProcess.post(
                    http, "{\"service_name\":\"me\",\"level\":\"info\",\"path\":\"/healthz\",\"msg\":\"dropped\"}");
            LogRouteProcess.post(http, "{\"service_name\":\"me\",\"level\":\"info\",\"msg\":\"last\"}");
            await().atMost(120, SECONDS)
                    .until(() -> lines(data, "everything").stream().anyMatch(line -> line.contains("last")));
            await().atMost(120, SECONDS)
                    .until(() -> lines(data, "errors").stream().anyMatch(line -> line.contains("mine")));
            assertThat(lines(data, "everything")).noneMatch(line -> line.contains("/healthz"));
            assertThat(lines(data, "errors")).allMatch(line -> line.matches(".*\"level\":\"(error|fatal)\".*"));
            await("the made-up shop's logs")
                    .atMost(120, SECONDS)
                    .until(() -> lines(data, "everything").size() > 20);

            var output = folder.resolve("status.txt");
            var status = LogRouteProcess.start(output, "status", "--url", "http://127.0.0.1:" + run.rest);
            assertThat(status.waitFor(120, SECONDS)).isTrue();
            assertThat(Files.readString(output)).contains("shop", "errors", "everything");
            assertThat(status.exitValue()).as(Files.readString(output)).isZero();
            assertThat(run.get("/metrics").body()).contains("logroute_received_events_total{router=\"shop\"");

            run.process.destroy();
            assertThat(run.exit()).as("ended by SIGTERM").isEqualTo(143);
            assertThat(run.said())
                    .contains("LogRoute stopped; what was not delivered waits in %s.".formatted(data.toAbsolutePath()));
        }
    }

    @Test
    void docker_log_drivers_do_what_their_readme_says() throws Exception {
        int fluent = LogRouteProcess.freePort();
        int syslog = LogRouteProcess.freePort();
        int gelf = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/docker-log-drivers/logroute.yaml"));
        var spec = Files.writeString(
                folder.resolve("spec.yaml"),
                shipped.replace("port: 24224", "port: " + fluent)
                        .replace("port: 5514", "port: " + syslog)
                        .replace("port: 12201", "port: " + gelf));
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            // ["t", 0, {"log": "over fluentd"}]
            said(fluent, "\u0093\u00a1t\u0000\u0081\u00a3log\u00acover fluentd");
            said(syslog, "<30>Jan  2 03:04:04 web[4711]: over syslog\n");
            said(gelf, "{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"over gelf\"}\0");
            for (var text : List.of("over fluentd", "over syslog", "over gelf")) {
                await(text)
                        .atMost(120, SECONDS)
                        .until(() -> lines(data, "everything").stream().anyMatch(line -> line.contains(text)));
            }
        }
    }

    private static void said(int port, String bytes) throws IOException {
        try (var socket = new java.net.Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(bytes.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void labels_on_a_service_do_what_their_readme_says() throws Exception {
        int http = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/labels-on-a-service/logroute.yaml"));
        assertThat(shipped).contains("port: 8088");
        var specs = Files.createDirectory(folder.resolve("specs"));
        var spec = Files.writeString(specs.resolve("logroute.yaml"), shipped.replace("port: 8088", "port: " + http));
        var labels = specs.resolve("labels.yaml");
        var command = LogRouteProcess.start(
                labels,
                "labels",
                "examples/labels-on-a-service/stack.yml",
                "--stack",
                "shop",
                "--specs",
                spec.toString(),
                "-o",
                "yaml");
        assertThat(command.waitFor(180, SECONDS)).isTrue();
        assertThat(command.exitValue()).as(Files.readString(labels)).isZero();
        var readme = Files.readString(Path.of("examples/labels-on-a-service/README.md"));
        var events = readme.lines()
                .filter(line -> line.startsWith("    {"))
                .map(String::strip)
                .toList();
        assertThat(events).hasSize(3);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(specs, data).ready()) {
            assertThat(LogRouteProcess.post(http, String.join("\n", events)).statusCode())
                    .isEqualTo(200);
            await().atMost(120, SECONDS)
                    .until(() -> lines(data, "shop_web").size() == 1
                            && lines(data, "shop_cart").size() == 1);
            assertThat(lines(data, "shop_web").getFirst())
                    .contains("\"level\":\"warn\"", "\"path\":\"/buy\"", "\"by\":\"[email]\"", "\"team\":\"shop\"")
                    .doesNotContain("ann@example.org", "labels");
            assertThat(lines(data, "shop_cart").getFirst()).contains("\"took\":\"12\"", "\"text\":\"sold\"");
            assertThat(run.get("/api/v1/routes").body())
                    .contains("shop--web", "shop--web--errors", "shop--cart", "rest");
        }
    }

    @Test
    void parse_and_enrich_does_what_its_readme_says() throws Exception {
        int http = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/parse-and-enrich/logroute.yaml"));
        assertThat(shipped).contains("port: 8088");
        var spec = Files.writeString(folder.resolve("spec.yaml"), shipped.replace("port: 8088", "port: " + http));
        var readme = Files.readString(Path.of("examples/parse-and-enrich/README.md"));
        var events = readme.lines()
                .filter(line -> line.startsWith("    {"))
                .map(String::strip)
                .toList();
        assertThat(events).hasSize(3);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            assertThat(LogRouteProcess.post(http, String.join("\n", events)).statusCode())
                    .isEqualTo(200);
            await().atMost(120, SECONDS)
                    .until(() -> lines(data, "enriched").stream().anyMatch(line -> line.contains("no JSON")));
            var first =
                    "\"service_name\":\"shop_cart\",\"level\":\"info\",\"path\":\"/buy\",\"user\":{\"name\":\"ann\"},"
                            + "\"env\":\"prod\",\"title\":\"shop_cart: /buy\"}";
            var third = "\"service_name\":\"shop_cart\",\"msg\":\"no JSON at all\",\"tags\":[\"_jsonparsefailure\"],"
                    + "\"env\":\"prod\"}";
            assertThat(lines(data, "enriched"))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .startsWith("{\"@timestamp\":")
                                    .endsWith(first),
                            line -> assertThat(line)
                                    .startsWith("{\"@timestamp\":")
                                    .endsWith(third));
            await("the same on the screen")
                    .atMost(120, SECONDS)
                    .until(() -> run.said().contains(third));
            assertThat(run.said()).contains(first).doesNotContain("password", "/healthz");
        }
    }

    @Test
    void one_scale_of_levels_does_what_its_readme_says() throws Exception {
        int http = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/one-scale-of-levels/logroute.yaml"));
        assertThat(shipped).contains("port: 8088");
        var spec = Files.writeString(folder.resolve("spec.yaml"), shipped.replace("port: 8088", "port: " + http));
        var events = Files.readString(Path.of("examples/one-scale-of-levels/README.md"))
                .lines()
                .filter(line -> line.startsWith("    {"))
                .map(String::strip)
                .toList();
        assertThat(events).hasSize(4);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            assertThat(LogRouteProcess.post(http, String.join("\n", events)).statusCode())
                    .isEqualTo(200);
            await().atMost(120, SECONDS).until(() -> lines(data, "even").size() == 5);
            assertThat(lines(data, "even").stream()
                            .map(line -> Json.parse(line.getBytes(UTF_8), 0, line.getBytes(UTF_8).length))
                            .toList())
                    .isEqualTo(java.util.stream.Stream.of(
                                    "{'service_name':'shop_web','level':'error','msg':'cart is gone','took':1.5,'status':500,'slow':true,'@timestamp':'2026-11-22T10:15:30.123Z'}",
                                    "{'service_name':'shop_cart','level':'warn','msg':'stock is low','took':0.2,'slow':false,'@timestamp':'2026-11-22T10:15:31.000Z'}",
                                    "{'service_name':'shop_pay','level':'error','msg':'E1122 10:15:32.5 pay.go:7] card refused','status':'many','tags':['_convertfailure'],'@timestamp':'2026-11-22T10:15:32.000Z'}",
                                    "{'service_name':'shop_hosts','level':'fatal','msg':'disk failed','@timestamp':'2026-11-22T10:15:33.000Z'}",
                                    "{'service_name':'shop_hosts','level':'info','msg':'disk found','@timestamp':'2026-11-22T10:15:33.000Z'}")
                            .map(line -> line.replace('\'', '"').getBytes(UTF_8))
                            .map(line -> Json.parse(line, 0, line.length))
                            .toList());
        }
    }

    @Test
    void less_noise_no_secrets_does_what_its_readme_says() throws Exception {
        int http = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/less-noise-no-secrets/logroute.yaml"));
        assertThat(shipped).contains("port: 8088");
        var spec = Files.writeString(folder.resolve("spec.yaml"), shipped.replace("port: 8088", "port: " + http));
        var events = Files.readString(Path.of("examples/less-noise-no-secrets/README.md"))
                .lines()
                .filter(line -> line.startsWith("    {"))
                .map(String::strip)
                .toList();
        assertThat(events).hasSize(13);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            assertThat(LogRouteProcess.post(http, String.join("\n", events)).statusCode())
                    .isEqualTo(200);
            await().atMost(120, SECONDS)
                    .until(() -> lines(data, "quiet").stream().anyMatch(line -> line.contains("tick 5")));
            assertThat(lines(data, "quiet"))
                    .extracting(line -> line.replaceAll(".*\"msg\":\"([^\"]*)\".*", "$1"))
                    .containsExactly(
                            "[email] paid with [card], customer=[customer]",
                            "look for stock again",
                            "found",
                            "postgres://shop:[secret]@db/shop: refused, password=[secret]",
                            "tick 1",
                            "tick 2",
                            "tick 3",
                            "tick 4",
                            "tick 5");
            assertThat(run.get("/metrics").body())
                    .contains(
                            "logroute_route_filtered_events_total{filter=\"dedupe\",route=\"calm\",router=\"shop\"} 1")
                    .contains(
                            "logroute_route_filtered_events_total{filter=\"sample\",route=\"calm\",router=\"shop\"} 1")
                    .contains(
                            "logroute_route_filtered_events_total{filter=\"throttle\",route=\"calm\",router=\"shop\"} 2");
        }
    }

    @Test
    void parse_access_logs_does_what_its_readme_says() throws Exception {
        int http = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/parse-access-logs/logroute.yaml"));
        assertThat(shipped).contains("port: 8088");
        var spec = Files.writeString(folder.resolve("spec.yaml"), shipped.replace("port: 8088", "port: " + http));
        var readme = Files.readString(Path.of("examples/parse-access-logs/README.md"));
        var lines = readme.lines()
                .filter(line -> line.startsWith("    {"))
                .map(String::strip)
                .toList();
        assertThat(lines).hasSize(13 + 11);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            assertThat(LogRouteProcess.post(http, String.join("\n", lines.subList(0, 13)))
                            .statusCode())
                    .isEqualTo(200);
            await().atMost(120, SECONDS).until(() -> lines(data, "parsed").size() >= 11);
            assertThat(lines(data, "parsed").stream().map(line -> line.replaceFirst("\"@timestamp\":\"[^\"]*\",", "")))
                    .containsExactlyElementsOf(lines.subList(13, 24));
            await("the line of the shop that did not fit")
                    .atMost(120, SECONDS)
                    .until(() -> run.get("/api/v1/dead-letters").body().contains("msg does not fit dissect"));
        }
    }

    @Test
    void stack_traces_does_what_its_readme_says() throws Exception {
        int http = LogRouteProcess.freePort();
        var shipped = Files.readString(Path.of("examples/stack-traces/logroute.yaml"));
        assertThat(shipped).contains("port: 8088");
        var spec = Files.writeString(folder.resolve("spec.yaml"), shipped.replace("port: 8088", "port: " + http));
        var events = Files.readString(Path.of("examples/stack-traces/README.md"))
                .lines()
                .filter(line -> line.startsWith("    {"))
                .map(String::strip)
                .toList();
        assertThat(events).hasSize(10);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            assertThat(LogRouteProcess.post(http, String.join("\n", events)).statusCode())
                    .isEqualTo(200);
            await().atMost(120, SECONDS).until(() -> lines(data, "traces").size() == 4);
            assertThat(lines(data, "traces"))
                    .extracting(line -> line.replaceAll(".*(\"service_name\".*)}", "$1"))
                    .containsExactlyInAnyOrder(
                            "\"service_name\":\"shop_web\",\"container_id\":\"c1\",\"level\":\"error\",\"msg\":\"10:00:00 ERROR cannot add"
                                    + " tea\\njava.lang.IllegalStateException: no stock\\n\\tat com.shop.Cart.add(Cart.java:42)"
                                    + "\\nCaused by: java.io.IOException: closed\\n\\t... 1 more\"",
                            "\"service_name\":\"shop_mail\",\"container_id\":\"c2\",\"msg\":\"Traceback (most recent call last):\\n"
                                    + "  File \\\"mail.py\\\", line 7, in send\\nConnectionRefusedError: [Errno 111]\"",
                            "\"service_name\":\"shop_db\",\"container_id\":\"c3\",\"msg\":\"not a line of theirs\"",
                            "\"service_name\":\"shop_web\",\"container_id\":\"c1\",\"level\":\"info\",\"msg\":\"10:00:01 INFO next\"");
        }
    }

    @Test
    void what_was_acknowledged_is_there_after_kill_9_under_load() throws Exception {
        int http = LogRouteProcess.freePort();
        var spec = write(http, "file: { path: out.ndjson }", "");
        var data = folder.resolve("data");
        var acknowledged = new TreeSet<Integer>();
        for (int round = 0; round < 4; round++) {
            try (var run = LogRouteProcess.run(spec, data).ready()) {
                int first = round * 100_000;
                try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int sender = 0; sender < 4; sender++) {
                        int from = first + sender * 10_000;
                        senders.submit(() -> send(http, from, acknowledged));
                    }
                    int wanted = acknowledged.size() + 1500 + round * 700;
                    await().atMost(180, SECONDS).until(() -> size(acknowledged) > wanted);
                    run.process.destroyForcibly();
                    run.exit();
                }
            }
        }
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            await("all that was acknowledged")
                    .atMost(180, SECONDS)
                    .until(() -> numbers(data.resolve("out.ndjson")).containsAll(acknowledged));
            assertThat(run.said()).doesNotContain("ERROR");
        }
        assertThat(acknowledged).hasSizeGreaterThan(6000);
    }

    @Test
    void a_full_buffer_turns_clients_away_and_goes_on_when_the_sink_is_back() throws Exception {
        int http = LogRouteProcess.freePort();
        int elastic = LogRouteProcess.freePort();
        var spec = write(
                http,
                "elasticsearch: { urls: [\"http://127.0.0.1:%d\"], index: x }".formatted(elastic),
                "buffer: { maxBytes: 16MiB }");
        var padding = "x".repeat(900);
        var acknowledged = new TreeSet<Integer>();
        try (var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
            int refused = 0;
            for (int n = 0; n < 100_000 && refused == 0; n += 500) {
                var batch = IntStream.range(n, n + 500)
                        .mapToObj(each -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(each, padding))
                        .collect(Collectors.joining(",", "[", "]"));
                var answer = LogRouteProcess.post(http, batch);
                if (answer.statusCode() == 200) {
                    IntStream.range(n, n + 500).forEach(acknowledged::add);
                } else {
                    refused = answer.statusCode();
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                }
            }
            assertThat(refused).isIn(429, 503);
            await("it is told")
                    .atMost(120, SECONDS)
                    .untilAsserted(
                            () -> assertThat(run.get("/api/v1/routes/all").body())
                                    .contains("BufferFull")
                                    .contains("SinkDown"));
            assertThat(run.get("/q/health/live").statusCode()).isEqualTo(200);

            var seen = new HashSet<Integer>();
            var server = bulkServer(elastic, seen);
            try {
                await().atMost(240, SECONDS).until(() -> {
                    synchronized (seen) {
                        return seen.containsAll(acknowledged);
                    }
                });
                await().atMost(120, SECONDS)
                        .until(() -> LogRouteProcess.post(http, "{\"n\":-1}").statusCode() == 200);
                await().atMost(120, SECONDS)
                        .until(() -> run.get("/api/v1/routes/all").body().contains("\"SinksTakeEvents\""));
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void changes_of_files_are_followed_and_a_broken_one_is_held_and_told() throws Exception {
        int http = LogRouteProcess.freePort();
        var spec = write(http, "file: { path: a.ndjson }", "");
        var good = Files.readString(spec);
        var data = folder.resolve("data");
        try (var run = LogRouteProcess.run(spec, data).ready()) {
            LogRouteProcess.post(http, "{\"n\":1}");
            await().atMost(120, SECONDS)
                    .until(() -> numbers(data.resolve("a.ndjson")).contains(1));

            Files.writeString(spec, good.replace("to: [out]", "to: [nowhere]"));
            await().atMost(120, SECONDS)
                    .until(() -> run.get("/api/v1/routes/all").body().contains("there is no sink"));
            assertThat(run.get("/api/v1/routes/all").body()).contains("\"held\":true");
            LogRouteProcess.post(http, "{\"n\":2}");
            await().atMost(120, SECONDS)
                    .until(() -> numbers(data.resolve("a.ndjson")).contains(2));

            Files.writeString(spec, good.replace("a.ndjson", "b.ndjson"));
            await().atMost(120, SECONDS)
                    .until(() -> run.get("/api/v1/routes/all").body().contains("\"held\":false"));
            LogRouteProcess.post(http, "{\"n\":3}");
            await().atMost(120, SECONDS)
                    .until(() -> numbers(data.resolve("b.ndjson")).contains(3));
            assertThat(numbers(data.resolve("b.ndjson"))).as("each event once").containsOnly(3);
        }
    }

    @Test
    void a_taken_port_of_a_source_is_told_and_nothing_is_half_started() throws Exception {
        try (var taken = new ServerSocket(0)) {
            var run = cannotStart(write(taken.getLocalPort(), "console: {}", ""), folder.resolve("data"));
            assertThat(run).contains("http:" + taken.getLocalPort(), "is taken", "choose another port");
        }
    }

    @Test
    void a_taken_port_of_rest_is_told() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var output = folder.resolve("out.txt");
            var spec = write(LogRouteProcess.freePort(), "console: {}", "");
            var process = LogRouteProcess.start(
                    output,
                    "run",
                    spec.toString(),
                    "--port",
                    Integer.toString(taken.getLocalPort()),
                    "--data",
                    folder.resolve("data").toString());
            assertThat(process.waitFor(120, SECONDS)).isTrue();
            assertThat(Files.readString(output)).contains("is taken", "--port");
            assertThat(process.exitValue()).isEqualTo(2);
        }
    }

    @Test
    void a_data_folder_that_cannot_be_written_is_told() throws Exception {
        var file = Files.writeString(folder.resolve("plain"), "a file");
        var said = cannotStart(write(LogRouteProcess.freePort(), "console: {}", ""), file.resolve("data"));
        assertThat(said).contains("--data", file.toString());
    }

    @Test
    void a_missing_secret_file_is_told() throws Exception {
        var spec = write(
                LogRouteProcess.freePort(),
                "elasticsearch: { urls: [\"http://127.0.0.1:9\"], index: x, auth: { username: u, passwordFile: %s } }"
                        .formatted(folder.resolve("no-such-secret")),
                "");
        assertThat(cannotStart(spec, folder.resolve("data"))).contains("sink out", "no-such-secret");
    }

    @Test
    void broken_yaml_is_told_with_its_line_and_every_problem() throws Exception {
        var spec = write(LogRouteProcess.freePort(), "console: {}", "");
        Files.writeString(
                spec, Files.readString(spec).replace("to: [out]", "too: [out]").replace("console:", "consol:"));
        var said = cannotStart(spec, folder.resolve("data"));
        assertThat(said).contains("Did you mean to?", "Did you mean console?", "spec.yaml:", "Nothing was started");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void a_second_one_on_the_same_data_is_told_who_has_it() throws Exception {
        var spec = write(LogRouteProcess.freePort(), "console: {}", "");
        var data = folder.resolve("data");
        try (var first = LogRouteProcess.run(spec, data).ready()) {
            var said = cannotStart(write(LogRouteProcess.freePort(), "console: {}", ""), data);
            assertThat(said).contains(data.toString(), Long.toString(first.process.pid()));
        }
    }

    private String cannotStart(Path spec, Path data) throws Exception {
        try (var run = LogRouteProcess.run(spec, data)) {
            assertThat(run.exit()).as(run::said).isEqualTo(2);
            var said = run.said();
            assertThat(said).as("words for a person, no stack trace").doesNotContain("\tat ", "Exception");
            return said;
        }
    }

    private Path write(int http, String sink, String buffer) throws IOException {
        var spec = Files.createTempDirectory(folder, "spec").resolve("spec.yaml");
        return Files.writeString(spec, """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { http: { host: 127.0.0.1, port: %d } } ]
                  %s
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: out }
                spec: { %s }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [out] }
                """.formatted(http, buffer, sink));
    }

    /// Posts small batches until it is cut off, and notes what was acknowledged.
    private static void send(int http, int from, Set<Integer> acknowledged) {
        for (int n = from; n < from + 10_000; n += 5) {
            var batch = new ArrayList<String>();
            for (int i = n; i < n + 5; i++) {
                batch.add("{\"n\":%d}".formatted(i));
            }
            try {
                if (LogRouteProcess.post(http, String.join("\n", batch)).statusCode() == 200) {
                    synchronized (acknowledged) {
                        IntStream.range(n, n + 5).forEach(acknowledged::add);
                    }
                }
            } catch (IOException | InterruptedException e) {
                return;
            }
        }
    }

    private static int size(Set<Integer> numbers) {
        synchronized (numbers) {
            return numbers.size();
        }
    }

    /// Answers bulk requests with "all taken", and notes the numbers in them.
    static HttpServer bulkServer(int port, Set<Integer> seen) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            synchronized (seen) {
                NUMBER.matcher(body).results().forEach(found -> seen.add(Integer.parseInt(found.group(1))));
            }
            var answer = "{\"errors\":false}".getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static List<String> lines(Path data, String sink) throws IOException {
        var file = data.resolve("logs").resolve(sink + ".ndjson");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static Set<Integer> numbers(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Set.of();
        }
        return Files.readAllLines(file).stream()
                .map(NUMBER::matcher)
                .filter(java.util.regex.Matcher::find)
                .map(found -> Integer.parseInt(found.group(1)))
                .collect(Collectors.toSet());
    }
}
