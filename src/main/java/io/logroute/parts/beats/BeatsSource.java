package io.logroute.parts.beats;

import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.parts.listen.Room;
import io.logroute.remote.Pem;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Listens for Beats and other Lumberjack clients, versions 1 and 2, with TLS or without.
///
/// Reasons under which connections are counted as closed: `client` (it ended, or is gone),
/// `idle`, `half_frame` (one frame took too long), `deaf` (it does not read its
/// acknowledgements), `garbage`, `oversized`, `zip_bomb` (see [LumberjackDecoder]), `no_room`
/// (half-read frames of all connections take the memory there is for them), `refused` (the buffer
/// did not store a window), `tls`, `too_many_connections`, `shutdown`, and `failed`
/// (an error of ours).
public final class BeatsSource implements Source {
    /// libbeat gives up a connection after 30 s without a word, other clients after 15; 5 s is
    /// what the protocol's servers keep.
    static final Duration KEEP_ALIVE = Duration.ofSeconds(3);

    /// All windows in flight together take at most an eighth of the heap, and room for a few
    /// large ones at least.
    private static final long ROOM_SHARE = 8;

    private static final long LEAST_ROOM = 64L << 20;
    /// What connections may have of their own for what is read and not handed over, all together, and each.
    private static final long ALLOWANCES = 48L << 20;

    private static final long LEAST_ALLOWANCE = 32 << 10;
    private static final long LARGEST_ALLOWANCE = 256 << 10;
    private static final int BACKLOG = 128;
    /// So long closed connections may take, all of them together, to come to their end.
    private static final Duration LAST = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILED_ACCEPT = Duration.ofMillis(200);
    private static final Duration SAME_WARNING = Duration.ofMinutes(1);
    private static final Set<String> QUIET = Set.of("client", "idle", "shutdown");
    private static final System.Logger LOG = System.getLogger(BeatsSource.class.getName());

    private final SourceSpec.Beats spec;
    private final String router;
    private final Instruments meters;
    private final InstantSource clock;
    private final Duration keepAlive;
    private final LumberjackDecoder.Limits limits;
    private final Room reading;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> warned = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable ServerSocket server;
    private @Nullable Thread accepting;

    public BeatsSource(SourceSpec.Beats spec, String router, Instruments meters, InstantSource clock) {
        this(spec, router, meters, clock, KEEP_ALIVE, LumberjackDecoder.Limits.USUAL);
    }

    BeatsSource(
            SourceSpec.Beats spec,
            String router,
            Instruments meters,
            InstantSource clock,
            Duration keepAlive,
            LumberjackDecoder.Limits limits) {
        this(spec, router, meters, clock, keepAlive, limits, readingRoom(spec.maxConnections()));
    }

    BeatsSource(
            SourceSpec.Beats spec,
            String router,
            Instruments meters,
            InstantSource clock,
            Duration keepAlive,
            LumberjackDecoder.Limits limits,
            Room reading) {
        this.spec = spec;
        this.router = router;
        this.meters = meters;
        this.clock = clock;
        this.keepAlive = keepAlive;
        this.limits = limits;
        this.reading = reading;
    }

    private static Room readingRoom(int connections) {
        return Room.ofAll(Math.clamp(ALLOWANCES / connections, LEAST_ALLOWANCE, LARGEST_ALLOWANCE));
    }

    @Override
    public void start(Inlet inlet) throws IOException {
        if (server != null) {
            throw new IllegalStateException(spec.label() + " was started before");
        }
        var tls = spec.tls().isPresent() ? Pem.server(spec.tls().get()) : null;
        long room = Math.max(LEAST_ROOM, Runtime.getRuntime().maxMemory() / ROOM_SHARE) >> 10;
        int kib = (int) Math.min(Integer.MAX_VALUE, room);
        var terms = new Connection.Terms(
                inlet,
                tls,
                spec.tls().flatMap(t -> t.clientCaFile()).isPresent(),
                spec.idleTimeout(),
                keepAlive,
                limits,
                new Semaphore(kib, true),
                kib,
                reading,
                clock,
                new Tally());
        var listening = listen();
        server = listening;
        meters.gauge(Meter.CONNECTIONS, connections::size, router, spec.label());
        accepting = Thread.ofVirtual().name(spec.label()).start(() -> accept(listening, terms));
    }

    private ServerSocket listen() throws IOException {
        var socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(spec.host(), spec.port()), BACKLOG);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException(spec.label() + ": " + whyNot(e), e);
        }
    }

    private String whyNot(IOException e) {
        var text = String.valueOf(e.getMessage());
        if (e instanceof BindException && text.contains("in use")) {
            return "port %d on %s is taken; stop what uses it or choose another port under sources[].beats.port"
                    .formatted(spec.port(), spec.host());
        }
        if (e instanceof BindException && text.contains("ermission")) {
            return "port %d on %s is not ours to take; choose one above 1023 under sources[].beats.port"
                    .formatted(spec.port(), spec.host());
        }
        return "cannot listen on %s port %d (%s); write an address of this machine under sources[].beats.host, or 0.0.0.0"
                .formatted(spec.host(), spec.port(), text);
    }

    /// The port that it listens on.
    ///
    /// @throws IllegalStateException before [#start]
    public int port() {
        if (server == null) {
            throw new IllegalStateException(spec.label() + " was not started");
        }
        return server.getLocalPort();
    }

    private void accept(ServerSocket from, Connection.Terms terms) {
        while (!from.isClosed()) {
            try {
                take(from.accept(), terms);
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

    private void take(Socket socket, Connection.Terms terms) {
        var connection = new Connection(socket, terms);
        if (connections.size() >= spec.maxConnections()) {
            connection.close(
                    "too_many_connections",
                    "there are %d; raise sources[].beats.maxConnections if these are all wanted"
                            .formatted(spec.maxConnections()));
            return;
        }
        connections.add(connection);
        Thread.ofVirtual().name("beats-" + connection.peer()).start(connection);
    }

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
                accepting.join();
            }
            end();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        connections.forEach(each -> each.close("shutdown", "this source ends"));
        meters.remove(Meter.CONNECTIONS, router, spec.label());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Windows that were handed over get their acknowledgement if they are stored within a short
    /// time, and clients a moment to read it.
    private void end() throws InterruptedException {
        var all = Set.copyOf(connections);
        all.forEach(Connection::stop);
        long deadline = System.nanoTime() + Connection.GRACE.toNanos();
        for (var each : all) {
            each.awaitAcks(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
        all.forEach(Connection::leave);
        awaitEnd(all, Connection.FAREWELL);
        all.forEach(each -> each.close("shutdown", "this source ends"));
        awaitEnd(all, LAST);
    }

    private static void awaitEnd(Set<Connection> all, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (var each : all) {
            each.awaitEnd(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }

    /// One line a minute for each reason that somebody should look into; the rest is in the
    /// metrics.
    private void warn(String reason, String message) {
        long now = System.nanoTime();
        boolean[] first = new boolean[1];
        warned.compute(reason, (same, last) -> {
            first[0] = last == null || now - last >= SAME_WARNING.toNanos();
            return first[0] ? now : last;
        });
        LOG.log(first[0] ? Level.WARNING : Level.DEBUG, "{0}: {1}", router + "/" + spec.label(), message);
    }

    private final class Tally implements Connection.Told {
        @Override
        public void closed(Connection connection, String reason, String message) {
            connections.remove(connection);
            meters.counter(Meter.CLOSED_CONNECTIONS, router, spec.label(), reason)
                    .increment();
            if (!QUIET.contains(reason)) {
                warn(reason, "closed the connection from %s (%s): %s".formatted(connection.peer(), reason, message));
            }
        }

        @Override
        public void refused(int events, String reason) {
            meters.counter(Meter.REFUSED_EVENTS, router, spec.label(), reason).increment(events);
        }

        @Override
        public void unreadable(int events) {
            meters.counter(Meter.UNREADABLE_EVENTS, router, spec.label()).increment(events);
        }

        @Override
        public void keptAlive() {
            meters.counter(Meter.ACK_KEEPALIVES, router, spec.label()).increment();
        }
    }
}
