package io.logroute.parts.listen;

import io.logroute.remote.Pem;
import io.logroute.spec.ServerTls;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A TCP port: takes connections, each on a virtual thread of its own.
///
/// Reasons under which connections are counted as closed: `client` (it ended, or is gone), `idle`,
/// `half_message` (one message took too long), `deaf` (it does not read its answers), `no_room`
/// (half-read messages of all take the memory there is), `refused` (the buffer did not store
/// something), `tls`, `too_many_connections`, `shutdown`, `failed` (an error of ours), and those of
/// the protocol ([Breach#reason]).
public final class Listener implements AutoCloseable {
    /// What connections of a source may have of their own, all together, and each.
    private static final long ALLOWANCES = 16L << 20;

    private static final long LEAST_ALLOWANCE = 8 << 10;
    private static final long LARGEST_ALLOWANCE = 64 << 10;
    private static final int BACKLOG = 128;
    private static final Duration LAST = Duration.ofSeconds(1);
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Duration MOMENT = Duration.ofMillis(20);
    private static final Duration PAUSE_AFTER_FAILED_ACCEPT = Duration.ofMillis(200);
    private static final Duration SAME_WARNING = Duration.ofMinutes(1);
    private static final Set<String> QUIET = Set.of("client", "idle", "shutdown");
    private static final System.Logger LOG = System.getLogger(Listener.class.getName());

    /// @param kind the key of the source in documents, for messages
    /// @param half how long one message may take to come
    public record Terms(
            String router,
            String label,
            String kind,
            String host,
            int port,
            int maxConnections,
            Duration idle,
            Duration half,
            Optional<ServerTls> tls) {}

    /// What is said on a connection, until it ends or is closed.
    @FunctionalInterface
    public interface Talk {
        void with(Peer peer) throws IOException, Breach, InterruptedException;
    }

    private final Terms terms;
    private final Instruments meters;
    private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> warned = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Room reading;
    private @Nullable ServerSocket server;
    private @Nullable Thread accepting;
    private @Nullable InFlight inFlight;

    public Listener(Terms terms, Instruments meters) {
        this(terms, meters, readingRoom(terms.maxConnections()));
    }

    /// @param reading memory of all connections for what is not handed over
    public Listener(Terms terms, Instruments meters, Room reading) {
        this.terms = terms;
        this.meters = meters;
        this.reading = reading;
    }

    /// The room of a source with so many connections.
    public static Room readingRoom(int connections) {
        return Room.ofAll(Math.clamp(ALLOWANCES / connections, LEAST_ALLOWANCE, LARGEST_ALLOWANCE));
    }

    /// @throws IOException when it cannot listen, in words for people; nothing is left open then
    public void start(InFlight handed, Talk talk) throws IOException {
        if (server != null) {
            throw new IllegalStateException(terms.label() + " was started before");
        }
        var tls = terms.tls().isPresent() ? Pem.server(terms.tls().get()) : null;
        var listening = listen();
        server = listening;
        inFlight = handed;
        meters.gauge(Meter.CONNECTIONS, peers::size, terms.router(), terms.label());
        accepting = Thread.ofVirtual().name(terms.label()).start(() -> accept(listening, tls, handed, talk));
        Thread.ofVirtual().name(terms.label() + "-watch").start(this::watch);
    }

    private ServerSocket listen() throws IOException {
        var socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(terms.host(), terms.port()), BACKLOG);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException(terms.label() + ": " + whyNot(e, terms.kind(), terms.host(), terms.port()), e);
        }
    }

    static String whyNot(IOException e, String kind, String host, int port) {
        var text = String.valueOf(e.getMessage());
        if (e instanceof BindException && text.contains("in use")) {
            return "port %d on %s is taken; stop what uses it or choose another port under sources[].%s.port"
                    .formatted(port, host, kind);
        }
        if (e instanceof BindException && text.contains("ermission")) {
            return "port %d on %s is not ours to take; choose one above 1023 under sources[].%s.port"
                    .formatted(port, host, kind);
        }
        return "cannot listen on %s port %d (%s); write an address of this machine under sources[].%s.host, or 0.0.0.0"
                .formatted(host, port, text, kind);
    }

    /// The port that it listens on.
    ///
    /// @throws IllegalStateException before [#start]
    public int port() {
        if (server == null) {
            throw new IllegalStateException(terms.label() + " was not started");
        }
        return server.getLocalPort();
    }

    private void watch() {
        try {
            while (!closing.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                peers.forEach(Peer::checkReads);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept(ServerSocket from, @Nullable SSLContext tls, InFlight handed, Talk talk) {
        while (!from.isClosed()) {
            try {
                take(from.accept(), tls, handed, talk);
            } catch (IOException e) {
                if (from.isClosed()) {
                    return;
                }
                warn(
                        "accept",
                        "cannot take a connection: %s; are there enough file descriptors (ulimit -n)?"
                                .formatted(e.getMessage()));
                if (pausedUntilClosing()) {
                    return;
                }
            }
        }
    }

    private boolean pausedUntilClosing() {
        try {
            return closing.await(PAUSE_AFTER_FAILED_ACCEPT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    private void take(Socket socket, @Nullable SSLContext tls, InFlight handed, Talk talk) {
        var peer = new Peer(socket, handed, reading, terms.idle(), terms.half(), this::closed);
        if (peers.size() >= terms.maxConnections()) {
            peer.close(
                    "too_many_connections",
                    "there are %d; raise sources[].%s.maxConnections if these are all wanted"
                            .formatted(terms.maxConnections(), terms.kind()));
            return;
        }
        peers.add(peer);
        Thread.ofVirtual().name(terms.kind() + "-" + peer.name()).start(() -> talk(peer, tls, talk));
    }

    private void talk(Peer peer, @Nullable SSLContext tls, Talk talk) {
        try {
            boolean certified = terms.tls().flatMap(ServerTls::clientCaFile).isPresent();
            if (peer.open(tls, certified)) {
                talk.with(peer);
                peer.close("client", "it ended");
            }
        } catch (Breach e) {
            if (!peer.isClosed() && !QUIET.contains(e.reason())) {
                meters.counter(Meter.REFUSED_EVENTS, terms.router(), terms.label(), e.reason())
                        .increment();
            }
            peer.close(e.reason(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            peer.close("client", "it is gone: " + e.getMessage());
        } catch (InterruptedException e) {
            peer.close("shutdown", "this source ends");
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a connection with " + peer.name() + " failed; please report this", e);
        } finally {
            peer.close("failed", "an error of ours");
            peer.end();
        }
    }

    private void closed(Peer peer, String reason, String message) {
        peers.remove(peer);
        meters.counter(Meter.CLOSED_CONNECTIONS, terms.router(), terms.label(), reason)
                .increment();
        if (!QUIET.contains(reason)) {
            warn(reason, "closed the connection from %s (%s): %s".formatted(peer.name(), reason, message));
        }
    }

    /// One line a minute for each reason that somebody should look into; the rest is in the metrics.
    private void warn(String reason, String message) {
        long now = System.nanoTime();
        boolean[] first = new boolean[1];
        warned.compute(reason, (same, last) -> {
            first[0] = last == null || now - last >= SAME_WARNING.toNanos();
            return first[0] ? now : last;
        });
        LOG.log(first[0] ? Level.WARNING : Level.DEBUG, "{0}: {1}", terms.router() + "/" + terms.label(), message);
    }

    /// A peer that holds something back looks about once a second whether it may go on with that.
    private static void awaitNothingHeldBack(Set<Peer> all) throws InterruptedException {
        long until = System.nanoTime() + GLANCE.toNanos() + Peer.FAREWELL.toNanos();
        while (all.stream().anyMatch(Peer::holdsBack) && System.nanoTime() < until) {
            Thread.sleep(MOMENT);
        }
    }

    private static void awaitEnd(Set<Peer> all, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (var each : all) {
            each.awaitEnd(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }

    /// Takes no more connections, hands nothing more over, waits a short time for what was handed over
    /// to be stored and answered, gives clients a moment to read that, and closes.
    @Override
    public void close() {
        closing.countDown();
        var listening = server;
        if (listening == null) {
            return;
        }
        boolean interrupted = false;
        try {
            listening.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the port", e);
        }
        try {
            if (accepting != null) {
                accepting.join(Peer.GRACE);
            }
            var all = Set.copyOf(peers);
            all.forEach(Peer::endSoon);
            awaitNothingHeldBack(all);
            all.forEach(Peer::stop);
            long deadline = System.nanoTime() + Peer.GRACE.toNanos();
            if (inFlight != null && !all.isEmpty()) {
                inFlight.awaitNone(Peer.GRACE);
            }
            for (var each : all) {
                each.awaitAnswers(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
            all.forEach(Peer::leave);
            awaitEnd(all, Peer.FAREWELL);
            all.forEach(peer -> peer.close("shutdown", "this source ends"));
            awaitEnd(all, LAST);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        peers.forEach(peer -> peer.close("shutdown", "this source ends"));
        meters.remove(Meter.CONNECTIONS, terms.router(), terms.label());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
