package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Stage;
import io.logroute.plan.swarm.Holder;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// The fleet `core` on a swarm of three nodes, clients that number what they send, and the sink, which
/// may be away. The controller is on node 1 and stays there; each instance publishes its port, so no
/// node has two that run.
final class LoadedFleet implements AutoCloseable {
    private static final int PORT = 5044;
    /// Numbers of one client, at most.
    private static final int SHARE = 20_000_000;

    final SwarmLab lab;
    final OnSwarm swarm;
    final BulkReceiver sink;
    private final int elastic = LogRouteProcess.freePort();
    private final List<NumberingClient> clients = new ArrayList<>();
    private final BitSet acknowledged = new BitSet();
    private final Duration pause;
    private int begun;
    private int variant;
    private String buffer = "maxBytes: 256MiB";

    /// @param lab of three nodes
    LoadedFleet(SwarmLab lab) throws IOException {
        this(lab, NumberingClient.PAUSE, "logroute.yml", "../src/test/resources/swarm/controller-on-n1.yml");
    }

    /// @param pause of each client between two windows
    /// @param files of `deploy/`
    LoadedFleet(SwarmLab lab, Duration pause, String... files) throws IOException {
        this.lab = lab;
        this.pause = pause;
        heartbeat("2s");
        lab.reach(elastic);
        sink = new BulkReceiver(elastic);
        swarm = new OnSwarm(lab, files);
    }

    /// How often nodes tell Swarm that they live. One that did not for three times as long is down to
    /// it, be it only slow.
    void heartbeat(String every) {
        lab.insist(1, "swarm", "update", "--dispatcher-heartbeat", every);
    }

    // ---- what is declared

    /// @param deploy more that stands under `deploy:`, such as `volumes: delete`
    PipelineDefinition declare(int replicas, String deploy) {
        var yaml = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: 0.0.0.0, port: %1$d } } ]
                  buffer: { %7$s }
                  deploy: { replicas: %2$d, publish: [%1$d], nodeLossTimeout: 5s, %3$s }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: ["http://%4$s:%5$d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, filters: [ { set: { fields: { variant: %6$d } } } ], to: [ { sink: es } ] }
                """.formatted(PORT, replicas, deploy, lab.host(), elastic, variant, buffer);
        // A manager may have to be waited for: the leader is being chosen.
        await("specs are stored").atMost(OnSwarm.PATIENCE).ignoreExceptions().until(() -> {
            swarm.declare("core", yaml);
            return true;
        });
        return OnSwarm.pipeline("core", yaml);
    }

    /// From the next declaration on its buffer is that.
    void keeps(String buffer) {
        this.buffer = buffer;
    }

    /// The same with another filter.
    void vary() {
        variant++;
    }

    /// Declares so many and waits until so many serve, and nothing else is there but volumes that are
    /// kept.
    Seen rests(int replicas, String deploy) throws IOException {
        sink.back();
        swarm.runs(declare(replicas, deploy));
        return rests(replicas);
    }

    Seen rests(int replicas) {
        return swarm.until("%d serve, and nothing is on its way".formatted(replicas), seen -> {
            var holders = holders(seen).values();
            return seen.owned().services().size() == replicas
                    && seen.jobs().isEmpty()
                    && holders.stream()
                                    .filter(each -> each.stage() == Stage.SERVING)
                                    .count()
                            == replicas
                    && holders.stream()
                            .allMatch(each ->
                                    each.stage() == Stage.SERVING && each.away().isEmpty()
                                            || each.stage() == Stage.KEPT)
                    && seen.states().values().stream()
                            .allMatch(each ->
                                    each.runs() && !each.update().phase().underWay());
        });
    }

    // ---- what is there

    static SortedMap<Integer, Holder> holders(Seen seen) {
        return Holder.of(seen.owned(), "core");
    }

    static boolean is(Seen seen, int instance, Stage stage) {
        var holder = holders(seen).get(instance);
        return holder != null && holder.stage() == stage;
    }

    /// Waits until an instance is at this stage.
    Seen reaches(int instance, Stage stage) {
        return swarm.until("core/%d is %s".formatted(instance, stage), seen -> is(seen, instance, stage));
    }

    /// Waits until nothing is left of an instance, nor of its volume.
    Seen isGone(int instance, int node) {
        var seen = swarm.until(
                "core/%d is gone".formatted(instance),
                each -> !holders(each).containsKey(instance)
                        && !each.owned().services().containsKey(service(instance))
                        && each.jobs().isEmpty());
        assertThat(volumes(node)).doesNotContain(service(instance));
        return seen;
    }

    static String service(int instance) {
        return "logroute_core-" + instance;
    }

    /// The nodes of those that run by now, by instance.
    SortedMap<Integer, Integer> nodes(Seen seen) {
        var nodes = new TreeMap<Integer, Integer>();
        for (var each : seen.owned().services().values()) {
            nodes.put(each.instance(), node(each));
        }
        return nodes;
    }

    int node(RouterService service) {
        return IntStream.rangeClosed(1, lab.nodes())
                .filter(lab::isUp)
                .filter(node -> lab.id(node).equals(service.node()))
                .findFirst()
                .orElse(0);
    }

    List<String> volumes(int node) {
        return lab.lines(node, "volume", "ls", "-q", "--filter", "name=logroute_core");
    }

    /// What `logroute volumes` tells, by instance; nothing while no controller answers.
    Map<Long, Map<?, ?>> told() {
        var told = new TreeMap<Long, Map<?, ?>>();
        var said = swarm.controller().isEmpty() ? "" : swarm.ask("volumes", "-o", "json");
        if (said.startsWith("[")) {
            var json = said.getBytes(StandardCharsets.UTF_8);
            if (Json.value(json, 0, json.length) instanceof List<?> volumes) {
                for (var each : volumes) {
                    if (each instanceof Map<?, ?> volume && volume.get("instance") instanceof Long number) {
                        told.put(number, volume);
                    }
                }
            }
        }
        return told;
    }

    void awaitTold(String what, Predicate<Map<Long, Map<?, ?>>> claim) {
        await(what)
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .ignoreException(AssertionError.class) // the controller ended meanwhile
                .untilAsserted(() -> {
                    var told = told();
                    assertThat(claim.test(told)).as("%s", told).isTrue();
                });
    }

    /// Events that an instance tells, or told last, to have.
    static long events(Map<Long, Map<?, ?>> told, int instance) {
        return told.containsKey((long) instance)
                        && Objects.requireNonNull(told.get((long) instance)).get("events") instanceof Long events
                ? events
                : 0;
    }

    // ---- the load

    /// Three clients from now on, each of which begins with another node.
    void load() {
        IntStream.rangeClosed(1, lab.nodes())
                .forEach(first -> load(IntStream.range(0, lab.nodes())
                        .map(next -> (first - 1 + next) % lab.nodes() + 1)
                        .toArray()));
    }

    /// One client more, which takes these nodes in turn.
    NumberingClient load(int... nodes) {
        var client =
                new NumberingClient(IntStream.of(nodes).mapToObj(lab::address).toList(), PORT, SHARE * begun++, pause);
        clients.add(client);
        return client;
    }

    /// Waits until each client gets events acknowledged that it had not before.
    void goesOn() {
        clients.forEach(NumberingClient::goesOn);
    }

    /// Ends the load.
    void stops() throws InterruptedException {
        for (var client : clients) {
            acknowledged.or(client.finish());
        }
        clients.clear();
    }

    /// All that was acknowledged by now and did not arrive.
    BitSet missing() {
        return sink.missing(acknowledged);
    }

    /// What is missing is lost, and nobody waits for it any more.
    void givesUp() {
        acknowledged.andNot(missing());
    }

    /// Ends the load, and waits until all that was acknowledged has arrived.
    void arrives() throws InterruptedException {
        stops();
        await("all that was acknowledged is delivered")
                .atMost(OnSwarm.PATIENCE)
                .untilAsserted(() -> assertThat(missing().cardinality())
                        .as("missing of %d", acknowledged.cardinality())
                        .isZero());
    }

    int count() {
        return acknowledged.cardinality();
    }

    /// What was acknowledged by now, while the load goes on.
    int acknowledgedSoFar() {
        return count() + clients.stream().mapToInt(NumberingClient::count).sum();
    }

    @Override
    public void close() {
        clients.forEach(NumberingClient::close);
        sink.close();
        swarm.close();
    }
}
