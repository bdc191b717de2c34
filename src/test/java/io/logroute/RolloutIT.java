package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Known;
import io.logroute.plan.swarm.Seen;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Pipelines change on a real swarm of one node, by the real image: under load, into what cannot run, by the
/// hands of operators, and with a controller that is killed meanwhile. Each test has routers of its own.
@Timeout(1200)
@ResourceLock(SwarmLab.OTHER_OF_ONE)
@Order(2)
class RolloutIT {
    /// In the image, and no certificate.
    private static final String NO_CERTIFICATE = "/app/common.sh";

    private static @Nullable OnSwarm there;

    @BeforeAll
    static void deploy() throws IOException {
        there = new OnSwarm(SwarmLab.other(1), "logroute.yml");
    }

    @AfterAll
    static void clear() {
        if (there != null) {
            there.close();
        }
    }

    private final SwarmLab lab = SwarmLab.other(1);
    private final OnSwarm swarm = java.util.Objects.requireNonNull(there);

    /// @param deploy what stands behind `deploy:`
    /// @param variant another pipeline for each
    private static String yaml(String router, String source, String deploy, int variant, String sink) {
        return """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: %1$s }
                spec:
                  sources: [ { beats: { host: 0.0.0.0, %2$s } } ]
                  deploy: { %3$s }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: %1$s-sink }
                spec: { %5$s }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: %1$s-all }
                spec: { router: %1$s, filters: [ { set: { fields: { variant: %4$d } } } ], to: [ { sink: %1$s-sink } ] }
                """.formatted(router, source, deploy, variant, sink);
    }

    private static String discarding(String router, String deploy, int variant) {
        return yaml(router, "port: 5044", deploy, variant, "discard: {}");
    }

    /// A pipeline that validates, and that no router can run.
    private static String unreadable(String router, String deploy, int variant) {
        return yaml(
                router,
                "port: 5044",
                deploy,
                variant,
                "elasticsearch: { urls: [\"https://es:9200\"], index: x, tls: { caFile: %s } }"
                        .formatted(NO_CERTIFICATE));
    }

    @Test
    void changes_under_load_lose_nothing_and_live_ones_end_no_connection_whoever_is_killed() throws Exception {
        int elastic = LogRouteProcess.freePort();
        lab.reach(elastic);
        var sink = "elasticsearch: { urls: [\"http://%s:%d\"], index: x }".formatted(lab.host(), elastic);
        try (var receiver = new BulkReceiver(elastic)) {
            swarm.runs(load(1, "live", sink));
            try (var client = new NumberingClient(List.of(lab.address(1)), 5044)) {
                client.goesOn();
                int before = client.broken();
                for (int variant = 2; variant <= 4; variant++) {
                    swarm.runs(load(variant, "live", sink));
                    client.goesOn();
                }
                load(5, "live", sink);
                swarm.killController(); // before it looked
                swarm.runs(load(5, "live", sink));
                var sixth = load(6, "live", sink);
                swarm.until(
                        "its config is there",
                        seen -> OnSwarm.known(seen, sixth).isPresent());
                swarm.killController(); // about when it hands it over
                swarm.runs(sixth);
                client.goesOn();
                assertThat(client.broken()).as("no connection ends by a push").isEqualTo(before);

                swarm.runs(load(7, "restart", sink));
                client.goesOn();
                var eighth = load(8, "restart", sink);
                swarm.until(
                        "it is being updated, or was",
                        seen -> OnSwarm.state(seen, "core", 0).update().phase().underWay()
                                || OnSwarm.known(seen, eighth)
                                        .filter(Known::accepted)
                                        .isPresent());
                swarm.killController(); // with its task between two
                swarm.runs(eighth);
                client.goesOn();
                assertThat(client.broken()).as("a restart was one").isGreaterThan(before);
                assertThat(OnSwarm.service(swarm.seen(), "core", 0).pipeline().revision())
                        .isEqualTo(eighth.revision().hash());
                var sent = client.finish();
                await("all that was acknowledged is delivered")
                        .atMost(OnSwarm.PATIENCE)
                        .until(() -> receiver.missing(sent).isEmpty());
            }
        }
    }

    private PipelineDefinition load(int variant, String rollout, String sink) throws Exception {
        return swarm.declare(
                "core", yaml("core", "port: 5044", "publish: [5044], rollout: %s".formatted(rollout), variant, sink));
    }

    @Test
    void what_no_router_can_run_is_refused_at_the_first_remembered_and_not_tried_again() throws Exception {
        var pair = "replicas: 2, rollout: live";
        var first = swarm.declare("pair", discarding("pair", pair, 1));
        swarm.runs(first);
        var bad = swarm.declare("pair", unreadable("pair", pair, 2));
        assertThat(swarm.refused(bad)).contains("instance 0: ", "sink pair-sink: ", NO_CERTIFICATE);
        await("both run what ran before")
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(running("pair"))
                        .containsExactly(
                                first.revision().hash(), first.revision().hash()));
        isTold(
                "pair",
                "RolledBack",
                "Revision %s was taken back".formatted(bad.revision()),
                NO_CERTIFICATE,
                "Revision %s runs in its place".formatted(first.revision()));
        var once = refusals(0);
        assertThat(once).endsWith(" 1");
        assertThat(refusals(1)).as("the other one never got it").doesNotContain(" 1");
        await("it is not tried again")
                .during(Duration.ofSeconds(5))
                .atMost(OnSwarm.PATIENCE)
                .until(() -> refusals(0).equals(once));
        var mended = swarm.declare("pair", discarding("pair", pair, 3));
        swarm.runs(mended);
        isTold("pair", "RolledBack", "was not taken back");
    }

    /// A router that cannot start what is mounted starts with what its volume holds, and says so; one whose
    /// image is not there does not start at all, and Swarm rolls it back.
    @Test
    void what_no_router_can_be_started_with_is_rolled_back_and_the_second_never_gets_it() throws Exception {
        var live = "replicas: 2, rollout: live";
        var restart = "replicas: 2, rollout: restart";
        var alone = "rollout: restart";
        swarm.runs(swarm.declare("solo", discarding("solo", alone, 1)));
        swarm.runs(swarm.declare("duo", discarding("duo", live, 1)));
        var second = swarm.declare("duo", discarding("duo", live, 2));
        swarm.runs(second);
        long version = OnSwarm.state(swarm.seen(), "duo", 1).version();

        var ofSolo = swarm.declare("solo", discarding("solo", alone + ", image: \"nosuch:1\"", 2));
        var ofDuo = swarm.declare(
                "duo",
                yaml(
                        "duo",
                        "port: 5044, tls: { certificateFile: %1$s, keyFile: %1$s }".formatted(NO_CERTIFICATE),
                        restart,
                        3,
                        "discard: {}"));
        assertThat(swarm.refused(ofSolo)).contains("instance 0 did not become healthy: ", "nosuch:1");
        assertThat(swarm.refused(ofDuo))
                .contains("instance 0: the mounted pipeline, revision " + ofDuo.revision(), NO_CERTIFICATE);
        untilRuns("duo", second);
        var after = swarm.until("Swarm is done", seen -> !isBusy(seen, "duo", 0) && !isBusy(seen, "solo", 0));
        assertThat(OnSwarm.state(after, "duo", 1).version())
                .as("the second was not touched")
                .isEqualTo(version);
        isTold("duo", "RolledBack", "Revision " + ofDuo.revision(), NO_CERTIFICATE);
        long versionOfSolo = OnSwarm.state(after, "solo", 0).version();
        await("it is not tried again")
                .during(Duration.ofSeconds(5))
                .atMost(OnSwarm.PATIENCE)
                .until(() -> OnSwarm.state(swarm.seen(), "solo", 0).version() == versionOfSolo);

        var mended = swarm.declare("solo", discarding("solo", alone, 3));
        swarm.runs(mended);
        assertThat(OnSwarm.service(swarm.seen(), "solo", 0).pipeline().revision())
                .isEqualTo(mended.revision().hash());
    }

    private static boolean isBusy(Seen seen, String router, int instance) {
        return OnSwarm.state(seen, router, instance).update().phase().underWay();
    }

    @Test
    void operators_roll_back_pause_and_resume() throws Exception {
        var first = swarm.declare("ops", discarding("ops", "rollout: live", 1));
        swarm.runs(first);
        var second = swarm.declare("ops", discarding("ops", "rollout: live", 2));
        swarm.runs(second);
        assertThat(swarm.ask("revisions", "ls", "--router", "ops"))
                .contains(first.revision().hash(), second.revision().hash());
        assertThat(swarm.ask("revisions", "diff", "--router", "ops", id(first), id(second)))
                .contains("variant: 1", "variant: 2");

        swarm.ask("revisions", "rollback", "--router", "ops", id(first));
        untilRuns("ops", first);
        isTold("ops", "RolledBack", "rolled back by");
        swarm.ask("revisions", "rollback", "--router", "ops", id(second));
        untilRuns("ops", second);

        assertThat(swarm.ask("pause", "ops")).contains("pause");
        isTold("ops", "Paused", "logroute resume ops");
        var third = swarm.declare("ops", discarding("ops", "rollout: live", 3));
        await("a paused router stays as it is")
                .during(Duration.ofSeconds(5))
                .atMost(OnSwarm.PATIENCE)
                .until(() -> OnSwarm.known(swarm.seen(), third).isEmpty());
        assertThat(running("ops")).containsExactly(id(second));
        swarm.ask("resume", "ops");
        swarm.runs(third);
        untilRuns("ops", third);
        assertThat(swarm.ask("events", "--object", "router/ops")).contains("Roll back to revision", "Pause", "Resume");
    }

    private static String id(PipelineDefinition pipeline) {
        return pipeline.revision().hash();
    }

    private void untilRuns(String router, PipelineDefinition pipeline) {
        await("router %s runs %s".formatted(router, pipeline.revision()))
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(running(router)).containsOnly(id(pipeline)));
    }

    /// What its instances say they run.
    private List<String> running(String router) {
        return swarm.router(router).get("instances") instanceof List<?> instances
                ? instances.stream()
                        .map(each -> String.valueOf(((Map<?, ?>) each).get("revision")))
                        .toList()
                : List.of();
    }

    /// Waits until a condition of the router says so.
    private void isTold(String router, String type, String... words) {
        await("%s of router %s".formatted(type, router))
                .atMost(OnSwarm.PATIENCE)
                .pollInterval(OnSwarm.NOW_AND_THEN)
                .untilAsserted(() -> assertThat(condition(router, type)).contains(words));
    }

    private String condition(String router, String type) {
        return swarm.router(router).get("conditions") instanceof List<?> conditions
                ? conditions.stream()
                        .map(each -> (Map<?, ?>) each)
                        .filter(each -> type.equals(each.get("type")))
                        .map(each -> String.valueOf(each.get("message")))
                        .findFirst()
                        .orElse("")
                : "";
    }

    private String refusals(int instance) {
        return swarm.metrics(1, "logroute_pair-" + instance, "logroute_reload_total.*refused")
                .strip()
                .replaceAll("\\.0$", "");
    }
}
