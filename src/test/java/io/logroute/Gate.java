package io.logroute;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A port through which a server is reached, or is not: shut, connections are refused and those
/// that were are cut.
final class Gate implements AutoCloseable {
    private final URI server;
    private final int port;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ServerSocket listener;

    /// Shut at first.
    Gate(URI server) throws IOException {
        this.server = server;
        this.port = LogRouteProcess.freePort();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void open() throws IOException {
        var listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        listener = listening;
        Thread.ofVirtual().start(() -> accept(listening));
    }

    void shut() throws IOException {
        var listening = listener;
        listener = null;
        if (listening != null) {
            listening.close();
        }
        for (var each : open) {
            each.close();
        }
        open.clear();
    }

    private void accept(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                var behind = new Socket(server.getHost(), server.getPort());
                open.add(client);
                open.add(behind);
                if (listening.isClosed()) {
                    client.close();
                    behind.close();
                }
                Thread.ofVirtual().start(() -> pump(client, behind));
                Thread.ofVirtual().start(() -> pump(behind, client));
            } catch (IOException e) {
                // Shut, and the loop ends; or the client was gone before it was accepted.
                Thread.onSpinWait();
            }
        }
    }

    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // Cut; closing both is all there is to do.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        shut();
    }
}
