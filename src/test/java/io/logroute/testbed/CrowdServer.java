package io.logroute.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;

/// A [Crowd] as a process of its own, for `./dev bench controller`. It prints where its Docker API answers,
/// and where it is told and asked:
///
///     GET /requests      how many Docker requests there were, besides those for events
///     GET /ring          an event that tells of nothing new
///     GET /relabel       a label of one service changes: milliseconds until its router has the new pipeline
final class CrowdServer {
    private static final String ROUTER = "logroute_core-0";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int STEP = 5;

    private final SimulatedSwarm swarm;
    private int changes;

    private CrowdServer(SimulatedSwarm swarm) {
        this.swarm = swarm;
    }

    /// @param args the address of the router, and its port
    public static void main(String... args) throws IOException {
        var swarm = Crowd.in(new SimulatedSwarm(InetAddress.getByName(args[0]), Integer.parseInt(args[1])));
        var server = new CrowdServer(swarm);
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", server::serve);
        http.start();
        System.out.printf("%s %d%n", swarm.url(), http.getAddress().getPort());
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answer = switch (exchange.getRequestURI().getPath()) {
                case "/requests" -> Integer.toString(swarm.requests().size());
                case "/ring" -> {
                    swarm.ring();
                    yield "rung";
                }
                case "/relabel" -> relabel();
                default -> "there is no such thing";
            };
            var body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized String relabel() throws InterruptedException {
        var router = swarm.router(ROUTER).orElseThrow();
        int before = router.pushes().size();
        var begun = Instant.now();
        swarm.relabel(Crowd.service(7), "logroute.drop", "event.level == \"level-%d\"".formatted(++changes));
        while (router.pushes().size() == before) {
            if (Duration.between(begun, Instant.now()).compareTo(PATIENCE) > 0) {
                return "never";
            }
            Thread.sleep(STEP);
        }
        return Long.toString(
                Duration.between(begun, router.pushes().getLast().at()).toMillis());
    }
}
