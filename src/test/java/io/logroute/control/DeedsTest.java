package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.plan.RouteTests;
import io.logroute.plan.Stage;
import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Holder;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import io.logroute.plan.swarm.Wishes;
import io.logroute.plan.swarm.World;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.remote.Routers;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.telemetry.Instruments;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a controller does to instances that are to go, while routers do as they please.
class DeedsTest {
    private final LivingSwarm swarm = new LivingSwarm(new World(3, _ -> false), _ -> {});
    /// The controller's clock is ahead of the time by that.
    private Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> swarm.world.now.plus(ahead);
    private final Set<String> deaf = new HashSet<>();
    private final Set<String> old = new HashSet<>();
    /// Happens once an instance that is drained was asked how it does.
    private Runnable onceAsked = () -> {};

    private final Routers routers = new Routers() {
        @Override
        public Reported report(Address address) {
            var told = swarm.report(address);
            if (stage(address.host()) == Stage.DRAINED) {
                onceAsked.run();
            }
            return told;
        }

        @Override
        public Pushed push(Address address, String text, Revision revision, long generation) {
            return swarm.push(address, text, revision, generation);
        }

        @Override
        public Ordered order(Address address, Order order) {
            if (old.contains(address.host())) {
                return new Ordered.KnowsNone();
            }
            return deaf.contains(address.host())
                    ? new Ordered.NotNow("another change is under way")
                    : swarm.order(address, order);
        }
    };

    private final SwarmReconciler controller = new SwarmReconciler(
            swarm,
            routers,
            Address::ofService,
            new SpecFiles(List.of()),
            World.HERE,
            Set.of(),
            RouteTests.UNASKED,
            new Bell(),
            new History(clock),
            new ControllerMeters(new Instruments(), clock),
            clock,
            Runnable::run);

    private Stage stage(String service) {
        return Holder.of(swarm.world.seen.owned(), "core").values().stream()
                .filter(each -> each.name().equals(service))
                .map(Holder::stage)
                .findFirst()
                .orElse(Stage.SERVING);
    }

    private Set<String> services() {
        return swarm.world.seen.owned().services().keySet();
    }

    private void declare(int replicas) {
        var yaml = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { beats: { port: 5044 } } ], deploy: { replicas: %d, networks: [core] } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { discard: {} }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [ { sink: es } ] }
                """.formatted(replicas);
        var seen = swarm.world.seen;
        swarm.world.seen = new Seen(
                seen.nodes(),
                seen.users(),
                List.of(new Seen.SpecConfig("routes", new Content(yaml.getBytes(StandardCharsets.UTF_8)))),
                seen.owned(),
                seen.states(),
                seen.networks(),
                seen.secrets(),
                seen.jobs());
    }

    private void settle() throws SwarmUnreachable {
        for (int i = 0; i < 12; i++) {
            controller.pass();
            swarm.settle();
        }
    }

    @Test
    void a_service_stays_when_its_router_says_just_before_that_events_came_in() throws SwarmUnreachable {
        declare(2);
        settle();
        declare(1);
        onceAsked = () -> {
            onceAsked = () -> {};
            swarm.world.holds("logroute_core-1", 5, 0);
        };
        settle();
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-1");
        assertThat(stage("logroute_core-1")).isEqualTo(Stage.DRAINING);
        swarm.world.holds("logroute_core-1", 0, 0);
        settle();
        assertThat(services()).containsExactly("logroute_core-0");
    }

    @Test
    void a_clock_that_is_set_back_brings_nothing_back_that_was_told_before() throws SwarmUnreachable, OutOfDate {
        ahead = Duration.ofMinutes(4);
        declare(2);
        settle();
        wished(Wishes.drain(swarm.world.seen, "core", 1, "ops", clock.instant()));
        settle();
        assertThat(stage("logroute_core-1")).isEqualTo(Stage.DRAINED);
        ahead = Duration.ZERO;
        wished(Wishes.uncordon(swarm.world.seen, "core", 1, clock.instant()));
        settle();
        swarm.world.holds("logroute_core-1", 1000, 0);
        declare(1);
        settle();
        assertThat(services()).as("it holds events").containsExactly("logroute_core-0", "logroute_core-1");
        assertThat(stage("logroute_core-1")).isEqualTo(Stage.DRAINING);
        swarm.world.holds("logroute_core-1", 0, 0);
        settle();
        assertThat(services()).containsExactly("logroute_core-0");
    }

    private void wished(Wishes.Answer answer) throws OutOfDate {
        assertThat(answer).isInstanceOf(Wishes.Answer.Granted.class);
        for (var step : ((Wishes.Answer.Granted) answer).steps()) {
            swarm.world.apply(step);
        }
    }

    @Test
    void an_instance_that_does_not_do_as_it_is_told_holds_up_no_other() throws SwarmUnreachable {
        declare(3);
        settle();
        deaf.add("logroute_core-1");
        declare(1);
        settle();
        assertThat(services()).containsExactly("logroute_core-0", "logroute_core-1");
        assertThat(controller.sight().troubles(new SwarmReconciler.Owner.OfRouter("core")))
                .singleElement()
                .asString()
                .contains("instance logroute_core-1: tell logroute_core-1 to take nothing in", "It is tried again.");
        deaf.clear();
        settle();
        assertThat(services()).containsExactly("logroute_core-0");
    }

    @Test
    void an_image_that_knows_no_orders_is_told_as_that() throws SwarmUnreachable {
        declare(2);
        settle();
        old.add("logroute_core-1");
        declare(1);
        settle();
        assertThat(controller.sight().troubles(new SwarmReconciler.Owner.OfRouter("core")))
                .singleElement()
                .asString()
                .isEqualTo(
                        "instance logroute_core-1: tell logroute_core-1 to take nothing in and deliver what it has: its image logroute:1 knows no orders. Give router core a newer image.");
    }

    @Test
    void what_the_swarm_says_pass_after_pass_is_told() throws SwarmUnreachable {
        declare(1);
        swarm.outdated =
                step -> step instanceof Step.CreateConfig && step.object().equals("config/logroute_core-0");
        controller.pass();
        assertThat(controller.sight().troubles()).as("it happens").isEmpty();
        controller.pass();
        assertThat(controller.sight().troubles(new SwarmReconciler.Owner.OfRouter("core")))
                .singleElement()
                .asString()
                .startsWith("config/logroute_core-0: create config logroute_core-0: ")
                .endsWith("docker config rm logroute_core-0.");
        swarm.outdated = _ -> false;
        settle();
        assertThat(controller.sight().troubles()).isEmpty();
    }

    @Test
    void what_is_to_be_forgotten_goes_whatever_it_holds() throws SwarmUnreachable, OutOfDate {
        declare(2);
        settle();
        swarm.world.holds("logroute_core-1", 5, 0);
        declare(1);
        settle();
        assertThat(services()).hasSize(2);
        wished(Wishes.forget(swarm.world.seen, "core", 1));
        settle();
        assertThat(services()).containsExactly("logroute_core-0");
        assertThat(swarm.world.seen.owned().configs()).doesNotContainKey("logroute_core-1");
    }
}
