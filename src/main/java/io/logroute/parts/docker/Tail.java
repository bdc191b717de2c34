package io.logroute.parts.docker;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Mark;
import io.logroute.flow.Receipt;
import io.logroute.flow.Shape;
import io.logroute.remote.NodeDocker;
import io.logroute.remote.NodeDocker.Container;
import io.logroute.remote.NodeDocker.Outcome;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.SourceSpec.Docker.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Reads one container's log, for ever: while the container runs it follows, and when that ends, for whatever
/// reason, it looks what is there and reads on from where it was. One thread reads and fills a batch; another
/// hands batches over, one after the other, each when the one before is stored: so nothing that is stored comes
/// after something that is not. When the batch is full, reading waits, and with it Docker.
final class Tail {
    /// A batch has so many bytes, where there is no room for more.
    static final int SMALL = 64 << 10;

    /// Another, while there is.
    static final int LARGE = 512 << 10;

    /// Bytes that the buffer keeps with each event.
    private static final int FRAME = 10;

    private static final int READ = 16 << 10;
    private static final Duration SHORTEST_REST = Duration.ofMillis(100);
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);
    /// A log that breaks off so often before anything new comes is told.
    private static final int OFTEN = 5;

    /// One that was read for so long did not break off at once.
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration REFUSED = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final System.Logger LOG = System.getLogger(Tail.class.getName());

    /// What all tails of a source have in common.
    ///
    /// @param batches how many large batches there may be at a time
    /// @param lines how many lines longer than [Lines#SMALL] there may be at a time
    /// @param ended how many containers that have ended are read at a time
    record Terms(
            NodeDocker docker,
            Inlet inlet,
            Schema schema,
            int longestLine,
            Semaphore batches,
            Semaphore lines,
            Semaphore ended,
            InstantSource clock,
            Told told) {}

    /// Hears of what befalls it.
    interface Told {
        void opened(boolean again);

        void cutLine();

        void unreadable(Container container, String why);

        /// It was read again and again, and broke off each time before anything new came.
        void breaksOff(Container container, String why);

        /// It can be read, or is no more.
        void readable(String id);

        void over(Tail tail);
    }

    /// Events on their way into one batch, end to end with room for their frames.
    private static final class Filling {
        final Bytes bytes = new Bytes(SMALL / 4);
        final List<int[]> events = new ArrayList<>();
        final int limit;
        final boolean large;
        /// After the last event; null while that is one of several of a line.
        Position.@Nullable Snapshot at;

        Filling(int limit, boolean large) {
            this.limit = limit;
            this.large = large;
        }
    }

    private final String id;
    private final Terms terms;
    private final Position position;
    private final Thread reading;
    private final Thread handing;
    private final long largest;
    private final Shape shape = new Shape();
    private volatile boolean closed;
    /// Bytes came, or it was looked whether some are there; by `System.nanoTime`.
    private volatile long lastRead = System.nanoTime();

    private volatile boolean follows;
    /// There is a line for which there is no room.
    private volatile boolean waitsForRoom;
    /// The mark that was stored last.
    private volatile String stored;
    /// Guarded by this, as all below.
    private @Nullable Filling filling;

    private boolean woken;
    private boolean resting;
    private boolean readAll;

    // Of the thread that reads.
    private @Nullable LogDecoder decoder;
    private @Nullable Lines lines;
    private @Nullable Fields fields;
    private Duration rest = SHORTEST_REST;
    private boolean opened;
    /// Whether anything came since it was opened.
    private boolean came;
    /// How often it broke off since something new came.
    private int failures;
    /// Whether it was told that it cannot be read.
    private boolean isTold;

    Tail(String id, Position position, Terms terms) {
        this.id = id;
        this.terms = terms;
        this.position = position;
        this.stored = position.now().written();
        this.largest = Math.min(terms.inlet().largest() - FRAME, Integer.MAX_VALUE / 4);
        var name = id.substring(0, Math.min(12, id.length()));
        this.reading = Thread.ofVirtual().name("docker-read-" + name).unstarted(this::readAll);
        this.handing = Thread.ofVirtual().name("docker-hand-" + name).unstarted(this::handOver);
    }

    String id() {
        return id;
    }

    /// How far all is stored.
    String written() {
        return stored;
    }

    void start() {
        reading.start();
        handing.start();
    }

    /// Something may have changed: one that rests looks again.
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    synchronized boolean isResting() {
        return resting;
    }

    /// A log that says nothing for so long is opened again: streams have been known to fall silent
    /// (docs/guide/docker.md). One that is not listened to, for want of room, says nothing either.
    void lookAfter(Duration quiet) {
        if (follows && !waitsForRoom && System.nanoTime() - lastRead > quiet.toNanos()) {
            lastRead = System.nanoTime();
            breakOff = true;
            reading.interrupt();
        }
    }

    private volatile boolean breakOff;

    // ---- reading

    private void readAll() {
        try {
            while (!closed) {
                try {
                    if (!readOnce()) {
                        break;
                    }
                } catch (SwarmUnreachable | IOException e) {
                    if (!closed && !brokeOff()) {
                        LOG.log(
                                System.Logger.Level.DEBUG,
                                "The log of container " + id + " broke off: " + e.getMessage());
                        rest();
                    }
                } catch (InterruptedException e) {
                    if (!brokeOff()) {
                        return;
                    }
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.ERROR, "Reading the log of container " + id + " failed; it goes on", e);
                    rest();
                }
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            synchronized (this) {
                readAll = true;
                notifyAll();
            }
        }
    }

    /// Whether it was only to open it again.
    private boolean brokeOff() {
        boolean was = breakOff;
        if (was) {
            breakOff = false;
            Thread.interrupted();
        }
        return was;
    }

    private void rest() throws InterruptedException {
        try {
            Thread.sleep(rest);
        } catch (InterruptedException e) {
            if (!brokeOff()) {
                throw e;
            }
        }
        rest = rest.multipliedBy(2).compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest.multipliedBy(2);
    }

    /// @return whether there is more to come
    private boolean readOnce() throws SwarmUnreachable, IOException, InterruptedException {
        var container = terms.docker().container(id);
        if (container.isEmpty()) {
            end();
            return false;
        }
        boolean up = container.get().listed().isUp();
        var outcome = up ? read(container.get(), true) : readEnded(container.get());
        return switch (outcome) {
            case Outcome.End _ -> {
                if (up) {
                    rest();
                    yield true;
                }
                goesOn();
                var after = terms.docker().container(id);
                if (after.filter(each -> each.listed().isUp()).isPresent()) {
                    yield true;
                }
                end();
                if (after.isPresent()) {
                    awaitNews();
                }
                yield after.isPresent();
            }
            case Outcome.Gone _ -> {
                // What is being removed is not there any more in a moment.
                rest();
                yield true;
            }
            case Outcome.Unreadable(var why) -> {
                isTold = true;
                terms.told().unreadable(container.get(), why);
                awaitNews();
                yield true;
            }
        };
    }

    private Outcome readEnded(Container container) throws SwarmUnreachable, InterruptedException {
        terms.ended().acquire();
        try {
            return read(container, false);
        } finally {
            terms.ended().release();
        }
    }

    private Outcome read(Container container, boolean follow) throws SwarmUnreachable {
        if (lines != null) {
            lines.letGo();
        }
        giveBackRoom();
        fields = new Fields(terms.schema(), container);
        lines = new Lines(position, terms.longestLine(), terms.lines()::tryAcquire, this::line);
        decoder = new LogDecoder(container.tty(), lines);
        long since = position.reopen();
        terms.told().opened(opened);
        opened = true;
        long begun = System.nanoTime();
        try {
            follows = follow;
            lastRead = begun;
            came = false;
            var outcome = terms.docker().log(id, since, follow, this::read);
            rest = came ? SHORTEST_REST : rest;
            return outcome;
        } catch (SwarmUnreachable e) {
            if (System.nanoTime() - begun > LONG.toNanos()) {
                goesOn();
            } else if (!closed && !breakOff && ++failures == OFTEN) {
                isTold = true;
                terms.told().breaksOff(container, String.valueOf(e.getMessage()));
            }
            throw e;
        } finally {
            follows = false;
        }
    }

    /// It can be read.
    private void goesOn() {
        rest = SHORTEST_REST;
        failures = 0;
        if (isTold) {
            isTold = false;
            terms.told().readable(id);
        }
    }

    private void read(InputStream log) throws IOException {
        var bytes = new byte[READ];
        var open = java.util.Objects.requireNonNull(decoder);
        while (true) {
            int count = log.read(bytes);
            lastRead = System.nanoTime();
            if (count < 0) {
                return;
            }
            came = true;
            open.take(bytes, 0, count);
            giveBackRoom();
        }
    }

    private void giveBackRoom() {
        if (lines != null) {
            terms.lines().release(lines.released());
        }
    }

    /// Nobody writes to it any more: what is left without a line end are lines.
    private void end() throws IOException {
        if (decoder != null && lines != null) {
            if (decoder.hasRest()) {
                position.cutFromNowOn();
            }
            decoder.end();
            lines.end();
            decoder.letGo();
            giveBackRoom();
        }
    }

    private synchronized void awaitNews() throws InterruptedException {
        resting = true;
        try {
            while (!woken && !closed) {
                wait();
            }
            woken = false;
        } finally {
            resting = false;
        }
    }

    private void line(boolean err, long time, byte[] bytes, int from, int to, boolean partial) throws IOException {
        if (partial) {
            terms.told().cutLine();
        }
        try {
            add(err, time, bytes, from, to, partial, true);
            goesOn();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("it is not waited for");
        }
    }

    /// @param last whether all of the line is there with it
    private synchronized void add(boolean err, long time, byte[] bytes, int from, int to, boolean partial, boolean last)
            throws InterruptedException {
        long timeId = position.nextTimeId(time);
        while (true) {
            var into = filling == null ? fill() : filling;
            int begin = into.bytes.length();
            java.util.Objects.requireNonNull(fields).write(into.bytes, err, time, timeId, bytes, from, to, partial);
            int length = into.bytes.length() - begin;
            boolean isFirst = into.events.isEmpty();
            if (length > largest && to - from > 1) {
                into.bytes.cutTo(begin);
                int middle = middle(bytes, from, to);
                terms.told().cutLine();
                add(err, time, bytes, from, middle, true, false);
                add(err, time, bytes, middle, to, partial, last);
                return;
            }
            if (!isFirst && into.bytes.length() + (into.events.size() + 1) * FRAME > into.limit) {
                into.bytes.cutTo(begin);
                notifyAll();
                awaitTaken(into);
                continue;
            }
            into.events.add(new int[] {begin, begin + length});
            into.at = position.now();
            if (!last) {
                into.at = null;
            }
            if (isFirst) {
                notifyAll();
            }
            return;
        }
    }

    private static int middle(byte[] bytes, int from, int to) {
        int middle = from + (to - from) / 2;
        while (middle > from + 1 && (bytes[middle] & 0xc0) == 0x80) {
            middle--;
        }
        return middle;
    }

    private Filling fill() {
        boolean large = terms.batches().tryAcquire();
        var made = new Filling((int) Math.min(large ? LARGE : SMALL, largest), large);
        filling = made;
        return made;
    }

    /// With the other thread under way, a closed tail gives up here, and only that: the line that waits is taken in
    /// [#position], so no reading anew would bring it again.
    private void awaitTaken(Filling full) throws InterruptedException {
        boolean interrupted = false;
        waitsForRoom = true;
        try {
            while (filling == full && !closed) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            waitsForRoom = false;
            lastRead = System.nanoTime();
        }
        if (closed) {
            throw new InterruptedException();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- handing over

    private void handOver() {
        try {
            for (var next = next(); next.isPresent(); next = next()) {
                store(next.get());
            }
        } catch (InterruptedException e) {
            // closed
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "Storing the log of container " + id + " failed; it is begun anew", e);
            close(); // nobody would take what is read
        } finally {
            terms.told().over(this);
        }
    }

    /// Waits for one; empty when there will be none.
    private synchronized Optional<Filling> next() throws InterruptedException {
        while (filling == null || filling.at == null) {
            if (closed || readAll && filling == null) {
                return Optional.empty();
            }
            if (filling != null && !filling.events.isEmpty() && filling.at == null) {
                break; // parts of a line that fills more than one record
            }
            wait();
        }
        var taken = filling;
        filling = null;
        notifyAll();
        return Optional.of(taken);
    }

    private void store(Filling full) throws InterruptedException {
        try {
            var now = terms.clock().instant();
            var events = new ArrayList<Event>(full.events.size());
            for (var each : full.events) {
                var event = Event.checked(full.bytes.array(), each[0], each[1], now, shape);
                if (event == null) {
                    throw new IllegalStateException("an event was not written well");
                }
                events.add(event);
            }
            var batch = full.at == null ? new Batch(events) : Batch.marked(events, new Mark(id, full.at.written()));
            while (!isStored(batch)) {
                if (closed) {
                    throw new InterruptedException();
                }
                Thread.sleep(REFUSED);
            }
            batch.mark().ifPresent(mark -> stored = mark.at());
        } finally {
            if (full.large) {
                terms.batches().release();
            }
        }
    }

    private boolean isStored(Batch batch) throws InterruptedException {
        var answer = new ArrayBlockingQueue<Optional<String>>(1);
        terms.inlet().accept(batch, new Receipt() {
            @Override
            public void stored() {
                answer.add(Optional.empty());
            }

            @Override
            public void refused(String reason) {
                answer.add(Optional.of(reason));
            }
        });
        var refused = answer.take();
        refused.ifPresent(why -> LOG.log(
                System.Logger.Level.DEBUG,
                "{0} lines of container {1} are not stored, and are offered again: {2}",
                batch.size(),
                id,
                why));
        return refused.isEmpty();
    }

    /// Whether its thread read all there will ever be.
    synchronized boolean hasReadAll() {
        return readAll && !closed;
    }

    /// Ends it; what is not handed over is read again the next time.
    void close() {
        closed = true;
        reading.interrupt();
        handing.interrupt();
        synchronized (this) {
            if (filling != null && filling.large) {
                terms.batches().release();
            }
            filling = null;
            notifyAll();
        }
    }

    void awaitEnd(Duration atMost) throws InterruptedException {
        reading.join(atMost);
        handing.join(LOOK);
    }
}
