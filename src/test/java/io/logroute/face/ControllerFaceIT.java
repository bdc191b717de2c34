package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A controller's REST behind tokens, as the real jar serves it.
@Timeout(600)
class ControllerFaceIT {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .build();

    @TempDir
    private static Path shared = Path.of("");

    @org.jspecify.annotations.Nullable
    private static FaceProcess face;

    private static int port;

    @BeforeAll
    static void serve() throws IOException {
        AccessTest.both(shared);
        var process = FaceProcess.start(ServedController.class, shared, "0");
        face = process;
        var line = process.line();
        assertThat(line).as(process.log()).startsWith("listening ");
        port = Integer.parseInt(line.substring("listening ".length()));
    }

    @AfterAll
    static void end() {
        if (face != null) {
            face.close();
        }
    }

    private static FaceProcess face() {
        return Objects.requireNonNull(face);
    }

    private static HttpResponse<String> send(String who, String method, String path, byte[] body)
            throws IOException, InterruptedException {
        return send(who, method, path, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    }

    private static HttpResponse<String> send(String who, String method, String path, BodyPublisher body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body);
        switch (who) {
            case "operator" -> request.header("Authorization", "Bearer " + AccessTest.OPERATOR);
            case "viewer" -> request.header("Authorization", "Bearer " + AccessTest.VIEWER);
            case "stranger" -> request.header("Authorization", "Bearer nobody-0123456789abcdef");
            default -> {}
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest(name = "{1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "GET  | /                               | 200 | 200 | 401",
                "GET  | /metrics                        | 200 | 200 | 401",
                "GET  | /api/v1/routers                 | 200 | 200 | 401",
                "GET  | /api/v1/routers/core/pipeline   | 200 | 200 | 401",
                "GET  | /api/v1/revisions               | 200 | 200 | 401",
                "GET  | /api/v1/revisions/000000000000  | 404 | 404 | 401",
                "GET  | /api/v1/dead-letters            | 200 | 200 | 401",
                "GET  | /nothing                        | 404 | 404 | 401",
                "GET  | /api/v1/nothing                 | 404 | 404 | 401",
                "GET  | /api/v1/plan                    | 405 | 405 | 401",
                "POST | /api/v1/plan                    | 200 | 403 | 401",
                "POST | /api/v1/validate                | 200 | 403 | 401",
                "POST | /api/v1/specs/empty             | 422 | 403 | 401",
                "POST | /api/v1/routers/nope/pause      | 404 | 403 | 401",
                "POST | /api/v1/routers/core/resume     | 200 | 403 | 401",
                "GET  | /api/v1/volumes                | 200 | 200 | 401",
                "POST | /api/v1/routers/nope/drain     | 404 | 403 | 401",
                "POST | /api/v1/routers/nope/uncordon  | 404 | 403 | 401",
                "POST | /api/v1/routers/nope/instances/0/drain    | 404 | 403 | 401",
                "POST | /api/v1/routers/nope/instances/0/uncordon | 404 | 403 | 401",
                "POST | /api/v1/nodes/nope/uncordon    | 200 | 403 | 401",
                "DELETE | /api/v1/volumes/nope/0       | 404 | 403 | 401",
                "GET  | /api/v1/relays                 | 200 | 200 | 401",
                "DELETE | /api/v1/relays/nope          | 404 | 403 | 401",
                "POST | /api/v1/revisions/0000/rollback | 404 | 403 | 401",
                "POST | /nothing                        | 404 | 403 | 401",
                "DELETE | /api/v1/routers               | 405 | 403 | 401",
                "GET  | /q/health/live                  | 200 | 200 | 200",
                "GET  | /q/health/ready                 | 200 | 200 | 200",
                "GET  | /q/openapi                      | 200 | 200 | 200",
            })
    void who_may_what(String method, String path, int operator, int viewer, int others) throws Exception {
        var body = path.endsWith("/plan") || path.endsWith("/validate") ? bytes(Shop.SCREEN) : new byte[0];
        assertThat(send("operator", method, path, body).statusCode()).isEqualTo(operator);
        assertThat(send("viewer", method, path, body).statusCode()).isEqualTo(viewer);
        assertThat(send("stranger", method, path, body).statusCode()).isEqualTo(others);
        var nobody = send("", method, path, body);
        assertThat(nobody.statusCode()).isEqualTo(others);
        assertThat(nobody.body()).doesNotContain("0123456789abcdef");
        if (others == 401) {
            assertThat(nobody.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"logroute\"");
            assertThat(nobody.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
            assertThat(nobody.body()).contains("\"status\":401", "no token was sent", "--token-file");
        }
    }

    @Test
    void specs_are_planned_stored_and_seen() throws Exception {
        var more = bytes(Shop.route("more", "archive"));
        var plan = send("operator", "POST", "/api/v1/plan?name=more", more);
        assertThat(plan.body()).contains("\"good\":true", "create config logroute-core-", "+  name: more");
        var done = send("operator", "POST", "/api/v1/specs/more", more);
        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(done.body()).contains("\"good\":true", "logroute.spec=true");
        assertThat(send("viewer", "GET", "/api/v1/routes/more", new byte[0]).statusCode())
                .isEqualTo(200);
        var revisions = send("viewer", "GET", "/api/v1/revisions?router=core", new byte[0]);
        assertThat(revisions.body())
                .contains("\"target\":true", "\"generation\":2")
                .doesNotContain("null");
        var wrong = send("operator", "POST", "/api/v1/specs/wrong", bytes(Shop.route("wrong", "nope")));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body()).contains("\"good\":false", "there is no sink \\\"nope\\\"");
    }

    @Test
    void a_large_body_is_taken_and_a_larger_one_refused() throws Exception {
        var large = bytes("# " + "x".repeat((4 << 20) - 1_000) + "\n" + Shop.SCREEN);
        assertThat(send("operator", "POST", "/api/v1/plan", large).statusCode()).isIn(200);
        assertThat(send("operator", "POST", "/api/v1/validate", new byte[(1 << 20) + 1])
                        .statusCode())
                .isEqualTo(413);
    }

    /// The larger ones do not fit into what the system keeps for a connection.
    @ParameterizedTest(name = "{0} bytes too many, in chunks: {1}")
    @CsvSource({"1, false, 20", "1, true, 20", "60_000_000, false, 5", "60_000_000, true, 5"})
    void whoever_sends_a_larger_body_reads_why_it_is_refused(String more, boolean inChunks, int times)
            throws Exception {
        var body = new byte[(4 << 20) + Integer.parseInt(more.replace("_", ""))];
        var publisher = inChunks
                ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
                : BodyPublishers.ofByteArray(body);
        for (int i = 0; i < times; i++) { // a connection closed early is seen by one client in six
            var answer = send("operator", "POST", "/api/v1/specs/a", publisher);
            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.body()).contains("the body is larger than 4194304 bytes", "Send fewer documents");
        }
        assertThat(face().log()).doesNotContain("Request too large", "a fault of LogRoute's own", " failed");
    }

    @Test
    void a_client_that_waits_to_be_asked_for_a_larger_body_is_not_asked() throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(bytes("POST /api/v1/specs/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                            + AccessTest.OPERATOR
                            + "\r\nContent-Length: 4194305\r\nExpect: 100-continue\r\n\r\n"));
            var answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(answer).isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void a_body_without_end_is_passed_over_for_a_while_only_whatever_was_answered() throws Exception {
        var operator = "Authorization: Bearer " + AccessTest.OPERATOR;
        try (var other = new Socket("127.0.0.1", port)) {
            asks(other);
            areCut(
                    other,
                    endless(operator, "/api/v1/specs/a", 413),
                    endless(operator, "/nothing", 404),
                    endless(operator, "/api/v1/routers/nobody/pause", 404),
                    endless("X-Nothing: nothing", "/api/v1/specs/a", 401));
        }
    }

    /// @param other whose bodies come to their ends: it has its connection all the while
    private static void areCut(Socket other, Socket... sockets) throws IOException {
        for (var each : sockets) {
            try (var socket = each) {
                await().atMost(Duration.ofMinutes(3))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> {
                            asks(other);
                            return isCut(socket);
                        });
            }
        }
    }

    private static void asks(Socket socket) throws IOException {
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(bytes("POST /api/v1/validate HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + AccessTest.OPERATOR
                        + "\r\nContent-Length: 1\r\n\r\n#"));
        var in = socket.getInputStream();
        assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int b = in.read();
            assertThat(b).as("the head so far: %s", head).isNotNegative();
            head.append((char) b);
        }
        var length = head.toString().toLowerCase(Locale.ROOT).replaceFirst("(?s).*content-length: (\\d+).*", "$1");
        assertThat(in.readNBytes(Integer.parseInt(length))).isNotEmpty();
    }

    private static Socket endless(String header, String path, int status) throws IOException {
        var socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        OutputStream out = socket.getOutputStream();
        out.write(
                bytes("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\nTransfer-Encoding: chunked\r\n\r\n"));
        var chunk = bytes("100000\r\n" + "x".repeat(1 << 20) + "\r\n");
        for (int i = 0; i < 5; i++) {
            out.write(chunk);
        }
        var answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        assertThat(answer).isEqualTo("HTTP/1.1 " + status);
        return socket;
    }

    private static boolean isCut(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write(bytes("1\r\nx\r\n"));
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void whoever_has_no_token_is_refused_before_the_body_is_there() throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write(bytes("POST /api/v1/specs/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"));
            out.flush();
            var answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(answer).isEqualTo("HTTP/1.1 401");
        }
    }

    @Test
    void openapi_describes_every_path() throws Exception {
        assertThat(send("", "GET", "/q/openapi", new byte[0]).body())
                .contains(
                        "/api/v1/plan:",
                        "/api/v1/specs/{name}:",
                        "/api/v1/revisions:",
                        "/api/v1/revisions/{revision}:",
                        "/api/v1/revisions/{from}/diff/{to}:",
                        "/api/v1/revisions/{revision}/rollback:",
                        "/api/v1/routers/{name}/pause:",
                        "/api/v1/routers/{name}/resume:",
                        "/api/v1/routers/{name}/drain:",
                        "/api/v1/routers/{name}/uncordon:",
                        "/api/v1/routers/{name}/instances/{instance}/drain:",
                        "/api/v1/routers/{name}/instances/{instance}/uncordon:",
                        "/api/v1/nodes/{node}/drain:",
                        "/api/v1/nodes/{node}/uncordon:",
                        "/api/v1/volumes:",
                        "/api/v1/volumes/{router}/{instance}:",
                        "/api/v1/relays:",
                        "/api/v1/relays/{name}:",
                        "/api/v1/routers/{name}/pipeline:");
    }

    @Test
    void nothing_of_it_is_logged() throws Exception {
        send("stranger", "POST", "/api/v1/specs/a", bytes("x"));
        assertThat(face().log()).doesNotContain("0123456789abcdef");
    }
}
