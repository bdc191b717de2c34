package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.plan.PipelineDefinition;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingTest {
    private final List<String> counted = new ArrayList<>();
    private final List<String> went = new ArrayList<>();
    private final List<String> rejected = new ArrayList<>();

    private Routing.Taken route(PipelineDefinition pipeline, String sink, String event) {
        try {
            return routed(pipeline, sink, event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Routing.Taken routed(PipelineDefinition pipeline, String sink, String event) throws IOException {
        return Routing.of(
                        pipeline,
                        sink,
                        true,
                        route -> _ -> counted.add(route),
                        new Instruments(),
                        InstantSource.fixed(Rig.NOON))
                .route(Event.of(event, Rig.NOON), new Routing.Way() {
                    @Override
                    public void send(Event routed) {
                        went.add(routed.address().route() + "/"
                                + routed.address().copy()
                                + (routed.piece().isEmpty() ? "" : "." + routed.piece()) + " "
                                + routed.address().index().orElse("-") + " " + routed.json());
                    }

                    @Override
                    public void reject(Event routed, String reason) {
                        rejected.add(reason);
                    }
                });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a glob on the service         | service: ['shop_*']             | {\"service_name\":\"shop_web\"}             | true",
                "another service               | service: ['shop_*']             | {\"service_name\":\"bank_web\"}             | false",
                "no service at all             | service: ['shop_*']             | {\"msg\":\"x\"}                             | false",
                "the nested name of ECS        | service: [shop_web]             | {\"service\":{\"name\":\"shop_web\"}}       | true",
                "the dotted name of ECS        | service: [shop_web]             | {\"service.name\":\"shop_web\"}             | true",
                "one of two stacks             | stack: [a, b]                   | {\"stack_name\":\"b\"}                      | true",
                "all that is written must hold | 'stack: [a], service: [s]'      | {\"stack_name\":\"a\",\"service_name\":\"t\"} | false",
                "a plain field                 | fields: { level: [error] }      | {\"level\":\"error\"}                       | true",
                "a number as text              | fields: { status: ['5??'] }     | {\"status\":503}                            | true",
                "two fields                    | 'fields: { level: [error], team: [shop] }' | {\"level\":\"error\",\"team\":\"shop\"} | true",
                "two fields, the first fits    | 'fields: { level: [error], team: [shop] }' | {\"level\":\"error\",\"team\":\"bank\"} | false",
                "two fields, the second fits   | 'fields: { level: [error], team: [shop] }' | {\"level\":\"info\",\"team\":\"shop\"} | false",
                "a nested field                | fields: { http.status: ['5*'] } | {\"http\":{\"status\":500}}                 | true",
                "a container by its name       | container: ['shop_web.*']       | {\"container_name\":\"shop_web.1.x\",\"container_id\":\"9f\"} | true",
                "a container by its short name | container: [web]                | {\"container_name\":\"shop_web.1.x\",\"container_short_name\":\"web\"} | true",
                "a container by its id         | container: ['9f*']              | {\"container_name\":\"shop_web.1.x\",\"container_id\":\"9f\"} | true",
                "a container of ECS            | container: [web]                | {\"container\":{\"id\":\"9f\",\"name\":\"web\"}} | true",
                "a container of ECS by its id  | container: [9f]                 | {\"container.id\":\"9f\"}                 | true",
                "another container             | container: [web]                | {\"container_name\":\"db\",\"container_id\":\"9f\"} | false",
                "a node by its id              | node: [n7]                      | {\"node_id\":\"n7\"}                      | true",
                "a node by its name            | node: ['worker-*']              | {\"node_id\":\"n7\",\"node_name\":\"worker-1\"} | true",
                "a node by the name of ECS     | node: [worker-1]                | {\"host\":{\"name\":\"worker-1\"}}          | true",
                "a node by the host of ECS     | node: [worker-1]                | {\"host\":{\"name\":\"x\",\"hostname\":\"worker-1\"}} | true",
                "another node                  | node: [n7]                      | {\"node_id\":\"n8\"}                      | false",
                "a label                       | labels: { team: shop }          | {\"labels\":{\"team\":\"shop\"}}            | true",
                "a label with dots             | labels: { io.amp.role: infra }  | {\"labels\":{\"io.amp.role\":\"infra\"}}    | true",
                "a label as AMP writes it      | labels: { io.amp.role: infra }  | {\"labels\":{\"io-amp-role\":\"infra\"}}    | true",
                "a label as Beats write it     | labels: { io.amp.role: infra }  | {\"container\":{\"labels\":{\"io_amp_role\":\"infra\"}}} | true",
                "a label in objects            | labels: { io.amp.role: infra }  | {\"container\":{\"labels\":{\"io\":{\"amp\":{\"role\":\"infra\"}}}}} | true",
                "a label of a flat container   | labels: { team: shop }          | {\"container.labels\":{\"team\":\"shop\"}}  | true",
                "a label with a glob           | labels: { team: ['web-*', x] }  | {\"labels\":{\"team\":\"web-1\"}}           | true",
                "a number as a label           | labels: { rack: 7 }             | {\"labels\":{\"rack\":7}}                 | true",
                "another value of a label      | labels: { team: shop }          | {\"labels\":{\"team\":\"bank\"}}            | false",
                "another label                 | labels: { team: shop }          | {\"labels\":{\"crew\":\"shop\"}}            | false",
                "labels that are no object     | labels: { team: shop }          | {\"labels\":[\"team=shop\"]}              | false",
                "two labels, one is missing    | 'labels: { team: shop, rack: 1 }' | {\"labels\":{\"team\":\"shop\"}}          | false",
                "what it must not be           | 'service: [shop_*], not: { service: [shop_test] }' | {\"service_name\":\"shop_test\"} | false",
                "what is not what it must not be | 'service: [shop_*], not: { service: [shop_test] }' | {\"service_name\":\"shop_web\"} | true",
                "not holds only as a whole     | 'not: { service: [s], fields: { level: debug } }' | {\"service_name\":\"s\",\"level\":\"info\"} | true",
                "not, all of it                | 'not: { service: [s], fields: { level: debug } }' | {\"service_name\":\"s\",\"level\":\"debug\"} | false",
                "not, with CEL                 | 'not: { when: event.level == \"debug\" }' | {\"level\":\"debug\"}                  | false",
                "not, with CEL that asks for a field that lacks | 'not: { when: event.level == \"debug\" }' | {}      | true",
                "not of not                    | 'not: { not: { stack: [a] } }'  | {\"stack_name\":\"a\"}                    | true",
                "CEL                           | when: event.status >= 500       | {\"status\":503}                            | true",
                "CEL on a field that lacks     | when: event.status >= 500       | {\"msg\":\"x\"}                             | false",
            })
    void a_match_takes_what_fits(String why, String match, String event, boolean fits) {
        var pipeline = Rig.pipeline(List.of("a"), Rig.route("r", "match: { %s }, to: [a]".formatted(match)));
        var taken = route(pipeline, "a", event);
        assertThat(taken.sent()).as(why).isEqualTo(fits ? 1 : 0);
        assertThat(taken.unrouted()).isNotEqualTo(fits);
    }

    @Test
    void an_event_goes_along_every_route_that_matches_and_the_default_takes_the_rest() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route("errors", "match: { fields: { level: error } }, to: [a]")
                        + Rig.route(
                                "shop",
                                "match: { service: shop }, filters: [ { set: { fields: { team: x } } } ], to: [a]")
                        + Rig.route("rest", "default: true, to: [a]"));
        route(pipeline, "a", "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"error\",\"service_name\":\"shop\"}");
        assertThat(went)
                .containsExactly(
                        "errors/0 - {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"error\",\"service_name\":\"shop\"}",
                        "shop/1 - {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"error\",\"service_name\":\"shop\",\"team\":\"x\"}");
        went.clear();
        route(pipeline, "a", "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"info\"}");
        assertThat(went).containsExactly("rest/0 - {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"info\"}");
        assertThat(counted).containsExactly("errors", "shop", "rest");
    }

    @Test
    void a_copy_has_the_same_number_whatever_filters_of_other_routes_make_of_theirs() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route("splits", "filters: [ { split: r }, { drop: { when: event.r == 2 } } ], to: [a]")
                        + Rig.route("whole", "filters: [ { remove: [r] } ], to: [a]"));
        for (var event : List.of("{\"r\":[1,2,3]}", "{\"r\":2}", "{\"r\":[]}")) {
            route(pipeline, "a", event.replace("{", "{\"@timestamp\":\"2026-01-01T00:00:00Z\","));
        }
        assertThat(went.stream().map(each -> each.split(" ", 2)[0]))
                .containsExactly("splits/0.1", "splits/0.3", "whole/1", "whole/1", "splits/0", "whole/1");
    }

    @Test
    void filters_of_one_route_leave_the_other_routes_copy_alone() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route("cuts", "filters: [ { remove: [secret] } ], to: [a]") + Rig.route("keeps", "to: [a]"));
        route(pipeline, "a", "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"secret\":1}");
        assertThat(went)
                .containsExactly(
                        "cuts/0 - {\"@timestamp\":\"2026-01-01T00:00:00Z\"}",
                        "keeps/1 - {\"@timestamp\":\"2026-01-01T00:00:00Z\",\"secret\":1}");
    }

    @Test
    void a_route_without_a_way_to_the_sink_counts_nowhere_but_takes_the_event() {
        var pipeline = Rig.pipeline(
                List.of("a", "b"), Rig.route("all", "to: [b]") + Rig.route("rest", "default: true, to: [a]"));
        var taken = route(pipeline, "a", "{}");
        assertThat(taken).isEqualTo(new Routing.Taken(0, 0, false));
        assertThat(counted).isEmpty();
    }

    @Test
    void an_event_too_large_for_filters_is_rejected_with_words_and_goes_where_there_are_none() {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route("cuts", "filters: [ { remove: [secret] } ], to: [a]") + Rig.route("keeps", "to: [a]"));
        var event = "{\"msg\":\"" + "x".repeat(Routing.LARGEST_FILTERED) + "\"}";
        assertThat(route(pipeline, "a", event).sent()).isEqualTo(2);
        assertThat(rejected)
                .containsExactly(
                        "the event has 4.0 MiB, and the filters of route cuts take at most 4 MiB; send smaller ones, or let a route without filters take it");
        assertThat(went).singleElement().asString().startsWith("keeps/");
    }

    @Test
    void what_filters_drop_is_filtered_not_passed() {
        var pipeline = Rig.pipeline(List.of("a"), Rig.route("all", "filters: [ { drop: {} } ], to: [a]"));
        assertThat(route(pipeline, "a", "{}")).isEqualTo(new Routing.Taken(0, 1, false));
    }

    @Test
    void an_index_of_the_route_is_filled_from_the_event_or_the_event_is_rejected_with_words() {
        var pipeline = Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["http://localhost:9200"], index: all } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: r }
                spec: { router: core, to: [ { sink: es, index: "%{team}-%{+YYYY.MM.dd}" } ] }
                """);
        route(pipeline, "es", "{\"@timestamp\":\"2027-01-01T00:30:00Z\",\"team\":\"x\"}");
        assertThat(went).singleElement().asString().startsWith("r/0 x-2027.01.01 ");
        route(pipeline, "es", "{\"@timestamp\":\"2027-01-01T00:30:00Z\"}");
        assertThat(rejected)
                .containsExactly(
                        "the index \"%{team}-%{+YYYY.MM.dd}\" of route r asks for the field team, which the event does not have");
    }
}
