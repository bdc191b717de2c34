package io.logroute.face;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bounds on a real server of Vert.x, which answers before the body is there, or after.
@Timeout(300)
class BodyBoundsTest {
    private static final Duration SHORT = Duration.ofMillis(700);
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private int serve(BodyBounds bounds) throws Exception {
        var router = Router.router(vertx);
        router.route().handler(bounds::bound);
        router.route("/read").handler(routing -> {
            // As Quarkus reads: one piece when it wants one.
            var request = routing.request().pause();
            request.handler(_ -> request.fetch(1))
                    .endHandler(_ -> {
                        request.pause();
                        routing.response().end("read");
                    })
                    .fetch(1);
        });
        router.route("/refuse")
                .handler(routing -> routing.response().setStatusCode(401).end("no"));
        HttpServer server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        return server.actualPort();
    }

    private static Socket connected(int port, String head) throws IOException {
        var socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        send(socket, head);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private static String answer(Socket socket, String last) throws IOException {
        var answer = new StringBuilder();
        while (!answer.toString().endsWith(last)) {
            int b = socket.getInputStream().read();
            assertThat(b).as("the answer so far: %s", answer).isNotNegative();
            answer.append((char) b);
        }
        return answer.toString();
    }

    private static void awaitCut(Socket socket, String more) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    try {
                        send(socket, more);
                        return false;
                    } catch (SocketException e) {
                        return true;
                    }
                });
    }

    @Test
    void a_body_that_does_not_come_to_its_end_is_not_waited_for() throws Exception {
        int port = serve(new BodyBounds(SHORT, LONG));
        long begun = System.nanoTime();
        try (var socket = connected(port, "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")) {
            awaitCut(socket, "x");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(SHORT);
    }

    @Test
    void what_is_sent_after_the_answer_is_passed_over_for_a_while() throws Exception {
        int port = serve(new BodyBounds(LONG, SHORT));
        long begun = System.nanoTime();
        try (var socket = connected(port, "POST /refuse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")) {
            send(socket, "1\r\nx\r\n");
            assertThat(answer(socket, "no")).startsWith("HTTP/1.1 401");
            awaitCut(socket, "1\r\nx\r\n");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(SHORT);
    }

    @Test
    void a_connection_whose_bodies_were_read_goes_on() throws Exception {
        int port = serve(new BodyBounds(SHORT, SHORT));
        var post = "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
        try (var socket = connected(port, post)) {
            for (int i = 0; i < 5; i++) {
                assertThat(answer(socket, "read")).startsWith("HTTP/1.1 200");
                long until = System.nanoTime() + SHORT.toNanos();
                await().pollInterval(Duration.ofMillis(50)).until(() -> System.nanoTime() > until);
                send(socket, post);
            }
            assertThat(answer(socket, "read")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void whoever_waited_to_be_asked_for_the_body_and_was_not_is_to_close() throws Exception {
        int port = serve(new BodyBounds(LONG, LONG));
        var head = "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n";
        try (var waiting = connected(port, head + "Expect: 100-continue\r\n\r\n");
                var sending = connected(port, head + "\r\nhello")) {
            assertThat(answer(waiting, "no").toLowerCase(Locale.ROOT)).contains("connection: close");
            send(waiting, "hello");
            assertThat(waiting.getInputStream().read()).as("what it had said").isEqualTo(-1);
            assertThat(answer(sending, "no").toLowerCase(Locale.ROOT)).doesNotContain("connection: close");
        }
    }
}
