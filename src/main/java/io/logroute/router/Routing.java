package io.logroute.router;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.text.Template;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.LogRoute;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.time.InstantSource;
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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The routes of a pipeline, as one sink sees them: which events come to it, along which filters,
/// with which address. Belongs to one [Drain], which asks it from one thread.
final class Routing {
    /// A route: which events, through what, and to the sink of this routing as which addresses.
    /// The first sink that a route names counts the events it takes.
    private record Route(
            Origin origin, Predicate<Event> match, List<Filter> filters, List<Leg> legs, Runnable counted) {}

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
    private record Making(String router, Function<String, Runnable> counters, Instruments meters, InstantSource clock) {
        Route route(Origin origin) throws IOException {
            var around = new Surroundings(router, origin.name(), meters, clock);
            var filters = new ArrayList<Filter>();
            for (var each : origin.filters()) {
                filters.add(Assemble.filter(each, around));
            }
            return new Route(
                    origin,
                    Assemble.match(origin.match()),
                    List.copyOf(filters),
                    origin.legs(),
                    origin.counts() ? counters.apply(origin.name()) : NOT_HERE);
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

    /// Where routed events go.
    interface Way {
        /// To the sink.
        void send(Event event);

        /// To the dead letters: the event cannot even be addressed.
        void reject(Event event, String reason);
    }

    /// What became of one event here.
    ///
    /// @param sent events for the sink, rejected ones included
    /// @param filtered ways along which filters left nothing of it
    /// @param unrouted whether no route of the pipeline took it, and it is this sink's to say so
    record Taken(int sent, int filtered, boolean unrouted) {
        private static final Taken PASSED = new Taken(0, 0, false);
        private static final Taken UNROUTED = new Taken(0, 0, true);
        private static final Taken ONE = new Taken(1, 0, false);
    }

    private static final Runnable NOT_HERE = () -> {};

    /// What a route and each of its filters cost in memory, when naming one that is there costs 1.
    private static final int OWN_ROUTE = 50;

    private static final int OWN_FILTER = 1000;

    private final List<Route> routes;
    private final List<Route> defaults;
    private final boolean leads;
    private final Making making;
    /// Made when it is first asked: one that waits for its turn does without.
    private @Nullable Candidates candidates;

    private Routing(List<Route> routes, List<Route> defaults, boolean leads, Making making) {
        this.routes = List.copyOf(routes);
        this.defaults = List.copyOf(defaults);
        this.leads = leads;
        this.making = making;
    }

    /// @param leads whether this sink's drain is the one of the router that counts events no
    ///     route took
    /// @param counters gives the counter of a route, run for each event it takes; a route is
    ///     counted at the first sink it
    ///     names
    ///
    /// @throws IOException when a filter cannot be made, with what, where and how to mend
    static Routing of(
            PipelineDefinition pipeline,
            String sink,
            boolean leads,
            Function<String, Runnable> counters,
            Instruments meters,
            InstantSource clock)
            throws IOException {
        return of(pipeline, sink, leads, counters, meters, clock, List.of());
    }

    /// The same, with routes that are as they were in one of these carried over, and all that their filters
    /// know. One that is the same as a whole is given itself.
    ///
    /// @param known in the order of their turns
    static Routing of(
            PipelineDefinition pipeline,
            String sink,
            boolean leads,
            Function<String, Runnable> counters,
            Instruments meters,
            InstantSource clock,
            List<Routing> known)
            throws IOException {
        var origins =
                pipeline.routes().stream().map(spec -> Origin.of(spec, sink)).toList();
        var carried = new HashMap<Origin, Route>();
        known.forEach(each -> each.all().forEach(route -> carried.put(route.origin(), route)));
        var making = new Making(pipeline.name(), counters, meters, clock);
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
                        ? OWN_ROUTE + (long) OWN_FILTER * route.filters().size()
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
        int copies = 0;
        for (int candidate : candidates().of(event)) {
            var route = routes.get(candidate);
            if (!route.match().test(event)) {
                continue;
            }
            taken = true;
            var gone = along(route, event, copies, way);
            sent += gone.sent;
            filtered += gone.filtered;
            copies += gone.sent;
        }
        if (!taken) {
            if (defaults.isEmpty()) {
                return leads ? Taken.UNROUTED : Taken.PASSED;
            }
            for (var route : defaults) {
                var gone = along(route, event, copies, way);
                sent += gone.sent;
                filtered += gone.filtered;
                copies += gone.sent;
            }
        }
        if (sent == 1 && filtered == 0) {
            return Taken.ONE;
        }
        return sent + filtered == 0 ? Taken.PASSED : new Taken(sent, filtered, false);
    }

    private Taken along(Route route, Event event, int copies, Way way) {
        route.counted().run();
        int sent = 0;
        int filtered = 0;
        for (var leg : route.legs()) {
            if (route.filters().isEmpty()) {
                address(leg, event, copies + sent, way);
                sent++;
                continue;
            }
            var left = new Left();
            try {
                through(route.filters(), 0, event.copy(), left);
            } catch (RuntimeException e) {
                // A fault of ours in a filter costs no event, and concerns no other route.
                way.reject(
                        event.copy().addressed(leg.address(copies + sent)),
                        "a filter of route %s failed: %s".formatted(leg.route(), e));
                sent++;
                continue;
            }
            if (left.events.isEmpty() && left.refused.isEmpty()) {
                filtered++;
            }
            for (var each : left.events) {
                address(leg, each, copies + sent, way);
                sent++;
            }
            for (var each : left.refused) {
                way.reject(each.event().addressed(leg.address(copies + sent)), each.reason());
                sent++;
            }
        }
        return sent == 1 && filtered == 0 ? Taken.ONE : new Taken(sent, filtered, false);
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
    private static final class Left implements Filter.Way {
        record Refused(Event event, String reason) {}

        final List<Event> events = new ArrayList<>(1);
        final List<Refused> refused = new ArrayList<>(0);

        @Override
        public void pass(Event event) {
            events.add(event);
        }

        @Override
        public void refuse(Event event, String reason) {
            refused.add(new Refused(event, reason));
        }
    }

    private static void through(List<Filter> filters, int at, Event event, Filter.Way end) {
        if (at == filters.size()) {
            end.pass(event);
            return;
        }
        filters.get(at).apply(event, new Filter.Way() {
            @Override
            public void pass(Event next) {
                through(filters, at + 1, next, end);
            }

            @Override
            public void refuse(Event refused, String reason) {
                end.refuse(refused, reason);
            }
        });
    }
}
