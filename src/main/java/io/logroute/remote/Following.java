package io.logroute.remote;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Rings whenever Docker tells of an event, whatever it tells, and each time the stream of events is found again.
///
/// One thread reads; another looks after it: while nothing comes it asks every few seconds whether anybody is there,
/// and now and then it begins anew, for a connection may die without a sign.
final class Following implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Following.class.getName());
    private static final String EVENTS = "/events?filters="
            + DockerSwarm.encoded(
                    "{\"type\":[\"service\",\"node\",\"config\",\"secret\",\"network\"],\"scope\":[\"swarm\"]}");
    private static final Duration QUIET = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration SHORTEST_REST = Duration.ofMillis(500);
    private static final Duration LONGEST_REST = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private final DockerHttp docker;
    private final Runnable bell;
    private final Thread keeper = Thread.ofVirtual().name("docker events").unstarted(this::keep);
    /// The one that reads now; another may still be ending.
    private volatile @Nullable Thread reader;
    /// The last one that Docker answered.
    private volatile @Nullable Thread connected;
    private volatile boolean closed;

    /// @param docker of its own: what it breaks off disturbs nobody else
    Following(DockerHttp docker, Runnable bell) {
        this.docker = docker;
        this.bell = bell;
    }

    void start() {
        keeper.start();
    }

    boolean follows() {
        var answered = connected;
        return answered != null && answered == reader;
    }

    private void keep() {
        var rest = SHORTEST_REST;
        while (!closed) {
            boolean wasConnected = false;
            boolean anew = false;
            var reading = new FutureTask<>(this::read, null);
            var one = Thread.ofVirtual().name("docker events reader").unstarted(reading);
            reader = one;
            one.start();
            try {
                long end = System.nanoTime() + LONGEST.toNanos();
                while (goesOn(reading)) {
                    wasConnected |= follows();
                    docker.ping();
                    if (System.nanoTime() - end > 0) {
                        anew = true;
                        break;
                    }
                }
                wasConnected |= follows();
            } catch (SwarmUnreachable e) {
                wasConnected |= follows();
                LOG.log(System.Logger.Level.DEBUG, "The events of {0} are lost: {1}", docker.host(), e.getMessage());
            } catch (InterruptedException e) {
                closed = true;
            } finally {
                reader = null;
                one.interrupt();
            }
            if (closed) {
                return;
            }
            if (anew) {
                continue;
            }
            rest = wasConnected ? SHORTEST_REST : rest.multipliedBy(2);
            rest = rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
            try {
                Thread.sleep(rest);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// Waits a while for the end of the stream.
    ///
    /// @return whether it goes on
    private static boolean goesOn(FutureTask<?> reading) throws InterruptedException {
        try {
            reading.get(QUIET.toMillis(), TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        } catch (ExecutionException e) {
            LOG.log(System.Logger.Level.ERROR, "Events of Docker could not be read; it is tried again", e.getCause());
            return false;
        }
    }

    private void read() {
        try {
            docker.stream(DockerHttp.Request.get("events", EVENTS), this::read);
        } catch (SwarmUnreachable e) {
            LOG.log(System.Logger.Level.DEBUG, "The events of {0} are lost: {1}", docker.host(), e.getMessage());
        }
    }

    private boolean read(int status, InputStream body) throws IOException {
        if (status != 200) {
            throw new IOException("it answers %d".formatted(status));
        }
        connected = Thread.currentThread();
        var buffer = new byte[8 << 10];
        do {
            if (closed) {
                return false;
            }
            bell.run();
        } while (body.read(buffer) >= 0);
        return true;
    }

    /// Safe twice, and without start.
    @Override
    public void close() {
        closed = true;
        keeper.interrupt();
        try {
            if (keeper.isAlive()) {
                keeper.join(MOMENT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        docker.close();
    }
}
