package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.beats.BeatsSource;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.SourceSpec.NatsCodec;
import io.logroute.spec.SourceSpec.NatsStart;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.NatsServer;
import io.nats.client.api.StreamConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same entries, once as AMP's agent sends them through a real NATS server, once as ampbeat sent
/// them over Lumberjack: the events are equal, and so are the documents.
@Timeout(600)
class AmpWithoutAmpbeatIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int ENTRIES = 200;
    private static final List<String> FIELDS = List.of(
            "container_id",
            "container_name",
            "container_short_name",
            "container_state",
            "service_name",
            "service_id",
            "task_id",
            "stack_name",
            "stack_id",
            "node_id",
            "time_id",
            "msg");
    private static final List<Integer> NUMBERS = List.of(2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15);

    private static String value(String field, int n) {
        return switch (field) {
            case "msg" -> "line %d: \"größe\" \\ \t <b> \ud83d\ude00".formatted(n);
            case "time_id" -> "%016X".formatted(1_500_000_000_000_000_000L + n);
            case "stack_id" -> ""; // not every container has one
            default -> field + "-" + n % 7;
        };
    }

    private static Map<String, String> labels(int n) {
        return switch (n % 3) {
            case 0 -> Map.of();
            case 1 -> Map.of("com.docker.swarm.task.id", "t", "com.docker.stack.namespace", "shop");
            default -> Map.of("io.amp.role", "user", "team.name", "a\"b", "com.docker.swarm.node.id", "n");
        };
    }

    private static byte[] batch(int from, int to) {
        var agent = new Agent();
        for (int n = from; n < to; n++) {
            var texts = new LinkedHashMap<Integer, String>();
            texts.put(1, "2017-07-12T10:%02d:%02d.%09dZ".formatted(n / 60, n % 60, 123_000_000 + n * 1_000_003));
            for (int i = 0; i < FIELDS.size(); i++) {
                texts.put(NUMBERS.get(i), value(FIELDS.get(i), n));
            }
            texts.put(16, "not ampbeat's");
            agent.entry(texts, n % 4, labels(n));
        }
        return agent.batch();
    }

    /// What ampbeat published, as libbeat wrote it: `beater/ampbeat.go` of AMP.
    private static String ampbeat(int n) {
        var event = new TreeMap<String, Object>();
        event.put(
                "@timestamp",
                "2017-07-12T10:%02d:%02d.%03dZ".formatted(n / 60, n % 60, 123 + n * 1_000_003 / 1_000_000));
        event.put("type", "logs");
        FIELDS.forEach(field -> event.put(field, value(field, n)));
        event.put("task_slot", n % 4);
        if (!labels(n).isEmpty()) {
            var kept = new TreeMap<String, Object>();
            labels(n).forEach((name, value) -> {
                if (!name.startsWith("com.docker.")) {
                    kept.put(name.replace(".", "-"), value);
                }
            });
            event.put("labels", kept);
        }
        return Json.write(event);
    }

    private static Map<String, Map<String, Object>> byTimeId(MemoryInlet inlet) {
        var all = new TreeMap<String, Map<String, Object>>();
        for (Event event : inlet.stored) {
            var json = event.raw();
            all.put(String.valueOf(event.text("time_id")), Map.copyOf(Json.parse(json, 0, json.length)));
        }
        return all;
    }

    private static Map<String, Map<String, Object>> overLumberjack() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        var spec = new SourceSpec.Beats("127.0.0.1", 0, 10, Duration.ofSeconds(60), Optional.empty());
        try (var meters = new Instruments();
                var source = new BeatsSource(spec, "core", meters, InstantSource.system())) {
            source.start(inlet);
            var frames = new ByteArrayOutputStream();
            var out = new DataOutputStream(frames);
            out.writeBytes("2W");
            out.writeInt(ENTRIES);
            for (int n = 0; n < ENTRIES; n++) {
                var json = ampbeat(n).getBytes(StandardCharsets.UTF_8);
                out.writeBytes("2J");
                out.writeInt(n + 1);
                out.writeInt(json.length);
                out.write(json);
            }
            try (var socket = new Socket("127.0.0.1", source.port())) {
                socket.getOutputStream().write(frames.toByteArray());
                await().atMost(SOON).until(() -> inlet.stored.size() == ENTRIES);
            }
        }
        return byTimeId(inlet);
    }

    private static Map<String, Map<String, Object>> throughNats(String subject, boolean inStan) throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        try (var server = NatsServer.single();
                var agent = server.connect();
                var meters = new Instruments()) {
            agent.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("AMP")
                            .subjects("amp-logs", "_STAN.pub.*.amp-logs")
                            .noAck(true)
                            .build());
            var spec = new SourceSpec.Nats(
                    server.urls().stream().map(URI::create).toList(),
                    Optional.of(new SourceSpec.NatsStream(
                            "AMP", "logroute", Optional.empty(), NatsStart.ALL, Duration.ofSeconds(30), 20_000)),
                    Optional.empty(),
                    NatsCodec.AMP,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            try (var source = new NatsSource(spec, "core", meters, InstantSource.system())) {
                source.start(inlet);
                for (int from = 0; from < ENTRIES; from += 20) { // the agent sends one entry, or what it has gathered
                    var batch = batch(from, from + 20);
                    agent.publish(subject, inStan ? Agent.inStan("amp-logs", batch) : batch);
                }
                await().atMost(SOON).until(() -> inlet.stored.size() == ENTRIES);
            }
        }
        return byTimeId(inlet);
    }

    @ParameterizedTest(name = "on {0}")
    @CsvSource({"amp-logs, false", "_STAN.pub.BhYkZ3SHDOWJWAoyQYa8bC.amp-logs, true"})
    void entries_through_nats_are_the_events_that_ampbeat_made(String subject, boolean inStan) throws Exception {
        var events = throughNats(subject, inStan);
        assertThat(events).hasSize(ENTRIES).isEqualTo(overLumberjack());
    }

    @Test
    void the_entries_differ_from_each_other() {
        assertThat(IntStream.range(0, ENTRIES)
                        .mapToObj(AmpWithoutAmpbeatIT::ampbeat)
                        .distinct())
                .hasSize(ENTRIES);
    }
}
