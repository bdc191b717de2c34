package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.remote.Elastic.Answer;
import io.logroute.remote.Elastic.BulkAnswer;
import io.logroute.spec.ByteSize;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.SinkSpec;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ElasticClientTest {
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final String GOOD = "{\"errors\":false}";
    private static final byte[] SMALL = "{\"create\":{}}\n{}\n".getBytes(StandardCharsets.US_ASCII);

    /// More than the systems' own buffers take on loopback.
    private static final byte[] LARGE = new byte[32 << 20];

    private final ServerSocket listening = listen();
    private final ScriptedHttp well = scripted(new Reply.Answer(200, GOOD));

    @AfterEach
    void close() throws IOException {
        listening.close();
        well.close();
    }

    @Test
    void connections_are_kept() throws Exception {
        serveOne(connection -> {
            while (true) {
                readHead(connection);
                write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            }
        });
        try (var client = client(PATIENT, url())) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.get("/").isGood()).isTrue();
            }
        }
    }

    @Test
    void what_is_sent_beside_the_body_is_what_is_needed() throws Exception {
        try (var client = client(PATIENT, well.url())) {
            client.bulk(SMALL, SMALL.length, 1);
            client.get("/");
        }
        assertThat(well.requests().get(0).headers())
                .containsOnlyKeys("accept", "content-length", "content-type", "host", "connection", "user-agent")
                .containsEntry("user-agent", "logroute")
                .containsEntry("connection", "keep-alive");
        assertThat(well.requests().get(1).headers())
                .containsOnlyKeys("accept", "host", "connection", "user-agent")
                .containsEntry("connection", "keep-alive");
    }

    @Test
    void no_secret_is_logged_whatever_the_levels_are(@TempDir Path folder) throws Exception {
        var secret = Files.writeString(folder.resolve("key"), "c2VjcmV0");
        var auth = new SinkSpec.Auth(Optional.empty(), Optional.empty(), Optional.of(secret));
        var records = new ConcurrentLinkedQueue<String>();
        var log = new Handler() {
            @Override
            public void publish(LogRecord each) {
                records.add(each.getLoggerName() + " " + each.getMessage() + Arrays.toString(each.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        var root = Logger.getLogger("");
        var levels = new HashMap<Logger, Level>();
        try (var client = new ElasticClient(spec(Optional.of(auth), well.url()), PATIENT)) {
            client.get("/");
            levels.put(root, root.getLevel());
            for (var name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
                var logger = LogManager.getLogManager().getLogger(name);
                if (logger != null && name.startsWith("org.apache.hc")) {
                    levels.put(logger, logger.getLevel());
                }
            }
            root.addHandler(log);
            levels.keySet().forEach(logger -> logger.setLevel(Level.ALL));
            client.bulk(SMALL, SMALL.length, 1);
        } finally {
            root.removeHandler(log);
            levels.forEach(Logger::setLevel);
        }
        assertThat(well.requests().getLast().headers()).containsEntry("authorization", "ApiKey c2VjcmV0");
        assertThat(records).as("the client does log").isNotEmpty();
        assertThat(records).noneMatch(each -> each.contains("c2VjcmV0"));
    }

    @Test
    void a_host_that_is_not_there_is_told_in_words() throws Exception {
        try (var client = client(PATIENT, URI.create("http://elasticsearch.invalid:9200"))) {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> client.get("/")))
                    .hasMessageContaining("there is no host elasticsearch.invalid here; is the router on its network?");
        }
    }

    @Test
    void a_redirect_is_an_answer_and_not_followed() throws Exception {
        serveOne(connection -> {
            readHead(connection);
            write(connection, "HTTP/1.1 307 X\r\nLocation: " + well.url() + "/\r\nContent-Length: 0\r\n\r\n");
        });
        try (var client = client(PATIENT, url())) {
            assertThat(client.get("/").status()).isEqualTo(307);
        }
        assertThat(well.requests()).isEmpty();
    }

    @Test
    void a_node_that_failed_is_not_asked_again_while_another_works() throws Exception {
        try (var ill = scripted(new Reply.Answer(503, "{}"));
                var client = client(PATIENT, ill.url(), well.url())) {
            for (int i = 0; i < 6; i++) {
                assertThat(bulk(client, SMALL)).isInstanceOf(BulkAnswer.Items.class);
            }
            assertThat(ill.requests()).hasSize(1);
            assertThat(well.requests()).hasSize(6);
        }
    }

    @Test
    void when_every_node_answers_503_that_is_the_answer() throws Exception {
        try (var ill = scripted(new Reply.Answer(503, "{}"));
                var alike = scripted(new Reply.Answer(503, "{}"));
                var client = client(PATIENT, ill.url(), alike.url())) {
            assertThat(bulk(client, SMALL))
                    .isInstanceOfSatisfying(
                            BulkAnswer.Refused.class,
                            refused -> assertThat(refused.status()).isEqualTo(503));
        }
    }

    @Test
    void a_node_that_trickles_is_ended_and_the_next_one_asked() throws Exception {
        var hungUp = serveOne(connection -> {
            readHead(connection);
            write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            while (true) {
                write(connection, " ");
                new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
            }
        });
        try (var client = client(Duration.ofSeconds(3), url(), well.url())) {
            assertThat(bulk(client, SMALL)).isInstanceOf(BulkAnswer.Items.class);
            assertThat(hungUp).succeedsWithin(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_node_that_reads_no_further_is_ended() throws Exception {
        serveOne(connection -> {
            readHead(connection);
            new CountDownLatch(1).await(60, TimeUnit.SECONDS);
        });
        try (var client = client(Duration.ofMillis(500), url())) {
            assertThatThrownBy(() -> bulk(client, LARGE))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage(url() + ": no whole answer within 5 s");
        }
    }

    @Test
    void no_other_node_is_asked_while_one_may_still_read_the_body() throws Exception {
        var go = new CountDownLatch(1);
        var begun = new AtomicBoolean();
        ThreadFactory firstIsHeldUp = work -> Thread.ofVirtual().unstarted(() -> {
            if (!begun.getAndSet(true)) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            work.run();
        });
        try (var client =
                new ElasticClient(spec(Optional.empty(), url(), well.url()), Duration.ofSeconds(3), firstIsHeldUp)) {
            assertThatThrownBy(() -> bulk(client, SMALL)).hasMessageContaining("no whole answer within 8 s");
            assertThat(well.requests()).isEmpty();
            assertThat(bulk(client, SMALL)).isInstanceOf(BulkAnswer.Items.class);
        } finally {
            go.countDown();
        }
    }

    @Test
    void closing_ends_a_request_that_is_being_written() throws Exception {
        var begun = new CountDownLatch(1);
        serveOne(connection -> {
            readHead(connection);
            begun.countDown();
            new CountDownLatch(1).await(60, TimeUnit.SECONDS);
        });
        var client = client(PATIENT, url());
        var writing = CompletableFuture.supplyAsync(() -> bulk(client, LARGE));
        begun.await();
        client.close();
        assertThat(writing)
                .failsWithin(20, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("closed");
        client.close();
    }

    @Test
    void an_interrupt_ends_a_request_whatever_thread_waits_for_it() throws Exception {
        var begun = new CountDownLatch(1);
        var hungUp = serveOne(connection -> {
            readHead(connection);
            begun.countDown();
            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
        try (var client = client(PATIENT, url())) {
            var outcome = new CompletableFuture<Exception>();
            var waiting = Thread.ofPlatform().start(() -> {
                try {
                    client.bulk(SMALL, SMALL.length, 1);
                } catch (IOException | InterruptedException e) {
                    outcome.complete(e);
                }
            });
            begun.await();
            waiting.interrupt();
            assertThat(outcome).succeedsWithin(20, TimeUnit.SECONDS).isInstanceOf(InterruptedException.class);
            assertThat(hungUp).succeedsWithin(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_refusal_that_comes_before_the_body_is_read_counts_and_its_connection_does_not() throws Exception {
        var first = serveOne(connection -> {
            readHead(connection);
            write(connection, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
        });
        try (var client = client(PATIENT, url())) {
            assertThat(bulk(client, LARGE))
                    .isInstanceOfSatisfying(
                            BulkAnswer.Refused.class,
                            refused -> assertThat(refused.status()).isEqualTo(413));
            assertThat(first).succeedsWithin(20, TimeUnit.SECONDS);
            serveOne(connection -> {
                readHead(connection);
                write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            });
            assertThat(client.get("/").isGood()).isTrue();
        }
    }

    @Test
    void a_zipped_answer_that_nobody_asked_for_is_read() throws Exception {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(GOOD.getBytes(StandardCharsets.US_ASCII));
        }
        try (var server = scripted(new Reply.Noise("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
                        + zipped.toString(StandardCharsets.ISO_8859_1)));
                var client = client(PATIENT, server.url())) {
            assertThat(new String(client.get("/").body(), StandardCharsets.US_ASCII))
                    .isEqualTo(GOOD);
        }
    }

    @Test
    void no_thread_stays_after_closing() throws Exception {
        var client = client(PATIENT, well.url());
        Answer answer = client.get("/");
        assertThat(answer.isGood()).isTrue();
        client.close();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().startsWith("elastic-127.0.0.1-")));
    }

    private interface Serving {
        void serve(Socket connection) throws IOException, InterruptedException;
    }

    /// Serves the next connection, and no more; done when that one is closed.
    private CompletableFuture<Boolean> serveOne(Serving serving) {
        var over = new CompletableFuture<Boolean>();
        Thread.ofVirtual().start(() -> {
            try (var connection = listening.accept()) {
                serving.serve(connection);
            } catch (IOException | InterruptedException e) {
                // The client hung up.
            }
            over.complete(true);
        });
        return over;
    }

    private static void readHead(Socket connection) throws IOException {
        int ends = 0;
        while (ends < 4) {
            int next = connection.getInputStream().read();
            if (next < 0) {
                throw new IOException("hung up");
            }
            ends = next == "\r\n\r\n".charAt(ends) ? ends + 1 : next == '\r' ? 1 : 0;
        }
    }

    private static void write(Socket connection, String text) throws IOException {
        connection.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static BulkAnswer bulk(ElasticClient client, byte[] body) {
        try {
            return client.bulk(body, body.length, 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ScriptedHttp scripted(Reply always) {
        try {
            return new ScriptedHttp(_ -> always);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    private static ElasticClient client(Duration answer, URI... urls) {
        return new ElasticClient(spec(Optional.empty(), urls), answer);
    }

    private static SinkSpec.Elasticsearch spec(Optional<SinkSpec.Auth> auth, URI... urls) {
        return new SinkSpec.Elasticsearch(
                List.of(urls),
                FieldTemplate.parse("logs"),
                Optional.empty(),
                auth,
                Optional.empty(),
                DocumentIds.parse("sequence"),
                new SinkSpec.Bulk(2000, new ByteSize(5 << 20), Duration.ofMillis(200), 4),
                false);
    }
}
