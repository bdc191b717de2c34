package io.logroute.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

/// A port of this machine, and the thread that takes its connections. Once it is closed, whoever connects is refused:
/// a socket at which a virtual thread waits ends with that thread, which may be later than its own `close` returns, and
/// until then connections are still taken, only to be reset.
public final class Door implements AutoCloseable {
    private static final int BACKLOG = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ServerSocket listening = new ServerSocket();
    private final Thread taking;

    /// What becomes of connections, one after the other.
    public interface Guest {
        /// @throws IOException when it came to nothing: the connection is closed, and the next one taken
        void taken(Socket socket) throws IOException, InterruptedException;
    }

    /// On loopback.
    ///
    /// @param port 0 for one that the system chooses
    public Door(int port, Guest guest) throws IOException {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), guest);
    }

    public Door(InetSocketAddress at, Guest guest) throws IOException {
        listening.setReuseAddress(true);
        try {
            listening.bind(at, BACKLOG);
        } catch (IOException e) {
            listening.close();
            throw e;
        }
        taking = Thread.ofVirtual()
                .name("door " + listening.getLocalSocketAddress())
                .start(() -> take(guest));
    }

    private void take(Guest guest) {
        while (!listening.isClosed()) {
            try {
                lead(listening.accept(), guest);
            } catch (IOException _) {
                // It is closed, or the client was gone before it was taken.
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private static void lead(Socket socket, Guest guest) throws IOException, InterruptedException {
        try {
            guest.taken(socket);
        } catch (IOException _) {
            socket.close();
        }
    }

    public int port() {
        return listening.getLocalPort();
    }

    public boolean isClosed() {
        return listening.isClosed();
    }

    /// Returns when nobody can connect any more.
    ///
    /// @throws IOException when a guest holds it up for longer than a minute
    @Override
    public void close() throws IOException {
        listening.close();
        try {
            if (!taking.join(PATIENCE)) {
                throw new IOException(taking.getName() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
