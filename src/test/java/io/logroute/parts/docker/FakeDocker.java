package io.logroute.parts.docker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import io.logroute.testbed.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Docker's API as far as this source asks for it, over HTTP on 127.0.0.1, with faults on request.
final class FakeDocker implements AutoCloseable {
    private static final int BAD = 599;

    /// A container and its log.
    final class Container {
        final String id;
        final String name;
        final boolean tty;
        final Map<String, String> labels = new ConcurrentHashMap<>();
        private final DockerLog log;
        private long time = 1_795_000_000_000_000_000L;
        private volatile boolean running = true;
        volatile String driver = "json-file";
        /// Where each answer to a question for the log breaks off, one after the other; then none does.
        final List<Integer> breaks = new CopyOnWriteArrayList<>();
        /// Bytes that one write of an answer has, at most.
        volatile int chunk = Integer.MAX_VALUE;
        volatile int opened;
        /// What Docker says at the end of the log, in place of what is to follow.
        volatile @Nullable String says;
        volatile int status = 200;
        /// Who reads the log now.
        final AtomicInteger readers = new AtomicInteger();

        private Container(String id, String name, boolean tty) {
            this.id = id;
            this.name = name;
            this.tty = tty;
            this.log = new DockerLog(tty);
        }

        /// Its clock, in nanoseconds since 1970.
        void time(long now) {
            synchronized (FakeDocker.this) {
                time = now;
            }
        }

        void write(String line) {
            write(false, line);
        }

        void write(boolean err, String line) {
            synchronized (FakeDocker.this) {
                log.line(err, time += 1_000_000, line);
                FakeDocker.this.notifyAll();
            }
        }

        /// Without a line end.
        void writeRest(String text) {
            synchronized (FakeDocker.this) {
                log.add(new DockerLog.Piece(false, time += 1_000_000, text.getBytes(StandardCharsets.UTF_8), false));
                FakeDocker.this.notifyAll();
            }
        }

        void stop() {
            become(false, "die");
        }

        void start() {
            become(true, "start");
        }

        private void become(boolean runs, String event) {
            synchronized (FakeDocker.this) {
                running = runs;
                FakeDocker.this.notifyAll();
            }
            tell(event, id);
        }

        private Map<String, @Nullable Object> inspected() {
            var all = new LinkedHashMap<String, @Nullable Object>();
            all.put("Id", id);
            all.put("Name", "/" + name);
            all.put("State", Map.of("Status", running ? "running" : "exited", "Running", running));
            all.put("Config", Map.of("Tty", tty, "Labels", labels, "Image", "tiny:1"));
            all.put("HostConfig", Map.of("LogConfig", Map.of("Type", driver)));
            return all;
        }

        private Map<String, @Nullable Object> listed() {
            return new LinkedHashMap<>(Map.of(
                    "Id", id, "Names", List.of("/" + name), "State", running ? "running" : "exited", "Labels", labels));
        }
    }

    private final Map<String, Container> containers = new ConcurrentHashMap<>();
    private final List<HttpExchange> hearing = new CopyOnWriteArrayList<>();
    /// Those that get no answer.
    final List<HttpExchange> hung = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private final int port;
    /// Whether events are told.
    volatile boolean tells = true;
    /// Down: whatever is asked, the connection breaks.
    volatile boolean down;
    /// Hangs: who asks for the containers gets no answer.
    volatile boolean hangs;

    FakeDocker() throws IOException {
        port = Ports.free(); // to come back on it
        server = server(port);
    }

    private HttpServer server(int at) throws IOException {
        var made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 100);
        made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        made.createContext("/", this::answer);
        made.start();
        return made;
    }

    String host() {
        return "tcp://127.0.0.1:" + port;
    }

    Container run(String id, String name) {
        return run(id, name, false);
    }

    Container run(String id, String name, boolean tty) {
        var made = new Container(id, name, tty);
        containers.put(id, made);
        tell("start", id);
        return made;
    }

    void remove(Container container) {
        containers.remove(container.id);
        container.become(false, "destroy");
    }

    /// All connections break, and nobody answers.
    synchronized void stop() {
        down = true;
        server.stop(0);
        notifyAll();
        hearing.clear();
    }

    void startAgain() throws IOException {
        down = false;
        server = server(port);
    }

    private void tell(String what, String id) {
        if (!tells) {
            return;
        }
        for (var each : hearing) {
            synchronized (each) {
                try {
                    each.getResponseBody()
                            .write(Json.write(Map.of("Action", what, "Actor", Map.of("ID", id)))
                                    .getBytes(StandardCharsets.UTF_8));
                    each.getResponseBody().flush();
                } catch (IOException e) {
                    hearing.remove(each);
                }
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath().replaceFirst("/v1\\.\\d+", "");
        exchange.getResponseHeaders().add("Api-Version", "1.41");
        if (down) {
            exchange.close();
            return;
        }
        var parts = path.split("/");
        if (path.equals("/_ping")) {
            send(exchange, 200, "OK");
        } else if (path.equals("/containers/json") && hangs) {
            hung.add(exchange);
        } else if (path.equals("/containers/json")) {
            send(
                    exchange,
                    200,
                    Json.write(
                            containers.values().stream().map(Container::listed).toList()));
        } else if (path.equals("/events")) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            hearing.add(exchange);
        } else if (parts.length == 4 && parts[1].equals("containers")) {
            var container = containers.get(parts[2]);
            if (container == null) {
                send(exchange, 404, "{\"message\":\"No such container: %s\"}".formatted(parts[2]));
            } else if (parts[3].equals("json")) {
                send(exchange, 200, Json.write(container.inspected()));
            } else {
                log(exchange, container);
            }
        } else {
            send(exchange, BAD, "{}");
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void log(HttpExchange exchange, Container container) throws IOException {
        container.opened++;
        if (container.status != 200) {
            send(exchange, container.status, "{\"message\":\"configured logging driver does not support reading\"}");
            return;
        }
        var query = exchange.getRequestURI().getQuery();
        boolean follow = query.contains("follow=1");
        var asked = java.util.regex.Pattern.compile("since=(\\d+)\\.(\\d{9})").matcher(query);
        long since = asked.find() ? Long.parseLong(asked.group(1)) * 1_000_000_000 + Long.parseLong(asked.group(2)) : 0;
        int left = container.breaks.isEmpty() ? Integer.MAX_VALUE : container.breaks.removeFirst();
        exchange.sendResponseHeaders(200, 0);
        container.readers.incrementAndGet();
        try (var out = exchange.getResponseBody()) {
            out.flush();
            int from = 0;
            while (true) {
                byte[] bytes;
                synchronized (this) {
                    while (follow && !down && container.running && from == container.log.size()) {
                        wait();
                    }
                    bytes = container.log.since(since, from, container.log.size(), false);
                    from = container.log.size();
                    if (down || bytes.length == 0 && (!follow || !container.running)) {
                        return;
                    }
                }
                int end = Math.min(bytes.length, left);
                for (int at = 0; at < end; at += Math.min(container.chunk, end - at)) {
                    out.write(bytes, at, Math.min(container.chunk, end - at));
                    out.flush();
                }
                left -= end;
                var says = container.says;
                if (says != null) {
                    var words = says.getBytes(StandardCharsets.UTF_8);
                    out.write(java.nio.ByteBuffer.allocate(8)
                            .putInt(3 << 24)
                            .putInt(words.length)
                            .array());
                    out.write(words);
                    return;
                }
                if (left == 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            container.readers.decrementAndGet();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
