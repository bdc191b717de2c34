package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What a fleet does about changes that its nodes, its disks or its routers do not bear.
class FleetsTest {
    /// Routers cannot start those that listen on port 6000.
    private final World world =
            new World(2, pipeline -> pipeline.router().sources().toString().contains("6000"));

    private static PipelineDefinition pipeline(String router, int port, String deploy, String route) {
        var text = """
                kind: LogRouter
                metadata: { name: %s }
                spec: { sources: [ { beats: { port: %d } } ], deploy: { %s } }
                ---
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: %1$s, to: [es] }
                ---
                kind: LogSink
                metadata: { name: es }
                spec: { discard: {} }
                """.formatted(router, port, deploy, route).replaceAll("(?m)^kind", "apiVersion: logroute/v1\nkind");
        return switch (PipelineDefinition.parse(text)) {
            case Read.Good<PipelineDefinition>(var good) -> good;
            case Read.Bad<PipelineDefinition>(var problems) -> throw new AssertionError(problems);
        };
    }

    private static PipelineDefinition core(String deploy, String route) {
        return pipeline("core", 5044, deploy, route);
    }

    private Fleets.Decision decide(PipelineDefinition... declared) {
        return world.decide(java.util.stream.Stream.of(declared)
                .map(each -> new Fleets.Wanted(each, List.of("config routes")))
                .toList());
    }

    private List<Step> pass(PipelineDefinition... declared) throws OutOfDate {
        var steps = decide(declared).steps();
        for (var step : steps) {
            world.apply(step);
        }
        return steps;
    }

    /// Passes until there is nothing to do.
    private List<Step> settle(PipelineDefinition... declared) throws OutOfDate {
        var all = new ArrayList<Step>();
        for (int i = 0; i < 20; i++) {
            all.addAll(pass(declared));
            List.copyOf(world.seen.owned().services().keySet()).forEach(world::settle);
            world.runJobs();
            world.now = world.now.plus(Duration.ofSeconds(6));
        }
        return all;
    }

    private List<String> problems(PipelineDefinition... declared) {
        return decide(declared).findings().stream()
                .flatMap(each -> each.problems().stream())
                .map(Problem::toString)
                .toList();
    }

    private RouterService service(String name) {
        return Objects.requireNonNull(world.seen.owned().services().get(name));
    }

    private Optional<String> runs(String name) {
        return Optional.ofNullable(world.reports.get(name)).map(InstanceReport::revision);
    }

    private static String hash(PipelineDefinition pipeline) {
        return pipeline.revision().hash();
    }

    private void state(String name, Seen.Update.Phase phase, List<Seen.Task> tasks) {
        var states = new TreeMap<>(world.seen.states());
        var was = world.seen.state(name);
        states.put(
                name,
                new Seen.State(
                        new Seen.Update(phase, Optional.of(world.now), "update rolled back"),
                        was.previousConfigs(),
                        tasks,
                        was.wanted(),
                        was.version() + 1));
        world.seen = new Seen(
                world.seen.nodes(),
                world.seen.users(),
                world.seen.specs(),
                world.seen.owned(),
                states,
                world.seen.networks(),
                world.seen.secrets(),
                world.seen.jobs());
    }

    @Test
    void what_the_node_of_an_instance_cannot_give_is_not_asked_for_and_the_rest_is_followed() throws OutOfDate {
        settle(core("replicas: 1", "one"), pipeline("edge", 5045, "perNode: true, publish: [5044]", "all"));
        var before = service("logroute_core-0");
        var wanted = core("replicas: 1, publish: [5044], constraints: [\"node.labels.disk == ssd\"]", "two");
        var edge = pipeline("edge", 5045, "perNode: true, publish: [5044]", "all");
        assertThat(problems(wanted, edge))
                .anySatisfy(problem -> assertThat(problem)
                        .contains(
                                "instance logroute_core-0: it stays as it is published and constrained: its node n1",
                                "does not fit node.labels.disk == ssd and has port 5044 taken by logroute_edge-0",
                                "Change the node, or constraints or publish of the router"));
        settle(wanted, edge);
        assertThat(service("logroute_core-0").ports()).isEqualTo(before.ports());
        assertThat(service("logroute_core-0").constraints()).isEqualTo(before.constraints());
        assertThat(runs("logroute_core-0")).as("its new route runs").contains(hash(wanted));
    }

    @Test
    void a_change_that_no_node_can_run_gives_way_to_the_next_one() throws OutOfDate {
        settle(core("replicas: 1", "one"));
        var huge = core("replicas: 1, resources: { memory: 999GiB }", "one");
        pass(huge); // its config
        assertThat(pass(huge)).anyMatch(Step.UpdateService.class::isInstance);
        world.reports.remove("logroute_core-0");
        state(
                "logroute_core-0",
                Seen.Update.Phase.UPDATING,
                List.of(new Seen.Task("t", "", "pending", false, Optional.of("no suitable node"), world.now)));
        assertThat(pass(huge)).as("nothing else is wanted").isEmpty();
        var mended = core("replicas: 1", "one");
        settle(mended);
        assertThat(service("logroute_core-0").memoryBytes()).isEmpty();
        assertThat(runs("logroute_core-0")).contains(hash(mended));
    }

    @Test
    void a_drained_node_holds_nobody_up_and_its_instance_gets_the_change_when_it_is_back() throws OutOfDate {
        var first = core("replicas: 2, rollout: restart", "one");
        settle(first);
        world.availability(node -> !node.hostname().equals("n1"));
        var away = service("logroute_core-0").node().equals("n1-id") ? "logroute_core-0" : "logroute_core-1";
        var here = away.equals("logroute_core-0") ? "logroute_core-1" : "logroute_core-0";
        world.reports.remove(away);
        state(away, Seen.Update.Phase.COMPLETED, List.of());
        var second = core("replicas: 2, rollout: restart", "two");
        settle(second);
        assertThat(runs(here)).contains(hash(second));
        assertThat(service(away).pipeline().revision()).as("untouched").isEqualTo(hash(first));
        assertThat(problems(second))
                .containsExactly(
                        "instance %s: its node n1 takes no tasks. Let it take some, docker node update --availability active n1: the instance goes on there, with what waits in its buffer; after 5m another one takes its place."
                                .formatted(away));
        world.availability(_ -> true);
        settle(second);
        assertThat(runs(away)).contains(hash(second));
    }

    @Test
    void a_restart_that_does_not_start_is_refused_though_the_router_runs_on_with_what_it_had() throws OutOfDate {
        var good = core("replicas: 2", "one");
        settle(good);
        var bad = pipeline("core", 6000, "replicas: 2", "one");
        var steps = settle(bad);
        assertThat(steps.stream().filter(Step::isRefusal))
                .singleElement()
                .satisfies(step ->
                        assertThat(step.describe()).contains("refused: instance 0: it cannot run " + hash(bad)));
        assertThat(steps.stream().filter(Step.UpdateService.class::isInstance).map(Step::object))
                .as("there, and back")
                .containsExactly("service/logroute_core-0", "service/logroute_core-0");
        assertThat(runs("logroute_core-0")).contains(hash(good));
        assertThat(pass(bad)).isEmpty();
    }

    @Test
    void routes_of_others_are_followed_though_the_router_as_it_is_declared_fails_each_time() throws OutOfDate {
        var good = core("replicas: 1", "one");
        settle(good);
        settle(pipeline("core", 6000, "replicas: 1", "one"));
        var tried = settle(pipeline("core", 6000, "replicas: 1", "two"));
        assertThat(tried.stream().filter(Step::isRefusal))
                .as("other routes might do")
                .hasSize(1);
        for (var route : List.of("three", "four")) {
            var next = pipeline("core", 6000, "replicas: 1", route);
            assertThat(settle(next)).as("live").noneMatch(Step.UpdateService.class::isInstance);
            assertThat(runs("logroute_core-0")).contains(hash(core("replicas: 1", route)));
            var finding = decide(next).findings().getFirst();
            assertThat(finding.refused()).hasValueSatisfying(refused -> {
                assertThat(refused.revision()).isEqualTo(hash(next));
                assertThat(refused.why())
                        .contains("the document of the router was taken back with 2 revisions", "it cannot run");
            });
        }
        var mended = pipeline("core", 7000, "replicas: 1", "four");
        settle(mended);
        assertThat(runs("logroute_core-0")).contains(hash(mended));
        assertThat(decide(mended).findings().getFirst().refused()).isEmpty();
    }

    @Test
    void what_runs_in_place_of_another_and_fails_too_is_not_tried_over_and_over() throws OutOfDate {
        var bad = pipeline("core", 6000, "replicas: 1", "one");
        var good = core("replicas: 1", "one");
        var newest = core("replicas: 1", "two");
        settle(good);
        settle(bad);
        settle(newest);
        var asked = Notes.rollBack(world.seen, "core", hash(newest), hash(bad), "rolled back by ops")
                .orElseThrow();
        for (var step : asked) {
            world.apply(step);
        }
        assertThat(settle(newest).stream().filter(Step::isRefusal)).hasSize(1);
        assertThat(runs("logroute_core-0")).as("the last good one").contains(hash(good));
        assertThat(pass(newest)).isEmpty();
    }

    @Test
    void a_change_that_swarm_takes_back_and_no_revision_is_to_blame_for_is_tried_again_ever_more_rarely()
            throws OutOfDate {
        var core = core("replicas: 1", "one");
        settle(core);
        var rests = new ArrayList<Duration>();
        var broken = new Installation("logroute", "logroute", "logroute:broken", "logroute-link-1", 4000);
        for (int tries = 0; tries < 4; tries++) {
            var since = world.now;
            while (true) {
                var steps = Fleets.decide(
                                world.seen,
                                List.of(new Fleets.Wanted(core, List.of("config routes"))),
                                Map.copyOf(world.reports),
                                broken,
                                world.now)
                        .steps();
                if (!steps.isEmpty()) {
                    for (var step : steps) {
                        world.apply(step);
                    }
                    break;
                }
                world.now = world.now.plus(Duration.ofSeconds(10));
            }
            rests.add(Duration.between(since, world.now).truncatedTo(java.time.temporal.ChronoUnit.MINUTES));
            world.rollBack("logroute_core-0");
        }
        assertThat(rests)
                .containsExactly(Duration.ZERO, Duration.ofMinutes(2), Duration.ofMinutes(4), Duration.ofMinutes(8));
    }

    @Test
    void a_full_disk_is_no_fault_of_the_revision_that_came_last() throws OutOfDate {
        var first = core("replicas: 2", "one");
        settle(first);
        var second = core("replicas: 2", "two");
        var report = Objects.requireNonNull(world.reports.get("logroute_core-0"));
        pass(second);
        world.reports.put(
                "logroute_core-0",
                new InstanceReport(
                        "core",
                        0,
                        hash(second),
                        report.generation() + 1,
                        world.now,
                        world.now,
                        List.of(),
                        new BufferReport(
                                "",
                                InstanceReport.Kind.DISK,
                                0,
                                1,
                                1,
                                0,
                                true,
                                0,
                                0,
                                Optional.empty(),
                                Optional.of("the disk is full")),
                        List.of(),
                        List.of(),
                        0,
                        Optional.empty()));
        world.now = world.now.plus(Duration.ofMinutes(1));
        assertThat(pass(second)).as("not refused, and the other one waits").isEmpty();
        assertThat(runs("logroute_core-1")).contains(hash(first));
    }

    @Test
    void more_instances_of_what_is_not_known_to_run_wait_for_those_before_them() throws OutOfDate {
        settle(core("replicas: 1", "one"));
        var more = core("replicas: 3", "two");
        assertThat(pass(more)).noneMatch(Step.CreateService.class::isInstance);
        settle(more);
        assertThat(world.seen.owned().services()).hasSize(3);
        var yetMore = core("replicas: 5", "two");
        settle(yetMore);
        assertThat(world.seen.owned().services()).hasSize(5);
    }

    @Test
    void a_task_that_waits_too_long_for_what_its_node_has_not_is_taken_back() throws OutOfDate {
        var good = core("replicas: 1", "one");
        settle(good);
        var asks = core("replicas: 1, publish: [8080]", "one");
        pass(asks);
        pass(asks);
        world.reports.remove("logroute_core-0");
        state(
                "logroute_core-0",
                Seen.Update.Phase.UPDATING,
                List.of(new Seen.Task(
                        "t", "", "pending", false, Optional.of("host-mode port already in use"), world.now)));
        assertThat(pass(asks)).as("it may start in a moment").isEmpty();
        world.now = world.now.plusSeconds(31);
        assertThat(pass(asks))
                .singleElement()
                .satisfies(step -> assertThat(step.describe())
                        .contains("refused: instance 0 did not become healthy: host-mode port already in use"));
        settle(asks);
        assertThat(service("logroute_core-0").ports()).isEmpty();
        assertThat(runs("logroute_core-0")).contains(hash(good));
    }

    @Test
    void who_answers_though_swarm_says_that_nothing_runs_is_the_one_before() throws OutOfDate {
        var core = core("replicas: 2", "one");
        settle(core);
        var restarted = core("replicas: 2, rollout: restart", "two");
        state(
                "logroute_core-0",
                Seen.Update.Phase.COMPLETED,
                List.of(new Seen.Task("t", "n1-id", "starting", false, Optional.empty(), world.now)));
        var first = world.reports.get("logroute_core-0");
        for (int i = 0; i < 4; i++) {
            assertThat(pass(restarted).stream().map(Step::object)).doesNotContain("service/logroute_core-1");
            world.reports.put("logroute_core-0", Objects.requireNonNull(first));
        }
    }

    @Test
    void a_copy_of_a_pipelines_config_is_none_of_ours() throws OutOfDate {
        var core = core("replicas: 1", "one");
        settle(core);
        var configs = new TreeMap<>(world.seen.owned().configs());
        var ours = configs.values().iterator().next();
        var copy = new OwnedConfig("backup-" + ours.name(), ours.labels(), ours.content());
        var labels = new TreeMap<>(ours.labels());
        labels.put(Label.REVISION, "ffffffffffff");
        labels.put(Label.GENERATION, "999999999999999999");
        var junk = new OwnedConfig("logroute-core-ffffffffffff", labels, new Content(new byte[] {1, 2, 3}));
        configs.put(copy.name(), copy);
        configs.put(junk.name(), junk);
        world.seen = new Seen(
                world.seen.nodes(),
                world.seen.users(),
                world.seen.specs(),
                new Owned(
                        configs,
                        world.seen.owned().services(),
                        world.seen.owned().secrets()),
                world.seen.states(),
                world.seen.networks(),
                world.seen.secrets(),
                world.seen.jobs());
        var next = core("replicas: 1", "two");
        settle(next);
        assertThat(runs("logroute_core-0")).contains(hash(next));
        world.remove("logroute_core-0");
        settle(next);
        assertThat(runs("logroute_core-0")).contains(hash(next));
    }

    @Test
    void a_forecast_tells_all_steps_and_not_only_those_of_the_first_pass() throws OutOfDate {
        settle(core("replicas: 1", "one"));
        var wanted = List.of(new Fleets.Wanted(core("replicas: 2, rollout: restart", "two"), List.of("config routes")));
        var foretold = Forecast.of(world.seen, wanted, world.reports, World.HERE, world.now).stream()
                .filter(step -> !(step instanceof Step.LabelConfig) && !step.isNote())
                .map(Step::object)
                .toList();
        assertThat(foretold).hasSize(3).first().asString().startsWith("config/logroute-core-");
        assertThat(foretold.subList(1, 3)).containsExactly("service/logroute_core-0", "service/logroute_core-1");
        var done = settle(core("replicas: 2, rollout: restart", "two")).stream()
                .filter(step -> !(step instanceof Step.LabelConfig) && !step.isNote())
                .map(Step::object)
                .toList();
        assertThat(foretold).as("as it comes").isEqualTo(done);
    }

    @Test
    void of_two_fleets_on_each_node_with_one_port_the_second_is_told() throws OutOfDate {
        var edge = pipeline("edge", 5045, "perNode: true, publish: [5044]", "all");
        settle(edge);
        var core = core("perNode: true, publish: [5044]", "one");
        settle(edge, core);
        assertThat(world.seen.owned().of("core")).isEmpty();
        assertThat(problems(edge, core))
                .anySatisfy(problem -> assertThat(problem)
                        .contains("router core: node n1 has no port 5044 free for an instance: logroute_edge-0"));
    }
}
