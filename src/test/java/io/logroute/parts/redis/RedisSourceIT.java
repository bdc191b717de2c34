package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Behind;
import io.logroute.flow.Inlet;
import io.logroute.spec.RedisForm;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Order(12)
class RedisSourceIT {
    private static RedisServer server;
    private final RedisRig rig = new RedisRig();

    @BeforeAll
    static void start() throws IOException {
        server = RedisServer.single();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void empty() throws IOException {
        server.cli("flushall");
    }

    @AfterEach
    void end() throws Exception {
        rig.close();
    }

    private static Specs specs() {
        return Specs.at(server.url());
    }

    private static void push(RedisForm form, List<String> events) throws IOException {
        var commands = new StringBuilder();
        for (var event : events) {
            commands.append(form == RedisForm.LIST ? "RPUSH logs " : "XADD logs * event ")
                    .append('"')
                    .append(event.replace("\"", "\\\""))
                    .append("\"\n");
        }
        server.node(0).cliWithInput(commands.toString());
    }

    private static String pending() throws IOException {
        return server.cli("xpending", "logs", "core").lines().findFirst().orElse("");
    }

    /// How many are begun with and not settled.
    private static int begun(RedisForm form, int instance) throws IOException {
        return Integer.parseInt(
                form == RedisForm.LIST ? server.cli("llen", "{logs}:processing:core-" + instance) : pending());
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void what_redis_cli_writes_is_taken_in_its_order_and_settled(RedisForm form) throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        push(form, RedisRig.numbered(0, 50));
        rig.source(specs().form(form), inlet);
        push(form, RedisRig.numbered(50, 3_000));
        RedisRig.soon().until(() -> inlet.stored().size() >= 3_000);
        assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(0, 3_000));
        RedisRig.soon().until(() -> begun(form, 0) == 0);
        if (form == RedisForm.LIST) {
            assertThat(server.cli("llen", "logs")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void nothing_is_settled_before_it_is_stored(RedisForm form) throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        push(form, RedisRig.numbered(0, 10));
        rig.source(specs().form(form), inlet);
        var taken = new ArrayList<MemoryInlet.Taken>();
        for (int had = 0; had < 10; had += taken.getLast().events().size()) {
            taken.add(next(inlet));
        }
        assertThat(begun(form, 0)).isEqualTo(10);
        var first = taken.removeFirst();
        first.receipt().stored();
        RedisRig.soon().until(() -> begun(form, 0) == 10 - first.events().size());
        taken.forEach(each -> each.receipt().stored());
        RedisRig.soon().until(() -> begun(form, 0) == 0);
    }

    private static MemoryInlet.Taken next(MemoryInlet inlet) throws InterruptedException {
        var taken = inlet.taken.poll(120, TimeUnit.SECONDS);
        assertThat(taken).isNotNull();
        return taken;
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void what_was_begun_with_before_a_crash_comes_first_after_it(RedisForm form) throws Exception {
        var before = MemoryInlet.storingOnRequest();
        push(form, RedisRig.numbered(0, 10));
        var crashed = rig.source(specs().form(form), before);
        int had = next(before).events().size();
        while (had < 10) {
            had += next(before).events().size();
        }
        crashed.close();
        push(form, RedisRig.numbered(10, 20));
        var after = MemoryInlet.storingAtOnce();
        rig.source(specs().form(form), after);
        RedisRig.soon().until(() -> after.stored().size() >= 20);
        assertThat(after.stored()).isEqualTo(RedisRig.numbered(0, 20));
        RedisRig.soon().until(() -> begun(form, 0) == 0);
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void of_two_instances_the_living_one_takes_what_the_dead_one_left(RedisForm form) throws Exception {
        var specs = specs().form(form).claimAfter(Duration.ofSeconds(5));
        var dead = MemoryInlet.storingOnRequest();
        push(form, RedisRig.numbered(0, 100));
        var dying = rig.source(specs, 1, dead);
        int had = next(dead).events().size();
        while (had < 100) {
            had += next(dead).events().size();
        }
        dying.close();
        var living = MemoryInlet.storingAtOnce();
        rig.source(specs, 0, living);
        push(form, RedisRig.numbered(100, 110));
        RedisRig.soon().until(() -> living.stored().size() >= 110);
        assertThat(living.stored()).containsExactlyInAnyOrderElementsOf(RedisRig.numbered(0, 110));
        RedisRig.soon().until(() -> begun(form, 0) == 0 && begun(form, 1) == 0);
        RedisRig.soon()
                .until(() -> rig.meters.value(
                                Meter.REDIS_TAKEN_OVER_ENTRIES,
                                "core",
                                specs.source().label())
                        == 100);
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_living_instance_that_waits_long_loses_nothing_to_the_other(RedisForm form) throws Exception {
        var specs = specs().form(form).claimAfter(Duration.ofSeconds(8));
        var slow = MemoryInlet.storingOnRequest();
        push(form, RedisRig.numbered(0, 100));
        rig.source(specs, 1, slow);
        var taken = next(slow);
        var other = MemoryInlet.storingAtOnce();
        rig.source(specs, 0, other);
        // Two chances to take over, and some.
        var since = System.nanoTime();
        RedisRig.soon()
                .until(() -> System.nanoTime() - since > Duration.ofSeconds(18).toNanos());
        assertThat(other.stored()).doesNotContainAnyElementsOf(taken.events());
        taken.receipt().stored();
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void no_more_is_in_hand_than_may_be(RedisForm form) throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var large = "x".repeat(100_000);
        var events = RedisRig.numbered(0, 60).stream()
                .map(each -> each.replace("}", ",\"x\":\"" + large + "\"}"))
                .toList();
        push(form, events);
        rig.source(specs().form(form).room("1MiB"), inlet);
        long held = 0;
        for (var taken = next(inlet); taken != null; taken = inlet.taken.poll(3, TimeUnit.SECONDS)) {
            held += taken.batch().bytes();
        }
        assertThat(held).isBetween(1L, 4L << 20);
    }

    @Test
    void several_keys_and_a_key_that_is_not_there_yet() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs().key("a,b"), inlet);
        server.cli("xadd", "b", "*", "event", "{\"n\":1}");
        RedisRig.soon().until(() -> inlet.stored().equals(List.of("{\"n\":1}")));
        server.cli("xadd", "a", "*", "event", "{\"n\":2}");
        RedisRig.soon().until(() -> inlet.stored().equals(List.of("{\"n\":1}", "{\"n\":2}")));
    }

    @Test
    void a_group_that_is_gone_is_made_again() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs(), inlet);
        push(RedisForm.STREAM, RedisRig.numbered(0, 1));
        RedisRig.soon().until(() -> inlet.stored().size() == 1);
        server.cli("flushall");
        push(RedisForm.STREAM, RedisRig.numbered(1, 2));
        RedisRig.soon().until(() -> inlet.stored().equals(RedisRig.numbered(0, 2)));
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_key_of_another_type_is_told_and_taken_when_it_is_mended(RedisForm form) throws Exception {
        server.cli("set", "logs", "x");
        var inlet = MemoryInlet.storingAtOnce();
        var specs = specs().form(form);
        rig.source(specs, inlet);
        assertThat(rig.meters.value(Meter.SOURCE_UP, "core", specs.source().label()))
                .isZero();
        server.cli("del", "logs");
        push(form, RedisRig.numbered(0, 1));
        RedisRig.soon().until(() -> inlet.stored().size() == 1);
        RedisRig.soon()
                .until(() ->
                        rig.meters.value(Meter.SOURCE_UP, "core", specs.source().label()) == 1);
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void one_that_is_refused_while_others_are_stored_stays_in_redis_and_holds_up_nobody(RedisForm form)
            throws Exception {
        var inlet = MemoryInlet.refusing(event -> event.contains("\"n\":7}"));
        push(form, RedisRig.numbered(0, 20));
        var specs = specs().form(form);
        rig.source(specs, inlet);
        var others = RedisRig.numbered(0, 20).stream()
                .filter(each -> !each.contains("\"n\":7}"))
                .toList();
        RedisRig.soon().until(() -> inlet.stored().size() >= 19);
        assertThat(inlet.stored()).containsExactlyInAnyOrderElementsOf(others);
        push(form, RedisRig.numbered(20, 21));
        RedisRig.soon()
                .until(() -> rig.meters.value(
                                Meter.REDIS_SUSPECT_ENTRIES,
                                "core",
                                specs.source().label(),
                                "refused")
                        == 1);
        RedisRig.soon().until(() -> inlet.stored().size() == 20);
        RedisRig.soon().until(() -> begun(form, 0) == 1);
    }

    @Test
    void one_that_was_handed_out_often_is_told_and_taken_in_alone() throws Exception {
        push(RedisForm.STREAM, RedisRig.numbered(0, 3));
        server.cli("xgroup", "create", "logs", "core", "0");
        server.cli("xreadgroup", "group", "core", "core-1", "count", "2", "streams", "logs", ">");
        var ids = server.cli("xpending", "logs", "core", "-", "+", "10").lines().toList();
        server.cli("xclaim", "logs", "core", "core-1", "0", ids.getFirst(), "retrycount", "9");
        var inlet = MemoryInlet.storingOnRequest();
        var specs = specs().claimAfter(Duration.ofSeconds(10));
        rig.source(specs, inlet);
        assertThat(next(inlet).events()).isEqualTo(RedisRig.numbered(2, 3));
        assertThat(next(inlet).events()).isEqualTo(RedisRig.numbered(1, 2));
        assertThat(next(inlet).events()).isEqualTo(RedisRig.numbered(0, 1));
        assertThat(rig.meters.value(
                        Meter.REDIS_SUSPECT_ENTRIES, "core", specs.source().label(), "redelivered"))
                .isEqualTo(1);
    }

    @Test
    void so_is_one_of_ours_that_an_earlier_life_was_handed_out_often() throws Exception {
        push(RedisForm.STREAM, RedisRig.numbered(0, 3));
        server.cli("xgroup", "create", "logs", "core", "0");
        server.cli("xreadgroup", "group", "core", "core-0", "count", "2", "streams", "logs", ">");
        var ids = server.cli("xpending", "logs", "core", "-", "+", "10").lines().toList();
        server.cli("xclaim", "logs", "core", "core-0", "0", ids.getFirst(), "retrycount", "9");
        var inlet = MemoryInlet.storingOnRequest();
        var specs = specs();
        rig.source(specs, inlet);
        assertThat(next(inlet).events()).isEqualTo(RedisRig.numbered(1, 2));
        assertThat(next(inlet).events()).isEqualTo(RedisRig.numbered(0, 1));
        assertThat(next(inlet).events()).isEqualTo(RedisRig.numbered(2, 3));
        assertThat(rig.meters.value(
                        Meter.REDIS_SUSPECT_ENTRIES, "core", specs.source().label(), "redelivered"))
                .isEqualTo(1);
    }

    /// As when a server hears of a question only after the connection that it came by is given up.
    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_reply_that_never_came_is_missed_and_asked_for(RedisForm form) throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs().form(form).claimAfter(Duration.ofSeconds(5)), inlet);
        push(form, RedisRig.numbered(0, 1));
        RedisRig.soon().until(() -> inlet.stored().size() == 1);
        handOut(form, RedisRig.numbered(1, 2).getFirst());
        RedisRig.soon().until(() -> inlet.stored().equals(RedisRig.numbered(0, 2)));
        RedisRig.soon().until(() -> begun(form, 0) == 0);
    }

    /// One more is handed out to our consumer, and nobody hears of it.
    private static void handOut(RedisForm form, String json) throws IOException {
        var event = json.replace("\"", "\\\"");
        server.node(0)
                .cliWithInput(
                        form == RedisForm.LIST
                                ? "MULTI\nRPUSH logs \"%s\"\nLMOVE logs {logs}:processing:core-0 LEFT RIGHT\nEXEC\n"
                                        .formatted(event)
                                : "MULTI\nXADD logs * event \"%s\"\nXREADGROUP GROUP core core-0 STREAMS logs >\nEXEC\n"
                                        .formatted(event));
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void what_was_put_aside_is_not_taken_again_when_others_are_looked_for(RedisForm form) throws Exception {
        var refusals = new AtomicInteger();
        var inlet = MemoryInlet.refusing(event -> event.contains("\"n\":7}") && refusals.incrementAndGet() > 0);
        push(form, RedisRig.numbered(0, 20));
        var specs = specs().form(form).claimAfter(Duration.ofSeconds(5));
        rig.source(specs, inlet);
        RedisRig.soon().until(() -> inlet.stored().size() == 19);
        push(form, RedisRig.numbered(20, 21));
        RedisRig.soon()
                .until(() -> rig.meters.value(
                                Meter.REDIS_SUSPECT_ENTRIES,
                                "core",
                                specs.source().label(),
                                "refused")
                        == 1);
        int before = refusals.get();
        handOut(form, RedisRig.numbered(21, 22).getFirst());
        RedisRig.soon().until(() -> inlet.stored().size() == 21);
        RedisRig.soon().until(() -> begun(form, 0) == 1);
        assertThat(refusals).hasValue(before);
    }

    @Test
    void a_list_without_memory_that_is_all_in_hand_is_not_looked_through_all_the_time() throws Exception {
        push(RedisForm.LIST, RedisRig.numbered(0, 10));
        server.cli("config", "set", "maxmemory", "1");
        try {
            var inlet = MemoryInlet.storingOnRequest();
            rig.source(specs().list(), inlet);
            for (int had = 0; had < 10; ) {
                had += next(inlet).events().size();
            }
            server.cli("config", "resetstat");
            RedisRig.soon().during(Duration.ofSeconds(2)).until(() -> looks() < 50);
        } finally {
            server.cli("config", "set", "maxmemory", "0");
        }
    }

    private static int looks() throws IOException {
        return server.cli("info", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_lrange:calls="))
                .map(line -> Integer.parseInt(line.substring("cmdstat_lrange:calls=".length(), line.indexOf(','))))
                .findFirst()
                .orElse(0);
    }

    @Test
    void entries_that_were_trimmed_before_they_could_be_taken_again_are_told() throws Exception {
        push(RedisForm.STREAM, RedisRig.numbered(0, 5));
        server.cli("xgroup", "create", "logs", "core", "0");
        server.cli("xreadgroup", "group", "core", "core-0", "count", "3", "streams", "logs", ">");
        server.cli("xtrim", "logs", "maxlen", "3");
        var inlet = MemoryInlet.storingAtOnce();
        var specs = specs();
        rig.source(specs, inlet);
        RedisRig.soon().until(() -> inlet.stored().size() == 3);
        assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(2, 5));
        RedisRig.soon()
                .until(() -> rig.meters.value(
                                Meter.REDIS_SUSPECT_ENTRIES,
                                "core",
                                specs.source().label(),
                                "deleted")
                        == 2);
        RedisRig.soon().until(() -> pending().equals("0"));
    }

    @Test
    void what_waits_is_told() throws Exception {
        push(RedisForm.STREAM, RedisRig.numbered(0, 40));
        var inlet = MemoryInlet.storingOnRequest();
        var specs = specs();
        rig.source(specs, inlet);
        RedisRig.soon()
                .until(() -> rig.meters.value(
                                Meter.REDIS_WAITING_ENTRIES,
                                "core",
                                specs.source().label())
                        == 40);
    }

    @Test
    void the_lag_of_a_relay_is_the_age_of_the_first_entry_that_is_not_stored() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        push(RedisForm.STREAM, RedisRig.numbered(0, 1));
        var source = rig.relay(specs(), inlet);
        var first = Instant.ofEpochMilli(Long.parseLong(server.cli("xrange", "logs", "-", "+")
                .lines()
                .findFirst()
                .orElseThrow()
                .split("-")[0]));
        RedisRig.soon().until(() -> source.behind().orElseThrow().entries() == 1);
        assertThat(source.behind()).contains(new Behind(1, Optional.of(first)));
        assertThat(lag()).isBetween(0.001, 120.0);
        push(RedisForm.STREAM, RedisRig.numbered(1, 3));
        RedisRig.soon().until(() -> source.behind().orElseThrow().entries() == 3);
        assertThat(source.behind().orElseThrow().oldest()).contains(first);
        next(inlet).receipt().stored();
        RedisRig.soon().until(() -> !source.behind().orElseThrow().oldest().equals(Optional.of(first)));
        RedisRig.soon().until(() -> {
            inlet.taken.forEach(each -> each.receipt().stored());
            return lag() == 0;
        });
        assertThat(source.behind()).contains(new Behind(0, Optional.empty()));
        assertThat(rig.meters.value(Meter.REDIS_WAITING_ENTRIES, "core", "relay:r"))
                .isZero();
    }

    private double lag() {
        return rig.meters.value(Meter.RELAY_LAG_SECONDS, "core", "relay:r");
    }

    @Test
    void a_closed_source_gives_nothing_more() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        var source = rig.source(specs(), inlet);
        push(RedisForm.STREAM, RedisRig.numbered(0, 1));
        RedisRig.soon().until(() -> inlet.stored().size() == 1);
        source.close();
        source.close();
        push(RedisForm.STREAM, RedisRig.numbered(1, 2));
        assertThat(server.cli("xreadgroup", "group", "core", "other", "streams", "logs", ">"))
                .contains("\"n\":1}");
        assertThat(inlet.stored()).hasSize(1);
        assertThat((Inlet) inlet).isNotNull();
    }
}
