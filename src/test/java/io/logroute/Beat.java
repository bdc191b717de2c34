package io.logroute;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.DeflaterOutputStream;

/// A client as a Beat is: Lumberjack v2, one compressed window at a time, each waited for. Of one
/// thread.
final class Beat implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// Without a word; a router that has no room says now and then that it is there.
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final List<String> hosts;
    private final int port;
    private final Duration patience;
    private Socket socket = new Socket();
    private int turn;

    Beat(int port) {
        this(List.of("127.0.0.1"), port, PATIENCE);
    }

    /// @param patience how long a window is waited for, at most
    Beat(int port, Duration patience) {
        this(List.of("127.0.0.1"), port, patience);
    }

    /// @param hosts taken in turn, as a connection ends
    Beat(List<String> hosts, int port) {
        this(hosts, port, PATIENCE);
    }

    private Beat(List<String> hosts, int port, Duration patience) {
        this.patience = patience;
        this.hosts = List.copyOf(hosts);
        this.port = port;
    }

    /// Connects anew, to the next host each time, over and over while nobody listens, for at most five minutes.
    void connect() {
        await("a connection").pollInSameThread().atMost(Duration.ofMinutes(5)).until(() -> {
            socket.close();
            socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(hosts.get(turn++ % hosts.size()), port), 5000);
                socket.setSoTimeout((int) SILENCE.toMillis());
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    boolean isConnected() {
        return socket.isConnected() && !socket.isClosed();
    }

    /// Sends the events as one window; returns when all of it is acknowledged.
    ///
    /// @throws IOException when the connection breaks before, or it is not in time: nothing is known of
    ///     the window then
    void send(List<String> events) throws IOException {
        var out = new ByteArrayOutputStream();
        var frames = new DataOutputStream(out);
        frames.writeBytes("2W");
        frames.writeInt(events.size());
        var packed = packed(events);
        frames.writeBytes("2C");
        frames.writeInt(packed.length);
        frames.write(packed);
        socket.getOutputStream().write(out.toByteArray());
        var in = new DataInputStream(socket.getInputStream());
        int acknowledged = 0;
        long end = System.nanoTime() + patience.toNanos();
        while (acknowledged < events.size()) {
            if (System.nanoTime() > end) {
                throw new IOException("not acknowledged within " + patience);
            }
            if (in.readUnsignedByte() != '2' || in.readUnsignedByte() != 'A') {
                throw new EOFException("not an acknowledgement");
            }
            acknowledged = in.readInt();
        }
    }

    private static byte[] packed(List<String> events) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var frames = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            int sequence = 0;
            for (var event : events) {
                var json = event.getBytes(StandardCharsets.UTF_8);
                frames.writeBytes("2J");
                frames.writeInt(++sequence);
                frames.writeInt(json.length);
                frames.write(json);
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
