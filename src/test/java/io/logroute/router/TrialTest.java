package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrialTest {
    static LogRouteTest test(String route, String spec) {
        var yaml = "apiVersion: logroute/v1\nkind: LogRouteTest\nmetadata: { name: t }\nspec: { route: %s, %s }\n"
                .formatted(route, spec);
        return (LogRouteTest) SpecReader.read("t.yaml", yaml)
                .orElse(problems -> {
                    throw new AssertionError(problems);
                })
                .getFirst()
                .document();
    }

    private static final PipelineDefinition SHOP = Rig.pipeline("""
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec: { sources: [ { demo: {} } ] }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec: { elasticsearch: { urls: ["http://localhost:9200"], index: all, ids: content } }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: disk }
            spec: { file: { path: "%{team}.ndjson" } }
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: shop }
            spec:
              router: core
              match: { fields: { team: [shop] } }
              filters: [ { drop: { when: event.level == "debug" } }, { parse: { json: { field: msg } } } ]
              to: [ { sink: es, index: "shop-%{+yyyy.MM.dd}" }, disk ]
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: rest }
            spec: { router: core, default: true, to: [ es ] }
            """);

    private static List<String> differences(String route, String spec) throws IOException {
        var told = new ArrayList<String>();
        for (var each : Trial.of(SHOP, test(route, spec)).differences()) {
            told.add(each.what());
            told.addAll(each.details());
        }
        return told;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a field                   | { sink: es, event: { n: 1 } }",
                "another form of a number  | { sink: es, event: { n: 1.0 } }",
                "a nested field by dots    | { sink: es, event: { http.status: 200 } }",
                "a part of an object       | { sink: es, event: { http: { status: 200 } } }",
                "a list                    | { sink: es, event: { tags: [a, b] } }",
                "one that must not be      | { sink: es, event: { other: null } }",
                "the index                 | { sink: es, index: shop-2026.01.01 }",
                "the file                  | { sink: disk, file: shop.ndjson }",
                "all fields                | { sink: es, only: true, event: { team: shop, n: 1, tags: [a, b], http: { status: 200, verb: GET } } }",
            })
    void what_is_as_expected_holds(String why, String expected) throws IOException {
        assertThat(differences(
                        "shop",
                        "given: [ { event: { team: shop, n: 1, tags: [a, b], http: { status: 200, verb: GET } } } ], expect: [ %s ]"
                                .formatted(expected)))
                .as(why)
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "another value             | { sink: es, event: { n: 2 } }                 | n: expected 2, it is 1",
                "text for a number         | { sink: es, event: { n: \"1\" } }             | n: expected \"1\", it is 1 (a number, not text)",
                "no such field             | { sink: es, event: { m: 1 } }                 | m: expected 1, it is not there",
                "one that must not be      | { sink: es, event: { n: null } }              | n: expected not to be there, it is 1",
                "within an object          | { sink: es, event: { http: { status: 500 } } } | http.status: expected 500, it is 200",
                "a shorter list            | { sink: es, event: { tags: [a] } }            | tags: expected [\"a\"], it is [\"a\",\"b\"]",
                "another index             | { sink: es, index: shop-2026 }                | index: expected shop-2026, it is shop-2026.01.01",
                "another id                | { sink: es, id: x }                           | id: expected x, it is 3fHu9w",
                "another file              | { sink: disk, file: other.ndjson }            | file: expected other.ndjson, it is shop.ndjson",
                "one field too many        | { sink: es, only: true, event: { team: shop, n: 1, tags: [a, b], http: { status: 200 } } } | http.verb: not expected, it is \"GET\"",
                "delivered                 | { sink: es, deadLetter: nothing }             | dead letter: expected, and it was delivered",
            })
    void what_is_not_as_expected_is_told_field_by_field(String why, String expected, String told) throws IOException {
        var differences = differences(
                "shop",
                "given: [ { event: { team: shop, n: 1, tags: [a, b], http: { status: 200, verb: GET } } } ], expect: [ %s ]"
                        .formatted(expected));
        assertThat(differences.getFirst()).endsWith(": an event is not as expected");
        assertThat(differences).hasSize(2).element(1).asString().startsWith(told.replace("3fHu9w", ""));
    }

    @Test
    void an_event_that_does_not_come_and_one_too_many_are_told() throws IOException {
        assertThat(differences(
                        "shop", "given: [ { event: { team: bank } } ], expect: [ { sink: es, event: { n: 1 } } ]"))
                .containsExactly(
                        "no event came to es",
                        "expected {\"n\":1}",
                        "route shop does not take it: match.fields.team asks for shop; team is bank",
                        "logroute explain shows step by step what becomes of an event");
        assertThat(differences("shop", "given: [ { event: { team: shop } } ], expect: []"))
                .contains("an event came to es, and none is expected", "an event came to disk, and none is expected");
        assertThat(
                        differences(
                                "shop",
                                "given: [ { event: { team: shop, n: 1 } }, { event: { team: shop, n: 2 } } ], expect: [ { sink: es, event: { n: 2 } } ]"))
                .first()
                .isEqualTo("es: one more than expected");
        assertThat(
                        differences(
                                "shop",
                                "given: [ { event: { team: shop, n: 2 } } ], expect: [ { sink: es, event: { n: 1 } }, { sink: es, event: { n: 2 } } ]"))
                .containsExactly(
                        "es: an event is missing",
                        "expected {\"n\":1}",
                        "logroute explain shows step by step what becomes of an event");
    }

    @Test
    void of_events_that_the_route_does_not_take_the_first_are_told_with_their_reasons() throws IOException {
        var refused = String.join(", ", java.util.Collections.nCopies(5, "{ event: { team: bank } }"));
        assertThat(differences(
                        "shop",
                        "given: [ { event: { team: shop, n: 1 } }, %s ], expect: [ { sink: es }, { sink: es } ]"
                                .formatted(refused)))
                .contains("route shop does not take event 2: match.fields.team asks for shop; team is bank")
                .contains("route shop does not take event 4: match.fields.team asks for shop; team is bank")
                .contains("it does not take 2 more")
                .doesNotContain("route shop does not take event 5: match.fields.team asks for shop; team is bank");
        assertThat(differences("rest", "given: [ { event: { team: shop } } ], expect: [ { sink: es } ]"))
                .contains("route rest does not take it: it is a default route, and shop took it");
    }

    @Test
    void events_come_in_the_order_that_is_expected() throws IOException {
        var given = "given: [ { event: { team: shop, n: 1 } }, { event: { team: shop, n: 2 } } ], ";
        assertThat(differences(
                        "shop", given + "expect: [ { sink: es, event: { n: 1 } }, { sink: es, event: { n: 2 } } ]"))
                .isEmpty();
        assertThat(differences(
                        "shop", given + "expect: [ { sink: es, event: { n: 2 } }, { sink: es, event: { n: 1 } } ]"))
                .isNotEmpty();
    }

    @Test
    void sinks_that_no_entry_names_are_not_looked_at() throws IOException {
        assertThat(differences("shop", "given: [ { event: { team: shop } } ], expect: [ { sink: es } ]"))
                .isEmpty();
    }

    @Test
    void filters_and_the_match_of_the_route_decide() throws IOException {
        assertThat(differences(
                        "shop",
                        "given: [ { event: { team: shop, level: debug } }, { event: { team: bank } } ], expect: []"))
                .isEmpty();
    }

    @Test
    void a_default_route_gets_what_the_others_leave() throws IOException {
        assertThat(
                        differences(
                                "rest",
                                "given: [ { event: { team: shop } }, { event: { team: bank } } ], expect: [ { sink: es, event: { team: bank } } ]"))
                .isEmpty();
    }

    @Test
    void an_event_comes_in_at_its_time_unless_another_is_said() throws IOException {
        assertThat(
                        differences(
                                "shop",
                                "given: [ { event: { team: shop, '@timestamp': '2026-03-04T05:06:07Z' } }, { event: { team: shop }, at: '2026-05-06T00:00:00Z' } ],"
                                        + " expect: [ { sink: es, index: shop-2026.03.04 }, { sink: es, index: shop-2026.05.06, event: { '@timestamp': '2026-05-06T00:00:00.000Z' } } ]"))
                .isEmpty();
    }

    @Test
    void a_dead_letter_is_told_when_it_is_not_expected_and_holds_when_it_is() throws IOException {
        var long_ = "x".repeat(300);
        var given = "given: [ { event: { team: shop, msg: '{\"team\": \"%s\"}' } } ], ".formatted(long_);
        assertThat(differences("shop", given + "expect: [ { sink: disk, deadLetter: longer than 200 bytes } ]"))
                .isEmpty();
        assertThat(differences("shop", given + "expect: [ { sink: disk } ]"))
                .element(1)
                .asString()
                .startsWith("it was dead-lettered: the name");
    }
}
