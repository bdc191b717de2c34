package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

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

class DeclaredTest {
    private static final Set<String> TEMPLATES = Set.of("ampbeat");

    private static final Map<String, String> SHOP = Map.of(
            "core.yaml", doc("LogRouter", "core", "sources: [{ beats: { port: 5044 } }]"),
            "edge.yaml", doc("LogRouter", "edge", "sources: [{ beats: { port: 5045 } }]"),
            "es.yaml", doc("LogSink", "es", "elasticsearch: { urls: 'http://es:9200', index: a }"),
            "disk.yaml", doc("LogSink", "disk", "file: { path: a.ndjson }"),
            "shop.yaml", doc("LogRoute", "shop", "{ router: core, to: [es, disk] }"),
            "bank.yaml", doc("LogRoute", "bank", "{ router: edge, to: es }"));

    @Test
    void every_router_with_a_route_has_its_pipeline() {
        var declared = first(SHOP);
        assertThat(declared.problems()).isEmpty();
        assertThat(declared.pipelines()).extracting(PipelineDefinition::name).containsExactly("core", "edge");
        assertThat(declared.pipeline("core").orElseThrow().sinks())
                .extracting(LogSink::name)
                .containsExactly(new Name("disk"), new Name("es"));
        assertThat(declared.pipeline("edge").orElseThrow().sinks())
                .extracting(LogSink::name)
                .containsExactly(new Name("es"));
        assertThat(declared.routes()).extracting(Declared.RouteVerdict::name).containsExactly("bank", "shop");
        assertThat(declared.routes())
                .allSatisfy(route -> assertThat(route.inForce()).isTrue());
    }

    @Test
    void a_maxLag_that_the_buffer_cannot_hold_is_a_problem_and_stops_nothing() {
        for (var buffer : new String[] {"", ", buffer: { maxBytes: 8GiB }", ", buffer: { memory: 64MiB }"}) {
            var files = new TreeMap<>(
                    with("core.yaml", doc("LogRouter", "core", "sources: [{ beats: { port: 5044 } }]" + buffer)));
            files.put("disk.yaml", doc("LogSink", "disk", "file: { path: a.ndjson }, maxLag: 9GiB"));
            var declared = first(files);
            assertThat(said(declared))
                    .singleElement()
                    .satisfies(told -> assertThat(told)
                            .contains("disk.yaml:4: spec.maxLag: maxLag is 9GiB, and the buffer of router core has ")
                            .contains(". Write less than ", ", or raise spec.buffer of LogRouter core."));
            assertThat(declared.pipelines()).hasSize(2);
        }
        var equal = first(with("disk.yaml", doc("LogSink", "disk", "file: { path: a.ndjson }, maxLag: 8GiB")));
        assertThat(said(equal)).isNotEmpty().allSatisfy(told -> assertThat(told).contains("Write less than 8GiB"));
        var fits = first(with("disk.yaml", doc("LogSink", "disk", "file: { path: a.ndjson }, maxLag: 8191MiB")));
        assertThat(fits.problems()).isEmpty();
    }

    @Test
    void an_unknown_sink_is_told_with_those_that_there_are() {
        var declared = first(with("shop.yaml", doc("LogRoute", "shop", "{ router: core, to: [es, dsk] }")));
        assertThat(said(declared))
                .contains(
                        "shop.yaml:4: spec.to[1].sink: there is no sink \"dsk\". Write one of: disk, es; or declare it.");
        assertThat(verdict(declared, "shop").inForce()).isFalse();
        assertThat(verdict(declared, "shop").router()).contains("core");
        assertThat(declared.pipelines()).extracting(PipelineDefinition::name).containsExactly("edge");
    }

    @Test
    void an_unknown_router_is_told_with_those_that_there_are() {
        var declared = first(with("shop.yaml", doc("LogRoute", "shop", "{ router: cor, to: es }")));
        assertThat(said(declared))
                .contains(
                        "shop.yaml:4: spec.router: there is no router \"cor\". Write one of: core, edge; or declare it.");
    }

    @Test
    void what_is_declared_twice_is_refused_both_times() {
        var declared = first(with("twin.yaml", doc("LogRoute", "shop", "{ router: core, to: es }")));
        assertThat(said(declared))
                .contains(
                        "shop.yaml:3: metadata.name: LogRoute shop is declared twice. The other one is at twin.yaml:3; rename or remove one of them.",
                        "twin.yaml:3: metadata.name: LogRoute shop is declared twice. The other one is at shop.yaml:3; rename or remove one of them.");
        assertThat(verdict(declared, "shop").inForce()).isFalse();
    }

    @Test
    void what_is_declared_twice_is_held_as_it_was() {
        var before = first(SHOP);
        var declared = next(before, with("twin.yaml", doc("LogRoute", "shop", "{ router: core, to: es }")));
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(verdict(declared, "shop").held()).isTrue();
        assertThat(verdict(declared, "shop").wrong()).hasSize(2);
    }

    @Test
    void a_broken_route_is_held_and_the_others_go_on() {
        var before = first(SHOP);
        var files = new TreeMap<>(with("shop.yaml", doc("LogRoute", "shop", "{ router: core, two: es }")));
        files.put("bank.yaml", doc("LogRoute", "bank", "{ router: edge, to: es, match: { service: b } }"));
        var declared = next(before, files);
        assertThat(declared.pipeline("core")).isEqualTo(before.pipeline("core"));
        assertThat(declared.pipeline("edge")).isNotEqualTo(before.pipeline("edge"));
        assertThat(verdict(declared, "shop").held()).isTrue();
        assertThat(verdict(declared, "bank").held()).isFalse();
    }

    @Test
    void a_sink_that_is_gone_while_a_route_names_it_stays_as_it_was_and_the_route_says_so() {
        var before = first(SHOP);
        var pointing = next(before, with("shop.yaml", doc("LogRoute", "shop", "{ router: core, to: new }")));
        assertThat(pointing.pipeline("core")).isEqualTo(before.pipeline("core"));
        var files = new TreeMap<>(SHOP);
        files.remove("disk.yaml");
        var declared = next(before, files);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(verdict(declared, "shop").held()).isTrue();
        assertThat(declared.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).contains("disk is no longer declared"));
    }

    @Test
    void a_router_that_is_gone_while_a_route_names_it_goes_on() {
        var before = first(SHOP);
        var files = new TreeMap<>(SHOP);
        files.remove("core.yaml");
        var declared = next(before, files);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(declared.problems()).isNotEmpty();
    }

    @Test
    void what_follows_from_a_broken_document_is_not_one_more_problem() {
        var declared = first(with("core.yaml", doc("LogRouter", "core", "{ sources: [], sauces: [] }")));
        assertThat(declared.problems())
                .allSatisfy(problem -> assertThat(problem.file()).isEqualTo("core.yaml"));
        assertThat(verdict(declared, "shop").unresolved())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).contains("router core has problems of its own"));
    }

    @Test
    void all_that_a_file_gave_is_held_when_it_is_no_yaml_any_more() {
        var before = first(SHOP);
        for (var file : SHOP.keySet()) {
            var declared = next(before, with(file, "a: [\n: :"));
            assertThat(declared.pipelines()).as(file).isEqualTo(before.pipelines());
            assertThat(declared.good()).as(file).isEqualTo(before.good());
            assertThat(declared.problems()).as(file).hasSize(1);
        }
    }

    @Test
    void all_that_a_folder_gave_is_held_when_it_cannot_be_read() {
        var before = Declared.of(
                SpecReader.documents("specs/all.yaml", String.join("---\n", SHOP.values())),
                Declared.NOTHING,
                TEMPLATES);
        var gone = new Reading.Broken(
                Optional.empty(), Optional.empty(), List.of(new Problem("specs", "it cannot be read", "Mend it.")));
        var declared = Declared.of(new Reading(List.of(), List.of(gone)), before, TEMPLATES);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
    }

    @Test
    void a_document_that_is_removed_is_gone() {
        var files = new TreeMap<>(SHOP);
        files.remove("bank.yaml");
        var declared = next(first(SHOP), files);
        assertThat(declared.routes()).extracting(Declared.RouteVerdict::name).containsExactly("shop");
        assertThat(declared.pipelines()).extracting(PipelineDefinition::name).containsExactly("core");
        assertThat(said(declared))
                .containsExactly(
                        "edge.yaml:3: metadata.name: no route takes the events of router edge; it is not started. Declare a LogRoute with router: edge.");
        assertThat(declared.idle().keySet()).containsExactly("edge");
    }

    @Test
    void an_index_is_for_sinks_that_have_indices() {
        var declared =
                first(with("shop.yaml", doc("LogRoute", "shop", "{ router: core, to: { sink: disk, index: b } }")));
        assertThat(said(declared))
                .contains(
                        "shop.yaml:4: spec.to[0].index: sink disk has no indices. Leave index away, or name a sink that is an elasticsearch or opensearch.");
    }

    @Test
    void two_routers_do_not_write_the_files_of_one_sink() {
        var files = with("bank.yaml", doc("LogRoute", "bank", "{ router: edge, to: disk }"));
        var problem =
                "bank.yaml:4: spec.to[0].sink: router core writes the files of sink disk already. Give router edge a file sink of its own.";
        var before = first(SHOP);
        // The one that is in force keeps it, though the other comes first by name.
        var declared = next(before, files);
        assertThat(said(declared)).contains(problem);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(verdict(declared, "bank").held()).isTrue();
    }

    @Test
    void a_route_that_cannot_run_takes_no_files_from_one_that_can() {
        var declared = first(with("bank.yaml", doc("LogRoute", "bank", "{ router: edge, to: [disk, nowhere] }")));
        assertThat(verdict(declared, "shop").inForce()).isTrue();
        assertThat(verdict(declared, "bank").inForce()).isFalse();
    }

    @Test
    void two_sinks_do_not_write_the_same_files() {
        var files = with("disc.yaml", doc("LogSink", "disc", "file: { path: a.ndjson }"));
        var declared = next(first(SHOP), files);
        assertThat(said(declared))
                .containsExactly(
                        "disc.yaml:4: spec.file.path: sink disk writes the same files. Give each sink a path of its own, or let the routes name the same sink.");
        assertThat(declared.sinks()).extracting(LogSink::name).containsExactly(new Name("disk"), new Name("es"));
    }

    @Test
    void a_sink_with_an_unknown_template_is_held_and_without_a_past_is_none() {
        var files = with(
                "es.yaml",
                doc("LogSink", "es", "elasticsearch: { urls: 'http://es:9200', index: b, template: ampbet }"));
        var problem = "es.yaml:4: spec.elasticsearch.template: there is no template \"ampbet\". Write one of: ampbeat.";
        var before = first(SHOP);
        var held = next(before, files);
        assertThat(said(held)).containsExactly(problem);
        assertThat(held.pipelines()).isEqualTo(before.pipelines());
        var fresh = first(files);
        assertThat(said(fresh)).contains(problem);
        assertThat(fresh.sinks()).noneMatch(sink -> sink.to() instanceof SinkSpec.Elasticsearch);
        assertThat(fresh.pipelines()).isEmpty();
    }

    @Test
    void on_a_swarm_every_instance_has_files_of_its_own() {
        var files = with("bank.yaml", doc("LogRoute", "bank", "{ router: edge, to: disk }"));
        var declared = Declared.of(
                reading(files),
                Declared.NOTHING,
                new Declared.Ground(TEMPLATES, Optional.empty(), Optional.empty(), false),
                RouteTests.UNASKED);
        assertThat(declared.problems()).isEmpty();
        assertThat(declared.pipelines()).hasSize(2);
    }

    private static String edge(String deploy) {
        return doc("LogRouter", "edge", "sources: [{ beats: { port: 5045 } }], deploy: { " + deploy + " }");
    }

    @Test
    void a_router_does_not_take_the_name_of_another() {
        for (var alias : List.of("core", "Core", "logroute_core-0", "logroute_edge-7", "x_y_core-12")) {
            var files = with("edge.yaml", edge("aliases: [edge, ok, %s]".formatted(alias)));
            var fresh = first(files);
            assertThat(said(fresh))
                    .as(alias)
                    .singleElement()
                    .satisfies(told -> assertThat(told)
                            .contains("edge.yaml:4: spec.deploy.aliases[2]: ", "alias")
                            .contains(alias.toLowerCase(java.util.Locale.ROOT)));
            assertThat(fresh.pipelines()).extracting(PipelineDefinition::name).containsExactly("core");
            var before = first(SHOP);
            assertThat(next(before, files).pipelines()).isEqualTo(before.pipelines());
        }
        assertThat(first(with("edge.yaml", edge("aliases: [edge, logstash, my_own-1, core-0]")))
                        .problems())
                .isEmpty();
    }

    @Test
    void an_alias_that_was_there_first_stays_and_a_new_router_of_that_name_is_refused() {
        var alone = with("edge.yaml", edge("aliases: [core]"));
        alone.remove("core.yaml");
        alone.remove("shop.yaml");
        var before = first(alone);
        assertThat(before.pipelines()).extracting(PipelineDefinition::name).containsExactly("edge");
        var declared = next(before, with("edge.yaml", edge("aliases: [core, more]")));
        assertThat(said(declared))
                .contains(
                        "core.yaml:3: metadata.name: router edge has the alias core already. Name it otherwise, or take the alias from router edge.");
        assertThat(declared.pipelines()).extracting(PipelineDefinition::name).containsExactly("edge");
    }

    @Test
    void of_two_routers_with_one_alias_the_one_that_had_it_keeps_it() {
        var core = doc("LogRouter", "core", "sources: [{ beats: { port: 5044 } }], deploy: { aliases: [logstash] }");
        var both = with("core.yaml", core);
        both.put("edge.yaml", edge("aliases: [logstash]"));
        var fresh = first(both);
        assertThat(said(fresh))
                .containsExactly(
                        "edge.yaml:4: spec.deploy.aliases[0]: router core has the alias logstash already. Give router edge an alias of its own.");
        var before = first(with("edge.yaml", edge("aliases: [logstash]")));
        var declared = next(before, both);
        assertThat(said(declared))
                .containsExactly(
                        "core.yaml:4: spec.deploy.aliases[0]: router edge has the alias logstash already. Give router core an alias of its own.");
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
    }

    @Test
    void what_opens_LogRoute_itself_is_for_no_spec() {
        for (var secret : List.of(
                "logroute_operator", "logroute_viewer", "logroute_link_key", "logroute-link", "logroute-link-0a1b2c")) {
            var mounted = first(with("edge.yaml", edge("secrets: [es, %s]".formatted(secret))));
            assertThat(said(mounted))
                    .containsExactly(
                            "edge.yaml:4: spec.deploy.secrets[1]: secret %s opens LogRoute itself, and no spec may use it. Name another secret."
                                    .formatted(secret));
            assertThat(mounted.pipelines()).extracting(PipelineDefinition::name).containsExactly("core");
            for (var folder : List.of("/run/secrets/", "/var/run/secrets/", "/run/./secrets/x/../")) {
                var sent = first(with(
                        "es.yaml",
                        doc(
                                "LogSink",
                                "es",
                                "elasticsearch: { urls: 'http://es:9200', index: a, auth: { username: u, passwordFile: %s%s } }"
                                        .formatted(folder, secret))));
                assertThat(said(sent)).as(folder + secret).anyMatch(told -> told.contains("opens LogRoute itself"));
                assertThat(sent.sinks()).extracting(LogSink::name).containsExactly(new Name("disk"));
            }
        }
        assertThat(first(with("edge.yaml", edge("secrets: [logroute_es, operator]")))
                        .problems())
                .isEmpty();
    }

    @Test
    void two_routers_do_not_listen_on_the_same_port() {
        var files = with("edge.yaml", doc("LogRouter", "edge", "sources: [{ demo: {} }, { http: { port: 5044 } }]"));
        var problem =
                "edge.yaml:4: spec.sources[1].http.port: router core has port 5044 already. Give router edge a port of its own.";
        var fresh = first(files);
        assertThat(said(fresh)).containsExactly(problem);
        assertThat(fresh.pipelines()).extracting(PipelineDefinition::name).containsExactly("core");
        assertThat(verdict(fresh, "bank").unresolved())
                .singleElement()
                .satisfies(told -> assertThat(told.what()).isEqualTo("router edge has problems of its own"));
        var before = first(SHOP);
        var held = next(before, files);
        assertThat(said(held)).containsExactly(problem);
        assertThat(held.pipelines()).isEqualTo(before.pipelines());
    }

    @Test
    void the_router_that_has_a_port_keeps_it_whatever_its_name() {
        var before = first(SHOP);
        var declared =
                next(before, with("core.yaml", doc("LogRouter", "core", "sources: [{ beats: { port: 5045 } }]")));
        assertThat(said(declared))
                .containsExactly(
                        "core.yaml:4: spec.sources[0].beats.port: router edge has port 5045 already. Give router core a port of its own.");
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
    }

    @Test
    void ports_may_be_exchanged_be_free_ones_or_of_other_addresses() {
        var swapped = with("core.yaml", doc("LogRouter", "core", "sources: [{ beats: { port: 5045 } }]"));
        swapped.put("edge.yaml", doc("LogRouter", "edge", "sources: [{ beats: { port: 5044 } }]"));
        assertThat(next(first(SHOP), swapped).problems()).isEmpty();
        for (var sources : List.of("beats: { port: 0 }", "beats: { host: 10.0.0.1, port: 5044 }")) {
            var files = with("core.yaml", doc("LogRouter", "core", "sources: [{ %s }]".formatted(sources)));
            files.put(
                    "edge.yaml",
                    doc("LogRouter", "edge", "sources: [{ %s }]".formatted(sources.replace("10.0.0.1", "10.0.0.2"))));
            assertThat(first(files).problems()).as(sources).isEmpty();
        }
    }

    @Test
    void a_route_that_is_broken_otherwise_has_its_names_looked_at() {
        var declared = first(with(
                "shop.yaml",
                doc("LogRoute", "shop", "{ router: cor, match: { when: level == 1 }, to: [dsk, { sink: es }] }")));
        assertThat(said(declared))
                .anySatisfy(told -> assertThat(told).contains("spec.match.when: undeclared reference to 'level'"))
                .anySatisfy(
                        told -> assertThat(told).startsWith("shop.yaml:4: spec.router: there is no router \"cor\"."))
                .anySatisfy(
                        told -> assertThat(told).startsWith("shop.yaml:4: spec.to[0].sink: there is no sink \"dsk\"."))
                .hasSize(3);
    }

    @Test
    void a_sink_with_an_error_of_its_own_is_not_said_to_be_missing() {
        for (var es : List.of(
                doc("LogSink", "es", "elasticsearch: { urls: 'http://es:9200', index: b, template: ampbet }"),
                SHOP.get("es.yaml") + "---\n" + SHOP.get("es.yaml"))) {
            var declared = first(with("es.yaml", es));
            assertThat(said(declared))
                    .isNotEmpty()
                    .allSatisfy(told -> assertThat(told).startsWith("es.yaml:"));
            assertThat(verdict(declared, "bank").unresolved())
                    .singleElement()
                    .satisfies(told -> assertThat(told.what()).isEqualTo("sink es has problems of its own"));
        }
    }

    private static final String TEST =
            doc("LogRouteTest", "t", "{ route: shop, given: [{ event: { a: 1 } }], expect: [{ sink: es }] }");

    /// Says of every route with a test that it fails.
    private static final RouteTests FAILING = (_, route, tests) -> List.of(new Problem(
            tests.getFirst().where("spec.expect"), "a test of %s fails".formatted(route.name()), "Mend it."));

    @Test
    void a_new_route_whose_tests_fail_is_not_run() {
        var declared = next(Declared.NOTHING, with("test.yaml", TEST), FAILING);
        assertThat(said(declared)).containsExactly("test.yaml:4: spec.expect: a test of shop fails. Mend it.");
        assertThat(verdict(declared, "shop").inForce()).isFalse();
        assertThat(verdict(declared, "shop").failing()).hasSize(1);
        assertThat(verdict(declared, "shop").router()).contains("core");
        assertThat(verdict(declared, "bank").inForce()).isTrue();
    }

    @Test
    void a_changed_route_whose_tests_fail_is_held_as_it_was() {
        var before = first(with("test.yaml", TEST));
        var files = new TreeMap<>(with("test.yaml", TEST));
        files.put("shop.yaml", doc("LogRoute", "shop", "{ router: core, to: [es], match: { service: a } }"));
        var declared = next(before, files, FAILING);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(verdict(declared, "shop").held()).isTrue();
    }

    @Test
    void a_route_stays_as_it_is_where_its_test_is_what_changed() {
        var before = first(SHOP);
        var declared = next(before, with("test.yaml", TEST), FAILING);
        assertThat(declared.pipelines()).isEqualTo(before.pipelines());
        assertThat(verdict(declared, "shop").failing()).hasSize(1);
    }

    @Test
    void tests_get_the_pipeline_of_their_route_and_only_their_own() {
        var asked = new java.util.ArrayList<String>();
        RouteTests tests = (pipeline, route, own) -> {
            asked.add("%s %s %s".formatted(pipeline.name(), route.name(), own.size()));
            return List.of();
        };
        assertThat(next(Declared.NOTHING, with("test.yaml", TEST), tests).problems())
                .isEmpty();
        assertThat(asked).containsExactly("core shop 1");
    }

    @Test
    void a_test_of_no_route_or_of_a_sink_that_the_route_has_not_is_told() {
        var none = with("test.yaml", doc("LogRouteTest", "t", "{ route: shpo, given: [{ event: {} }], expect: [] }"));
        assertThat(said(next(Declared.NOTHING, none, FAILING)))
                .containsExactly(
                        "test.yaml:4: spec.route: there is no route \"shpo\". Write one of: bank, shop; or declare it.");
        var other = with(
                "test.yaml",
                doc(
                        "LogRouteTest",
                        "t",
                        "{ route: shop, given: [{ event: {} }], expect: [{ sink: dsk }, { sink: disk, index: x, id: y }, { sink: es, file: z }] }"));
        assertThat(said(next(Declared.NOTHING, other, FAILING)))
                .containsExactly(
                        "test.yaml:4: spec.expect[0].sink: route shop does not send to a sink \"dsk\". Write one of: disk, es; or add it to the route's to.",
                        "test.yaml:4: spec.expect[1].id: sink disk has no document ids. Leave id away.",
                        "test.yaml:4: spec.expect[1].index: sink disk has no indices. Leave index away.",
                        "test.yaml:4: spec.expect[2].file: sink es writes no files. Leave file away.");
    }

    @Test
    void tests_of_a_route_that_is_broken_are_not_asked() {
        var files = new TreeMap<>(with("test.yaml", TEST));
        files.put("shop.yaml", doc("LogRoute", "shop", "{ router: core, two: es }"));
        assertThat(next(Declared.NOTHING, files, FAILING).problems())
                .allSatisfy(problem -> assertThat(problem.file()).isEqualTo("shop.yaml"));
    }

    private static String doc(String kind, String name, String spec) {
        return "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: %s }\nspec: %s\n"
                .formatted(kind, name, spec.startsWith("{") ? spec : "{ " + spec + " }");
    }

    private static TreeMap<String, String> with(String file, String text) {
        var files = new TreeMap<>(SHOP);
        files.put(file, text);
        return files;
    }

    private static Declared first(Map<String, String> files) {
        return next(Declared.NOTHING, files);
    }

    private static Declared next(Declared before, Map<String, String> files) {
        return next(before, files, RouteTests.UNASKED);
    }

    private static Declared next(Declared before, Map<String, String> files, RouteTests tests) {
        return Declared.of(reading(files), before, TEMPLATES, tests);
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

    private static Declared.RouteVerdict verdict(Declared declared, String route) {
        return declared.routes().stream()
                .filter(each -> each.name().equals(route))
                .findFirst()
                .orElseThrow();
    }
}
