package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.spec.SourceSpec.NatsCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of a message.
class DecoderTest {
    private static final Instant SENT = Instant.parse("2026-11-22T10:00:00.5Z");

    private static List<String> events(Decoder decoder, String subject, byte[] message) {
        var events = new ArrayList<Event>();
        decoder.decode(message, subject, SENT, Instant.EPOCH, events);
        return events.stream()
                .map(event -> new String(event.raw(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> json(Decoder decoder, String message) {
        return events(decoder, "logs.web", message.getBytes(StandardCharsets.UTF_8));
    }

    private static Decoder decoder(NatsCodec codec) {
        return new Decoder(codec, Optional.empty());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "an object;                      {\"a\":1};                     {\"a\":1};                    0",
                "blanks around it;               ' {\"a\":1}\n';                {\"a\":1};                    0",
                "an array;                       [{\"a\":1},{\"b\":2}];         {\"a\":1} {\"b\":2};          0",
                "an empty array;                 [];                            '';                           0",
                "one a line;                     '{\"a\":1}\n\n{\"b\":2}\r\n';  {\"a\":1} {\"b\":2};          0",
                "a bare NaN, as old Beats write; {\"a\":NaN};                   {\"a\":null};                 0",
                "text;                 hello;       {\"message\":\"hello\",\"tags\":[\"_jsonparsefailure\"]}; 1",
                "nothing;              '';          {\"message\":\"\",\"tags\":[\"_jsonparsefailure\"]};      1",
                "a number;             17;          {\"message\":\"17\",\"tags\":[\"_jsonparsefailure\"]};    1",
                "an array of numbers;  [1];         {\"message\":\"[1]\",\"tags\":[\"_jsonparsefailure\"]};   1",
                "a bad second line;    '{\"a\":1}\n{b'; {\"a\":1} {\"message\":\"{b\",\"tags\":[\"_jsonparsefailure\"]}; 1"
            })
    void json(String why, String message, String events, long unreadable) {
        var decoder = decoder(NatsCodec.JSON);
        assertThat(String.join(" ", json(decoder, message))).isEqualTo(events);
        assertThat(decoder.unreadable()).isEqualTo(unreadable);
    }

    @Test
    void text_is_a_message_with_the_time_at_which_it_was_sent() {
        assertThat(json(decoder(NatsCodec.TEXT), "a \"b\" ü\n"))
                .containsExactly("{\"@timestamp\":\"2026-11-22T10:00:00.500Z\",\"message\":\"a \\\"b\\\" ü\\n\"}");
        assertThat(events(decoder(NatsCodec.TEXT), "x", new byte[] {(byte) 0xff, 'a'})
                        .getFirst())
                .contains("\"message\":\"\ufffda\"");
    }

    @Test
    void what_is_no_batch_of_amp_is_kept_whole() {
        var decoder = decoder(NatsCodec.AMP);
        var event = json(decoder, "{\"a\":1}").getFirst();
        assertThat(event)
                .contains("\"tags\":[\"_ampparsefailure\"]")
                .contains(Base64.getEncoder().encodeToString("{\"a\":1}".getBytes(StandardCharsets.UTF_8)));
        assertThat(decoder.unreadable()).isOne();
    }

    @Test
    void what_a_client_of_nats_streaming_published_is_taken_out_of_its_envelope() {
        var batch = new Agent().entry(Map.of(15, "hello"), 1, Map.of()).batch();
        var subject = "_STAN.pub.BhYkZ3SHDOWJWAoyQYa8bC.amp-logs";
        var named = new Decoder(NatsCodec.AMP, Optional.of("subject"));
        assertThat(events(named, subject, Agent.inStan("amp-logs", batch)).getFirst())
                .startsWith("{\"subject\":\"amp-logs\",\"@timestamp\"")
                .contains("\"msg\":\"hello\"");
        assertThat(events(
                        decoder(NatsCodec.JSON),
                        subject,
                        Agent.inStan("x", "{\"a\":1}".getBytes(StandardCharsets.UTF_8))))
                .containsExactly("{\"a\":1}");
        assertThat(events(named, subject, "no envelope".getBytes(StandardCharsets.UTF_8))
                        .getFirst())
                .contains("_stanparsefailure", "\"subject\":\"amp-logs\"");
    }

    @Test
    void the_subject_goes_into_its_field_unless_the_event_has_it() {
        var decoder = new Decoder(NatsCodec.JSON, Optional.of("from"));
        assertThat(json(decoder, "{\"a\":1}")).containsExactly("{\"from\":\"logs.web\",\"a\":1}");
        assertThat(json(decoder, "{ }")).containsExactly("{\"from\":\"logs.web\"}");
        assertThat(json(decoder, "{\"from\":2}")).containsExactly("{\"from\":2}");
        assertThat(events(decoder, "a\"b", "{\"a\":1}".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("{\"from\":\"a\\\"b\",\"a\":1}");
    }

    @Test
    void what_has_too_many_objects_stays_text() {
        var decoder = decoder(NatsCodec.JSON);
        var array = "[" + "{},".repeat(200_000) + "{}]";
        assertThat(json(decoder, array))
                .containsExactly("{\"message\":\"" + array + "\",\"tags\":[\"_jsonparsefailure\"]}");
        assertThat(json(decoder, "{}\n".repeat(200_005)))
                .hasSize(200_001)
                .last()
                .isEqualTo("{\"message\":\"" + "{}\\n".repeat(5) + "\",\"tags\":[\"_jsonparsefailure\"]}");
    }
}
