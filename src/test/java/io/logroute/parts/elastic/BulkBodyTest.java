package io.logroute.parts.elastic;

import static io.logroute.parts.elastic.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.spec.DocumentIds;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BulkBodyTest {
    private static final Address SECOND = new Address("audit", 1, Optional.empty());

    @Test
    void an_event_is_an_action_line_and_its_own_bytes() {
        var event = event(71, "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"msg\":\"a  \\u00e9\"}");
        assertThat(body("sequence", "logs-1", event)).isEqualTo("""
                {"create":{"_index":"logs-1","_id":"b7-1z"}}
                {"@timestamp":"2026-01-01T00:00:00Z","msg":"a  \\u00e9"}
                """);
    }

    @Test
    void numbers_count_to_the_base_36() {
        assertThat(id("sequence", event(0, "{}"))).isEqualTo("b7-0");
        assertThat(id("sequence", event(35, "{}"))).isEqualTo("b7-z");
        assertThat(id("sequence", event(36, "{}"))).isEqualTo("b7-10");
        assertThat(id("sequence", event(Long.MAX_VALUE, "{}"))).isEqualTo("b7-" + Long.toString(Long.MAX_VALUE, 36));
    }

    @Test
    void the_copy_of_a_second_route_has_an_id_of_its_own() {
        assertThat(id("sequence", event(1, "{}", SECOND))).isEqualTo("b7-1-audit");
        assertThat(id("%{k}", event(1, "{\"k\":\"v\"}", SECOND))).isEqualTo("v-audit");
        assertThat(id("content", event(1, "{\"k\":\"v\"}", SECOND)))
                .isEqualTo(id("content", event(1, "{\"k\":\"v\"}")) + "-audit");
    }

    @Test
    void pieces_of_an_event_have_ids_of_their_own() {
        assertThat(id("sequence", event(1, "{}").piece(3))).isEqualTo("b7-1.3");
        assertThat(id("sequence", event(1, "{}").piece(3).piece(1))).isEqualTo("b7-1.3.1");
        assertThat(id("sequence", event(1, "{}", SECOND).piece(3))).isEqualTo("b7-1-audit.3");
        assertThat(id("%{k}", event(1, "{\"k\":\"v\"}").piece(2))).isEqualTo("v.2");
        assertThat(id("content", event(1, "{}").piece(2))).isEqualTo(id("content", event(1, "{}")) + ".2");
    }

    @Test
    void content_is_a_hash_of_what_came_in_whatever_filters_did() {
        var one = event(1, "{\"k\":\"v\"}");
        var same = event(2, "{\"k\":\"v\"}");
        same.set("added", "by a filter");
        // printf '{"k":"v"}' | openssl dgst -sha256 -binary | base64
        assertThat(id("content", one)).isEqualTo("ZmwaoC6AaMbVzB0ylQCUMs");
        assertThat(id("content", same)).isEqualTo(id("content", one));
        assertThat(id("content", event(1, "{\"k\":\"w\"}"))).isNotEqualTo(id("content", one));
    }

    @Test
    void a_template_makes_the_id_of_fields() {
        assertThat(id("%{c}-%{t}", event(1, "{\"c\":\"x\",\"t\":17}"))).isEqualTo("x-17");
    }

    @Test
    void where_a_field_is_missing_the_number_makes_the_id() {
        assertThat(id("%{c}-%{t}", event(1, "{\"c\":\"x\"}"))).isEqualTo("b7-1");
        assertThat(id("%{c}", event(1, "{\"c\":\"\"}"))).isEqualTo("b7-1");
    }

    @Test
    void an_id_that_elasticsearch_would_refuse_for_its_length_becomes_a_hash() {
        assertThat(id("%{c}", event(1, "{\"c\":\"" + "x".repeat(512) + "\"}"))).hasSize(512);
        assertThat(id("%{c}", event(1, "{\"c\":\"" + "x".repeat(513) + "\"}"))).hasSize(22);
        assertThat(id("%{c}", event(1, "{\"c\":\"" + "x".repeat(512) + "\"}", SECOND)))
                .hasSize(22 + "-audit".length());
    }

    @Test
    void ids_and_indices_are_escaped() {
        assertThat(body("%{c}", "ä\"b", event(1, "{\"c\":\"a\\\"b\\n\"}")))
                .startsWith("{\"create\":{\"_index\":\"ä\\\"b\",\"_id\":\"a\\\"b\\n\"}}\n");
    }

    @Test
    void without_ids_elasticsearch_makes_them_and_it_is_still_create() {
        assertThat(body("none", "logs", event(1, "{\"@timestamp\":\"2026-01-01T00:00:00Z\"}")))
                .isEqualTo("{\"create\":{\"_index\":\"logs\"}}\n{\"@timestamp\":\"2026-01-01T00:00:00Z\"}\n");
    }

    @Test
    void a_body_grows_and_is_used_again() {
        var body = new BulkBody(16, DocumentId.of(DocumentIds.parse("sequence"), "b7"));
        for (int i = 0; i < 1000; i++) {
            body.add(event(i, "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"n\":" + i + "}"), "logs-" + i % 300);
        }
        assertThat(body.documents()).isEqualTo(1000);
        assertThat(text(body).lines()).hasSize(2000).element(1999).asString().endsWith("\"n\":999}");
        assertThat(text(body).lines()).element(1998).asString().contains("logs-99\"");
        body.reset();
        assertThat(body.size()).isZero();
        body.add(event(5, "{\"@timestamp\":\"2026-01-01T00:00:00Z\"}"), "logs-1");
        assertThat(text(body).lines()).hasSize(2);
    }

    private static String body(String ids, String index, Event event) {
        var body = new BulkBody(64, DocumentId.of(DocumentIds.parse(ids), "b7"));
        body.add(event, index);
        return text(body);
    }

    private static String id(String ids, Event event) {
        var line = body(ids, "i", event).lines().findFirst().orElseThrow();
        return line.substring("{\"create\":{\"_index\":\"i\",\"_id\":\"".length(), line.length() - "\"}}".length());
    }

    private static String text(BulkBody body) {
        return new String(body.array(), 0, body.size(), StandardCharsets.UTF_8);
    }
}
