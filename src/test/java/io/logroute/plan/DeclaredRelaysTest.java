package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.Labels;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogSink;
import io.logroute.spec.Name;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SpecReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A relay is a sink of its name to the routes of its swarm.
class DeclaredRelaysTest {
    private static final Map<String, String> EU1 = Map.of(
            "core.yaml", doc("LogRouter", "core", "sources: [{ beats: { port: 5044 } }]"),
            "es.yaml", doc("LogSink", "es", "elasticsearch: { urls: 'http://es:9200', index: a }"),
            "up.yaml", doc("LogRelay", "up", "swarm: eu1, deploy: { passwordSecret: pw, networks: [up] }"),
            "all.yaml", doc("LogRoute", "all", "{ router: core, to: [es, { relay: up }] }"));

    @Test
    void a_router_runs_it_as_a_sink() {
        var declared = first(EU1);
        assertThat(declared.problems()).isEmpty();
        var pipeline = declared.pipeline("core").orElseThrow();
        assertThat(pipeline.sinks()).extracting(LogSink::name).containsExactly(new Name("es"), new Name("up"));
        assertThat(pipeline.sinks().getLast().to()).isInstanceOf(SinkSpec.Redis.class);
        assertThat(declared.sinks()).hasSize(2);
        assertThat(declared.all(LogRelay.class)).hasSize(1);
    }

    @Test
    void what_a_router_is_given_it_reads_again() {
        var pipeline = first(EU1).pipeline("core").orElseThrow();
        assertThat(PipelineDefinition.parse(pipeline.text())).isEqualTo(new io.logroute.spec.Read.Good<>(pipeline));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "a name is enough;            [es, up];                 ''",
                "one alone;                   up;                       ''",
                "a relay named as a sink;     [es, { sink: up }];       all.yaml:4: spec.to[1].sink: up is a LogRelay. Write { relay: up }, or only up.",
                "likewise, alone;             { sink: up };             all.yaml:4: spec.to[0].sink: up is a LogRelay. Write { relay: up }, or only up.",
                "a sink named as a relay;     [{ relay: es }];          all.yaml:4: spec.to[0].relay: es is a LogSink. Write { sink: es }, or only es.",
                "none of that name;           [{ relay: op }];          all.yaml:4: spec.to[0].relay: there is no relay \"op\". Write one of: es, up",
                "an index;                    [{ sink: es, index: x }]; ''"
            })
    void how_routes_name_it(String why, String to, String problem) {
        var declared = first(with("all.yaml", doc("LogRoute", "all", "{ router: core, to: %s }".formatted(to))));
        if (problem.isEmpty()) {
            assertThat(said(declared)).isEmpty();
        } else {
            assertThat(said(declared)).singleElement().asString().startsWith(problem);
        }
    }

    @Test
    void a_sink_and_a_relay_of_one_name_are_both_refused() {
        var declared = first(with("twin.yaml", doc("LogSink", "up", "console: {}")));
        assertThat(said(declared))
                .containsExactly(
                        "twin.yaml:3: metadata.name: LogSink up is declared twice: there is a LogRelay of that name, and sinks and relays share their names. The other one is at up.yaml:3; rename or remove one of them.",
                        "up.yaml:3: metadata.name: LogRelay up is declared twice: there is a LogSink of that name, and sinks and relays share their names. The other one is at twin.yaml:3; rename or remove one of them.");
        assertThat(declared.pipelines()).isEmpty();
    }

    @Test
    void a_relay_that_gets_the_name_of_a_sink_is_held_as_it_was() {
        var before = first(EU1);
        var declared = next(before, with("twin.yaml", doc("LogSink", "up", "console: {}")));
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(declared.all(LogRelay.class)).isEqualTo(before.all(LogRelay.class));
    }

    @Test
    void a_broken_relay_is_held_also_by_what_runs_alone() {
        var before = first(EU1);
        var broken = with("up.yaml", doc("LogRelay", "up", "swarm: eu1, deploy: { passwordSecret: pw }, maxLength: 0"));
        for (var known : List.of(before, Declared.running(before.pipelines()))) {
            var declared = next(known, broken);
            assertThat(declared.pipelines()).isEqualTo(before.pipelines());
            assertThat(declared.problems()).hasSize(1);
        }
    }

    @Test
    void a_relay_that_is_gone_while_a_route_names_it_stays() {
        var before = first(EU1);
        var files = new TreeMap<>(EU1);
        files.remove("up.yaml");
        var declared = next(before, files);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(said(declared))
                .containsExactly(
                        "all.yaml:4: spec.to[1].relay: LogRelay up is no longer declared, and stays as it was. Declare it again, or name another one here.");
        assertThat(next(Declared.running(before.pipelines()), files).pipelines())
                .isEqualTo(before.pipelines());
    }

    @Test
    void a_sink_may_become_a_relay_of_its_name_and_back() {
        var sink = with("up.yaml", doc("LogSink", "up", "console: {}"));
        sink.put("all.yaml", doc("LogRoute", "all", "{ router: core, to: [es, up] }"));
        var relay = new TreeMap<>(sink);
        relay.put("up.yaml", EU1.get("up.yaml"));
        var before = first(sink);
        var became = next(before, relay);
        assertThat(became.problems()).isEmpty();
        assertThat(became.pipelines()).isEqualTo(first(relay).pipelines());
        var back = next(became, sink);
        assertThat(back.problems()).isEmpty();
        assertThat(back.pipelines()).isEqualTo(before.pipelines());
    }

    @Test
    void its_secrets_and_networks_have_to_be_there() {
        var before = first(EU1);
        var ground = new Declared.Ground(Set.of(), Optional.of(Set.of("other")), Optional.of(Set.of("up")), false);
        assertThat(said(Declared.of(reading(EU1), Declared.NOTHING, ground, RouteTests.UNASKED)))
                .contains(
                        "up.yaml:4: spec.deploy.passwordSecret: the swarm has no secret pw. Create it: docker secret create pw FILE; or name another one.");
        var moved = with(
                "up.yaml", doc("LogRelay", "up", "swarm: eu1, deploy: { passwordSecret: pw, networks: [nowhere] }"));
        var there = new Declared.Ground(Set.of(), Optional.of(Set.of("pw")), Optional.of(Set.of("up")), false);
        var declared = Declared.of(reading(moved), before, there, RouteTests.UNASKED);
        assertThat(said(declared))
                .containsExactly(
                        "up.yaml:4: spec.deploy.networks[0]: the swarm has no network nowhere that services can join. Create it: docker network create -d overlay --attachable nowhere; or name another one.");
        assertThat(declared.all(LogRelay.class)).isEqualTo(before.all(LogRelay.class));
    }

    @Test
    void what_opens_LogRoute_itself_is_no_password_of_a_relay() {
        var declared = first(
                with("up.yaml", doc("LogRelay", "up", "swarm: eu1, deploy: { passwordSecret: logroute_operator }")));
        assertThat(said(declared))
                .contains(
                        "up.yaml:4: spec.deploy.passwordSecret: secret logroute_operator opens LogRoute itself, and no spec may use it. Name another secret.");
    }

    @Test
    void labels_name_it_as_a_sink_where_they_may() {
        var specs = with(
                "up.yaml",
                doc("LogRelay", "up", "swarm: eu1, deploy: { passwordSecret: pw }, allow: { stacks: [bank] }"));
        for (var stack : List.of("shop", "bank")) {
            var service = new Labels.OfService(
                    "service " + stack + "_web",
                    stack + "_web",
                    Optional.of(stack),
                    List.of(new Labels.Label("logroute.enable", "true", 0), new Labels.Label("logroute.to", "up", 0)));
            var all = reading(specs);
            var declared = Declared.of(all.and(Labels.read(service, Labels.Known.of(all))), Declared.NOTHING, Set.of());
            if (stack.equals("bank")) {
                assertThat(declared.problems()).isEmpty();
            } else {
                assertThat(said(declared))
                        .singleElement()
                        .satisfies(told -> assertThat(told)
                                .contains("sink up may be named by labels of stack bank")
                                .contains("spec.allow.stacks of LogRelay up"));
            }
        }
    }

    @Test
    void a_maxLag_that_no_buffer_holds_is_told_at_the_relay() {
        var declared = first(
                with("up.yaml", doc("LogRelay", "up", "swarm: eu1, deploy: { passwordSecret: pw }, maxLag: 9TiB")));
        assertThat(said(declared))
                .singleElement()
                .satisfies(told -> assertThat(told).startsWith("up.yaml:4: spec.maxLag: maxLag is 9TiB"));
    }

    private static String doc(String kind, String name, String spec) {
        return "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: %s }\nspec: %s\n"
                .formatted(kind, name, spec.startsWith("{") ? spec : "{ " + spec + " }");
    }

    private static Map<String, String> with(String file, String text) {
        var files = new TreeMap<>(EU1);
        files.put(file, text);
        return files;
    }

    private static Declared first(Map<String, String> files) {
        return next(Declared.NOTHING, files);
    }

    private static Declared next(Declared before, Map<String, String> files) {
        return Declared.of(reading(files), before, Set.of());
    }

    private static Reading reading(Map<String, String> files) {
        var all = new Reading(List.of(), List.of());
        for (var file : new TreeMap<>(files).entrySet()) {
            all = all.and(SpecReader.documents(file.getKey(), file.getValue()));
        }
        return all;
    }

    private static List<String> said(Declared declared) {
        return declared.problems().stream().map(Problem::toString).toList();
    }
}
