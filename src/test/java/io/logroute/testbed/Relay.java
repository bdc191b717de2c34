package io.logroute.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Hands on connections to a port of another address of this machine to the same port of 127.0.0.1.
final class Relay implements AutoCloseable {
    private final ServerSocket server = new ServerSocket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    Relay(String address, int port) throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        Thread.ofVirtual().name("relay " + address + ":" + port).start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var client = server.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException _) {
                // Closed; or a client that is gone already.
            }
        }
    }

    private void connect(Socket client) {
        try (client;
                var target = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
            open.add(target);
            var back = Thread.ofVirtual().start(() -> copy(target, client));
            copy(client, target);
            back.join();
            open.remove(target);
        } catch (IOException _) {
            // What listens there is not up: the client sees its connection closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        open.remove(client);
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
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
