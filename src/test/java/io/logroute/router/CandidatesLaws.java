package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Glob;
import io.logroute.spec.LogRoute;
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

    @Test
    void candidates_whose_rest_matches_are_all_that_match_in_order() {
        for (int seed : Seeds.upTo(2000)) {
            var random = new Random(seed);
            var matches = IntStream.range(0, random.nextInt(12))
                    .mapToObj(_ -> match(random))
                    .toList();
            var candidates = Candidates.of(matches);
            for (int i = 0; i < 20; i++) {
                var event = event(random);
                var found = candidates.of(event);
                var as = "seed %d: %s of %s".formatted(seed, event, matches);
                assertThat(found).as(as).isSorted().doesNotHaveDuplicates();
                assertThat(IntStream.of(found)
                                .filter(route -> Assemble.match(Candidates.left(matches.get(route)))
                                        .test(event))
                                .toArray())
                        .as(as)
                        .isEqualTo(IntStream.range(0, matches.size())
                                .filter(route ->
                                        Assemble.match(matches.get(route)).test(event))
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
        var fields = new LinkedHashMap<FieldPath, List<Glob>>();
        if (random.nextInt(4) == 0) {
            fields.put(FieldPath.parse(random.nextBoolean() ? "level" : "http.status"), globs(random));
        }
        return new LogRoute.Match(
                random.nextInt(3) > 0 ? List.of() : globs(random),
                random.nextInt(3) > 0 ? List.of() : globs(random),
                fields,
                Optional.empty());
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
        for (var key : List.of("service_name", "stack_name", "level", "service.name")) {
            if (random.nextBoolean()) {
                tree.put(key, NAMES.get(random.nextInt(NAMES.size())));
            }
        }
        if (random.nextBoolean()) {
            tree.put("http", Map.of("status", random.nextInt(3)));
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
}
