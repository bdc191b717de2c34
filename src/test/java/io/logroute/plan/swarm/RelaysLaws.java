package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.plan.swarm.RelaysTest.Wish;
import io.logroute.spec.LogRelay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// For any story of declarations, of nodes that fail, of hands that meddle and of controllers that
/// stop.
class RelaysLaws {
    private static final List<String> NAMES = List.of("up", "up-1", "far");

    private static final class Story {
        final Random random;
        final World world;
        final Map<String, LogRelay> declared = new TreeMap<>();
        /// The node of each relay, from its first service on until it is forgotten.
        final Map<String, String> nodes = new HashMap<>();
        final List<String> told = new ArrayList<>();

        Story(long seed) {
            random = Seeds.random(seed);
            world = new World(1 + random.nextInt(4), _ -> false);
            secrets(true);
            declare();
        }

        private void secrets(boolean all) {
            var seen = world.seen;
            world.seen = new Seen(
                    seen.nodes(),
                    seen.users(),
                    seen.specs(),
                    seen.owned(),
                    seen.states(),
                    seen.networks(),
                    all ? Set.of("relay-password") : Set.of(),
                    seen.jobs());
        }

        private void declare() {
            var name = NAMES.get(random.nextInt(NAMES.size()));
            var wish = Wish.LEAST.named(name).memory((16L + random.nextInt(4)) << 20);
            wish = random.nextInt(3) == 0 ? wish.publish(6379) : wish;
            wish = random.nextInt(4) == 0 ? wish.unwatched() : wish;
            wish = random.nextInt(4) == 0 ? wish.on("core") : wish;
            wish = random.nextInt(5) == 0 ? wish.where("node.hostname != n" + (1 + random.nextInt(4))) : wish;
            declared.put(name, wish.relay());
        }

        Relays.Decision decide() {
            return Relays.decide(world.seen, List.copyOf(declared.values()), World.HERE, world.now);
        }

        /// One pass, stopped after so many steps.
        boolean pass(int most) {
            var decision = decide();
            int made = 0;
            for (var step : decision.steps()) {
                if (made++ >= most) {
                    break;
                }
                told.add(step.describe());
                staysOnItsNode(step);
                try {
                    world.apply(step);
                } catch (OutOfDate e) {
                    throw new AssertionError(step.describe(), e);
                }
            }
            return decision.steps().isEmpty();
        }

        /// No relay has two Redis, and none is elsewhere than it was, unless somebody said to forget
        /// it.
        private void staysOnItsNode(Step step) {
            assertThat(step).isNotInstanceOfAny(Step.RemoveVolume.class, Step.RemoveService.class);
            switch (step) {
                case Step.CreateRelay(var service, var _)
                when service.part() == RelayService.Part.REDIS -> {
                    assertThat(world.seen.owned().relays()).doesNotContainKey(service.name());
                    assertThat(RelayRecord.of(world.seen.owned()).get(service.relay()))
                            .as("its record is there first")
                            .isNotNull()
                            .extracting(RelayRecord::node)
                            .isEqualTo(service.node());
                    assertThat(nodes.computeIfAbsent(service.relay(), _ -> service.node()))
                            .as("the node of %s", service.relay())
                            .isEqualTo(service.node());
                }
                case Step.UpdateRelay(var from, var to, var _)
                when to.part() == RelayService.Part.REDIS -> {
                    assertThat(to.node()).isEqualTo(nodes.get(to.relay()));
                    assertThat(to.volume()).isEqualTo(from.volume());
                }
                case Step.RemoveRelay(var name, var relay, var _)
                when name.equals("logroute_relay_" + relay) ->
                    assertThat(Objects.requireNonNull(
                                            RelayRecord.of(world.seen.owned()).get(relay))
                                    .forgotten())
                            .as("somebody said to forget it")
                            .isTrue();
                case Step.RemoveConfig(var name) -> {
                    assertThat(world.seen.owned().relays()).doesNotContainKey(name);
                    nodes.remove(name.replace("logroute_relay_", ""));
                }
                default -> {}
            }
        }

        /// Something happens.
        void happens() {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> declare();
                case 3 -> declared.remove(NAMES.get(random.nextInt(NAMES.size())));
                case 4 -> world.lose("n" + (1 + random.nextInt(4)));
                case 5 -> world.lose("none");
                case 6 -> meddle();
                case 7 -> forget();
                case 8 -> secrets(random.nextBoolean());
                default -> world.now = world.now.plus(Duration.ofMinutes(random.nextInt(9)));
            }
        }

        /// Somebody changes or removes what is ours. Who removes a record and its service, too, has
        /// given the node up.
        private void meddle() {
            var name = NAMES.get(random.nextInt(NAMES.size()));
            var redis = "logroute_relay_" + name;
            if (random.nextInt(3) == 0) {
                if (world.seen.owned().relays().containsKey(redis)) {
                    world.removeConfig(redis);
                }
                return;
            }
            var service = random.nextBoolean() ? redis : redis + "_exporter";
            boolean recorded = RelayRecord.of(world.seen.owned()).containsKey(name);
            boolean removes = random.nextBoolean() && recorded;
            world.relays(
                    services -> {
                        if (removes) {
                            services.remove(service);
                        } else {
                            services.computeIfPresent(service, (_, is) -> scaled(is));
                        }
                        return services;
                    },
                    states -> {
                        if (removes) {
                            states.remove(service);
                        }
                        return states;
                    });
        }

        private static RelayService scaled(RelayService is) {
            return new RelayService(
                    is.name(),
                    is.relay(),
                    is.part(),
                    is.image(),
                    is.node(),
                    is.constraints(),
                    is.command(),
                    is.health(),
                    is.secrets(),
                    is.volume(),
                    is.attachments(),
                    is.ports(),
                    is.memoryBytes(),
                    is.labels(),
                    is.replicas() + 1,
                    is.oddities());
        }

        private void forget() {
            var name = NAMES.get(random.nextInt(NAMES.size()));
            var deploy = Optional.ofNullable(declared.get(name)).flatMap(LogRelay::deploy);
            if (Relays.forget(world.seen, name, deploy) instanceof Wishes.Answer.Granted(var steps, var _)) {
                for (var step : steps) {
                    try {
                        world.apply(step);
                    } catch (OutOfDate e) {
                        throw new AssertionError(step.describe(), e);
                    }
                }
            }
        }

        /// What Swarm is at is waited for: one quiet pass is not the end.
        void untilQuiet() {
            int passes = 0;
            for (int quiet = 0; quiet < 2; ) {
                quiet = pass(Integer.MAX_VALUE) ? quiet + 1 : 0;
                assertThat(passes++).as("it never rests: %s", told).isLessThan(20);
                world.settleRelays();
            }
        }
    }

    @Test
    void in_the_end_all_is_as_declared_and_no_relay_is_where_its_volume_is_not() {
        for (int seed : Seeds.upTo(1000)) {
            try {
                var story = new Story(seed);
                for (int i = 0; i < 30; i++) {
                    story.happens();
                    story.pass(story.random.nextInt(5));
                    if (story.random.nextInt(3) != 0) {
                        story.world.settleRelays();
                    }
                }
                story.secrets(true);
                story.world.lose("none");
                story.untilQuiet();
                asDeclared(story);
            } catch (AssertionError e) {
                throw new AssertionError("seed %d".formatted(seed), e);
            }
        }
    }

    private static void asDeclared(Story story) {
        assertThat(story.decide().steps()).isEmpty();
        var relays = story.world.seen.owned().relays();
        var ports = new TreeSet<String>();
        story.declared.forEach((name, relay) -> {
            var deploy = relay.deploy().orElseThrow();
            var redis = relays.get("logroute_relay_" + name);
            var state = story.decide().states().stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            if (redis == null) {
                assertThat(state.problems().toString()).contains("no node that takes tasks fits");
                return;
            }
            assertThat(redis).isEqualTo(RelayShape.redis(World.HERE, relay, deploy, redis.node(), redis.ports()));
            if (!redis.ports().equals(deploy.publish().stream().toList())) {
                assertThat(state.problems().toString()).contains("its port 6379 is not published");
            }
            redis.ports()
                    .forEach(port -> assertThat(ports.add(redis.node() + " " + port))
                            .as("one has the port of a node")
                            .isTrue());
            assertThat(redis.node()).isEqualTo(story.nodes.get(name));
            assertThat(relays.containsKey("logroute_relay_%s_exporter".formatted(name)))
                    .isEqualTo(deploy.exporter());
            assertThat(state.ready()).as(state.toString()).isTrue();
        });
        // What is declared no longer stays.
        story.nodes.forEach((name, node) -> assertThat(Objects.requireNonNull(
                                RelayRecord.of(story.world.seen.owned()).get(name))
                        .node())
                .isEqualTo(node));
    }
}
