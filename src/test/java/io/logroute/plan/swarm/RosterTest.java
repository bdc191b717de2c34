package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.plan.swarm.Wishes.Answer;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which instances a fleet has, and how one goes.
class RosterTest {
    private Predicate<PipelineDefinition> cannotRun = _ -> false;
    private final World world = new World(3, each -> cannotRun.test(each));
    private Installation here = World.HERE;

    private static PipelineDefinition core(String deploy) {
        return core(deploy, "one");
    }

    private static PipelineDefinition core(String deploy, String route) {
        var text = """
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { beats: { port: 5044 } } ], deploy: { %s } }
                ---
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: core, to: [es] }
                ---
                kind: LogSink
                metadata: { name: es }
                spec: { discard: {} }
                """.formatted(deploy, route).replaceAll("(?m)^kind", "apiVersion: logroute/v1\nkind");
        return switch (PipelineDefinition.parse(text)) {
            case Read.Good<PipelineDefinition>(var good) -> good;
            case Read.Bad<PipelineDefinition>(var problems) -> throw new AssertionError(problems);
        };
    }

    /// The same, with its events on a stream of NATS.
    private static PipelineDefinition onStreams(String deploy) {
        return onStreams(deploy, "one");
    }

    private static PipelineDefinition onStreams(String deploy, String route) {
        var text = core(deploy, route).text();
        var at = "jetstream: { servers: [\"nats://nats:4222\"], auth: { tokenFile: /run/secrets/es-password } }";
        return switch (PipelineDefinition.parse(text.replaceFirst("maxBytes: 8GiB", at))) {
            case Read.Good<PipelineDefinition>(var good) -> good;
            case Read.Bad<PipelineDefinition>(var problems) -> throw new AssertionError(problems);
        };
    }

    @Test
    void a_router_on_streams_has_no_volume_and_no_node_and_gets_its_secrets() throws OutOfDate {
        var two = onStreams("replicas: 2");
        settle(two);
        assertThat(world.seen.owned().services().values()).hasSize(2).allSatisfy(service -> {
            assertThat(service.node()).isEmpty();
            assertThat(service.volume()).isEqualTo(RouterService.Volume.NONE);
            assertThat(service.secrets()).containsKey("es-password");
        });
        assertThat(pass(two)).isEmpty();
    }

    // ---- another kind of buffer

    private static boolean isOnStreams(PipelineDefinition pipeline) {
        return pipeline.router().buffer().jetstream().isPresent();
    }

    /// How many take events in now.
    private long takers() {
        return world.reports.values().stream()
                .filter(each -> each.takesEvents() && each.holding().mode() == InstanceReport.Mode.SERVING)
                .count();
    }

    /// Passes until all is quiet; as many take events in as are declared, after each.
    private void move(int takers, PipelineDefinition declared) throws OutOfDate {
        for (int i = 0; i < 30; i++) {
            pass(declared);
            assertThat(takers()).as("pass %d", i).isGreaterThanOrEqualTo(takers);
            services().forEach(world::settle);
            world.now = world.now.plus(Duration.ofSeconds(6));
        }
    }

    @Test
    void another_kind_of_buffer_is_tried_first_and_those_of_before_leave_as_others_take_their_place() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-0", 5, 0);
        var streams = onStreams("replicas: 2");
        assertThat(pass(streams).stream().filter(Step.CreateService.class::isInstance))
                .as("one first")
                .hasSize(1);
        move(2, streams);
        assertThat(serving()).containsExactly(2, 3);
        assertThat(holder(0).stage()).isEqualTo(Stage.DRAINING);
        assertThat(holder(0).why().orElseThrow()).hasToString("scale: the buffer of the router is kept elsewhere now");
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
        assertThat(Known.of(world.seen.owned(), "core").getFirst().accepted()).isTrue();
        assertThat(pass(streams)).isEmpty();
        var disks = core("replicas: 2", "two");
        move(2, disks);
        assertThat(serving()).as("and back, to what is there").containsExactly(0, 1);
    }

    @Test
    void a_buffer_that_nobody_can_open_leaves_those_of_before_serving_and_is_told() throws OutOfDate {
        var disks = core("replicas: 2");
        settle(disks);
        cannotRun = RosterTest::isOnStreams;
        var streams = onStreams("replicas: 2");
        move(2, streams);
        assertThat(serving()).containsExactly(0, 1, 2);
        assertThat(problems(streams))
                .singleElement()
                .asString()
                .startsWith(
                        "instance logroute_core-2: it keeps its events where they are to be now, and does not take any in yet: ")
                .contains("until it does, logroute_core-0, logroute_core-1 take events in as before");
        move(2, disks);
        assertThat(serving()).containsExactly(0, 1);
        assertThat(problems(disks)).singleElement().asString().contains("logroute forget core/2 --yes");
        make(forget(2));
        settle(disks);
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-1");
        assertThat(problems(disks)).isEmpty();
    }

    @Test
    void where_no_port_is_free_for_another_kind_of_buffer_that_is_told_and_a_drain_frees_one() throws OutOfDate {
        settle(core("replicas: 3, publish: [5044]"));
        cannotRun = RosterTest::isOnStreams;
        var streams = onStreams("replicas: 3, publish: [5044]");
        move(3, streams);
        assertThat(problems(streams))
                .singleElement()
                .asString()
                .contains("no node has port 5044 free of other routers", "logroute drain core/2.");
        make(drain(2));
        cannotRun = _ -> false;
        move(2, streams);
        assertThat(services()).doesNotContain("logroute_core-2");
        assertThat(serving()).containsExactly(3, 4, 5);
    }

    @Test
    void one_that_drains_its_buffer_of_before_takes_the_sink_that_was_mended() throws OutOfDate {
        var disks = core("replicas: 1");
        settle(disks);
        world.holds("logroute_core-0", 5, 0);
        world.idle.put("es", "connection refused");
        move(1, onStreams("replicas: 1"));
        assertThat(holder(0).stage()).isEqualTo(Stage.DRAINING);
        var mended = onStreams("replicas: 1", "two");
        settle(mended);
        assertThat(report(0).revision())
                .as("its own buffer, with the routes and sinks of now")
                .isEqualTo(new PipelineDefinition(disks.router(), mended.routes(), mended.sinks())
                        .revision()
                        .hash());
        assertThat(report(0).holding().mode()).isEqualTo(InstanceReport.Mode.DRAINING);
        assertThat(report(1).revision()).isEqualTo(mended.revision().hash());
        assertThat(pass(mended)).isEmpty();
        settle(core("replicas: 1", "three"));
        settle(core("replicas: 1", "three"));
        assertThat(report(0).revision())
                .isEqualTo(core("replicas: 1", "three").revision().hash());
    }

    // ---- records that cannot be read

    @Test
    void a_record_whose_labels_somebody_changed_is_told_and_holds_nothing_up() throws OutOfDate {
        settle(core("replicas: 2"));
        edit("logroute_core-1", labels -> labels.remove(Label.ROLE));
        var next = core("replicas: 3", "two");
        settle(next);
        assertThat(problems(next))
                .containsExactly(
                        "config logroute_core-1: the record of instance core/1 cannot be read: somebody changed its labels. Remove it, docker config rm logroute_core-1: LogRoute makes another one, of an instance that serves.");
        assertThat(services()).hasSize(3);
        assertThat(report(1).revision()).isEqualTo(next.revision().hash());
        world.removeConfig("logroute_core-1");
        settle(next);
        assertThat(problems(next)).isEmpty();
        assertThat(numbers()).containsExactly(0, 1, 2);
    }

    /// Somebody edits the labels of a record.
    private void edit(String record, Consumer<Map<String, String>> how) {
        var configs = new TreeMap<>(world.seen.owned().configs());
        configs.computeIfPresent(record, (_, config) -> {
            var labels = new TreeMap<>(config.labels());
            how.accept(labels);
            return config.with(labels);
        });
        own(configs, world.seen.owned().services());
    }

    private void own(TreeMap<String, OwnedConfig> configs, SortedMap<String, RouterService> services) {
        world.seen = new Seen(
                world.seen.nodes(),
                world.seen.users(),
                world.seen.specs(),
                new Owned(configs, services, world.seen.owned().secrets()),
                world.seen.states(),
                world.seen.networks(),
                world.seen.secrets(),
                world.seen.jobs());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"another node, n3-id", "no node of the swarm, gone-id", "no node at all,"})
    void a_record_that_names_another_node_than_its_service_moves_nothing(String why, @Nullable String node)
            throws OutOfDate {
        var core = core("replicas: 2, volumes: delete");
        settle(core);
        world.holds("logroute_core-1", 7, 0);
        edit("logroute_core-1", labels -> {
            labels.remove(Label.NODE);
            if (node != null) {
                labels.put(Label.NODE, node);
            }
        });
        settle(core);
        assertThat(services()).as(why).containsExactly("logroute_core-0", "logroute_core-1");
        assertThat(nodeOf(1)).isEqualTo("n2");
        assertThat(world.disk("logroute_core-1").events).as("its volume").isEqualTo(7);
        assertThat(holder(1).lost()).isEmpty();
        assertThat(pass(core)).as("quiet").isEmpty();
    }

    @Test
    void a_volume_that_is_known_to_hold_something_is_not_removed_whatever_its_record_says() throws OutOfDate {
        var core = core("replicas: 2, volumes: delete");
        settle(core);
        world.holds("logroute_core-1", 7, 0);
        settle(core);
        edit("logroute_core-1", labels -> labels.put(Label.STAGE, "removing"));
        var services = new TreeMap<>(world.seen.owned().services());
        services.remove("logroute_core-1");
        own(new TreeMap<>(world.seen.owned().configs()), services);
        world.reports.remove("logroute_core-1");
        var done = settle(core);
        assertThat(done).noneMatch(each -> each.startsWith("remove volume"));
        assertThat(world.disk("logroute_core-1", "n2-id").orElseThrow().events).isEqualTo(7);
        assertThat(holder(1).stage()).isEqualTo(Stage.DRAINING);
        world.holds("logroute_core-1", 0, 0);
        assertThat(settle(core)).contains("remove volume logroute_core-1 from node n2");
    }

    @Test
    void times_to_come_as_a_clock_that_was_set_back_left_them_are_not_waited_for() throws OutOfDate {
        var core = core("replicas: 2, nodeLossTimeout: 1m");
        settle(core);
        world.holds("logroute_core-1", 7, 0);
        settle(core);
        edit(
                "logroute_core-1",
                labels -> labels.computeIfPresent(
                        Label.CONTENT, (_, content) -> content.replaceFirst("at=\\d{4}", "at=2100")));
        world.holds("logroute_core-1", 500, 0);
        pass(core);
        assertThat(holder(1).held().orElseThrow().events()).isEqualTo(500);
        down(1);
        pass(core);
        edit("logroute_core-1", labels -> labels.put(Label.AWAY, "2100-01-01T00:00:00Z"));
        pass(core);
        assertThat(serving()).as("the time begins anew").containsExactly(0, 1);
        settle(core);
        assertThat(serving()).containsExactly(0, 2);
    }

    @Test
    void an_instance_goes_by_the_name_that_its_node_has_now() throws OutOfDate {
        var core = core("replicas: 2");
        settle(core);
        world.seen = new Seen(
                world.seen.nodes().stream()
                        .map(each -> each.hostname().equals("n2") ? renamed(each, "n9") : each)
                        .toList(),
                world.seen.users(),
                world.seen.specs(),
                world.seen.owned(),
                world.seen.states(),
                world.seen.networks(),
                world.seen.secrets(),
                world.seen.jobs());
        assertThat(Wishes.on(world.seen, "n9")).containsExactly(new Wishes.Who("core", 1));
        assertThat(Wishes.on(world.seen, "n2-id")).containsExactly(new Wishes.Who("core", 1));
        settle(core);
        assertThat(nodeOf(1)).isEqualTo("n9");
        assertThat(pass(core)).as("quiet").isEmpty();
    }

    private static Seen.Node renamed(Seen.Node node, String name) {
        return new Seen.Node(
                node.id(),
                name,
                node.address(),
                node.manager(),
                node.os(),
                node.arch(),
                node.labels(),
                node.engineLabels(),
                node.ready(),
                node.active());
    }

    @Test
    void a_number_is_written_in_one_way() throws OutOfDate {
        var core = core("replicas: 2");
        settle(core);
        var configs = new TreeMap<>(world.seen.owned().configs());
        var labels = new TreeMap<>(holder(1).labels("logroute"));
        labels.put(Label.INSTANCE, "007");
        configs.put("logroute_core-007", new OwnedConfig("logroute_core-007", labels, new Content(new byte[] {1})));
        own(configs, world.seen.owned().services());
        assertThat(pass(core)).as("it is the record of no instance").isEmpty();
    }

    private Fleets.Decision decide(PipelineDefinition... declared) {
        return Fleets.decide(
                world.seen,
                java.util.stream.Stream.of(declared)
                        .map(each -> new Fleets.Wanted(each, List.of("config routes")))
                        .toList(),
                world.told(),
                here,
                world.now);
    }

    /// Another controller has it from here on: it has a key of its own, and is let in where its secret is.
    private void moved() {
        here = new Installation("logroute", "logroute", "logroute:1", "logroute-link-2", 4000);
        letIn();
    }

    private void letIn() {
        world.seen.owned().services().forEach((name, service) -> {
            if (service.knows(here.linkSecret())) {
                world.unreachable.remove(name);
            } else {
                world.unreachable.add(name);
            }
        });
    }

    /// Passes for a minute or two, each instance asked by who may.
    ///
    /// @return which services were changed in each pass that changed any
    private List<String> handOver(PipelineDefinition... declared) throws OutOfDate {
        var all = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            letIn();
            var changed = pass(declared).stream()
                    .filter(Step.UpdateService.class::isInstance)
                    .map(Step::describe)
                    .toList();
            if (!changed.isEmpty()) {
                all.add(String.join(" and ", changed));
            }
            services().forEach(world::settle);
            world.runJobs();
            world.now = world.now.plus(Duration.ofSeconds(6));
        }
        return all;
    }

    private static String handed(int number) {
        return "update service logroute_core-%d: secrets {logroute-link=logroute-link-1} -> {logroute-link=logroute-link-2}"
                .formatted(number);
    }

    private List<Step> pass(PipelineDefinition... declared) throws OutOfDate {
        var steps = decide(declared).steps();
        for (var step : steps) {
            world.apply(step);
        }
        return steps;
    }

    /// Passes for a minute or two.
    ///
    /// @return how instances came and went
    private List<String> settle(PipelineDefinition... declared) throws OutOfDate {
        var all = new ArrayList<String>();
        for (int i = 0; i < 12; i++) {
            pass(declared).stream()
                    .map(Step::describe)
                    .filter(step -> step.matches("(create|remove) config logroute_.*|(create|remove) service .*"
                            + "|tell .*|remove (job|volume) .*"))
                    .forEach(all::add);
            List.copyOf(world.seen.owned().services().keySet()).forEach(world::settle);
            world.runJobs();
            world.now = world.now.plus(Duration.ofSeconds(6));
        }
        return all;
    }

    private void pass(Duration time) {
        world.now = world.now.plus(time);
    }

    private void make(Answer answer) throws OutOfDate {
        assertThat(answer).isInstanceOf(Answer.Granted.class);
        for (var step : ((Answer.Granted) answer).steps()) {
            world.apply(step);
        }
    }

    private Answer drain(int number) {
        return Wishes.drain(world.seen, "core", number, "ops", world.now);
    }

    private Answer uncordon(int number) {
        return Wishes.uncordon(world.seen, "core", number, world.now);
    }

    private Answer forget(int number) {
        return Wishes.forget(world.seen, "core", number);
    }

    private static String why(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        var refused = (Answer.Refused) answer;
        return refused.what() + ". " + refused.mend();
    }

    private Holder holder(int number) {
        return Objects.requireNonNull(
                Holder.of(world.seen.owned(), "core").get(number), () -> "there is no instance " + number);
    }

    private List<Integer> numbers() {
        return List.copyOf(Holder.of(world.seen.owned(), "core").keySet());
    }

    private List<Integer> serving() {
        return Holder.of(world.seen.owned(), "core").values().stream()
                .filter(each -> each.stage() == Stage.SERVING)
                .map(Holder::instance)
                .toList();
    }

    private List<String> services() {
        return List.copyOf(world.seen.owned().services().keySet());
    }

    private InstanceReport report(int number) {
        return Objects.requireNonNull(world.reports.get("logroute_core-" + number));
    }

    private List<String> problems(PipelineDefinition... declared) {
        return decide(declared).findings().stream()
                .flatMap(each -> each.problems().stream())
                .map(Problem::toString)
                .toList();
    }

    private VolumeState volume(int number, PipelineDefinition... declared) {
        return decide(declared).findings().stream()
                .flatMap(each -> each.volumes().stream())
                .filter(each -> each.instance() == number)
                .findFirst()
                .orElseThrow();
    }

    private String nodeOf(int number) {
        return holder(number).hostname();
    }

    private void down(int number) {
        var node = nodeOf(number);
        world.power(each -> !each.hostname().equals(node));
    }

    // ---- records

    @Test
    void each_instance_has_a_record_that_is_made_before_its_service() throws OutOfDate {
        var steps = pass(core("replicas: 2"));
        assertThat(steps.stream()
                        .map(Step::describe)
                        .filter(each -> !each.startsWith("create secret"))
                        .skip(1))
                .satisfiesExactly(
                        record -> assertThat(record).isEqualTo("create config logroute_core-0"),
                        service -> assertThat(service).startsWith("create service logroute_core-0: "),
                        record -> assertThat(record).isEqualTo("create config logroute_core-1"),
                        service -> assertThat(service).startsWith("create service logroute_core-1: "));
        settle(core("replicas: 2"));
        assertThat(pass(core("replicas: 2"))).as("quiet").isEmpty();
        assertThat(holder(1).buffer()).isEqualTo(report(1).buffer().id());
    }

    @Test
    void instances_of_a_logroute_without_records_get_theirs_and_nothing_restarts() throws OutOfDate {
        var core = core("replicas: 2");
        settle(core);
        older(2);
        var containers = world.seen.owned().services();
        var done = settle(core);
        assertThat(done)
                .containsExactly(
                        "create config logroute_core-0",
                        "create config logroute_core-1",
                        "create config logroute_core-2");
        assertThat(world.seen.owned().services()).isEqualTo(containers);
        assertThat(holder(2)).as("somebody had removed its service").satisfies(each -> {
            assertThat(each.stage()).isEqualTo(Stage.KEPT);
            assertThat(each.node()).isEqualTo("n3-id");
        });
        assertThat(pass(core)).isEmpty();
        assertThat(world.seen.owned().configs().values())
                .noneMatch(each -> each.labels().containsKey(Label.PLACED));
        settle(core("replicas: 3"));
        assertThat(serving()).containsExactly(0, 1, 2);
        assertThat(nodeOf(2)).as("where its volume is").isEqualTo("n3");
    }

    /// As a LogRoute of before left it: places on labels of the revision, and no records.
    private void older(int removed) {
        var configs = new TreeMap<>(world.seen.owned().configs());
        configs.keySet().removeIf(each -> each.startsWith("logroute_core-"));
        configs.replaceAll((_, config) -> {
            var labels = new TreeMap<>(config.labels());
            labels.put(Label.PLACED, "0=n1-id,1=n2-id,%d=n3-id".formatted(removed));
            return config.with(labels);
        });
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
    }

    @Test
    void what_an_instance_holds_is_noted_down_rarely_and_never_of_another_buffer() throws OutOfDate {
        var core = core("replicas: 1");
        settle(core);
        world.holds("logroute_core-0", 1000, 0);
        assertThat(pass(core))
                .singleElement()
                .satisfies(step -> assertThat(step.isNote()).isTrue());
        world.holds("logroute_core-0", 5000, 0);
        pass(Duration.ofSeconds(14));
        assertThat(pass(core)).as("noted just now").isEmpty();
        pass(Duration.ofSeconds(2));
        assertThat(pass(core)).hasSize(1);
        assertThat(holder(0).held().orElseThrow().events()).isEqualTo(5000);
        world.holds("logroute_core-0", 5400, 0);
        pass(Duration.ofMinutes(1));
        assertThat(pass(core)).as("less than a tenth").isEmpty();
        down(0);
        pass(core);
        assertThat(holder(0).held().orElseThrow().events())
                .as("what it told last, once nobody hears of it")
                .isEqualTo(5400);
        assertThat(holder(0).away()).isPresent();
    }

    // ---- fewer, and more again

    @Test
    void a_smaller_number_drains_the_highest_and_its_empty_volume_is_kept() throws OutOfDate {
        settle(core("replicas: 3"));
        world.holds("logroute_core-2", 700, 0);
        var two = core("replicas: 2");
        assertThat(settle(two)).containsExactly("tell logroute_core-2 to take nothing in and deliver what it has");
        assertThat(volume(2, two).why()).contains("scale: 2 are wanted");
        assertThat(services()).as("it still has events").hasSize(3);
        world.holds("logroute_core-2", 0, 0);
        assertThat(settle(two))
                .containsExactly("remove service logroute_core-2: it has delivered everything, scale: 2 are wanted");
        assertThat(holder(2).stage()).isEqualTo(Stage.KEPT);
        assertThat(world.disk("logroute_core-2", "n3-id")).isPresent();
        assertThat(problems(two)).isEmpty();
    }

    @Test
    void with_volumes_delete_a_job_removes_the_volume_and_its_record_goes() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        var one = core("replicas: 1, volumes: delete");
        assertThat(settle(one))
                .containsExactly(
                        "tell logroute_core-1 to take nothing in and deliver what it has",
                        "remove service logroute_core-1: it has delivered everything, scale: 1 is wanted",
                        "remove volume logroute_core-1 from node n2",
                        "remove config logroute_core-1",
                        "remove job logroute_core-1-remove");
        assertThat(numbers()).containsExactly(0);
        assertThat(world.disk("logroute_core-1", "n2-id")).isEmpty();
    }

    @Test
    void a_volume_with_dead_letters_is_not_deleted_before_they_are_gone() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        world.holds("logroute_core-1", 0, 3);
        var one = core("replicas: 1, volumes: delete");
        settle(one);
        assertThat(services()).hasSize(2);
        assertThat(problems(one))
                .containsExactly(
                        "instance logroute_core-1: it has delivered everything, and stays: there are dead letters on it. Replay or purge them, and it goes: logroute dlq ls --router core-1.");
        world.holds("logroute_core-1", 3, 0); // replayed
        settle(one);
        assertThat(holder(1).stage()).isEqualTo(Stage.DRAINING);
        world.holds("logroute_core-1", 0, 0);
        settle(one);
        assertThat(numbers()).containsExactly(0);
    }

    @Test
    void a_volume_with_damage_that_was_set_aside_is_not_deleted_before_somebody_deletes_that() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        world.setAside("logroute_core-1", Optional.of("1 file was set aside"));
        var one = core("replicas: 1, volumes: delete");
        settle(one);
        assertThat(services()).hasSize(2);
        assertThat(holder(1).stage()).isEqualTo(Stage.DRAINED);
        assertThat(problems(one))
                .containsExactly(
                        "instance logroute_core-1: it has delivered everything, and stays: 1 file was set aside. See whether somebody needs that, then delete it in its container, and it goes: logroute buffer clear --data /data --yes.");
        world.setAside("logroute_core-1", Optional.empty());
        settle(one);
        assertThat(numbers()).containsExactly(0);
    }

    @Test
    void a_volume_that_a_file_sink_writes_on_is_never_deleted() throws OutOfDate {
        var two = withFiles(core("replicas: 2, volumes: delete"));
        settle(two);
        settle(withFiles(core("replicas: 1, volumes: delete")));
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
        assertThat(world.disk("logroute_core-1", "n2-id")).isPresent();
    }

    private static PipelineDefinition withFiles(PipelineDefinition pipeline) {
        var text = pipeline.text().replace("discard: {}", "file: { path: out/all.ndjson }");
        return switch (PipelineDefinition.parse(text)) {
            case Read.Good<PipelineDefinition>(var good) -> good;
            case Read.Bad<PipelineDefinition>(var problems) -> throw new AssertionError(problems);
        };
    }

    /// One change to another sink and to one instance fewer.
    @Test
    void a_volume_that_a_file_sink_wrote_on_earlier_is_never_deleted() throws OutOfDate {
        settle(withFiles(core("replicas: 2, volumes: delete")));
        assertThat(volume(1, withFiles(core("replicas: 2, volumes: delete"))).files())
                .isTrue();
        var one = core("replicas: 1, volumes: delete", "two");
        settle(one);
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
        assertThat(world.disk("logroute_core-1", "n2-id")).isPresent();
        assertThat(volume(1, one).files()).isTrue();
        settle(core("replicas: 2, volumes: delete", "two"));
        settle(one);
        assertThat(world.disk("logroute_core-1", "n2-id"))
                .as("for as long as it is there")
                .isPresent();
        settle(core("replicas: 3, volumes: delete", "two"));
        assertThat(volume(2, core("replicas: 3, volumes: delete", "two")).files())
                .isFalse();
    }

    @Test
    void one_that_only_dead_letters_keep_takes_the_change_that_they_are_replayed_by() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        world.holds("logroute_core-1", 0, 3);
        settle(core("replicas: 1, volumes: delete"));
        var next = core("replicas: 1, volumes: delete", "two");
        settle(next);
        assertThat(holder(1).stage()).isEqualTo(Stage.DRAINED);
        assertThat(report(1).revision()).isEqualTo(next.revision().hash());
    }

    @Test
    void one_that_drains_takes_what_changes_though_those_that_serve_are_away() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        settle(core("replicas: 1"));
        down(0);
        var next = core("replicas: 1, nodeLossTimeout: 1d", "two");
        settle(next);
        assertThat(report(1).revision()).isEqualTo(next.revision().hash());
    }

    @Test
    void a_volume_that_a_node_does_not_remove_is_told_and_tried_again() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        var one = core("replicas: 1, volumes: delete");
        for (int i = 0; i < 3; i++) {
            pass(one);
        }
        assertThat(services()).hasSize(1);
        pass(one);
        var jobs = new TreeMap<>(world.seen.jobs());
        jobs.replaceAll((_, job) ->
                new Seen.Job(job.volume(), job.router(), false, java.util.Optional.of("volume is in use.")));
        assertThat(jobs).hasSize(1);
        world.seen = new Seen(
                world.seen.nodes(),
                world.seen.users(),
                world.seen.specs(),
                world.seen.owned(),
                world.seen.states(),
                world.seen.networks(),
                world.seen.secrets(),
                jobs);
        assertThat(pass(one)).extracting(Step::describe).contains("remove job logroute_core-1-remove");
        assertThat(pass(one)).as("not at once").isEmpty();
        assertThat(problems(one))
                .singleElement()
                .asString()
                .startsWith(
                        "volume logroute_core-1: it holds nothing, and node n2 did not remove it: volume is in use.");
        pass(Duration.ofMinutes(1));
        settle(one);
        assertThat(numbers()).containsExactly(0);
        assertThat(problems(one)).isEmpty();
    }

    @Test
    void scaling_up_in_the_middle_of_a_drain_takes_the_instance_back() throws OutOfDate {
        settle(core("replicas: 3"));
        world.holds("logroute_core-1", 10, 0);
        world.holds("logroute_core-2", 10, 0);
        settle(core("replicas: 1"));
        assertThat(serving()).containsExactly(0);
        assertThat(settle(core("replicas: 2")))
                .as("the lowest number first")
                .contains("tell logroute_core-1 to take events in")
                .noneMatch(step -> step.startsWith("create service"));
        assertThat(serving()).containsExactly(0, 1);
        assertThat(report(1).holding().mode()).isEqualTo(InstanceReport.Mode.SERVING);
    }

    @Test
    void a_kept_volume_is_used_again_before_there_is_a_new_one() throws OutOfDate {
        settle(core("replicas: 3"));
        var node = nodeOf(2);
        settle(core("replicas: 2"));
        assertThat(holder(2).stage()).isEqualTo(Stage.KEPT);
        settle(core("replicas: 4"));
        assertThat(serving()).containsExactly(0, 1, 2, 3);
        assertThat(nodeOf(2)).isEqualTo(node);
        assertThat(report(2).holding().mode())
                .as("its volume still says that it drains")
                .isEqualTo(InstanceReport.Mode.SERVING);
        assertThat(holder(2).buffer()).isEqualTo(report(2).buffer().id());
    }

    @Test
    void a_drain_that_waits_for_its_sink_says_so_and_gets_the_mended_one() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        world.idle.put("es", "connection refused.");
        var one = core("replicas: 1");
        settle(one);
        world.holds("logroute_core-1", 5, 0);
        assertThat(problems(one))
                .singleElement()
                .asString()
                .startsWith(
                        "instance logroute_core-1: it drains, scale: 1 is wanted, and waits: sink es takes nothing: connection refused. Mend the sink");
        var mended = core("replicas: 1", "two");
        settle(mended);
        assertThat(report(1).revision()).isEqualTo(mended.revision().hash());
        assertThat(report(1).holding().mode()).isEqualTo(InstanceReport.Mode.DRAINING);
        var restarted = core("replicas: 1, rollout: restart", "three");
        settle(restarted);
        assertThat(report(1).revision()).isEqualTo(restarted.revision().hash());
        assertThat(report(1).holding().mode()).isEqualTo(InstanceReport.Mode.DRAINING);
    }

    @Test
    void an_instance_that_drains_and_is_not_reached_holds_up_no_rollout() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        settle(core("replicas: 1"));
        world.unreachable.add("logroute_core-1");
        var next = core("replicas: 1", "two");
        settle(next);
        assertThat(report(0).revision()).isEqualTo(next.revision().hash());
        assertThat(Known.of(world.seen.owned(), "core").getFirst().accepted()).isTrue();
    }

    @Test
    void the_service_of_an_instance_that_drains_is_made_again_when_somebody_removes_it() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        var one = core("replicas: 1");
        settle(one);
        world.remove("logroute_core-1");
        assertThat(settle(one)).singleElement().asString().startsWith("create service logroute_core-1 again");
        assertThat(holder(1).stage()).isEqualTo(Stage.DRAINING);
    }

    // ---- operators

    @Test
    void what_an_operator_drains_stands_until_uncordon_and_counts() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        make(drain(0));
        settle(two);
        assertThat(holder(0)).satisfies(each -> {
            assertThat(each.stage()).isEqualTo(Stage.DRAINED);
            assertThat(each.why().orElseThrow()).hasToString("operator: asked by ops");
        });
        assertThat(services()).as("no substitute, and it stays").hasSize(2);
        assertThat(pass(two)).isEmpty();
        var next = core("replicas: 2", "two");
        settle(next);
        assertThat(report(0).revision())
                .as("it takes what changes")
                .isEqualTo(next.revision().hash());
        make(uncordon(0));
        settle(next);
        assertThat(serving()).containsExactly(0, 1);
        assertThat(report(0).holding().mode()).isEqualTo(InstanceReport.Mode.SERVING);
    }

    @Test
    void what_an_operator_drains_while_it_leaves_anyway_is_not_taken_back() throws OutOfDate {
        settle(core("replicas: 3"));
        world.holds("logroute_core-1", 10, 0);
        world.holds("logroute_core-2", 10, 0);
        settle(core("replicas: 1"));
        make(drain(1));
        assertThat(drain(1)).as("once").isEqualTo(new Answer.Granted(List.of()));
        settle(core("replicas: 2"));
        assertThat(serving()).containsExactly(0, 2);
        settle(core("replicas: 3"));
        assertThat(serving()).containsExactly(0, 2, 3);
        assertThat(holder(1).why().orElseThrow()).as("as many are wanted now").hasToString("scale: 3 are wanted");
        var back = uncordon(1);
        assertThat(back)
                .isInstanceOfSatisfying(
                        Answer.Granted.class,
                        granted -> assertThat(granted.instead())
                                .contains(
                                        "it goes on draining (3 are wanted), and is taken back when more instances are wanted than there are"));
        make(back);
        settle(core("replicas: 4"));
        assertThat(serving()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void what_an_operator_drained_stays_drained_when_fewer_and_then_more_are_wanted() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-0", 10, 0);
        make(drain(0));
        settle(core("replicas: 1"));
        assertThat(holder(0).why().orElseThrow()).hasToString("scale: 1 is wanted");
        settle(core("replicas: 2"));
        assertThat(serving()).containsExactly(1, 2);
    }

    @Test
    void one_on_each_node_that_an_operator_drains_while_it_leaves_gets_none_beside_it() throws OutOfDate {
        var each = core("perNode: true");
        settle(each);
        world.holds("logroute_core-1", 10, 0);
        settle(core("perNode: true, constraints: [\"node.labels.zone != n2\"]"));
        make(drain(1));
        settle(each);
        assertThat(serving()).containsExactly(0, 2);
        assertThat(numbers()).containsExactly(0, 1, 2);
        make(uncordon(1));
        settle(each);
        assertThat(serving()).containsExactly(0, 1, 2);
    }

    @Test
    void what_an_operator_drained_goes_first_when_fewer_are_wanted() throws OutOfDate {
        settle(core("replicas: 3"));
        make(drain(0));
        settle(core("replicas: 3"));
        settle(core("replicas: 2"));
        assertThat(serving()).containsExactly(1, 2);
        assertThat(holder(0).stage()).isEqualTo(Stage.KEPT);
    }

    @Test
    void a_fleet_that_an_operator_drained_takes_new_revisions() throws OutOfDate {
        settle(core("replicas: 1"));
        world.holds("logroute_core-0", 5, 0);
        make(drain(0));
        var next = core("replicas: 1", "two");
        settle(next);
        assertThat(report(0).revision()).isEqualTo(next.revision().hash());
        assertThat(Known.of(world.seen.owned(), "core").getFirst().accepted()).isTrue();
    }

    @Test
    void wishes_that_make_no_sense_are_refused_in_words() throws OutOfDate {
        settle(core("replicas: 2"));
        assertThat(why(drain(7))).isEqualTo("router core has no instance 7. Choose one of core/0, core/1.");
        assertThat(uncordon(0)).isEqualTo(new Answer.Granted(List.of()));
        assertThat(why(forget(0))).contains("it runs, and is declared", "logroute drain core/0");
        settle(core("replicas: 1"));
        assertThat(why(drain(1))).contains("its service is gone");
        assertThat(why(uncordon(1))).contains("scale: 1 is wanted", "Declare more instances");
    }

    @Test
    void one_that_drains_for_ever_can_be_forgotten_and_its_volume_stays() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        settle(core("replicas: 1"));
        make(forget(1));
        settle(core("replicas: 1"));
        assertThat(numbers()).containsExactly(0);
        assertThat(services()).containsExactly("logroute_core-0");
        assertThat(world.disk("logroute_core-1", "n2-id").orElseThrow().events).isEqualTo(5);
    }

    @Test
    void whoever_is_stopped_while_an_instance_is_forgotten_leaves_what_the_next_one_ends() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        var one = core("replicas: 1");
        settle(one);
        make(forget(1));
        for (var step : decide(one).steps()) {
            world.apply(step);
            if (step instanceof Step.RemoveService) {
                break;
            }
        }
        assertThat(services()).containsExactly("logroute_core-0");
        assertThat(settle(one)).containsExactly("remove config logroute_core-1");
    }

    @Test
    void of_a_router_that_is_not_declared_any_more_all_stay_but_those_that_an_operator_drained() throws OutOfDate {
        settle(core("replicas: 2"));
        make(drain(1));
        settle();
        assertThat(services()).containsExactly("logroute_core-0");
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("router core: it is no longer declared")
                .contains("logroute drain core");
        make(drain(0));
        settle();
        assertThat(services()).isEmpty();
        assertThat(problems()).isEmpty();
        assertThat(decide().findings().getFirst().volumes()).hasSize(2);
    }

    // ---- another controller

    @Test
    void a_fleet_that_is_not_declared_gets_the_key_of_another_controller_one_by_one_and_its_drains_end()
            throws OutOfDate {
        settle(core("replicas: 3"));
        world.holds("logroute_core-1", 5, 0);
        make(drain(1));
        settle();
        moved();
        assertThat(decide().steps().getFirst()).isEqualTo(new Step.CreateSecret("logroute-link-2"));
        assertThat(handOver()).containsExactly(handed(0), handed(1), handed(2));
        world.holds("logroute_core-1", 0, 0);
        settle();
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-2");
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
    }

    @Test
    void one_that_drains_with_its_node_down_gets_the_key_when_that_is_back_and_holds_up_no_other() throws OutOfDate {
        settle(core("replicas: 2"));
        moved();
        down(0);
        assertThat(handOver()).containsExactly(handed(1));
        world.power(_ -> true);
        assertThat(handOver()).containsExactly(handed(0));
    }

    @Test
    void those_that_leave_a_declared_fleet_get_the_key_though_nothing_else_changes_them() throws OutOfDate {
        settle(core("replicas: 3"));
        world.holds("logroute_core-1", 5, 0);
        world.holds("logroute_core-2", 5, 0);
        var streams = onStreams("replicas: 1");
        settle(core("replicas: 1"));
        settle(streams);
        moved();
        handOver(streams);
        assertThat(world.seen.owned().services().values()).isNotEmpty().allMatch(each -> each.knows("logroute-link-2"));
        world.holds("logroute_core-1", 0, 0);
        world.holds("logroute_core-2", 0, 0);
        settle(streams);
        assertThat(services()).hasSize(1);
    }

    @Test
    void one_that_was_drained_already_when_the_controller_moved_goes() throws OutOfDate {
        settle(core("replicas: 2"));
        world.holds("logroute_core-1", 5, 0);
        var one = core("replicas: 1");
        settle(one);
        world.holds("logroute_core-1", 0, 0);
        pass(one);
        assertThat(holder(1).stage()).isEqualTo(Stage.DRAINED);
        moved();
        handOver(one);
        assertThat(services()).containsExactly("logroute_core-0");
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
    }

    @Test
    void one_that_swarm_takes_back_to_the_key_of_before_is_told_and_tried_again_after_a_while() throws OutOfDate {
        settle(core("replicas: 1"));
        moved();
        pass();
        world.rollBack("logroute_core-0");
        letIn();
        assertThat(pass()).noneMatch(Step.UpdateService.class::isInstance);
        assertThat(problems()).anyMatch(each -> each.contains("rolled back the change that hands it the new link key"));
        pass(Duration.ofMinutes(5));
        assertThat(handOver()).containsExactly(handed(0));
    }

    // ---- nodes

    @Test
    void a_node_that_is_away_for_too_long_gets_a_substitute_and_when_it_is_back_its_instance_drains_and_goes()
            throws OutOfDate {
        var two = core("replicas: 2, nodeLossTimeout: 5m");
        settle(two);
        world.holds("logroute_core-1", 300, 0);
        world.told();
        down(1);
        pass(two);
        pass(Duration.ofMinutes(3));
        assertThat(settle(two)).isEmpty();
        assertThat(problems(two))
                .containsExactly(
                        "instance logroute_core-1: its node n2 is down. Start the node, or mend its network: the instance goes on there, with what waits in its buffer; after 5m another one takes its place.");
        pass(Duration.ofMinutes(1));
        assertThat(settle(two)).anyMatch(step -> step.startsWith("create service logroute_core-2: "));
        assertThat(serving()).containsExactly(0, 2);
        assertThat(nodeOf(2)).isEqualTo("n3");
        assertThat(volume(1, two)).satisfies(each -> {
            assertThat(each.why()).contains("node: its node n2 was away for 5m, and another instance took its place");
            assertThat(each.events()).isEqualTo(300);
            assertThat(each.now()).isFalse();
        });
        assertThat(pass(two)).isEmpty();
        world.power(_ -> true);
        settle(two);
        assertThat(report(1).holding().mode()).isEqualTo(InstanceReport.Mode.DRAINING);
        assertThat(services()).hasSize(3);
        world.holds("logroute_core-1", 0, 0);
        settle(two);
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-2");
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
    }

    @Test
    void a_node_that_is_back_in_time_changes_nothing() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        down(1);
        settle(two);
        world.power(_ -> true);
        settle(two);
        assertThat(holder(1).away()).isEmpty();
        assertThat(serving()).containsExactly(0, 1);
        assertThat(pass(two)).isEmpty();
    }

    @Test
    void where_no_other_node_has_a_place_the_instance_waits_for_its_own() throws OutOfDate {
        var two = core("replicas: 3, publish: [5044]");
        settle(two);
        down(1);
        settle(two);
        pass(Duration.ofMinutes(9));
        assertThat(settle(two)).isEmpty();
        assertThat(problems(two)).singleElement().asString().contains("no other node has a place for another one");
        world.addNode("n4");
        settle(two);
        assertThat(serving()).containsExactly(0, 2, 3);
    }

    @Test
    void one_whose_substitute_is_not_wanted_any_more_is_the_first_to_go() throws OutOfDate {
        settle(core("replicas: 3"));
        down(0);
        settle(core("replicas: 3"));
        settle(core("replicas: 2"));
        assertThat(serving()).as("away first").containsExactly(1, 2);
    }

    @Test
    void one_whose_node_is_away_is_not_taken_back() throws OutOfDate {
        settle(core("replicas: 2"));
        down(1);
        settle(core("replicas: 2"));
        settle(core("replicas: 1"));
        settle(core("replicas: 2"));
        assertThat(serving()).containsExactly(0, 2);
    }

    @Test
    void a_number_whose_volume_is_about_to_be_removed_is_not_used_again() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        var one = core("replicas: 1, volumes: delete");
        while (world.seen.jobs().isEmpty()) {
            pass(one);
            world.settle("logroute_core-0");
        }
        world.removeConfig("logroute_core-1");
        var two = pass(core("replicas: 2, volumes: delete"));
        assertThat(two).extracting(Step::describe).contains("remove job logroute_core-1-remove");
        assertThat(two).extracting(Step::object).doesNotContain("service/logroute_core-1");
        assertThat(world.seen.jobs()).isEmpty();
        settle(core("replicas: 2, volumes: delete"));
        assertThat(serving()).hasSize(2);
    }

    @Test
    void an_instance_that_was_given_up_is_taken_back_when_the_fleet_lacks_one() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        world.holds("logroute_core-1", 300, 0);
        down(1);
        settle(two);
        pass(Duration.ofMinutes(5));
        settle(two);
        assertThat(serving()).containsExactly(0, 2);
        world.power(_ -> true);
        settle(core("replicas: 3"));
        assertThat(serving()).containsExactly(0, 1, 2);
    }

    @Test
    void a_node_that_is_paused_runs_what_it_runs() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        var node = nodeOf(1);
        world.pause(each -> each.hostname().equals(node));
        pass(Duration.ofHours(1));
        assertThat(settle(two)).isEmpty();
        assertThat(holder(1).away()).isEmpty();
    }

    @Test
    void a_node_that_was_removed_is_given_up_at_once_and_what_was_there_is_told_until_it_is_forgotten()
            throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        world.holds("logroute_core-1", 42, 1);
        world.told();
        world.removeNodes(each -> each.hostname().equals("n2"));
        settle(two);
        assertThat(serving()).containsExactly(0, 2);
        assertThat(problems(two))
                .containsExactly(
                        "instance logroute_core-1: its node n2 is no longer in the swarm, and its volume with it. When you have seen what it held, logroute volumes: logroute forget core/1 --yes.");
        assertThat(volume(1, two).events()).isEqualTo(42);
        make(forget(1));
        settle(two);
        assertThat(problems(two)).isEmpty();
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-2");
        assertThat(numbers()).containsExactly(0, 2);
    }

    @Test
    void what_was_drained_before_its_node_was_removed_is_no_loss() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        assertThat(Wishes.on(world.seen, "n2")).hasToString("[core/1]");
        make(drain(1));
        settle(two);
        world.removeNodes(each -> each.hostname().equals("n2"));
        settle(two);
        assertThat(numbers()).containsExactly(0, 2);
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-2");
        assertThat(problems(two)).isEmpty();
    }

    @Test
    void another_buffer_than_it_had_is_told_with_what_was_in_the_old_one_and_the_instance_goes_on() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        world.holds("logroute_core-1", 42, 0);
        pass(Duration.ofSeconds(20));
        pass(two);
        world.burns("logroute_core-1");
        settle(two);
        assertThat(problems(two)).as("VolumesReached tells").isEmpty();
        assertThat(volume(1, two).lost().orElseThrow()).startsWith("it held 42 events");
        assertThat(serving()).containsExactly(0, 1);
        assertThat(holder(1).buffer()).isEqualTo(report(1).buffer().id());
        assertThat(pass(two)).isEmpty();
        make(forget(1));
        settle(two);
        assertThat(volume(1, two).lost()).isEmpty();
        assertThat(serving()).containsExactly(0, 1);
    }

    @Test
    void what_was_lost_before_is_summed_up_however_often_that_was() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        for (int i = 0; i < 9; i++) {
            world.holds("logroute_core-1", 42, 0);
            pass(Duration.ofSeconds(20));
            pass(two);
            world.burns("logroute_core-1");
            settle(two);
        }
        assertThat(volume(1, two).lost().orElseThrow())
                .startsWith("it held 42 events")
                .endsWith("; and before that, 8 times, 336 events in all that are known of")
                .hasSizeLessThan(300);
    }

    @Test
    void to_forget_what_was_lost_gives_up_nothing_that_is_there_now() throws OutOfDate {
        var two = core("replicas: 2");
        settle(two);
        world.holds("logroute_core-1", 42, 0);
        pass(Duration.ofSeconds(20));
        pass(two);
        world.burns("logroute_core-1");
        settle(two);
        world.holds("logroute_core-1", 7, 0);
        world.told();
        down(1);
        settle(two);
        assertThat(holder(1).lost()).isPresent();
        make(forget(1));
        assertThat(holder(1).lost()).isEmpty();
        assertThat(volume(1, two).events()).as("nobody was asked about these").isEqualTo(7);
    }

    // ---- one on each node

    @Test
    void one_on_each_node_has_no_substitute_and_comes_and_goes_with_nodes() throws OutOfDate {
        var each = core("perNode: true, constraints: [\"node.labels.zone != n9\"]");
        settle(each);
        assertThat(serving()).containsExactly(0, 1, 2);
        down(1);
        pass(Duration.ofHours(1));
        settle(each);
        pass(Duration.ofHours(1));
        assertThat(settle(each)).isEmpty();
        assertThat(serving()).containsExactly(0, 1, 2);
        world.power(_ -> true);
        world.addNode("n4");
        settle(each);
        assertThat(serving()).containsExactly(0, 1, 2, 3);
        var fewer = core("perNode: true, constraints: [\"node.labels.zone != n2\"]");
        world.holds("logroute_core-1", 5, 0);
        settle(fewer);
        assertThat(serving()).containsExactly(0, 2, 3);
        assertThat(holder(1).why().orElseThrow()).hasToString("scale: its node n2 does not fit any more");
        world.holds("logroute_core-1", 0, 0);
        settle(fewer);
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
        settle(each);
        assertThat(serving()).containsExactly(0, 1, 2, 3);
    }

    // ---- as many as the load needs

    @Test
    void the_number_follows_the_load_and_one_fewer_drains() throws OutOfDate {
        var scaled = core("autoscale: { min: 1, max: 2, targetLag: 30s }");
        settle(scaled);
        assertThat(serving()).containsExactly(0);
        pass(Duration.ofMinutes(5));
        world.loads.put(
                "core",
                new Told.Load(
                        Duration.ofSeconds(42),
                        java.util.Optional.of(world.now.minusSeconds(200)),
                        java.util.Optional.empty(),
                        List.of()));
        assertThat(decide(scaled).findings().getFirst().scaling()).contains("2 instances: lag 42 s > 30 s for 2 min");
        settle(scaled);
        assertThat(serving()).containsExactly(0, 1);
        pass(Duration.ofMinutes(20));
        world.loads.put(
                "core",
                new Told.Load(
                        Duration.ofSeconds(1),
                        java.util.Optional.empty(),
                        java.util.Optional.of(world.now.minusSeconds(700)),
                        List.of()));
        settle(scaled);
        assertThat(serving()).containsExactly(0);
        assertThat(holder(1).stage()).isEqualTo(Stage.KEPT);
    }

    @Test
    void a_volume_that_is_not_removed_does_not_hold_up_the_load() throws OutOfDate {
        var scaled = core("autoscale: { min: 1, max: 3, targetLag: 30s }");
        settle(scaled);
        pass(Duration.ofMinutes(5));
        var why = java.util.Optional.of(new Holder.Why(VolumeState.Cause.SCALE, "1 is wanted"));
        var stays = Holder.serving("logroute_core-1", "core", 1, "n2-id", "n2", world.now)
                .at(Stage.REMOVING, why, world.now)
                .failing(java.util.Optional.of("volume is in use"), world.now);
        world.apply(new Step.CreateConfig(stays.written("logroute"), false));
        world.loads.put(
                "core",
                new Told.Load(
                        Duration.ofSeconds(42),
                        java.util.Optional.of(world.now.minusSeconds(200)),
                        java.util.Optional.empty(),
                        List.of()));
        assertThat(decide(scaled).findings().getFirst().scaling()).contains("2 instances: lag 42 s > 30 s for 2 min");
    }

    // ---- the forecast

    @Test
    void a_forecast_tells_how_one_gives_way_to_another_with_another_buffer() throws OutOfDate {
        settle(core("replicas: 1"));
        var wanted = List.of(new Fleets.Wanted(onStreams("replicas: 1"), List.of("config routes")));
        assertThat(Forecast.of(world.seen, wanted, world.told(), World.HERE, world.now).stream()
                        .map(Step::describe)
                        .map(step -> step.replaceAll(": revision .*", "")))
                .containsSubsequence(
                        "create service logroute_core-1",
                        "tell logroute_core-0 to take nothing in and deliver what it has",
                        "remove service logroute_core-0: it has delivered everything, scale: the buffer of the router is kept elsewhere now");
    }

    @Test
    void a_forecast_follows_a_drain_to_its_end() throws OutOfDate {
        settle(core("replicas: 2, volumes: delete"));
        world.holds("logroute_core-1", 5, 0);
        var wanted = List.of(new Fleets.Wanted(core("replicas: 1, volumes: delete"), List.of("config routes")));
        assertThat(Forecast.of(world.seen, wanted, world.told(), World.HERE, world.now).stream()
                        .filter(step -> !(step instanceof Step.LabelConfig)))
                .extracting(Step::describe)
                .endsWith(
                        "tell logroute_core-1 to take nothing in and deliver what it has",
                        "remove service logroute_core-1: it has delivered everything, scale: 1 is wanted",
                        "remove volume logroute_core-1 from node n2",
                        "remove config logroute_core-1",
                        "remove job logroute_core-1-remove");
    }
}
