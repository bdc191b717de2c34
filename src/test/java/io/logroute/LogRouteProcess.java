package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/// The real jar in a process of its own, with the memory and the start-up cache that `./logroute` gives
/// it.
final class LogRouteProcess implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /// Commands that only answer are over before the second compiler has paid for itself.
    private static final Set<String> SERVERS = Set.of("run", "controller", "router");

    final Process process;
    final int rest;
    private final Path err;

    private LogRouteProcess(Process process, int rest, Path err) {
        this.process = process;
        this.rest = rest;
        this.err = err;
    }

    /// `logroute run` on a free port for REST.
    static LogRouteProcess run(Path spec, Path data) throws IOException {
        int rest = freePort();
        var err = Files.createTempFile("logroute-run", ".err");
        return new LogRouteProcess(
                start(err, "run", spec.toString(), "--port", Integer.toString(rest), "--data", data.toString()),
                rest,
                err);
    }

    /// A command that serves at that address and port.
    static LogRouteProcess at(String host, int port, String... arguments) throws IOException {
        var err = Files.createTempFile("logroute-at", ".err");
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--host", host, "--port", Integer.toString(port)));
        return new LogRouteProcess(start(err, all.toArray(String[]::new)), port, err);
    }

    /// `logroute router` on a free port for management.
    static LogRouteProcess router(Path pipeline, Path data, String... more) throws IOException {
        int rest = freePort();
        var err = Files.createTempFile("logroute-router", ".err");
        var arguments = new ArrayList<String>(List.of(
                "router",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(rest),
                "--pipeline",
                pipeline.toString(),
                "--data",
                data.toString()));
        arguments.addAll(List.of(more));
        return new LogRouteProcess(start(err, arguments.toArray(String[]::new)), rest, err);
    }

    /// Any command; its two outputs go to one file.
    static Process start(Path output, String... arguments) throws IOException {
        var command = new ArrayList<String>(List.of(
                // What a shell runs in its background is deaf to Ctrl-C, and its children inherit that.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx224m",
                "-Xmn80m",
                "-XX:SurvivorRatio=2",
                "-XX:TrimNativeHeapInterval=5000",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(StartUpCache.FLAGS);
        if (!SERVERS.contains(arguments[0])) {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of("-jar", jar()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static String jar() {
        var jar = System.getProperty("logroute.jar");
        assertThat(jar).as("the jar of the build; run this through ./dev it").isNotNull();
        return jar;
    }

    /// Trained once by this JVM, as `./logroute` does it: a start takes a quarter less of the processor.
    private static final class StartUpCache {
        private static final String TRAIN = """
                top=$1
                . "$top/src/build/common.sh"
                jar=$2 aot=$3
                train_aot "$4" "$top/src/build/train.yaml" && mv "$aot.new" "$aot"
                """;
        static final List<String> FLAGS = flags();

        private static List<String> flags() {
            try {
                var folder = Files.createTempDirectory("logroute-start-up");
                var cache = folder.resolve("logroute.aot");
                var said = folder.resolve("said");
                cache.toFile().deleteOnExit();
                var top = Path.of("").toAbsolutePath();
                Files.createDirectories(top.resolve("target"));
                var data = folder.resolve("data").toString();
                var builder = new ProcessBuilder("sh", "-c", TRAIN, "sh", top.toString(), jar(), cache.toString(), data)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile());
                builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
                var training = builder.start();
                training.getOutputStream().close();
                if (training.waitFor(3, TimeUnit.MINUTES) && training.exitValue() == 0) {
                    return List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off", "-Xlog:cds*=off");
                }
                training.destroyForcibly();
                System.err.println("no start-up cache, so each start takes longer: " + Files.readString(said));
                return List.of();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    static int freePort() throws IOException {
        return Ports.free();
    }

    LogRouteProcess ready() {
        return readyWithin(180);
    }

    LogRouteProcess readyWithin(int seconds) {
        try {
            await("ready").atMost(seconds, TimeUnit.SECONDS).until(() -> {
                assertThat(process.isAlive()).as(() -> "it ended: " + said()).isTrue();
                try {
                    return get("/q/health/ready").statusCode() == 200;
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (ConditionTimeoutException e) {
            // A machine that gave it no CPU tells another story than one that did.
            throw new AssertionError(
                    "not ready after %d s, of which it had %s of CPU; it said: %s"
                            .formatted(
                                    seconds, process.info().totalCpuDuration().orElse(Duration.ZERO), said()),
                    e);
        }
        return this;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + rest + path))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// Posts to an HTTP source.
    static HttpResponse<String> post(int port, String body) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                        .timeout(Duration.ofMinutes(2))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// The most memory that it has had at once, as the system counts it.
    long peakBytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            var peak =
                    lines.filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
            return Long.parseLong(peak.replaceAll("\\D", "")) << 10;
        }
    }

    /// What it said so far.
    String said() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// The exit code, once it has ended.
    int exit() throws InterruptedException {
        assertThat(process.waitFor(2, TimeUnit.MINUTES))
                .as(() -> "still runs: " + said())
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(err);
    }
}
