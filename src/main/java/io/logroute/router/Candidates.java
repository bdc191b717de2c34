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
import org.jspecify.annotations.Nullable;

/// Finds the few routes that an event can match among many, without asking each: by one look into
/// a table for each field that routes select by. A route stands in one table: by its service, else
/// its stack, else the first other field it names; without any of them it is a candidate for every
/// event. What is [#left] of a route's selection has to be asked; the table has answered the rest.
///
/// The cost of an event does not grow with the number of routes: names are found by hash over their bytes
/// in the event, and what patterns make of a name is remembered, for as many names as there usually are.
/// Used by one thread.
final class Candidates {
    /// Names remembered for each field, and the longest of them: what is longer is no name.
    /// Whoever makes up more of them pays for the patterns.
    private static final int REMEMBERED = 5_000;

    private static final int LONGEST = 128;

    private static final int[] NONE = {};

    /// The routes that select by one field.
    private static final class Table {
        private final Subject subject;
        private final Map<String, int[]> plain = new HashMap<>();
        private final List<Pattern> patterns = new ArrayList<>();
        private final Map<String, int[]> remembered = new HashMap<>();
        private final Function<Event, int[]> found;

        private record Pattern(Glob glob, int route) {}

        Table(Subject subject) {
            this.subject = subject;
            this.found = subject.key()
                    .<Function<Event, int[]>>map(key -> new ByText<>(key, this::byName)::of)
                    .orElse(this::byName);
        }

        void add(List<Glob> globs, int route) {
            for (var glob : globs) {
                if (glob.isPlain()) {
                    plain.merge(glob.text(), new int[] {route}, Candidates::both);
                } else {
                    patterns.add(new Pattern(glob, route));
                }
            }
        }

        int[] of(Event event) {
            return found.apply(event);
        }

        private int[] byName(Event event) {
            var name = subject.of(event);
            return name == null ? NONE : of(name);
        }

        private int[] of(String name) {
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

    private final List<Table> tables;
    private final int[] always;

    private Candidates(List<Table> tables, int[] always) {
        this.tables = tables;
        this.always = always;
    }

    /// @param matches what each route selects; routes are named by their place in this list
    static Candidates of(List<LogRoute.Match> matches) {
        var tables = new LinkedHashMap<Subject, Table>();
        var always = IntStream.builder();
        for (int route = 0; route < matches.size(); route++) {
            var match = matches.get(route);
            var subject = subject(match);
            if (subject == null) {
                always.add(route);
            } else {
                tables.computeIfAbsent(subject, Table::new).add(globs(match), route);
            }
        }
        return new Candidates(List.copyOf(tables.values()), always.build().toArray());
    }

    private static @Nullable Subject subject(LogRoute.Match match) {
        if (!match.service().isEmpty()) {
            return Subject.SERVICE;
        }
        if (!match.stack().isEmpty()) {
            return Subject.STACK;
        }
        return match.fields().keySet().stream().findFirst().map(Subject::field).orElse(null);
    }

    private static List<Glob> globs(LogRoute.Match match) {
        if (!match.service().isEmpty()) {
            return match.service();
        }
        return match.stack().isEmpty() ? match.fields().values().iterator().next() : match.stack();
    }

    /// What is left to ask of a route that is a candidate: all that it selects by but what its table
    /// answered.
    static LogRoute.Match left(LogRoute.Match match) {
        if (!match.service().isEmpty()) {
            return new LogRoute.Match(List.of(), match.stack(), match.fields(), match.when());
        }
        if (!match.stack().isEmpty()) {
            return new LogRoute.Match(List.of(), List.of(), match.fields(), match.when());
        }
        var others = new LinkedHashMap<>(match.fields());
        match.fields().keySet().stream().findFirst().ifPresent(others::remove);
        return new LogRoute.Match(List.of(), List.of(), others, match.when());
    }

    /// How many names are remembered for patterns.
    int remembered() {
        return tables.stream().mapToInt(table -> table.remembered.size()).sum();
    }

    /// The routes that match when what is [#left] of them does, in order. Not to be changed.
    int[] of(Event event) {
        int[] found = always;
        for (var table : tables) {
            found = both(found, table.of(event));
        }
        return found;
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
