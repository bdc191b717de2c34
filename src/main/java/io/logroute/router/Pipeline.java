package io.logroute.router;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.Cursor;
import io.logroute.buffer.jetstream.JetStreamBuffer;
import io.logroute.flow.Monitor;
import io.logroute.flow.Source;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.InstanceReport.RouteReport;
import io.logroute.plan.InstanceReport.SourceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One running router: its sources, its buffer, and a [Drain] for each sink. It lies under its
/// folder:
///
///     <folder>/buffer          the durable log; its lock also where the log is elsewhere
///     <folder>/dead-letters    what sinks refused for good
///
/// One with `buffer.jetstream` keeps both on streams ([Store]).
///
/// All but [#report] is called by one thread at a time.
final class Pipeline implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Pipeline.class.getName());
    private static final Duration SAVE_EVERY = Duration.ofMillis(250);
    /// Letters are looked through when there is a need, which they know themselves.
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final Duration SOURCES_END = Duration.ofMillis(2500);
    private static final Duration DRAINS_END = Duration.ofMillis(3750);
    /// For sinks that change: they are closed side by side, each within less.
    private static final Duration GIVE_WAY = Duration.ofSeconds(10);
    /// To tell what is lost, and to close dead letters and buffer.
    private static final Duration LAST = Duration.ofMillis(500);
    /// What [#close] takes at most: one after the other.
    static final Duration STOPPING =
            SOURCES_END.plus(Intake.END).plus(DRAINS_END).plus(LAST);

    /// Less than a segment left on the disk.
    private static final double DISK_FULL = 64 << 20;
    private static final long NEARLY_EMPTY = 64 << 20;
    private static final long HEAP = Runtime.getRuntime().maxMemory();
    private static final String DEAD_LETTERS = "dead-letters";
    private static final Duration FORGET_AFTER = Duration.ofMinutes(10);
    /// From a start on at least so long: what declares a sink again may be on its way.
    private static final Duration FORGET_AFTER_START = Duration.ofMinutes(1);
    private static final List<Meter> GAUGES = List.of(
            Meter.BUFFER_BYTES,
            Meter.BUFFER_CAPACITY_BYTES,
            Meter.BUFFER_FREE_DISK_BYTES,
            Meter.BUFFER_CORRUPT_RECORDS,
            Meter.BUFFER_LOST_EVENTS,
            Meter.DRAINING);

    private static final List<Meter> LETTER_GAUGES =
            List.of(Meter.DEAD_LETTERS, Meter.DEAD_LETTERS_BYTES, Meter.DEAD_LETTERS_OLDEST_SECONDS);

    private final Path folder;
    private final Assemble assemble;
    private final Instruments meters;
    private final InstantSource clock;
    private final Backoff backoff;
    private final Instant since;
    private final Store store;
    private final Buffer buffer;
    private final Intake intake;
    private final Map<SourceSpec, Running> sources = new LinkedHashMap<>();
    /// Sources that are on their way to their end. Guarded by `sources`.
    private int stopping;

    private final Map<String, Draining> drains = new TreeMap<>();
    /// By sink, also of sinks that are no more.
    private final Map<String, DeadLetters> letters = new TreeMap<>();
    private final Intake.Door replays;
    private final Thread saving;
    private final Thread surveying;
    private final Thread looking;
    /// Where the buffer ended when this router started.
    private final long startSeq;
    /// Sinks that were counted for since then.
    private final Set<String> counted = ConcurrentHashMap.newKeySet();
    /// The newest event that was counted for a route.
    private final Map<RouteAt, AtomicLong> routed = new ConcurrentHashMap<>();
    /// What the counters said of this router when it started: they live as long as the process.
    private final double receivedBefore;
    private boolean broken;
    /// There once a source wants them.
    private volatile @Nullable Marks marks;
    /// Sinks come and go now: nothing is told as settled for all.
    private volatile boolean changing = true;
    /// Failed syncs that were answered by passing over what holds up a full disk.
    private long failuresSeen;
    /// Sinks that are no longer declared. Guarded by itself.
    private final Map<String, Leaving> leaving = new TreeMap<>();
    /// Those of them that still take what was accepted before.
    private volatile List<Draining> leavers = List.of();
    /// All of them.
    private volatile Map<String, Leaving> leavingNow = Map.of();
    /// What a restart knows of them. Of the thread that saves, once that is started.
    private final Departures departures;
    /// It takes nothing in, and delivers what it has.
    private volatile boolean draining;
    /// Of the thread that saves: it was told that nothing is left.
    private boolean toldDrained;
    /// What all successions of this router share.
    private final Monitor turning = new Monitor();
    private volatile PipelineDefinition definition;
    /// When that was taken.
    private volatile Instant taken;
    private volatile boolean closed;
    /// Why it does nothing any more, though it was not told to end.
    private volatile Optional<String> over = Optional.empty();
    /// Hears of that.
    private final Consumer<String> told;
    /// Keeps again what somebody else keeps beside the events, once that went.
    private final Pipelines.Keeping again;
    /// Of the thread that saves, and of the one that looks through letters: deletions that they have answered.
    private int answeredSaving;

    private int answeredLooking;

    private record Running(Source source, Intake.Door door) {}

    private record Draining(LogSink sink, Drain drain) {}

    /// A sink that is no longer declared.
    ///
    /// @param draining what brings it the events that were accepted before; empty when it has them all, or when
    ///     nothing is known of it but its place in the buffer
    /// @param end it gets nothing from the event of this number on; the largest number when that is not known
    /// @param gotAll whether it has all that was for it, durably
    private record Leaving(Instant since, Optional<Draining> draining, long end, boolean gotAll) {
        Leaving parked(boolean durably) {
            return new Leaving(since, Optional.empty(), end, durably);
        }
    }

    private Pipeline(
            PipelineDefinition definition,
            Path folder,
            int instance,
            Assemble assemble,
            Backoff backoff,
            Instruments meters,
            InstantSource clock,
            boolean draining,
            BooleanSupplier ends,
            Consumer<String> told,
            Pipelines.Keeping again)
            throws IOException {
        this.told = told;
        this.again = again;
        this.definition = definition;
        this.draining = draining;
        this.folder = folder;
        this.assemble = assemble;
        this.backoff = backoff;
        this.meters = meters;
        this.clock = clock;
        this.since = clock.instant();
        this.taken = since;
        this.store = Store.open(definition.router().buffer(), folder, definition.name(), instance, ends);
        this.buffer = store.buffer();
        this.departures = store.departures();
        this.intake = new Intake(definition.name(), buffer, buffer.maxRecordBytes(), this::settledByAll, meters);
        this.intake.tellDelivered(definition.router().acknowledge() == LogRouter.Acknowledge.DELIVERED);
        this.replays = intake.doorToldAtStored(DEAD_LETTERS);
        this.startSeq = buffer.nextSeq();
        this.receivedBefore = meters.value(Meter.RECEIVED_EVENTS, definition.name());
        this.saving = Thread.ofVirtual().name("save-" + definition.name()).unstarted(this::saveAll);
        this.surveying = Thread.ofVirtual().name("letters-" + definition.name()).unstarted(this::sweepLetters);
        this.looking = Thread.ofVirtual().name("limits-" + definition.name()).unstarted(this::lookAll);
    }

    /// Opens everything and starts it, sources last: no event comes in before there is a way on.
    ///
    /// @param instance its number in its fleet; 0 where there is one only
    /// @param draining whether it takes nothing in
    /// @param ends whether the process is to end: then nothing that is away is waited for
    /// @param told hears why it ends by itself, should it
    /// @param again keeps again what somebody else keeps on the stream of dead letters, when that was deleted
    /// @throws IOException when something cannot be opened, with what, where and how to mend;
    ///     nothing is left open
    static Pipeline start(
            PipelineDefinition definition,
            Path folder,
            int instance,
            Assemble assemble,
            Backoff backoff,
            Instruments meters,
            InstantSource clock,
            boolean draining,
            BooleanSupplier ends,
            Consumer<String> told,
            Pipelines.Keeping again)
            throws IOException {
        var pipeline = new Pipeline(
                definition, folder, instance, assemble, backoff, meters, clock, draining, ends, told, again);
        try {
            pipeline.startAll();
            return pipeline;
        } catch (IOException | RuntimeException e) {
            pipeline.close();
            throw e;
        }
    }

    private void startAll() throws IOException {
        showBuffer();
        intake.start();
        for (var sink : definition.sinks()) {
            var name = sink.name().value();
            var routes = new Succession(turning, routing(definition, name, Optional.empty()));
            var outlet = assemble.outlet(name(), sink, buffer.id());
            outlet.open().open();
            drain(definition, sink, outlet, buffer.cursor(name), routes);
        }
        synchronized (leaving) {
            leave(definition, Long.MAX_VALUE);
            remember(departed());
            showLeavers();
        }
        store.sinksWithLetters().forEach(this::letters);
        changing = false;
        if (buffer.readers().contains(Marks.READER)) {
            marks(); // it holds back what it has not read
        }
        saving.start();
        surveying.start();
        looking.start();
        if (draining) {
            tellDraining();
        } else {
            openSources(definition);
            openDoors();
        }
        replays.open();
        showRevision(null);
    }

    String name() {
        return definition.name();
    }

    PipelineDefinition definition() {
        return definition;
    }

    /// Whether this running router can become that one without being started anew. What lies in memory, or on
    /// streams, cannot move.
    boolean canBecome(PipelineDefinition wanted) {
        var is = definition.router().buffer();
        var to = wanted.router().buffer();
        return to.memory().equals(is.memory())
                && to.jetstream()
                        .map(at -> is.jetstream().filter(at::isSameButForSize).isPresent())
                        .orElse(is.jetstream().isEmpty());
    }

    /// Which opening of its streams it is; nothing where it has none.
    ///
    /// @throws IOException when another instance has opened them since, or their servers do not answer
    Optional<JetStreamBuffer.Opening> opening() throws IOException {
        return store.opening();
    }

    /// Where it keeps events.
    InstanceReport.Kind kind() {
        return store.kind();
    }

    /// The same for people.
    String where() {
        return buffer.where();
    }

    /// Becomes what is wanted: sources and sinks that stay the same never notice. When something
    /// new cannot be opened, everything goes on as it was.
    ///
    /// There is one number at which the change comes for all: events of lower numbers, which were
    /// accepted before, go by the old definition at every sink, others by the new one. A sink that
    /// lags comes to it when it has settled what was before; nobody waits for it.
    ///
    /// @throws IOException when it does not become what is wanted, with what, where and how to mend
    void become(PipelineDefinition wanted) throws IOException {
        synchronized (leaving) { // nobody is parked or forgotten meanwhile
            var arriving = new TreeMap<String, Arriving>();
            var routings = new TreeMap<String, Routing>();
            try {
                for (var sink : wanted.sinks()) {
                    var name = sink.name().value();
                    arrive(sink).ifPresent(each -> arriving.put(name, each));
                    routings.put(name, routing(wanted, name, routesBefore(name, arriving)));
                }
                if (!draining) {
                    openSources(wanted);
                }
            } catch (IOException | RuntimeException e) {
                arriving.forEach(this::turnAway);
                throw e;
            }
            broken = true;
            changing = true;
            resize(wanted);
            turn(wanted, arriving, routings);
            var before = definition;
            definition = wanted;
            taken = clock.instant();
            broken = false;
            changing = false;
            intake.tellDelivered(wanted.router().acknowledge() == LogRouter.Acknowledge.DELIVERED);
            openDoors();
            showRevision(before);
            park();
        }
        closeSources(wanted);
    }

    /// A sink that is new, or not as it was.
    ///
    /// @param cursor open where it is new
    /// @param routes what it has before it, where it is not
    private record Arriving(Outlet outlet, Optional<Cursor> cursor, Optional<Succession> routes, boolean known) {}

    /// Opens what that sink needs, before anything changes; empty when the same destination is written to.
    private Optional<Arriving> arrive(LogSink sink) throws IOException {
        var name = sink.name().value();
        var running = drainingOf(name);
        if (running.filter(each -> each.sink().to().equals(sink.to())).isPresent()) {
            return Optional.empty();
        }
        var outlet = assemble.outlet(name(), sink, buffer.id());
        try {
            outlet.open().open();
            if (running.isPresent()) {
                var routes = running.get().drain().routes().anew();
                return Optional.of(new Arriving(outlet, Optional.empty(), Optional.of(routes), true));
            }
            boolean known = buffer.readers().contains(name);
            return Optional.of(new Arriving(outlet, Optional.of(buffer.cursor(name)), Optional.empty(), known));
        } catch (IOException | RuntimeException e) {
            outlet.sink().close();
            throw e;
        }
    }

    /// What that sink goes by until the change comes to it; nothing where it is new.
    private Optional<Succession> routesBefore(String sink, Map<String, Arriving> arriving) {
        var come = arriving.get(sink);
        return come != null
                ? come.routes()
                : drainingOf(sink).map(each -> each.drain().routes());
    }

    /// What was opened for it is closed again, and its place in the buffer is none when it is new.
    private void turnAway(String sink, Arriving come) {
        come.outlet().sink().close();
        come.cursor().ifPresent(Cursor::close);
        if (come.known()) {
            return;
        }
        try {
            buffer.forget(sink);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "The place of sink " + sink + " stays until the next start", e);
        }
    }

    /// Sinks and routes change.
    private void turn(PipelineDefinition wanted, Map<String, Arriving> arriving, Map<String, Routing> routings)
            throws IOException {
        long from = turnRoutes(wanted, arriving, routings);
        for (var sink : wanted.sinks()) {
            var name = sink.name().value();
            routesBefore(name, arriving).ifPresent(routes -> tellGivenUp(name, routes.giveUp()));
        }
        Together.run(
                "replace-sink",
                arriving.keySet().stream()
                        .flatMap(name -> drainingOf(name).stream())
                        .<Runnable>map(old -> old.drain()::giveWay)
                        .toList(),
                GIVE_WAY);
        leave(wanted, from);
        for (var sink : wanted.sinks()) {
            var name = sink.name().value();
            var come = arriving.get(name);
            if (come == null) {
                stay(sink, wanted);
                continue;
            }
            var left = Optional.ofNullable(leaving.remove(name));
            var routes = come.routes().orElseGet(() -> new Succession(turning, of(sink, routings)));
            var cursor = come.cursor().isPresent() ? come.cursor().get() : buffer.cursor(name);
            if (come.routes().isEmpty() && left.isEmpty()) {
                cursor.settle(from); // what was before is not for a sink that was not there
                cursor.rewind();
            }
            drain(wanted, sink, afterOthers(sink, come.outlet()), cursor, routes);
        }
        showLeavers();
    }

    /// Tells all sinks at once which events the change is for, and gives the number of the first.
    private long turnRoutes(PipelineDefinition wanted, Map<String, Arriving> arriving, Map<String, Routing> routings) {
        try (var _ = turning.enter()) {
            long from = buffer.nextSeq();
            for (var draining : running()) {
                var name = draining.sink().name().value();
                var routing = routings.get(name);
                if (routing == null || arriving.containsKey(name)) {
                    draining.drain().routes().end(from);
                }
            }
            for (var sink : wanted.sinks()) {
                var name = sink.name().value();
                routesBefore(name, arriving).ifPresent(routes -> routes.become(of(sink, routings), from));
            }
            return from;
        }
    }

    private void tellGivenUp(String sink, int turns) {
        if (turns > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: sink {1} is behind so many changes of routes that the oldest is given up: its events"
                            + " that were accepted before that go by the routes that came after it",
                    name(),
                    sink);
        }
    }

    /// Sinks that are not wanted leave: they get what was accepted before, and nothing from there on. Their places
    /// are kept for a while: a file that is moved or rewritten is gone for a moment, too.
    private void leave(PipelineDefinition wanted, long from) {
        var names = wanted.sinks().stream().map(sink -> sink.name().value()).toList();
        for (var draining : running()) {
            var name = draining.sink().name().value();
            if (!names.contains(name)) {
                synchronized (drains) {
                    drains.remove(name);
                }
                leaving.put(name, new Leaving(clock.instant(), Optional.of(draining), from, false));
                tellLeaving(name, "it still gets what was accepted before, and ");
            }
        }
        deadLetters().stream().filter(box -> !names.contains(box.sink())).forEach(DeadLetters::keepAnyAge);
        for (var reader : readers()) {
            if (!names.contains(reader) && !leaving.containsKey(reader)) {
                leaving.put(reader, new Leaving(clock.instant(), Optional.empty(), Long.MAX_VALUE, false));
                tellLeaving(reader, "");
            }
        }
    }

    /// What was known of sinks that left before this start.
    private Map<String, Departures.Departure> departed() {
        try {
            return departures.find();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: since when sinks are declared no more cannot be read ({1}); their time begins anew",
                    name(),
                    e.getMessage());
            return Map.of();
        }
    }

    private void remember(Map<String, Departures.Departure> departed) {
        departed.forEach((sink, before) -> leaving.computeIfPresent(sink, (_, now) -> {
            boolean gotAll = buffer.settled(sink).orElse(0) >= before.end();
            var at = before.since().isBefore(now.since()) ? before.since() : now.since();
            return new Leaving(at, Optional.empty(), before.end(), gotAll);
        }));
    }

    private void keepDepartures() {
        int deleted = store.madeAnew();
        if (deleted != answeredSaving) {
            answeredSaving = deleted;
            departures.lost();
        }
        var now = new TreeMap<String, Departures.Departure>();
        leavingNow.forEach((sink, each) ->
                now.put(sink, new Departures.Departure(each.since().truncatedTo(ChronoUnit.MILLIS), each.end())));
        try {
            departures.keep(now);
        } catch (IOException e) { // it is tried again
            LOG.log(System.Logger.Level.DEBUG, "Router " + name() + " cannot keep which sinks left", e);
        }
    }

    /// When the place of a sink that left is forgotten.
    private Instant until(Leaving gone) {
        var grace = gone.since().plus(FORGET_AFTER);
        var least = since.plus(FORGET_AFTER_START);
        return grace.isBefore(least) ? least : grace;
    }

    /// Events that were accepted while that sink was declared, and that it has not taken.
    private long leftFor(String sink, Leaving gone) {
        return gone.draining()
                .map(each -> each.drain().left())
                .orElseGet(() -> gone.gotAll() ? 0L : buffer.unsettled(sink, gone.end()));
    }

    private List<InstanceReport.Removed> removed() {
        return leavingNow.entrySet().stream()
                .map(each -> removed(each.getKey(), each.getValue()))
                .filter(each -> each.events() > 0)
                .toList();
    }

    private InstanceReport.Removed removed(String sink, Leaving gone) {
        return new InstanceReport.Removed(
                sink,
                leftFor(sink, gone),
                until(gone),
                gone.draining().flatMap(each -> each.drain().trouble()));
    }

    private void tellLeaving(String sink, String until) {
        LOG.log(
                System.Logger.Level.WARNING,
                "Router {0}: sink {1} is no longer declared; {2}its place in the buffer is forgotten in {3} minutes,"
                        + " unless it is declared again",
                name(),
                sink,
                until,
                FORGET_AFTER.toMinutes());
    }

    /// One that is written to as before, also when it was leaving. How far it may lag, and what is kept of what it
    /// refuses, may be others.
    private void stay(LogSink sink, PipelineDefinition wanted) {
        var name = sink.name().value();
        drainingOf(name).ifPresent(stays -> {
            leaving.remove(name);
            stays.drain().become(Lag.of(sink, wanted.router().buffer()));
            letters(name).bounds(boundsOf(sink));
            synchronized (drains) {
                drains.put(name, new Draining(sink, stays.drain()));
            }
        });
    }

    private Optional<Draining> drainingOf(String sink) {
        synchronized (drains) {
            var running = drains.get(sink);
            if (running != null) {
                return Optional.of(running);
            }
        }
        return Optional.ofNullable(leaving.get(sink)).flatMap(Leaving::draining);
    }

    /// Two do not write the same files at once: a sink that was given another name waits for the one it was.
    private Outlet afterOthers(LogSink sink, Outlet outlet) {
        if (!(sink.to() instanceof SinkSpec.File file)) {
            return outlet;
        }
        var after = outlet;
        for (var leaver : leaving.values()) {
            var draining = leaver.draining();
            if (draining.isPresent()
                    && draining.get().sink().to() instanceof SinkSpec.File other
                    && other.path().equals(file.path())) {
                after = after.after(
                        draining.get().sink().name().value(), draining.get().drain());
            }
        }
        return after;
    }

    private void showLeavers() {
        synchronized (leaving) {
            leavers = leaving.values().stream()
                    .flatMap(each -> each.draining().stream())
                    .toList();
            leavingNow = Collections.unmodifiableMap(new TreeMap<>(leaving));
        }
    }

    /// Closes the drains of sinks that have left and got everything that was accepted before.
    private void park() {
        synchronized (leaving) {
            for (var entry : leaving.entrySet()) {
                var draining = entry.getValue().draining();
                if (draining.filter(each -> each.drain().isThrough()).isPresent()) {
                    var drain = draining.get().drain();
                    drain.close();
                    entry.setValue(entry.getValue().parked(drain.isDurablyThrough()));
                }
            }
            showLeavers();
        }
    }

    /// The size of a buffer on disk follows at once; one that is smaller than what lies in it is full until sinks
    /// have settled enough.
    private void resize(PipelineDefinition wanted) {
        long maxBytes = wanted.router().buffer().size().bytes();
        if (maxBytes != buffer.maxBytes()) {
            buffer.resize(maxBytes);
            intake.recordsUpTo(buffer.maxRecordBytes());
        }
    }

    /// Whether a change stopped half way, so that it has to be started anew.
    boolean isBroken() {
        return broken;
    }

    private void stopDrain(Draining draining) {
        draining.drain().close();
        synchronized (drains) {
            drains.remove(draining.sink().name().value());
        }
    }

    private static Routing of(LogSink sink, Map<String, Routing> routings) {
        return Objects.requireNonNull(routings.get(sink.name().value()));
    }

    private void drain(PipelineDefinition pipeline, LogSink sink, Outlet outlet, Cursor cursor, Succession routes) {
        var name = sink.name().value();
        showRecovered(name, cursor);
        var letters = letters(name);
        letters.bounds(boundsOf(sink));
        var drain = new Drain(
                name(),
                name,
                outlet.within(HEAP / 8 / pipeline.sinks().size()),
                cursor,
                letters,
                routes,
                Lag.of(sink, pipeline.router().buffer()),
                intake::moved,
                backoff,
                meters,
                clock,
                RandomGenerator.getDefault());
        synchronized (drains) {
            drains.put(name, new Draining(sink, drain));
        }
        drain.start();
    }

    /// Counters live as long as the process, sinks come and go: what a sink finds in the buffer is told less
    /// what was received since the counters began, and with what was settled for it before.
    private void showRecovered(String sink, Cursor cursor) {
        if (!counted.add(sink)) {
            return;
        }
        long at = cursor.settled();
        long found = at > startSeq ? startSeq - at : cursor.unsettledBelow(startSeq);
        double settled = meters.value(Meter.DELIVERED_EVENTS, name(), sink)
                + meters.value(Meter.FILTERED_EVENTS, name(), sink)
                + meters.value(Meter.DEAD_LETTERED_EVENTS, name(), sink)
                + meters.value(Meter.DISCARDED_EVENTS, name(), sink)
                + meters.value(Meter.PASSED_EVENTS, name(), sink)
                - meters.value(Meter.COPIED_EVENTS, name(), sink);
        meters.gauge(Meter.BUFFER_RECOVERED_EVENTS, constant(found - receivedBefore + settled), name(), sink);
    }

    private static java.util.function.DoubleSupplier constant(double value) {
        return () -> value;
    }

    private static DeadLetters.Bounds boundsOf(LogSink sink) {
        return new DeadLetters.Bounds(
                sink.deadLetters().maxBytes().bytes(), sink.deadLetters().maxAge());
    }

    /// The dead letters of a sink.
    private DeadLetters letters(String sink) {
        synchronized (letters) {
            return letters.computeIfAbsent(sink, this::openLetters);
        }
    }

    private DeadLetters openLetters(String sink) {
        var box = store.letters(
                name(),
                sink,
                DeadLetters.Bounds.USUAL.ageless(), // until the sink's own are told
                clock,
                (why, count) -> meters.counter(Meter.DEAD_LETTERS_GONE, name(), sink, why)
                        .increment(count));
        meters.gauge(Meter.DEAD_LETTERS, () -> shown(box, DeadLetters.Summary::letters), name(), sink);
        meters.gauge(Meter.DEAD_LETTERS_BYTES, () -> shown(box, DeadLetters.Summary::bytes), name(), sink);
        meters.gauge(
                Meter.DEAD_LETTERS_OLDEST_SECONDS,
                () -> shown(
                        box,
                        summary -> summary.oldest()
                                .map(oldest -> Math.max(
                                        0,
                                        Duration.between(oldest, clock.instant())
                                                .toSeconds()))
                                .orElse(0L)),
                name(),
                sink);
        return box;
    }

    private static double shown(DeadLetters box, ToLongFunction<DeadLetters.Summary> what) {
        try {
            return what.applyAsLong(box.summary());
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    /// Those of all its sinks, and of sinks that were once.
    List<DeadLetters> deadLetters() {
        synchronized (letters) {
            return List.copyOf(letters.values());
        }
    }

    /// One step of a replay; empty when there is no such sink to replay to.
    Optional<Replay.Step> replay(DeadLetters from, Replay replay) throws IOException, InterruptedException {
        var replaying = new Replaying(from, buffer.id());
        if (replay.to().isEmpty()) {
            return Optional.of(replaying.throughRoutes(replay, replays));
        }
        var to = replay.to().get();
        var draining = running().stream()
                .filter(each -> each.sink().name().value().equals(to))
                .findFirst();
        if (draining.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(replaying.straight(replay, draining.get().drain(), to.equals(from.sink()), letters(to)));
    }

    /// Reads what dead letters there are, then lets go of those that are too old.
    private void sweepLetters() {
        while (!closed) {
            try {
                for (var box : deadLetters()) {
                    box.sweep();
                }
                keepAgain();
                Thread.sleep(SWEEP_EVERY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void keepAgain() {
        int deleted = store.madeAnew();
        if (deleted == answeredLooking) {
            return;
        }
        try {
            again.keep();
            answeredLooking = deleted;
        } catch (IOException e) { // it is tried again
            LOG.log(System.Logger.Level.DEBUG, "Router " + name() + ": what went is not kept again yet", e);
        }
    }

    private Routing routing(PipelineDefinition pipeline, String sink, Optional<Succession> before) throws IOException {
        boolean leads = pipeline.sinks().getFirst().name().value().equals(sink);
        return Routing.of(
                pipeline,
                sink,
                leads,
                route -> routedCounter(route, sink),
                meters,
                clock,
                before.map(Succession::routings).orElse(List.of()));
    }

    /// Counts an event once for a route, though a sink that is made anew comes again to what was not settled.
    private LongConsumer routedCounter(String route, String sink) {
        var counter = meters.counter(Meter.ROUTED_EVENTS, name(), route);
        var newest = routed.computeIfAbsent(new RouteAt(route, sink), _ -> new AtomicLong(-1));
        return seq -> {
            if (newest.getAndAccumulate(seq, Math::max) < seq) {
                counter.increment();
            }
        };
    }

    /// A route at the first sink that it names.
    private record RouteAt(String route, String sink) {}

    /// Forgets the places of sinks that have been gone long enough. What they had not settled is told. One that
    /// cannot be forgotten keeps its place, and its turn the next time.
    private void forgetLeft() {
        synchronized (leaving) {
            for (var reader : List.copyOf(leaving.keySet())) {
                var gone = Objects.requireNonNull(leaving.get(reader));
                if (clock.instant().isBefore(until(gone))) {
                    continue;
                }
                gone.draining().ifPresent(draining -> draining.drain().close());
                long wereForIt = leftFor(reader, gone);
                long all;
                try {
                    all = buffer.forget(reader);
                } catch (IOException e) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Router {0}: the place of sink {1} in the buffer could not be forgotten ({2}); see that"
                                    + " LogRoute can delete files in {3}. It is tried again",
                            name(),
                            reader,
                            e.getMessage(),
                            folder);
                    continue;
                }
                tellForgotten(reader, wereForIt, all);
                leaving.remove(reader);
                showLeavers();
                counted.remove(reader);
            }
        }
    }

    /// @param lost events accepted while it was declared, or when that is not known
    /// @param all those that came later, too, which were not for it
    private void tellForgotten(String sink, long lost, long all) {
        meters.counter(Meter.PASSED_EVENTS, name(), sink).increment(Math.max(0, all - lost));
        if (lost > 0) {
            meters.counter(Meter.DISCARDED_EVENTS, name(), sink, "sink_removed").increment(lost);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: sink {1} is forgotten; it had not taken {2} events that were accepted before it left",
                    name(),
                    sink,
                    lost);
        }
    }

    /// Takes nothing in from now on, and delivers what it has: sources end, and acknowledge before what they
    /// were sent and is stored. One that takes long for that ends alone. Does nothing when it drains.
    void drain() {
        if (draining) {
            return;
        }
        draining = true;
        tellDraining();
        stopSources(sourceSpecs());
    }

    private void tellDraining() {
        LOG.log(
                System.Logger.Level.INFO,
                "Router {0} drains: it takes nothing in until it is told to, and delivers what it has, {1} events",
                name(),
                running().stream().mapToLong(each -> each.drain().left()).max().orElse(0));
    }

    /// Takes events in again. Sources are opened first, with their doors shut; does nothing when it
    /// serves.
    ///
    /// @param keeping makes that last over a restart, before the first event comes in
    /// @throws IOException when a source cannot be opened, or it would not last; then it drains as
    ///     before
    void serve(Pipelines.Keeping keeping) throws IOException {
        if (!draining) {
            return;
        }
        openSources(definition);
        try {
            keeping.keep();
        } catch (IOException | RuntimeException e) {
            stopSources(sourceSpecs());
            throw e;
        }
        draining = false;
        openDoors();
        LOG.log(System.Logger.Level.INFO, "Router {0} takes events in again", name());
    }

    /// Opens the sources that are new, with their doors shut. When one cannot be opened, all is as it was.
    private void openSources(PipelineDefinition wanted) throws IOException {
        var wantedSources = wanted.router().sources();
        var stopped = new ArrayList<SourceSpec>();
        var started = new ArrayList<SourceSpec>();
        try {
            for (var spec : wantedSources) {
                if (sourceSpecs().contains(spec)) {
                    continue;
                }
                // The same port with other options: the old one has to let go of it first.
                for (var old : sourceSpecs()) {
                    if (old.label().equals(spec.label()) && !wantedSources.contains(old)) {
                        stopSource(old);
                        stopped.add(old);
                    }
                }
                startSource(spec);
                started.add(spec);
            }
        } catch (IOException | RuntimeException e) {
            started.forEach(this::stopSource);
            for (var old : stopped) {
                startAgain(old);
            }
            openDoors();
            throw e;
        }
    }

    private void startAgain(SourceSpec old) {
        try {
            startSource(old);
        } catch (IOException | RuntimeException e) {
            broken = true; // started anew, it tells what is wrong
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: source {1} does not listen again: {2}",
                    name(),
                    old.label(),
                    e.getMessage());
        }
    }

    /// Closes the sources that are not wanted any more: windows under way are acknowledged, within bounds.
    private void closeSources(PipelineDefinition wanted) {
        stopSources(sourceSpecs().stream()
                .filter(old -> !wanted.router().sources().contains(old))
                .toList());
    }

    private List<SourceSpec> sourceSpecs() {
        synchronized (sources) {
            return List.copyOf(sources.keySet());
        }
    }

    private void startSource(SourceSpec spec) throws IOException {
        var source = assemble.source(name(), spec, this::servicesWithLabels);
        var door = door(spec);
        source.start(door);
        synchronized (sources) {
            sources.put(spec, new Running(source, door));
        }
    }

    private Intake.Door door(SourceSpec spec) throws IOException {
        if (!spec.marks()) {
            return intake.door(spec.label());
        }
        try {
            return intake.markedDoor(spec.label(), marks());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("source %s was not started: the router ends".formatted(spec.label()), e);
        }
    }

    /// Services that say in labels of theirs where their logs go.
    private Set<String> servicesWithLabels() {
        return definition.servicesWithLabels();
    }

    private void openDoors() {
        synchronized (sources) {
            sources.values().forEach(running -> running.door().open());
        }
    }

    private void stopSource(SourceSpec spec) {
        Running running;
        synchronized (sources) {
            running = sources.remove(spec);
            stopping += running == null ? 0 : 1;
        }
        if (running == null) {
            return;
        }
        try {
            running.source().close();
        } finally {
            synchronized (sources) {
                stopping--;
            }
        }
    }

    private void saveAll() {
        while (!closed) {
            try {
                Thread.sleep(SAVE_EVERY);
            } catch (InterruptedException e) {
                return;
            }
            for (var draining : all()) {
                try {
                    draining.drain().save();
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.ERROR, "Router " + name() + ": saving places failed; it goes on", e);
                }
            }
            try {
                park();
                forgetLeft();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Router " + name() + ": letting sinks go failed; it goes on", e);
            }
            keepDepartures();
            tellDrained();
        }
    }

    /// Looks whether sinks lag too far, and whether some hold up a buffer that is full.
    private void lookAll() {
        while (!closed) {
            try {
                Thread.sleep(LOOK_EVERY);
                look();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Router " + name() + ": looking at lags failed; it goes on", e);
            }
        }
    }

    private void look() {
        if (over.isEmpty()) {
            buffer.over().ifPresent(this::endForGood);
        }
        boolean blocks = false;
        for (var draining : running()) {
            draining.drain().keepWithin();
            blocks = blocks || draining.drain().blocks();
        }
        leavers.forEach(draining -> draining.drain().keepWithin());
        intake.hold(blocks);
        if (isFull()) {
            makeRoom();
        }
    }

    /// The buffer is another's now, or no more: nothing is taken in, and nothing can be settled.
    private void endForGood(String why) {
        over = Optional.of(why);
        LOG.log(System.Logger.Level.ERROR, "Router {0} takes nothing in any more and ends: {1}", name(), why);
        stopSources(sourceSpecs());
        told.accept(why);
    }

    /// Whether nothing goes in before a segment goes: for the buffer's limit, or because the disk took no more
    /// since this was answered the last time.
    private boolean isFull() {
        if (buffer.full()) {
            return true;
        }
        if (store.kind() == InstanceReport.Kind.JETSTREAM) {
            return false; // what its servers refuse says nothing of what fills them
        }
        if (intake.failures() == failuresSeen || freeDisk() >= DISK_FULL) {
            return false;
        }
        failuresSeen = intake.failures();
        return true;
    }

    /// Passes over the oldest segment when only sinks hold it up that may be passed over. One that may not
    /// keeps it for all, so the others would lose events for nothing.
    private void makeRoom() {
        var end = buffer.oldestEnd();
        if (end.isEmpty() || changing) {
            return;
        }
        var drains = running();
        var names = drains.stream().map(each -> each.sink().name().value()).toList();
        for (var reader : readers()) {
            if (!names.contains(reader) && buffer.settled(reader).orElse(0) < end.getAsLong()) {
                return;
            }
        }
        var holders = drains.stream()
                .map(Draining::drain)
                .filter(drain -> drain.settled() < end.getAsLong())
                .toList();
        if (holders.stream().allMatch(Drain::drops)) {
            holders.forEach(drain -> drain.dropBelow(end.getAsLong()));
            drains.forEach(each -> each.drain().save());
        }
    }

    /// Those that are sinks.
    private List<String> readers() {
        return buffer.readers().stream()
                .filter(reader -> !reader.equals(Marks.READER))
                .toList();
    }

    /// Below it what sources marked as taken in is so for good.
    private long sure() {
        return store.kind() == InstanceReport.Kind.MEMORY ? settledByAll() : buffer.durableSeq();
    }

    private Marks marks() throws IOException {
        var open = marks;
        if (open == null) {
            open = new Marks(name(), buffer, store.marks(), this::sure);
            open.open();
            marks = open;
        }
        return open;
    }

    /// Below it every sink has settled everything; nothing while sinks come and go.
    private long settledByAll() {
        if (changing) {
            return -1;
        }
        long least = buffer.durableSeq();
        for (var draining : running()) {
            least = Math.min(least, draining.drain().settled());
        }
        return changing ? -1 : least;
    }

    /// Ends the sources and waits until every sink has settled everything.
    ///
    /// @return the sink that has not, within this time
    Optional<String> emptied(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        stopSources(sourceSpecs());
        while (true) {
            var left = running().stream()
                    .filter(each -> each.drain().report().lagEvents() > 0)
                    .map(each -> each.sink().name().value())
                    .findFirst();
            if (left.isEmpty() || System.nanoTime() > until) {
                return left;
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    /// A sink that cannot settle everything soon: it is away, or lags far.
    Optional<String> farBehind() {
        return running().stream()
                .map(each -> each.drain().report())
                .filter(report ->
                        report.lagEvents() > 0 && (report.trouble().isPresent() || report.lagBytes() > NEARLY_EMPTY))
                .map(InstanceReport.SinkReport::name)
                .findFirst();
    }

    private void tellWhatMemoryLoses(List<Draining> sinks) {
        if (definition.router().buffer().memory().isEmpty()) {
            return;
        }
        for (var draining : sinks) {
            long left = draining.drain().left();
            if (left > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Router {0}: {1} events in memory were not delivered to sink {2} and are lost with it; a buffer"
                                + " on disk (buffer.maxBytes) keeps them",
                        name(),
                        left,
                        draining.sink().name());
            }
        }
    }

    private void stopSources(List<SourceSpec> specs) {
        Together.run(
                "stop-source",
                specs.stream().<Runnable>map(spec -> () -> stopSource(spec)).toList(),
                SOURCES_END);
    }

    private List<Draining> running() {
        synchronized (drains) {
            return List.copyOf(drains.values());
        }
    }

    /// Those of sinks that leave, too.
    private List<Draining> all() {
        var all = new ArrayList<>(running());
        all.addAll(leavers);
        return all;
    }

    private void showBuffer() {
        meters.gauge(Meter.DRAINING, () -> draining ? 1 : 0, name());
        meters.gauge(Meter.BUFFER_BYTES, buffer::bytes, name());
        meters.gauge(Meter.BUFFER_CAPACITY_BYTES, buffer::maxBytes, name());
        meters.gauge(Meter.BUFFER_FREE_DISK_BYTES, this::freeDisk, name());
        meters.gauge(Meter.BUFFER_CORRUPT_RECORDS, () -> buffer.damage().corruptRecords(), name());
        meters.gauge(Meter.BUFFER_LOST_EVENTS, () -> buffer.damage().lostEvents(), name());
        var recovery = buffer.recovery();
        if (recovery.corruptRecords() > 0
                || recovery.lostEvents() > 0
                || !recovery.cursorsReset().isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: the buffer was damaged: {1} events are lost, all others are delivered. Set aside for"
                            + " you to look at: {2}. Sinks that begin again at the oldest event: {3}. Check the disk.",
                    name(),
                    recovery.lostEvents(),
                    recovery.setAside().isEmpty() ? "nothing" : String.join(", ", recovery.setAside()),
                    recovery.cursorsReset().isEmpty() ? "none" : String.join(", ", recovery.cursorsReset()));
        }
    }

    private void showRevision(@Nullable PipelineDefinition before) {
        if (before != null) {
            meters.remove(Meter.CONFIG_INFO, name(), before.revision().hash());
        }
        meters.gauge(Meter.CONFIG_INFO, () -> 1, name(), definition.revision().hash());
    }

    private double freeDisk() {
        try {
            return buffer.freeDiskBytes();
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    /// What it tells of itself now.
    ///
    /// @param refused why it did not become what was wanted the last time
    InstanceReport report(Optional<String> refused) {
        var sinks = running().stream().map(each -> each.drain().report()).toList();
        List<SourceReport> reports;
        synchronized (sources) {
            reports = sources.entrySet().stream()
                    .map(entry -> report(entry.getKey().label(), entry.getValue()))
                    .toList();
        }
        return new InstanceReport(
                name(),
                0,
                definition.revision().hash(),
                0,
                since,
                taken,
                reports,
                bufferReport(sinks),
                sinks,
                definition.routes().stream()
                        .map(route -> new RouteReport(route.name().value(), (long) meters.value(
                                Meter.ROUTED_EVENTS, name(), route.name().value())))
                        .toList(),
                (long) meters.value(Meter.UNROUTED_EVENTS, name()),
                refused,
                holding());
    }

    /// What it still has. Events become dead letters and those events again, so that both are looked at twice,
    /// and in between nothing may have come in.
    Holding holding() {
        long end = buffer.nextSeq();
        boolean empty = isThrough();
        var letters = letterCount();
        var again = letterCount();
        empty = empty && letters.isPresent() && again.isPresent() && isThrough() && buffer.nextSeq() == end;
        return new Holding(
                draining ? Mode.DRAINING : Mode.SERVING,
                empty,
                Math.max(letters.orElse(0), again.orElse(0)),
                empty ? List.of() : removed(),
                draining ? store.aside() : Optional.empty());
    }

    /// Whether nothing can come in, and nothing is left for any sink, durably.
    private boolean isThrough() {
        synchronized (sources) {
            if (!draining || !sources.isEmpty() || stopping > 0) {
                return false;
            }
        }
        if (changing || !intake.isIdle()) {
            return false;
        }
        var drains = all();
        if (!drains.stream().allMatch(each -> each.drain().isDurablyThrough())) {
            return false;
        }
        var names = drains.stream().map(each -> each.sink().name().value()).collect(Collectors.toSet());
        var gone = leavingNow;
        for (var reader : readers()) {
            var leaver = Optional.ofNullable(gone.get(reader));
            if (!names.contains(reader)
                    && leaver.map(each -> leftFor(reader, each))
                                    .orElseGet(() -> buffer.unsettled(reader, Long.MAX_VALUE))
                            > 0) {
                return false;
            }
        }
        return !changing;
    }

    /// How many dead letters there are; empty while not all of them have been counted.
    private OptionalLong letterCount() {
        long sum = 0;
        for (var box : deadLetters()) {
            var count = box.count();
            if (count.isEmpty()) {
                return OptionalLong.empty();
            }
            sum += count.getAsLong();
        }
        return OptionalLong.of(sum);
    }

    private void tellDrained() {
        if (!draining) {
            toldDrained = false;
        }
        if (!draining || toldDrained) {
            return;
        }
        var holding = holding();
        if (holding.empty()) {
            toldDrained = true;
            LOG.log(
                    System.Logger.Level.INFO,
                    "Router {0} is drained: its sinks have all that it took in; {1} dead letters are left",
                    name(),
                    holding.letters());
        }
    }

    private SourceReport report(String label, Running running) {
        return new SourceReport(
                label,
                (long) meters.value(Meter.RECEIVED_EVENTS, name(), label),
                (long) meters.value(Meter.REFUSED_EVENTS, name(), label),
                running.door().full(),
                running.source().behind().map(each -> new InstanceReport.Behind(each.entries(), each.oldest())));
    }

    private BufferReport bufferReport(List<InstanceReport.SinkReport> sinks) {
        var damage = buffer.damage();
        long waiting = sinks.stream()
                .mapToLong(InstanceReport.SinkReport::lagEvents)
                .max()
                .orElse(0);
        waiting = Math.max(
                waiting,
                removed().stream()
                        .mapToLong(InstanceReport.Removed::events)
                        .max()
                        .orElse(0));
        return new BufferReport(
                buffer.id(),
                store.kind(),
                buffer.bytes(),
                buffer.maxBytes(),
                store.kind() == InstanceReport.Kind.JETSTREAM ? 0 : (long) freeDisk(),
                waiting,
                buffer.full(),
                damage.lostEvents(),
                damage.corruptRecords(),
                sinks.stream().flatMap(sink -> sink.oldest().stream()).min(Instant::compareTo),
                over.or(() -> draining ? Optional.empty() : intake.trouble())); // nothing is to be written to it then
    }

    /// Stops taking in, acknowledges what is stored, lets writes under way end for a short time,
    /// and closes the buffer.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        saving.interrupt();
        surveying.interrupt();
        stopSources(sourceSpecs());
        looking.interrupt();
        intake.close();
        showLeavers();
        var last = all();
        Together.run(
                "stop-sink",
                last.stream()
                        .<Runnable>map(draining -> () -> stopDrain(draining))
                        .toList(),
                DRAINS_END);
        var following = marks;
        if (following != null) {
            following.close();
        }
        tellWhatMemoryLoses(last);
        closeLetters();
        store.close();
        for (var gauge : GAUGES) {
            meters.remove(gauge, name());
        }
        meters.remove(Meter.CONFIG_INFO, name(), definition.revision().hash());
    }

    private void closeLetters() {
        for (var box : deadLetters()) {
            box.close();
            for (var gauge : LETTER_GAUGES) {
                meters.remove(gauge, name(), box.sink());
            }
        }
    }
}
