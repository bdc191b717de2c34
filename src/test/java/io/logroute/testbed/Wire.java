package io.logroute.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Hands on connections to a port of an address of this machine to another address, until it is cut.
public final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final InetSocketAddress to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final InetSocketAddress from;
    private final AtomicInteger cuts = new AtomicInteger();
    private Door door;

    /// One that is not cut.
    ///
    /// @param port 0 for one that is free
    Wire(String address, int port, InetSocketAddress to) throws IOException {
        this.to = to;
        this.from = new InetSocketAddress(InetAddress.getByName(address), port == 0 ? Ports.free() : port);
        this.door = new Door(from, this::taken);
    }

    /// Where it begins.
    public int port() {
        return from.getPort();
    }

    /// Ends what goes over it; who connects is refused from now on.
    public synchronized void cut() {
        try {
            door.close();
            cuts.incrementAndGet();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Connects again, on the same port.
    public synchronized void heal() throws IOException {
        if (door.isClosed()) {
            door = new Door(from, this::taken);
        }
    }

    private void taken(Socket client) {
        int before = cuts.get();
        Thread.ofVirtual().start(() -> connect(client, before));
    }

    private void connect(Socket client, int before) {
        try (client;
                var target = new Socket()) {
            open.add(client);
            open.add(target);
            target.connect(to, PATIENCE_MILLIS);
            if (cuts.get() != before) {
                return;
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
