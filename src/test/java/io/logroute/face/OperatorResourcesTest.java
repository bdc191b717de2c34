package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.plan.swarm.Label;
import jakarta.ws.rs.WebApplicationException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorResourcesTest {
    private final Shop shop;
    private final MemoryOperator operator;
    private final Served served;

    OperatorResourcesTest(@TempDir Path folder) {
        shop = new Shop(folder);
        operator = new MemoryOperator(shop);
        served = shop.served.of(operator, Access.OPEN);
    }

    private String declared() {
        return shop.board
                .last()
                .declared()
                .pipeline("core")
                .orElseThrow()
                .revision()
                .hash();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refuses(ThrowingCallable call, Consumer<Fault> how) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        WebApplicationException.class,
                        e -> assertThat(e.getResponse().getEntity()).isInstanceOfSatisfying(Fault.class, how));
    }

    private static DoneView done(jakarta.ws.rs.core.Response response, int status) {
        assertThat(response.getStatus()).isEqualTo(status);
        return (DoneView) response.getEntity();
    }

    /// A second revision, with another route.
    private String changed() {
        var first = declared();
        done(new SpecsResource(served).apply("more", bytes(Shop.route("more", "archive"))), 200);
        assertThat(declared()).isNotEqualTo(first);
        return first;
    }

    @Test
    void revisions_are_told_with_the_newest_first_and_their_text_only_one_by_one() {
        var first = changed();
        var revisions = new RevisionsResource(served);
        assertThat(revisions.all(null)).extracting(RevisionView::revision).containsExactly(declared(), first);
        assertThat(revisions.all("core")).extracting(RevisionView::target).containsExactly(true, false);
        assertThat(revisions.all(null)).allMatch(each -> each.text().isEmpty() && each.accepted());
        assertThat(revisions.one(declared(), null).text().orElseThrow()).contains("name: more", "name: core");
        assertThat(revisions.one(first.substring(0, 6), "core").revision()).isEqualTo(first);
    }

    @Test
    void the_difference_of_two_revisions_is_told_in_lines() {
        var first = changed();
        var diff = new RevisionsResource(served).diff(first, declared(), null);
        assertThat(diff.lines())
                .anyMatch(line -> line.matches("\\+ *name: more"))
                .noneMatch(line -> line.startsWith("-"));
        assertThat(new RevisionsResource(served).diff(first, first, null).lines())
                .isEmpty();
    }

    @Test
    void what_is_no_revision_or_not_there_is_told_apart() {
        var revisions = new RevisionsResource(served);
        refuses(
                () -> revisions.one("../../etc", null),
                fault -> assertThat(fault.status()).isEqualTo(400));
        refuses(
                () -> revisions.one("abc", null),
                fault -> assertThat(fault.what()).isEqualTo("\"abc\" is no revision"));
        refuses(
                () -> revisions.one("000000000000", null),
                fault -> assertThat(fault.status()).isEqualTo(404));
        refuses(
                () -> revisions.all("nope"),
                fault -> assertThat(fault.what()).isEqualTo("there is no router \"nope\""));
    }

    @Test
    void a_rollback_lets_the_older_one_run_and_says_who_wanted_it() {
        var first = changed();
        var revisions = new RevisionsResource(served);
        var done = done(revisions.rollback(first, null, "ann\u001b[31m\nx"), 200);
        assertThat(done.done().getFirst()).contains("refused: ann").doesNotContain("\u001b", "\n");
        assertThat(revisions.all(null))
                .filteredOn(RevisionView::target)
                .extracting(RevisionView::revision)
                .containsExactly(first);
        assertThat(revisions.one(declared(), null).refused().orElseThrow()).contains("rolled back to " + first);
    }

    @Test
    void a_rollback_that_cannot_be_is_422_with_the_reason() {
        var done = done(new RevisionsResource(served).rollback(declared(), "core", null), 422);
        assertThat(done.good()).isFalse();
        assertThat(done.problems())
                .extracting(ProblemView::what)
                .containsExactly("revision %s is the declared one".formatted(declared()));
    }

    @Test
    void a_router_is_paused_and_resumed() {
        var routers = new RoutersResource(served);
        assertThat(done(routers.pause("core", "ann"), 200).done())
                .singleElement()
                .asString()
                .contains("paused");
        assertThat(new RevisionsResource(served).all("core")).allMatch(RevisionView::paused);
        assertThat(done(routers.pause("core", "ann"), 200).done()).isEmpty();
        done(routers.resume("core", "ann"), 200);
        assertThat(new RevisionsResource(served).all("core")).noneMatch(RevisionView::paused);
        refuses(
                () -> routers.pause("nope", null),
                fault -> assertThat(fault.status()).isEqualTo(404));
    }

    @Test
    void a_plan_shows_steps_and_changes_and_does_nothing() {
        var before = declared();
        var plan = new PlanResource(served).plan(null, bytes(Shop.route("more", "archive")));
        assertThat(plan.good()).isTrue();
        assertThat(plan.steps()).anyMatch(step -> step.startsWith("create config logroute-core-"));
        assertThat(plan.changes()).anyMatch(line -> line.contains("name: more"));
        assertThat(declared()).isEqualTo(before);
        assertThat(operator.swarm.applied()).noneMatch(step -> step.describe().contains("more"));
        var same = new PlanResource(served).plan("watch", bytes(Shop.route("watch", "screen")));
        assertThat(same.steps()).isEmpty();
        assertThat(same.changes()).isEmpty();
    }

    @Test
    void a_plan_with_problems_tells_where_they_are() {
        var plan = new PlanResource(served).plan("mine", bytes(Shop.route("more", "nope")));
        assertThat(plan.good()).isFalse();
        assertThat(plan.problems()).extracting(ProblemView::where).containsExactly("mine:4: spec.to[0].sink");
    }

    @Test
    void specs_with_a_problem_are_422_and_nothing_is_stored() {
        var before = declared();
        var done = done(new SpecsResource(served).apply("more", bytes(Shop.route("more", "nope"))), 422);
        assertThat(done.problems()).extracting(ProblemView::what).containsExactly("there is no sink \"nope\"");
        assertThat(done.done()).isEmpty();
        assertThat(declared()).isEqualTo(before);
    }

    @Test
    void names_and_bodies_that_cannot_be_are_400() {
        var specs = new SpecsResource(served);
        for (var name : List.of("", "../up", "Upper", "a".repeat(41), "a b")) {
            refuses(
                    () -> specs.apply(name, bytes("x")),
                    fault -> assertThat(fault.status()).isEqualTo(400));
        }
        refuses(
                () -> specs.apply("a", new byte[] {(byte) 0xff}),
                fault -> assertThat(fault.status()).isEqualTo(400));
        refuses(
                () -> new PlanResource(served).plan("../up", bytes("x")),
                fault -> assertThat(fault.status()).isEqualTo(400));
    }

    @Test
    void a_body_that_validate_does_not_take_is_413() {
        refuses(
                () -> new ValidateResource(served).check(new byte[(1 << 20) + 1]),
                fault -> assertThat(fault)
                        .isEqualTo(new Fault(
                                413,
                                "the body is larger than 1048576 bytes",
                                "Send fewer documents at a time, 1048576 bytes at most.")));
    }

    @Test
    void while_the_swarm_cannot_be_reached_all_of_it_is_503_with_words() {
        operator.swarm.reachable(false);
        List<ThrowingCallable> calls = List.of(
                () -> new RevisionsResource(served).all(null),
                () -> new RevisionsResource(served).one(declared(), null),
                () -> new RevisionsResource(served).rollback(declared(), null, null),
                () -> new RoutersResource(served).pause("core", null),
                () -> new RoutersResource(served).drain("core", 1, null),
                () -> new NodesResource(served).uncordon("node-a", null),
                () -> new PlanResource(served).plan(null, bytes(Shop.SCREEN)),
                () -> new SpecsResource(served).apply("a", bytes(Shop.SCREEN)));
        for (var call : calls) {
            refuses(
                    call,
                    fault -> assertThat(fault)
                            .isEqualTo(new Fault(
                                    503,
                                    "the swarm cannot be reached: no manager answers",
                                    "Look after its managers, then ask again; routers go on meanwhile.")));
        }
    }

    @Test
    void where_there_is_no_swarm_all_of_it_is_409_with_words() {
        var alone = shop.served;
        List<ThrowingCallable> calls = List.of(
                () -> new RevisionsResource(alone).all(null),
                () -> new RevisionsResource(alone).diff("abcdef", "abcdef", null),
                () -> new RoutersResource(alone).resume("core", null),
                () -> new RoutersResource(alone).drain("core", null),
                () -> new RoutersResource(alone).uncordon("core", 0, null),
                () -> new NodesResource(alone).drain("node-a", null),
                () -> new PlanResource(alone).plan(null, bytes(Shop.SCREEN)),
                () -> new SpecsResource(alone).apply("a", bytes(Shop.SCREEN)));
        for (var call : calls) {
            refuses(call, fault -> {
                assertThat(fault.status()).isEqualTo(409);
                assertThat(fault.what()).startsWith("there is no swarm here");
                assertThat(fault.mend()).contains("logroute controller");
            });
        }
    }

    @Test
    void instances_are_drained_and_taken_back_one_by_one_and_by_router_and_node() {
        operator.fleet(3);
        var routers = new RoutersResource(served);
        var nodes = new NodesResource(served);
        assertThat(done(routers.drain("core", 1, "alice"), 200).instances()).contains(List.of("core/1"));
        assertThat(stages()).containsExactly("serving", "draining", "serving");
        assertThat(routers.one("core").instances())
                .extracting(each -> each.stage() + each.why() + each.ready())
                .containsExactly(
                        "servingOptional.emptytrue",
                        "drainingOptional[asked by alice]false",
                        "servingOptional.emptytrue");
        assertThat(done(nodes.drain("node-c", null), 200).instances()).contains(List.of("core/2"));
        assertThat(stages()).containsExactly("serving", "draining", "draining");
        assertThat(routers.one("core").ready()).isTrue();
        assertThat(done(nodes.uncordon("node-b", null), 200).instances()).contains(List.of("core/1"));
        assertThat(done(routers.uncordon("core", 2, null), 200).instances()).contains(List.of("core/2"));
        assertThat(stages()).containsExactly("serving", "serving", "serving");
        assertThat(done(routers.drain("core", null), 200).done()).hasSize(3);
        assertThat(routers.one("core").ready()).isFalse();
        assertThat(done(routers.uncordon("core", null), 200).done()).hasSize(3);
        assertThat(done(routers.drain("core", 7, null), 422).problems())
                .extracting(ProblemView::what)
                .containsExactly("router core has no instance 7");
        refuses(
                () -> routers.drain("nope", null),
                fault -> assertThat(fault.status()).isEqualTo(404));
    }

    private List<String> stages() {
        return new VolumesResource(served).all().stream().map(VolumeView::stage).toList();
    }

    @Test
    void instances_are_listed_where_they_are_drained() {
        operator.fleet(2);
        assertThat(new RoutersResource(served).instances("core"))
                .isEqualTo(new RoutersResource(served).one("core").instances())
                .isNotEmpty();
        refuses(
                () -> new RoutersResource(served).instances("cor"),
                fault -> assertThat(fault.status()).isEqualTo(404));
    }

    @Test
    void a_volume_is_not_forgotten_without_a_yes_and_the_answer_says_what_would_be() {
        operator.fleet(2);
        operator.remembers(1, Map.of(Label.AWAY, "2026-03-01T11:59:30Z"), 1204);
        var volumes = new VolumesResource(served);
        refuses(
                () -> volumes.forget("core", 1, false, null),
                fault -> assertThat(fault)
                        .isEqualTo(new Fault(
                                400,
                                "core/1 would be forgotten, with 1204 events that are not delivered (1.2MiB, the oldest of"
                                        + " 2026-03-01T11:58:30Z) and 0 dead letters, as of 2026-03-01T12:00:00Z",
                                "Say yes=true to give that up.")));
        assertThat(volumes.all()).extracting(VolumeView::good).containsExactly(true, false);
        done(volumes.forget("core", 1, true, "alice"), 200);
        assertThat(volumes.all()).hasSize(1);
        refuses(
                () -> volumes.forget("core", 1, true, null),
                fault -> assertThat(fault.status()).isEqualTo(404));
    }

    @Test
    void without_a_swarm_there_are_no_volumes() {
        assertThat(new VolumesResource(shop.served).all()).isEmpty();
    }

    @Test
    void a_routers_pipeline_is_told_whole_with_and_without_a_swarm() {
        for (var each : List.of(served, shop.served)) {
            var pipeline = new RoutersResource(each).pipeline("core");
            assertThat(pipeline.revision()).isEqualTo(declared());
            assertThat(pipeline.running()).isTrue();
            assertThat(pipeline.text()).contains("kind: LogRouter", "name: watch", "name: screen");
        }
    }
}
