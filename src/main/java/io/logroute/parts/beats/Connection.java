package io.logroute.parts.beats;

import io.logroute.flow.Inlet;
import io.logroute.flow.Receipt;
import io.logroute.parts.beats.LumberjackDecoder.Breach;
import io.logroute.parts.beats.LumberjackDecoder.Window;
import io.logroute.parts.listen.Handshake;
import io.logroute.parts.listen.Room;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// One client: [#run] reads on the thread that calls it, and starts the writer of
/// acknowledgements.
///
/// It closes for one reason, the first; the socket goes with it, and both threads end by that.
final class Connection implements Runnable {
    /// Events wait so long for the rest of their window, then they are stored and acknowledged
    /// without it: there are clients that begin a window and send on when they have something to
    /// say.
    private static final Duration REST_OF_WINDOW = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(Connection.class.getName());
    /// How long windows that were handed over may take to be stored when the source ends.
    static final Duration GRACE = Duration.ofSeconds(2);
    /// How long a client may take to read its last acknowledgements when the source ends.
    static final Duration FAREWELL = Duration.ofSeconds(1);

    /// So long a connection waits for memory that others have, unless it is the buffer that is
    /// full.
    private static final Duration ROOM = Duration.ofSeconds(5);

    /// A half frame that holds memory which others wait for may be silent so long,
    private static final Duration SILENT_IN_THE_WAY = Duration.ofSeconds(2);
    /// and take so long in all.
    private static final Duration IN_THE_WAY = Duration.ofSeconds(15);

    private static final Duration HANDSHAKE = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Duration LONGEST_READ = Duration.ofHours(1);

    /// What a connection needs of the source it belongs to.
    ///
    /// @param clientCertificate whether a client must show one (mutual TLS)
    /// @param room KiB that all windows in flight may take
    /// @param roomSize all of `room`
    /// @param reading memory of what is read and not handed over yet
    /// @param idle how long a client may say nothing, and how long one frame may take
    record Terms(
            Inlet inlet,
            @Nullable SSLContext tls,
            boolean clientCertificate,
            Duration idle,
            Duration keepAlive,
            LumberjackDecoder.Limits limits,
            Semaphore room,
            int roomSize,
            Room reading,
            InstantSource clock,
            Told told) {}

    /// What the source wants to know.
    interface Told {
        void closed(Connection connection, String reason, String message);

        /// Nothing could be read from a frame, or events were not taken.
        void refused(int events, String reason);

        void unreadable(int events);

        void keptAlive();
    }

    private final Socket socket;
    private final Terms terms;
    private final Acks acks;
    private final Room.Part part;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ReentrantLock handing = new ReentrantLock();
    private @Nullable Thread handingOver;
    private boolean stopping;
    private final CountDownLatch ended = new CountDownLatch(1);
    /// What is talked over; there is none before a TLS handshake is done.
    private volatile @Nullable Socket talking;

    private long readSince;
    private long heldSince;
    private long frameSince;

    Connection(Socket socket, Terms terms) {
        this.socket = socket;
        this.terms = terms;
        this.part = terms.reading().part();
        this.acks = new Acks(terms.keepAlive(), terms.told()::keptAlive);
    }

    @Override
    public void run() {
        try (part;
                var decoder = new LumberjackDecoder(terms.limits(), this::hold)) {
            socket.setTcpNoDelay(true);
            var talk = terms.tls() == null ? socket : handshake(terms.tls());
            if (talk == null) {
                return;
            }
            talking = talk;
            var out = talk.getOutputStream();
            Thread.ofVirtual().name("beats-acks-" + peer()).start(() -> {
                try {
                    acks.writeTo(out);
                } catch (IOException e) {
                    close("client", "it takes no acknowledgements: " + e.getMessage());
                } catch (InterruptedException e) {
                    close("shutdown", "interrupted");
                }
            });
            read(talk, decoder);
        } catch (Breach e) {
            if (!closed.get()) {
                terms.told().refused(1, e.reason());
            }
            close(e.reason(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            close("client", "it is gone: " + e.getMessage());
        } catch (InterruptedException e) {
            awaitLastAcks();
            readToTheEnd();
            close("shutdown", "this source ends");
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a connection with " + peer() + " failed; please report this", e);
        } finally {
            close("failed", "an error of ours");
            ended.countDown();
        }
    }

    /// The TLS connection; `null` when there is none to be had, and this is closed.
    private @Nullable SSLSocket handshake(SSLContext context) {
        try {
            var secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
            secure.setUseClientMode(false);
            secure.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            secure.setNeedClientAuth(terms.clientCertificate());
            Handshake.within(
                    secure, HANDSHAKE, () -> close("tls", "no TLS handshake within " + HANDSHAKE.toSeconds() + " s"));
            return secure;
        } catch (IOException e) {
            close("tls", "no TLS: " + e.getMessage());
            return null;
        }
    }

    private void read(Socket from, LumberjackDecoder decoder) throws IOException, Breach, InterruptedException {
        var in = from.getInputStream();
        readSince = System.nanoTime();
        while (!closed.get()) {
            awaitRoom();
            int n = read(from, in, decoder);
            if (n < 0) {
                end(decoder);
                return;
            }
            if (n == 0) {
                checkTimes(decoder);
                continue;
            }
            boolean held = decoder.holds();
            boolean half = decoder.halfFrame();
            readSince = System.nanoTime();
            long frames = decoder.frames();
            boolean handed = decode(decoder);
            if (!held || handed) {
                heldSince = readSince;
            }
            if (!half || handed || decoder.frames() > frames) {
                frameSince = System.nanoTime();
            }
            checkTimes(decoder);
        }
    }

    /// Waits for memory. That is not the client's time.
    private void hold(long bytes) throws Breach {
        if (part.growTo(bytes, Duration.ZERO)) {
            return;
        }
        long since = System.nanoTime();
        boolean enough;
        do {
            enough = part.growTo(bytes, ROOM);
        } while (!enough
                && !closed.get()
                && terms.inlet().full()
                && System.nanoTime() - since < terms.idle().toNanos());
        if (!enough) {
            throw new Breach(
                    "no_room",
                    "half-read frames of all connections take the memory there is for them; "
                            + "its %d KiB found none within %d s".formatted(bytes >> 10, ROOM.toSeconds()));
        }
        frameSince += System.nanoTime() - since;
    }

    private void awaitRoom() throws InterruptedException {
        if (acks.awaitRoom(Duration.ZERO)) {
            return;
        }
        while (!acks.awaitRoom(GLANCE)) {
            checkReads();
        }
        frameSince = System.nanoTime();
    }

    /// @return the number of bytes; 0 when it is time to look at the clock; -1 at the end
    private int read(Socket from, InputStream in, LumberjackDecoder decoder) throws IOException, Breach {
        from.setSoTimeout((int) Math.clamp(untilGlance(decoder).toMillis(), 1, LONGEST_READ.toMillis()));
        try {
            return decoder.readFrom(in);
        } catch (SocketTimeoutException e) {
            return 0;
        }
    }

    /// How long nothing needs to be looked at while nothing comes.
    private Duration untilGlance(LumberjackDecoder decoder) {
        if (decoder.holds()) {
            return REST_OF_WINDOW.minusNanos(System.nanoTime() - heldSince);
        }
        return acks.none() && !decoder.halfFrame() ? terms.idle().minus(silence()) : GLANCE;
    }

    /// Since when the client may have spoken and did not.
    private Duration silence() {
        long now = System.nanoTime();
        return Duration.ofNanos(Math.min(now - readSince, now - acks.quietSince()));
    }

    private boolean decode(LumberjackDecoder decoder) throws Breach, InterruptedException {
        boolean any = false;
        var received = terms.clock().instant();
        for (var window = decoder.next(received); window != null; window = decoder.next(received)) {
            awaitRoom();
            handOver(window);
            part.shrinkTo(decoder.holding());
            any = true;
        }
        part.shrinkTo(decoder.holding());
        return any;
    }

    private void checkTimes(LumberjackDecoder decoder) throws InterruptedException {
        checkReads();
        long now = System.nanoTime();
        if (decoder.holds() && now - heldSince >= REST_OF_WINDOW.toNanos()) {
            handOver(decoder.rest());
            part.shrinkTo(decoder.holding());
        }
        if (decoder.halfFrame() && isInTheWay(now)) {
            terms.told().refused(1, "no_room");
            close("no_room", "others wait for the memory that its half frame takes, and it does not come on");
        }
        if (decoder.halfFrame() && now - frameSince >= terms.idle().toNanos()) {
            terms.told().refused(1, "half_frame");
            close("half_frame", "one frame took longer than idleTimeout, %s".formatted(terms.idle()));
        }
        if (!decoder.halfFrame() && acks.none() && silence().compareTo(terms.idle()) >= 0) {
            close("idle", "nothing came for %s".formatted(terms.idle()));
        }
    }

    private boolean isInTheWay(long now) {
        boolean slow = now - readSince >= SILENT_IN_THE_WAY.toNanos() || now - frameSince >= IN_THE_WAY.toNanos();
        return slow && part.holds() && terms.reading().wanted();
    }

    /// A client that takes no acknowledgements must not hold its windows for ever.
    private void checkReads() {
        if (acks.writing().compareTo(terms.idle()) >= 0) {
            close("deaf", "it did not read its acknowledgements for %s".formatted(terms.idle()));
        }
    }

    /// The client has said everything. It may still read, so what is under way is acknowledged
    /// first; if it does not, the next acknowledgement fails and closes this.
    private void end(LumberjackDecoder decoder) throws InterruptedException {
        // Clients of version 1 end within windows; those of version 2 send again what was not
        // acknowledged.
        if (decoder.firstVersion()) {
            handOver(decoder.rest());
        }
        while (!acks.awaitNone(GLANCE)) {
            checkReads();
        }
        close("client", "it ended");
    }

    private void handOver(@Nullable Window window) throws InterruptedException {
        if (window == null || closed.get()) {
            return;
        }
        begin();
        var wait = acks.add(window);
        int kib = Math.clamp(window.weight() >> 10, 1, terms.roomSize());
        try {
            terms.room().acquire(kib);
            try {
                terms.inlet().accept(window.batch(), receipt(window, wait, kib));
            } catch (InterruptedException e) {
                terms.room().release(kib);
                throw e;
            }
        } catch (InterruptedException e) {
            acks.drop(wait);
            throw e;
        } finally {
            handed();
        }
        // The time that the disk took is not the client's.
        frameSince = System.nanoTime();
        if (window.unreadable() > 0) {
            terms.told().unreadable(window.unreadable());
        }
    }

    private Receipt receipt(Window window, Acks.Waiting wait, int kib) {
        return new Receipt() {
            @Override
            public void stored() {
                terms.room().release(kib);
                wait.settle();
            }

            @Override
            public void refused(String reason) {
                terms.room().release(kib);
                terms.told().refused(window.events().size(), "refused");
                close("refused", "a window was not stored: " + reason);
            }
        };
    }

    private void begin() throws InterruptedException {
        handing.lock();
        try {
            if (stopping) {
                throw new InterruptedException();
            }
            handingOver = Thread.currentThread();
        } finally {
            handing.unlock();
        }
    }

    private void handed() {
        handing.lock();
        try {
            handingOver = null;
            // An interrupt that came after the inlet had taken the window must not reach the
            // socket.
            if (stopping) {
                Thread.interrupted();
            }
        } finally {
            handing.unlock();
        }
    }

    /// Nothing is handed over from now on. What was, may still be acknowledged.
    void stop() {
        handing.lock();
        try {
            stopping = true;
            if (handingOver != null) {
                handingOver.interrupt();
            }
        } finally {
            handing.unlock();
        }
    }

    /// What was taken in before the source ended may still be acknowledged.
    private void awaitLastAcks() {
        try {
            acks.awaitNone(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What nobody reads when a connection ends makes TCP reset it, and what the client has not read
    /// by then, acknowledgements too, it may never see (RFC 1122, 4.2.2.13).
    private void readToTheEnd() {
        var from = talking;
        if (from == null) {
            return;
        }
        try {
            from.setSoTimeout((int) (GRACE.plus(FAREWELL).toMillis()));
            from.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // It was closed, by either side, or was silent all the time.
        }
    }

    /// Says that no acknowledgement will come any more; the client ends the connection then. One that
    /// was acknowledged long ago has read that, and is closed.
    void leave() {
        boolean quiet = acks.end();
        var to = talking;
        if (to == null || !quiet || System.nanoTime() - acks.quietSince() >= FAREWELL.toNanos()) {
            close("shutdown", "this source ends");
            return;
        }
        try {
            to.shutdownOutput();
        } catch (IOException e) {
            close("client", "it is gone: " + e.getMessage());
        }
    }

    /// Waits for the acknowledgements that are due.
    void awaitAcks(Duration atMost) throws InterruptedException {
        acks.awaitNone(atMost);
    }

    /// Waits until the thread that reads is done.
    ///
    /// @return false when it is not
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Closes the socket; only the first reason counts.
    void close(String reason, String message) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        acks.end();
        part.end();
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use to anyone any more.
        }
        terms.told().closed(this, reason, message);
    }

    String peer() {
        return String.valueOf(socket.getRemoteSocketAddress());
    }
}
