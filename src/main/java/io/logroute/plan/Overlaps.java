package io.logroute.plan;

import io.logroute.spec.Conjuncts;
import io.logroute.spec.Glob;
import io.logroute.spec.Located;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRoute.Match;
import io.logroute.spec.Name;
import io.logroute.spec.Problem;
import io.logroute.spec.When;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Routes of one router of which one takes whatever another takes, sends it to the same place, and lets all
/// of it through: each is told once, of the first such other.
///
/// Routes are not compared two by two. What takes all that another takes asks for nothing that the other
/// does not ask for, so each route lies under the rarest thing that it asks for (a name, how a pattern begins
/// or ends, a part of a condition), and is compared with those that ask for this, too. Where that is still
/// too much, it ends, and says so.
final class Overlaps {
    /// Comparisons of two routes or of two patterns, at most: a second or two.
    static final int MOST = 2_000_000;

    private final List<Located> routes;
    private final List<Problem> problems = new ArrayList<>();
    private int compared;

    private Overlaps(List<Located> routes) {
        this.routes = routes;
    }

    static Overlaps among(List<Located> routes) {
        var overlaps = new Overlaps(routes);
        overlaps.look();
        return overlaps;
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    /// How many comparisons it took.
    int compared() {
        return compared;
    }

    /// Whether every event that the narrow one takes, the wide one takes.
    static boolean covers(Match wide, Match narrow) {
        return new Overlaps(List.of()).covers(wide, parts(wide.when()), narrow, parts(narrow.when()));
    }

    /// What comes to one place, by one router.
    private record Lane(Name router, boolean isDefault, LogRoute.Target target) {}

    /// One route of a lane.
    ///
    /// @param number its place in the list
    /// @param at the place of the target in its own list
    /// @param parts of its condition
    private record Lying(int number, int at, LogRoute route, Set<String> parts, boolean letsAllThrough) {}

    /// How an [Ask] is met.
    private enum How {
        IS,
        BEGINS,
        ENDS
    }

    /// One thing that a match asks for: how a name is, begins or ends, or a part of the condition.
    private record Ask(String key, How how, String text) {}

    private static final Ask NOTHING = new Ask("", How.IS, "");

    private void look() {
        var lanes = new LinkedHashMap<Lane, List<Lying>>();
        for (int i = 0; i < routes.size(); i++) {
            var route = (LogRoute) routes.get(i).document();
            var parts = parts(route.match().when());
            boolean letsAllThrough = Doubts.letsAllThrough(route);
            for (int at = 0; at < route.to().size(); at++) {
                lanes.computeIfAbsent(
                                new Lane(
                                        route.router(),
                                        route.isDefault(),
                                        route.to().get(at)),
                                _ -> new ArrayList<>())
                        .add(new Lying(i, at, route, parts, letsAllThrough));
            }
        }
        for (var lane : lanes.values()) {
            var wide = byRarest(lane.stream().filter(Lying::letsAllThrough).toList());
            for (var narrow : lane) {
                first(narrow, wide).ifPresent(other -> told(narrow, other));
                if (compared >= MOST) {
                    notAll(narrow);
                    return;
                }
            }
        }
    }

    /// The first of those that take and send there all that the narrow one does.
    private Optional<Lying> first(Lying narrow, Map<Ask, List<Lying>> wide) {
        return asks(narrow).stream()
                .flatMap(
                        ask -> wide.getOrDefault(ask, List.of()).stream()
                                .filter(other -> isTwice(other, narrow))
                                .findFirst()
                                .stream())
                .min(Comparator.comparingInt(Lying::number));
    }

    private boolean isTwice(Lying wide, Lying narrow) {
        if (wide.route().name().equals(narrow.route().name()) || !covers(wide, narrow)) {
            return false;
        }
        // Where each takes what the other takes, it is told of the later one.
        return wide.number() < narrow.number() || !narrow.letsAllThrough() || !covers(narrow, wide);
    }

    private void told(Lying narrow, Lying wide) {
        problems.add(new Problem(
                place(narrow),
                "every event of route %s comes to %s twice: route %s sends it there, too"
                        .formatted(
                                narrow.route().name(),
                                narrow.route().to().get(narrow.at()).sink(),
                                wide.route().name()),
                "Leave it away in one of them, let %s drop what %s takes, or give one another index."
                        .formatted(wide.route().name(), narrow.route().name())));
    }

    private void notAll(Lying narrow) {
        problems.add(new Problem(
                place(narrow),
                "from route %s on it is not known which events come to %s twice: %d comparisons were made, and no more"
                        .formatted(
                                narrow.route().name(),
                                narrow.route().to().get(narrow.at()).sink(),
                                MOST),
                "Let the patterns of routes begin or end with more of the names that they mean."));
    }

    private String place(Lying route) {
        return routes.get(route.number()).where("spec.to[%d]".formatted(route.at()));
    }

    // ---- where a route is looked for

    /// Each under what it asks for and the fewest others do.
    private static Map<Ask, List<Lying>> byRarest(List<Lying> wide) {
        var often = new HashMap<Ask, Integer>();
        for (var each : wide) {
            ways(each).stream()
                    .flatMap(List::stream)
                    .flatMap(Set::stream)
                    .distinct()
                    .forEach(ask -> often.merge(ask, 1, Integer::sum));
        }
        var under = new HashMap<Ask, List<Lying>>();
        for (var each : wide) {
            ways(each).stream()
                    .map(way -> way.stream()
                            .map(asks ->
                                    Collections.min(asks, Comparator.comparingInt(ask -> often.getOrDefault(ask, 0))))
                            .collect(Collectors.toSet()))
                    .min(Comparator.comparingInt(asks -> asks.stream()
                            .mapToInt(ask -> often.getOrDefault(ask, 0))
                            .sum()))
                    .orElse(Set.of(NOTHING))
                    .forEach(ask ->
                            under.computeIfAbsent(ask, _ -> new ArrayList<>()).add(each));
        }
        return under;
    }

    /// Of each way, whatever the match covers asks for all that stands in one of the sets.
    private static List<List<Set<Ask>>> ways(Lying wide) {
        var ways = new ArrayList<List<Set<Ask>>>();
        lists(wide.route().match())
                .forEach((key, globs) ->
                        ways.add(globs.stream().map(glob -> asks(key, glob)).toList()));
        wide.parts().forEach(part -> ways.add(List.of(Set.of(new Ask("when", How.IS, part)))));
        wide.route().match().not().ifPresent(not -> ways.add(List.of(Set.of(new Ask("not", How.IS, not.toString())))));
        return ways;
    }

    private static Set<Ask> asks(String key, Glob glob) {
        var text = glob.text();
        return glob.isPlain()
                ? Set.of(new Ask(key, How.IS, text))
                : Set.of(
                        new Ask(key, How.BEGINS, text.replaceFirst("(?s)[*?].*", "")),
                        new Ask(key, How.ENDS, text.replaceFirst("(?s).*[*?]", "")));
    }

    /// All that one which covers the match may lie under: how the first of each of its lists is, begins and
    /// ends, and each part of its condition.
    private static Set<Ask> asks(Lying narrow) {
        var asks = new HashSet<Ask>();
        asks.add(NOTHING);
        lists(narrow.route().match()).forEach((key, globs) -> {
            var text = globs.getFirst().text();
            asks.add(new Ask(key, How.IS, text));
            for (int i = 0; i <= text.length(); i++) {
                asks.add(new Ask(key, How.BEGINS, text.substring(0, i)));
                asks.add(new Ask(key, How.ENDS, text.substring(i)));
            }
        });
        narrow.parts().forEach(part -> asks.add(new Ask("when", How.IS, part)));
        narrow.route().match().not().ifPresent(not -> asks.add(new Ask("not", How.IS, not.toString())));
        return asks;
    }

    private static Map<String, List<Glob>> lists(Match match) {
        var lists = new HashMap<String, List<Glob>>();
        lists.put("service", match.service());
        lists.put("stack", match.stack());
        lists.put("container", match.container());
        lists.put("node", match.node());
        match.labels().forEach((key, globs) -> lists.put("labels." + key, globs));
        match.fields().forEach((key, globs) -> lists.put("fields." + key, globs));
        lists.values().removeIf(List::isEmpty);
        return lists;
    }

    // ---- whether one covers another

    private boolean covers(Lying wide, Lying narrow) {
        return compared < MOST
                && covers(wide.route().match(), wide.parts(), narrow.route().match(), narrow.parts());
    }

    private boolean covers(Match wide, Set<String> partsOfWide, Match narrow, Set<String> partsOfNarrow) {
        compared++;
        return partsOfNarrow.containsAll(partsOfWide)
                && (wide.not().isEmpty() || wide.not().equals(narrow.not()))
                && covers(wide.service(), narrow.service())
                && covers(wide.stack(), narrow.stack())
                && covers(wide.container(), narrow.container())
                && covers(wide.node(), narrow.node())
                && coversAll(wide.labels(), narrow.labels())
                && coversAll(wide.fields(), narrow.fields());
    }

    private static Set<String> parts(Optional<When> when) {
        return when.map(each -> Set.copyOf(Conjuncts.of(each.text()))).orElse(Set.of());
    }

    private <K> boolean coversAll(Map<K, List<Glob>> wide, Map<K, List<Glob>> narrow) {
        return wide.entrySet().stream()
                .allMatch(each -> covers(each.getValue(), narrow.getOrDefault(each.getKey(), List.of())));
    }

    /// None asks for nothing.
    private boolean covers(List<Glob> wide, List<Glob> narrow) {
        return wide.isEmpty()
                || !narrow.isEmpty()
                        && narrow.stream().allMatch(one -> wide.stream().anyMatch(other -> covers(other, one)));
    }

    private boolean covers(Glob wide, Glob narrow) {
        compared++;
        // A star of the narrow one must be taken by a star: as a character that no name has, it is.
        return wide.equals(narrow)
                || wide.matches(narrow.text().replace('*', '\uffff').replace('?', '\ufffe'));
    }
}
