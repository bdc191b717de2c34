package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Lines that wait to be joined when the real jar is killed.
@Timeout(900)
class MultilineIT {
    private static final Pattern ID = Pattern.compile("\"_id\":\"([^\"]+)\"");
    private static final Pattern TEXT = Pattern.compile("\"msg\":\"([^\"]*)\"");

    @TempDir
    Path folder;

    @Test
    void lines_that_are_held_when_it_is_killed_come_whole_after_the_next_start() throws Exception {
        int in = LogRouteProcess.freePort();
        int elastic = LogRouteProcess.freePort();
        var spec = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { http: { host: 127.0.0.1, port: %d } } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: joined }
                spec:
                  router: core
                  filters: [ { multiline: { start: '^[+]', flushAfter: 5s } } ]
                  to: [es]
                """.formatted(in, elastic));
        var random = new Random(7);
        var sent = new TreeSet<String>();
        var documents = Collections.synchronizedMap(new TreeMap<String, String>());
        var receiver = receiver(elastic, documents);
        try {
            for (int life = 0; life < 5; life++) {
                try (var run = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
                    for (int post = 0; post < 20; post++) {
                        var body = String.join("\n", window(random, life * 1000 + post * 10, sent));
                        assertThat(LogRouteProcess.post(in, body).statusCode()).isEqualTo(200);
                    }
                    run.process.destroyForcibly();
                    run.exit();
                }
            }
            try (var _ = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
                await().atMost(180, SECONDS).until(() -> new TreeSet<>(documents.values()).containsAll(sent));
            }
            assertThat(documents.values()).as("no fragments, and none twice").containsExactlyInAnyOrderElementsOf(sent);
        } finally {
            receiver.stop(0);
        }
    }

    /// Groups of three containers, line by line in turn.
    private static List<String> window(Random random, int from, TreeSet<String> sent) {
        var groups = new ArrayList<List<String>>();
        for (int container = 0; container < 3; container++) {
            var group = new ArrayList<String>();
            int number = from + container;
            group.add("+" + number);
            for (int line = random.nextInt(6); line > 0; line--) {
                group.add("-" + number + "." + line);
            }
            sent.add(String.join("\\n", group));
            groups.add(group);
        }
        var lines = new ArrayList<String>();
        for (int line = 0; line < 7; line++) {
            for (int container = 0; container < 3; container++) {
                if (line < groups.get(container).size()) {
                    lines.add("{\"container_id\":\"c%d\",\"msg\":\"%s\"}"
                            .formatted(container, groups.get(container).get(line)));
                }
            }
        }
        return lines;
    }

    private static HttpServer receiver(int port, Map<String, String> documents) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8).split("\n");
            for (int i = 0; i + 1 < body.length; i += 2) {
                var id = ID.matcher(body[i]);
                var text = TEXT.matcher(body[i + 1]);
                if (id.find() && text.find()) {
                    documents.put(id.group(1), text.group(1));
                }
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
}
