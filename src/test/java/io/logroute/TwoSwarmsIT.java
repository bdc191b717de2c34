package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.testbed.ElasticsearchServer;
import io.logroute.testbed.Prometheus;
import io.logroute.testbed.PrometheusServer;
import io.logroute.testbed.SwarmLab;
import io.logroute.testbed.Wire;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The example two-swarms for real: two swarms below and one above, each with its own controller, the relays
/// that they deploy, an Elasticsearch below and one above, and the stack of `deploy/monitoring/`, whose
/// Prometheus watches. While clients send, what can break breaks; in the end both Elasticsearches have the same
/// documents, each event once.
@Timeout(2700)
@ResourceLock(SwarmLab.SEVERAL)
@Order(2)
class TwoSwarmsIT {
    /// Within this everything comes true that happens by itself, on a machine that has much else to do.
    private static final Duration SOON = Duration.ofMinutes(5);

    private static final Duration LOAD = Duration.ofMinutes(2);
    /// Of a client between two windows: some 200 events a second, of which each becomes two documents.
    private static final Duration PAUSE = Duration.ofMillis(100);
    /// Numbers of one client, at most.
    private static final int SHARE = 20_000_000;
    /// Documents that are read at once; Elasticsearch gives 10,000 at most.
    private static final int SLICE = 4000;
    /// What a failure shows of many.
    private static final int FEW = 20;

    /// The source of the example, of which there is one for each swarm below.
    private static final Pattern SOURCE = Pattern.compile("    - relay:\n.*?(?=\n  \\S)", Pattern.DOTALL);

    /// For how many milliseconds nobody took entries that are in the relay; the id of an entry begins with its time.
    private static final String LAG =
            "max(redis_stream_last_generated_id{job=\"logroute-relays\",instance=\"relay-up\"})"
                    + " - max(redis_stream_group_last_delivered_id{job=\"logroute-relays\",instance=\"relay-up\"})";

    private static final String REDIS_UP = "redis_up{job=\"logroute-relays\",instance=\"relay-up\"}";
    private static final String LENGTH = "logroute_redis_sink_length_entries{job=\"logroute-routers\",sink=\"up\"}";
    private static final String BELOW_LAGS = "logroute_buffer_lag_bytes{job=\"logroute-routers\",sink=\"up\"}";

    private final List<SwarmLab> labs = SwarmLab.several(3);
    private final SwarmLab top = labs.getLast();

    @TempDir
    Path folder;

    @AfterEach
    void end() throws Exception {
        atOnce(labs.stream()
                .map(lab -> (Callable<Boolean>) () -> {
                    lab.end();
                    return true;
                })
                .toList());
    }

    @Test
    void each_event_is_in_both_elasticsearches_once_though_link_redis_and_the_router_above_fail() throws Exception {
        PrometheusServer.need();
        try (var below = ElasticsearchServer.own();
                var above = ElasticsearchServer.own()) {
            var begun = atOnce(List.<Callable<Swarm>>of(
                    () -> new Swarm("eu1", 0, labs.get(0), true, below),
                    () -> new Swarm("eu2", 1, labs.get(1), false, below),
                    () -> new Swarm("above", 2, top, true, above)));
            below.awaitAnswer();
            above.awaitAnswer();
            try (var eu1 = begun.get(0);
                    var eu2 = begun.get(1);
                    var here = begun.get(2)) {
                everythingBreaks(eu1, eu2, here, above);
            } catch (Exception | AssertionError e) {
                begun.forEach(Swarm::tell);
                throw e;
            }
        }
    }

    private void everythingBreaks(Swarm eu1, Swarm eu2, Swarm here, ElasticsearchServer above) throws Exception {
        var link = top.wire(eu1.lab.address(1), 6379);
        var other = top.wire(eu2.lab.address(1), 6379);
        eu1.declare("examples/two-swarms/below.yaml");
        eu2.declare("examples/two-swarms/below.yaml");
        here.declareAbove("examples/two-swarms/above.yaml", link, other);
        for (var each : List.of(eu1, eu2, here)) {
            each.deployed.awaitCondition("routes/everything", "Programmed", "True Runs");
        }

        long started = System.nanoTime();
        eu1.load();
        eu2.load();
        come(above, eu1, eu2);
        here.sees(up(link), value -> value == 1);
        here.sees(lag(link), value -> value >= 0);
        eu1.sees(REDIS_UP, value -> value == 1);
        eu1.sees(LAG, value -> value < 5000);

        theLinkIsCut(link, eu1, eu2, here, above);
        theRedisIsKilled(eu2, above);
        theRouterAboveIsKilled(here, above, eu1, eu2);
        await("the load has lasted %s".formatted(LOAD))
                .atMost(LOAD.plusMinutes(2))
                .until(() -> System.nanoTime() - started > LOAD.toNanos());
        eu1.stops();
        eu2.stops();

        for (var swarm : List.of(eu1, eu2)) {
            await("all of %s are below and above".formatted(swarm.name))
                    .atMost(SOON)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        assertThat(swarm.below()).as("below").isEqualTo(swarm.acknowledged.cardinality());
                        assertThat(swarm.above(above)).as("above").isEqualTo(swarm.acknowledged.cardinality());
                    });
            theSame(swarm, above);
        }
        assertThat(count(above, "logs-*", "{\"match_all\":{}}"))
                .isEqualTo(eu1.acknowledged.cardinality() + eu2.acknowledged.cardinality());
        nothingLags(eu1, here, link, other);
        System.out.printf(
                "TwoSwarmsIT: %d and %d events, each once below and above%n",
                eu1.acknowledged.cardinality(), eu2.acknowledged.cardinality());
    }

    // ---- what breaks

    /// For some 20 s, until both Prometheus have seen it.
    private static void theLinkIsCut(Wire link, Swarm eu1, Swarm eu2, Swarm here, ElasticsearchServer above)
            throws Exception {
        double before = eu1.prometheus().value(LENGTH).orElse(0);
        link.cut();
        eu1.sees(LAG, value -> value > 10_000);
        eu1.sees(LENGTH, value -> value > before + 10);
        here.sees(up(link), value -> value == 0);
        here.sees(lag(link), value -> value == -1);
        await("status tells")
                .atMost(SOON)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(here.deployed.logroute("status"))
                        .containsPattern("relay:\\S+:%d .* not reached".formatted(link.port())));
        await("status below tells how much waits in the relay")
                .atMost(SOON)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(eu1.deployed.logroute("status"))
                        .containsPattern("HANDED ON\\R.*\\Rup +redis +[1-9][0-9]+"));
        eu1.client().goesOn();
        await("events of eu1 are below and not yet above").atMost(SOON).until(() -> eu1.below() > eu1.above(above));
        come(above, eu2);
        link.heal();
        eu1.sees(LAG, value -> value < 5000);
        here.sees(up(link), value -> value == 1);
        here.sees(lag(link), value -> value >= 0 && value < 5);
        come(above, eu1, eu2);
    }

    private static void theRedisIsKilled(Swarm swarm, ElasticsearchServer above) throws Exception {
        swarm.kill("logroute_relay_up");
        swarm.client().goesOn();
        come(above, swarm);
    }

    private static void theRouterAboveIsKilled(Swarm here, ElasticsearchServer above, Swarm eu1, Swarm eu2)
            throws Exception {
        here.kill("logroute_top-0");
        eu1.client().goesOn();
        eu2.client().goesOn();
        come(above, eu1, eu2);
    }

    // ---- what is true

    /// Waits until events of these swarms come to the Elasticsearch above that are sent from now on.
    private static void come(ElasticsearchServer above, Swarm... swarms) {
        for (var swarm : swarms) {
            int now = swarm.client().count();
            await("events of %s come above".formatted(swarm.name))
                    .atMost(SOON)
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(swarm.above(above)).isGreaterThan(now));
        }
    }

    /// Each number that was acknowledged is in one document below and in one of the same id above, which says
    /// nothing else than that below but where it came from.
    private static void theSame(Swarm swarm, ElasticsearchServer above) throws Exception {
        var lower = swarm.documents(swarm.elastic, swarm.index());
        var upper = swarm.documents(above, "logs-*");
        var numbers = new BitSet();
        lower.forEach((id, document) -> {
            int number = number(document);
            assertThat(numbers.get(number))
                    .as("number %d is in another document than %s, too", number, id)
                    .isFalse();
            numbers.set(number);
        });
        var different = (BitSet) numbers.clone();
        different.xor(swarm.acknowledged);
        assertThat(different.stream().limit(FEW))
                .as("numbers acknowledged or below, not both")
                .isEmpty();
        assertThat(lower.keySet().stream().filter(id -> !upper.containsKey(id)).limit(FEW))
                .as("ids below that are not above")
                .isEmpty();
        assertThat(upper.keySet().stream().filter(id -> !lower.containsKey(id)).limit(FEW))
                .as("ids above that are not below")
                .isEmpty();
        upper.forEach((id, document) -> {
            assertThat(document.remove("logroute"))
                    .as(id)
                    .isEqualTo(Map.of("swarm", swarm.name, "router", "core", "id", id));
            assertThat(document).as(id).isEqualTo(lower.get(id));
        });
    }

    private static int number(Map<?, ?> document) {
        return Math.toIntExact((Long) Objects.requireNonNull(document.get("n")));
    }

    private static void nothingLags(Swarm eu1, Swarm here, Wire... links) throws Exception {
        eu1.sees(LAG, value -> value == 0);
        eu1.sees(BELOW_LAGS, value -> value == 0);
        eu1.sees(REDIS_UP, value -> value == 1);
        for (var link : links) {
            here.sees(up(link), value -> value == 1);
            here.sees(lag(link), value -> value == 0);
            here.sees(of("logroute_redis_waiting_entries", link), value -> value == 0);
        }
        for (var swarm : List.of(here, eu1)) {
            await("nothing is wrong on %s".formatted(swarm.name))
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(swarm.deployed.problems()).isEmpty());
        }
    }

    private static String up(Wire link) {
        return of("logroute_source_up", link);
    }

    private static String lag(Wire link) {
        return of("logroute_relay_lag_seconds", link);
    }

    private static String of(String metric, Wire link) {
        return "%s{job=\"logroute-routers\",router=\"top\",source=~\"relay:.*:%d\"}".formatted(metric, link.port());
    }

    private static long count(ElasticsearchServer elastic, String index, String query)
            throws IOException, InterruptedException {
        elastic.call("POST", "/" + index + "/_refresh", "");
        var answer = elastic.call("POST", "/" + index + "/_count", "{\"query\":%s}".formatted(query));
        return answer.statusCode() == 200 && json(answer.body()).get("count") instanceof Long count ? count : 0;
    }

    private static Map<String, @Nullable Object> json(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }

    // ---- a swarm

    /// LogRoute on one of the labs, what was declared there, and who sends to it.
    private final class Swarm implements AutoCloseable {
        final String name;
        final SwarmLab lab;
        final Deployed deployed;
        final ElasticsearchServer elastic;
        final BitSet acknowledged = new BitSet();
        private final int first;
        private @Nullable NumberingClient client;

        /// @param place among the swarms
        /// @param watched whether Prometheus runs there, too
        Swarm(String name, int place, SwarmLab lab, boolean watched, ElasticsearchServer elastic) throws IOException {
            this.name = name;
            this.first = place * SHARE;
            this.lab = lab;
            this.elastic = elastic;
            lab.redis();
            lab.tag("redis:1", "redis:7.2-alpine");
            lab.tag("redis:1", "oliver006/redis_exporter:v1.67.0-alpine");
            lab.reach(elastic.url().getPort());
            var own = Files.createDirectories(folder.resolve(name));
            this.deployed = Deployed.on(lab, own);
            secret("relay-password", "word of passage");
            if (watched) {
                lab.monitoring();
                secret("grafana_admin", "admin of grafana");
                lab.deploy(
                        "monitoring",
                        List.of(
                                Path.of("deploy/monitoring/monitoring.yml"),
                                Path.of("src/test/resources/swarm/monitoring-seen.yml")),
                        Map.of(
                                "MONITORING_NODE", "n1",
                                "PROMETHEUS_IMAGE", "prometheus:1",
                                "HAPROXY_IMAGE", "haproxy:1",
                                "GRAFANA_IMAGE", lab.tiny()));
            }
        }

        private void secret(String secret, String content) throws IOException {
            var file = Files.writeString(folder.resolve(name).resolve(secret), content);
            lab.docker(1, "secret", "create", secret, file.toString());
        }

        String index() {
            return name + "-logs-*";
        }

        /// The example's specs of a swarm below, as this one is called, with an index of its own.
        void declare(String example) throws IOException {
            var yaml = with(Files.readString(Path.of(example)), "swarm: eu1", "swarm: " + name);
            yaml = with(yaml, "index: \"logs-", "index: \"%s-logs-".formatted(name));
            deployed.declare("two-swarms", withElastic(yaml));
        }

        /// Those of the swarm above, with a source for each link.
        void declareAbove(String example, Wire... links) throws IOException {
            var yaml = Files.readString(Path.of(example));
            var source = SOURCE.matcher(yaml);
            assertThat(source.find()).isTrue();
            var sources = new ArrayList<String>();
            for (var link : links) {
                sources.add(with(source.group(), "//eu1-node:6379", "//%s:%d".formatted(lab.host(), link.port())));
            }
            deployed.declare(
                    "two-swarms",
                    withElastic(source.replaceFirst(Matcher.quoteReplacement(String.join("\n", sources)))));
        }

        private String withElastic(String yaml) {
            return with(
                    yaml,
                    "//elasticsearch:9200",
                    "//%s:%d".formatted(lab.host(), elastic.url().getPort()));
        }

        private static String with(String yaml, String there, String instead) {
            assertThat(yaml).contains(there);
            return yaml.replace(there, instead);
        }

        // ---- who sends

        void load() {
            client = new NumberingClient(List.of(lab.address(1)), 5044, first, PAUSE);
        }

        NumberingClient client() {
            return Objects.requireNonNull(client);
        }

        void stops() throws InterruptedException {
            acknowledged.or(client().finish());
            assertThat(client().broken()).as("no window was sent again").isZero();
        }

        // ---- what arrived

        long below() throws IOException, InterruptedException {
            return count(elastic, index(), "{\"match_all\":{}}");
        }

        long above(ElasticsearchServer above) throws IOException, InterruptedException {
            return count(above, "logs-*", mine());
        }

        private String mine() {
            return "{\"range\":{\"n\":{\"gte\":%d,\"lt\":%d}}}".formatted(first, first + SHARE);
        }

        /// By id, all that have numbers of this one.
        Map<String, Map<String, @Nullable Object>> documents(ElasticsearchServer at, String index)
                throws IOException, InterruptedException {
            var documents = new TreeMap<String, Map<String, @Nullable Object>>();
            for (int from = first; from < first + acknowledged.length(); from += SLICE) {
                var found = json(at.must(
                        "POST",
                        "/" + index + "/_search?size=10000",
                        "{\"query\":{\"range\":{\"n\":{\"gte\":%d,\"lt\":%d}}}}".formatted(from, from + SLICE)));
                var hits = PrometheusServer.list(PrometheusServer.object(found.get("hits")), "hits");
                assertThat(hits).as("from %d on", from).hasSizeLessThan(10_000);
                for (var each : hits) {
                    var hit = PrometheusServer.object(each);
                    documents.put(String.valueOf(hit.get("_id")), PrometheusServer.object(hit.get("_source")));
                }
            }
            return documents;
        }

        // ---- what is told

        Prometheus prometheus() {
            return new Prometheus(URI.create("http://%s:9090".formatted(lab.address(1))));
        }

        void sees(String expression, DoublePredicate claim) {
            await("%s of %s in Prometheus".formatted(expression, name))
                    .atMost(SOON)
                    .pollInterval(Duration.ofMillis(500))
                    .ignoreException(IOException.class) // it starts
                    .untilAsserted(() -> assertThat(
                                    prometheus().value(expression).stream().boxed())
                            .singleElement()
                            .matches(claim::test, "as claimed"));
        }

        /// For who looks why the test failed.
        void tell() {
            try {
                System.out.println(name + "\n" + deployed.logroute("status"));
            } catch (AssertionError e) {
                System.out.println(name + " tells nothing: " + e.getMessage());
            }
        }

        // ---- what breaks

        /// Its process is gone at once; waits until Swarm has another container that is healthy.
        void kill(String service) {
            var victim = deployed.containers(service);
            assertThat(victim).hasSize(1);
            lab.docker(1, "kill", victim.getFirst());
            await("another container of " + service)
                    .atMost(SOON)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> deployed.isHealthy(service)
                            && !deployed.containers(service).equals(victim));
        }

        @Override
        public void close() {
            if (client != null) {
                client.close();
            }
        }
    }

    /// All of them at the same time.
    private static <T> List<T> atOnce(List<Callable<T>> those) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<T>();
            for (var each : threads.invokeAll(those)) {
                all.add(each.get());
            }
            return all;
        }
    }
}
