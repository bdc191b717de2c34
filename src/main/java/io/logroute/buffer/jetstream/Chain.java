package io.logroute.buffer.jetstream;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/// Publishes what is appended, in order, at most [#WINDOW] messages ahead of what the servers have
/// confirmed. Each names the message that it comes after, so it is stored there or nowhere.
///
/// When anything fails (no answer, a refusal, another link) nobody knows what became of the messages in
/// flight: copies of them may still arrive, and each would find its place when the stream has just the
/// right length. So the chain is *claimed* anew before anything else is published: it reads what has
/// been stored since, then stores more marks in a row than anybody can have messages in flight. After
/// that no copy finds its place ever again, of ours or of another opening; and what stands in the
/// stream up to there is all there is. `docs/decisions/0025` argues it.
///
/// The state is guarded by the lock of [JetStreamBuffer].
final class Chain {
    /// Part of the format: who opens a stream relies on it.
    static final int WINDOW = 128;

    private static final System.Logger LOG = System.getLogger(Chain.class.getName());
    private static final String EXPECTED = "Nats-Expected-Last-Sequence";
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration LAST = Duration.ofSeconds(3);
    /// So often a stream must be missing before it is believed.
    private static final int MISSING = 4;

    private final JetStreamBuffer buffer;
    private final Stream stream;
    private final String owner;
    private final Condition work;
    private final Thread thread;
    private @Nullable Connection listening;
    private String inbox = "";

    // All below: guarded by the buffer's lock.
    private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
    private final ArrayDeque<Entry> inFlight = new ArrayDeque<>();
    private long inFlightBytes;
    private long epoch;
    /// The last message that is known to be stored, and what the log has come to with it.
    private long known;

    private long endSeq;
    private long endCount;
    private long endBytes;
    /// The same with what is in flight.
    private long sent;

    private long sentCount;
    private long sentBytes;
    /// Answers to what was sent before it was claimed the last time are of no interest.
    private long attempt;

    /// What the log had come to before it seemed to end earlier; nothing while it does not.
    private @Nullable Fall falling;

    /// The first message that was not there when it was to be read; 0 for none.
    private long skipped;

    private @Nullable Marks marks;
    private @Nullable String broken;
    private long heard;
    private int missing;
    private boolean ended;
    private long endBy = Long.MAX_VALUE;

    /// From message `from` to message `to`.
    ///
    /// @param keptSeq the number after the last event that is left
    private record Fall(long from, long endCount, long endBytes, long to, long keptSeq) {}

    /// Marks in a row that wait for their answers.
    private static final class Marks {
        final long from;
        final int count;
        final BitSet stored = new BitSet();

        @Nullable
        String refusal;

        Marks(long from, int count) {
            this.from = from;
            this.count = count;
        }

        boolean done() {
            return refusal != null || stored.cardinality() == count;
        }
    }

    Chain(JetStreamBuffer buffer, Stream stream, String owner) {
        this.buffer = buffer;
        this.stream = stream;
        this.owner = owner;
        this.work = buffer.lock.newCondition();
        this.thread = Thread.ofVirtual().name("publish-" + stream.name).unstarted(this::run);
    }

    /// What the log said of itself at its last message, and the epoch of whoever wrote it.
    void begin(long epoch, long last, long endSeq, long count, long bytes) {
        buffer.lock.lock();
        try {
            this.epoch = epoch + 1;
            this.known = last;
            this.endSeq = endSeq;
            this.endCount = count;
            this.endBytes = bytes;
        } finally {
            buffer.lock.unlock();
        }
    }

    void start() {
        thread.start();
    }

    long epoch() {
        return epoch;
    }

    String owner() {
        return owner;
    }

    long known() {
        return known;
    }

    long endSeq() {
        return endSeq;
    }

    long endCount() {
        return endCount;
    }

    long endBytes() {
        return endBytes;
    }

    boolean ended() {
        return ended;
    }

    boolean isBroken() {
        buffer.lock.lock();
        try {
            return broken != null;
        } finally {
            buffer.lock.unlock();
        }
    }

    /// With the buffer's lock.
    void add(Entry entry) {
        waiting.add(entry);
        work.signal();
    }

    /// Gives up what is due, with the buffer's lock. How long until the next one is.
    long expire(long now) {
        for (Entry entry : inFlight) {
            if (entry.stored || entry.givenUp) {
                continue;
            }
            if (entry.deadline - now > 0) {
                return entry.deadline - now;
            }
            fail("no answer in time");
            buffer.gaveUp(entry, why());
        }
        while (!waiting.isEmpty()) {
            Entry entry = waiting.peek();
            if (!entry.givenUp && entry.deadline - now > 0) {
                return entry.deadline - now;
            }
            waiting.remove();
            if (!entry.givenUp) {
                buffer.gaveUp(entry, why());
            }
            buffer.left(entry);
        }
        return Long.MAX_VALUE;
    }

    private String why() {
        return broken == null ? "no answer" : broken;
    }

    /// The stream's end, as the servers say, with the buffer's lock. Beyond what this one wrote somebody else
    /// did, and may own it now.
    void seen(long last) {
        if (last > known && inFlight.isEmpty()) {
            fail("somebody else wrote");
        }
    }

    private void fail(String why) {
        if (broken == null) {
            broken = why;
            work.signal();
        }
    }

    // ---- The thread

    private void run() {
        try {
            boolean goesOn = true;
            while (goesOn) {
                goesOn = turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            buffer.die(new IOException("publishing failed: " + e, e));
        } finally {
            buffer.lock.lock();
            try {
                ended = true;
                buffer.progressed.signalAll();
            } finally {
                buffer.lock.unlock();
            }
        }
    }

    /// False at the end.
    private boolean turn() throws InterruptedException {
        Entry next;
        long mine;
        buffer.lock.lockInterruptibly();
        try {
            while (broken == null && !ready() && !over()) {
                work.awaitNanos(TimeUnit.MILLISECONDS.toNanos(500));
                look();
            }
            if (buffer.isAbandoned() || over()) {
                return false;
            }
            next = broken == null ? next() : null;
            mine = attempt;
        } finally {
            buffer.lock.unlock();
        }
        if (next == null) {
            return mend();
        }
        publish(next, mine);
        return true;
    }

    private boolean ready() {
        return !waiting.isEmpty()
                && inFlight.size() < WINDOW
                && (inFlight.isEmpty() || inFlightBytes + waiting.peek().size() <= JetStreamBuffer.PENDING);
    }

    private boolean over() {
        if (buffer.isAbandoned()) {
            return true;
        }
        boolean late = System.nanoTime() - endBy > 0;
        return buffer.ends() && (waiting.isEmpty() && inFlight.isEmpty() || late && endBy != Long.MAX_VALUE);
    }

    private void look() {
        long now = System.nanoTime();
        expire(now);
        if (!inFlight.isEmpty() && now - heard > SILENCE.toNanos()) {
            fail("the servers do not answer");
        }
    }

    private @Nullable Entry next() {
        Entry head = Objects.requireNonNull(waiting.peek());
        Entry entry;
        if (head.kind == Entry.Kind.RECORD && buffer.stretchEnds(sentBytes) && !marked(sentBytes)) {
            // Given up with its record, which it would hold up.
            entry = new Entry(Entry.Kind.STRETCH, head.first, 0, (byte) 0, head.millis, new byte[0], head.deadline);
            markedAt = sentBytes;
            buffer.counts(entry);
        } else {
            entry = waiting.remove();
        }
        if (inFlight.isEmpty()) {
            heard = System.nanoTime();
        }
        entry.at = ++sent;
        entry.sent = true;
        entry.passed = entry.first - sentCount;
        entry.bytes = sentBytes;
        buffer.labelLow(entry);
        sentCount += entry.events;
        sentBytes += entry.events == 0 ? 0 : entry.size();
        inFlight.add(entry);
        inFlightBytes += entry.size();
        return entry;
    }

    private long markedAt = -1;

    private boolean marked(long bytes) {
        return markedAt == bytes;
    }

    private void publish(Entry entry, long attempt) {
        Headers headers = headers(entry);
        headers.add(EXPECTED, Long.toString(entry.at - 1));
        String subject = switch (entry.kind) {
            case RECORD -> stream.records();
            case STRETCH -> stream.marks();
            case NOTE, CLOSE -> stream.claims();
        };
        send(subject, attempt, entry.at, headers, entry.body);
    }

    private Headers headers(Entry entry) {
        return new Headers()
                .add(
                        Label.HEADER,
                        new Label(
                                        buffer.id(),
                                        epoch,
                                        owner,
                                        entry.first,
                                        entry.events,
                                        entry.codec,
                                        entry.millis,
                                        entry.passed,
                                        entry.bytes,
                                        entry.low,
                                        entry.settled)
                                .text());
    }

    private void send(String subject, long attempt, long at, Headers headers, byte[] body) {
        try {
            stream.connection().publish(subject, inbox + "." + attempt + "-" + at, headers, body);
        } catch (IOException | IllegalStateException | IllegalArgumentException e) {
            buffer.lock.lock();
            try {
                refused(at, attempt, String.valueOf(e.getMessage()));
            } finally {
                buffer.lock.unlock();
            }
        }
    }

    // ---- Answers

    private void answered(Message message) {
        String token = message.getSubject().substring(inbox.length() + 1);
        int dash = token.indexOf('-');
        long of = Long.parseLong(token.substring(0, dash));
        long at = Long.parseLong(token.substring(dash + 1));
        String refusal = refusal(message, at);
        buffer.lock.lock();
        try {
            if (of != attempt) {
                return;
            }
            if (refusal != null) {
                refused(at, of, refusal);
                return;
            }
            Marks row = marks;
            if (row != null) {
                row.stored.set((int) (at - row.from - 1));
                buffer.progressed.signalAll();
                return;
            }
            heard = System.nanoTime();
            for (Entry entry : inFlight) {
                if (entry.at == at) {
                    entry.stored = true;
                    break;
                }
            }
            boolean moved = false;
            while (!inFlight.isEmpty() && inFlight.peek().stored) {
                stored(inFlight.remove());
                moved = true;
            }
            if (moved) {
                work.signal();
            }
        } finally {
            buffer.lock.unlock();
        }
    }

    private static @Nullable String refusal(Message message, long at) {
        if (message.isStatusMessage()) {
            return message.getStatus().isNoResponders()
                    ? "no server answers for the stream"
                    : message.getStatus().toString();
        }
        try {
            long stored = new PublishAck(message).getSeqno();
            return stored == at ? null : "stored as message %d in place of %d".formatted(stored, at);
        } catch (JetStreamApiException | IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void refused(long at, long attempt, String why) {
        if (attempt != this.attempt) {
            return;
        }
        Marks row = marks;
        if (row != null) {
            row.refusal = "mark %d: %s".formatted(at, why);
            buffer.progressed.signalAll();
            return;
        }
        fail(why);
    }

    private void stored(Entry entry) {
        inFlightBytes -= entry.size();
        known = entry.at;
        count(entry.first, entry.events, entry.size());
        buffer.stored(entry);
    }

    private void count(long first, int events, long size) {
        if (first < endSeq) {
            return;
        }
        endSeq = first + events; // also after a mark: a reader that met it takes no lower number for a new one
        if (events > 0) {
            endCount += events;
            endBytes += size;
        }
    }

    // ---- After a failure

    /// False at the end.
    private boolean mend() throws InterruptedException {
        try {
            claim();
            buffer.lock.lock();
            try {
                LOG.log(System.Logger.Level.DEBUG, "Stream {0}: goes on after: {1}", stream.name, why());
                broken = null;
            } finally {
                buffer.lock.unlock();
            }
            return true;
        } catch (BufferTaken e) {
            buffer.die(e);
            return false;
        } catch (StreamGone e) {
            remade(e);
        } catch (IOException e) {
            note(e);
        }
        buffer.lock.lockInterruptibly();
        try {
            expire(System.nanoTime());
            if (!over()) {
                work.awaitNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
            return !over();
        } finally {
            buffer.lock.unlock();
        }
    }

    private void note(IOException e) {
        buffer.lock.lock();
        try {
            missing = 0;
            broken = String.valueOf(e.getMessage());
        } finally {
            buffer.lock.unlock();
        }
    }

    private void remade(StreamGone gone) {
        boolean believed;
        buffer.lock.lock();
        try {
            broken = String.valueOf(gone.getMessage());
            believed = ++missing >= MISSING;
        } finally {
            buffer.lock.unlock();
        }
        if (!believed) {
            return;
        }
        try {
            if (stream.create()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Stream {0} was deleted by somebody else; it is made anew",
                        stream.name);
            }
        } catch (IOException e) {
            note(e);
        }
    }

    /// Reads what was stored since the last message known, then stores more marks in a row than anybody
    /// can have in flight. What is not stored waits again.
    ///
    /// @throws BufferTaken when somebody opened the stream after us
    void claim() throws IOException {
        listen();
        buffer.lock.lock();
        try {
            attempt++;
            marks = null;
            while (!inFlight.isEmpty()) {
                waiting.addFirst(inFlight.removeLast());
            }
            inFlightBytes = 0;
        } finally {
            buffer.lock.unlock();
        }
        for (int tries = 0; tries < 100; tries++) {
            account();
            if (row()) {
                if (isThere(skipped)) {
                    continue; // whoever answered did not know yet what it had
                }
                fell();
                settle();
                return;
            }
        }
        throw new IOException("stream %s is written by somebody else all the time".formatted(stream.name));
    }

    /// As [#claim], from somebody who may be writing: a mark that is stored whatever the stream's
    /// length breaks his chain, so that he looks, and finds that he is out.
    ///
    /// @param leap how many numbers to pass over then; again by another try
    void takeOver(long leap) throws IOException {
        listen();
        Entry mark;
        buffer.lock.lock();
        try {
            mark = buffer.mark(Entry.Kind.NOTE, endSeq, new byte[0]);
            mark.passed = endSeq - endCount;
            mark.bytes = endBytes;
            buffer.labelLow(mark);
        } finally {
            buffer.lock.unlock();
        }
        stream.store(stream.claims(), headers(mark));
        claim();
        if (leap > 0) {
            leap(leap);
        }
    }

    /// Numbers go on so far on. A mark before it and one after it tell an opening exactly where the gap
    /// lies.
    private void leap(long by) throws IOException {
        for (long first : new long[] {endSeq, endSeq + by}) {
            Entry mark = buffer.mark(Entry.Kind.STRETCH, first, new byte[0]);
            buffer.lock.lock();
            try {
                mark.passed = first - endCount;
                mark.bytes = endBytes;
                buffer.labelLow(mark);
            } finally {
                buffer.lock.unlock();
            }
            Headers headers = headers(mark);
            headers.add(EXPECTED, Long.toString(known));
            stream.store(stream.marks(), headers);
            buffer.lock.lock();
            try {
                known++;
                count(first, 0, 0);
            } finally {
                buffer.lock.unlock();
            }
        }
        settle();
    }

    private void listen() throws IOException {
        Connection connection = stream.connection();
        if (connection == listening) {
            return;
        }
        inbox = connection.createInbox();
        Dispatcher dispatcher = connection.createDispatcher(this::answered);
        dispatcher.setPendingLimits(0, 0);
        dispatcher.subscribe(inbox + ".*");
        listening = connection;
    }

    private void account() throws IOException {
        var state = stream.info().getStreamState();
        long last = state.getLastSequence();
        buffer.lock.lock();
        try {
            missing = 0;
            standAgain();
            if (skipped > 0) {
                known = Math.min(known, skipped - 1);
                skipped = 0;
            }
        } finally {
            buffer.lock.unlock();
        }
        if (last < known) {
            falls(last);
        }
        while (known < last) {
            Optional<MessageInfo> message = stream.get(known + 1);
            refuseTaken(message);
            Optional<Label> label = message.flatMap(each -> Label.of(each.getHeaders()));
            buffer.lock.lock();
            try {
                known++;
                if (label.isPresent()) {
                    found(
                            label.get(),
                            message.get().getData() == null ? 0 : message.get().getData().length);
                } else if (message.isEmpty() && skipped == 0) {
                    skipped = known;
                }
            } finally {
                buffer.lock.unlock();
            }
        }
    }

    private void refuseTaken(Optional<MessageInfo> message) throws BufferTaken {
        if (message.isPresent() && Label.isAfter(message.get().getHeaders(), epoch, owner)) {
            throw new BufferTaken(stream.name);
        }
    }

    private boolean isThere(long at) throws IOException {
        return at > 0 && stream.get(at).isPresent();
    }

    /// The servers say that the stream ends before what they had confirmed. A server that has just become
    /// leader, or has not heard yet that it is none any more, says so of a stream that is whole. So it is
    /// believed when a row is stored there, and not before: see [#fell] and [#standAgain].
    private void falls(long last) throws IOException {
        Optional<MessageInfo> message = last == 0 ? Optional.empty() : stream.get(last);
        refuseTaken(message);
        Optional<Label> label = message.flatMap(each -> Label.of(each.getHeaders()));
        buffer.lock.lock();
        try {
            falling = new Fall(
                    known, endCount, endBytes, last, label.map(Label::end).orElse(0L));
            known = last;
            endCount = label.map(each -> each.end() - each.passed()).orElse(0L);
            endBytes = label.map(Label::bytes).orElse(0L);
        } finally {
            buffer.lock.unlock();
        }
    }

    private void fell() {
        buffer.lock.lock();
        try {
            Fall fall = falling;
            if (fall == null) {
                return;
            }
            falling = null;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Stream {0} ends at message {1}; the servers had confirmed {2}",
                    stream.name,
                    Long.toString(fall.to()),
                    Long.toString(fall.from()));
            buffer.fellBack(fall.to(), fall.keptSeq(), endSeq);
        } finally {
            buffer.lock.unlock();
        }
    }

    /// With the buffer's lock.
    private void standAgain() {
        Fall fall = falling;
        if (fall == null) {
            return;
        }
        falling = null;
        known = fall.from();
        endCount = fall.endCount();
        endBytes = fall.endBytes();
    }

    /// A message that had been stored and not been confirmed, or was another's.
    private void found(Label label, int length) {
        if (label.by(epoch, owner)) {
            Iterator<Entry> entries = waiting.iterator();
            while (entries.hasNext()) {
                Entry entry = entries.next();
                if (entry.sent && entry.kind == Entry.Kind.RECORD && entry.first == label.first() && !label.isMark()) {
                    entries.remove();
                    entry.at = known;
                    entry.passed = label.passed();
                    entry.bytes = label.bytes();
                    entry.low = label.low();
                    entry.settled = label.settled();
                    entry.lowStream = 0;
                    count(entry.first, entry.events, entry.size());
                    buffer.stored(entry);
                    return;
                }
            }
        }
        count(label.first(), label.events(), Entry.size(length));
    }

    /// Whether all the marks were stored right after the last message known.
    private boolean row() throws IOException {
        Marks row;
        long mine;
        Entry mark;
        buffer.lock.lock();
        try {
            row = new Marks(known, WINDOW + 1);
            marks = row;
            attempt++;
            mine = attempt;
            mark = buffer.mark(Entry.Kind.NOTE, endSeq, new byte[0]);
            mark.passed = endSeq - endCount;
            mark.bytes = endBytes;
            buffer.labelLow(mark);
        } finally {
            buffer.lock.unlock();
        }
        for (int i = 0; i < row.count && row.refusal == null; i++) {
            Headers headers = headers(mark);
            headers.add(EXPECTED, Long.toString(row.from + i));
            send(stream.claims(), mine, row.from + i + 1, headers, mark.body);
        }
        long until = System.nanoTime() + SILENCE.toNanos();
        buffer.lock.lock();
        try {
            while (!row.done()) {
                long left = until - System.nanoTime();
                if (left <= 0 || buffer.isAbandoned()) {
                    marks = null;
                    throw new IOException("stream %s: the servers do not answer".formatted(stream.name));
                }
                try {
                    buffer.progressed.awaitNanos(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
            marks = null;
            attempt++;
            if (row.refusal == null) {
                known = row.from + row.count;
                return true;
            }
            if (!row.refusal.contains("wrong last sequence")) {
                throw new IOException("stream %s: %s".formatted(stream.name, row.refusal));
            }
            return false;
        } finally {
            buffer.lock.unlock();
        }
    }

    /// Everything up to `known` is what there is; the rest goes after it.
    private void settle() {
        buffer.lock.lock();
        try {
            sent = known;
            sentCount = endCount;
            sentBytes = endBytes;
            markedAt = -1;
            Iterator<Entry> entries = waiting.iterator();
            while (entries.hasNext()) {
                Entry entry = entries.next();
                if (entry.givenUp || entry.kind != Entry.Kind.RECORD && entry.sent) {
                    entries.remove();
                    buffer.left(entry);
                }
                entry.stored = false;
            }
            heard = System.nanoTime();
        } finally {
            buffer.lock.unlock();
        }
    }

    // ---- The end

    /// Waits for what is on its way, a short time.
    void end() {
        buffer.lock.lock();
        try {
            endBy = System.nanoTime() + LAST.toNanos();
            work.signalAll();
        } finally {
            buffer.lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive() && System.nanoTime() - endBy < 0) {
            try {
                thread.join(LAST);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        thread.interrupt();
        if (!buffer.isAbandoned()) {
            farewell();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// A last mark, if all went well; without it the next opening is as after a crash.
    private void farewell() {
        Entry mark;
        buffer.lock.lock();
        try {
            if (broken != null || epoch == 0 || !inFlight.isEmpty() || !waiting.isEmpty() || buffer.isDead()) {
                return;
            }
            mark = buffer.mark(Entry.Kind.CLOSE, endSeq, buffer.lastWords());
            mark.at = known + 1;
            mark.passed = endSeq - endCount;
            mark.bytes = endBytes;
            buffer.labelLow(mark);
        } finally {
            buffer.lock.unlock();
        }
        try {
            Headers headers = headers(mark);
            headers.add(EXPECTED, Long.toString(mark.at - 1));
            stream.connection().request(stream.claims(), headers, mark.body, Duration.ofSeconds(2));
        } catch (IOException | IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "No last mark", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
