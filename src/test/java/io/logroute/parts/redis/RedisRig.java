package io.logroute.parts.redis;

import io.logroute.Seeds;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/// Sources and sinks that a test has started, and ends.
final class RedisRig implements AutoCloseable {
    private final List<AutoCloseable> open = new ArrayList<>();
    final Instruments meters = new Instruments();
    /// The longest between tries to reach Redis, of sources that are started from now on.
    Duration pause = Duration.ofSeconds(2);

    RedisSource source(Specs specs, MemoryInlet inlet) throws IOException {
        return source(specs, 0, inlet);
    }

    RedisSource source(Specs specs, int instance, MemoryInlet inlet) throws IOException {
        var source = new RedisSource(
                specs.source(),
                specs.source().label(),
                false,
                "core",
                instance,
                meters,
                InstantSource.system(),
                Seeds.random(instance),
                pause);
        open.add(source);
        source.start(inlet);
        return source;
    }

    /// What takes from a relay what the specs of a sink say.
    RedisSource relay(Specs specs, MemoryInlet inlet) throws IOException {
        var source = new RedisSource(
                specs.source(), "relay:r", true, "core", 0, meters, InstantSource.system(), new Random(0), pause);
        open.add(source);
        source.start(inlet);
        return source;
    }

    RedisSink sink(Specs specs) {
        var sink = new RedisSink("core", "relay", specs.sink(), "box", meters);
        open.add(sink);
        return sink;
    }

    /// Gives what is to be tried again until all is settled, as a router does.
    static void writeAll(RedisSink sink, List<Event> events) throws InterruptedException {
        var left = new ArrayList<>(events);
        Awaitility.await()
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    try {
                        var told = sink.write(new Batch(left));
                        for (int i = told.size() - 1; i >= 0; i--) {
                            if (told.get(i) instanceof Delivery.Delivered) {
                                left.remove(i);
                            }
                        }
                    } catch (IOException e) {
                        return false;
                    }
                    return left.isEmpty();
                });
    }

    static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions();
    }

    static List<String> numbered(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"@timestamp\":\"2026-11-30T10:00:00Z\",\"n\":%d}".formatted(i))
                .toList();
    }

    static List<Event> events(List<String> lines) {
        return lines.stream().map(RedisRig::event).toList();
    }

    static Event event(String json) {
        return Event.of(json, Instant.parse("2026-11-30T10:00:00Z"));
    }

    @Override
    public void close() throws Exception {
        for (var each : open.reversed()) {
            each.close();
        }
        meters.close();
    }
}
