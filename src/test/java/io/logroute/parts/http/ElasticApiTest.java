package io.logroute.parts.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.listen.Room;
import io.logroute.remote.Pem;
import io.logroute.spec.ByteSize;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ElasticApiTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final MemoryInlet inlet = new MemoryInlet();
    private final Instruments meters = new Instruments();
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpSource source = new HttpSource(
            new SourceSpec.Http("127.0.0.1", 0, "/", ByteSize.parse("16MiB"), Optional.empty(), true),
            "core",
            meters,
            InstantSource.system(),
            SOON,
            Pem::server,
            new Room(64 << 20, 0));

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

    @Test
    void each_action_is_answered_for_itself() throws Exception {
        var answer = bulk("/_bulk", """
                {"create":{"_index":"logs","_id":"1","pipeline":"p"}}
                {"n":1}
                {"update":{"_index":"logs","_id":"1"}}
                {"doc":{"n":2}}
                {"delete":{"_index":"logs","_id":"1"}}
                {"index":{"_index":"logs"}}
                {"n":
                {"index":{}}
                { "n" : 5 }
                """);
        assertThat(answer.statusCode()).isEqualTo(200);
        var told = told(answer);
        assertThat(told).containsEntry("errors", true);
        assertThat(statuses(told)).containsExactly("create 201", "update 400", "delete 400", "index 400", "index 201");
        assertThat(inlet.events)
                .extracting(ElasticApiTest::text)
                .containsExactly(
                        "{\"@metadata\":{\"_index\":\"logs\",\"_id\":\"1\",\"pipeline\":\"p\"},\"n\":1}",
                        "{ \"n\" : 5 }");
        assertThat(meters.value(Meter.REFUSED_EVENTS, "core", "http:0", "malformed"))
                .isEqualTo(3);
    }

    /// Fluent Bit writes the slash, and the pipeline into the query.
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/_bulk                                    | ''",
                "/_bulk/                                   | ''",
                "/_bulk/?pipeline=web                      | \"pipeline\":\"web\"",
                "/logs/_bulk?refresh=wait_for&pipeline=a%2Bb | \"_index\":\"logs\",\"pipeline\":\"a+b\"",
                "/%3Clogs-%7Bnow%7D%3E/_bulk?filter_path=errors | \"_index\":\"<logs-{now}>\"",
            })
    void what_the_address_says_goes_with_each_event(String address, String where) throws Exception {
        assertThat(told(bulk(address, "{\"index\":{}}\n{\"n\":1}\n"))).containsEntry("errors", false);
        assertThat(text(inlet.events.getFirst()))
                .isEqualTo(where.isEmpty() ? "{\"n\":1}" : "{\"@metadata\":{%s},\"n\":1}".formatted(where));
    }

    @Test
    void what_an_action_says_goes_before_the_address() throws Exception {
        bulk("/logs/_bulk?pipeline=web", "{\"index\":{\"_index\":\"own\",\"pipeline\":\"mine\"}}\n{}\n");
        assertThat(text(inlet.events.getFirst()))
                .isEqualTo("{\"@metadata\":{\"_index\":\"own\",\"pipeline\":\"mine\"}}");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"/%zz/_bulk", "/logs/_doc/%", "/_bulk?pipeline=%f", "/a%0Ab/_bulk"})
    void an_address_that_says_nothing_is_refused_and_not_our_failure(String address) throws Exception {
        var body = "{\"index\":{}}\n{}\n";
        assertThat(raw("POST %s HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(address, body.length(), body)))
                .startsWith("HTTP/1.1 400 ")
                .contains("X-Elastic-Product: Elasticsearch", "illegal_argument_exception");
        assertThat(inlet.events).isEmpty();
    }

    @Test
    void a_name_in_the_address_that_would_swell_each_event_is_refused() throws Exception {
        assertThat(bulk("/" + "x".repeat(256) + "/_bulk", "{\"index\":{}}\n{}\n")
                        .statusCode())
                .isEqualTo(400);
        assertThat(inlet.events).isEmpty();
    }

    /// A Beat sends smaller requests after 413, and none of it again after 400.
    @Test
    void more_actions_than_may_be_are_too_much_and_not_wrong() throws Exception {
        var answer = bulk("/_bulk", "{\"index\":{}}\n{}\n".repeat(200_001));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(inlet.events).isEmpty();
    }

    @Test
    void actions_take_room_until_they_are_answered() throws Exception {
        inlet.become(MemoryInlet.Mood.WAITS);
        var many = client.sendAsync(request("/_bulk", "{\"index\":{}}\n{}\n".repeat(100_000)), BodyHandlers.ofString());
        await().atMost(SOON).until(inlet::isWaitedFor);
        assertThat(bulk("/_bulk", "{\"index\":{}}\n{}\n").statusCode()).isEqualTo(503);
        inlet.become(MemoryInlet.Mood.STORES);
        assertThat(many.join().body().split("\"status\":201", -1)).hasSize(100_001);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "{\"index\":{}}",
                "{\"index\":{}}\n",
                "{\"remove\":{}}\n{}\n",
                "{\"index\":{},\"create\":{}}\n{}\n",
                "{}\n{}\n",
                "[]\n",
                "",
                "\n\n"
            })
    void what_is_no_bulk_request_is_refused_as_a_whole(String body) throws Exception {
        var answer = bulk("/_bulk", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(told(answer)).containsKey("error").containsEntry("status", 400L);
        assertThat(inlet.events).isEmpty();
    }

    @Test
    void an_action_with_more_values_than_are_read_is_refused_and_not_our_failure() throws Exception {
        var body = "{\"index\":{\"_index\":[1%s]}}\n{}\n".formatted(",1".repeat(200_000));
        assertThat(raw("POST /_bulk HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(body.length(), body)))
                .startsWith("HTTP/1.1 400 ");
        assertThat(inlet.events).isEmpty();
    }

    @Test
    void a_full_buffer_and_one_that_refuses_are_told_so_that_clients_send_again() throws Exception {
        inlet.full = true;
        var full = bulk("/_bulk", "{\"index\":{}}\n{}\n");
        assertThat(full.statusCode()).isEqualTo(429);
        assertThat(full.body()).contains("es_rejected_execution_exception");
        inlet.full = false;
        inlet.become(MemoryInlet.Mood.REFUSES);
        assertThat(bulk("/_bulk", "{\"index\":{}}\n{}\n").statusCode()).isEqualTo(503);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "GET,    /,                          200",
        "HEAD,   /,                          200",
        "GET,    /_license,                  200",
        "GET,    /_xpack,                    200",
        "GET,    /_cluster/health,           200",
        "GET,    /_nodes/http,               200",
        "HEAD,   /_index_template/filebeat,  404",
        "PUT,    /_index_template/filebeat,  200",
        "PUT,    /_ilm/policy/filebeat,      200",
        "PUT,    /_data_stream/filebeat-9,   200",
        "HEAD,   /filebeat-9,                404",
        "PUT,    /filebeat-9,                200",
        "PUT,    /_ingest/pipeline/p,        400",
        "GET,    /_ingest/pipeline/p,        404",
        "POST,   /logs/_search,              400",
        "POST,   /logs/_update/1,            400",
        "GET,    /_bulk,                     405",
        "POST,   /logs/_doc,                 201",
        "PUT,    /logs/_create/1,            201",
    })
    void what_clients_ask_besides(String method, String path, int status) throws Exception {
        var answer = client.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Accept", "application/vnd.elasticsearch+json; compatible-with=8")
                        .method(method, BodyPublishers.ofString(method.startsWith("P") ? "{}" : ""))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("X-Elastic-Product")).contains("Elasticsearch");
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/vnd.elasticsearch+json;compatible-with=8");
        assertThat(inlet.events).hasSize(status == 201 ? 1 : 0);
    }

    private URI uri(String address) {
        return URI.create("http://127.0.0.1:" + source.port() + address);
    }

    private HttpRequest request(String address, String body) {
        return HttpRequest.newBuilder(uri(address))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> bulk(String address, String body) throws Exception {
        return client.send(request(address, body), BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static Map<String, @Nullable Object> told(HttpResponse<String> answer) {
        return Json.fields(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> statuses(Map<String, @Nullable Object> told) {
        return ((List<?>) Objects.requireNonNull(told.get("items")))
                .stream()
                        .map(item -> ((Map<?, ?>) item).entrySet().iterator().next())
                        .map(each -> each.getKey() + " " + ((Map<?, ?>) each.getValue()).get("status"))
                        .toList();
    }

    private static String text(Event event) {
        return new String(event.raw(), StandardCharsets.UTF_8);
    }
}
