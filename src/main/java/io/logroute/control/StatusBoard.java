package io.logroute.control;

import io.logroute.plan.Condition;
import io.logroute.plan.Conditions;
import io.logroute.plan.Declared;
import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceState;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.RelayState;
import io.logroute.plan.Reported;
import io.logroute.plan.VolumeState;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What is declared, what runs, and how it goes: the one place that REST, the console, the CLI
/// and metrics ask. Safe for all threads.
public final class StatusBoard {
    /// Where more routes of one router than this go the same way at once, that is one event of the router.
    private static final int TOGETHER = 10;
    /// Conditions of a router that each of its instances tells for itself.
    private static final Set<String> OF_INSTANCES = Set.of("BufferHealthy", "EventsRouted", "Draining");
    /// Conditions that are told when they become true for the first time.
    private static final Set<String> RUNS = Set.of("Ready", "Programmed");

    private final FleetStates fleet;
    private final History history;
    private final InstantSource clock;
    private final Map<String, Map<String, Past>> past = new HashMap<>();
    private Pass last;

    /// A condition and since when its status and its reason are what they are.
    public record Told(Condition condition, Instant since) {}

    /// What a condition was at the last look.
    ///
    /// @param known what it was when it last did not only come of something else
    private record Past(Told told, Optional<Condition> known) {}

    /// @param revision the one that is declared; empty when the router is no longer declared
    /// @param instances sorted by number
    /// @param refused why it could not become what was wanted
    /// @param spec as it is declared, or held; absent when it is declared no longer
    public record RouterStatus(
            String name,
            Optional<String> revision,
            Optional<LogRouter> spec,
            FleetState state,
            List<InstanceStatus> instances,
            List<Told> conditions,
            Optional<String> refused) {
        /// Whether every instance runs and takes events.
        public boolean ready() {
            return state.takesEvents();
        }
    }

    public record InstanceStatus(InstanceState state, List<Told> conditions) {}

    public record RelayStatus(RelayState state, List<Told> conditions) {}

    public record RouteStatus(
            RouteVerdict verdict, Optional<LogRoute> route, long routedEvents, List<Told> conditions) {}

    /// @param byRouter what it is like at each instance that is reached, by its number
    public record SinkStatus(LogSink sink, SortedMap<String, SortedMap<Integer, InstanceReport.SinkReport>> byRouter) {}

    /// Everything there is to know now, found once for all who ask in one turn.
    private record Sight(Declared declared, SortedMap<String, Reported> routers, Map<String, FleetState> states) {}

    public StatusBoard(FleetStates fleet, InstantSource clock) {
        this(fleet, new History(clock), clock);
    }

    /// @param history is told what changes
    public StatusBoard(FleetStates fleet, History history, InstantSource clock) {
        this.fleet = fleet;
        this.history = history;
        this.clock = clock;
        this.last = new Pass(clock.instant(), Declared.NOTHING, new Fleet.Outcome(List.of(), Map.of()));
    }

    synchronized void put(Pass pass) {
        last = pass;
        look(sight());
    }

    /// What happened.
    public History history() {
        return history;
    }

    /// The last pass.
    public synchronized Pass last() {
        return last;
    }

    /// Problems in what is declared, routers that could not become what is wanted, and what keeps fleets from being
    /// as declared.
    public synchronized List<Problem> problems() {
        var problems = new ArrayList<>(last.declared().problems());
        last.outcome().refused().forEach((router, why) -> problems.add(new Problem("router " + router, why, "")));
        fleet.states().forEach(state -> problems.addAll(state.problems()));
        fleet.relays().forEach(relay -> problems.addAll(relay.problems()));
        return problems.stream().distinct().toList();
    }

    /// Every router that has a route, and those that are declared no longer and still run, or left
    /// something that needs attention; sorted by name.
    public synchronized List<RouterStatus> routers() {
        return look(sight()).routers().stream()
                .filter(each -> each.revision().isPresent()
                        || !each.instances().isEmpty()
                        || each.state().volumes().isEmpty()
                        || each.conditions().stream()
                                .anyMatch(told -> !told.condition().good()))
                .toList();
    }

    /// Where events lie, by router and instance; of routers that are gone, too.
    public synchronized List<VolumeState> volumes() {
        return fleet.states().stream()
                .flatMap(state -> state.volumes().stream())
                .sorted(Comparator.comparing(VolumeState::router).thenComparingInt(VolumeState::instance))
                .toList();
    }

    /// Every relay that is deployed here, sorted by name; those that are declared no longer, too.
    public synchronized List<RelayStatus> relays() {
        return look(sight()).relays();
    }

    /// Every route that is written, sorted by name.
    public synchronized List<RouteStatus> routes() {
        var sight = sight();
        var told = look(sight).routes();
        var routed = new HashMap<String, Map<String, Long>>();
        sight.states().forEach((name, state) -> routed.put(name, routed(state)));
        return told.stream()
                .map(each -> new RouteStatus(
                        each.verdict(),
                        each.verdict()
                                .router()
                                .map(sight.routers()::get)
                                .flatMap(router -> router.route(each.verdict().name())),
                        each.verdict()
                                .router()
                                .map(routed::get)
                                .map(events -> events.get(each.verdict().name()))
                                .orElse(0L),
                        each.conditions()))
                .toList();
    }

    public synchronized Optional<RouteStatus> route(String name) {
        return routes().stream()
                .filter(route -> route.verdict().name().equals(name))
                .findFirst();
    }

    /// Every sink that is declared, sorted by name.
    public synchronized List<SinkStatus> sinks() {
        var bySink = new HashMap<String, SortedMap<String, SortedMap<Integer, InstanceReport.SinkReport>>>();
        for (var state : fleet.states()) {
            for (var instance : state.instances()) {
                instance.report()
                        .ifPresent(report -> report.sinks()
                                .forEach(sink -> bySink.computeIfAbsent(sink.name(), _ -> new TreeMap<>())
                                        .computeIfAbsent(state.router(), _ -> new TreeMap<>())
                                        .put(instance.number(), sink)));
            }
        }
        return last.declared().sinks().stream()
                .map(sink ->
                        new SinkStatus(sink, bySink.getOrDefault(sink.name().value(), new TreeMap<>())))
                .toList();
    }

    /// Looks at all conditions, so that a change is dated and told when it happens, not when somebody asks.
    public synchronized void look() {
        look(sight());
    }

    /// Whether every declared router runs and all its instances can take events in.
    public synchronized boolean ready() {
        var sight = sight();
        return !last.declared().pipelines().isEmpty()
                && last.declared().pipelines().stream()
                        .allMatch(pipeline ->
                                sight.states().get(pipeline.name()) instanceof FleetState state && state.takesEvents());
    }

    private Sight sight() {
        var declared = last.declared();
        var states = new TreeMap<String, FleetState>();
        declared.pipelines().forEach(each -> states.put(each.name(), FleetState.unknown(each.name())));
        fleet.states().forEach(state -> states.put(state.router(), state));
        var pipelines = new HashMap<String, PipelineDefinition>();
        declared.pipelines().forEach(each -> pipelines.put(each.name(), each));
        var routers = new TreeMap<String, Reported>();
        states.forEach(
                (name, state) -> routers.put(name, new Reported(Optional.ofNullable(pipelines.get(name)), state)));
        return new Sight(declared, routers, states);
    }

    private record Looked(List<RouterStatus> routers, List<RelayStatus> relays, List<RouteTold> routes) {}

    private record RouteTold(RouteVerdict verdict, List<Told> conditions) {}

    private Looked look(Sight sight) {
        var telling = new Telling();
        var routers = sight.states().values().stream()
                .map(state -> status(state, sight, telling))
                .toList();
        var ofRouters = new HashMap<String, Set<String>>();
        routers.forEach(router -> ofRouters.put(
                router.name(),
                router.conditions().stream()
                        .map(each -> each.condition().message())
                        .collect(Collectors.toSet())));
        var routes = sight.declared().routes().stream()
                .map(verdict -> {
                    var known = verdict.router().map(ofRouters::get).orElse(Set.of());
                    return new RouteTold(
                            verdict,
                            told(
                                    "route/" + verdict.name(),
                                    verdict.router(),
                                    Conditions.ofRoute(verdict, verdict.router().map(sight.routers()::get)),
                                    condition -> known.contains(condition.message()),
                                    _ -> false,
                                    telling));
                })
                .toList();
        var relays = fleet.relays().stream()
                .map(relay -> new RelayStatus(
                        relay,
                        told(
                                "relay/" + relay.name(),
                                Optional.empty(),
                                relay.conditions(),
                                _ -> false,
                                _ -> false,
                                telling)))
                .toList();
        past.keySet().retainAll(telling.there);
        telling.tell();
        return new Looked(routers, relays, routes);
    }

    private RouterStatus status(FleetState state, Sight sight, Telling telling) {
        var name = state.router();
        var reported = sight.routers().get(name);
        if (reported == null) {
            throw new IllegalStateException("router " + name + " was seen, and is not there");
        }
        // Of a single instance its router tells, in the same words.
        boolean isAlone = state.instances().size() == 1;
        return new RouterStatus(
                name,
                reported.revision(),
                sight.declared().pipeline(name).map(PipelineDefinition::router),
                state,
                state.instances().stream()
                        .map(instance -> new InstanceStatus(
                                instance,
                                told(
                                        "instance/" + instance.name(),
                                        Optional.empty(),
                                        Conditions.ofInstance(reported, instance),
                                        _ -> false,
                                        _ -> isAlone,
                                        telling)))
                        .toList(),
                told(
                        "router/" + name,
                        Optional.empty(),
                        Conditions.ofFleet(reported),
                        _ -> false,
                        condition -> !isAlone && OF_INSTANCES.contains(condition.type()),
                        telling),
                Optional.ofNullable(last.outcome().refused().get(name)));
    }

    private static Map<String, Long> routed(FleetState state) {
        var routed = new HashMap<String, Long>();
        for (var report : state.reports()) {
            report.routes().forEach(route -> routed.merge(route.name(), route.routedEvents(), Long::sum));
        }
        return routed;
    }

    /// @param router whose route the object is
    /// @param follows whether it comes of what another object tells
    /// @param elsewhere whether another object tells it in its place
    private List<Told> told(
            String object,
            Optional<String> router,
            List<Condition> conditions,
            Predicate<Condition> follows,
            Predicate<Condition> elsewhere,
            Telling telling) {
        telling.there.add(object);
        var ofObject = past.computeIfAbsent(object, _ -> new HashMap<>());
        return conditions.stream()
                .map(condition -> {
                    var before = Optional.ofNullable(ofObject.get(condition.type()));
                    var now = since(condition, before.map(Past::told));
                    boolean comes = Conditions.follows(condition) || follows.test(condition);
                    var known = before.flatMap(Past::known);
                    if (!comes
                            && !elsewhere.test(condition)
                            && isNews(condition, known, before.isPresent() || telling.isLater)) {
                        telling.changed(object, router, condition);
                    }
                    ofObject.put(condition.type(), new Past(now, comes ? known : Optional.of(condition)));
                    return now;
                })
                .toList();
    }

    /// What is as it should be when it is first known is none, except that a route runs which did not.
    ///
    /// @param mayBegin whether something else was known before
    private static boolean isNews(Condition condition, Optional<Condition> known, boolean mayBegin) {
        if (known.isPresent()) {
            return !same(known.get(), condition);
        }
        return !condition.good() || mayBegin && RUNS.contains(condition.type());
    }

    private Told since(Condition condition, Optional<Told> before) {
        return before.filter(told -> same(told.condition(), condition))
                .map(told -> new Told(condition, told.since()))
                .orElseGet(() -> new Told(condition, clock.instant().truncatedTo(ChronoUnit.SECONDS)));
    }

    private static boolean same(Condition one, Condition other) {
        return one.status() == other.status() && one.reason().equals(other.reason());
    }

    /// The changes that one look found.
    private final class Telling {
        private final HashSet<String> there = new HashSet<>();
        /// Whether routes were looked at before: what is new now was not there then.
        private final boolean isLater = past.keySet().stream().anyMatch(object -> object.startsWith("route/"));
        private final Map<Change, List<String>> changes = new LinkedHashMap<>();

        /// @param router whose routes the objects are; empty for other objects
        private record Change(Optional<String> router, Condition condition) {}

        void changed(String object, Optional<String> router, Condition condition) {
            changes.computeIfAbsent(new Change(router, condition), _ -> new ArrayList<>())
                    .add(object);
        }

        void tell() {
            changes.forEach((change, objects) -> {
                var words = words(change.condition());
                if (change.router().isPresent() && objects.size() > TOGETHER) {
                    history.happened(
                            History.Kind.CONDITION,
                            "router/" + change.router().get(),
                            "Of %d routes: %s".formatted(objects.size(), words));
                    return;
                }
                objects.forEach(object -> history.happened(History.Kind.CONDITION, object, words));
            });
        }

        private static String words(Condition condition) {
            return "%s is %s, %s: %s"
                    .formatted(condition.type(), condition.status().word(), condition.reason(), condition.message());
        }
    }
}
