package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Batch;
import io.logroute.spec.RedisForm;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The connection cut at every step, and Redis killed.
class RedisCutsIT {
    private static RedisServer server;
    private final RedisRig rig = new RedisRig();

    @BeforeAll
    static void start() throws IOException {
        server = RedisServer.with("appendonly yes\nappendfsync always\n");
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

    private static Specs specs(RedisForm form) {
        return Specs.at(server.url()).form(form);
    }

    /// Connections end after 1, 8, 15, ... bytes, then at random places, and at last go through.
    private static int cutAfter(int connection, Random random) {
        if (connection < 60) {
            return 1 + 7 * connection;
        }
        return connection < 90 ? 400 + random.nextInt(800) : -1;
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_source_that_is_cut_at_every_step_loses_nothing_and_settles_all(RedisForm form) throws Exception {
        var direct = rig.sink(specs(form));
        RedisRig.writeAll(direct, RedisRig.events(RedisRig.numbered(0, 2_000)));
        var random = new Random(1);
        try (var relay = new CuttingRelay(server.node(0).port, number -> cutAfter(number, random))) {
            var inlet = MemoryInlet.storingAtOnce();
            rig.pause = Duration.ofMillis(20);
            rig.source(Specs.at(relay.url()).form(form).claimAfter(Duration.ofSeconds(5)), inlet);
            int[] written = {2_000};
            RedisRig.soon().until(() -> {
                RedisRig.writeAll(direct, RedisRig.events(RedisRig.numbered(written[0], written[0] + 20)));
                written[0] += 20;
                return relay.connections() > 91;
            });
            RedisRig.soon().until(() -> inlet.stored().stream().distinct().count() >= written[0]);
            assertThat(inlet.stored().stream().distinct())
                    .containsExactlyInAnyOrderElementsOf(RedisRig.numbered(0, written[0]));
            RedisRig.soon().until(() -> isSettled(form));
        }
    }

    private static boolean isSettled(RedisForm form) throws IOException {
        return form == RedisForm.LIST
                ? server.cli("llen", "{logs}:processing:core-0").equals("0")
                        && server.cli("llen", "logs").equals("0")
                : server.cli("xpending", "logs", "core")
                        .lines()
                        .findFirst()
                        .orElse("")
                        .equals("0");
    }

    @ParameterizedTest
    @CsvSource({"STREAM, 1", "STREAM, 7", "LIST, 1"})
    void a_sink_that_is_cut_at_every_step_loses_nothing_and_keeps_the_order(RedisForm form, int eventsPerEntry)
            throws Exception {
        var random = new Random(2);
        try (var relay = new CuttingRelay(server.node(0).port, number -> cutAfter(number, random))) {
            var sink = rig.sink(Specs.at(relay.url()).form(form).eventsPerEntry(eventsPerEntry));
            for (int i = 0; relay.connections() < 91 || i < 50; i++) {
                RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(i * 40, i * 40 + 40)));
            }
            var inlet = MemoryInlet.storingAtOnce();
            rig.source(specs(form), inlet);
            RedisRig.soon().until(() -> isSettled(form));
            assertThat(inlet.stored().stream().distinct()).isEqualTo(RedisRig.numbered(0, (int)
                    inlet.stored().stream().distinct().count()));
            assertThat(inlet.stored().stream().distinct().count()).isGreaterThanOrEqualTo(2_000);
        }
    }

    /// One as a relay has it: events are counted, and the count is right in the end, whatever was written twice.
    @Test
    void a_sink_that_counts_and_is_cut_at_every_step_counts_what_is_there() throws Exception {
        var random = new Random(3);
        try (var relay = new CuttingRelay(server.node(0).port, number -> cutAfter(number, random))) {
            var specs = Specs.at(relay.url()).eventsPerEntry(7).maxEvents(1_000_000);
            var sink = rig.sink(specs);
            for (int i = 0; relay.connections() < 91 || i < 50; i++) {
                RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(i * 40, i * 40 + 40)));
            }
            var there = MemoryInlet.storingAtOnce();
            rig.source(specs(RedisForm.STREAM), there);
            RedisRig.soon().until(() -> isSettled(RedisForm.STREAM));
            assertThat(there.stored().stream().distinct()).isEqualTo(RedisRig.numbered(0, (int)
                    there.stored().stream().distinct().count()));
            assertThat(server.cli("get", "{logs}:written"))
                    .isEqualTo(Integer.toString(there.stored().size()));
            RedisRig.soon().until(() -> {
                sink.write(new Batch(RedisRig.events(RedisRig.numbered(0, 1))));
                return isSettled(RedisForm.STREAM)
                        && rig.meters.value(Meter.REDIS_WAITING_EVENTS, "core", "relay") <= 100;
            });
        }
    }

    /// The relay of two routers, with its Redis killed under load, again and again.
    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_redis_that_is_killed_loses_nothing_of_what_it_answered_for(RedisForm form) throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs(form), inlet);
        var sink = rig.sink(specs(form));
        for (int round = 0; round < 5; round++) {
            int base = round * 1_000;
            var killing = Thread.ofVirtual().start(() -> {
                server.node(0).kill();
                server.node(0).startAndAwait();
            });
            for (int i = base; i < base + 1_000; i += 50) {
                RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(i, i + 50)));
            }
            killing.join();
        }
        RedisRig.soon().until(() -> inlet.stored().stream().distinct().count() >= 5_000);
        assertThat(inlet.stored().stream().distinct()).containsExactlyInAnyOrderElementsOf(RedisRig.numbered(0, 5_000));
        RedisRig.soon().until(() -> isSettled(form));
    }

    /// A machine that hangs answers nothing, and breaks nothing off.
    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void a_redis_that_hangs_is_waited_for(RedisForm form) throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        rig.source(specs(form), inlet);
        var sink = rig.sink(specs(form));
        RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(0, 10)));
        server.node(0).freeze();
        try {
            var late = List.copyOf(RedisRig.events(RedisRig.numbered(10, 20)));
            var writing = Thread.ofVirtual().start(() -> {
                try {
                    RedisRig.writeAll(sink, late);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(writing.join(Duration.ofSeconds(1))).isFalse();
            server.node(0).thaw();
            assertThat(writing.join(Duration.ofMinutes(3))).isTrue();
        } finally {
            server.node(0).thaw();
        }
        RedisRig.soon().until(() -> inlet.stored().stream().distinct().count() >= 20);
        RedisRig.soon().until(() -> isSettled(form));
    }

    /// More than the network holds cannot even be sent.
    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_redis_that_hangs_while_much_is_sent_is_given_up_after_a_while() throws Exception {
        var sink = rig.sink(specs(RedisForm.LIST));
        RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(0, 10)));
        var much = RedisRig.numbered(0, 64).stream()
                .map(each -> each.replace("}", ",\"x\":\"" + "x".repeat(1 << 20) + "\"}"))
                .toList();
        server.node(0).freeze();
        try {
            assertThatThrownBy(() -> sink.write(new Batch(RedisRig.events(much))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is lost");
        } finally {
            server.node(0).thaw();
        }
    }
}
