package io.logroute.router;

import io.logroute.flow.Json;
import io.logroute.flow.Timestamps;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.Moment;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One run of a [LogRouteTest]: its events go through a [Rehearsal], and what comes out along the
/// route is held against what is expected.
///
/// @param differences none when the test holds
public record Trial(LogRouteTest test, List<Difference> differences) {
    /// When an event comes in that says nothing about it.
    public static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00Z");

    /// So many events that the route did not take are told one by one.
    private static final int MOST_REFUSED = 3;

    /// Something that is not as expected.
    ///
    /// @param entry place in `expect`, from 0; empty for an event that no entry expects
    /// @param what in one line
    /// @param details what else there is to see, a line each
    public record Difference(Optional<Integer> entry, String sink, String what, List<String> details) {}

    public Trial {
        differences = List.copyOf(differences);
    }

    public boolean holds() {
        return differences.isEmpty();
    }

    /// Runs the test.
    ///
    /// @param pipeline that has the route
    /// @throws IOException when a filter of the route cannot be made, with what, where and how to mend
    public static Trial of(PipelineDefinition pipeline, LogRouteTest test) throws IOException {
        var route = route(pipeline, test);
        try (var rehearsal = Rehearsal.of(around(pipeline, test))) {
            var came = new ArrayList<Rehearsal.Arrival>();
            var refused = new ArrayList<String>();
            for (int i = 0; i < test.given().size(); i++) {
                var trip = rehearsal.take(given(test.given().get(i)));
                came.addAll(along(route, trip));
                var event = test.given().size() == 1 ? "it" : "event %d".formatted(i + 1);
                refusal(route, trip)
                        .ifPresent(why ->
                                refused.add("route %s does not take %s: %s".formatted(route.name(), event, why)));
            }
            came.addAll(along(route, rehearsal.end()));
            return new Trial(test, differences(test, route, came, hints(refused)));
        }
    }

    /// Why the route left an event; empty when it took it.
    private static Optional<String> refusal(LogRoute route, Rehearsal.Trip trip) {
        return trip.passages().stream()
                .filter(each -> each.route().equals(route.name().value()))
                .flatMap(each -> switch (each.outcome()) {
                    case TAKEN -> Stream.<String>empty();
                    case LEFT_TO_OTHERS ->
                        Stream.of("it is a default route, and %s took it".formatted(String.join(", ", trip.takenBy())));
                    case NOT_MATCHED ->
                        Stream.of(each.why().stream()
                                .map(Rehearsal.Mismatch::said)
                                .collect(Collectors.joining("; ")));
                })
                .findFirst();
    }

    /// What helps where an event is missing.
    private static List<String> hints(List<String> refused) {
        var hints = new ArrayList<>(refused.subList(0, Math.min(refused.size(), MOST_REFUSED)));
        if (refused.size() > MOST_REFUSED) {
            hints.add("it does not take %d more".formatted(refused.size() - MOST_REFUSED));
        }
        hints.add("logroute explain shows step by step what becomes of an event");
        return hints;
    }

    private static LogRoute route(PipelineDefinition pipeline, LogRouteTest test) {
        return pipeline.routes().stream()
                .filter(each -> each.name().equals(test.route()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the pipeline of router %s has no route %s".formatted(pipeline.name(), test.route())));
    }

    /// The route, and what else decides over it: a default route takes what the others leave.
    static PipelineDefinition around(PipelineDefinition pipeline, LogRouteTest test) {
        var route = route(pipeline, test);
        var routes = new ArrayList<LogRoute>(List.of(route));
        if (route.isDefault()) {
            for (var other : pipeline.routes()) {
                if (!other.isDefault()) {
                    routes.add(new LogRoute(other.name(), other.router(), other.match(), false, List.of(), other.to()));
                }
            }
        }
        var named = routes.stream()
                .flatMap(each -> each.to().stream())
                .map(LogRoute.Target::sink)
                .toList();
        return new PipelineDefinition(
                pipeline.router(),
                routes,
                pipeline.sinks().stream()
                        .filter(sink -> named.contains(sink.name()))
                        .toList());
    }

    private static List<Rehearsal.Arrival> along(LogRoute route, Rehearsal.Trip trip) {
        return trip.passages().stream()
                .filter(each -> each.route().equals(route.name().value()))
                .flatMap(each -> each.arrivals().stream())
                .toList();
    }

    private static Rehearsal.Given given(LogRouteTest.Given given) {
        var fields = given.event().fields();
        var at = given.at().map(Moment::at).orElseGet(() -> ownTime(fields).orElse(SOME_TIME));
        return new Rehearsal.Given(fields, at);
    }

    /// The time under `@timestamp`.
    public static Optional<Instant> ownTime(Map<String, @Nullable Object> fields) {
        return fields.get("@timestamp") instanceof String text
                ? Optional.ofNullable(Timestamps.parse(text))
                : Optional.empty();
    }

    private record Entry(int place, LogRouteTest.Expected expected) {}

    private static List<Difference> differences(
            LogRouteTest test, LogRoute route, List<Rehearsal.Arrival> came, List<String> hints) {
        var bySink = new LinkedHashMap<String, List<Entry>>();
        if (test.expect().isEmpty()) {
            route.to().forEach(target -> bySink.put(target.sink().value(), List.of()));
        }
        for (int i = 0; i < test.expect().size(); i++) {
            bySink.computeIfAbsent(test.expect().get(i).sink().value(), _ -> new ArrayList<>())
                    .add(new Entry(i, test.expect().get(i)));
        }
        var differences = new ArrayList<Difference>();
        bySink.forEach((sink, entries) -> {
            var there = came.stream().filter(each -> each.sink().equals(sink)).toList();
            differences.addAll(new AtSink(sink, entries, there, hints).differences());
        });
        return differences;
    }

    /// What is expected at one sink beside what came there.
    ///
    /// @param hints lines for an event that did not come
    private record AtSink(String sink, List<Entry> entries, List<Rehearsal.Arrival> came, List<String> hints) {
        /// Entries and events that fit are laid side by side, as many as can be in their order; what is left
        /// between them is compared one by one.
        List<Difference> differences() {
            int[][] fitting = new int[entries.size() + 1][came.size() + 1];
            for (int e = entries.size() - 1; e >= 0; e--) {
                for (int c = came.size() - 1; c >= 0; c--) {
                    fitting[e][c] =
                            fits(e, c) ? fitting[e + 1][c + 1] + 1 : Math.max(fitting[e + 1][c], fitting[e][c + 1]);
                }
            }
            var out = new ArrayList<Difference>();
            var missing = new ArrayList<Entry>();
            var more = new ArrayList<Rehearsal.Arrival>();
            int e = 0;
            int c = 0;
            while (e < entries.size() || c < came.size()) {
                if (e < entries.size() && c < came.size() && fits(e, c)) {
                    settle(missing, more, out);
                    e++;
                    c++;
                } else if (c == came.size() || e < entries.size() && fitting[e + 1][c] >= fitting[e][c + 1]) {
                    missing.add(entries.get(e++));
                } else {
                    more.add(came.get(c++));
                }
            }
            settle(missing, more, out);
            return out;
        }

        private boolean fits(int entry, int event) {
            return differing(entries.get(entry).expected(), came.get(event)).isEmpty();
        }

        private void settle(List<Entry> missing, List<Rehearsal.Arrival> more, List<Difference> out) {
            int both = Math.min(missing.size(), more.size());
            for (int i = 0; i < both; i++) {
                var entry = missing.get(i);
                out.add(new Difference(
                        Optional.of(entry.place()),
                        sink,
                        "%s: an event is not as expected".formatted(sink),
                        differing(entry.expected(), more.get(i))));
            }
            for (var entry : missing.subList(both, missing.size())) {
                out.add(new Difference(
                        Optional.of(entry.place()),
                        sink,
                        came.isEmpty()
                                ? "no event came to %s".formatted(sink)
                                : "%s: an event is missing".formatted(sink),
                        Stream.concat(Stream.of("expected " + said(entry.expected())), hints.stream())
                                .toList()));
            }
            for (var event : more.subList(both, more.size())) {
                out.add(new Difference(
                        Optional.empty(),
                        sink,
                        entries.isEmpty()
                                ? "an event came to %s, and none is expected".formatted(sink)
                                : "%s: one more than expected".formatted(sink),
                        List.of("it is " + Json.write(event.fields()) + said(event.landing()))));
            }
            missing.clear();
            more.clear();
        }
    }

    private static String said(LogRouteTest.Expected expected) {
        var where = expected.index().map(index -> " in index " + index).orElse("")
                + expected.file().map(file -> " in file " + file).orElse("")
                + expected.deadLetter()
                        .map(reason -> ", dead-lettered: " + reason)
                        .orElse("");
        return Json.write(expected.event().fields()) + where;
    }

    private static String said(Landing landing) {
        return switch (landing) {
            case Landing.InIndex(var index, var _) -> " in index " + index;
            case Landing.InFile(var path) -> " in file " + path;
            case Landing.InRedis(var key) -> " in key " + key;
            case Landing.Sent(var to) -> " sent to " + to;
            case Landing.DeadLettered(var reason) -> ", dead-lettered: " + reason;
            case Landing.OnSubject(var subject) -> " on subject " + subject;
            case Landing.OnConsole _, Landing.Discarded _ -> "";
        };
    }

    /// What is not as expected, a line each.
    private static List<String> differing(LogRouteTest.Expected expected, Rehearsal.Arrival came) {
        var lines = new ArrayList<String>();
        if (expected.deadLetter().isPresent()) {
            var part = expected.deadLetter().get();
            if (!(came.landing() instanceof Landing.DeadLettered(var reason))) {
                lines.add("dead letter: expected, and it was delivered");
            } else if (!reason.contains(part)) {
                lines.add("dead letter: expected a reason with \"%s\", it is \"%s\"".formatted(part, reason));
            }
        } else if (came.landing() instanceof Landing.DeadLettered(var reason)) {
            lines.add("it was dead-lettered: " + reason);
        }
        expected.index().ifPresent(index -> {
            if (!(came.landing() instanceof Landing.InIndex(var at, var _))) {
                lines.add("index: expected %s, it has none".formatted(index));
            } else if (!at.equals(index)) {
                lines.add("index: expected %s, it is %s".formatted(index, at));
            }
        });
        expected.id().ifPresent(id -> {
            var has = came.landing() instanceof Landing.InIndex(var _, var own) ? own : Optional.<String>empty();
            if (!has.equals(Optional.of(id))) {
                lines.add("id: expected %s, it is %s".formatted(id, has.orElse("not made of the event")));
            }
        });
        expected.file().ifPresent(file -> {
            if (!(came.landing() instanceof Landing.InFile(var path))) {
                lines.add("file: expected %s, it has none".formatted(file));
            } else if (!path.toString().equals(file)) {
                lines.add("file: expected %s, it is %s".formatted(file, path));
            }
        });
        fields("", expected.event().fields(), came.fields(), expected.only(), lines);
        return lines;
    }

    private static void fields(
            String at,
            Map<String, @Nullable Object> expected,
            Map<String, @Nullable Object> came,
            boolean only,
            List<String> lines) {
        expected.forEach((name, value) -> field(at + name, value, find(came, name), only, lines));
        if (only) {
            came.forEach((name, value) -> {
                boolean isTime = at.isEmpty() && name.equals("@timestamp");
                if (!isTime
                        && expected.keySet().stream()
                                .noneMatch(key -> key.equals(name) || key.startsWith(name + "."))) {
                    lines.add("%s%s: not expected, it is %s".formatted(at, name, Json.write(value)));
                }
            });
        }
    }

    /// A value that is there, be it `null`.
    private record Found(@Nullable Object value) {}

    private static @Nullable Found find(Map<?, ?> object, String name) {
        if (object.containsKey(name)) {
            return new Found(object.get(name));
        }
        for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
            if (object.get(name.substring(0, dot)) instanceof Map<?, ?> inner) {
                var found = find(inner, name.substring(dot + 1));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static void field(
            String name, @Nullable Object expected, @Nullable Found found, boolean only, List<String> lines) {
        if (expected == null) {
            if (found != null && found.value() != null) {
                lines.add("%s: expected not to be there, it is %s".formatted(name, Json.write(found.value())));
            }
            return;
        }
        if (found == null) {
            lines.add("%s: expected %s, it is not there".formatted(name, Json.write(expected)));
            return;
        }
        if (expected instanceof Map<?, ?> fields && found.value() instanceof Map<?, ?> there) {
            fields(name + ".", object(fields), object(there), only, lines);
            return;
        }
        if (!same(expected, found.value())) {
            lines.add("%s: expected %s, it is %s%s"
                    .formatted(name, Json.write(expected), Json.write(found.value()), kinds(expected, found.value())));
        }
    }

    /// What the eye may miss: `"5"` and `5`.
    private static String kinds(@Nullable Object expected, @Nullable Object found) {
        boolean alike = String.valueOf(expected).equals(String.valueOf(found));
        return alike ? " (%s, not %s)".formatted(kind(found), kind(expected)) : "";
    }

    private static String kind(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String _ -> "text";
            case Number _ -> "a number";
            case Boolean _ -> "a truth value";
            case List<?> _ -> "a list";
            default -> "an object";
        };
    }

    private static boolean same(@Nullable Object expected, @Nullable Object found) {
        if (expected instanceof Number a && found instanceof Number b) {
            return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
        }
        if (expected instanceof List<?> a && found instanceof List<?> b) {
            if (a.size() != b.size()) {
                return false;
            }
            for (int i = 0; i < a.size(); i++) {
                if (!same(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (expected instanceof Map<?, ?> a && found instanceof Map<?, ?> b) {
            return a.keySet().equals(b.keySet()) && a.keySet().stream().allMatch(key -> same(a.get(key), b.get(key)));
        }
        return expected == null ? found == null : expected.equals(found);
    }

    private static Map<String, @Nullable Object> object(Map<?, ?> map) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> object.put(String.valueOf(key), value));
        return object;
    }
}
