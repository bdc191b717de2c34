package io.logroute.router;

import io.logroute.flow.ByText;
import io.logroute.flow.Event;
import io.logroute.spec.Glob;
import io.logroute.spec.LogRoute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Finds the few routes that an event can match among many, without asking each: by one look into
/// a table for each field that routes select by. A route stands in one table, by its [Key]; without
/// one it is a candidate for every event. What is [#left] of a route's selection has to be asked; the
/// table has answered the rest.
///
/// The cost of an event does not grow with the number of routes that have a key; those that select by `when` or
/// `not` alone are asked one by one. Names are found by hash over their
/// bytes in the event, labels by those that the event carries, and what patterns make of a name is
/// remembered, for as many names as there usually are. Used by one thread.
final class Candidates {
    /// Names remembered for each field, and the longest of them: what is longer is no name.
    /// Whoever makes up more of them pays for the patterns.
    private static final int REMEMBERED = 5_000;

    private static final int LONGEST = 128;

    private static final int[] NONE = {};

    /// What a route is looked up by, and what is left to ask of it then.
    private sealed interface Key {
        LogRoute.Match rest();

        record BySubject(Subject subject, List<Glob> globs, LogRoute.Match rest) implements Key {}

        record ByLabel(String label, List<Glob> globs, LogRoute.Match rest) implements Key {}

        record None(LogRoute.Match rest) implements Key {}

        /// Its service, else its stack, its container, its node, the first label or the first other field it names.
        static Key of(LogRoute.Match match) {
            if (!match.service().isEmpty()) {
                return new BySubject(Subject.SERVICE, match.service(), Part.SERVICE.without(match));
            }
            if (!match.stack().isEmpty()) {
                return new BySubject(Subject.STACK, match.stack(), Part.STACK.without(match));
            }
            if (!match.container().isEmpty()) {
                return new BySubject(Subject.CONTAINER, match.container(), Part.CONTAINER.without(match));
            }
            if (!match.node().isEmpty()) {
                return new BySubject(Subject.NODE, match.node(), Part.NODE.without(match));
            }
            for (var label : match.labels().entrySet()) {
                return new ByLabel(label.getKey(), label.getValue(), Part.LABEL.without(match));
            }
            for (var field : match.fields().entrySet()) {
                return new BySubject(Subject.field(field.getKey()), field.getValue(), Part.FIELD.without(match));
            }
            return new None(match);
        }
    }

    /// A part of a selection that a table answers.
    private enum Part {
        SERVICE,
        STACK,
        CONTAINER,
        NODE,
        /// The first of them.
        LABEL,
        /// The first of them.
        FIELD;

        LogRoute.Match without(LogRoute.Match match) {
            return new LogRoute.Match(
                    this == SERVICE ? List.of() : match.service(),
                    this == STACK ? List.of() : match.stack(),
                    this == CONTAINER ? List.of() : match.container(),
                    this == NODE ? List.of() : match.node(),
                    this == LABEL ? withoutFirst(match.labels()) : match.labels(),
                    this == FIELD ? withoutFirst(match.fields()) : match.fields(),
                    match.when(),
                    match.not());
        }

        private static <K> Map<K, List<Glob>> withoutFirst(Map<K, List<Glob>> all) {
            var others = new LinkedHashMap<>(all);
            all.keySet().stream().findFirst().ifPresent(others::remove);
            return others;
        }
    }

    /// The routes that select by one field or label.
    private static final class Table {
        private final Map<String, int[]> plain = new HashMap<>();
        private final List<Pattern> patterns = new ArrayList<>();
        private final Map<String, int[]> remembered = new HashMap<>();

        private record Pattern(Glob glob, int route) {}

        void add(List<Glob> globs, int route) {
            for (var glob : globs) {
                if (glob.isPlain()) {
                    plain.merge(glob.text(), new int[] {route}, Candidates::both);
                } else {
                    patterns.add(new Pattern(glob, route));
                }
            }
        }

        int[] of(Subject subject, Event event) {
            if (subject.hasSeveral()) {
                int[] found = NONE;
                for (var name : subject.all(event)) {
                    found = both(found, of(name));
                }
                return found;
            }
            var name = subject.of(event);
            return name == null ? NONE : of(name);
        }

        int[] of(String name) {
            if (patterns.isEmpty()) {
                return plain.getOrDefault(name, NONE);
            }
            var known = name.length() > LONGEST ? null : remembered.get(name);
            if (known == null) {
                known = both(plain.getOrDefault(name, NONE), fitting(name));
                if (name.length() > LONGEST) {
                    return known;
                }
                if (remembered.size() >= REMEMBERED) {
                    remembered.clear();
                }
                remembered.put(name, known);
            }
            return known;
        }

        private int[] fitting(String name) {
            return patterns.stream()
                    .filter(pattern -> pattern.glob().matches(name))
                    .mapToInt(Pattern::route)
                    .sorted()
                    .distinct()
                    .toArray();
        }
    }

    /// The routes that select by one subject.
    private static final class BySubject {
        private final Table table = new Table();
        private final Function<Event, int[]> found;

        BySubject(Subject subject) {
            Function<Event, int[]> asked = event -> table.of(subject, event);
            this.found = subject.key()
                    .<Function<Event, int[]>>map(key -> new ByText<>(key, asked)::of)
                    .orElse(asked);
        }
    }

    /// The routes that select by labels: an event is asked for none, its own are looked up.
    private static final class LabelTables {
        private final Map<String, Table> byLabel = new HashMap<>();
        private final Map<String, List<Table>> byName = new HashMap<>();

        void add(String label, List<Glob> globs, int route) {
            var table = byLabel.get(label);
            if (table == null) {
                table = new Table();
                byLabel.put(label, table);
                for (var name : Subject.namesOf(label)) {
                    byName.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(table);
                }
            }
            table.add(globs, route);
        }

        int[] of(Event event) {
            var found = new int[][] {NONE};
            Subject.labels(event, (name, text) -> {
                for (var table : byName.getOrDefault(name, List.of())) {
                    found[0] = both(found[0], table.of(text));
                }
            });
            return found[0];
        }
    }

    private final Map<Subject, BySubject> tables = new LinkedHashMap<>();
    private final LabelTables labels = new LabelTables();
    private int[] always = NONE;

    private Candidates() {}

    /// @param matches what each route selects; routes are named by their place in this list
    static Candidates of(List<LogRoute.Match> matches) {
        var candidates = new Candidates();
        var always = IntStream.builder();
        for (int route = 0; route < matches.size(); route++) {
            if (!candidates.add(matches.get(route), route)) {
                always.add(route);
            }
        }
        candidates.always = always.build().toArray();
        return candidates;
    }

    /// Whether there is a table for it.
    private boolean add(LogRoute.Match match, int route) {
        switch (Key.of(match)) {
            case Key.BySubject by ->
                tables.computeIfAbsent(by.subject(), BySubject::new).table.add(by.globs(), route);
            case Key.ByLabel by -> labels.add(by.label(), by.globs(), route);
            case Key.None _ -> {
                return false;
            }
        }
        return true;
    }

    /// What is left to ask of a route that is a candidate: all that it selects by but what its table
    /// answered.
    static LogRoute.Match left(LogRoute.Match match) {
        return Key.of(match).rest();
    }

    /// How many names are remembered for patterns.
    int remembered() {
        return Stream.concat(tables.values().stream().map(each -> each.table), labels.byLabel.values().stream())
                .mapToInt(table -> table.remembered.size())
                .sum();
    }

    /// The routes that match when what is [#left] of them does, in order. Not to be changed.
    int[] of(Event event) {
        int[] found = always;
        for (var each : tables.values()) {
            found = both(found, each.found.apply(event));
        }
        return labels.byLabel.isEmpty() ? found : both(found, labels.of(event));
    }

    /// All that are in one of them, in order, each once.
    private static int[] both(int[] some, int[] others) {
        if (some.length == 0) {
            return others;
        }
        if (others.length == 0) {
            return some;
        }
        int[] all = Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, all, some.length, others.length);
        return Arrays.stream(all).sorted().distinct().toArray();
    }
}
