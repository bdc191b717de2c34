package io.logroute;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.logroute.testbed.PrometheusServer;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import io.logroute.testbed.SimulatedSwarm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The files of `deploy/monitoring/` with a real Prometheus: it takes them, finds a real router and a real
/// controller by a Docker API that the test plays, and every expression of alerts and dashboard gives what it
/// should.
@Timeout(2700)
class MonitoringIT {
    private static final Path SHIPPED = Path.of("deploy/monitoring");
    private static final String ROUTER = "127.77.1.10";
    private static final String CONTROLLER = "127.77.1.20";

    /// Nothing of these kinds happens here; their counters come with the first.
    private static final List<String> NOT_HERE = List.of(
            "logroute_discarded_events_total{",
            "logroute_refused_events_total",
            "logroute_unreadable_events_total",
            "logroute_dead_letters_gone_total",
            "logroute_drift_total",
            "logroute_rollbacks_total",
            "stage!=\"serving\"",
            "jvm_gc_pause_seconds_sum",
            "ALERTS{",
            "redis_",
            "logroute_relay_condition",
            " offset 1m");

    @TempDir
    Path folder;

    @Test
    void promtool_takes_the_configuration_and_the_rules_and_every_case_comes_out() throws Exception {
        var prometheus = Files.writeString(
                folder.resolve("prometheus.yml"),
                Files.readString(SHIPPED.resolve("prometheus.yml"))
                        .replace("/etc/prometheus/rules/*.yml", SHIPPED.toAbsolutePath() + "/*.rules.yml")
                        .replace("/run/secrets/logroute_viewer", viewer().toString()));
        for (var arguments : List.of(
                List.of("check", "config", prometheus.toString()),
                List.of("check", "rules", SHIPPED.resolve("logroute.rules.yml").toString()),
                List.of("test", "rules", "src/test/resources/monitoring/alerts-test.yml"))) {
            var ran = PrometheusServer.promtool(arguments.toArray(String[]::new));
            assertThat(ran.code()).as("%s: %s", arguments, ran.said()).isZero();
            assertThat(ran.said()).contains("SUCCESS");
        }
    }

    @Test
    void it_finds_routers_and_controller_and_every_expression_gives_what_it_should() throws Exception {
        PrometheusServer.need();
        try (var locked = new ScriptedHttp(_ -> new Reply.Answer(
                        401, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"},\"status\":401}"));
                var docker = new ScriptedHttp(MonitoringIT::docker);
                var swarm = new SimulatedSwarm();
                var router = router(locked.url().getPort());
                var controller = controller(swarm);
                var prometheus =
                        PrometheusServer.with(configuration(docker.url().getPort()))) {
            var up = "up{job=~\"logroute-.*\"} == 1";
            await("both are scraped")
                    .atMost(5, MINUTES)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(prometheus.query(up))
                            .as(() -> router.said() + controller.said())
                            .hasSize(2));
            await("all are found")
                    .atMost(5, MINUTES)
                    .untilAsserted(() -> assertThat(targets(prometheus))
                            .containsExactlyInAnyOrder(
                                    "http://%s:9600/metrics {installation=logroute, instance=core-0, job=logroute-routers, node=n1}"
                                            .formatted(ROUTER),
                                    "http://%s:8080/metrics {installation=logroute, instance=controller, job=logroute-controller}"
                                            .formatted(CONTROLLER),
                                    "http://127.77.1.40:9121/metrics {installation=logroute, instance=relay-up, job=logroute-relays}",
                                    "http://127.77.3.30:7777/nats/metrics {instance=nats, job=nats}",
                                    "http://127.77.3.31:9108/metrics {instance=10.0.0.1@amp_elasticsearch.1.t5, job=elasticsearch}",
                                    "http://localhost:9090/metrics {instance=localhost:9090, job=prometheus}"));

            var expressions = dashboard();
            await("data of every panel")
                    .atMost(5, MINUTES)
                    .pollInterval(Duration.ofSeconds(2))
                    .untilAsserted(() -> {
                        var without = new TreeSet<String>();
                        for (var each : expressions.entrySet()) {
                            if (prometheus.query(each.getValue()).isEmpty()) {
                                without.add(each.getKey() + ": " + each.getValue());
                            }
                        }
                        without.removeIf(each -> NOT_HERE.stream().anyMatch(each::contains));
                        assertThat(without).isEmpty();
                    });

            await("what is wrong is told")
                    .atMost(5, MINUTES)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(alerts(prometheus))
                            .containsEntry("LogRouteOutputUnauthorized locked", "core-0")
                            .containsEntry("LogRouteOutputDown away", "core-0")
                            .containsEntry("LogRouteRouteNotAccepted ", "controller")
                            .containsEntry("LogRouteRouterDown ", "controller")
                            // Nobody is there in the place of the exporter.
                            .containsEntry("LogRouteInstanceDown ", "relay-up"));
            assertThat(alerts(prometheus).keySet().toString())
                    .doesNotContain("NoLeader", "Lost", "Damaged", "EventStreamDown", " ok");
            for (var group : PrometheusServer.list(prometheus.data("/api/v1/rules"), "groups")) {
                for (var rule : PrometheusServer.list(PrometheusServer.object(group), "rules")) {
                    assertThat(PrometheusServer.object(rule)).containsEntry("health", "ok");
                }
            }
        }
    }

    // ---- who is there

    /// A router whose sinks take everything, do not let it in, and are away.
    private LogRouteProcess router(int locked) throws IOException {
        var spec = Files.writeString(folder.resolve("core.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: { eventsPerSecond: 50 } }, { http: { host: 127.0.0.1, port: %d } } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: ok }
                spec: { discard: {} }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: locked }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x, template: ampbeat } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: away }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: x } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [ok, locked, away] }
                """.formatted(
                        LogRouteProcess.freePort(), locked, LogRouteProcess.freePort()));
        return LogRouteProcess.at(
                ROUTER,
                9600,
                "run",
                spec.toString(),
                "--data",
                folder.resolve("data").toString());
    }

    /// A controller of a swarm with a router that it cannot reach, and a route that names no sink.
    private LogRouteProcess controller(SimulatedSwarm swarm) throws IOException {
        swarm.node("n1");
        swarm.network("logroute");
        swarm.config("routes", Map.of("logroute.spec", "true"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: { eventsPerSecond: 1 } } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: ok }
                spec: { discard: {} }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [ok] }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: broken }
                spec: { router: core, to: [nowhere] }
                """.getBytes(StandardCharsets.UTF_8));
        return LogRouteProcess.at(
                CONTROLLER,
                8080,
                "controller",
                "--prefix=logroute",
                "--network=logroute",
                "--image=logroute:test",
                "--data=" + Files.createDirectories(folder.resolve("controller")),
                "--docker=" + swarm.url(),
                "--viewer-token-file=" + viewer());
    }

    private Path viewer() throws IOException {
        return Files.writeString(folder.resolve("viewer").toAbsolutePath(), "a-viewers-token-0123456789");
    }

    /// What is shipped, but that it asks this Docker, and more often.
    private Path configuration(int docker) throws IOException {
        var text = Files.readString(SHIPPED.resolve("prometheus.yml"));
        for (var there :
                List.of("tcp://docker:2375", "/run/secrets/logroute_viewer", "/etc/prometheus/rules/*.yml", "15s")) {
            assertThat(text).contains(there);
        }
        return Files.writeString(
                folder.resolve("prometheus.yml"),
                text.replace("tcp://docker:2375", "tcp://127.0.0.1:" + docker)
                        .replace("/run/secrets/logroute_viewer", viewer().toString())
                        .replace("/etc/prometheus/rules/*.yml", SHIPPED.toAbsolutePath() + "/*.rules.yml")
                        .replace("15s", "2s"));
    }

    // ---- a swarm, as far as Prometheus asks

    private static Reply docker(ScriptedHttp.Request request) {
        var path = request.path().replaceFirst("^/v[0-9.]+", "").replaceFirst("\\?.*", "");
        return switch (path) {
            case "/_ping" ->
                new Reply.Noise("HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nContent-Length: 2\r\n\r\n"
                        + (request.method().equals("HEAD") ? "" : "OK"));
            case "/nodes" -> new Reply.Answer(200, """
                    [{"ID": "n1", "Spec": {"Role": "manager", "Availability": "active"}, "Status": {"State": "ready", "Addr": "10.0.0.1"},
                      "Description": {"Hostname": "n1", "Platform": {"Architecture": "x86_64", "OS": "linux"}}}]
                    """);
            case "/networks" -> new Reply.Answer(200, """
                    [{"Id": "net1", "Name": "logroute", "Scope": "swarm"}, {"Id": "net2", "Name": "core", "Scope": "swarm"},
                     {"Id": "net3", "Name": "monit", "Scope": "swarm"}]
                    """);
            case "/services" ->
                new Reply.Answer(
                        200,
                        "["
                                + String.join(
                                        ",",
                                        service("s1", "logroute_core-0", """
                            "logroute.managed-by": "logroute", "logroute.role": "router", "logroute.router": "core",
                            "logroute.instance": "0", "io.amp.metrics.port": "9600"
                            """),
                                        service("s2", "logroute_controller", """
                            "logroute.managed-by": "logroute", "logroute.role": "controller"
                            """),
                                        service("s3", "shop_web", "\"logroute.enable\": \"true\""),
                                        service("s4", "amp_nats_exporter", """
                            "io.amp.metrics.port": "7777", "io.amp.metrics.mode": "exporter", "io.amp.metrics.path": "/nats/metrics"
                            """),
                                        service("s5", "amp_elasticsearch", "\"io.amp.metrics.port\": \"9108\""),
                                        service("s6", "logroute_relay_up_exporter", """
                            "logroute.managed-by": "logroute", "logroute.role": "relay-exporter", "logroute.relay": "up",
                            "io.amp.metrics.port": "9121", "io.amp.metrics.path": "/metrics", "io.amp.metrics.mode": "exporter"
                            """),
                                        service("s7", "logroute_relay_up", """
                            "logroute.managed-by": "logroute", "logroute.role": "relay", "logroute.relay": "up"
                            """))
                                + "]");
            case "/tasks" ->
                new Reply.Answer(
                        200,
                        "["
                                + String.join(
                                        ",",
                                        task(
                                                "t1",
                                                "s1",
                                                "running",
                                                Map.of("net1", ROUTER, "net2", "127.77.2.10", "net3", "127.77.3.10")),
                                        task("t0", "s1", "shutdown", Map.of("net1", "127.77.1.9")),
                                        task("t2", "s2", "running", Map.of("net1", CONTROLLER)),
                                        task("t3", "s3", "running", Map.of("net1", "127.77.1.30")),
                                        task("t4", "s4", "running", Map.of("net3", "127.77.3.30")),
                                        task(
                                                "t5",
                                                "s5",
                                                "running",
                                                Map.of("net2", "127.77.2.31", "net3", "127.77.3.31")),
                                        task(
                                                "t6",
                                                "s6",
                                                "running",
                                                Map.of("net1", "127.77.1.40", "net3", "127.77.3.40")),
                                        task(
                                                "t7",
                                                "s7",
                                                "running",
                                                Map.of("net1", "127.77.1.41", "net3", "127.77.3.41")))
                                + "]");
            default -> new Reply.Answer(404, "{\"message\": \"page not found\"}");
        };
    }

    /// One whose port 5044 is published on its node.
    private static String service(String id, String name, String labels) {
        return """
                {"ID": "%s", "Spec": {"Name": "%s", "Labels": {%s}, "Mode": {"Replicated": {"Replicas": 1}}},
                 "Endpoint": {"Ports": [{"Protocol": "tcp", "TargetPort": 5044, "PublishedPort": 5044, "PublishMode": "host"}]}}
                """.formatted(id, name, labels);
    }

    private static String task(String id, String service, String desired, Map<String, String> addresses) {
        var networks = addresses.entrySet().stream()
                .map(each -> "{\"Network\": {\"ID\": \"%s\"}, \"Addresses\": [\"%s/24\"]}"
                        .formatted(each.getKey(), each.getValue()))
                .toList();
        return """
                {"ID": "%s", "ServiceID": "%s", "NodeID": "n1", "Slot": 1, "DesiredState": "%s",
                 "Status": {"State": "%3$s", "ContainerStatus": {"ContainerID": "c-%1$s"},
                   "PortStatus": {"Ports": [{"Protocol": "tcp", "TargetPort": 5044, "PublishedPort": 5044, "PublishMode": "host"}]}},
                 "Spec": {"ContainerSpec": {"Image": "x"}}, "NetworksAttachments": [%s]}
                """.formatted(id, service, desired, String.join(",", networks));
    }

    // ---- what Prometheus says

    private static List<String> targets(PrometheusServer prometheus) throws Exception {
        return PrometheusServer.list(prometheus.data("/api/v1/targets?state=active"), "activeTargets").stream()
                .map(PrometheusServer::object)
                .map(target -> target.get("scrapeUrl") + " "
                        + new java.util.TreeMap<>(PrometheusServer.object(target.get("labels"))))
                .toList();
    }

    /// Alerts that fire or are about to, with their sinks; and at which instance.
    private static Map<String, String> alerts(PrometheusServer prometheus) throws Exception {
        var alerts = new HashMap<String, String>();
        for (var alert : PrometheusServer.list(prometheus.data("/api/v1/alerts"), "alerts")) {
            var labels = PrometheusServer.object(PrometheusServer.object(alert).get("labels"));
            alerts.put(
                    labels.get("alertname") + " " + labels.getOrDefault("sink", ""),
                    String.valueOf(labels.get("instance")));
        }
        return alerts;
    }

    /// Every expression, with its variables filled in as Grafana does for "All".
    private static Map<String, String> dashboard() throws IOException {
        var expressions = new LinkedHashMap<String, String>();
        for (var panel : new ObjectMapper()
                .readTree(SHIPPED.resolve("dashboard.json").toFile())
                .get("panels")) {
            for (var target : panel.path("targets")) {
                expressions.put(
                        panel.get("title").asText() + " " + target.get("refId").asText(),
                        target.get("expr")
                                .asText()
                                .replace("$router", ".*")
                                .replace("$__rate_interval", Long.toString(TimeUnit.MINUTES.toSeconds(1)) + "s"));
            }
        }
        assertThat(expressions).hasSizeGreaterThan(40);
        return expressions;
    }
}
