package io.logroute.parts.nats;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import io.logroute.remote.NatsLink;
import io.logroute.spec.SourceSpec;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.support.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Messages of a stream, through a durable pull consumer that others may share.
///
/// Three threads. One *pulls*: it asks for as many messages as there is room for, decodes what arrives
/// and makes lots of it. One *hands over*: it waits with a lot while the inlet is full. One *answers*:
/// it acknowledges what is stored, gives back what was refused, and asks for more time for what is held
/// longer than a third of the consumer's `ack_wait`.
///
/// A message that is delivered again while it is held takes the place of its elder; one that was
/// acknowledged before (the acknowledgement was lost with a connection) is acknowledged again, as long as
/// [Held] remembers it. What cannot be acknowledged while the servers are away is acknowledged when they are
/// back.
final class StreamFeed implements Feed {
    private static final System.Logger LOG = System.getLogger(StreamFeed.class.getName());
    private static final byte[] ACK = "+ACK".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] IN_PROGRESS = "+WPI".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NAK = "-NAK".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NAK_LATER = "-NAK {\"delay\":1000000000}".getBytes(StandardCharsets.US_ASCII);

    private static final int LOT_EVENTS = 2_000;
    private static final int LOT_BYTES = 4 << 20;
    private static final long REQUEST_BYTES = 16 << 20;
    /// Requests whose messages may all lie here at once.
    private static final int ROOMS = 4;

    private static final int REQUESTS = 2;
    private static final Duration EXPIRES = Duration.ofSeconds(30);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    /// Without a word for so long, what was asked for is taken for forgotten.
    private static final Duration SILENCE = HEARTBEAT.multipliedBy(2).plusSeconds(2);

    /// What seems to be acknowledged is believed so long without asking about the consumer.
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration LINGER = Duration.ofMillis(2);
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration LAST = Duration.ofSeconds(1);

    /// What the feed counts.
    interface Tally {
        void redelivered();

        void refused(int events);

        void unreadable(long events);

        void pending(long messages);
    }

    /// Messages whose events travel together.
    private record Lot(List<Held.Message> messages, List<Event> events) {}

    /// A lot whose receipt came.
    private record Told(Lot lot, boolean stored) {}

    private final String name;
    private final SourceSpec.NatsStream spec;
    private final NatsLink link;
    private final Decoder decoder;
    private final Inlet inlet;
    private final InstantSource clock;
    private final Tally tally;
    private final Durable durable;
    private final String next;
    private final Held held = new Held();
    private final LinkedBlockingQueue<Lot> ready = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Told> told = new LinkedBlockingQueue<>();
    /// Lots that the inlet has, and whose receipts are not answered.
    private final AtomicInteger untold = new AtomicInteger();

    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread pulling;
    private final Thread handing;
    private final Thread answering;
    private final Trouble trouble;
    /// Grows with each connection that is lost or comes back.
    private volatile long changes;

    private volatile Duration ackWait;
    private volatile boolean closed;
    private volatile boolean answered;
    private volatile boolean refusals;
    /// Whether the consumer is there, and gives.
    private volatile boolean pulls;
    /// What is held is of this one.
    private Durable.@Nullable Consumer consumer;
    /// When it was looked at, of [System#nanoTime].
    private long looked;

    private long requests;
    private long unreadable;

    /// @param name the source's, for people
    StreamFeed(
            String name,
            SourceSpec.NatsStream spec,
            NatsLink link,
            Decoder decoder,
            Inlet inlet,
            InstantSource clock,
            Tally tally) {
        this.name = name;
        this.spec = spec;
        this.link = link;
        this.decoder = decoder;
        this.inlet = inlet;
        this.clock = clock;
        this.tally = tally;
        this.durable = new Durable(spec);
        this.next = "$JS.API.CONSUMER.MSG.NEXT.%s.%s".formatted(spec.stream(), spec.consumer());
        this.ackWait = spec.ackWait();
        this.trouble = new Trouble("Source " + name);
        this.pulling = Thread.ofVirtual().name(name + "-pull").unstarted(this::pullAll);
        this.handing = Thread.ofVirtual().name(name + "-hand").unstarted(this::handAll);
        this.answering = Thread.ofVirtual().name(name + "-answer").unstarted(this::answerAll);
    }

    @Override
    public void start() {
        pulling.start();
        handing.start();
        answering.start();
    }

    /// A connection was lost, or came back: what was asked for is forgotten there.
    void linkChanged() {
        changes++; // by one thread of the client at a time
        doubtLast();
    }

    private void doubtLast() {
        held.doubtLast(System.nanoTime(), ackWait.toNanos());
    }

    @Override
    public boolean isUp() {
        return pulls;
    }

    int unacknowledged() {
        return held.count();
    }

    // ---- Pulling

    private void pullAll() {
        while (!closed) {
            try {
                var connection = link.get();
                doubtLast(); // its leader may have died, which no connection of ours tells
                look(connection);
                pulls = true;
                pull(connection);
            } catch (IOException | RuntimeException e) { // it must not end while the source runs
                pulls = false;
                pause(trouble.failed(String.valueOf(e.getMessage())));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// Whether it is still that consumer: to another one of its name nothing was acknowledged.
    private void look(Connection connection) throws IOException {
        var now = durable.ensure(connection);
        looked = System.nanoTime();
        ackWait = now.ackWait();
        if (consumer != null && !now.isStill(consumer)) {
            held.forget();
        }
        consumer = now;
    }

    private void pause(Duration time) {
        try {
            ending.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Until the feed is closed, or has to begin anew.
    private void pull(Connection connection) throws IOException, InterruptedException {
        var inbox = connection.createInbox();
        var arriving = connection.subscribe(inbox + ".*");
        arriving.setPendingLimits(0, 0); // no more arrives than we ask for
        try {
            var asked = new Asked();
            long seen = changes;
            long heard = System.nanoTime();
            while (!closed) {
                if (seen != changes) {
                    seen = changes;
                    heard = System.nanoTime(); // nobody spoke who was away
                    asked.clear();
                }
                if (connection.getStatus() == Connection.Status.CLOSED) {
                    throw new IOException("the connection to the NATS servers was closed: "
                            + Durable.orNothing(connection.getLastError()));
                }
                ask(connection, inbox, asked);
                var message = arriving.nextMessage(GLANCE);
                if (message != null) {
                    takeLot(message, arriving, asked, inbox);
                    heard = System.nanoTime();
                    trouble.over();
                } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
                    heard = System.nanoTime();
                    if (asked.count() > 0 && connection.getStatus() == Connection.Status.CONNECTED) {
                        throw new IOException("no word from the leader of consumer %s for %d s"
                                .formatted(spec.consumer(), SILENCE.toSeconds()));
                    }
                }
            }
        } finally {
            giveBack(connection, arriving);
        }
    }

    /// What has arrived and was not looked at goes to others at once.
    private void giveBack(Connection connection, Subscription arriving) throws InterruptedException {
        try {
            if (connection.getStatus() != Connection.Status.CONNECTED) {
                arriving.unsubscribe();
                return; // all comes again after ack_wait
            }
            arriving.drain(LAST);
            var left = left(arriving);
            durable.forgetOldRequests(connection);
            for (var reply : left) {
                connection.publish(reply, NAK);
            }
        } catch (IllegalStateException e) {
            // gone with the connection
        }
    }

    /// Where those are to be answered that are left of a subscription that drains.
    private static List<String> left(Subscription draining) throws InterruptedException {
        var left = new ArrayList<String>();
        try {
            for (var message = draining.nextMessage((Duration) null);
                    message != null;
                    message = draining.nextMessage((Duration) null)) {
                if (!message.isStatusMessage() && message.getReplyTo() != null) {
                    left.add(message.getReplyTo());
                }
            }
        } catch (RuntimeException e) {
            // The client let go of it meanwhile: what it still had comes again after ack_wait.
        }
        return left;
    }

    private void ask(Connection connection, String inbox, Asked asked) {
        if (connection.getStatus() != Connection.Status.CONNECTED) {
            return;
        }
        long bytes = Math.max(REQUEST_BYTES, 2 * link.maxPayload());
        while (asked.count() < REQUESTS) {
            int room = spec.maxAckPending() - held.count() - asked.messages();
            int lot = Math.min(LOT_EVENTS, spec.maxAckPending());
            if (room < Math.max(1, lot / 4) || held.bytes() + asked.bytes() + bytes > ROOMS * bytes) {
                return;
            }
            int messages = Math.min(lot, room);
            long id = ++requests;
            connection.publish(
                    next,
                    inbox + "." + id,
                    "{\"batch\":%d,\"max_bytes\":%d,\"expires\":%d,\"idle_heartbeat\":%d}"
                            .formatted(messages, bytes, EXPIRES.toNanos(), HEARTBEAT.toNanos())
                            .getBytes(StandardCharsets.US_ASCII));
            asked.add(id, messages, bytes);
        }
    }

    /// The message and those right after it.
    private void takeLot(Message first, Subscription arriving, Asked asked, String inbox)
            throws IOException, InterruptedException {
        var lot = new Lot(new ArrayList<>(), new ArrayList<>());
        long until = System.nanoTime() + LINGER.toNanos();
        int bytes = 0;
        try {
            for (var message = first; message != null; ) {
                bytes += take(message, lot, asked, inbox);
                if (lot.events.size() >= LOT_EVENTS || bytes >= LOT_BYTES) {
                    break;
                }
                message = arriving.nextMessage((Duration) null);
                long left = until - System.nanoTime();
                if (message == null && left > 0 && !lot.messages.isEmpty()) {
                    message = arriving.nextMessage(Duration.ofNanos(left));
                }
            }
        } finally {
            if (!lot.events.isEmpty()) {
                ready.add(lot);
            } else if (!lot.messages.isEmpty()) { // batches without entries
                told.add(new Told(lot, true));
            }
            if (decoder.unreadable() > unreadable) {
                tally.unreadable(decoder.unreadable() - unreadable);
                unreadable = decoder.unreadable();
            }
        }
    }

    /// Bytes of what was taken.
    private int take(Message message, Lot lot, Asked asked, String inbox) throws IOException {
        if (message.isStatusMessage()) {
            status(message, asked, inbox);
            return 0;
        }
        var reply = message.getReplyTo();
        if (reply == null || !message.isJetStream()) {
            return 0; // somebody else knows our inbox
        }
        var delivered = Delivered.of(reply);
        int bytes = (int) Math.min(Integer.MAX_VALUE, message.consumeByteCount());
        asked.arrived(bytes);
        tally.pending(delivered.pending());
        var taken = new Held.Message(delivered, reply, bytes, System.nanoTime());
        if (delivered.times() > 1) {
            tally.redelivered();
        }
        switch (standing(taken)) {
            case NEW -> {}
            case HELD -> {
                return 0;
            }
            case ACKNOWLEDGED -> {
                told.add(new Told(new Lot(List.of(taken), List.of()), true));
                return 0;
            }
        }
        lot.messages.add(taken);
        var data = message.getData() == null ? new byte[0] : message.getData();
        decoder.decode(data, message.getSubject(), delivered.stored(), clock.instant(), lot.events);
        return bytes;
    }

    private Held.Standing standing(Held.Message message) throws IOException {
        var standing = held.add(message);
        if (standing != Held.Standing.ACKNOWLEDGED || System.nanoTime() - looked < LOOK.toNanos()) {
            return standing;
        }
        held.remove(message);
        look(link.get()); // somebody may have made another one, which gives the stream again
        return held.add(message);
    }

    private void status(Message message, Asked asked, String inbox) throws IOException {
        var status = message.getStatus();
        long id = idOf(message.getSubject(), inbox);
        switch (status.getCode()) {
            case Status.FLOW_OR_HEARTBEAT_STATUS_CODE -> {}
            case Status.NOT_FOUND_CODE, Status.REQUEST_TIMEOUT_CODE -> asked.ended(id);
            case Status.CONFLICT_CODE -> {
                asked.ended(id);
                var why = String.valueOf(status.getMessage());
                if (!why.contains("MaxBytes") && !why.contains("Batch Completed")) {
                    throw new IOException("consumer %s: the servers say: %s".formatted(spec.consumer(), why));
                }
            }
            case Status.NO_RESPONDERS_CODE ->
                throw new IOException(
                        "nobody answers for consumer %s of stream %s; see that the servers have JetStream and a majority of them runs"
                                .formatted(spec.consumer(), spec.stream()));
            default ->
                throw new IOException(
                        "consumer %s: the servers say: %s".formatted(spec.consumer(), status.getMessageWithCode()));
        }
    }

    private static long idOf(String subject, String inbox) {
        try {
            return subject.startsWith(inbox + ".") ? Long.parseLong(subject.substring(inbox.length() + 1)) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    // ---- Handing over

    private void handAll() {
        try {
            while (!closed || pulling.isAlive() || !ready.isEmpty()) {
                var lot = ready.poll(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
                if (lot != null) {
                    hand(lot);
                }
            }
        } catch (InterruptedException e) {
            // closed while the inlet was full: what it did not take is given back
        }
    }

    private void hand(Lot lot) throws InterruptedException {
        untold.incrementAndGet();
        boolean taken = false;
        try {
            inlet.accept(new Batch(lot.events), receipt(lot));
            taken = true;
        } catch (RuntimeException e) { // who hands over must not end while the source runs
            LOG.log(System.Logger.Level.ERROR, "Source " + name + ": handing over failed; it goes on", e);
            told.add(new Told(lot, false));
            taken = true;
        } finally {
            if (!taken) {
                untold.decrementAndGet();
            }
        }
    }

    private Receipt receipt(Lot lot) {
        return new Receipt() {
            @Override
            public void stored() {
                told.add(new Told(lot, true));
            }

            @Override
            public void refused(String reason) {
                if (!closed && !refusals) {
                    refusals = true;
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Source {0}: messages are given back, and come again: {1}",
                            name,
                            reason);
                }
                told.add(new Told(lot, false));
            }
        };
    }

    // ---- Answering

    private void answerAll() {
        var owed = new ArrayDeque<Held.Message>();
        long looked = System.nanoTime();
        try {
            while (!answered) {
                var one = told.poll(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
                if (one != null) {
                    hear(one, owed);
                    if (!one.lot.events.isEmpty()) {
                        untold.decrementAndGet();
                    }
                }
                acknowledge(owed);
                if (System.nanoTime() - looked > ackWait.toNanos() / 12) {
                    looked = System.nanoTime();
                    askForTime(looked);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hear(Told one, ArrayDeque<Held.Message> owed) {
        if (one.stored) {
            refusals = false;
            for (var message : one.lot.messages) {
                message.stored = true;
                owed.add(message);
            }
            return;
        }
        tally.refused(one.lot.events.size());
        for (var message : one.lot.messages) {
            send(message.reply, closed ? NAK : NAK_LATER);
            held.remove(message);
        }
    }

    private void acknowledge(ArrayDeque<Held.Message> owed) {
        for (var message = owed.peek(); message != null; message = owed.peek()) {
            if (!held.isOwed(message)) {
                owed.remove();
                held.remove(message);
                continue;
            }
            if (!send(message.reply, ACK)) {
                return;
            }
            owed.remove();
            held.acknowledged(message);
        }
    }

    private void askForTime(long now) {
        held.letGo(now);
        long third = ackWait.toNanos() / 3;
        for (var message : held.all()) {
            if (!message.stored && now - message.asked >= third && send(message.reply, IN_PROGRESS)) {
                message.asked = now;
            }
        }
    }

    /// False while the servers are away.
    private boolean send(String reply, byte[] answer) {
        if (!link.isUp()) {
            return false;
        }
        try {
            link.get().publish(reply, answer);
            return true;
        } catch (IOException | IllegalStateException e) {
            return false;
        }
    }

    /// Asks for nothing more, lets what is under way be stored for a few seconds and acknowledges it;
    /// the rest is given back.
    @Override
    public void close() {
        closed = true;
        ending.countDown();
        if (!pulling.isAlive() && !handing.isAlive() && !answering.isAlive()) {
            return;
        }
        join(pulling, GRACE.plus(LAST)); // it drains, and asks, for a second each at most where servers are slow
        pulling.interrupt();
        join(handing, GRACE);
        handing.interrupt();
        join(handing, LAST);
        long until = System.nanoTime() + GRACE.toNanos();
        while (link.isUp() && isHanded() && System.nanoTime() < until) {
            join(answering, Duration.ofMillis(5));
        }
        answered = true;
        join(answering, LAST);
        for (var message : held.all()) {
            if (held.isOwed(message)) {
                send(message.reply, message.stored ? ACK : NAK);
            }
        }
        flush();
    }

    /// Whether the inlet has something whose receipt has not come, or is not answered.
    private boolean isHanded() {
        return untold.get() > 0 || held.all().stream().anyMatch(message -> message.stored);
    }

    private void flush() {
        if (!link.isUp()) {
            return;
        }
        try {
            link.get().flush(LAST);
        } catch (IOException | java.util.concurrent.TimeoutException | IllegalStateException e) {
            // what is not heard there is delivered again
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread, Duration wait) {
        try {
            thread.join(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
