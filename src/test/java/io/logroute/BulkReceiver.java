package io.logroute;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/// Answers bulk requests with "all taken", and notes the field `n` of the events in them. What it
/// noted before it answered is delivered, whatever becomes of LogRoute.
final class BulkReceiver implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    private final int port;
    private final BitSet seen = new BitSet();
    private long repeated;
    private HttpServer server;
    private boolean listens = true;

    BulkReceiver(int port) throws IOException {
        this.port = port;
        this.server = open();
    }

    private HttpServer open() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            synchronized (seen) {
                NUMBER.matcher(body).results().forEach(found -> note(Integer.parseInt(found.group(1))));
            }
            var answer = "{\"errors\":false}".getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    private void note(int number) {
        repeated += seen.get(number) ? 1 : 0;
        seen.set(number);
    }

    /// Nobody listens any more. What was noted was answered, too.
    void away() {
        server.stop(30);
        listens = false;
    }

    /// Somebody does again, who knows what was delivered before.
    void back() throws IOException {
        if (!listens) {
            server = open();
            listens = true;
        }
    }

    /// How many came that it had already.
    long repeated() {
        synchronized (seen) {
            return repeated;
        }
    }

    /// How many different ones it has.
    int size() {
        synchronized (seen) {
            return seen.cardinality();
        }
    }

    /// Those of `wanted` that it does not have.
    BitSet missing(BitSet wanted) {
        synchronized (seen) {
            var missing = (BitSet) wanted.clone();
            missing.andNot(seen);
            return missing;
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
