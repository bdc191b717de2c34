package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a change of definitions does to sinks, sources and events, one sentence at a time.
class ReloadTest {
    @TempDir
    Path data;

    private final Instruments meters = new Instruments();
    private final AtomicReference<Instant> now = new AtomicReference<>(Rig.NOON);
    private ScriptedParts parts = new ScriptedParts(Path.of(""), meters, now::get);
    private Pipelines pipelines = new Pipelines(Path.of(""), parts, Rig.QUICK, meters, now::get);
    private long next;

    @BeforeEach
    void open() {
        parts = new ScriptedParts(data, meters, now::get);
        pipelines = new Pipelines(data, parts, Rig.QUICK, meters, now::get);
    }

    @AfterEach
    void close() {
        for (var sink : List.of("a", "b", "c")) {
            parts.destination(sink).goOn();
        }
        pipelines.close();
        meters.close();
    }

    @Test
    void sinks_and_sources_that_stay_never_notice() throws Exception {
        become(sink("a") + sink("b") + Rig.route("all", "to: [a, b]"));
        var source = parts.source("http:7001").orElseThrow();
        take(10);
        become(sink("a") + sink("b") + Rig.route("all", "to: [a, b]") + Rig.route("more", "to: [a]"));
        become(sink("a") + sink("c") + Rig.route("all", "to: [a, c]"));
        take(10);
        assertThat(parts.source("http:7001")).containsSame(source);
        assertThat(parts.destination("a").opened()).isEqualTo(1);
        assertThat(parts.story).containsExactly("open http:7001");
        awaitNumbers("a", 0, 20);
    }

    @Test
    void how_far_a_sink_may_lag_changes_without_a_new_connection() throws Exception {
        become(sink("a") + Rig.route("all", "to: [a]"));
        parts.destination("a").hold(false);
        take(10);
        become(sink("a", "maxLag: 1MiB, whenFull: dropOldest, deadLetters: { maxAge: 1h }")
                + Rig.route("all", "to: [a]"));
        assertThat(parts.destination("a").opened()).isEqualTo(1);
        var pad = "x".repeat(10_000);
        for (int i = 0; i < 50; i++) {
            take(LongStream.range(0, 10)
                    .mapToObj(n -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(n, pad))
                    .toList());
        }
        await().atMost(60, SECONDS).until(() -> meters.value(Meter.DISCARDED_EVENTS, "core", "a", "max_lag") > 100);
    }

    @Test
    void a_route_that_moves_from_a_dead_sink_loses_nothing_and_sends_nothing_twice() throws Exception {
        become(sink("a")
                + sink("b")
                + Rig.route("keep", "match: { service: [x] }, to: [a, b]")
                + Rig.route("r", "match: { when: 'event.n >= 0' }, to: [a]"));
        parts.destination("a").hold(false);
        take(50);
        become(sink("a")
                + sink("b")
                + Rig.route("keep", "match: { service: [x] }, to: [a, b]")
                + Rig.route("r", "match: { when: 'event.n >= 0' }, to: [b]"));
        take(50);
        awaitNumbers("b", 50, 100);
        assertThat(meters.value(Meter.WAITING_CHANGES, "core", "a")).isEqualTo(1);
        parts.destination("a").goOn();
        awaitNumbers("a", 0, 50);
        await().atMost(60, SECONDS).until(() -> meters.value(Meter.WAITING_CHANGES, "core", "a") == 0);
        tiesOut("a");
        tiesOut("b");
    }

    @Test
    void a_dead_sink_whose_spec_changes_holds_up_no_change_and_loses_nothing() throws Exception {
        become(sink("a") + sink("b") + Rig.route("old", "to: [a, b]"));
        parts.destination("a").hold(true);
        take(30);
        awaitNumbers("b", 0, 30);
        long began = System.nanoTime();
        become(other("a") + sink("b") + Rig.route("new", "to: [a, b]"));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
        take(30);
        awaitNumbers("b", 0, 60);
        parts.destination("a").goOn();
        await().atMost(60, SECONDS).until(() -> report().sinks().stream().allMatch(each -> each.lagEvents() == 0));
        assertThat(numbers("a")).containsAll(LongStream.range(0, 60).boxed().toList());
        assertThat(parts.destination("a").taken())
                .as("the new one, too, sends what was accepted before along the old route")
                .allMatch(each -> each.route().equals(each.n() < 30 ? "old" : "new"));
        tiesOut("a");
    }

    @Test
    void one_that_is_made_anew_in_the_midst_of_changes_comes_to_each_of_them() throws Exception {
        become(sink("a") + Rig.route("r0", "to: [a]"));
        parts.destination("a").hold(true);
        for (int i = 1; i < 5; i++) {
            take(10);
            become(sink("a") + Rig.route("r" + i, "to: [a]"));
        }
        take(10);
        become(other("a") + Rig.route("r5", "to: [a]"));
        take(10);
        parts.destination("a").goOn();
        await().atMost(60, SECONDS).until(() -> report().sinks().getFirst().lagEvents() == 0);
        assertThat(numbers("a")).containsAll(LongStream.range(0, 60).boxed().toList());
        assertThat(parts.destination("a").taken()).allMatch(each -> each.route().equals("r" + each.n() / 10));
        tiesOut("a");
    }

    @Test
    void one_that_comes_back_before_it_has_left_gets_what_it_missed_too() throws Exception {
        become(sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        parts.destination("b").hold(true);
        take(10);
        become(sink("a") + Rig.route("r", "to: [a]"));
        take(10);
        become(sink("a") + sink("b") + Rig.route("again", "to: [a, b]"));
        take(10);
        parts.destination("b").goOn();
        awaitNumbers("b", 0, 30);
        assertThat(parts.destination("b").taken())
                .as("what it missed, by the route it came back with")
                .allMatch(each -> each.route().equals(each.n() < 10 ? "r" : "again"));
        assertThat(parts.destination("b").opened()).isEqualTo(1);
        tiesOut("b");
    }

    @Test
    void a_sink_that_leaves_gets_what_was_accepted_before_and_what_it_missed_when_it_comes_back() throws Exception {
        become(sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        parts.destination("b").hold(false);
        take(40);
        become(sink("a") + Rig.route("r", "to: [a]"));
        take(40);
        awaitNumbers("a", 0, 80);
        assertThat(report().sinks()).extracting(InstanceReport.SinkReport::name).containsExactly("a");
        parts.destination("b").goOn();
        awaitNumbers("b", 0, 40);
        await("its drain ends")
                .atMost(60, SECONDS)
                .until(() -> !meters.scrape().contains("sink_up{router=\"core\",sink=\"b\""));
        become(sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        awaitNumbers("b", 0, 80);
        tiesOut("b");
    }

    @Test
    void a_dead_sink_that_left_is_forgotten_in_time_and_what_was_for_it_is_counted() throws Exception {
        become(sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        parts.destination("b").hold(true);
        take(40);
        become(sink("a") + Rig.route("r", "to: [a]"));
        take(25);
        now.set(Rig.NOON.plus(Duration.ofMinutes(9)));
        become(sink("a") + Rig.route("r2", "to: [a]"));
        assertThat(meters.value(Meter.DISCARDED_EVENTS, "core", "b", "sink_removed"))
                .isZero();
        now.set(Rig.NOON.plus(Duration.ofMinutes(11)));
        await().atMost(60, SECONDS)
                .until(() -> meters.value(Meter.DISCARDED_EVENTS, "core", "b", "sink_removed") == 40);
        assertThat(meters.value(Meter.PASSED_EVENTS, "core", "b")).isEqualTo(25);
    }

    @Test
    void a_sink_whose_place_cannot_be_deleted_is_forgotten_and_counted_once_it_can() throws Exception {
        become(sink("a") + sink("b") + sink("c") + Rig.route("r", "to: [a, b, c]"));
        parts.destination("b").hold(true);
        parts.destination("c").hold(true);
        take(40);
        become(sink("a") + Rig.route("r", "to: [a]"));
        var place = place("b");
        Files.delete(place);
        Files.createFile(Files.createDirectory(place).resolve("in the way"));
        now.set(Rig.NOON.plus(Duration.ofMinutes(11)));
        await("the other is forgotten nevertheless")
                .atMost(60, SECONDS)
                .until(() -> meters.value(Meter.DISCARDED_EVENTS, "core", "c", "sink_removed") == 40);
        assertThat(meters.value(Meter.DISCARDED_EVENTS, "core", "b", "sink_removed"))
                .isZero();
        Files.delete(place.resolve("in the way"));
        await().atMost(60, SECONDS)
                .until(() -> meters.value(Meter.DISCARDED_EVENTS, "core", "b", "sink_removed") == 40);
        assertThat(place).doesNotExist();
    }

    private Path place(String sink) {
        return data.resolve("routers/core/buffer/cursors/%s.cur".formatted(sink));
    }

    @Test
    void a_sink_that_is_new_begins_at_the_change() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        parts.destination("a").hold(false);
        take(40);
        become(sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        take(5);
        awaitNumbers("b", 40, 45);
        become(sink("a") + other("b") + Rig.route("r", "to: [a, b]"));
        take(5);
        awaitNumbers("b", 40, 50);
        tiesOut("b");
    }

    @Test
    void what_cannot_start_is_refused_as_a_whole_and_leaves_no_trace() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        var before = report().revision();
        parts.taken.add("http:7002");
        var wanted = definition(7002, sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        assertThat(pipelines.become(List.of(wanted)).refused().get("core")).contains("is taken");
        assertThat(report().trouble().orElse("")).contains("is taken");
        assertThat(report().revision()).isEqualTo(before);
        try (var places = Files.list(data.resolve("routers/core/buffer/cursors"))) {
            assertThat(places)
                    .as("no place for sink b, which would hold the buffer up")
                    .hasSize(1);
        }
        parts.withoutSecret.add("b");
        assertThat(pipelines
                        .become(List.of(definition(7001, sink("b") + Rig.route("r", "to: [b]"))))
                        .refused()
                        .get("core"))
                .contains("the secret is not there");
        take(10);
        awaitNumbers("a", 0, 10);
        assertThat(parts.story).containsExactly("open http:7001");
    }

    @Test
    void a_filter_that_cannot_be_made_refuses_the_whole_and_says_why() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        var hash =
                "filters: [ { redact: { fields: [msg], patterns: [email], replace: hash, saltFile: %s } } ], to: [a]";
        var salt = data.resolve("salt");
        var wanted = definition(7002, sink("a") + Rig.route("r", hash.formatted(salt)));
        assertThat(pipelines.become(List.of(wanted)).refused().get("core")).contains("salt");
        assertThat(report().trouble().orElse("")).contains("salt");
        assertThat(parts.story).containsExactly("open http:7001");
        take(3);
        awaitNumbers("a", 0, 3);
        Files.writeString(salt, "0123456789abcdef0123456789abcdef");
        assertThat(pipelines.become(List.of(wanted)).refused()).isEmpty();
        assertThat(report().trouble()).isEmpty();
    }

    @Test
    void a_port_that_changes_is_opened_before_the_old_one_closes() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        assertThat(pipelines
                        .become(List.of(definition(7002, sink("a") + Rig.route("r", "to: [a]"))))
                        .refused())
                .isEmpty();
        assertThat(parts.story).containsExactly("open http:7001", "open http:7002", "close http:7001");
    }

    @Test
    void other_options_at_the_same_port_close_it_for_a_moment() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        var yaml = router("7001, maxBody: 1MiB", "64MiB") + sink("a") + Rig.route("r", "to: [a]");
        assertThat(pipelines.become(List.of(Rig.pipeline(yaml))).refused()).isEmpty();
        assertThat(parts.story).containsExactly("open http:7001", "close http:7001", "open http:7001");
    }

    @Test
    void other_options_that_cannot_be_had_leave_the_source_as_it_was() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        var yaml = router("7001, maxBody: 1MiB", "64MiB") + sink("a") + Rig.route("r", "to: [a]");
        parts.failOnce.add("http:7001");
        assertThat(pipelines.become(List.of(Rig.pipeline(yaml))).refused().get("core"))
                .contains("is taken");
        assertThat(parts.story).containsExactly("open http:7001", "close http:7001", "open http:7001");
        take(3);
        awaitNumbers("a", 0, 3);
        assertThat(parts.destination("a").opened()).isEqualTo(1);
    }

    @Test
    void the_size_of_a_buffer_on_disk_changes_and_nobody_notices() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        parts.destination("a").hold(false);
        take(10);
        var since = report().since();
        for (var size : List.of("256MiB", "16MiB")) {
            now.set(now.get().plusSeconds(60));
            var yaml = router("7001", size) + sink("a") + Rig.route("r", "to: [a]");
            assertThat(pipelines.become(List.of(Rig.pipeline(yaml))).refused()).isEmpty();
            assertThat(report().buffer().maxBytes()).isEqualTo(size.equals("16MiB") ? 16 << 20 : 256 << 20);
            assertThat(report().since()).isEqualTo(since);
            assertThat(report().taken()).isEqualTo(now.get());
            take(10);
        }
        parts.destination("a").goOn();
        awaitNumbers("a", 0, 30);
        assertThat(parts.story).containsExactly("open http:7001");
        assertThat(parts.destination("a").opened()).isEqualTo(1);
    }

    @Test
    void a_file_that_gets_another_name_of_sink_is_not_written_by_both_at_once() throws Exception {
        become(file("a", "same") + Rig.route("r", "to: [a]"));
        parts.destination("a").hold(false);
        take(10);
        become(file("b", "same") + Rig.route("r", "to: [b]"));
        take(10);
        await().atMost(60, SECONDS)
                .until(() -> report().sinks().getFirst().trouble().orElse("").contains("sink a writes the same files"));
        assertThat(parts.destination("b").size()).isZero();
        parts.destination("a").goOn();
        awaitNumbers("b", 10, 20);
        awaitNumbers("a", 0, 10);
    }

    @Test
    void every_change_is_counted_and_timed() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        become(sink("a") + Rig.route("r", "to: [a]"));
        parts.taken.add("http:7002");
        pipelines.become(List.of(definition(7002, sink("a") + Rig.route("r", "to: [a]"))));
        for (var result : List.of("applied", "unchanged", "refused")) {
            assertThat(meters.value(Meter.RELOADS, result)).as(result).isEqualTo(1);
            assertThat(meters.timer(Meter.RELOAD_SECONDS, result).count())
                    .as(result)
                    .isEqualTo(1);
        }
    }

    @Test
    void a_sink_that_is_made_anew_counts_what_it_had_not_settled_once_for_the_route() throws Exception {
        become(sink("a") + Rig.route("r", "to: [a]"));
        parts.destination("a").hold(true);
        take(20);
        await().atMost(60, SECONDS).until(() -> routed("r") > 0);
        become(other("a") + Rig.route("r", "to: [a]"));
        become(sink("a") + sink("b") + Rig.route("r", "to: [a, b]"));
        parts.destination("a").goOn();
        take(20);
        await().atMost(60, SECONDS).until(() -> report().sinks().stream().allMatch(each -> each.lagEvents() == 0));
        assertThat(routed("r")).isEqualTo(40);
    }

    @Test
    void a_route_that_moves_to_another_sink_and_back_counts_each_event_once() throws Exception {
        var sinks = sink("a") + sink("b") + Rig.route("keep", "match: { service: [x] }, to: [a, b]");
        become(sinks + Rig.route("r", "to: [a]"));
        parts.destination("a").hold(false);
        take(20);
        become(sinks + Rig.route("r", "to: [b]"));
        take(20);
        awaitNumbers("b", 20, 40);
        become(sinks + Rig.route("r", "to: [a]"));
        take(20);
        parts.destination("a").goOn();
        await().atMost(60, SECONDS).until(() -> report().sinks().stream().allMatch(each -> each.lagEvents() == 0));
        assertThat(routed("r")).isEqualTo(60);
    }

    @Test
    void the_oldest_event_of_the_buffer_is_one_that_waits_though_its_segment_is_older() throws Exception {
        parts.gathering = new Outlet.Gathering(7, 1 << 20, Duration.ofMinutes(1), 2);
        become(sink("a") + Rig.route("r", "to: [a]"));
        take(7);
        awaitNumbers("a", 0, 7);
        await().atMost(60, SECONDS).until(() -> report().buffer().oldest().isEmpty());
        var before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        take(1);
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(report().buffer().oldest())
                        .hasValueSatisfying(oldest -> assertThat(oldest).isBetween(before, Instant.now())));
    }

    private long routed(String route) {
        return (long) meters.value(Meter.ROUTED_EVENTS, "core", route);
    }

    private void become(String rest) {
        assertThat(pipelines.become(List.of(definition(7001, rest))).refused()).isEmpty();
    }

    private static PipelineDefinition definition(int port, String rest) {
        return Rig.pipeline(router(Integer.toString(port), "64MiB") + rest);
    }

    private static String router(String port, String maxBytes) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { http: { port: %s } } ], buffer: { maxBytes: %s } }
                """.formatted(port, maxBytes);
    }

    private static String sink(String name) {
        return sink(name, "");
    }

    private static String sink(String name, String more) {
        return "---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: %s }\nspec: { console: {}, %s }\n"
                .formatted(name, more);
    }

    /// The same sink with another destination.
    private static String other(String name) {
        return file(name, name);
    }

    private static String file(String name, String path) {
        return "---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: %s }\nspec: { file: { path: %s.ndjson } }\n"
                .formatted(name, path);
    }

    private void take(int events) throws InterruptedException {
        var window = LongStream.range(next, next + events)
                .mapToObj("{\"n\":%d}"::formatted)
                .toList();
        next += events;
        take(window);
    }

    private void take(List<String> window) throws InterruptedException {
        parts.source("http:7001").orElseThrow().take(window).join();
    }

    private List<Long> numbers(String sink) {
        return parts.destination(sink).taken().stream()
                .map(ScriptedParts.Taken::n)
                .toList();
    }

    private void awaitNumbers(String sink, long from, long to) {
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(numbers(sink))
                        .as("sink %s", sink)
                        .containsExactlyInAnyOrderElementsOf(
                                LongStream.range(from, to).boxed().toList()));
    }

    private void tiesOut(String sink) {
        await().atMost(60, SECONDS)
                .untilAsserted(() -> assertThat(value(Meter.BUFFER_RECOVERED_EVENTS, sink)
                                + meters.value(Meter.RECEIVED_EVENTS, "core")
                                + value(Meter.COPIED_EVENTS, sink))
                        .as("recovered + received + copied, sink %s", sink)
                        .isEqualTo(value(Meter.DELIVERED_EVENTS, sink)
                                + value(Meter.FILTERED_EVENTS, sink)
                                + value(Meter.PASSED_EVENTS, sink)
                                + value(Meter.BUFFER_EVENTS, sink)));
    }

    private double value(Meter meter, String sink) {
        return meters.value(meter, "core", sink);
    }

    private InstanceReport report() {
        return pipelines.reports().getFirst();
    }
}
