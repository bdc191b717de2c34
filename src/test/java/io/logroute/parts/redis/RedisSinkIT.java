package io.logroute.parts.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Behind;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.spec.RedisForm;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RedisSinkIT {
    private static final Instant NOW = Instant.parse("2026-11-30T10:00:00Z");

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
        server.cli("config", "set", "maxmemory", "0");
        server.cli("flushall");
    }

    @AfterEach
    void end() throws Exception {
        rig.close();
    }

    private static Specs specs() {
        return Specs.at(server.url());
    }

    private static Batch batch(List<String> events) {
        return new Batch(RedisRig.events(events));
    }

    @Test
    void a_list_holds_one_json_object_an_element_as_logstash_reads_them() throws Exception {
        rig.sink(specs().list()).write(batch(RedisRig.numbered(0, 1_000)));
        assertThat(server.cli("lrange", "logs", "0", "-1").lines()).isEqualTo(RedisRig.numbered(0, 1_000));
    }

    @Test
    void a_stream_holds_one_event_an_entry() throws Exception {
        rig.sink(specs()).write(batch(RedisRig.numbered(0, 1_000)));
        assertThat(server.cli("xlen", "logs")).isEqualTo("1000");
        assertThat(server.cli("xrange", "logs", "-", "+", "count", "1").lines().skip(1))
                .containsExactly("event", RedisRig.numbered(0, 1).getFirst());
    }

    @Test
    void an_entry_may_hold_many_events() throws Exception {
        rig.sink(specs().eventsPerEntry(300)).write(batch(RedisRig.numbered(0, 1_000)));
        assertThat(server.cli("xlen", "logs")).isEqualTo("4");
        var first = server.cli("xrange", "logs", "-", "+", "count", "1")
                .lines()
                .skip(1)
                .toList();
        assertThat(first.getFirst()).isEqualTo("events");
        assertThat(first.subList(1, first.size())).isEqualTo(RedisRig.numbered(0, 300));
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void what_a_sink_writes_a_source_takes_in_its_order(RedisForm form) throws Exception {
        var specs = specs().form(form);
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs, inlet);
        var sink = rig.sink(form == RedisForm.STREAM ? specs.eventsPerEntry(70) : specs);
        for (int i = 0; i < 20; i++) {
            sink.write(batch(RedisRig.numbered(i * 500, i * 500 + 500)));
        }
        RedisRig.soon().until(() -> inlet.stored().size() >= 10_000);
        assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(0, 10_000));
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void the_key_may_come_from_the_event(RedisForm form) throws Exception {
        var told = rig.sink(specs().form(form).key("logs-%{stack}"))
                .write(batch(List.of(
                        "{\"stack\":\"a\",\"n\":1}",
                        "{\"stack\":\"b\",\"n\":2}",
                        "{\"n\":3}",
                        "{\"stack\":\"a\",\"n\":4}")));
        assertThat(told.get(2))
                .isEqualTo(
                        new Delivery.Rejected("the key logs-%{stack} needs the field stack, which the event has not"));
        assertThat(told).filteredOn(Delivery.Delivered.class::isInstance).hasSize(3);
        var length = form == RedisForm.LIST ? "llen" : "xlen";
        assertThat(server.cli(length, "logs-a")).isEqualTo("2");
        assertThat(server.cli(length, "logs-b")).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_full_key_makes_the_sink_wait_until_some_is_taken(RedisForm form) throws Exception {
        var specs = specs().form(form).maxLength(10);
        var sink = rig.sink(specs);
        var told = sink.write(batch(RedisRig.numbered(0, 25)));
        assertThat(told.subList(0, 10)).allMatch(Delivery.Delivered.class::isInstance);
        assertThat(told.subList(10, 25)).allMatch(Delivery.Retry.class::isInstance);
        assertThat(sink.write(batch(RedisRig.numbered(10, 25))))
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOfSatisfying(
                                Delivery.Retry.class,
                                retry -> assertThat(retry.reason()).contains("maxLength is 10")));
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs, inlet);
        RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(10, 25)));
        RedisRig.soon().until(() -> inlet.stored().size() >= 25);
        assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(0, 25));
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void of_two_sinks_each_writes_no_more_than_one_batch_beyond_what_fits(RedisForm form) throws Exception {
        var specs = specs().form(form).maxLength(10);
        var sinks = List.of(rig.sink(specs), rig.sink(specs));
        for (int i = 0; i < 40; i++) {
            sinks.get(i % 2).write(batch(RedisRig.numbered(i, i + 1)));
        }
        assertThat(Integer.parseInt(server.cli(form == RedisForm.LIST ? "llen" : "xlen", "logs")))
                .isBetween(10, 12);
    }

    @Test
    void events_are_counted_however_many_stand_in_an_entry() throws Exception {
        var specs = specs().eventsPerEntry(7).maxEvents(100);
        var sink = rig.sink(specs);
        for (int i = 0; i < 30; i += 3) {
            assertThat(sink.write(batch(RedisRig.numbered(i, i + 3)))).allMatch(Delivery.Delivered.class::isInstance);
        }
        assertThat(server.cli("xlen", "logs")).isEqualTo("10");
        var told = rig.sink(specs).write(batch(RedisRig.numbered(30, 130)));
        assertThat(told.subList(0, 70)).allMatch(Delivery.Delivered.class::isInstance);
        assertThat(told.subList(70, 100))
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOfSatisfying(
                                Delivery.Retry.class,
                                retry -> assertThat(retry.reason())
                                        .contains(
                                                "100 events wait in the stream logs, 100 may, and nobody takes them")));
        assertThat(server.cli("get", "{logs}:written")).isEqualTo("100");
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs, inlet);
        RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(100, 500)));
        RedisRig.soon().until(() -> inlet.stored().size() >= 500);
        assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(0, 500));
        RedisRig.soon().until(() -> {
            RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(500, 501)));
            return Integer.parseInt(server.cli("zcard", "{logs}:marks")) <= 3;
        });
    }

    /// Several routers write to one relay, and others read it in groups of their own.
    @Test
    void the_count_is_of_all_who_write_and_of_the_slowest_who_reads() throws Exception {
        var specs = specs().eventsPerEntry(1_000).maxEvents(1_000_000);
        var first = rig.sink(specs);
        var second = rig.sink(specs);
        server.cli("xgroup", "create", "logs", "slow", "0", "mkstream");
        server.cli("xgroup", "create", "logs", "quick", "0");
        for (int i = 0; i < 1_000; i += 40) {
            first.write(batch(RedisRig.numbered(i, i + 20)));
            second.write(batch(RedisRig.numbered(i + 20, i + 40)));
        }
        RedisRig.soon().until(() -> {
            first.write(batch(RedisRig.numbered(1_000, 1_001)));
            var last = server.cli("zrange", "{logs}:marks", "-1", "-1", "withscores")
                    .lines()
                    .toList();
            return last.size() == 2 && Integer.parseInt(last.getLast()) >= 1_000;
        });
        takeAll("slow");
        second.write(batch(RedisRig.numbered(2_000, 2_300)));
        takeAll("quick");
        rig.sink(specs).write(batch(RedisRig.numbered(3_000, 3_001)));
        assertThat(rig.meters.value(Meter.REDIS_WAITING_EVENTS, "core", "relay"))
                .as("300 are with the slow one, and what was written since the mark may count, too")
                .isBetween(301.0, 401.0);
    }

    private static void takeAll(String group) throws IOException {
        var got = server.cli("xreadgroup", "group", group, "c", "count", "10000", "streams", "logs", ">");
        var command = new ArrayList<>(List.of("xack", "logs", group));
        got.lines().filter(line -> line.matches("\\d+-\\d+")).forEach(command::add);
        assertThat(command).hasSizeGreaterThan(3);
        server.cli(command.toArray(String[]::new));
    }

    @Test
    void a_count_that_somebody_deleted_or_wrote_into_lets_events_go_on() throws Exception {
        var specs = specs().eventsPerEntry(10).maxEvents(50);
        var sink = rig.sink(specs);
        sink.write(batch(RedisRig.numbered(0, 50)));
        server.cli("del", "{logs}:written", "{logs}:marks");
        assertThat(sink.write(batch(RedisRig.numbered(50, 51))))
                .as("5 entries are 5 events at least")
                .allMatch(Delivery.Delivered.class::isInstance);
        server.cli("del", "logs");
        server.cli("set", "{logs}:written", "not a number");
        var other = rig.sink(specs);
        assertThat(other.write(batch(RedisRig.numbered(0, 20)))).allMatch(Delivery.Delivered.class::isInstance);
        assertThat(server.cli("xlen", "logs")).isEqualTo("2");
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void an_event_may_say_where_it_came_from(RedisForm form) throws Exception {
        var specs = specs().form(form).swarm("eu1");
        var bytes = "{\"@timestamp\":\"2026-11-30T10:00:00Z\"}".getBytes(UTF_8);
        var event = Event.of(bytes, 0, bytes.length, 35, NOW).addressed(new Address("all", 0, Optional.empty()));
        rig.sink(specs).write(new Batch(List.of(event)));
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs, inlet);
        RedisRig.soon().until(() -> inlet.stored().size() == 1);
        assertThat(inlet.stored())
                .containsExactly(
                        "{\"@timestamp\":\"2026-11-30T10:00:00Z\",\"logroute\":{\"swarm\":\"eu1\",\"router\":\"core\",\"id\":\"box-z\"}}");
    }

    @Test
    void what_one_group_has_not_acknowledged_is_not_trimmed_and_told() throws Exception {
        var sink = rig.sink(specs().maxLength(10));
        server.cli("xgroup", "create", "logs", "quick", "0", "mkstream");
        server.cli("xgroup", "create", "logs", "slow", "0");
        sink.write(batch(RedisRig.numbered(0, 10)));
        var ids = server.cli("xreadgroup", "group", "quick", "c", "count", "10", "streams", "logs", ">")
                .lines()
                .filter(line -> line.matches("\\d+-\\d+"))
                .toList();
        acknowledge("quick", ids);
        server.cli("xreadgroup", "group", "slow", "c", "count", "10", "streams", "logs", ">");
        acknowledge("slow", List.of(ids.get(0), ids.get(1), ids.get(5)));
        var told = sink.write(batch(RedisRig.numbered(10, 20)));
        assertThat(told.subList(0, 2)).allMatch(Delivery.Delivered.class::isInstance);
        assertThat(told.subList(2, 10)).allMatch(Delivery.Retry.class::isInstance);
        assertThat(((Delivery.Retry)
                                sink.write(batch(RedisRig.numbered(12, 20))).getFirst())
                        .reason())
                .isEqualTo(
                        "the stream logs has 10 entries, maxLength is 10, and its group slow has not acknowledged them");
        assertThat(server.cli("xrange", "logs", "-", "+", "count", "1")).startsWith(ids.get(2));
        assertThat(rig.meters.value(Meter.REDIS_TRIMMED_ENTRIES, "core", "relay"))
                .isEqualTo(2);
    }

    private static void acknowledge(String group, List<String> ids) throws IOException {
        var command = new ArrayList<>(List.of("xack", "logs", group));
        command.addAll(ids);
        server.cli(command.toArray(String[]::new));
    }

    @Test
    void what_nobody_reads_is_not_trimmed() throws Exception {
        var sink = rig.sink(specs().maxLength(5));
        sink.write(batch(RedisRig.numbered(0, 5)));
        var told = sink.write(batch(RedisRig.numbered(5, 6)));
        assertThat(told)
                .containsExactly(new Delivery.Retry(
                        "the stream logs has 5 entries, maxLength is 5, and nobody takes them",
                        Duration.ofMillis(250)));
        assertThat(server.cli("xlen", "logs")).isEqualTo("5");
    }

    @Test
    void a_stream_that_is_read_stays_short_without_a_limit() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs(), inlet);
        var sink = rig.sink(specs());
        var written = new int[1];
        RedisRig.soon().until(() -> {
            sink.write(batch(RedisRig.numbered(written[0], written[0] + 100)));
            written[0] += 100;
            return written[0] > 2_000 && Integer.parseInt(server.cli("xlen", "logs")) <= 300;
        });
        RedisRig.soon().until(() -> inlet.stored().size() >= written[0]);
        assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(0, written[0]));
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void what_waits_is_told_also_when_nothing_is_written(RedisForm form) throws Exception {
        var specs = specs().form(form);
        var sink = rig.sink(specs);
        if (form == RedisForm.STREAM) {
            server.cli("xgroup", "create", "logs", "core", "0", "mkstream");
        }
        sink.write(batch(RedisRig.numbered(0, 30)));
        RedisRig.soon().until(() -> entries(sink) == 30);
        rig.source(specs, MemoryInlet.storingAtOnce());
        RedisRig.soon().until(() -> entries(sink) == 0);
    }

    @Test
    void before_the_first_write_and_without_redis_it_is_not_known_what_waits() throws Exception {
        server.cli("xgroup", "create", "logs", "core", "0", "mkstream");
        server.cli("xadd", "logs", "*", "event", "{}");
        var sink = rig.sink(specs());
        assertThat(entries(sink)).isEqualTo(-1);
        RedisRig.soon().until(() -> entries(sink) == 1);
        assertThat(rig.sink(Specs.at(URI.create("redis://127.0.0.1:1"))).behind())
                .contains(Behind.UNKNOWN);
    }

    private static long entries(RedisSink sink) {
        return sink.behind().orElseThrow().entries();
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void without_memory_the_sink_waits_and_the_order_stays(RedisForm form) throws Exception {
        var specs = specs().form(form);
        var sink = rig.sink(specs);
        if (form == RedisForm.STREAM) {
            server.cli("xgroup", "create", "logs", "core", "0", "mkstream");
        }
        long used = Long.parseLong(server.cli("info", "memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .findFirst()
                .orElseThrow()
                .substring("used_memory:".length())
                .strip());
        server.cli("config", "set", "maxmemory", Long.toString(used + (3 << 20)));
        var filling = "y".repeat(1_000);
        int written = 0;
        Delivery last = Delivery.delivered();
        while (last instanceof Delivery.Delivered && written < 100) {
            last = sink.write(batch(large(written, filling))).getLast();
            written += last instanceof Delivery.Delivered ? 1 : 0;
        }
        assertThat(last)
                .isInstanceOfSatisfying(
                        Delivery.Retry.class,
                        retry -> assertThat(retry.reason()).contains("no memory left"));
        // Whoever takes makes room; a Redis without memory must not keep it from taking.
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs, inlet);
        for (int i = written; i < written + 10; i++) {
            RedisRig.writeAll(sink, RedisRig.events(large(i, filling)));
        }
        int all = (written + 10) * 100;
        RedisRig.soon().until(() -> inlet.stored().size() >= all);
        var expected = new ArrayList<String>();
        for (int i = 0; i < written + 10; i++) {
            expected.addAll(large(i, filling));
        }
        assertThat(inlet.stored().stream().distinct()).isEqualTo(expected);
    }

    private static List<String> large(int number, String filling) {
        return RedisRig.numbered(number * 100, number * 100 + 100).stream()
                .map(each -> each.replace("}", ",\"x\":\"" + filling + "\"}"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_key_of_another_type_is_told(RedisForm form) throws Exception {
        server.cli("set", "logs", "x");
        var sink = rig.sink(specs().form(form));
        var told = sink.write(batch(RedisRig.numbered(0, 2)));
        assertThat(told)
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOfSatisfying(
                                Delivery.Retry.class,
                                retry -> assertThat(retry.reason())
                                        .startsWith("the key logs is there and is no %s; delete it"
                                                .formatted(form == RedisForm.LIST ? "list" : "stream"))));
        server.cli("del", "logs");
        assertThat(sink.write(batch(RedisRig.numbered(0, 2)))).allMatch(Delivery.Delivered.class::isInstance);
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_key_of_another_type_that_an_event_chose_harms_no_other(RedisForm form) throws Exception {
        server.cli("set", "bad", "x");
        var told = rig.sink(specs().form(form).key("%{k}"))
                .write(batch(List.of("{\"k\":\"bad\"}", "{\"k\":\"good\"}", "{\"k\":\"bad\"}")));
        assertThat(told.get(0)).isInstanceOf(Delivery.Held.class);
        assertThat(told.get(1)).isInstanceOf(Delivery.Delivered.class);
        assertThat(told.get(2)).isInstanceOf(Delivery.Held.class);
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void who_may_not_write_there_is_told_apart_until_the_right_is_given(RedisForm form, @TempDir Path folder)
            throws Exception {
        server.cli("acl", "setuser", "narrow", "reset", "on", ">secret", "~other*", "+@all");
        var password = Files.writeString(folder.resolve("password"), "secret");
        var sink = rig.sink(specs().form(form).auth(Optional.of("narrow"), password));
        assertThat(sink.write(batch(RedisRig.numbered(0, 2))))
                .allSatisfy(each -> assertThat(each).isInstanceOfSatisfying(Delivery.Retry.class, retry -> {
                    assertThat(retry.cause()).isEqualTo(Delivery.Retry.Cause.NOT_ALLOWED);
                    assertThat(retry.reason()).startsWith("Redis does not let us write to logs; give the user");
                }));
        server.cli("acl", "setuser", "narrow", "~logs*");
        assertThat(sink.write(batch(RedisRig.numbered(0, 2)))).allMatch(Delivery.Delivered.class::isInstance);
    }

    @Test
    void a_read_only_replica_is_no_place_to_write_to() throws Exception {
        try (var master = RedisServer.single();
                var replica = RedisServer.with("replicaof 127.0.0.1 " + master.node(0).port + "\n")) {
            var sink = rig.sink(Specs.at(replica.url()));
            // It loads first what the master has.
            RedisRig.soon()
                    .untilAsserted(() -> assertThat(sink.write(batch(RedisRig.numbered(0, 2))))
                            .allSatisfy(each -> assertThat(each)
                                    .isInstanceOfSatisfying(
                                            Delivery.Retry.class,
                                            retry -> assertThat(retry.reason()).contains("READONLY"))));
        }
    }
}
