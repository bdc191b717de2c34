package io.logroute.parts.elastic;

import static io.logroute.parts.elastic.Events.batch;
import static io.logroute.parts.elastic.Events.event;
import static io.logroute.parts.elastic.Events.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Delivery.Rejected;
import io.logroute.flow.Delivery.Retry;
import io.logroute.flow.Event;
import io.logroute.flow.NotAllowed;
import io.logroute.flow.Preparation;
import io.logroute.remote.Elastic;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import io.logroute.testbed.ScriptedHttp.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ElasticSinkTest {
    private static final Delivery DELIVERED = Delivery.delivered();
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Instruments meters = new Instruments();

    @TempDir
    Path folder = Path.of("");

    private ScriptedHttp server = silent();

    private static ScriptedHttp silent() {
        try {
            return new ScriptedHttp(_ -> new Reply.Silence());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void everything_is_taken() {
        server.script(ElasticSinkTest::created);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        meters.close();
    }

    @Test
    void a_batch_goes_in_one_request_of_plain_ndjson() throws Exception {
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.write(numbered(3))).containsExactly(DELIVERED, DELIVERED, DELIVERED);
        }
        assertThat(server.requests()).hasSize(1);
        var request = server.requests().getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).startsWith("/_bulk?filter_path=errors%2Citems");
        assertThat(request.headers())
                .containsEntry("content-type", "application/x-ndjson")
                .containsEntry("accept", "application/json")
                .doesNotContainKey("authorization");
        assertThat(request.text()).isEqualTo("""
                {"create":{"_index":"logs-2026.11.23","_id":"b7-0"}}
                {"@timestamp":"2026-11-23T12:00:00Z","n":0}
                {"create":{"_index":"logs-2026.11.23","_id":"b7-1"}}
                {"@timestamp":"2026-11-23T12:00:00Z","n":1}
                {"create":{"_index":"logs-2026.11.23","_id":"b7-2"}}
                {"@timestamp":"2026-11-23T12:00:00Z","n":2}
                """);
    }

    @Test
    void a_body_can_be_zipped() throws Exception {
        try (var sink = Sinks.at(server.url()).zipped().sink(meters)) {
            assertThat(sink.write(numbered(500))).hasSize(500).containsOnly(DELIVERED);
        }
        var request = server.requests().getFirst();
        assertThat(request.headers()).containsEntry("content-encoding", "gzip");
        assertThat(request.documents()).isEqualTo(500);
        assertThat(request.body()).hasSizeLessThan(request.text().length() / 3);
    }

    @Test
    void each_item_has_its_own_verdict() throws Exception {
        server.script(_ -> answer(200, """
                {"errors": true, "items": [
                  {"create": {"status": 201}},
                  {"create": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "there"}}},
                  {"create": {"status": 400, "error": {"type": "document_parsing_exception", "reason": "no long",
                     "caused_by": {"type": "x", "reason": "y"}}}},
                  {"create": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}}]}
                """));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.write(numbered(4)))
                    .containsExactly(
                            DELIVERED,
                            DELIVERED,
                            new Rejected("elasticsearch answered 400: document_parsing_exception: no long"),
                            new Retry(
                                    "elasticsearch answered 429: es_rejected_execution_exception: full",
                                    Duration.ofMillis(500)));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            too few items       | {"errors":false,"items":[{"create":{"status":201}}]}
            too many items      | {"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]}
            no items            | {"errors":true}
            cut short           | {"errors":false,"items":[{"create":{"status":201}},{"create":{"stat
            not JSON            | <html>welcome</html>
            another JSON        | {"cluster_name":"x"}
            a list              | []
            nothing             | ''
            no status           | {"errors":false,"items":[{"create":{}},{"create":{"status":201}}]}
            a strange status    | {"errors":false,"items":[{"create":{"status":"201"}},{"create":{"status":201}}]}
            one after the other | {"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]} {}
            """)
    void an_answer_that_cannot_be_understood_tells_nothing_of_the_batch(String why, String body) throws Exception {
        server.script(_ -> answer(200, body));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThatThrownBy(() -> sink.write(numbered(2)))
                    .as(why)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("bulk answer");
            server.script(ElasticSinkTest::created);
            assertThat(sink.write(numbered(2))).containsOnly(DELIVERED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 80, 140})
    void a_connection_that_ends_in_the_middle_of_the_answer_tells_nothing_of_the_batch(int bytes) throws Exception {
        server.script(request -> new Reply.Cut((Reply.Answer) created(request), bytes));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThatThrownBy(() -> sink.write(numbered(2))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void what_is_not_http_tells_nothing_of_the_batch() throws Exception {
        server.script(_ -> new Reply.Noise("220 smtp ready\r\n"));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThatThrownBy(() -> sink.write(numbered(2))).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"429, 500", "500, 500", "502, 500", "503, 500", "504, 500", "401, 10000", "403, 10000", "404, 10000"})
    void a_request_that_is_turned_away_is_tried_again(int status, long after) throws Exception {
        server.script(
                _ -> answer(status, "{\"error\":{\"type\":\"t\",\"reason\":\"r\"},\"status\":%d}".formatted(status)));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.write(numbered(2))).hasSize(2).allSatisfy(each -> {
                assertThat(each).isInstanceOf(Retry.class);
                assertThat(((Retry) each).after()).hasMillis(after);
                assertThat(((Retry) each).reason()).contains(status + ": t: r");
            });
        }
    }

    @Test
    void a_request_that_is_too_large_is_halved_until_it_passes() throws Exception {
        server.script(request -> request.documents() > 3 ? answer(413, "too large") : created(request));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.write(numbered(10))).hasSize(10).containsOnly(DELIVERED);
        }
        var stored = server.requests().stream()
                .filter(request -> request.documents() <= 3)
                .flatMap(request -> request.text().lines().filter(line -> line.contains("\"n\":")))
                .toList();
        assertThat(stored)
                .containsExactlyElementsOf(IntStream.range(0, 10)
                        .mapToObj("{\"@timestamp\":\"2026-11-23T12:00:00Z\",\"n\":%d}"::formatted)
                        .toList());
        assertThat(meters.value(Meter.RETRIES, "core", "es", "too_large")).isEqualTo(20);
    }

    @Test
    void one_event_that_is_too_large_is_rejected_and_the_others_are_delivered() throws Exception {
        server.script(request -> request.text().contains("\"n\":5}") ? answer(413, "") : created(request));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            var deliveries = sink.write(numbered(8));
            assertThat(deliveries.get(5)).isEqualTo(new Rejected("too_large: elasticsearch answered 413"));
            assertThat(deliveries).filteredOn(DELIVERED::equals).hasSize(7);
        }
    }

    @Test
    void an_event_for_which_the_whole_request_is_refused_is_found_and_rejected() throws Exception {
        server.script(request -> request.text().contains("\"n\":2}")
                ? answer(400, "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"bad\"},\"status\":400}")
                : created(request));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            var deliveries = sink.write(numbered(4));
            assertThat(deliveries.get(2))
                    .isEqualTo(new Rejected("elasticsearch answered 400: illegal_argument_exception: bad"));
            assertThat(deliveries).filteredOn(DELIVERED::equals).hasSize(3);
        }
    }

    @Test
    void a_400_that_is_not_elasticsearchs_rejects_nothing() throws Exception {
        server.script(_ -> answer(400, "<html>bad request</html>"));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.write(numbered(2)))
                    .allSatisfy(each -> assertThat(each).isInstanceOf(Retry.class));
        }
    }

    @Test
    void what_is_known_of_one_half_stays_known_when_the_other_fails() throws Exception {
        server.script(request -> request.documents() > 2
                ? answer(413, "")
                : request.text().contains("\"n\":3}") ? answer(200, "garbage") : created(request));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            var deliveries = sink.write(numbered(4));
            assertThat(deliveries.subList(0, 2)).containsOnly(DELIVERED);
            assertThat(deliveries.subList(2, 4))
                    .allSatisfy(each -> assertThat(each).isInstanceOf(Retry.class));
        }
    }

    /// The sink as a drain uses it: what is not settled comes again, a minute later.
    private static List<Delivery> drained(ElasticSink sink, Batch batch, int minutes, Hand hand) throws Exception {
        var events = new ArrayList<>(batch.events());
        var settled = new HashMap<Event, Delivery>();
        for (int i = 0; i < minutes && !events.isEmpty(); i++) {
            try {
                var deliveries = sink.write(new Batch(List.copyOf(events)));
                for (int k = deliveries.size() - 1; k >= 0; k--) {
                    if (!(deliveries.get(k) instanceof Retry)) {
                        settled.put(events.remove(k), deliveries.get(k));
                    }
                }
            } catch (IOException e) {
                assertThat(e).isInstanceOf(Elastic.Dropped.class);
            }
            hand.now = hand.now.plusSeconds(60);
        }
        return batch.events().stream()
                .map(event -> settled.getOrDefault(event, new Retry("", Duration.ZERO)))
                .toList();
    }

    private static final class Hand implements InstantSource {
        Instant now = Instant.parse("2026-11-23T12:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }
    }

    private static final Reply DROP = new Reply.Cut(new Reply.Answer(200, ""), 0);

    /// What Elasticsearch says of a document that is no object.
    private static Reply ofWitness() {
        return answer(
                200,
                "{\"errors\":true,\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":\"t\",\"reason\":\"r\"}}}]}");
    }

    private static boolean isWitness(ScriptedHttp.Request request) {
        return request.text().endsWith("}\n0\n");
    }

    @Test
    void an_event_at_which_the_connection_ends_each_time_is_found_and_goes_to_the_dead_letters() throws Exception {
        server.script(request ->
                isWitness(request) ? ofWitness() : request.text().contains("\"n\":5}") ? DROP : created(request));
        var hand = new Hand();
        try (var sink = Sinks.at(server.url()).sink(meters, hand)) {
            var batch = numbered(8);
            assertThat(drained(sink, batch, 3, hand))
                    .filteredOn(DELIVERED::equals)
                    .hasSize(7);
            var deliveries = drained(sink, new Batch(List.of(batch.events().get(5))), 20, hand);
            assertThat(deliveries)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            rejected -> assertThat(rejected.reason())
                                    .matches(
                                            "elasticsearch ended the connection without an answer each of the \\d times that this event was"
                                                    + " sent alone, over 3\\d\\d s, and answered to others meanwhile"));
        }
    }

    @Test
    void an_event_alone_in_its_batch_is_found_when_others_are_answered_and_not_before_five_minutes() throws Exception {
        server.script(request ->
                isWitness(request) ? ofWitness() : request.text().contains("\"n\":0}") ? DROP : created(request));
        var hand = new Hand();
        try (var sink = Sinks.at(server.url()).sink(meters, hand)) {
            var alone = numbered(1);
            assertThat(drained(sink, alone, 3, hand)).hasOnlyElementsOfType(Retry.class);
            assertThat(sink.write(batch(event(7, "{\"@timestamp\":\"2026-11-23T12:00:00Z\"}"))))
                    .containsExactly(DELIVERED);
            assertThat(drained(sink, alone, 2, hand)).hasOnlyElementsOfType(Retry.class);
            assertThat(drained(sink, alone, 1, hand)).hasOnlyElementsOfType(Rejected.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "503", "html"})
    void an_outage_sends_no_event_to_the_dead_letters_however_long_it_lasts(String how) throws Exception {
        server.script(request -> !isWitness(request)
                ? DROP
                : switch (how) {
                    case "503" -> answer(503, "{\"error\":{\"type\":\"t\",\"reason\":\"r\"}}");
                    case "html" -> answer(400, "<html>bad request</html>");
                    default -> DROP;
                });
        var hand = new Hand();
        try (var sink = Sinks.at(server.url()).sink(meters, hand)) {
            assertThat(drained(sink, numbered(8), 100, hand)).hasSize(8).hasOnlyElementsOfType(Retry.class);
            assertThat(drained(sink, numbered(1), 100, hand)).hasOnlyElementsOfType(Retry.class);
        }
        assertThat(server.requests()).as("no more than two requests a try").hasSizeLessThan(2 * 200 + 1);
    }

    @Test
    void where_no_real_event_is_answered_few_requests_are_made_and_none_goes_to_the_dead_letters() throws Exception {
        server.script(request -> isWitness(request) ? ofWitness() : DROP);
        var hand = new Hand();
        try (var sink = Sinks.at(server.url()).sink(meters, hand)) {
            drained(sink, numbered(2000), 3, hand);
            assertThat(server.requests()).hasSizeLessThan(60);
            assertThat(drained(sink, numbered(3), 100, hand))
                    .as("what answers to nothing that is real proves nothing")
                    .hasOnlyElementsOfType(Retry.class);
        }
    }

    @Test
    void an_event_without_an_index_is_rejected_and_the_others_are_delivered() throws Exception {
        try (var sink = Sinks.at(server.url()).index("%{app}-%{+yyyy}").sink(meters)) {
            var deliveries = sink.write(batch(
                    event(1, "{\"app\":\"web\"}"),
                    event(2, "{\"other\":1}"),
                    event(3, "{}", new Address("r", 0, Optional.of("Mine/2"))),
                    event(4, "{}", new Address("r", 0, Optional.of("..")))));
            assertThat(deliveries)
                    .containsExactly(
                            DELIVERED,
                            new Rejected("the index %{app}-%{+yyyy} needs the field app, which the event has not"),
                            DELIVERED,
                            new Rejected("the index of the event has no character that an index may begin with; its"
                                    + " template is .."));
        }
        assertThat(indices(server.requests().getFirst())).containsExactly("web-2026", "mine-2");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            fine             | shop-web           | shop-web
            upper case       | Shop               | shop
            illegal          | 'a/b c:d*'         | a-b-c-d-
            a leading sign   | _internal          | internal
            a dot            | ..                 | ''
            nothing          | ''                 | ''
            """)
    void no_name_of_an_index_is_tried_again_for_ever(String why, String app, String index) throws Exception {
        server.script(ElasticSinkTest::checkingNames);
        try (var sink = Sinks.at(server.url()).index("%{app}").sink(meters)) {
            var delivery = sink.write(batch(event(1, "{\"app\":\"%s\"}".formatted(app))))
                    .getFirst();
            if (index.isEmpty()) {
                assertThat(delivery).as(why).isInstanceOf(Rejected.class);
                assertThat(((Rejected) delivery).reason()).contains("has no character that an index may begin with");
                assertThat(server.requests()).isEmpty();
            } else {
                assertThat(delivery).as(why).isEqualTo(DELIVERED);
                assertThat(indices(server.requests().getFirst())).containsExactly(index);
            }
        }
    }

    /// A server with rules that we do not know of: its reason is the dead letter's.
    @Test
    void a_name_that_is_refused_all_the_same_is_a_dead_letter_in_the_servers_words() throws Exception {
        server.script(request -> answer(200, """
                {"errors": true, "items": [
                  {"create": {"_index": "a", "status": 201}},
                  {"create": {"_index": "forbidden", "status": 400, "error": {"type": "invalid_index_name_exception",
                     "reason": "Invalid index name [forbidden], must not be forbidden"}}},
                  {"create": {"_index": "b", "status": 404, "error": {"type": "index_not_found_exception",
                     "reason": "no such index [b] and [action.auto_create_index] contains [-b]"}}}]}
                """));
        try (var sink = Sinks.at(server.url()).index("%{app}").sink(meters)) {
            assertThat(sink.write(batch(
                            event(1, "{\"app\":\"a\"}"),
                            event(2, "{\"app\":\"forbidden\"}"),
                            event(3, "{\"app\":\"b\"}"))))
                    .containsExactly(
                            DELIVERED,
                            new Rejected("elasticsearch answered 400: invalid_index_name_exception: Invalid index name"
                                    + " [forbidden], must not be forbidden"),
                            new Rejected("elasticsearch answered 404: index_not_found_exception: no such index [b] and"
                                    + " [action.auto_create_index] contains [-b]"));
        }
    }

    /// Refuses names as Elasticsearch does.
    private static Reply checkingNames(Request request) {
        var items = indices(request).stream()
                .map(name -> IndexNameTest.refusal(name).isEmpty()
                        ? "{\"create\":{\"status\":201}}"
                        : "{\"create\":{\"status\":400,\"error\":{\"type\":\"invalid_index_name_exception\",\"reason\":\"%s\"}}}"
                                .formatted(IndexNameTest.refusal(name)))
                .collect(Collectors.joining(","));
        return answer(200, "{\"errors\":true,\"items\":[" + items + "]}");
    }

    @Test
    void when_no_event_has_an_index_nothing_is_sent() throws Exception {
        try (var sink = Sinks.at(server.url()).index("%{app}").sink(meters)) {
            assertThat(sink.write(batch(event(1, "{}"))).getFirst()).isInstanceOf(Rejected.class);
        }
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({
        "2026-12-28T12:00:00Z,      logs-2026.12.28",
        "2026-12-31T23:59:59.999Z,  logs-2026.12.31",
        "2027-01-01T00:00:00Z,      logs-2027.01.01",
        "2027-01-01T00:30:00+01:00, logs-2026.12.31",
        "2024-12-30T10:00:00Z,      logs-2024.12.30"
    })
    void the_index_is_of_the_events_own_day_and_calendar_year(String timestamp, String index) throws Exception {
        try (var sink = Sinks.at(server.url()).index("logs-%{+YYYY.MM.dd}").sink(meters)) {
            sink.write(batch(event(1, "{\"@timestamp\":\"" + timestamp + "\"}")));
        }
        assertThat(indices(server.requests().getFirst())).containsExactly(index);
    }

    @Test
    void a_node_that_is_down_costs_nothing_when_another_is_up() throws Exception {
        try (var sink = Sinks.at(nobodyListens(), server.url()).sink(meters)) {
            for (int i = 0; i < 10; i++) {
                assertThat(sink.write(numbered(2))).containsOnly(DELIVERED);
            }
        }
        assertThat(server.requests()).hasSize(10);
    }

    @Test
    void a_node_that_answers_503_is_passed_over() throws Exception {
        try (var ill = new ScriptedHttp(_ -> answer(503, ""));
                var sink = Sinks.at(ill.url(), server.url()).sink(meters)) {
            for (int i = 0; i < 5; i++) {
                assertThat(sink.write(numbered(2))).containsOnly(DELIVERED);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            an endless body     | Transfer-Encoding: chunked     | answered more than 1 MiB
            a very long body    | Content-Length: 95000000       | answered more than 1 MiB
            a body longer than numbers | Content-Length: 9000000000000000000 | answered more than 1 MiB
            endless headers     |                                | longer or more headers
            one endless header  | X:                             | longer or more headers
            """)
    void an_answer_without_end_is_not_read_on_and_the_next_counts(String why, @Nullable String header, String words)
            throws Exception {
        var filler = "a".repeat(8000);
        var head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
        var endless = switch (why) {
            case "an endless body" -> new Reply.Endless(head + header + "\r\n\r\n", "1f40\r\n" + filler + "\r\n");
            case "endless headers" -> new Reply.Endless(head, "X-A: " + filler + "\r\n");
            case "one endless header" -> new Reply.Endless(head + header, filler);
            default -> new Reply.Endless(head + header + "\r\n\r\n", filler);
        };
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            for (int i = 0; i < 3; i++) {
                server.script(_ -> endless);
                var began = System.nanoTime();
                assertThatThrownBy(() -> sink.write(numbered(2)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(server.url() + ": ")
                        .hasMessageContaining(words)
                        .hasMessageContaining("is this Elasticsearch?");
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .as("far less than an answer may take")
                        .isLessThan(Duration.ofSeconds(30));
                server.script(ElasticSinkTest::created);
                assertThat(sink.write(numbered(2))).containsOnly(DELIVERED);
            }
        }
        // What the systems' own buffers take on loopback counts as taken.
        assertThat(server.endlessBytes()).isLessThan(3 * (20L << 20));
    }

    @Test
    void a_zipped_answer_that_nobody_asked_for_does_not_unfold_without_end() throws Exception {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            for (int i = 0; i < 500; i++) {
                gzip.write(new byte[100_000]);
            }
        }
        server.script(_ -> new Reply.Noise("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                + zipped.size() + "\r\n\r\n" + zipped.toString(StandardCharsets.ISO_8859_1)));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThatThrownBy(() -> sink.write(numbered(2)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("answered more than 1 MiB");
        }
    }

    @Test
    void an_answer_that_quotes_long_documents_is_read() throws Exception {
        var quoted = "q".repeat(2 << 20);
        server.script(_ -> answer(200, """
                {"errors": true, "items": [{"create": {"status": 400,
                  "error": {"type": "document_parsing_exception", "reason": "%s"}}}]}""".formatted(quoted)));
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.write(batch(event(1, "{\"long\":\"" + quoted + "\"}"))))
                    .hasOnlyElementsOfType(Rejected.class);
        }
    }

    @Test
    void when_no_node_is_up_the_message_names_them() throws Exception {
        var nobody = nobodyListens();
        try (var sink = Sinks.at(nobody).sink(meters)) {
            assertThatThrownBy(() -> sink.write(numbered(2)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(nobody.toString())
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void closing_ends_a_write_under_way() throws Exception {
        server.script(_ -> new Reply.Silence());
        var sink = Sinks.at(server.url()).sink(meters);
        var writing = CompletableFuture.supplyAsync(() -> {
            try {
                return sink.write(numbered(2));
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await().atMost(SOON).until(() -> server.requests().size() == 1);
        sink.close();
        assertThat(writing)
                .failsWithin(20, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("closed");
        assertThatThrownBy(() -> sink.write(numbered(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        sink.close();
    }

    @Test
    void an_interrupt_ends_a_write_under_way() throws Exception {
        server.script(_ -> new Reply.Silence());
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            var outcome = new CompletableFuture<Exception>();
            var writing = Thread.ofVirtual().start(() -> {
                try {
                    sink.write(numbered(2));
                } catch (IOException | InterruptedException e) {
                    outcome.complete(e);
                }
            });
            Awaitility.await().atMost(SOON).until(() -> server.requests().size() == 1);
            writing.interrupt();
            assertThat(outcome).succeedsWithin(20, TimeUnit.SECONDS).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void closing_is_safe_without_a_write() {
        var sink = Sinks.at(server.url()).sink(meters);
        sink.close();
        sink.close();
    }

    @Test
    void a_missing_secret_is_told_at_the_start_with_its_path() {
        var missing = folder.resolve("es-password");
        try (var sink = Sinks.at(server.url()).auth(user(missing)).sink(meters)) {
            assertThatThrownBy(sink::open)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "sink es: %s is not there; give the router a secret with the password under that path,"
                                    + " or mend auth.passwordFile of the sink",
                            missing);
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void an_empty_secret_is_told_at_the_start() throws Exception {
        var empty = Files.writeString(folder.resolve("key"), "\n");
        try (var sink = Sinks.at(server.url()).auth(apiKey(empty)).sink(meters)) {
            assertThatThrownBy(sink::open).hasMessageContaining(empty + " has nothing in it");
        }
    }

    @Test
    void an_unknown_template_is_told_at_the_start_with_those_there_are() {
        try (var sink = Sinks.at(server.url()).template("nginx").sink(meters)) {
            assertThatThrownBy(sink::open).hasMessage("sink es: there is no template \"nginx\"; there are: ampbeat");
        }
    }

    @Test
    void a_user_and_an_api_key_go_into_the_header() throws Exception {
        var password = Files.writeString(folder.resolve("p"), "pä:ss\n");
        var key = Files.writeString(folder.resolve("k"), "abc==\n");
        try (var one = Sinks.at(server.url()).auth(user(password)).sink(meters);
                var other = Sinks.at(server.url()).auth(apiKey(key)).sink(meters)) {
            one.write(numbered(1));
            other.write(numbered(1));
        }
        assertThat(server.requests().get(0).headers())
                .containsEntry(
                        "authorization", "Basic " + Base64.getEncoder().encodeToString("me:pä:ss".getBytes("UTF-8")));
        assertThat(server.requests().get(1).headers()).containsEntry("authorization", "ApiKey abc==");
    }

    @Test
    void a_secret_that_was_rotated_is_read_when_the_old_one_is_refused() throws Exception {
        var key = Files.writeString(folder.resolve("k"), "old");
        server.script(request -> "ApiKey new".equals(request.headers().get("authorization"))
                ? created(request)
                : answer(401, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"},\"status\":401}"));
        try (var sink = Sinks.at(server.url()).auth(apiKey(key)).sink(meters)) {
            assertThat(sink.write(numbered(1)))
                    .containsExactly(new Retry(
                            "not allowed: elasticsearch answered 401: security_exception: no",
                            Duration.ofSeconds(10),
                            Retry.Cause.NOT_ALLOWED));
            Files.delete(key);
            assertThat(sink.write(numbered(1)).getFirst()).isInstanceOf(Retry.class);
            Files.writeString(key, "new");
            assertThat(sink.write(numbered(1))).containsExactly(DELIVERED);
            assertThat(sink.write(numbered(1))).containsExactly(DELIVERED);
        }
        assertThat(server.requests()).hasSize(5);
    }

    @Test
    void a_destination_that_does_not_let_us_prepare_is_told_as_such() throws Exception {
        server.script(
                _ -> answer(401, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"},\"status\":401}"));
        try (var sink = Sinks.at(server.url()).template("ampbeat").sink(meters)) {
            assertThatThrownBy(sink::prepare)
                    .isInstanceOf(NotAllowed.class)
                    .hasMessageContaining("not allowed: elasticsearch answered 401");
        }
    }

    @Test
    void without_a_template_nothing_is_prepared() throws Exception {
        try (var sink = Sinks.at(server.url()).sink(meters)) {
            assertThat(sink.preparation()).isEqualTo(new Preparation.NotNeeded());
        }
    }

    private URI nobodyListens() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
    }

    private static SinkSpec.Auth user(Path password) {
        return new SinkSpec.Auth(Optional.of("me"), Optional.of(password), Optional.empty());
    }

    private static SinkSpec.Auth apiKey(Path key) {
        return new SinkSpec.Auth(Optional.empty(), Optional.empty(), Optional.of(key));
    }

    private static List<String> indices(Request request) {
        return request.text()
                .lines()
                .filter(line -> line.startsWith("{\"create\""))
                .map(line -> line.split("\"")[5])
                .toList();
    }

    static Reply created(Request request) {
        var items = IntStream.range(0, request.documents())
                .mapToObj(_ -> "{\"create\":{\"status\":201}}")
                .collect(Collectors.joining(","));
        return answer(200, "{\"errors\":false,\"items\":[" + items + "]}");
    }

    static Reply answer(int status, String body) {
        return new Reply.Answer(status, body);
    }
}
