package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.buffer.DiskBuffer;
import io.logroute.buffer.Stored;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Mark;
import io.logroute.telemetry.Meter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntakeTest {
    @TempDir
    Path folder;

    private Rig rig() throws Exception {
        return new Rig(folder, Rig.pipeline(List.of("a"), Rig.route("all", "to: [a]")));
    }

    @Test
    void what_is_told_as_stored_is_durable_as_it_came_in() throws Exception {
        try (var rig = rig()) {
            rig.take(List.of("{\"n\":1}", "{ \"n\" : 2 }"));
            rig.take(List.of("{\"n\":3}"));
            assertThat(rig.buffer.durableSeq()).isEqualTo(3);
            assertThat(rig.count(Meter.RECEIVED_EVENTS, "test")).isEqualTo(3);
            assertThat(rig.count(Meter.RECEIVED_BYTES, "test")).isEqualTo(7 + 11 + 7);
        }
        try (var buffer = DiskBuffer.open(folder.resolve("buffer"), DiskBuffer.Limits.of(16 << 20));
                var cursor = buffer.cursor("reader")) {
            var events = new ArrayList<Event>();
            for (var stored = cursor.read(Duration.ZERO); stored.isPresent(); stored = cursor.read(Duration.ZERO)) {
                events.addAll(Drain.decode(stored.get()));
            }
            assertThat(events).extracting(Event::seq).containsExactly(0L, 1L, 2L);
            assertThat(events)
                    .extracting(event -> new String(event.raw(), java.nio.charset.StandardCharsets.UTF_8))
                    .containsExactly("{\"n\":1}", "{ \"n\" : 2 }", "{\"n\":3}");
        }
    }

    @Test
    void a_window_too_large_for_one_record_is_stored_as_several_and_told_once() throws Exception {
        try (var rig = rig()) {
            var large = "{\"pad\":\"%s\"}".formatted("x".repeat(3 << 20));
            rig.take(IntStream.range(0, 4).mapToObj(each -> large).toList());
            assertThat(rig.buffer.durableSeq()).isEqualTo(4);
            assertThat(rig.count(Meter.RECEIVED_EVENTS, "test")).isEqualTo(4);
        }
    }

    @Test
    void waiting_for_room_is_counted_while_it_lasts_and_once_for_all_of_a_source() throws Exception {
        try (var rig = rig()) {
            var door = rig.intake.door("test");
            door.open();
            rig.intake.hold(true);
            long began = System.nanoTime();
            var stored = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 5; i++) {
                var one = new CompletableFuture<Void>();
                stored.add(one);
                Thread.ofVirtual().start(() -> {
                    try {
                        door.accept(Rig.batch(List.of("{}")), Rig.receipt(one));
                    } catch (InterruptedException e) {
                        one.completeExceptionally(e);
                    }
                });
            }
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> rig.meters.value(Meter.BACKPRESSURE_SECONDS, "core", "test") > 0.5);
            rig.intake.hold(false);
            stored.forEach(one -> one.orTimeout(60, TimeUnit.SECONDS).join());
            assertThat(rig.meters.value(Meter.BACKPRESSURE_SECONDS, "core", "test"))
                    .isLessThanOrEqualTo((System.nanoTime() - began) / 1e9);
        }
    }

    @Test
    void it_is_idle_while_no_source_waits_to_hear_of_something() throws Exception {
        try (var rig = rig()) {
            assertThat(rig.intake.isIdle()).isTrue();
            var door = rig.intake.door("test");
            var stored = new CompletableFuture<Void>();
            var waiting = Thread.ofVirtual().start(() -> {
                try {
                    door.accept(Rig.batch(List.of("{\"n\":1}")), Rig.receipt(stored));
                } catch (InterruptedException e) {
                    stored.completeExceptionally(e);
                }
            });
            await().atMost(60, TimeUnit.SECONDS).until(() -> !rig.intake.isIdle());
            door.open();
            stored.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(waiting.join(Duration.ofSeconds(60))).isTrue();
            await().atMost(60, TimeUnit.SECONDS).until(rig.intake::isIdle);
            var shut = rig.intake.door("test");
            var given = Thread.ofVirtual().start(() -> {
                try {
                    shut.accept(Rig.batch(List.of("{\"n\":2}")), Rig.receipt(new CompletableFuture<>()));
                } catch (InterruptedException e) {
                    // it gave up
                }
            });
            await().atMost(60, TimeUnit.SECONDS).until(() -> !rig.intake.isIdle());
            given.interrupt();
            await().atMost(60, TimeUnit.SECONDS).until(rig.intake::isIdle);
        }
    }

    @Test
    void an_event_that_can_never_fit_is_refused_with_words_and_the_next_one_is_taken() throws Exception {
        try (var rig = rig()) {
            var stored = new CompletableFuture<Void>();
            var huge = "{\"pad\":\"%s\"}".formatted("x".repeat(17 << 20));
            rig.door().accept(Rig.batch(List.of(huge)), Rig.receipt(stored));
            assertThatThrownBy(() -> stored.orTimeout(60, TimeUnit.SECONDS).join())
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("maxBytes");
            rig.take(0, 1);
        }
    }

    /// As where events are kept in memory: until sinks have settled them they are sure to nobody, but
    /// they are there.
    @Test
    void a_source_that_is_started_again_knows_what_it_handed_over_and_no_sink_has_settled() throws Exception {
        try (var rig = rig();
                var marks = new Marks("core", rig.buffer, new Forgetful(), () -> 0L)) {
            marks.open();
            var door = rig.intake.markedDoor("docker", marks);
            door.open();
            var stored = new CompletableFuture<Void>();
            door.accept(
                    Batch.marked(Rig.batch(List.of("{\"n\":1}")).events(), new Mark("web", "1")), Rig.receipt(stored));
            stored.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(rig.intake.markedDoor("docker", marks).marks()).isEqualTo(Map.of("web", "1"));
            assertThat(rig.intake.markedDoor("other", marks).marks()).isEmpty();
            door.forget("web");
            assertThat(rig.intake.markedDoor("docker", marks).marks()).isEmpty();
        }
    }

    /// What is written down is gone with the process.
    private static final class Forgetful implements Marks.Kept {
        @Override
        public Map<String, String> read() {
            return Map.of();
        }

        @Override
        public void write(Map<String, String> marks) {}
    }

    @Test
    void nothing_is_told_as_stored_after_the_intake_has_closed() throws Exception {
        try (var rig = rig()) {
            rig.intake.close();
            var stored = new CompletableFuture<Void>();
            rig.door().accept(Rig.batch(List.of("{}")), Rig.receipt(stored));
            assertThatThrownBy(() -> stored.orTimeout(60, TimeUnit.SECONDS).join())
                    .hasMessageContaining("stops");
        }
    }

    @Test
    void where_delivered_counts_a_source_hears_when_every_sink_has_settled_them() throws Exception {
        var pipeline = Rig.pipeline(
                List.of("a", "b", "c", "d"),
                Rig.route("all", "to: [a, b]")
                        + Rig.route("none", "match: { fields: { n: '-1' } }, to: [d]")
                        + Rig.route("drops", "filters: [ { drop: { when: 'true' } } ], to: [c]"));
        try (var rig = new Rig(folder, pipeline)) {
            rig.intake.tellDelivered(true);
            rig.drain();
            rig.sink("a").hold();
            rig.sink("b").answers((_, _) -> new Delivery.Rejected("no"));
            var told = new CompletableFuture<Void>();
            rig.door().accept(Rig.batch(List.of("{\"n\":1}", "{\"n\":2}")), Rig.receipt(told));
            await().atMost(60, TimeUnit.SECONDS).until(() -> rig.count(Meter.DEAD_LETTERED_EVENTS, "b") == 2);
            await().atMost(60, TimeUnit.SECONDS).until(() -> rig.report("c").lagEvents() == 0);
            await().atMost(60, TimeUnit.SECONDS).until(() -> rig.report("d").lagEvents() == 0);
            assertThat(rig.buffer.durableSeq()).as("stored").isEqualTo(2);
            assertThat(told).as("one sink has not settled them").isNotDone();
            assertThat(rig.meters.value(Meter.UNACKNOWLEDGED_EVENTS, "core")).isEqualTo(2);
            rig.sink("a").goOn();
            told.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isEqualTo(2);
        }
    }

    @Test
    void where_delivered_counts_nothing_is_told_before_its_dead_letter_is_durable() throws Exception {
        var inTheWay = Files.createFile(folder.resolve("dead-letters"));
        try (var rig = rig()) {
            rig.intake.tellDelivered(true);
            rig.drain();
            rig.sink("a").answers((_, _) -> new Delivery.Rejected("no"));
            var told = new CompletableFuture<Void>();
            rig.door().accept(Rig.batch(List.of("{\"n\":1}")), Rig.receipt(told));
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> rig.report("a").trouble().orElse("").contains("dead letters cannot be written to "));
            assertThat(told).isNotDone();
            Files.delete(inTheWay);
            told.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(rig.letters("a").summary().letters()).isEqualTo(1);
        }
    }

    @Test
    void where_delivered_counts_windows_are_told_in_any_number_and_none_is_forgotten() throws Exception {
        try (var rig = rig()) {
            rig.intake.tellDelivered(true);
            rig.drain();
            var told = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 300; i++) {
                var one = new CompletableFuture<Void>();
                rig.door().accept(Rig.batch(List.of("{\"n\":%d}".formatted(i))), Rig.receipt(one));
                told.add(one);
            }
            CompletableFuture.allOf(told.toArray(CompletableFuture[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isEqualTo(300);
        }
    }

    @Test
    void a_door_that_is_told_at_stored_is_told_so_wherever_delivered_counts() throws Exception {
        try (var rig = rig()) {
            rig.intake.tellDelivered(true);
            rig.drain();
            rig.sink("a").hold();
            var door = rig.intake.doorToldAtStored("dead-letters");
            door.open();
            var told = new CompletableFuture<Void>();
            door.accept(Rig.batch(List.of("{}")), Rig.receipt(told));
            told.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "a")).isZero();
            rig.sink("a").goOn();
        }
    }

    @Test
    void where_delivered_counts_what_is_not_is_refused_at_the_end() throws Exception {
        try (var rig = rig()) {
            rig.intake.tellDelivered(true);
            rig.drain();
            rig.sink("a").hold();
            var told = new CompletableFuture<Void>();
            rig.door().accept(Rig.batch(List.of("{}")), Rig.receipt(told));
            await().atMost(60, TimeUnit.SECONDS).until(() -> rig.buffer.durableSeq() == 1);
            rig.intake.close();
            assertThatThrownBy(() -> told.orTimeout(60, TimeUnit.SECONDS).join())
                    .hasMessageContaining("before every sink has the events");
        }
    }

    @Test
    void records_of_another_kind_are_not_guessed_at() {
        var newer = new Stored(0, 1, Rig.NOON, (byte) 9, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 2, '{', '}'});
        assertThatThrownBy(() -> Drain.decode(newer)).hasMessageContaining("kind 9");
    }
}
