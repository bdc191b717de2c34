package io.logroute.router;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Holding;
import io.logroute.parts.text.Template;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.LogRoute;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The routes of a pipeline, as one sink sees them: which events come to it, along which filters,
/// with which address. Belongs to one [Drain], which asks it from one thread.
///
/// Filters may hold events back ([Holding]). Such an event is counted as held where it came, and
/// what becomes of it is told by [Way#released] later.
final class Routing {
    /// Bytes of an event that filters take, at most. Several of them copy it, for each sink: with the usual
    /// heap of 224 MB some of 15 MB ended the process.
    static final int LARGEST_FILTERED = 4 << 20;

    /// A route at work. [Candidates] names the events that it may take; of those it takes the ones for which `rest`
    /// holds, leads them through its filters, and sends them along its legs to the sink of this routing.
    ///
    /// @param rest what [Candidates] left to ask
    /// @param counted told the number of each event that it takes, at the first sink that it names; else of none
    private record Route(Origin origin, Predicate<Event> rest, Filters filters, List<Leg> legs, LongConsumer counted) {}

    /// What a route is at this sink, as it is written: two of which this is the same are the same. Of one that
    /// leads elsewhere, only which events it takes.
    private record Origin(
            String name,
            LogRoute.Match match,
            boolean isDefault,
            List<FilterSpec> filters,
            List<LogRoute.Target> targets,
            boolean counts) {
        static Origin of(LogRoute spec, String sink) {
            var targets = spec.to().stream()
                    .filter(target -> target.sink().value().equals(sink))
                    .toList();
            return new Origin(
                    spec.name().value(),
                    spec.match(),
                    spec.isDefault(),
                    targets.isEmpty() ? List.of() : spec.filters(),
                    targets,
                    spec.to().getFirst().sink().value().equals(sink));
        }

        List<Leg> legs() {
            return targets.stream()
                    .map(target ->
                            new Leg(name, target.index().map(Template::new).orElse(null)))
                    .toList();
        }
    }

    /// What routes are made with.
    private record Making(
            String router,
            Function<String, LongConsumer> counters,
            Watching watching,
            Instruments meters,
            InstantSource clock) {
        Route route(Origin origin) throws IOException {
            var around = new Surroundings(router, origin.name(), meters, clock, watching.isRehearsal());
            var steps = new ArrayList<Step>();
            for (var each : origin.filters()) {
                Runnable kept = origin.counts()
                        ? meters.counter(Meter.ROUTE_FILTERED_EVENTS, router, origin.name(), each.kind())::increment
                        : NOT_HERE;
                var filter = Assemble.filter(each, around);
                steps.add(new Step(
                        origin.counts() ? watching.watched(origin.name(), steps.size(), each, filter) : filter, kept));
            }
            return new Route(
                    origin,
                    Assemble.match(Candidates.left(origin.match()), origin.name()),
                    new Filters(steps),
                    origin.legs(),
                    origin.counts() ? counters.apply(origin.name()) : NOT_COUNTED);
        }

        Route anew(Route route) {
            try {
                return route(route.origin());
            } catch (IOException e) {
                return route;
            }
        }
    }

    /// One target of a route at this sink.
    private record Leg(String route, @Nullable Template index, Address usual) {
        Leg(String route, @Nullable Template index) {
            this(route, index, new Address(route, 0, Optional.empty()));
        }

        /// The address of a copy; that of the first one is always the same.
        Address address(int copy) {
            return copy == 0 ? usual : new Address(route, copy, Optional.empty());
        }
    }

    /// A filter of a route, and what counts the events that it did not let go on.
    private record Step(Filter filter, Runnable kept) {}

    /// The filters of a route, with what they keep in mind. Of one thread.
    private static final class Filters {
        final List<Step> steps;
        /// Of events that are held back: by number, the number of the copy to the first target, where that is not 0.
        final Map<Long, ArrayDeque<Integer>> copies = new HashMap<>();

        Filters(List<Step> steps) {
            this.steps = List.copyOf(steps);
        }
    }

    /// A filter that holds events back, and where they go on.
    private record Holder(Holding filter, Route route, int next) {}

    /// Where routed events go.
    interface Way {
        /// To the sink.
        void send(Event event);

        /// To the dead letters: the event cannot even be addressed.
        void reject(Event event, String reason);

        /// An event that was held back is no more; what there is of it was sent before this.
        ///
        /// @param seq its number
        /// @param last the number of the last one that is part of it
        /// @param ways along so many ways to the sink it was held
        /// @param taken what became of it
        default void released(long seq, long last, int ways, Taken taken) {}
    }

    /// Sees the filters of routes at work, and has no say in it: of each route those on the way to the first
    /// sink that it names.
    interface Watching {
        Watching NOBODY = new Watching() {};

        /// Whether nothing of it leaves.
        default boolean isRehearsal() {
            return false;
        }

        /// The filter at that place of the route, watched. One that is [Holding] stays so.
        default Filter watched(String route, int place, FilterSpec spec, Filter filter) {
            return filter;
        }
    }

    /// What became of one event here.
    ///
    /// @param sent events for the sink, rejected ones included
    /// @param filtered ways along which filters left nothing of it
    /// @param held ways along which it is held back
    /// @param unrouted whether no route of the pipeline took it, and it is this sink's to say so
    record Taken(int sent, int filtered, int held, boolean unrouted) {
        private static final Taken PASSED = new Taken(0, 0, false);
        private static final Taken UNROUTED = new Taken(0, 0, true);
        private static final Taken ONE = new Taken(1, 0, false);

        Taken(int sent, int filtered, boolean unrouted) {
            this(sent, filtered, 0, unrouted);
        }

        int ways() {
            return sent + filtered + held;
        }
    }

    private static final Runnable NOT_HERE = () -> {};

    private static final LongConsumer NOT_COUNTED = _ -> {};

    /// What a route and each of its filters cost in memory, when naming one that is there costs 1.
    private static final int OWN_ROUTE = 50;

    private static final int OWN_FILTER = 1000;

    private final List<Route> routes;
    private final List<Route> defaults;
    private final boolean leads;
    private final Making making;
    private final List<Holder> holders;
    /// Made when it is first asked: one that waits for its turn does without.
    private @Nullable Candidates candidates;

    private Routing(List<Route> routes, List<Route> defaults, boolean leads, Making making) {
        this.routes = List.copyOf(routes);
        this.defaults = List.copyOf(defaults);
        this.leads = leads;
        this.making = making;
        this.holders = all().stream().flatMap(Routing::holders).toList();
    }

    private static Stream<Holder> holders(Route route) {
        var steps = route.filters().steps;
        return IntStream.range(0, steps.size())
                .filter(i -> steps.get(i).filter() instanceof Holding)
                .mapToObj(i -> new Holder((Holding) steps.get(i).filter(), route, i + 1));
    }

    /// @param leads whether this sink's drain is the one of the router that counts events no
    ///     route took
    /// @param counters gives the counter of a route, told the number of each event it takes; a route is
    ///     counted at the first sink it names
    ///
    /// @throws IOException when a filter cannot be made, with what, where and how to mend
    static Routing of(
            PipelineDefinition pipeline,
            String sink,
            boolean leads,
            Function<String, LongConsumer> counters,
            Instruments meters,
            InstantSource clock)
            throws IOException {
        return of(pipeline, sink, leads, counters, meters, clock, List.of());
    }

    /// The same, with somebody who watches the filters.
    static Routing watched(
            PipelineDefinition pipeline,
            String sink,
            Function<String, LongConsumer> counters,
            Watching watching,
            Instruments meters,
            InstantSource clock)
            throws IOException {
        return of(pipeline, sink, false, new Making(pipeline.name(), counters, watching, meters, clock), List.of());
    }

    /// The same, with routes that are as they were in one of these carried over, and all that their filters
    /// know. One that is the same as a whole is given itself.
    ///
    /// @param known in the order of their turns
    static Routing of(
            PipelineDefinition pipeline,
            String sink,
            boolean leads,
            Function<String, LongConsumer> counters,
            Instruments meters,
            InstantSource clock,
            List<Routing> known)
            throws IOException {
        var making = new Making(pipeline.name(), counters, Watching.NOBODY, meters, clock);
        return of(pipeline, sink, leads, making, known);
    }

    private static Routing of(
            PipelineDefinition pipeline, String sink, boolean leads, Making making, List<Routing> known)
            throws IOException {
        var origins =
                pipeline.routes().stream().map(spec -> Origin.of(spec, sink)).toList();
        var carried = new HashMap<Origin, Route>();
        known.forEach(each -> each.all().forEach(route -> carried.put(route.origin(), route)));
        var routes = new ArrayList<Route>();
        var defaults = new ArrayList<Route>();
        for (var origin : origins) {
            var route = carried.get(origin);
            if (route == null) {
                route = making.route(origin);
            }
            (origin.isDefault() ? defaults : routes).add(route);
        }
        var made = new Routing(routes, defaults, leads, making);
        for (var each : known.reversed()) {
            if (each.leads == leads && each.all().equals(made.all())) {
                return each;
            }
        }
        return made;
    }

    /// The same, for whoever begins at events that went along these before: filters that remember events must
    /// not remember those. A route whose filters cannot be made any more goes on with those it has.
    static List<Routing> anew(List<Routing> routings) {
        var fresh = new HashMap<Origin, Route>();
        var made = new IdentityHashMap<Routing, Routing>();
        for (var routing : routings) {
            routing.all().forEach(route -> fresh.computeIfAbsent(route.origin(), _ -> routing.making.anew(route)));
            made.put(
                    routing,
                    new Routing(
                            fresh(routing.routes, fresh),
                            fresh(routing.defaults, fresh),
                            routing.leads,
                            routing.making));
        }
        return routings.stream().map(made::get).map(Objects::requireNonNull).toList();
    }

    private static List<Route> fresh(List<Route> routes, Map<Origin, Route> fresh) {
        return routes.stream()
                .map(route -> fresh.getOrDefault(route.origin(), route))
                .toList();
    }

    private List<Route> all() {
        return Stream.concat(routes.stream(), defaults.stream()).toList();
    }

    /// What these hold in memory together that the last of them does not hold by itself.
    static long cost(List<Routing> routings) {
        Set<Route> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        counted.addAll(routings.getLast().all());
        long cost = 0;
        for (var routing : routings) {
            for (var route : routing.all()) {
                cost += counted.add(route)
                        ? OWN_ROUTE + (long) OWN_FILTER * route.filters().steps.size()
                        : 1;
            }
        }
        return cost;
    }

    private Candidates candidates() {
        var known = candidates;
        if (known == null) {
            known = Candidates.of(
                    routes.stream().map(route -> route.origin().match()).toList());
            candidates = known;
        }
        return known;
    }

    /// Sends the event along every route that takes it, as far as this sink is concerned.
    Taken route(Event event, Way way) {
        boolean taken = false;
        int sent = 0;
        int filtered = 0;
        int held = 0;
        // By targets, whatever filters make of it there: a copy that comes again has the same number.
        int copies = 0;
        for (int candidate : candidates().of(event)) {
            var route = routes.get(candidate);
            if (!route.rest().test(event)) {
                continue;
            }
            taken = true;
            var gone = along(route, event, copies, way);
            sent += gone.sent;
            filtered += gone.filtered;
            held += gone.held;
            copies += route.legs().size();
        }
        if (!taken) {
            if (defaults.isEmpty()) {
                return leads ? Taken.UNROUTED : Taken.PASSED;
            }
            for (var route : defaults) {
                var gone = along(route, event, copies, way);
                sent += gone.sent;
                filtered += gone.filtered;
                held += gone.held;
                copies += route.legs().size();
            }
        }
        if (sent == 1 && filtered + held == 0) {
            return Taken.ONE;
        }
        return sent + filtered + held == 0 ? Taken.PASSED : new Taken(sent, filtered, held, false);
    }

    /// The least number of an event that is held back here; `Long.MAX_VALUE` when none is.
    long heldFrom() {
        long least = Long.MAX_VALUE;
        for (var holder : holders) {
            least = Math.min(least, holder.filter().heldFrom());
        }
        return least;
    }

    /// How long nothing may come before [#flush] gives something on; empty while nothing is held.
    Optional<Duration> patience() {
        Duration least = null;
        for (var holder : holders) {
            var patience = holder.filter().patience();
            if (holder.filter().heldFrom() < Long.MAX_VALUE && (least == null || patience.compareTo(least) < 0)) {
                least = patience;
            }
        }
        return Optional.ofNullable(least);
    }

    /// What is read now came in at that time: what waited long enough for it goes on.
    void advance(Instant received, Way way) {
        for (var holder : holders) {
            holder.filter().advance(received, on(holder, way));
        }
    }

    /// Nothing more came for so long: what waited long enough goes on.
    void flush(Duration quiet, Way way) {
        for (var holder : holders) {
            if (holder.filter().patience().compareTo(quiet) <= 0) {
                holder.filter().flush(on(holder, way));
            }
        }
    }

    /// Another routing takes over, or none: what filters hold that go with this one goes on.
    void leave(@Nullable Routing next, Way way) {
        for (var holder : holders) {
            if (next == null || !next.all().contains(holder.route())) {
                holder.filter().flush(on(holder, way));
            }
        }
    }

    private static On on(Holder holder, Way way) {
        return new On(holder.route(), holder.next(), -1, new Left(0), way);
    }

    private static Taken along(Route route, Event event, int copies, Way way) {
        route.counted().accept(event.seq());
        var legs = route.legs();
        if (legs.isEmpty()) {
            return Taken.PASSED;
        }
        if (route.filters().steps.isEmpty()) {
            for (int i = 0; i < legs.size(); i++) {
                address(legs.get(i), event, copies + i, way);
            }
            return legs.size() == 1 ? Taken.ONE : new Taken(legs.size(), 0, false);
        }
        if (event.size() > LARGEST_FILTERED) {
            for (int i = 0; i < legs.size(); i++) {
                way.reject(event.addressed(legs.get(i).address(copies + i)), tooLarge(route, event));
            }
            return legs.size() == 1 ? Taken.ONE : new Taken(legs.size(), 0, false);
        }
        return walk(route, 0, event.copy(), event, copies, way);
    }

    private static String tooLarge(Route route, Event event) {
        return "the event has %.1f MiB, and the filters of route %s take at most %d MiB; send smaller ones, or let a route without filters take it"
                .formatted(event.size() / (double) (1 << 20), route.origin().name(), LARGEST_FILTERED >> 20);
    }

    /// Sends an event through the filters from one on, and what is left of it to every target.
    ///
    /// @param whole the event as it is kept when a filter fails
    /// @param copies the number of its copy to the first target
    private static Taken walk(Route route, int from, Event event, Event whole, int copies, Way way) {
        var legs = route.legs();
        var left = new Left(copies);
        try {
            through(route, from, event, left, way);
        } catch (RuntimeException e) {
            // A fault of ours in a filter costs no event, and concerns no other route.
            left.events.clear();
            left.refuse(
                    whole.copy(),
                    "a filter of route %s failed: %s".formatted(route.origin().name(), e));
        }
        for (var each : left.events) {
            for (int i = 0; i < legs.size(); i++) {
                var leg = legs.get(i);
                if (each.refused().isEmpty()) {
                    address(leg, each.event(), copies + i, way);
                } else {
                    way.reject(each.event().addressed(leg.address(copies + i)), each.refused());
                }
            }
        }
        int sent = left.events.size() * legs.size();
        int held = left.held * legs.size();
        if (sent == 1 && held == 0) {
            return Taken.ONE;
        }
        return new Taken(sent, sent + held == 0 ? legs.size() : 0, held, false);
    }

    private static void address(Leg leg, Event event, int copy, Way way) {
        var template = leg.index();
        if (template == null) {
            way.send(event.addressed(leg.address(copy)));
            return;
        }
        var index = template.render(event);
        if (index == null) {
            way.reject(
                    event.addressed(leg.address(copy)),
                    "the index \"%s\" of route %s asks for the field %s, which the event does not have"
                            .formatted(template, leg.route(), template.missing(event)));
            return;
        }
        way.send(event.addressed(new Address(leg.route(), copy, Optional.of(index))));
    }

    /// What filters left of one event.
    private static final class Left {
        /// @param refused why it cannot go on; empty when it can
        record Part(Event event, String refused) {}

        final List<Part> events = new ArrayList<>(1);
        /// The number of the copy to the first target. Pieces of one event share it ([Event#piece]).
        final int copies;

        int held;

        Left(int copies) {
            this.copies = copies;
        }

        void pass(Event event) {
            events.add(new Part(event, ""));
        }

        void refuse(Event event, String reason) {
            events.add(new Part(event, reason));
        }

        void hold() {
            held++;
        }
    }

    private static void through(Route route, int at, Event event, Left left, Way way) {
        var steps = route.filters().steps;
        if (at == steps.size()) {
            left.pass(event);
            return;
        }
        var step = steps.get(at);
        var on = new On(route, at + 1, event.seq(), left, way);
        step.filter().apply(event, on);
        if (!on.goesOn) {
            step.kept().run();
        }
    }

    /// The way on from one filter.
    private static final class On implements Filter.Way {
        private final Route route;
        private final int next;
        private final long seq;
        private final Left left;
        private final Way way;
        boolean goesOn;

        /// @param seq the number of the event at hand
        On(Route route, int next, long seq, Left left, Way way) {
            this.route = route;
            this.next = next;
            this.seq = seq;
            this.left = left;
            this.way = way;
        }

        @Override
        public void pass(Event event) {
            goesOn = true;
            through(route, next, event, left, way);
        }

        @Override
        public void refuse(Event event, String reason) {
            left.refuse(event, reason);
        }

        @Override
        public void hold() {
            goesOn = true;
            left.hold();
            int copies = left.copies;
            if (copies > 0) {
                route.filters()
                        .copies
                        .computeIfAbsent(seq, _ -> new ArrayDeque<>(1))
                        .add(copies);
            }
        }

        @Override
        public void release(Event event, long last) {
            var taken = walk(route, next, event, event, copies(event.seq()), way);
            way.released(event.seq(), last, route.legs().size(), taken);
        }

        /// The number of the copy of one that was held back.
        private int copies(long held) {
            var known = route.filters().copies.get(held);
            if (known == null) {
                return 0;
            }
            int copies = known.remove();
            if (known.isEmpty()) {
                route.filters().copies.remove(held);
            }
            return copies;
        }
    }
}
