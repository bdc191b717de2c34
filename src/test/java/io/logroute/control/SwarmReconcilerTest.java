package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.control.LivingSwarm.Killed;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.RouteTests;
import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Installation;
import io.logroute.plan.swarm.Known;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.RelayService;
import io.logroute.plan.swarm.Relays;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Wishes;
import io.logroute.plan.swarm.World;
import io.logroute.remote.RouterLink;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A controller is killed at every step of several stories, and another one goes on.
class SwarmReconcilerTest {
    /// What happens besides: the node of instance 1 loses its power, for long; or it has it again.
    private static final String DOWN = "# down";

    private static final String UP = "# up";
    /// Somebody says to forget the relay.
    private static final String FORGET = "# forget";

    /// One thing that people do, each followed until all is quiet.
    ///
    /// @param here how the controller was started
    private record Chapter(List<String> specs, Installation here) {
        Chapter(String... specs) {
            this(List.of(specs), World.HERE);
        }
    }

    private enum Story {
        PUSHED(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(router("core", 2, "live", 2)),
                new Chapter(router("core", 2, "live", 3))),
        PUSHED_IN_VAIN(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(router("core", 2, "live", 2)),
                new Chapter(router("core", 2, "live", 5)),
                new Chapter(router("core", 2, "live", 6))),
        RESTARTED(
                new Chapter(router("core", 2, "restart", 1)),
                new Chapter(router("core", 2, "restart", 2)),
                new Chapter(router("core", 3, "restart", 3))),
        RESTARTED_IN_VAIN(
                new Chapter(router("core", 2, "restart", 1)),
                new Chapter(router("core", 2, "restart", 5)),
                new Chapter(router("core", 2, "restart", 6))),
        RESTARTED_IN_VAIN_WITH_WHAT_WAS_PUSHED(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(router("core", 2, "live", 2)),
                new Chapter(router("core", 2, "restart", 5))),
        BACK_AND_FORTH(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(router("core", 2, "live", 5)),
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(router("core", 2, "live", 2)),
                new Chapter(router("core", 2, "live", 1))),
        DRAINED(
                new Chapter(router("core", 3, "live", 1)),
                new Chapter(router("core", 1, "live", 1)),
                new Chapter(router("core", 2, "live", 2))),
        DRAINED_AND_DELETED(
                new Chapter(deleting(router("core", 3, "live", 1))),
                new Chapter(deleting(router("core", 1, "restart", 2))),
                new Chapter(deleting(router("core", 2, "live", 2)))),
        MOVED_TO_STREAMS(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(onStreams(router("core", 2, "live", 2))),
                new Chapter(router("core", 2, "live", 3))),
        SUBSTITUTED(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(DOWN, router("core", 2, "live", 1)),
                new Chapter(UP, router("core", 2, "live", 1))),
        RELAYED(
                new Chapter(router("core", 1, "live", 1), relay(64)),
                new Chapter(router("core", 1, "live", 1), relay(128)),
                new Chapter(router("core", 1, "live", 1)),
                new Chapter(FORGET, router("core", 1, "live", 1)),
                new Chapter(router("core", 1, "live", 1), relay(64))),
        IN_PARTS(new Chapter(router("core", 2, "live", 1, 40)), new Chapter(router("core", 2, "restart", 2, 50))),
        BROKEN(
                new Chapter(router("core", 2, "live", 1), router("other", 1, "live", 1)),
                new Chapter("kind: no such thing\n" + router("core", 2, "live", 2), router("other", 1, "live", 2)),
                new Chapter(router("core", 2, "live", 3), router("other", 1, "live", 2))),
        ANOTHER_LINK_KEY(
                new Chapter(router("core", 2, "live", 1)),
                new Chapter(router("core", 2, "live", 2)),
                new Chapter(
                        List.of(router("core", 2, "live", 2)),
                        new Installation("logroute", "logroute", "logroute:1", "logroute-link-2", 4000)));

        final List<Chapter> chapters;

        Story(Chapter... chapters) {
            this.chapters = List.of(chapters);
        }
    }

    private static String relay(int memory) {
        return """
                apiVersion: logroute/v1
                kind: LogRelay
                metadata: { name: up }
                spec: { swarm: eu1, deploy: { passwordSecret: es-password, memory: %dMiB, publish: 6379 } }
                """.formatted(memory);
    }

    private static String onStreams(String router) {
        return router.replace(
                "  deploy: {",
                "  buffer: { jetstream: { servers: [\"nats://nats:4222\"], auth: { tokenFile: /run/secrets/es-password } } }\n  deploy: {");
    }

    private static String deleting(String router) {
        return router.replace("deploy: {", "deploy: { volumes: delete,");
    }

    private static String router(String router, int replicas, String rollout, int variant) {
        return router(router, replicas, rollout, variant, 1);
    }

    /// Routers cannot run variants that are a multiple of 5.
    private static String router(String router, int replicas, String rollout, int variant, int routes) {
        var yaml = new StringBuilder("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: %1$s }
                spec:
                  sources: [ { beats: { port: 5044 } } ]
                  deploy: { replicas: %2$d, rollout: %3$s, networks: [core] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es-%1$s }
                spec: { discard: {} }
                """.formatted(router, replicas, rollout));
        var random = new java.util.Random(variant);
        for (int i = 0; i < routes; i++) {
            yaml.append("""
                    ---
                    apiVersion: logroute/v1
                    kind: LogRoute
                    metadata: { name: all-%1$s-%2$d }
                    spec: { router: %1$s, match: { service: [ "s%3$dx%4$s" ] }, to: [ { sink: es-%1$s } ] }
                    """.formatted(
                    router,
                    i,
                    variant,
                    random.ints(60, 'a', 'z').mapToObj(Character::toString).collect(Collectors.joining())));
        }
        return yaml.toString();
    }

    private static boolean isBad(PipelineDefinition pipeline) {
        var service = pipeline.routes().getFirst().match().toString();
        int variant = Integer.parseInt(service.replaceAll("(?s).*?\\bs(\\d+)x.*", "$1"));
        return variant % 5 == 0;
    }

    /// A story, and how it goes.
    private static final class Telling {
        private final Story story;
        private final Map<String, RouterService.Volume> volumes = new TreeMap<>();
        private final LivingSwarm swarm = new LivingSwarm(new World(3, SwarmReconcilerTest::isBad), this::always);
        private SwarmReconciler controller;
        private Chapter chapter;

        Telling(Story story) {
            this.story = story;
            this.chapter = story.chapters.getFirst();
            this.controller = another();
        }

        private SwarmReconciler another() {
            var meters = new Instruments();
            return new SwarmReconciler(
                    swarm,
                    swarm,
                    RouterLink.Address::ofService,
                    new SpecFiles(List.of()),
                    chapter.here(),
                    Set.of(),
                    RouteTests.UNASKED,
                    new Bell(),
                    new History(() -> swarm.world.now),
                    new ControllerMeters(meters, () -> swarm.world.now),
                    () -> swarm.world.now,
                    Runnable::run);
        }

        /// Whatever is killed and whenever: services find their configs, and instances their volumes.
        private void always(World world) {
            assertThat(world.seen.dangling()).isEmpty();
            var services = world.seen.owned().services();
            volumes.keySet().retainAll(services.keySet());
            services.forEach((name, service) -> {
                assertThat(world.seen.owned().configs()).as("its record").containsKey(name);
                assertThat(volumes.computeIfAbsent(name, _ -> service.volume())).isEqualTo(service.volume());
            });
            world.seen.owned().relays().values().stream()
                    .filter(each -> each.part() == RelayService.Part.REDIS)
                    .forEach(each -> assertThat(world.seen.owned().configs())
                            .as("its record")
                            .hasEntrySatisfying(
                                    each.name(),
                                    record -> assertThat(record.labels()).containsEntry(Label.NODE, each.node())));
        }

        void tell() throws SwarmUnreachable {
            for (var each : story.chapters) {
                chapter = each;
                declare(each.specs().stream()
                        .filter(yaml -> !yaml.startsWith("#"))
                        .toList());
                if (each.specs().contains(FORGET)) {
                    forget();
                }
                if (each.specs().contains(DOWN)) {
                    swarm.world.lose("n2");
                    untilQuiet();
                    swarm.world.now = swarm.world.now.plusSeconds(300);
                }
                if (each.specs().contains(UP)) {
                    swarm.world.lose("none");
                }
                if (!each.here().equals(World.HERE)) {
                    controller = another();
                }
                untilQuiet();
            }
        }

        private void forget() {
            if (Relays.forget(swarm.world.seen, "up", Optional.empty())
                    instanceof Wishes.Answer.Granted(var steps, var _)) {
                for (var step : steps) {
                    try {
                        swarm.world.apply(step);
                    } catch (OutOfDate e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }

        private void declare(List<String> specs) {
            var configs = new ArrayList<Seen.SpecConfig>();
            for (var yaml : specs) {
                configs.add(new Seen.SpecConfig(
                        "specs-" + configs.size(), new Content(yaml.getBytes(StandardCharsets.UTF_8))));
            }
            var seen = swarm.world.seen;
            swarm.world.seen = new Seen(
                    seen.nodes(),
                    seen.users(),
                    configs,
                    seen.owned(),
                    seen.states(),
                    seen.networks(),
                    seen.secrets(),
                    seen.jobs());
        }

        private void untilQuiet() throws SwarmUnreachable {
            int passes = 0;
            // The canary makes the others wait: one quiet pass is not the end.
            for (int quiet = 0; quiet < 2; ) {
                int before = swarm.said().size();
                try {
                    controller.pass();
                } catch (Killed e) {
                    controller = another();
                }
                quiet = swarm.said().size() == before ? quiet + 1 : 0;
                swarm.settle();
                assertThat(passes++).as("passes; %s", swarm.said()).isLessThan(100);
            }
        }

        /// What is there in the end, but for numbers that depend on how it came about.
        String end() {
            var end = new StringBuilder();
            swarm.world
                    .seen
                    .owned()
                    .services()
                    .forEach((name, service) -> end.append("%s at %s runs %s, mounts %s, link %s%n"
                            .formatted(
                                    name,
                                    service.node(),
                                    swarm.runs(name),
                                    service.pipeline().revision(),
                                    service.secrets())));
            swarm.world
                    .seen
                    .owned()
                    .relays()
                    .forEach((name, service) ->
                            end.append("%s at %s with %s%n".formatted(name, service.node(), service.memoryBytes())));
            controller.sight().relays().forEach(relay -> end.append(relay).append('\n'));
            swarm.world.reports.forEach(
                    (name, report) -> assertThat(report.trouble()).as(name).isEmpty());
            swarm.world.seen.owned().configs().values().stream()
                    .filter(each -> "volume".equals(each.labels().get(Label.ROLE)))
                    .forEach(each -> end.append("%s is %s at %s, away: %s%n"
                            .formatted(
                                    each.name(),
                                    each.labels().get(Label.STAGE),
                                    each.labels().get(Label.HOSTNAME),
                                    each.labels().containsKey(Label.AWAY))));
            assertThat(swarm.world.seen.jobs()).isEmpty();
            for (var finding : controller.sight().findings()) {
                end.append("%s %s %s%n"
                        .formatted(
                                finding.router(),
                                finding.target(),
                                finding.refused().map(each -> each.revision())));
                Known.of(swarm.world.seen.owned(), finding.router())
                        .forEach(each -> end.append("%s accepted %s refused %s%n"
                                .formatted(
                                        each.revision(),
                                        each.accepted(),
                                        each.refused().isPresent())));
            }
            return end.toString();
        }

        void asDeclared() {
            var specs = chapter.specs().stream()
                    .filter(yaml -> !yaml.startsWith("#"))
                    .map(yaml -> SpecReader.documents("test", yaml))
                    .reduce((a, b) -> a.and(b))
                    .orElseThrow();
            for (var pipeline : Declared.of(specs, Declared.NOTHING, Set.of()).pipelines()) {
                if (!isBad(pipeline)) {
                    assertThat(swarm.world.seen.owned().services().values().stream()
                                    .filter(each -> each.router().equals(pipeline.name())))
                            .isNotEmpty()
                            .allSatisfy(each -> assertThat(swarm.runs(each.name()))
                                    .contains(pipeline.revision().hash()));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Story.class)
    void a_controller_that_is_killed_at_any_step_makes_no_difference_in_the_end(Story story) throws Exception {
        var undisturbed = new Telling(story);
        undisturbed.tell();
        undisturbed.asDeclared();
        var end = undisturbed.end();
        int steps = undisturbed.swarm.said().size();
        assertThat(steps).isGreaterThan(5);
        for (int number = 1; number <= steps; number++) {
            var telling = new Telling(story);
            telling.swarm.killAt(number);
            telling.tell();
            assertThat(telling.swarm.killed()).isTrue();
            assertThat(telling.end())
                    .as(
                            "killed at step %d; with another one:%n%s%nundisturbed:%n%s",
                            number,
                            String.join("\n", telling.swarm.said()),
                            String.join("\n", undisturbed.swarm.said()))
                    .isEqualTo(end);
        }
    }
}
