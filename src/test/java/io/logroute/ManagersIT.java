package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.testbed.SwarmLab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Three managers, the controller on one of them, and that one dies.
@Timeout(1800)
@ResourceLock(SwarmLab.OTHER_OF_THREE)
@Order(Integer.MAX_VALUE)
class ManagersIT {
    private final SwarmLab lab = SwarmLab.other(3);

    @TempDir
    Path folder;

    /// First with the link key in a secret: nobody but the controller notices. Then without it: the
    /// controller makes a new key on its next node, and routers get it one after the other, but the one whose
    /// node died with it, which gets it when it is back.
    @Test
    void the_leader_dies_with_the_controller_and_nothing_is_lost_with_the_link_key_in_a_secret_or_without_it()
            throws Exception {
        // A node that has not found the next leader within three of them is given up, and its routers restarted; it
        // may wait for 8 s between two tries.
        lab.insist(1, "swarm", "update", "--dispatcher-heartbeat", "5s");
        var key = Files.writeString(folder.resolve("key"), "0123456789abcdef".repeat(4));
        lab.docker(1, "secret", "create", "logroute_link_key", key.toString());
        int elastic = LogRouteProcess.freePort();
        lab.reach(elastic);
        // The controller starts where the leader is, and routers on the two others.
        availability("drain", 2, 3);
        try (var receiver = new BulkReceiver(elastic);
                var swarm = new OnSwarm(lab, "logroute.yml", "with-link-key.yml")) {
            availability("active", 2, 3);
            lab.insist(1, "node", "update", "--label-add", "logs=true", node(2));
            lab.insist(1, "node", "update", "--label-add", "logs=true", node(3));
            assertThat(swarm.controller().orElseThrow().getKey()).isEqualTo(1);
            swarm.runs(declare(swarm, 1, elastic));
            try (var client = new NumberingClient(List.of(lab.address(2), lab.address(3)), 5044)) {
                client.goesOn();
                int broken = client.broken();
                var before = swarm.seen();

                swarm.kill(1);
                swarm.lookFrom(2);
                client.goesOn();
                var elsewhere = moved(swarm, 1);
                swarm.runs(declare(swarm, 2, elastic));
                client.goesOn();
                assertThat(client.broken()).as("routers noticed nothing").isEqualTo(broken);
                assertThat(versions(swarm.seen())).isEqualTo(versions(before));
                swarm.start(1);
                allReady(swarm);
                swarm.runs(declare(swarm, 3, elastic));
                assertThat(versions(swarm.seen())).isEqualTo(versions(before));

                var theirs = links(swarm.seen());
                lab.insist(
                        elsewhere,
                        "service",
                        "update",
                        "-d",
                        "--no-resolve-image",
                        "--secret-rm",
                        "logroute_link_key",
                        "--constraint-add",
                        "node.labels.logs == true",
                        "logroute_controller");
                swarm.until(
                        "routers have the key that the controller made",
                        seen -> !links(seen).containsAll(theirs) && quiet(seen));
                swarm.controllerAnswers();
                int victim = swarm.controller().orElseThrow().getKey();
                int other = IntStream.of(1, 2, 3)
                        .filter(node -> node != victim)
                        .max()
                        .orElseThrow();
                var made = links(swarm.seen());
                swarm.kill(victim);
                swarm.lookFrom(other);
                moved(swarm, victim);
                swarm.until(
                        "the routers that are up have the next key",
                        seen -> upOnes(seen).stream()
                                .noneMatch(each -> made.contains(each.secrets().get("logroute-link"))));
                var fourth = declare(swarm, 4, elastic);
                swarm.runs(fourth);
                client.goesOn();
                swarm.start(victim);
                allReady(swarm);
                swarm.until(
                        "the one that was down has it, too", seen -> links(seen).size() == 1 && quiet(seen));
                swarm.runs(declare(swarm, 5, elastic));
                client.goesOn();
                var sent = client.finish();
                await("all that was acknowledged is delivered")
                        .atMost(OnSwarm.PATIENCE)
                        .until(() -> receiver.missing(sent).isEmpty());
            }
            lab.insist(2, "node", "update", "--label-add", "logs=true", node(1));
            var all = swarm.until(
                    "a node that gets the label gets an instance",
                    seen -> seen.owned().services().size() == 3 && quiet(seen));
            assertThat(all.owned().services().values())
                    .extracting(RouterService::node)
                    .containsExactlyInAnyOrder(node(1), node(2), node(3));
        }
    }

    private PipelineDefinition declare(OnSwarm swarm, int variant, int elastic) {
        var yaml = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: 0.0.0.0, port: 5044 } } ]
                  deploy: { perNode: true, publish: [5044], constraints: ["node.labels.logs == true"] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["http://%s:%d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, filters: [ { set: { fields: { variant: %d } } } ], to: [ { sink: es } ] }
                """.formatted(lab.host(), elastic, variant);
        // A manager may have to be waited for: the leader is being chosen.
        await("specs are stored").atMost(OnSwarm.PATIENCE).ignoreExceptions().until(() -> {
            swarm.declare("core", yaml);
            return true;
        });
        return OnSwarm.pipeline("core", yaml);
    }

    private void availability(String availability, int... nodes) {
        for (int node : nodes) {
            lab.insist(1, "node", "update", "--availability", availability, node(node));
        }
    }

    private String node(int node) {
        return lab.docker(node, "info", "--format", "{{.Swarm.NodeID}}").strip();
    }

    /// Waits until the controller answers from another node.
    ///
    /// @return which
    private static int moved(OnSwarm swarm, int from) {
        await("the controller is elsewhere")
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() ->
                        swarm.controller().filter(each -> each.getKey() != from).isPresent());
        swarm.controllerAnswers();
        return swarm.controller().orElseThrow().getKey();
    }

    private static void allReady(OnSwarm swarm) {
        swarm.until(
                "all nodes are up",
                seen -> seen.nodes().size() == 3 && seen.nodes().stream().allMatch(Seen.Node::ready));
    }

    private static Map<String, Long> versions(Seen seen) {
        return seen.states().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, each -> each.getValue().version(), (a, _) -> a, TreeMap::new));
    }

    private static Collection<RouterService> upOnes(Seen seen) {
        return seen.owned().services().values().stream()
                .filter(each -> seen.nodes().stream().anyMatch(node -> node.id().equals(each.node()) && node.ready()))
                .toList();
    }

    private static java.util.Set<String> links(Seen seen) {
        return seen.owned().services().values().stream()
                .map(each -> each.secrets().getOrDefault("logroute-link", ""))
                .collect(Collectors.toSet());
    }

    private static boolean quiet(Seen seen) {
        return seen.states().values().stream()
                .noneMatch(each -> each.update().phase().underWay());
    }
}
