package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real parts: an HTTP source, files, a buffer on disk.
class PipelinesTest {
    @TempDir
    Path data;

    private final Instruments meters = new Instruments();
    private final HttpClient http = HttpClient.newHttpClient();
    private Pipelines pipelines = pipelines(Path.of(""));
    private int port;

    @BeforeEach
    void open() throws IOException {
        pipelines = pipelines(data);
        port = freePort();
    }

    @AfterEach
    void close() {
        pipelines.close();
        meters.close();
    }

    private Pipelines pipelines(Path folder) {
        return new Pipelines(
                folder,
                Mappings.of(Optional.empty()),
                new PrintStream(OutputStream.nullOutputStream()),
                Rig.QUICK,
                meters,
                InstantSource.system());
    }

    @Test
    void what_is_the_same_is_left_alone() {
        assertThat(pipelines.become(List.of(core("16MiB", "a"))).done()).hasSize(1);
        assertThat(pipelines.become(List.of(core("16MiB", "a"))).done()).isEmpty();
    }

    @Test
    void a_router_that_cannot_change_goes_on_as_it_was() throws Exception {
        var before = core("16MiB", "a");
        pipelines.become(List.of(before));
        int mine = port;
        try (var taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
            var change = pipelines.become(List.of(core("16MiB", "a", "b")));
            assertThat(change.refused().get("core")).contains("is taken");
        }
        port = mine;
        var report = report();
        assertThat(report.revision()).isEqualTo(before.revision().hash());
        assertThat(report.trouble().orElse("")).contains("is taken");
        assertThat(report.takesEvents()).isTrue();
        post(0, 3);
        await().atMost(20, SECONDS).until(() -> lines("a") == 3);
        assertThat(pipelines.become(List.of(before)).refused()).isEmpty();
        assertThat(report().trouble()).isEmpty();
    }

    @Test
    void the_equation_holds_over_sinks_that_come_go_and_come_back_and_a_buffer_that_changes() throws Exception {
        pipelines.become(List.of(core("16MiB", "a")));
        post(0, 100);
        await().atMost(20, SECONDS).until(() -> lines("a") == 100);
        pipelines.become(List.of(core("16MiB", "a", "b")));
        post(100, 200);
        await().atMost(20, SECONDS).until(() -> lines("a") == 200);
        tiesOut("a");
        tiesOut("b");
        pipelines.become(List.of(core("16MiB", "a")));
        post(200, 250);
        pipelines.become(List.of(core("32MiB", "a", "b")));
        post(250, 300);
        await().atMost(20, SECONDS).until(() -> lines("a") == 300);
        tiesOut("a");
        tiesOut("b");
    }

    @Test
    void gauges_of_what_is_no_more_are_no_more() {
        pipelines.become(List.of(core("16MiB", "a", "b")));
        assertThat(meters.scrape()).contains("sink=\"b\"").contains("logroute_buffer_bytes{");
        pipelines.become(List.of(core("16MiB", "a")));
        assertThat(meters.scrape()).doesNotContain("logroute_sink_up{router=\"core\",sink=\"b\"}");
        pipelines.become(List.of());
        assertThat(meters.scrape()).doesNotContain("logroute_buffer_bytes{");
        assertThat(pipelines.reports()).isEmpty();
    }

    private void tiesOut(String sink) {
        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThat(count(Meter.BUFFER_RECOVERED_EVENTS, sink)
                                + meters.value(Meter.RECEIVED_EVENTS, "core")
                                + count(Meter.COPIED_EVENTS, sink))
                        .as("recovered + received + copied, sink %s", sink)
                        .isEqualTo(count(Meter.DELIVERED_EVENTS, sink)
                                + count(Meter.FILTERED_EVENTS, sink)
                                + count(Meter.DEAD_LETTERED_EVENTS, sink)
                                + count(Meter.DISCARDED_EVENTS, sink)
                                + count(Meter.PASSED_EVENTS, sink)
                                + count(Meter.BUFFER_EVENTS, sink)));
    }

    private double count(Meter meter, String sink) {
        return meters.value(meter, "core", sink);
    }

    private InstanceReport report() {
        return pipelines.reports().getFirst();
    }

    private long lines(String sink) throws IOException {
        var file = data.resolve(sink + ".ndjson");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    private void post(int from, int to) throws IOException, InterruptedException {
        var body = IntStream.range(from, to).mapToObj("{\"n\":%d}"::formatted).collect(Collectors.joining("\n"));
        var answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// Router `core` with an HTTP source, and a file for each sink that gets everything.
    private PipelineDefinition core(String maxBytes, String... sinks) {
        var yaml = new StringBuilder("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { http: { host: 127.0.0.1, port: %d } } ]
                  buffer: { maxBytes: %s }
                """.formatted(port, maxBytes));
        for (var sink : sinks) {
            yaml.append("---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: %s }\n".formatted(sink));
            yaml.append("spec: { file: { path: %s.ndjson } }\n".formatted(sink));
        }
        yaml.append(Rig.route("all", "to: [%s]".formatted(String.join(", ", sinks))));
        var declared = Declared.of(SpecReader.documents("t.yaml", yaml.toString()), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipelines().getFirst();
    }
}
