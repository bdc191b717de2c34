package io.logroute.face;

import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.SpecReader;
import io.logroute.spec.SpecWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Documents that were stored and are on their way: asks a controller until each router runs what is
/// declared and each route is programmed, or will not be by waiting. Of one thread.
final class Settling {
    private static final String NOT_YET = "the controller has not looked yet";
    private static final Duration EVERY = Duration.ofMillis(300);
    /// Why a route is not programmed and will not be by waiting.
    private static final Set<String> FOR_GOOD = Set.of("RolledBack", "Paused", "Blocked");

    /// Why a router has more instances than are declared.
    private static final Set<String> LEAVING = Set.of("Draining", "DeadLetters", "Removing");

    private final Asking asking;
    /// Those that are waited for, as text, by name.
    private final SortedMap<String, String> routers = new TreeMap<>();
    private final SortedMap<String, String> routes = new TreeMap<>();
    /// What the controller has to know first: whatever it says of routes before is of the time before.
    private final SortedMap<String, String> sinks = new TreeMap<>();
    /// Routers that routes among these documents name.
    private final Set<String> routed = new TreeSet<>();

    private final Set<String> unrouted = new TreeSet<>();
    private final List<String> running = new ArrayList<>();
    private final List<String> programmed = new ArrayList<>();
    /// Why not, of those that are waited for no longer.
    private final SortedMap<String, String> neverRouters = new TreeMap<>();
    private final SortedMap<String, String> neverRoutes = new TreeMap<>();
    /// Why not yet.
    private final SortedMap<String, String> yetRouters = new TreeMap<>();
    private final SortedMap<String, String> yetRoutes = new TreeMap<>();

    /// What came of it, by names.
    ///
    /// @param unrouted routers that no route names, and nothing runs for
    record Outcome(
            List<String> running,
            List<String> programmed,
            Map<String, String> notRunning,
            Map<String, String> notProgrammed,
            List<String> unrouted) {
        static final Outcome NOTHING = new Outcome(List.of(), List.of(), Map.of(), Map.of(), List.of());

        boolean isGood() {
            return notRunning.isEmpty() && notProgrammed.isEmpty();
        }
    }

    /// @param name what the text was stored under
    Settling(Asking asking, String name, String text) {
        this.asking = asking;
        for (var located : SpecReader.documents(name, text).documents()) {
            switch (located.document()) {
                case LogRouter router -> routers.put(router.name().value(), SpecWriter.write(router));
                case LogRoute route -> {
                    routes.put(route.name().value(), SpecWriter.write(route.toSinks()));
                    routed.add(route.router().value());
                }
                case LogSink sink -> sinks.put(sink.name().value(), SpecWriter.write(sink));
                case LogRelay relay -> sinks.put(relay.name().value(), SpecWriter.write(relay.asSink()));
                case LogRouteTest _ -> {}
            }
        }
    }

    /// How many routers and routes there are to wait for, in words; empty when there are none.
    String toWaitFor() {
        return Stream.of(
                        routers.isEmpty() ? "" : Sizes.count(routers.size(), "router"),
                        routes.isEmpty() ? "" : Sizes.count(routes.size(), "route"))
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining(" and "));
    }

    /// Waits, and shows how far it has come.
    Outcome await(Duration patience, PrintWriter progressTo) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        int all = routers.size() + routes.size();
        try (var waiting = Waiting.of(progressTo)) {
            while (true) {
                try {
                    look();
                } catch (IOException e) {
                    // It may be another controller's turn just now.
                    allWait(asking.unanswered(e));
                }
                int left = routers.size() + routes.size();
                waiting.at(all - left, all, first());
                if (left == 0 || System.nanoTime() >= end) {
                    return outcome();
                }
                pause();
            }
        }
    }

    /// The first that is waited for, and why.
    private String first() {
        return Stream.concat(
                        yetRouters.entrySet().stream()
                                .map(each -> "router %s: %s".formatted(each.getKey(), each.getValue())),
                        yetRoutes.entrySet().stream()
                                .map(each -> "route %s: %s".formatted(each.getKey(), each.getValue())))
                .findFirst()
                .orElse("");
    }

    private Outcome outcome() {
        var notRunning = new TreeMap<>(neverRouters);
        notRunning.putAll(yetRouters);
        var notProgrammed = new TreeMap<>(neverRoutes);
        notProgrammed.putAll(yetRoutes);
        return new Outcome(
                List.copyOf(running), List.copyOf(programmed), notRunning, notProgrammed, List.copyOf(unrouted));
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(EVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it was interrupted", e);
        }
    }

    private void allWait(String why) {
        yetRouters.clear();
        yetRoutes.clear();
        routers.keySet().forEach(router -> yetRouters.put(router, why));
        routes.keySet().forEach(route -> yetRoutes.put(route, why));
    }

    private void look() throws IOException {
        yetRouters.clear();
        yetRoutes.clear();
        for (var sink : List.copyOf(sinks.keySet())) {
            var told = asking.find("/api/v1/sinks/" + Asking.encoded(sink));
            if (told.filter(answer -> answer.raw("spec").equals(sinks.get(sink)))
                    .isEmpty()) {
                allWait("the controller does not know sink %s as it is written here yet".formatted(sink));
                return;
            }
            sinks.remove(sink);
        }
        for (var router : List.copyOf(routers.keySet())) {
            if (!look(router)) {
                allWait("the controller does not know router %s as it is written here yet".formatted(router));
                return;
            }
        }
        lookAtRoutes();
    }

    /// @return whether the controller knows the router as it is written
    private boolean look(String router) throws IOException {
        var told = asking.find("/api/v1/routers/" + Asking.encoded(router));
        if (told.isEmpty() && !routed.contains(router)) {
            routers.remove(router);
            unrouted.add(router);
            return true;
        }
        if (told.filter(answer -> answer.raw("spec").equals(routers.get(router)))
                .isEmpty()) {
            return false;
        }
        // Those that are on their way out have their time: what is declared runs without them.
        boolean scales = condition(told.get(), "Scaled")
                .filter(each -> LEAVING.contains(each.raw("reason")))
                .isEmpty();
        var words = new ArrayList<>(
                scales
                        ? words(told.get(), "ConfigCurrent", "Scaled", "Ready")
                        : words(told.get(), "ConfigCurrent", "Ready"));
        var asTold = condition(told.get(), "ConfigCurrent")
                .filter(each -> each.raw("reason").equals("AsTold"));
        if (words.isEmpty() && asTold.isEmpty()) {
            routers.remove(router);
            running.add(router);
            return true;
        }
        var never = never(told.get());
        if (never.isPresent()) {
            routers.remove(router);
            neverRouters.put(router, never.get());
        } else {
            asTold.ifPresent(each -> words.add(each.text("message")));
            yetRouters.put(router, String.join(" ", words));
        }
        return true;
    }

    /// Why a router does not run what is declared, and will not by waiting.
    private static Optional<String> never(Answer router) throws IOException {
        for (var type : List.of("RolledBack", "Paused")) {
            var told = condition(router, type).filter(Settling::isTrue);
            if (told.isPresent()) {
                return Optional.of(told.get().text("message"));
            }
        }
        return Optional.empty();
    }

    private void lookAtRoutes() throws IOException {
        boolean looked = true;
        for (var route : List.copyOf(routes.keySet())) {
            // One that is not known as it is written means that nobody has looked since: the others can wait, too.
            if (!looked) {
                yetRoutes.put(route, NOT_YET);
                continue;
            }
            var told = asking.find("/api/v1/routes/" + Asking.encoded(route));
            if (told.isEmpty()) {
                yetRoutes.put(route, "the controller does not know it yet");
                looked = false;
                continue;
            }
            var is = condition(told.get(), "Programmed");
            boolean known = told.get().raw("spec").equals(routes.get(route));
            if (known && is.filter(Settling::isTrue).isPresent()) {
                routes.remove(route);
                programmed.add(route);
                continue;
            }
            var words = notProgrammed(told.get(), is);
            if (known
                    && is.filter(each -> FOR_GOOD.contains(each.raw("reason"))).isPresent()) {
                routes.remove(route);
                neverRoutes.put(route, words);
                continue;
            }
            looked = known || !words.equals(NOT_YET);
            yetRoutes.put(route, words);
        }
    }

    /// What keeps it from being programmed: its own words, and what is wrong in what is declared.
    private String notProgrammed(Answer route, Optional<Answer> programmed) throws IOException {
        if (programmed.filter(each -> each.raw("reason").equals("NoRouter")).isPresent()) {
            var router = asking.find("/api/v1/routers/" + Asking.encoded(route.raw("router")));
            var why = router.isPresent() ? words(router.get(), "Ready") : List.<String>of();
            if (!why.isEmpty()) {
                return String.join(" ", why);
            }
        }
        var words = words(route, "Accepted", "Resolved", "Programmed");
        return words.isEmpty() ? NOT_YET : String.join(" ", words);
    }

    /// What those conditions say that are not true. One that only says to see another one has the words of
    /// that.
    private static List<String> words(Answer of, String... types) throws IOException {
        var words = new LinkedHashSet<String>();
        for (var type : types) {
            var told = condition(of, type).filter(each -> !isTrue(each));
            if (told.isPresent()) {
                words.addAll(words(of, told.get(), types.length));
            }
        }
        return List.copyOf(words);
    }

    /// @param most so many conditions point at one another
    private static Set<String> words(Answer of, Answer condition, int most) throws IOException {
        var words = new LinkedHashSet<String>();
        var points = StatusCommand.POINTS.matcher(condition.text("message"));
        if (most > 0 && points.matches()) {
            for (var type : points.group(1).split(" and ")) {
                var other = condition(of, type).filter(each -> !isTrue(each));
                if (other.isPresent()) {
                    words.addAll(words(of, other.get(), most - 1));
                }
            }
        }
        return words.isEmpty() ? Set.of(condition.text("message")) : words;
    }

    private static boolean isTrue(Answer condition) {
        return condition.raw("status").equals("True");
    }

    private static Optional<Answer> condition(Answer of, String type) throws IOException {
        return of.all("conditions", true).stream()
                .filter(each -> each.raw("type").equals(type))
                .findFirst();
    }
}
