package io.logroute.router;

import io.logroute.buffer.Cursor;
import io.logroute.buffer.Stored;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Preparation;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.router.DeadLetters.Letter;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Brings one sink its events: reads the buffer with the sink's cursor, sends events along their
/// routes, and writes them in chunks, several at a time, until each is settled: delivered,
/// dropped by a filter, or durable among the dead letters. The cursor moves in order, when the
/// oldest chunk is settled.
///
/// A sink that fails is tried again for ever, with growing pauses; meanwhile its cursor waits and
/// nobody else does.
final class Drain implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Drain.class.getName());
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration STRAIGHT = Duration.ofSeconds(5);
    private static final List<Meter> GAUGES =
            List.of(Meter.BUFFER_EVENTS, Meter.BUFFER_OLDEST_SECONDS, Meter.SINK_UP, Meter.SINK_IN_FLIGHT);
    /// Chunks settled out of order wait behind the oldest one; no more than this many for each
    /// write at a time.
    private static final int AHEAD = 4;

    private final String router;
    private final String name;
    private final Outlet outlet;
    private final Cursor cursor;
    private final DeadLetters letters;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Backoff backoff;
    private final Instruments meters;
    private final Counter deliveredEvents;
    private final Counter deliveredBytes;
    private final Counter filteredEvents;
    private final Counter passedEvents;
    private final Counter copiedEvents;
    private final Counter deadLetteredEvents;
    private final Counter unroutedEvents;
    private final Timer writes;
    private final Timer latency;
    private final DistributionSummary sizes;

    private final Semaphore permits;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Set<Thread> deliveries = ConcurrentHashMap.newKeySet();
    /// Chunks not settled yet, in the order of the buffer. Guarded by itself.
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private final Thread reading;

    private volatile Routing routing;
    private volatile boolean closed;
    private volatile Optional<String> trouble = Optional.empty();
    private volatile Optional<String> readTrouble = Optional.empty();
    private volatile Optional<Instant> lastDelivered = Optional.empty();
    private volatile long saved;
    private volatile boolean ready;

    // Of the reading thread. Kept over a failure, so that it goes on where it was.
    private @Nullable Stored undecoded;
    private List<Event> window = List.of();
    private int at;
    private long next;
    private Chunk gathered = new Chunk();
    private long lingersUntil;

    Drain(
            String router,
            String name,
            Outlet outlet,
            Cursor cursor,
            DeadLetters letters,
            Routing routing,
            Backoff backoff,
            Instruments meters,
            InstantSource clock,
            RandomGenerator random) {
        this.router = router;
        this.name = name;
        this.outlet = outlet;
        this.cursor = cursor;
        this.letters = letters;
        this.routing = routing;
        this.backoff = backoff;
        this.meters = meters;
        this.clock = clock;
        this.random = random;
        this.permits = new Semaphore(outlet.gathering().inFlight());
        this.deliveredEvents = meters.counter(Meter.DELIVERED_EVENTS, router, name);
        this.deliveredBytes = meters.counter(Meter.DELIVERED_BYTES, router, name);
        this.filteredEvents = meters.counter(Meter.FILTERED_EVENTS, router, name);
        this.passedEvents = meters.counter(Meter.PASSED_EVENTS, router, name);
        this.copiedEvents = meters.counter(Meter.COPIED_EVENTS, router, name);
        this.deadLetteredEvents = meters.counter(Meter.DEAD_LETTERED_EVENTS, router, name);
        this.unroutedEvents = meters.counter(Meter.UNROUTED_EVENTS, router);
        this.writes = meters.timer(Meter.SINK_WRITE_SECONDS, router, name);
        this.latency = meters.timer(Meter.DELIVERY_SECONDS, router, name);
        this.sizes = meters.summary(Meter.BATCH_EVENTS, router, name);
        this.reading = Thread.ofVirtual().name("drain-" + router + "-" + name).unstarted(this::readAll);
        meters.gauge(Meter.BUFFER_EVENTS, cursor::unsettled, router, name);
        meters.gauge(Meter.BUFFER_OLDEST_SECONDS, this::oldestSeconds, router, name);
        meters.gauge(Meter.SINK_UP, () -> trouble().isEmpty() ? 1 : 0, router, name);
        meters.gauge(Meter.SINK_IN_FLIGHT, inFlight::get, router, name);
    }

    void start() {
        next = cursor.settled();
        saved = next;
        reading.start();
    }

    /// From the next event on, events go along these routes. Nothing else of the drain notices.
    void become(Routing routing) {
        this.routing = routing;
    }

    Outlet outlet() {
        return outlet;
    }

    /// Writes events straight to the sink, beside what comes from the buffer, and tells of each. Nothing
    /// is counted, and nothing is tried again.
    ///
    /// @throws IOException when nothing is known of any of them
    List<Delivery> writeStraight(List<Event> events) throws IOException, InterruptedException {
        if (closed || !ready || !permits.tryAcquire(STRAIGHT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException(trouble().orElse("it is busy, or not ready yet"));
        }
        try {
            var deliveries = outlet.sink().write(new Batch(events));
            if (deliveries.size() != events.size()) {
                throw new IOException(
                        "it told of %d events when %d were written".formatted(deliveries.size(), events.size()));
            }
            return deliveries;
        } finally {
            permits.release();
        }
    }

    private void readAll() {
        prepare();
        int failures = 0;
        while (!closed) {
            try {
                gather();
                failures = 0;
                readTrouble = Optional.empty();
                sendOff();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (Exception | LinkageError | StackOverflowError e) {
                if (closed) {
                    return;
                }
                failures++;
                cannotRead(e);
                try {
                    sendOff();
                    Thread.sleep(backoff.after(failures, Duration.ZERO, random));
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /// Gets the sink's destination ready before there is anything to write, so that what is wrong there is told
    /// at once.
    private void prepare() {
        for (int failures = 1; !closed; failures++) {
            try {
                outlet.sink().prepare();
                ready = true;
                up();
                return;
            } catch (IOException | RuntimeException e) {
                down(e instanceof IOException ? String.valueOf(e.getMessage()) : "it failed: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                Thread.sleep(backoff.after(failures, Duration.ZERO, random));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /// Gives what is gathered to a thread that writes it.
    private void sendOff() throws InterruptedException {
        var chunk = gathered;
        if (chunk.taken > 0) {
            dispatch(chunk);
            gathered = new Chunk();
        }
    }

    private void cannotRead(Throwable why) {
        var said = "its events cannot be read from the buffer: "
                + (why instanceof IOException || why instanceof IllegalStateException ? why.getMessage() : why);
        if (readTrouble.isEmpty()) {
            LOG.log(System.Logger.Level.ERROR, "Router %s: sink %s: %s".formatted(router, name, said), why);
        }
        readTrouble = Optional.of(said);
    }

    /// Adds the next stretch of the buffer to what is gathered: until it fills a write, or nothing more
    /// came within the linger time.
    private void gather() throws IOException, InterruptedException {
        var gathering = outlet.gathering();
        var chunk = gathered;
        if (chunk.taken == 0) {
            lingersUntil = 0;
        }
        while (true) {
            if (at == window.size() && !readOn(chunk)) {
                return;
            }
            var routing = this.routing;
            while (at < window.size()) {
                var event = window.get(at);
                chunk.count(event, routing.route(event, chunk));
                at++;
                if (chunk.events.size() >= gathering.maxEvents() || chunk.bytes >= gathering.maxBytes()) {
                    return;
                }
            }
            if (chunk.isPassing()) {
                return;
            }
            if (lingersUntil == 0) {
                lingersUntil = System.nanoTime() + gathering.linger().toNanos();
            }
        }
    }

    /// Takes the next window out of the buffer; false when none came in time.
    private boolean readOn(Chunk chunk) throws IOException, InterruptedException {
        var stored = undecoded;
        if (stored == null) {
            var patience = chunk.isPassing() ? IDLE : Duration.ofNanos(Math.max(0, lingersUntil - System.nanoTime()));
            var read = cursor.read(patience);
            if (read.isEmpty()) {
                return false;
            }
            stored = read.get();
            undecoded = stored;
        }
        window = decode(stored);
        at = (int) Math.max(0, next - stored.firstSeq());
        next = stored.endSeq();
        undecoded = null;
        return true;
    }

    /// @throws IllegalStateException when it holds no events that this LogRoute can read; its sum
    ///     held, so another one wrote it
    static List<Event> decode(Stored stored) {
        if (stored.codec() != Frames.CODEC) {
            throw new IllegalStateException(
                    "the buffer holds records of kind %d, this LogRoute reads kind %d; run the one that wrote them"
                            .formatted(stored.codec(), Frames.CODEC));
        }
        return Frames.read(
                new Frames(stored.array(), stored.from(), stored.to()),
                stored.events(),
                stored.firstSeq(),
                stored.appended());
    }

    private void dispatch(Chunk chunk) throws InterruptedException {
        synchronized (chunks) {
            while (chunks.size() >= outlet.gathering().inFlight() * AHEAD) {
                chunks.wait();
            }
            chunks.add(chunk);
        }
        if (chunk.isPassing()) {
            settle(chunk);
            return;
        }
        permits.acquire();
        var thread = Thread.ofVirtual().name("write-" + router + "-" + name).unstarted(() -> deliver(chunk));
        deliveries.add(thread);
        thread.start();
    }

    private void deliver(Chunk chunk) {
        inFlight.incrementAndGet();
        try {
            write(chunk);
            settle(chunk);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closing: the chunk is not settled and comes again
        } finally {
            inFlight.decrementAndGet();
            deliveries.remove(Thread.currentThread());
            permits.release();
        }
    }

    /// Tries until every event of the chunk is settled.
    private void write(Chunk chunk) throws InterruptedException {
        var left = chunk.events;
        int failures = 0;
        var began = clock.instant();
        while (!left.isEmpty() || !chunk.letters.isEmpty()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            var wait = Duration.ZERO;
            boolean moved = false;
            try {
                int before = left.size();
                var outcome = once(left, chunk, Duration.between(began, clock.instant()));
                left = outcome.again();
                wait = outcome.pause();
                moved = left.size() < before || before == 0;
                bury(chunk);
                if (left.isEmpty()) {
                    up();
                    return;
                }
                down(outcome.reason());
                meters.counter(Meter.RETRIES, router, name, "not_now").increment(left.size());
            } catch (IOException e) {
                down(String.valueOf(e.getMessage()));
                meters.counter(Meter.RETRIES, router, name, "unreachable").increment(left.size());
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                LOG.log(System.Logger.Level.ERROR, "Router " + router + ": sink " + name + " failed", e);
                down("it failed: " + e);
                meters.counter(Meter.RETRIES, router, name, "failed").increment(left.size());
            }
            failures = moved ? 1 : failures + 1;
            Thread.sleep(backoff.after(failures, wait, random));
        }
    }

    /// What is left after one write: the events to give again, not before `pause` is over, and why.
    private record Outcome(List<Event> again, Duration pause, String reason) {}

    private Outcome once(List<Event> events, Chunk chunk, Duration tried) throws IOException, InterruptedException {
        if (events.isEmpty()) {
            return new Outcome(events, Duration.ZERO, "");
        }
        long start = System.nanoTime();
        List<Delivery> deliveries;
        try {
            deliveries = outlet.sink().write(new Batch(events));
        } finally {
            writes.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            sizes.record(events.size());
        }
        if (deliveries.size() != events.size()) {
            throw new IOException(
                    "it told of %d events when %d were written".formatted(deliveries.size(), events.size()));
        }
        var again = new ArrayList<Event>();
        var pause = Duration.ZERO;
        var reason = "";
        for (int i = 0; i < events.size(); i++) {
            var event = events.get(i);
            switch (deliveries.get(i)) {
                case Delivery.Delivered _ -> {
                    chunk.delivered++;
                    chunk.deliveredBytes += event.size();
                }
                case Delivery.Rejected(var why) -> chunk.letters.add(new Letter(event, why));
                case Delivery.Held(var why, var _, var atMost)
                when tried.compareTo(atMost) >= 0 ->
                    chunk.letters.add(new Letter(event, "%s; tried for %d s".formatted(why, tried.toSeconds())));
                case Delivery.Held(var why, var after, var _) -> {
                    again.add(event);
                    reason = reason.isEmpty() ? why : reason;
                    pause = after.compareTo(pause) > 0 ? after : pause;
                }
                case Delivery.Retry(var why, var after) -> {
                    again.add(event);
                    reason = reason.isEmpty() ? why : reason;
                    pause = after.compareTo(pause) > 0 ? after : pause;
                }
            }
        }
        if (again.size() < events.size()) {
            lastDelivered = Optional.of(clock.instant());
        }
        return new Outcome(again, pause, reason);
    }

    private void bury(Chunk chunk) throws IOException {
        if (chunk.letters.isEmpty()) {
            return;
        }
        try {
            letters.keep(chunk.letters);
        } catch (IOException e) {
            throw new IOException(
                    "its dead letters cannot be written: %s; free the disk, or let LogRoute write there"
                            .formatted(e.getMessage()),
                    e);
        }
        chunk.deadLettered += chunk.letters.size();
        chunk.letters.clear();
    }

    private void settle(Chunk chunk) {
        synchronized (chunks) {
            chunk.done = true;
            chunk.release();
            while (!chunks.isEmpty() && chunks.peek().done) {
                var settled = chunks.remove();
                cursor.settle(settled.endSeq);
                count(settled);
            }
            chunks.notifyAll();
        }
    }

    private void count(Chunk chunk) {
        deliveredEvents.increment(chunk.delivered);
        deliveredBytes.increment(chunk.deliveredBytes);
        filteredEvents.increment(chunk.filtered);
        passedEvents.increment(chunk.passed);
        copiedEvents.increment(chunk.copied);
        deadLetteredEvents.increment(chunk.deadLettered);
        if (chunk.unrouted > 0) {
            unroutedEvents.increment(chunk.unrouted);
        }
        var last = chunk.last;
        if (chunk.delivered > 0 && last != null) {
            latency.record(Duration.between(last, clock.instant()));
        }
    }

    private synchronized void down(String why) {
        if (trouble.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: sink {1}: {2}; its events wait in the buffer",
                    router,
                    name,
                    why);
        }
        trouble = Optional.of(why);
    }

    private synchronized void up() {
        if (trouble.isPresent()) {
            LOG.log(System.Logger.Level.INFO, "Router {0}: sink {1} takes events again", router, name);
        }
        trouble = Optional.empty();
    }

    /// Makes the cursor's place durable when it has moved.
    void save() {
        long settled = cursor.settled();
        if (settled == saved) {
            return;
        }
        try {
            cursor.save();
            saved = settled;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: the place of sink {1} could not be saved: {2}; after a crash it gets some events twice",
                    router,
                    name,
                    e.getMessage());
        }
    }

    /// Why the sink gets nothing now.
    private Optional<String> trouble() {
        return trouble.isPresent() ? trouble : readTrouble;
    }

    SinkReport report() {
        return new SinkReport(
                name,
                outlet.kind(),
                (long) deliveredEvents.count(),
                (long) filteredEvents.count(),
                (long) deadLetteredEvents.count(),
                cursor.unsettled(),
                oldest(),
                lastDelivered,
                prepared(),
                trouble());
    }

    private InstanceReport.Preparation prepared() {
        return switch (outlet.sink().preparation()) {
            case Preparation.NotNeeded _ ->
                new InstanceReport.Preparation(InstanceReport.Preparation.State.NOT_NEEDED, "It needs none.");
            case Preparation.Pending(var reason) ->
                new InstanceReport.Preparation(InstanceReport.Preparation.State.PENDING, reason);
            case Preparation.Done(var detail) ->
                new InstanceReport.Preparation(InstanceReport.Preparation.State.DONE, detail);
            case Preparation.Refused(var reason, var mend) ->
                new InstanceReport.Preparation(InstanceReport.Preparation.State.REFUSED, reason + ". " + mend);
        };
    }

    private Optional<Instant> oldest() {
        synchronized (chunks) {
            return chunks.isEmpty() ? Optional.empty() : Optional.ofNullable(chunks.peek().first);
        }
    }

    private double oldestSeconds() {
        return oldest().map(since ->
                        Math.max(0, Duration.between(since, clock.instant()).toMillis() / 1000.0))
                .orElse(0.0);
    }

    /// Stops reading, lets writes that are under way end for a short time when the sink answers, saves
    /// the place, and closes cursor and sink. What was not settled comes again.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        reading.interrupt();
        try {
            if (reading.isAlive()) {
                reading.join(GRACE);
            }
            var until = clock.instant().plus(trouble.isEmpty() ? GRACE : Duration.ZERO);
            for (var delivery : deliveries) {
                delivery.join(atLeastAMoment(Duration.between(clock.instant(), until)));
            }
            deliveries.forEach(Thread::interrupt);
            outlet.sink().close();
            for (var delivery : deliveries) {
                delivery.join(GRACE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            deliveries.forEach(Thread::interrupt);
            outlet.sink().close();
        }
        save();
        cursor.close();
        for (var gauge : GAUGES) {
            meters.remove(gauge, router, name);
        }
    }

    private static Duration atLeastAMoment(Duration left) {
        return left.isNegative() || left.isZero() ? Duration.ofMillis(1) : left;
    }
}
