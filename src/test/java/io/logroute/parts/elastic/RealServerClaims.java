package io.logroute.parts.elastic;

import static io.logroute.parts.elastic.Events.batch;
import static io.logroute.parts.elastic.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Delivery.Rejected;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Preparation;
import io.logroute.remote.Elastic;
import io.logroute.remote.ElasticClient;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is true of the sink on every real server.
@Timeout(360)
abstract class RealServerClaims {
    static final Delivery DELIVERED = Delivery.delivered();

    final Instruments meters = new Instruments();

    abstract URI url() throws IOException;

    abstract String must(String method, String path, String json) throws IOException, InterruptedException;

    abstract HttpResponse<String> call(String method, String path, String json)
            throws IOException, InterruptedException;

    abstract void clear() throws IOException, InterruptedException;

    @BeforeEach
    void no_index_and_no_template_of_an_earlier_test() throws Exception {
        clear();
    }

    @AfterEach
    void closeMeters() {
        meters.close();
    }

    @Test
    void documents_lie_under_the_templates_mapping_with_the_right_types() throws Exception {
        try (var sink = ampbeat()) {
            assertThat(sink.write(batch(ampbeatEvent(0)))).containsExactly(DELIVERED);
            assertThat(sink.preparation())
                    .isEqualTo(new Preparation.Done("template logroute-ampbeat, version 1, for ampbeat-*"));
        }
        var properties =
                at(json("GET", "/ampbeat-2026.11.23/_mapping"), "ampbeat-2026.11.23", "mappings", "properties");
        assertThat(type(properties, "msg")).isEqualTo("text");
        assertThat(type(properties, "task_slot")).isEqualTo("long");
        assertThat(type(properties, "@timestamp")).isEqualTo("date");
        for (var field : List.of("container_id", "service_name", "stack_id", "time_id", "type", "unforeseen", "day")) {
            assertThat(type(properties, field)).as(field).isEqualTo("keyword");
        }
        var labels = at(properties, "labels", "properties");
        for (var label : List.of("io-amp-role", "number", "truth", "ratio")) {
            assertThat(type(labels, label)).as(label).isEqualTo("keyword");
        }
        assertThat(type(at(properties, "beat", "properties"), "hostname")).isEqualTo("keyword");
        assertThat(properties).doesNotContainKey("@metadata");
        var settings = at(json("GET", "/ampbeat-2026.11.23/_settings"), "ampbeat-2026.11.23", "settings", "index");
        assertThat(settings).containsEntry("refresh_interval", "5s");
        assertThat(at(settings, "mapping", "total_fields")).containsEntry("limit", "10000");
    }

    @Test
    void a_repeat_changes_nothing() throws Exception {
        try (var sink = ampbeat()) {
            var batch = new Batch(
                    IntStream.range(0, 100).mapToObj(n -> ampbeatEvent(n)).toList());
            assertThat(sink.write(batch)).hasSize(100).containsOnly(DELIVERED);
            assertThat(sink.write(batch)).hasSize(100).containsOnly(DELIVERED);
        }
        assertThat(count("ampbeat-2026.11.23")).isEqualTo(100);
        var document = at(json("GET", "/ampbeat-2026.11.23/_doc/b7-2r"), "_source");
        assertThat(document).containsEntry("time_id", "99");
        assertThat(at(json("GET", "/ampbeat-2026.11.23/_doc/b7-2r"))).containsEntry("_version", 1L);
    }

    @Test
    void what_a_client_sends_twice_becomes_one_document_by_its_content() throws Exception {
        try (var sink = Sinks.at(url()).index("plain-logs").ids("content").sink(meters)) {
            assertThat(sink.write(batch(event(1, "{\"a\":1}"), event(2, "{\"a\":1}"), event(3, "{\"a\":2}"))))
                    .containsOnly(DELIVERED);
        }
        assertThat(count("plain-logs")).isEqualTo(2);
    }

    @Test
    void an_id_that_is_too_long_would_turn_the_whole_request_away_so_it_is_hashed() throws Exception {
        var bulk = """
                {"create": {"_id": "short"}}
                {}
                {"create": {"_id": "%s"}}
                {}
                """;
        must("PUT", "/plain-raw", "");
        var tooLong = call("POST", "/plain-raw/_bulk", bulk.formatted("x".repeat(DocumentId.MAX_BYTES + 1)));
        assertThat(tooLong.statusCode()).isEqualTo(400);
        assertThat(count("plain-raw")).isZero();
        must("POST", "/plain-raw/_bulk", bulk.formatted("x".repeat(DocumentId.MAX_BYTES)));
        assertThat(count("plain-raw")).isEqualTo(2);

        var fields = "{\"i\":\"%s\"}".formatted("ü".repeat(DocumentId.MAX_BYTES / 2) + "x");
        try (var sink = Sinks.at(url()).index("plain-logs").ids("%{i}").sink(meters)) {
            assertThat(sink.write(batch(event(1, fields), event(2, "{\"i\":\"short\"}"), event(3, fields))))
                    .containsOnly(DELIVERED);
        }
        assertThat(count("plain-logs")).isEqualTo(2);
    }

    @Test
    void the_witness_is_answered_and_stored_nowhere() throws Exception {
        must("PUT", "/plain-raw", "");
        var body = ElasticSink.witness("plain-raw");
        try (var client = new ElasticClient(Sinks.at(url()).spec())) {
            switch (client.bulk(body, body.length, 1)) {
                case Elastic.BulkAnswer.Items(var items) ->
                    assertThat(items.getFirst().status()).isEqualTo(400);
                case Elastic.BulkAnswer.Refused(var status, var type, var _) -> {
                    assertThat(status).isEqualTo(400);
                    assertThat(type).isNotEmpty();
                }
            }
        }
        assertThat(count("plain-raw")).isZero();
    }

    @Test
    void copies_of_two_routes_both_arrive() throws Exception {
        var first = new Address("all", 0, Optional.empty());
        var second = new Address("audit", 1, Optional.empty());
        try (var sink = Sinks.at(url()).index("plain-logs").sink(meters)) {
            sink.write(batch(event(1, "{\"a\":1}", first), event(1, "{\"a\":1}", second)));
        }
        assertThat(count("plain-logs")).isEqualTo(2);
    }

    @Test
    void an_event_that_does_not_fit_the_mapping_is_rejected_with_words_and_the_others_are_delivered() throws Exception {
        try (var sink = ampbeat()) {
            var deliveries = sink.write(batch(
                    ampbeatEvent(1),
                    event(2, "{\"@timestamp\":\"2026-11-23T12:00:00Z\",\"task_slot\":\"third\"}"),
                    ampbeatEvent(3)));
            assertThat(deliveries.get(0)).isEqualTo(DELIVERED);
            assertThat(deliveries.get(2)).isEqualTo(DELIVERED);
            assertThat(deliveries.get(1)).isInstanceOf(Rejected.class);
            assertThat(((Rejected) deliveries.get(1)).reason())
                    .startsWith("elasticsearch answered 400: ")
                    .contains("failed to parse field [task_slot] of type [long]");
        }
        assertThat(count("ampbeat-2026.11.23")).isEqualTo(2);
    }

    @Test
    void each_event_goes_to_the_index_of_its_own_day_at_new_year_too() throws Exception {
        try (var sink = ampbeat()) {
            assertThat(sink.write(batch(
                            dated(1, "2026-12-31T23:59:59.999Z"),
                            dated(2, "2027-01-01T00:00:00Z"),
                            dated(3, "2027-01-01T00:30:00+01:00"),
                            dated(4, "2024-12-30T12:00:00Z"))))
                    .containsOnly(DELIVERED);
        }
        assertThat(count("ampbeat-2026.12.31")).isEqualTo(2);
        assertThat(count("ampbeat-2027.01.01")).isEqualTo(1);
        assertThat(count("ampbeat-2024.12.30")).isEqualTo(1);
    }

    @Test
    void names_that_would_be_refused_are_repaired_and_taken() throws Exception {
        try (var sink = Sinks.at(url()).index("%{i}").sink(meters)) {
            assertThat(sink.write(batch(
                            event(1, "{\"i\":\"plain-A/B C\"}"),
                            event(2, "{\"i\":\"_plain-größe\"}"),
                            event(3, "{\"i\":\"plain-" + "ä".repeat(200) + "\"}"),
                            event(4, "{\"i\":\".plain-hidden:#\"}"))))
                    .containsOnly(DELIVERED);
        }
        assertThat(count("plain-a-b-c")).isEqualTo(1);
        assertThat(must("GET", "/_cat/indices/plain-*?h=index", "").lines()).hasSize(4);
    }

    @Test
    void data_streams_take_the_events() throws Exception {
        // Elasticsearch's zip for tests cannot delete a data stream again: no other test uses
        // this one.
        must("PUT", "/_index_template/data-streams", """
                {"index_patterns": ["streams-*"], "data_stream": {}, "priority": 500}
                """);
        try (var numbered = Sinks.at(url()).index("streams-app").sink(meters);
                var nameless = Sinks.at(url()).index("streams-app").ids("none").sink(meters)) {
            assertThat(numbered.write(Events.numbered(10))).containsOnly(DELIVERED);
            assertThat(numbered.write(Events.numbered(10))).containsOnly(DELIVERED);
            assertThat(nameless.write(Events.numbered(5))).containsOnly(DELIVERED);
        }
        assertThat(count("streams-app")).isEqualTo(15);
        assertThat(must("GET", "/streams-app/_mapping", "")).contains("\".ds-streams-app-");
    }

    @Test
    void a_zipped_body_is_taken() throws Exception {
        try (var sink = Sinks.at(url()).index("plain-zipped").zipped().sink(meters)) {
            assertThat(sink.write(Events.numbered(1000))).containsOnly(DELIVERED);
        }
        assertThat(count("plain-zipped")).isEqualTo(1000);
    }

    @Test
    void a_batch_too_large_for_the_server_is_halved() throws Exception {
        // http.max_content_length is 100 MB.
        var mebibytes = "x".repeat(4 << 20);
        var events = IntStream.range(0, 30)
                .mapToObj(n -> event(n, "{\"@timestamp\":\"2026-11-23T12:00:00Z\",\"pad\":\"" + mebibytes + "\"}"))
                .toList();
        must("PUT", "/plain-large", """
                {"mappings": {"properties": {"pad": {"type": "keyword", "index": false, "doc_values": false}}}}
                """);
        try (var sink = Sinks.at(url()).index("plain-large").sink(meters)) {
            assertThat(sink.write(new Batch(events)))
                    .hasSize(30)
                    .allSatisfy(delivery -> assertThat(delivery).isNotInstanceOf(Rejected.class));
        }
    }

    @Test
    void a_closed_index_keeps_its_events_waiting_for_a_while() throws Exception {
        must("PUT", "/plain-closed", "");
        must("POST", "/plain-closed/_close", "");
        try (var sink = Sinks.at(url()).index("plain-closed").sink(meters)) {
            assertThat(sink.write(Events.numbered(2))).allSatisfy(delivery -> {
                assertThat(delivery).isInstanceOf(Delivery.Held.class);
                var held = (Delivery.Held) delivery;
                assertThat(held.reason()).contains("index_closed_exception");
                assertThat(held.atMost()).isEqualTo(Verdict.HOLD);
            });
        }
        must("DELETE", "/plain-closed", "");
    }

    @Test
    void a_blocked_index_keeps_its_events_waiting_for_a_while_and_not_those_of_others() throws Exception {
        must("PUT", "/plain-blocked", """
                {"settings": {"index.blocks.write": true}}
                """);
        try (var sink = Sinks.at(url()).index("%{i}").sink(meters)) {
            var deliveries =
                    sink.write(batch(event(1, "{\"i\":\"plain-blocked\"}"), event(2, "{\"i\":\"plain-open\"}")));
            assertThat(deliveries.get(0)).isInstanceOf(Delivery.Held.class);
            var held = (Delivery.Held) deliveries.get(0);
            assertThat(held.after()).isEqualTo(Verdict.UNTIL_UNBLOCKED);
            assertThat(held.atMost()).isEqualTo(Verdict.HOLD);
            assertThat(deliveries.get(1)).isEqualTo(DELIVERED);
        }
    }

    @Test
    void disks_at_their_flood_stage_keep_events_waiting_until_it_is_mended() throws Exception {
        must("PUT", "/plain-flooded", """
                {"settings": {"index.blocks.read_only_allow_delete": true}}
                """);
        try (var sink = Sinks.at(url()).index("plain-flooded").sink(meters)) {
            assertThat(sink.write(Events.numbered(1)).getFirst())
                    .isInstanceOfSatisfying(
                            Delivery.Retry.class,
                            retry -> assertThat(retry.after()).isEqualTo(Verdict.UNTIL_UNBLOCKED));
        }
    }

    @Test
    void one_dead_node_of_two_is_passed_over() throws Exception {
        try (var sink = Sinks.at(nobodyListens(), url()).index("plain-failover").sink(meters)) {
            for (int i = 0; i < 4; i++) {
                assertThat(sink.write(batch(event(i, "{}")))).containsExactly(DELIVERED);
            }
        }
        assertThat(count("plain-failover")).isEqualTo(4);
    }

    @Test
    void another_index_gets_the_template_under_a_name_of_its_own() throws Exception {
        try (var ampbeat = ampbeat();
                var shop = Sinks.at(url())
                        .template("ampbeat")
                        .index("shop-%{+yyyy.MM.dd}")
                        .sink(meters)) {
            ampbeat.write(batch(ampbeatEvent(1)));
            assertThat(shop.write(batch(ampbeatEvent(1)))).containsExactly(DELIVERED);
            assertThat(shop.preparation())
                    .isEqualTo(new Preparation.Done("template logroute-ampbeat-shop, version 1, for shop-*"));
        }
        var properties = at(json("GET", "/shop-2026.11.23/_mapping"), "shop-2026.11.23", "mappings", "properties");
        assertThat(type(properties, "msg")).isEqualTo("text");
    }

    @Test
    void an_older_template_of_ours_is_replaced_and_a_newer_one_left_alone() throws Exception {
        must("PUT", "/_index_template/logroute-ampbeat", """
                {"index_patterns": ["ampbeat-*"], "priority": 208, "version": 0,
                 "_meta": {"logroute": {"template": "ampbeat", "version": 0}}}
                """);
        try (var sink = ampbeat()) {
            sink.write(batch(ampbeatEvent(1)));
        }
        assertThat(must("GET", "/_index_template/logroute-ampbeat", "")).contains("logroute-ampbeat-fields");

        must("PUT", "/_index_template/logroute-ampbeat", """
                {"index_patterns": ["ampbeat-*"], "priority": 208, "version": 7,
                 "_meta": {"logroute": {"template": "ampbeat", "version": 7}}}
                """);
        try (var sink = ampbeat()) {
            assertThat(sink.write(batch(ampbeatEvent(2)))).containsExactly(DELIVERED);
            assertThat(sink.preparation())
                    .isEqualTo(new Preparation.Done("template logroute-ampbeat, newer than ours, 1, and left alone"));
        }
        assertThat(must("GET", "/_index_template/logroute-ampbeat", "")).doesNotContain("logroute-ampbeat-fields");
    }

    @Test
    void a_template_that_is_not_ours_is_never_overwritten_and_events_go_under_it() throws Exception {
        var foreign = """
                {"index_patterns": ["ampbeat-*"], "template": {"mappings": {"properties": {"mine": {"type": "ip"}}}}}
                """;
        must("PUT", "/_index_template/logroute-ampbeat", foreign);
        try (var sink = ampbeat()) {
            assertThat(sink.write(batch(ampbeatEvent(1)))).containsExactly(DELIVERED);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Refused.class);
            assertThat(((Preparation.Refused) sink.preparation()).mend())
                    .contains("DELETE _index_template/logroute-ampbeat");
        }
        assertThat(must("GET", "/_index_template/logroute-ampbeat", ""))
                .contains("mine")
                .doesNotContain("_meta");
    }

    @Test
    void a_template_that_is_refused_keeps_the_events_waiting() throws Exception {
        // The same pattern at the same priority under another name: no server takes a second one.
        must("PUT", "/_index_template/foreign-logs", """
                {"index_patterns": ["ampbeat-*"], "priority": 208}
                """);
        try (var sink = ampbeat()) {
            assertThat(sink.write(batch(ampbeatEvent(1))).getFirst()).isInstanceOf(Delivery.Retry.class);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Refused.class);
            assertThat(((Preparation.Refused) sink.preparation()).reason()).contains("foreign-logs");
        }
        assertThat(call("GET", "/ampbeat-2026.11.23", "").statusCode()).isEqualTo(404);
    }

    ElasticSink ampbeat() throws IOException {
        return Sinks.at(url())
                .template("ampbeat")
                .index("ampbeat-%{+yyyy.MM.dd}")
                .sink(meters);
    }

    static Event ampbeatEvent(long n) {
        return event(n, """
                {"@timestamp":"2026-11-23T12:00:00.000Z","@metadata":{"beat":"ampbeat","type":"logs"},"type":"logs",\
                "container_id":"c1","container_name":"shop_web.1.x","container_short_name":"shop_web","container_state":\
                "running","service_name":"shop_web","service_id":"s1","task_id":"t1","task_slot":1,"stack_name":"shop",\
                "stack_id":"k1","node_id":"n1","time_id":"%d","msg":"GET /cart 200","unforeseen":"x","day":"2026-11-23",\
                "labels":{"io-amp-role":"user","number":1,"truth":true,"ratio":0.5},\
                "beat":{"hostname":"h","name":"n","version":"5.3.1"}}""".formatted(n));
    }

    static Event dated(long seq, String timestamp) {
        return event(seq, "{\"@timestamp\":\"" + timestamp + "\"}");
    }

    static URI nobodyListens() throws IOException {
        return URI.create("http://127.0.0.1:" + Ports.free());
    }

    long count(String index) throws IOException, InterruptedException {
        must("POST", "/" + index + "/_refresh", "");
        return (long) java.util.Objects.requireNonNull(
                json("GET", "/" + index + "/_count").get("count"));
    }

    Map<String, @Nullable Object> json(String method, String path) throws IOException, InterruptedException {
        var bytes = must(method, path, "").getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }

    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> at(Map<String, @Nullable Object> tree, String... keys) {
        var here = tree;
        for (var key : keys) {
            assertThat(here).containsKey(key);
            here = (Map<String, @Nullable Object>) java.util.Objects.requireNonNull(here.get(key));
        }
        return here;
    }

    static String type(Map<String, @Nullable Object> properties, String field) {
        return String.valueOf(at(properties, field).get("type"));
    }
}
