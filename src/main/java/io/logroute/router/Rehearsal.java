package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Holding;
import io.logroute.flow.Json;
import io.logroute.parts.cel.Reasons;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.LogRoute;
import io.logroute.spec.Words;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sends events along the routes of a pipeline, by the very code of the data path, and tells what
/// became of them; nothing leaves it. `explain` and the tests of routes are made of it.
///
/// Time is that of the events: each comes in at the time it is given with. What filters hold back
/// until more comes is let go by [#end]. Used by one thread.
public final class Rehearsal implements AutoCloseable {
    /// An event on its way in.
    ///
    /// @param at when it comes in
    public record Given(Map<String, @Nullable Object> fields, Instant at) {}

    /// What became of one event; of what was held back, at the end.
    ///
    /// @param passages for each route of the pipeline, in the order of their names
    public record Trip(List<Passage> passages) {
        /// The routes that took it.
        public List<String> takenBy() {
            return passages.stream()
                    .filter(each -> each.outcome() == Outcome.TAKEN)
                    .map(Passage::route)
                    .toList();
        }
    }

    /// Whether a route took an event.
    public enum Outcome {
        TAKEN,
        NOT_MATCHED,
        /// It is a default route, and others took it.
        LEFT_TO_OTHERS
    }

    /// What a route did.
    ///
    /// @param why the keys of `match` that did not hold
    /// @param steps what each filter did, in the order it happened: on the way to the first sink, which is as
    ///     to the others. What was held back may go on while another event comes, also one that is not taken
    /// @param arrivals for each sink in the order of the route's `to`, those to one sink in order
    public record Passage(
            String route,
            boolean isDefault,
            Outcome outcome,
            List<Mismatch> why,
            List<Step> steps,
            List<Arrival> arrivals) {}

    /// A key of `match` that did not hold.
    ///
    /// @param key as under `match`: `service`, `when`
    /// @param asks what is written there
    /// @param found what the event has, in words
    public record Mismatch(String key, String asks, String found) {
        /// In one line: `match.service asks for shop_*; service is bank_web`.
        public String said() {
            return switch (key) {
                case "when" -> "match.when: " + found;
                case "not" -> "match.not takes it out: " + found;
                default -> "match.%s asks for %s; %s".formatted(key, asks, found);
            };
        }
    }

    /// What a filter made of one event.
    ///
    /// @param place of the filter in the route, from 0
    /// @param filter its key: `set`; of `parse`, with the way: `parse json`
    /// @param part which event, where a filter before made several of one: `2`, `2.1`; else empty
    /// @param passedBy the parts of its `when` that are false: the event passed by it
    /// @param gave what it gave on of the event
    /// @param released what it gave on of events that it had held back
    /// @param refused why it dead-lettered, each event for itself
    /// @param fate what became of the event where the filter gave nothing on of it
    public record Step(
            int place,
            String filter,
            String part,
            List<Reasons.Reason> passedBy,
            List<Gave> gave,
            List<Gave> released,
            List<String> refused,
            Fate fate) {}

    /// What became of an event in a filter.
    public enum Fate {
        /// It went on, changed or not, or several that were made of it.
        WENT_ON,
        DEAD_LETTERED,
        DROPPED,
        /// It is held back until more comes.
        HELD,
        /// It is part of one that is held back.
        JOINED,
        /// There was none: only what was held back before went on.
        NONE
    }

    /// An event that a filter gave on.
    ///
    /// @param event number of the event that came in, from 1
    public record Gave(long event, List<Change> changes) {}

    /// What happened to a field.
    ///
    /// @param before JSON; empty when the field was not there
    /// @param after JSON; empty when the field is not there any more
    public record Change(FieldPath field, Optional<String> before, Optional<String> after) {}

    /// An event that came to a sink.
    ///
    /// @param fields as it leaves
    /// @param event number of the event that came in, from 1
    public record Arrival(String sink, Landing landing, Map<String, @Nullable Object> fields, long event) {}

    /// A sink of the pipeline, and what comes to it.
    private record Stage(String sink, Routing routing, Function<Event, Landing> landing) {}

    private final PipelineDefinition pipeline;
    private final List<Stage> stages;
    private final Map<String, Matching> matches;
    private final Instruments meters;
    private final Stopwatch clock;
    private final Notes notes;
    private long taken;

    private Rehearsal(
            PipelineDefinition pipeline,
            List<Stage> stages,
            Map<String, Matching> matches,
            Instruments meters,
            Stopwatch clock,
            Notes notes) {
        this.pipeline = pipeline;
        this.stages = stages;
        this.matches = matches;
        this.meters = meters;
        this.clock = clock;
        this.notes = notes;
    }

    /// @throws IOException when a filter cannot be made, with what, where and how to mend
    public static Rehearsal of(PipelineDefinition pipeline) throws IOException {
        var clock = new Stopwatch();
        var notes = new Notes(clock);
        var meters = new Instruments();
        try {
            var stages = new ArrayList<Stage>();
            for (var sink : pipeline.sinks()) {
                var name = sink.name().value();
                var routing =
                        Routing.watched(pipeline, name, route -> _ -> notes.taken.add(route), notes, meters, clock);
                stages.add(new Stage(name, routing, Assemble.landing(sink)));
            }
            var matches = new TreeMap<String, Matching>();
            pipeline.routes()
                    .forEach(route -> matches.put(
                            route.name().value(),
                            Assemble.match(route.match(), route.name().value())));
            return new Rehearsal(pipeline, stages, matches, meters, clock, notes);
        } catch (IOException | RuntimeException e) {
            meters.close();
            throw e;
        }
    }

    /// Sends an event in; those before it may come out with it.
    public Trip take(Given given) {
        var bytes = Json.write(given.fields()).getBytes(StandardCharsets.UTF_8);
        clock.now = given.at();
        notes.begin();
        var event = Event.of(bytes, 0, bytes.length, taken++, given.at());
        var arrivals = new ArrayList<Arrived>();
        for (var stage : stages) {
            var ends = new Ends(stage, arrivals);
            stage.routing().advance(given.at(), ends);
            stage.routing().route(event.copy(), ends);
        }
        return new Trip(pipeline.routes().stream()
                .map(route -> passage(route, Optional.of(event), arrivals))
                .toList());
    }

    /// Lets go what filters hold back: no more comes.
    public Trip end() {
        notes.begin();
        var arrivals = new ArrayList<Arrived>();
        for (var stage : stages) {
            stage.routing().flush(Duration.ofDays(1), new Ends(stage, arrivals));
        }
        return new Trip(pipeline.routes().stream()
                .map(route -> passage(route, Optional.empty(), arrivals))
                .toList());
    }

    private record Arrived(String route, Arrival arrival) {}

    /// Notes what comes to a sink.
    private record Ends(Stage stage, List<Arrived> arrivals) implements Routing.Way {
        @Override
        public void send(Event event) {
            add(event, stage.landing().apply(event));
        }

        @Override
        public void reject(Event event, String reason) {
            add(event, new Landing.DeadLettered(reason));
        }

        private void add(Event event, Landing landing) {
            var left = event.json().getBytes(StandardCharsets.UTF_8);
            arrivals.add(new Arrived(
                    event.address().route(),
                    new Arrival(stage.sink(), landing, Json.parse(left, 0, left.length), event.seq() + 1)));
        }
    }

    private Passage passage(LogRoute route, Optional<Event> event, List<Arrived> arrivals) {
        var name = route.name().value();
        var order = route.to().stream()
                .map(target -> target.sink().value())
                .distinct()
                .toList();
        var own = order.stream()
                .flatMap(sink -> arrivals.stream()
                        .filter(each -> each.route().equals(name)
                                && each.arrival().sink().equals(sink))
                        .map(Arrived::arrival))
                .toList();
        boolean isTaken = event.isEmpty() ? !notes.steps(name).isEmpty() : notes.taken.contains(name);
        var outcome = isTaken ? Outcome.TAKEN : route.isDefault() ? Outcome.LEFT_TO_OTHERS : Outcome.NOT_MATCHED;
        var why = outcome == Outcome.NOT_MATCHED && event.isPresent()
                ? matching(name).why(event.get().copy()).stream()
                        .map(each -> new Mismatch(each.key(), each.asks(), each.found()))
                        .toList()
                : List.<Mismatch>of();
        return new Passage(name, route.isDefault(), outcome, why, notes.steps(name), own);
    }

    private Matching matching(String route) {
        return Objects.requireNonNull(matches.get(route), "every route of the pipeline has one");
    }

    @Override
    public void close() {
        meters.close();
    }

    /// The time of the event that is under way.
    private static final class Stopwatch implements InstantSource {
        private Instant now = Instant.EPOCH;

        @Override
        public Instant instant() {
            return now;
        }
    }

    /// Which of several events that a filter made of one.
    private static final class Lineage {
        private static final Lineage FIRST = new Lineage(null, 0, new int[] {1});

        private final @Nullable Lineage of;
        private final int number;
        /// How many there are in the end.
        private final int[] siblings;

        Lineage(@Nullable Lineage of, int number, int[] siblings) {
            this.of = of;
            this.number = number;
            this.siblings = siblings;
        }

        /// `2.1`: the first that was made of the second; empty when there was one all the way.
        String text() {
            if (of == null) {
                return "";
            }
            var before = of.text();
            if (siblings[0] == 1) {
                return before;
            }
            return before.isEmpty() ? "" + number : before + "." + number;
        }
    }

    /// A step as it happens.
    private static final class Noted {
        private final int place;
        private final FilterSpec filter;
        private final Lineage part;
        private final List<Reasons.Reason> passedBy;
        private final List<Gave> gave = new ArrayList<>();
        private final List<Gave> released = new ArrayList<>();
        private final List<String> refused = new ArrayList<>();
        private final boolean holds;
        private boolean isHeld;
        private final boolean hasEvent;

        /// @param holds whether the filter holds events back
        /// @param hasEvent whether there is an event at hand
        Noted(
                int place,
                FilterSpec filter,
                Lineage part,
                List<Reasons.Reason> passedBy,
                boolean holds,
                boolean hasEvent) {
            this.place = place;
            this.filter = filter;
            this.part = part;
            this.passedBy = passedBy;
            this.holds = holds;
            this.hasEvent = hasEvent;
        }

        boolean isNothing() {
            return !hasEvent && gave.isEmpty() && released.isEmpty() && refused.isEmpty();
        }

        Step step() {
            return new Step(
                    place,
                    label(filter),
                    part.text(),
                    passedBy,
                    List.copyOf(gave),
                    List.copyOf(released),
                    List.copyOf(refused),
                    fate());
        }

        private Fate fate() {
            if (!hasEvent) {
                return Fate.NONE;
            }
            if (!gave.isEmpty()) {
                return Fate.WENT_ON;
            }
            if (!refused.isEmpty()) {
                return Fate.DEAD_LETTERED;
            }
            if (isHeld) {
                return Fate.HELD;
            }
            return holds ? Fate.JOINED : Fate.DROPPED;
        }
    }

    /// What filters do, as it happens.
    private static final class Notes implements Routing.Watching {
        private final InstantSource clock;
        private final Set<String> taken = new LinkedHashSet<>();
        private final Map<String, List<Noted>> steps = new HashMap<>();
        private Map<Event, Lineage> parts = new IdentityHashMap<>();

        Notes(InstantSource clock) {
            this.clock = clock;
        }

        void begin() {
            taken.clear();
            steps.clear();
            parts = new IdentityHashMap<>();
        }

        List<Step> steps(String route) {
            return steps.getOrDefault(route, List.of()).stream()
                    .filter(each -> !each.isNothing())
                    .map(Noted::step)
                    .toList();
        }

        @Override
        public boolean isRehearsal() {
            return true;
        }

        @Override
        public Filter watched(String route, int place, FilterSpec spec, Filter filter) {
            return filter instanceof Holding holding
                    ? new WatchedHolding(route, place, spec, holding, this)
                    : new Watched(route, place, spec, filter, this);
        }
    }

    /// A filter whose work is noted.
    private static class Watched implements Filter {
        private final String route;
        private final int place;
        private final FilterSpec spec;
        private final Filter filter;
        private final Notes notes;
        private final Optional<Reasons> when;
        /// What came in, by number.
        private final Map<Long, Map<String, @Nullable Object>> before = new HashMap<>();

        Watched(String route, int place, FilterSpec spec, Filter filter, Notes notes) {
            this.route = route;
            this.place = place;
            this.spec = spec;
            this.filter = filter;
            this.notes = notes;
            this.when = spec.when()
                    .map(condition -> new Reasons(condition, new io.logroute.parts.cel.Given(route, notes.clock)));
        }

        @Override
        public void apply(Event event, Way way) {
            before.put(event.seq(), tree(event));
            var passedBy = when.map(reasons -> reasons.of(event.copy())).orElse(List.of());
            var part = notes.parts.getOrDefault(event, Lineage.FIRST);
            watch(part, passedBy, true, way, watched -> filter.apply(event, watched));
        }

        final void watch(Lineage part, List<Reasons.Reason> passedBy, boolean hasEvent, Way way, Consumer<Way> doing) {
            var noted = new Noted(place, spec, part, passedBy, filter instanceof Holding, hasEvent);
            notes.steps.computeIfAbsent(route, _ -> new ArrayList<>()).add(noted);
            var siblings = new int[] {0};
            try {
                doing.accept(new Way() {
                    @Override
                    public void pass(Event next) {
                        noted.gave.add(gave(next));
                        notes.parts.put(next, new Lineage(part, ++siblings[0], siblings));
                        way.pass(next);
                    }

                    @Override
                    public void refuse(Event event, String reason) {
                        noted.refused.add(reason);
                        way.refuse(event, reason);
                    }

                    @Override
                    public void hold() {
                        noted.isHeld = true;
                        way.hold();
                    }

                    @Override
                    public void release(Event event, long last) {
                        noted.released.add(gave(event));
                        way.release(event, last);
                    }
                });
            } catch (RuntimeException e) {
                noted.refused.add("it failed: " + e);
                throw e;
            }
        }

        private Gave gave(Event event) {
            return new Gave(
                    event.seq() + 1, changes(List.of(), before.getOrDefault(event.seq(), Map.of()), tree(event)));
        }
    }

    /// The same of a filter that holds events back.
    private static final class WatchedHolding extends Watched implements Holding {
        private final Holding filter;

        WatchedHolding(String route, int place, FilterSpec spec, Holding filter, Notes notes) {
            super(route, place, spec, filter, notes);
            this.filter = filter;
        }

        @Override
        public long heldFrom() {
            return filter.heldFrom();
        }

        @Override
        public Duration patience() {
            return filter.patience();
        }

        @Override
        public void advance(Instant received, Way way) {
            watch(Lineage.FIRST, List.of(), false, way, watched -> filter.advance(received, watched));
        }

        @Override
        public void flush(Way way) {
            watch(Lineage.FIRST, List.of(), false, way, filter::flush);
        }
    }

    private static String label(FilterSpec spec) {
        var key = Words.key(spec.getClass());
        return spec instanceof FilterSpec.Parse parse
                ? key + " " + Words.key(parse.how().getClass())
                : key;
    }

    private static Map<String, @Nullable Object> tree(Event event) {
        var bytes = Json.write(event.copy().tree()).getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }

    /// In the order of the fields before, then the new ones.
    private static List<Change> changes(
            List<String> at, Map<String, @Nullable Object> before, Map<String, @Nullable Object> after) {
        var keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(after.keySet());
        var changes = new ArrayList<Change>();
        for (var key : keys) {
            var path = new ArrayList<>(at);
            path.add(key);
            if (before.containsKey(key)
                    && after.containsKey(key)
                    && before.get(key) instanceof Map<?, ?> was
                    && after.get(key) instanceof Map<?, ?> is) {
                changes.addAll(changes(path, object(was), object(is)));
                continue;
            }
            var was = before.containsKey(key) ? Optional.of(Json.write(before.get(key))) : Optional.<String>empty();
            var is = after.containsKey(key) ? Optional.of(Json.write(after.get(key))) : Optional.<String>empty();
            if (!was.equals(is)) {
                changes.add(new Change(new FieldPath(path), was, is));
            }
        }
        return changes;
    }

    private static Map<String, @Nullable Object> object(Map<?, ?> map) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> object.put(String.valueOf(key), value));
        return object;
    }
}
