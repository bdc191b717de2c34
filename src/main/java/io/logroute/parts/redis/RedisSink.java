package io.logroute.parts.redis;

import io.logroute.flow.Batch;
import io.logroute.flow.Behind;
import io.logroute.flow.Bytes;
import io.logroute.flow.Delivery;
import io.logroute.flow.Delivery.Retry.Cause;
import io.logroute.flow.Event;
import io.logroute.flow.NotAllowed;
import io.logroute.flow.Sink;
import io.logroute.parts.text.Template;
import io.logroute.remote.RedisCommand;
import io.logroute.remote.RedisLink;
import io.logroute.remote.RedisRefused;
import io.logroute.remote.RedisServers;
import io.logroute.spec.RedisForm;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SinkSpec.RedisTrim;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Writes events to streams or lists. One batch at a time, all its commands on their way at once.
///
/// What a batch has for one key is written all or not at all, so that what is tried again comes in its order:
/// one RPUSH with all elements; XADDs in a transaction. A batch of which nothing is known, since the connection
/// broke, is written again, and may then be there twice.
///
/// A Redis that cannot take more (no memory, `maxLength`), or not now (loading, a replica, a slot that moves), makes
/// the sink wait; so does a key of another type where the key is written in the spec. Where events have a say in
/// it, the event is held for a while and then goes to the dead letters, as it does when it lacks a field of the key.
public final class RedisSink implements Sink {
    private static final System.Logger LOG = System.getLogger(RedisSink.class.getName());
    private static final byte[] ANY_ID = Words.of("*");
    private static final byte[] EVENT = Words.of(Payload.EVENT);
    private static final byte[] EVENTS = Words.of(Payload.EVENTS);
    /// An entry of many events is no larger, so that whoever reads entries can bound what comes.
    private static final int ENTRY_BYTES = 512 << 10;

    private static final Duration SOON = Duration.ofMillis(250);
    private static final Duration LATER = Duration.ofSeconds(1);
    private static final Duration HOLD = Duration.ofMinutes(15);
    /// A connection that was not used for so long is asked first whether it is still one.
    private static final long RESTED = Duration.ofSeconds(15).toNanos();

    private static final long LOOK = Duration.ofSeconds(1).toNanos();
    /// When nothing was written for so long, it is looked up anew how much waits.
    private static final long STALE = Duration.ofSeconds(5).toNanos();
    /// Keys that are looked at then.
    private static final int MOST_LOOKS = 100;

    private static final int MOST_KEYS = 10_000;

    private final String name;
    private final SinkSpec.Redis spec;
    private final Template key;
    private final RedisServers servers;
    private final @Nullable Origin origin;
    private final Counter trimmed;
    private final ReentrantLock turn = new ReentrantLock();
    /// By place: one, but for a cluster.
    private final Map<String, Line> lines = new ConcurrentHashMap<>();

    private final LinkedHashMap<String, Key> keys = new LinkedHashMap<>(64, 0.75f, true);
    private final Bytes scratch = new Bytes(64 << 10);
    private volatile long longest;
    private volatile long mostEvents;
    /// Entries, or elements, of all keys; less than 0 while it is not known.
    private volatile long waiting = -1;

    private volatile long knownAt = System.nanoTime() - STALE;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile boolean closed;
    private final Runnable forget;

    /// @param router, name the labels of its metrics
    /// @param buffer id of the router's buffer, for ids of events
    public RedisSink(String router, String name, SinkSpec.Redis spec, String buffer, Instruments meters) {
        this.name = name;
        this.spec = spec;
        this.key = new Template(spec.key());
        this.servers = new RedisServers(spec.at());
        this.origin =
                spec.origin().map(each -> new Origin(each, router, buffer)).orElse(null);
        this.trimmed = meters.counter(Meter.REDIS_TRIMMED_ENTRIES, router, name);
        var length = meters.gauge(Meter.REDIS_LENGTH, this::longest, router, name);
        var waiting = spec.maxEvents().isPresent()
                ? meters.gauge(Meter.REDIS_WAITING_EVENTS, () -> mostEvents, router, name)
                : (Runnable) () -> {};
        this.forget = () -> {
            length.run();
            waiting.run();
        };
    }

    /// Why an event has no key.
    public static String lacksField(Template key, Event event) {
        return "the key %s needs the field %s, which the event has not".formatted(key, key.missing(event));
    }

    /// A connection, and when it was used last.
    private static final class Line {
        private final RedisLink link;
        private long usedAt = System.nanoTime();
        /// Whether the server said that another one is to be asked.
        private boolean isWrong;

        Line(RedisLink link) {
            this.link = link;
        }
    }

    /// What is known of a key.
    private static final class Key {
        private final byte[] bytes;
        private long waiting = -1;
        private long lookAt = System.nanoTime();
        private String slowest = "";
        /// Events that wait, where they are counted.
        private long events;
        private final @Nullable Written written;

        Key(String text, boolean isCounted) {
            this.bytes = Words.of(text);
            this.written = isCounted ? new Written(text) : null;
        }
    }

    /// What a batch has for one key.
    private static final class Share {
        private final String text;
        private final Key key;
        private final List<Integer> places = new ArrayList<>();
        /// Entries, or elements, that there is room for, and events.
        private long room = Long.MAX_VALUE;

        private long roomForEvents = Long.MAX_VALUE;
        /// How many of them are written; the others wait for room.
        private int written;
        /// Answers that are due.
        private int due;
        private int entries;
        /// Whether the last of them says how many entries there are.
        private boolean asks;

        Share(String text, Key key) {
            this.text = text;
            this.key = key;
        }
    }

    /// Reads secrets and certificates, so that what is missing is told at the start; sends nothing.
    ///
    /// @throws IOException with the file that is missing, or not what it should be, and how to mend it
    public void open() throws IOException {
        try {
            servers.check();
        } catch (IOException e) {
            throw new IOException("sink %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /// Connects, and looks whether what is written would stay.
    @Override
    public void prepare() throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            var link = line(Words.of(spec.key().isPlain() ? spec.key().text() : name)).link;
            warnOfEviction(link);
        } finally {
            turn.unlock();
        }
    }

    private void warnOfEviction(RedisLink link) throws IOException {
        String told;
        try {
            told = Words.text(link.ask(RedisCommand.INFO, Words.of("memory")));
        } catch (RedisRefused e) {
            return; // We may not ask.
        }
        boolean isBounded = told.lines().anyMatch(line -> line.matches("maxmemory:[1-9][0-9]*"));
        told.lines()
                .filter(line -> line.startsWith("maxmemory_policy:allkeys"))
                .findFirst()
                .filter(_ -> isBounded)
                .ifPresent(policy -> LOG.log(
                        System.Logger.Level.WARNING,
                        "Sink {0}: the Redis at {1} throws keys away when its memory is full ({2}), and our events with them; give it maxmemory-policy noeviction",
                        name,
                        link.server(),
                        policy));
    }

    private Line line(byte[] at) throws IOException {
        var place = servers.place(at);
        var line = lines.get(place);
        if (line != null && System.nanoTime() - line.usedAt > RESTED) {
            try {
                line.link.ask(RedisCommand.PING);
            } catch (IOException e) {
                drop(line);
                line = null;
            }
        }
        if (line == null) {
            if (closed) {
                throw new IOException("the redis sink is closed");
            }
            line = new Line(servers.connect(at));
            lines.put(place, line);
            if (closed) {
                drop(line);
                throw new IOException("the redis sink is closed");
            }
        }
        line.usedAt = System.nanoTime();
        return line;
    }

    private void drop(Line line) {
        line.link.close();
        lines.values().remove(line);
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            if (closed) {
                throw new IOException("the redis sink is closed");
            }
            return writeInTurn(batch);
        } finally {
            turn.unlock();
        }
    }

    private List<Delivery> writeInTurn(Batch batch) throws IOException {
        var known = new Delivery[batch.size()];
        var shares = shares(batch.events(), known);
        var byLine = new LinkedHashMap<Line, List<Share>>();
        IOException failure = null;
        boolean hasAnswer = shares.isEmpty();
        for (var share : shares) {
            try {
                var line = line(share.key.bytes);
                byLine.computeIfAbsent(line, _ -> new ArrayList<>()).add(share);
            } catch (IOException e) {
                servers.lookAnew();
                failure = e;
                fill(known, share, again(e, LATER));
            }
        }
        for (var each : byLine.entrySet()) {
            try {
                exchange(each.getKey(), each.getValue(), batch.events(), known);
                hasAnswer = true;
            } catch (IOException e) {
                drop(each.getKey());
                servers.lookAnew();
                failure = e;
                for (var share : each.getValue()) {
                    fill(known, share, again(e, SOON));
                }
            }
        }
        if (failure != null && !hasAnswer) {
            waiting = -1;
            throw failure;
        }
        know();
        return Arrays.asList(known);
    }

    private void know() {
        longest = keys.values().stream().mapToLong(each -> each.waiting).max().orElse(0);
        mostEvents = keys.values().stream().mapToLong(each -> each.events).max().orElse(0);
        waiting = keys.values().stream()
                .mapToLong(each -> Math.max(0, each.waiting))
                .sum();
        knownAt = System.nanoTime();
    }

    /// Entries of streams that no group has acknowledged, where those that have been are trimmed, and
    /// elements of lists.
    @Override
    public Optional<Behind> behind() {
        if (!tellsWhatWaits()) {
            return Optional.empty();
        }
        lookSoon();
        return Optional.of(waiting < 0 ? Behind.UNKNOWN : new Behind(waiting, Optional.empty()));
    }

    private void lookIdly(Key key) throws IOException {
        var line = line(key.bytes);
        try {
            look(line, key);
        } catch (RedisRefused e) {
            throw e; // an answer, and the connection is as good as before
        } catch (IOException e) {
            drop(line);
            servers.lookAnew();
            throw e;
        }
    }

    private boolean tellsWhatWaits() {
        return spec.form() == RedisForm.LIST || trims();
    }

    private boolean trims() {
        return spec.form() == RedisForm.STREAM && spec.trim() == RedisTrim.ACKNOWLEDGED;
    }

    private double longest() {
        if (tellsWhatWaits()) {
            lookSoon();
        }
        return longest;
    }

    /// Looks in the background when nobody has for a while.
    private void lookSoon() {
        if (System.nanoTime() - knownAt >= STALE && !closed && looking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("redis-look-" + name).start(() -> {
                try {
                    lookIdly();
                } finally {
                    looking.set(false);
                }
            });
        }
    }

    private void lookIdly() {
        if (!turn.tryLock()) {
            return; // a write is under way, which looks itself
        }
        try {
            if (spec.key().isPlain()) {
                key(spec.key().text());
            }
            var some = keys.values().stream()
                    .filter(each -> each.waiting != 0)
                    .limit(MOST_LOOKS)
                    .toList();
            for (var each : some) {
                lookIdly(each);
            }
            know();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Sink " + name + " cannot look how much waits", e);
            waiting = -1;
            knownAt = System.nanoTime();
        } finally {
            turn.unlock();
        }
    }

    private static Delivery again(IOException why, Duration after) {
        return new Delivery.Retry(
                String.valueOf(why.getMessage()), after, why instanceof NotAllowed ? Cause.NOT_ALLOWED : Cause.NOT_NOW);
    }

    private List<Share> shares(List<Event> events, @Nullable Delivery[] known) {
        var shares = new LinkedHashMap<String, Share>();
        String lastText = null;
        Share last = null;
        for (int i = 0; i < events.size(); i++) {
            var text = key.render(events.get(i));
            if (text == null) {
                known[i] = new Delivery.Rejected(lacksField(key, events.get(i)));
                continue;
            }
            if (last == null || !text.equals(lastText)) {
                last = shares.computeIfAbsent(text, this::share);
                lastText = text;
            }
            last.places.add(i);
        }
        return List.copyOf(shares.values());
    }

    private Share share(String text) {
        return new Share(text, key(text));
    }

    private Key key(String text) {
        var known = keys.computeIfAbsent(
                text, each -> new Key(each, spec.maxEvents().isPresent()));
        if (keys.size() > MOST_KEYS) {
            keys.pollFirstEntry();
        }
        return known;
    }

    private void exchange(Line line, List<Share> shares, List<Event> events, @Nullable Delivery[] known)
            throws IOException {
        var link = line.link;
        var sent = new ArrayList<Share>();
        for (var share : shares) {
            var wait = look(line, share);
            if (wait == null) {
                sent.add(share);
            } else {
                fill(known, share, wait);
            }
        }
        int due = 0;
        for (var share : sent) {
            send(link, share, events);
            due += share.due;
        }
        var answers = link.answers(due);
        int at = 0;
        for (var share : sent) {
            conclude(line, share, answers.subList(at, at + share.due), known);
            at += share.due;
        }
        line.usedAt = System.nanoTime();
        if (line.isWrong) {
            drop(line);
            servers.lookAnew();
        }
    }

    /// Looks how much room there is; what it gives is for all of the events, when there is none.
    private @Nullable Delivery look(Line line, Share share) throws IOException {
        var key = share.key;
        share.written = share.places.size();
        if (spec.maxLength().isEmpty() && spec.maxEvents().isEmpty() && !trims()) {
            return null;
        }
        long most = spec.maxLength().map(Integer::longValue).orElse(Long.MAX_VALUE);
        long mostEvents = spec.maxEvents().map(Integer::longValue).orElse(Long.MAX_VALUE);
        boolean isFull = key.waiting >= most || key.events >= mostEvents;
        if (key.waiting < 0 || isFull || System.nanoTime() - key.lookAt >= 0) {
            try {
                look(line, key);
            } catch (RedisRefused e) {
                line.isWrong |= e.isElsewhere();
                return refusal(share, e);
            }
        }
        share.room = most - key.waiting;
        share.roomForEvents = mostEvents - key.events;
        return share.room <= 0 || share.roomForEvents <= 0 ? new Delivery.Retry(full(share), SOON) : null;
    }

    private void look(Line line, Key key) throws IOException {
        var found = Backlog.look(line.link, key.bytes, spec.form(), trims());
        key.waiting = found.waiting();
        key.slowest = found.slowest();
        trimmed.increment(found.trimmed());
        if (key.written != null) {
            key.events = key.written.waiting(line.link, found.waiting(), found.floor(), spec.eventsPerEntry());
        }
        key.lookAt = System.nanoTime() + LOOK;
    }

    private String full(Share share) {
        long most = spec.maxLength().orElse(0);
        var who = share.key.slowest.isEmpty()
                ? "nobody takes them"
                : "its group %s has not acknowledged them".formatted(share.key.slowest);
        if (spec.maxEvents().isPresent()) {
            return "about %d events wait in the stream %s, %d may, and %s"
                    .formatted(share.key.events, share.text, spec.maxEvents().get(), who);
        }
        return spec.form() == RedisForm.LIST
                ? "the list %s has %d elements, and maxLength is %d".formatted(share.text, share.key.waiting, most)
                : "the stream %s has %d entries, maxLength is %d, and %s"
                        .formatted(share.text, share.key.waiting, most, who);
    }

    private void send(RedisLink link, Share share, List<Event> events) throws IOException {
        if (spec.form() == RedisForm.LIST) {
            share.written = (int) Math.min(share.written, share.room);
            var arguments = new byte[share.written + 1][];
            arguments[0] = share.key.bytes;
            for (int i = 0; i < share.written; i++) {
                arguments[i + 1] = json(events.get(share.places.get(i)));
            }
            link.send(RedisCommand.RPUSH, arguments);
            share.due = 1;
            share.entries = share.written;
            return;
        }
        var entries = entries(share, events);
        share.entries = entries.size();
        var field = spec.eventsPerEntry() == 1 ? EVENT : EVENTS;
        var written = share.key.written;
        boolean isAlone = entries.size() == 1 && written == null;
        if (!isAlone) {
            link.send(RedisCommand.MULTI);
        }
        for (var entry : entries) {
            link.send(RedisCommand.XADD, share.key.bytes, ANY_ID, field, entry);
        }
        if (written != null) {
            written.sendCount(link, share.written);
        }
        if (!isAlone) {
            link.send(RedisCommand.EXEC);
        }
        share.due = isAlone ? 1 : entries.size() + (written == null ? 2 : 3);
        share.asks = spec.maxLength().isPresent();
        if (share.asks) {
            link.send(RedisCommand.XLEN, share.key.bytes); // others may write there, too
            share.due++;
        }
    }

    /// No more than there is room for; then fewer of the events are written.
    private List<byte[]> entries(Share share, List<Event> events) {
        var entries = new ArrayList<byte[]>();
        int inEntry = 0;
        share.written = (int) Math.min(share.written, share.roomForEvents);
        scratch.reset();
        for (int i = 0; i < share.written; i++) {
            if (entries.size() >= share.room) {
                share.written = i;
                break;
            }
            write(events.get(share.places.get(i)));
            inEntry++;
            if (inEntry == spec.eventsPerEntry() || scratch.size() >= ENTRY_BYTES || i + 1 == share.written) {
                entries.add(scratch.toByteArray());
                scratch.reset();
                inEntry = 0;
            } else {
                scratch.write('\n');
            }
        }
        return entries;
    }

    private byte[] json(Event event) {
        scratch.reset();
        write(event);
        return scratch.toByteArray();
    }

    private void write(Event event) {
        if (origin == null) {
            event.writeTo(scratch);
        } else {
            origin.write(event, scratch);
        }
    }

    private void conclude(Line line, Share share, List<@Nullable Object> answers, @Nullable Delivery[] known) {
        var told = share.asks ? answers.subList(0, answers.size() - 1) : answers;
        var refused = refusedFirst(told, share.entries);
        if (refused != null) {
            fill(known, share, refusal(share, refused));
            share.key.waiting = -1;
            line.isWrong |= refused.isElsewhere();
            return;
        }
        share.key.waiting = spec.form() == RedisForm.LIST
                ? Words.number(told.getFirst(), 0)
                : share.asks && answers.getLast() instanceof Long length
                        ? length
                        : Math.max(0, share.key.waiting) + share.entries;
        share.key.events += share.written;
        var counts = share.key.written;
        var all = Words.list(told.getLast());
        if (counts != null && all.size() > 1) {
            counts.wrote(all.get(all.size() - 2), all.getLast());
        }
        for (int i = 0; i < share.places.size(); i++) {
            known[share.places.get(i)] =
                    i < share.written ? Delivery.delivered() : new Delivery.Retry(full(share), SOON);
        }
    }

    /// What the first command says that was refused; in a transaction, that inside it, among the first so many: what
    /// is behind them counts, and what is written is not written again for that.
    private static @Nullable RedisRefused refusedFirst(List<@Nullable Object> answers, int entries) {
        for (var answer : answers) {
            if (answer instanceof RedisRefused refused) {
                return refused;
            }
            if (answer instanceof List<?> inside) {
                for (var each : inside.subList(0, Math.min(entries, inside.size()))) {
                    var refused = RedisLink.refusal(each);
                    if (refused != null) {
                        return refused;
                    }
                }
            }
        }
        return null;
    }

    private Delivery refusal(Share share, RedisRefused refused) {
        var said = switch (refused.code()) {
            case "WRONGTYPE" ->
                "the key %s is there and is no %s; delete it, or give the sink another key (Redis says: %s)"
                        .formatted(share.text, spec.form() == RedisForm.LIST ? "list" : "stream", refused.getMessage());
            case "OOM" ->
                "Redis has no memory left for %s: it takes more when some of what it keeps was taken (it says: %s)"
                        .formatted(share.text, refused.getMessage());
            case "NOPERM", "NOAUTH" ->
                "Redis does not let us write to %s; give the user of auth the right to (it says: %s)"
                        .formatted(share.text, refused.getMessage());
            default -> "Redis does not take events for %s now: %s".formatted(share.text, refused.getMessage());
        };
        boolean isEventsOwn = refused.code().equals("WRONGTYPE") && !spec.key().isPlain();
        var cause = switch (refused.code()) {
            case "NOPERM", "NOAUTH" -> Cause.NOT_ALLOWED;
            default -> Cause.NOT_NOW;
        };
        return isEventsOwn ? new Delivery.Held(said, LATER, HOLD) : new Delivery.Retry(said, LATER, cause);
    }

    private static void fill(@Nullable Delivery[] known, Share share, Delivery delivery) {
        for (int place : share.places) {
            known[place] = delivery;
        }
    }

    /// Ends a write that is under way, too.
    @Override
    public void close() {
        closed = true;
        forget.run();
        lines.values().forEach(line -> line.link.close());
    }
}
