package io.logroute.buffer.jetstream;

import io.logroute.buffer.Cursor;
import io.logroute.buffer.Stored;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.support.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A reader's way through a stream: asks its consumer for some MiB at a time, and gives out record by
/// record.
///
/// The servers take what they have sent for delivered. So whenever something may have been lost on the
/// way (another connection, a message missing in between, silence) a consumer of the next version
/// begins at the place, and what was read already is passed over.
final class StreamCursor implements Cursor {
    private static final System.Logger LOG = System.getLogger(StreamCursor.class.getName());
    private static final int MANY = 512;
    private static final long AHEAD = 4 << 20;
    private static final Duration ASKS_FOR = Duration.ofSeconds(20);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final Duration SILENCE = HEARTBEAT.multipliedBy(2).plusSeconds(1);
    private static final Duration STALL = Duration.ofSeconds(3);
    private static final Duration SLICE = Duration.ofMillis(500);

    /// A message that was given out, or is none to give out, and is not acknowledged yet.
    private record Delivered(long stream, long end, long passed, String reply) {}

    private record Held(Stored stored, long stream) {}

    private final JetStreamBuffer buffer;
    private final Place place;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile long settled;
    private volatile boolean closed;

    /// Guarded by itself, and the acknowledged place with it.
    private final ArrayDeque<Delivered> delivered = new ArrayDeque<>();
    /// The number after the last message delivered. Guarded by `delivered`.
    private long deliveredEnd;

    private volatile boolean renew = true;

    // All below: guarded by `reading`.
    /// The sequence number that should come next.
    private long next;

    private long passed;
    /// The number that `passed` is of.
    private long passedAt;
    /// The message that should come next.
    private long expected;
    /// Messages are gone since the last one that said its number.
    private boolean hole;

    private @Nullable Connection connection;
    private volatile @Nullable Subscription subscription;
    private String inbox = "";
    private String consumer = "";
    private int generation;
    private long reconnects;
    private long asked;
    /// When anything came, and when a message did.
    private long heard;

    private long came;
    private @Nullable Held held;

    StreamCursor(JetStreamBuffer buffer, Place place, long settled) {
        this.buffer = buffer;
        this.place = place;
        this.settled = settled;
        this.next = settled;
        this.deliveredEnd = place.start;
        this.generation = place.generation;
    }

    @Override
    public Optional<Stored> read(Duration patience) throws IOException, InterruptedException {
        reading.lockInterruptibly();
        try {
            long until = System.nanoTime() + patience.toNanos();
            while (true) {
                if (closed) {
                    throw new IOException("cursor \"%s\" is closed".formatted(place.reader));
                }
                buffer.alive();
                Optional<Stored> stored = step(until);
                if (stored.isPresent() || System.nanoTime() - until >= 0) {
                    return stored;
                }
            }
        } catch (IllegalStateException e) { // the subscription or the connection was closed
            renew = true;
            if (closed) {
                throw new IOException("cursor \"%s\" is closed".formatted(place.reader), e);
            }
            throw new IOException(
                    "sink %s cannot read stream %s: %s".formatted(place.reader, buffer.stream.name, e.getMessage()), e);
        } finally {
            reading.unlock();
        }
    }

    private Optional<Stored> step(long until) throws IOException, InterruptedException {
        Optional<Stored> waits = give(until);
        if (waits.isPresent() || held != null) {
            return waits;
        }
        Subscription from = subscribed();
        ask();
        long left = Math.max(TimeUnit.MILLISECONDS.toNanos(1), until - System.nanoTime());
        Message message = from.nextMessage(Duration.ofNanos(Math.min(left, SLICE.toNanos())));
        long now = System.nanoTime();
        if (message == null) {
            silence(now);
            return Optional.empty();
        }
        heard = now;
        if (message.isStatusMessage()) {
            status(message.getStatus());
            return Optional.empty();
        }
        came = now;
        take(message);
        return give(until);
    }

    // ---- What comes

    private void take(Message message) throws IOException {
        asked--;
        long at = message.metaData().streamSequence();
        if (at < expected) {
            return; // given again
        }
        if (at > expected && !buffer.stream.isGone(expected, at)) {
            renew = true; // it was lost on the way
            return;
        }
        hole |= at > expected;
        expected = at + 1;
        Optional<Label> label = Label.of(message.getHeaders());
        long end = label.map(Label::end).orElse(next);
        synchronized (delivered) {
            deliveredEnd = Math.max(deliveredEnd, end);
            delivered.add(new Delivered(
                    at, deliveredEnd, label.map(Label::passed).orElse(passed), String.valueOf(message.getReplyTo())));
        }
        if (label.isEmpty()) {
            buffer.corrupt();
            return;
        }
        Label said = label.get();
        if (hole && said.first() > next) { // without a hole they were passed over
            buffer.lost(next, said.first(), said.passed() - passed - buffer.passedBetween(passedAt, next));
        }
        hole = false;
        passed = said.passed();
        passedAt = end;
        if (said.isMark()) {
            next = Math.max(next, said.first());
            return;
        }
        if (end <= next) {
            return;
        }
        byte[] data = message.getData();
        held = new Held(
                new Stored(said.first(), said.events(), Instant.ofEpochMilli(said.millis()), said.codec(), data), at);
    }

    /// What was read from the servers counts when we have heard that it is stored: until then it may be
    /// given up.
    private Optional<Stored> give(long until) throws InterruptedException {
        Held has = held;
        if (has == null) {
            return Optional.empty();
        }
        Stored stored = has.stored();
        if (!buffer.awaitDurable(stored.endSeq(), Math.min(SLICE.toNanos(), until - System.nanoTime()))) {
            return Optional.empty();
        }
        held = null;
        if (stored.endSeq() <= next) {
            return Optional.empty();
        }
        next = stored.endSeq();
        return buffer.isGap(stored.firstSeq()) ? Optional.empty() : Optional.of(stored);
    }

    private void status(Status status) {
        switch (status.getCode()) {
            case Status.FLOW_OR_HEARTBEAT_STATUS_CODE -> {}
            case Status.NOT_FOUND_CODE, Status.REQUEST_TIMEOUT_CODE -> asked = 0;
            default -> {
                asked = 0;
                boolean ends = String.valueOf(status.getMessage()).contains("MaxBytes");
                if (!ends) {
                    LOG.log(System.Logger.Level.DEBUG, "Consumer {0}: {1}", consumer, status);
                    renew = true;
                }
            }
        }
    }

    private void silence(long now) throws IOException {
        Connection on = connection;
        if (on != null && on.getStatistics().getReconnects() != reconnects) {
            renew = true;
            return;
        }
        if (now - heard > SILENCE.toNanos()) {
            renew = true;
            return;
        }
        if (now - came > STALL.toNanos() && buffer.skipGaps(next) < buffer.durableSeq()) {
            if (buffer.stream.next(expected).isPresent()) {
                renew = true;
            }
            came = now;
        }
    }

    // ---- Asking

    private Subscription subscribed() throws IOException {
        Subscription now = subscription;
        if (now != null && !renew && generation == place.generation) {
            return now;
        }
        leave();
        synchronized (delivered) {
            consumer = buffer.renew(place);
            delivered.clear();
            deliveredEnd = place.start;
            generation = place.generation;
            expected = place.stream;
            passed = place.passed;
            passedAt = place.start;
        }
        Connection on = buffer.stream.connection();
        reconnects = on.getStatistics().getReconnects();
        inbox = on.createInbox();
        Subscription fresh = on.subscribe(inbox);
        fresh.setPendingLimits(0, 0); // what is asked for is the limit
        connection = on;
        subscription = fresh;
        asked = 0;
        heard = System.nanoTime();
        came = heard;
        renew = false;
        next = Math.max(next, buffer.skipGaps(next));
        return fresh;
    }

    private void ask() {
        Connection on = connection;
        if (asked > 0 || on == null) {
            return;
        }
        long bytes = Math.max(AHEAD, 2 * buffer.stream.maxPayload());
        String request = "{\"batch\":%d,\"max_bytes\":%d,\"expires\":%d,\"idle_heartbeat\":%d}"
                .formatted(MANY, bytes, ASKS_FOR.toNanos(), HEARTBEAT.toNanos());
        on.publish(
                "$JS.API.CONSUMER.MSG.NEXT.%s.%s".formatted(buffer.stream.name, consumer),
                inbox,
                request.getBytes(StandardCharsets.US_ASCII));
        asked = MANY;
    }

    private void leave() {
        Subscription now = subscription;
        subscription = null;
        held = null;
        if (now == null) {
            return;
        }
        try {
            now.unsubscribe();
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "A subscription had ended already", e);
        }
    }

    // ---- The place

    @Override
    public synchronized void settle(long seq) {
        if (seq > buffer.nextSeq()) {
            throw new IllegalArgumentException("cursor \"%s\" cannot settle up to %d: the log ends at %d"
                    .formatted(place.reader, seq, buffer.nextSeq()));
        }
        settled = Math.max(settled, seq);
    }

    @Override
    public void save() throws IOException {
        long upTo = Math.max(settled, buffer.skipGaps(settled));
        synchronized (delivered) {
            if (generation != place.generation) {
                buffer.saved(place, 0, 0, 0, settled);
                return;
            }
            Delivered last = null;
            while (!delivered.isEmpty() && delivered.peek().end() <= upTo) {
                last = delivered.remove();
            }
            if (last != null) {
                try {
                    buffer.stream.acknowledge(last.reply());
                } catch (IOException e) {
                    delivered.addFirst(last);
                    throw e;
                }
                buffer.saved(place, last.stream() + 1, last.end(), last.passed(), settled);
            }
            if (delivered.isEmpty() && upTo > deliveredEnd && upTo > place.start) {
                jump(upTo);
            }
            buffer.saved(place, 0, 0, 0, settled);
        }
    }

    /// What lies before is settled and was not read: a consumer begins after it.
    private void jump(long upTo) throws IOException {
        long to = buffer.streamOf(upTo);
        if (to <= place.stream) {
            return;
        }
        buffer.jump(place, to);
        renew = true;
    }

    @Override
    public long settled() {
        return settled;
    }

    @Override
    public long unsettled() {
        return buffer.unsettled(settled);
    }

    @Override
    public long unsettledBelow(long seq) {
        return buffer.eventsBetween(settled, seq);
    }

    @Override
    public long unsettledBytes() {
        return buffer.bytesFrom(settled);
    }

    @Override
    public long placeWithin(long bytes) {
        return buffer.placeWithin(bytes);
    }

    @Override
    public long skip(long from, long seq) {
        reading.lock();
        try {
            next = Math.max(next, seq);
        } finally {
            reading.unlock();
        }
        return buffer.eventsBetween(from, seq);
    }

    @Override
    public boolean hasReadAll() {
        reading.lock();
        try {
            return buffer.skipGaps(next) >= buffer.nextSeq();
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void rewind() {
        reading.lock();
        try {
            if (subscription != null && next > settled) {
                renew = true;
            }
            held = null;
            next = settled;
        } finally {
            reading.unlock();
        }
    }

    /// Ends reading at once; the buffer has ended.
    void end() {
        Subscription now = subscription;
        if (now != null) {
            try {
                now.unsubscribe();
            } catch (IllegalStateException e) {
                LOG.log(System.Logger.Level.DEBUG, "A subscription had ended already", e);
            }
        }
    }

    /// As [#close], without waiting for a read under way.
    void leaveBuffer() {
        closed = true;
        end();
        buffer.closed(this, place.reader);
    }

    @Override
    public void close() {
        leaveBuffer();
        reading.lock();
        try {
            leave();
        } finally {
            reading.unlock();
        }
    }
}
