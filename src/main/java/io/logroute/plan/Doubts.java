package io.logroute.plan;

import io.logroute.spec.Claims;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Glob;
import io.logroute.spec.Located;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRoute.Match;
import io.logroute.spec.LogRouter;
import io.logroute.spec.Problem;
import io.logroute.spec.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What can be run and is hardly meant: routes that never take an event or let none out, filters that none
/// reaches, keys that are the same for every event, two routes that write the same events to the same place.
/// Each is certain; what merely may be so is not told.
public final class Doubts {
    private static final Set<String> USUAL_FIELDS = Set.of(
            "service_name",
            "service.name",
            "stack_name",
            "container_id",
            "container_name",
            "container_short_name",
            "node_id",
            "node_name",
            "host",
            "host.name",
            "hostname",
            "level",
            "msg",
            "message",
            "stream",
            "trace_id");

    private final List<Problem> found = new ArrayList<>();

    private Doubts() {}

    /// All that there is to doubt about routes.
    ///
    /// @param routes [LogRoute]s that stand beside each other
    public static List<Problem> about(List<Located> routes) {
        var doubts = new Doubts();
        for (var located : routes) {
            doubts.neverTakes(located, routes);
            doubts.neverReached(located);
            doubts.sameKeys(located);
        }
        doubts.found.addAll(Overlaps.among(routes).problems());
        return List.copyOf(doubts.found);
    }

    /// Routers that have routes, and drop what none of these takes.
    ///
    /// @param documents with all the routes of each router
    public static List<Problem> aboutUnrouted(List<Located> documents) {
        var doubts = new Doubts();
        for (var located : documents) {
            if (!(located.document() instanceof LogRouter router)) {
                continue;
            }
            var own = documents.stream()
                    .map(Located::document)
                    .flatMap(each -> each instanceof LogRoute route ? Stream.of(route) : Stream.empty())
                    .filter(route -> route.router().equals(router.name()))
                    .toList();
            if (!own.isEmpty() && own.stream().noneMatch(route -> route.isDefault() || takesAll(route.match()))) {
                doubts.add(
                        located,
                        "metadata.name",
                        "router %s drops events that no route takes: none of its routes is the default, or takes all"
                                .formatted(router.name()),
                        "Declare a route with default: true; the metric logroute_unrouted_events_total counts what is"
                                + " dropped.");
            }
        }
        return List.copyOf(doubts.found);
    }

    private static boolean takesAll(Match match) {
        return match.isAll()
                || always(match.when())
                        && Overlaps.covers(match, new Match(List.of(), List.of(), Map.of(), match.when()));
    }

    private void add(Located located, String path, String what, String mend) {
        found.add(new Problem(located.where(path), what, mend));
    }

    private static LogRoute route(Located located) {
        return (LogRoute) located.document();
    }

    private void neverTakes(Located located, List<Located> routes) {
        var route = route(located);
        if (route.isDefault()) {
            routes.stream()
                    .map(Doubts::route)
                    .filter(other -> other.router().equals(route.router()))
                    .filter(other -> !other.isDefault() && other.match().isAll())
                    .findFirst()
                    .ifPresent(other -> add(
                            located,
                            "spec.default",
                            "route %s never takes an event: route %s takes all of router %s"
                                    .formatted(route.name(), other.name(), route.router()),
                            "Give route %s a match, or leave one of them away.".formatted(other.name())));
            return;
        }
        var match = route.match();
        match.when()
                .flatMap(when -> Claims.of(when).impossible())
                .ifPresent(why -> add(
                        located,
                        "spec.match.when",
                        "route %s never takes an event: %s".formatted(route.name(), why),
                        "Mend the condition; || asks for one of several."));
        match.when().ifPresent(when -> {
            var claims = Claims.of(when);
            match.fields().forEach((field, globs) -> apart(located, "fields." + field, field, globs, claims));
            apart(located, "service", new FieldPath(List.of("service_name")), match.service(), claims);
            apart(located, "stack", new FieldPath(List.of("stack_name")), match.stack(), claims);
        });
        match.not()
                .filter(not -> Overlaps.covers(not, match))
                .ifPresent(_ -> add(
                        located,
                        "spec.match.not",
                        "route %s never takes an event: not is all that it matches".formatted(route.name()),
                        "Let not ask for more, or for something else."));
    }

    /// Where `when` leaves a field only values that the globs do not fit.
    private void apart(Located located, String key, FieldPath field, List<Glob> globs, Claims claims) {
        if (globs.isEmpty()) {
            return;
        }
        claims.oneOf(field)
                .filter(values -> !values.isEmpty()) // else when itself is impossible, which is told
                .filter(values -> values.stream()
                        .noneMatch(value -> globs.stream().anyMatch(glob -> glob.matches(String.valueOf(value)))))
                .ifPresent(values -> add(
                        located,
                        "spec.match." + key,
                        "route %s never takes an event: when leaves event.%s only %s"
                                .formatted(
                                        route(located).name(),
                                        field,
                                        String.join(
                                                ", ",
                                                values.stream()
                                                        .map(String::valueOf)
                                                        .toList())),
                        "Let both ask for the same, or leave one away."));
    }

    private void neverReached(Located located) {
        var filters = route(located).filters();
        for (int i = 0; i + 1 < filters.size(); i++) {
            if (dropsAll(filters.get(i))) {
                int rest = filters.size() - i - 1;
                add(
                        located,
                        "spec.filters[%d]".formatted(i + 1),
                        "no event comes here: spec.filters[%d] drops every one".formatted(i),
                        "Give it a when, or leave away %s."
                                .formatted(rest == 1 ? "what stands behind it" : "the %d behind it".formatted(rest)));
                return;
            }
        }
        if (!filters.isEmpty() && dropsAll(filters.getLast())) {
            add(
                    located,
                    "spec.filters[%d]".formatted(filters.size() - 1),
                    "nothing comes out of route %s: its last filter drops every event"
                            .formatted(route(located).name()),
                    "Give it a when, or leave it away; where nothing is to come out, name a sink that is discard: {}.");
        }
    }

    /// Keys that tell no event from another.
    private void sameKeys(Located located) {
        var filters = route(located).filters();
        for (int i = 0; i < filters.size(); i++) {
            var filter = filters.get(i);
            var path = "spec.filters[%d].%s.key".formatted(i, filter.kind());
            key(filter)
                    .filter(FieldTemplate::isPlain)
                    .filter(key -> isMeantAsField(filter, key))
                    .ifPresent(key -> add(
                            located,
                            path,
                            "key is the same for every event: \"%s\" is plain text".formatted(key),
                            "Write fields as in \"%s\".".formatted(meant(key))));
        }
    }

    /// One rate for all events of a route is meant, too, unless the key is the name of a field.
    private static boolean isMeantAsField(FilterSpec filter, FieldTemplate key) {
        return !(filter instanceof FilterSpec.Throttle) || USUAL_FIELDS.contains(key.text());
    }

    private static Optional<FieldTemplate> key(FilterSpec filter) {
        return switch (filter) {
            case FilterSpec.Sample sample -> sample.key();
            case FilterSpec.Throttle throttle -> Optional.of(throttle.key());
            case FilterSpec.Dedupe dedupe -> Optional.of(dedupe.key());
            case FilterSpec.Multiline multiline -> multiline.key();
            case FilterSpec.Drop _,
                    FilterSpec.Parse _,
                    FilterSpec.Set _,
                    FilterSpec.Rename _,
                    FilterSpec.Remove _,
                    FilterSpec.Keep _,
                    FilterSpec.Convert _,
                    FilterSpec.Timestamp _,
                    FilterSpec.Level _,
                    FilterSpec.Redact _,
                    FilterSpec.Flatten _,
                    FilterSpec.Split _ -> Optional.empty();
        };
    }

    /// The field of that name, where it may be one.
    private static String meant(FieldTemplate key) {
        return key.text().matches("[A-Za-z_@][A-Za-z0-9_.@]*") ? "%{" + key + "}" : "%{container_id}";
    }

    private static boolean dropsAll(FilterSpec filter) {
        return switch (filter) {
            case FilterSpec.Drop(var when) -> always(when);
            case FilterSpec.Sample sample ->
                sample.rate().isPresent() && sample.rate().get().value() == 0 && always(sample.when());
            case FilterSpec.Parse _,
                    FilterSpec.Set _,
                    FilterSpec.Rename _,
                    FilterSpec.Remove _,
                    FilterSpec.Keep _,
                    FilterSpec.Convert _,
                    FilterSpec.Timestamp _,
                    FilterSpec.Level _,
                    FilterSpec.Throttle _,
                    FilterSpec.Dedupe _,
                    FilterSpec.Redact _,
                    FilterSpec.Multiline _,
                    FilterSpec.Flatten _,
                    FilterSpec.Split _ -> false;
        };
    }

    private static boolean always(Optional<When> when) {
        return when.isEmpty() || Claims.isAlways(when.get());
    }

    /// Whether none of its filters keeps an event back.
    static boolean letsAllThrough(LogRoute route) {
        return route.filters().stream().allMatch(filter -> switch (filter) {
            case FilterSpec.Drop _,
                    FilterSpec.Sample _,
                    FilterSpec.Throttle _,
                    FilterSpec.Dedupe _,
                    FilterSpec.Multiline _ -> false;
            case FilterSpec.Parse parse ->
                parse.onFailure() == FilterSpec.OnFailure.TAG || parse.onFailure() == FilterSpec.OnFailure.KEEP;
            case FilterSpec.Set _,
                    FilterSpec.Rename _,
                    FilterSpec.Remove _,
                    FilterSpec.Keep _,
                    FilterSpec.Convert _,
                    FilterSpec.Timestamp _,
                    FilterSpec.Level _,
                    FilterSpec.Redact _,
                    FilterSpec.Flatten _,
                    FilterSpec.Split _ -> true;
        });
    }
}
