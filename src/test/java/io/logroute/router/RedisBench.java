package io.logroute.router;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.parts.elastic.Mappings;
import io.logroute.parts.redis.RedisSink;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Located;
import io.logroute.spec.LogSink;
import io.logroute.spec.Reading;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// What the sink and the source of Redis cost: `./dev bench redis` runs it. Arguments: a folder, the port of a Redis
/// that is empty, its process id, the port of the stub that stands for Elasticsearch, how many events, and then
/// one or more of `stream`, `entries` (500 events in an entry), `relay` (the same as a LogRelay has it: events
/// say where they come from, and are counted) and `list`.
///
/// The events are written by the sink alone, and then taken by a whole router: source, buffer with its syncs,
/// default route, bulk requests to the stub. Each is run twice, and the second run told.
final class RedisBench {
    private static final long FIRST_NUMBER = 1_700_000_000_000_000_000L;
    private static final int BATCH = 2_000;
    private static final Address TO = new Address("all", 0, Optional.empty());

    private final Path folder;
    private final int redis;
    private final long redisProcess;
    private final int stub;
    private final int events;

    private RedisBench(String[] args) {
        folder = Path.of(args[0]);
        redis = Integer.parseInt(args[1]);
        redisProcess = Long.parseLong(args[2]);
        stub = Integer.parseInt(args[3]);
        events = Integer.parseInt(args[4]) / BATCH * BATCH;
    }

    public static void main(String[] args) throws Exception {
        var bench = new RedisBench(args);
        for (var form : List.of(args).subList(5, args.length)) {
            bench.round(form, false);
            bench.round(form, true);
        }
        System.exit(0);
    }

    /// CPU seconds, of this process and of Redis, and the time.
    private record Clocks(double own, double redis, long nanos) {}

    private Clocks clocks() throws IOException {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var stat = Files.readString(Path.of("/proc/" + redisProcess + "/stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double ticks = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        return new Clocks(system.getProcessCpuTime() / 1e9, ticks / 100, System.nanoTime());
    }

    private void tell(String what, Clocks before, Clocks after) {
        double million = events / 1e6;
        System.out.printf(
                Locale.ROOT,
                "  %-34s %,9.0f events a second, CPU s per million events: %5.2f of LogRoute, %5.2f of Redis%n",
                what,
                events / ((after.nanos - before.nanos) / 1e9),
                (after.own - before.own) / million,
                (after.redis - before.redis) / million);
    }

    private void round(String form, boolean told) throws Exception {
        var key = "%s-%s".formatted(form, told ? "measured" : "warm");
        boolean isRelay = form.equals("relay");
        var servers = "servers: [\"redis://127.0.0.1:%d\"], form: %s"
                .formatted(redis, form.equals("list") ? "list" : "stream");
        var reading = SpecReader.documents("bench.yaml", """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: bench }
                spec:
                  sources: [ %s ]
                  buffer: { maxBytes: 4GiB }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: out }
                spec: { redis: { %s, key: %s, eventsPerEntry: %d%s } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: stub }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: "bench-%%{+yyyy.MM.dd}" } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: bench, default: true, to: [stub] }
                """.formatted(
                        isRelay
                                ? "{ relay: { url: \"redis://127.0.0.1:%d\", stream: %s } }".formatted(redis, key)
                                : "{ redis: { %s, keys: [%s] } }".formatted(servers, key),
                        servers,
                        key,
                        isRelay || form.equals("entries") ? 500 : 1,
                        isRelay ? ", maxEvents: 1000000000, origin: { swarm: eu1 }" : ", trim: never",
                        stub));
        var before = clocks();
        write(reading);
        var written = clocks();
        var data = folder.resolve(key);
        try (var meters = new Instruments();
                var routers = new Pipelines(
                        data, Mappings.of(Optional.empty()), System.out, meters, InstantSource.system())) {
            var change = routers.become(List.of(pipeline(reading)));
            if (!change.refused().isEmpty()) {
                throw new IllegalStateException(change.refused().toString());
            }
            long end = System.nanoTime() + 600_000_000_000L;
            while (meters.value(Meter.DELIVERED_EVENTS, "bench", "stub") < events) {
                LockSupport.parkNanos(5_000_000);
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("not all was delivered within 10 minutes");
                }
            }
            var taken = clocks();
            if (told) {
                tell(form + ": sink", before, written);
                tell(form + ": source, sync, bulk", written, taken);
                tell(form + ": both", before, taken);
            }
        }
    }

    private static PipelineDefinition pipeline(Reading reading) {
        var declared = Declared.of(reading, Declared.NOTHING, Set.of());
        if (!declared.problems().isEmpty()) {
            throw new IllegalArgumentException(declared.problems().toString());
        }
        return declared.pipeline("bench").orElseThrow();
    }

    private void write(Reading reading) throws Exception {
        var spec = reading.documents().stream()
                .map(Located::document)
                .filter(document -> document instanceof LogSink named && named.to() instanceof SinkSpec.Redis)
                .map(document -> (SinkSpec.Redis) ((LogSink) document).to())
                .findFirst()
                .orElseThrow();
        try (var meters = new Instruments();
                var sink = new RedisSink("bench", "out", spec, "0123456789ab", meters)) {
            for (int i = 0; i < events; i += BATCH) {
                if (!sink.write(new Batch(batch(i))).stream().allMatch(Delivery.Delivered.class::isInstance)) {
                    throw new IllegalStateException("Redis did not take all; give it more memory");
                }
            }
        }
    }

    /// Those of an AMP log, 514 bytes each on average, in one array.
    private static List<Event> batch(int from) {
        var now = Instant.parse("2026-11-30T10:00:00Z");
        var batch = new ArrayList<Event>(BATCH);
        for (int i = from; i < from + BATCH; i++) {
            var bytes = FORM.formatted(FIRST_NUMBER + i, i, i % 997).getBytes(StandardCharsets.ISO_8859_1);
            batch.add(Event.of(bytes, 0, bytes.length, i, now).addressed(TO));
        }
        return batch;
    }

    private static final String FORM =
            "{\"@timestamp\":\"2026-11-30T10:00:00.000Z\",\"type\":\"logs\",\"container_id\":\""
                    + "0123456789abcdef".repeat(4)
                    + "\",\"container_name\":\"shop_front.1.abcdefghijklmnopqrstuvwxy\",\"container_short_name\":\"shop_front.1\","
                    + "\"service_name\":\"shop_front\",\"service_id\":\"abcdefghijklmnopqrstuvwxy\","
                    + "\"task_id\":\"abcdefghijklmnopqrstuvwxy\",\"task_slot\":1,\"stack_name\":\"shop\","
                    + "\"node_id\":\"abcdefghijklmnopqrstuvwxy\",\"time_id\":\"%d\","
                    + "\"msg\":\"GET /api/v1/items/%d HTTP/1.1 200 took %d ms, and some more words to make it as long\"}";
}
