package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Delivery;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.telemetry.Meter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final String ROUTES = Rig.route("all", "to: [a, b]");

    @TempDir
    Path folder;

    private static Replay step(Optional<String> to, LetterId after, LetterId until) {
        return new Replay(LetterFilter.ALL, to, after, until, 10);
    }

    private Rig rig() throws Exception {
        return keeping(new Rig(folder, Rig.pipeline(List.of("a", "b"), ROUTES))).drain();
    }

    /// Where dead letters lie.
    Rig keeping(Rig rig) throws Exception {
        return rig;
    }

    /// 25 events that sink a refused.
    private static void refuse(Rig rig) throws Exception {
        rig.sink("a").answers((_, _) -> new Delivery.Rejected("mapping"));
        rig.take(0, 25);
        await().atMost(60, SECONDS).until(() -> rig.count(Meter.DEAD_LETTERED_EVENTS, "a") == 25);
        await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "b") == 25);
    }

    private static SinkReport report(Rig rig) {
        return java.util.Objects.requireNonNull(rig.drains.get("a")).report();
    }

    private static List<Replay.Step> replayAll(Rig rig, Optional<String> to) throws Exception {
        var letters = rig.letters("a");
        var until = letters.end();
        var steps = new ArrayList<Replay.Step>();
        Optional<LetterId> after = Optional.of(LetterId.START);
        while (after.isPresent()) {
            assertThat(steps.size()).isLessThan(20);
            var replaying = new Replaying(letters, rig.buffer.id());
            var replay = step(to, after.get(), until);
            var step = to.isPresent()
                    ? replaying.straight(
                            replay,
                            java.util.Objects.requireNonNull(rig.drains.get(to.get())),
                            to.get().equals("a"),
                            rig.letters(to.get()))
                    : replaying.throughRoutes(replay, rig.door());
            steps.add(step);
            assertThat(step.trouble()).isEmpty();
            after = step.next();
        }
        return steps;
    }

    @Test
    void through_the_routes_they_are_new_events_with_the_same_content() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            rig.sink("a").answers((_, _) -> Delivery.delivered());
            var steps = replayAll(rig, Optional.empty());
            assertThat(steps.stream().mapToLong(Replay.Step::replayed).sum()).isEqualTo(25);
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DELIVERED_EVENTS, "a") == 25);
            assertThat(new HashSet<>(rig.sink("a").numbers())).hasSize(25);
            assertThat(rig.sink("a").taken())
                    .allMatch(event -> event.text("@timestamp") instanceof String text && text.startsWith("20"));
            assertThat(rig.letters("a").summary().letters()).isZero();
        }
    }

    @Test
    void straight_to_the_sink_they_keep_their_numbers_and_no_other_sink_notices() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            assertThat(report(rig).keptLetters()).isEqualTo(25);
            rig.sink("a").answers((_, _) -> Delivery.delivered());
            replayAll(rig, Optional.of("a"));
            assertThat(report(rig).deadLetteredEvents()).isEqualTo(25);
            assertThat(report(rig).keptLetters()).isZero();
            assertThat(rig.sink("a").numbers())
                    .containsExactlyElementsOf(
                            java.util.stream.LongStream.range(0, 25).boxed().toList());
            assertThat(rig.sink("a").taken()).allMatch(event -> event.seq() == Long.parseLong(event.text("n")));
            assertThat(rig.sink("a").taken()).allMatch(event -> event.address().copy() == 0);
            assertThat(rig.count(Meter.DELIVERED_EVENTS, "b")).isEqualTo(25);
            assertThat(rig.letters("a").summary().letters()).isZero();
        }
    }

    @Test
    void at_another_sink_they_are_documents_of_their_own() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            replayAll(rig, Optional.of("b"));
            assertThat(rig.sink("b").taken().subList(25, 50))
                    .allMatch(event -> event.address().copy() == 1)
                    .allMatch(event -> event.address().route().equals("all"));
        }
    }

    @Test
    void what_is_refused_again_is_a_new_letter_and_the_replay_ends() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            rig.sink("a").answers((_, _) -> new Delivery.Rejected("still no"));
            var steps = replayAll(rig, Optional.of("a"));
            assertThat(steps.stream().mapToLong(Replay.Step::refused).sum()).isEqualTo(25);
            assertThat(rig.letters("a").summary().letters()).isEqualTo(25);
            assertThat(rig.letters("a").summary().reasons()).containsExactly(new DeadLetters.Reason("still no", 25));
            // The same through the routes: one round, then it ends.
            replayAll(rig, Optional.empty());
            await().atMost(60, SECONDS).until(() -> rig.count(Meter.DEAD_LETTERED_EVENTS, "a") == 50);
            assertThat(rig.letters("a").summary().letters()).isEqualTo(25);
        }
    }

    @Test
    void what_the_sink_does_not_take_now_stays_a_letter() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            rig.sink("a")
                    .answers((event, _) -> Long.parseLong(String.valueOf(event.text("n"))) % 2 == 0
                            ? Delivery.delivered()
                            : new Delivery.Retry("busy", Duration.ofMillis(1)));
            var letters = rig.letters("a");
            var replaying = new Replaying(letters, rig.buffer.id());
            var drain = java.util.Objects.requireNonNull(rig.drains.get("a"));
            var step = replaying.straight(step(Optional.of("a"), LetterId.START, letters.end()), drain, true, letters);
            assertThat(step.replayed()).isEqualTo(5);
            assertThat(step.trouble()).contains("busy");
            assertThat(step.next()).contains(LetterId.START);
            assertThat(letters.summary().letters()).isEqualTo(20);
        }
    }

    @Test
    void while_they_are_not_stored_they_stay() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            var letters = rig.letters("a");
            var door = rig.door();
            rig.intake.close();
            var step = new Replaying(letters, rig.buffer.id())
                    .throughRoutes(step(Optional.empty(), LetterId.START, letters.end()), door);
            assertThat(step.replayed()).isZero();
            assertThat(step.trouble().orElse("")).contains("not stored");
            assertThat(letters.summary().letters()).isEqualTo(25);
        }
    }

    @Test
    void letters_of_another_buffer_never_get_the_numbers_of_other_events() throws Exception {
        try (var rig = rig()) {
            refuse(rig);
            rig.sink("a").answers((_, _) -> Delivery.delivered());
            var letters = rig.letters("a");
            var drain = java.util.Objects.requireNonNull(rig.drains.get("a"));
            new Replaying(letters, "another-buffer")
                    .straight(step(Optional.of("a"), LetterId.START, letters.end()), drain, true, letters);
            assertThat(rig.sink("a").taken()).hasSize(10).allMatch(event -> event.seq() >= 1L << 62);
            assertThat(rig.sink("a").taken().stream().map(event -> event.seq()).distinct())
                    .hasSize(10);
        }
    }
}
