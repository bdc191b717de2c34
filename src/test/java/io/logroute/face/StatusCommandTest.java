package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceState;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.spec.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModules(new Jdk8Module(), new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .serializationInclusion(JsonInclude.Include.NON_ABSENT)
            .build();

    private final HttpServer http;
    private Shop shop;

    StatusCommandTest(@TempDir Path folder) throws IOException {
        shop = new Shop(folder);
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void serve() {
        answer("routers", () -> new RoutersResource(shop.served).all());
        answer("sinks", () -> new SinksResource(shop.served).all());
        answer("routes", () -> new RoutesResource(shop.served).all());
        answer("volumes", () -> new VolumesResource(shop.served).all());
        answer("relays", () -> new RelaysResource(shop.served).all());
        answer("problems", () -> new ProblemsResource(shop.served).all());
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    private void answer(String part, Supplier<Object> with) {
        http.createContext("/api/v1/" + part, exchange -> {
            var body = JSON.writeValueAsBytes(with.get());
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
    }

    private String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private Said status(String... more) {
        var args = new java.util.ArrayList<>(java.util.List.of("status", "--url", url()));
        args.addAll(java.util.List.of(more));
        return Said.by(args.toArray(String[]::new));
    }

    @Test
    void when_all_is_well_it_shows_tables_and_ends_with_0() {
        var revision = shop.board.routers().getFirst().revision().orElseThrow();
        var said = status();
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                        ROUTERS
                        NAME  REVISION      RECEIVED  BUFFERED  BYTES           OLDEST  STATE
                        core  %s      1204        12  1.2MiB of 1GiB  3s      well

                        SINKS
                        NAME     KIND     DELIVERED  DEAD  DISCARDED  WAITING  LAG   OLDEST  STATE
                        archive  file          1192     0          0       12  1KiB  3s      takes events
                        screen   console       1192     0          0       12  1KiB  3s      takes events

                        ROUTES
                        NAME        ROUTER  ROUTED  STATE
                        everything  core      1204  well
                        watch       core      1204  well

                        All is well.
                        """.formatted(revision));
        assertThat(said.code()).isZero();
    }

    @Test
    void a_source_that_reaches_nothing_needs_attention() {
        shop.fetches("relay:eu1", new InstanceReport.Behind(-1, Optional.empty()));
        var said = status();
        assertThat(said.out())
                .containsPattern("relay:eu1 +core +7 +- +- +not reached\n")
                .contains("router core: source relay:eu1 does not reach what it takes events from; they wait there.")
                .doesNotContain("All is well");
        assertThat(said.code()).isEqualTo(1);
    }

    @Test
    void a_sink_that_is_down_needs_attention_and_names_its_route() {
        shop.down("archive", "the disk is full");
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("everything  core      1204  not Delivering, Degraded")
                .contains("watch       core      1204  well")
                .contains("sink archive: the disk is full. Nothing is lost: its events wait in the buffer")
                .contains("route everything: not Delivering, Degraded: see sink archive")
                .doesNotContain("All is well")
                .containsOnlyOnce("the disk is full");
    }

    @Test
    void a_trouble_of_a_sink_is_said_once_however_many_routes_send_to_it() {
        for (var name : new String[] {"one", "two", "three"}) {
            shop.write(name + ".yaml", Shop.route(name, "archive"));
        }
        shop.pass();
        shop.down("archive", "the disk is full");
        assertThat(status().out())
                .containsOnlyOnce("the disk is full")
                .contains("route one: not Delivering, Degraded: see sink archive\n")
                .contains("route two: not Delivering, Degraded: see sink archive\n");
    }

    @Test
    void a_drain_that_waits_for_a_sink_points_at_it() {
        shop.down("archive", "the disk is full");
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of(revision),
                        Optional.empty(),
                        false,
                        1,
                        List.of(new Problem(
                                "instance logroute_core-1",
                                "it drains, scale: 1 is wanted, and waits: sink archive takes nothing: the disk is full",
                                "Mend the sink.")),
                        List.of(shop.instance(0, "node-a", revision), shop.instance(1, "node-b", revision)),
                        List.of(
                                volume(0, "node-a", Stage.SERVING, Optional.empty(), Optional.empty()),
                                volume(
                                        1,
                                        "node-b",
                                        Stage.DRAINING,
                                        Optional.of("scale: 1 is wanted"),
                                        Optional.empty())),
                        Optional.empty()));
        assertThat(status().out())
                .contains("sink archive: the disk is full")
                .contains("sink archive takes nothing, see sink archive. Mend the sink.")
                .containsPattern("core/1 .* Sink archive takes nothing, see sink archive[.]")
                .containsOnlyOnce("the disk is full");
    }

    @Test
    void one_that_is_reached_again_is_not_told_as_away() {
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of(revision),
                        Optional.empty(),
                        false,
                        1,
                        List.of(),
                        List.of(shop.instance(0, "node-a", revision)),
                        List.of(new VolumeState(
                                "logroute_core-0",
                                "core",
                                0,
                                InstanceReport.Kind.DISK,
                                Optional.of("node-a"),
                                Stage.SERVING,
                                Optional.empty(),
                                Optional.of(Shop.NOW),
                                Optional.of(Shop.NOW.minusSeconds(80)),
                                12,
                                4096,
                                Optional.empty(),
                                0,
                                Optional.of(Shop.NOW),
                                true,
                                Optional.empty(),
                                false,
                                false)),
                        Optional.empty()));
        assertThat(status().out())
                .contains("It is reached; when the swarm was looked at last, its node was away since ")
                .doesNotContain("Its node is away");
    }

    @Test
    void words_of_a_destination_cannot_steer_the_terminal() {
        shop.down("archive", "first\nsecond \u001b[2J");
        assertThat(status().out()).contains("sink archive: first second  [2J").doesNotContain("\u001b");
    }

    @Test
    void what_waits_in_a_relay_is_shown_with_its_age() {
        shop.fetches("relay:eu1", new InstanceReport.Behind(41, Optional.of(Shop.NOW.minusSeconds(30))));
        shop.fetches("relay:old", new InstanceReport.Behind(-1, Optional.of(Shop.NOW.minusSeconds(7))));
        shop.fetches("relay:us1", new InstanceReport.Behind(-1, Optional.empty()));
        assertThat(status().out().lines())
                .containsSequence(
                        "FETCHED FROM",
                        "SOURCE     ROUTER  RECEIVED  WAITING  OLDEST  STATE",
                        "relay:eu1  core           7  41       30s     takes",
                        "relay:old  core           7  -        7s      takes",
                        "relay:us1  core           7  -        -       not reached");
    }

    @Test
    void what_was_handed_on_and_waits_there_is_shown() {
        assertThat(status().out()).doesNotContain("HANDED ON");
        shop.handsOn("archive", new InstanceReport.Behind(1_204, Optional.empty()));
        assertThat(status().out().lines())
                .containsSequence("HANDED ON", "SINK     KIND  WAITING THERE", "archive  file           1204");
        shop.handsOn("archive", new InstanceReport.Behind(-1, Optional.empty()));
        assertThat(status().out().lines())
                .containsSequence("HANDED ON", "SINK     KIND  WAITING THERE", "archive  file  -");
    }

    @Test
    void a_router_in_trouble_is_not_ready() {
        shop.trouble("core", "port 8088 is taken");
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("not ready").contains("router core: port 8088 is taken");
    }

    @Test
    void a_fleet_shows_each_instance_with_its_node() {
        shop.fleet(
                "core",
                revision -> fleet(
                        revision,
                        2,
                        List.of(shop.instance(0, "node-a", revision), shop.instance(1, "node-b", revision))));
        var revision = shop.board.routers().getFirst().revision().orElseThrow();
        var said = status();
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                        ROUTERS
                        NAME  READY  REVISION      RECEIVED  BUFFERED  BYTES           OLDEST  STATE
                        core  2/2    %1$s      2408        24  2.4MiB of 2GiB  3s      well

                        INSTANCES
                        NAME    NODE    REVISION      RECEIVED  BUFFERED  BYTES           OLDEST  STATE
                        core-0  node-a  %1$s      1204        12  1.2MiB of 1GiB  3s      well
                        core-1  node-b  %1$s      1204        12  1.2MiB of 1GiB  3s      well

                        SINKS
                        NAME     KIND     DELIVERED  DEAD  DISCARDED  WAITING  LAG   OLDEST  STATE
                        archive  file          2384     0          0       24  2KiB  3s      takes events
                        screen   console       2384     0          0       24  2KiB  3s      takes events

                        ROUTES
                        NAME        ROUTER  ROUTED  STATE
                        everything  core      2408  well
                        watch       core      2408  well

                        All is well.
                        """.formatted(revision));
        assertThat(said.code()).isZero();
    }

    @Test
    void what_is_wrong_with_an_instance_is_said_once_with_its_number_and_swarms_words() {
        shop.fleet(
                "core",
                revision -> fleet(
                        revision,
                        3,
                        List.of(
                                shop.instance(0, "node-a", revision),
                                Shop.lost(1, Optional.of("node-b"), "task rejected: No such image: logroute:9"),
                                Shop.lost(2, Optional.empty(), "no node has the label zone=c"))));
        var revision = shop.board.routers().getFirst().revision().orElseThrow();
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                        ROUTERS
                        NAME  READY  REVISION      RECEIVED  BUFFERED  BYTES           OLDEST  STATE
                        core  1/3    %1$s      1204        12  1.2MiB of 1GiB  3s      not Ready, not Scheduled

                        INSTANCES
                        NAME    NODE    REVISION      RECEIVED  BUFFERED  BYTES           OLDEST  STATE
                        core-0  node-a  %1$s  1204      12        1.2MiB of 1GiB  3s      well
                        core-1  node-b  -             -         -         -               -       not ready
                        core-2  -       -             -         -         -               -       not ready

                        SINKS
                        NAME     KIND     DELIVERED  DEAD  DISCARDED  WAITING  LAG   OLDEST  STATE
                        archive  file          1192     0          0       12  1KiB  3s      takes events
                        screen   console       1192     0          0       12  1KiB  3s      takes events

                        ROUTES
                        NAME        ROUTER  ROUTED  STATE
                        everything  core      1204  not Programmed, Degraded
                        watch       core      1204  not Programmed, Degraded

                        NEEDS ATTENTION
                        router core: not Ready: Instance 1: Router core does not answer: task rejected: No such image: logroute:9. Instance 2: Router core does not answer: no node has the label zone=c.
                        router core: not Scheduled: Instance 2 has no node: no node has the label zone=c.
                        route everything: not Programmed, Degraded: see router core
                        route watch: not Programmed, Degraded: see router core
                        """.formatted(revision));
    }

    @Test
    void one_that_leaves_shows_how_far_it_is_and_where_its_events_are() {
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of(revision),
                        Optional.empty(),
                        false,
                        3,
                        List.of(),
                        List.of(
                                shop.instance(0, "node-a", revision),
                                shop.instance(1, "node-b", revision),
                                shop.instance(2, "node-c", revision),
                                Shop.lost(3, Optional.of("node-d"), "its task is shutdown")),
                        List.of(
                                volume(0, "node-a", Stage.SERVING, Optional.empty(), Optional.empty()),
                                volume(
                                        1,
                                        "node-b",
                                        Stage.DRAINING,
                                        Optional.of("scale: 3 are wanted"),
                                        Optional.empty()),
                                volume(
                                        2,
                                        "node-c",
                                        Stage.DRAINED,
                                        Optional.of("operator: asked by alice"),
                                        Optional.empty()),
                                volume(
                                        3,
                                        "node-d",
                                        Stage.DRAINING,
                                        Optional.of("node: node-d was away for 5m"),
                                        Optional.of(Shop.NOW.minusSeconds(600))),
                                volume(4, "node-a", Stage.KEPT, Optional.of("scale: 3 are wanted"), Optional.empty())),
                        Optional.of("3 instances: lag 42 s > 30 s for 2 min")));
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("SCALING\ncore: 3 instances: lag 42 s > 30 s for 2 min\n\nINSTANCES")
                .containsPattern("core-0  node-a .*  well\n")
                .containsPattern("core-1  node-b .*  draining: 12 events left\n")
                .containsPattern("core-2  node-c .*  drained by alice\n")
                .containsPattern("core-3  node-d .*  draining: not reached\n")
                .contains("\nVOLUMES\nNAME    NODE    STAGE     EVENTS  BYTES")
                .doesNotContain("core/0")
                .containsPattern("core/1  node-b  draining +12 ")
                .containsPattern("core/4  node-a  kept +0 .* now +It went: 3 are wanted.\n")
                .contains("watch       core      3612  well")
                .containsOnlyOnce("router core: not VolumesReached: core/3: its volume logroute_core-3 holds 12 events")
                .doesNotContain("not Ready", "not Programmed");
        assertThat(status("-o", "json").out())
                .contains("\"volumes\":[{\"name\":\"core/0\"", "\"scaling\":\"3 instances");
        assertThat(status("-o", "yaml").out()).contains("\nvolumes:\n- name: core/0\n");
    }

    private static VolumeState volume(
            int number, String node, Stage stage, Optional<String> why, Optional<Instant> away) {
        boolean empty = stage == Stage.DRAINED || stage == Stage.KEPT;
        return new VolumeState(
                "logroute_core-" + number,
                "core",
                number,
                InstanceReport.Kind.DISK,
                Optional.of(node),
                stage,
                why,
                Optional.of(Shop.NOW),
                away,
                empty ? 0 : 12,
                empty ? 0 : 4096,
                empty ? Optional.empty() : Optional.of(Shop.NOW.minusSeconds(3)),
                0,
                Optional.of(Shop.NOW),
                away.isEmpty(),
                Optional.empty(),
                false,
                false);
    }

    @Test
    void what_is_not_known_because_nobody_answers_is_no_trouble_of_its_own() {
        shop.fleet(
                "core",
                revision ->
                        fleet(revision, 1, List.of(Shop.lost(0, Optional.of("node-a"), "task failed: exit code 137"))));
        assertThat(status().out())
                .contains("core  0/1 ", "-      -       not Ready\n")
                .contains("archive  file             0     0          0        0  0B   -       -\n")
                .contains("watch       core         0  TemplateInstalled?, not Programmed, not Delivering, Degraded\n")
                .contains(
                        "route watch: TemplateInstalled?, not Programmed, not Delivering, Degraded: see router core\n")
                .contains("router core: not Ready: Router core does not answer: task failed: exit code 137.\n")
                .containsOnlyOnce("exit code 137")
                .doesNotContain("BufferHealthy");
    }

    @Test
    void a_revision_that_was_taken_back_is_said_once_at_its_router() {
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of("000000000000"),
                        Optional.of(
                                new FleetState.Refusal(revision, Optional.of("000000000000"), "port 8088 is taken")),
                        false,
                        1,
                        List.of(),
                        List.of(shop.instance(0, "node-a", "000000000000"))));
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .containsOnlyOnce("was taken back: port 8088 is taken. Revision 000000000000 runs in its place.")
                .contains("router core: RolledBack: Revision ")
                .containsPattern("core +1/1 +000000000000 ")
                .contains("route watch: not Programmed: see router core\n");
    }

    @Test
    void a_problem_of_a_fleet_is_said_once_and_pointed_at() {
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of("000000000000"),
                        Optional.empty(),
                        false,
                        1,
                        List.of(new Problem(
                                "router core: sources[0].tls",
                                "there is no secret tls-key",
                                "Create it with docker secret.")),
                        List.of(shop.instance(0, "node-a", "000000000000"))));
        assertThat(status().out())
                .containsOnlyOnce("there is no secret tls-key")
                .contains("router core: not ConfigCurrent: see router core: sources[0].tls.\n")
                .contains("route watch: not Programmed: see router core: sources[0].tls.\n");
    }

    private static FleetState fleet(String revision, int wanted, List<InstanceState> instances) {
        return new FleetState("core", Optional.of(revision), Optional.empty(), false, wanted, List.of(), instances);
    }

    @Test
    void events_that_no_route_took_need_attention() {
        shop.unrouted("core", 7);
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(
                        "NEEDS ATTENTION",
                        "router core: not EventsRouted: Events came that no route took, and were dropped");
    }

    @Test
    void without_a_router_nothing_is_well() {
        shop.remove("core.yaml");
        shop.remove("everything.yaml");
        shop.remove("watch.yaml");
        shop.pass();
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("ROUTERS\nnone\n").contains("no router runs");
    }

    @Test
    void problems_in_specs_need_attention() {
        shop.write("watch.yaml", Shop.route("watch", "scren"));
        shop.pass();
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .containsOnlyOnce("there is no sink \"scren\". Write one of: archive, screen; or declare it.")
                .contains("route watch: not Resolved, not Programmed, Degraded: see ")
                .contains("watch.yaml:4: spec.to[0].sink. Until then the route runs as it was before.\n")
                .containsOnlyOnce("route watch");
    }

    @Test
    void a_route_that_never_ran_tells_its_problem_once() {
        shop.write("new.yaml", Shop.route("new", "scren"));
        shop.pass();
        assertThat(status().out())
                .containsOnlyOnce("there is no sink \"scren\"")
                .contains(": see ")
                .contains("spec.to[0].sink. Until then the route does not run.\n")
                .containsOnlyOnce("route new");
    }

    @Test
    void programs_get_what_rest_says_and_whether_it_is_good() {
        shop.down("archive", "the disk is full");
        var said = status("-o", "json");
        var bytes = said.out().getBytes(StandardCharsets.UTF_8);
        assertThat(said.code()).isEqualTo(1);
        assertThat(Json.parse(bytes, 0, bytes.length))
                .containsEntry("good", false)
                .containsKeys("routers", "sinks", "routes", "problems");
    }

    @Test
    void when_nothing_answers_it_says_so_and_ends_with_2() throws IOException {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        var said = Said.by("status", "--url", "http://127.0.0.1:" + free);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err())
                .contains("no LogRoute answers at http://127.0.0.1:" + free)
                .contains("Connection refused")
                .contains("--url");
    }

    @Test
    void something_else_that_answers_is_no_logroute() {
        http.removeContext("/api/v1/routers");
        assertThat(status().err()).contains("it answered 404 to GET /api/v1/routers");
        http.createContext("/api/v1/routers", exchange -> {
            exchange.sendResponseHeaders(200, 6);
            exchange.getResponseBody().write("<html>".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        var said = status();
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("what it answered to GET /api/v1/routers is no JSON");
    }

    @Test
    void a_relay_has_a_line_of_its_own_and_its_condition_is_a_metric() {
        var metrics = new MetricsResource(shop.served);
        shop.deployed(Shop.relay(true, Optional.empty()));
        assertThat(status().out())
                .containsPattern("(?m)^NAME +ADDRESS +NODE +PORT +STATE$")
                .containsPattern("(?m)^up +redis://relay-up:6379 +n1 +6400 +well$")
                .doesNotContain("relay up:");
        assertThat(metrics.scrape()).contains("logroute_relay_condition{condition=\"Ready\",relay=\"up\"} 1");
        shop.deployed();
        assertThat(status().out()).doesNotContain("RELAYS");
        assertThat(metrics.scrape()).doesNotContain("logroute_relay_condition{");
    }

    @Test
    void what_keeps_a_relay_from_running_is_told_once() {
        var problem = new Problem("relay up", "its node n1 is down", "Bring the node back.");
        shop.deployed(Shop.relay(true, Optional.of(problem)));
        var said = status();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .containsPattern("(?m)^up +redis://relay-up:6379 +n1 +6400 +not Ready$")
                .containsOnlyOnce("relay up: its node n1 is down. Bring the node back.")
                .doesNotContain("not Ready: ");
        shop.deployed(Shop.relay(false, Optional.empty()));
        assertThat(status().out()).containsPattern("(?m)^up .* declared no longer$");
    }
}
