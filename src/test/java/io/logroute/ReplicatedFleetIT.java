package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.testbed.SwarmLab;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A router that keeps what it accepted on the three NATS servers of `examples/replicated-buffer`, which run
/// on three real nodes as its stack file says.
@Timeout(1200)
@ResourceLock(SwarmLab.OF_THREE)
@Order(9)
class ReplicatedFleetIT {
    private static final String ROUTER = "logroute_core-0";
    private static final String STREAM = "LOGROUTE_core-0";

    private final SwarmLab lab = SwarmLab.of(3);

    @Test
    void the_node_with_the_router_and_the_leader_of_its_stream_burns_and_every_acknowledged_event_arrives()
            throws Exception {
        try (var fleet = new LoadedFleet(lab)) {
            lab.insist(1, "network", "create", "-d", "overlay", "--attachable", "logs");
            everyNode().forEach(this::takesNats);
            lab.deploy("nats", Path.of("examples/replicated-buffer/nats/stack.yml"), Map.of("NATS_IMAGE", lab.nats()));
            fleet.keeps("jetstream: { servers: [\"nats://nats:4222\"] }");
            // The controller is on node 1, and stays.
            var seen = fleet.rests(1, "networks: [logs], constraints: [node.hostname != n1]");
            var service = seen.owned().services().get(ROUTER);
            assertThat(service).extracting(RouterService::volume).isEqualTo(RouterService.Volume.NONE);
            fleet.load();
            fleet.goesOn();
            fleet.sink.away();
            fleet.awaitTold("it has something to deliver", told -> LoadedFleet.events(told, 0) > 0);

            int node = node(seen).orElseThrow();
            leads(node);
            fleet.goesOn();
            var id = lab.id(node);
            lab.burn(node);
            fleet.swarm.until(
                    "the router runs elsewhere",
                    each -> node(each).filter(other -> other != node).isPresent());
            fleet.goesOn();
            fleet.sink.back();
            fleet.arrives();
            assertThat(fleet.volumes(1)).as("it has no volume").isEmpty();

            lab.remove(node, id);
            lab.join(node);
            takesNats(node);
            fleet.rests(1);
            fleet.load();
            await("the third server has all again")
                    .atMost(OnSwarm.PATIENCE)
                    .ignoreExceptions() // its container is about to start
                    .until(() -> servers() == 3);
            fleet.arrives();
        }
    }

    private IntStream everyNode() {
        return IntStream.rangeClosed(1, lab.nodes());
    }

    private void takesNats(int node) {
        lab.insist(1, "node", "update", "--label-add", "nats=true", lab.id(node));
    }

    /// The node that the router's container runs on.
    private Optional<Integer> node(Seen seen) {
        return seen.states().getOrDefault(ROUTER, Seen.State.NEW).tasks().stream()
                .filter(Seen.Task::running)
                .flatMap(task -> everyNode()
                        .filter(lab::isUp)
                        .filter(node -> lab.id(node).equals(task.node()))
                        .boxed())
                .findFirst();
    }

    /// Has the server on that node lead the stream.
    private void leads(int node) {
        await("the server on node " + node + " leads the stream")
                .atMost(OnSwarm.PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    if (leader(node).filter(("n" + node)::equals).isPresent()) {
                        return true;
                    }
                    inNats(
                            node,
                            "printf 'CONNECT {}\\r\\nPUB $JS.API.STREAM.LEADER.STEPDOWN.%s none 0\\r\\n\\r\\n' | nc -w 2 127.0.0.1 4222"
                                    .formatted(STREAM));
                    return false;
                });
    }

    private Optional<String> leader(int node) {
        return cluster(node).map(cluster -> String.valueOf(cluster.get("leader")));
    }

    /// Servers that have all of the stream, as the one knows that leads it.
    private int servers() {
        var leader = leader(1).orElse("n1");
        return cluster(Integer.parseInt(leader.substring(1)))
                .map(cluster -> 1
                        + (int) list(cluster, "replicas").stream()
                                .filter(each ->
                                        each instanceof Map<?, ?> other && Boolean.TRUE.equals(other.get("current")))
                                .count())
                .orElse(0);
    }

    /// What the server on that node says of the stream's cluster.
    private Optional<Map<?, ?>> cluster(int node) {
        var answer = inNats(
                node, "printf 'GET /jsz?accounts=true&streams=true HTTP/1.0\\r\\n\\r\\n' | nc -w 5 127.0.0.1 8222");
        var body = answer.substring(Math.max(answer.indexOf('{'), 0)).getBytes(StandardCharsets.UTF_8);
        return Json.parse(body, 0, body.length).get("account_details") instanceof List<?> accounts
                ? accounts.stream()
                        .flatMap(account -> list(account, "stream_detail").stream())
                        .filter(stream -> stream instanceof Map<?, ?> map && STREAM.equals(map.get("name")))
                        .<Map<?, ?>>mapMulti((stream, next) -> {
                            if (((Map<?, ?>) stream).get("cluster") instanceof Map<?, ?> cluster) {
                                next.accept(cluster);
                            }
                        })
                        .findFirst()
                : Optional.empty();
    }

    private static List<?> list(Object map, String key) {
        return map instanceof Map<?, ?> values && values.get(key) instanceof List<?> list ? list : List.of();
    }

    private String inNats(int node, String script) {
        var ids = lab.lines(node, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=nats_nats");
        assertThat(ids).as("the NATS server of node %d", node).isNotEmpty();
        return lab.docker(node, "exec", ids.getFirst(), "sh", "-c", script);
    }
}
