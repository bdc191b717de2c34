package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.buffer.BufferLocked;
import io.logroute.buffer.Inspection;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Conditions;
import io.logroute.plan.Declared;
import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Reported;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
        return pipelines(folder, InstantSource.system());
    }

    private Pipelines pipelines(Path folder, InstantSource clock) {
        var parts = new Assemble(
                folder,
                0,
                Mappings.of(Optional.empty()),
                new PrintStream(OutputStream.nullOutputStream()),
                meters,
                clock,
                Duration.ofSeconds(10));
        return new Pipelines(folder, parts, Rig.QUICK, meters, clock);
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
        await().atMost(60, SECONDS).until(() -> lines("a") == 3);
        assertThat(pipelines.become(List.of(before)).refused()).isEmpty();
        assertThat(report().trouble()).isEmpty();
    }

    @Test
    void the_equation_holds_over_sinks_that_come_go_and_come_back_and_a_buffer_that_changes() throws Exception {
        pipelines.become(List.of(core("16MiB", "a")));
        post(0, 100);
        await().atMost(60, SECONDS).until(() -> lines("a") == 100);
        pipelines.become(List.of(core("16MiB", "a", "b")));
        post(100, 200);
        await().atMost(60, SECONDS).until(() -> lines("a") == 200);
        tiesOut("a");
        tiesOut("b");
        pipelines.become(List.of(core("16MiB", "a")));
        post(200, 250);
        pipelines.become(List.of(core("32MiB", "a", "b")));
        post(250, 300);
        await().atMost(60, SECONDS).until(() -> lines("a") == 300);
        tiesOut("a");
        tiesOut("b");
    }

    @Test
    void an_index_that_is_none_or_is_refused_is_a_dead_letter_with_the_reason_and_the_others_go_on() throws Exception {
        try (var elastic = new ScriptedHttp(request -> new Reply.Answer(200, items(request)))) {
            pipelines.become(List.of(declared(router("")
                    + """
                    ---
                    apiVersion: logroute/v1
                    kind: LogSink
                    metadata: { name: es }
                    spec: { elasticsearch: { urls: ["%s"], index: x } }
                    """.formatted(elastic.url())
                    + Rig.route("all", "to: [{ sink: es, index: '%{app}' }]"))));
            post(
                    "{\"app\":\"Shop/Web\"}\n{\"app\":\"forbidden\"}\n{\"app\":\"..\"}\n{\"other\":1}\n{\"app\":\"last\"}");
            await().atMost(60, SECONDS)
                    .until(() -> meters.value(Meter.DELIVERED_EVENTS, "core", "es") == 2
                            && meters.value(Meter.DEAD_LETTERED_EVENTS, "core", "es") == 3);
            var office = pipelines.all().getFirst();
            assertThat(office.page(LetterFilter.ALL, LetterId.START, office.end(), 10, 1 << 20)
                            .letters())
                    .extracting(letter -> letter.head().reason())
                    .containsExactlyInAnyOrder(
                            "elasticsearch answered 400: invalid_index_name_exception: must not be forbidden",
                            "the index of the event has no character that an index may begin with; its template is ..",
                            "the index \"%{app}\" of route all asks for the field app, which the event does not have");
            assertThat(elastic.requests().stream()
                            .flatMap(request -> request.text().lines())
                            .filter(line -> line.contains("_index"))
                            .map(line -> line.split("\"")[5]))
                    .as("each was asked for once, under the name that was made of it")
                    .containsExactlyInAnyOrder("shop-web", "forbidden", "last");
        }
    }

    @Test
    void what_a_sink_refuses_while_it_drains_is_a_dead_letter_that_is_told() throws Exception {
        try (var elastic = new ScriptedHttp(request -> new Reply.Answer(200, items(request)))) {
            elastic.script(_ -> new Reply.Answer(503, "{}"));
            pipelines.become(List.of(declared(router("")
                    + """
                    ---
                    apiVersion: logroute/v1
                    kind: LogSink
                    metadata: { name: es }
                    spec: { elasticsearch: { urls: ["%s"], index: x } }
                    """.formatted(elastic.url())
                    + Rig.route("all", "to: [{ sink: es, index: '%{app}' }]"))));
            post("{\"app\":\"web\"}\n{\"app\":\"forbidden\"}");
            pipelines.drain();
            assertThat(report().sources()).isEmpty();
            assertThat(report().holding())
                    .isEqualTo(new InstanceReport.Holding(InstanceReport.Mode.DRAINING, false, 0));
            elastic.script(request -> new Reply.Answer(200, items(request)));
            await().atMost(60, SECONDS)
                    .until(
                            () -> report().holding(),
                            new InstanceReport.Holding(InstanceReport.Mode.DRAINING, true, 1)::equals);
            pipelines.serve(() -> {});
            post("{\"app\":\"web\"}");
        }
    }

    private static String items(ScriptedHttp.Request request) {
        return request.text()
                .lines()
                .filter(line -> line.contains("_index"))
                .map(line -> line.contains("\"forbidden\"")
                        ? "{\"create\":{\"status\":400,\"error\":{\"type\":\"invalid_index_name_exception\",\"reason\":\"must not be"
                                + " forbidden\"}}}"
                        : "{\"create\":{\"status\":201}}")
                .collect(Collectors.joining(",", "{\"errors\":true,\"items\":[", "]}"));
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

    @Test
    void a_full_buffer_goes_on_when_only_sinks_hold_it_up_that_may_be_passed_over() throws Exception {
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(core("buffer: { maxBytes: 16MiB }", hole.getLocalPort(), "whenFull: dropOldest")));
            int sent = 0;
            for (int i = 0; i < 40; i++, sent += 1000) {
                postPadded(sent, sent + 1000);
            }
            assertThat(count(Meter.DISCARDED_EVENTS, "hole")).isGreaterThan(20_000);
            await().atMost(60, SECONDS).until(() -> lines("a") == 40_000);
            tiesOut("hole");
            tiesOut("a");
            assertThat(meters.value(Meter.DISCARDED_EVENTS, "core", "hole", "buffer_full"))
                    .isEqualTo(count(Meter.DISCARDED_EVENTS, "hole"));
            assertThat(count(Meter.DISCARDED_EVENTS, "a")).isZero();
        }
    }

    @Test
    void one_that_blocks_keeps_its_events_and_so_do_the_others() throws Exception {
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(core(
                    "buffer: { maxBytes: 16MiB, whenFull: dropOldest }",
                    hole.getLocalPort(),
                    "whenFull: block, maxLag: 2MiB")));
            int sent = 0;
            while (sent < 40_000 && statusOfPadded(sent, sent + 1000) == 200) {
                sent += 1000;
            }
            assertThat(sent)
                    .as("turned away at its limit, not at that of the buffer")
                    .isBetween(1_000, 6_000);
            assertThat(report().buffer().full()).isFalse();
            assertThat(Conditions.ofRoute(
                            new RouteVerdict("all", Optional.of("core"), List.of(), List.of(), true),
                            Optional.of(new Reported(
                                    Optional.empty(), FleetState.inProcess(report().revision(), report())))))
                    .anyMatch(each -> each.reason().equals("SinkLags"));
            assertThat(count(Meter.DISCARDED_EVENTS, "hole")).isZero();
        }
    }

    @Test
    void nothing_is_passed_over_while_a_sink_that_blocks_holds_the_full_buffer_too() throws Exception {
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(declared(router("buffer: { maxBytes: 16MiB }")
                    + hole("keeps", hole.getLocalPort(), "whenFull: block")
                    + hole("drops", hole.getLocalPort(), "whenFull: dropOldest")
                    + Rig.route("all", "to: [keeps, drops]"))));
            int sent = 0;
            while (sent < 60_000 && statusOfPadded(sent, sent + 1000) == 200) {
                sent += 1000;
            }
            assertThat(sent).as("turned away when the buffer is full").isBetween(8_000, 20_000);
            await().during(1, SECONDS) // it looks every 50 ms
                    .atMost(60, SECONDS)
                    .until(() -> report().buffer().full());
            assertThat(count(Meter.DISCARDED_EVENTS, "keeps")).isZero();
            assertThat(count(Meter.DISCARDED_EVENTS, "drops"))
                    .as("it would not make room: the other keeps the segment")
                    .isZero();
            tiesOut("keeps");
            tiesOut("drops");
        }
    }

    /// Its place is kept for a while, and with it the oldest segment.
    @Test
    void nothing_is_passed_over_while_the_place_of_a_sink_that_is_gone_holds_the_full_buffer() throws Exception {
        try (var hole = new ServerSocket(0)) {
            var drops =
                    router("buffer: { maxBytes: 16MiB }") + hole("drops", hole.getLocalPort(), "whenFull: dropOldest");
            var gone = hole("gone", hole.getLocalPort(), "whenFull: block");
            pipelines.become(List.of(declared(drops + gone + Rig.route("all", "to: [drops, gone]"))));
            postPadded(0, 1000);
            pipelines.become(List.of(declared(drops + Rig.route("all", "to: [drops]"))));
            int sent = 1000;
            while (sent < 60_000 && statusOfPadded(sent, sent + 1000) == 200) {
                sent += 1000;
            }
            assertThat(sent).as("turned away when the buffer is full").isBetween(8_000, 20_000);
            await().during(1, SECONDS) // it looks every 50 ms
                    .atMost(60, SECONDS)
                    .until(() -> report().buffer().full());
            assertThat(count(Meter.DISCARDED_EVENTS, "drops"))
                    .as("it would not make room: the place of the other keeps the segment")
                    .isZero();
            tiesOut("drops");
        }
    }

    @Test
    void a_buffer_in_memory_leaves_no_event_on_disk_and_is_new_each_time() throws Exception {
        pipelines.become(List.of(core("buffer: { memory: 16MiB }", 0, "")));
        post(0, 100);
        await().atMost(60, SECONDS).until(() -> lines("a") == 100);
        assertThat(data.resolve("routers/core/buffer").toFile().list()).containsExactly("LOCK");
        assertThat(report().buffer().isInMemory()).isTrue();
        tiesOut("a");
    }

    @Test
    void a_router_with_its_buffer_in_memory_has_its_folder_to_itself_until_it_ends() throws Exception {
        var memory = core("buffer: { memory: 16MiB }", 0, "");
        assertThat(pipelines.become(List.of(memory)).refused()).isEmpty();
        var folder = data.resolve("routers/core/buffer");
        assertThatThrownBy(() -> Inspection.hold(folder)).isInstanceOf(BufferLocked.class);
        port = freePort();
        try (var second = pipelines(data)) {
            for (var buffer : List.of("memory: 16MiB", "maxBytes: 16MiB")) {
                assertThat(second.become(List.of(core("buffer: { %s }".formatted(buffer), 0, "")))
                                .refused()
                                .get("core"))
                        .contains("pid " + ProcessHandle.current().pid());
            }
        }
        pipelines.close();
        Inspection.hold(folder).close();
        pipelines = pipelines(data);
        assertThat(pipelines.become(List.of(memory)).refused()).isEmpty();
    }

    @Test
    void dead_letters_of_a_sink_that_is_not_declared_stay_however_old() throws Exception {
        // Boxes are swept in the order of their names: "0gone" is before "a".
        var gone = oldLetters("0gone");
        var declared = oldLetters("a");
        pipelines.become(List.of(core("16MiB", "a")));
        await().atMost(60, SECONDS).until(() -> !Files.exists(declared));
        assertThat(gone).exists();
    }

    private Path oldLetters(String sink) throws IOException {
        var folder = Files.createDirectories(
                data.resolve("routers/core/dead-letters").resolve(sink));
        return Files.writeString(
                folder.resolve("00000001.ndjson"),
                "{\"time\":\"2020-01-01T00:00:00Z\",\"router\":\"core\",\"sink\":\"%s\",\"route\":\"all\",\"reason\":\"too large\",\"seq\":1,\"event\":{\"n\":1}}\n"
                        .formatted(sink));
    }

    @Test
    void what_waits_on_disk_is_not_left_behind_for_a_buffer_in_memory() throws Exception {
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(core("buffer: { maxBytes: 16MiB }", hole.getLocalPort(), "")));
            post(0, 100);
            await().atMost(60, SECONDS).until(() -> lines("a") == 100);
            var memory = core("buffer: { memory: 16MiB }", hole.getLocalPort(), "");
            assertThat(pipelines.become(List.of(memory)).refused().get("core"))
                    .contains("sink hole", "buffer.maxBytes", "move that folder away");
            assertThat(report().buffer().isInMemory()).isFalse();
            post(100, 110);
            await().atMost(60, SECONDS).until(() -> lines("a") == 110);
            pipelines.close();
            pipelines = pipelines(data);
            assertThat(pipelines.become(List.of(memory)).refused().get("core")).contains("sink hole");
        }
    }

    @Test
    void from_disk_to_memory_once_everything_is_delivered() throws Exception {
        pipelines.become(List.of(core("buffer: { maxBytes: 16MiB }", 0, "")));
        post(0, 100);
        assertThat(pipelines
                        .become(List.of(core("buffer: { memory: 16MiB }", 0, "")))
                        .refused())
                .isEmpty();
        post(100, 120);
        await().atMost(60, SECONDS).until(() -> lines("a") == 120);
        assertThat(report().buffer().isInMemory()).isTrue();
    }

    @Test
    void a_buffer_in_memory_that_would_not_fit_costs_the_one_that_runs_no_event() throws Exception {
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(core("buffer: { memory: 16MiB }", hole.getLocalPort(), "")));
            post(0, 100);
            await().atMost(60, SECONDS).until(() -> lines("a") == 100);
            var since = report().since();
            var change = pipelines.become(List.of(core("buffer: { memory: 900000GiB }", hole.getLocalPort(), "")));
            assertThat(change.refused().get("core")).contains("buffer.memory", "are left for it", "keep it on disk");
            assertThat(report().since()).as("never stopped").isEqualTo(since);
            assertThat(report().sinks())
                    .filteredOn(sink -> sink.name().equals("hole"))
                    .allMatch(sink -> sink.lagEvents() == 100)
                    .hasSize(1);
            tiesOut("hole");
        }
    }

    @Test
    void buffers_in_memory_have_to_fit_together() throws Exception {
        var room = MemoryRoom.here();
        long most = (room.machine() - room.heap() - (512L << 20)) >> 20;
        assertThat(most).as("MiB").isGreaterThan(40);
        var first = core("buffer: { memory: %dMiB }".formatted(most * 3 / 5), 0, "");
        port = freePort();
        var second = declared((router("buffer: { memory: %dMiB }".formatted(most * 3 / 5))
                        + "---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: a }\nspec: { console: {} }\n"
                        + Rig.route("all", "to: [a]"))
                .replace("name: core", "name: other")
                .replace("router: core", "router: other"));
        assertThat(second.name()).isEqualTo("other");
        assertThat(pipelines.become(List.of(first, second)).refused()).containsOnlyKeys("other");
        assertThat(pipelines.become(List.of(second)).refused())
                .as("alone it fits")
                .isEmpty();
    }

    @Test
    void where_delivered_counts_a_sink_that_is_added_and_one_that_goes_stop_nobody() throws Exception {
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(core("acknowledge: delivered", 0, "")));
            post(0, 10);
            assertThat(lines("a")).as("told after it was delivered").isEqualTo(10);
            pipelines.become(List.of(core("acknowledge: delivered", hole.getLocalPort(), "")));
            var waiting = http.sendAsync(request("{\"n\":10}"), HttpResponse.BodyHandlers.ofString());
            await().atMost(60, SECONDS).until(() -> lines("a") == 11);
            assertThat(waiting).as("the other sink has not settled it").isNotDone();
            pipelines.become(List.of(core("acknowledge: delivered", 0, "")));
            assertThat(waiting.orTimeout(60, SECONDS).join().statusCode()).isEqualTo(200);
        }
    }

    /// A sink that goes asks the clock when it is gone and the change is not done.
    @Test
    void nobody_hears_of_delivery_before_a_change_of_sinks_is_done() throws Exception {
        var changing = Thread.currentThread();
        var meanwhile = new AtomicReference<Runnable>(() -> {});
        pipelines.close();
        pipelines = pipelines(data, () -> {
            if (Thread.currentThread() == changing) {
                meanwhile.get().run();
            }
            return Instant.now();
        });
        try (var hole = new ServerSocket(0)) {
            pipelines.become(List.of(core("acknowledge: delivered", hole.getLocalPort(), "")));
            var waiting = http.sendAsync(request("{\"n\":1}"), HttpResponse.BodyHandlers.ofString());
            await().atMost(60, SECONDS).until(() -> lines("a") == 1);
            var asked = new AtomicInteger();
            meanwhile.set(() -> {
                asked.incrementAndGet();
                assertThat(waiting)
                        .as("told in the middle of a change")
                        .failsWithin(Duration.ofSeconds(1))
                        .withThrowableThat()
                        .isInstanceOf(TimeoutException.class);
                meanwhile.set(() -> {});
            });
            pipelines.become(List.of(core("acknowledge: delivered", 0, "")));
            assertThat(asked).hasValue(1);
            assertThat(waiting.orTimeout(60, SECONDS).join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void stopping_takes_less_than_dockers_patience_though_sinks_hang_and_clients_wait_for_them() throws Exception {
        try (var hole = new ServerSocket(0)) {
            var yaml = new StringBuilder(router("acknowledge: delivered"));
            for (int i = 0; i < 6; i++) {
                yaml.append(hole("hole" + i, hole.getLocalPort(), ""));
            }
            yaml.append(Rig.route("all", "to: [hole0, hole1, hole2, hole3, hole4, hole5]"));
            pipelines.become(List.of(declared(yaml.toString())));
            for (int i = 0; i < 5; i++) {
                http.sendAsync(request("{\"n\":%d}".formatted(i)), HttpResponse.BodyHandlers.ofString());
            }
            await().atMost(60, SECONDS).until(() -> report().sinks().stream().allMatch(sink -> sink.lagEvents() == 5));
            long start = System.nanoTime();
            pipelines.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("what Docker gives by itself")
                    .isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void once_the_end_is_announced_no_router_starts_or_changes_its_buffer() throws Exception {
        var before = core("buffer: { maxBytes: 16MiB }", 0, "");
        pipelines.become(List.of(before));
        post(0, 3);
        pipelines.ending();
        var change = pipelines.become(List.of(core("buffer: { maxBytes: 32MiB }", 0, "")));
        assertThat(change.done()).isEmpty();
        assertThat(change.refused()).as("it only came of the end").isEmpty();
        assertThat(report().revision()).isEqualTo(before.revision().hash());
    }

    private void tiesOut(String sink) {
        await().atMost(60, SECONDS)
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
        post(IntStream.range(from, to).mapToObj("{\"n\":%d}"::formatted).collect(Collectors.joining("\n")));
    }

    private void post(String body) throws IOException, InterruptedException {
        var answer = http.send(request(body), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /// Again while it is turned away for the moment.
    private void postPadded(int from, int to) {
        await().pollInSameThread().atMost(60, SECONDS).until(() -> statusOfPadded(from, to) == 200);
    }

    private int statusOfPadded(int from, int to) throws IOException, InterruptedException {
        var pad = "x".repeat(1000);
        var body = IntStream.range(from, to)
                .mapToObj(n -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(n, pad))
                .collect(Collectors.joining("\n"));
        return http.send(request(body), HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// Router `core` with an HTTP source, file `a`, and, unless its port is 0, an Elasticsearch that takes
    /// connections and answers nothing.
    private PipelineDefinition core(String more, int hole, String lag) {
        return declared(router(more)
                + "---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: a }\nspec: { file: { path: a.ndjson } }\n"
                + (hole == 0
                        ? Rig.route("all", "to: [a]")
                        : hole("hole", hole, lag) + Rig.route("all", "to: [a, hole]")));
    }

    private static String hole(String name, int port, String lag) {
        return """
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: %s }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x }, %s }
                """.formatted(name, port, lag);
    }

    private String router(String more) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { http: { host: 127.0.0.1, port: %d } } ]
                  %s
                """.formatted(port, more);
    }

    private static PipelineDefinition declared(String yaml) {
        var declared = Declared.of(SpecReader.documents("t.yaml", yaml), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipelines().getFirst();
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
