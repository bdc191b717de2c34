package io.logroute.face;

import io.logroute.control.StatusBoard;
import io.logroute.control.StatusBoard.InstanceStatus;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.spec.Words;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
        name = "Volume",
        description = "Where events of one instance lie: its volume, or its stream, be the instance there or not.")
record VolumeView(
        @Schema(description = "The instance that it is of.", examples = "core/2")
        String name,

        String router,
        int instance,

        @Schema(description = "What Docker calls it.", examples = "logroute_core-2")
        String volume,

        @Schema(
                description = "Where its buffer keeps events.",
                enumeration = {"disk", "memory", "jetstream"})
        String kind,

        @Schema(description = "The node that it is on; absent where it is on none.")
        Optional<String> node,

        @Schema(
                description = "How far its instance is on its way out.",
                enumeration = {"serving", "draining", "drained", "removing", "kept"})
        String stage,

        @Schema(description = "Why it is; absent when it serves.", examples = "asked by alice")
        Optional<String> why,

        @Schema(description = "Since when it is at this stage.")
        Optional<Instant> since,

        @Schema(description = "Since when its node is down, takes no tasks or is gone; absent when it is there.")
        Optional<Instant> away,

        @Schema(description = "Events that at least one sink has not settled.")
        long events,

        @Schema(description = "Bytes that the buffer occupies.")
        long bytes,

        @Schema(description = "When the oldest of the events was received; absent when there is none.")
        Optional<Instant> oldest,

        @Schema(description = "Its age in seconds.") Optional<Long> oldestSeconds,

        @Schema(description = "Dead letters.") long letters,

        @Schema(description = "When that was heard of it; absent when never.")
        Optional<Instant> asOf,

        @Schema(description = "Whether it tells so now; else it is what was last heard.")
        boolean now,

        @Schema(description = "What it held and is gone; absent when nothing is.")
        Optional<String> lost,

        @Schema(
                description = "Why it does not go on, where it drains; absent when it does.",
                examples = "sink es takes nothing: connection refused")
        Optional<String> stuck,

        @Schema(description = "Whether all that lies there is where it can be delivered, and nothing is lost of it.")
        boolean good,

        @Schema(
                description =
                        "Whether a file sink wrote on it: those files are all that there is of their events, and it is kept.")
        boolean files,

        @Schema(description = "What there is to know besides, in words; absent when there is nothing.")
        Optional<String> note) {

    /// All, by router and number.
    static List<VolumeView> all(StatusBoard board, Instant now) {
        var routers = board.routers();
        return board.volumes().stream()
                .map(volume -> of(
                        volume,
                        routers.stream()
                                .filter(router -> router.name().equals(volume.router()))
                                .flatMap(router -> router.instances().stream())
                                .filter(each -> each.state().number() == volume.instance())
                                .findFirst(),
                        now))
                .toList();
    }

    private static VolumeView of(VolumeState volume, Optional<InstanceStatus> instance, Instant now) {
        return new VolumeView(
                volume.of(),
                volume.router(),
                volume.instance(),
                volume.name(),
                volume.kind().name().toLowerCase(Locale.ROOT),
                volume.node(),
                word(volume.stage()),
                volume.whyInWords(),
                volume.since(),
                volume.away(),
                volume.events(),
                volume.bytes(),
                volume.oldest(),
                volume.oldest().map(oldest -> Ages.seconds(oldest, now)),
                volume.letters(),
                volume.asOf(),
                volume.now(),
                volume.lost(),
                volume.stage() == Stage.DRAINING
                        ? instance.flatMap(each -> each.state().report())
                                .map(report -> String.join("; ", report.stuck()))
                                .filter(words -> !words.isEmpty())
                        : Optional.empty(),
                volume.lost().isEmpty()
                        && !volume.outOfReach(
                                instance.flatMap(each -> each.state().service()).isPresent()),
                volume.files(),
                note(volume, instance));
    }

    private static Optional<String> note(VolumeState volume, Optional<InstanceStatus> instance) {
        var said = new ArrayList<String>();
        volume.lost().map(Words::sentence).ifPresent(said::add);
        volume.away()
                .map(since -> volume.nodeGone()
                        ? "Its node was removed from the swarm."
                        : (volume.now()
                                        ? "It is reached; when the swarm was looked at last, its node was away since %s."
                                        : "Its node is away since %s.")
                                .formatted(since.truncatedTo(ChronoUnit.SECONDS)))
                .ifPresent(said::add);
        instance.stream()
                .flatMap(each -> each.conditions().stream())
                .map(StatusBoard.Told::condition)
                .filter(each -> volume.leaves() && each.type().equals("Draining"))
                .forEach(each -> said.add(each.message()));
        if (volume.files()) {
            said.add("A file sink wrote on it: it is never removed.");
        }
        if (instance.isEmpty() && volume.leaves()) {
            volume.whyInWords().ifPresent(words -> said.add("It went: " + Words.sentence(words)));
        }
        return said.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", said));
    }

    /// What it holds, or held when it was last heard of: `12 events (3KiB, the oldest of ...) and no
    /// dead letters`.
    String held() {
        return lost.map(words -> "word that this is lost: " + words)
                .orElseGet(() -> asOf.map(at -> "%s%s and %s%s"
                                .formatted(
                                        Sizes.count(events, "event"),
                                        events == 0
                                                ? ""
                                                : " that %s not delivered (%s%s)"
                                                        .formatted(
                                                                events == 1 ? "is" : "are",
                                                                Sizes.text(bytes),
                                                                oldest.map(each -> ", the oldest of "
                                                                                + each.truncatedTo(ChronoUnit.SECONDS))
                                                                        .orElse("")),
                                        Sizes.count(letters, "dead letter"),
                                        now ? "" : ", as of " + at.truncatedTo(ChronoUnit.SECONDS)))
                        .orElse("whatever it holds: it was never heard of"));
    }

    /// `draining`.
    static String word(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}
