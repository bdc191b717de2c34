package io.logroute.face;

import io.logroute.control.Fleet;
import io.logroute.control.Reconciler;
import io.logroute.control.SpecFiles;
import io.logroute.control.StatusBoard;
import io.logroute.plan.Condition;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.RouteReport;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.InstanceReport.SourceReport;
import io.logroute.plan.InstanceState;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.RelayState;
import io.logroute.spec.Problem;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// A router `core` with a route to each of two sinks, in a folder; and a fleet that reports what
/// it is told to.
final class Shop implements Fleet {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    static final String CORE = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec: { sources: [{ http: { port: 8088 } }], buffer: { maxBytes: 1GiB } }
            """;
    static final String ARCHIVE = """
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: archive }
            spec: { file: { path: "all.ndjson" } }
            """;
    static final String SCREEN = """
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: screen }
            spec: { console: {} }
            """;

    private final Path folder;
    private final Map<String, String> troubled = new HashMap<>();
    private final Map<String, Long> unrouted = new HashMap<>();
    private final Map<String, String> downSinks = new HashMap<>();
    /// What waits where sources of that label fetch their events from, of every router.
    private final Map<String, InstanceReport.Behind> behind = new TreeMap<>();
    private final Map<String, InstanceReport.Behind> handedOn = new TreeMap<>();
    private final Map<String, String> stuck = new HashMap<>();
    private final Map<String, Function<String, FleetState>> fleets = new HashMap<>();
    private List<PipelineDefinition> running = List.of();
    private List<PipelineDefinition> wanted = List.of();
    private List<RelayState> relays = List.of();

    private final Reconciler reconciler;
    final StatusBoard board;
    final Instruments meters = new Instruments();
    final Served served;

    Shop(Path folder) {
        this.folder = folder;
        InstantSource clock = () -> NOW;
        this.board = new StatusBoard(this, clock);
        this.reconciler = new Reconciler(
                new SpecFiles(List.of(folder)),
                Set.of("ampbeat"),
                io.logroute.plan.RouteTests.UNASKED,
                this,
                board,
                clock);
        this.served = new Served(
                board,
                new LettersDesk(io.logroute.router.DeadLetterOffice.NONE),
                meters,
                new io.logroute.router.Foresight(io.logroute.parts.elastic.Mappings.of(Optional.empty())),
                clock);
        write("core.yaml", CORE);
        write("sinks.yaml", ARCHIVE + "---\n" + SCREEN);
        write("everything.yaml", route("everything", "archive"));
        write("watch.yaml", route("watch", "screen"));
        pass();
    }

    static String route(String name, String sink) {
        return """
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: %s }
            spec: { router: core, to: [%s] }
            """.formatted(name, sink);
    }

    Path write(String file, String yaml) {
        try {
            return Files.writeString(folder.resolve(file), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Optional<String> read(String file) {
        try {
            var path = folder.resolve(file);
            return Files.exists(path) ? Optional.of(Files.readString(path)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    /// From now on these are deployed.
    void deployed(RelayState... all) {
        relays = List.of(all);
    }

    @Override
    public List<RelayState> relays() {
        return relays;
    }

    /// A relay `up` on the node n1 that a router of this swarm finds.
    ///
    /// @param problem why it does not run; empty when it does
    static RelayState relay(boolean declared, Optional<Problem> problem) {
        return new RelayState(
                "up",
                declared,
                "redis://relay-up:6379",
                "logroute_relay_up",
                "logroute_relay_up",
                Optional.of("n1"),
                Optional.of(6400),
                List.of(
                        new Condition(
                                "Ready",
                                problem.isPresent() ? Condition.Status.FALSE : Condition.Status.TRUE,
                                problem.isPresent() ? "NodeDown" : "Running",
                                problem.map(each -> "Its node is down. " + each.mend())
                                        .orElse("Its Redis runs on node n1.")),
                        new Condition("Exported", Condition.Status.TRUE, "Running", "Its exporter runs.")),
                problem.stream().toList());
    }

    void remove(String file) {
        try {
            Files.delete(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void pass() {
        reconciler.pass();
    }

    synchronized void trouble(String router, String why) {
        troubled.put(router, why);
    }

    /// From now on the router stays at what it runs.
    synchronized void stuck(String router, String why) {
        stuck.put(router, why);
    }

    synchronized void free(String router) {
        stuck.remove(router);
        running = wanted;
    }

    synchronized void unrouted(String router, long events) {
        unrouted.put(router, events);
    }

    /// A source of that label fetches its events, and so much waits there.
    synchronized void fetches(String source, InstanceReport.Behind waits) {
        behind.put(source, waits);
    }

    /// Of what that sink wrote so much waits for others.
    synchronized void handsOn(String sink, InstanceReport.Behind waits) {
        handedOn.put(sink, waits);
    }

    synchronized void down(String sink, String why) {
        downSinks.put(sink, why);
    }

    @Override
    public synchronized Outcome become(List<PipelineDefinition> wanted) {
        this.wanted = wanted;
        var before = running;
        running = wanted.stream()
                .map(pipeline -> stuck.containsKey(pipeline.name())
                        ? before.stream()
                                .filter(each -> each.name().equals(pipeline.name()))
                                .findFirst()
                                .orElse(pipeline)
                        : pipeline)
                .toList();
        return new Outcome(List.of(), Map.of());
    }

    /// From now on the router is such a fleet in place of one instance in this process; what is known of it is
    /// made of the revision that is declared.
    synchronized void fleet(String router, Function<String, FleetState> state) {
        fleets.put(router, state);
    }

    /// An instance of `core` on a node, which reports.
    InstanceState instance(int number, String node, String revision) {
        return new InstanceState(
                "core",
                number,
                Optional.of("logroute_core-" + number),
                Optional.of(node),
                Optional.of(report(running.getFirst(), number, revision)),
                Optional.empty());
    }

    /// One that is not reached.
    static InstanceState lost(int number, Optional<String> node, String why) {
        return new InstanceState(
                "core", number, Optional.of("logroute_core-" + number), node, Optional.empty(), Optional.of(why));
    }

    @Override
    public synchronized List<FleetState> states() {
        return running.stream()
                .map(pipeline -> {
                    var revision = wanted(pipeline).revision().hash();
                    return Optional.ofNullable(fleets.get(pipeline.name()))
                            .map(state -> state.apply(revision))
                            .orElseGet(() -> FleetState.inProcess(
                                    revision,
                                    report(pipeline, 0, pipeline.revision().hash())));
                })
                .toList();
    }

    private PipelineDefinition wanted(PipelineDefinition runs) {
        return wanted.stream()
                .filter(each -> each.name().equals(runs.name()))
                .findFirst()
                .orElse(runs);
    }

    /// What its instances report.
    synchronized List<InstanceReport> reports() {
        return running.stream()
                .map(pipeline -> report(pipeline, 0, pipeline.revision().hash()))
                .toList();
    }

    private InstanceReport report(PipelineDefinition pipeline, int number, String revision) {
        return new InstanceReport(
                pipeline.name(),
                number,
                revision,
                0,
                NOW.minusSeconds(60),
                NOW.minusSeconds(60),
                Stream.concat(
                                Stream.of(new SourceReport("http:8088", 1_204, 3, false)),
                                behind.entrySet().stream()
                                        .map(each -> new SourceReport(
                                                each.getKey(), 7, 0, false, Optional.of(each.getValue()))))
                        .toList(),
                new BufferReport(
                        "",
                        InstanceReport.Kind.DISK,
                        1_258_291,
                        1L << 30,
                        50L << 30,
                        12,
                        false,
                        0,
                        0,
                        Optional.of(NOW.minusSeconds(3)),
                        Optional.ofNullable(troubled.get(pipeline.name()))),
                pipeline.sinks().stream()
                        .map(sink -> new SinkReport(
                                sink.name().value(),
                                "any",
                                1_192,
                                0,
                                0,
                                0,
                                0,
                                12,
                                1_024,
                                Optional.of(NOW.minusSeconds(3)),
                                Optional.of(NOW.minusSeconds(1)),
                                new Preparation(Preparation.State.NOT_NEEDED, "nothing to prepare"),
                                Optional.empty(),
                                Optional.ofNullable(downSinks.get(sink.name().value())),
                                Optional.ofNullable(handedOn.get(sink.name().value()))))
                        .toList(),
                pipeline.routes().stream()
                        .map(route -> new RouteReport(route.name().value(), 1_204))
                        .toList(),
                unrouted.getOrDefault(pipeline.name(), 0L),
                Optional.ofNullable(troubled.get(pipeline.name()))
                        .or(() -> Optional.ofNullable(stuck.get(pipeline.name()))));
    }
}
