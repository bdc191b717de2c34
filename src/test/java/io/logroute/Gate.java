package io.logroute;

import io.logroute.testbed.Door;
import java.io.Closeable;
import java.io.IOException;
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
    private volatile @Nullable Door door;

    /// Shut at first.
    Gate(URI server) throws IOException {
        this.server = server;
        this.port = LogRouteProcess.freePort();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void open() throws IOException {
        door = new Door(port, this::taken);
    }

    void shut() throws IOException {
        var opened = door;
        door = null;
        if (opened != null) {
            opened.close();
        }
        for (var each : open) {
            each.close();
        }
        open.clear();
    }

    private void taken(Socket client) throws IOException {
        open.add(client);
        var behind = new Socket(server.getHost(), server.getPort());
        open.add(behind);
        Thread.ofVirtual().start(() -> pump(client, behind));
        Thread.ofVirtual().start(() -> pump(behind, client));
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
