package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.Stage;
import io.logroute.plan.swarm.Seen;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Fleets that get smaller and larger on three real nodes, under load, by the real image: instances
/// deliver what they have before they go, whoever is killed meanwhile.
@Timeout(1200)
@ResourceLock(SwarmLab.OF_THREE)
@Order(1)
class DrainIT {
    private static final String DELETE = "volumes: delete";

    private static @Nullable LoadedFleet there;

    @BeforeAll
    static void deploy() throws IOException {
        var fleet = new LoadedFleet(SwarmLab.of(3));
        there = fleet;
        fleet.heartbeat("5s"); // no node is lost here
    }

    @AfterAll
    static void clear() {
        if (there != null) {
            there.close();
        }
    }

    private final LoadedFleet fleet = java.util.Objects.requireNonNull(there);

    @Test
    void scaled_from_one_to_three_to_one_while_the_sink_is_away_and_back_all_arrives_and_two_volumes_are_gone()
            throws Exception {
        fleet.rests(1, DELETE);
        fleet.load();
        fleet.goesOn();
        fleet.rests(3, DELETE);
        fleet.goesOn();
        fleet.stops();
        fleet.load();
        fleet.sink.away();
        fleet.awaitTold(
                "each has something to deliver",
                told -> LoadedFleet.events(told, 0) > 0
                        && LoadedFleet.events(told, 1) > 0
                        && LoadedFleet.events(told, 2) > 0);

        fleet.declare(1, DELETE);
        fleet.reaches(1, Stage.DRAINING);
        fleet.reaches(2, Stage.DRAINING);
        fleet.goesOn();
        await("it is told why they wait")
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(fleet.swarm.ask("status")).contains("drain", "es"));
        var waiting = fleet.swarm.seen();
        assertThat(waiting.owned().services())
                .as("what they have is not delivered")
                .hasSize(3);
        assertThat(LoadedFleet.is(waiting, 1, Stage.DRAINING) && LoadedFleet.is(waiting, 2, Stage.DRAINING))
                .isTrue();

        fleet.sink.back();
        var one = fleet.rests(1);
        assertThat(LoadedFleet.holders(one)).containsOnlyKeys(0);
        fleet.goesOn();
        fleet.arrives();
        assertThat(volumes())
                .containsExactly(Map.entry("logroute_core-0", fleet.nodes(one).get(0)));
    }

    @Test
    void scaled_down_and_up_again_in_mid_drain_it_is_taken_back_and_was_never_restarted() throws Exception {
        var two = fleet.rests(2, DELETE);
        int node = Objects.requireNonNull(fleet.nodes(two).get(1));
        fleet.load();
        fleet.goesOn();
        fleet.sink.away();
        fleet.awaitTold("it has something to deliver", told -> LoadedFleet.events(told, 1) > 0);
        var container = container(node, 1);
        fleet.declare(1, DELETE);
        fleet.reaches(1, Stage.DRAINING);
        fleet.goesOn();
        fleet.declare(2, DELETE);
        fleet.reaches(1, Stage.SERVING);
        var client = fleet.load(node);
        client.goesOn();
        assertThat(container(node, 1)).isEqualTo(container);
        fleet.sink.back();
        fleet.arrives();
    }

    @Test
    void drained_by_hand_it_stands_until_it_is_uncordoned_and_nothing_takes_its_place() throws Exception {
        var two = fleet.rests(2, DELETE);
        int node = Objects.requireNonNull(fleet.nodes(two).get(1));
        fleet.load();
        fleet.goesOn();
        assertThat(fleet.swarm.ask("drain", "core/1", "--timeout", "4m")).contains("core/1 is drained");
        fleet.goesOn();
        var drained = fleet.swarm.seen();
        assertThat(LoadedFleet.is(drained, 1, Stage.DRAINED)).isTrue();
        assertThat(drained.owned().services()).hasSize(2);
        assertThat(fleet.swarm.ask("volumes")).contains("core/1", "drained");
        assertThat(fleet.swarm.ask("uncordon", "core/1")).contains("core/1");
        fleet.reaches(1, Stage.SERVING);
        fleet.load(node).goesOn();
        fleet.arrives();
    }

    @Test
    void a_volume_that_is_retained_is_kept_empty_and_used_again() throws Exception {
        var two = fleet.rests(2, "volumes: retain");
        int node = Objects.requireNonNull(fleet.nodes(two).get(1));
        fleet.load();
        fleet.goesOn();
        fleet.rests(1, "volumes: retain");
        assertThat(LoadedFleet.is(fleet.swarm.seen(), 1, Stage.KEPT)).isTrue();
        assertThat(fleet.volumes(node)).contains("logroute_core-1");
        fleet.goesOn();
        var again = fleet.rests(2, "volumes: retain");
        assertThat(fleet.nodes(again)).containsEntry(1, node);
        fleet.load(node).goesOn();
        fleet.arrives();
        assertThat(LoadedFleet.holders(again)).containsOnlyKeys(0, 1);
    }

    @Test
    void a_controller_that_is_killed_at_each_stage_is_followed_by_one_that_goes_on() throws Exception {
        var two = fleet.rests(2, DELETE);
        int node = Objects.requireNonNull(fleet.nodes(two).get(1));
        fleet.load();
        fleet.goesOn();
        fleet.sink.away();
        fleet.awaitTold("it has something to deliver", told -> LoadedFleet.events(told, 1) > 0);
        fleet.declare(1, DELETE);
        fleet.reaches(1, Stage.DRAINING);
        fleet.swarm.killController();
        fleet.goesOn();
        fleet.sink.back();
        fleet.swarm.until("it is drained", seen -> !LoadedFleet.is(seen, 1, Stage.DRAINING));
        fleet.swarm.killController();
        fleet.swarm.until("its service is gone", DrainIT::isWithoutService);
        fleet.swarm.killController();
        fleet.swarm.until("its volume is being removed", seen -> !seen.jobs().isEmpty() || isForgotten(seen));
        fleet.swarm.killController();
        fleet.isGone(1, node);
        fleet.rests(1);
        fleet.goesOn();
        fleet.arrives();
    }

    private static boolean isWithoutService(Seen seen) {
        return !seen.owned().services().containsKey(LoadedFleet.service(1));
    }

    private static boolean isForgotten(Seen seen) {
        return !LoadedFleet.holders(seen).containsKey(1);
    }

    @Test
    void another_image_of_routers_and_of_the_controller_is_rolled_out_under_load() throws Exception {
        fleet.rests(2, DELETE);
        fleet.lab.tag("logroute:dev", "logroute:next");
        fleet.load();
        fleet.goesOn();
        fleet.rests(2, DELETE + ", image: \"logroute:next\"");
        assertThat(fleet.swarm.seen().owned().services().values())
                .allSatisfy(each -> assertThat(each.image()).isEqualTo("logroute:next"));
        fleet.goesOn();
        fleet.lab.insist(
                1, "service", "update", "-d", "--no-resolve-image", "--image", "logroute:next", "logroute_controller");
        await("the next controller runs")
                .atMost(OnSwarm.PATIENCE)
                .untilAsserted(() -> assertThat(fleet.lab.docker(
                                1,
                                "service",
                                "ps",
                                "-f",
                                "desired-state=running",
                                "--format",
                                "{{.Image}} {{.CurrentState}}",
                                "logroute_controller"))
                        .startsWith("logroute:next Running"));
        fleet.swarm.controllerAnswers();
        fleet.vary();
        fleet.swarm.runs(fleet.declare(2, DELETE + ", image: \"logroute:next\""));
        fleet.goesOn();
        fleet.arrives();
    }

    private String container(int node, int instance) {
        return fleet.lab.docker(
                node, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + LoadedFleet.service(instance));
    }

    /// The volumes of instances, with their nodes.
    private Map<String, Integer> volumes() {
        var volumes = new TreeMap<String, Integer>();
        for (int node : List.of(1, 2, 3)) {
            fleet.volumes(node).forEach(each -> volumes.put(each, node));
        }
        return volumes;
    }
}
