package io.logroute.parts.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyslogMessageTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                // RFC 5424, section 6.5
                "the RFC's first | <34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed | 2003-10-11T22:14:15.003Z | mymachine.example.com | su | - | critical | auth | 'su root' failed",
                "the RFC's second | <165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time | 2003-08-24T12:14:15.000003Z | 192.0.2.1 | myproc | 8710 | notice | local4 | %% It's time",
                // RFC 3164, section 5.4
                "BSD | <34>Oct 11 22:14:15 mymachine su: 'su root' failed | 2025-10-11T22:14:15.000Z | mymachine | su | - | critical | auth | 'su root' failed",
                "BSD, one digit | <13>Jan  2 03:04:05 host app[12]: hi | 2026-01-02T03:04:05.000Z | host | app | 12 | notice | user | hi",
                "Docker's default | <30>Jan  2 03:04:04 0123456789ab[4711]: a line | 2026-01-02T03:04:04.000Z | 10.0.0.1 | 0123456789ab | 4711 | info | daemon | a line",
                "Docker's tag | <27>Jan  2 03:04:04 node web/nginx/0123[4711]: oops | 2026-01-02T03:04:04.000Z | node | web/nginx/0123 | 4711 | error | daemon | oops",
                "rsyslog's forward format | <13>2026-01-02T04:04:05.123456+01:00 host app: hi | 2026-01-02T03:04:05.123456Z | host | app | - | notice | user | hi",
                "Cisco's year | <189>Jan 2 2025 03:04:05: %SYS-5-CONFIG_I: done | 2025-01-02T03:04:05.000Z | 10.0.0.1 | %SYS-5-CONFIG_I | - | notice | local7 | done",
                "no time | <13>app: hi | 2026-01-02T03:04:05.000Z | 10.0.0.1 | app | - | notice | user | hi",
                "text alone | <13>just some words | 2026-01-02T03:04:05.000Z | 10.0.0.1 | - | - | notice | user | just some words",
            })
    void messages(
            String why,
            String line,
            String time,
            String host,
            @Nullable String name,
            @Nullable String pid,
            String level,
            String facility,
            String message) {
        var event = read(line);
        assertThat(event)
                .containsEntry("@timestamp", time)
                .containsEntry("host", Map.of("name", host))
                .containsEntry("level", level)
                .containsEntry("message", message)
                .doesNotContainKey("tags");
        assertThat((Map<?, ?>) event.get("syslog")).extracting("facility").isEqualTo(facility);
        assertThat(event.get("process") instanceof Map<?, ?> p ? p.get("name") : null)
                .isEqualTo(name);
        assertThat(event.get("process") instanceof Map<?, ?> p ? p.get("pid") : null)
                .isEqualTo(pid);
    }

    /// A parameter may stand there several times (RFC 5424, 6.3.3).
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_parameter_that_is_there_many_times_costs_no_more_than_many() {
        int count = 400_000;
        var bytes = ("<13>1 2026-11-30T07:22:36Z h p 1 m [x" + " a=\"\"".repeat(count) + " b=\"1\"] hi")
                .getBytes(StandardCharsets.UTF_8);
        var event = SyslogMessage.fields(bytes, 0, bytes.length, "10.0.0.1", NOW, ZoneId.of("UTC"));
        assertThat(event.get("message")).isEqualTo("hi");
        assertThat(String.valueOf(event.get("syslog")))
                .contains("b=1}", "a=[, , ")
                .hasSizeGreaterThan(2 * count);
    }

    @Test
    void structured_data_becomes_fields() {
        var event = read(
                "<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [ex@32473 iut=\"3\" s=\"a\\\"\\]\\\\b\" k=\"1\" k=\"2\"][p@1] An event");
        assertThat(event).containsEntry("message", "An event");
        assertThat((Map<?, ?>) event.get("syslog"))
                .extracting("structured_data")
                .isEqualTo(Map.of(
                        "ex@32473", Map.of("iut", "3", "s", "a\"]\\b", "k", List.of("1", "2")), "p@1", Map.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hello",
                "<>x",
                "<192>x",
                "<1234>x",
                "<1",
                "<34>1 no time at all",
                "<34>1 2003-10-11T22:14:15Z h a p m [x y",
                "<34>1 -"
            })
    void what_is_no_syslog_is_kept_whole_with_a_tag(String line) {
        var event = read(line);
        assertThat(event).containsEntry("tags", List.of(SyslogMessage.UNREADABLE));
        assertThat(line).endsWith((String) event.get("message"));
    }

    @Test
    void any_bytes_give_an_event_that_is_json() {
        for (long seed = 0; seed < 20_000; seed++) {
            var random = Seeds.random(seed);
            var line = new StringBuilder("<13>1 2003-10-11T22:14:15.003Z h a p m [x@1 y=\"z\"] m");
            for (int i = random.nextInt(6); i >= 0; i--) {
                line.setCharAt(random.nextInt(line.length()), " []\"=<>-:1a\\\u0000".charAt(random.nextInt(13)));
            }
            line.setLength(random.nextInt(line.length() + 1));
            var text = Json.write(read(line.toString())).getBytes(StandardCharsets.UTF_8);
            assertThat(Json.check(text, 0, text.length)).as("seed %d", seed).isNull();
        }
    }

    @Test
    void frames_are_found_wherever_the_stream_is_cut() {
        var stream = "<13>one\n11 <13>two\ntwo12 <13>three 333\r\n9 lives\n<13>four\0\n\n<13>five"
                .getBytes(StandardCharsets.UTF_8);
        for (int step = 1; step <= stream.length; step++) {
            var found = new java.util.ArrayList<String>();
            var frames = new SyslogFrames(100);
            int from = 0;
            for (int to = 0;
                    to <= stream.length;
                    to = to == stream.length ? to + 1 : Math.min(stream.length, to + step)) {
                boolean isEnd = to == stream.length;
                for (var f = frames.next(stream, from, to, isEnd);
                        f != null;
                        f = frames.next(stream, from, to, isEnd)) {
                    found.add(new String(stream, f.from(), f.to() - f.from(), StandardCharsets.UTF_8));
                    from = f.next();
                }
            }
            assertThat(found)
                    .as("step %d", step)
                    .containsExactly("<13>one", "<13>two\ntwo", "<13>three 33", "3", "9 lives", "<13>four", "<13>five");
        }
    }

    @Test
    void what_is_too_long_comes_in_pieces_and_nothing_is_lost() {
        for (var text : List.of("x".repeat(250) + "\n<13>y\n", "250 <13>" + "x".repeat(246) + "<13>y\n")) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            var frames = new SyslogFrames(100);
            int from = 0;
            var lengths = new java.util.ArrayList<Integer>();
            for (var f = frames.next(bytes, 0, bytes.length, true);
                    f != null;
                    f = frames.next(bytes, from, bytes.length, true)) {
                lengths.add(f.to() - f.from());
                assertThat(f.isPiece()).isEqualTo(lengths.size() <= 3);
                from = f.next();
            }
            assertThat(lengths).containsExactly(100, 100, 50, 5);
        }
    }

    private static Map<String, @Nullable Object> read(String line) {
        var bytes = line.getBytes(StandardCharsets.UTF_8);
        return SyslogMessage.fields(bytes, 0, bytes.length, "10.0.0.1", NOW, ZoneId.of("UTC"));
    }
}
