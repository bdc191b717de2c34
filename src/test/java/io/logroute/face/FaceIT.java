package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// REST, health and metrics as the real jar serves them.
@Timeout(600)
class FaceIT {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .build();

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path own = Path.of("");

    @org.jspecify.annotations.Nullable
    private static FaceProcess face;

    private static int port;

    @BeforeAll
    static void serve() throws IOException {
        face = FaceProcess.start(shared, "0");
        port = listening(face);
    }

    @AfterAll
    static void end() {
        if (face != null) {
            face.close();
        }
    }

    private static int listening(FaceProcess process) throws IOException {
        var line = process.line();
        assertThat(line).as(process.log()).startsWith("listening ");
        return Integer.parseInt(line.substring("listening ".length()));
    }

    private static HttpResponse<String> send(int port, String path, String method, byte[] body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(port, path, "GET", new byte[0]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/routers        | \"runningRevision\":",
                "/api/v1/routers/core   | \"name\":\"core\",\"ready\":true",
                "/api/v1/routers/core   | \"instances\":[{\"name\":\"core-0\",\"number\":0,\"ready\":true",
                "/api/v1/events?object=route/nope | []",
                "/api/v1/routes         | \"name\":\"everything\"",
                "/api/v1/routes/watch   | \"spec\":\"apiVersion: logroute/v1\\nkind: LogRoute",
                "/api/v1/routes/watch   | \"type\":\"Delivering\",\"status\":\"True\",\"reason\":\"SinksTakeEvents\"",
                "/api/v1/routes/watch   | \"since\":\"2026-03-01T12:00:00Z\",\"good\":true",
                "/api/v1/sinks          | \"kind\":\"console\"",
                "/api/v1/sinks/archive  | \"waitingEvents\":12",
                "/api/v1/problems       | []",
                "/q/health/live         | \"status\": \"UP\"",
                "/                      | /api/v1/validate",
                "/metrics               | logroute_route_condition{condition=\"Delivering\",route=\"watch\"} 1.0",
            })
    void it_tells(String path, String what) throws Exception {
        var answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains(what).doesNotContain("null");
    }

    @Test
    void metrics_come_in_the_format_of_prometheus() throws Exception {
        assertThat(get("/metrics")
                        .headers()
                        .firstValue("Content-Type")
                        .orElse("")
                        .replace(" ", "")
                        .toLowerCase())
                .startsWith("text/plain;")
                .contains("version=0.0.4");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /nothing               | 404 | there is nothing at /nothing",
                "GET    | /api/v1/nothing        | 404 | there is nothing at /api/v1/nothing",
                "GET    | /api/v1/routers/nope   | 404 | there is no router \\\"nope\\\"",
                "GET    | /api/v1/routes/nope    | 404 | there is no route \\\"nope\\\"",
                "GET    | /api/v1/sinks/nope     | 404 | there is no sink \\\"nope\\\"",
                "DELETE | /api/v1/routers        | 405 | /api/v1/routers is not for DELETE",
                "GET    | /api/v1/validate       | 405 | /api/v1/validate is not for GET",
            })
    void what_it_cannot_answer_it_refuses_in_json(String method, String path, int status, String what)
            throws Exception {
        var answer = send(port, path, method, new byte[0]);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(answer.body()).contains("\"status\":" + status, what, "\"mend\":\"", "GET /");
    }

    @Test
    void validate_takes_yaml_and_tells_problems() throws Exception {
        var answer = send(
                port, "/api/v1/validate", "POST", Shop.route("watch", "screen").getBytes(StandardCharsets.UTF_8));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"good\":false", "body:4: spec.router", "there is no router \\\"core\\\"");
    }

    @Test
    void a_body_of_more_than_a_mebibyte_is_refused() throws Exception {
        assertThat(send(port, "/api/v1/validate", "POST", new byte[(1 << 20) + 1])
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void openapi_describes_every_path() throws Exception {
        assertThat(get("/q/openapi").body())
                .contains(
                        "/api/v1/routers:",
                        "/api/v1/routers/{name}:",
                        "/api/v1/events:",
                        "/api/v1/routes:",
                        "/api/v1/routes/{name}:",
                        "/api/v1/sinks:",
                        "/api/v1/sinks/{name}:",
                        "/api/v1/problems:",
                        "/api/v1/validate:",
                        "/metrics:",
                        "/q/health/live:",
                        "/q/health/ready:")
                .contains("What, where, and how to mend");
    }

    @Test
    void a_troubled_router_makes_it_unready_but_not_dead() throws Exception {
        try (var other = FaceProcess.start(own, "0")) {
            int at = listening(other);
            assertThat(send(at, "/q/health/ready", "GET", new byte[0]).statusCode())
                    .isEqualTo(200);
            other.tell("port 8088 is taken");
            var ready = send(at, "/q/health/ready", "GET", new byte[0]);
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("\"core\": \"port 8088 is taken\"");
            assertThat(send(at, "/q/health/live", "GET", new byte[0]).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void sigterm_closes_the_rest_before_the_process_ends_and_logs_nothing() throws Exception {
        try (var other = FaceProcess.start(own, "0")) {
            listening(other);
            other.terminate();
            assertThat(other.line()).isEqualTo("stopping");
            assertThat(other.exitCode()).isEqualTo(143);
            assertThat(other.log()).isEmpty();
        }
    }

    @Test
    void stop_ends_serving_and_returns() throws Exception {
        try (var other = FaceProcess.start(own, "0")) {
            listening(other);
            other.tell("stop");
            assertThat(other.line() + other.line()).isEqualTo("stoppingreturned");
            assertThat(other.exitCode()).isZero();
        }
    }

    @Test
    void a_port_that_is_taken_is_one_clear_message() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var other = FaceProcess.start(own, Integer.toString(taken.getLocalPort()))) {
            assertThat(other.line())
                    .isEqualTo("REST: port %d on 127.0.0.1 is taken; stop what uses it or choose another with --port"
                            .formatted(taken.getLocalPort()));
            assertThat(other.exitCode()).isEqualTo(2);
            assertThat(other.log()).isEmpty();
        }
    }

    @Test
    void what_fails_to_start_beside_it_ends_it_with_its_own_words() throws Exception {
        var words = "the data folder cannot be written";
        try (var other = FaceProcess.start(own, "0", words)) {
            listening(other);
            assertThat(other.line()).isEqualTo("stopping");
            assertThat(other.line()).isEqualTo(words);
            assertThat(other.exitCode()).isEqualTo(2);
            assertThat(other.log()).isEmpty();
        }
    }
}
