package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.control.Operator.Place;
import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.plan.RouteTests;
import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Owned;
import io.logroute.plan.swarm.OwnedConfig;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.World;
import io.logroute.remote.MemorySwarm;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.remote.Routers;
import io.logroute.spec.Problem;
import io.logroute.telemetry.Instruments;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is asked of a controller, of a swarm that only remembers.
@Timeout(300)
class SwarmOperatorTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String ROUTER = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec: { sources: [ { beats: { port: 5044 } } ] }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: away }
            spec: { discard: {} }
            """;

    private static final Seen.Node NODE =
            new Seen.Node("n1-id", "n1", "10.0.0.1", true, "linux", "x86_64", Map.of(), Map.of(), true, true);

    /// Nobody answers: what is asked for here hangs on no router.
    private static final class NoRouters implements Routers {
        @Override
        public Reported report(Address address) {
            return new Reported.Unreachable("nobody listens at " + address);
        }

        @Override
        public Pushed push(Address address, String text, Revision revision, long generation) {
            return new Pushed.Unreachable("nobody listens at " + address);
        }

        @Override
        public Ordered order(Address address, Order order) {
            return new Ordered.Unreachable("nobody listens at " + address);
        }
    }

    private final MemorySwarm swarm = new MemorySwarm(new Seen(
            List.of(NODE), List.of(), List.of(), Owned.NOTHING, new TreeMap<>(), Set.of("logroute"), Set.of()));
    private final InstantSource clock = InstantSource.system();
    private final Instruments instruments = new Instruments();
    private final SpecFiles files = new SpecFiles(List.of());
    private final History history = new History(clock);
    private final Bell bell = new Bell();
    private final Passes passes = new Passes();
    private final ControllerMeters meters = new ControllerMeters(instruments, clock);
    private final SwarmReconciler reconciler = new SwarmReconciler(
            swarm,
            new NoRouters(),
            Address::ofService,
            files,
            World.HERE,
            Set.of(),
            RouteTests.UNASKED,
            bell,
            history,
            meters,
            clock);
    private final SwarmOperator operator =
            new SwarmOperator(swarm, reconciler, files, World.HERE, history, bell, passes, clock);
    private final SwarmWatch watch = new SwarmWatch(
            swarm,
            files,
            reconciler,
            new StatusBoard(reconciler, history, clock),
            meters,
            bell,
            passes,
            clock,
            Duration.ofSeconds(5));

    SwarmOperatorTest() {
        watch.start();
    }

    @AfterEach
    void close() {
        watch.close();
        instruments.close();
    }

    private static String route(String name) {
        return """
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: core, to: [away] }
                """.formatted(name);
    }

    /// `docker config create --label logroute.spec=true NAME FILE`.
    private void createByHand(String name, String yaml) {
        swarm.happens(seen -> {
            var specs = new ArrayList<>(seen.specs());
            specs.add(new Seen.SpecConfig(name, new Content(yaml.getBytes(StandardCharsets.UTF_8))));
            return new Seen(
                    seen.nodes(), seen.users(), specs, seen.owned(), seen.states(), seen.networks(), seen.secrets());
        });
    }

    private List<String> specs() throws Exception {
        return swarm.observe().specs().stream().map(Seen.SpecConfig::name).toList();
    }

    private Optional<String> declared() {
        return reconciler.sight().declared().pipeline("core").map(each -> each.text());
    }

    @Test
    void specs_made_by_hand_and_applied_under_the_same_name_are_taken_over() throws Exception {
        createByHand("routes", ROUTER + route("all"));
        assertThat(operator.apply("routes", ROUTER + route("all") + route("more"))
                        .problems())
                .isEmpty();
        assertThat(specs()).singleElement().asString().matches("routes-[0-9a-f]{12}");
        // A pass that takes longer than five seconds is not waited for by apply.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(declared().orElseThrow()).contains("name: all", "name: more"));
        assertThat(reconciler.sight().declared().problems()).isEmpty();
    }

    @Test
    void what_another_config_declares_is_not_stored_and_told_with_how_to_mend_it() throws Exception {
        createByHand("routes", ROUTER + route("all"));
        var done = operator.apply("shop", ROUTER + route("more"));
        var mend =
                "Give --name routes, which takes its place; or rename it here; or remove that first: docker config rm"
                        + " routes.";
        assertThat(done.done()).isEmpty();
        assertThat(done.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "shop:3: metadata.name: LogRouter core is declared already, in config routes. " + mend,
                        "shop:8: metadata.name: LogSink away is declared already, in config routes. " + mend);
        assertThat(specs()).containsExactly("routes");
        assertThat(operator.plan("shop", ROUTER + route("more")).problems()).isEqualTo(done.problems());
    }

    @Test
    void what_was_applied_under_another_name_is_told_by_that_name() throws Exception {
        operator.apply("routes", ROUTER + route("all"));
        var stored = specs().getFirst();
        assertThat(operator.apply("more", route("all")).problems())
                .singleElement()
                .satisfies(
                        problem -> assertThat(problem.mend()).contains("--name routes", "docker config rm " + stored));
        createByHand("Routes.v1", route("other"));
        assertThat(operator.apply("more", route("other")).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.mend())
                        .isEqualTo("Rename it here, or remove that first: docker config rm Routes.v1."));
    }

    @Test
    void a_plan_shows_what_is_no_longer_written_as_applying_it_would_do() throws Exception {
        operator.apply("routes", ROUTER + route("all") + route("more"));
        var plan = operator.plan("routes", ROUTER + route("all"));
        assertThat(plan.problems()).isEmpty();
        assertThat(plan.changes()).contains("-  name: more");
        operator.apply("routes", ROUTER + route("all"));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(declared().orElseThrow()).doesNotContain("name: more"));
        assertThat(operator.plan("routes", ROUTER + route("all")).changes()).isEmpty();
    }

    @Test
    void a_plan_shows_what_a_relay_takes_and_what_it_lacks() throws Exception {
        var relay = """
                apiVersion: logroute/v1
                kind: LogRelay
                metadata: { name: up }
                spec: { swarm: eu1, deploy: { passwordSecret: relay-password } }
                """;
        assertThat(operator.plan("relay", relay).problems().toString()).contains("no secret relay-password");
        swarm.happens(seen -> new Seen(
                seen.nodes(),
                seen.users(),
                seen.specs(),
                seen.owned(),
                seen.states(),
                seen.networks(),
                Set.of("relay-password")));
        assertThat(operator.plan("relay", relay).steps())
                .containsExactly(
                        "create service logroute_relay_up: the redis of relay up",
                        "create service logroute_relay_up_exporter: the exporter of relay up");
        assertThat(swarm.observe().owned().relays()).isEmpty();
        operator.apply("relay", relay);
        assertThat(swarm.observe().owned().relays()).hasSize(2);
        assertThat(operator.keepsRelay("up").toString()).contains("it is declared, and its node");
        assertThat(operator.forgetRelay("up", "alice").problems()).hasSize(1);
        assertThat(operator.forgetRelay("far", "alice").problems().toString())
                .contains("there is no relay far", "Choose one of up");
    }

    @Test
    void a_plan_in_place_of_a_broken_config_has_only_its_own_problems() throws Exception {
        createByHand("routes", ROUTER + route("all") + "---\nkind: nonsense\n");
        assertThat(operator.plan("routes", ROUTER + route("all")).problems()).isEmpty();
    }

    /// `docker service update --label-add`.
    private void label(String service, Map<String, String> labels) {
        swarm.happens(seen -> {
            var users = new ArrayList<>(seen.users());
            users.add(new Seen.UserService(
                    service, Optional.empty(), new TreeMap<>(labels), new TreeMap<>(), Set.of("logroute")));
            return new Seen(
                    seen.nodes(), users, seen.specs(), seen.owned(), seen.states(), seen.networks(), seen.secrets());
        });
    }

    private static List<String> told(List<Problem> problems) {
        return problems.stream().map(Problem::toString).toList();
    }

    @Test
    void what_was_wrong_before_is_told_besides_and_keeps_nothing_from_being_stored() throws Exception {
        createByHand("routes", ROUTER + route("all"));
        createByHand("broken", "kind: nonsense\n");
        label("shop", Map.of("logroute.enable", "true", "logroute.to", "nope"));
        var plan = operator.plan("more", route("more"));
        assertThat(plan.problems()).isEmpty();
        assertThat(plan.steps()).isNotEmpty();
        assertThat(told(plan.besides()))
                .anyMatch(each -> each.startsWith("config broken"))
                .anyMatch(each -> each.startsWith("service shop: logroute.to"));
        assertThat(operator.apply("more", route("more")).problems()).isEmpty();
    }

    @Test
    void a_choice_that_grows_makes_no_new_problem_of_an_old_one() throws Exception {
        createByHand("routes", ROUTER + route("all"));
        label("shop", Map.of("logroute.enable", "true", "logroute.to", "nope"));
        var sink = ROUTER.substring(ROUTER.indexOf("---")).replace("away", "other");
        assertThat(operator.plan("sinks", sink).problems()).isEmpty();
        assertThat(told(operator.plan("sinks", sink).besides()))
                .singleElement()
                .asString()
                .contains("other");
        assertThat(operator.apply("sinks", sink).problems()).isEmpty();
    }

    @Test
    void what_keeps_a_fleet_from_being_placed_keeps_nothing_from_being_stored() throws Exception {
        var nowhere = ROUTER.replace("5044 } } ]", "5044 } } ], deploy: { constraints: [ 'node.role == worker' ] }");
        var plan = operator.plan("routes", nowhere + route("all"));
        assertThat(plan.problems()).isEmpty();
        assertThat(told(plan.besides())).singleElement().asString().contains("node");
        assertThat(operator.apply("routes", nowhere + route("all")).problems()).isEmpty();
    }

    @Test
    void a_second_router_that_makes_labels_ambiguous_is_not_stored() throws Exception {
        createByHand("routes", ROUTER + route("all"));
        label("shop", Map.of("logroute.enable", "true", "logroute.to", "away"));
        var second = ROUTER.substring(0, ROUTER.indexOf("---"))
                .replace("core", "second")
                .replace("5044", "5045");
        var done = operator.apply("second", second);
        assertThat(told(done.problems()))
                .singleElement()
                .asString()
                .startsWith("service shop: logroute.router")
                .contains("there are several routers");
        assertThat(specs()).containsExactly("routes");
        var plan = operator.plan("second", second);
        assertThat(plan.problems()).isEqualTo(done.problems());
        assertThat(plan.steps()).isEmpty();
    }

    @Test
    void a_sink_that_others_name_is_not_taken_away() throws Exception {
        var sink = ROUTER.substring(ROUTER.indexOf("---")).replace("away", "other");
        operator.apply("routes", ROUTER + route("all") + sink);
        operator.apply("more", route("more").replace("away", "other"));
        var done = operator.apply("routes", ROUTER + route("all"));
        assertThat(told(done.problems()))
                .singleElement()
                .asString()
                .contains("LogSink other is no longer declared, and stays as it was");
        assertThat(operator.plan("routes", ROUTER + route("all")).problems()).isEqualTo(done.problems());
    }

    @Test
    void all_that_is_wrong_in_a_text_is_told_at_once() throws Exception {
        createByHand("other", ROUTER);
        var text = ROUTER + route("all").replace("away", "nope") + route("more").replace("to:", "two:");
        var done = operator.apply("routes", text);
        assertThat(told(done.problems()))
                .anyMatch(each -> each.contains("there is no sink \"nope\""))
                .anyMatch(each -> each.contains("two"))
                .anyMatch(each -> each.contains("LogRouter core is declared already, in config other"))
                .noneMatch(each -> each.contains("declared twice"));
        assertThat(operator.plan("routes", text).problems()).isEqualTo(done.problems());
    }

    @Test
    void of_a_text_that_cannot_be_read_nothing_is_told_that_it_would_come_to() throws Exception {
        operator.apply("routes", ROUTER + route("all"));
        operator.apply("more", route("more"));
        assertThat(operator.apply("routes", ROUTER.replace("kind: LogSink", "kind: Nonsense"))
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).contains("Nonsense"));
    }

    /// The swarm remembers an instance of `core`.
    private void remembered(int number, String node, Map<String, String> more) {
        var name = "logroute_core-" + number;
        var labels = new TreeMap<>(Map.of(
                Label.MANAGED_BY, "logroute",
                Label.ROLE, "volume",
                Label.ROUTER, "core",
                Label.INSTANCE, Integer.toString(number),
                Label.NODE, node + "-id",
                Label.HOSTNAME, node,
                Label.STAGE, "serving"));
        labels.putAll(more);
        swarm.happens(seen -> {
            var configs = new TreeMap<>(seen.owned().configs());
            configs.put(
                    name, new OwnedConfig(name, labels, new Content("an instance".getBytes(StandardCharsets.UTF_8))));
            return new Seen(
                    seen.nodes(),
                    seen.users(),
                    seen.specs(),
                    new Owned(configs, seen.owned().services(), seen.owned().secrets()),
                    seen.states(),
                    seen.networks(),
                    seen.secrets(),
                    seen.jobs());
        });
    }

    /// Another machine joins under the same name.
    private void twin(String hostname, String id) {
        swarm.happens(seen -> {
            var nodes = new ArrayList<>(seen.nodes());
            nodes.add(
                    new Seen.Node(id, hostname, "10.0.0.2", false, "linux", "x86_64", Map.of(), Map.of(), true, true));
            return new Seen(
                    nodes,
                    seen.users(),
                    seen.specs(),
                    seen.owned(),
                    seen.states(),
                    seen.networks(),
                    seen.secrets(),
                    seen.jobs());
        });
    }

    private String label(int number, String label) throws Exception {
        var config = swarm.observe().owned().configs().get("logroute_core-" + number);
        return config == null ? "no record" : config.labels().getOrDefault(label, "");
    }

    private List<String> asked() {
        return history.events(Optional.empty(), Optional.empty(), History.ROOM).stream()
                .filter(each -> each.kind() == History.Kind.ASKED)
                .map(each -> each.object() + " " + each.words())
                .toList();
    }

    @Test
    void a_drain_lies_in_the_swarm_with_who_asked_for_it_and_is_taken_back() throws Exception {
        remembered(1, "n1", Map.of());
        var done = operator.drain(new Place.Instance("core", 1), "alice");
        assertThat(done.problems()).isEmpty();
        assertThat(done.done()).containsExactly("core/1: drain, by alice");
        assertThat(done.instances()).containsExactly("core/1");
        assertThat(label(1, Label.STAGE)).isEqualTo("draining");
        assertThat(label(1, Label.WHY)).isEqualTo("operator: asked by alice");
        var again = operator.drain(new Place.Instance("core", 1), "bob");
        assertThat(again.done()).isEmpty();
        assertThat(again.instances()).containsExactly("core/1");
        assertThat(operator.uncordon(new Place.Instance("core", 1), "bob").done())
                .containsExactly("core/1: take events in again, by bob");
        assertThat(label(1, Label.STAGE)).isEqualTo("serving");
        assertThat(asked())
                .containsExactly("instance/core-1 Drain, by alice.", "instance/core-1 Take events in again, by bob.");
    }

    @Test
    void all_of_a_router_or_on_a_node_are_drained_but_those_that_go_anyway_are_not_taken_back() throws Exception {
        remembered(0, "n1", Map.of());
        remembered(1, "n2", Map.of());
        remembered(2, "n1", Map.of(Label.STAGE, "draining", Label.WHY, "scale: 2 are wanted"));
        assertThat(operator.drain(new Place.Node("n2"), "alice").instances()).containsExactly("core/1");
        assertThat(operator.drain(new Place.Fleet("core"), "alice").instances())
                .containsExactly("core/0", "core/1", "core/2");
        assertThat(label(2, Label.WHY)).isEqualTo("scale: 2 are wanted");
        assertThat(label(2, Label.ASKED)).as("it is not taken back").isEqualTo("asked by alice");
        assertThat(asked()).containsExactly("node/n2 Drain, by alice.", "router/core Drain, by alice.");
        var back = operator.uncordon(new Place.Fleet("core"), "alice");
        assertThat(back.problems()).isEmpty();
        assertThat(back.instances()).containsExactly("core/0", "core/1", "core/2");
        assertThat(back.done())
                .containsExactly(
                        "core/0: take events in again, by alice",
                        "core/1: take events in again, by alice",
                        "core/2: it goes on draining (2 are wanted), and is taken back when more instances are wanted than there are");
        assertThat(label(2, Label.STAGE)).isEqualTo("draining");
        assertThat(operator.uncordon(new Place.Instance("core", 2), "alice").problems())
                .singleElement()
                .satisfies(
                        problem -> assertThat(problem.toString())
                                .isEqualTo(
                                        "instance core/2: nobody asked for it to drain: it goes for this reason, scale: 2 are wanted. Declare more instances: it is taken back then."));
    }

    @Test
    void what_there_is_not_cannot_be_drained() throws Exception {
        remembered(0, "n1", Map.of());
        assertThat(told(operator.drain(new Place.Instance("core", 7), "alice").problems()))
                .containsExactly("instance core/7: router core has no instance 7. Choose one of core/0.");
        assertThat(told(operator.drain(new Place.Fleet("other"), "alice").problems()))
                .containsExactly("router other: no instance of it is there. Choose one of: logroute status.");
        assertThat(told(operator.drain(new Place.Node("nn1"), "alice").problems()))
                .containsExactly("node nn1: the swarm has no such node. Did you mean n1?");
        assertThat(told(operator.drain(new Place.Node("elsewhere"), "alice").problems()))
                .containsExactly("node elsewhere: the swarm has no such node. Choose one of: n1.");
    }

    @Test
    void of_two_nodes_of_one_name_none_is_drained_before_one_is_named_by_its_id() throws Exception {
        remembered(0, "n1", Map.of());
        twin("n1", "other-id");
        var done = operator.drain(new Place.Node("n1"), "alice");
        assertThat(told(done.problems()).getFirst())
                .startsWith("node n1: 2 nodes have that name. Name one by its id: ");
        assertThat(label(0, Label.STAGE)).isEqualTo("serving");
    }

    @Test
    void what_is_not_reached_is_forgotten() throws Exception {
        remembered(2, "gone", Map.of(Label.CONTENT, "events=12,bytes=100,letters=0,at=2026-01-01T00:00:00Z"));
        assertThat(operator.forget("core", 2, "alice").done()).containsExactly("core/2 is forgotten, by alice");
        assertThat(label(2, Label.STAGE)).isEqualTo("no record");
        assertThat(asked()).containsExactly("instance/core-2 Forget, by alice.");
        assertThat(told(operator.forget("core", 2, "alice").problems()))
                .containsExactly("instance core/2: router core has no instance 2. Choose one of: logroute status.");
    }

    @Test
    void what_the_swarm_refuses_is_told_with_how_to_mend_it() throws Exception {
        assertThat(operator.apply("no name", ROUTER + route("all")).problems())
                .containsExactly(new Problem(
                        "no name",
                        "\"no name\" cannot name a Docker config",
                        "Use a-z, A-Z, 0-9, ., _ and -, 50 at most, and begin with a letter or digit."));
    }
}
