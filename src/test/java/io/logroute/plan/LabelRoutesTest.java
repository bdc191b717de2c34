package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.Labels;
import io.logroute.spec.Labels.Label;
import io.logroute.spec.Labels.OfService;
import io.logroute.spec.Name;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Routes out of labels are sorted out beside those of specs.
class LabelRoutesTest {
    private static final Labels.Known KNOWN = new Labels.Known(Set.of(new Name("core")), List.of());

    private static Reading specs(String audit) {
        return SpecReader.documents("specs.yaml", """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [{ demo: {} }] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: archive }
                spec: { file: { path: a.ndjson } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: audit }
                spec: { console: {}, %s }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: rest }
                spec: { router: core, default: true, to: audit }
                """.formatted(audit));
    }

    private static Reading labels(Optional<String> stack, String to) {
        return Labels.read(
                new OfService(
                        "stack.yml",
                        "shop_web",
                        stack,
                        List.of(
                                new Label("logroute.enable", "true", 7),
                                new Label("logroute.to", to, 8),
                                new Label("logroute.routes.other.to", "archive", 9))),
                KNOWN);
    }

    private static Declared declared(Reading reading, Declared before) {
        return Declared.of(reading, before, Set.of());
    }

    @Test
    void they_are_part_of_the_pipeline() {
        var declared = declared(specs("maxLag: 2h").and(labels(Optional.of("shop"), "archive")), Declared.NOTHING);
        assertThat(declared.problems()).isEmpty();
        assertThat(declared.pipeline("core").orElseThrow().routes())
                .extracting(route -> route.name().value())
                .containsExactly("rest", "shop--web", "shop--web--other");
    }

    @Test
    void a_mistake_in_a_label_does_not_hide_that_its_sink_is_not_there_or_not_for_its_stack() {
        var labels = Labels.read(
                new OfService(
                        "stack.yml",
                        "shop_web",
                        Optional.of("shop"),
                        List.of(
                                new Label("logroute.enable", "true", 7),
                                new Label("logroute.router", "cor", 8),
                                new Label("logroute.to", "audit, nope", 9),
                                new Label("logroute.parse", "jsn", 10))),
                KNOWN);
        assertThat(declared(specs("allow: { stacks: [admin] }").and(labels), Declared.NOTHING).problems().stream()
                        .map(problem -> problem.where() + ": " + problem.what()))
                .containsExactlyInAnyOrder(
                        "stack.yml:8: logroute.router: there is no router \"cor\"",
                        "stack.yml:9: logroute.to: sink audit may be named by labels of stack admin, and not by those of"
                                + " service shop_web",
                        "stack.yml:9: logroute.to: there is no sink \"nope\"",
                        "stack.yml:10: logroute.parse: \"jsn\" is no way to parse");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            no allow         | maxLag: 2h                       | shop | -
            no allow, no stack | maxLag: 2h                     | -    | -
            this stack       | 'allow: { stacks: [admin, shop] }' | shop | -
            a glob           | 'allow: { stacks: ["sh*"] }'     | shop | -
            other stacks     | 'allow: { stacks: [admin, "team-*"] }' | shop | sink audit may be named by labels of stack admin, team-*, and not by those of service shop_web. Name another sink, or have shop added to spec.allow.stacks of LogSink audit.
            no stack at all  | 'allow: { stacks: ["*"] }'       | -    | sink audit may be named by labels of stack *, and not by those of service shop_web. Name another sink; this service is of no stack.
            nobody           | 'allow: { stacks: [] }'          | shop | sink audit may be named by labels of no stack, and not by those of service shop_web. Name another sink, or have shop added to spec.allow.stacks of LogSink audit.
            """)
    void a_sink_says_which_stacks_may_name_it(String why, String allow, String stack, String problem) {
        var declared = declared(specs(allow).and(labels(Optional.ofNullable(stack), "audit")), Declared.NOTHING);
        assertThat(declared.problems())
                .as(why)
                .extracting(Problem::toString)
                .isEqualTo(problem == null ? List.of() : List.of("stack.yml:8: logroute.to: " + problem));
        assertThat(declared.pipeline("core").orElseThrow().routes())
                .as("the other route of the service, and the spec's own to the same sink, go on")
                .extracting(route -> route.name().value())
                .contains("rest", "shop--web--other")
                .hasSize(problem == null ? 3 : 2);
    }

    @Test
    void a_stack_that_may_no_longer_is_not_held_at_what_it_had() {
        var labels = labels(Optional.of("shop"), "audit");
        var before = declared(specs("allow: { stacks: [shop] }").and(labels), Declared.NOTHING);
        assertThat(before.pipeline("core").orElseThrow().routes()).hasSize(3);
        var now = declared(specs("allow: { stacks: [admin] }").and(labels), before);
        assertThat(now.pipeline("core").orElseThrow().routes())
                .extracting(route -> route.name().value())
                .containsExactly("rest", "shop--web--other");
        assertThat(now.routes())
                .filteredOn(route -> route.name().equals("shop--web"))
                .allMatch(route -> !route.inForce());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            as they were | audit     | sink audit may be named by labels of stack admin, and not by those of service shop_web
            broken now   | http://es | sink audit may be named by labels of stack admin, and not by those of service shop_web
            changed      | nope      | there is no sink "nope"
            """)
    void a_stack_that_may_no_longer_is_not_held_by_another_controller_either(String why, String to, String problem) {
        var before = declared(
                specs("allow: { stacks: [shop] }").and(labels(Optional.of("shop"), "audit")), Declared.NOTHING);
        var restarted = Declared.running(before.pipelines());
        var now = declared(specs("allow: { stacks: [admin] }").and(labels(Optional.of("shop"), to)), restarted);
        assertThat(now.pipeline("core").orElseThrow().routes())
                .as(why)
                .extracting(route -> route.name().value())
                .containsExactly("rest", "shop--web--other");
        assertThat(now.problems()).extracting(Problem::what).anyMatch(problem::equals);
        assertThat(now.routes())
                .filteredOn(route -> route.name().equals("shop--web"))
                .allMatch(route -> !route.inForce());
    }

    @Test
    void what_a_stack_may_still_name_is_held_by_another_controller() {
        var before = declared(
                specs("allow: { stacks: [shop] }").and(labels(Optional.of("shop"), "audit")), Declared.NOTHING);
        var now = declared(
                specs("allow: { stacks: [shop, admin] }").and(labels(Optional.of("shop"), "http://es")),
                Declared.running(before.pipelines()));
        assertThat(now.routes())
                .filteredOn(route -> route.name().equals("shop--web"))
                .allMatch(Declared.RouteVerdict::held);
    }

    @Test
    void labels_that_are_broken_now_are_held_at_what_they_were() {
        var before = declared(specs("maxLag: 2h").and(labels(Optional.of("shop"), "archive")), Declared.NOTHING);
        var now = declared(specs("maxLag: 2h").and(labels(Optional.of("shop"), "http://es")), before);
        assertThat(now.problems()).extracting(Problem::where).containsExactly("stack.yml:8: logroute.to");
        assertThat(now.routes())
                .filteredOn(route -> route.name().equals("shop--web"))
                .allMatch(Declared.RouteVerdict::held);
    }

    @Test
    void a_sink_that_is_not_there_is_told_at_the_label() {
        var declared = declared(specs("maxLag: 2h").and(labels(Optional.of("shop"), "archiv")), Declared.NOTHING);
        assertThat(declared.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "stack.yml:8: logroute.to: there is no sink \"archiv\". Write one of: archive, audit; or"
                                + " declare it.");
    }
}
