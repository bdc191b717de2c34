package io.logroute.testbed;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/// A small HTTP server on loopback that answers what a test says, also what no decent server
/// would: answers cut in the middle, never, or not HTTP at all.
public final class ScriptedHttp implements AutoCloseable {
    private final Door door;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong endless = new AtomicLong();
    private volatile Function<Request, Reply> script;

    /// @param headers names in lower case
    public record Request(String method, String path, Map<String, String> headers, byte[] body) {
        /// The body as text, unpacked.
        public String text() {
            try (InputStream in = "gzip".equals(headers.get("content-encoding"))
                    ? new GZIPInputStream(new ByteArrayInputStream(body))
                    : new ByteArrayInputStream(body)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        public int documents() {
            return (int) (text().lines().count() / 2);
        }
    }

    /// What the connection gets.
    public sealed interface Reply {
        record Answer(int status, String body, Map<String, String> headers) implements Reply {
            public Answer(int status, String body) {
                this(status, body, Map.of());
            }
        }

        /// So many bytes of the answer, then the connection ends.
        record Cut(Answer answer, int bytes) implements Reply {}

        /// Nothing, until the server closes.
        record Silence() implements Reply {}

        /// These bytes, then the connection ends.
        record Noise(String bytes) implements Reply {}

        /// The head, then nothing, until the server closes.
        record Stalled(String head) implements Reply {}

        /// The head, then this piece again and again until the client hangs up.
        record Endless(String head, String piece) implements Reply {}
    }

    public ScriptedHttp(Function<Request, Reply> script) throws IOException {
        this.script = script;
        this.door = new Door(0, this::taken);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + door.port());
    }

    public void script(Function<Request, Reply> next) {
        script = next;
    }

    /// All that came so far, in order.
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /// How many bytes clients took of endless answers, or at least their systems did.
    public long endlessBytes() {
        return endless.get();
    }

    private void taken(Socket socket) {
        open.add(socket);
        Thread.ofVirtual().name("scripted-http-connection").start(() -> serve(socket));
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                var request = read(in);
                requests.add(request);
                switch (script.apply(request)) {
                    case Reply.Answer answer -> {
                        socket.getOutputStream().write(bytes(answer));
                        socket.getOutputStream().flush();
                    }
                    case Reply.Cut(var answer, var count) -> {
                        socket.getOutputStream().write(bytes(answer), 0, count);
                        socket.getOutputStream().flush();
                        return;
                    }
                    case Reply.Silence _ -> {
                        closed.await();
                        return;
                    }
                    case Reply.Noise(var bytes) -> {
                        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                        return;
                    }
                    case Reply.Stalled(var head) -> {
                        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
                        closed.await();
                        return;
                    }
                    case Reply.Endless(var head, var piece) -> {
                        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
                        var bytes = piece.getBytes(StandardCharsets.ISO_8859_1);
                        while (true) {
                            socket.getOutputStream().write(bytes);
                            endless.addAndGet(bytes.length);
                        }
                    }
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client went away, or the test is over.
        }
    }

    private static byte[] bytes(Reply.Answer answer) {
        var body = answer.body().getBytes(StandardCharsets.UTF_8);
        var more = answer.headers().entrySet().stream()
                .map(each -> "%s: %s\r\n".formatted(each.getKey(), each.getValue()))
                .collect(Collectors.joining());
        var head = "HTTP/1.1 %d Scripted\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
                .formatted(answer.status(), more, body.length)
                .getBytes(StandardCharsets.US_ASCII);
        var out = new ByteArrayOutputStream();
        out.writeBytes(head);
        out.writeBytes(body);
        return out.toByteArray();
    }

    private static Request read(InputStream in) throws IOException {
        var first = line(in).split(" ");
        var headers = new HashMap<String, String>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        var body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(first[0], first[1], headers, body);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        door.close();
        closed.countDown();
        for (var socket : open) {
            socket.close();
        }
    }
}
