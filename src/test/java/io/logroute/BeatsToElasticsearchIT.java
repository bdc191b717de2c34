package io.logroute;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Json;
import io.logroute.testbed.ElasticsearchServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The original job, from outside: Beats send to the real jar, which runs the example, and a real
/// Elasticsearch gets the documents.
@Timeout(900)
@ResourceLock(ElasticsearchServer.PLAIN)
class BeatsToElasticsearchIT {
    private static final Path CLIENTS = Path.of("src/test/clients");
    private static final String CONTAINER = "9b2f7c1d";
    private static final int WINDOW = 50;

    @TempDir
    Path folder;

    private final int beats = LogRouteProcess.freePort();

    BeatsToElasticsearchIT() throws IOException {}

    @BeforeEach
    void an_empty_elasticsearch() throws Exception {
        elastic().clear();
    }

    @Test
    void every_event_lies_under_the_ampbeat_mapping_in_the_index_of_its_own_day() throws Exception {
        try (var run = LogRouteProcess.run(example(elastic().url()), data()).ready();
                var beat = new Beat(beats)) {
            beat.connect();
            beat.send(events("2026-12-31T23:59:59.999Z", 0, 70));
            beat.send(events("2027-01-01T00:00:00.000Z", 70, 30));
            await().atMost(180, SECONDS).until(() -> count("ampbeat-*") == 100);
            assertThat(count("ampbeat-2026.12.31")).isEqualTo(70);
            assertThat(count("ampbeat-2027.01.01")).isEqualTo(30);

            var mapping = object(ask("GET", "/ampbeat-2026.12.31/_mapping", ""), "ampbeat-2026.12.31", "mappings");
            assertThat(type(mapping, "@timestamp")).isEqualTo("date");
            assertThat(type(mapping, "msg")).isEqualTo("text");
            assertThat(type(mapping, "task_slot")).isEqualTo("long");
            assertThat(type(mapping, "container_id")).isEqualTo("keyword");
            // No event has it: it comes from the template, which was there before the index.
            assertThat(type(mapping, "stack_id")).isEqualTo("keyword");
            assertThat(elastic().must("GET", "/_index_template/logroute-ampbeat", ""))
                    .contains("\"logroute\":{\"template\":\"ampbeat\",\"version\":1}");
            await("it is told")
                    .atMost(60, SECONDS)
                    .until(() -> run.get("/api/v1/routes/logs")
                            .body()
                            .contains("{\"type\":\"TemplateInstalled\",\"status\":\"True\",\"reason\":\"Installed\""));
        }
    }

    @Test
    void what_a_client_from_npm_sends_is_found_there() throws Exception {
        the_clients_are_installed();
        try (var run = LogRouteProcess.run(example(elastic().url()), data()).ready()) {
            var said = folder.resolve("client.out");
            var client = new ProcessBuilder("node", "lumberjack-client.js", "" + beats, "1000")
                    .directory(CLIENTS.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            try {
                assertThat(client.waitFor(180, SECONDS)).as("the client ends").isTrue();
                assertThat(Files.readString(said).strip()).isEqualTo("acked 1000");
            } finally {
                client.destroyForcibly();
            }
            await().atMost(180, SECONDS).until(() -> count("ampbeat-*") == 1000);
            assertThat(hits("ampbeat-*", "{\"query\":{\"match_phrase\":{\"msg\":\"event 7 of lumberjack-client\"}}}"))
                    .isEqualTo(1);
            assertThat(hits("ampbeat-*", "{\"query\":{\"term\":{\"labels.a\":\"b\"}}}"))
                    .isEqualTo(1000);
            assertThat(run.said()).doesNotContain("ERROR");
        }
    }

    @Test
    void kill_9_under_load_loses_nothing_and_writes_what_clients_send_again_once() throws Exception {
        var spec = example(elastic().url(), "ids: \"%{container_id}-%{time_id}\"");
        var acknowledged = killedThrice(spec, true);
        assertThat(count("ampbeat-*"))
                .as("all that was sent, and nothing twice")
                .isEqualTo(acknowledged.size());
    }

    @Test
    void kill_9_under_load_repeats_nothing_from_the_buffer() throws Exception {
        // Ids by the buffer's numbers; these clients send nothing again.
        killedThrice(example(elastic().url()), false);
    }

    @Test
    void elasticsearch_down_at_start_and_cut_off_later_loses_nothing_and_doubles_nothing() throws Exception {
        try (var gate = new Gate(elastic().url());
                var run = LogRouteProcess.run(example(gate.url()), data()).ready();
                var beat = new Beat(beats)) {
            beat.connect();
            var sent = new ArrayList<String>();
            send(beat, sent, 3000);
            await("words about it")
                    .atMost(120, SECONDS)
                    .until(() -> run.get("/api/v1/routes/logs").body().contains("\"SinkDown\""));
            assertThat(run.get("/api/v1/routes/logs").body())
                    .contains("{\"type\":\"TemplateInstalled\",\"status\":\"Unknown\",\"reason\":\"Pending\"");

            gate.open();
            await().atMost(180, SECONDS).until(() -> count("ampbeat-*") >= 1);
            send(beat, sent, 5000);
            gate.shut();
            send(beat, sent, 2000);
            gate.open();
            eachIsThereOnce(run, sent);
            assertThat(count("ampbeat-*")).isEqualTo(10_000);
            await("it is told")
                    .atMost(60, SECONDS)
                    .until(() -> run.get("/api/v1/routes/logs")
                            .body()
                            .contains("{\"type\":\"TemplateInstalled\",\"status\":\"True\",\"reason\":\"Installed\""));
        }
    }

    private static void send(Beat beat, List<String> sent, int count) throws IOException {
        int end = sent.size() + count;
        while (sent.size() < end) {
            int from = sent.size();
            beat.send(events("2026-11-23T12:00:00.000Z", from, WINDOW));
            sent.addAll(timeIds(from, WINDOW));
        }
    }

    /// Two clients send while the router is killed and started again; then all that was acknowledged
    /// must be there.
    ///
    /// @return the `time_id` of each event that was acknowledged
    private Set<String> killedThrice(Path spec, boolean resending) throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        var enough = new AtomicBoolean();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var loads = List.<Future<?>>of(
                    clients.submit(() -> load(0, resending, acknowledged, enough)),
                    clients.submit(() -> load(1_000_000, resending, acknowledged, enough)));
            try {
                for (int kills = 0; kills < 3; kills++) {
                    try (var run = LogRouteProcess.run(spec, data()).ready()) {
                        int wanted = acknowledged.size() + 2000;
                        await().pollInterval(20, MILLISECONDS)
                                .atMost(180, SECONDS)
                                .until(() -> acknowledged.size() > wanted);
                        run.process.destroyForcibly();
                        run.exit();
                    }
                }
                try (var run = LogRouteProcess.run(spec, data()).ready()) {
                    enough.set(true);
                    for (var load : loads) {
                        load.get(5, MINUTES);
                    }
                    eachIsThereOnce(run, acknowledged);
                    assertThat(run.said()).doesNotContain("ERROR");
                }
            } finally {
                enough.set(true);
                clients.shutdownNow();
            }
        }
        return acknowledged;
    }

    private @Nullable Void load(int first, boolean resending, Set<String> acknowledged, AtomicBoolean enough)
            throws IOException {
        try (var beat = new Beat(beats)) {
            beat.connect();
            for (int from = first; !enough.get(); from += WINDOW) {
                var window = events("2026-11-23T12:00:00.000Z", from, WINDOW);
                boolean known = false;
                boolean again = true;
                while (again) {
                    try {
                        beat.send(window);
                        known = true;
                    } catch (IOException e) {
                        beat.connect();
                    }
                    again = resending && !known;
                }
                if (known) {
                    acknowledged.addAll(timeIds(from, WINDOW));
                }
            }
        }
        return null;
    }

    private void eachIsThereOnce(LogRouteProcess run, Collection<String> timeIds) throws Exception {
        await("nothing waits in the buffer")
                .atMost(240, SECONDS)
                .until(() -> run.get("/api/v1/sinks/es").body().contains("\"waitingEvents\":0"));
        var twice = """
                {"size": 0, "aggs": {"twice": {"terms": {"field": "time_id", "min_doc_count": 2, "size": 5}}}}
                """;
        elastic().must("POST", "/ampbeat-*/_refresh", "");
        var buckets = object(ask("POST", "/ampbeat-*/_search", twice), "aggregations", "twice")
                .get("buckets");
        assertThat(buckets).as("events that are there twice").isEqualTo(List.of());
        var known = timeIds.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(","));
        assertThat(hits("ampbeat-*", "{\"query\":{\"terms\":{\"time_id\":[" + known + "]}}}"))
                .as("acknowledged events that are there")
                .isEqualTo(timeIds.size());
    }

    /// Events as ampbeat sends them.
    private static List<String> events(String timestamp, int from, int count) {
        return timeIds(from, count).stream()
                .map(id -> """
                        {"@timestamp":"%s","@metadata":{"beat":"ampbeat","type":"logs"},"type":"logs",\
                        "container_id":"%s","container_name":"shop_front.1.x","container_short_name":"shop_front.1",\
                        "service_name":"shop_front","service_id":"s1","task_id":"t1","task_slot":1,"stack_name":"shop",\
                        "node_id":"n1","time_id":"%s","msg":"GET /api/v1/items/%s 200 7ms"}""".formatted(timestamp, CONTAINER, id, id))
                .toList();
    }

    private static List<String> timeIds(int from, int count) {
        return LongStream.range(from, from + count)
                .mapToObj(n -> Long.toString(1_700_000_000_000_000_000L + n))
                .toList();
    }

    /// The example as it is shipped, but for its ports and what is added to the sink.
    private Path example(URI elastic, String... more) throws IOException {
        var shipped = Files.readString(Path.of("examples/beats-to-elasticsearch/logroute.yaml"));
        assertThat(shipped).contains("port: 5044", "http://127.0.0.1:9200", "    template: ampbeat");
        return Files.writeString(
                folder.resolve("logroute.yaml"),
                shipped.replace("port: 5044", "port: " + beats)
                        .replace("http://127.0.0.1:9200", elastic.toString())
                        .replace(
                                "    template: ampbeat",
                                String.join("", more).isEmpty()
                                        ? "    template: ampbeat"
                                        : "    " + String.join("", more) + "\n    template: ampbeat"));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static void the_clients_are_installed() {
        boolean installed = Files.exists(CLIENTS.resolve("node_modules/.installed"));
        var what = "the Node clients are not installed; run src/test/clients/install.sh (./dev test does)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(what).isTrue();
        }
        assumeTrue(installed, what);
    }

    private static ElasticsearchServer elastic() throws IOException {
        return ElasticsearchServer.plain();
    }

    /// The documents in the indices; none while an index is being made and has no shard yet.
    private static long count(String indices) throws IOException, InterruptedException {
        elastic().call("POST", "/" + indices + "/_refresh", "");
        var answer = elastic().call("GET", "/" + indices + "/_count", "");
        var body = answer.body().getBytes(StandardCharsets.UTF_8);
        return answer.statusCode() == 200
                ? (long) Objects.requireNonNull(Json.parse(body, 0, body.length).get("count"))
                : 0;
    }

    private static long hits(String indices, String query) throws IOException, InterruptedException {
        return (long) Objects.requireNonNull(
                ask("POST", "/" + indices + "/_count", query).get("count"));
    }

    private static Map<String, @Nullable Object> ask(String method, String path, String json)
            throws IOException, InterruptedException {
        var answer = elastic().must(method, path, json).getBytes(StandardCharsets.UTF_8);
        return Json.parse(answer, 0, answer.length);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(Map<String, @Nullable Object> tree, String... keys) {
        var here = tree;
        for (var key : keys) {
            assertThat(here).containsKey(key);
            here = (Map<String, @Nullable Object>) Objects.requireNonNull(here.get(key));
        }
        return here;
    }

    private static String type(Map<String, @Nullable Object> mapping, String field) {
        return String.valueOf(object(mapping, "properties", field).get("type"));
    }
}
