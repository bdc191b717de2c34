package io.logroute;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The real jar runs the example; another real jar stands for the three places it sends to, and is
/// killed and started again on the way.
@Timeout(600)
class ExternalStashIT {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    Path folder;

    private final int door = LogRouteProcess.freePort();
    private final int beats = LogRouteProcess.freePort();
    private final int http = LogRouteProcess.freePort();
    private final int search = LogRouteProcess.freePort();

    ExternalStashIT() throws IOException {}

    @Test
    void what_a_client_of_elasticsearch_writes_is_at_all_three_places_though_they_are_killed() throws Exception {
        try (var run = LogRouteProcess.run(example(), Files.createDirectories(folder.resolve("data")))
                .ready()) {
            bulk(0, 500);
            try (var above = above().ready()) {
                await().atMost(180, SECONDS).until(() -> arrived("beats").contains(499));
            }
            bulk(500, 500);
            var all = IntStream.range(0, 1000).boxed().collect(Collectors.toCollection(TreeSet::new));
            try (var above = above().ready()) {
                for (var place : Set.of("beats", "http", "search")) {
                    await(place).atMost(240, SECONDS).until(() -> arrived(place).equals(all));
                }
            }
            assertThat(run.said()).doesNotContain("ERROR");
        }
    }

    private void bulk(int from, int count) throws IOException, InterruptedException {
        var body = IntStream.range(from, from + count)
                .mapToObj("{\"create\":{\"_index\":\"logs\"}}\n{\"service_name\":\"shop\",\"n\":%d}\n"::formatted)
                .collect(Collectors.joining());
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door + "/_bulk"))
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"errors\":false");
        }
    }

    private Set<Integer> arrived(String place) throws IOException {
        var file = folder.resolve(place + ".ndjson");
        if (!Files.exists(file)) {
            return Set.of();
        }
        return NUMBER.matcher(Files.readString(file))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Path example() throws IOException {
        var shipped = Files.readString(Path.of("examples/external-stash/logroute.yaml"));
        assertThat(shipped).contains("port: 9201", "127.0.0.1:5045", "127.0.0.1:8089", "127.0.0.1:9202");
        return Files.writeString(
                folder.resolve("logroute.yaml"),
                shipped.replace("port: 9201", "port: " + door)
                        .replace("127.0.0.1:5045", "127.0.0.1:" + beats)
                        .replace("127.0.0.1:8089", "127.0.0.1:" + http)
                        .replace("127.0.0.1:9202", "127.0.0.1:" + search));
    }

    private LogRouteProcess above() throws IOException {
        var spec = folder.resolve("above.yaml");
        Files.writeString(
                spec,
                place("beats", "beats: { host: 127.0.0.1, port: %d }".formatted(beats))
                        + place("http", "http: { host: 127.0.0.1, port: %d, path: /in/shop }".formatted(http))
                        + place(
                                "search",
                                "http: { host: 127.0.0.1, port: %d, path: /, elasticsearch: true }".formatted(search)));
        return LogRouteProcess.run(spec, Files.createDirectories(folder.resolve("above")));
    }

    private String place(String name, String source) {
        return """
                ---
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: %1$s }
                spec: { sources: [{ %2$s }], buffer: { maxBytes: 64MiB } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: to-%1$s }
                spec: { file: { path: "%3$s" } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all-%1$s }
                spec: { router: %1$s, to: [to-%1$s] }
                """.formatted(name, source, folder.resolve(name + ".ndjson"));
    }
}
