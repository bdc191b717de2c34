package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EventsCommandTest {
    private static final String DOWN = """
            {"time":"2026-03-01T12:00:00.250Z","last":"2026-03-01T12:00:40.250Z","count":3,"kind":"condition",
             "object":"route/shop","words":"Delivering is False, SinkDown: Sink es: refused."}""";
    private static final String STEP = """
            {"time":"2026-03-01T12:01:00Z","last":"2026-03-01T12:01:00Z","count":1,"kind":"step",
             "object":"router/core","words":"create config logroute-core-3f9a1c0d2b4e\\u001b[2J"}""";

    private final HttpServer http;
    private final AtomicReference<String> answer = new AtomicReference<>("[]");
    private final AtomicReference<String> asked = new AtomicReference<>("");
    private volatile CountDownLatch again = new CountDownLatch(0);

    EventsCommandTest() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void serve() {
        http.createContext("/api/v1/events", exchange -> {
            asked.set(exchange.getRequestURI().getRawQuery());
            var body = answer.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
            again.countDown();
        });
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @Test
    void events_are_a_table_the_newest_last() {
        answer.set("[" + DOWN + "," + STEP + "]");
        var said = Said.by("events", "--url", url());
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                        TIME                  OBJECT       WHAT
                        2026-03-01T12:00:40Z  route/shop   Delivering is False, SinkDown: Sink es: refused. (3 times since 2026-03-01T12:00:00Z)
                        2026-03-01T12:01:00Z  router/core  create config logroute-core-3f9a1c0d2b4e [2J
                        """);
        assertThat(said.code()).isZero();
    }

    @Test
    void without_any_it_says_so() {
        assertThat(Said.by("events", "--url", url()).out()).isEqualToNormalizingNewlines("Nothing happened.\n");
    }

    @Test
    void object_since_and_limit_go_into_the_question() {
        Said.by("events", "--url", url(), "--object", "route/shop", "--since", "2026-03-01T12:00:00Z", "--limit", "7");
        assertThat(asked.get()).isEqualTo("object=route%2Fshop&since=2026-03-01T12%3A00%3A00Z&limit=7");
    }

    @Test
    void programs_get_what_rest_says() {
        answer.set("[" + STEP + "]");
        assertThat(Said.by("events", "--url", url(), "-o", "json").out())
                .startsWith("[{\"time\":\"2026-03-01T12:01:00Z\"")
                .contains("\"kind\":\"step\"");
    }

    @Test
    void what_cannot_be_asked_is_wrong_usage() {
        assertThat(Said.by("events", "--url", url(), "--limit", "0").err()).contains("--limit is 0; write");
        assertThat(Said.by("events", "--url", url(), "--since", "soon").err())
                .contains("--since is \"soon\"; write 2h");
    }

    @Test
    void when_nothing_answers_it_says_so_and_ends_with_2() {
        http.stop(0);
        var said = Said.by("events", "--url", url());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("events: no LogRoute answers at " + url());
    }

    @Test
    @Timeout(300)
    void following_tells_what_is_new_once_and_goes_on() throws Exception {
        answer.set("[" + DOWN + "]");
        var out = new StringWriter();
        var commands = new Commands((_, _, _) -> 0, (_, _, _) -> 0, (_, _) -> 0, () -> {
            throw new IllegalStateException("not asked for");
        });
        again = new CountDownLatch(1);
        var following = Thread.ofVirtual()
                .start(() -> commands.execute(
                        new PrintWriter(out),
                        new PrintWriter(new StringWriter()),
                        false,
                        "events",
                        "-f",
                        "--url",
                        url()));
        assertThat(again.await(60, TimeUnit.SECONDS)).isTrue();
        answer.set("[" + DOWN + "," + STEP + "]");
        again = new CountDownLatch(3);
        assertThat(again.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(asked.get()).contains("since=2026-03-01T12%3A01%3A00Z");
        following.interrupt();
        assertThat(following.join(Duration.ofSeconds(60))).isTrue();
        assertThat(out.toString()).containsOnlyOnce("route/shop").containsOnlyOnce("router/core");
    }
}
