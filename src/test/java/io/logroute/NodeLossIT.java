package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.Stage;
import io.logroute.plan.swarm.Holder;
import io.logroute.plan.swarm.Seen;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Nodes of three that are lost, for a while or for good, each with an instance that has something to
/// deliver: another one takes its place, and what it has is delivered when it is back, or told by
/// number.
@Timeout(1200)
@ResourceLock(SwarmLab.OTHER_OF_THREE)
@Order(Integer.MAX_VALUE - 1)
class NodeLossIT {
    private static final String DELETE = "volumes: delete";
    /// It is `nodeLossTimeout` of the fleet, 5 s, and 10 s, and what Swarm takes to find a node down;
    /// more on a machine that has much else to do. What nobody set would be 5 minutes.
    private static final Duration SOON_ENOUGH = Duration.ofSeconds(90);

    private static @Nullable LoadedFleet there;

    @BeforeAll
    static void deploy() throws IOException {
        there = new LoadedFleet(SwarmLab.other(3));
    }

    @AfterAll
    static void clear() {
        if (there != null) {
            there.close();
        }
    }

    private final LoadedFleet fleet = java.util.Objects.requireNonNull(there);
    /// The instance that is lost, its node, and a node that has none.
    private int lost;

    private int node;
    private int spare;
    private String spareId = "";

    /// Two instances, one of them on another node than the controller's.
    private void two() throws IOException {
        var seen = fleet.rests(2, DELETE);
        var nodes = fleet.nodes(seen);
        var victim = nodes.entrySet().stream()
                .filter(each -> each.getValue() != 1)
                .findFirst()
                .orElseThrow();
        lost = victim.getKey();
        node = victim.getValue();
        spare = IntStream.of(1, 2, 3)
                .filter(each -> !nodes.containsValue(each))
                .findFirst()
                .orElseThrow();
        spareId = fleet.lab.id(spare);
    }

    @AfterEach
    void every_node_is_back() {
        fleet.swarm.until(
                "all nodes are up",
                seen -> seen.nodes().size() == 3
                        && seen.nodes().stream().allMatch(each -> each.ready() && each.active()));
    }

    private void holds() throws Exception {
        fleet.load();
        fleet.goesOn();
        fleet.sink.away();
        fleet.awaitTold("it has something to deliver", told -> LoadedFleet.events(told, lost) > 0);
    }

    /// Waits until another one serves in the place of the one that is lost.
    private Seen substituted() {
        return fleet.swarm.until("another one takes its place", seen -> {
            var other = substitute(seen);
            return other != null
                    && seen.states().containsKey(other.name())
                    && seen.states().get(other.name()).runs();
        });
    }

    private @Nullable Holder substitute(Seen seen) {
        return LoadedFleet.holders(seen).values().stream()
                .filter(each -> each.stage() == Stage.SERVING && each.node().equals(spareId))
                .findFirst()
                .orElse(null);
    }

    private void tookItsTime(long begun) {
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .as("until a container of the other one ran")
                .isLessThan(SOON_ENOUGH);
    }

    /// The one that was lost delivers what it has, and goes with its volume.
    private void goes() throws Exception {
        fleet.isGone(lost, node);
        fleet.rests(2);
        fleet.goesOn();
        fleet.arrives();
    }

    @Test
    void a_node_that_is_killed_and_back_gives_up_what_it_had_and_another_one_took_its_place() throws Exception {
        two();
        holds();
        long begun = System.nanoTime();
        fleet.swarm.kill(node);
        substituted();
        tookItsTime(begun);
        fleet.goesOn();
        fleet.sink.back();
        var down = fleet.swarm.seen();
        assertThat(LoadedFleet.is(down, lost, Stage.DRAINING)).isTrue();
        assertThat(Objects.requireNonNull(LoadedFleet.holders(down).get(lost)).away())
                .isPresent();
        assertThat(fleet.swarm.ask("volumes")).contains("core/" + lost);
        fleet.swarm.start(node);
        goes();
    }

    /// For a while both are alive, each on a volume of its own.
    @Test
    void a_link_that_is_cut_and_healed_is_no_loss_though_the_controller_is_killed_at_every_stage() throws Exception {
        two();
        holds();
        fleet.lab.cut(node);
        try {
            fleet.swarm.until(
                    "its node is away",
                    seen -> Objects.requireNonNull(LoadedFleet.holders(seen).get(lost))
                            .away()
                            .isPresent());
            fleet.swarm.killController();
            fleet.swarm.until("another one is to take its place", seen -> substitute(seen) != null);
            fleet.swarm.killController();
            substituted();
            fleet.goesOn();
            assertThat(fleet.lab.lines(node, "ps", "-q", "--filter", "name=" + LoadedFleet.service(lost)))
                    .as("it runs on, cut off")
                    .hasSize(1);
        } finally {
            fleet.lab.heal(node);
        }
        fleet.swarm.until(
                "its node is back",
                seen -> Objects.requireNonNull(LoadedFleet.holders(seen).get(lost))
                        .away()
                        .isEmpty());
        fleet.swarm.killController();
        fleet.sink.back();
        goes();
    }

    @Test
    void a_node_that_an_admin_drains_is_as_one_that_is_away_until_it_is_active_again() throws Exception {
        two();
        holds();
        fleet.lab.availability(node, "drain");
        substituted();
        fleet.goesOn();
        fleet.sink.back();
        assertThat(fleet.volumes(node)).contains(LoadedFleet.service(lost));
        fleet.awaitTold(
                "what it has is told", told -> told.containsKey((long) lost) && LoadedFleet.events(told, lost) > 0);
        fleet.lab.availability(node, "active");
        goes();
    }

    @Test
    void of_a_node_that_burns_exactly_what_it_had_not_delivered_is_missing_and_told_by_number_until_it_is_forgotten()
            throws Exception {
        two();
        var onIt = fleet.load(node);
        var elsewhere = fleet.load(IntStream.of(1, 2, 3)
                .filter(each -> each != node && each != spare)
                .toArray());
        fleet.goesOn();
        fleet.sink.away();
        onIt.goesOn();
        elsewhere.goesOn();
        var itsEvents = onIt.finish();
        fleet.stops();
        long undelivered = fleet.sink.missing(itsEvents).cardinality();
        assertThat(undelivered).isPositive();
        fleet.awaitTold("its number is known", told -> LoadedFleet.events(told, lost) == undelivered);

        var id = fleet.lab.id(node);
        fleet.lab.burn(node);
        fleet.lab.remove(node, id);
        substituted();
        fleet.awaitTold("it is told what it had", told -> {
            var volume = told.getOrDefault((long) lost, Map.of());
            return LoadedFleet.events(told, lost) == undelivered && Boolean.FALSE.equals(volume.get("now"));
        });
        await("it is a problem")
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(fleet.swarm.ask("status")).contains(undelivered + " event"));
        fleet.sink.back();
        fleet.load(IntStream.of(1, 2, 3).filter(each -> each != node).toArray());
        fleet.goesOn();
        fleet.stops();
        await("all else is delivered")
                .atMost(OnSwarm.PATIENCE)
                .untilAsserted(() -> assertThat(fleet.missing()).isEqualTo(fleet.sink.missing(itsEvents)));
        assertThat(fleet.missing().cardinality()).isEqualTo(undelivered);
        fleet.givesUp();

        assertThat(fleet.swarm.ask("forget", "core/" + lost)).contains("Nothing was forgotten", undelivered + " event");
        assertThat(LoadedFleet.holders(fleet.swarm.seen())).containsKey(lost);
        assertThat(fleet.swarm.ask("forget", "core/" + lost, "--yes")).contains("core/" + lost);
        fleet.swarm.until("it is forgotten", seen -> !LoadedFleet.holders(seen).containsKey(lost));
        fleet.rests(2);
        fleet.lab.join(node);
        fleet.rests(2);
    }
}
