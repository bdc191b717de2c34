package io.logroute.face;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The resources behind the JDK's server, for tests of commands: the same answers as those of the real jar, which
/// [ControllerFaceIT] asks.
final class ServedRest implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModules(new Jdk8Module(), new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .serializationInclusion(JsonInclude.Include.NON_ABSENT)
            .build();

    private final Served served;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /// What was asked, `POST /api/v1/plan?name=plan`.
    final List<String> asked = new CopyOnWriteArrayList<>();

    ServedRest(Served served) throws IOException {
        this.served = served;
        this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext("/", this::answer);
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        var body = exchange.getRequestBody().readAllBytes();
        Response response;
        try {
            var verdict = served.access()
                    .judge(new Access.Asked(
                            exchange.getRequestMethod(),
                            exchange.getRequestHeaders().getOrDefault("Authorization", List.of()),
                            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host")),
                            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Origin"))));
            response = switch (verdict) {
                case Access.Verdict.Let _ -> response(call(exchange, body));
                case Access.Verdict.Forbidden(var fault) -> fault.response();
                case Access.Verdict.Unknown(var fault, var challenge) -> {
                    exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
                    yield fault.response();
                }
            };
        } catch (WebApplicationException e) {
            response = e.getResponse();
        }
        var bytes = JSON.writeValueAsBytes(response.getEntity());
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(response.getStatus(), bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static Response response(Object answer) {
        return answer instanceof Response response
                ? response
                : Response.ok(answer).build();
    }

    private Object call(HttpExchange exchange, byte[] body) {
        var words = new ArrayList<String>();
        words.add(exchange.getRequestMethod());
        for (var each : exchange.getRequestURI()
                .getRawPath()
                .replaceFirst("^/api/v1/", "")
                .split("/")) {
            words.add(URLDecoder.decode(each, StandardCharsets.UTF_8));
        }
        var query = query(exchange);
        var routers = new RoutersResource(served);
        var revisions = new RevisionsResource(served);
        var router = query.get("router");
        return switch (pattern(words)) {
            case "GET routers" -> routers.all();
            case "GET routers _" -> routers.one(words.get(2));
            case "GET routers _ pipeline" -> routers.pipeline(words.get(2));
            case "POST routers _ pause" -> routers.pause(words.get(2), query.get("who"));
            case "POST routers _ resume" -> routers.resume(words.get(2), query.get("who"));
            case "POST routers _ drain" -> routers.drain(words.get(2), query.get("who"));
            case "POST routers _ uncordon" -> routers.uncordon(words.get(2), query.get("who"));
            case "POST routers _ instances" ->
                words.get(5).equals("drain")
                        ? routers.drain(words.get(2), Integer.parseInt(words.get(4)), query.get("who"))
                        : routers.uncordon(words.get(2), Integer.parseInt(words.get(4)), query.get("who"));
            case "POST nodes _ drain" -> new NodesResource(served).drain(words.get(2), query.get("who"));
            case "POST nodes _ uncordon" -> new NodesResource(served).uncordon(words.get(2), query.get("who"));
            case "GET volumes" -> new VolumesResource(served).all();
            case "DELETE volumes _ 0", "DELETE volumes _ 1", "DELETE volumes _ 2", "DELETE volumes _ 7" ->
                new VolumesResource(served)
                        .forget(
                                words.get(2),
                                Integer.parseInt(words.get(3)),
                                "true".equals(query.get("yes")),
                                query.get("who"));
            case "GET relays" -> new RelaysResource(served).all();
            case "DELETE relays _" ->
                new RelaysResource(served).forget(words.get(2), "true".equals(query.get("yes")), query.get("who"));
            case "GET problems" -> new ProblemsResource(served).all();
            case "GET routes" -> new RoutesResource(served).all();
            case "GET routes _" -> new RoutesResource(served).one(words.get(2));
            case "GET sinks" -> new SinksResource(served).all();
            case "GET sinks _" -> new SinksResource(served).one(words.get(2));
            case "GET dead-letters" -> new DeadLettersResource(served).all();
            case "GET revisions" -> revisions.all(router);
            case "GET revisions _" -> revisions.one(words.get(2), router);
            case "GET revisions _ diff" -> revisions.diff(words.get(2), words.get(4), router);
            case "POST revisions _ rollback" -> revisions.rollback(words.get(2), router, query.get("who"));
            case "POST plan" -> new PlanResource(served).plan(query.get("name"), body);
            case "POST specs _" -> new SpecsResource(served).apply(words.get(2), body);
            default -> new Fault(404, "there is nothing at " + exchange.getRequestURI(), "").response();
        };
    }

    /// `GET revisions _ diff`.
    private static String pattern(List<String> words) {
        var out = new ArrayList<String>();
        for (int i = 0; i < Math.min(4, words.size()); i++) {
            out.add(i == 2 ? "_" : words.get(i));
        }
        return String.join(" ", out);
    }

    private static Map<String, String> query(HttpExchange exchange) {
        var query = new HashMap<String, String>();
        var raw = exchange.getRequestURI().getRawQuery();
        for (var pair : raw == null ? new String[0] : raw.split("&")) {
            var words = pair.split("=", 2);
            query.put(words[0], URLDecoder.decode(words[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    @Override
    public void close() {
        http.stop(0);
        threads.close();
    }
}
