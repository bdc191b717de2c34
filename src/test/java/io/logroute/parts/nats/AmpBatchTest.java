package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.Seeds;
import io.logroute.flow.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/// Batches of AMP's agent become the events that ampbeat made of them.
class AmpBatchTest {
    private static final Instant SENT = Instant.parse("2026-11-22T10:00:00.123456789Z");

    private static String read(byte[] batch) throws IOException {
        return new String(AmpBatch.read(batch, SENT).getFirst(), StandardCharsets.UTF_8);
    }

    /// The bytes that Go's protobuf makes of `GetReply{Entries: {{Timestamp: ..., ServiceName:
    /// "shop_web", TaskSlot: 3, Labels: {"io.amp.role": "infrastructure", "com.docker.swarm.task":
    /// "x"}, Msg: "a\"b"}}}`, by the rules of the wire format.
    @Test
    void an_entry_has_ampbeats_fields() throws IOException {
        var entry = "0a1e" + hex("2017-07-12T10:00:00.123456789Z") // timestamp
                + "3208" + hex("shop_web") // service_name
                + "4803" // task_slot
                + "721d" + "0a0b" + hex("io.amp.role") + "120e" + hex("infrastructure")
                + "721a" + "0a15" + hex("com.docker.swarm.task") + "1201" + hex("x")
                + "7a03" + hex("a\"b") // msg
                + "820103" + hex("abc"); // from_id
        var batch = "0a72" + entry + "1001" + "1807"; // entries, size, total
        assertThat(entry.length() / 2).isEqualTo(0x72);
        assertThat(read(HexFormat.of().parseHex(batch)))
                .isEqualTo("{\"@timestamp\":\"2017-07-12T10:00:00.123Z\",\"type\":\"logs\",\"container_id\":\"\","
                        + "\"container_name\":\"\",\"container_short_name\":\"\",\"container_state\":\"\","
                        + "\"service_name\":\"shop_web\",\"service_id\":\"\",\"task_id\":\"\",\"task_slot\":3,"
                        + "\"stack_name\":\"\",\"stack_id\":\"\",\"node_id\":\"\",\"time_id\":\"\","
                        + "\"labels\":{\"io-amp-role\":\"infrastructure\"},\"msg\":\"a\\\"b\"}");
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void an_entry_without_a_readable_time_has_the_one_at_which_it_was_sent() throws IOException {
        assertThat(read(new Agent().entry(Map.of(1, "yesterday"), 0, Map.of()).batch()))
                .startsWith("{\"@timestamp\":\"2026-11-22T10:00:00.123Z\"")
                .doesNotContain("labels");
    }

    @Test
    void labels_that_are_all_dockers_leave_an_empty_object_as_ampbeat_did() throws IOException {
        assertThat(read(new Agent()
                        .entry(Map.of(), 0, Map.of("com.docker.x", "y"))
                        .batch()))
                .contains("\"labels\":{},");
    }

    @Test
    void a_batch_has_as_many_events_as_entries() throws IOException {
        var agent = new Agent();
        for (int i = 0; i < 100; i++) {
            agent.entry(Map.of(15, "line " + i), -i, Map.of());
        }
        var events = AmpBatch.read(agent.batch(), SENT);
        assertThat(events).hasSize(100);
        for (int i = 0; i < 100; i++) {
            var event = Json.parse(events.get(i), 0, events.get(i).length);
            assertThat(event).containsEntry("msg", "line " + i).containsEntry("task_slot", (long) -i);
        }
        assertThat(AmpBatch.read(new byte[0], SENT)).isEmpty();
    }

    @Test
    void what_is_no_batch_is_refused() {
        for (var text : List.of("hello", "{\"n\":1}", "\n\u0001", "[]", " ", "\u0012\u0003abc")) {
            assertThatThrownBy(() -> AmpBatch.read(text.getBytes(StandardCharsets.UTF_8), SENT))
                    .as(text)
                    .isInstanceOf(IOException.class);
        }
    }

    /// Two bytes of an entry would make four hundred of an event.
    @Test
    void a_message_of_empty_entries_does_not_become_much_more_than_it_is() throws IOException {
        var empty = new byte[1 << 20];
        for (int i = 0; i < empty.length; i += 2) {
            empty[i] = 10;
        }
        assertThatThrownBy(() -> AmpBatch.read(empty, SENT)).isInstanceOf(IOException.class);
        assertThat(AmpBatch.read(Arrays.copyOf(empty, 2_000), SENT)).hasSize(1_000);
    }

    /// Whatever bytes come: events that are valid JSON, or a refusal, and nothing else.
    @RepeatedTest(200)
    void any_bytes_make_json_or_a_refusal(RepetitionInfo repetition) {
        var random = Seeds.random(repetition.getCurrentRepetition());
        var batch = new Agent()
                .entry(Map.of(1, "2017-07-12T10:00:00Z", 15, "\u0000 ü \ud83d\ude00 \"\\"), 7, Map.of("a.b", "c\n"))
                .batch();
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            batch[random.nextInt(batch.length)] = (byte) random.nextInt(256);
        }
        try {
            for (var event : AmpBatch.read(batch, SENT)) {
                assertThat(Json.check(event, 0, event.length)).isNull();
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
