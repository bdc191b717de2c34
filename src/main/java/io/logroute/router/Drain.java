package io.logroute.router;

import io.logroute.buffer.Cursor;
import io.logroute.buffer.Stored;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Delivery.Retry.Cause;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Monitor;
import io.logroute.flow.NotAllowed;
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
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Brings one sink its events: reads the buffer with the sink's cursor, sends events along their
/// routes, and writes them in chunks, several at a time, until each is settled: delivered,
/// dropped by a filter, or durable among the dead letters. The cursor moves in order, when the
/// oldest chunk is settled.
///
/// Filters may hold events back, and give them on long after they were read ([Routing#heldFrom]). Then
/// a chunk that is settled waits in [#behind]: the cursor goes on only to places where no event that
/// is given on, or was, or is still held, began before and ends after. Whoever reads from such a
/// place again gets the same events.
///
/// A sink that fails is tried again for ever, with growing pauses; meanwhile its cursor waits and
/// nobody else does. Once it takes something of one write, the others do not wait for the end of their
/// pauses. No more writes go on at a time for that: one that pauses keeps its place among them.
///
/// A sink that lags too far is passed over its oldest events, chunk by chunk, where [Lag] says so.
/// A chunk that is passed over counts once: what its deliveries had told by then as it was told,
/// the rest as discarded. A write that is under way then goes on, and what comes of it is not
/// counted any more.
final class Drain implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Drain.class.getName());
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration GRACE = Duration.ofMillis(2500);
    private static final Duration LAST = Duration.ofMillis(500);
    private static final Duration STRAIGHT = Duration.ofSeconds(5);
    /// Over what is waited for until held events are given on, so that clocks need not agree to the
    /// millisecond.
    private static final Duration SLACK = Duration.ofMillis(25);
    private static final Duration UNREAD = Duration.ofSeconds(10);
    /// Events that are held and overlap one another without end hold the cursor up for no longer than
    /// this, by when they came in. Beyond it a crash may bring some of them again in other pieces.
    private static final Duration CHAIN = Duration.ofSeconds(30);
    /// No more places than these are remembered behind held events; then neighbours become one.
    private static final int PLACES = 10_000;
    private static final List<Meter> GAUGES = List.of(
            Meter.BUFFER_EVENTS,
            Meter.BUFFER_LAG_BYTES,
            Meter.BUFFER_OLDEST_SECONDS,
            Meter.WAITING_CHANGES,
            Meter.SINK_UP,
            Meter.SINK_UNAUTHORIZED,
            Meter.SINK_IN_FLIGHT);
    /// Chunks settled out of order wait behind the oldest one; no more than this many for each
    /// write at a time.
    private static final int AHEAD = 4;
    /// Events passed over within such a time of each other are told of together.
    private static final Duration EPISODE = Duration.ofMinutes(1);
    private static final String MAX_LAG = "max_lag";
    private static final String BUFFER_FULL = "buffer_full";

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

    private volatile Lag lag;
    private final Runnable moved;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Set<Thread> deliveries = ConcurrentHashMap.newKeySet();
    private final Monitor guard = new Monitor();
    /// Chunks not settled yet, in the order of the buffer. Guarded by `guard`.
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread reading;
    private final Thread preparing;

    /// What is settled and lies before what is not, or after a place that is not clean yet. Guarded by
    /// `guard`.
    private final ArrayDeque<Through> behind = new ArrayDeque<>();

    // Guarded by `guard`.
    /// The least number of an event that filters held when the last chunk was sent off.
    private long heldFrom = Long.MAX_VALUE;

    /// Ways along which events are held that the cursor is beyond, or that are delivered and not counted yet.
    private long pending;

    /// When the first event was received that is read and in none of the chunks yet.
    private @Nullable Instant atHand;

    /// Nothing that is not read yet was received before this.
    private @Nullable Instant readUntil;

    private int writing;
    /// Writes of which the sink has taken something.
    private long takes;

    private boolean prepared;
    /// Closed: what a write that did not hear of it brings about does not count.
    private boolean over;

    private long passedOver;
    private @Nullable Instant passingSince;
    private @Nullable Instant passedLast;

    /// The buffer is full: events below are passed over.
    private volatile long dropBelow;

    private final Succession routes;
    private volatile boolean closed;
    /// Closed, and writes have had their time: who swallows the interrupt ends all the same.
    private volatile boolean abandoned;
    private volatile Optional<String> trouble = Optional.empty();
    /// Its trouble is one that somebody has to mend: a secret or a right.
    private volatile boolean denied;
    private volatile Optional<String> readTrouble = Optional.empty();
    private volatile Optional<Instant> lastDelivered = Optional.empty();
    private volatile long saved;

    // Of the reading thread. Kept over a failure, so that it goes on where it was.
    private @Nullable Stored undecoded;
    private List<Event> window = List.of();
    private int recordBytes;
    private int at;
    private long next;
    private Chunk gathered = new Chunk();
    private @Nullable Routing goingBy;
    private long lastRead = System.nanoTime();
    private long lingersUntil;

    /// @param moved runs when more is settled; does no more than wake somebody
    Drain(
            String router,
            String name,
            Outlet outlet,
            Cursor cursor,
            DeadLetters letters,
            Succession routes,
            Lag lag,
            Runnable moved,
            Backoff backoff,
            Instruments meters,
            InstantSource clock,
            RandomGenerator random) {
        this.router = router;
        this.name = name;
        this.outlet = outlet;
        this.cursor = cursor;
        this.letters = letters;
        this.routes = routes;
        this.backoff = backoff;
        this.meters = meters;
        this.clock = clock;
        this.random = random;
        this.lag = lag;
        this.moved = moved;
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
        this.preparing =
                Thread.ofVirtual().name("prepare-" + router + "-" + name).unstarted(this::prepare);
        meters.gauge(Meter.BUFFER_EVENTS, cursor::unsettled, router, name);
        meters.gauge(Meter.BUFFER_LAG_BYTES, cursor::unsettledBytes, router, name);
        meters.gauge(Meter.BUFFER_OLDEST_SECONDS, this::oldestSeconds, router, name);
        meters.gauge(Meter.WAITING_CHANGES, routes::waiting, router, name);
        meters.gauge(Meter.SINK_UP, () -> trouble().isEmpty() ? 1 : 0, router, name);
        meters.gauge(Meter.SINK_UNAUTHORIZED, () -> denied ? 1 : 0, router, name);
        meters.gauge(Meter.SINK_IN_FLIGHT, inFlight::get, router, name);
    }

    void start() {
        next = cursor.settled();
        saved = -1; // the place of a sink that is new moved before
        preparing.start();
        reading.start();
    }

    /// What its events go by, now and from the changes on that wait for their turn.
    Succession routes() {
        return routes;
    }

    /// From now on it may lag so far.
    void become(Lag lag) {
        this.lag = lag;
    }

    /// Whether a drain whose routes have an end has settled everything before it.
    boolean isThrough() {
        return routes.end() != Long.MAX_VALUE && left() == 0;
    }

    /// Events before the end of its routes that are not settled.
    long left() {
        return cursor.unsettledBelow(routes.end());
    }

    /// Whether its sink has settled everything before the end of its routes, durably: a restart would not bring
    /// it any of that again.
    boolean isDurablyThrough() {
        long durable = saved;
        return left() == 0 && durable == cursor.settled();
    }

    /// Waits at most so long until it is closed; whether it is.
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    Outlet outlet() {
        return outlet;
    }

    /// Writes events straight to the sink, beside what comes from the buffer, and tells of each. Nothing
    /// is counted, and nothing is tried again.
    ///
    /// @throws IOException when nothing is known of any of them
    List<Delivery> writeStraight(List<Event> events) throws IOException, InterruptedException {
        if (closed || !beginWrite(STRAIGHT)) {
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
            endWrite();
        }
    }

    /// Waits at most so long until one more write may go on; false when none may.
    private boolean beginWrite(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        try (var _ = guard.enter()) {
            while (!prepared || writing >= outlet.gathering().inFlight()) {
                long left = until - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                guard.await(Duration.ofNanos(left));
            }
            writing++;
            return true;
        }
    }

    private void endWrite() {
        try (var _ = guard.enter()) {
            writing--;
            guard.changed();
        }
    }

    private void readAll() {
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
                    giveOn(gathered);
                    sendOff();
                    passUnread();
                    Thread.sleep(backoff.after(failures, Duration.ZERO, random));
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /// Gets the sink's destination ready before anything is written, so that what is wrong there is told at
    /// once. Events are read meanwhile, and wait.
    private void prepare() {
        for (int failures = 1; !closed; failures++) {
            try {
                outlet.sink().prepare();
                up();
                try (var _ = guard.enter()) {
                    prepared = true;
                    guard.changed();
                }
                return;
            } catch (IOException | RuntimeException e) {
                down(
                        e instanceof IOException ? String.valueOf(e.getMessage()) : "it failed: " + e,
                        e instanceof NotAllowed ? Cause.NOT_ALLOWED : Cause.NOT_NOW);
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
        if (!chunk.isEmpty()) {
            dispatch(chunk);
            gathered = new Chunk();
        }
    }

    /// Events go by this routing from now on, or by none: what filters of the one before hold that go
    /// with it is given on.
    private void follow(@Nullable Routing routing, Chunk chunk) {
        var before = goingBy;
        goingBy = routing;
        if (before != null && before != routing) {
            before.leave(routing, chunk);
        }
    }

    /// How long nothing more came, when filters hold events that wait for that; empty when they do not.
    private Optional<Duration> quiet() {
        var routing = goingBy;
        return routing == null || routing.patience().isEmpty()
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(System.nanoTime() - lastRead).minus(SLACK));
    }

    /// Gives on what filters hold when nothing more came for long enough: all that was appended is read, so what
    /// comes now came in later. What cannot be read or synced is waited for no longer than [#UNREAD].
    private void giveOn(Chunk chunk) {
        var quiet = quiet();
        var routing = goingBy;
        if (quiet.isPresent() && routing != null) {
            routing.flush(cursor.hasReadAll() ? quiet.get() : quiet.get().minus(UNREAD), chunk);
            chunk.reach(at < window.size() ? window.get(at).seq() : next);
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
        if (chunk.isEmpty()) {
            lingersUntil = 0;
        }
        while (true) {
            if (at >= window.size() && !readOn(chunk)) {
                return;
            }
            // Asked after the window was read: see Succession.
            Succession.Stretch stretch = null;
            while (at < window.size() && !closed) {
                var event = window.get(at);
                if (stretch == null || event.seq() >= stretch.until()) {
                    stretch = routes.at(event.seq());
                    follow(stretch == null ? null : stretch.routing(), chunk);
                }
                if (stretch == null) {
                    chunk.reach(event.seq());
                    if (chunk.isEmpty()) {
                        routes.awaitMore(IDLE);
                    }
                    return;
                }
                chunk.count(event, stretch.routing().route(event, chunk));
                at++;
                if (chunk.size() >= gathering.maxEvents() || chunk.bytes >= gathering.maxBytes()) {
                    return;
                }
            }
            if (closed) {
                return;
            }
            chunk.endRecord(recordBytes);
            if (chunk.isPassing()) {
                return;
            }
            if (lingersUntil == 0) {
                lingersUntil = System.nanoTime() + gathering.linger().toNanos();
            } else if (System.nanoTime() - lingersUntil >= 0) {
                return;
            }
        }
    }

    /// Takes the next window out of the buffer; false when none came in time.
    private boolean readOn(Chunk chunk) throws IOException, InterruptedException {
        var stored = undecoded;
        if (stored == null) {
            noteWhetherAllIsRead();
            var patience = chunk.isPassing() ? IDLE : Duration.ofNanos(Math.max(0, lingersUntil - System.nanoTime()));
            var read = cursor.read(untilGivenOn(patience));
            if (read.isEmpty()) {
                giveOn(chunk);
                return false;
            }
            lastRead = System.nanoTime();
            stored = read.get();
            undecoded = stored;
            noteRead(stored.appended());
        }
        window = decode(stored);
        recordBytes = stored.array().length;
        at = (int) Math.max(0, next - stored.firstSeq());
        next = stored.endSeq();
        undecoded = null;
        var routing = goingBy;
        if (routing != null) {
            routing.advance(stored.appended(), chunk);
            chunk.reach(stored.firstSeq());
        }
        return !lag.parts(chunk.first, stored.appended());
    }

    private void noteWhetherAllIsRead() {
        var now = clock.instant();
        if (cursor.hasReadAll()) {
            try (var _ = guard.enter()) {
                readUntil = now;
            }
        }
    }

    private void noteRead(Instant received) {
        try (var _ = guard.enter()) {
            atHand = atHand == null ? received : atHand;
            readUntil = received;
        }
    }

    /// The time, or less when something that is held is given on before.
    private Duration untilGivenOn(Duration atMost) {
        var quiet = quiet();
        var routing = goingBy;
        if (quiet.isEmpty() || routing == null) {
            return atMost;
        }
        var left = routing.patience().orElse(atMost).minus(quiet.get());
        var wait = left.compareTo(SLACK) < 0 ? SLACK : left; // it is not there before it is durable
        return wait.compareTo(atMost) < 0 ? wait : atMost;
    }

    /// @throws IllegalStateException when it holds no events that this LogRoute can read; its sum
    ///     held, so another one wrote it
    static List<Event> decode(Stored stored) {
        if (stored.codec() != Frames.CODEC && stored.codec() != Frames.MARKED) {
            throw new IllegalStateException(
                    "the buffer holds records of kind %d, this LogRoute reads kinds %d and %d; run the one that wrote them"
                            .formatted(stored.codec(), Frames.CODEC, Frames.MARKED));
        }
        var frames = new Frames(stored.array(), stored.from(), stored.to());
        return Frames.read(
                stored.codec() == Frames.MARKED ? frames.withoutMark() : frames,
                stored.events(),
                stored.firstSeq(),
                stored.appended());
    }

    private void dispatch(Chunk chunk) throws InterruptedException {
        try (var _ = guard.enter()) {
            while (chunks.size() >= outlet.gathering().inFlight() * AHEAD) {
                goOn();
                guard.await();
            }
            chunks.add(chunk);
            var stored = undecoded;
            atHand = stored == null ? null : stored.appended();
            atHand = at < window.size() ? window.get(at).received() : atHand;
            var routing = goingBy;
            heldFrom = routing == null ? Long.MAX_VALUE : routing.heldFrom();
        }
        if (chunk.isPassing()) {
            settle(chunk);
            return;
        }
        keepWithin();
        try (var _ = guard.enter()) {
            while (!chunk.done && (!prepared || writing >= outlet.gathering().inFlight())) {
                goOn();
                guard.await();
            }
            if (chunk.done) {
                return; // passed over
            }
            writing++;
        }
        var thread = Thread.ofVirtual().name("write-" + router + "-" + name).unstarted(() -> deliver(chunk));
        deliveries.add(thread);
        thread.start();
    }

    private void goOn() throws InterruptedException {
        if (closed) {
            throw new InterruptedException();
        }
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
            endWrite();
        }
    }

    /// Tries until every event of the chunk is settled.
    private void write(Chunk chunk) throws InterruptedException {
        var left = chunk.events;
        int failures = 0;
        int cutShort = 0;
        var began = clock.instant();
        while (!chunk.done && (!left.isEmpty() || !chunk.letters.isEmpty())) {
            if (abandoned || Thread.interrupted()) {
                throw new InterruptedException();
            }
            var wait = Duration.ZERO;
            boolean moved = false;
            long seen = takes();
            try {
                int before = left.size();
                var outcome = once(left, chunk, Duration.between(began, clock.instant()));
                left = outcome.again();
                wait = outcome.pause();
                moved = left.size() < before || before == 0;
                seen = left.size() < before ? took() : seen;
                bury(chunk);
                if (left.isEmpty()) {
                    up();
                    return;
                }
                down(outcome.reason(), outcome.cause());
                meters.counter(Meter.RETRIES, router, name, word(outcome.cause()))
                        .increment(left.size());
            } catch (NotAllowed e) {
                down(String.valueOf(e.getMessage()), Cause.NOT_ALLOWED);
                meters.counter(Meter.RETRIES, router, name, word(Cause.NOT_ALLOWED))
                        .increment(left.size());
            } catch (IOException e) {
                down(String.valueOf(e.getMessage()), Cause.NOT_NOW);
                meters.counter(Meter.RETRIES, router, name, "unreachable").increment(left.size());
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                LOG.log(System.Logger.Level.ERROR, "Router " + router + ": sink " + name + " failed", e);
                down("it failed: " + e, Cause.NOT_NOW);
                meters.counter(Meter.RETRIES, router, name, "failed").increment(left.size());
            }
            failures = moved ? 1 : failures + 1;
            var pause =
                    new Pause(backoff.after(failures, wait, random), wait, seen, backoff.again(cutShort + 1, random));
            cutShort += pause(chunk, pause) ? 1 : 0;
        }
    }

    private long takes() {
        try (var _ = guard.enter()) {
            return takes;
        }
    }

    private long took() {
        try (var _ = guard.enter()) {
            guard.changed();
            return ++takes;
        }
    }

    /// @param least the sink asked for that
    /// @param seen takes of which it is no news that the sink is there
    /// @param again how long it takes at most from other takes on; longer each time that this was in vain, so
    ///     that a write that fails while others do not is not tried for ever without a pause
    private record Pause(Duration most, Duration least, long seen, Duration again) {}

    /// Waits, or until the chunk is passed over or the write is given up.
    ///
    /// @return whether it was cut short by takes of others
    private boolean pause(Chunk chunk, Pause pause) throws InterruptedException {
        long start = System.nanoTime();
        long most = pause.most().toNanos();
        boolean isCut = false;
        try (var _ = guard.enter()) {
            while (!chunk.done && !abandoned) {
                long past = System.nanoTime() - start;
                if (!isCut && takes != pause.seen()) {
                    isCut = true;
                    most = Math.min(
                            most,
                            Math.max(
                                    past + pause.again().toNanos(),
                                    pause.least().toNanos()));
                }
                long left = most - past;
                if (left <= 0) {
                    break;
                }
                guard.await(Duration.ofNanos(left));
            }
        }
        return isCut;
    }

    private static String word(Cause cause) {
        return switch (cause) {
            case NOT_NOW -> "not_now";
            case NOT_ALLOWED -> "not_allowed";
        };
    }

    /// What is left after one write: the events to give again, not before `pause` is over, and why.
    private record Outcome(List<Event> again, Duration pause, String reason, Cause cause) {}

    private Outcome once(List<Event> events, Chunk chunk, Duration tried) throws IOException, InterruptedException {
        if (events.isEmpty()) {
            return new Outcome(events, Duration.ZERO, "", Cause.NOT_NOW);
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
        var cause = Cause.NOT_NOW;
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
                case Delivery.Retry(var why, var after, var what) -> {
                    again.add(event);
                    cause = reason.isEmpty() ? what : cause;
                    reason = reason.isEmpty() ? why : reason;
                    pause = after.compareTo(pause) > 0 ? after : pause;
                }
            }
        }
        if (again.size() < events.size()) {
            lastDelivered = Optional.of(clock.instant());
        }
        return new Outcome(again, pause, reason, cause);
    }

    private void bury(Chunk chunk) throws IOException {
        if (chunk.letters.isEmpty()) {
            return;
        }
        try {
            letters.keep(chunk.letters);
        } catch (IOException e) {
            throw new IOException(
                    "its dead letters cannot be written to %s: %s; %s"
                            .formatted(letters.where(), e.getMessage(), letters.mend()),
                    e);
        }
        chunk.deadLettered += chunk.letters.size();
        chunk.letters.clear();
    }

    /// A chunk that was passed over meanwhile is not among `chunks` any more, and not counted again.
    private void settle(Chunk chunk) {
        try (var _ = guard.enter()) {
            if (over) {
                return; // it comes again, and is counted then
            }
            chunk.done = true;
            chunk.release();
            while (!chunks.isEmpty() && chunks.peek().done) {
                remove("");
            }
            moveOn();
            guard.changed();
        }
    }

    /// Takes the oldest chunk away, settled or, for a reason, passed over.
    private void remove(String reason) {
        var oldest = chunks.remove();
        var parts = Through.of(oldest, reason);
        if (!reason.isEmpty()) {
            oldest.done = true;
            passedOver(reason, parts.stream().mapToLong(Through::passedOver).sum());
        }
        for (var part : parts) {
            if (behind.size() < PLACES) {
                behind.add(part);
            } else {
                behind.getLast().add(part);
            }
        }
    }

    /// Settles as far as the last clean place: no event is held, or under way, that began before it, and none of
    /// several went on after it that did. A full buffer does not wait for that.
    private void moveOn() {
        long unsettled = heldFrom;
        long later = Long.MAX_VALUE;
        for (var chunk : chunks) {
            unsettled = chunk.done ? unsettled : Math.min(unsettled, chunk.low);
            later = Math.min(later, chunk.spread);
        }
        later = Math.min(later, unsettled);
        long forced = lag.drops() ? dropBelow : 0;
        int places = behind.size();
        for (var each = behind.descendingIterator(); each.hasNext(); places--) {
            var through = each.next();
            if (through.endSeq <= later
                    || through.endSeq <= forced
                    || through.endSeq <= unsettled && isLongAgo(through)) {
                break;
            }
            later = Math.min(later, through.spread);
        }
        if (places == 0) {
            return;
        }
        var gone = new ArrayList<Through>(places);
        for (int i = 0; i < places; i++) {
            gone.add(behind.remove());
        }
        // Who sees that it is settled finds it counted.
        gone.forEach(this::count);
        cursor.settle(gone.getLast().endSeq);
        moved.run();
    }

    /// Whether so much came in after it that a place after it cannot wait until it is clean.
    private boolean isLongAgo(Through through) {
        var last = through.last;
        var newest = behind.getLast().last;
        return last != null && newest != null && Duration.between(last, newest).compareTo(CHAIN) > 0;
    }

    /// Passes over the oldest chunks while the sink lags too far, whatever has become of them.
    void keepWithin() {
        if (!lag.drops()) {
            return;
        }
        long within = lag.bytes() == Long.MAX_VALUE ? 0 : cursor.placeWithin(lag.bytes());
        var oldest = lag.oldest(clock.instant());
        try (var _ = guard.enter()) {
            boolean any = false;
            while (!chunks.isEmpty() && !chunks.peek().done) {
                var head = chunks.peek();
                var first = head.first;
                long start = head.firstSeq;
                boolean old = first != null && oldest.isPresent() && first.isBefore(oldest.get());
                if (!old && start >= within && start >= dropBelow) {
                    break;
                }
                remove(old || start < within ? MAX_LAG : BUFFER_FULL);
                any = true;
                while (!chunks.isEmpty() && chunks.peek().done) {
                    remove("");
                }
            }
            moveOn();
            if (any) {
                guard.changed();
            }
            endEpisode(false);
        }
    }

    /// The buffer is full: passes over what lies below, as far as this sink may be passed over.
    void dropBelow(long seq) {
        dropBelow = seq;
        keepWithin();
    }

    /// What cannot be read is passed over unread once the sink lags too far.
    private void passUnread() {
        long to = 0;
        if (lag.drops()) {
            to = Math.max(dropBelow, lag.bytes() == Long.MAX_VALUE ? 0 : cursor.placeWithin(lag.bytes()));
            var stored = undecoded;
            var oldest = lag.oldest(clock.instant());
            if (stored != null && oldest.isPresent() && stored.appended().isBefore(oldest.get())) {
                to = Math.max(to, stored.endSeq());
            }
        }
        if (to <= next) {
            return;
        }
        var unread = new Chunk();
        unread.taken = cursor.skip(next, to);
        unread.firstSeq = next;
        unread.endSeq = to;
        undecoded = null;
        window = List.of();
        at = 0;
        next = to;
        try (var _ = guard.enter()) {
            atHand = null;
            chunks.add(unread);
            while (chunks.contains(unread)) {
                remove(lag.max().isPresent() ? MAX_LAG : BUFFER_FULL);
            }
            moveOn();
            guard.changed();
        }
    }

    private void passedOver(String reason, long events) {
        if (events <= 0) {
            return;
        }
        var now = clock.instant();
        if (passingSince == null) {
            passingSince = now;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: sink {1}: {2}; its oldest events are passed over and counted as discarded",
                    router,
                    name,
                    reason.equals(MAX_LAG)
                            ? "it lags more than its maxLag of " + lag
                            : "it holds up a buffer that is full");
        }
        passedOver += events;
        passedLast = now;
    }

    /// Tells how many events were passed over, once no more are, or at the end.
    private void endEpisode(boolean now) {
        var since = passingSince;
        var last = passedLast;
        if (since == null || last == null) {
            return;
        }
        if (now || Duration.between(last, clock.instant()).compareTo(EPISODE) > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0}: sink {1}: {2} events were passed over from {3} to {4}",
                    router,
                    name,
                    passedOver,
                    since,
                    last);
            passingSince = null;
            passedOver = 0;
        }
    }

    /// Whether it may be passed over its oldest events when it lags too far.
    boolean drops() {
        return lag.drops();
    }

    /// Whether sources have to wait for it now.
    boolean blocks() {
        if (lag.drops() || lag.max().isEmpty()) {
            return false;
        }
        var oldest = lag.oldest(clock.instant());
        return oldest.isPresent()
                ? oldest().map(first -> first.isBefore(oldest.get())).orElse(false)
                : cursor.unsettledBytes() > lag.bytes();
    }

    /// Everything below is settled.
    long settled() {
        return cursor.settled();
    }

    private Optional<InstanceReport.Limit> limit() {
        if (blocks()) {
            return Optional.of(new InstanceReport.Limit(true, "it lags more than its maxLag of %s".formatted(lag)));
        }
        try (var _ = guard.enter()) {
            return passingSince == null
                    ? Optional.empty()
                    : Optional.of(new InstanceReport.Limit(
                            false,
                            lag.max().isPresent()
                                    ? "it lagged more than its maxLag of %s, or held up a full buffer".formatted(lag)
                                    : "it held up a full buffer"));
        }
    }

    private void count(Through through) {
        deliveredEvents.increment(through.delivered);
        deliveredBytes.increment(through.deliveredBytes);
        filteredEvents.increment(through.filtered);
        passedEvents.increment(through.passed);
        copiedEvents.increment(through.copied);
        deadLetteredEvents.increment(through.deadLettered);
        pending += through.pending;
        if (through.unrouted > 0) {
            unroutedEvents.increment(through.unrouted);
        }
        through.discarded.forEach((reason, events) ->
                meters.counter(Meter.DISCARDED_EVENTS, router, name, reason).increment(events));
        var last = through.last;
        if (through.ends && through.delivered > 0 && last != null) {
            latency.record(Duration.between(last, clock.instant()));
        }
    }

    private synchronized void down(String why, Cause cause) {
        denied = cause == Cause.NOT_ALLOWED;
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
        denied = false;
    }

    /// Makes the cursor's place durable when it has moved.
    void save() {
        long settled = cursor.settled();
        routes.settled(settled);
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
    Optional<String> trouble() {
        return trouble.isPresent() ? trouble : readTrouble;
    }

    /// What it has settled and what is left are of one moment.
    SinkReport report() {
        long kept = keptLetters();
        var prepared = prepared();
        var behind = outlet.sink().behind().map(each -> new InstanceReport.Behind(each.entries(), each.oldest()));
        try (var _ = guard.enter()) {
            return new SinkReport(
                    name,
                    outlet.kind(),
                    (long) deliveredEvents.count(),
                    (long) filteredEvents.count(),
                    (long) deadLetteredEvents.count(),
                    kept,
                    (long) (meters.value(Meter.DISCARDED_EVENTS, router, name, MAX_LAG)
                            + meters.value(Meter.DISCARDED_EVENTS, router, name, BUFFER_FULL)),
                    cursor.unsettled(),
                    cursor.unsettledBytes(),
                    oldest(),
                    lastDelivered,
                    prepared,
                    limit(),
                    trouble(),
                    behind);
        }
    }

    /// Those of the time before the start are not looked for: that takes reading their files.
    private long keptLetters() {
        long refused = (long) deadLetteredEvents.count();
        try {
            return refused == 0 ? 0 : letters.summary().letters();
        } catch (IOException e) {
            return refused; // as far as one can know
        }
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

    /// When the oldest event that is not settled was received. Of one that is not read yet it is known to within
    /// [#IDLE], for it lies there for no longer unless reading fails.
    private Optional<Instant> oldest() {
        if (cursor.unsettled() == 0) {
            return Optional.empty(); // though it may be under way: somebody purged it
        }
        try (var _ = guard.enter()) {
            for (var through : behind) {
                if (through.first != null) {
                    return Optional.of(through.first);
                }
            }
            for (var chunk : chunks) {
                if (chunk.first != null) {
                    return Optional.of(chunk.first);
                }
            }
            if (atHand != null) {
                return Optional.of(atHand);
            }
            return Optional.ofNullable(readUntil);
        }
    }

    private double oldestSeconds() {
        return oldest().map(since ->
                        Math.max(0, Duration.between(since, clock.instant()).toMillis() / 1000.0))
                .orElse(0.0);
    }

    /// Stops reading, lets writes that are under way end for a short time when the sink answers, saves
    /// the place, and closes cursor and sink. What was not settled comes again. Takes no longer than
    /// [#GRACE] and twice [#LAST], whatever the sink does.
    @Override
    public void close() {
        close(GRACE);
    }

    /// For another one that takes its place: a sink that answers mostly does so within a moment, and the others do
    /// not wait for one that does not. Takes three times [#LAST] at most.
    void giveWay() {
        close(LAST);
    }

    private void close(Duration grace) {
        if (closed) {
            return;
        }
        closed = true;
        reading.interrupt();
        preparing.interrupt();
        try (var _ = guard.enter()) {
            endEpisode(true);
            guard.changed();
        }
        try {
            joinAll(List.of(reading, preparing), LAST);
            joinAll(deliveries, trouble.isEmpty() ? grace : Duration.ZERO);
            abandon();
            var last = new ArrayList<>(deliveries);
            last.add(closeSink());
            joinAll(last, LAST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon();
            closeSink();
        }
        try (var _ = guard.enter()) {
            over = true;
        }
        countPending();
        save();
        cursor.close();
        for (var gauge : GAUGES) {
            meters.remove(gauge, router, name);
        }
        ended.countDown();
    }

    private void abandon() {
        try (var _ = guard.enter()) {
            abandoned = true;
            guard.changed();
        }
        deliveries.forEach(Thread::interrupt);
    }

    /// What went on from before the place, after it, is counted nowhere else: whoever begins there does not meet it.
    private void countPending() {
        try (var _ = guard.enter()) {
            if (pending > 0) {
                (dropBelow > 0 ? meters.counter(Meter.DISCARDED_EVENTS, router, name, BUFFER_FULL) : deliveredEvents)
                        .increment(pending);
                pending = 0;
            }
        }
    }

    /// A sink may hang in its end as it does in a write.
    private Thread closeSink() {
        return Thread.ofVirtual().name("close-" + router + "-" + name).start(() -> {
            try {
                outlet.sink().close();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "Router " + router + ": sink " + name + " did not close", e);
            }
        });
    }

    private static void joinAll(Collection<Thread> threads, Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        for (var thread : threads) {
            if (thread.isAlive()) {
                thread.join(Duration.ofNanos(Math.max(1_000_000, until - System.nanoTime())));
            }
        }
    }
}
