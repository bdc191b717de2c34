package io.logroute.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.logroute.buffer.DiskBuffer;
import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Monitor;
import io.logroute.flow.Receipt;
import io.logroute.plan.Declared;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Outlet.Gathering;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/// A router's inside for tests: a real buffer on disk, its intake, and drains to scripted sinks.
final class Rig implements AutoCloseable {
    static final Backoff QUICK = new Backoff(Duration.ofMillis(2), Duration.ofMillis(20));
    static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    final Path folder;
    final Instruments meters = new Instruments();
    final DiskBuffer buffer;
    final Intake intake;
    final TreeMap<String, ScriptedSink> sinks = new TreeMap<>();
    final TreeMap<String, Drain> drains = new TreeMap<>();
    private final TreeMap<String, DeadLetters> letters = new TreeMap<>();
    private final PipelineDefinition pipeline;
    private Keeping keeping = this::inFiles;
    private InstantSource clock = InstantSource.system();
    private Backoff backoff = QUICK;

    Rig(Path folder, PipelineDefinition pipeline) throws IOException {
        this(folder, pipeline, 16 << 20);
    }

    Rig(Path folder, PipelineDefinition pipeline, long maxBytes) throws IOException {
        this.folder = folder;
        this.pipeline = pipeline;
        var limits = DiskBuffer.Limits.of(maxBytes);
        buffer = DiskBuffer.open(folder.resolve("buffer"), limits);
        intake = new Intake(pipeline.name(), buffer, limits.maxRecordBytes(), this::settledByAll, meters);
        intake.start();
    }

    /// The pipeline of router `core` that these documents make.
    static PipelineDefinition pipeline(String yaml) {
        var reading = SpecReader.documents("test.yaml", yaml);
        var declared = Declared.of(reading, Declared.NOTHING, Set.of("ampbeat"));
        if (!declared.problems().isEmpty()) {
            throw new IllegalArgumentException(declared.problems().toString());
        }
        return declared.pipeline("core").orElseThrow();
    }

    /// Router `core` and console sinks of those names, followed by routes.
    static PipelineDefinition pipeline(List<String> sinks, String routes) {
        var yaml = new StringBuilder("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                """);
        for (var sink : sinks) {
            yaml.append("---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: %s }\nspec: { console: {} }\n"
                    .formatted(sink));
        }
        return pipeline(yaml + routes);
    }

    static String route(String name, String spec) {
        return "---\napiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: %s }\nspec: { router: core, %s }\n"
                .formatted(name, spec);
    }

    /// How drains that are started from now on try again.
    Rig backoff(Backoff backoff) {
        this.backoff = backoff;
        return this;
    }

    /// What drains that are started from now on know of the time.
    Rig clock(InstantSource clock) {
        this.clock = clock;
        return this;
    }

    /// Drains to all sinks of the pipeline.
    Rig drain() throws IOException {
        return drain(new Gathering(100, 1 << 20, Duration.ofMillis(5), 3));
    }

    Rig drain(Gathering gathering) throws IOException {
        boolean leads = true;
        for (var spec : pipeline.sinks()) {
            var name = spec.name().value();
            var sink = sinks.computeIfAbsent(name, _ -> new ScriptedSink());
            var routing = Routing.of(
                    pipeline,
                    name,
                    leads,
                    route -> _ ->
                            meters.counter(Meter.ROUTED_EVENTS, "core", route).increment(),
                    meters,
                    clock);
            leads = false;
            var drain = new Drain(
                    "core",
                    name,
                    new Outlet("scripted", sink, gathering, Outlet.Opening.NOTHING),
                    buffer.cursor(name),
                    letters(name),
                    new Succession(new Monitor(), routing),
                    Lag.of(spec, pipeline.router().buffer()),
                    intake::moved,
                    backoff,
                    meters,
                    clock,
                    new Random(1));
            drains.put(name, drain);
            drain.start();
        }
        return this;
    }

    DeadLetters letters(String sink) {
        return letters.computeIfAbsent(sink, name -> keeping.letters(name, buffer.id()));
    }

    /// Where dead letters lie.
    interface Keeping {
        DeadLetters letters(String sink, String buffer);
    }

    /// From now on they lie there, and no more under the folder.
    Rig keeping(Keeping keeping) {
        this.keeping = keeping;
        return this;
    }

    private DeadLetters inFiles(String sink, String buffer) {
        return new LettersOnDisk(
                folder.resolve("dead-letters").resolve(sink),
                "core",
                sink,
                buffer,
                DeadLetters.Bounds.USUAL,
                InstantSource.system(),
                (_, _) -> {});
    }

    private long settledByAll() {
        return drains.values().stream().mapToLong(Drain::settled).min().orElse(-1);
    }

    ScriptedSink sink(String name) {
        return sinks.computeIfAbsent(name, _ -> new ScriptedSink());
    }

    /// Takes in events `{"n": from}` and on, in one window, and waits until they are stored.
    void take(long from, long to) throws InterruptedException {
        take(LongStream.range(from, to).mapToObj("{\"n\":%d}"::formatted).toList());
    }

    void take(List<String> events) throws InterruptedException {
        var stored = new CompletableFuture<Void>();
        door().accept(batch(events), receipt(stored));
        stored.orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join();
    }

    /// An open way in.
    Intake.Door door() {
        var door = intake.door("test");
        door.open();
        return door;
    }

    static Batch batch(List<String> events) {
        var batch = new ArrayList<Event>();
        for (var json : events) {
            var bytes = json.getBytes(UTF_8);
            batch.add(Event.of(bytes, 0, bytes.length, -1, NOON));
        }
        return new Batch(batch);
    }

    static Receipt receipt(CompletableFuture<Void> stored) {
        return new Receipt() {
            @Override
            public void stored() {
                stored.complete(null);
            }

            @Override
            public void refused(String reason) {
                stored.completeExceptionally(new IOException(reason));
            }
        };
    }

    /// What the drain to that sink tells.
    SinkReport report(String sink) {
        return java.util.Objects.requireNonNull(drains.get(sink)).report();
    }

    /// What the meter says for that sink.
    long count(Meter meter, String sink) {
        return (long) meters.value(meter, "core", sink);
    }

    @Override
    public void close() {
        intake.close();
        drains.values().forEach(Drain::close);
        letters.values().forEach(DeadLetters::close);
        buffer.close();
        meters.close();
    }
}
