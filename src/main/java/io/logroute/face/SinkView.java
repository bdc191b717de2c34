package io.logroute.face;

import io.logroute.control.StatusBoard.SinkStatus;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SpecWriter;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Sink", description = "A destination, and how it does at each router that sends to it.")
record SinkView(
        String name,

        @Schema(
                description = "The key it has in a spec.",
                enumeration = {
                    "elasticsearch",
                    "opensearch",
                    "beats",
                    "http",
                    "file",
                    "redis",
                    "nats",
                    "console",
                    "discard"
                })
        String kind,

        @Schema(description = "Events that it has for good, over all instances of all routers, since they started.")
        long deliveredEvents,

        @Schema(description = "Events that filters dropped on the way to it.")
        long filteredEvents,

        @Schema(description = "Events that it refused for good.")
        long deadLetteredEvents,

        @Schema(description = "Events that were passed over because it lagged too far.")
        long discardedEvents,

        @Schema(description = "Events that wait for it in buffers.")
        long waitingEvents,

        @Schema(description = "Bytes in buffers from its places on.")
        long waitingBytes,

        @Schema(description = "Age in seconds of the oldest event that waits; absent when none does.")
        Optional<Long> oldestSeconds,

        @Schema(description = "Sorted by router.") List<AtRouter> routers,

        @Schema(description = "Why it takes nothing now, in its own words; absent when it does.")
        Optional<String> trouble,

        @Schema(
                description =
                        "What waits in the destination for those who take it on from there, such as a router above a"
                                + " relay; absent where nobody does.")
        Optional<RouterView.BehindView> behind,

        @Schema(
                description = "Its spec as YAML, every default spelled out; secrets are names of files. Only when one"
                        + " sink is asked for.")
        Optional<String> spec) {

    @Schema(name = "SinkAtRouter", description = "A sink at a router: over all of its instances that are reached.")
    record AtRouter(
            String router,
            long deliveredEvents,
            long filteredEvents,
            long deadLetteredEvents,
            long discardedEvents,
            long waitingEvents,
            long waitingBytes,

            @Schema(description = "When the oldest event that waits was received; absent when none does.")
            Optional<Instant> oldest,

            @Schema(description = "When an event was delivered last; absent when none was.")
            Optional<Instant> lastDelivered,

            @Schema(description = "As the instance has it that is furthest from done.")
            Prepared preparation,

            @Schema(description = "That it lags too far now, and what comes of it; absent when it does not.")
            Optional<String> limit,

            Optional<String> trouble,

            @Schema(description = "Sorted by number.") List<AtInstance> instances) {}

    @Schema(name = "SinkAtInstance")
    record AtInstance(
            int number,
            long deliveredEvents,
            long filteredEvents,
            long deadLetteredEvents,
            long discardedEvents,
            long waitingEvents,
            long waitingBytes,

            @Schema(description = "When the oldest event that waits was received; absent when none does.")
            Optional<Instant> oldest,

            @Schema(description = "When an event was delivered last; absent when none was.")
            Optional<Instant> lastDelivered,

            Prepared preparation,

            @Schema(description = "That it lags too far now, and what comes of it; absent when it does not.")
            Optional<String> limit,

            Optional<String> trouble) {}

    @Schema(name = "Preparation", description = "What the sink needs at its destination, such as an index template.")
    record Prepared(
            @Schema(enumeration = {"notNeeded", "pending", "done", "refused"})
            String state,

            String message) {}

    static SinkView of(SinkStatus status, Instant now) {
        var at = status.byRouter().values().stream()
                .flatMap(each -> each.values().stream())
                .toList();
        return new SinkView(
                status.sink().name().value(),
                kind(status.sink().to()),
                sum(at, SinkReport::deliveredEvents),
                sum(at, SinkReport::filteredEvents),
                sum(at, SinkReport::deadLetteredEvents),
                sum(at, SinkReport::discardedEvents),
                sum(at, SinkReport::lagEvents),
                sum(at, SinkReport::lagBytes),
                oldest(at).map(oldest -> Ages.seconds(oldest, now)),
                status.byRouter().entrySet().stream()
                        .map(each -> at(each.getKey(), each.getValue()))
                        .toList(),
                first(at, SinkView::trouble),
                at.stream()
                        .flatMap(each -> each.behind().stream())
                        .map(behind -> RouterView.BehindView.of(behind, now))
                        .reduce(RouterView.BehindView::and),
                Optional.empty());
    }

    private static long sum(Collection<SinkReport> at, ToLongFunction<SinkReport> of) {
        return at.stream().mapToLong(of).sum();
    }

    private static Optional<Instant> oldest(Collection<SinkReport> at) {
        return at.stream().flatMap(each -> each.oldest().stream()).min(Comparator.naturalOrder());
    }

    private static <T> Optional<T> first(Collection<SinkReport> at, Function<SinkReport, Optional<T>> of) {
        return at.stream().map(of).flatMap(Optional::stream).findFirst();
    }

    /// The same with its spec.
    static SinkView full(SinkStatus status, Instant now) {
        var view = of(status, now);
        return new SinkView(
                view.name,
                view.kind,
                view.deliveredEvents,
                view.filteredEvents,
                view.deadLetteredEvents,
                view.discardedEvents,
                view.waitingEvents,
                view.waitingBytes,
                view.oldestSeconds,
                view.routers,
                view.trouble,
                view.behind,
                Optional.of(SpecWriter.write(status.sink())));
    }

    private static AtRouter at(String router, SortedMap<Integer, SinkReport> byInstance) {
        var at = byInstance.values();
        var furthest = at.stream()
                .map(SinkReport::preparation)
                .max(Comparator.comparing(SinkView::distance))
                .orElseThrow(() -> new IllegalStateException("no instance of router " + router + " has the sink"));
        return new AtRouter(
                router,
                sum(at, SinkReport::deliveredEvents),
                sum(at, SinkReport::filteredEvents),
                sum(at, SinkReport::deadLetteredEvents),
                sum(at, SinkReport::discardedEvents),
                sum(at, SinkReport::lagEvents),
                sum(at, SinkReport::lagBytes),
                oldest(at),
                at.stream().flatMap(each -> each.lastDelivered().stream()).max(Comparator.naturalOrder()),
                prepared(furthest),
                first(at, SinkReport::limit).map(SinkView::limit),
                first(at, SinkReport::trouble),
                byInstance.entrySet().stream()
                        .map(each -> at(each.getKey(), each.getValue()))
                        .toList());
    }

    private static AtInstance at(int number, SinkReport report) {
        return new AtInstance(
                number,
                report.deliveredEvents(),
                report.filteredEvents(),
                report.deadLetteredEvents(),
                report.discardedEvents(),
                report.lagEvents(),
                report.lagBytes(),
                report.oldest(),
                report.lastDelivered(),
                prepared(report.preparation()),
                report.limit().map(SinkView::limit),
                report.trouble());
    }

    private static Prepared prepared(Preparation preparation) {
        return new Prepared(state(preparation.state()), preparation.message());
    }

    /// How far it is from done.
    private static int distance(Preparation preparation) {
        return switch (preparation.state()) {
            case NOT_NEEDED -> 0;
            case DONE -> 1;
            case PENDING -> 2;
            case REFUSED -> 3;
        };
    }

    private static String limit(InstanceReport.Limit limit) {
        return limit.reason() + (limit.blocks() ? ": sources wait" : ": its oldest events are passed over");
    }

    private static Optional<String> trouble(SinkReport report) {
        return Stream.of(
                        report.trouble(),
                        Optional.of(report.preparation())
                                .filter(each -> each.state() == Preparation.State.REFUSED)
                                .map(Preparation::message))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static String state(Preparation.State state) {
        return switch (state) {
            case NOT_NEEDED -> "notNeeded";
            case PENDING -> "pending";
            case DONE -> "done";
            case REFUSED -> "refused";
        };
    }

    private static String kind(SinkSpec spec) {
        return switch (spec) {
            case SinkSpec.Elasticsearch _ -> "elasticsearch";
            case SinkSpec.Opensearch _ -> "opensearch";
            case SinkSpec.Beats _ -> "beats";
            case SinkSpec.Http _ -> "http";
            case SinkSpec.File _ -> "file";
            case SinkSpec.Redis _ -> "redis";
            case SinkSpec.Nats _ -> "nats";
            case SinkSpec.Console _ -> "console";
            case SinkSpec.Discard _ -> "discard";
        };
    }
}
