package io.logroute.parts.http;

import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.parts.listen.Listener;
import io.logroute.parts.listen.Room;
import io.logroute.remote.Pem;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/// Takes events over HTTP: POST a JSON object, an array of objects, or one object a line, plain
/// or gzip.
///
/// | answer | means |
/// |---|---|
/// | 200 `{"stored":N}` | every event is on disk |
/// | 400 | the body is not JSON objects; the problem names byte, line, column and event |
/// | 404, 405, 415, 417, 431 | another path, method, encoding, expectation; too long a head |
/// | 408 | the body came too slowly, or stopped |
/// | 413 | the body is too large, as declared or in truth, before or after gunzip |
/// | 429 `Retry-After` | the buffer is full |
/// | 503 `Retry-After` | the events were not stored in time, or could not be; send them again |
///
/// After 400 to 431 nothing was taken. After 503 some of the events may be stored: a large
/// request travels in several batches.
///
/// Connections are counted as closed with the reasons `timeout` (a request came too slowly),
/// `deaf` (the client does not read its answer), `broken` (it is gone within a request), `tls`,
/// `too_many_connections`, `stopped` and `failed` (an error of ours).
///
/// GET on the path answers 200 and says what to post, so that a probe can tell that somebody
/// listens.
public final class HttpSource implements Source {
    /// The certificate and keys of a port, read when the source starts.
    @FunctionalInterface
    interface Tls {
        SSLContext context(ServerTls tls) throws IOException;
    }

    /// For so long a client waits for room before it is turned away.
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int MAX_CONNECTIONS = 1_000;
    private static final int BACKLOG = 128;
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration LAST = Duration.ofSeconds(1);

    private final SourceSpec.Http spec;
    private final String router;
    private final Instruments meters;
    private final InstantSource clock;
    private final Tls tls;
    private final Room room;
    private final Duration patience;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private @Nullable ServerSocket server;
    private @Nullable Thread accepting;
    private final CountDownLatch closing = new CountDownLatch(1);

    /// @param patience for how long a client waits for room before it is turned away
    public HttpSource(SourceSpec.Http spec, String router, Instruments meters, InstantSource clock, Duration patience) {
        this(spec, router, meters, clock, patience, Pem::server, Listener.readingRoom(MAX_CONNECTIONS));
    }

    HttpSource(
            SourceSpec.Http spec,
            String router,
            Instruments meters,
            InstantSource clock,
            Duration patience,
            Tls tls,
            Room room) {
        this.spec = spec;
        this.router = router;
        this.meters = meters;
        this.clock = clock;
        this.patience = patience;
        this.tls = tls;
        this.room = room;
    }

    @Override
    public synchronized void start(Inlet inlet) throws IOException {
        if (server != null || closed) {
            throw new IllegalStateException(spec.label() + " was started before");
        }
        var opened = open();
        server = opened;
        var setting = new Conversation.Setting(
                spec.path(), spec.elasticsearch(), spec.maxBody().bytes(), patience, inlet, room, clock, new Tally());
        meters.gauge(Meter.CONNECTIONS, conversations::size, router, spec.label());
        accepting = Thread.ofVirtual().name(spec.label() + "-accept").start(() -> accept(opened, setting));
        Thread.ofVirtual().name(spec.label() + "-watch").start(this::watch);
    }

    /// A write has no timeout of its own.
    private void watch() {
        try {
            while (!closing.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                conversations.forEach(Conversation::checkReads);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ServerSocket open() throws IOException {
        var opened = unbound();
        try {
            opened.setReuseAddress(true);
            opened.bind(address(), BACKLOG);
            return opened;
        } catch (IOException e) {
            opened.close();
            throw new IOException(inOurWords(e), e);
        }
    }

    private ServerSocket unbound() throws IOException {
        if (spec.tls().isEmpty()) {
            return new ServerSocket();
        }
        var wanted = spec.tls().get();
        var socket =
                (SSLServerSocket) tls.context(wanted).getServerSocketFactory().createServerSocket();
        socket.setNeedClientAuth(wanted.clientCaFile().isPresent());
        return socket;
    }

    private InetSocketAddress address() throws IOException {
        var address = new InetSocketAddress(spec.host(), spec.port());
        if (address.isUnresolved()) {
            throw new IOException(
                    "%s: host %s is not known; write 0.0.0.0 or an address of this machine under sources[].http.host"
                            .formatted(spec.label(), spec.host()));
        }
        return address;
    }

    private @Nullable String inOurWords(IOException e) {
        var message = String.valueOf(e.getMessage());
        if (!(e instanceof BindException)) {
            return e.getMessage();
        }
        if (message.contains("in use")) {
            return "%s: port %d on %s is taken; stop what uses it or choose another port under sources[].http.port"
                    .formatted(spec.label(), spec.port(), spec.host());
        }
        if (message.contains("assign")) {
            return "%s: %s is no address of this machine; write 0.0.0.0 or one of its own under sources[].http.host"
                    .formatted(spec.label(), spec.host());
        }
        return "%s: cannot listen on port %d of %s (%s); choose another port under sources[].http.port"
                .formatted(spec.label(), spec.port(), spec.host(), message);
    }

    /// The port it listens on: the free one that was taken where the spec says 0.
    ///
    /// @throws IllegalStateException before `start`
    public synchronized int port() {
        if (server == null) {
            throw new IllegalStateException(spec.label() + " was not started");
        }
        return server.getLocalPort();
    }

    private void accept(ServerSocket opened, Conversation.Setting setting) {
        while (!closed) {
            try {
                converse(opened.accept(), setting);
            } catch (IOException e) {
                if (closed || opened.isClosed()) {
                    return;
                }
                pause();
            }
        }
    }

    /// Such as too many open files: it passes when connections end.
    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(50));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void converse(Socket socket, Conversation.Setting setting) throws IOException {
        if (conversations.size() >= MAX_CONNECTIONS) {
            meters.counter(Meter.CLOSED_CONNECTIONS, router, spec.label(), "too_many_connections")
                    .increment();
            socket.close();
            return;
        }
        var conversation = new Conversation(socket, setting);
        conversations.add(conversation);
        var thread = Thread.ofVirtual()
                .name(spec.label() + "-" + socket.getPort())
                .unstarted(() -> {
                    try {
                        conversation.run();
                    } finally {
                        conversations.remove(conversation);
                        threads.remove(Thread.currentThread());
                    }
                });
        threads.add(thread);
        thread.start();
        if (closed) {
            conversation.finish();
        }
    }

    /// Takes no new connections, lets requests under way end for a few seconds, then ends them.
    @Override
    public void close() {
        ServerSocket opened;
        Thread loop;
        synchronized (this) {
            closed = true;
            opened = server;
            loop = accepting;
        }
        if (opened == null || loop == null) {
            return;
        }
        try {
            opened.close();
            join(loop, LAST);
            conversations.forEach(Conversation::finish);
            joinAll(GRACE);
        } catch (IOException e) {
            // a listening socket that does not close has no clients left either
        }
        conversations.forEach(Conversation::close);
        closing.countDown();
        threads.forEach(Thread::interrupt);
        joinAll(LAST);
        meters.remove(Meter.CONNECTIONS, router, spec.label());
    }

    private void joinAll(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        for (var thread : threads) {
            join(thread, Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
    }

    private static void join(Thread thread, Duration wait) {
        try {
            thread.join(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Tally implements Conversation.Tally {
        @Override
        public void refused(String reason, int events) {
            meters.counter(Meter.REFUSED_EVENTS, router, spec.label(), reason).increment(events);
        }

        @Override
        public void closed(String reason) {
            meters.counter(Meter.CLOSED_CONNECTIONS, router, spec.label(), reason)
                    .increment();
        }
    }
}
