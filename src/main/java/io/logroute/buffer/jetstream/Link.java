package io.logroute.buffer.jetstream;

import io.logroute.remote.NatsServers;
import io.nats.client.Connection;
import java.io.IOException;
import java.time.Duration;

/// A connection to the servers, and the next one when it was closed for good, as after a password that
/// was changed. May be used from any thread.
final class Link implements AutoCloseable {
    private static final Duration PARTING = Duration.ofSeconds(2);

    private final NatsServers servers;
    private final String name;
    private volatile Connection connection;
    private volatile boolean closed;

    /// @param name who connects, for people who look at the servers
    Link(NatsServers servers, String name) throws IOException {
        this.servers = servers;
        this.name = name;
        this.connection = servers.connect(name);
    }

    Connection get() throws IOException {
        Connection now = connection;
        if (now.getStatus() != Connection.Status.CLOSED) {
            return now;
        }
        synchronized (this) {
            if (closed) {
                throw new IOException("%s is closed".formatted(name));
            }
            if (connection.getStatus() == Connection.Status.CLOSED) {
                Connection fresh = servers.connect(name);
                connection = fresh;
                if (closed) {
                    end(fresh);
                }
            }
            return connection;
        }
    }

    /// The largest message that the servers take.
    long maxPayload() {
        long most = connection.getMaxPayload();
        return most <= 0 ? 1 << 20 : most;
    }

    /// Waits a short time for the servers, at most.
    @Override
    public void close() {
        closed = true;
        end(connection);
    }

    private static void end(Connection connection) {
        Thread ending = Thread.ofVirtual().name("leave-nats").start(() -> {
            try {
                connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            ending.join(PARTING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
