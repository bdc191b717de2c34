package io.logroute.router;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.text.Template;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.LogRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The routes of a pipeline, as one sink sees them: which events come to it, along which filters,
/// with which address. Belongs to one [Drain], which asks it from one thread.
final class Routing {
    /// A route: which of the events it is a candidate for, through what, and to the sink of this routing as which
    /// addresses.
    /// The first sink that a route names counts the events it takes.
    private record Route(
            String name,
            Predicate<Event> match,
            boolean isDefault,
            List<Filter> filters,
            List<Leg> legs,
            Runnable counted) {}

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

    private final List<Route> routes;
    private final Candidates candidates;
    private final List<Route> defaults;
    private final boolean leads;

    private Routing(List<Route> routes, Candidates candidates, List<Route> defaults, boolean leads) {
        this.routes = routes;
        this.candidates = candidates;
        this.defaults = defaults;
        this.leads = leads;
    }

    /// @param leads whether this sink's drain is the one of the router that counts events no
    ///     route took
    /// @param counters gives the counter of a route, run for each event it takes; a route is
    ///     counted at the first sink it
    ///     names
    static Routing of(PipelineDefinition pipeline, String sink, boolean leads, Function<String, Runnable> counters) {
        var routes = new ArrayList<Route>();
        var matches = new ArrayList<LogRoute.Match>();
        var defaults = new ArrayList<Route>();
        for (var spec : pipeline.routes()) {
            var legs = spec.to().stream()
                    .filter(target -> target.sink().value().equals(sink))
                    .map(target -> new Leg(
                            spec.name().value(),
                            target.index().map(Template::new).orElse(null)))
                    .toList();
            boolean counts = spec.to().getFirst().sink().value().equals(sink);
            var route = new Route(
                    spec.name().value(),
                    Assemble.match(Candidates.left(spec.match())),
                    spec.isDefault(),
                    legs.isEmpty()
                            ? List.of()
                            : spec.filters().stream().map(Assemble::filter).toList(),
                    legs,
                    counts ? counters.apply(spec.name().value()) : NOT_HERE);
            if (spec.isDefault()) {
                defaults.add(route);
            } else {
                routes.add(route);
                matches.add(spec.match());
            }
        }
        return new Routing(routes, Candidates.of(matches), defaults, leads);
    }

    /// Sends the event along every route that takes it, as far as this sink is concerned.
    Taken route(Event event, Way way) {
        boolean taken = false;
        int sent = 0;
        int filtered = 0;
        int copies = 0;
        for (int candidate : candidates.of(event)) {
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
            var left = new ArrayList<Event>(1);
            try {
                through(route.filters(), 0, event.copy(), left::add);
            } catch (RuntimeException e) {
                // A fault of ours in a filter costs no event, and concerns no other route.
                way.reject(
                        event.copy().addressed(leg.address(copies + sent)),
                        "a filter of route %s failed: %s".formatted(leg.route(), e));
                sent++;
                continue;
            }
            if (left.isEmpty()) {
                filtered++;
            }
            for (var each : left) {
                address(leg, each, copies + sent, way);
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

    private static void through(List<Filter> filters, int at, Event event, Consumer<Event> end) {
        if (at == filters.size()) {
            end.accept(event);
            return;
        }
        filters.get(at).apply(event, next -> through(filters, at + 1, next, end));
    }
}
