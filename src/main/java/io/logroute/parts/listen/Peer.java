package io.logroute.parts.listen;

import io.logroute.flow.Batch;
import io.logroute.flow.Receipt;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ObjIntConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// One client on a connection. It closes for one reason, the first; the socket goes with it.
///
/// One thread reads and hands over; another may write.
public final class Peer {
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);
    /// A client that reads no answer for so long is closed.
    private static final Duration DEAF = Duration.ofSeconds(30);
    private static final Duration ROOM = Duration.ofSeconds(5);
    /// A half message that holds memory which others wait for may be silent so long.
    private static final Duration SILENT_IN_THE_WAY = Duration.ofSeconds(2);

    private static final Duration GLANCE = Duration.ofSeconds(1);
    /// How long what was handed over may take to be stored when the source ends,
    static final Duration GRACE = Duration.ofSeconds(2);
    /// and how long a client may take then to read its last answers.
    static final Duration FAREWELL = Duration.ofSeconds(1);

    /// What a client is to hear about what was handed over.
    @FunctionalInterface
    public interface Answers {
        /// Waits until nothing is due that was handed over.
        ///
        /// @return false when something still is
        boolean awaitNone(Duration atMost) throws InterruptedException;
    }

    /// What its listener wants to know.
    interface Told {
        void closed(Peer peer, String reason, String message);
    }

    private final Socket socket;
    private final InFlight inFlight;
    private final Room reading;
    private final Room.Part part;
    private final Duration idle;
    private final Duration half;
    private final Told told;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ReentrantLock handing = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private @Nullable Thread handingOver;
    private boolean stopping;
    /// What is talked over; there is none before a TLS handshake is done.
    private volatile @Nullable Socket talking;
    private @Nullable InputStream in;
    private @Nullable OutputStream out;
    private volatile @Nullable Answers answers;
    private volatile boolean holdsBack;
    private volatile boolean ending;
    private volatile long writingSince;
    private volatile long answeredAt = System.nanoTime() - FAREWELL.toNanos();
    private boolean left;
    private boolean heard;
    private long spokeAt = System.nanoTime();
    private long halfSince = spokeAt;
    private int timeout = -1;

    Peer(Socket socket, InFlight inFlight, Room reading, Duration idle, Duration half, Told told) {
        this.socket = socket;
        this.inFlight = inFlight;
        this.reading = reading;
        this.part = reading.part();
        this.idle = idle;
        this.half = half;
        this.told = told;
    }

    /// Gets ready to read and write.
    ///
    /// @return false when there is no TLS to be had, and this is closed
    boolean open(@Nullable SSLContext tls, boolean clientCertificate) throws IOException {
        socket.setTcpNoDelay(true);
        // Who is gone without a word is found by this.
        socket.setKeepAlive(true);
        var talk = tls == null ? socket : handshake(tls, clientCertificate);
        if (talk == null) {
            return false;
        }
        heard = tls != null;
        talking = talk;
        in = talk.getInputStream();
        out = talk.getOutputStream();
        spokeAt = System.nanoTime();
        halfSince = spokeAt;
        return true;
    }

    private @Nullable SSLSocket handshake(SSLContext context, boolean clientCertificate) {
        try {
            var secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
            secure.setUseClientMode(false);
            secure.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            secure.setNeedClientAuth(clientCertificate);
            Handshake.within(
                    secure, HANDSHAKE, () -> close("tls", "no TLS handshake within " + HANDSHAKE.toSeconds() + " s"));
            return secure;
        } catch (IOException e) {
            close("tls", whyNoTls(String.valueOf(e.getMessage()), clientCertificate));
            return null;
        }
    }

    private static String whyNoTls(String text, boolean clientCertificate) {
        if (text.contains("Unsupported or unrecognized SSL message")) {
            return "it does not speak TLS, and this source does; turn TLS on at the client, or take tls away from this source";
        }
        if (clientCertificate && (text.contains("certificate") || text.contains("PKIX"))) {
            return "it shows no certificate that one in tls.clientCaFile signed (%s); give it one, or mend clientCaFile"
                    .formatted(text);
        }
        return "no TLS: %s; does the client trust this certificate?".formatted(text);
    }

    /// Reads some bytes into the array.
    ///
    /// @param isHalf whether part of a message is there and its rest is due
    /// @param atMost when nothing comes for so long, gives 0
    /// @return how many; 0 when nothing came; -1 at the end
    /// @throws Breach when the client was silent for longer than it may
    public int read(byte[] into, int at, boolean isHalf, Duration atMost) throws IOException, Breach {
        if (in == null) {
            throw new IllegalStateException("not open");
        }
        long since = System.nanoTime();
        var due = isHalf ? half.minusNanos(since - halfSince) : idle.minusNanos(since - spokeAt);
        var wait = due.compareTo(atMost) < 0 ? due : atMost;
        if (isHalf && wait.compareTo(GLANCE) > 0) {
            wait = GLANCE;
        }
        int millis = (int) Math.clamp(wait.toMillis(), 1, Integer.MAX_VALUE);
        if (millis != timeout) {
            timeout = millis > 1000 ? millis - millis % 1000 : millis;
            socket.setSoTimeout(timeout);
        }
        try {
            int n = in.read(into, at, into.length - at);
            if (n > 0) {
                spokeAt = System.nanoTime();
                if (!heard) {
                    heard = true;
                    refuseTls(into, at, n);
                }
            }
            return n;
        } catch (SocketTimeoutException e) {
            checkSilence(isHalf);
            return 0;
        }
    }

    /// The first bytes of a TLS client are no message of anybody.
    private static void refuseTls(byte[] bytes, int at, int length) throws Breach {
        if (length >= 3 && bytes[at] == 0x16 && bytes[at + 1] == 3 && bytes[at + 2] <= 4) {
            throw new Breach(
                    "tls",
                    "it speaks TLS, and this source does not; give this source tls, or turn TLS off at the client");
        }
    }

    private void checkSilence(boolean isHalf) throws Breach {
        long now = System.nanoTime();
        if (isHalf && now - halfSince >= half.toNanos()) {
            throw new Breach("half_message", "one message took longer than %d s".formatted(half.toSeconds()));
        }
        boolean silent = now - spokeAt >= SILENT_IN_THE_WAY.toNanos();
        if (isHalf && silent && part.holds() && reading.wanted()) {
            throw new Breach(
                    "no_room", "others wait for the memory that its half message takes, and it does not come on");
        }
        if (!isHalf && now - spokeAt >= idle.toNanos()) {
            throw new Breach("idle", "nothing came for %s".formatted(idle));
        }
    }

    /// A message begins, or ended: from now on its rest is waited for.
    public void turned() {
        halfSince = System.nanoTime();
    }

    /// Waits for memory: so many bytes in all are read and not handed over.
    public void hold(long bytes) throws Breach {
        if (part.growTo(bytes, Duration.ZERO)) {
            return;
        }
        long since = System.nanoTime();
        boolean enough;
        do {
            enough = part.growTo(bytes, ROOM);
        } while (!enough && !closed.get() && inFlight.full() && System.nanoTime() - since < DEAF.toNanos());
        if (!enough) {
            throw new Breach(
                    "no_room",
                    "half-read messages of all connections take the memory there is for them; its %d KiB found none within %d s"
                            .formatted(bytes >> 10, ROOM.toSeconds()));
        }
        halfSince += System.nanoTime() - since;
    }

    /// Takes memory for so many bytes in all, where it is there at once.
    public boolean mayHold(long bytes) {
        return part.growTo(bytes, Duration.ZERO);
    }

    /// Gives back what is not needed for so many bytes.
    public void holdOnly(long bytes) {
        part.shrinkTo(bytes);
    }

    /// Hands over what the client hears about; refused, the connection closes.
    public void hand(Batch batch, long bytes, Runnable stored) throws InterruptedException {
        handed(() -> inFlight.hand(batch, bytes, new Receipt() {
            @Override
            public void stored() {
                stored.run();
            }

            @Override
            public void refused(String reason) {
                close("refused", "events were not stored: " + reason);
            }
        }));
    }

    /// Hands over what the client would not send again ([InFlight#insist]).
    public void insist(Batch batch, long bytes, ObjIntConsumer<String> lost) throws InterruptedException {
        insist(batch, bytes, () -> {}, lost);
    }

    /// The same for a batch some of whose events the client hears about.
    public void insist(Batch batch, long bytes, Runnable stored, ObjIntConsumer<String> lost)
            throws InterruptedException {
        handed(() -> inFlight.insist(batch, bytes, stored, lost));
    }

    @FunctionalInterface
    private interface Handing {
        void run() throws InterruptedException;
    }

    private void handed(Handing hand) throws InterruptedException {
        handing.lock();
        try {
            if (stopping) {
                throw new InterruptedException();
            }
            handingOver = Thread.currentThread();
        } finally {
            handing.unlock();
        }
        try {
            hand.run();
        } finally {
            handing.lock();
            try {
                handingOver = null;
                // An interrupt that came after the inlet had taken the batch must not reach the socket.
                if (stopping) {
                    Thread.interrupted();
                }
            } finally {
                handing.unlock();
            }
            // The time that the disk took is not the client's.
            halfSince = System.nanoTime();
            spokeAt = halfSince;
        }
    }

    /// Says whether there is something that waits for its rest, and would be lost with this.
    public void holdsBack(boolean does) {
        holdsBack = does;
    }

    boolean holdsBack() {
        return holdsBack && !closed.get();
    }

    /// Whether the source ends soon: nothing is held back any more.
    public boolean isEnding() {
        return ending;
    }

    void endSoon() {
        ending = true;
    }

    /// Says what is waited for when the source ends.
    public void answersWith(Answers due) {
        answers = due;
    }

    /// Writes it all; who does not read it is closed in time. Nothing is written after [#leave].
    public void write(byte[] bytes, int length) throws IOException {
        if (out == null) {
            throw new IllegalStateException("not open");
        }
        writing.lock();
        try {
            if (left) {
                return;
            }
            writingSince = System.nanoTime();
            out.write(bytes, 0, length);
            out.flush();
            answeredAt = System.nanoTime();
        } finally {
            writingSince = 0;
            writing.unlock();
        }
    }

    /// Waits for the answers that are due.
    void awaitAnswers(Duration atMost) throws InterruptedException {
        var due = answers;
        if (due != null && !closed.get()) {
            due.awaitNone(atMost);
        }
    }

    /// Says that no answer will come any more; the client ends the connection then. One that was
    /// answered long ago has read that, and is closed.
    void leave() {
        var to = talking;
        if (to == null || System.nanoTime() - answeredAt >= FAREWELL.toNanos() || !writing.tryLock()) {
            close("shutdown", "this source ends");
            return;
        }
        try {
            left = true;
            to.shutdownOutput();
        } catch (IOException e) {
            close("client", "it is gone: " + e.getMessage());
        } finally {
            writing.unlock();
        }
    }

    /// What nobody reads when a connection ends makes TCP reset it, and what the client has not read by
    /// then, answers too, it may never see (RFC 1122, 4.2.2.13).
    public void readToTheEnd() {
        if (in == null) {
            return;
        }
        try {
            socket.setSoTimeout((int) GRACE.plus(FAREWELL).toMillis());
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // It was closed, by either side, or was silent all the time.
        }
    }

    void checkReads() {
        long since = writingSince;
        if (since != 0 && System.nanoTime() - since >= DEAF.toNanos()) {
            close("deaf", "it did not read its answers for %d s".formatted(DEAF.toSeconds()));
        }
    }

    /// Nothing is handed over from now on.
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

    void end() {
        part.close();
        ended.countDown();
    }

    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    public boolean isClosed() {
        return closed.get();
    }

    /// Closes the socket; only the first reason counts.
    public void close(String reason, String message) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        part.end();
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use to anyone any more.
        }
        told.closed(this, reason, message);
    }

    public String name() {
        return String.valueOf(socket.getRemoteSocketAddress());
    }

    /// Its address without the port.
    public String address() {
        return socket.getInetAddress().getHostAddress();
    }
}
