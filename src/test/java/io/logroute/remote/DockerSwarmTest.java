package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.logroute.flow.Json;
import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.OwnedConfig;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import io.logroute.spec.ServerTls;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import io.logroute.testbed.ScriptedHttp.Request;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A Docker that answers what the test says, over real sockets; what a real one says is in [DockerSwarmIT].
@Timeout(300)
class DockerSwarmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Reply EMPTY = new Reply.Answer(200, "[]");

    private final ConcurrentLinkedQueue<String> counted = new ConcurrentLinkedQueue<>();
    private final Map<String, Function<Request, Reply>> answers = new java.util.concurrent.ConcurrentHashMap<>();
    private final ScriptedHttp docker = new ScriptedHttp(this::answer);
    private final DockerSwarm swarm = swarm(docker.url().getPort());
    private volatile String version = "1.47";

    @TempDir
    Path folder;

    DockerSwarmTest() throws IOException {}

    private DockerSwarm swarm(int port) {
        return new DockerSwarm(
                DockerHost.of("tcp://127.0.0.1:" + port, Optional.empty()),
                "logroute",
                () -> new byte[32],
                (op, code) -> counted.add(op + " " + code));
    }

    @AfterEach
    void close() throws IOException {
        swarm.close();
        docker.close();
    }

    private Reply answer(Request request) {
        if (request.path().equals("/_ping")) {
            return new Reply.Noise(
                    "HTTP/1.1 200 OK\r\nApi-Version: %s\r\nContent-Length: 2\r\n\r\nOK".formatted(version));
        }
        var path = request.path().replaceFirst("^/v[0-9.]+", "").replaceFirst("\\?.*", "");
        return answers.getOrDefault(request.method() + " " + path, _ -> EMPTY).apply(request);
    }

    private void answers(String request, int status, String body) {
        answers.put(request, _ -> new Reply.Answer(status, body));
    }

    // ---- how much a look costs

    @Test
    void a_look_at_a_thousand_services_and_two_hundred_configs_is_few_requests() throws Exception {
        answers("GET /services", 200, services(1000));
        answers("GET /configs", 200, configs(200));
        answers("GET /networks", 200, """
                [{"Id": "n1", "Name": "core", "Scope": "swarm"}, {"Id": "n2", "Name": "bridge", "Scope": "local"},
                 {"Id": "n3", "Name": "ingress", "Scope": "swarm", "Ingress": true}]
                """);
        var seen = swarm.observe();
        assertThat(counted).hasSize(7).contains("ping 200");
        assertThat(seen.users()).hasSize(100);
        assertThat(seen.users().getFirst().networks()).containsExactly("core");
        assertThat(seen.specs()).hasSize(10);
        assertThat(seen.networks()).containsExactly("core");
        counted.clear();
        var contents = Map.copyOf(swarm.contents());
        long before = cpu();
        var again = swarm.observe();
        System.out.printf(
                "a look at 1,000 services and 200 configs: %d ms of CPU, the test's server among it%n",
                (cpu() - before) / 1_000_000);
        assertThat(counted).hasSize(6);
        assertThat(again).isEqualTo(seen);
        // What was read once is not made again.
        swarm.contents().forEach((id, content) -> assertThat(content).isSameAs(contents.get(id)));
    }

    /// By those of its stack file Prometheus finds the controller.
    @Test
    void the_labels_of_the_controller_make_its_service_neither_a_router_nor_a_service_of_users() throws Exception {
        answers("GET /services", 200, """
                [{"ID": "s1", "Version": {"Index": 3}, "Spec": {"Name": "logroute_controller",
                  "Labels": {"logroute.managed-by": "logroute", "logroute.role": "controller"},
                  "TaskTemplate": {"ContainerSpec": {"Image": "logroute:dev"}}}}]
                """);
        var seen = swarm.observe();
        assertThat(seen.users()).isEmpty();
        assertThat(seen.owned().services()).isEmpty();
        assertThat(seen.jobs()).isEmpty();
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static String services(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Json.write(Map.of(
                        "ID",
                        "s" + i,
                        "Version",
                        Map.of("Index", i),
                        "Spec",
                        Map.of(
                                "Name",
                                "stack_service-%04d".formatted(i),
                                "Labels",
                                i % 10 == 0 ? Map.of("logroute.to", "es") : Map.of("traefik.enable", "true"),
                                "TaskTemplate",
                                Map.of(
                                        "ContainerSpec",
                                        Map.of(
                                                "Image",
                                                "registry.example.com/team/service:1.2.3@sha256:" + "0".repeat(64),
                                                "Env",
                                                IntStream.range(0, 30)
                                                        .mapToObj(n -> "VARIABLE_%d=value of it".formatted(n))
                                                        .toList()),
                                        "Networks",
                                        List.of(Map.of("Target", "n1")))),
                        "PreviousSpec",
                        Map.of("Labels", Map.of("a", "b".repeat(1000))),
                        "UpdateStatus",
                        Map.of("State", "completed"))))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String configs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> config(
                        "c" + i,
                        "config-%03d".formatted(i),
                        i % 20 == 0 ? "\"logroute.spec\": \"true\"" : "",
                        "x".repeat(20_000)))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String config(String id, String name, String labels, String content) {
        return """
                {"ID": "%s", "Version": {"Index": 5}, "CreatedAt": "2026-01-01T00:00:00.123456789Z", "Spec": {"Name": "%s", "Labels": {%s}, "Data": "%s"}}""".formatted(
                        id, name, labels, Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8)));
    }

    // ---- which Docker

    @ParameterizedTest(name = "Docker of {0} is asked in {1}")
    @CsvSource({"1.41, /v1.41/services", "1.43, /v1.43/services", "1.44, /v1.44/services", "1.52, /v1.44/services"})
    void the_version_of_the_api_is_the_newest_that_both_know(String theirs, String path) throws Exception {
        version = theirs;
        swarm.observe();
        assertThat(docker.requests().stream().map(Request::path)).contains(path);
    }

    @Test
    void docker_older_than_20_10_is_told_so() {
        version = "1.40";
        assertThatThrownBy(swarm::observe)
                .isInstanceOf(SwarmUnreachable.class)
                .hasMessageContaining("Docker 20.10 or newer");
    }

    @Test
    void a_node_that_is_no_manager_is_told_so() {
        answers(
                "GET /services",
                503,
                "{\"message\": \"This node is not a swarm manager. Worker nodes can't be used\"}");
        assertThatThrownBy(swarm::observe)
                .isInstanceOf(SwarmUnreachable.class)
                .hasMessageContaining("no manager of a swarm")
                .hasMessageContaining("docker node promote");
    }

    @Test
    void a_proxy_that_forbids_is_told_by_what_it_forbids() {
        answers("GET /secrets", 403, "<html>Forbidden</html>");
        assertThatThrownBy(swarm::observe)
                .isInstanceOf(SwarmUnreachable.class)
                .hasMessageContaining("forbids GET /secrets");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "not JSON           | <html>",
                "no list            | {}",
                "cut in the middle  | [{\"ID\": \"a\"",
                "not even a message |"
            })
    void an_answer_that_cannot_be_read_is_no_swarm(String why, String body) {
        answers("GET /services", 200, body == null ? "" : body);
        assertThatThrownBy(swarm::observe)
                .as(why)
                .isInstanceOf(SwarmUnreachable.class)
                .hasMessageContaining("GET /services");
    }

    @Test
    void a_connection_that_breaks_is_tried_once_more() throws Exception {
        var first = new AtomicInteger();
        answers.put(
                "GET /services",
                _ -> first.getAndIncrement() == 0 ? new Reply.Cut(new Reply.Answer(200, "[]"), 10) : EMPTY);
        assertThat(swarm.observe()).isEqualTo(Seen.NOTHING);
    }

    @Test
    void nobody_there_is_told_by_the_address() {
        var other = new DockerSwarm(
                DockerHost.of("unix://" + folder.resolve("docker.sock"), Optional.empty()),
                "logroute",
                () -> new byte[0],
                (_, _) -> {});
        assertThatThrownBy(other::observe)
                .isInstanceOf(SwarmUnreachable.class)
                .hasMessageContaining("docker.sock")
                .hasMessageContaining("mounted");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"docker.sock", "unix://", "http://127.0.0.1:2375", "tcp://", "unix:// /var/run"})
    void an_address_that_does_not_fit_is_refused_with_what_to_write(String address) {
        assertThatThrownBy(() -> DockerHost.of(address, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unix:///var/run/docker.sock");
    }

    @Test
    void tcp_with_certificates_is_tls_on_both_sides() throws Exception {
        Certificates.make(folder, "server", "client");
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var context = Pem.server(new ServerTls(
                folder.resolve("server.crt"), folder.resolve("server.key"), Optional.of(folder.resolve("client.crt"))));
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Api-Version", "1.44");
            var body = "[]".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Files.copy(folder.resolve("server.crt"), folder.resolve("ca.pem"));
            Files.copy(folder.resolve("client.crt"), folder.resolve("cert.pem"));
            Files.copy(folder.resolve("client.key"), folder.resolve("key.pem"));
            var host = DockerHost.of("tcp://localhost:" + server.getAddress().getPort(), Optional.of(folder));
            var there = new DockerSwarm(host, "logroute", () -> new byte[0], (_, _) -> {});
            assertThat(there.observe()).isEqualTo(Seen.NOTHING);
            Files.copy(
                    folder.resolve("client.crt"),
                    folder.resolve("ca.pem"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            var other = new DockerSwarm(host, "logroute", () -> new byte[0], (_, _) -> {});
            assertThatThrownBy(other::observe)
                    .isInstanceOf(SwarmUnreachable.class)
                    .hasMessageContaining("localhost");
        } finally {
            server.stop(0);
        }
    }

    // ---- changes

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | invalid name                                                            | refused",
                "500 | network monit not found                                                 | refused",
                "500 | rpc error: code = InvalidArgument desc = port '5044' is already in use  | refused",
                "500 | rpc error: code = Unknown desc = The swarm does not have a leader.      | unreachable",
                "503 | This node is not a swarm manager.                                       | unreachable",
                "403 |                                                                         | unreachable",
                "502 | bad gateway                                                             | unreachable"
            })
    void what_docker_answers_to_a_change(int status, String words, String outcome) {
        answers("POST /configs/create", status, "{\"message\": \"%s\"}".formatted(words == null ? "" : words));
        var step = new Step.CreateConfig(
                new OwnedConfig("logroute-core-1", new TreeMap<>(), new Content(new byte[1])), false);
        assertThatThrownBy(() -> swarm.apply(step))
                .isInstanceOf(outcome.equals("refused") ? SwarmRefused.class : SwarmUnreachable.class);
        assertThat(counted).contains("configs.create " + status);
    }

    @Test
    void a_push_is_nothing_a_swarm_does() {
        assertThatThrownBy(() -> swarm.apply(new Step.Push("s", "core", 0, "a", "b", 1, "")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_change_that_gets_no_answer_is_not_made_twice() {
        answers.put("POST /configs/create", _ -> new Reply.Noise(""));
        var step = new Step.CreateConfig(
                new OwnedConfig("logroute-core-1", new TreeMap<>(), new Content(new byte[1])), false);
        assertThatThrownBy(() -> swarm.apply(step)).isInstanceOf(SwarmUnreachable.class);
        assertThat(docker.requests().stream().filter(each -> each.method().equals("POST")))
                .hasSize(1);
    }

    @Test
    void a_service_joins_the_swarm_s_network_though_this_node_has_one_that_is_called_the_same() throws Exception {
        answers("GET /networks", 200, """
                [{"Id": "n1", "Name": "core", "Scope": "swarm"}, {"Id": "n9", "Name": "core", "Scope": "local"}]
                """);
        answers("POST /services/create", 201, "{}");
        assertThat(swarm.observe().networks()).containsExactly("core");
        swarm.apply(
                new Step.CreateService(service(List.of(new RouterService.Attachment("core", List.of("core")))), false));
        assertThat(docker.requests().stream().filter(each -> each.path().endsWith("/services/create")))
                .singleElement()
                .satisfies(
                        request -> assertThat(request.text()).contains("\"n1\"").doesNotContain("n9"));
    }

    // ---- specs

    private static String byHand(String name, String labels) {
        return "{\"ID\": \"c1\", \"Version\": {\"Index\": 1}, \"Spec\": {\"Name\": \"%s\", \"Labels\": {%s}}}"
                .formatted(name, labels);
    }

    private List<String> changes() {
        return docker.requests().stream()
                .filter(each -> !each.method().equals("GET"))
                .map(each -> "%s %s".formatted(each.method(), each.path().replaceFirst("^/v[0-9.]+", "")))
                .toList();
    }

    @Test
    void specs_by_hand_that_are_called_just_so_go_once_the_new_ones_are_stored() throws Exception {
        answers("GET /configs/routes", 200, byHand("routes", "\"logroute.spec\": \"true\""));
        answers("POST /configs/create", 201, "{\"ID\": \"c2\"}");
        answers("DELETE /configs/c1", 204, "");
        assertThat(swarm.storeSpec("routes", new byte[1])).startsWith("routes-");
        assertThat(changes()).containsExactly("POST /configs/create", "DELETE /configs/c1");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "no specs in it           | routes     | \"a\": \"b\"",
                "stored under another one | routes     | \"logroute.spec\": \"true\", \"logroute.spec-name\": \"rou\"",
                "ours                     | routes     | \"logroute.spec\": \"true\", \"logroute.managed-by\": \"x\"",
                "its id begins so         | other-name | \"logroute.spec\": \"true\""
            })
    void another_config_stays_whatever_docker_finds_under_the_name(String why, String name, String labels)
            throws Exception {
        answers("GET /configs/routes", 200, byHand(name, labels));
        answers("POST /configs/create", 201, "{\"ID\": \"c2\"}");
        swarm.storeSpec("routes", new byte[1]);
        assertThat(changes()).as(why).containsExactly("POST /configs/create");
    }

    @Test
    void specs_by_hand_that_cannot_go_keep_the_new_ones_away() {
        answers("GET /configs/routes", 200, byHand("routes", "\"logroute.spec\": \"true\""));
        answers("POST /configs/create", 201, "{\"ID\": \"c2\"}");
        answers("DELETE /configs/c1", 400, "{\"message\": \"config 'routes' is in use by the following service: x\"}");
        assertThatThrownBy(() -> swarm.storeSpec("routes", new byte[1]))
                .isInstanceOf(SwarmRefused.class)
                .hasMessageContaining("in use by the following service: x");
        assertThat(changes().getLast()).startsWith("DELETE /configs/routes-");
    }

    @Test
    void specs_that_are_too_large_are_to_be_shared_among_files() {
        answers(
                "POST /configs/create",
                400,
                "{\"message\": \"config data must be larger than 0 and less than 1000 KB\"}");
        assertThatThrownBy(() -> swarm.storeSpec("routes", new byte[1]))
                .isInstanceOfSatisfying(SwarmRefused.class, refused -> {
                    assertThat(refused.what()).contains("less than 1000 KB");
                    assertThat(refused.mend())
                            .isEqualTo(
                                    "Share its documents among several files, and apply each under a name of its own.");
                });
    }

    // ---- what is read

    @Test
    void of_specs_stored_under_one_name_the_newest_counts() throws Exception {
        var stored = "\"logroute.spec\": \"true\", \"logroute.spec-name\": \"shop\"";
        answers(
                "GET /configs",
                200,
                "[%s, %s, %s]"
                        .formatted(
                                config("1", "shop-aaaaaaaaaaaa", stored, "old"),
                                config("2", "shop-bbbbbbbbbbbb", stored, "new").replace("2026-01-01", "2026-01-02"),
                                config("3", "by-hand", "\"logroute.spec\": \"true\"", "mine")));
        assertThat(swarm.observe().specs())
                .extracting(Seen.SpecConfig::name)
                .containsExactly("by-hand", "shop-bbbbbbbbbbbb");
    }

    private static RouterService service(List<RouterService.Attachment> networks) {
        return new RouterService(
                "logroute_core-0",
                "core",
                0,
                "i",
                "n",
                List.of(),
                new RouterService.Mounted("r", 1),
                new TreeMap<>(),
                new TreeMap<>(),
                new RouterService.Volume("v", "local", new TreeMap<>()),
                networks,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                new TreeMap<>(),
                new TreeMap<>(Map.of("logroute.managed-by", "logroute")),
                1,
                List.of());
    }

    @Test
    void a_router_s_last_words_are_asked_for_once_and_are_short() throws Exception {
        var service = service(List.of());
        answers(
                "GET /services",
                200,
                Json.write(List.of(Map.of(
                        "ID",
                        "s1",
                        "Version",
                        Map.of("Index", 1),
                        "Spec",
                        ServiceForm.written(service, ServiceForm.Ids.NAMES, Tree.NOTHING)))));
        answers("GET /tasks", 200, """
                [{"ID": "t1", "ServiceID": "s1", "NodeID": "n", "CreatedAt": "2026-01-01T00:00:00Z",
                  "Status": {"State": "failed", "Err": "task: non-zero exit (3)"}},
                 {"ID": "t2", "ServiceID": "s1", "NodeID": "n", "CreatedAt": "2026-01-01T00:00:01Z",
                  "Status": {"State": "running"}}]
                """);
        var frames = new StringBuilder();
        for (int i = 0; i < 9; i++) {
            var line = "\u001b[31mline %d\u001b[0m of it\n".formatted(i);
            frames.append((char) 2)
                    .append("\0\0\0\0\0\0")
                    .append((char) line.length())
                    .append(line);
        }
        answers("GET /tasks/t1/logs", 200, frames.toString());
        for (int look = 0; look < 2; look++) {
            var tasks = tasks(swarm.observe());
            assertThat(tasks).extracting(Seen.Task::id).containsExactly("t2", "t1");
            assertThat(tasks.getFirst().running()).isTrue();
            assertThat(tasks.getLast().error())
                    .contains(
                            "task: non-zero exit (3); its last words: line 4 of it / line 5 of it / line 6 of it / line 7 of it / line 8 of it");
        }
        assertThat(docker.requests().stream().map(Request::path).filter(path -> path.contains("/logs")))
                .as("asked once, and for no events that a console sink wrote")
                .singleElement()
                .asString()
                .contains("stderr=1")
                .doesNotContain("stdout");
    }

    @Test
    void logs_that_never_end_hold_nobody_up() throws Exception {
        answers("GET /services", 200, """
                [{"ID": "s1", "Spec": {"Name": "logroute_core-0", "Labels": {"logroute.managed-by": "logroute"}}}]
                """);
        answers("GET /tasks", 200, """
                [{"ID": "t1", "ServiceID": "s1", "CreatedAt": "x", "Status": {"State": "failed", "Err": "task: non-zero exit (3)"}}]
                """);
        answers.put("GET /tasks/t1/logs", _ -> new Reply.Silence());
        assertThat(tasks(swarm.observe()).getFirst().error()).contains("task: non-zero exit (3)");
    }

    private static List<Seen.Task> tasks(Seen seen) {
        return seen.states().getOrDefault("logroute_core-0", Seen.State.NEW).tasks();
    }

    // ---- following

    @Test
    void every_event_rings_and_a_stream_that_ends_is_found_again() throws Exception {
        var streams = new AtomicInteger();
        answers.put("GET /events", _ -> {
            streams.incrementAndGet();
            return new Reply.Noise("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{...}\r\n");
        });
        var rings = new AtomicInteger();
        try (var _ = swarm.follow(rings::incrementAndGet)) {
            await().atMost(PATIENCE).until(() -> streams.get() >= 2 && rings.get() >= 3);
        }
        int after = rings.get();
        assertThat(swarm.follows()).isFalse();
        assertThat(docker.requests().stream().map(Request::path).filter(path -> path.contains("/events")))
                .allMatch(path -> path.contains("service") && path.contains("secret"));
        assertThat(rings.get()).isEqualTo(after);
    }

    @Test
    void following_ends_at_once_though_nothing_comes() throws Exception {
        answers.put("GET /events", _ -> new Reply.Stalled("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        var rings = new AtomicInteger();
        var following = swarm.follow(rings::incrementAndGet);
        await().atMost(PATIENCE).until(swarm::follows);
        following.close();
        assertThat(swarm.follows()).isFalse();
    }

    @Test
    void following_waits_for_a_docker_that_is_not_there_yet() throws Exception {
        var rings = new AtomicInteger();
        docker.close();
        try (var _ = swarm.follow(rings::incrementAndGet)) {
            assertThat(swarm.follows()).isFalse();
        }
        assertThat(rings.get()).isZero();
    }
}
