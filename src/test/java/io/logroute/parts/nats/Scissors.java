package io.logroute.parts.nats;

import io.logroute.testbed.Door;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands between a client and a NATS server, and cuts the connection at a given word of either, so
/// many times.
final class Scissors implements AutoCloseable {
    /// Where to cut.
    ///
    /// @param word as it stands on the wire
    /// @param passes whether the piece with the word still gets through
    record Cut(String word, boolean ofServer, boolean passes) {
        @Override
        public String toString() {
            return "%s of the %s, %s"
                    .formatted(word, ofServer ? "server" : "client", passes ? "after it" : "before it");
        }
    }

    private final Door door;
    private final int port;
    private final Cut cut;
    private final AtomicInteger left;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean frozen;

    Scissors(String server, Cut cut, int times) throws IOException {
        this.port = URI.create(server).getPort();
        this.cut = cut;
        this.left = new AtomicInteger(times);
        this.door = new Door(0, this::taken);
    }

    List<URI> urls() {
        return List.of(URI.create("nats://127.0.0.1:" + door.port()));
    }

    /// Cuts that are still to be made.
    int left() {
        return left.get();
    }

    /// From now on nothing gets through any more, and nobody is told: the link is dead.
    void freeze() {
        frozen = true;
    }

    private void taken(Socket client) throws IOException {
        open.add(client);
        var server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(server);
        Thread.ofVirtual().start(() -> pass(client, server, false));
        Thread.ofVirtual().start(() -> pass(server, client, true));
    }

    private void pass(Socket from, Socket to, boolean ofServer) {
        try (from;
                to) {
            pass(from.getInputStream(), to.getOutputStream(), ofServer);
        } catch (IOException e) {
            // cut
        }
    }

    private void pass(InputStream in, OutputStream out, boolean ofServer) throws IOException {
        var bytes = new byte[8192];
        var before = "";
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
            if (frozen) {
                continue;
            }
            var text = before + new String(bytes, 0, n, StandardCharsets.ISO_8859_1);
            boolean cuts = ofServer == cut.ofServer
                    && text.contains(cut.word)
                    && left.getAndUpdate(l -> Math.max(0, l - 1)) > 0;
            if (cuts && !cut.passes) {
                int until = Math.max(0, text.indexOf(cut.word) - before.length() + cut.word.length() / 2);
                out.write(bytes, 0, Math.min(n, until)); // in the middle of it
                out.flush();
                return;
            }
            out.write(bytes, 0, n);
            out.flush();
            if (cuts) {
                return;
            }
            before = text.substring(Math.max(0, text.length() - cut.word.length() + 1));
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
