package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.Seeds;
import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.spec.LogRoute;
import io.logroute.spec.Problem;
import io.logroute.testbed.Crowd;
import io.logroute.testbed.SimulatedRouter;
import io.logroute.testbed.SimulatedSwarm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A controller at large swarms, and at hostile ones. How long things take is for `./dev bench controller`; how
/// often Docker is asked, and what is written, is told here.
@Timeout(600)
class ControllerLoadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final Duration A_WHILE = Duration.ofSeconds(3);
    private static final int MOST_REQUESTS = 8;
    /// Letters of a problem that somebody may be made to read: a thousand for where, what and mend each.
    private static final int LONGEST_PROBLEM = 3500;

    private static final String ROUTER = "logroute_core-0";
    private static final String SPECS = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec:
              sources:
                - beats: { port: 5044 }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec:
              elasticsearch:
                urls: ["http://elasticsearch:9200"]
                index: "logs-%{+yyyy.MM.dd}"
            """;

    private final SimulatedSwarm swarm;
    private final SimulatedController controller;

    ControllerLoadTest() throws IOException {
        swarm = new SimulatedSwarm();
        controller = new SimulatedController(swarm);
    }

    @AfterEach
    void close() {
        controller.close();
        swarm.close();
    }

    // ---- a thousand services

    @Test
    void a_pass_over_a_thousand_services_with_nothing_to_do_is_few_requests_and_no_change() {
        Crowd.in(swarm);
        controller.start();
        untilAllRun(Crowd.ROUTES);
        untilQuiet();
        var before = passes();
        var writes = swarm.writes();
        controller.asked.clear();
        swarm.ring();
        await().atMost(PATIENCE).until(() -> passes() > before);
        untilQuiet();
        assertThat(controller.asked.stream().filter("services.list 200"::equals))
                .as("looks at the swarm")
                .hasSize(1);
        // The stream of events asks every ten seconds whether anybody is there.
        assertThat(controller.asked.stream().filter(each -> !each.startsWith("ping")))
                .hasSizeLessThan(MOST_REQUESTS);
        assertThat(swarm.writes()).isEqualTo(writes);
    }

    @Test
    void a_label_that_changes_on_one_of_a_thousand_services_is_handed_to_the_running_router() {
        Crowd.in(swarm);
        controller.start();
        var router = untilAllRun(Crowd.ROUTES);
        untilQuiet();
        var before = router.pipeline().revision();
        var services = servicesWritten();
        swarm.relabel(Crowd.service(7), "logroute.drop", "event.level == \"trace\"");
        await().atMost(PATIENCE).until(() -> !router.pushes().isEmpty());
        var pushed = router.pushes().getFirst();
        assertThat(pushed.revision()).isNotEqualTo(before.hash());
        assertThat(pushed.pipeline().routes()).hasSize(Crowd.ROUTES);
        assertThat(pushed.pipeline().text()).contains("event.level == \"trace\"");
        untilQuiet();
        // It lies in the swarm, is known to run everywhere, and no container was replaced for it.
        assertThat(swarm.configs()).contains("logroute-core-" + pushed.revision());
        assertThat(router.pushes()).hasSize(1);
        assertThat(servicesWritten()).isEqualTo(services);
        assertThat(controller.reconciler.settled()).isTrue();
        onlyOursIsWritten();
    }

    @Test
    void labels_that_are_wrong_are_told_and_leave_all_others_alone() {
        Crowd.in(swarm);
        controller.start();
        untilAllRun(Crowd.ROUTES);
        var declared = controller.board.last().declared();
        assertThat(declared.routes()).hasSize(Crowd.ROUTES + Crowd.BROKEN);
        assertThat(declared.routes().stream().filter(each -> !each.inForce())).hasSize(Crowd.BROKEN);
        assertThat(declared.problems())
                .hasSize(Crowd.BROKEN)
                .allSatisfy(problem -> assertThat(problem.mend()).contains("Did you mean logroute.drop?"));
        onlyOursIsWritten();
    }

    // ---- one stack with a thousand routes

    @Test
    void a_thousand_routes_of_one_stack_are_one_pipeline_and_a_wrong_one_among_them_is_held_back_alone() {
        small();
        var services = 50;
        var each = 20;
        for (int i = 0; i < services; i++) {
            var labels = new HashMap<String, String>();
            labels.put("com.docker.stack.namespace", "shop");
            labels.put("logroute.enable", "true");
            for (int route = 0; route < each; route++) {
                var prefix = "logroute.routes.r%d.".formatted(route);
                labels.put(prefix + "to", "es");
                labels.put(prefix + "when", "event.shard == %d".formatted(route));
                labels.put(prefix + "index", "shop-%d-%d".formatted(i, route));
            }
            swarm.service("shop_s" + i, labels, Map.of());
        }
        controller.start();
        var router = untilAllRun(services * each);
        swarm.relabel("shop_s7", "logroute.routes.r3.when", "event.shard ===");
        await().atMost(PATIENCE)
                .until(() -> !controller.board.last().declared().problems().isEmpty());
        untilQuiet();
        assertThat(router.pushes()).isEmpty();
        assertThat(router.pipeline().routes()).hasSize(services * each);
        var held = controller.board.last().declared().routes().stream().filter(RouteVerdict::held);
        assertThat(held.map(RouteVerdict::name)).containsExactly("shop--s7--r3");
        swarm.relabel("shop_s7", "logroute.routes.r3.when", "event.shard == 1000");
        await().atMost(PATIENCE).until(() -> !router.pushes().isEmpty());
        assertThat(router.pipeline().text()).contains("event.shard == 1000");
        onlyOursIsWritten();
    }

    // ---- what nobody should write

    @Test
    void hostile_labels_and_configs_are_told_within_bounds_and_stop_nothing() {
        small();
        swarm.service("shop_good", Map.of("logroute.enable", "true", "logroute.to", "es"), Map.of());
        var hostile = Map.of(
                "shop_long", Map.of("logroute.to", "es", "logroute.when", "e".repeat(100_000)),
                "shop_key", Map.of("logroute.to", "es", "logroute." + "k".repeat(100_000), "1"),
                "shop_binary", Map.of("logroute.to", garbage(5000)),
                "shop_binarykey", Map.of("logroute.to", "es", "logroute." + garbage(5000), "1"),
                "shop_many", many(10_000),
                "shop_deep", Map.of("logroute.to", "es", "logroute.when", "(".repeat(9000) + ")".repeat(900)),
                "shop_routes", Map.of("logroute.routes." + "a.".repeat(20_000) + "to", "es"));
        hostile.forEach((name, labels) -> {
            var all = new HashMap<>(labels);
            all.put("logroute.enable", "true");
            swarm.service(name, all, Map.of());
        });
        var spec = Map.of("logroute.spec", "true");
        swarm.config("aliases", spec, aliases().getBytes(StandardCharsets.UTF_8));
        swarm.config("noise", spec, noise(400_000));
        swarm.config("deep", spec, "[".repeat(200_000).getBytes(StandardCharsets.UTF_8));
        controller.start();
        var router = untilAllRun(1);
        untilQuiet();
        assertThat(router.pipeline().routes().stream().map(LogRoute::name).map(String::valueOf))
                .containsExactly("shop--good");
        var problems = controller.board.last().declared().problems();
        assertThat(problems)
                .allSatisfy(problem -> assertThat(problem.toString()).hasSizeLessThan(LONGEST_PROBLEM));
        var told = problems.stream().map(Problem::where).collect(Collectors.joining("\n"));
        assertThat(told).contains(hostile.keySet()).contains("config aliases", "config noise", "config deep");
        onlyOursIsWritten();
    }

    private static Map<String, String> many(int count) {
        return IntStream.range(0, count)
                .boxed()
                .collect(Collectors.toMap("logroute.routes.r%d.to"::formatted, _ -> "es"));
    }

    /// Letters that no screen should show, and halves of others.
    private static String garbage(int length) {
        var random = Seeds.random(length);
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) (i % 3 == 0 ? random.nextInt(32) : random.nextInt(0xffff)));
        }
        return text.toString();
    }

    private static byte[] noise(int length) {
        var noise = new byte[length];
        Seeds.random(length).nextBytes(noise);
        return noise;
    }

    /// Each line is ten times the one before it: read out, it would fill every memory there is.
    private static String aliases() {
        var text = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (int i = 1; text.length() < 500_000; i++) {
            text.append("a%d: &a%d [%s]\n"
                    .formatted(i, i, String.join(", ", java.util.Collections.nCopies(10, "*a" + (i - 1)))));
        }
        return text.toString();
    }

    // ---- what a test waits for

    private void small() {
        swarm.node("node1");
        swarm.network("logroute");
        swarm.network("core");
        swarm.config("specs", Map.of("logroute.spec", "true"), SPECS.getBytes(StandardCharsets.UTF_8));
    }

    /// Until the router runs so many routes, and the swarm says that it does.
    private SimulatedRouter untilAllRun(int routes) {
        await().atMost(PATIENCE)
                .until(() -> swarm.router(ROUTER)
                                .filter(each -> each.pipeline().routes().size() == routes)
                                .isPresent()
                        && controller.board.ready()
                        && controller.reconciler.settled());
        return swarm.router(ROUTER).orElseThrow();
    }

    /// Until there is no pass for a while: while nothing is on its way there is one each half minute.
    private void untilQuiet() {
        var seen = new long[] {-1};
        await().during(A_WHILE).atMost(PATIENCE).until(() -> {
            var now = passes();
            boolean same = now == seen[0];
            seen[0] = now;
            return same && controller.reconciler.settled();
        });
    }

    private long passes() {
        return swarm.requests().stream().filter("GET /services"::equals).count();
    }

    private List<SimulatedSwarm.Write> servicesWritten() {
        return swarm.writes().stream()
                .filter(each -> each.kind().equals("service"))
                .toList();
    }

    private void onlyOursIsWritten() {
        assertThat(swarm.writes()).isNotEmpty().allSatisfy(write -> {
            assertThat(write.name()).matches("logroute[-_].*");
            if (!write.before().isEmpty()) {
                assertThat(write.before()).containsEntry("logroute.managed-by", "logroute");
            }
            if (!write.after().isEmpty()) {
                assertThat(write.after()).containsEntry("logroute.managed-by", "logroute");
            }
        });
    }
}
