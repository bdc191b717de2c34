package io.logroute.control;

import io.logroute.plan.Condition;
import io.logroute.plan.Conditions;
import io.logroute.plan.Declared;
import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.InstanceReport;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogSink;
import io.logroute.spec.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What is declared, what runs, and how it goes: the one place that REST, the console, the CLI
/// and metrics ask. Safe for all threads.
public final class StatusBoard {
    private final Fleet fleet;
    private final InstantSource clock;
    private final Map<String, Told> told = new HashMap<>();
    private Pass last;

    /// A condition and since when its status and its reason are what they are.
    public record Told(Condition condition, Instant since) {}

    public record RouterStatus(
            String name,
            String revision,
            Optional<InstanceReport> report,
            List<Told> conditions,
            Optional<String> refused) {}

    public record RouteStatus(
            RouteVerdict verdict, Optional<LogRoute> route, long routedEvents, List<Told> conditions) {}

    public record SinkStatus(LogSink sink, Map<String, InstanceReport.SinkReport> byRouter) {}

    public StatusBoard(Fleet fleet, InstantSource clock) {
        this.fleet = fleet;
        this.clock = clock;
        this.last = new Pass(clock.instant(), Declared.NOTHING, new Fleet.Outcome(List.of(), Map.of()));
    }

    synchronized void put(Pass pass) {
        last = pass;
        var there = new HashSet<String>();
        pass.declared().routes().forEach(route -> there.add("route/" + route.name()));
        pass.declared().pipelines().forEach(pipeline -> there.add("router/" + pipeline.name()));
        told.keySet().removeIf(key -> !there.contains(key.substring(0, key.lastIndexOf('/'))));
    }

    /// The last pass.
    public synchronized Pass last() {
        return last;
    }

    /// Problems in what is declared, and routers that could not become what is wanted.
    public synchronized List<Problem> problems() {
        var problems = new ArrayList<>(last.declared().problems());
        last.outcome().refused().forEach((router, why) -> problems.add(new Problem("router " + router, why, "")));
        return problems;
    }

    /// Every router that has a route, sorted by name.
    public synchronized List<RouterStatus> routers() {
        return routers(reports());
    }

    private List<RouterStatus> routers(Map<String, InstanceReport> reports) {
        var routers = new ArrayList<RouterStatus>();
        for (var pipeline : last.declared().pipelines()) {
            var report = Optional.ofNullable(reports.get(pipeline.name()));
            routers.add(new RouterStatus(
                    pipeline.name(),
                    pipeline.revision().hash(),
                    report,
                    report.map(each -> told(
                                    "router/" + pipeline.name(), Conditions.ofInstance(Optional.of(pipeline), each)))
                            .orElse(List.of()),
                    Optional.ofNullable(last.outcome().refused().get(pipeline.name()))));
        }
        return routers;
    }

    /// Every route that is written, sorted by name.
    public synchronized List<RouteStatus> routes() {
        return routes(reports());
    }

    private List<RouteStatus> routes(Map<String, InstanceReport> reports) {
        var routed = new HashMap<String, Map<String, Long>>();
        reports.forEach((router, report) -> routed.put(
                router,
                report.routes().stream()
                        .collect(Collectors.toMap(
                                InstanceReport.RouteReport::name,
                                InstanceReport.RouteReport::routedEvents,
                                Long::sum))));
        return last.declared().routes().stream()
                .map(verdict -> status(verdict, reports, routed))
                .toList();
    }

    public Optional<RouteStatus> route(String name) {
        return routes().stream()
                .filter(route -> route.verdict().name().equals(name))
                .findFirst();
    }

    /// Every sink that is declared, sorted by name.
    public synchronized List<SinkStatus> sinks() {
        var reports = reports();
        return last.declared().sinks().stream()
                .map(sink -> {
                    var byRouter = new java.util.TreeMap<String, InstanceReport.SinkReport>();
                    reports.forEach((router, report) -> report.sinks().stream()
                            .filter(each -> each.name().equals(sink.name().value()))
                            .forEach(each -> byRouter.put(router, each)));
                    return new SinkStatus(sink, byRouter);
                })
                .toList();
    }

    /// Looks at all conditions, so that a change is dated when it happens, not when somebody asks.
    synchronized void look() {
        var reports = reports();
        routers(reports);
        routes(reports);
    }

    /// Whether every declared router runs and can take events in.
    public synchronized boolean ready() {
        var reports = reports();
        return !last.declared().pipelines().isEmpty()
                && last.declared().pipelines().stream()
                        .allMatch(pipeline -> reports.containsKey(pipeline.name())
                                && reports.get(pipeline.name()).takesEvents());
    }

    private RouteStatus status(
            RouteVerdict verdict, Map<String, InstanceReport> reports, Map<String, Map<String, Long>> routed) {
        var pipeline = verdict.router().flatMap(last.declared()::pipeline);
        var report = verdict.router().map(reports::get);
        return new RouteStatus(
                verdict,
                pipeline.flatMap(each -> each.route(verdict.name())),
                verdict.router()
                        .map(routed::get)
                        .map(each -> each.get(verdict.name()))
                        .orElse(0L),
                told("route/" + verdict.name(), Conditions.ofRoute(verdict, pipeline, report)));
    }

    private List<Told> told(String of, List<Condition> conditions) {
        return conditions.stream()
                .map(condition -> told.compute(
                        of + "/" + condition.type(),
                        (_, before) -> before != null
                                        && before.condition().status() == condition.status()
                                        && before.condition().reason().equals(condition.reason())
                                ? new Told(condition, before.since())
                                : new Told(condition, clock.instant().truncatedTo(ChronoUnit.SECONDS))))
                .toList();
    }

    private Map<String, InstanceReport> reports() {
        var reports = new HashMap<String, InstanceReport>();
        fleet.reports().forEach(report -> reports.put(report.router(), report));
        return reports;
    }
}
