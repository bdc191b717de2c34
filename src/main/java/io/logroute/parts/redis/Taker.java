package io.logroute.parts.redis;

import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Monitor;
import io.logroute.remote.RedisLink;
import io.logroute.remote.RedisServers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Takes from one key. A thread reads and hands over; another, with a connection of its own, settles in Redis
/// what the router has stored, many in one go, and shows that this consumer lives. Each comes back by itself,
/// for ever.
///
/// No more than `room` bytes are in hand, and one reply besides; then nothing is read. What the router refuses is
/// handed over again. While others pass and it does not, it is handed over in halves, until what is to blame
/// is alone; that stays in Redis, is told, and comes again after the next start.
final class Taker implements AutoCloseable {
    /// What a taker tells.
    interface Tally {
        void unreadable(long events);

        void takenOver(long entries);

        void suspect(String reason, long entries);
    }

    /// What all takers of a source share.
    ///
    /// @param name the source, for people
    /// @param room bytes in hand, at most
    record Setting(
            String name,
            RedisServers servers,
            Inlet inlet,
            long room,
            Duration claimAfter,
            Duration longestPause,
            InstantSource clock,
            RandomGenerator random,
            Tally tally) {}

    private static final System.Logger LOG = System.getLogger(Taker.class.getName());
    private static final int MARKS = 5_000;
    private static final int HALVED_AFTER = 3;
    private static final int ASIDE_AFTER = 8;
    /// Bytes of the longest id of an entry.
    private static final int TRACE = 41;
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Setting setting;
    private final String key;
    private final Shelf shelf;
    private final Payload payload;
    private final byte[] keyBytes;
    private final LinkedBlockingQueue<Flight> settling = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Flight> again = new ConcurrentLinkedQueue<>();
    private final AtomicLong storedFlights = new AtomicLong();
    private final Monitor monitor = new Monitor();
    /// What is in hand. Guarded by `monitor`, as are the two that follow.
    private final Set<Flight> flights = new LinkedHashSet<>();

    /// What was put aside, by its traces: an element may be large, and stays aside for as long as we live.
    private final Map<ByteBuffer, Integer> aside = new HashMap<>();
    private long inHand;

    private final Thread reading;
    private final Thread settlingThread;
    private volatile @Nullable RedisLink readingLink;
    private volatile @Nullable RedisLink settlingLink;
    private volatile boolean closed;
    private volatile boolean ended;
    private volatile boolean isUp;
    private volatile boolean isStale;
    private volatile Shelf.Waiting waiting = Shelf.Waiting.UNKNOWN;
    private volatile String lastRefusal = "";

    // Of the thread that reads.
    private final Pace pace = new Pace();
    private long takeOverAt;
    private boolean isTold;

    Taker(Setting setting, String key, Shelf shelf, Payload payload) {
        this.setting = setting;
        this.key = key;
        this.shelf = shelf;
        this.payload = payload;
        this.keyBytes = Words.of(key);
        this.reading = Thread.ofVirtual().name("redis-read-" + key).unstarted(this::readAll);
        this.settlingThread = Thread.ofVirtual().name("redis-settle-" + key).unstarted(this::settleAll);
    }

    void start() {
        reading.start();
        settlingThread.start();
    }

    /// Whether the key can be read.
    boolean isUp() {
        return isUp;
    }

    /// What waits in Redis, what is in hand among it, as last asked.
    Shelf.Waiting waiting() {
        return waiting;
    }

    private void readAll() {
        int failures = 0;
        while (!closed) {
            try (var link = setting.servers.connect(keyBytes)) {
                readingLink = link;
                if (closed) {
                    return;
                }
                shelf.open(link);
                takeOverAt = System.nanoTime() + setting.claimAfter.toNanos();
                isStale = true;
                while (!closed) {
                    turn(link);
                    failures = 0;
                    up();
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                setting.servers.lookAnew();
                down(String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Source " + setting.name + ": reading failed; it goes on", e);
                down("it failed: " + e);
            }
            try {
                pause(++failures);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void turn(RedisLink link) throws IOException, InterruptedException {
        if (isStale) {
            isStale = false;
            shelf.left(link, new Holding().now(), this::handOver);
        }
        handOverAgain();
        if (System.nanoTime() - takeOverAt >= 0) {
            takeOverAt = System.nanoTime() + setting.claimAfter.toNanos() / 2;
            takeOver(link);
        }
        var items = shelf.read(link, pace.count(), new Holding());
        if (!items.isEmpty()) {
            pace.came(items.stream().mapToLong(Shelf.Item::bytes).sum(), items.size());
            handOver(items);
        }
    }

    /// Each as often as it is. No more come while this thread asks.
    private long held() {
        try (var _ = monitor.enter()) {
            return aside.values().stream().mapToLong(times -> times).sum()
                    + flights.stream()
                            .mapToLong(flight -> flight.marks().size())
                            .sum();
        }
    }

    private void takeOver(RedisLink link) throws IOException, InterruptedException {
        long held = held();
        if (shelf.begun(link) > held) {
            isStale = true;
        }
        var taken = shelf.takeOver(link, pace.count());
        long all = taken.items().size() + taken.putBack();
        if (all == 0) {
            return;
        }
        setting.tally.takenOver(all);
        LOG.log(
                System.Logger.Level.INFO,
                "Source {0}: took over {1} entries of {2} from an instance that was not heard of for {3}",
                setting.name,
                all,
                key,
                setting.claimAfter);
        handOver(taken.items());
        takeOverAt = System.nanoTime(); // there may be more
    }

    private void handOver(List<Shelf.Item> items) throws InterruptedException {
        var some = new ArrayList<Shelf.Item>();
        var suspects = new ArrayList<Shelf.Item>();
        long bytes = 0;
        for (var item : items) {
            if (item.times() > Shelf.OFTEN) {
                suspects.add(item);
                continue;
            }
            if (!some.isEmpty() && bytes + item.bytes() > Pace.BYTES) {
                fly(some, bytes);
                some.clear();
                bytes = 0;
            }
            some.add(item);
            bytes += item.bytes();
        }
        if (!some.isEmpty()) {
            fly(some, bytes);
        }
        if (suspects.isEmpty()) {
            return;
        }
        setting.tally.suspect("redelivered", suspects.size());
        LOG.log(
                System.Logger.Level.WARNING,
                "Source {0}: {1} entries of {2} were handed out more than {3} times and never settled, {4} the first of them;"
                        + " each is taken in alone",
                setting.name,
                suspects.size(),
                key,
                Shelf.OFTEN,
                said(suspects.getFirst().mark()));
        for (var suspect : suspects) {
            fly(List.of(suspect), suspect.bytes());
        }
    }

    private void fly(List<Shelf.Item> items, long bytes) throws InterruptedException {
        var marks = new ArrayList<byte[]>(items.size());
        var counts = new int[items.size()];
        var events = new ArrayList<Event>(items.size());
        var now = setting.clock.instant();
        int deleted = 0;
        for (int i = 0; i < counts.length; i++) {
            int before = events.size();
            switch (items.get(i).content()) {
                case byte[] element -> payload.element(element, now, events);
                case List<?> fields when fields.isEmpty() -> deleted++;
                case List<?> fields -> payload.entry(fields, now, events);
                default -> throw new IllegalStateException("neither an entry nor an element");
            }
            counts[i] = events.size() - before;
            marks.add(items.get(i).mark());
        }
        setting.tally.unreadable(payload.unreadable());
        if (deleted > 0) {
            setting.tally.suspect("deleted", deleted);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Source {0}: {1} entries were deleted from {2} before they could be taken; see who trims it",
                    setting.name,
                    deleted,
                    key);
        }
        fly(new Flight(marks, counts, events, bytes, this::stored, this::refused));
    }

    private void fly(Flight flight) throws InterruptedException {
        try (var _ = monitor.enter()) {
            while (inHand > 0 && inHand + flight.bytes() > setting.room) {
                monitor.await(TICK);
                if (closed) {
                    throw new InterruptedException("closed");
                }
            }
            flights.add(flight);
            inHand += flight.bytes();
        }
        hand(flight);
    }

    private void hand(Flight flight) throws InterruptedException {
        if (flight.isEmpty()) {
            settling.add(flight);
            return;
        }
        try {
            setting.inlet.accept(flight.batch(), flight);
        } catch (InterruptedException e) {
            landed(List.of(flight));
            throw e;
        } catch (RuntimeException e) { // nobody will be told of it
            LOG.log(System.Logger.Level.ERROR, "Source " + setting.name + ": handing over failed; it goes on", e);
            refused(flight, "it failed: " + e);
        }
    }

    private void stored(Flight flight) {
        storedFlights.incrementAndGet();
        settling.add(flight);
    }

    private void refused(Flight flight, String reason) {
        lastRefusal = reason;
        again.add(flight);
    }

    /// What the router refused. Waits longer each time; nothing else is handed over meanwhile. What is refused while
    /// others are stored comes apart; while none is, only the first does, to see.
    private void handOverAgain() throws InterruptedException {
        var refused = new ArrayList<Flight>();
        int most = 0;
        for (var flight = again.poll(); flight != null; flight = again.poll()) {
            most = Math.max(most, flight.refusedOnceMore(storedFlights.get()));
            refused.add(flight);
        }
        if (refused.isEmpty()) {
            return;
        }
        pause(most);
        for (var flight : refused) {
            boolean isOften = flight.refusals() >= HALVED_AFTER;
            boolean isOvertaken = flight.isOvertaken(storedFlights.get());
            boolean mayHalve = isOvertaken || flight == refused.getFirst();
            if (isOften && mayHalve && flight.marks().size() > 1) {
                var halves = flight.halves();
                try (var _ = monitor.enter()) {
                    flights.remove(flight);
                    flights.addAll(halves);
                }
                for (var half : halves) {
                    hand(half);
                }
            } else if (isOvertaken && flight.refusals() >= ASIDE_AFTER) {
                putAside(flight);
            } else {
                hand(flight);
            }
        }
    }

    private void putAside(Flight flight) {
        try (var _ = monitor.enter()) {
            flight.marks().forEach(mark -> aside.merge(trace(mark), 1, Integer::sum));
        }
        landed(List.of(flight));
        setting.tally.suspect("refused", flight.marks().size());
        LOG.log(
                System.Logger.Level.WARNING,
                "Source {0}: {1} of {2} was refused again and again while others were stored: {3}; it stays in Redis and comes again after the next start",
                setting.name,
                said(flight.marks().getFirst()),
                key,
                lastRefusal);
    }

    /// They are in hand no more.
    private void landed(List<Flight> some) {
        try (var _ = monitor.enter()) {
            for (var flight : some) {
                if (flights.remove(flight)) {
                    inHand -= flight.bytes();
                }
            }
            monitor.changed();
        }
    }

    /// What is in hand, each as often as it is.
    private final class Holding implements Shelf.Held {
        private @Nullable Map<ByteBuffer, Integer> marks;
        private Map<ByteBuffer, Integer> traces = Map.of();

        /// From now on it is what was in hand now.
        Holding now() {
            var all = new HashMap<ByteBuffer, Integer>();
            try (var _ = monitor.enter()) {
                for (var flight : flights) {
                    flight.marks().forEach(mark -> all.merge(ByteBuffer.wrap(mark), 1, Integer::sum));
                }
                traces = new HashMap<>(aside);
            }
            marks = all;
            return this;
        }

        @Override
        public boolean takes(byte[] mark) {
            var all = marks;
            if (all == null) {
                now();
                return takes(mark);
            }
            return takeOne(all, ByteBuffer.wrap(mark)) || !traces.isEmpty() && takeOne(traces, trace(mark));
        }

        private static boolean takeOne(Map<ByteBuffer, Integer> all, ByteBuffer one) {
            var had = all.get(one);
            if (had == null) {
                return false;
            }
            if (had > 1) {
                all.put(one, had - 1);
            } else {
                all.remove(one);
            }
            return true;
        }

        @Override
        public boolean isEmpty() {
            try (var _ = monitor.enter()) {
                return flights.isEmpty();
            }
        }
    }

    private void settleAll() {
        var round = new ArrayList<Flight>();
        long beatAt = System.nanoTime();
        long lookAt = beatAt;
        int failures = 0;
        while (!closed || !ended || !settling.isEmpty()) {
            boolean isTried = false;
            try {
                var first = settling.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    round.add(first);
                    settling.drainTo(round);
                }
                long now = System.nanoTime();
                if (round.isEmpty() && now - beatAt < 0) {
                    continue;
                }
                var link = settlingLink();
                isTried = true;
                settle(link, round);
                if (now - beatAt >= 0) {
                    shelf.beat(link);
                    beatAt = now + setting.claimAfter.toNanos() / 4;
                }
                if (now - lookAt >= 0) {
                    lookAt = now + LOOK.toNanos();
                    waiting = shelf.waiting(link);
                }
                failures = 0;
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                setting.servers.lookAnew();
                cut(settlingLink);
                settlingLink = null;
                if (isTried && !shelf.maySettleAgain()) {
                    landed(round);
                    round.clear();
                    isStale = true;
                }
                LOG.log(System.Logger.Level.DEBUG, "Source " + setting.name + ": settling failed; it goes on", e);
                if (ended) {
                    return;
                }
                try {
                    pause(++failures);
                } catch (InterruptedException stop) {
                    return;
                }
            }
        }
    }

    private RedisLink settlingLink() throws IOException {
        var link = settlingLink;
        if (link == null) {
            link = setting.servers.connect(keyBytes);
            settlingLink = link;
        }
        return link;
    }

    private void settle(RedisLink link, List<Flight> round) throws IOException {
        var marks = new ArrayList<byte[]>();
        for (var flight : round) {
            marks.addAll(flight.marks());
        }
        for (int from = 0; from < marks.size(); from += MARKS) {
            shelf.settle(link, marks.subList(from, Math.min(marks.size(), from + MARKS)));
        }
        landed(round);
        round.clear();
    }

    private void up() {
        if (isTold) {
            LOG.log(System.Logger.Level.INFO, "Source {0}: {1} is read again", setting.name, key);
            isTold = false;
        }
        isUp = true;
    }

    private void down(String why) {
        isUp = false;
        waiting = Shelf.Waiting.UNKNOWN;
        if (!closed && !isTold) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Source {0}: {1} cannot be read: {2}. It is tried again until it can",
                    setting.name,
                    key,
                    why);
            isTold = true;
        }
    }

    /// A random time up to one that doubles, so that many who lost the same server do not come back together.
    private void pause(int failures) throws InterruptedException {
        long most = Math.min(
                Math.min(setting.longestPause.toMillis(), setting.claimAfter.toMillis() / 3),
                PAUSE.toMillis() << Math.min(failures, 16));
        Thread.sleep(setting.random.nextLong(most / 4, most + 1));
    }

    /// A short mark itself, or what tells a longer one from all others.
    private static ByteBuffer trace(byte[] mark) {
        if (mark.length <= TRACE) {
            return ByteBuffer.wrap(mark);
        }
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(mark));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String said(byte[] mark) {
        var text = Words.text(mark);
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }

    private static void cut(@Nullable RedisLink link) {
        if (link != null) {
            link.close();
        }
    }

    /// Reads no more, lets what is in hand land for a short time, and settles it.
    @Override
    public void close() {
        closed = true;
        if (!reading.isAlive() && !settlingThread.isAlive()) {
            ended = true;
            return;
        }
        reading.interrupt();
        cut(readingLink);
        try {
            reading.join(GRACE);
            awaitLanding();
            ended = true;
            settlingThread.join(Duration.ofSeconds(1));
            settlingThread.interrupt();
            cut(settlingLink);
            settlingThread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            ended = true;
            settlingThread.interrupt();
            cut(settlingLink);
            Thread.currentThread().interrupt();
        }
    }

    private void awaitLanding() throws InterruptedException {
        long until = System.nanoTime() + GRACE.toNanos();
        try (var _ = monitor.enter()) {
            for (long left = GRACE.toMillis();
                    flights.size() > again.size() && left > 0;
                    left = (until - System.nanoTime()) / 1_000_000) {
                monitor.await(left < TICK.toMillis() ? Duration.ofMillis(left) : TICK);
            }
        }
    }
}
