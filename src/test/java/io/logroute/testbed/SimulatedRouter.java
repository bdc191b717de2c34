package io.logroute.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.RouteReport;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Revision;
import io.logroute.plan.swarm.Packed;
import io.logroute.remote.LinkKey;
import io.logroute.remote.Reports;
import io.logroute.spec.Read;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The management of a router, with no router behind it: it takes every pipeline that it can read, and tells that it
/// runs it. Safe for all threads.
public final class SimulatedRouter implements AutoCloseable {
    private static final Pattern PUSHED =
            Pattern.compile("/api/v1/pipeline\\?revision=([0-9a-f]+)&generation=([0-9]+)");
    private static final long BUFFER_BYTES = 1L << 30;

    private final HttpServer http;
    private final LinkKey key;
    private final List<Push> pushes = new CopyOnWriteArrayList<>();
    private volatile @Nullable Runs runs;

    /// A pipeline that was handed over and taken.
    public record Push(String revision, long generation, PipelineDefinition pipeline, Instant at) {}

    private record Runs(
            String router, int instance, PipelineDefinition pipeline, long generation, Instant since, Instant taken) {}

    SimulatedRouter(InetSocketAddress at, String key) throws IOException {
        this.key = LinkKey.parse(key);
        http = HttpServer.create(at, 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::serve);
        http.start();
    }

    public InetSocketAddress address() {
        return http.getAddress();
    }

    /// What was handed over, in order.
    public List<Push> pushes() {
        return List.copyOf(pushes);
    }

    /// The pipeline that it runs.
    public PipelineDefinition pipeline() {
        return now().pipeline();
    }

    Instant started() {
        return now().since();
    }

    private Runs now() {
        var now = runs;
        if (now == null) {
            throw new IllegalStateException("the router was not started");
        }
        return now;
    }

    /// Begins anew, with what is mounted.
    ///
    /// @param mounted the parts of the pipeline, in order
    void restart(Map<String, String> environment, Collection<byte[]> mounted) {
        var content = new ByteArrayOutputStream();
        mounted.forEach(content::writeBytes);
        runs = new Runs(
                environment.getOrDefault("LOGROUTE_ROUTER", ""),
                Integer.parseInt(environment.getOrDefault("LOGROUTE_INSTANCE", "0")),
                pipeline(content.toByteArray()),
                Long.parseLong(environment.getOrDefault("LOGROUTE_GENERATION", "0")),
                Instant.now(),
                Instant.now());
    }

    private static PipelineDefinition pipeline(byte[] content) {
        if (Packed.text(content) instanceof Read.Good<String>(var text)
                && PipelineDefinition.parse(text) instanceof Read.Good<PipelineDefinition>(var pipeline)) {
            return pipeline;
        }
        throw new IllegalArgumentException("the pipeline cannot be read");
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            var target = exchange.getRequestURI().toString();
            var authorization = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
            var verdict = key.verify(
                    authorization.orElse(""),
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst(LinkKey.INSTANCE))
                            .orElse(""),
                    exchange.getRequestMethod(),
                    target,
                    Instant.now(),
                    LinkKey.hash(body));
            switch (verdict) {
                case LinkKey.Verdict.Wrong(var reason) -> answer(exchange, 401, Map.of("what", reason));
                case LinkKey.Verdict.Right _ -> serve(exchange, target, body);
            }
        }
    }

    private void serve(HttpExchange exchange, String target, byte[] body) throws IOException {
        if (target.equals("/api/v1/report")) {
            answer(exchange, 200, Reports.write(report()));
            return;
        }
        var pushed = PUSHED.matcher(target);
        if (!pushed.matches() || !exchange.getRequestMethod().equals("PUT")) {
            answer(exchange, 404, Map.of("what", "there is no " + target));
            return;
        }
        take(exchange, pushed.group(1), Long.parseLong(pushed.group(2)), body);
    }

    private synchronized void take(HttpExchange exchange, String revision, long generation, byte[] body)
            throws IOException {
        var now = now();
        if (generation < now.generation()) {
            answer(exchange, 412, Map.of("what", "it runs generation " + now.generation()));
            return;
        }
        var pipeline = pipeline(body);
        if (!Revision.of(pipeline.text()).hash().equals(revision)) {
            answer(exchange, 400, Map.of("what", "the text is not revision " + revision));
            return;
        }
        pushes.add(new Push(revision, generation, pipeline, Instant.now()));
        runs = new Runs(now.router(), now.instance(), pipeline, generation, now.since(), Instant.now());
        answer(exchange, 200, Map.of("changed", true));
    }

    private InstanceReport report() {
        var now = now();
        return new InstanceReport(
                now.router(),
                now.instance(),
                now.pipeline().revision().hash(),
                now.generation(),
                now.since(),
                now.taken(),
                List.of(),
                new BufferReport(
                        "",
                        InstanceReport.Kind.DISK,
                        0,
                        BUFFER_BYTES,
                        BUFFER_BYTES,
                        0,
                        false,
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty()),
                now.pipeline().sinks().stream()
                        .map(sink -> new SinkReport(
                                sink.name().value(),
                                "discard",
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                new Preparation(Preparation.State.NOT_NEEDED, ""),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                        .toList(),
                now.pipeline().routes().stream()
                        .map(route -> new RouteReport(route.name().value(), 0))
                        .toList(),
                0,
                Optional.empty());
    }

    private void answer(HttpExchange exchange, int status, Map<String, Object> body) throws IOException {
        answer(exchange, status, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }

    private void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        var asked = exchange.getRequestHeaders();
        exchange.getResponseHeaders()
                .set(
                        LinkKey.ANSWER,
                        key.signAnswer(
                                String.valueOf(asked.getFirst("Authorization")),
                                String.valueOf(asked.getFirst(LinkKey.NONCE)),
                                status,
                                LinkKey.hash(body)));
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
