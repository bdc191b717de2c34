package io.logroute.router;

import io.logroute.buffer.BufferAway;
import io.logroute.buffer.BufferLocked;
import io.logroute.buffer.jetstream.JetStreamBuffer;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.BufferSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The routers that run in this process. `become` makes them equal to what is wanted; one thread
/// calls it.
public final class Pipelines implements DeadLetterOffice, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Pipelines.class.getName());

    private static final Duration EMPTYING = Duration.ofSeconds(5);
    /// What [#close] takes at most when no change is under way: they stop side by side.
    public static final Duration STOPPING = Pipeline.STOPPING;

    private final Path data;
    private final int instance;
    private final CompletableFuture<String> over = new CompletableFuture<>();
    private volatile Keeping again = () -> {};
    private final Assemble assemble;
    private final Backoff backoff;
    private final Instruments meters;
    private final InstantSource clock;
    private final MemoryRoom room = MemoryRoom.here();
    /// Changed by one thread; whoever asks for reports meanwhile does not wait for a change.
    private final Map<String, Pipeline> running = new ConcurrentSkipListMap<>();
    /// What those told last that gave up their streams. They do nothing any more, and are told as discarded
    /// once the streams are deleted.
    private final Map<String, InstanceReport> discarded = new ConcurrentSkipListMap<>();
    /// Streams of those that are still to be deleted.
    private final Map<String, GivenUp> giveUp = new ConcurrentSkipListMap<>();

    private record GivenUp(BufferSpec.JetStream at, JetStreamBuffer.Opening by) {}

    private volatile Map<String, String> refused = Map.of();
    /// Routers take nothing in. Guarded by this.
    private boolean draining;
    /// A change under way goes no further.
    private volatile boolean closing;

    /// What came of a change: what was done, and why a router did not become what was wanted.
    ///
    /// @param locked those of them whose buffer another process has open, as one does that is still
    ///     ending, or lies where nothing answers now: it may pass without a change
    public record Change(List<String> done, Map<String, String> refused, Set<String> locked) {}

    /// Makes something last, or throws.
    interface Keeping {
        void keep() throws IOException;
    }

    /// @param data the folder for buffers and dead letters; relative paths of file sinks start here
    /// @param console where console sinks write
    public Pipelines(Path data, Mappings mappings, PrintStream console, Instruments meters, InstantSource clock) {
        this(data, new Assemble(data, mappings, console, meters, clock), Backoff.USUAL, meters, clock);
    }

    /// Of one instance of a fleet.
    ///
    /// @param instance its number, which its streams are named by where it keeps events on some
    public Pipelines(
            Path data, int instance, Mappings mappings, PrintStream console, Instruments meters, InstantSource clock) {
        this(
                data,
                instance,
                new Assemble(data, instance, mappings, console, meters, clock),
                Backoff.USUAL,
                meters,
                clock);
    }

    Pipelines(Path data, Assemble assemble, Backoff backoff, Instruments meters, InstantSource clock) {
        this(data, 0, assemble, backoff, meters, clock);
    }

    Pipelines(Path data, int instance, Assemble assemble, Backoff backoff, Instruments meters, InstantSource clock) {
        this.data = data;
        this.instance = instance;
        this.assemble = assemble;
        this.backoff = backoff;
        this.meters = meters;
        this.clock = clock;
    }

    /// Makes the running routers equal to what is wanted. One that cannot become it goes on as it
    /// was.
    public synchronized Change become(List<PipelineDefinition> wanted) {
        long start = System.nanoTime();
        var done = new ArrayList<String>();
        var why = new LinkedHashMap<String, String>();
        var locked = new HashSet<String>();
        for (var name : List.copyOf(running.keySet())) {
            if (wanted.stream().noneMatch(each -> each.name().equals(name))) {
                stop(name);
                done.add("stop router " + name);
            }
        }
        for (var definition : wanted) {
            if (closing) {
                break;
            }
            try {
                become(definition).ifPresent(done::add);
            } catch (IOException | RuntimeException e) {
                why.put(definition.name(), said(e));
                if (e instanceof BufferLocked || e instanceof BufferAway) {
                    locked.add(definition.name());
                }
                LOG.log(System.Logger.Level.DEBUG, "Router " + definition.name() + " did not change", e);
            }
        }
        refused = Map.copyOf(why);
        var result = why.isEmpty() ? done.isEmpty() ? "unchanged" : "applied" : "refused";
        meters.counter(Meter.RELOADS, result).increment();
        meters.timer(Meter.RELOAD_SECONDS, result).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        return new Change(done, why, locked);
    }

    private Optional<String> become(PipelineDefinition wanted) throws IOException {
        var now = running.get(wanted.name());
        if (now == null) {
            refuseTooLarge(wanted);
            running.put(wanted.name(), start(wanted));
            return Optional.of("start router %s, revision %s".formatted(wanted.name(), wanted.revision()));
        }
        if (now.definition().equals(wanted)) {
            return Optional.empty();
        }
        var text = "change router %s: revision %s -> %s"
                .formatted(wanted.name(), now.definition().revision(), wanted.revision());
        if (now.canBecome(wanted) && !now.isBroken()) {
            try {
                now.become(wanted);
                return Optional.of(text);
            } catch (IOException | RuntimeException e) {
                if (!now.isBroken()) {
                    throw e;
                }
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Router " + wanted.name() + " is started anew: " + e.getMessage(),
                        e);
            }
        }
        refuseTooLarge(wanted);
        var left = emptyBefore(now, wanted);
        if (closing) {
            return Optional.empty(); // it ends as it is
        }
        stop(wanted.name());
        if (closing) {
            return Optional.empty();
        }
        try {
            if (left.isPresent()) {
                throw new IOException(left.get());
            }
            running.put(wanted.name(), start(wanted));
        } catch (IOException | RuntimeException e) {
            running.put(wanted.name(), start(now.definition()));
            throw e;
        }
        return Optional.of(text);
    }

    /// Before anything is stopped for it: what waits in a buffer in memory goes with its router.
    private void refuseTooLarge(PipelineDefinition wanted) throws IOException {
        if (wanted.router().buffer().memory().isEmpty()) {
            return;
        }
        long others = running.values().stream()
                .filter(each -> !each.name().equals(wanted.name()))
                .map(each -> each.definition().router().buffer())
                .filter(buffer -> buffer.memory().isPresent())
                .mapToLong(buffer -> buffer.size().bytes())
                .sum();
        room.refuseTooLarge(wanted.router().buffer().size().bytes(), others);
    }

    /// From disk or streams to another place only when nothing waits there: it would wait there for
    /// ever. Sources end for a short time meanwhile, unless it is plain that the time would not do.
    ///
    /// @return why it may not move all the same
    private Optional<String> emptyBefore(Pipeline now, PipelineDefinition wanted) throws IOException {
        var to = Store.kind(wanted.router().buffer());
        if (now.kind() == to || now.kind() == InstanceReport.Kind.MEMORY || now.isBroken()) {
            return Optional.empty();
        }
        var behind = now.farBehind();
        if (behind.isPresent()) {
            throw new IOException(waits(now, behind.get(), to));
        }
        try {
            var left = now.emptied(EMPTYING);
            if (left.isPresent()) {
                return Optional.of(waits(now, left.get(), to));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return leftLetters(now, to);
    }

    private String waits(Pipeline now, String sink, InstanceReport.Kind to) {
        if (now.kind() == InstanceReport.Kind.DISK) {
            var key = to == InstanceReport.Kind.MEMORY ? "buffer.memory" : "buffer.jetstream";
            return Store.waitsOnDisk(sink, folder(now.name()).resolve("buffer"), key);
        }
        return "events for sink %s still wait on %s, and a buffer elsewhere would leave them behind; run it with buffer.jetstream until they are delivered"
                .formatted(sink, now.where());
    }

    /// Those on streams are there for a router that runs on them only.
    private static Optional<String> leftLetters(Pipeline now, InstanceReport.Kind to) throws IOException {
        if (now.kind() != InstanceReport.Kind.JETSTREAM) {
            return Optional.empty();
        }
        for (var box : now.deadLetters()) {
            long letters = box.summary().all();
            if (letters > 0) {
                return Optional.of(
                        "%d dead letters of sink %s lie on %s, and a buffer elsewhere would leave them behind; replay or purge them first"
                                .formatted(letters, box.sink(), box.where()));
            }
        }
        return Optional.empty();
    }

    private Path folder(String router) {
        return data.resolve("routers").resolve(router);
    }

    private Pipeline start(PipelineDefinition definition) throws IOException {
        var folder = folder(definition.name());
        return Pipeline.start(
                definition,
                folder,
                instance,
                assemble,
                backoff,
                meters,
                clock,
                draining,
                () -> closing,
                over::complete,
                () -> again.keep());
    }

    /// From now on this is done when somebody deleted the stream of dead letters, with what else is kept there;
    /// again and again until it does not throw.
    void keepAgain(Keeping keeping) {
        again = keeping;
    }

    /// Routers take nothing in from now on, those that are started later too, and deliver what they
    /// have.
    synchronized void drain() {
        draining = true;
        Together.run(
                "drain-router",
                running.values().stream().<Runnable>map(each -> each::drain).toList(),
                STOPPING);
    }

    /// Routers take events in.
    ///
    /// @param keeping makes that last over a restart, before the first event comes in
    /// @throws IOException when one of them cannot, or it would not last; then all of them do as before
    synchronized void serve(Keeping keeping) throws IOException {
        try {
            for (var each : running.values()) {
                each.serve(keeping);
            }
            keeping.keep();
            draining = false;
        } catch (IOException | RuntimeException e) {
            if (draining) {
                drain();
            }
            throw e;
        }
    }

    /// Routers that keep events on streams end and delete them, with all that lies in them.
    ///
    /// @throws IOException when a stream could not be deleted; the same again tries once more. One that
    ///     another instance has opened since is none to delete: its router goes on, and ends by itself
    synchronized void discard() throws IOException {
        for (var each : List.copyOf(running.values())) {
            var at = each.definition().router().buffer().jetstream();
            var opening = each.opening();
            if (at.isPresent() && opening.isPresent()) {
                var last = each.report(Optional.empty());
                stop(each.name());
                discarded.put(each.name(), last.with(new InstanceReport.Holding(Mode.DISCARDED, false, 0)));
                giveUp.put(each.name(), new GivenUp(at.get(), opening.get()));
            }
        }
        for (var each : List.copyOf(giveUp.entrySet())) {
            Store.delete(
                    each.getValue().at(),
                    each.getKey(),
                    instance,
                    each.getValue().by());
            giveUp.remove(each.getKey());
            discarded.computeIfPresent(
                    each.getKey(), (_, last) -> last.with(new InstanceReport.Holding(Mode.DISCARDED, true, 0)));
        }
    }

    private void stop(String name) {
        var stopped = running.remove(name);
        if (stopped != null) {
            stopped.close();
        }
    }

    private static String said(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /// What the running routers tell, sorted by name.
    public List<InstanceReport> reports() {
        var why = refused;
        return Stream.concat(
                        running.values().stream().map(each -> each.report(Optional.ofNullable(why.get(each.name())))),
                        discarded.values().stream())
                .toList();
    }

    @Override
    public List<DeadLetters> all() {
        return running.values().stream()
                .flatMap(each -> each.deadLetters().stream())
                .toList();
    }

    @Override
    public Optional<Replay.Step> replay(DeadLetters letters, Replay replay) throws IOException, InterruptedException {
        var pipeline = running.get(letters.router());
        return pipeline == null ? Optional.empty() : pipeline.replay(letters, replay);
    }

    /// Completed, with the reason, when a router ended by itself: another process has taken its stream,
    /// say. It does nothing any more, and only a new process can.
    public CompletableFuture<String> over() {
        return over;
    }

    /// They are to be closed: a change under way goes no further than the router it is at. Returns at
    /// once.
    public void ending() {
        closing = true;
    }

    /// Stops them all. What is acknowledged lies in their buffers.
    @Override
    public void close() {
        ending();
        closeAll();
    }

    private synchronized void closeAll() {
        Together.run(
                "stop-router",
                running.values().stream().<Runnable>map(each -> each::close).toList(),
                STOPPING);
        running.clear();
    }
}
