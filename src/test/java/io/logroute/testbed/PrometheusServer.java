package io.logroute.testbed;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// A real Prometheus, and `promtool`, by `src/testbed/prometheus.sh`.
public final class PrometheusServer extends Server implements AutoCloseable {
    private static final String SCRIPT = "prometheus.sh";

    /// What `promtool` said, and its exit code.
    public record Ran(int code, String said) {}

    private final Prometheus asked;

    private PrometheusServer(int port, Path configuration) throws IOException {
        super(
                SCRIPT,
                URI.create("http://127.0.0.1:" + port),
                Integer.toString(port),
                configuration.toAbsolutePath().toString());
        this.asked = new Prometheus(url());
    }

    /// One that is ready, with that configuration.
    public static PrometheusServer with(Path configuration) throws IOException {
        need();
        var server = new PrometheusServer(Ports.free(), configuration);
        Awaitility.await("prometheus is ready")
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(250))
                .ignoreExceptions()
                .until(() -> server.call("GET", "/-/ready", "").statusCode() == 200);
        return server;
    }

    /// Fails where `CI` is set, and else skips the test, when it is not installed.
    public static void need() {
        needInstalled(SCRIPT);
    }

    public static Ran promtool(String... arguments) throws IOException, InterruptedException {
        need();
        var command = new ArrayList<>(List.of(SCRIPTS.resolve(SCRIPT).toString(), "promtool"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("promtool does not end; it said: " + said);
        }
        return new Ran(process.exitValue(), said);
    }

    /// The `data` of an answer of its API.
    public Map<String, @Nullable Object> data(String path) throws IOException, InterruptedException {
        return asked.data(path);
    }

    /// What an expression gives now: a list of series.
    public List<?> query(String expression) throws IOException, InterruptedException {
        return asked.query(expression);
    }

    public static List<?> list(Map<String, @Nullable Object> object, String name) {
        return object.get(name) instanceof List<?> list ? list : List.of();
    }

    public static Map<String, @Nullable Object> object(@Nullable Object value) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> object.put(String.valueOf(key), each));
        }
        return object;
    }

    @Override
    public void close() {
        stop();
    }
}
