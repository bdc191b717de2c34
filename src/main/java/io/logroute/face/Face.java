package io.logroute.face;

import io.logroute.control.Operator;
import io.logroute.control.StatusBoard;
import io.logroute.router.DeadLetterOffice;
import io.logroute.router.Foresight;
import io.logroute.telemetry.Instruments;
import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// REST, health and metrics over HTTP, for as long as the process lives. One at a time in a
/// process.
///
///     Face.serve("127.0.0.1", 8080, board, routers, meters, foresight, new Face.Life() {
///         public void listening(int port) { routers.start(); }
///         public void stopping() { routers.close(); }
///     });
public final class Face {
    /// In this time everything ends, whatever it does: Docker kills after 10 s.
    public static final Duration STOPPING = Duration.ofSeconds(9);

    private static final AtomicReference<@Nullable Face> SERVING = new AtomicReference<>();

    private final Served served;
    private final Life life;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    Face(Served served, Life life) {
        this.served = served;
        this.life = life;
    }

    /// What goes along with serving. [#listening] and [#stopping] never overlap.
    public interface Life {
        /// HTTP listens: start the rest. What it throws ends the serving and rises out of [#serve].
        ///
        /// @param port the port it listens on, also where a free one was asked for
        void listening(int port);

        /// The process is to end: begin nothing more. Called once, before [#stopping], also while
        /// [#listening] runs; returns at once.
        default void ending() {}

        /// The process is to end, by SIGTERM, Ctrl-C or [#stop]: close the rest. Called once,
        /// even when `listening` threw. HTTP still listens, and answers 503; the JVM waits for
        /// `listening` and for this call, together for [#STOPPING] at most.
        void stopping();
    }

    /// Serves, and returns when it was told to stop and all is closed. Belongs on the main
    /// thread. After SIGTERM or Ctrl-C the JVM is on its way out already and may end before this
    /// returns.
    ///
    /// @param port 0 takes a free one
    /// @param foresight checks specs
    /// @throws CannotServe when it cannot listen there
    public static void serve(
            String host,
            int port,
            StatusBoard board,
            DeadLetterOffice letters,
            Instruments meters,
            Foresight foresight,
            Life life)
            throws CannotServe {
        var served = new Served(
                board,
                new LettersDesk(letters),
                meters,
                foresight,
                InstantSource.system(),
                Optional.empty(),
                Access.open(host));
        serve(host, port, served, life);
    }

    /// The same for a controller.
    ///
    /// @param letters the dead letters of its routers
    /// @param operator what can be asked of the swarm
    /// @param access who may ask
    public static void serve(
            String host,
            int port,
            StatusBoard board,
            Letters letters,
            Instruments meters,
            Foresight foresight,
            Operator operator,
            Access access,
            Life life)
            throws CannotServe {
        var served = new Served(board, letters, meters, foresight, InstantSource.system());
        serve(host, port, served.of(operator, access), life);
    }

    private static void serve(String host, int port, Served served, Life life) throws CannotServe {
        var face = new Face(served, life);
        if (!SERVING.compareAndSet(null, face)) {
            throw new IllegalStateException("it serves already; a process has one face");
        }
        try {
            face.serve(host, port);
        } finally {
            SERVING.set(null);
        }
    }

    /// Ends [#serve] from another thread, as SIGTERM would. Does not wait.
    public static void stop() {
        Quarkus.asyncExit();
    }

    /// Makes the log manager the one that Quarkus brings; has to come before the first line of log.
    static void takeLog() {
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        }
    }

    private void serve(String host, int port) throws CannotServe {
        takeLog();
        tryPort(host, port);
        System.setProperty("quarkus.http.host", host);
        System.setProperty("quarkus.http.port", Integer.toString(port));
        // The handler takes what would be a stack trace and System.exit.
        Quarkus.run(Serving.class, (_, thrown) -> failure.set(thrown));
        var thrown = failure.get();
        switch (thrown) {
            case null -> {}
            case Throwable cause when root(cause) instanceof BindException -> throw taken(host, port, cause);
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            default -> throw new IllegalStateException("REST on %s:%d did not start".formatted(host, port), thrown);
        }
    }

    /// Looks before Quarkus does: it is quicker, and tells more.
    private static void tryPort(String host, int port) throws CannotServe {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port), 1);
        } catch (UnknownHostException e) {
            throw new CannotServe(
                    "REST: there is no address %s; name one of this machine with --host".formatted(host), e);
        } catch (BindException e) {
            throw refused(host, port, e);
        } catch (IOException e) {
            throw new CannotServe(
                    "REST: cannot listen on %s:%d (%s); choose another with --host and --port"
                            .formatted(host, port, e.getMessage()),
                    e);
        }
    }

    static CannotServe refused(String host, int port, BindException why) {
        var words = String.valueOf(why.getMessage());
        if (words.contains("assign")) {
            return new CannotServe(
                    "REST: %s is no address of this machine; name one that is with --host".formatted(host), why);
        }
        if (words.contains("ermission")) {
            return new CannotServe(
                    "REST: this user may not listen on port %d; choose one above 1023 with --port".formatted(port),
                    why);
        }
        return taken(host, port, why);
    }

    private static CannotServe taken(String host, int port, Throwable why) {
        return new CannotServe(
                "REST: port %d on %s is taken; stop what uses it or choose another with --port".formatted(port, host),
                why);
    }

    private static Throwable root(Throwable thrown) {
        var at = thrown;
        for (var cause = at.getCause(); cause != null; cause = at.getCause()) {
            at = cause;
        }
        return at;
    }

    /// The one that serves now.
    static Face serving() {
        var face = SERVING.get();
        if (face == null) {
            throw new IllegalStateException("nothing is served; start it with Face.serve");
        }
        return face;
    }

    Served served() {
        return served;
    }

    synchronized void listening(int port) {
        // A signal may have come before it listened.
        if (!stopped.get()) {
            life.listening(port);
        }
    }

    void stopping() {
        stopping(STOPPING);
    }

    /// Waits for what `listening` still does within the same time.
    void stopping(Duration atMost) {
        if (stopped.compareAndSet(false, true)) {
            life.ending();
            end(this::closeRest, atMost);
        }
    }

    private synchronized void closeRest() {
        life.stopping();
    }

    /// Docker kills after 10 s, and what is acknowledged lies on disk: better an end without the last
    /// word than none in time.
    static void end(Runnable closing, Duration atMost) {
        var ending = Thread.ofVirtual().name("stopping").start(closing);
        try {
            if (!ending.join(atMost)) {
                System.getLogger(Face.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "Not all of it ended within {0} s; the process ends without",
                                atMost.toMillis() / 1000.0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
