package io.logroute.plan;

import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.InstanceReport.Limit;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.spec.Problem;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Decides what is true of a route or an instance. The same situation gives the same words.
public final class Conditions {
    private Conditions() {}

    /// The conditions of a route, in a fixed order.
    ///
    /// @param report what the router of the route tells; empty when it does not run
    public static List<Condition> ofRoute(
            RouteVerdict route, Optional<PipelineDefinition> pipeline, Optional<InstanceReport> report) {
        var sinks = sinksOf(route, pipeline, report);
        return List.of(
                accepted(route),
                resolved(route),
                templateInstalled(route, sinks, report),
                programmed(route, pipeline, report),
                delivering(route, sinks, report),
                backpressured(report),
                degraded(route, sinks, report));
    }

    /// The conditions of a router instance, in a fixed order.
    public static List<Condition> ofInstance(Optional<PipelineDefinition> wanted, InstanceReport report) {
        var current = wanted.isPresent()
                && report.revision().equals(wanted.get().revision().hash());
        return List.of(
                report.buffer()
                        .trouble()
                        .map(trouble -> Condition.no("Ready", "Troubled", trouble))
                        .orElseGet(() -> Condition.yes("Ready", "TakesEvents", "Sources take events in.")),
                current
                        ? Condition.yes(
                                "ConfigCurrent",
                                "Current",
                                "Runs what is declared, revision %s, taken %s."
                                        .formatted(
                                                report.revision(),
                                                report.taken().truncatedTo(ChronoUnit.SECONDS)))
                        : Condition.no(
                                "ConfigCurrent",
                                "Behind",
                                "Runs revision %s, not what is declared. %s"
                                        .formatted(
                                                report.revision(),
                                                report.trouble().orElse("Wait for the change to be made."))),
                bufferHealthy(report),
                eventsRouted(report),
                Condition.no("Draining", "Serving", "It is not being emptied."));
    }

    private static Condition bufferHealthy(InstanceReport report) {
        var buffer = report.buffer();
        if (buffer.trouble().isPresent()) {
            return Condition.no("BufferHealthy", "DiskTrouble", buffer.trouble().get());
        }
        if (buffer.lostEvents() > 0 || buffer.corruptRecords() > 0) {
            return Condition.no(
                    "BufferHealthy",
                    "Damaged",
                    "Damage was found in the buffer and set aside. The metric logroute_buffer_lost_events tells how many"
                            + " events are lost; all others are delivered. Look into the folder corrupt of the buffer and"
                            + " check the disk. This stands until the router starts and finds none.");
        }
        return Condition.yes("BufferHealthy", "Healthy", "The buffer is whole and can be written.");
    }

    private static Condition eventsRouted(InstanceReport report) {
        return report.unroutedEvents() > 0
                ? Condition.no(
                        "EventsRouted",
                        "Unrouted",
                        "Events came that no route took, and were dropped; the metric logroute_unrouted_events_total"
                                + " counts them. Declare a route with default: true and router: %s; to a sink that is"
                                        .formatted(report.router())
                                + " discard: {} where they are not wanted. This stands until the router starts again.")
                : Condition.yes("EventsRouted", "AllRouted", "Every event so far was taken by a route.");
    }

    private static Condition accepted(RouteVerdict route) {
        if (!route.wrong().isEmpty()) {
            return Condition.no("Accepted", "Invalid", said(route.wrong()) + held(route));
        }
        if (!route.failing().isEmpty()) {
            return Condition.no("Accepted", "TestsFail", said(route.failing()) + held(route));
        }
        return Condition.yes("Accepted", "Valid", "What is written can be run.");
    }

    private static Condition resolved(RouteVerdict route) {
        if (route.unresolved().isEmpty()) {
            return route.inForce() || route.wrong().isEmpty()
                    ? Condition.yes("Resolved", "Found", "The router and all sinks it names are there.")
                    : Condition.unknown("Resolved", "NotAccepted", "Not looked at until what is written is mended.");
        }
        return Condition.no("Resolved", "NotFound", said(route.unresolved()) + held(route));
    }

    private static String held(RouteVerdict route) {
        return route.inForce() ? " Until then the route runs as it was before." : " Until then the route does not run.";
    }

    private static String said(List<Problem> problems) {
        return problems.stream().map(Problem::toString).collect(Collectors.joining(" "));
    }

    private static Condition templateInstalled(
            RouteVerdict route, List<SinkReport> sinks, Optional<InstanceReport> report) {
        if (report.isEmpty()) {
            return Condition.unknown("TemplateInstalled", "NoRouter", "The router does not run.");
        }
        if (!route.inForce()) {
            return Condition.unknown("TemplateInstalled", "NotRunning", "The route does not run; see Programmed.");
        }
        var refused = first(sinks, Preparation.State.REFUSED);
        if (refused.isPresent()) {
            return Condition.no("TemplateInstalled", "Refused", ofSink(refused.get()));
        }
        var pending = first(sinks, Preparation.State.PENDING);
        if (pending.isPresent()) {
            return Condition.unknown("TemplateInstalled", "Pending", ofSink(pending.get()));
        }
        var done = first(sinks, Preparation.State.DONE);
        return done.map(sink -> Condition.yes("TemplateInstalled", "Installed", ofSink(sink)))
                .orElseGet(() -> Condition.yes("TemplateInstalled", "NotNeeded", "No sink of the route asks for one."));
    }

    private static String ofSink(SinkReport sink) {
        return "Sink %s: %s".formatted(sink.name(), sink.preparation().message());
    }

    private static Optional<SinkReport> first(List<SinkReport> sinks, Preparation.State state) {
        return first(sinks, sink -> sink.preparation().state() == state);
    }

    private static Optional<SinkReport> first(List<SinkReport> sinks, Predicate<SinkReport> which) {
        return sinks.stream().filter(which).findFirst();
    }

    private static Condition programmed(
            RouteVerdict route, Optional<PipelineDefinition> pipeline, Optional<InstanceReport> report) {
        if (!route.inForce()) {
            return Condition.no("Programmed", "NotInForce", "No router runs it; see Accepted and Resolved.");
        }
        if (report.isEmpty() || pipeline.isEmpty()) {
            return Condition.no("Programmed", "NoRouter", "The router does not run.");
        }
        if (!report.get().revision().equals(pipeline.get().revision().hash())) {
            return Condition.no(
                    "Programmed",
                    "Behind",
                    "Router %s still runs revision %s. %s"
                            .formatted(
                                    report.get().router(),
                                    report.get().revision(),
                                    report.get().trouble().orElse("Wait for the change to be made.")));
        }
        return route.held()
                ? Condition.no(
                        "Programmed", "Held", "The router runs the route as it was before; see Accepted and Resolved.")
                : Condition.yes(
                        "Programmed",
                        "Runs",
                        "Every instance runs revision %s."
                                .formatted(report.get().revision()));
    }

    private static Condition delivering(RouteVerdict route, List<SinkReport> sinks, Optional<InstanceReport> report) {
        if (!route.inForce() || report.isEmpty()) {
            return Condition.no("Delivering", "NotRunning", "The route does not run; see Programmed.");
        }
        var down = first(sinks, sink -> sink.trouble().isPresent());
        return down.map(sink -> Condition.no("Delivering", "SinkDown", trouble(sink)))
                .orElseGet(
                        () -> Condition.yes("Delivering", "SinksTakeEvents", "Every sink of the route takes events."));
    }

    private static String trouble(SinkReport sink) {
        return sink.limit().filter(limit -> !limit.blocks()).isPresent()
                ? "Sink %s: %s. Its events wait in the buffer and are tried again, except the oldest, which are passed over."
                        .formatted(sink.name(), sink.trouble().orElse(""))
                : "Sink %s: %s. Nothing is lost: its events wait in the buffer and are tried again."
                        .formatted(sink.name(), sink.trouble().orElse(""));
    }

    private static Condition backpressured(Optional<InstanceReport> report) {
        var lagging = report.flatMap(each ->
                first(each.sinks(), sink -> sink.limit().filter(Limit::blocks).isPresent()));
        if (lagging.isPresent()) {
            return Condition.yes(
                    "Backpressured",
                    "SinkLags",
                    "Sink %s: %s, so clients of router %s wait. Mend the sink, raise its maxLag, or let it be passed over with whenFull: dropOldest."
                            .formatted(
                                    lagging.get().name(),
                                    lagging.get().limit().map(Limit::reason).orElse(""),
                                    report.get().router()));
        }
        if (report.isPresent() && report.get().buffer().full()) {
            return Condition.yes(
                    "Backpressured",
                    "BufferFull",
                    "The buffer of router %s is full: its clients wait. Mend the sink that lags most, or raise buffer.maxBytes."
                            .formatted(report.get().router()));
        }
        return Condition.no("Backpressured", "BufferHasRoom", "Sources need not wait.");
    }

    private static Condition degraded(RouteVerdict route, List<SinkReport> sinks, Optional<InstanceReport> report) {
        if (route.held()) {
            return Condition.yes(
                    "Degraded", "Held", "The route runs as it was before its last change; see Accepted and Resolved.");
        }
        var passed = first(sinks, sink -> sink.discardedEvents() > 0);
        if (passed.isPresent()) {
            boolean now = passed.get().limit().filter(limit -> !limit.blocks()).isPresent();
            return Condition.yes(
                    "Degraded",
                    "EventsDiscarded",
                    "Sink %s %s, and its oldest events %s (whenFull: dropOldest); logroute_discarded_events_total counts them. %s"
                            .formatted(
                                    passed.get().name(),
                                    now ? "lags too far" : "lagged too far since the router started",
                                    now ? "are passed over" : "were passed over",
                                    now
                                            ? passed.get()
                                                    .trouble()
                                                    .map("It says: %s."::formatted)
                                                    .orElse("Mend it, or raise its maxLag.")
                                            : "It keeps up now."));
        }
        var down = first(sinks, sink -> sink.trouble().isPresent());
        if (down.isPresent()) {
            return Condition.yes("Degraded", "SinkDown", trouble(down.get()));
        }
        var refused = first(sinks, Preparation.State.REFUSED);
        if (refused.isPresent()) {
            return Condition.yes("Degraded", "TemplateRefused", ofSink(refused.get()));
        }
        if (report.isPresent() && report.get().buffer().trouble().isPresent()) {
            return Condition.yes(
                    "Degraded", "DiskTrouble", report.get().buffer().trouble().get());
        }
        var letters = first(sinks, sink -> sink.deadLetteredEvents() > 0);
        return letters.map(sink -> Condition.yes(
                        "Degraded",
                        "DeadLetters",
                        "Sink %s refused events for good; they are kept, with the reasons, in its dead letters."
                                .formatted(sink.name())))
                .orElseGet(() -> Condition.no("Degraded", "AllWell", "Nothing needs attention."));
    }

    private static List<SinkReport> sinksOf(
            RouteVerdict route, Optional<PipelineDefinition> pipeline, Optional<InstanceReport> report) {
        if (report.isEmpty() || pipeline.isEmpty()) {
            return List.of();
        }
        var named = pipeline.get().route(route.name()).stream()
                .flatMap(each -> each.to().stream())
                .map(target -> target.sink().value())
                .collect(Collectors.toSet());
        return report.get().sinks().stream()
                .filter(sink -> named.contains(sink.name()))
                .toList();
    }
}
