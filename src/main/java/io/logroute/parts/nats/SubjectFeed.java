package io.logroute.parts.nats;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import io.logroute.remote.NatsLink;
import io.logroute.spec.SourceSpec;
import io.nats.client.Connection;
import io.nats.client.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Messages of core NATS, one thread a subject. Nobody there sends anything again: what comes faster
/// than the inlet takes it waits, up to a bound, and is dropped beyond it, counted and told. What the
/// inlet refuses it gets again.
final class SubjectFeed implements Feed {
    private static final System.Logger LOG = System.getLogger(SubjectFeed.class.getName());
    private static final int LOT_EVENTS = 2_000;
    private static final int LOT_BYTES = 4 << 20;
    private static final long WAITING_BYTES = 64 << 20;
    /// KiB of a subject that wait for their receipts, at most: a lot counts all of its own, and one for each event.
    private static final int UNTOLD = 64 << 10;

    private static final Duration LINGER = Duration.ofMillis(2);
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration LAST = Duration.ofSeconds(1);

    /// What the feed counts.
    interface Tally {
        void dropped(long messages);

        void refused(int events);

        void unreadable(long events);
    }

    private final String name;
    private final SourceSpec.NatsSubjects spec;
    private final NatsLink link;
    private final Supplier<Decoder> decoders;
    private final Inlet inlet;
    private final InstantSource clock;
    private final Tally tally;
    private final List<Listening> subjects;
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile boolean closed;

    /// @param name the source's, for people
    SubjectFeed(
            String name,
            SourceSpec.NatsSubjects spec,
            NatsLink link,
            Supplier<Decoder> decoders,
            Inlet inlet,
            InstantSource clock,
            Tally tally) {
        this.name = name;
        this.spec = spec;
        this.link = link;
        this.decoders = decoders;
        this.inlet = inlet;
        this.clock = clock;
        this.tally = tally;
        this.subjects = spec.subjects().stream().map(Listening::new).toList();
    }

    @Override
    public void start() {
        subjects.forEach(each -> each.thread.start());
    }

    @Override
    public boolean isUp() {
        return true;
    }

    /// Hears nothing more, and lets what waits be stored for a few seconds.
    @Override
    public void close() {
        closed = true;
        ending.countDown();
        long until = System.nanoTime() + GRACE.plus(GRACE).toNanos();
        for (var each : subjects) {
            join(each.thread, Duration.ofNanos(Math.max(1, until - System.nanoTime())));
            each.thread.interrupt();
            join(each.thread, LAST);
        }
    }

    private static void join(Thread thread, Duration wait) {
        try {
            thread.join(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Events of so many messages.
    private record Lot(int messages, List<Event> events, int bytes) {
        int room() {
            return (int) Math.min(UNTOLD, 1L + bytes / 1024 + events.size());
        }
    }

    /// One subject.
    private final class Listening {
        private final String subject;
        private final Thread thread;
        private final Decoder decoder = decoders.get();
        private final Trouble trouble;
        private final Semaphore untold = new Semaphore(UNTOLD);
        private final ConcurrentLinkedQueue<Lot> refused = new ConcurrentLinkedQueue<>();
        private final AtomicInteger unstored = new AtomicInteger();
        private long unreadable;
        private long dropped;
        private boolean drops;

        Listening(String subject) {
            this.subject = subject;
            this.trouble = new Trouble("Source %s, subject %s".formatted(name, subject));
            this.thread = Thread.ofVirtual().name(name + "-" + subject).unstarted(this::run);
        }

        private void run() {
            try {
                while (!closed) {
                    try {
                        var connection = link.get();
                        var arriving = connection.subscribe(subject, spec.queue());
                        arriving.setPendingLimits(spec.maxWaiting(), WAITING_BYTES);
                        dropped = 0;
                        trouble.over();
                        listen(connection, arriving);
                    } catch (IOException | RuntimeException e) { // it must not end while the source runs
                        var pause = trouble.failed(String.valueOf(e.getMessage()));
                        ending.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                    }
                }
            } catch (InterruptedException e) {
                // closed while the inlet was full
            }
            if (unstored.get() > 0) {
                lose(unstored.get(), "the router stops before they are stored");
            }
        }

        private void listen(Connection connection, Subscription arriving) throws IOException, InterruptedException {
            while (!closed) {
                if (connection.getStatus() == Connection.Status.CLOSED) {
                    throw new IOException("the connection to the NATS servers was closed: "
                            + Durable.orNothing(connection.getLastError()));
                }
                turn(arriving, GLANCE);
            }
            try {
                arriving.drain(LAST);
            } catch (IllegalStateException e) {
                return;
            }
            long until = System.nanoTime() + GRACE.toNanos();
            while (arriving.getPendingMessageCount() > 0 && System.nanoTime() < until) {
                turn(arriving, GLANCE);
            }
            long left = arriving.getPendingMessageCount();
            if (left > 0) {
                lose(left, "the router stops before they are stored");
            }
            while (unstored.get() > 0 && System.nanoTime() < until) {
                if (untold.tryAcquire(UNTOLD, GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    untold.release(UNTOLD);
                }
                handAgain();
            }
        }

        private void turn(Subscription arriving, Duration wait) throws InterruptedException {
            handAgain();
            var lot = lot(arriving, wait);
            if (!lot.events.isEmpty()) {
                unstored.addAndGet(lot.messages);
                hand(lot);
            }
            if (decoder.unreadable() > unreadable) {
                tally.unreadable(decoder.unreadable() - unreadable);
                unreadable = decoder.unreadable();
            }
            long now = arriving.getDroppedCount();
            if (now > dropped) {
                tally.dropped(now - dropped);
                dropped = now;
                if (!drops) {
                    drops = true;
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Source {0}: messages on {1} come faster than they are stored, and are dropped; see logroute_nats_dropped_messages_total",
                            name,
                            subject);
                }
            } else if (lot.events.isEmpty()) {
                drops = false;
            }
        }

        private Lot lot(Subscription arriving, Duration wait) throws InterruptedException {
            var events = new ArrayList<Event>();
            int messages = 0;
            int bytes = 0;
            long until = 0;
            for (var message = arriving.nextMessage(wait); message != null; ) {
                until = until == 0 ? System.nanoTime() + LINGER.toNanos() : until;
                if (!message.isStatusMessage()) {
                    var now = clock.instant();
                    var data = message.getData() == null ? new byte[0] : message.getData();
                    decoder.decode(data, message.getSubject(), now, now, events);
                    messages++;
                    bytes += data.length;
                }
                if (events.size() >= LOT_EVENTS || bytes >= LOT_BYTES) {
                    break;
                }
                message = arriving.nextMessage((Duration) null);
                long left = until - System.nanoTime();
                if (message == null && left > 0) {
                    message = arriving.nextMessage(Duration.ofNanos(left));
                }
            }
            return new Lot(messages, events, bytes);
        }

        private void handAgain() throws InterruptedException {
            if (refused.isEmpty()) {
                return;
            }
            if (!closed) {
                ending.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
            for (var lot = refused.poll(); lot != null; lot = refused.poll()) {
                hand(lot);
            }
        }

        private void hand(Lot lot) throws InterruptedException {
            untold.acquire(lot.room());
            boolean handed = false;
            try {
                inlet.accept(new Batch(lot.events), receipt(lot));
                handed = true;
            } catch (RuntimeException e) { // nobody sends it again
                LOG.log(System.Logger.Level.ERROR, "Source " + name + ": handing over failed; it goes on", e);
                refused.add(lot);
            } finally {
                if (!handed) {
                    untold.release(lot.room());
                }
            }
        }

        private Receipt receipt(Lot lot) {
            return new Receipt() {
                @Override
                public void stored() {
                    unstored.addAndGet(-lot.messages);
                    untold.release(lot.room());
                }

                @Override
                public void refused(String reason) {
                    tally.refused(lot.events.size());
                    refused.add(lot);
                    untold.release(lot.room());
                }
            };
        }

        private void lose(long messages, String why) {
            tally.dropped(messages);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Source {0}: {1} messages on {2} are lost: {3}",
                    name,
                    messages,
                    subject,
                    why);
        }
    }
}
