package io.logroute.remote;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A connection to servers of NATS, and the next one when it was closed for good, as after a password
/// that was changed: secrets are read again for it. The constructor only holds. May be used from any
/// thread.
public final class NatsLink implements AutoCloseable {
    private static final Duration PARTING = Duration.ofSeconds(2);

    private final NatsServers servers;
    private final String name;
    private final ConnectionListener listener;
    private volatile @Nullable Connection connection;
    private volatile boolean closed;

    /// @param name who connects, for people who look at the servers
    public NatsLink(NatsServers servers, String name) {
        this(servers, name, (_, _) -> {});
    }

    /// @param listener hears what happens to each connection, on threads of the client
    public NatsLink(NatsServers servers, String name, ConnectionListener listener) {
        this.servers = servers;
        this.name = name;
        this.listener = listener;
    }

    /// The connection, which may be coming back right now; a new one where there is none, or the last
    /// was closed.
    ///
    /// @throws NatsSetupWrong when a file that is needed for it is missing, or is not what it should be
    /// @throws io.logroute.flow.NotAllowed when the servers do not let us in
    /// @throws IOException when no server takes us
    public Connection get() throws IOException {
        Connection now = connection;
        if (now != null && now.getStatus() != Connection.Status.CLOSED) {
            return now;
        }
        synchronized (this) {
            if (closed) {
                throw new IOException("%s is closed".formatted(name));
            }
            now = connection;
            if (now == null || now.getStatus() == Connection.Status.CLOSED) {
                now = servers.connect(name);
                now.addConnectionListener(listener);
                connection = now;
                if (closed) {
                    end(now);
                }
            }
            return now;
        }
    }

    /// Whether the servers are reached now.
    public boolean isUp() {
        Connection now = connection;
        return now != null && now.getStatus() == Connection.Status.CONNECTED;
    }

    /// The largest message that the servers take.
    public long maxPayload() {
        Connection now = connection;
        long most = now == null ? 0 : now.getMaxPayload();
        return most <= 0 ? 1 << 20 : most;
    }

    /// Waits a short time for the servers, at most.
    @Override
    public void close() {
        closed = true;
        Connection last = connection;
        if (last != null) {
            end(last);
        }
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
