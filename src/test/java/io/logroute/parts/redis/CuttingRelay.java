package io.logroute.parts.redis;

import io.logroute.testbed.Door;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/// Hands on to a server, and cuts each connection after so many bytes: of what the client says, or of what the
/// server answers, in turn. So a client is cut at every step of what it does, before the server hears of it or
/// after.
final class CuttingRelay implements AutoCloseable {
    private final int server;
    private final IntUnaryOperator bytes;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Door door;

    /// @param bytes how many pass on connection 0, 1, ...; less than 0 for all
    CuttingRelay(int server, IntUnaryOperator bytes) throws IOException {
        this.server = server;
        this.bytes = bytes;
        this.door = new Door(0, this::taken);
    }

    URI url() {
        return URI.create("redis://127.0.0.1:" + door.port());
    }

    int connections() {
        return connections.get();
    }

    private void taken(Socket client) throws IOException {
        open.add(client);
        var behind = new Socket(InetAddress.getLoopbackAddress(), server);
        open.add(behind);
        int number = connections.getAndIncrement();
        int most = bytes.applyAsInt(number);
        boolean cutsClient = number % 2 == 0;
        Thread.ofVirtual().start(() -> copy(client, behind, cutsClient ? most : -1));
        Thread.ofVirtual().start(() -> copy(behind, client, cutsClient ? -1 : most));
    }

    private void copy(Socket from, Socket to, int most) {
        try (from;
                to) {
            copy(from.getInputStream(), to.getOutputStream(), most);
        } catch (IOException e) {
            return;
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void copy(InputStream in, OutputStream out, int most) throws IOException {
        var some = new byte[64 << 10];
        int left = most;
        for (int count = in.read(some); count >= 0; count = in.read(some)) {
            int passing = most < 0 ? count : Math.min(left, count);
            out.write(some, 0, passing);
            left -= passing;
            if (most >= 0 && left <= 0) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (var each : open) {
            each.close();
        }
    }
}
