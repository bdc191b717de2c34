package io.logroute.face;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.logroute.control.FleetStates;
import io.logroute.flow.Json;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.InstanceState;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Revision;
import io.logroute.plan.swarm.Packed;
import io.logroute.remote.LinkKey;
import io.logroute.remote.RouterLink;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Asked;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.router.DeadLetterOffice;
import io.logroute.router.Edition;
import io.logroute.router.Instance;
import io.logroute.router.Pipelines;
import io.logroute.spec.Read;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.Ports;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Management over real sockets, before a router that is real.
@Timeout(300)
class ManagementTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path data;

    private final LinkKey key = LinkKey.generate(new SecureRandom());
    private final RouterLink link = new RouterLink(key, InstantSource.system());
    private final Instruments meters = new Instruments();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Optional<Instance> instance = Optional.empty();
    private Optional<DeadLetterOffice> office = Optional.empty();
    private Optional<Management> management = Optional.empty();

    @BeforeEach
    void serve() throws Exception {
        serve(Optional.of(key));
    }

    private void serve(Optional<LinkKey> known) throws Exception {
        end();
        var routers = new Pipelines(
                data,
                Mappings.of(Optional.empty()),
                new PrintStream(OutputStream.nullOutputStream()),
                meters,
                InstantSource.system());
        var served = new Instance(routers, data, "core", 3, Set.of());
        open.add(served);
        office = Optional.of(routers);
        instance = Optional.of(served);
        var managed = new Managed(served, routers, meters, known, InstantSource.system());
        var serving = new Management("127.0.0.1", 0, managed, new Face.Life() {
            @Override
            public void listening(int port) {}

            @Override
            public void stopping() {}
        });
        open.add(serving);
        management = Optional.of(serving);
    }

    @AfterEach
    void end() throws Exception {
        for (var each : open.reversed()) {
            each.close();
        }
        open.clear();
    }

    private int port() {
        return management.orElseThrow().port();
    }

    private Address address() {
        return new Address("127.0.0.1", port(), "core-3");
    }

    private static PipelineDefinition pipeline(String source, String sink, String route) {
        var text = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ %s ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: out }
                spec: %s
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: core, to: [out] }
                """.formatted(source, sink, route);
        var declared = Declared.of(SpecReader.documents("test.yaml", text), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline("core").orElseThrow();
    }

    private static PipelineDefinition routes(String route) {
        return pipeline("{ demo: { eventsPerSecond: 1 } }", "{ discard: {} }", route);
    }

    private void starts(PipelineDefinition pipeline, long generation) {
        var edition = new Edition(pipeline.text(), pipeline.revision().hash(), generation);
        assertThat(instance.orElseThrow().start(new Read.Good<>(edition))).isEmpty();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HTTP.send(request, BodyHandlers.ofString());
    }

    private HttpRequest.Builder signed(String method, String target, byte[] body, Instant at) {
        var hash = LinkKey.hash(body);
        return HttpRequest.newBuilder(uri(target))
                .method(method, BodyPublishers.ofByteArray(body))
                .header("Authorization", key.sign("core-3", method, target, at, hash))
                .header(LinkKey.INSTANCE, "core-3")
                .header(LinkKey.BODY_HASH, hash);
    }

    private static Map<String, ?> tree(String json) {
        var bytes = json.getBytes(UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }

    @Test
    void health_says_whether_it_takes_events() throws Exception {
        assertThat(get("/q/health/live").statusCode()).isEqualTo(200);
        var before = get("/q/health/ready");
        assertThat(before.statusCode()).isEqualTo(503);
        assertThat(before.body()).contains("\"DOWN\"", "it does not run yet");
        assertThat(link.report(address()))
                .isEqualTo(new Reported.NotYet("router core: it does not run yet. Ask again in a moment."));
        starts(routes("all"), 5);
        assertThat(get("/q/health/ready").statusCode()).isEqualTo(200);
        instance.orElseThrow().ending();
        assertThat(get("/q/health/ready").body()).contains("it stops");
    }

    @Test
    void its_home_is_what_monitoring_of_logstash_expects() throws Exception {
        starts(routes("all"), 5);
        var home = tree(get("/").body());
        assertThat(home.get("status")).isEqualTo("green");
        assertThat(home.get("name")).isEqualTo("core-3");
        assertThat(home.get("version")).isInstanceOf(String.class);
        assertThat(home.get("http_address")).isEqualTo("127.0.0.1:" + port());
        assertThat(home.get("generation")).isEqualTo(5L);
        var head = send(HttpRequest.newBuilder(uri("/")).HEAD().build());
        assertThat(head.statusCode()).isEqualTo(200);
    }

    @Test
    void an_order_comes_over_the_link_and_it_stays_ready() throws Exception {
        assertThat(link.order(address(), Order.DRAIN))
                .isEqualTo(new Ordered.NotNow("router core does not run yet. Send it again in a moment."));
        starts(routes("all"), 5);
        assertThat(link.order(address(), Order.DISCARD))
                .isInstanceOfSatisfying(
                        Ordered.NotNow.class,
                        not -> assertThat(not.reason()).contains("gives up no buffer before it is drained"));
        for (int i = 0; i < 2; i++) {
            assertThat(link.order(address(), Order.DRAIN)).isEqualTo(new Ordered.Taken());
        }
        await().atMost(60, SECONDS)
                .until(() -> link.report(address()) instanceof Reported.Told(var told)
                        && told.holding().equals(new Holding(Mode.DRAINING, true, 0)));
        assertThat(get("/q/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").body()).contains("logroute_draining{router=\"core\"} 1");
        assertThat(link.order(address(), Order.SERVE)).isEqualTo(new Ordered.Taken());
        assertThat(link.report(address()))
                .isInstanceOfSatisfying(
                        Reported.Told.class,
                        told -> assertThat(told.report().holding().mode()).isEqualTo(Mode.SERVING));
    }

    @Test
    void an_order_is_for_those_who_sign_it_and_has_to_be_one() throws Exception {
        starts(routes("all"), 5);
        var unsigned = HttpRequest.newBuilder(uri("/api/v1/order?do=drain"))
                .PUT(BodyPublishers.noBody())
                .build();
        assertThat(send(unsigned).statusCode()).isEqualTo(401);
        for (var what : List.of("?do=stop", "?do=DRAIN", "")) {
            var target = "/api/v1/order" + what;
            var answer = send(signed("PUT", target, new byte[0], Instant.now()).build());
            assertThat(answer.statusCode()).as(what).isEqualTo(400);
            assertThat(answer.body()).contains("which is no order", "Write ?do=serve, drain or discard.");
        }
        var target = "/api/v1/order?do=drain";
        assertThat(send(signed("GET", target, new byte[0], Instant.now()).build())
                        .statusCode())
                .isEqualTo(405);
        assertThat(instance.orElseThrow().report().orElseThrow().holding().mode())
                .isEqualTo(Mode.SERVING);
        var taken = send(signed("PUT", target, new byte[0], Instant.now()).build());
        assertThat(taken.body()).isEqualTo("{\"mode\":\"DRAINING\"}\n");
    }

    @Test
    void metrics_are_open_and_in_the_form_of_prometheus() throws Exception {
        starts(routes("all"), 5);
        var metrics = get("/metrics");
        assertThat(metrics.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain; version=0.0.4");
        assertThat(metrics.body()).contains("logroute_buffer_bytes{router=\"core\"}");
    }

    @Test
    void what_it_tells_of_itself_comes_over_the_link() {
        starts(routes("all"), 5);
        assertThat(link.report(address())).isInstanceOfSatisfying(Reported.Told.class, told -> {
            assertThat(told.report().router()).isEqualTo("core");
            assertThat(told.report().instance()).isEqualTo(3);
            assertThat(told.report().generation()).isEqualTo(5);
            assertThat(told.report().routes()).hasSize(1);
        });
    }

    @Test
    void a_push_is_taken_once_and_outdated_when_it_comes_late() {
        var two = routes("two");
        starts(routes("one"), 5);
        assertThat(push(two, 6)).isEqualTo(new Pushed.Taken(true));
        assertThat(push(two, 6)).isEqualTo(new Pushed.Taken(false));
        assertThat(push(routes("one"), 5))
                .isInstanceOfSatisfying(
                        Pushed.Outdated.class,
                        outdated -> assertThat(outdated.reason())
                                .contains("runs revision " + two.revision() + " (generation 6)"));
        assertThat(instance.orElseThrow().report().orElseThrow().revision())
                .isEqualTo(two.revision().hash());
    }

    private Pushed push(PipelineDefinition pipeline, long generation) {
        return link.push(address(), pipeline.text(), pipeline.revision(), generation);
    }

    @Test
    void a_push_comes_plain_as_well() throws Exception {
        var two = routes("two");
        starts(routes("one"), 5);
        var answer = send(signed(
                        "PUT",
                        "/api/v1/pipeline?revision=%s&generation=6".formatted(two.revision()),
                        two.text().getBytes(UTF_8),
                        Instant.now())
                .build());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(tree(answer.body()).get("revision")).isEqualTo(two.revision().hash());
    }

    @Test
    void what_cannot_be_run_is_refused_in_the_routers_own_words() {
        starts(routes("one"), 5);
        var broken = pipeline(
                "{ demo: { eventsPerSecond: 1 } }",
                "{ elasticsearch: { urls: ['http://127.0.0.1:1'], index: x, auth: { username: u, passwordFile: /run/secrets/none } } }",
                "one");
        assertThat(push(broken, 6))
                .isInstanceOfSatisfying(
                        Pushed.Refused.class,
                        refused -> assertThat(refused.problems())
                                .singleElement()
                                .asString()
                                .contains("none"));
        assertThat(link.push(address(), "{", new Revision("3f9a1c0d2b4e"), 6))
                .isInstanceOfSatisfying(
                        Pushed.Refused.class,
                        refused -> assertThat(refused.problems())
                                .singleElement()
                                .asString()
                                .contains("not YAML"));
        assertThat(link.report(address())).isInstanceOfSatisfying(Reported.Told.class, told -> {
            assertThat(told.report().generation()).isEqualTo(5);
            assertThat(told.report().trouble().orElse("")).contains("was refused", "not YAML");
        });
    }

    @Test
    void what_needs_a_restart_is_told_to_need_one() {
        starts(routes("one"), 5);
        assertThat(push(pipeline("{ demo: { eventsPerSecond: 2 } }", "{ discard: {} }", "one"), 6))
                .isInstanceOfSatisfying(
                        Pushed.NeedsRestart.class,
                        needs -> assertThat(needs.reason()).contains("sources of router core would change"));
    }

    /// A router with one dead letter: what its Elasticsearch refuses while `refusing`.
    private void startsWithADeadLetter(AtomicBoolean refusing) throws Exception {
        int in = Ports.free();
        var elastic = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        elastic.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            var answer = (refusing.get()
                            ? "{\"errors\":true,\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"no date\"}}}]}"
                            : "{\"errors\":false}")
                    .getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        elastic.start();
        open.add(() -> elastic.stop(0));
        starts(
                pipeline(
                        "{ http: { host: 127.0.0.1, port: %d } }".formatted(in),
                        "{ elasticsearch: { urls: ['http://127.0.0.1:%d'], index: x } }"
                                .formatted(elastic.getAddress().getPort()),
                        "all"),
                5);
        assertThat(send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + in + "/"))
                                .POST(BodyPublishers.ofString("{\"msg\":\"ö\"}"))
                                .build())
                        .statusCode())
                .isEqualTo(200);
        await().atMost(60, SECONDS)
                .until(() -> ask("GET", "/api/v1/dead-letters", "").contains("\"letters\":1"));
    }

    @Test
    void dead_letters_are_told_and_given_back_as_at_run() throws Exception {
        var refusing = new AtomicBoolean(true);
        startsWithADeadLetter(refusing);
        assertThat(ask("GET", "/api/v1/dead-letters/core/out?limit=5", "")).contains("no date", "\"msg\":\"ö\"");
        assertThat(ask("GET", "/api/v1/dead-letters/core/out?limit=5&events=false", ""))
                .doesNotContain("\"msg\"");
        assertThat(ask("GET", "/api/v1/dead-letters/core/out?limt=5", ""))
                .startsWith("400")
                .contains("limt");
        assertThat(ask("GET", "/api/v1/dead-letters/core/none", ""))
                .startsWith("404")
                .contains("no dead letters");
        assertThat(ask("GET", "/api/v1/dead-letters/core/out/9-9", ""))
                .startsWith("404")
                .contains("no letter 9-9");
        assertThat(ask("DELETE", "/api/v1/dead-letters/core/out", "")).startsWith("405");
        assertThat(ask("POST", "/api/v1/dead-letters/core/out/replay", "[]")).startsWith("400");
        refusing.set(false);
        assertThat(ask("POST", "/api/v1/dead-letters/core/out/replay", "{\"to\":\"out\"}"))
                .startsWith("400")
                .contains("a replay has to say where it ends");
        assertThat(ask("POST", "/api/v1/dead-letters/core/out/purge", "{}"))
                .startsWith("400")
                .contains("a purge has to say where it ends");
        var until = ask("GET", "/api/v1/dead-letters/core/out/end", "").replaceAll("(?s).*:\"(.*)\".*", "$1");
        assertThat(ask(
                        "POST",
                        "/api/v1/dead-letters/core/out/replay",
                        "{\"to\":\"out\",\"until\":\"%s\"}".formatted(until)))
                .contains("\"replayed\":1");
        assertThat(ask("POST", "/api/v1/dead-letters/core/out/purge", "{\"until\":\"%s\"}".formatted(until)))
                .contains("\"removed\":0");
    }

    @Test
    void what_is_signed_for_another_instance_is_not_obeyed() throws Exception {
        startsWithADeadLetter(new AtomicBoolean(true));
        var other = new Address("127.0.0.1", port(), "core-4");
        assertThat(link.ask(other, "GET", "/api/v1/report", new byte[0]))
                .isInstanceOfSatisfying(Asked.Answered.class, answered -> {
                    assertThat(answered.status()).isEqualTo(401);
                    assertThat(new String(answered.body(), UTF_8))
                            .contains("this is instance core-3, and it is for instance core-4");
                });
        var hash = LinkKey.hash(new byte[0]);
        var heard = HttpRequest.newBuilder(uri("/api/v1/report"))
                .header("Authorization", key.sign("core-4", "GET", "/api/v1/report", Instant.now(), hash))
                .header(LinkKey.BODY_HASH, hash);
        assertThat(send(heard.copy().build()).statusCode()).isEqualTo(401);
        assertThat(send(heard.header(LinkKey.INSTANCE, "core-3").build()).statusCode())
                .as("the instance is part of what is signed")
                .isEqualTo(401);
    }

    @Test
    void dead_letters_of_an_instance_are_passed_on_by_the_controller() throws Exception {
        var refusing = new AtomicBoolean(true);
        startsWithADeadLetter(refusing);
        var here = new LettersDesk(office.orElseThrow());
        var afar = controller(fleet(Optional.empty()));

        var summary = here.all().getFirst();
        assertThat(afar.all())
                .containsExactly(new DeadLettersView(
                        "core",
                        Optional.of("core-3"),
                        Optional.of("out"),
                        1,
                        summary.bytes(),
                        0,
                        summary.oldest(),
                        summary.newest(),
                        summary.reasons(),
                        Optional.empty()));
        assertThat(summary.reasons()).isNotEmpty();

        var page = afar.some("core-3", "out", Map.of("reason", "NO DATE", "limit", "5"));
        assertThat(page).isEqualTo(here.some("core", "out", Map.of("limit", "5")));
        assertThat(page.letters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.event()).contains("\"msg\":\"ö\""));
        assertThat(afar.some("core-3", "out", Map.of("events", "false")).letters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.event()).isNull());
        var id = page.letters().getFirst().id();
        assertThat(afar.one("core-3", "out", id)).isEqualTo(page.letters().getFirst());

        refusing.set(false);
        var step = afar.replay("core-3", "out", "{\"to\":\"out\"}".getBytes(UTF_8));
        assertThat(step.replayed()).isEqualTo(1);
        assertThat(step.next()).isEmpty();
        assertThat(afar.purge("core-3", "out", "{}".getBytes(UTF_8)).removed()).isZero();
        assertThat(here.all().getFirst().letters()).isZero();
    }

    @Test
    void an_instance_that_does_not_answer_is_told_of_beside_the_letters_of_others() throws Exception {
        startsWithADeadLetter(new AtomicBoolean(true));
        var afar = controller(fleet(Optional.of("its task is preparing")));
        assertThat(afar.all()).hasSize(2).last().satisfies(silent -> {
            assertThat(silent.instance()).contains("core-4");
            assertThat(silent.sink()).isEmpty();
            assertThat(silent.trouble()).contains("instance core-4 does not answer: its task is preparing");
        });
        assertThat(fault(() -> afar.some("core", "out", Map.of())))
                .isEqualTo(new Fault(
                        409,
                        "router core has 2 instances, each with dead letters of its own",
                        "Name one of them in its place: core-3, core-4."));
        assertThat(fault(() -> afar.some("core-4", "out", Map.of())))
                .isEqualTo(new Fault(
                        503,
                        "instance core-4 does not answer: nobody listens there",
                        "logroute status tells how it does; ask again when it answers."));
        assertThat(fault(() -> afar.some("web", "out", Map.of())).status()).isEqualTo(404);
    }

    @Test
    void what_an_instance_says_of_a_wrong_question_reaches_whoever_asked() throws Exception {
        startsWithADeadLetter(new AtomicBoolean(true));
        var afar = controller(fleet(Optional.empty()));
        assertThat(fault(() -> afar.some("core", "none", Map.of())))
                .isEqualTo(new Fault(
                        404,
                        "instance core-3: router \"core\" has no dead letters of a sink \"none\"",
                        "logroute dlq ls tells which there are; GET /api/v1/dead-letters, too."));
        assertThat(fault(() -> afar.purge("core", "out", "{\"rout\":\"a\"}".getBytes(UTF_8)))
                        .status())
                .isEqualTo(400);
        var stranger = new RouterLink(LinkKey.generate(new SecureRandom()), InstantSource.system());
        open.add(stranger);
        var unknown = Letters.afar(
                fleet(Optional.empty()), (_, method, target, body) -> stranger.ask(address(), method, target, body));
        assertThat(fault(() -> unknown.some("core", "out", Map.of())).status())
                .as("it is not the asker's token that is wrong")
                .isEqualTo(502);
    }

    private static Fault fault(org.assertj.core.api.ThrowableAssert.ThrowingCallable asked) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(Letters.NoAnswer.class, asked)
                .fault();
    }

    /// Instance 3 is the real one.
    private Letters controller(FleetStates fleet) {
        return Letters.afar(
                fleet,
                (service, method, target, body) -> service.equals("logroute_core-3")
                        ? link.ask(address(), method, target, body)
                        : new Asked.Unreachable("nobody listens there"));
    }

    /// @param silence why instance 4 tells nothing; empty where there is none
    private FleetStates fleet(Optional<String> silence) {
        var report = instance.orElseThrow().report();
        var instances = new ArrayList<InstanceState>();
        instances.add(new InstanceState(
                "core", 3, Optional.of("logroute_core-3"), Optional.of("n1"), report, Optional.empty()));
        silence.ifPresent(why -> instances.add(new InstanceState(
                "core", 4, Optional.of("logroute_core-4"), Optional.of("n2"), Optional.empty(), Optional.of(why))));
        var state = new FleetState(
                "core", report.map(InstanceReport::revision), Optional.empty(), false, 1, List.of(), instances);
        return () -> List.of(state);
    }

    private String ask(String method, String target, String body) {
        return switch (link.ask(address(), method, target, body.getBytes(UTF_8))) {
            case Asked.Answered(int status, var answer) -> status + " " + new String(answer, UTF_8);
            case Asked.Unreachable(var reason) -> reason;
        };
    }

    @Test
    void strangers_are_told_nothing_and_change_nothing() throws Exception {
        var two = routes("two");
        starts(routes("one"), 5);
        var target = "/api/v1/pipeline?revision=%s&generation=6".formatted(two.revision());
        var body = two.text().getBytes(UTF_8);
        var stranger = new RouterLink(LinkKey.generate(new SecureRandom()), InstantSource.system());
        assertThat(stranger.report(address()))
                .isInstanceOfSatisfying(
                        Reported.Denied.class,
                        denied -> assertThat(denied.reason()).contains("was not made with this router's link key"));
        assertThat(stranger.push(address(), two.text(), two.revision(), 6)).isInstanceOf(Pushed.Denied.class);
        assertThat(get("/api/v1/report").statusCode()).as("unsigned").isEqualTo(401);
        for (long apart : new long[] {-330, 330}) {
            var answer = send(signed("PUT", target, body, Instant.now().plusSeconds(apart))
                    .build());
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).contains("by the clock here");
        }
        var other = send(signed("PUT", target, body, Instant.now())
                .PUT(BodyPublishers.ofString(routes("three").text()))
                .build());
        assertThat(other.statusCode()).isEqualTo(401);
        assertThat(other.body()).contains("the body is not the one that was signed");
        assertThat(send(signed("PUT", target, body, Instant.now())
                                .uri(uri(target.replace("=6", "=7")))
                                .build())
                        .statusCode())
                .as("another query")
                .isEqualTo(401);
        stranger.close();
        assertThat(instance.orElseThrow().report().orElseThrow().generation()).isEqualTo(5);
    }

    @Test
    void without_a_key_it_obeys_nobody_and_serves_the_rest() throws Exception {
        serve(Optional.empty());
        starts(routes("one"), 5);
        assertThat(get("/q/health/ready").statusCode()).isEqualTo(200);
        assertThat(link.report(address()))
                .isInstanceOfSatisfying(
                        Reported.Denied.class,
                        denied -> assertThat(denied.reason())
                                .contains("has no link key, and obeys nobody", "--link-key-file"));
        var answer = get("/api/v1/report");
        assertThat(answer.statusCode()).isEqualTo(403);
    }

    @Test
    void a_body_that_is_too_large_is_refused_and_a_strangers_is_not_read() throws Exception {
        starts(routes("one"), 5);
        var large = new byte[9 << 20];
        Arrays.fill(large, (byte) 'a');
        assertThat(send(signed("PUT", "/api/v1/pipeline?revision=3f9a1c0d2b4e&generation=6", large, Instant.now())
                                .build())
                        .statusCode())
                .isEqualTo(413);
        try (var socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("""
                    PUT /api/v1/pipeline?revision=3f9a1c0d2b4e&generation=6 HTTP/1.1\r
                    Host: x\r
                    Content-Length: 100000000000\r
                    \r
                    """.getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 401");
        }
    }

    @Test
    void wrong_requests_are_told_what_is_wrong() throws Exception {
        starts(routes("one"), 5);
        assertThat(ask("PUT", "/api/v1/pipeline?revision=x&generation=6", "{}"))
                .startsWith("400")
                .contains("revision is");
        assertThat(ask("PUT", "/api/v1/pipeline?revision=3f9a1c0d2b4e&generation=-1", "{}"))
                .startsWith("400");
        assertThat(ask("PUT", "/api/v1/pipeline", "{}")).startsWith("400");
        assertThat(ask("GET", "/api/v1/pipeline", "")).startsWith("405");
        assertThat(ask("GET", "/api/v1/routers", "")).startsWith("404");
        assertThat(get("/nowhere").statusCode()).isEqualTo(404);
        assertThat(send(HttpRequest.newBuilder(uri("/metrics")).DELETE().build())
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void a_packed_bomb_is_refused() throws Exception {
        starts(routes("one"), 5);
        assertThat(link.push(
                        address(), "a: b\n".repeat((Packed.LARGEST_TEXT / 5) + 1), new Revision("3f9a1c0d2b4e"), 6))
                .isInstanceOfSatisfying(
                        Pushed.Refused.class,
                        refused -> assertThat(refused.problems().toString()).contains("more than 67108864 bytes"));
    }

    @Test
    void clients_that_say_nothing_hold_nobody_up() throws Exception {
        starts(routes("one"), 5);
        var silent = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 100; i++) {
                var socket = new Socket("127.0.0.1", port());
                silent.add(socket);
                socket.getOutputStream()
                        .write((i % 2 == 0
                                        ? "PUT /api/v1/pipeline HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
                                        : "GET /me")
                                .getBytes(UTF_8));
            }
            long start = System.nanoTime();
            assertThat(push(routes("two"), 6)).isEqualTo(new Pushed.Taken(true));
            assertThat(get("/q/health/ready").statusCode()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
        } finally {
            for (var each : silent) {
                each.close();
            }
        }
    }

    @Test
    void a_taken_port_is_told() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> new Management(
                        "127.0.0.1",
                        port(),
                        new Managed(
                                instance.orElseThrow(),
                                DeadLetterOffice.NONE,
                                meters,
                                Optional.empty(),
                                InstantSource.system()),
                        new Face.Life() {
                            @Override
                            public void listening(int port) {}

                            @Override
                            public void stopping() {}
                        })))
                .isInstanceOf(CannotServe.class)
                .hasMessageContaining("is taken; stop what uses it or choose another with --port");
    }
}
