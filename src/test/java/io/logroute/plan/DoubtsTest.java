package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.spec.Located;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoubtsTest {
    private static List<String> about(String... routes) {
        return Doubts.about(reading(routes).documents()).stream()
                .map(Problem::what)
                .toList();
    }

    private static Reading reading(String... routes) {
        var yaml = new StringBuilder();
        for (int i = 0; i < routes.length; i++) {
            yaml.append(
                    "---\napiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: %s }\nspec: { router: core, %s }\n"
                            .formatted((char) ('a' + i), routes[i]));
        }
        var reading = SpecReader.documents("r.yaml", yaml.toString());
        assertThat(reading.problems()).isEmpty();
        return reading;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nothing              | match: { service: [s], when: event.level == \"a\" }, to: [x] | ``",
                "a condition          | match: { when: event.l == \"a\" && event.l == \"b\" }, to: [x] | event.l cannot be all that it asks for at once",
                "a field and the when | match: { fields: { l: [info] }, when: event.l == \"error\" }, to: [x] | when leaves event.l only error",
                "both at once         | match: { fields: { l: [info] }, when: event.l == \"a\" && event.l == \"b\" }, to: [x] | event.l cannot be all that it asks for at once",
                "the service          | match: { service: ['bank_*'], when: event.service_name == \"shop\" }, to: [x] | when leaves event.service_name only shop",
                "a glob fits          | match: { service: ['sh*'], when: event.service_name == \"shop\" }, to: [x] | ``",
                "not takes all        | match: { service: [shop_web], not: { service: ['shop_*'] } }, to: [x] | not is all that it matches",
                "not takes some       | match: { service: ['shop_*'], not: { service: [shop_web] } }, to: [x] | ``",
            })
    void a_route_that_never_takes_an_event_is_told(String why, String route, String told) {
        var doubts = about(route);
        if (told.isEmpty()) {
            assertThat(doubts).as(why).isEmpty();
        } else {
            assertThat(doubts).as(why).singleElement().asString().isEqualTo("route a never takes an event: " + told);
        }
    }

    @Test
    void a_default_route_beside_one_that_takes_all_is_told() {
        assertThat(about("to: [x]", "default: true, to: [y]"))
                .containsExactly("route b never takes an event: route a takes all of router core");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "one service         | match: { service: [s] }, to: [x]                 | true",
                "all                 | to: [x]                                          | false",
                "all, by a condition | match: { when: true }, to: [x]                   | false",
                "the default         | default: true, to: [x]                           | false",
                "all but some        | match: { not: { service: [s] } }, to: [x]        | true",
                "a condition         | match: { when: event.a == 1 }, to: [x]           | true",
                "always of a service | match: { service: [s], when: true }, to: [x]     | true",
            })
    void a_router_that_drops_what_no_route_takes_is_told(String why, String route, boolean told) {
        var router = SpecReader.documents("core.yaml", """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [{ demo: {} }] }
                """);
        var doubts = Doubts.aboutUnrouted(router.and(reading(route)).documents());
        assertThat(doubts)
                .as(why)
                .hasSize(told ? 1 : 0)
                .allSatisfy(doubt -> assertThat(doubt.toString())
                        .startsWith("core.yaml:3: metadata.name: router core drops events that no route takes"));
        assertThat(Doubts.aboutUnrouted(router.documents())).isEmpty();
    }

    @Test
    void filters_behind_a_drop_without_a_when_are_told_once() {
        assertThat(about("filters: [ { drop: {} }, { set: { fields: { a: b } } }, { remove: [c] } ], to: [x]"))
                .containsExactly("no event comes here: spec.filters[0] drops every one");
        assertThat(about("filters: [ { drop: { when: true } }, { remove: [c] } ], to: [x]"))
                .hasSize(1);
        assertThat(about("filters: [ { drop: { when: event.a == 1 } }, { remove: [c] } ], to: [x]"))
                .isEmpty();
    }

    @Test
    void a_drop_without_a_when_as_the_last_filter_is_told() {
        assertThat(about("filters: [ { remove: [c] }, { drop: {} } ], to: [x]"))
                .containsExactly("nothing comes out of route a: its last filter drops every event");
        assertThat(about("filters: [ { drop: { when: event.a == 1 } } ], to: [x]"))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ dedupe: { key: container_id } }               | container_id | %{container_id}",
                "{ throttle: { rate: 5/s, key: service_name } }  | service_name | %{service_name}",
                "{ dedupe: { key: 'a and b' } }                  | a and b      | %{container_id}",
                "{ sample: { rate: 0.1, key: trace.id } }        | trace.id     | %{trace.id}",
                "{ multiline: { preset: java, key: stream } }    | stream       | %{stream}",
            })
    void a_key_that_is_the_same_for_every_event_is_told(String filter, String key, String mend) {
        var reading = reading("filters: [ %s ], to: [x]".formatted(filter));
        assertThat(Doubts.about(reading.documents())).singleElement().satisfies(doubt -> {
            assertThat(doubt.what()).isEqualTo("key is the same for every event: \"%s\" is plain text", key);
            assertThat(doubt.mend()).isEqualTo("Write fields as in \"%s\".", mend);
        });
    }

    @Test
    void keys_with_fields_and_those_that_are_not_written_are_not() {
        assertThat(about("filters: [ { dedupe: {} }, { throttle: { rate: 5/s, key: shop_web } }, { sample: 0.1 },"
                        + " { sample: { rate: 0.5, key: 'a %{b}' } } ], to: [x]"))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "the same                | match: { service: [s] }, to: [x]     | match: { service: [s] }, to: [x]         | true",
                "one takes all           | to: [x]                              | match: { service: [s] }, to: [x]         | true",
                "a glob covers           | match: { service: ['s*'] }, to: [x]  | match: { service: [shop, sun] }, to: [x] | true",
                "a part of the condition | match: { when: event.a == 1 }, to: [x] | match: { when: event.a == 1 && event.b == 2 }, to: [x] | true",
                "another index           | to: [{ sink: x, index: i }]          | match: { service: [s] }, to: [x]         | false",
                "another sink            | to: [y]                              | match: { service: [s] }, to: [x]         | false",
                "another service         | match: { service: [t] }, to: [x]     | match: { service: [s] }, to: [x]         | false",
                "the wide one drops      | filters: [{ drop: { when: event.a == 1 } }], to: [x] | match: { service: [s] }, to: [x] | false",
                "the narrow one drops    | to: [x]                              | match: { service: [s] }, filters: [{ drop: { when: event.a == 1 } }], to: [x] | true",
                "a star is not covered   | match: { service: ['s?x'] }, to: [x] | match: { service: ['s*y'] }, to: [x]     | false",
            })
    void two_routes_that_write_the_same_twice_are_told(String why, String one, String other, boolean twice) {
        var doubts = about(one, other);
        assertThat(doubts).as(why).hasSize(twice ? 1 : 0);
        if (twice) {
            assertThat(doubts.getFirst()).contains("comes to x twice");
        }
    }

    private static String any(Random random, String... words) {
        return words[random.nextInt(words.length)];
    }

    private static String anyList(Random random, String... words) {
        return "[" + any(random, words) + (random.nextBoolean() ? "" : ", " + any(random, words)) + "]";
    }

    private static Located anyRoute(Random random, int number) {
        var match = new StringBuilder("match: { ");
        if (random.nextBoolean()) {
            match.append("service: ")
                    .append(anyList(random, "s1", "s2", "'s*'", "'s?'"))
                    .append(", ");
        }
        if (random.nextInt(3) == 0) {
            match.append("stack: ").append(anyList(random, "t", "u")).append(", ");
        }
        if (random.nextInt(3) == 0) {
            match.append("fields: { l: ").append(anyList(random, "a", "'*'")).append(" }, ");
        }
        match.append("when: ").append(any(random, "event.a == 1", "event.b == 2", "event.a == 1 && event.b == 2"));
        var yaml =
                "apiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: r%d }\nspec: { router: core, %s }, to: [x] }\n"
                        .formatted(number, match);
        var reading = SpecReader.documents("r%d.yaml".formatted(number), yaml);
        assertThat(reading.problems()).isEmpty();
        return reading.documents().getFirst();
    }

    @RepeatedTest(10)
    void of_many_routes_is_told_what_is_told_of_one_of_each_two(RepetitionInfo round) {
        int seed = round.getCurrentRepetition();
        var random = Seeds.random(seed);
        var routes = IntStream.range(0, 15).mapToObj(i -> anyRoute(random, i)).toList();
        var ofEachTwo = new TreeSet<Problem>();
        for (int i = 0; i < routes.size(); i++) {
            for (int j = i + 1; j < routes.size(); j++) {
                ofEachTwo.addAll(Doubts.about(List.of(routes.get(i), routes.get(j))));
            }
        }
        assertThat(ofEachTwo).isNotEmpty();
        var ofAll = Doubts.about(routes);
        assertThat(ofEachTwo).as("seed %d", seed).containsAll(ofAll);
        assertThat(ofAll)
                .as("seed %d: each place once, of one other route", seed)
                .extracting(Problem::where)
                .containsExactlyInAnyOrderElementsOf(
                        ofEachTwo.stream().map(Problem::where).collect(Collectors.toSet()));
    }

    @Test
    void three_thousand_routes_are_not_looked_at_two_by_two() {
        var few = routesByValue(600);
        var many = routesByValue(3_000);
        var times = new ArrayList<Double>();
        do {
            times.add((double) cpuOfLooking(many) / cpuOfLooking(few));
        } while (times.getLast() >= 12 && times.size() < 5);
        assertThat(times.getLast())
                .as("processor time of five times as many routes; two by two it would be 25 times: %s", times)
                .isLessThan(12);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "all the same              | match: { service: ['app*'] }, to: [x]              | 999",
                "to other indices          | match: { service: ['app*'] }, to: [{ sink: x, index: i%1$d }] | 0",
                "with other conditions     | match: { service: ['app*'], when: event.a == %1$d }, to: [x] | 0",
                "beginning otherwise       | match: { service: ['app%1$d-*'] }, to: [x]         | 0",
                "beginning with another    | match: { service: ['app%1$d*'] }, to: [x]          | 990",
                "ending otherwise          | match: { service: ['app*-%1$d'] }, to: [x]         | 0",
                "of another stack          | match: { service: ['a*', 'b*'], stack: [s%1$d] }, to: [x] | 0",
                "all but others            | match: { service: ['a*'], not: { service: [s%1$d] } }, to: [x] | 0",
                "with others of all stacks | match: { service: ['*'], stack: ['*_%1$d', 't%1$d_*'] }, to: [x] | 0",
            })
    void a_thousand_routes_whose_patterns_overlap_take_few_comparisons(String why, String route, int told) {
        var overlaps = Overlaps.among(routes(1_000, route));
        assertThat(overlaps.compared()).as(why).isLessThan(20 * 1_000);
        assertThat(overlaps.problems()).as(why).hasSize(told);
    }

    @Test
    void where_too_much_would_have_to_be_compared_it_ends_and_says_so() {
        var overlaps = Overlaps.among(routes(1_100, "match: { service: ['app*-%1$d-*x'] }, to: [x]"));
        assertThat(overlaps.compared()).isBetween(Overlaps.MOST, Overlaps.MOST + 1_000);
        assertThat(overlaps.problems().getLast().toString())
                .startsWith("r.yaml:")
                .contains(" it is not known which events come to x twice: 2000000 comparisons were made, and no more");
    }

    private static List<Located> routesByValue(int count) {
        return routes(count, "match: { when: event.a == %1$d }, to: x");
    }

    private static List<Located> routes(int count, String spec) {
        var yaml = IntStream.range(0, count)
                .mapToObj(i -> ("---\napiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: r%1$d }\n"
                                + "spec: { router: core, " + spec + " }\n")
                        .formatted(i))
                .collect(Collectors.joining());
        var routes = SpecReader.documents("r.yaml", yaml).documents();
        assertThat(routes).hasSize(count);
        return routes;
    }

    /// Nanoseconds of this thread, whatever else the machine does.
    private static long cpuOfLooking(List<Located> routes) {
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        assertThat(Doubts.about(routes)).isEmpty();
        return threads.getCurrentThreadCpuTime() - before;
    }
}
