package io.logroute.parts.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// The bytes that a client sends, read against a deadline. A client that is slow but steady keeps
/// its connection: while a body comes in, every byte moves the deadline on.
final class Wire {
    private static final long SLOWEST_BYTES_A_SECOND = 16 << 10;

    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[16 << 10];
    private int at;
    private int end;
    private long deadline = System.nanoTime();
    private boolean moving;

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
    }

    /// From now on reading ends after `wait` with a [SocketTimeoutException].
    void within(Duration wait) {
        deadline = System.nanoTime() + wait.toNanos();
        moving = false;
    }

    /// As [#within], but each byte adds the time it may take.
    void withinAtSlowest(Duration wait) {
        within(wait);
        moving = true;
    }

    /// Waits for the next byte and leaves it; false at the end.
    boolean awaits() throws IOException {
        return at < end || fill();
    }

    /// The next byte, or -1 at the end.
    int read() throws IOException {
        return at < end || fill() ? buffer[at++] & 0xff : -1;
    }

    int read(byte[] into, int from, int length) throws IOException {
        if (at < end) {
            int some = Math.min(length, end - at);
            System.arraycopy(buffer, at, into, from, some);
            at += some;
            return some;
        }
        return fromSocket(into, from, length);
    }

    /// A line without its end; `null` when there is none before the end or `max` bytes.
    @org.jspecify.annotations.Nullable
    String line(int max) throws IOException {
        var line = new StringBuilder();
        while (line.length() <= max) {
            int next = read();
            if (next < 0) {
                return null;
            }
            if (next == '\n') {
                int last = line.length() - 1;
                return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
            }
            line.append((char) next);
        }
        return null;
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, fromSocket(buffer, 0, buffer.length));
        return end > 0;
    }

    private int fromSocket(byte[] into, int from, int length) throws IOException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("the client took too long");
        }
        socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
        int read = in.read(into, from, length);
        if (moving && read > 0) {
            deadline += read * 1_000_000_000L / SLOWEST_BYTES_A_SECOND;
        }
        return read;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
