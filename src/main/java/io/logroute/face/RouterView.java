package io.logroute.face;

import io.logroute.control.StatusBoard.InstanceStatus;
import io.logroute.control.StatusBoard.RouterStatus;
import io.logroute.plan.Condition;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.spec.SpecWriter;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
        name = "Router",
        description = "A router: what it should run, what it runs, and how its instances do. Counts are over all"
                + " instances that are reached.")
record RouterView(
        String name,

        @Schema(description = "Whether every instance runs and takes events.")
        boolean ready,

        @Schema(
                description =
                        "The revision that is declared: the hash of its content; absent when the router is declared"
                                + " no longer.",
                examples = "3f9a1c0d2b4e")
        Optional<String> revision,

        @Schema(
                description =
                        "The revision that should run now: another than the declared one when that was rolled back,"
                                + " waits for a pause to end, or cannot be run; absent when none does.")
        Optional<String> targetRevision,

        @Schema(description = "The revision that runs; absent when none does, or instances run different ones.")
        Optional<String> runningRevision,

        @Schema(description = "Whether changes wait until somebody resumes the router.")
        boolean paused,

        @Schema(description = "The newest revision that was tried and taken back; absent when there is none.")
        Optional<RefusalView> refused,

        @Schema(description = "Since when the one runs that runs longest.")
        Optional<Instant> since,

        @Schema(description = "Events taken into buffers since instances started.")
        long receivedEvents,

        @Schema(description = "Events turned away since then; their clients were told.")
        long refusedEvents,

        @Schema(description = "Sorted by name.") List<SourceView> sources,

        @Schema(description = "All buffers together; free bytes are those of the disk that has least.")
        Optional<BufferView> buffer,

        @Schema(description = "Those of its instances together, then its own.")
        List<ConditionView> conditions,

        @Schema(
                description =
                        "How many instances there should be. Those that somebody asked to drain count; those that leave do"
                                + " not.")
        int wantedInstances,

        @Schema(
                description = "How many there are and why, where their number follows the load; else absent.",
                examples = "3 instances: lag 42 s > 30 s for 2 min")
        Optional<String> scaling,

        @Schema(description = "Sorted by number.") List<InstanceView> instances,

        @Schema(description = "Why it does not run, or not as declared; absent when it does.")
        Optional<String> trouble,

        @Schema(
                description = "Its spec as YAML, every default spelled out. Only when one router is asked for; absent"
                        + " when the router is declared no longer.")
        Optional<String> spec) {

    @Schema(name = "Refusal", description = "A revision that did not become healthy.")
    record RefusalView(
            String revision,

            @Schema(description = "The revision that runs in its place; absent when there was none.")
            Optional<String> instead,

            @Schema(description = "In the router's own words.")
            String why) {}

    @Schema(name = "Instance", description = "One process of a router, with its own buffer.")
    record InstanceView(
            @Schema(description = "Its name.", examples = "core-0")
            String name,

            int number,

            @Schema(description = "The Swarm service that it is; absent when it runs in this process.")
            Optional<String> service,

            @Schema(description = "The node that it is pinned to; absent when it has none, or runs in this process.")
            Optional<String> node,

            @Schema(description = "Whether it runs and takes events.")
            boolean ready,

            @Schema(
                    description = "How far it is on its way out.",
                    enumeration = {"serving", "draining", "drained"})
            String stage,

            @Schema(description = "Why it is; absent when it serves.", examples = "asked by alice")
            Optional<String> why,

            @Schema(description = "The revision that it runs; absent when it is not reached.")
            Optional<String> revision,

            @Schema(description = "When it took that revision.")
            Optional<Instant> taken,

            @Schema(description = "Since when it runs.") Optional<Instant> since,

            long receivedEvents,
            long refusedEvents,

            @Schema(description = "Sorted by name.") List<SourceView> sources,

            Optional<BufferView> buffer,
            List<ConditionView> conditions,

            @Schema(
                    description = "Why it does not run, is not reached, or does not run what it was told to; absent"
                            + " when it does.")
            Optional<String> trouble) {}

    @Schema(name = "Source")
    record SourceView(
            String name,
            long receivedEvents,
            long refusedEvents,

            @Schema(description = "Whether it waits for room in the buffer now.")
            boolean waiting,

            @Schema(
                    description =
                            "What waits where it fetches its events from, such as the Redis of a relay; absent when it is"
                                    + " sent to.")
            Optional<BehindView> behind) {
        SourceView(String name, long receivedEvents, long refusedEvents, boolean waiting) {
            this(name, receivedEvents, refusedEvents, waiting, Optional.empty());
        }

        private SourceView and(SourceView other) {
            return new SourceView(
                    name,
                    receivedEvents + other.receivedEvents,
                    refusedEvents + other.refusedEvents,
                    waiting || other.waiting,
                    Stream.of(behind, other.behind).flatMap(Optional::stream).reduce(BehindView::and));
        }
    }

    @Schema(name = "Behind", description = "What waits to be taken, as last asked.")
    record BehindView(
            @Schema(description = "Entries of a stream, or elements of a list; absent while it is not known.")
            Optional<Long> entries,

            @Schema(description = "When the first of them came there; absent when nothing waits, or it is not known.")
            Optional<Instant> oldest,

            @Schema(description = "Its age in seconds.") Optional<Long> oldestSeconds) {
        static BehindView of(InstanceReport.Behind behind, Instant now) {
            return new BehindView(
                    Optional.of(behind.entries()).filter(entries -> entries >= 0),
                    behind.oldest(),
                    behind.oldest().map(oldest -> Ages.seconds(oldest, now)));
        }

        /// The instances of a fleet share what waits, and each tells of all of it.
        BehindView and(BehindView other) {
            return entries.orElse(-1L) >= other.entries.orElse(-1L) ? this : other;
        }
    }

    @Schema(name = "Buffer", description = "The router's log.")
    record BufferView(
            @Schema(
                    description = "Where it keeps events; mixed: not all instances in the same way.",
                    enumeration = {"disk", "memory", "jetstream", "mixed"})
            String kind,

            @Schema(description = "Whether it lies in memory: what is not delivered is gone with the process.")
            boolean inMemory,

            @Schema(description = "Events that at least one sink has not settled.")
            long events,

            long bytes,
            long maxBytes,
            long freeDiskBytes,
            boolean full,

            @Schema(description = "Events lost to damage of the disk.")
            long lostEvents,

            @Schema(description = "Damaged places that were set aside.")
            long corruptRecords,

            @Schema(description = "When the oldest of the events was received; absent when there is none.")
            Optional<Instant> oldest,

            @Schema(description = "Its age in seconds.") Optional<Long> oldestSeconds,

            @Schema(description = "Why nothing can be written to it; absent when it can.")
            Optional<String> trouble) {
        private BufferView and(BufferView other) {
            var older = Stream.of(this, other)
                    .filter(each -> each.oldest.isPresent())
                    .min(Comparator.comparing(each -> each.oldest.orElseThrow()));
            return new BufferView(
                    kind.equals(other.kind) ? kind : "mixed",
                    inMemory || other.inMemory,
                    events + other.events,
                    bytes + other.bytes,
                    maxBytes + other.maxBytes,
                    Math.min(freeDiskBytes, other.freeDiskBytes),
                    full || other.full,
                    lostEvents + other.lostEvents,
                    corruptRecords + other.corruptRecords,
                    older.flatMap(BufferView::oldest),
                    older.flatMap(BufferView::oldestSeconds),
                    trouble.or(() -> other.trouble));
        }
    }

    static RouterView of(RouterStatus status, Instant now) {
        return of(status, now, Optional.empty());
    }

    /// The same with its spec.
    static RouterView full(RouterStatus status, Instant now) {
        return of(status, now, status.spec().map(SpecWriter::write));
    }

    private static RouterView of(RouterStatus status, Instant now, Optional<String> spec) {
        var state = status.state();
        var reports = state.reports();
        var sources = sources(reports, now);
        return new RouterView(
                status.name(),
                status.ready(),
                status.revision(),
                state.target(),
                running(reports),
                state.paused(),
                state.refusal().map(each -> new RefusalView(each.revision(), each.instead(), each.why())),
                reports.stream().map(InstanceReport::since).min(Comparator.naturalOrder()),
                sources.stream().mapToLong(SourceView::receivedEvents).sum(),
                sources.stream().mapToLong(SourceView::refusedEvents).sum(),
                sources,
                buffer(reports, now),
                ConditionView.of(status.conditions()),
                state.wanted(),
                state.scaling(),
                status.instances().stream()
                        .map(each -> instance(state, each, now))
                        .toList(),
                trouble(status),
                spec);
    }

    /// The first word of one instance; of several, what they say together.
    private static Optional<String> trouble(RouterStatus status) {
        var reports = status.state().reports();
        if (reports.isEmpty()) {
            return Optional.of(status.refused()
                    .or(() -> status.state().instances().stream()
                            .flatMap(each -> each.trouble().stream())
                            .findFirst())
                    .orElse(status.state().starts() ? "it starts: its instances are being made" : "it does not run"));
        }
        if (!status.ready() && status.instances().size() > 1) {
            return status.conditions().stream()
                    .map(told -> told.condition())
                    .filter(each -> each.type().equals("Ready"))
                    .map(Condition::message)
                    .findFirst();
        }
        return reports.stream()
                .flatMap(each -> each.trouble().stream())
                .findFirst()
                .or(status::refused);
    }

    private static Optional<String> running(List<InstanceReport> reports) {
        var running = reports.stream().map(InstanceReport::revision).distinct().toList();
        return running.size() == 1 ? Optional.of(running.getFirst()) : Optional.empty();
    }

    private static InstanceView instance(FleetState fleet, InstanceStatus status, Instant now) {
        var state = status.state();
        var stage = fleet.stage(state.number());
        var report = state.report();
        var sources = sources(report.stream().toList(), now);
        return new InstanceView(
                state.name(),
                state.number(),
                state.service(),
                state.node(),
                state.takesEvents() && stage == Stage.SERVING,
                VolumeView.word(stage),
                stage == Stage.SERVING
                        ? Optional.empty()
                        : fleet.volume(state.number()).flatMap(VolumeState::whyInWords),
                report.map(InstanceReport::revision),
                report.map(InstanceReport::taken),
                report.map(InstanceReport::since),
                sources.stream().mapToLong(SourceView::receivedEvents).sum(),
                sources.stream().mapToLong(SourceView::refusedEvents).sum(),
                sources,
                report.map(each -> buffer(each.buffer(), now)),
                ConditionView.of(status.conditions()),
                state.trouble().or(() -> report.flatMap(InstanceReport::trouble)));
    }

    private static List<SourceView> sources(List<InstanceReport> reports, Instant now) {
        var byName = new TreeMap<String, SourceView>();
        for (var report : reports) {
            report.sources()
                    .forEach(each -> byName.merge(
                            each.name(),
                            new SourceView(
                                    each.name(),
                                    each.receivedEvents(),
                                    each.refusedEvents(),
                                    each.waiting(),
                                    each.behind().map(behind -> BehindView.of(behind, now))),
                            SourceView::and));
        }
        return List.copyOf(byName.values());
    }

    private static Optional<BufferView> buffer(List<InstanceReport> reports, Instant now) {
        return reports.stream().map(each -> buffer(each.buffer(), now)).reduce(BufferView::and);
    }

    private static BufferView buffer(InstanceReport.BufferReport buffer, Instant now) {
        return new BufferView(
                buffer.kind().name().toLowerCase(Locale.ROOT),
                buffer.isInMemory(),
                buffer.events(),
                buffer.bytes(),
                buffer.maxBytes(),
                buffer.freeDiskBytes(),
                buffer.full(),
                buffer.lostEvents(),
                buffer.corruptRecords(),
                buffer.oldest(),
                buffer.oldest().map(oldest -> Ages.seconds(oldest, now)),
                buffer.trouble());
    }
}
