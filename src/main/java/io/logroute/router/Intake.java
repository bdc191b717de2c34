package io.logroute.router;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.SyncFailed;
import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Inlet;
import io.logroute.flow.Mark;
import io.logroute.flow.Monitor;
import io.logroute.flow.Receipt;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Puts what sources bring into the buffer, syncs it, and then tells them: one sync for all
/// windows that wait.
///
/// The thread that syncs takes whatever has been appended meanwhile, so under load a sync serves
/// many, and alone a window waits for nothing but its own.
///
/// Where sources are to hear only of what is delivered, windows that are stored wait besides until
/// everything below their end is settled for all sinks; another thread tells them then.
final class Intake implements AutoCloseable {
    /// A window larger than this is stored as several records, acknowledged together.
    private static final long RECORD_BYTES = 16 << 20;

    /// What a mark and the head of one event take of a record, at most.
    private static final long MARK_BYTES = 5 << 10;

    private static final System.Logger LOG = System.getLogger(Intake.class.getName());

    /// A window that waits for the sync.
    ///
    /// @param end the sequence number after its last event
    private record Waiting(long[] records, long end, int events, long bytes, Receipt receipt, Door door) {}

    private static final String STOPS = "the router stops before every sink has the events";
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration LAST_SYNC = Duration.ofMillis(1000);
    private static final Duration LAST_WORDS = Duration.ofMillis(250);
    /// What [#close] takes at most.
    static final Duration END = LAST_SYNC.plus(LAST_WORDS);

    private final String router;
    private final Buffer buffer;
    private volatile long recordBytes;
    private final Instruments meters;
    private final Timer syncs;
    private final LinkedBlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    /// Where somebody waits for room.
    private final Set<Door> besieged = ConcurrentHashMap.newKeySet();
    /// Windows that a source handed over and has not heard of yet.
    private final AtomicLong untold = new AtomicLong();
    private final Thread syncing;
    private final Thread telling;
    /// Below it everything is settled for all sinks.
    private final LongSupplier settled;
    private final Monitor delivering = new Monitor();
    /// Windows that are stored and wait to be delivered, by their ends. Guarded by `delivering`, as the two that
    /// follow.
    private final PriorityQueue<Waiting> undelivered = new PriorityQueue<>(Comparator.comparingLong(Waiting::end));

    private boolean moved;
    private boolean toldAll;
    private final Monitor holding = new Monitor();
    private volatile boolean holds;
    private volatile boolean delivered;
    private volatile long failures;
    private volatile boolean closed;
    private volatile Optional<String> trouble = Optional.empty();

    /// @param settled below what it gives, everything is settled for all sinks
    Intake(String router, Buffer buffer, long recordBytes, LongSupplier settled, Instruments meters) {
        this.router = router;
        this.buffer = buffer;
        recordsUpTo(recordBytes);
        this.settled = settled;
        this.meters = meters;
        this.syncs = meters.timer(Meter.BUFFER_SYNC_SECONDS, router);
        this.syncing = Thread.ofVirtual().name("sync-" + router).unstarted(this::syncAll);
        this.telling = Thread.ofVirtual().name("tell-" + router).unstarted(this::tellAll);
    }

    /// The largest record that the buffer takes.
    void recordsUpTo(long bytes) {
        recordBytes = Math.min(bytes, RECORD_BYTES);
    }

    void start() {
        meters.gauge(Meter.UNACKNOWLEDGED_EVENTS, this::undeliveredEvents, router);
        syncing.start();
        telling.start();
    }

    /// Whether sources hear of their events when all sinks have settled them (`acknowledge:
    /// delivered`), or when they are stored.
    void tellDelivered(boolean delivered) {
        this.delivered = delivered;
        moved();
    }

    /// More is settled, or the sinks have changed.
    void moved() {
        try (var _ = delivering.enter()) {
            moved = true;
            delivering.changed();
        }
    }

    /// Makes sources wait, as for a full buffer, or lets them go on.
    void hold(boolean holds) {
        if (this.holds == holds) {
            return;
        }
        try (var _ = holding.enter()) {
            this.holds = holds;
            holding.changed();
        }
    }

    private double undeliveredEvents() {
        try (var _ = delivering.enter()) {
            return undelivered.stream().mapToLong(Waiting::events).sum();
        }
    }

    /// Whether every source has heard of all that it handed over.
    boolean isIdle() {
        return untold.get() == 0;
    }

    /// How many syncs have failed.
    long failures() {
        return failures;
    }

    private boolean full() {
        return holds || buffer.full();
    }

    private void awaitGoingOn() throws InterruptedException {
        try (var _ = holding.enter()) {
            while (holds && !closed) {
                holding.await(LOOK);
            }
        }
    }

    /// Why nothing can be stored now.
    Optional<String> trouble() {
        return trouble;
    }

    /// The way in for one source.
    Door door(String source) {
        return new Door(source, false);
    }

    /// A way in that hears of its events when they are stored, whatever the router's sources hear of.
    Door doorToldAtStored(String source) {
        return new Door(source, true);
    }

    /// The same for a source that marks how far it is.
    Door markedDoor(String source, Marks marks) throws IOException, InterruptedException {
        return new Door(source, true, Optional.of(marks), marks.of(source));
    }

    /// The way in for one source, and what came through it. It is shut until [#open]: while routes and sinks
    /// change, nothing comes in for the old ones.
    final class Door implements Inlet {
        private final String source;
        private final boolean toldAtStored;
        private final Counter events;
        private final Counter bytes;
        private final Counter backpressure;
        private final CountDownLatch opened = new CountDownLatch(1);
        private final Optional<Marks> marks;
        private final Map<String, String> found;
        /// Threads of the source that wait for room, and until when that is counted. Guarded by this.
        private int waits;

        private long countedTo;

        private Door(String source, boolean toldAtStored) {
            this(source, toldAtStored, Optional.empty(), Map.of());
        }

        private Door(String source, boolean toldAtStored, Optional<Marks> marks, Map<String, String> found) {
            this.marks = marks;
            this.found = found;
            this.source = source;
            this.toldAtStored = toldAtStored;
            this.events = meters.counter(Meter.RECEIVED_EVENTS, router, source);
            this.bytes = meters.counter(Meter.RECEIVED_BYTES, router, source);
            this.backpressure = meters.counter(Meter.BACKPRESSURE_SECONDS, router, source);
        }

        @Override
        public void accept(Batch batch, Receipt receipt) throws InterruptedException {
            if (closed) {
                receipt.refused("the router stops");
                return;
            }
            untold.incrementAndGet();
            boolean taken = false;
            boolean isFull = false;
            try {
                opened.await();
                isFull = full();
                if (isFull) {
                    beginsToWait();
                }
                awaitGoingOn();
                waiting.add(append(batch, receipt));
                taken = true;
            } catch (IOException | IllegalArgumentException e) {
                receipt.refused(String.valueOf(e.getMessage()));
            } finally {
                if (!taken) {
                    untold.decrementAndGet();
                }
                if (isFull) {
                    endsToWait();
                }
            }
            if (closed) {
                refuseRest();
            }
        }

        private synchronized void beginsToWait() {
            countWaiting();
            waits++;
            besieged.add(this);
        }

        private synchronized void endsToWait() {
            countWaiting();
            waits--;
            if (waits == 0) {
                besieged.remove(this);
            }
        }

        /// One that waits for hours is seen meanwhile; several that wait at the same time count once.
        private synchronized void countWaiting() {
            long now = System.nanoTime();
            if (waits > 0) {
                backpressure.increment((now - countedTo) / 1e9);
            }
            countedTo = now;
        }

        void open() {
            opened.countDown();
        }

        private Waiting append(Batch batch, Receipt receipt) throws IOException, InterruptedException {
            long bytes = batch.bytes();
            long marked = batch.mark().isPresent() ? MARK_BYTES : 0;
            if (bytes + (long) batch.size() * Frames.HEAD + marked <= recordBytes) {
                long record = store(Frames.of(batch), batch.size(), batch.mark());
                return new Waiting(new long[] {record}, record + batch.size(), batch.size(), bytes, receipt, this);
            }
            var records = new ArrayList<Long>();
            var part = new ArrayList<Event>();
            long size = marked;
            for (var event : batch.events()) {
                long next = event.size() + Frames.HEAD;
                if (!part.isEmpty() && size + next > recordBytes) {
                    records.add(store(Frames.of(part), part.size()));
                    part.clear();
                    size = marked;
                }
                part.add(event);
                size += next;
            }
            records.add(store(Frames.of(part), part.size(), batch.mark()));
            return new Waiting(
                    records.stream().mapToLong(Long::longValue).toArray(),
                    records.getLast() + part.size(),
                    batch.size(),
                    bytes,
                    receipt,
                    this);
        }

        private long store(Frames frames, int events) throws IOException, InterruptedException {
            return buffer.append(frames.bytes(), frames.from(), frames.length(), events, Frames.CODEC);
        }

        /// The mark of a batch of several records lies in the last of them.
        private long store(Frames frames, int events, Optional<Mark> mark) throws IOException, InterruptedException {
            if (mark.isEmpty()) {
                return store(frames, events);
            }
            var below = mark.get().below(source);
            var marked = frames.with(below);
            long record = buffer.append(marked.bytes(), marked.from(), marked.length(), events, Frames.MARKED);
            marks.ifPresent(all -> all.taken(below));
            return record;
        }

        @Override
        public boolean full() {
            return Intake.this.full();
        }

        @Override
        public Map<String, String> marks() {
            return found;
        }

        @Override
        public void forget(String of) {
            marks.ifPresent(all -> all.forget(source, of));
        }

        @Override
        public long largest() {
            return recordBytes - MARK_BYTES;
        }
    }

    private void syncAll() {
        var round = new ArrayList<Waiting>();
        while (!closed || !waiting.isEmpty()) {
            try {
                var first = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                round.add(first);
                waiting.drainTo(round);
                sync();
                round.forEach(this::tell);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Router " + router + ": syncing failed; it goes on", e);
            } finally {
                round.clear();
            }
        }
    }

    /// Waits for one sync of everything appended. What failed is told to each window by its own
    /// records.
    private void sync() {
        long start = System.nanoTime();
        try {
            buffer.sync();
            trouble = Optional.empty();
        } catch (SyncFailed e) {
            failures++;
            if (trouble.isEmpty()) {
                LOG.log(System.Logger.Level.ERROR, "Router {0}: {1}", router, e.getMessage());
            }
            trouble = Optional.of(e.situation());
        } catch (IOException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
        } finally {
            syncs.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
    }

    private void tell(Waiting window) {
        try {
            for (long record : window.records()) {
                buffer.sync(record);
            }
        } catch (IOException e) {
            tell(window, () -> window.receipt().refused(String.valueOf(e.getMessage())));
            return;
        }
        window.door().events.increment(window.events());
        window.door().bytes.increment(window.bytes());
        if (!delivered || window.door().toldAtStored) {
            tell(window, window.receipt()::stored);
            return;
        }
        try (var _ = delivering.enter()) {
            if (!toldAll) {
                undelivered.add(window);
                moved = true;
                delivering.changed();
                return;
            }
        }
        tell(window, () -> window.receipt().refused(STOPS));
    }

    /// Tells windows, the oldest first, as all sinks settle them. At the end the others are refused:
    /// they are stored, but not what their clients want to hear of.
    private void tellAll() {
        try {
            while (!closed || syncing.isAlive()) {
                besieged.forEach(Door::countWaiting);
                tellDelivered();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (var _ = delivering.enter()) {
            toldAll = true;
        }
        for (var left = undelivered(Long.MAX_VALUE); left != null; left = undelivered(Long.MAX_VALUE)) {
            var window = left;
            tell(window, () -> window.receipt().refused(STOPS));
        }
    }

    private void tellDelivered() throws InterruptedException {
        try (var _ = delivering.enter()) {
            if (!moved) {
                delivering.await(LOOK);
            }
            moved = false;
        }
        long below = delivered ? settled.getAsLong() : Long.MAX_VALUE;
        for (var window = undelivered(below); window != null; window = undelivered(below)) {
            tell(window, window.receipt()::stored);
        }
    }

    private @Nullable Waiting undelivered(long below) {
        try (var _ = delivering.enter()) {
            var first = undelivered.peek();
            return first != null && first.end() <= below ? undelivered.poll() : null;
        }
    }

    /// A source that fails at hearing it must not keep the others from hearing theirs.
    private void tell(Waiting window, Runnable word) {
        try {
            word.run();
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "Router " + router + ": source " + window.door().source + " failed to acknowledge",
                    e);
        } finally {
            untold.decrementAndGet();
        }
    }

    private void refuseRest() {
        for (var left = waiting.poll(); left != null; left = waiting.poll()) {
            tell(left);
        }
    }

    /// Syncs and tells what waits, then takes nothing more. The buffer stays open.
    @Override
    public void close() {
        closed = true;
        meters.remove(Meter.UNACKNOWLEDGED_EVENTS, router);
        if (!syncing.isAlive()) {
            return;
        }
        moved();
        try {
            syncing.join(LAST_SYNC);
            moved(); // it would look by itself after [#LOOK] only
            telling.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
