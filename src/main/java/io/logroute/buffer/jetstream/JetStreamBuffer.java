package io.logroute.buffer.jetstream;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.Cursor;
import io.logroute.buffer.Damage;
import io.logroute.buffer.Gaps;
import io.logroute.buffer.Recovery;
import io.logroute.buffer.SyncFailed;
import io.logroute.remote.NatsServers;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The log of a router on a stream of NATS JetStream. What it promises and how it lies there stands in
/// the package's documentation.
///
///     append (any thread) -> waiting -> [Chain]'s thread -> in flight -> stored -> readers
///                                       publishes, many at a time
///
/// [#append] queues the record, the chain publishes it, and [#sync] waits until the servers have said
/// that it is stored, or until it is given up. [Stream] is what is asked of the servers, [Place] where
/// a reader is, [StreamCursor] its way; [Sweeper] purges what all have passed. One lock guards the
/// state; nobody holds it while a server is asked.
public final class JetStreamBuffer implements Buffer {
    private static final System.Logger LOG = System.getLogger(JetStreamBuffer.class.getName());
    /// What waits or is in flight together, at most; one record that is larger goes alone.
    static final long PENDING = 16 << 20;

    private static final int MANY_PENDING = 4096;
    private static final long STRETCH = 64 << 20;
    private static final long WORTH_A_PURGE = 1 << 20;
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);
    /// An opening that finds no mark of an orderly end passes over so many numbers, and by chance up to so
    /// many more: servers that lost their power may have lost the newest of what they had confirmed and
    /// readers have seen, and the same may come twice.
    private static final long LEAP = 1L << 30;

    private static final long LEAP_MORE = 1L << 36;
    /// Room in a message for the headers.
    private static final int HEADERS = 1024;

    /// How the stream is called, how many servers hold it, how much it may hold.
    ///
    /// @param patience how long a record may wait to be stored before it is given up
    public record Settings(String stream, int replicas, long maxBytes, Duration patience) {
        static final Duration PATIENCE = Duration.ofSeconds(30);
        static final long LEAST = 1 << 20;

        public Settings(String stream, int replicas, long maxBytes) {
            this(stream, replicas, maxBytes, PATIENCE);
        }

        public Settings {
            if (!stream.matches("[A-Za-z0-9_-]{1,200}")) {
                throw new IllegalArgumentException(
                        "stream \"%s\" does not fit; use letters, digits, - and _".formatted(stream));
            }
            if (replicas < 1 || replicas > 5) {
                throw new IllegalArgumentException("replicas is %d; set 1 to 5 (3 suits most)".formatted(replicas));
            }
            if (maxBytes < LEAST) {
                throw new IllegalArgumentException("maxBytes is %d; set %d or more".formatted(maxBytes, LEAST));
            }
        }
    }

    final Stream stream;
    final ReentrantLock lock = new ReentrantLock();
    /// More is durable, or something was given up; or the buffer closed.
    final Condition progressed = lock.newCondition();

    private final Condition freed = lock.newCondition();
    private final Condition sweep = lock.newCondition();
    private final Duration patience;
    private final Chain chain;
    private final InstantSource clock;
    private final Sweeper sweeper;
    /// One reader comes or goes at a time.
    private final Object opening = new Object();

    // All below: guarded by `lock`.
    private String id = "";
    private Recovery recovery = new Recovery(true, 0, 0, 0, 0, List.of(), List.of());
    private long maxBytes;
    private long nextSeq;
    private long durableSeq;
    private final Gaps gaps = new Gaps();
    /// Those, and what those passed over who had the stream before, in parts reckoned: for counting only.
    private final Gaps uncounted = new Gaps();
    /// The number after the last event that opening found.
    private long eventsEnd;

    final Stretches stretches = new Stretches();
    private final TreeMap<String, Place> places = new TreeMap<>();
    private final Map<String, StreamCursor> cursors = new HashMap<>();
    /// What the servers said last that the stream holds, and what was stored since.
    private long stateBytes;

    private record Size(long stream, long bytes) {}

    private final ArrayDeque<Size> since = new ArrayDeque<>();
    private long sinceBytes;
    private long pendingBytes;
    private int pending;
    private int waitingForSpace;
    private long didNotFit;
    private long firstSeq;
    /// All before this message was purged by us.
    private long purgedTo = 1;
    /// As the last label says that is stored: what may be purged.
    private long durableLow;

    private long durableLowStream;
    /// Events below it.
    private long durableSettled;
    /// The same as some label says that was sent: no reader begins below.
    private long toldLow;

    private long toldLowStream = 1;
    private long failures;
    private long failuresTold;
    private long untoldFrom;
    private @Nullable SyncFailed lastFailure;
    private long lostEvents;
    private long corruptRecords;
    private long free = Long.MAX_VALUE;
    private volatile boolean closing;
    private volatile boolean abandoned;
    private @Nullable IOException dead;

    private JetStreamBuffer(Stream stream, Settings settings, InstantSource clock, String owner) {
        this.stream = stream;
        this.maxBytes = settings.maxBytes();
        this.patience = settings.patience();
        this.clock = clock;
        this.chain = new Chain(this, stream, owner);
        this.sweeper = new Sweeper(this, stream);
    }

    /// Opens the buffer on this stream, which is made when it is not there. Whoever had it open before
    /// has lost it then: what that one was told is stored is in the log, and what it writes from now on
    /// is refused, [BufferTaken].
    ///
    /// @throws IOException when the servers cannot be reached or refuse within the settings' patience,
    ///     or when the stream cannot be a buffer; the message says what to do
    public static JetStreamBuffer open(NatsServers servers, Settings settings) throws IOException {
        return open(servers, settings, () -> false);
    }

    /// As [#open(NatsServers, Settings)].
    ///
    /// @param ends whether whoever waits for it is to end: then it is given up within a moment
    public static JetStreamBuffer open(NatsServers servers, Settings settings, BooleanSupplier ends)
            throws IOException {
        return open(servers, settings, ends, InstantSource.system(), new SecureRandom());
    }

    private static JetStreamBuffer open(
            NatsServers servers,
            Settings settings,
            BooleanSupplier ends,
            InstantSource clock,
            java.util.random.RandomGenerator chance)
            throws IOException {
        Patience patience = Patience.of(settings.patience(), ends);
        Stream stream = patience.persist(() -> new Stream(servers, settings.stream(), settings.replicas()));
        try {
            JetStreamBuffer buffer = new JetStreamBuffer(stream, settings, clock, Buffer.id(chance.nextLong()));
            buffer.start(patience, chance);
            return buffer;
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    /// Deletes a stream that nobody has open, with all that is in it; nothing where there is none.
    public static void delete(NatsServers servers, String name) throws IOException {
        try (Stream stream = new Stream(servers, name, 1)) {
            stream.delete();
        }
    }

    /// Deletes the stream of a buffer that is closed, with all that is in it; nothing where there is none.
    ///
    /// @throws BufferTaken when another instance has opened it since; what that one took in stays
    public static void delete(NatsServers servers, String name, Opening by) throws IOException {
        try (Stream stream = new Stream(servers, name, 1)) {
            refuseTaken(stream, by);
            stream.delete();
        } catch (StreamGone e) {
            LOG.log(System.Logger.Level.DEBUG, "Stream {0} is gone already", name);
        }
    }

    /// Tells one opening of a stream from all others.
    public record Opening(String id, long epoch, String owner) {}

    /// This one.
    ///
    /// @throws BufferTaken when another instance has opened the stream since, as its servers say
    public Opening opening() throws IOException {
        alive();
        Opening mine = new Opening(id, chain.epoch(), chain.owner());
        refuseTaken(stream, mine);
        return mine;
    }

    private static void refuseTaken(Stream stream, Opening by) throws IOException {
        Optional<MessageInfo> last = stream.last();
        if (last.isEmpty()) {
            return;
        }
        boolean another = Label.of(last.get().getHeaders())
                .filter(label -> !label.id().equals(by.id()))
                .isPresent();
        if (another || Label.isAfter(last.get().getHeaders(), by.epoch(), by.owner())) {
            throw new BufferTaken(stream.name);
        }
    }

    // ---- Opening

    private void start(Patience patience, java.util.random.RandomGenerator chance) throws IOException {
        String newId = Buffer.id(chance.nextLong());
        boolean made = patience.persist(stream::create);
        Ending ending = patience.persist(() -> Ending.of(stream));
        begin(ending, newId);
        boolean leaps = ending.label().isPresent() && !ending.closed();
        patience.persist(() -> {
            chain.takeOver(leaps ? LEAP + chance.nextLong(LEAP_MORE) : 0);
            return true;
        });
        lock.lock();
        try {
            nextSeq = chain.endSeq();
            durableSeq = nextSeq;
        } finally {
            lock.unlock();
        }
        survey(patience.persist(() -> Survey.of(stream, chain, ending)));
        boolean clean = ending.closed() || ending.isNew() || made;
        recovery = new Recovery(clean, 0, 0, lostEvents, 0, List.of(), List.of());
        chain.start();
        sweeper.start();
    }

    /// Goes on where the log says that it ends. The epoch of one that says nothing is higher than any
    /// that there can have been: a stream has had fewer openings than messages, and one of that name that
    /// was deleted began earlier.
    private void begin(Ending ending, String newId) {
        Optional<Label> label = ending.label();
        id = label.map(Label::id).orElse(newId);
        chain.begin(
                label.map(Label::epoch).orElseGet(() -> clock.millis() + ending.last()),
                ending.last(),
                label.map(Label::end).orElse(0L),
                label.map(last -> last.end() - last.passed()).orElse(0L),
                ending.bytes());
        lock.lock();
        try {
            durableLow = label.map(Label::low).orElse(0L);
            durableSettled = label.map(Label::settled).orElse(0L);
            toldLow = durableLow;
            lostEvents = ending.isEmptied() ? ending.last() : 0;
        } finally {
            lock.unlock();
        }
        if (ending.isEmptied()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Stream {0} was emptied by somebody else: {1} messages had been in it. It begins anew, as another buffer",
                    stream.name,
                    ending.last());
        }
    }

    private void survey(Survey found) {
        lock.lock();
        try {
            places.putAll(found.places());
            eventsEnd = found.eventsEnd();
            passOver(eventsEnd, chain.endSeq());
            for (Place place : found.places().values()) {
                place.saved = gaps.skip(place.saved);
            }
            found.starts().forEach(this::stretch);
            stretches.end(chain.endSeq(), chain.endBytes());
            if (!found.starts().isEmpty()) {
                Stretches.Start newest = stretches.before(chain.endSeq());
                passedOver(newest, chain.endSeq(), chain.endSeq() - chain.endCount());
            }
            firstSeq = found.starts().isEmpty()
                    ? nextSeq
                    : found.starts().getFirst().seq();
            purgedTo = Math.max(1, found.state().getFirstSequence());
            stateBytes = found.state().getByteCount();
            long gone = found.before() - durableSettled;
            if (gone > 0 && firstSeq > durableLow) {
                lostEvents += gone;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Stream {0}: {1} events between {2} and {3} are gone, and no sink had settled them all; somebody else purged them",
                        stream.name,
                        Long.toString(gone),
                        Long.toString(durableLow),
                        Long.toString(firstSeq - 1));
            }
        } finally {
            lock.unlock();
        }
    }

    /// These numbers belong to no record that is to be read.
    private long passOver(long from, long to) {
        uncounted.add(from, to);
        return gaps.add(from, to);
    }

    private void stretch(Stretches.Start start) {
        List<Stretches.Start> all = stretches.all();
        if (!all.isEmpty()) {
            passedOver(all.getLast(), start.seq(), start.passed());
        }
        stretches.add(start);
    }

    /// Where they lie in between nobody knows. At the beginning of it, never fewer events count as not
    /// settled than there are.
    private void passedOver(Stretches.Start from, long to, long passed) {
        long end = Math.min(to, eventsEnd);
        uncounted.add(from.seq(), Math.min(end, from.seq() + Math.max(0, passed - from.passed() - (to - end))));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String where() {
        return "stream " + stream.name;
    }

    // ---- Writing

    @Override
    public long append(byte[] bytes, int from, int length, int events, byte codec)
            throws IOException, InterruptedException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (events < 1 || events > Math.max(1, length)) {
            throw new IllegalArgumentException(
                    "a record of %d bytes cannot carry %d events; 1 to one a byte".formatted(length, events));
        }
        refuseTooLong(length);
        byte[] body = from == 0 && length == bytes.length ? bytes : Arrays.copyOfRange(bytes, from, from + length);
        lock.lockInterruptibly();
        try {
            room(length);
            long seq = nextSeq;
            nextSeq += events;
            add(new Entry(
                    Entry.Kind.RECORD,
                    seq,
                    events,
                    codec,
                    clock.millis(),
                    body,
                    System.nanoTime() + patience.toNanos()));
            return seq;
        } finally {
            lock.unlock();
        }
    }

    private void add(Entry entry) {
        counts(entry);
        chain.add(entry);
    }

    private void refuseTooLong(int length) {
        long most = maxRecordBytes();
        if (length > most) {
            throw new IllegalArgumentException(
                    "a record of %d bytes does not fit; this buffer takes up to %d, raise max_payload of the NATS servers, or maxBytes"
                            .formatted(length, most));
        }
    }

    private void room(int length) throws IOException, InterruptedException {
        long size = Entry.size(length);
        while (true) {
            ensureOpen();
            refuseTooLong(length); // the buffer may have become smaller meanwhile
            if (occupied() + size > maxBytes) {
                waitingForSpace++;
                didNotFit = size;
                try {
                    sweep.signal();
                    freed.await(1, TimeUnit.SECONDS);
                } finally {
                    waitingForSpace--;
                }
                continue;
            }
            if (pending > 0 && (pendingBytes + size > PENDING || pending >= MANY_PENDING)) {
                expire();
                freed.await(1, TimeUnit.SECONDS);
                continue;
            }
            return;
        }
    }

    private long occupied() {
        return stateBytes + sinceBytes + pendingBytes;
    }

    @Override
    public long sync() throws IOException {
        lock.lock();
        try {
            long told = failuresTold;
            awaitDurable(nextSeq);
            if (failures > told && lastFailure != null) {
                failuresTold = failures;
                throw notStored(untoldFrom, lastFailure.to(), lastFailure.why());
            }
            return durableSeq;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long sync(long seq) throws IOException {
        lock.lock();
        try {
            awaitDurable(Math.min(nextSeq, seq + 1));
            if (gaps.contains(seq)) {
                throw notStored(seq, gaps.skip(seq), lastFailure == null ? "no such record" : lastFailure.why());
            }
            return durableSeq;
        } finally {
            lock.unlock();
        }
    }

    private SyncFailed notStored(long from, long to, String why) {
        return new SyncFailed(
                from,
                to,
                "Events %d to %d could not be stored in stream %s within %d s (%s). They have to be sent again."
                        .formatted(from, to - 1, stream.name, patience.toSeconds(), why),
                why,
                "The servers of stream %s take no data. See that a majority of them runs and has room; the log says what they answer. What was not stored is not acknowledged, and clients send it again."
                        .formatted(stream.name));
    }

    /// As with a disk, an interrupt does not end it; it is bounded, and the interrupt is kept.
    private void awaitDurable(long seq) throws IOException {
        boolean interrupted = false;
        try {
            while (durableSeq < seq) {
                if (dead != null) {
                    throw dead();
                }
                if (abandoned || chain.ended()) {
                    throw closed();
                }
                long left = expire();
                if (durableSeq >= seq) {
                    return;
                }
                try {
                    progressed.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Gives up what waits too long. How long the next one may still wait.
    private long expire() {
        return chain.expire(System.nanoTime());
    }

    /// This record is told as not stored. It may have been stored all the same; then no reader of this
    /// process gets it. Called by the chain, in order.
    void gaveUp(Entry entry, String why) {
        entry.givenUp = true;
        if (entry.events == 0) {
            return;
        }
        passOver(entry.first, entry.end());
        untoldFrom = failures == failuresTold ? entry.first : untoldFrom;
        durableSeq = Math.max(durableSeq, entry.end());
        lastFailure = notStored(entry.first, entry.end(), why);
        failures++;
        progressed.signalAll();
    }

    /// Called by the chain, in order.
    void stored(Entry entry) {
        left(entry);
        since.add(new Size(entry.at, entry.size()));
        sinceBytes += entry.size();
        durableSeq = Math.max(durableSeq, entry.end());
        if (entry.kind == Entry.Kind.STRETCH) {
            stretches.add(new Stretches.Start(entry.at, entry.first, entry.passed, entry.bytes));
        } else if (entry.events > 0) {
            if (stretches.all().isEmpty()) {
                stretches.add(new Stretches.Start(entry.at, entry.first, entry.passed, entry.bytes));
            }
            stretches.end(entry.end(), entry.bytes + entry.size());
        }
        if (entry.low > durableLow || entry.lowStream > durableLowStream) {
            durableSettled = entry.low > durableLow ? entry.settled : durableSettled;
            durableLow = Math.max(durableLow, entry.low);
            durableLowStream = Math.max(durableLowStream, entry.lowStream);
        }
        progressed.signalAll();
    }

    /// It is stored or given up.
    void left(Entry entry) {
        pendingBytes -= entry.size();
        pending--;
        freed.signalAll();
    }

    /// Whether a mark belongs before a record that begins so many bytes into the log.
    boolean stretchEnds(long bytes) {
        return stretches.newest(bytes) >= Math.min(STRETCH, Math.max(64 << 10, maxBytes / 16));
    }

    /// One that the chain puts in by itself.
    void counts(Entry entry) {
        pendingBytes += entry.size();
        pending++;
    }

    @Override
    public Optional<String> over() {
        lock.lock();
        try {
            return Optional.ofNullable(dead).map(why -> String.valueOf(why.getMessage()));
        } finally {
            lock.unlock();
        }
    }

    boolean isDead() {
        return dead != null;
    }

    Entry mark(Entry.Kind kind, long first, byte[] body) {
        return new Entry(kind, first, 0, (byte) 0, clock.millis(), body, System.nanoTime() + patience.toNanos());
    }

    /// What every reader has passed: the message up to which, and the number.
    private @Nullable Place lowest() {
        Place least = null;
        for (Place place : places.values()) {
            if (least == null || place.stream < least.stream) {
                least = place;
            }
        }
        return least;
    }

    void labelLow(Entry entry) {
        Place least = lowest();
        if (least != null && least.start > durableLow) {
            entry.low = least.start;
            entry.settled = least.start - least.passed;
        } else {
            entry.low = durableLow;
            entry.settled = durableSettled;
        }
        entry.lowStream = least == null ? 0 : least.stream;
        toldLow = Math.max(toldLow, entry.low);
        toldLowStream = Math.max(toldLowStream, entry.lowStream);
    }

    @Override
    public boolean full() {
        lock.lock();
        try {
            return waitingForSpace > 0 || occupied() - pendingBytes + Math.max(didNotFit, Entry.size(8)) > maxBytes;
        } finally {
            lock.unlock();
        }
    }

    // ---- Reading

    @Override
    public Cursor cursor(String reader) throws IOException {
        Place place;
        synchronized (opening) {
            place = place(reader);
        }
        lock.lock();
        try {
            ensureOpen();
            if (cursors.containsKey(reader)) {
                throw new IllegalStateException("cursor \"%s\" is open already; close it first".formatted(reader));
            }
            StreamCursor cursor = new StreamCursor(this, place, gaps.skip(place.saved));
            cursors.put(reader, cursor);
            return cursor;
        } finally {
            lock.unlock();
        }
    }

    private Place place(String reader) throws IOException {
        lock.lock();
        try {
            ensureOpen();
            Place known = places.get(reader);
            if (known != null) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        if (Place.of(Place.consumer(reader, 1)).isEmpty()
                || Place.consumer(reader, 1).length() > 200) {
            throw new IllegalArgumentException("reader \"%s\" does not fit; use a shorter name".formatted(reader));
        }
        Place place = new Place(reader, 1);
        lock.lock();
        try {
            place.stream = Math.max(toldLowStream, purgedTo);
            place.start = toldLow;
            place.saved = toldLow;
            places.put(reader, place); // from now on it holds back what comes
        } finally {
            lock.unlock();
        }
        boolean made = false;
        try {
            Patience.of(patience, this::ends).persist(() -> {
                Survey.locate(stream, chain, place, stream.next(place.stream));
                place.saved = skipGaps(place.start);
                stream.consumer(place.consumer(), "sink " + reader, place.stream);
                return true;
            });
            place.fresh = true;
            made = true;
            return place;
        } finally {
            if (!made) {
                unknown(reader);
            }
        }
    }

    private void unknown(String reader) {
        lock.lock();
        try {
            places.remove(reader);
        } finally {
            lock.unlock();
        }
    }

    /// A consumer of the next version that begins at this place; the one before goes then.
    ///
    /// @return its name
    String renew(Place place) throws IOException {
        String old;
        String fresh;
        long from;
        lock.lock();
        try {
            ensureOpen();
            if (place.fresh) {
                place.fresh = false;
                return place.consumer();
            }
            if (places.get(place.reader) != place) {
                throw new IOException("sink %s was forgotten".formatted(place.reader));
            }
            old = place.consumer();
            fresh = Place.consumer(place.reader, place.version + 1);
            from = place.stream;
        } finally {
            lock.unlock();
        }
        try {
            stream.consumer(fresh, "sink " + place.reader, from);
        } catch (IOException e) {
            unmake(fresh); // it may be there all the same, and begin where the place is no more the next time
            throw e;
        }
        lock.lock();
        try {
            place.version++;
        } finally {
            lock.unlock();
        }
        stream.deleteConsumer(old);
        return fresh;
    }

    private void unmake(String consumer) {
        try {
            stream.deleteConsumer(consumer);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Consumer " + consumer + " may be there", e);
        }
    }

    /// Everything before this message is settled, and was never given out.
    void jump(Place place, long to) throws IOException {
        Optional<MessageInfo> at = stream.next(to);
        Place there = new Place(place.reader, 0);
        there.stream = to;
        Survey.locate(stream, chain, there, at);
        lock.lock();
        try {
            place.fresh = false;
            place.stream = Math.max(place.stream, to);
            place.start = Math.max(place.start, there.start);
            place.passed = Math.max(place.passed, there.passed);
        } finally {
            lock.unlock();
        }
        renew(place);
        lock.lock();
        try {
            place.fresh = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long forget(String reader) throws IOException {
        StreamCursor open;
        Place place;
        lock.lock();
        try {
            open = cursors.get(reader);
            place = places.get(reader);
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.close();
        }
        if (place == null) {
            return 0;
        }
        synchronized (opening) {
            for (String consumer : stream.consumerNames()) { // also one that was to go and did not
                if (Place.of(consumer)
                        .filter(name -> name.reader().equals(reader))
                        .isPresent()) {
                    stream.deleteConsumer(consumer);
                }
            }
            unknown(reader);
        }
        lock.lock();
        try {
            sweep.signal();
            return unsettled(open == null ? place.saved : open.settled());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<String> readers() {
        lock.lock();
        try {
            return List.copyOf(places.keySet());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OptionalLong settled(String reader) {
        lock.lock();
        try {
            Place place = places.get(reader);
            StreamCursor open = cursors.get(reader);
            if (place == null) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(open == null ? place.saved : open.settled());
        } finally {
            lock.unlock();
        }
    }

    void closed(StreamCursor cursor, String reader) {
        lock.lock();
        try {
            cursors.remove(reader, cursor);
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Everything before this message is settled for the reader, and of its record what lies below
    /// `saved`.
    void saved(Place place, long stream, long start, long passed, long saved) {
        lock.lock();
        try {
            place.stream = Math.max(place.stream, stream);
            place.start = Math.max(place.start, start);
            place.passed = Math.max(place.passed, passed);
            place.saved = Math.max(place.saved, saved);
            if (waitingForSpace > 0) {
                sweep.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The first message that holds a number from `seq` on; the one after the last when there is none.
    long streamOf(long seq) throws IOException {
        long from;
        long to;
        lock.lock();
        try {
            long known = chain.known();
            if (seq >= chain.endSeq() || stretches.all().isEmpty()) {
                return known + 1;
            }
            from = stretches.before(seq).stream();
            to = Math.min(known + 1, stretches.streamAfter(seq, known + 1) + 1);
        } finally {
            lock.unlock();
        }
        while (from < to) {
            long middle = from + (to - from) / 2;
            Optional<MessageInfo> at = stream.next(middle);
            if (at.isEmpty()
                    || at.get().getSeq() >= to
                    || stream.label(at.get()).end() > seq) {
                to = middle;
            } else {
                from = at.get().getSeq() + 1;
            }
        }
        return from;
    }

    /// A reader missed these numbers; as many of them belonged to no event.
    void lost(long from, long to, long passed) {
        lock.lock();
        try {
            long fresh = passOver(from, to);
            long known = to - from - fresh; // given up, or missed by another reader
            long events = Math.max(0, fresh - Math.max(0, passed - known));
            lostEvents += events;
            if (events > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Stream {0}: {1} events from number {2} on are gone; somebody else deleted or purged them",
                        stream.name,
                        Long.toString(events),
                        Long.toString(from));
            }
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// How many of these numbers belong to no event, as far as that is known.
    long passedBetween(long from, long to) {
        lock.lock();
        try {
            return from >= to ? 0 : uncounted.above(from) - uncounted.above(to);
        } finally {
            lock.unlock();
        }
    }

    void corrupt() {
        lock.lock();
        try {
            corruptRecords++;
        } finally {
            lock.unlock();
        }
    }

    /// The same number past those that belong to no record any more.
    long skipGaps(long seq) {
        lock.lock();
        try {
            return gaps.skip(seq);
        } finally {
            lock.unlock();
        }
    }

    boolean isGap(long seq) {
        lock.lock();
        try {
            return gaps.contains(seq);
        } finally {
            lock.unlock();
        }
    }

    /// Waits until everything below is stored or given up; false when it is not in time.
    boolean awaitDurable(long seq, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (durableSeq < seq && dead == null && !abandoned) {
                if (left <= 0) {
                    return false;
                }
                left = progressed.awaitNanos(left);
            }
            return durableSeq >= seq;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long unsettled(String reader, long below) {
        var settled = settled(reader);
        return settled.isEmpty() ? 0 : eventsBetween(settled.getAsLong(), below);
    }

    long unsettled(long settled) {
        lock.lock();
        try {
            return Math.max(0, nextSeq - settled - uncounted.above(settled));
        } finally {
            lock.unlock();
        }
    }

    long eventsBetween(long from, long to) {
        return Math.max(0, unsettled(from) - unsettled(to));
    }

    long bytesFrom(long seq) {
        lock.lock();
        try {
            return stretches.bytesFrom(seq);
        } finally {
            lock.unlock();
        }
    }

    long placeWithin(long bytes) {
        lock.lock();
        try {
            return stretches.placeWithin(bytes);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OptionalLong oldestEnd() {
        lock.lock();
        try {
            return stretches.oldestEnd();
        } finally {
            lock.unlock();
        }
    }

    // ---- Purging, by the sweeper

    Sweeper.Turn awaitTurn() throws InterruptedException {
        lock.lock();
        try {
            if (closing || abandoned || dead != null) {
                return Sweeper.Turn.OVER;
            }
            sweep.await(SWEEP_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            return waitingForSpace > 0 ? Sweeper.Turn.WANTED : Sweeper.Turn.USUAL;
        } finally {
            lock.unlock();
        }
    }

    /// Whether nobody knows now what the stream holds, or wants to.
    boolean isUnsure() {
        return closing || chain.isBroken();
    }

    /// What may be purged now. Of what might be, a label has to be stored that says so.
    Optional<Sweeper.Due> due(Sweeper.Turn turn) {
        lock.lock();
        try {
            Place least = lowest();
            if (least != null && least.start > durableLow && !closing) {
                boolean worth = turn == Sweeper.Turn.WANTED
                        || stretches.bytesFrom(durableLow) - stretches.bytesFrom(least.start) >= WORTH_A_PURGE;
                if (worth || pending == 0) {
                    add(mark(Entry.Kind.NOTE, nextSeq, new byte[0]));
                }
            }
            long to = Math.min(durableLowStream, chain.known());
            return to > purgedTo ? Optional.of(new Sweeper.Due(to, durableLow)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    void purged(Sweeper.Due due) {
        lock.lock();
        try {
            purgedTo = due.message();
            firstSeq = Math.max(firstSeq, due.low());
            stretches.dropBelow(due.low());
        } finally {
            lock.unlock();
        }
    }

    /// So many bytes more may be stored.
    void free(long bytes) {
        lock.lock();
        try {
            free = bytes;
        } finally {
            lock.unlock();
        }
    }

    /// Takes in what the servers say of the stream. Whether somebody else has purged it.
    boolean wasPurged(StreamState state) {
        lock.lock();
        try {
            stateBytes = state.getByteCount();
            while (!since.isEmpty() && since.peek().stream() <= state.getLastSequence()) {
                sinceBytes -= since.remove().bytes();
            }
            freed.signalAll();
            chain.seen(state.getLastSequence());
            return state.getFirstSequence() > purgedTo && state.getLastSequence() >= chain.known();
        } finally {
            lock.unlock();
        }
    }

    /// What was before the first message that is left is gone.
    void purgedByOthers(StreamState state, Optional<Label> first) {
        lock.lock();
        try {
            long toSeq = first.map(Label::first).orElseGet(chain::endSeq);
            long settled = first.map(Label::before).orElseGet(chain::endCount);
            if (first.isEmpty()) {
                add(mark(Entry.Kind.NOTE, nextSeq, new byte[0])); // the last message keeps the numbers
            }
            Place least = lowest();
            long fromSeq = least == null ? firstSeq : Math.max(least.saved, firstSeq);
            long passedBefore = least == null ? 0 : least.passed + passedBetween(least.start, fromSeq);
            purgedTo = Math.max(purgedTo, state.getFirstSequence());
            firstSeq = Math.max(firstSeq, toSeq);
            durableSettled = toSeq > durableLow ? settled : durableSettled;
            durableLow = Math.max(durableLow, toSeq);
            stretches.dropBelow(toSeq);
            if (toSeq > fromSeq) {
                lost(fromSeq, toSeq, Math.max(0, toSeq - settled - passedBefore));
            }
        } finally {
            lock.unlock();
        }
    }

    /// The stream does not hold what it held: somebody deleted it, or its servers lost what they had
    /// taken. It goes on after message `known`, and the numbers after `endSeq`. Called by the chain.
    void fellBack(long known, long keptSeq, long endSeq) {
        lock.lock();
        try {
            Place least = lowest();
            long from = Math.max(keptSeq, least == null ? firstSeq : least.saved);
            if (endSeq > from) {
                lost(from, endSeq, passedBetween(from, endSeq));
            }
            for (Place place : places.values()) {
                if (place.stream > known + 1 || known == 0) {
                    place.stream = known + 1;
                    place.start = Math.max(place.start, endSeq);
                    place.passed = Math.max(place.passed, place.start - chain.endCount());
                    place.saved = Math.max(place.saved, place.start);
                }
                place.generation++;
                place.fresh = false;
            }
            if (known == 0) {
                stretches.clear();
                firstSeq = endSeq;
            }
            // The messages after it get the same numbers as those that are gone, and are not settled.
            durableLowStream = Math.min(durableLowStream, known + 1);
            toldLowStream = Math.min(toldLowStream, known + 1);
            purgedTo = Math.min(purgedTo, known + 1);
            since.clear();
            sinceBytes = 0;
            durableLow = Math.max(durableLow, known == 0 ? endSeq : 0);
            durableSettled = Math.min(durableSettled, chain.endCount());
        } finally {
            lock.unlock();
        }
    }

    // ---- Figures

    @Override
    public long bytes() {
        lock.lock();
        try {
            return occupied();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long maxBytes() {
        lock.lock();
        try {
            return maxBytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void resize(long maxBytes) {
        lock.lock();
        try {
            this.maxBytes = Math.max(Settings.LEAST, maxBytes);
            didNotFit = Math.min(didNotFit, this.maxBytes / 8);
            freed.signalAll();
            sweep.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long maxRecordBytes() {
        long payload = stream.maxPayload();
        return Math.max(1, Math.min(payload - HEADERS, maxBytes() / 4));
    }

    @Override
    public long firstSeq() {
        lock.lock();
        try {
            return Math.min(firstSeq, nextSeq);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nextSeq() {
        lock.lock();
        try {
            return nextSeq;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long durableSeq() {
        lock.lock();
        try {
            return durableSeq;
        } finally {
            lock.unlock();
        }
    }

    /// What the account may still store, as the servers said last.
    @Override
    public long freeDiskBytes() {
        lock.lock();
        try {
            return free;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Recovery recovery() {
        return recovery;
    }

    @Override
    public Damage damage() {
        lock.lock();
        try {
            return new Damage(corruptRecords, lostEvents, 0);
        } finally {
            lock.unlock();
        }
    }

    // ---- The end

    private void ensureOpen() throws IOException {
        if (dead != null) {
            throw dead();
        }
        if (closing || abandoned) {
            throw closed();
        }
    }

    static IOException closed() {
        return new IOException("the buffer is closed");
    }

    /// Why it ended by itself; [#die] says it for everybody who asks from then on.
    private IOException dead() {
        IOException why = Objects.requireNonNull(dead);
        return why instanceof BufferTaken ? new BufferTaken(stream.name) : new IOException(why.getMessage(), why);
    }

    void alive() throws IOException {
        lock.lock();
        try {
            ensureOpen();
        } finally {
            lock.unlock();
        }
    }

    boolean ends() {
        return closing || abandoned;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /// Nothing goes any more. Called by the chain.
    void die(IOException why) {
        List<StreamCursor> open;
        lock.lock();
        try {
            dead = why;
            progressed.signalAll();
            freed.signalAll();
            sweep.signal();
            open = List.copyOf(cursors.values());
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.ERROR, "Buffer in {0}: {1}", where(), why.getMessage());
        open.forEach(StreamCursor::end);
    }

    /// The exact places of all readers, for a mark at the end.
    byte[] lastWords() {
        StringBuilder words = new StringBuilder("closed\n");
        for (Place place : places.values()) {
            words.append(place.consumer()).append('=').append(place.saved).append('\n');
        }
        return words.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Waits a few seconds for what was appended, at most, and writes down where readers are.
    @Override
    public void close() {
        end(false);
    }

    /// Stops as a killed process would.
    void abandon() {
        end(true);
    }

    /// As [#close], and deletes the stream with all that is in it.
    public void discard() throws IOException {
        try {
            opening();
            stream.delete();
        } finally {
            abandon();
        }
    }

    private void end(boolean abruptly) {
        List<StreamCursor> open;
        lock.lock();
        try {
            closing = true;
            abandoned = abandoned || abruptly;
            progressed.signalAll();
            freed.signalAll();
            sweep.signal();
            open = List.copyOf(cursors.values());
        } finally {
            lock.unlock();
        }
        open.forEach(StreamCursor::leaveBuffer);
        sweeper.end();
        chain.end();
        stream.close();
    }
}
