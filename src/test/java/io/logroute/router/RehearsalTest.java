package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Json;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Rehearsal.Outcome;
import io.logroute.router.Rehearsal.Passage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    private static Rehearsal.Trip trip(PipelineDefinition pipeline, String event) {
        try (var rehearsal = Rehearsal.of(pipeline)) {
            return rehearsal.take(given(event));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Rehearsal.Given given(String event) {
        var bytes = event.getBytes(StandardCharsets.UTF_8);
        return new Rehearsal.Given(Json.parse(bytes, 0, bytes.length), Rig.NOON);
    }

    private static Passage only(PipelineDefinition pipeline, String event) {
        return trip(pipeline, event).passages().getFirst();
    }

    private static String steps(Passage passage) {
        return passage.steps().stream().map(RehearsalTest::told).collect(Collectors.joining(" | "));
    }

    private static String told(Rehearsal.Step step) {
        var gave = step.gave().stream()
                .map(each -> each.changes().stream()
                        .map(change -> "%s %s>%s"
                                .formatted(
                                        change.field(),
                                        change.before().orElse(""),
                                        change.after().orElse("")))
                        .collect(Collectors.joining(", ")))
                .toList();
        return "%d %s %s%s%s%s"
                .formatted(
                        step.place(),
                        step.filter(),
                        gave,
                        step.fate() == Rehearsal.Fate.DROPPED ? " dropped" : "",
                        step.passedBy().isEmpty()
                                ? ""
                                : " passed by " + step.passedBy().getFirst().told(),
                        step.refused().isEmpty() ? "" : " refused " + step.refused());
    }

    @Test
    void each_filter_tells_what_it_added_removed_and_changed() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route(
                        "r",
                        "filters: [ { parse: { json: { field: msg } } }, { set: { fields: { n: 2, http.ok: true } } },"
                                + " { remove: [msg] } ], to: [a]"));
        var passage = only(pipeline, "{\"n\":1,\"http\":{\"ok\":false},\"msg\":\"{\\\"p\\\":\\\"/x\\\"}\"}");
        assertThat(steps(passage))
                .isEqualTo(
                        "0 parse json [p >\"/x\"] | 1 set [n 1>2, http.ok false>true] | 2 remove [msg \"{\\\"p\\\":\\\"/x\\\"}\">]");
    }

    @Test
    void a_filter_whose_when_is_false_is_passed_by_with_the_part_that_is_false() {
        var pipeline = Rig.pipeline(
                List.of("a"), Rig.route("r", "filters: [ { drop: { when: event.a == 1 && event.b == 2 } } ], to: [a]"));
        assertThat(steps(only(pipeline, "{\"a\":1,\"b\":3}")))
                .isEqualTo("0 drop [] passed by event.b == 2 is false: event.b is 3");
        assertThat(steps(only(pipeline, "{\"a\":1,\"b\":2}"))).isEqualTo("0 drop [] dropped");
    }

    @Test
    void a_route_that_does_not_match_says_which_keys_and_what_the_event_has() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route(
                        "r", "match: { service: ['shop_*'], fields: { level: [error] }, when: event.n > 1 }, to: [a]"));
        var passage = only(pipeline, "{\"service\":{\"name\":\"bank\"},\"level\":\"info\",\"n\":1}");
        assertThat(passage.outcome()).isEqualTo(Outcome.NOT_MATCHED);
        assertThat(passage.why())
                .extracting(each -> each.key() + ": " + each.asks() + "; " + each.found())
                .containsExactly(
                        "service: shop_*; service.name is bank",
                        "fields.level: error; level is info",
                        "when: event.n > 1; event.n > 1 is false: event.n is 1");
    }

    @Test
    void containers_nodes_labels_and_exceptions_say_what_the_event_has() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route(
                        "r",
                        "match: { container: [x], node: [n], labels: { com.example.team: [shop] },"
                                + " not: { service: ['shop_*'], when: event.t == 1 } }, to: [a]"));
        var event = "{\"container_name\":\"c\",\"container_id\":\"7\",\"labels\":{\"com-example-team\":\"bank\"},"
                + "\"service_name\":\"shop_test\",\"t\":1}";
        assertThat(only(pipeline, event).why())
                .extracting(each -> each.key() + ": " + each.asks() + "; " + each.found())
                .containsExactly(
                        "container: x; container_name is c, container_id is 7",
                        "node: n; the event has none of node_id, node_name, host.name, host.hostname",
                        "labels.com.example.team: shop; its label com-example-team is bank",
                        "not: service shop_*, when event.t == 1; service_name is shop_test, event.t == 1 is true");
    }

    @Test
    void the_default_route_takes_the_rest_or_leaves_it() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route("errors", "match: { fields: { level: error } }, to: [a]")
                        + Rig.route("rest", "default: true, to: [a]"));
        assertThat(trip(pipeline, "{\"level\":\"error\"}").passages())
                .extracting(Passage::outcome)
                .containsExactly(Outcome.TAKEN, Outcome.LEFT_TO_OTHERS);
        assertThat(trip(pipeline, "{}").takenBy()).containsExactly("rest");
    }

    @Test
    void arrivals_tell_index_id_and_file_as_the_sinks_would_choose_them() {
        var passage =
                only(Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["http://localhost:9200"], index: "All-%{+yyyy}", ids: "%{id}" } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: disk }
                spec: { file: { path: "logs/%{team}.ndjson" } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: r }
                spec: { router: core, to: [ disk, es, { sink: es, index: "x-%{none}" } ] }
                """), "{\"@timestamp\":\"2026-11-22T10:00:00Z\",\"id\":\"a\",\"team\":\"../b\"}");
        assertThat(passage.arrivals())
                .extracting(Rehearsal.Arrival::landing)
                .containsExactly(
                        new Landing.InFile(Path.of("logs/_._b.ndjson")),
                        new Landing.InIndex("all-2026", Optional.of("a")),
                        new Landing.DeadLettered(
                                "the index \"x-%{none}\" of route r asks for the field none, which the event does not have"));
    }

    @Test
    void what_comes_out_carries_its_time_and_no_metadata() {
        var passage = only(
                Rig.pipeline(List.of("a"), Rig.route("r", "to: [a]")),
                "{\"@metadata\":{\"beat\":\"x\"},\"msg\":\"m\"}");
        assertThat(passage.arrivals().getFirst().fields())
                .containsOnlyKeys("@timestamp", "msg")
                .containsEntry("@timestamp", "2026-11-22T12:00:00.000Z");
    }

    @Test
    void filters_with_a_memory_see_the_events_in_order() throws IOException {
        var pipeline =
                Rig.pipeline(List.of("a"), Rig.route("r", "filters: [ { set: { fields: { a: b } } } ], to: [a]"));
        try (var rehearsal = Rehearsal.of(pipeline)) {
            assertThat(rehearsal.take(given("{\"n\":1}")).passages().getFirst().arrivals())
                    .extracting(Rehearsal.Arrival::event)
                    .containsExactly(1L);
            assertThat(rehearsal.take(given("{\"n\":2}")).passages().getFirst().arrivals())
                    .extracting(Rehearsal.Arrival::event)
                    .containsExactly(2L);
        }
    }

    @Test
    void why_is_empty_exactly_for_the_routes_that_take_an_event() {
        var random = new java.util.Random(7);
        var matches = List.of(
                "match: { service: ['shop_*'] }",
                "match: { service: [shop_web], when: event.n > 2 }",
                "match: { stack: [shop], fields: { level: ['e*', warn] } }",
                "match: { when: 'event.level == \"error\" || event.n == 1' }",
                "match: { fields: { n: ['1', '2'] } }",
                "match: { service: ['shop_*'], not: { fields: { level: [error] }, when: event.n > 2 } }",
                "match: { node: [shop, '?'], labels: { l: ['e*'] } }");
        var routes = new StringBuilder();
        for (int i = 0; i < matches.size(); i++) {
            routes.append(Rig.route("r" + i, matches.get(i) + ", to: [a]"));
        }
        var pipeline = Rig.pipeline(List.of("a"), routes.toString());
        for (int i = 0; i < 300; i++) {
            var event =
                    "{\"service_name\":\"%s\",\"stack_name\":\"%s\",\"level\":\"%s\",\"n\":%d,\"node_id\":\"%4$d\",\"labels\":{\"l\":\"%3$s\"}}"
                            .formatted(
                                    List.of("shop_web", "shop_db", "bank").get(random.nextInt(3)),
                                    List.of("shop", "bank").get(random.nextInt(2)),
                                    List.of("error", "warn", "info").get(random.nextInt(3)),
                                    random.nextInt(5));
            assertThat(trip(pipeline, event).passages())
                    .allSatisfy(passage -> assertThat(passage.why().isEmpty())
                            .as("%s at %s", event, passage.route())
                            .isEqualTo(passage.outcome() == Outcome.TAKEN));
        }
    }

    @Test
    void a_pipeline_with_a_route_that_is_not_there_has_no_trial() {
        var pipeline = Rig.pipeline(List.of("a"), Rig.route("r", "to: [a]"));
        assertThatThrownBy(
                        () -> Trial.of(pipeline, TrialTest.test("other", "given: [ { event: { a: 1 } } ], expect: []")))
                .hasMessageContaining("no route other");
    }
}
