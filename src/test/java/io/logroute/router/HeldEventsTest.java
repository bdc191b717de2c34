package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Delivery;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Outlet.Gathering;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Events that filters hold back, on their way through a drain.
class HeldEventsTest {
    private static final String LONG = "flushAfter: 1m";

    @TempDir
    Path folder;

    @Test
    void a_group_is_delivered_when_nothing_more_comes_and_counts_as_one() throws Exception {
        try (var rig = new Rig(folder, pipeline("flushAfter: 50ms", "")).drain()) {
            rig.take(List.of(line("+a"), line("-b"), line("-c")));
            await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 0);
            assertThat(texts(rig)).containsExactly("+a\n-b\n-c");
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isEqualTo(1);
            assertThat(rig.count(Meter.FILTERED_EVENTS, "a")).isEqualTo(2);
            assertThat(rig.count(Meter.COPIED_EVENTS, "a") + rig.count(Meter.PASSED_EVENTS, "a"))
                    .isZero();
            assertThat(rig.meters.value(Meter.ROUTE_FILTERED_EVENTS, "core", "joined", "multiline"))
                    .isEqualTo(2);
        }
    }

    @Test
    void what_is_held_is_not_settled_and_comes_again_after_a_restart() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain()) {
            rig.take(List.of(line("+a"), line("-b"), line("+c"), line("-d")));
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 1);
            assertThat(rig.report("a").lagEvents()).isEqualTo(2);
            assertThat(rig.report("a").oldest()).as("since when it waits").isPresent();
        }
        try (var rig = new Rig(folder, pipeline("flushAfter: 50ms", "")).drain()) {
            await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 0);
            assertThat(texts(rig)).containsExactly("+c\n-d");
        }
    }

    @Test
    void a_line_that_went_on_alone_and_is_under_way_is_not_settled() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain(new Gathering(1, 1 << 20, Duration.ZERO, 1))) {
            rig.sink("a").hold();
            rig.take(List.of(line("+a")));
            rig.take(List.of(line("+b")));
            await().atMost(60, SECONDS).until(() -> rig.meters.value(Meter.SINK_IN_FLIGHT, "core", "a") == 1);
            rig.take(List.of("{\"n\":1}"));
            await().during(Duration.ofMillis(300))
                    .atMost(60, SECONDS)
                    .until(() -> drain(rig).settled() == 0);
            rig.sink("a").goOn();
            await().atMost(60, SECONDS).until(() -> drain(rig).settled() == 1);
        }
    }

    @Test
    void events_of_others_that_came_in_later_complete_a_group() throws Exception {
        try (var rig = new Rig(folder, pipeline("flushAfter: 300ms", "")).drain()) {
            rig.take(List.of(line("+a"), line("-b")));
            long end = System.nanoTime() + SECONDS.toNanos(60);
            while (texts(rig).isEmpty() && System.nanoTime() < end) {
                rig.take(List.of("{\"n\":1}"));
                await().pollDelay(Duration.ofMillis(20)).until(() -> true);
            }
            assertThat(texts(rig)).containsExactly("+a\n-b");
        }
    }

    @Test
    void a_reload_that_leaves_the_route_as_it_is_keeps_what_it_holds() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain()) {
            rig.take(List.of(line("+a"), line("-b")));
            become(rig, pipeline(LONG, Rig.route("other", "match: { service: x }, to: [a]")));
            rig.take(List.of(line("-c"), line("+d")));
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 1);
            assertThat(texts(rig)).containsExactly("+a\n-b\n-c");
        }
    }

    @Test
    void what_a_changed_route_held_goes_on_along_the_old_way() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain()) {
            rig.take(List.of(line("+a"), line("-b")));
            become(rig, pipeline("flushAfter: 50s", ""));
            rig.take(List.of(line("-c"), line("+d")));
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 2);
            assertThat(texts(rig)).containsExactlyInAnyOrder("+a\n-b", "-c");
            assertThat(rig.report("a").lagEvents()).isEqualTo(1);
        }
    }

    @Test
    void a_sink_that_leaves_gets_what_was_held_for_it() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain()) {
            rig.take(List.of(line("+a"), line("-b")));
            var drain = drain(rig);
            drain.routes().end(rig.buffer.nextSeq());
            rig.take(List.of(line("-c")));
            await().atMost(60, SECONDS).until(drain::isThrough);
            assertThat(texts(rig)).containsExactly("+a\n-b");
        }
    }

    @Test
    void acknowledged_when_delivered_waits_for_the_group() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain()) {
            rig.intake.tellDelivered(true);
            var told = new CompletableFuture<Void>();
            rig.door().accept(Rig.batch(List.of(line("+a"), line("-b"))), Rig.receipt(told));
            var next = new CompletableFuture<Void>();
            rig.door().accept(Rig.batch(List.of(line("+c"))), Rig.receipt(next));
            told.orTimeout(60, SECONDS).join();
            assertThat(texts(rig)).containsExactly("+a\n-b");
            assertThat(next).as("it is held").isNotDone();
        }
    }

    @Test
    void a_joined_event_that_is_refused_is_kept_with_all_its_lines() throws Exception {
        try (var rig = new Rig(folder, pipeline("flushAfter: 50ms", "")).drain()) {
            rig.sink("a").answers((_, _) -> new Delivery.Rejected("too long"));
            rig.take(List.of(line("+a"), line("-b")));
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DEAD_LETTERED_EVENTS, "a") == 1);
        }
        assertThat(Files.readString(folder.resolve("dead-letters/a/00000001.ndjson")))
                .contains("\"event\":{\"s\":\"s\",\"msg\":\"+a\\n-b\"}");
    }

    @Test
    void a_full_buffer_does_not_wait_for_what_is_held() throws Exception {
        var pipeline = Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: a }
                spec: { console: {}, maxLag: 64MiB, whenFull: dropOldest }
                """ + joined(LONG));
        try (var rig = new Rig(folder, pipeline).drain()) {
            rig.take(List.of(line("+a")));
            rig.take(List.of("{\"n\":1}"));
            await().atMost(60, SECONDS).until(() -> {
                drain(rig).dropBelow(2);
                return drain(rig).settled() == 2;
            });
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "a")).isZero();
            rig.take(List.of(line("-b"), line("+c")));
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 1);
            assertThat(texts(rig)).as("it is held still, and goes on").containsExactly("+a\n-b");
        }
    }

    /// Groups of two streams overlap without end: no place between them is ever clean.
    @Test
    void groups_that_overlap_without_end_are_settled_at_last() throws Exception {
        try (var rig = new Rig(folder, pipeline(LONG, "")).drain(new Gathering(1, 1 << 20, Duration.ZERO, 1))) {
            for (int i = 0; i < 300; i++) {
                rig.take(List.of(
                        "{\"s\":\"%s\",\"msg\":\"+%d\"}".formatted(i % 2 == 0 ? "x" : "y", i),
                        "{\"s\":\"%s\",\"msg\":\"-%d\"}".formatted(i % 2 == 0 ? "y" : "x", i)));
            }
            await().atMost(60, SECONDS).until(() -> rig.sink("a").taken().size() >= 299);
            assertThat(drain(rig).settled()).as("nothing is clean").isLessThan(10);
            rig.take(List.of(
                    "{\"s\":\"x\",\"msg\":\"+\"}", "{\"s\":\"y\",\"msg\":\"+\"}", "{\"s\":\"z\",\"msg\":\"+\"}"));
            await().atMost(60, SECONDS).until(() -> drain(rig).settled() >= 600);
            var told = rig.report("a");
            assertThat(told.deliveredEvents()).isBetween(300L, 301L);
            assertThat(told.filteredEvents()).isEqualTo(299);
        }
    }

    private static void become(Rig rig, PipelineDefinition pipeline) throws IOException {
        var routes = drain(rig).routes();
        var routing =
                Routing.of(pipeline, "a", true, _ -> _ -> {}, rig.meters, InstantSource.system(), routes.routings());
        routes.become(routing, rig.buffer.nextSeq());
    }

    private static Drain drain(Rig rig) {
        return Objects.requireNonNull(rig.drains.get("a"));
    }

    private static List<String> texts(Rig rig) {
        return rig.sink("a").taken().stream()
                .map(event -> String.valueOf(event.text("msg")))
                .toList();
    }

    private static String line(String text) {
        return "{\"s\":\"s\",\"msg\":\"%s\"}".formatted(text);
    }

    private static PipelineDefinition pipeline(String more, String routes) {
        return Rig.pipeline(List.of("a"), joined(more) + routes);
    }

    private static String joined(String more) {
        return Rig.route(
                "joined",
                "match: { when: 'has(event.s)' }, filters: [ { multiline: { start: '^[+]', key: '%%{s}', %s } } ], to: [a]"
                        .formatted(more));
    }
}
