package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Read;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// For any story of declarations, of pipelines that cannot run, of events that wait, of nodes that fail, of
/// hands that meddle and of controllers that stop.
class FleetsLaws {
    /// A pipeline of so many instances, which is another one for each variant. Routers cannot run those whose
    /// variant is a multiple of 5.
    private static PipelineDefinition pipeline(
            String router, int replicas, int port, int variant, String rollout, boolean deletes) {
        var text = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: %s }
                spec:
                  sources: [ { beats: { port: %d } } ]
                  deploy: { replicas: %d, rollout: %s, networks: [core], volumes: %s, nodeLossTimeout: 20s }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all-%s }
                spec: { router: %s, match: { service: [ "s%d%s" ] }, to: [ { sink: es } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { discard: {} }
                """.formatted(
                        router,
                        port,
                        replicas,
                        rollout,
                        deletes ? "delete" : "retain",
                        router,
                        router,
                        variant,
                        "x".repeat(variant % 7 == 0 ? 200 : 0));
        return switch (PipelineDefinition.parse(text)) {
            case Read.Good<PipelineDefinition>(var good) -> good;
            case Read.Bad<PipelineDefinition>(var problems) -> throw new AssertionError(problems);
        };
    }

    private static boolean isBad(PipelineDefinition pipeline) {
        var service = pipeline.routes().getFirst().match().toString();
        int variant = Integer.parseInt(service.replaceAll("(?s).*?\\bs(\\d+)x*\\b.*", "$1"));
        return variant % 5 == 0 && variant > 0;
    }

    private static final class Story {
        final Random random;
        final World world;
        final Map<String, PipelineDefinition> declared = new HashMap<>();
        /// Instances that somebody said to forget.
        final java.util.Set<String> forgotten = new java.util.HashSet<>();
        int nodes;
        /// What Swarm tells then is what it tells of a revision that failed.
        final java.util.Set<String> rolledBackByHand = new java.util.HashSet<>();

        Story(long seed) {
            random = Seeds.random(seed);
            nodes = 1 + random.nextInt(4);
            world = new World(nodes, FleetsLaws::isBad);
            for (int i = 0; i <= random.nextInt(2); i++) {
                declare("r" + i, 1);
            }
        }

        void declare(String router, int variant) {
            int count = 1 + random.nextInt(4);
            declared.put(
                    router,
                    pipeline(
                            router,
                            count,
                            random.nextInt(6) == 0 ? 6000 : 5044,
                            variant,
                            random.nextInt(3) == 0 ? "restart" : "live",
                            random.nextBoolean()));
        }

        List<Fleets.Wanted> wanted() {
            return declared.values().stream()
                    .map(each -> new Fleets.Wanted(each, List.of("config routes")))
                    .toList();
        }

        /// One pass, stopped after so many steps.
        void pass(int most) {
            var decision = world.decide(wanted());
            touchesOneOfEach(decision);
            int made = 0;
            for (var step : decision.steps()) {
                if (made++ >= most) {
                    return;
                }
                losesNothing(step);
                staysOnItsNode(step);
                try {
                    world.apply(step);
                } catch (OutOfDate e) {
                    throw new AssertionError(step.describe(), e);
                }
                assertThat(world.seen.dangling()).as(step.describe()).isEmpty();
            }
        }

        /// No instance, no volume and no record goes while something is on the volume that was not delivered.
        private void losesNothing(Step step) {
            switch (step) {
                case Step.RemoveService(var name, var _, var _) -> isEmpty(name, false);
                case Step.RemoveVolume remove -> isEmpty(remove.volume(), true);
                case Step.RemoveConfig(var name) -> isEmpty(name, false);
                default -> {}
            }
        }

        private void isEmpty(String name, boolean letters) {
            var config = world.seen.owned().configs().get(name);
            var holder = Optional.ofNullable(config)
                    .flatMap(Holder::read)
                    // Somebody wants that to go, whatever it holds.
                    .filter(each -> !each.forgotten());
            holder.flatMap(each -> world.disk(name, each.node())).ifPresent(disk -> {
                assertThat(disk.events).as("events on the volume %s", name).isZero();
                assertThat(letters ? disk.letters : 0)
                        .as("dead letters on the volume %s", name)
                        .isZero();
            });
            holder.filter(each -> world.seen.node(each.node()).isEmpty())
                    .ifPresent(each -> assertThat(each.held().filter(held -> held.events() > 0))
                            .as("what burnt with %s was not seen by anybody", name)
                            .isEmpty());
            holder.ifPresent(each -> assertThat(each.lost()).as("nobody saw it").isEmpty());
        }

        /// One volume, one instance, and none that cannot serve is taken back.
        private void staysOnItsNode(Step step) {
            if (step instanceof Step.LabelConfig(var _, var from, var labels, var _)
                    && "serving".equals(labels.get(Label.STAGE))
                    && !"serving".equals(from.get(Label.STAGE))) {
                assertThat(labels).as(step.describe()).doesNotContainKey(Label.AWAY);
            }
            if (step instanceof Step.UpdateService(var from, var to, var _)) {
                assertThat(to.node()).isEqualTo(from.node());
            }
            if (step instanceof Step.CreateService(var service, var _)) {
                assertThat(Holder.of(world.seen.owned(), service.router()).get(service.instance()))
                        .as("the record of %s", service.name())
                        .isNotNull()
                        .extracting(Holder::node, each -> each.stage() == io.logroute.plan.Stage.KEPT)
                        .containsExactly(service.node(), false);
                assertThat(world.seen.jobs().values())
                        .noneMatch(job -> job.volume().equals(service.name()));
            }
        }

        private void touchesOneOfEach(Fleets.Decision decision) {
            var touched = decision.steps().stream()
                    .filter(step -> step instanceof Step.Push || step instanceof Step.UpdateService)
                    .map(step -> step instanceof Step.Push push
                            ? push.router()
                            : ((Step.UpdateService) step).to().router())
                    .toList();
            assertThat(touched).doesNotHaveDuplicates();
            touched.forEach(router -> assertThat(world.seen.owned().of(router))
                    .noneMatch(each -> world.isUp(each.name())
                            && world.seen.state(each.name()).update().phase().underWay()));
            decision.steps().stream()
                    .filter(step -> step instanceof Step.Push || step instanceof Step.UpdateService)
                    .forEach(step -> assertThat(world.isUp(step.object().replace("service/", "")))
                            .as("its node is up: %s", step.describe())
                            .isTrue());
        }

        /// Sinks take what waits for them, or a part of it.
        ///
        /// @param letters whether dead letters go, too
        void deliver(boolean all, boolean letters) {
            for (var service : world.seen.owned().services().keySet()) {
                if (world.answers(service) && (all || random.nextBoolean())) {
                    var disk = world.disk(service);
                    world.holds(service, all ? 0 : disk.events / 2, letters ? 0 : disk.letters);
                }
            }
        }

        /// Clients send, and somebody replays dead letters or purges them.
        private void fill(String service) {
            if (!world.answers(service)) {
                return;
            }
            var disk = world.disk(service);
            if (!disk.draining) {
                world.holds(service, disk.events + random.nextInt(1000), disk.letters + random.nextInt(3));
            } else if (disk.letters > 0) {
                world.holds(service, disk.events + (random.nextBoolean() ? disk.letters : 0), 0);
            }
        }

        private void wish(Wishes.Answer answer) {
            if (answer instanceof Wishes.Answer.Granted(var steps, var _)) {
                for (var step : steps) {
                    try {
                        world.apply(step);
                    } catch (OutOfDate e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }

        private void wish() {
            var router = "r" + random.nextInt(2);
            int number = random.nextInt(4);
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> wish(Wishes.drain(world.seen, router, number, "ops", world.now));
                case 4, 5, 6 -> wish(Wishes.uncordon(world.seen, router, number, world.now));
                default -> wish(Wishes.forget(world.seen, router, number));
            }
        }

        /// Somebody has seen what was lost.
        void forgetLosses() {
            for (var router : declared.keySet()) {
                Holder.of(world.seen.owned(), router).forEach((number, holder) -> {
                    if (holder.lost().isPresent()
                            || world.seen.node(holder.node()).isEmpty()) {
                        wish(Wishes.forget(world.seen, router, number));
                    }
                    if (holder.lost().isPresent()
                            && world.seen.node(holder.node()).isEmpty()) {
                        wish(Wishes.forget(world.seen, router, number)); // and what it held after that
                    }
                });
            }
        }

        void settleAll() {
            List.copyOf(world.seen.owned().services().keySet()).forEach(world::settle);
            world.runJobs();
            world.now = world.now.plus(Duration.ofSeconds(6));
        }

        void move() {
            var services = new ArrayList<>(world.seen.owned().services().keySet());
            switch (random.nextInt(24)) {
                case 0, 1, 2 -> pass(Integer.MAX_VALUE);
                case 3 -> pass(random.nextInt(4));
                case 4, 5 -> {
                    if (!services.isEmpty()) {
                        world.settle(services.get(random.nextInt(services.size())));
                    }
                }
                case 6 -> declare("r" + random.nextInt(2), 1 + random.nextInt(11));
                case 7 -> world.now = world.now.plus(Duration.ofSeconds(random.nextInt(10)));
                case 8 -> settleAll();
                case 9 -> {
                    if (!services.isEmpty() && random.nextInt(4) == 0) {
                        world.remove(services.get(random.nextInt(services.size())));
                    }
                }
                case 10 -> {
                    if (!services.isEmpty()) {
                        world.tamper(services.get(random.nextInt(services.size())), this::meddled);
                    }
                }
                case 11 -> {
                    int down = random.nextInt(8);
                    world.power(node -> !node.hostname().equals("n" + down));
                }
                case 13 -> {
                    int drained = random.nextInt(8);
                    world.availability(node -> !node.hostname().equals("n" + drained));
                }
                case 14 -> rollBack();
                case 15, 16, 17 -> services.forEach(this::fill);
                case 18, 19 -> deliver(random.nextInt(3) > 0, false);
                case 20 -> wish();
                case 21 -> {
                    if (!services.isEmpty() && random.nextInt(4) == 0) {
                        world.burns(services.get(random.nextInt(services.size())));
                    }
                }
                case 22 -> {
                    if (random.nextInt(4) == 0 && world.seen.nodes().size() > 1) {
                        int gone = random.nextInt(nodes) + 1;
                        world.removeNodes(node -> node.hostname().equals("n" + gone));
                    }
                    if (random.nextInt(4) == 0 && nodes < 7) {
                        world.addNode("n" + ++nodes);
                    }
                }
                case 12 -> {
                    var configs = new ArrayList<>(world.seen.owned().configs().keySet());
                    if (!configs.isEmpty() && random.nextInt(3) == 0) {
                        world.removeConfig(configs.get(random.nextInt(configs.size())));
                    }
                }
                default -> {
                    if (!services.isEmpty()) {
                        var name = services.get(random.nextInt(services.size()));
                        if (!world.unreachable.remove(name) && random.nextBoolean()) {
                            world.unreachable.add(name);
                        } else if (random.nextInt(4) == 0
                                && !world.seen.state(name).update().phase().underWay()) {
                            rolledBackByHand.add(name.replaceAll("^logroute_|-[0-9]+$", ""));
                            world.rollBack(name);
                        }
                    }
                }
            }
            assertThat(world.seen.dangling()).isEmpty();
        }

        /// As an operator asks for it.
        private void rollBack() {
            var router = "r" + random.nextInt(2);
            var known = Known.of(world.seen.owned(), router);
            if (declared.get(router) instanceof PipelineDefinition now && !known.isEmpty() && random.nextBoolean()) {
                var to = known.get(random.nextInt(known.size())).revision();
                Notes.rollBack(world.seen, router, now.revision().hash(), to, "rolled back by somebody")
                        .ifPresent(steps -> steps.forEach(step -> {
                            try {
                                world.apply(step);
                            } catch (OutOfDate e) {
                                throw new AssertionError(e);
                            }
                        }));
                rolledBackByHand.add(router);
            }
        }

        private RouterService meddled(RouterService service) {
            return new RouterService(
                    service.name(),
                    service.router(),
                    service.instance(),
                    random.nextBoolean() ? "other:2" : service.image(),
                    service.node(),
                    service.constraints(),
                    service.pipeline(),
                    service.configs(),
                    service.secrets(),
                    service.volume(),
                    service.attachments(),
                    service.ports(),
                    service.memoryBytes(),
                    service.nanoCpus(),
                    service.environment(),
                    service.labels(),
                    random.nextInt(3),
                    service.oddities());
        }
    }

    @Test
    void whatever_happened_a_swarm_that_is_left_alone_becomes_what_is_declared() {
        for (int seed : Seeds.upTo(150)) {
            try {
                leftAlone(new Story(seed));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void leftAlone(Story story) {
        for (int move = 0; move < 40; move++) {
            story.move();
        }
        story.world.unreachable.clear();
        story.world.power(_ -> true);
        story.world.availability(_ -> true);
        if (story.world.seen.nodes().isEmpty()) {
            story.world.addNode("n9");
        }
        int passes = 0;
        var stages = new HashMap<String, List<String>>();
        // The canary makes the others wait: one quiet pass is not the end.
        for (int quiet = 0; quiet < 3 || passes < 20; quiet = isQuiet(story) ? quiet + 1 : 0) {
            story.pass(Integer.MAX_VALUE);
            story.settleAll();
            story.deliver(passes > 5, passes > 8);
            if (passes == 10) {
                story.forgetLosses();
            }
            if (passes > 12) {
                noStageComesTwice(story, stages);
            }
            assertThat(passes++)
                    .as(
                            "passes; last: %s",
                            describe(story.world.decide(story.wanted()).steps()))
                    .isLessThan(120);
        }
        var findings = story.world.decide(story.wanted()).findings();
        for (var pipeline : story.declared.values()) {
            var finding = findings.stream()
                    .filter(each -> each.router().equals(pipeline.name()))
                    .findFirst()
                    .orElseThrow();
            if (isHopeless(story, finding)) {
                continue;
            }
            var services = story.world.seen.owned().of(pipeline.name()).toList();
            var holders = Holder.of(story.world.seen.owned(), pipeline.name()).values();
            assertThat(holders.stream().filter(Holder::counts).count())
                    .as("as many as are declared: %s%n%s", finding, holders)
                    .isEqualTo(finding.wanted());
            assertThat(holders)
                    .as("the others are gone, or their volumes are kept")
                    .allMatch(each -> each.counts() || each.stage() == io.logroute.plan.Stage.KEPT);
            assertThat(services)
                    .as(
                            "%s%n%s%n%s%n%s",
                            finding,
                            story.world.seen.states(),
                            story.world.reports,
                            story.world.done.stream().map(Step::describe).collect(Collectors.joining("\n")))
                    .allMatch(each -> each.replicas() == 1 && each.image().equals("logroute:1"));
            if (isBad(pipeline)
                    || (story.rolledBackByHand.contains(pipeline.name()) || isHeld(story, pipeline))
                            && finding.refused().isPresent()) {
                assertThat(finding.refused().map(Target.Refusal::revision))
                        .contains(pipeline.revision().hash());
            } else {
                assertThat(finding.target()).contains(pipeline.revision().hash());
                assertThat(services)
                        .hasSize(pipeline.router().deploy().orElseThrow().replicas());
            }
            finding.target()
                    .ifPresent(target -> assertThat(services)
                            .allMatch(each -> target.equals(Optional.ofNullable(story.world.reports.get(each.name()))
                                    .map(InstanceReport::revision)
                                    .orElse(""))));
        }
    }

    /// Nothing is done that the next pass undoes.
    private static void noStageComesTwice(Story story, Map<String, List<String>> stages) {
        for (var router : story.declared.keySet()) {
            Holder.of(story.world.seen.owned(), router).values().forEach(each -> {
                var seen = stages.computeIfAbsent(each.name(), _ -> new ArrayList<>());
                var stage = each.stage() + " " + each.why();
                if (seen.isEmpty() || !seen.getLast().equals(stage)) {
                    assertThat(seen).as(each.name()).doesNotContain(stage);
                    seen.add(stage);
                }
            });
        }
    }

    @Test
    void a_service_that_somebody_removed_is_made_again_and_that_is_drift() {
        var story = new Story(1);
        for (int pass = 0; pass < 20; pass++) {
            story.pass(Integer.MAX_VALUE);
            story.settleAll();
        }
        assertThat(story.world.done).as("nothing was there before").noneMatch(Step::isDrift);
        var services = List.copyOf(story.world.seen.owned().services().keySet());
        services.forEach(story.world::remove);
        assertThat(story.world.decide(story.wanted()).steps())
                .filteredOn(Step::isDrift)
                .extracting(Step::object)
                .containsExactlyElementsOf(
                        services.stream().map("service/"::concat).toList());
    }

    /// Whether all that there is of a router cannot run: it is tried for ever.
    private static boolean isHopeless(Story story, Fleets.Finding finding) {
        return finding.refused().filter(each -> each.instead().isEmpty()).isPresent()
                || finding.target().isPresent()
                        && Known.of(story.world.seen.owned(), finding.router()).stream()
                                .filter(each -> finding.target().get().equals(each.revision()))
                                .allMatch(each -> isBad(each.pipeline().orElseThrow()));
    }

    /// Whether the router's document was tried with other routes, and failed with each.
    private static boolean isHeld(Story story, PipelineDefinition declared) {
        return Known.of(story.world.seen.owned(), declared.name()).stream()
                        .filter(each -> each.refused().isPresent())
                        .flatMap(each -> each.pipeline().stream())
                        .filter(each -> each.router().equals(declared.router()))
                        .count()
                >= 2;
    }

    private static boolean isQuiet(Story story) {
        return story.world.decide(story.wanted()).steps().isEmpty() && !pending(story);
    }

    private static boolean pending(Story story) {
        boolean again = story.world.decide(story.wanted()).findings().stream()
                .filter(each -> !isHopeless(story, each))
                .flatMap(each -> each.problems().stream())
                .anyMatch(problem -> problem.mend().contains("tried again"));
        return again
                || story.declared.keySet().stream()
                        .flatMap(router -> Holder.of(story.world.seen.owned(), router).values().stream())
                        .anyMatch(each -> each.stage() == io.logroute.plan.Stage.REMOVING)
                || story.world.seen.owned().services().keySet().stream()
                        .anyMatch(name ->
                                story.world.seen.state(name).update().phase().underWay());
    }

    private static String describe(List<Step> steps) {
        return steps.stream().map(Step::describe).collect(Collectors.joining("; "));
    }
}
