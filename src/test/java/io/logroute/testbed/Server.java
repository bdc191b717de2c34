package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/// A server in a process of its own that one of the scripts under `src/testbed` runs, and what
/// tests ask of it over HTTP.
abstract class Server {
    static final Path SCRIPTS = Path.of("src/testbed").toAbsolutePath();
    /// By script; asked once, for some tests ask for their server at every look.
    private static final Map<String, Optional<String>> MISSING = new ConcurrentHashMap<>();

    private final Process process;
    final Path folder;
    private final URI url;
    private HttpClient http = HttpClient.newHttpClient();
    private String authorization = "";

    /// Starts `SCRIPT run FOLDER ARGUMENTS`; the process ends with this JVM at the latest.
    Server(String script, URI url, String... arguments) throws IOException {
        this.url = url;
        this.folder = Files.createTempDirectory(Path.of("/tmp"), "logroute-" + script.replace(".sh", "-"));
        // A server that runs as another user must be able to reach it.
        folder.toFile().setExecutable(true, false);
        folder.toFile().setReadable(true, false);
        var command = new java.util.ArrayList<>(List.of(SCRIPTS.resolve(script).toString(), "run", folder.toString()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop " + script));
    }

    /// Fails where `CI` is set, and else skips the test, when the script's server is not installed.
    static void needInstalled(String script) {
        var missing = MISSING.computeIfAbsent(script, Server::missing);
        if (System.getenv("CI") != null) {
            assertThat(missing).as("installed: run src/testbed/" + script).isEmpty();
        }
        Assumptions.assumeTrue(
                missing.isEmpty(), () -> "not installed; run src/testbed/%s. %s".formatted(script, missing.orElse("")));
    }

    /// What the script's `check` says is missing; empty when all is there.
    private static Optional<String> missing(String script) {
        try {
            var check = new ProcessBuilder(SCRIPTS.resolve(script).toString(), "check")
                    .redirectErrorStream(true)
                    .start();
            check.getOutputStream().close();
            if (!check.waitFor(2, TimeUnit.MINUTES)) {
                check.destroyForcibly();
                return Optional.of("its check did not end within 2 minutes");
            }
            var said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return check.exitValue() == 0 ? Optional.empty() : Optional.of(said);
        } catch (IOException e) {
            return Optional.of("its check cannot run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("its check was interrupted");
        }
    }

    public URI url() {
        return url;
    }

    void speakWith(SSLContext tls, String header) {
        http = HttpClient.newBuilder().sslContext(tls).build();
        authorization = header;
    }

    public void awaitAnswer() {
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(10))
                    .pollInterval(Duration.ofMillis(250))
                    .failFast("the server ended", () -> !process.isAlive())
                    .ignoreExceptions()
                    .until(() -> call("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s", "")
                                    .statusCode()
                            == 200);
        } catch (RuntimeException e) {
            var said = lastOutput();
            stop();
            throw new IllegalStateException("no answer from " + url + "; " + said, e);
        }
    }

    private String lastOutput() {
        try {
            var lines = Files.readAllLines(folder.resolve("output"));
            return "its last lines:\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "it wrote nothing";
        }
    }

    /// One request; any status.
    public HttpResponse<String> call(String method, String path, String json) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        json.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// One request that must succeed; its body. Where a shard of an index that was made just now is not
    /// there yet, it is made again.
    public String must(String method, String path, String json) throws IOException, InterruptedException {
        var response = call(method, path, json);
        for (int again = 0; response.statusCode() == 503 && again < 100; again++) {
            process.waitFor(300, TimeUnit.MILLISECONDS);
            response = call(method, path, json);
        }
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.body())
                .isBetween(200, 299);
        return response.body();
    }

    /// Deletes what tests made: every index but those that begin with a dot, every template of ours
    /// or named `foreign-`.
    public void clear() throws IOException, InterruptedException {
        var indices = must("GET", "/_cat/indices?h=index&expand_wildcards=open", "")
                .lines()
                .map(String::strip)
                .filter(name -> !name.startsWith("."))
                .toList();
        if (!indices.isEmpty()) {
            must("DELETE", "/" + String.join(",", indices), "");
        }
        for (var templates :
                List.of("_index_template/logroute-*", "_index_template/foreign-*", "_component_template/logroute-*")) {
            var answer = call("DELETE", "/" + templates, "");
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 404);
        }
    }

    /// Ends it, by its own process and those it started.
    void stop() {
        var all = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(15, TimeUnit.SECONDS); // what it writes now cannot be deleted
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        delete(folder);
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return; // stopped before
        }
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | java.io.UncheckedIOException e) {
            System.err.println("not deleted: " + folder);
        }
    }
}
