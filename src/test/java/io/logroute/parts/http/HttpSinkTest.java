package io.logroute.parts.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class HttpSinkTest {
    private static final Instant NOW = Instant.parse("2026-11-30T07:00:00Z");

    @TempDir
    Path folder;

    private final Instruments meters = new Instruments();

    @AfterEach
    void stop() {
        meters.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "JSON   | [{\"@timestamp\":\"t\",\"n\":1},{\"@timestamp\":\"t\",\"n\":2}]",
                "NDJSON | `{\"@timestamp\":\"t\",\"n\":1}\n{\"@timestamp\":\"t\",\"n\":2}\n`",
                "SINGLE | {\"@timestamp\":\"t\",\"n\":1}"
            })
    void events_are_posted_as(SinkSpec.Http.Body body, String posted) throws Exception {
        for (boolean gzip : List.of(false, true)) {
            try (var server = new ScriptedHttp(_ -> new Answer(201, "{}"));
                    var sink = sink(server.url() + "/in", body, gzip, Optional.empty())) {
                assertThat(sink.write(batch("{\"@timestamp\":\"t\",\"n\":1}", "{\"@timestamp\":\"t\",\"n\":2}")))
                        .containsOnly(Delivery.delivered());
                var first = server.requests().getFirst();
                assertThat(first.text()).isEqualTo(posted);
                assertThat(first.method()).isEqualTo("POST");
                assertThat(first.headers()).containsEntry("x-scope", "shop").doesNotContainKey("authorization");
                assertThat(server.requests()).hasSize(body == SinkSpec.Http.Body.SINGLE ? 2 : 1);
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "200, Delivered", "204, Delivered", "301, Retry", "307, Retry", "401, Retry", "403, Retry", "404, Rejected",
        "408, Retry", "409, Rejected", "410, Rejected", "413, Rejected", "422, Rejected", "425, Retry", "429, Retry",
        "500, Retry", "501, Retry", "503, Retry", "599, Retry"
    })
    void what_an_answer_means(int status, String verdict) throws Exception {
        try (var server = new ScriptedHttp(_ -> new Answer(status, status == 204 ? "" : "too bad\n for you"));
                var sink = sink(server.url() + "/", Optional.empty())) {
            var delivery = sink.write(batch("{}")).getFirst();
            assertThat(delivery.getClass().getSimpleName()).isEqualTo(verdict);
            if (delivery instanceof Delivery.Rejected(var reason)) {
                assertThat(reason).contains("answered " + status, "too bad for you");
            }
            if (delivery instanceof Delivery.Retry retry) {
                assertThat(retry.cause() == Delivery.Retry.Cause.NOT_ALLOWED)
                        .as("somebody has to mend something")
                        .isEqualTo(status == 401 || status == 403);
            }
            assertThat(meters.value(Meter.SINK_ANSWERS, "core", "stash", "" + status))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "Retry-After: {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "7                             | PT7S",
                "Mon, 30 Nov 2026 07:01:00 GMT | PT1M",
                "99999999                      | PT10M",
                "soon                          | PT1S",
                "0                             | PT1S"
            })
    void a_server_may_ask_for_patience_to_a_limit(String asked, Duration waits) throws Exception {
        try (var server = new ScriptedHttp(_ -> new Answer(429, "", Map.of("Retry-After", asked)));
                var sink = sink(server.url() + "/", Optional.empty())) {
            assertThat(sink.write(batch("{}")).getFirst())
                    .isInstanceOfSatisfying(
                            Delivery.Retry.class,
                            retry -> assertThat(retry.after()).isEqualTo(waits));
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(ints = {401, 403, 429, 503})
    void a_server_that_wants_nothing_now_is_not_asked_for_each_event(int status) throws Exception {
        try (var server = new ScriptedHttp(request ->
                        new Answer(request.path().equals("/a") ? status : 200, "", Map.of("Retry-After", "7")));
                var sink = sink(server.url() + "/%{to}", SinkSpec.Http.Body.SINGLE, false, Optional.empty())) {
            var deliveries = sink.write(batch("{\"to\":\"a\"}", "{\"to\":\"a\"}", "{\"to\":\"b\"}", "{\"to\":\"a\"}"));
            assertThat(server.requests()).extracting(ScriptedHttp.Request::path).containsExactly("/a", "/b");
            assertThat(deliveries.get(2)).isEqualTo(Delivery.delivered());
            assertThat(List.of(deliveries.get(0), deliveries.get(1), deliveries.get(3)))
                    .allMatch(Delivery.Retry.class::isInstance);
        }
    }

    @Test
    void halves_are_not_sent_on_to_a_server_that_wants_nothing_now() throws Exception {
        var statuses = List.of(413, 429, 200).iterator();
        try (var server = new ScriptedHttp(_ -> new Answer(statuses.next(), ""));
                var sink = sink(server.url() + "/", Optional.empty())) {
            assertThat(sink.write(batch("{}", "{}", "{}", "{}"))).allMatch(Delivery.Retry.class::isInstance);
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void a_server_that_answers_a_failure_to_one_event_is_asked_for_the_others() throws Exception {
        try (var server = new ScriptedHttp(request -> new Answer(request.text().contains("bad") ? 500 : 200, ""));
                var sink = sink(server.url() + "/", SinkSpec.Http.Body.SINGLE, false, Optional.empty())) {
            var deliveries = sink.write(batch("{\"n\":\"bad\"}", "{\"n\":2}"));
            assertThat(deliveries.get(0)).isInstanceOf(Delivery.Retry.class);
            assertThat(deliveries.get(1)).isEqualTo(Delivery.delivered());
        }
    }

    @Test
    void a_batch_does_not_wait_for_a_silent_server_once_for_each_event() throws Exception {
        var ten = java.util.stream.IntStream.range(0, 10)
                .mapToObj("{\"n\":%d}"::formatted)
                .toArray(String[]::new);
        try (var server = new ScriptedHttp(_ -> new ScriptedHttp.Reply.Silence());
                var sink = hasty(server.url() + "/%{n}")) {
            assertThat(sink.write(batch(ten))).hasSize(10).allMatch(Delivery.Retry.class::isInstance);
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void the_event_that_is_to_blame_is_found_and_the_others_are_delivered() throws Exception {
        try (var server = new ScriptedHttp(
                        request -> new Answer(request.text().contains("bad") ? 400 : 200, "not this"));
                var sink = sink(server.url() + "/", Optional.empty())) {
            var deliveries = sink.write(batch("{\"n\":1}", "{\"n\":2}", "{\"n\":\"bad\"}", "{\"n\":4}", "{\"n\":5}"));
            assertThat(deliveries.get(2)).isInstanceOf(Delivery.Rejected.class);
            assertThat(deliveries)
                    .filteredOn(Delivery.Delivered.class::isInstance)
                    .hasSize(4);
        }
    }

    @Test
    void a_redirect_is_told_and_nothing_goes_there() throws Exception {
        try (var thief = new ScriptedHttp(_ -> new Answer(200, ""));
                var server =
                        new ScriptedHttp(_ -> new Answer(307, "", Map.of("Location", thief.url() + "/?token=theirs")));
                var sink = sink(server.url() + "/", Optional.of(token("secret-token")))) {
            assertThat(sink.write(batch("{}")).getFirst())
                    .isInstanceOfSatisfying(
                            Delivery.Retry.class,
                            retry -> assertThat(retry.reason())
                                    .contains(
                                            "Redirects are not followed",
                                            thief.url().toString())
                                    .doesNotContain("secret-token", "theirs"));
            assertThat(thief.requests()).isEmpty();
            assertThat(server.requests().getFirst().headers()).containsEntry("authorization", "Bearer secret-token");
        }
    }

    @Test
    void a_secret_that_was_changed_is_used_when_the_old_one_is_refused() throws Exception {
        var auth = token("old");
        try (var server = new ScriptedHttp(request ->
                        new Answer("Bearer new".equals(request.headers().get("authorization")) ? 200 : 401, "who?"));
                var sink = sink(server.url() + "/", Optional.of(auth))) {
            assertThat(sink.write(batch("{}")).getFirst()).isInstanceOf(Delivery.Retry.class);
            Files.writeString(folder.resolve("token"), "new\n");
            assertThat(sink.write(batch("{}"))).containsOnly(Delivery.delivered());
        }
    }

    @Test
    void a_password_goes_as_basic_and_a_missing_file_is_told_at_the_start() throws Exception {
        Files.writeString(folder.resolve("password"), "pä:ss\n");
        var auth = new SinkSpec.HttpAuth(Optional.of("me"), Optional.of(folder.resolve("password")), Optional.empty());
        try (var server = new ScriptedHttp(_ -> new Answer(200, ""));
                var sink = sink(server.url() + "/", Optional.of(auth))) {
            sink.write(batch("{}"));
            assertThat(server.requests().getFirst().headers())
                    .containsEntry(
                            "authorization",
                            "Basic "
                                    + java.util.Base64.getEncoder()
                                            .encodeToString("me:pä:ss".getBytes(StandardCharsets.UTF_8)));
            Files.delete(folder.resolve("password"));
            var other = sink(server.url() + "/", Optional.of(auth));
            assertThatThrownBy(other::open).hasMessageContaining("is not there").hasMessageContaining("sink stash");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "shop web        | /in/shop%20web/x",
                "a/../b          | /in/a%2F..%2Fb/x",
                "x?y=1#z&%2e     | /in/x%3Fy%3D1%23z%26%252e/x",
                "ü               | /in/%C3%BC/x",
                "..              | dead",
                ".               | dead",
                "''              | dead"
            })
    void what_an_event_fills_in_stays_within_its_place(String value, String path) throws Exception {
        try (var server = new ScriptedHttp(_ -> new Answer(200, ""));
                var sink = sink(server.url() + "/in/%{s}/x", Optional.empty())) {
            var delivery = sink.write(batch(Json.write(Map.of("s", value)))).getFirst();
            if (path.equals("dead")) {
                assertThat(delivery).isInstanceOf(Delivery.Rejected.class);
                assertThat(server.requests()).isEmpty();
            } else {
                assertThat(server.requests().getFirst().path()).isEqualTo(path);
            }
        }
    }

    @ParameterizedTest(name = "cut after {0} bytes of the answer")
    @ValueSource(ints = {0, 1, 9, 12, 40, 70})
    void wherever_the_answer_is_cut_the_events_come_again(int bytes) throws Exception {
        try (var server = new ScriptedHttp(_ -> new ScriptedHttp.Reply.Cut(new Answer(200, "{\"a\":1}"), bytes));
                var sink = sink(server.url() + "/", Optional.empty())) {
            assertThat(sink.write(batch("{}")).getFirst()).isInstanceOf(Delivery.Retry.class);
            server.script(_ -> new Answer(200, ""));
            assertThat(sink.write(batch("{}"))).containsOnly(Delivery.delivered());
        }
    }

    @Test
    void a_server_that_says_nothing_or_is_not_there_is_waited_for_to_a_limit() throws Exception {
        try (var server = new ScriptedHttp(_ -> new ScriptedHttp.Reply.Silence())) {
            var sink = hasty(server.url() + "/");
            assertThat(sink.write(batch("{}")).getFirst())
                    .isInstanceOfSatisfying(
                            Delivery.Retry.class,
                            retry -> assertThat(retry.reason()).contains("no whole answer within 3 s"));
            server.close();
            assertThat(sink.write(batch("{}")).getFirst())
                    .isInstanceOfSatisfying(
                            Delivery.Retry.class,
                            retry -> assertThat(retry.reason()).contains("nobody listens there"));
            sink.close();
        }
    }

    @Test
    void our_own_source_takes_it_over_tls_and_no_other_certificate_is_believed() throws Exception {
        var certificates = Certificates.make(folder, "server", "client");
        var inlet = new MemoryInlet();
        var spec = new SourceSpec.Http(
                "127.0.0.1",
                0,
                "/",
                ByteSize.parse("1MiB"),
                Optional.of(new ServerTls(
                        certificates.crt("server"),
                        certificates.key("server"),
                        Optional.of(certificates.crt("client")))),
                false);
        try (var source = new HttpSource(spec, "core", meters, InstantSource.system(), HttpSource.PATIENCE)) {
            source.start(inlet);
            var url = "https://127.0.0.1:" + source.port() + "/";
            var ours = new ClientTls(
                    Optional.of(certificates.crt("server")),
                    Optional.of(certificates.crt("client")),
                    Optional.of(certificates.key("client")),
                    true);
            try (var sink = sink(url, SinkSpec.Http.Body.NDJSON, true, Optional.empty(), Optional.of(ours))) {
                assertThat(sink.write(batch("{\"n\":1}"))).containsOnly(Delivery.delivered());
            }
            var strangers =
                    new ClientTls(Optional.of(certificates.crt("client")), Optional.empty(), Optional.empty(), true);
            try (var sink = sink(url, SinkSpec.Http.Body.NDJSON, true, Optional.empty(), Optional.of(strangers))) {
                assertThat(sink.write(batch("{\"n\":1}")).getFirst()).isInstanceOf(Delivery.Retry.class);
            }
            assertThat(inlet.events).hasSize(1);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "https://%{host}/",
                "stash:8080",
                "ftp://stash/",
                "https://me:secret@stash/",
                "https://stash/#x",
                "https://stash/a b",
                "https://stash/%zz",
                "https://stash/a[b]",
                "https://stash/%%{x}",
                "https://stash:99999/",
                "https://1.2.3/",
                "https://shop_stash/"
            })
    void urls_that_are_none_or_let_an_event_choose_the_server_are_refused(String url) {
        assertThatThrownBy(() -> sink(url, Optional.empty())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_name_with_an_underscore_is_told_as_such() {
        assertThatThrownBy(() -> sink("http://shop_stash:8080/", Optional.empty()))
                .hasMessageContaining("shop_stash")
                .hasMessageContaining("alias");
    }

    private SinkSpec.HttpAuth token(String token) throws IOException {
        Files.writeString(folder.resolve("token"), token + "\n");
        return new SinkSpec.HttpAuth(Optional.empty(), Optional.empty(), Optional.of(folder.resolve("token")));
    }

    private HttpSink sink(String url, Optional<SinkSpec.HttpAuth> auth) {
        return sink(url, SinkSpec.Http.Body.JSON, false, auth);
    }

    private HttpSink sink(String url, SinkSpec.Http.Body body, boolean gzip, Optional<SinkSpec.HttpAuth> auth) {
        return sink(url, body, gzip, auth, Optional.empty());
    }

    private HttpSink sink(
            String url,
            SinkSpec.Http.Body body,
            boolean gzip,
            Optional<SinkSpec.HttpAuth> auth,
            Optional<ClientTls> tls) {
        return sink(url, body, gzip, auth, tls, Duration.ofSeconds(60));
    }

    /// One that does not wait long for an answer.
    private HttpSink hasty(String url) {
        return sink(url, SinkSpec.Http.Body.JSON, false, Optional.empty(), Optional.empty(), Duration.ofSeconds(3));
    }

    private HttpSink sink(
            String url,
            SinkSpec.Http.Body body,
            boolean gzip,
            Optional<SinkSpec.HttpAuth> auth,
            Optional<ClientTls> tls,
            Duration timeout) {
        var spec = new SinkSpec.Http(
                FieldTemplate.parse(url),
                SinkSpec.Http.Method.POST,
                body,
                Map.of("X-Scope", "shop"),
                auth,
                tls,
                gzip,
                1000,
                ByteSize.parse("1MiB"),
                Duration.ZERO,
                4,
                timeout);
        return new HttpSink("core", "stash", spec, meters, InstantSource.fixed(NOW));
    }

    private static Batch batch(String... events) {
        return new Batch(Arrays.stream(events).map(json -> Event.of(json, NOW)).toList());
    }
}
