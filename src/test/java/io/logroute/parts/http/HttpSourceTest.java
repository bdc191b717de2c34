package io.logroute.parts.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Event;
import io.logroute.parts.listen.Room;
import io.logroute.remote.Pem;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class HttpSourceTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final MemoryInlet inlet = new MemoryInlet();
    private final Instruments meters = new Instruments();
    private final HttpSource source = source(0, "1MiB", Duration.ofSeconds(60));
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws IOException {
        source.start(inlet);
    }

    @AfterEach
    void stop() {
        client.close();
        inlet.become(MemoryInlet.Mood.STORES);
        source.close();
        meters.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "an object            | {\"a\":1}                     | 1",
                "an array             | [{\"a\":1}, {\"a\":2}]        | 2",
                "objects in a row     | {\"a\":1} {\"a\":2}{\"a\":3}  | 3",
            })
    void events_are_taken_and_counted(String why, String body, int count) throws Exception {
        var answer = post(body);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"stored\":" + count + "}\n");
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(inlet.events)
                .extracting(event -> event.get("a"))
                .hasSize(count)
                .startsWith(1L);
    }

    @Test
    void ndjson_is_taken_line_by_line_plain_and_gzip_and_in_chunks() throws Exception {
        var body = "{\"n\":1}\n{\"n\":2}\r\n\n{\"n\":3}\n";
        assertThat(post(body).statusCode()).isEqualTo(200);
        assertThat(post(BodyPublishers.ofByteArray(gzip(body)), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(200);
        assertThat(post(BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))
                        .statusCode())
                .isEqualTo(200);
        assertThat(inlet.events)
                .extracting(event -> event.get("n"))
                .containsExactly(1L, 2L, 3L, 1L, 2L, 3L, 1L, 2L, 3L);
    }

    @Test
    void two_gzip_members_are_one_body() throws Exception {
        var both = new ByteArrayOutputStream();
        both.write(gzip("{\"n\":1}"));
        both.write(gzip("{\"n\":2}"));
        assertThat(post(BodyPublishers.ofByteArray(both.toByteArray()), "Content-Encoding", "gzip")
                        .body())
                .contains("\"stored\":2");
    }

    @Test
    void nothing_is_answered_before_it_is_stored() throws Exception {
        inlet.become(MemoryInlet.Mood.WAITS);
        var answer = client.sendAsync(request(BodyPublishers.ofString("{}")), BodyHandlers.ofString());
        await().atMost(SOON).until(inlet::isWaitedFor);
        await().during(Duration.ofMillis(200)).atMost(SOON).until(() -> !answer.isDone());
        inlet.become(MemoryInlet.Mood.STORES);
        assertThat(answer.get().statusCode()).isEqualTo(200);
    }

    @Test
    void many_events_keep_their_order() throws Exception {
        var body = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            body.append("{\"n\":").append(i).append("}\n");
        }
        assertThat(post(body.toString()).body()).isEqualTo("{\"stored\":30000}\n");
        for (int i = 0; i < 30_000; i += 997) {
            assertThat(inlet.events.get(i).get("n")).isEqualTo((long) i);
        }
    }

    @Test
    void a_fault_is_told_with_its_place_and_nothing_is_taken() throws Exception {
        var answer = post("{\"a\":1}\n{\"a\":2}\n{\"a\":x}\n");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        var problem = Event.of(answer.body(), java.time.Instant.EPOCH);
        assertThat(problem.get("byte")).isEqualTo(21L);
        assertThat(problem.get("line")).isEqualTo(3L);
        assertThat(problem.get("column")).isEqualTo(6L);
        assertThat(problem.get("event")).isEqualTo(3L);
        assertThat(problem.text("detail")).contains("event 3, line 3, column 6", "nothing of the request was taken");
        assertThat(inlet.events).isEmpty();
        assertThat(refused("malformed")).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource({
        "GET,    /,      200",
        "HEAD, /,     200",
        "PUT, /, 405",
        "DELETE, /, 405",
        "POST, /other, 404",
        "GET, /other, 404",
        "POST,   /?x=1,  200",
    })
    void methods_and_paths(String method, String path, int status) throws Exception {
        var request = HttpRequest.newBuilder(uri(path))
                .method(method, BodyPublishers.ofString("{}"))
                .build();
        var answer = client.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(status);
        if (status == 405) {
            assertThat(answer.headers().firstValue("allow")).contains("GET, HEAD, POST");
        }
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"br, 415", "deflate, 415", "'gzip, gzip', 415", "identity, 200", "GZIP, 400", "gzip, 400"})
    void encodings(String encoding, int status) throws Exception {
        assertThat(post(BodyPublishers.ofString("{}"), "Content-Encoding", encoding)
                        .statusCode())
                .isEqualTo(status);
    }

    @Test
    void an_empty_body_is_refused() throws Exception {
        assertThat(post("").statusCode()).isEqualTo(400);
        assertThat(post(" \n").statusCode()).isEqualTo(400);
        assertThat(post("[]").statusCode()).isEqualTo(400);
    }

    @Test
    void a_body_that_is_too_large_is_refused_as_declared_as_sent_and_as_inflated() throws Exception {
        var large = "{\"a\":\"" + "x".repeat(2 << 20) + "\"}";
        assertThat(post(large).statusCode()).isEqualTo(413);
        assertThat(post(BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))
                        .statusCode())
                .isEqualTo(413);
        assertThat(post(BodyPublishers.ofByteArray(gzip(large)), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(413);
        assertThat(refused("too_large")).isEqualTo(3);
        assertThat(inlet.events).isEmpty();
        assertThat(post("{\"a\":\"" + "x".repeat((1 << 20) - 8) + "\"}").statusCode())
                .isEqualTo(200);
        assertThat(post("{\"a\":\"" + "x".repeat((1 << 20) - 7) + "\"}").statusCode())
                .isEqualTo(413);
        assertThat(post("{}".repeat(200_001)).statusCode()).isEqualTo(413);
    }

    @Test
    void a_body_that_is_too_large_is_told_the_bound_and_what_to_do() throws Exception {
        var large = "{\"a\":\"" + "x".repeat(2 << 20) + "\"}";
        var bound =
                ": sources[].http.maxBody allows 1048576 bytes, before and after gunzip. Post fewer events at a time, or"
                        + " raise maxBody";
        assertThat(post(large).body()).contains("the body has " + large.length() + " bytes" + bound);
        assertThat(post(BodyPublishers.ofByteArray(gzip(large)), "Content-Encoding", "gzip")
                        .body())
                .contains("the body is larger than 1048576 bytes" + bound);
        assertThat(post("{}".repeat(200_001)).body())
                .contains("the body has more than 200000 events. Post fewer at a time")
                .doesNotContain("maxBody");
    }

    @Test
    void a_zip_bomb_is_refused_early() throws Exception {
        var bomb = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bomb)) {
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 500; i++) {
                gzip.write(zeros);
            }
        }
        assertThat(post(BodyPublishers.ofByteArray(bomb.toByteArray()), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(413);
        assertThat(post("{}").statusCode()).isEqualTo(200);
    }

    @Test
    void half_a_gzip_is_refused() throws Exception {
        var whole = gzip("{\"a\":\"some text that is long enough\"}");
        var half = java.util.Arrays.copyOf(whole, whole.length - 6);
        assertThat(post(BodyPublishers.ofByteArray(half), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(400);
        assertThat(inlet.events).isEmpty();
    }

    @Test
    void a_full_buffer_sends_clients_away_for_a_moment() throws Exception {
        inlet.full = true;
        var answer = post("{}");
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("retry-after")).contains("1");
        assertThat(inlet.events).isEmpty();
        inlet.full = false;
        assertThat(post("{}").statusCode()).isEqualTo(200);
    }

    @Test
    void what_the_buffer_refuses_is_not_acknowledged() throws Exception {
        inlet.mood = MemoryInlet.Mood.REFUSES;
        var answer = post("{}{}");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
        assertThat(answer.body()).contains("the disk said no");
        assertThat(refused("refused")).isEqualTo(2);
    }

    @Test
    void a_request_does_not_wait_for_ever() throws Exception {
        try (var quick = source(0, "1MiB", Duration.ofMillis(200))) {
            quick.start(inlet);
            for (var mood : List.of(MemoryInlet.Mood.WAITS, MemoryInlet.Mood.FORGETS_THE_RECEIPT)) {
                inlet.mood = mood;
                var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + quick.port() + "/"))
                        .POST(BodyPublishers.ofString("{}"))
                        .build();
                var answer = client.send(request, BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.headers().firstValue("retry-after")).isPresent();
            }
            assertThat(inlet.events).hasSize(1);
        }
    }

    @Test
    void curl_waits_for_100_continue_and_hears_a_refusal_instead() throws Exception {
        assertThat(curl(
                        "-sS",
                        "-H",
                        "Expect: 100-continue",
                        "--expect100-timeout",
                        "20",
                        "-d",
                        "{\"a\":1}",
                        url(),
                        "-w",
                        "%{http_code}"))
                .isEqualTo("{\"stored\":1}\n200");
        inlet.full = true;
        assertThat(curl(
                        "-sS",
                        "-H",
                        "Expect: 100-continue",
                        "--expect100-timeout",
                        "20",
                        "-d",
                        "{\"a\":1}",
                        url(),
                        "-o",
                        "/dev/null",
                        "-w",
                        "%{http_code} %{size_upload}"))
                .isEqualTo("429 0");
    }

    @Test
    void curl_hears_the_answer_to_a_body_that_is_far_too_large() throws Exception {
        var file = java.nio.file.Files.createTempFile("large", ".json");
        try {
            java.nio.file.Files.write(file, new byte[20 << 20]);
            assertThat(curl(
                            "-sS",
                            "-H",
                            "Expect:",
                            "--data-binary",
                            "@" + file,
                            url(),
                            "-o",
                            "/dev/null",
                            "-w",
                            "%{http_code}"))
                    .isEqualTo("413");
        } finally {
            java.nio.file.Files.delete(file);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "garbage                  | hello~~                                                       | 400",
                "another protocol         | GET / HTTP/2.0~~                                              | 505",
                "two lengths              | POST / HTTP/1.1~Content-Length: 2~Content-Length: 3~~{}       | 400",
                "a length that is none    | POST / HTTP/1.1~Content-Length: -2~~{}                        | 400",
                "length and chunks        | POST / HTTP/1.1~Content-Length: 2~Transfer-Encoding: chunked~~2~{}~0~~ | 400",
                "another coding           | POST / HTTP/1.1~Transfer-Encoding: gzip, chunked~~2~{}~0~~    | 501",
                "a chunk without size     | POST / HTTP/1.1~Transfer-Encoding: chunked~~x~{}~0~~          | 400",
                "a chunk that is too long | POST / HTTP/1.1~Transfer-Encoding: chunked~~1~{}~0~~          | 400",
                "a blank in a name        | POST / HTTP/1.1~Content-Length : 2~~{}                        | 400",
                "a folded header          | POST / HTTP/1.1~A: b~ c~Content-Length: 2~~{}                 | 400",
                "another expectation      | POST / HTTP/1.1~Expect: miracles~Content-Length: 2~~{}        | 417",
                "chunks and a trailer     | POST / HTTP/1.1~Transfer-Encoding: chunked~~1;x=y~{~1~}~0~T: x~~ | 200",
                "HTTP/1.0                 | POST / HTTP/1.0~Content-Length: 2~~{}                         | 200",
                "a whole address          | POST http://x/ HTTP/1.1~Content-Length: 2~~{}                 | 200",
            })
    void requests_as_they_should_not_and_may_be(String why, String text, int status) throws Exception {
        assertThat(raw(text.replace("~", "\r\n"))).as(why).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void a_head_without_end_is_refused() throws Exception {
        assertThat(raw("GET / HTTP/1.1\r\nA: " + "x".repeat(9_000))).startsWith("HTTP/1.1 431 ");
        assertThat(raw("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(101) + "\r\n")).startsWith("HTTP/1.1 431 ");
        assertThat(raw("GET /" + "x".repeat(9_000))).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void one_connection_takes_many_requests_also_sent_ahead() throws Exception {
        var one = "POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
        var wrong = "POST /x HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
        var last = "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
        var answers = raw(one + wrong + one + last);
        assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(5);
        assertThat(inlet.events).hasSize(3);
    }

    @Test
    void a_client_that_stops_within_its_body_is_not_taken() throws Exception {
        assertThat(raw("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}")).startsWith("HTTP/1.1 400 ");
        assertThat(inlet.events).isEmpty();
    }

    @Test
    void connections_that_say_nothing_do_not_keep_it_from_closing() throws Exception {
        var idle = new ArrayList<Socket>();
        for (int i = 0; i < 20; i++) {
            idle.add(new Socket(InetAddress.getLoopbackAddress(), source.port()));
        }
        await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS, "core") >= 20);
        long begin = System.nanoTime();
        source.close();
        source.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        for (var socket : idle) {
            socket.setSoTimeout(60_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            socket.close();
        }
    }

    @Test
    void a_request_under_way_is_answered_before_it_closes() throws Exception {
        inlet.become(MemoryInlet.Mood.WAITS);
        var answer = client.sendAsync(request(BodyPublishers.ofString("{}")), BodyHandlers.ofString());
        await().atMost(SOON).until(inlet::isWaitedFor);
        assertThat(answer).isNotDone();
        var closing = Thread.startVirtualThread(source::close);
        inlet.become(MemoryInlet.Mood.STORES);
        assertThat(answer.get().statusCode()).isEqualTo(200);
        closing.join();
        int count = inlet.events.size();
        assertThatThrownBy(() -> post("{}")).isInstanceOf(IOException.class);
        assertThat(inlet.events).hasSize(count);
    }

    @Test
    void a_port_that_is_taken_is_said_plainly() {
        try (var second = source(source.port(), "1MiB", Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> second.start(inlet))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "http:%d: port %d on 127.0.0.1 is taken; stop what uses it or choose another port under sources[].http.port"
                                    .formatted(source.port(), source.port()));
        }
    }

    @Test
    void a_client_that_never_reads_its_answers_is_closed() throws Exception {
        try (var quick = source(0, "1MiB", Duration.ofSeconds(1))) {
            quick.start(inlet);
            try (var deaf = new Socket(InetAddress.getLoopbackAddress(), quick.port())) {
                assertIsHungUpOn(deaf);
            }
            await().atMost(SOON).until(() -> closed("deaf") == 1);
            await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS, "core") == 0);
            assertThat(closed("broken")).isZero();
        }
    }

    @Test
    void a_client_that_never_reads_is_closed_with_tls_too(@TempDir Path folder) throws Exception {
        var certificates = Certificates.make(folder, "server");
        try (var quick = secure(certificates, Optional.empty(), Duration.ofSeconds(1))) {
            quick.start(inlet);
            try (var deaf = trusting(certificates, null).getSocketFactory().createSocket("127.0.0.1", quick.port())) {
                assertIsHungUpOn(deaf);
            }
            await().atMost(SOON).until(() -> closed("deaf") == 1);
            await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS, "core") == 0);
            assertThat(closed("tls")).isZero();
        }
    }

    @Test
    void a_source_whose_client_never_reads_still_closes(@TempDir Path folder) throws Exception {
        var certificates = Certificates.make(folder, "server");
        try (var patient = secure(certificates, Optional.empty(), Duration.ofMinutes(10))) {
            patient.start(inlet);
            try (var deaf = trusting(certificates, null).getSocketFactory().createSocket("127.0.0.1", patient.port())) {
                deaf.setSoLinger(true, 0);
                var sending = Thread.ofVirtual().start(() -> writesUntilHungUpOn(deaf));
                assertThat(sending.join(Duration.ofSeconds(2))).isFalse();
                long begin = System.nanoTime();
                patient.close();
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
                assertThat(sending.join(SOON)).isTrue();
            }
        }
    }

    @Test
    void tls_takes_those_who_trust_it_and_no_plain_client(@TempDir Path folder) throws Exception {
        var certificates = Certificates.make(folder, "server");
        try (var secure = secure(certificates, Optional.empty(), SOON)) {
            secure.start(inlet);
            assertThat(postSecurely(secure, trusting(certificates, null))).isEqualTo("200 {\"stored\":2}\n");
            try (var plain = new Socket(InetAddress.getLoopbackAddress(), secure.port())) {
                plain.setSoTimeout(Math.toIntExact(SOON.toMillis()));
                plain.getOutputStream().write(Wire.ascii("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"));
                assertThat(allOf(plain)).doesNotContain("HTTP/1.1");
            }
            await().atMost(SOON).until(() -> closed("tls") == 1);
            assertThat(inlet.events).hasSize(2);
            assertThat(postSecurely(secure, trusting(certificates, null))).startsWith("200 ");
        }
    }

    @Test
    void mutual_tls_takes_clients_with_a_certificate_of_ours_only(@TempDir Path folder) throws Exception {
        var certificates = Certificates.make(folder, "server", "client", "stranger");
        try (var secure = secure(certificates, Optional.of(certificates.crt("client")), SOON)) {
            secure.start(inlet);
            assertThat(postSecurely(secure, trusting(certificates, "client"))).isEqualTo("200 {\"stored\":2}\n");
            for (var wrong : new String[] {null, "stranger"}) {
                assertThatThrownBy(() -> postSecurely(secure, trusting(certificates, wrong)))
                        .as("with %s", wrong)
                        .isInstanceOf(IOException.class);
            }
            await().atMost(SOON).until(() -> closed("tls") == 2);
            assertThat(inlet.events).hasSize(2);
        }
    }

    @Test
    void a_missing_certificate_file_is_told(@TempDir Path folder) {
        var certificates = new Certificates(folder);
        try (var secure = secure(certificates, Optional.empty(), SOON)) {
            assertThatThrownBy(() -> secure.start(inlet))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("server.crt does not exist");
        }
    }

    /// Asks again and again and reads no answer, until the other end has enough of it.
    private static void assertIsHungUpOn(Socket socket) throws Exception {
        // Else closing it would wait for a write that does not end.
        socket.setSoLinger(true, 0);
        assertThat(Thread.ofVirtual().start(() -> writesUntilHungUpOn(socket)).join(SOON))
                .as("is hung up on")
                .isTrue();
    }

    private static void writesUntilHungUpOn(Socket socket) {
        var many = Wire.ascii("GET / HTTP/1.1\r\n\r\n".repeat(5_000));
        assertThatThrownBy(() -> {
                    while (true) {
                        socket.getOutputStream().write(many);
                    }
                })
                .isInstanceOf(IOException.class);
    }

    private static String allOf(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException e) {
            return "";
        }
    }

    private static String postSecurely(HttpSource to, SSLContext tls) throws Exception {
        try (var client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            var request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + to.port() + "/"))
                    .timeout(SOON)
                    .POST(BodyPublishers.ofString("{\"a\":1}\n{\"a\":2}"))
                    .build();
            var answer = client.send(request, BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }

    private static SSLContext trusting(Certificates certificates, @Nullable String own) throws IOException {
        var name = Optional.ofNullable(own);
        return Pem.client(new ClientTls(
                Optional.of(certificates.crt("server")),
                name.map(certificates::crt),
                name.map(certificates::key),
                true));
    }

    private HttpSource secure(Certificates certificates, Optional<Path> clients, Duration patience) {
        var tls = new ServerTls(certificates.crt("server"), certificates.key("server"), clients);
        return new HttpSource(
                new SourceSpec.Http("127.0.0.1", 0, "/", ByteSize.parse("1MiB"), Optional.of(tls), false),
                "core",
                meters,
                InstantSource.system(),
                patience,
                Pem::server,
                new Room(64 << 20, 0));
    }

    private double closed(String reason) {
        return meters.value(Meter.CLOSED_CONNECTIONS, "core", "http:0", reason);
    }

    @Test
    void closing_without_a_start_is_safe() {
        var never = source(0, "1MiB", Duration.ofSeconds(1));
        never.close();
        never.close();
    }

    private HttpSource source(int port, String maxBody, Duration patience) {
        return new HttpSource(
                new SourceSpec.Http("127.0.0.1", port, "/", ByteSize.parse(maxBody), Optional.empty(), false),
                "core",
                meters,
                InstantSource.system(),
                patience,
                _ -> {
                    throw new IOException("no TLS here");
                },
                new Room(64 << 20, 0));
    }

    private double refused(String reason) {
        return meters.value(Meter.REFUSED_EVENTS, "core", "http:0", reason);
    }

    private String url() {
        return uri("/").toString();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + source.port() + path);
    }

    private HttpRequest request(BodyPublisher body, String... headers) {
        var request = HttpRequest.newBuilder(uri("/")).POST(body);
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private HttpResponse<String> post(String body) throws Exception {
        return post(BodyPublishers.ofString(body));
    }

    private HttpResponse<String> post(BodyPublisher body, String... headers) throws Exception {
        return client.send(request(body, headers), BodyHandlers.ofString());
    }

    /// Sends the text as it is, then nothing more, and gives all that comes back.
    private String raw(String text) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("curl", "--max-time", "40"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    private static byte[] gzip(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
