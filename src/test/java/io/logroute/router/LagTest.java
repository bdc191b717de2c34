package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.Seeds;
import io.logroute.flow.Delivery;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Outlet.Gathering;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LagTest {
    private static final String PAD = "x".repeat(1000);

    @TempDir
    Path folder;

    @Test
    void a_sink_that_hangs_is_passed_over_its_oldest_events_until_it_is_within_its_limit() throws Exception {
        try (var rig = new Rig(folder, pipeline("maxLag: 1MiB, whenFull: dropOldest")).drain()) {
            rig.sink("a").hold();
            for (int i = 0; i < 40; i++) {
                takePadded(rig, i * 100L, 100);
            }
            var drain = drain(rig, "a");
            await().atMost(60, SECONDS).until(() -> {
                drain.keepWithin();
                return rig.report("a").lagBytes() <= 1 << 20;
            });
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "a")).isBetween(2_500L, 3_700L);
            assertThat(rig.report("a").limit().orElseThrow().blocks()).isFalse();
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "b") == 4000);
            rig.sink("a").goOn();
            await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 0);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a") + rig.count(Meter.DISCARDED_EVENTS, "a"))
                    .as("each event once, though writes under way delivered some that were passed over")
                    .isEqualTo(4000);
            assertThat(rig.sink("a").numbers()).as("the newest").contains(3999L);
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "b")).isZero();
        }
    }

    @Test
    void events_that_are_too_old_are_passed_over_and_younger_ones_wait() throws Exception {
        var later = new AtomicReference<>(Duration.ZERO);
        try (var rig = new Rig(folder, pipeline("maxLag: 1h, whenFull: dropOldest"))
                .clock(() -> Instant.now().plus(later.get()))
                .drain()) {
            rig.sink("a").hold();
            rig.take(0, 10);
            var drain = drain(rig, "a");
            drain.keepWithin();
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "a")).isZero();
            later.set(Duration.ofHours(2));
            await().atMost(60, SECONDS).until(() -> {
                drain.keepWithin();
                return rig.count(Meter.DISCARDED_EVENTS, "a") == 10;
            });
            assertThat(rig.report("a").lagEvents()).isZero();
            assertThat(rig.report("a").discardedEvents()).isEqualTo(10);
        }
    }

    @Test
    void the_age_of_what_waits_is_that_of_its_oldest_event_wherever_it_waits() throws Exception {
        try (var rig =
                new Rig(folder, pipeline("maxLag: 1MiB")).drain(new Gathering(5, 1 << 20, Duration.ofMinutes(1), 1))) {
            assertThat(rig.report("a").oldest()).isEmpty();
            rig.sink("a").hold();
            var before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            rig.take(0, 1);
            var first = Instant.now();
            await().atMost(60, SECONDS)
                    .untilAsserted(() -> assertThat(rig.report("a").oldest())
                            .hasValueSatisfying(oldest -> assertThat(oldest).isBetween(before, first)));
            assertThat(rig.meters.value(Meter.SINK_IN_FLIGHT, "core", "a"))
                    .as("gathered, and not written yet")
                    .isZero();
            rig.take(1, 8);
            await().atMost(60, SECONDS).until(() -> rig.meters.value(Meter.SINK_IN_FLIGHT, "core", "a") == 1);
            assertThat(rig.report("a").oldest())
                    .hasValueSatisfying(
                            oldest -> assertThat(oldest).as("it is written").isBetween(before, first));
            var second = Instant.now();
            rig.sink("a").goOn();
            await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 3);
            assertThat(rig.report("a").oldest())
                    .hasValueSatisfying(oldest ->
                            assertThat(oldest).as("the rest of a window").isBetween(before, second));
            rig.take(8, 10);
            await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 0);
            assertThat(rig.report("a").oldest()).isEmpty();
            assertThat(rig.meters.value(Meter.BUFFER_OLDEST_SECONDS, "core", "a"))
                    .isZero();
        }
    }

    @Test
    void a_sink_that_cannot_get_ready_is_passed_over_too() throws Exception {
        try (var rig = new Rig(folder, pipeline("maxLag: 1MiB, whenFull: dropOldest"))) {
            rig.sink("a").neverReady();
            rig.drain();
            for (int i = 0; i < 30; i++) {
                takePadded(rig, i * 100L, 100);
            }
            await().atMost(60, SECONDS).until(() -> {
                drain(rig, "a").keepWithin();
                return rig.report("a").lagBytes() <= 1 << 20;
            });
            assertThat(rig.sink("a").writes()).isZero();
            assertThat(rig.report("a").trouble()).contains("not ready");
        }
    }

    @Test
    void what_cannot_be_read_holds_nobody_up_for_ever() throws Exception {
        var later = new AtomicReference<>(Duration.ofHours(2));
        try (var rig = new Rig(folder, pipeline("maxLag: 1h, whenFull: dropOldest"))
                .clock(() -> Instant.now().plus(later.get()))) {
            byte[] newer = {9, 0, 0, 0, 0, 2, '{', '}'};
            rig.buffer.append(newer, 0, newer.length, 1);
            rig.buffer.sync();
            rig.drain();
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DISCARDED_EVENTS, "a") == 1);
            later.set(Duration.ZERO);
            rig.take(0, 5);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 5);
        }
    }

    @Test
    void without_dropOldest_nothing_is_passed_over_and_sources_have_to_wait() throws Exception {
        try (var rig = new Rig(folder, pipeline("maxLag: 1MiB")).drain()) {
            rig.sink("a").hold();
            var drain = drain(rig, "a");
            takePadded(rig, 0, 500);
            assertThat(drain.blocks()).isFalse();
            takePadded(rig, 500, 1000);
            assertThat(drain.blocks()).isTrue();
            drain.dropBelow(1_000);
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "a")).isZero();
            assertThat(rig.report("a").limit().orElseThrow().blocks()).isTrue();
            rig.sink("a").goOn();
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 1500);
            assertThat(drain.blocks()).isFalse();
        }
    }

    @Test
    void what_a_write_tells_in_the_midst_of_passing_over_is_counted_once() throws Exception {
        try (var rig = new Rig(folder, pipeline("maxLag: 1MiB, whenFull: dropOldest"))) {
            var passing = Thread.currentThread();
            var looks = new AtomicInteger();
            var looksOfWrite = new AtomicInteger();
            rig.clock(() -> {
                if (Thread.currentThread().getName().equals("write-core-a")) {
                    looksOfWrite.incrementAndGet();
                }
                // The second look is in the midst of counting: now the write goes on, and tells.
                if (Thread.currentThread() == passing && looks.incrementAndGet() == 2) {
                    rig.sink("a").goOn();
                    await().pollInSameThread().atMost(60, SECONDS).until(() -> looksOfWrite.get() == 5);
                }
                return Instant.now();
            });
            rig.sink("a").answers((event, write) -> {
                if (write > 1 || "0".equals(event.text("n"))) {
                    return Delivery.delivered();
                }
                rig.sink("a").hold();
                return new Delivery.Retry("later", Duration.ofMillis(1));
            });
            rig.drain();
            rig.take(0, 10);
            await("the second write is under way").atMost(60, SECONDS).until(() -> looksOfWrite.get() == 4);
            drain(rig, "a").dropBelow(10);
            assertThat(looksOfWrite).as("it told meanwhile").hasValue(5);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isEqualTo(1);
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "a")).isEqualTo(9);
        }
    }

    @Test
    void a_sink_that_hears_nothing_does_not_keep_its_drain_from_closing() throws Exception {
        try (var rig = new Rig(folder, pipeline("maxLag: 1MiB")).drain()) {
            rig.sink("a").deaf();
            rig.sink("a").hold();
            for (int i = 0; i < 6; i++) {
                takePadded(rig, i * 100L, 100);
            }
            await().atMost(60, SECONDS).until(() -> rig.meters.value(Meter.SINK_IN_FLIGHT, "core", "a") == 3);
            long start = System.nanoTime();
            drain(rig, "a").close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
            rig.sink("a").goOn();
        }
    }

    @Test
    void held_sources_wait_and_go_on() throws Exception {
        try (var rig = new Rig(folder, pipeline("maxLag: 1MiB")).drain()) {
            rig.intake.hold(true);
            assertThat(rig.door().full()).isTrue();
            var stored = new CompletableFuture<Void>();
            var waiting = Thread.ofVirtual().start(() -> {
                try {
                    rig.door().accept(Rig.batch(List.of("{\"n\":1}")), Rig.receipt(stored));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(waiting.join(Duration.ofMillis(300))).isFalse();
            assertThat(rig.buffer.nextSeq()).isZero();
            rig.intake.hold(false);
            stored.orTimeout(60, SECONDS).join();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatever_is_passed_over_when_received_ties_out(long seed) throws Exception {
        var random = Seeds.random(seed);
        var pipeline = Rig.pipeline(yaml("maxLag: 1MiB, whenFull: dropOldest")
                + Rig.route("even", "match: { fields: { kind: even } }, to: [a, b]")
                + Rig.route(
                        "small",
                        "match: { when: 'event.n < 700' }, filters: [ { drop: { when: 'event.n < 300' } } ], to: [a]"));
        try (var rig = new Rig(folder, pipeline).drain(new Gathering(20, 1 << 20, Duration.ofMillis(1), 3))) {
            var answers = Seeds.random(seed);
            rig.sink("a").answers((_, _) -> {
                synchronized (answers) {
                    return switch (answers.nextInt(40)) {
                        case 0 -> throw new IOException("cut");
                        case 1 -> new Delivery.Rejected("no");
                        case 2 -> new Delivery.Retry("later", Duration.ofMillis(3));
                        default -> Delivery.delivered();
                    };
                }
            });
            long n = 0;
            for (int move = 0; move < 60; move++) {
                switch (random.nextInt(5)) {
                    case 0 -> rig.sink("a").hold();
                    case 1 -> rig.sink("a").goOn();
                    case 2 -> drain(rig, "a").dropBelow(random.nextLong(rig.buffer.nextSeq() + 1));
                    default -> {
                        int count = 1 + random.nextInt(100);
                        long from = n;
                        rig.take(LongStream.range(from, from + count)
                                .mapToObj(each -> "{\"n\":%d,\"kind\":\"%s\",\"pad\":\"%s\"}"
                                        .formatted(each, each % 2 == 0 ? "even" : "odd", PAD))
                                .toList());
                        n += count;
                    }
                }
            }
            rig.sink("a").goOn();
            for (var sink : List.of("a", "b")) {
                await().atMost(60, SECONDS).until(() -> rig.report(sink).lagEvents() == 0);
                assertThat(n + rig.count(Meter.COPIED_EVENTS, sink))
                        .as("seed %d, sink %s", seed, sink)
                        .isEqualTo(rig.count(Meter.DELIVERED_EVENTS, sink)
                                + rig.count(Meter.FILTERED_EVENTS, sink)
                                + rig.count(Meter.DEAD_LETTERED_EVENTS, sink)
                                + rig.count(Meter.DISCARDED_EVENTS, sink)
                                + rig.count(Meter.PASSED_EVENTS, sink));
            }
            assertThat(rig.count(Meter.DISCARDED_EVENTS, "b")).isZero();
        }
    }

    private static Drain drain(Rig rig, String sink) {
        return Objects.requireNonNull(rig.drains.get(sink));
    }

    private static void takePadded(Rig rig, long from, int count) throws InterruptedException {
        rig.take(LongStream.range(from, from + count)
                .mapToObj(n -> "{\"n\":%d,\"pad\":\"%s\"}".formatted(n, PAD))
                .toList());
    }

    private static PipelineDefinition pipeline(String lag) {
        return Rig.pipeline(yaml(lag) + Rig.route("all", "to: [a, b]"));
    }

    private static String yaml(String lag) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: a }
                spec: { console: {}, %s }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: b }
                spec: console
                """.formatted(lag);
    }
}
