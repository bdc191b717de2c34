package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Condition;
import io.logroute.plan.RelayState;
import io.logroute.spec.ByteSize;
import io.logroute.spec.DeadLettersSpec;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRelay.Deployed;
import io.logroute.spec.LogRelay.Existing;
import io.logroute.spec.LogRelay.Fsync;
import io.logroute.spec.LogRelay.RelayTls;
import io.logroute.spec.Name;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RelaysTest {
    static final String REDIS = "logroute_relay_up";
    static final String EXPORTER = "logroute_relay_up_exporter";

    private final World world = new World(3, _ -> false);

    // ---- what is declared

    /// How a relay differs from the least that people write.
    record Wish(
            String name,
            long memory,
            Fsync fsync,
            Optional<Integer> publish,
            List<String> networks,
            List<String> constraints,
            Optional<RelayTls> tls,
            boolean exporter) {
        static final Wish LEAST =
                new Wish("up", 512 << 20, Fsync.ALWAYS, Optional.empty(), List.of(), List.of(), Optional.empty(), true);

        Wish named(String other) {
            return new Wish(other, memory, fsync, publish, networks, constraints, tls, exporter);
        }

        Wish memory(long bytes) {
            return new Wish(name, bytes, fsync, publish, networks, constraints, tls, exporter);
        }

        Wish publish(int port) {
            return new Wish(name, memory, fsync, Optional.of(port), networks, constraints, tls, exporter);
        }

        Wish on(String... others) {
            return new Wish(name, memory, fsync, publish, List.of(others), constraints, tls, exporter);
        }

        Wish where(String... others) {
            return new Wish(name, memory, fsync, publish, networks, List.of(others), tls, exporter);
        }

        Wish encrypted() {
            return new Wish(
                    name,
                    memory,
                    fsync,
                    publish,
                    networks,
                    constraints,
                    Optional.of(new RelayTls("relay-cert", "relay-key", "relay-ca")),
                    exporter);
        }

        Wish unwatched() {
            return new Wish(name, memory, fsync, publish, networks, constraints, tls, false);
        }

        LogRelay relay() {
            return RelaysTest.relay(
                    name,
                    Optional.of(new Deployed(
                            "relay-password",
                            new ByteSize(memory),
                            fsync,
                            publish,
                            networks,
                            constraints,
                            new DeploySpec.Volume("local", Map.of()),
                            tls,
                            "redis:7.2-alpine",
                            exporter,
                            "oliver006/redis_exporter:v1.67.0-alpine")),
                    Optional.empty());
        }
    }

    static LogRelay relay(String name, Optional<Deployed> deploy, Optional<Existing> redis) {
        return new LogRelay(
                new Name(name),
                new Name("eu1"),
                deploy,
                redis,
                "logroute",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                DeadLettersSpec.USUAL,
                Optional.empty());
    }

    private void secrets(String... names) {
        world.seen = new Seen(
                world.seen.nodes(),
                world.seen.users(),
                world.seen.specs(),
                world.seen.owned(),
                world.seen.states(),
                world.seen.networks(),
                Set.of(names),
                world.seen.jobs());
    }

    private void hasPassword() {
        secrets("relay-password");
    }

    // ---- what comes of it

    private Relays.Decision decide(LogRelay... declared) {
        return Relays.decide(world.seen, List.of(declared), World.HERE, world.now);
    }

    /// Passes until nothing is left to do, with what Swarm makes of it.
    ///
    /// @return what was done
    private List<String> settle(LogRelay... declared) {
        var done = new ArrayList<String>();
        for (int pass = 0; pass < 20; pass++) {
            var decision = decide(declared);
            if (decision.steps().isEmpty()) {
                return done;
            }
            for (var step : decision.steps()) {
                make(step);
                done.add(step.describe());
            }
            world.settleRelays();
        }
        throw new AssertionError("it never rests: " + done);
    }

    private void make(Step step) {
        try {
            world.apply(step);
        } catch (OutOfDate e) {
            throw new AssertionError(step.describe(), e);
        }
    }

    private RelayState state(LogRelay... declared) {
        return decide(declared).states().getFirst();
    }

    private static String ready(RelayState state) {
        return state.conditions().stream()
                .filter(each -> each.type().equals("Ready"))
                .map(each -> each.status() + " " + each.reason())
                .findFirst()
                .orElseThrow();
    }

    private RelayService redis() {
        return Objects.requireNonNull(world.seen.owned().relays().get(REDIS));
    }

    private void services(java.util.function.Consumer<TreeMap<String, RelayService>> change) {
        world.relays(
                services -> {
                    change.accept(services);
                    return services;
                },
                states -> states);
    }

    // ---- it begins

    @Test
    void a_new_relay_is_remembered_then_made_with_an_exporter_and_then_nothing_is_left_to_do() {
        hasPassword();
        var up = Wish.LEAST.relay();
        assertThat(settle(up))
                .containsExactly(
                        "create config logroute_relay_up",
                        "create service logroute_relay_up: the redis of relay up",
                        "create service logroute_relay_up_exporter: the exporter of relay up");
        assertThat(redis().node()).isEqualTo("n1-id");
        assertThat(redis().volume().name()).isEqualTo(REDIS);
        assertThat(redis().attachments())
                .containsExactly(new RouterService.Attachment("logroute", List.of("relay-up")));
        var state = state(up);
        assertThat(state.conditions()).allMatch(Condition::good).hasSize(2);
        assertThat(state.address()).isEqualTo("redis://relay-up:6379");
        assertThat(state.node()).contains("n1");
        assertThat(state.problems()).isEmpty();
    }

    /// An entry has to fit into the memory of the router above, which cannot ask for a part of it.
    @Test
    void its_redis_takes_no_entry_that_no_router_takes() {
        hasPassword();
        settle(Wish.LEAST.relay());
        assertThat(redis().command()).contains("proto-max-bulk-len 33554432\n");
    }

    @Test
    void its_memory_is_what_entries_take_twice_and_a_rest() {
        hasPassword();
        settle(Wish.LEAST.memory(100 << 20).relay());
        assertThat(redis().memoryBytes()).contains((264L) << 20);
        assertThat(redis().command()).contains("maxmemory 104857600\nmaxmemory-policy noeviction\n");
    }

    @Test
    void with_tls_it_listens_with_its_certificate_alone_and_the_exporter_knows_who_signed_it() {
        secrets("relay-password", "relay-cert", "relay-key", "relay-ca");
        var up = Wish.LEAST.encrypted().relay();
        settle(up);
        assertThat(redis().command())
                .contains("port 0\ntls-port 6379\ntls-cert-file /run/secrets/relay-cert\n")
                .contains("tls-auth-clients no\n");
        assertThat(redis().secrets()).containsOnlyKeys("relay-password", "relay-cert", "relay-key", "relay-ca");
        var exporter = Objects.requireNonNull(world.seen.owned().relays().get(EXPORTER));
        assertThat(exporter.secrets()).containsOnlyKeys("relay-password", "relay-ca");
        assertThat(exporter.command()).contains("REDIS_ADDR=rediss://relay-up:6379\n");
        assertThat(state(up).address()).isEqualTo("rediss://relay-up:6379");
    }

    @Test
    void without_its_secret_or_a_network_nothing_is_half_made_and_it_is_told_what_is_missing() {
        var up = Wish.LEAST.relay();
        secrets("another");
        assertThat(decide(up).steps()).isEmpty();
        assertThat(ready(state(up))).isEqualTo("FALSE SecretMissing");
        assertThat(state(up).problems())
                .hasToString("[relay up: the swarm has no secret relay-password. Create it: docker secret create"
                        + " relay-password FILE; or name another one.]");
        hasPassword();
        var far = Wish.LEAST.on("far").relay();
        assertThat(decide(far).steps()).isEmpty();
        assertThat(ready(state(far))).isEqualTo("FALSE NetworkMissing");
    }

    @Test
    void one_whose_spec_lacks_something_later_stays_as_it_is() {
        hasPassword();
        settle(Wish.LEAST.relay());
        var far = Wish.LEAST.on("far").relay();
        assertThat(decide(far).steps()).isEmpty();
        assertThat(ready(state(far))).isEqualTo("TRUE Running");
        assertThat(state(far).problems().toString()).contains("no network far");
    }

    @Test
    void it_goes_where_its_constraints_allow_and_its_port_is_free() {
        hasPassword();
        var other = Wish.LEAST
                .named("other")
                .publish(6379)
                .where("node.hostname != n2")
                .relay();
        settle(other);
        var up = Wish.LEAST.publish(6379).where("node.hostname != n2").relay();
        settle(other, up);
        assertThat(Objects.requireNonNull(world.seen.owned().relays().get("logroute_relay_other"))
                        .node())
                .isEqualTo("n1-id");
        assertThat(redis().node()).isEqualTo("n3-id");
        var third = Wish.LEAST
                .named("third")
                .publish(6379)
                .where("node.hostname != n2")
                .relay();
        var states = decide(other, third, up).states();
        assertThat(states).extracting(RelayState::name).containsExactly("other", "third", "up");
        assertThat(ready(states.get(1))).isEqualTo("FALSE NoNode");
        assertThat(decide(other, third, up).steps()).isEmpty();
    }

    @Test
    void what_cannot_be_called_so_is_told_and_not_made() {
        hasPassword();
        var longest = Wish.LEAST.named("a".repeat(40)).relay();
        assertThat(decide(longest).steps()).isEmpty();
        assertThat(state(longest).problems().toString()).contains("Give it a name of 39 letters or fewer");
        assertThat(decide(Wish.LEAST.named("a".repeat(39)).relay()).steps()).hasSize(3);
    }

    @Test
    void a_redis_that_exists_is_not_deployed() {
        hasPassword();
        var exists = relay(
                "up",
                Optional.empty(),
                Optional.of(new Existing(
                        List.of(URI.create("redis://there:6379")),
                        Optional.empty(),
                        false,
                        0,
                        Optional.empty(),
                        Optional.empty())));
        assertThat(decide(exists)).isEqualTo(new Relays.Decision(List.of(), List.of()));
        settle(Wish.LEAST.relay());
        assertThat(decide(exists).steps()).isEmpty();
        assertThat(state(exists).problems().toString()).contains("declares it to be deployed here");
    }

    // ---- it changes

    @Test
    void a_change_is_made_in_place_and_first_noted() {
        hasPassword();
        settle(Wish.LEAST.relay());
        var before = redis();
        assertThat(settle(Wish.LEAST.memory(1 << 30).publish(6400).relay()))
                .containsExactly(
                        "label config logroute_relay_up: its services change",
                        "update service logroute_relay_up: its settings, ports none -> [6400], memoryBytes 1140850688 ->"
                                + " 2214592512");
        assertThat(redis().volume()).isEqualTo(before.volume());
        assertThat(redis().node()).isEqualTo(before.node());
        assertThat(settle(Wish.LEAST.memory(1 << 30).publish(6400).unwatched().relay()))
                .containsExactly("remove service logroute_relay_up_exporter: the relay is to have none");
    }

    @Test
    void what_others_change_or_remove_is_put_right_on_the_same_node() {
        hasPassword();
        settle(Wish.LEAST.where("node.hostname == n2").relay());
        var up = Wish.LEAST.relay();
        settle(up);
        services(all -> all.replaceAll((_, is) -> new RelayService(
                is.name(),
                is.relay(),
                is.part(),
                "redis:5",
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
                0,
                List.of("TaskTemplate.ContainerSpec.Sysctls"))));
        assertThat(decide(up).steps()).filteredOn(Step::isDrift).hasSize(2);
        assertThat(settle(up))
                .contains("restore service logroute_relay_up: image redis:5 -> redis:7.2-alpine, replicas 0 -> 1,"
                        + " oddities [TaskTemplate.ContainerSpec.Sysctls] -> none");
        services(TreeMap::clear);
        settle();
        assertThat(settle(up)).contains("create service logroute_relay_up again: the redis of relay up");
        assertThat(redis().node()).isEqualTo("n2-id");
    }

    @Test
    void a_record_that_somebody_removed_is_written_again_by_what_the_redis_says() {
        hasPassword();
        var up = Wish.LEAST.where("node.hostname == n2").relay();
        settle(up);
        world.removeConfig(REDIS);
        assertThat(settle(up)).containsExactly("create config logroute_relay_up again");
        services(TreeMap::clear);
        settle(Wish.LEAST.relay());
        assertThat(redis().node()).isEqualTo("n2-id");
    }

    @Test
    void a_change_that_swarm_took_back_is_tried_again_after_a_rest_and_another_one_at_once() {
        hasPassword();
        var before = Wish.LEAST.relay();
        settle(before);
        var was = redis();
        var bad = Wish.LEAST.memory(1 << 30).relay();
        decide(bad).steps().forEach(this::make);
        world.relays(
                services -> {
                    services.put(REDIS, was);
                    return services;
                },
                states -> {
                    states.computeIfPresent(
                            REDIS,
                            (_, is) -> new Seen.State(
                                    new Seen.Update(
                                            Seen.Update.Phase.ROLLED_BACK,
                                            Optional.of(world.now),
                                            "rollback completed"),
                                    Set.of(),
                                    is.tasks(),
                                    Optional.of(Fleets.hash(was)),
                                    is.version() + 1));
                    return states;
                });
        assertThat(decide(bad).steps()).isEmpty();
        assertThat(state(bad).problems().toString())
                .contains("Swarm took the change of service logroute_relay_up back: rollback completed")
                .contains("tried again after 2m");
        assertThat(decide(Wish.LEAST.memory(2L << 30).relay()).steps()).hasSize(2);
        world.now = world.now.plus(Duration.ofMinutes(2));
        assertThat(decide(bad).steps()).hasSize(2).noneMatch(Step::isDrift);
        decide(bad).steps().forEach(this::make);
        assertThat(Objects.requireNonNull(RelayRecord.of(world.seen.owned()).get("up"))
                        .attempt(RelayService.Part.REDIS)
                        .again())
                .isEqualTo(1);
    }

    // ---- its node

    @Test
    void while_its_node_is_down_it_waits_for_it_and_nothing_is_started_elsewhere() {
        hasPassword();
        settle(Wish.LEAST.relay());
        world.lose("n1");
        var changed = Wish.LEAST.memory(1 << 30).relay();
        assertThat(decide(changed).steps()).isEmpty();
        assertThat(ready(state(changed))).isEqualTo("FALSE NodeDown");
        assertThat(state(changed).problems().toString()).contains("logroute forget relay/up");
        world.lose("none");
        assertThat(settle(changed)).anyMatch(each -> each.startsWith("update service logroute_relay_up"));
        assertThat(redis().node()).isEqualTo("n1-id");
    }

    @Test
    void a_node_that_is_gone_is_given_up_only_when_somebody_says_so() {
        hasPassword();
        var up = Wish.LEAST.relay();
        settle(up);
        world.removeNodes(node -> node.hostname().equals("n1"));
        assertThat(decide(up).steps()).isEmpty();
        assertThat(ready(state(up))).isEqualTo("FALSE NodeGone");
        assertThat(forget(Optional.of(up))).isEqualTo("granted");
        assertThat(settle(up))
                .containsExactly(
                        "remove service logroute_relay_up_exporter: the relay is forgotten",
                        "remove service logroute_relay_up: the relay is forgotten",
                        "remove config logroute_relay_up",
                        "create config logroute_relay_up",
                        "create service logroute_relay_up: the redis of relay up",
                        "create service logroute_relay_up_exporter: the exporter of relay up");
        assertThat(redis().node()).isEqualTo("n2-id");
    }

    @Test
    void a_node_that_does_not_fit_any_more_is_told_and_kept() {
        hasPassword();
        settle(Wish.LEAST.relay());
        var elsewhere = Wish.LEAST.where("node.hostname == n3").relay();
        // Its exporter keeps nothing, and goes where it may.
        assertThat(settle(elsewhere)).noneMatch(each -> each.contains("logroute_relay_up:") && !each.contains("label"));
        assertThat(redis().node()).isEqualTo("n1-id");
        assertThat(state(elsewhere).problems().toString())
                .contains("it stays on node n1, which does not fit node.hostname == n3");
    }

    private String forget(Optional<LogRelay> declared) {
        return switch (Relays.forget(world.seen, "up", declared.flatMap(LogRelay::deploy))) {
            case Wishes.Answer.Granted(var steps, var _) -> {
                steps.forEach(this::make);
                yield "granted";
            }
            case Wishes.Answer.Refused(var what, var _) -> what;
        };
    }

    // ---- it goes

    @Test
    void one_that_is_declared_no_longer_stays_until_somebody_says_to_forget_it() {
        hasPassword();
        settle(Wish.LEAST.relay());
        assertThat(decide().steps()).isEmpty();
        assertThat(ready(state())).isEqualTo("TRUE Running");
        assertThat(state().declared()).isFalse();
        assertThat(state().problems().toString()).contains("its Redis stays as it is");
        assertThat(forget(Optional.empty())).isEqualTo("granted");
        assertThat(settle())
                .containsExactly(
                        "remove service logroute_relay_up_exporter: the relay is forgotten",
                        "remove service logroute_relay_up: the relay is forgotten",
                        "remove config logroute_relay_up");
        assertThat(decide()).isEqualTo(new Relays.Decision(List.of(), List.of()));
    }

    @Test
    void one_that_is_declared_and_whose_node_is_well_is_not_forgotten() {
        hasPassword();
        var up = Wish.LEAST.relay();
        settle(up);
        assertThat(forget(Optional.of(up))).isEqualTo("it is declared, and its node n1 is there and fits");
        assertThat(forget(Optional.of(Wish.LEAST.where("node.hostname == n3").relay())))
                .isEqualTo("granted");
        settle(Wish.LEAST.where("node.hostname == n3").relay());
        assertThat(redis().node()).isEqualTo("n3-id");
        assertThat(forget(Optional.empty())).isEqualTo("granted");
        settle();
        assertThat(forget(Optional.empty())).isEqualTo("there is no relay up that this LogRoute deployed");
    }

    @Test
    void an_exporter_that_was_left_alone_goes() {
        hasPassword();
        settle(Wish.LEAST.relay());
        services(all -> all.remove(REDIS));
        world.removeConfig(REDIS);
        assertThat(settle()).containsExactly("remove service logroute_relay_up_exporter: there is no Redis beside it");
    }
}
