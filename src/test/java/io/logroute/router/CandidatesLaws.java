package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Glob;
import io.logroute.spec.LogRoute;
import io.logroute.spec.When;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Looking a route up gives what asking each route gives.
class CandidatesLaws {
    private static final List<String> GLOBS =
            List.of("shop_web", "shop_db", "bank", "shop_*", "*", "*_web", "ban?", "", "x");
    private static final List<String> NAMES = List.of("shop_web", "shop_db", "bank", "bank_web", "x", "", "y");

    /// Some of them are one another's, written in another way.
    private static final List<String> LABELS = List.of("a", "a.b", "a-b", "a_b", "a.b.c", "a-b-c", "a-b.c", "t");

    private static final List<String> FIELDS = List.of("level", "http.status", "team", "msg");

    @Test
    void candidates_whose_rest_matches_are_all_that_match_in_order() {
        for (int seed : Seeds.upTo(2000)) {
            var random = Seeds.random(seed);
            var matches = IntStream.range(0, random.nextInt(12))
                    .mapToObj(_ -> match(random))
                    .toList();
            var candidates = Candidates.of(matches);
            var asked = matches.stream()
                    .map(match -> Assemble.match(match, "route"))
                    .toList();
            for (int i = 0; i < 20; i++) {
                var event = event(random);
                var found = candidates.of(event);
                var as = "seed %d: %s of %s".formatted(seed, event, matches);
                assertThat(found).as(as).isSorted().doesNotHaveDuplicates();
                assertThat(IntStream.of(found)
                                .filter(route -> Assemble.match(Candidates.left(matches.get(route)), "r")
                                        .test(event))
                                .toArray())
                        .as(as)
                        .isEqualTo(IntStream.range(0, matches.size())
                                .filter(route -> asked.get(route).test(event))
                                .toArray());
            }
        }
    }

    @Test
    void among_a_thousand_routes_only_those_of_its_service_are_candidates() {
        var matches = IntStream.range(0, 1000)
                .mapToObj(i -> new LogRoute.Match(
                        List.of(new Glob(i % 2 == 0 ? "service-" + i : "team-" + i + "-*")),
                        List.of(),
                        Map.of(),
                        Optional.empty()))
                .toList();
        var candidates = Candidates.of(matches);
        assertThat(candidates.of(named("service-42"))).containsExactly(42);
        assertThat(candidates.of(named("team-43-web"))).containsExactly(43);
        assertThat(candidates.of(named("other"))).isEmpty();
        assertThat(candidates.of(Event.of("{}", Rig.NOON))).isEmpty();
    }

    @Test
    void among_a_thousand_routes_by_labels_only_those_of_its_labels_are_candidates() {
        var candidates = Candidates.of(IntStream.range(0, 1000)
                .mapToObj(i -> byLabels(Map.of("com.example.l" + i, List.of(new Glob(i % 2 == 0 ? "yes" : "y*")))))
                .toList());
        assertThat(candidates.of(event("{'labels':{'com-example-l42':'yes','com-example-l43':'yellow','x':'yes'}}")))
                .containsExactly(42, 43);
        assertThat(candidates.of(event("{'labels':{'com-example-l42':'no'}}"))).isEmpty();
        assertThat(candidates.of(event("{}"))).isEmpty();
    }

    @Test
    void a_container_is_found_by_each_of_its_names_and_once() {
        var candidates = Candidates.of(List.of(
                new LogRoute.Match(
                        List.of(),
                        List.of(),
                        globs("web", "9f*"),
                        List.of(),
                        Map.of(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty()),
                new LogRoute.Match(
                        List.of(),
                        List.of(),
                        List.of(),
                        globs("n7"),
                        Map.of(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty())));
        assertThat(candidates.of(event("{'container_name':'web','container_id':'9f33','node_id':'n7'}")))
                .containsExactly(0, 1);
        assertThat(candidates.of(event("{'container_name':'db','container_id':'77','host':{'hostname':'n7'}}")))
                .containsExactly(1);
    }

    private static LogRoute.Match byLabels(Map<String, List<Glob>> labels) {
        return new LogRoute.Match(
                List.of(), List.of(), List.of(), List.of(), labels, Map.of(), Optional.empty(), Optional.empty());
    }

    private static List<Glob> globs(String... texts) {
        return java.util.stream.Stream.of(texts).map(Glob::new).toList();
    }

    private static Event event(String json) {
        return Event.of(json.replace('\'', '"'), Rig.NOON);
    }

    /// Names without end must not fill the memory: what is found stays right when the table of
    /// remembered names was emptied.
    @Test
    void more_names_than_are_remembered_are_found_as_well() {
        var candidates = Candidates.of(List.of(
                new LogRoute.Match(List.of(new Glob("a*"), new Glob("b7")), List.of(), Map.of(), Optional.empty())));
        for (int i = 0; i < 25_000; i++) {
            assertThat(candidates.of(named("a" + i))).containsExactly(0);
            assertThat(candidates.of(named("b" + i))).hasSize(i == 7 ? 1 : 0);
            assertThat(candidates.of(named("a" + i + "x".repeat(200)))).containsExactly(0);
            assertThat(candidates.remembered()).isLessThanOrEqualTo(5_000);
        }
        assertThat(candidates.remembered()).isPositive();
    }

    private static Event named(String service) {
        return Event.of(Json.write(Map.of("service_name", service)), Rig.NOON);
    }

    private static LogRoute.Match match(Random random) {
        return match(random, 2);
    }

    private static LogRoute.Match match(Random random, int deep) {
        var fields = new LinkedHashMap<FieldPath, List<Glob>>();
        for (int i = random.nextInt(6); i > 2; i--) {
            fields.put(FieldPath.parse(FIELDS.get(random.nextInt(FIELDS.size()))), globs(random));
        }
        var labels = new LinkedHashMap<String, List<Glob>>();
        for (int i = random.nextInt(6); i > 2; i--) {
            labels.put(LABELS.get(random.nextInt(LABELS.size())), globs(random));
        }
        var not = deep == 0 || random.nextInt(4) > 0
                ? Optional.<LogRoute.Match>empty()
                : Optional.of(match(random, deep - 1)).filter(match -> !match.isAll());
        return new LogRoute.Match(
                random.nextInt(4) > 0 ? List.of() : globs(random),
                random.nextInt(4) > 0 ? List.of() : globs(random),
                random.nextInt(4) > 0 ? List.of() : globs(random),
                random.nextInt(4) > 0 ? List.of() : globs(random),
                labels,
                fields,
                random.nextInt(50) > 0 ? Optional.empty() : Optional.of(new When("event.level == 'x'")),
                not);
    }

    private static List<Glob> globs(Random random) {
        var globs = new ArrayList<Glob>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            var text = GLOBS.get(random.nextInt(GLOBS.size()));
            globs.add(new Glob(text.isEmpty() ? "shop_*" : text));
        }
        return globs;
    }

    private static Event event(Random random) {
        var tree = new HashMap<String, Object>();
        for (var key : List.of(
                "service_name",
                "stack_name",
                "level",
                "team",
                "msg",
                "service.name",
                "container_name",
                "container_id",
                "node_id",
                "node_name",
                "host.name")) {
            if (random.nextBoolean()) {
                tree.put(key, NAMES.get(random.nextInt(NAMES.size())));
            }
        }
        if (random.nextBoolean()) {
            tree.put("http", Map.of("status", random.nextInt(3)));
        }
        for (var holder : List.of("labels", "container.labels")) {
            if (random.nextInt(3) == 0) {
                tree.put(holder, labels(random));
            }
        }
        if (random.nextInt(3) == 0) {
            var name = NAMES.get(random.nextInt(NAMES.size()));
            tree.put("container", Map.of("name", name, "labels", labels(random)));
        }
        if (random.nextInt(4) == 0) {
            tree.put("stack", Map.of("name", NAMES.get(random.nextInt(NAMES.size()))));
        }
        return some(Json.write(tree), random);
    }

    /// With places of names noted at the door, or without.
    private static Event some(String json, Random random) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        var checked = random.nextBoolean() ? null : Event.checked(bytes, 0, bytes.length, Rig.NOON);
        return checked == null ? Event.of(json, Rig.NOON) : checked;
    }

    private static Map<String, Object> labels(Random random) {
        var labels = new HashMap<String, Object>();
        for (int i = random.nextInt(4); i > 0; i--) {
            var value = NAMES.get(random.nextInt(NAMES.size()));
            labels.put(
                    LABELS.get(random.nextInt(LABELS.size())),
                    random.nextInt(4) == 0 ? Map.of("b", Map.of("c", value)) : value);
        }
        return labels;
    }
}
