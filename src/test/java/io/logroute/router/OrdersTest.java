package io.logroute.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.buffer.Inspection;
import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.router.CrashingVolume.Died;
import io.logroute.router.CrashingVolume.Wound;
import io.logroute.router.DeadLetters.Letter;
import io.logroute.router.Instance.Ordered;
import io.logroute.router.Instance.Pushed;
import io.logroute.router.ScriptedParts.Taken;
import io.logroute.spec.Read;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an instance does that is told to drain, and to serve again.
@Timeout(300)
class OrdersTest {
    private static final Holding DRAINED = new Holding(Mode.DRAINING, true, 0);

    @TempDir
    Path data;

    private final Instruments meters = new Instruments();
    private final AtomicReference<Instant> now = new AtomicReference<>(Rig.NOON);
    private final PipelineDefinition one = pipeline("one", "a");
    private final PipelineDefinition two = pipeline("two", "a");
    private Optional<Life> life = Optional.empty();

    /// One process.
    private final class Life {
        final ScriptedParts parts = new ScriptedParts(data, meters, now::get);
        final Pipelines routers = new Pipelines(data, parts, Rig.QUICK, meters, now::get);
        final Instance instance;

        Life(Accepted.Disk disk) {
            instance = new Instance(
                    routers,
                    new Accepted("accepted", folder().resolve("accepted"), disk),
                    new Accepted("last mounted", folder().resolve("started")),
                    new StandingOrder(folder(), disk),
                    "core",
                    2,
                    Set.of(),
                    Duration.ofSeconds(30));
        }

        Life starts(PipelineDefinition mounted) {
            assertThat(start(mounted)).isEmpty();
            return this;
        }

        Optional<String> start(PipelineDefinition mounted) {
            return instance.start(new Read.Good<>(
                    new Edition(mounted.text(), mounted.revision().hash(), 5)));
        }

        void drains() {
            assertThat(instance.order(Order.DRAIN)).isEqualTo(new Ordered.Taken(Mode.DRAINING));
        }

        void serves() {
            assertThat(instance.order(Order.SERVE)).isEqualTo(new Ordered.Taken(Mode.SERVING));
        }

        Pushed push(PipelineDefinition pipeline, long generation) {
            return instance.push(pipeline.revision().hash(), generation, Packed.zipped(pipeline.text()));
        }

        CompletableFuture<Void> take(long from, long to) throws InterruptedException {
            return parts.source("demo").orElseThrow().take(numbers(from, to));
        }

        boolean listens() {
            return parts.source("demo").isPresent();
        }

        InstanceReport report() {
            return instance.report().orElseThrow();
        }

        Holding holding() {
            return report().holding();
        }

        void isDrained() {
            await().atMost(60, SECONDS).until(this::holding, DRAINED::equals);
        }
    }

    private Path folder() {
        return data.resolve("routers").resolve("core");
    }

    private Life life() {
        return life(Accepted.REAL);
    }

    private Life life(Accepted.Disk disk) {
        end();
        var next = new Life(disk);
        life = Optional.of(next);
        return next;
    }

    @AfterEach
    void end() {
        life.ifPresent(each -> each.instance.close());
        life = Optional.empty();
    }

    private static PipelineDefinition pipeline(String route, String... sinks) {
        return Rig.pipeline(List.of(sinks), Rig.route(route, "to: [%s]".formatted(String.join(", ", sinks))));
    }

    private static List<String> numbers(long from, long to) {
        return LongStream.range(from, to).mapToObj("{\"n\":%d}"::formatted).toList();
    }

    private static String reason(Ordered ordered) {
        return switch (ordered) {
            case Ordered.Taken(var mode) -> "taken: " + mode;
            case Ordered.Refused(var reason) -> "refused: " + reason;
            case Ordered.NotNow(var reason) -> "not now: " + reason;
        };
    }

    private void letters(String sink, long count) throws IOException {
        try (var box = new LettersOnDisk(
                folder().resolve("dead-letters").resolve(sink),
                "core",
                sink,
                "",
                DeadLetters.Bounds.USUAL,
                now::get,
                (_, _) -> {})) {
            box.keep(numbers(0, count).stream()
                    .map(each -> new Letter(
                            Event.of(each.getBytes(UTF_8), 0, each.length(), 0, Rig.NOON)
                                    .addressed(new Address("one", 0, Optional.empty())),
                            "no such field"))
                    .toList());
        }
    }

    @Test
    void told_to_drain_it_takes_nothing_in_delivers_what_it_has_and_tells_when_nothing_is_left() throws Exception {
        var life = life().starts(one);
        var sink = life.parts.destination("a");
        sink.hold(false);
        life.take(0, 100).join();
        assertThat(life.holding()).isEqualTo(new Holding(Mode.SERVING, false, 0));
        assertThat(meters.value(Meter.DRAINING, "core")).isZero();
        life.drains();
        assertThat(life.listens()).isFalse();
        assertThat(life.report().sources()).isEmpty();
        assertThat(life.holding()).isEqualTo(new Holding(Mode.DRAINING, false, 0));
        assertThat(life.instance.unready()).as("nobody shall kill it").isEmpty();
        assertThat(meters.scrape()).contains("logroute_draining{router=\"core\"} 1");
        life.drains();
        sink.goOn();
        life.isDrained();
        assertThat(sink.taken()).hasSize(100);
        assertThat(life.instance.unready()).isEmpty();
        life.drains();
        assertThat(life.holding()).as("told again").isEqualTo(DRAINED);
    }

    @Test
    void told_to_serve_it_takes_events_in_again() throws Exception {
        var life = life().starts(one);
        life.serves();
        assertThat(folder().resolve("order")).as("nothing to keep").doesNotExist();
        life.drains();
        life.serves();
        life.serves();
        assertThat(life.holding().mode()).isEqualTo(Mode.SERVING);
        assertThat(meters.scrape()).contains("logroute_draining{router=\"core\"} 0");
        life.take(0, 10).join();
        await().atMost(60, SECONDS).until(() -> life.parts.destination("a").size() == 10);
        assertThat(life.parts.story).containsExactly("open demo", "close demo", "open demo");
    }

    @Test
    void a_restart_drains_on_with_its_doors_shut_from_the_first_moment() throws Exception {
        var before = life().starts(one);
        before.parts.destination("a").hold(false);
        before.take(0, 100).join();
        before.drains();
        var life = life().starts(one);
        assertThat(life.parts.story).as("no door was open for a moment").isEmpty();
        life.isDrained();
        assertThat(life.parts.destination("a").taken()).extracting(Taken::n).hasSize(100);
        life.serves();
        var after = life().starts(one);
        assertThat(after.listens()).isTrue();
        assertThat(after.holding().mode()).isEqualTo(Mode.SERVING);
    }

    /// Whatever moment it dies at, the next process does as before or as it was told, and as it was told when
    /// that was answered.
    @Test
    void an_order_that_was_answered_is_kept_whatever_moment_it_dies_at() throws Exception {
        var root = data;
        for (var order : List.of(Order.DRAIN, Order.SERVE)) {
            for (var wound : Wound.values()) {
                boolean died = true;
                for (int moment = 1; died; moment++) {
                    data = Files.createDirectories(root.resolve("%s-%s-%d".formatted(order, wound, moment)));
                    died = dies(order, wound, moment);
                }
            }
        }
    }

    private boolean dies(Order order, Wound wound, int moment) {
        var before = order == Order.DRAIN ? Mode.SERVING : Mode.DRAINING;
        if (before == Mode.DRAINING) {
            life().starts(one).drains();
        }
        var dying = life(new CrashingVolume(moment, wound)).starts(one);
        boolean died = false;
        try {
            assertThat(dying.instance.order(order)).isInstanceOf(Ordered.Taken.class);
        } catch (Died e) {
            died = true;
        }
        var after = life().starts(one).holding().mode();
        assertThat(after).isIn(Mode.SERVING, Mode.DRAINING);
        if (!died) {
            assertThat(after).as("%s was answered", order).isNotEqualTo(before);
        }
        life.orElseThrow().drains();
        life.orElseThrow().isDrained();
        return died;
    }

    @Test
    void pushes_are_taken_while_it_drains_and_open_no_door() throws Exception {
        var life = life().starts(one);
        life.parts.destination("a").hold(false);
        life.take(0, 10).join();
        life.drains();
        var withB = pipeline("two", "a", "b");
        assertThat(life.push(withB, 6)).isEqualTo(new Pushed.Taken(true));
        assertThat(life.report().revision()).isEqualTo(withB.revision().hash());
        assertThat(life.listens()).isFalse();
        life.parts.destination("a").goOn();
        life.isDrained();
        life.serves();
        life.take(10, 20).join();
        await().atMost(60, SECONDS).until(() -> life.parts.destination("b").size() == 10);
        assertThat(life.parts.destination("b").taken()).extracting(Taken::n).allMatch(n -> n >= 10);
    }

    @Test
    void a_port_that_is_taken_meanwhile_is_told_and_it_drains_on() {
        var life = life().starts(one);
        life.drains();
        life.parts.taken.add("demo");
        assertThat(reason(life.instance.order(Order.SERVE)))
                .isEqualTo("not now: router core cannot take events in (demo is taken); it goes on as it was");
        life.isDrained();
        life = life();
        life.parts.taken.add("demo");
        life.starts(one).isDrained();
        life.parts.taken.clear();
        life.serves();
        assertThat(life.listens()).isTrue();
    }

    @Test
    void an_order_during_a_push_does_not_suit_and_neither_does_one_before_the_start_or_at_the_end() throws Exception {
        var writing = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var life = life(new CrashingVolume(0, Wound.BEFORE) {
            @Override
            public void write(Path file, byte[] content) throws IOException {
                writing.countDown();
                try {
                    assertThat(goOn.await(60, SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                super.write(file, content);
            }
        });
        assertThat(reason(life.instance.order(Order.DRAIN))).isEqualTo("not now: router core does not run yet");
        life.starts(one);
        var push = new FutureTask<>(() -> life.push(two, 6));
        Thread.ofVirtual().start(push);
        assertThat(writing.await(60, SECONDS)).isTrue();
        assertThat(reason(life.instance.order(Order.DRAIN)))
                .isEqualTo("not now: another change of router core is under way");
        goOn.countDown();
        assertThat(push.get(60, SECONDS)).isEqualTo(new Pushed.Taken(true));
        assertThat(life.listens()).isTrue();
        life.instance.ending();
        assertThat(reason(life.instance.order(Order.DRAIN))).isEqualTo("not now: router core stops");
    }

    @Test
    void what_it_cannot_keep_it_does_not_do() throws Exception {
        var failing = new AtomicReference<>("write");
        var life = life(new CrashingVolume(0, Wound.BEFORE) {
            @Override
            public void write(Path file, byte[] content) throws IOException {
                if (failing.get().equals("write")) {
                    throw new IOException("No space left on device");
                }
                super.write(file, content);
            }

            @Override
            public void sync(Path folder) {
                if (failing.get().equals("sync")) {
                    throw new IllegalStateException("Input/output error");
                }
                super.sync(folder);
            }
        });
        life.starts(one);
        assertThat(reason(life.instance.order(Order.DRAIN)))
                .isEqualTo(
                        "not now: router core cannot keep the order to drain on its volume (No space left on device);"
                                + " it goes on as it was");
        life.take(0, 10).join();
        failing.set("");
        life.drains();
        life.isDrained();
        failing.set("write");
        assertThat(reason(life.instance.order(Order.SERVE))).contains("No space left on device");
        assertThat(life.listens()).isFalse();
        assertThat(life.holding())
                .as("nobody knows what a restart would find")
                .isEqualTo(new Holding(Mode.DRAINING, false, 0));
        failing.set("");
        life.drains();
        life.isDrained();
    }

    @Test
    void a_buffer_on_its_volume_is_not_given_up_from_afar() {
        var life = life().starts(one);
        assertThat(reason(life.instance.order(Order.DISCARD))).contains("refused:", "before it is drained");
        life.drains();
        life.isDrained();
        assertThat(reason(life.instance.order(Order.DISCARD)))
                .isEqualTo("refused: the buffer of router core lies on its volume, and goes when that is removed");
        assertThat(life.holding()).isEqualTo(DRAINED);
    }

    @Test
    void dead_letters_are_told_those_of_sinks_that_are_no_more_too_and_replays_are_delivered() throws Exception {
        letters("gone", 3);
        letters("a", 2);
        var life = life().starts(one);
        life.drains();
        await().atMost(60, SECONDS).until(life::holding, new Holding(Mode.DRAINING, true, 5)::equals);
        life.parts.destination("a").hold(false);
        for (var box : life.routers.all()) {
            var replay = new Replay(LetterFilter.ALL, Optional.empty(), LetterId.START, box.end(), 100);
            var step = life.routers.replay(box, replay).orElseThrow();
            assertThat(step.trouble()).isEmpty();
        }
        assertThat(life.holding()).as("they wait in the buffer now").isEqualTo(new Holding(Mode.DRAINING, false, 0));
        life.parts.destination("a").goOn();
        life.isDrained();
        assertThat(life.parts.destination("a").taken())
                .extracting(Taken::n)
                .containsExactlyInAnyOrder(0L, 1L, 2L, 0L, 1L);
        assertThat(life.listens()).isFalse();
    }

    @Test
    void a_sink_that_leaves_gets_what_was_accepted_before_first() throws Exception {
        var life = life().starts(pipeline("both", "a", "b"));
        life.parts.destination("b").hold(false);
        life.take(0, 10).join();
        life.drains();
        assertThat(life.push(one, 6)).isEqualTo(new Pushed.Taken(true));
        await().atMost(60, SECONDS).until(() -> life.parts.destination("a").size() == 10);
        await().atMost(60, SECONDS).until(() -> life.report().sinks().getFirst().lagEvents() == 0);
        assertThat(life.holding().removed()).isEqualTo(waiting("b", 10, Duration.ofMinutes(10)));
        await("b still has to get it")
                .during(Duration.ofSeconds(1))
                .atMost(60, SECONDS)
                .until(() -> !life.holding().empty());
        life.parts.destination("b").goOn();
        life.isDrained();
        assertThat(life.parts.destination("b").size()).isEqualTo(10);
        life.serves();
        life.take(10, 20).join();
        life.drains();
        life.isDrained();
        assertThat(life.parts.destination("b").size()).as("it has left").isEqualTo(10);
    }

    @Test
    void what_waits_for_a_sink_that_nobody_declares_any_more_is_waited_for_until_it_is_forgotten() throws Exception {
        var before = life().starts(pipeline("both", "a", "b"));
        before.parts.destination("b").fail();
        before.take(0, 10).join();
        await().atMost(60, SECONDS).until(() -> before.parts.destination("a").size() == 10);
        before.drains();
        var life = life().starts(one);
        await().atMost(60, SECONDS).until(() -> life.report().sinks().getFirst().lagEvents() == 0);
        assertThat(life.holding().removed()).isEqualTo(waiting("b", 10, Duration.ofMinutes(10)));
        assertThat(life.report().buffer().events()).isEqualTo(10);
        assertThat(life.report().stuck())
                .containsExactly("sink b is declared no more and has not taken 10 events: declared again it gets that;"
                        + " else it is given up at " + Rig.NOON.plus(Duration.ofMinutes(10)));
        await().during(Duration.ofSeconds(1))
                .atMost(60, SECONDS)
                .until(() -> !life.holding().empty());
        now.set(Rig.NOON.plus(Duration.ofMinutes(11)));
        life.isDrained();
        assertThat(meters.value(Meter.DISCARDED_EVENTS, "core", "b", "sink_removed"))
                .isEqualTo(10);
    }

    @Test
    void the_time_that_a_sink_is_waited_for_that_is_declared_no_more_counts_on_over_restarts() throws Exception {
        var before = life().starts(pipeline("both", "a", "b"));
        before.parts.destination("b").fail();
        before.take(0, 10).join();
        await().atMost(60, SECONDS).until(() -> before.parts.destination("a").size() == 10);
        assertThat(before.push(one, 6)).isEqualTo(new Pushed.Taken(true));
        before.take(10, 20).join();
        before.drains();
        await().atMost(60, SECONDS).until(() -> Files.exists(folder().resolve("leaving")));

        now.set(Rig.NOON.plus(Duration.ofMinutes(4)));
        var second = life().starts(one);
        assertThat(second.holding().removed()).isEqualTo(waiting("b", 10, Duration.ofMinutes(10)));

        now.set(Rig.NOON.plus(Duration.ofHours(2)));
        var third = life().starts(one);
        assertThat(third.holding().removed())
                .as("what declares it again may be on its way")
                .isEqualTo(waiting("b", 10, Duration.ofMinutes(121)));
        now.set(Rig.NOON.plus(Duration.ofMinutes(121)));
        third.isDrained();
        assertThat(meters.value(Meter.DISCARDED_EVENTS, "core", "b", "sink_removed"))
                .isEqualTo(10);
        await().atMost(60, SECONDS).until(() -> !Files.exists(folder().resolve("leaving")));
    }

    @Test
    void a_sink_that_is_declared_again_and_leaves_again_has_all_of_its_time() throws Exception {
        var first = life().starts(pipeline("both", "a", "b"));
        first.parts.destination("b").fail();
        first.take(0, 10).join();
        assertThat(first.push(one, 6)).isEqualTo(new Pushed.Taken(true));
        await().atMost(60, SECONDS).until(() -> Files.exists(folder().resolve("leaving")));

        now.set(Rig.NOON.plus(Duration.ofMinutes(9)));
        var second = life().starts(one);
        second.parts.destination("b").fail();
        assertThat(second.push(pipeline("again", "a", "b"), 7)).isEqualTo(new Pushed.Taken(true));
        assertThat(second.holding().removed()).isEmpty();
        assertThat(second.push(two, 8)).isEqualTo(new Pushed.Taken(true));
        second.drains();
        assertThat(second.holding().removed())
                .extracting(InstanceReport.Removed::until)
                .containsExactly(Rig.NOON.plus(Duration.ofMinutes(19)));
    }

    @Test
    void a_sink_that_had_all_when_it_left_is_not_waited_for_after_a_restart() throws Exception {
        var before = life().starts(pipeline("both", "a", "b"));
        before.take(0, 10).join();
        await().atMost(60, SECONDS).until(() -> before.parts.destination("b").size() == 10);
        assertThat(before.push(one, 6)).isEqualTo(new Pushed.Taken(true));
        before.take(10, 20).join();
        before.drains();
        before.isDrained();
        await().atMost(60, SECONDS).until(() -> Files.exists(folder().resolve("leaving")));
        life().starts(one).isDrained();
    }

    @Test
    void dead_letters_that_are_damaged_are_told_among_what_it_has() throws Exception {
        letters("a", 3);
        var file = folder().resolve("dead-letters/a/00000001.ndjson");
        var bytes = Files.readAllBytes(file);
        bytes[20] ^= 0x10;
        Files.write(file, bytes);
        var life = life().starts(one);
        life.drains();
        await().atMost(60, SECONDS).until(life::holding, new Holding(Mode.DRAINING, true, 3)::equals);
    }

    @Test
    void what_of_its_buffer_was_damaged_and_set_aside_is_told() throws Exception {
        var corrupt = Files.createDirectories(folder().resolve("buffer/corrupt"));
        Files.write(corrupt.resolve("00000000000000000003.seg"), new byte[700]);
        var life = life().starts(one);
        life.drains();
        await().atMost(60, SECONDS).until(() -> life.holding().empty());
        assertThat(life.holding().aside())
                .contains("1 file of its buffer, 700 bytes, was damaged and set aside in " + corrupt);
        Inspection.clear(folder().resolve("buffer"));
        assertThat(life.holding()).isEqualTo(DRAINED);
    }

    private static List<InstanceReport.Removed> waiting(String sink, long events, Duration until) {
        return List.of(new InstanceReport.Removed(sink, events, Rig.NOON.plus(until), Optional.empty()));
    }

    @Test
    void a_source_that_takes_long_to_end_keeps_it_from_being_empty_and_nobody_waits_for_it() throws Exception {
        var life = life().starts(one);
        life.parts.sourcesEnd = new CountDownLatch(1);
        life.drains();
        assertThat(life.holding()).isEqualTo(new Holding(Mode.DRAINING, false, 0));
        life.parts.sourcesEnd.countDown();
        life.isDrained();
    }

    @Test
    void lines_that_wait_for_others_are_delivered_before_it_is_empty() throws Exception {
        var joined = Rig.pipeline(
                List.of("a"),
                Rig.route(
                        "one",
                        "filters: [ { multiline: { start: '^start', key: '%{k}', flushAfter: 5s } } ], to: [a]"));
        var life = life().starts(joined);
        life.parts
                .source("demo")
                .orElseThrow()
                .take(List.of("{\"n\":7,\"k\":1,\"message\":\"start\"}", "{\"n\":8,\"k\":1,\"message\":\"  more\"}"))
                .join();
        life.drains();
        assertThat(life.holding().empty()).isFalse();
        await().atMost(60, SECONDS).until(() -> {
            var empty = life.holding().empty(); // before it is asked what came
            assertThat(life.parts.destination("a").size()).isGreaterThanOrEqualTo(empty ? 1 : 0);
            return empty;
        });
        assertThat(life.parts.destination("a").taken()).extracting(Taken::n).containsExactly(7L);
    }

    @Test
    void windows_whose_clients_wait_for_delivery_keep_it_from_being_empty() throws Exception {
        var waits = Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ], acknowledge: delivered }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: a }
                spec: { console: {} }
                """ + Rig.route("one", "to: [a]"));
        var life = life().starts(waits);
        life.parts.destination("a").hold(false);
        var told = life.take(0, 10);
        var telling = new CountDownLatch(1);
        var heard = new CountDownLatch(1);
        told.thenRun(() -> {
            telling.countDown();
            try {
                assertThat(heard.await(60, SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(60, SECONDS).until(() -> life.report().buffer().events() == 10);
        life.drains();
        assertThat(told).isNotDone();
        assertThat(life.holding().empty()).isFalse();
        life.parts.destination("a").goOn();
        assertThat(telling.await(60, SECONDS)).isTrue();
        await().during(Duration.ofMillis(600))
                .atMost(60, SECONDS)
                .until(() -> !life.holding().empty());
        assertThat(life.report().buffer().events()).as("all is delivered").isZero();
        heard.countDown();
        told.join();
        life.isDrained();
    }

    @Test
    void an_order_that_is_damaged_means_that_it_drains_and_it_says_so() throws Exception {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("order"), "logroute-order 1 dra");
        var life = life().starts(one);
        assertThat(life.listens()).isFalse();
        assertThat(life.report().trouble().orElse("")).contains("order is damaged, so it takes nothing in until");
        life.isDrained();
        assertThat(folder().resolve("order")).hasContent("logroute-order 1 drain");
        life.serves();
        assertThat(life.listens()).isTrue();
    }

    @Test
    void an_order_of_a_newer_form_is_refused_and_stays_as_it_is() throws Exception {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("order"), "logroute-order 2 drain until=noon\n");
        assertThat(life().start(one).orElseThrow())
                .contains("the order " + folder().resolve("order") + " has format 2; this LogRoute reads up to 1")
                .contains("Run the newer LogRoute", "move that file away");
        assertThat(folder()).isDirectoryContaining("glob:**order").isDirectoryNotContaining("glob:**buffer");
        assertThat(folder().resolve("order")).hasContent("logroute-order 2 drain until=noon");
    }
}
