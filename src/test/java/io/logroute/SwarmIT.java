package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Json;
import io.logroute.testbed.ElasticsearchServer;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A real swarm, deployed as a user does it, and what people do to it: what they declare, what they get
/// wrong, and what they change behind its back. Each test begins and ends with two routers that are well,
/// `core` and `side`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(900)
@ResourceLock(SwarmLab.OF_ONE)
@ResourceLock(ElasticsearchServer.PLAIN)
@Order(3)
class SwarmIT {
    private static final Path CLIENTS = Path.of("src/test/clients");
    private static final Set<String> STAY =
            Set.of("logroute_controller", "logroute_core-0", "logroute_side-0", "foreign_web");
    private static final String BASE = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec:
              sources: [ { beats: { port: 5044 } } ]
              buffer: { maxBytes: 256MiB }
              deploy: { publish: [5044], aliases: [logstash] }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec:
              elasticsearch: { urls: ["http://%s:%d"], index: "ampbeat-%%{+yyyy.MM.dd}", template: ampbeat }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: archive }
            spec: { file: { path: "logs/%%{service_name}.ndjson" }, allow: { stacks: [shop] } }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: nowhere }
            spec: { discard: {} }
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: rest }
            spec: { router: core, default: true, to: nowhere }
            """;
    private static final String SIDE = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: side }
            spec:
              sources: [ { http: { port: 8088 } } ]
              buffer: { maxBytes: 64MiB }
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: side }
            spec: { router: side, default: true, to: nowhere }
            """;

    private final SwarmLab lab = SwarmLab.of(1);
    private Deployed swarm;
    private List<String> foreign;

    @TempDir
    static Path folder;

    @BeforeAll
    void a_swarm_with_two_routers() throws Exception {
        assertThat(lab.lines(1, "service", "ls", "-q")).isEmpty();
        var elastic = ElasticsearchServer.plain();
        elastic.clear();
        lab.reach(elastic.url().getPort());
        swarm = Deployed.on(lab, folder);
        swarm.docker("network", "create", "-d", "overlay", "foreign");
        swarm.docker(
                "service",
                "create",
                "-d",
                "--no-resolve-image",
                "--replicas",
                "0",
                "--name",
                "foreign_web",
                "--label",
                "role=router",
                "--network",
                "foreign",
                "--endpoint-mode",
                "dnsrr",
                lab.tiny(),
                "true");
        swarm.docker("config", "create", "--label", "role=pipeline", "logroute-core-0123456789ab", "pom.xml");
        swarm.docker("secret", "create", "foreign", "pom.xml");
        foreign = foreign();
        swarm.declare("base", BASE.formatted(lab.host(), elastic.url().getPort()));
        swarm.declare("side", SIDE);
        routersAreWell();
    }

    @AfterEach
    void only_two_routers_are_left_and_well_and_what_is_foreign_is_as_it_was() throws Exception {
        swarm.undeclareAllBut("base", "side");
        swarm.removeServicesBut(STAY);
        swarm.forget("bad", 0);
        await("nothing is wrong")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(swarm.problems()).isEmpty());
        routersAreWell();
        assertThat(foreign()).isEqualTo(foreign);
    }

    @AfterAll
    void an_empty_swarm() {
        // The controller first: as long as it lives, what is removed of its routers comes back.
        lab.docker(1, "service", "rm", "logroute_controller");
        await("the controller is gone")
                .atMost(Deployed.SOON)
                .until(() -> swarm.containers("logroute_controller").isEmpty());
        lab.clear();
    }

    private void routersAreWell() {
        swarm.awaitCondition("routes/rest", "Programmed", "True Runs");
        swarm.awaitCondition("routes/side", "Programmed", "True Runs");
        await("both are ready")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(swarm.all("routers"))
                        .allSatisfy(router -> assertThat(router.get("ready")).isEqualTo(true)));
    }

    /// All of it, to the last byte, and the versions in which Docker counts changes.
    private List<String> foreign() {
        return List.of(
                swarm.docker("service", "inspect", "foreign_web"),
                swarm.docker("config", "inspect", "logroute-core-0123456789ab"),
                swarm.docker("secret", "inspect", "foreign"),
                swarm.docker("network", "inspect", "--format", "{{.ID}} {{json .Labels}}", "foreign"));
    }

    // ---- from an empty swarm to documents

    @Test
    void labels_bring_what_a_client_from_npm_sends_into_elasticsearch() throws Exception {
        swarm.service("web", "shop");
        swarm.label(
                "shop_web", "logroute.enable=true", "logroute.router=core", "logroute.to=es", "logroute.set.team=shop");
        swarm.awaitCondition("routes/shop--web", "Programmed", "True Runs");
        long before = received("core");

        assertThat(send("shop_web", 400)).isEqualTo("acked 400");
        assertThat(send("other_web", 100)).isEqualTo("acked 100");

        await("the documents").atMost(Deployed.SOON).until(() -> hits("{\"term\":{\"team\":\"shop\"}}") == 400);
        assertThat(hits("{\"match_all\":{}}")).isEqualTo(400);
        var elastic = ElasticsearchServer.plain();
        assertThat(elastic.must("GET", "/_index_template/logroute-ampbeat", ""))
                .contains("\"logroute\":{\"template\":\"ampbeat\",\"version\":1}");
        assertThat(elastic.must("GET", "/ampbeat-*/_mapping", ""))
                .contains("\"msg\":{\"type\":\"text\"", "\"service_name\":{\"type\":\"keyword\"")
                // No event has it: it comes from the template, which was there before the index.
                .contains("\"stack_id\":{\"type\":\"keyword\"");

        swarm.awaitCondition("routes/shop--web", "TemplateInstalled", "True Installed");
        swarm.awaitCondition("routes/shop--web", "Delivering", "True");
        await("the counts").atMost(Deployed.SOON).untilAsserted(() -> {
            assertThat(swarm.one("routes/shop--web").get("routedEvents")).isEqualTo(400L);
            assertThat(received("core") - before).isEqualTo(500L);
        });
        assertThat(swarm.logroute("status")).contains("shop--web", "core").endsWith("exit 0\n");
        assertThat(swarm.docker("volume", "ls", "-q")).contains("logroute_core-0\n", "logroute_side-0\n");
    }

    @Test
    void nobody_without_a_token_is_told_anything() throws Exception {
        assertThat(swarm.ask("GET", "/api/v1/routes", "").statusCode()).isEqualTo(401);
        assertThat(swarm.ask("GET", "/api/v1/routes", "another-0123456789abcdef")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void clients_reach_a_router_by_its_name_and_its_aliases() {
        for (var name : List.of("core", "logstash")) {
            var ask = "printf 'GET /q/health/live HTTP/1.0\\r\\n\\r\\n' | nc -w 10 %s 9600".formatted(name);
            assertThat(swarm.docker("run", "--rm", "--network", "logroute", lab.tiny(), "sh", "-c", ask))
                    .contains("200 OK");
        }
    }

    // ---- labels

    @Test
    void labels_are_followed_while_the_router_runs_on() {
        var container = swarm.containers("logroute_core-0");
        swarm.service("cart", "shop", "logroute.enable=true", "logroute.router=core", "logroute.to=archive");
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");

        swarm.label("shop_cart", "logroute.set.team=cart");
        await("changed").atMost(Deployed.SOON).until(() -> spec("shop--cart").contains("team"));
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");

        swarm.label("shop_cart", "logroute.routes.audit.to=nowhere");
        swarm.awaitCondition("routes/shop--cart--audit", "Programmed", "True Runs");

        swarm.label("shop_cart", "-logroute.set.team", "-logroute.routes.audit.to");
        await("taken away")
                .atMost(Deployed.SOON)
                .until(() -> swarm.one("routes/shop--cart--audit").isEmpty()
                        && !spec("shop--cart").contains("team"));
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");

        swarm.docker("service", "rm", "shop_cart");
        await("gone")
                .atMost(Deployed.SOON)
                .until(() -> swarm.one("routes/shop--cart").isEmpty());
        swarm.awaitCondition("routes/rest", "Programmed", "True Runs");
        assertThat(swarm.containers("logroute_core-0"))
                .as("the same, all the time")
                .isEqualTo(container);
    }

    @Test
    void a_broken_label_holds_its_route_as_it_was_until_it_is_repaired() {
        swarm.service(
                "cart",
                "shop",
                "logroute.enable=true",
                "logroute.router=core",
                "logroute.to=archive",
                "logroute.drop=event.level == \"debug\"");
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");

        swarm.label("shop_cart", "logroute.drop=event.level == ");
        swarm.awaitCondition("routes/shop--cart", "Accepted", "False Invalid: service shop_cart: logroute.drop");
        assertThat(swarm.condition("routes/shop--cart", "Accepted"))
                .endsWith("Until then the route runs as it was before.");
        assertThat(swarm.condition("routes/shop--cart", "Programmed")).startsWith("False Held");
        assertThat(swarm.condition("routes/rest", "Programmed")).startsWith("True Runs");
        assertThat(spec("shop--cart")).contains("debug");
        aGoodChangeGoesThrough();

        swarm.label("shop_cart", "logroute.drop=event.level == \"trace\"");
        swarm.awaitCondition("routes/shop--cart", "Accepted", "True Valid");
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");
        assertThat(spec("shop--cart")).contains("trace");
    }

    @Test
    void of_fifty_services_one_of_which_has_an_invalid_label_forty_nine_converge_and_one_is_told() throws IOException {
        deploy(
                "many",
                50,
                number -> List.of(
                        "logroute.enable: \"true\"",
                        "logroute.router: core",
                        "logroute.to: nowhere",
                        number == 17 ? "logroute.sample: lots" : "logroute.sample: \"0.5\""));
        await("49 run")
                .atMost(Deployed.SOON)
                .untilAsserted(
                        () -> assertThat(programmed("many--")).hasSize(49).doesNotContain("many--s17"));
        assertThat(swarm.problems())
                .singleElement()
                .asString()
                .contains("service many_s17: logroute.sample", "\"lots\"");
        assertThat(swarm.condition("routes/many--s17", "Accepted")).startsWith("False Invalid");
        assertThat(swarm.condition("routes/many--s17", "Programmed")).startsWith("False NotInForce");
    }

    @Test
    void a_thousand_routes_from_one_stack_run() throws IOException {
        deploy(
                "thousand",
                20,
                _ -> Stream.concat(
                                Stream.of("logroute.enable: \"true\"", "logroute.router: core"),
                                IntStream.range(0, 50).mapToObj("logroute.routes.r%d.to: nowhere"::formatted))
                        .toList());
        await("1,000 run")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(programmed("thousand--")).hasSize(1000));
        assertThat(swarm.problems()).isEmpty();
        aGoodChangeGoesThrough();
    }

    // ---- behind its back

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void what_somebody_does_to_a_routers_service_is_undone_and_told(String what, List<String> command, String told) {
        var before = service();
        var since = Instant.now();
        swarm.docker(command.toArray(String[]::new));
        await("as it was").atMost(Deployed.SOON).ignoreExceptions().untilAsserted(() -> {
            assertThat(service()).isEqualTo(before);
            assertThat(swarm.events(since))
                    .anySatisfy(event -> assertThat(event)
                            .startsWith("drift service/logroute_side-0: ")
                            .contains(told));
        });
        await("it runs")
                .atMost(Deployed.SOON)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .until(() -> swarm.isHealthy("logroute_side-0"));
        routersAreWell();
    }

    static List<Arguments> what_somebody_does_to_a_routers_service_is_undone_and_told() {
        return List.of(
                Arguments.of("scaled to 0", List.of("service", "scale", "-d", "logroute_side-0=0"), "replicas 0 -> 1"),
                Arguments.of("scaled to 2", List.of("service", "scale", "-d", "logroute_side-0=2"), "replicas 2 -> 1"),
                // What makes it unhealthy Swarm takes back by itself; this does not.
                Arguments.of(
                        "edited",
                        List.of(
                                "service",
                                "update",
                                "-d",
                                "--no-resolve-image",
                                "--env-add=TZ=Europe/Vienna",
                                "--constraint-add=node.role==manager",
                                "--sysctl-add=net.ipv4.tcp_keepalive_time=60",
                                "--label-rm=logroute.router",
                                "logroute_side-0"),
                        "environment [TZ] -> none"),
                Arguments.of(
                        "removed",
                        List.of("service", "rm", "logroute_side-0"),
                        "Create service logroute_side-0 again"));
    }

    private String service() {
        return swarm.docker("service", "inspect", "--format", "{{json .Spec}}", "logroute_side-0");
    }

    @Test
    void a_pipeline_that_somebody_removes_is_there_again() {
        swarm.service("cart", "shop", "logroute.enable=true", "logroute.router=core", "logroute.to=archive");
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");
        // It was handed to the running router, and no service mounts it yet: Docker lets it be removed.
        var config = "logroute-core-" + swarm.one("routers/core").get("revision");
        swarm.docker("config", "rm", config);
        await("there again")
                .atMost(Deployed.SOON)
                .until(() ->
                        swarm.docker("config", "ls", "--format", "{{.Name}}").contains(config + "\n"));
        await("told")
                .atMost(Deployed.SOON)
                .untilAsserted(() -> assertThat(swarm.events())
                        .contains("drift config/%s: Create config %s again.".formatted(config, config)));
        swarm.awaitCondition("routes/shop--cart", "Programmed", "True Runs");
    }

    // ---- what is wrong

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void wrong_specs_are_told_in_words_and_leave_the_rest_running(
            String what, String yaml, String path, String type, String told) throws IOException {
        swarm.declare("bad", yaml);
        if (type.isEmpty()) {
            swarm.awaitProblem("config bad", told);
        } else {
            await(told)
                    .atMost(Deployed.SOON)
                    .untilAsserted(() -> assertThat(swarm.condition(path, type)).contains(told));
        }
        aGoodChangeGoesThrough();
    }

    static List<Arguments> wrong_specs_are_told_in_words_and_leave_the_rest_running() {
        return List.of(
                Arguments.of("no YAML", "apiVersion: [logroute/v1\nkind: }", "", "", "config bad"),
                Arguments.of("nothing in it", "# nothing\n", "", "", "there is no document in it"),
                Arguments.of(
                        "two routes of one name",
                        route("twice", "core", "nowhere") + "---\n" + route("twice", "core", "es"),
                        "routes/twice",
                        "Accepted",
                        "LogRoute twice is declared twice"),
                Arguments.of(
                        "a sink that is not there",
                        route("lost", "core", "es2"),
                        "routes/lost",
                        "Resolved",
                        "there is no sink \"es2\""),
                Arguments.of(
                        "a secret that does not exist",
                        router("bad", "secrets: [nosuch]"),
                        "routers/bad",
                        "Scheduled",
                        "the swarm has no secret nosuch"),
                Arguments.of(
                        "a network that does not exist",
                        router("bad", "networks: [nosuch]"),
                        "routers/bad",
                        "Scheduled",
                        "the swarm has no network nosuch"),
                Arguments.of(
                        "no node that fits",
                        router("bad", "constraints: [\"node.labels.moon == true\"]"),
                        "routers/bad",
                        "Scheduled",
                        "no node that is ready and takes tasks fits node.labels.moon == true"),
                Arguments.of(
                        "a port that another router has",
                        router("bad", "publish: [5044]"),
                        "routers/bad",
                        "Scheduled",
                        "has port 5044 free of other routers"),
                Arguments.of(
                        "an image that cannot be pulled",
                        router("bad", "image: \"nosuch:1\""),
                        "routers/bad",
                        "Ready",
                        "nosuch:1"));
    }

    private static String router(String name, String deploy) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: %s }
                spec: { sources: [ { http: { port: 9000 } } ], buffer: { maxBytes: 64MiB }, deploy: { %s } }
                ---
                %s""".formatted(name, deploy, route(name, name, "nowhere"));
    }

    private static String route(String name, String router, String sink) {
        return """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: %s, to: %s }
                """.formatted(name, router, sink);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void hostile_labels_are_told_in_few_words_and_leave_the_rest_running(String what, String label, String told) {
        swarm.service("evil", "evil", "logroute.enable=true", "logroute.router=core", "logroute.to=nowhere", label);
        swarm.awaitProblem("service evil_evil", told);
        assertThat(swarm.problems()).allSatisfy(problem -> assertThat(problem).hasSizeLessThan(2000));
        assertThat(swarm.logroute("status").codePoints().filter(each -> each != '\n' && Character.isISOControl(each)))
                .isEmpty();
        aGoodChangeGoesThrough();
        assertThat(swarm.one("sinks/evil")).isEmpty();
    }

    static List<Arguments> hostile_labels_are_told_in_few_words_and_leave_the_rest_running() {
        return List.of(
                Arguments.of(
                        "100 KB of a condition",
                        "logroute.drop=" + "event.a == \"b\" || ".repeat(6000) + "true",
                        "logroute.drop"),
                Arguments.of("100 KB of nothing known", "logroute.nothing=" + "x".repeat(100_000), "logroute.nothing"),
                Arguments.of(
                        "another document",
                        "logroute.to=nowhere\n---\nkind: LogSink\nmetadata: { name: evil }\n",
                        "logroute.to"),
                Arguments.of(
                        "a sink that its stack may not use",
                        "logroute.routes.a.to=archive",
                        "sink archive may be named by labels of stack shop"),
                Arguments.of("a path", "logroute.routes.../../../etc/passwd.to=nowhere", "logroute.routes"),
                Arguments.of(
                        "codes for terminals",
                        "logroute.\u001b[2J\u001b]0;x\u0007=\u001b[31m",
                        "there is no such label"),
                Arguments.of(
                        "100 KB of a sink's name",
                        "logroute.routes.a.to=" + "x".repeat(100_000),
                        "logroute.routes.a.to"),
                Arguments.of("a password", "logroute.set.db.password=hunter2", "looks like a secret"));
    }

    // ---- words of these tests

    /// While all that is wrong is there.
    private void aGoodChangeGoesThrough() {
        swarm.service("good", "shop", "logroute.enable=true", "logroute.router=core", "logroute.to=archive");
        swarm.awaitCondition("routes/shop--good", "Programmed", "True Runs");
        assertThat(swarm.condition("routes/rest", "Programmed")).startsWith("True Runs");
        assertThat(swarm.condition("routes/side", "Programmed")).startsWith("True Runs");
    }

    private String spec(String route) {
        return String.valueOf(swarm.one("routes/" + route).get("spec"));
    }

    private List<String> programmed(String beginning) {
        return swarm.all("routes").stream()
                .filter(route -> String.valueOf(route.get("name")).startsWith(beginning))
                .filter(route -> ((List<?>) Objects.requireNonNull(route.get("conditions")))
                        .stream()
                                .anyMatch(each -> each instanceof Map<?, ?> condition
                                        && "Programmed".equals(condition.get("type"))
                                        && "True".equals(condition.get("status"))))
                .map(route -> String.valueOf(route.get("name")))
                .toList();
    }

    private long received(String router) {
        return (long)
                Objects.requireNonNull((Long) swarm.one("routers/" + router).get("receivedEvents"));
    }

    /// A stack of services `s0` and so on that need not run, with these labels.
    private void deploy(String stack, int services, java.util.function.IntFunction<List<String>> labels)
            throws IOException {
        var file = new StringBuilder("version: \"3.8\"\nservices:\n");
        for (int i = 0; i < services; i++) {
            file.append(
                    "  s%d:\n    image: tiny:1\n    deploy:\n      replicas: 0\n      endpoint_mode: dnsrr\n      labels:\n"
                            .formatted(i));
            labels.apply(i)
                    .forEach(label -> file.append("        ").append(label).append('\n'));
        }
        lab.tiny();
        var path = Files.writeString(folder.resolve(stack + ".yml"), file);
        swarm.docker("stack", "deploy", "--resolve-image", "never", "-c", path.toString(), stack);
    }

    /// Sends events of a service with a client from npm to the port that the node publishes.
    private String send(String service, int events) throws IOException, InterruptedException {
        the_clients_are_installed();
        var said = folder.resolve("client.out");
        var builder = new ProcessBuilder("node", "lumberjack-client.js", lab.address(1) + ":5044", "" + events)
                .directory(CLIENTS.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("FIELDS", "{\"service_name\":\"%s\"}".formatted(service));
        var client = builder.start();
        try {
            assertThat(client.waitFor(180, TimeUnit.SECONDS))
                    .as("the client ends")
                    .isTrue();
            return Files.readString(said).strip();
        } finally {
            client.destroyForcibly();
        }
    }

    private static void the_clients_are_installed() {
        boolean installed = Files.exists(CLIENTS.resolve("node_modules/.installed"));
        var what = "the Node clients are not installed; run src/test/clients/install.sh (./dev test does)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(what).isTrue();
        }
        assumeTrue(installed, what);
    }

    private static long hits(String query) throws IOException, InterruptedException {
        var elastic = ElasticsearchServer.plain();
        elastic.call("POST", "/ampbeat-*/_refresh", "");
        var answer = elastic.call("POST", "/ampbeat-*/_count", "{\"query\":%s}".formatted(query));
        var body = answer.body().getBytes(StandardCharsets.UTF_8);
        return answer.statusCode() == 200
                ? (long) Objects.requireNonNull(
                        (Long) Json.parse(body, 0, body.length).get("count"))
                : 0;
    }
}
