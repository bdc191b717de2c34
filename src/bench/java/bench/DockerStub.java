package bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Executors;

/**
 * Docker's API with containers that write lines, so many a second all together, each until it has written its share. Takes no
 * position: whoever opens a log again gets it from its beginning.
 */
final class DockerStub {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);
    private static final String TEXT = "GET /api/v1/carts/8f3a/items?limit=50 200 1834 12ms \"Mozilla/5.0 (X11; Linux x86_64)\" line ";
    private static final int BURSTS = 50;

    private DockerStub() { }

    /** Arguments: port, containers, lines a second of all (0: as fast as they are taken), lines of all. */
    public static void main(String[] args) throws IOException {
        int containers = Integer.parseInt(args[1]);
        long rate = Long.parseLong(args[2]) / containers;
        long lines = Long.parseLong(args[3]) / containers;
        var server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 100);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, containers, rate, lines));
        server.start();
    }

    private static void answer(HttpExchange exchange, int containers, long rate, long lines) throws IOException {
        var parts = exchange.getRequestURI().getPath().replaceFirst("/v1\\.\\d+", "").split("/");
        exchange.getResponseHeaders().add("Api-Version", "1.41");
        switch (parts[parts.length - 1]) {
            case "_ping" -> send(exchange, "OK");
            case "events" -> exchange.sendResponseHeaders(200, 0);
            case "logs" -> log(exchange, rate, lines);
            default -> {
                if (parts.length == 4) {
                    send(exchange, "{\"Id\":\"%s\",\"Name\":\"/%s\",\"State\":{\"Status\":\"running\"},".formatted(parts[2], parts[2])
                            + "\"Config\":{\"Tty\":false,\"Labels\":{\"com.docker.swarm.service.name\":\"shop_web\"}}}");
                    return;
                }
                var all = new StringBuilder();
                for (int i = 0; i < containers; i++) {
                    all.append(i == 0 ? "" : ",").append("{\"Id\":\"c%d\",\"Names\":[\"/c%d\"],\"State\":\"running\"}".formatted(i, i));
                }
                send(exchange, "[" + all + "]");
            }
        }
    }

    private static void send(HttpExchange exchange, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void log(HttpExchange exchange, long rate, long lines) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        var out = exchange.getResponseBody();
        long begun = System.nanoTime();
        long written = 0;
        try {
            while (written < lines) {
                long due = rate == 0 ? written + 500 : (System.nanoTime() - begun) * rate / 1_000_000_000;
                var burst = new ByteArrayOutputStream();
                for (int i = 0; i < 1000 && written < Math.min(due, lines); i++) {
                    burst.writeBytes(frame(written++));
                }
                if (burst.size() > 0) {
                    out.write(burst.toByteArray());
                    out.flush();
                }
                if (written >= due) {
                    Thread.sleep(1000 / BURSTS);
                }
            }
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] frame(long number) {
        var line = (TIME.format(Instant.now()) + " " + TEXT + number + "\n").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(8 + line.length).put((byte) 1).put(new byte[3]).putInt(line.length).put(line).array();
    }
}
