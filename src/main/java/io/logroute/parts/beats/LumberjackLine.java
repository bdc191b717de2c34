package io.logroute.parts.beats;

import io.logroute.flow.Monitor;
import io.logroute.parts.listen.Handshake;
import io.logroute.spec.SinkSpec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A connection to a receiver of Lumberjack 2. Windows go out one after the other and are
/// acknowledged in that order:
///
///     ack = version:'2' 'A' place:u32      so many events of the oldest window are taken
///
/// A place of 0 says only that the receiver is still at work; one within the window is what a
/// receiver says that acknowledges in parts. A thread of its own reads the acknowledgements, and sees
/// at once when the receiver hangs up. The connection ends when the receiver breaks the protocol, or
/// says nothing for the timeout while it has something to acknowledge, reading of ours included. One that
/// takes no more bytes may have acknowledged some before: that is read first.
final class LumberjackLine implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final int PIECE = 32 << 10;

    /// What became of a window.
    ///
    /// @param acknowledged so many of its events, from the first on
    /// @param trouble why no more than that; empty when it was all
    record Outcome(int acknowledged, Optional<String> trouble) {}

    private static final class Pending {
        final int count;
        int acknowledged;

        Pending(int count) {
            this.count = count;
        }
    }

    private final Socket socket;
    private final Duration timeout;
    /// Held while a window is written, so that windows are pending in the order they go out.
    private final ReentrantLock sending = new ReentrantLock(true);
    private final Monitor monitor = new Monitor();
    /// Guarded by `monitor`, as all that follows and is not volatile.
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private int pendingEvents;
    private volatile long lastProgress = System.nanoTime();
    /// Why nothing can be written any more, while there may be something to read.
    private @Nullable String broken;
    private @Nullable String ended;

    private LumberjackLine(Socket socket, Duration timeout) {
        this.socket = socket;
        this.timeout = timeout;
    }

    /// @param verify whether the certificate must fit the host's name
    static LumberjackLine connect(SinkSpec.Beats.Host host, Optional<SSLContext> tls, boolean verify, Duration timeout)
            throws IOException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(new InetSocketAddress(host.name(), host.port()), (int) CONNECT.toMillis());
            if (tls.isPresent()) {
                socket = secured(socket, host, tls.get(), verify);
            }
            socket.setSoTimeout((int) GLANCE.toMillis());
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
        var line = new LumberjackLine(socket, timeout);
        Thread.ofVirtual().name("lumberjack-" + host).start(line::readAcks);
        return line;
    }

    private static Socket secured(Socket plain, SinkSpec.Beats.Host host, SSLContext tls, boolean verify)
            throws IOException {
        plain.setSoTimeout((int) CONNECT.toMillis());
        var secured = (SSLSocket) tls.getSocketFactory().createSocket(plain, host.name(), host.port(), true);
        var parameters = secured.getSSLParameters();
        named(parameters, verify);
        secured.setSSLParameters(parameters);
        Handshake.within(secured, CONNECT, () -> close(plain));
        return secured;
    }

    private static void close(Socket plain) {
        try {
            plain.close();
        } catch (IOException e) {
            // it is closed as far as we are concerned
        }
    }

    private static void named(SSLParameters parameters, boolean verify) {
        if (verify) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
    }

    /// In words that a status shows.
    static String words(IOException e) {
        return switch (e) {
            case UnknownHostException _ -> "this host is not known";
            case ConnectException _ -> "nobody listens there";
            case SocketTimeoutException _ -> "no connection within %d s".formatted(CONNECT.toSeconds());
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    /// Events that wait for their acknowledgement.
    int pending() {
        try (var _ = monitor.enter()) {
            return pendingEvents;
        }
    }

    boolean isUp() {
        try (var _ = monitor.enter()) {
            return ended == null && broken == null;
        }
    }

    /// Sends the window and waits until it is acknowledged as a whole, or the connection ended.
    Outcome send(byte[] window, int count) throws InterruptedException {
        var mine = new Pending(count);
        sending.lockInterruptibly();
        try {
            try (var _ = monitor.enter()) {
                if (ended != null || broken != null) {
                    return new Outcome(0, Optional.ofNullable(ended == null ? broken : ended));
                }
                if (pending.isEmpty()) {
                    lastProgress = System.nanoTime();
                }
                pending.add(mine);
                pendingEvents += count;
            }
            write(window);
        } catch (IOException e) {
            broke("the connection broke while a window was sent: " + words(e));
        } finally {
            sending.unlock();
        }
        try (var _ = monitor.enter()) {
            while (mine.acknowledged < count && ended == null) {
                monitor.await(GLANCE);
            }
            return new Outcome(
                    mine.acknowledged, mine.acknowledged == count ? Optional.empty() : Optional.ofNullable(ended));
        }
    }

    private void write(byte[] window) throws IOException {
        var out = socket.getOutputStream();
        for (int at = 0; at < window.length; at += PIECE) {
            out.write(window, at, Math.min(PIECE, window.length - at));
            lastProgress = System.nanoTime();
        }
        out.flush();
    }

    private void readAcks() {
        var frame = new byte[6];
        int have = 0;
        try {
            var in = new BufferedInputStream(socket.getInputStream(), 512);
            while (true) {
                int read;
                try {
                    read = in.read(frame, have, frame.length - have);
                } catch (SocketTimeoutException e) {
                    if (isSilent() || isBroken()) {
                        end("no acknowledgement within %d s".formatted(timeout.toSeconds()));
                        return;
                    }
                    continue;
                }
                if (read < 0) {
                    end("the receiver closed the connection");
                    return;
                }
                have += read;
                if (have == frame.length) {
                    have = 0;
                    taken(frame);
                }
            }
        } catch (IOException e) {
            end("the connection broke: " + words(e));
        } catch (RuntimeException e) {
            end("the connection cannot be read: " + e);
        }
    }

    private boolean isSilent() {
        try (var _ = monitor.enter()) {
            return !pending.isEmpty() && System.nanoTime() - lastProgress >= timeout.toNanos();
        }
    }

    private boolean isBroken() {
        try (var _ = monitor.enter()) {
            return broken != null;
        }
    }

    private void taken(byte[] frame) throws IOException {
        if (frame[0] != '2' || frame[1] != 'A') {
            throw new IOException(
                    "what it answers is no acknowledgement of Lumberjack 2; is it a beats input that listens there?");
        }
        long place = java.nio.ByteBuffer.wrap(frame, 2, 4).getInt() & 0xffff_ffffL;
        try (var _ = monitor.enter()) {
            lastProgress = System.nanoTime();
            if (place == 0) {
                return;
            }
            var oldest = pending.peek();
            if (oldest == null || place > oldest.count) {
                throw new IOException("it acknowledges event %d of a window of %d"
                        .formatted(place, oldest == null ? 0 : oldest.count));
            }
            int more = Math.max(0, (int) place - oldest.acknowledged);
            oldest.acknowledged += more;
            pendingEvents -= more;
            if (oldest.acknowledged == oldest.count) {
                pending.poll();
                monitor.changed();
            }
        }
    }

    /// The reader ends the connection when it has read what is there.
    private void broke(String why) {
        try (var _ = monitor.enter()) {
            broken = broken == null ? why : broken;
        }
    }

    private void end(String why) {
        try (var _ = monitor.enter()) {
            if (ended == null) {
                ended = broken == null ? why : broken;
            }
            monitor.changed();
        }
        hangUp();
    }

    private void hangUp() {
        try {
            // TLS would wait for a write that is under way, to say good-bye after it.
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // it is closed as far as we are concerned
        }
    }

    @Override
    public void close() {
        end("the sink was closed");
    }
}
