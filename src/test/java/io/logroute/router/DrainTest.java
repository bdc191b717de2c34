package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.NotAllowed;
import io.logroute.router.Outlet.Gathering;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrainTest {
    @TempDir
    Path folder;

    private static final String EVERYTHING = Rig.route("all", "to: [a]");

    @Test
    void every_event_is_delivered_once_and_in_order() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            rig.take(0, 1000);
            rig.take(1000, 1500);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 1500);
            assertThat(rig.sink("a").numbers()).containsExactlyInAnyOrderElementsOf(numbers(0, 1500));
            assertThat(rig.report("a").lagEvents()).isZero();
        }
    }

    @Test
    void a_single_write_at_a_time_keeps_the_order() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING))
                .drain(new Gathering(7, 1 << 20, Duration.ofMillis(1), 1))) {
            var random = new Random(5);
            rig.sink("a").answers((_, _) -> {
                if (random.nextInt(40) == 0) {
                    throw new IOException("cut");
                }
                return Delivery.delivered();
            });
            rig.take(0, 500);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 500);
            assertThat(rig.sink("a").numbers()).isSubsetOf(numbers(0, 500)).isSortedAccordingTo(Long::compare);
        }
    }

    @Test
    void a_sink_that_fails_is_tried_until_it_takes_them_and_its_trouble_is_told_meanwhile() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            rig.sink("a").answers((_, _) -> {
                throw new IOException("connection refused");
            });
            rig.take(0, 10);
            await().atMost(60, SECONDS).until(() -> rig.report("a").trouble().isPresent());
            assertThat(rig.report("a").trouble()).contains("connection refused");
            assertThat(rig.report("a").lagEvents()).isEqualTo(10);
            rig.sink("a").answers((_, _) -> Delivery.delivered());
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 10);
            assertThat(rig.report("a").trouble()).isEmpty();
        }
    }

    @Test
    void a_write_whose_sink_swallowed_the_interrupt_is_not_tried_again_after_the_end() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            var writer = new CompletableFuture<Thread>();
            rig.sink("a").deaf();
            rig.sink("a").hold();
            rig.sink("a").answers((_, _) -> {
                writer.complete(Thread.currentThread());
                throw new IOException("connection refused");
            });
            rig.take(0, 1);
            await().atMost(60, SECONDS).until(() -> rig.sink("a").asked() == 1);
            Objects.requireNonNull(rig.drains.get("a")).close();
            rig.sink("a").goOn();
            assertThat(writer.orTimeout(60, SECONDS).join().join(Duration.ofSeconds(60)))
                    .as("it ended")
                    .isTrue();
        }
    }

    @Test
    void a_destination_that_does_not_let_us_in_is_told_apart_from_one_that_is_away() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            rig.sink("a").answers((_, _) -> {
                throw new IOException("connection refused");
            });
            rig.take(0, 10);
            await().atMost(60, SECONDS).until(() -> rig.report("a").trouble().isPresent());
            assertThat(rig.count(Meter.SINK_UNAUTHORIZED, "a")).isZero();
            rig.sink("a").answers((_, _) -> {
                throw new NotAllowed("unknown user");
            });
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.SINK_UNAUTHORIZED, "a") == 1);
            rig.sink("a")
                    .answers((_, _) ->
                            new Delivery.Retry("no right", Duration.ofMillis(1), Delivery.Retry.Cause.NOT_ALLOWED));
            await().atMost(60, SECONDS).until(() -> rig.report("a").trouble().equals(Optional.of("no right")));
            assertThat(rig.count(Meter.SINK_UNAUTHORIZED, "a")).isEqualTo(1);
            rig.sink("a").answers((_, _) -> Delivery.delivered());
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 10);
            assertThat(rig.count(Meter.SINK_UNAUTHORIZED, "a")).isZero();
        }
    }

    @Test
    void writes_that_failed_are_tried_again_at_once_when_the_sink_takes_another_one() throws Exception {
        var hours = new Backoff(Duration.ofHours(1), Duration.ofHours(1), Duration.ofMillis(20));
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).backoff(hours)) {
            var back = new CountDownLatch(1);
            var tries = new ConcurrentHashMap<Long, Integer>();
            var together = new AtomicInteger();
            var most = new AtomicInteger();
            rig.drain(new Gathering(1, 1 << 20, Duration.ofMillis(1), 4));
            rig.sink("a").answers((event, _) -> {
                most.accumulateAndGet(together.incrementAndGet(), Math::max);
                try {
                    if (tries.merge(n(event), 1, Integer::sum) == 1 && n(event) < 4) {
                        if (n(event) > 0) {
                            throw new IOException("connection refused");
                        }
                        waitFor(back);
                    }
                    return Delivery.delivered();
                } finally {
                    together.decrementAndGet();
                }
            });
            rig.take(0, 40);
            await().atMost(60, SECONDS).until(() -> tries.size() == 4 && together.get() == 1);
            await("while it takes nothing, nothing is tried")
                    .during(Duration.ofMillis(300))
                    .atMost(60, SECONDS)
                    .until(() -> tries.values().stream().allMatch(Integer.valueOf(1)::equals));
            back.countDown();
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 40);
            assertThat(tries).as("none is tried more than once again").hasSize(40);
            assertThat(tries.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(43);
            assertThat(most).as("writes at a time").hasValueLessThanOrEqualTo(4);
        }
    }

    @Test
    void what_the_sink_asked_to_wait_is_waited_whatever_it_takes_meanwhile() throws Exception {
        var hours = new Backoff(Duration.ofHours(1), Duration.ofHours(1), Duration.ofMillis(20));
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).backoff(hours)) {
            rig.drain(new Gathering(1, 1 << 20, Duration.ofMillis(1), 2));
            rig.sink("a")
                    .answers((event, _) ->
                            n(event) == 0 ? new Delivery.Retry("blocked", Duration.ofHours(1)) : Delivery.delivered());
            rig.take(0, 8);
            await().atMost(60, SECONDS).until(() -> rig.sink("a").numbers().size() == 7);
            await().during(Duration.ofMillis(300))
                    .atMost(60, SECONDS)
                    .until(() -> rig.sink("a").writes() == 8);
        }
    }

    private static void waitFor(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(60, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void it_is_durably_through_only_once_its_place_is_saved() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            var drain = Objects.requireNonNull(rig.drains.get("a"));
            drain.save();
            assertThat(drain.isDurablyThrough()).as("nothing came").isTrue();
            rig.take(0, 10);
            assertThat(drain.isDurablyThrough()).isFalse();
            await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 0);
            assertThat(drain.isDurablyThrough())
                    .as("a crash now would bring them again")
                    .isFalse();
            drain.save();
            assertThat(drain.isDurablyThrough()).isTrue();
        }
    }

    @Test
    void only_what_was_not_taken_is_given_again() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            rig.sink("a")
                    .answers((event, write) -> n(event) % 3 == 0 && write < 4
                            ? new Delivery.Retry("busy", Duration.ofMillis(1))
                            : Delivery.delivered());
            rig.take(0, 9);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 9);
            assertThat(rig.sink("a").numbers()).containsExactlyInAnyOrderElementsOf(numbers(0, 9));
        }
    }

    @Test
    void what_is_refused_for_good_lies_among_the_dead_letters_with_the_reason() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            rig.sink("a")
                    .answers((event, _) -> n(event) == 3
                            ? new Delivery.Rejected("mapper_parsing_exception: failed to parse field [x]")
                            : Delivery.delivered());
            rig.take(0, 5);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DEAD_LETTERED_EVENTS, "a") == 1);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isEqualTo(4);
        }
        var lines = Files.readAllLines(folder.resolve("dead-letters/a/00000001.ndjson"));
        assertThat(lines).hasSize(1);
        var letter = Json.parse(lines.getFirst().getBytes(), 0, lines.getFirst().getBytes().length);
        assertThat(letter)
                .containsEntry("reason", "mapper_parsing_exception: failed to parse field [x]")
                .containsEntry("route", "all")
                .containsEntry("sink", "a")
                .containsEntry("event", java.util.Map.of("n", 3L))
                .containsKeys("time", "router", "seq");
    }

    @Test
    void what_cannot_be_read_is_not_settled_and_what_came_before_it_is_delivered() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING))) {
            rig.take(0, 3);
            byte[] newer = {0, 0, 0, 0, 0, 0, 0, 0, 0, 2, '{', '}'};
            rig.buffer.append(newer, 0, newer.length, 1, (byte) 9);
            rig.buffer.sync();
            rig.take(3, 5);
            rig.drain();
            await().atMost(60, SECONDS).until(() -> rig.report("a").trouble().isPresent());
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 3);
            assertThat(rig.report("a").trouble().orElse("")).contains("kind 9");
            assertThat(rig.report("a").lagEvents()).isEqualTo(3);
        }
    }

    @Test
    void what_is_held_too_long_goes_to_the_dead_letters() throws Exception {
        try (var rig = new Rig(folder, Rig.pipeline(List.of("a"), EVERYTHING)).drain()) {
            rig.sink("a")
                    .answers((event, _) -> n(event) == 1
                            ? new Delivery.Held(
                                    "index_closed_exception: closed", Duration.ofMillis(5), Duration.ofMillis(500))
                            : Delivery.delivered());
            rig.take(0, 3);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DEAD_LETTERED_EVENTS, "a") == 1);
            assertThat(rig.sink("a").writes()).as("tried again before").isGreaterThan(1);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isEqualTo(2);
        }
        assertThat(folder.resolve("dead-letters/a/00000001.ndjson")).content().contains("index_closed_exception");
    }

    @Test
    void one_dead_sink_hurts_only_itself() throws Exception {
        var pipeline = Rig.pipeline(List.of("a", "b"), Rig.route("all", "to: [a, b]"));
        try (var rig = new Rig(folder, pipeline).drain()) {
            rig.sink("a").hold();
            for (int i = 0; i < 20; i++) {
                rig.take(i * 100, i * 100 + 100);
            }
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "b") == 2000);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isZero();
            rig.sink("a").goOn();
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 2000);
        }
    }

    @Test
    void after_a_restart_it_goes_on_where_it_was() throws Exception {
        var pipeline = Rig.pipeline(List.of("a"), EVERYTHING);
        try (var rig = new Rig(folder, pipeline).drain(new Gathering(10, 1 << 20, Duration.ofMillis(1), 1))) {
            rig.sink("a").answers((event, _) -> {
                if (n(event) >= 50) {
                    throw new IOException("full");
                }
                return Delivery.delivered();
            });
            rig.take(0, 100);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 50);
        }
        try (var rig = new Rig(folder, pipeline).drain()) {
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 50);
            assertThat(rig.sink("a").numbers()).containsExactlyInAnyOrderElementsOf(numbers(50, 100));
        }
    }

    @Test
    void received_ties_out_with_what_became_of_it_under_faults() throws Exception {
        var pipeline = Rig.pipeline(
                List.of("a", "b"),
                Rig.route(
                                "odd",
                                "match: { fields: { kind: odd } }, filters: [ { drop: { when: 'event.n > 900' } } ], to: [a, b]")
                        + Rig.route("small", "match: { when: 'event.n < 10' }, to: [a]")
                        + Rig.route("rest", "default: true, to: [b]"));
        try (var rig = new Rig(folder, pipeline).drain()) {
            var random = new Random(7);
            rig.sink("a").answers((_, write) -> {
                if (write % 3 == 0) {
                    throw new IOException("cut");
                }
                return switch (random.nextInt(12)) {
                    case 0 -> new Delivery.Rejected("no");
                    case 1 -> new Delivery.Retry("busy", Duration.ZERO);
                    default -> Delivery.delivered();
                };
            });
            var events = LongStream.range(0, 1000)
                    .mapToObj(n -> "{\"n\":%d,\"kind\":\"%s\"}".formatted(n, n % 2 == 0 ? "even" : "odd"))
                    .toList();
            for (int i = 0; i < 10; i++) {
                rig.take(events.subList(i * 100, i * 100 + 100));
            }
            for (var sink : List.of("a", "b")) {
                await().atMost(60, SECONDS).until(() -> rig.report(sink).lagEvents() == 0);
                assertThat(1000 + rig.count(Meter.COPIED_EVENTS, sink))
                        .as("sink %s: received + copied = delivered + filtered + dead-lettered + passed", sink)
                        .isEqualTo(rig.count(Meter.DELIVERED_EVENTS, sink)
                                + rig.count(Meter.FILTERED_EVENTS, sink)
                                + rig.count(Meter.DEAD_LETTERED_EVENTS, sink)
                                + rig.count(Meter.PASSED_EVENTS, sink));
            }
            assertThat(rig.count(Meter.RECEIVED_EVENTS, "test")).isEqualTo(1000);
            assertThat(rig.count(Meter.FILTERED_EVENTS, "a")).isEqualTo(50);
            assertThat(rig.count(Meter.COPIED_EVENTS, "a"))
                    .as("odd and small both")
                    .isEqualTo(5);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "b")).isEqualTo(450 + 495);
            assertThat(rig.count(Meter.ROUTED_EVENTS, "odd")).isEqualTo(500);
        }
    }

    private static long n(Event event) {
        return Long.parseLong(String.valueOf(event.text("n")));
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
