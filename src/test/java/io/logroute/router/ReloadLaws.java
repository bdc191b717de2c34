package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.Seeds;
import io.logroute.plan.PipelineDefinition;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Random definitions one after the other, good ones and such that cannot start, over a model that says which
/// event must reach which sink along which route: by the definition that was in force when it was accepted.
/// Sinks hang, fail and come back; the router is started anew in between.
@Timeout(600)
class ReloadLaws {
    private static final List<String> SINKS = List.of("s0", "s1", "s2", "s3");
    private static final List<String> KINDS = List.of("a", "b", "c", "d");

    @TempDir
    Path folder;

    /// One route of the model: of which kinds it takes the events, none for a default; and where to.
    private record Route(String name, Set<String> kinds, List<String> to) {
        String yaml() {
            var match = kinds.isEmpty()
                    ? "default: true"
                    : "match: { fields: { k: [%s] } }".formatted(String.join(", ", kinds));
            return Rig.route(name, "%s, to: [%s]".formatted(match, String.join(", ", to)));
        }
    }

    /// A definition: its routes, a version of each sink, and the port of its source.
    private record Wanted(List<Route> routes, Map<String, Integer> versions, int port) {
        static Wanted any(Random random) {
            var routes = new ArrayList<Route>();
            for (int i = 0; i < 4; i++) {
                if (random.nextInt(3) > 0) {
                    var kinds = random.nextInt(4) == 0 ? Set.<String>of() : new TreeSet<>(some(random, KINDS));
                    boolean second = kinds.isEmpty()
                            && routes.stream().anyMatch(each -> each.kinds().isEmpty());
                    routes.add(new Route("r" + i, second ? Set.of("a") : kinds, some(random, SINKS)));
                }
            }
            if (routes.isEmpty()) {
                routes.add(new Route("r9", Set.of("a"), some(random, SINKS)));
            }
            var versions = new TreeMap<String, Integer>();
            routes.stream()
                    .flatMap(route -> route.to().stream())
                    .forEach(sink -> versions.put(sink, random.nextInt(6) == 0 ? 1 : 0));
            return new Wanted(routes, versions, random.nextInt(5) == 0 ? 7002 : 7001);
        }

        private static List<String> some(Random random, List<String> of) {
            var some = of.stream().filter(_ -> random.nextInt(2) == 0).toList();
            return some.isEmpty() ? List.of(of.get(random.nextInt(of.size()))) : some;
        }

        PipelineDefinition definition() {
            var yaml = new StringBuilder("""
                    apiVersion: logroute/v1
                    kind: LogRouter
                    metadata: { name: core }
                    spec: { sources: [ { http: { port: %d } } ], buffer: { maxBytes: 64MiB } }
                    """.formatted(port));
            versions.forEach((name, version) -> yaml.append("""
                    ---
                    apiVersion: logroute/v1
                    kind: LogSink
                    metadata: { name: %s }
                    spec: { file: { path: %s-%d.ndjson } }
                    """.formatted(name, name, version)));
            routes.forEach(route -> yaml.append(route.yaml()));
            return Rig.pipeline(yaml.toString());
        }

        /// Routes that bring an event of this kind to that sink.
        Set<String> routes(String kind, String sink) {
            var taking = routes.stream()
                    .filter(route -> route.kinds().contains(kind))
                    .toList();
            if (taking.isEmpty()) {
                taking =
                        routes.stream().filter(route -> route.kinds().isEmpty()).toList();
            }
            return taking.stream()
                    .filter(route -> route.to().contains(sink))
                    .map(Route::name)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /// What the model knows of an event at one sink: along which routes it must come there, and may.
    private record Expected(Set<String> must, Set<String> may) {
        static Expected of(Set<String> routes) {
            return new Expected(new TreeSet<>(routes), new TreeSet<>(routes));
        }
    }

    private static final class Model {
        private final List<String> kinds = new ArrayList<>();
        private final List<Map<String, Expected>> events = new ArrayList<>();
        /// Sinks that left: the first event that was accepted after.
        private final Map<String, Integer> left = new TreeMap<>();
        private final Set<String> mayRepeat = new HashSet<>();
        private final List<String> story = new ArrayList<>();
        private Wanted now;

        Model(Wanted now) {
            this.now = now;
        }

        String told(String move, String sink) {
            story.add(move + " " + sink);
            return sink;
        }

        void accept(String kind) {
            story.add("event " + kinds.size() + " " + kind);
            kinds.add(kind);
            var expected = new TreeMap<String, Expected>();
            SINKS.forEach(sink -> expected.put(sink, Expected.of(now.routes(kind, sink))));
            events.add(expected);
        }

        void become(Wanted next) {
            story.add("become " + next);
            for (var sink : SINKS) {
                boolean was = now.versions().containsKey(sink);
                boolean is = next.versions().containsKey(sink);
                if (was && !is) {
                    left.put(sink, events.size());
                }
                var gone = left.get(sink);
                if (is && gone != null) {
                    // It gets what came while it was away by the routes that it comes back with.
                    for (int i = 0; i < events.size(); i++) {
                        var routes = next.routes(kinds.get(i), sink);
                        expected(i, sink).may().addAll(routes);
                        if (i >= gone) {
                            expected(i, sink).must().addAll(routes);
                        }
                    }
                    left.remove(sink);
                    mayRepeat.add(sink);
                }
                if (was
                        && is
                        && !Objects.equals(
                                now.versions().get(sink), next.versions().get(sink))) {
                    mayRepeat.add(sink);
                }
            }
            now = next;
        }

        /// What was in force before is not known any more: what is not settled goes by what is in force.
        void restart() {
            story.add("restart");
            for (int i = 0; i < events.size(); i++) {
                for (var sink : SINKS) {
                    var routes = now.routes(kinds.get(i), sink);
                    expected(i, sink).must().retainAll(routes);
                    expected(i, sink).may().addAll(routes);
                }
            }
            mayRepeat.addAll(SINKS);
        }

        Expected expected(int event, String sink) {
            return java.util.Objects.requireNonNull(events.get(event).get(sink));
        }
    }

    @Test
    void every_event_goes_by_the_definition_that_was_in_force_when_it_was_accepted() throws Exception {
        for (int seed : Seeds.upTo(25, 20)) {
            run(seed, Files.createDirectories(folder.resolve("s" + seed)));
        }
    }

    private void run(long seed, Path data) throws Exception {
        var random = Seeds.random(seed);
        try (var meters = new Instruments()) {
            var parts = new ScriptedParts(data, meters, InstantSource.system());
            var model = new Model(Wanted.any(random));
            var pipelines = new Pipelines(data, parts, Rig.QUICK, meters, InstantSource.system());
            try {
                assertThat(pipelines.become(List.of(model.now.definition())).refused())
                        .isEmpty();
                for (int move = 0; move < 40; move++) {
                    switch (random.nextInt(12)) {
                        case 0, 1, 2, 3 -> accept(random, parts, model);
                        case 4 ->
                            parts.destination(model.told("hold", any(random, SINKS)))
                                    .hold(random.nextBoolean());
                        case 5 ->
                            parts.destination(model.told("fail", any(random, SINKS)))
                                    .fail();
                        case 6 ->
                            parts.destination(model.told("go on", any(random, SINKS)))
                                    .goOn();
                        case 7 -> refused(random, parts, pipelines, model);
                        case 8 -> {
                            if (random.nextInt(4) == 0) {
                                SINKS.forEach(sink -> parts.destination(sink).goOn());
                                pipelines.close();
                                pipelines = new Pipelines(data, parts, Rig.QUICK, meters, InstantSource.system());
                                pipelines.become(List.of(model.now.definition()));
                                model.restart();
                            }
                        }
                        default -> {
                            var next = Wanted.any(random);
                            long start = System.nanoTime();
                            assertThat(pipelines
                                            .become(List.of(next.definition()))
                                            .refused())
                                    .as("seed %d", seed)
                                    .isEmpty();
                            assertThat(Duration.ofNanos(System.nanoTime() - start))
                                    .as("seed %d: nobody waits for a dead sink", seed)
                                    .isLessThan(Duration.ofSeconds(9));
                            model.become(next);
                        }
                    }
                }
                SINKS.forEach(sink -> parts.destination(sink).goOn());
                check(seed, parts, model, meters);
            } finally {
                SINKS.forEach(sink -> parts.destination(sink).goOn());
                pipelines.close();
            }
        }
    }

    private static <T> T any(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static void accept(Random random, ScriptedParts parts, Model model) throws InterruptedException {
        var source = parts.source("http:" + model.now.port()).orElseThrow();
        var window = new ArrayList<String>();
        for (int i = random.nextInt(12); i >= 0; i--) {
            var kind = any(random, KINDS);
            window.add("{\"n\":%d,\"k\":\"%s\"}".formatted(model.events.size(), kind));
            model.accept(kind);
        }
        source.take(window).join();
    }

    /// One that cannot start: all goes on as it was, and the reason is told.
    private static void refused(Random random, ScriptedParts parts, Pipelines pipelines, Model model) {
        var next = Wanted.any(random);
        model.story.add("refused " + next);
        var other = new Wanted(next.routes(), next.versions(), 7003);
        parts.taken.add("http:7003");
        var missing = random.nextBoolean();
        var sinks = List.copyOf(next.versions().keySet());
        if (missing) {
            parts.withoutSecret.addAll(sinks);
        }
        var source = parts.source("http:" + model.now.port()).orElseThrow();
        assertThat(pipelines.become(List.of(other.definition())).refused().get("core"))
                .containsAnyOf("is taken", "the secret is not there");
        parts.withoutSecret.clear();
        assertThat(parts.source("http:" + model.now.port())).containsSame(source);
        assertThat(pipelines.reports().getFirst().revision())
                .isEqualTo(model.now.definition().revision().hash());
        assertThat(pipelines.reports().getFirst().trouble()).isPresent();
    }

    private static void check(long seed, ScriptedParts parts, Model model, Instruments meters) {
        for (var sink : SINKS) {
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                var came = came(parts, sink);
                for (int i = 0; i < model.events.size(); i++) {
                    assertThat(came.getOrDefault((long) i, Set.of()))
                            .as("seed %d: event %d at %s", seed, i, sink)
                            .containsAll(model.expected(i, sink).must());
                }
            });
            came(parts, sink)
                    .forEach((n, routes) -> assertThat(
                                    model.expected((int) (long) n, sink).may())
                            .as(() -> "seed %d: event %d at %s%n%s"
                                    .formatted(seed, n, sink, String.join("\n", model.story)))
                            .containsAll(routes));
            var taken = parts.destination(sink).taken();
            if (!model.mayRepeat.contains(sink)) {
                assertThat(taken).as("seed %d: once at %s", seed, sink).doesNotHaveDuplicates();
            }
        }
        for (var sink : model.now.versions().keySet()) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(value(meters, Meter.BUFFER_RECOVERED_EVENTS, sink)
                                    + meters.value(Meter.RECEIVED_EVENTS, "core")
                                    + value(meters, Meter.COPIED_EVENTS, sink))
                            .as("seed %d: the equation at %s", seed, sink)
                            .isEqualTo(value(meters, Meter.DELIVERED_EVENTS, sink)
                                    + value(meters, Meter.FILTERED_EVENTS, sink)
                                    + value(meters, Meter.PASSED_EVENTS, sink)
                                    + value(meters, Meter.BUFFER_EVENTS, sink)));
        }
    }

    private static double value(Instruments meters, Meter meter, String sink) {
        return meters.value(meter, "core", sink);
    }

    /// Along which routes events came to that sink, by their numbers.
    private static Map<Long, Set<String>> came(ScriptedParts parts, String sink) {
        return parts.destination(sink).taken().stream()
                .collect(Collectors.groupingBy(
                        ScriptedParts.Taken::n,
                        Collectors.mapping(ScriptedParts.Taken::route, Collectors.toCollection(TreeSet::new))));
    }
}
