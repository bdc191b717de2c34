package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Condition;
import io.logroute.router.Foresight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Passes over real files and a fleet in memory; what they tell stands on the board.
class ReconcilerTest {
    @TempDir
    Path folder;

    private final MemoryFleet fleet = new MemoryFleet();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final StatusBoard board = new StatusBoard(fleet, () -> now);
    private Reconciler reconciler = new Reconciler(
            new SpecFiles(List.of()), Set.of(), io.logroute.plan.RouteTests.UNASKED, fleet, board, () -> now);

    @BeforeEach
    void one_router_is_declared() throws IOException {
        reconciler = new Reconciler(
                new SpecFiles(List.of(folder)),
                Set.of(),
                new Foresight(Mappings.of(Optional.empty())),
                fleet,
                board,
                () -> now);
        write("core.yaml", "LogRouter", "core", "{ sources: demo }");
        write("out.yaml", "LogSink", "out", "console");
        write("all.yaml", "LogRoute", "all", "{ router: core, to: out }");
    }

    @Test
    void what_is_declared_runs_after_a_pass() {
        var pass = reconciler.pass();
        assertThat(pass.settled()).isTrue();
        assertThat(pass.outcome().changed()).singleElement().asString().startsWith("start core-");
        assertThat(fleet.running()).containsOnlyKeys("core");
        assertThat(board.ready()).isTrue();
        assertThat(board.last()).isEqualTo(pass);
    }

    @Test
    void a_second_pass_over_the_same_changes_nothing() {
        reconciler.pass();
        assertThat(reconciler.pass().outcome().changed()).isEmpty();
    }

    @Test
    void a_broken_route_is_held_and_told_until_it_is_mended() throws IOException {
        reconciler.pass();
        var before = fleet.running();
        write("all.yaml", "LogRoute", "all", "{ router: core, two: out }");
        var pass = reconciler.pass();
        assertThat(fleet.running()).isEqualTo(before);
        assertThat(pass.settled()).isFalse();
        assertThat(status("Accepted")).isEqualTo(Condition.Status.FALSE);
        assertThat(status("Degraded")).isEqualTo(Condition.Status.TRUE);
        write("all.yaml", "LogRoute", "all", "{ router: core, to: out, match: { service: a } }");
        assertThat(reconciler.pass().settled()).isTrue();
        assertThat(fleet.running()).isNotEqualTo(before);
        assertThat(status("Degraded")).isEqualTo(Condition.Status.FALSE);
    }

    @Test
    void a_route_whose_tests_fail_is_not_applied_and_says_so_until_they_hold() throws IOException {
        write(
                "test.yaml",
                "LogRouteTest",
                "kept",
                "{ route: all, given: [{ event: { a: 1 } }], expect: [{ sink: out, event: { a: 1 } }] }");
        assertThat(reconciler.pass().settled()).isTrue();
        var before = fleet.running();
        write("all.yaml", "LogRoute", "all", "{ router: core, to: out, filters: [{ remove: [a] }] }");
        assertThat(reconciler.pass().settled()).isFalse();
        assertThat(fleet.running()).isEqualTo(before);
        var accepted = board.route("all").orElseThrow().conditions().stream()
                .map(StatusBoard.Told::condition)
                .filter(each -> each.type().equals("Accepted"))
                .findFirst()
                .orElseThrow();
        assertThat(accepted.status()).isEqualTo(Condition.Status.FALSE);
        assertThat(accepted.reason()).isEqualTo("TestsFail");
        assertThat(accepted.message())
                .contains(
                        "test kept of route all fails: out: an event is not as expected: a: expected 1, it is not there")
                .contains("Until then the route runs as it was before.");
        write(
                "test.yaml",
                "LogRouteTest",
                "kept",
                "{ route: all, given: [{ event: { a: 1 } }], expect: [{ sink: out, event: { a: null } }] }");
        assertThat(reconciler.pass().settled()).isTrue();
        assertThat(fleet.running()).isNotEqualTo(before);
    }

    @Test
    void a_refused_change_leaves_the_router_as_it_was_and_is_tried_again() throws IOException {
        reconciler.pass();
        var before = fleet.running();
        fleet.refuse("core", "port 5044 is taken");
        write("all.yaml", "LogRoute", "all", "{ router: core, to: out, match: { service: a } }");
        assertThat(reconciler.pass().outcome().refused()).containsEntry("core", "port 5044 is taken");
        assertThat(fleet.running()).isEqualTo(before);
        assertThat(board.ready()).as("it takes events in as before").isTrue();
        assertThat(board.problems())
                .anySatisfy(problem -> assertThat(problem.toString()).contains("port 5044 is taken"));
        assertThat(status("Programmed")).isEqualTo(Condition.Status.FALSE);
        fleet.mend("core");
        assertThat(reconciler.pass().settled()).isTrue();
        assertThat(fleet.running()).isNotEqualTo(before);
    }

    @Test
    void what_is_no_longer_declared_stops() throws IOException {
        reconciler.pass();
        Files.delete(folder.resolve("all.yaml"));
        assertThat(reconciler.pass().outcome().changed()).containsExactly("stop core");
        assertThat(board.routes()).isEmpty();
    }

    @Test
    void since_changes_only_when_status_or_reason_does() throws IOException {
        reconciler.pass();
        var first = since();
        now = now.plusSeconds(60);
        fleet.flow("core", 1_000);
        reconciler.pass();
        assertThat(since()).isEqualTo(first);
        assertThat(board.route("all").orElseThrow().routedEvents()).isEqualTo(1_000);
        write("all.yaml", "LogRoute", "all", "{ router: core, two: out }");
        now = now.plusSeconds(60);
        reconciler.pass();
        assertThat(since("Accepted")).isEqualTo(now);
        assertThat(since("Delivering")).isEqualTo(first.getFirst());
        var broken = now;
        now = now.plusSeconds(60);
        write("all.yaml", "LogRoute", "all", "{ router: core, three: out }");
        reconciler.pass();
        assertThat(since("Accepted")).isEqualTo(broken);
    }

    @Test
    void a_route_that_comes_back_begins_anew() throws IOException {
        reconciler.pass();
        assertThat(since("Accepted")).isEqualTo(now);
        Files.delete(folder.resolve("all.yaml"));
        reconciler.pass();
        now = now.plusSeconds(60);
        write("all.yaml", "LogRoute", "all", "{ router: core, to: out }");
        reconciler.pass();
        assertThat(since("Accepted")).isEqualTo(now);
    }

    private void write(String file, String kind, String name, String spec) throws IOException {
        Files.writeString(
                folder.resolve(file),
                "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: %s }\nspec: %s\n".formatted(kind, name, spec));
    }

    private Condition.Status status(String type) {
        return told(type).condition().status();
    }

    private Instant since(String type) {
        return told(type).since();
    }

    private StatusBoard.Told told(String type) {
        return board.route("all").orElseThrow().conditions().stream()
                .filter(each -> each.condition().type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private List<Instant> since() {
        return board.route("all").orElseThrow().conditions().stream()
                .map(StatusBoard.Told::since)
                .toList();
    }
}
