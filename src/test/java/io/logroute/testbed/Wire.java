package io.logroute.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Hands on connections to a port of an address of this machine to another address, until it is cut.
public final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final InetSocketAddress to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private InetSocketAddress from;
    private Listening listening;

    private record Listening(ServerSocket server, Thread thread) {
        /// Returns when nobody can connect any more: a socket is closed by the thread that waits for it.
        void close() throws IOException {
            server.close();
            try {
                if (!thread.join(Duration.ofSeconds(60))) {
                    throw new IOException(thread.getName() + " does not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// One that is not cut.
    ///
    /// @param port 0 for one that is free
    Wire(String address, int port, InetSocketAddress to) throws IOException {
        this.to = to;
        this.from = new InetSocketAddress(InetAddress.getByName(address), port == 0 ? Ports.free() : port);
        this.listening = listen();
    }

    private Listening listen() throws IOException {
        var server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(from);
        return new Listening(server, Thread.ofVirtual().name("wire " + from).start(() -> accept(server)));
    }

    /// Where it begins.
    public int port() {
        return from.getPort();
    }

    /// Ends what goes over it; who connects is refused from now on.
    public synchronized void cut() {
        try {
            listening.close();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Connects again, on the same port.
    public synchronized void heal() throws IOException {
        if (listening.server.isClosed()) {
            listening = listen();
        }
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                var client = server.accept();
                Thread.ofVirtual().start(() -> connect(client, server));
            } catch (IOException _) {
                // Cut; or a client that is gone already.
            }
        }
    }

    private void connect(Socket client, ServerSocket server) {
        try (client;
                var target = new Socket()) {
            open.add(client);
            open.add(target);
            target.connect(to, PATIENCE_MILLIS);
            if (server.isClosed()) {
                return; // cut meanwhile
            }
            var back = Thread.ofVirtual().start(() -> copy(target, client));
            copy(client, target);
            back.join();
        } catch (IOException _) {
            // What listens there is not up: the client sees its connection closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.removeIf(Socket::isClosed);
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException _) {
            // One side broke off: so does the other.
            try {
                from.close();
                to.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        cut();
    }
}
