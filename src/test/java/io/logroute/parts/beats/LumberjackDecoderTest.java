package io.logroute.parts.beats;

import static io.logroute.parts.beats.Frames.frames;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.logroute.parts.beats.LumberjackDecoder.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LumberjackDecoderTest {
    /// Small, so that each limit is met with few bytes.
    private static final Limits SMALL = new Limits(100, 4096, 100_000, 20_000, 50, 3, 8, 1000);

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void windows_come_out_as_they_went_in(String why, Frames frames, List<String> windows) {
        var decoded = Decoding.of(frames);
        assertThat(decoded.breach()).isEmpty();
        assertThat(decoded.told()).isEqualTo(windows);
    }

    static Stream<Arguments> windows_come_out_as_they_went_in() {
        var two = frames().json(1, "{\"n\":1}").json(2, "{\"n\":2}");
        return Stream.of(
                arguments("nothing at all", frames(), List.of()),
                arguments("plain", frames().window('2', 2).add(two), List.of("2:2 {\"n\":1} {\"n\":2}")),
                arguments("packed", frames().window('2', 2).packed('2', two), List.of("2:2 {\"n\":1} {\"n\":2}")),
                arguments(
                        "one packed frame for each event",
                        frames().window('2', 2)
                                .packed('2', frames().json(1, "{\"n\":1}"))
                                .packed('2', frames().json(2, "{\"n\":2}")),
                        List.of("2:2 {\"n\":1} {\"n\":2}")),
                arguments(
                        "the window within the packed frame",
                        frames().packed('2', frames().window('2', 2).add(two)),
                        List.of("2:2 {\"n\":1} {\"n\":2}")),
                arguments(
                        "two windows in one packed frame",
                        frames().packed(
                                        '2',
                                        frames().window('2', 2)
                                                .add(two)
                                                .window('2', 1)
                                                .json(1, "{}")),
                        List.of("2:2 {\"n\":1} {\"n\":2}", "2:1 {}")),
                arguments("an empty packed frame", frames().packed('2', frames()), List.of()),
                arguments(
                        "several windows in flight",
                        Frames.libbeat(1, 2).add(Frames.libbeat(3, 1)),
                        List.of("2:2 {\"n\":1} {\"n\":2}", "2:1 {\"n\":3}")),
                arguments(
                        "data frames of version 1",
                        frames().window('1', 2)
                                .data('1', 1, "line", "a \"b\"\n", "höst", "ü")
                                .data('1', 2),
                        List.of("1:2 {\"line\":\"a \\\"b\\\"\\n\",\"höst\":\"ü\"} {}")),
                arguments(
                        "data frames of version 1, packed",
                        frames().window('1', 1).packed('1', frames().data('1', 1, "k", "v")),
                        List.of("1:1 {\"k\":\"v\"}")),
                arguments(
                        "data and JSON in one window of version 2",
                        frames().window('2', 2).data('2', 1, "k", "v").json(2, "{\"n\":2}"),
                        List.of("2:2 {\"k\":\"v\"} {\"n\":2}")),
                arguments(
                        "a sequence that goes on, as logstash-forwarder's",
                        frames().window('1', 1).data('1', 41).window('1', 1).data('1', 42),
                        List.of("1:41 {}", "1:42 {}")),
                arguments(
                        "one window size for all that follows",
                        frames().window('1', 2)
                                .data('1', 1)
                                .data('1', 2)
                                .data('1', 3)
                                .data('1', 4)
                                .data('1', 5),
                        List.of("1:2 {} {}", "1:4 {} {}", "1:5 {}")),
                arguments(
                        "a sequence beyond 31 bits",
                        frames().window('1', 1).data('1', 0xffff_fffe),
                        List.of("1:4294967294 {}")),
                arguments(
                        "a version 2 sequence that does not begin at 1 never makes more than the window has",
                        frames().window('2', 2).json(901, "{}").json(902, "{}"),
                        List.of("2:2 {} {}")),
                arguments(
                        "a window that is left off keeps what came",
                        frames().window('2', 5)
                                .json(1, "{\"n\":1}")
                                .window('2', 1)
                                .json(1, "{\"n\":2}"),
                        List.of("2:1 {\"n\":1}", "2:1 {\"n\":2}")),
                arguments("a window of nothing", frames().window('2', 0), List.of()),
                arguments(
                        "bare NaN becomes null",
                        frames().window('2', 1).json(1, "{\"n\":NaN,\"m\":[-Infinity]}"),
                        List.of("2:1 {\"n\":null,\"m\":[null]}")),
                arguments(
                        "what is no JSON object is kept as text",
                        frames().window('2', 3)
                                .json(1, "[1]")
                                .json(2, "{,\"beat\":1}")
                                .json(3, ""),
                        List.of("2:3 {\"message\":\"[1]\",\"tags\":[\"_jsonparsefailure\"]}"
                                + " {\"message\":\"{,\\\"beat\\\":1}\",\"tags\":[\"_jsonparsefailure\"]}"
                                + " {\"message\":\"\",\"tags\":[\"_jsonparsefailure\"]}")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void a_breach_has_its_word(String why, Frames frames, String reason) {
        assertThat(Decoding.of(frames.bytes(), SMALL).reason()).isEqualTo(reason);
    }

    static Stream<Arguments> a_breach_has_its_word() {
        var window = frames().window('2', 3).bytes();
        var zlib = Frames.zlib(frames().json(1, "{\"n\":1}").bytes());
        var damaged = zlib.clone();
        damaged[damaged.length - 1]++;
        return Stream.of(
                arguments("HTTP", frames().raw("GET / HTTP/1.1\r\n\r\n"), "garbage"),
                arguments("one byte of TLS", frames().raw("\u0016"), "garbage"),
                arguments("version 3", frames().raw("3W"), "garbage"),
                arguments("an unknown kind", frames().raw("2X"), "garbage"),
                arguments("an acknowledgement", frames().start('2', 'A').u32(1), "garbage"),
                arguments("an event before its window", frames().json(1, "{}"), "garbage"),
                arguments(
                        "an event after a window of nothing",
                        frames().window('2', 0).json(1, "{}"),
                        "garbage"),
                arguments("noise after a window", frames().raw(window).raw("noise"), "garbage"),
                arguments("no zlib", frames().raw(window).packed('2', new byte[] {1, 2, 3, 4}), "garbage"),
                arguments("zlib with a wrong sum", frames().raw(window).packed('2', damaged), "garbage"),
                arguments(
                        "bytes behind the zlib stream",
                        frames().raw(window)
                                .packed('2', frames().raw(zlib).raw("more").bytes()),
                        "garbage"),
                arguments(
                        "packed within packed",
                        frames().raw(window).packed('2', frames().packed('2', zlib)),
                        "garbage"),
                arguments(
                        "half a frame within packed",
                        frames().raw(window)
                                .packed(
                                        '2',
                                        frames().start('2', 'J').u32(1).u32(10).raw("{")),
                        "garbage"),
                arguments(
                        "a packed frame that is cut, its stream not ended",
                        frames().raw(window).packed('2', java.util.Arrays.copyOf(zlib, zlib.length / 2)),
                        "garbage"),
                arguments("a window of too many", frames().window('2', 101), "oversized"),
                arguments("a window of 2^32-1", frames().window('2', -1), "oversized"),
                arguments(
                        "JSON too long",
                        frames().raw(window).start('2', 'J').u32(1).u32(4097),
                        "oversized"),
                arguments(
                        "JSON of 4 GiB",
                        frames().raw(window).start('2', 'J').u32(1).u32(-1),
                        "oversized"),
                arguments("a packed frame too long", frames().start('2', 'C').u32(4097), "oversized"),
                arguments(
                        "too many keys",
                        frames().raw(window).data('1', 1, "a", "", "b", "", "c", "", "d", ""),
                        "oversized"),
                arguments("a key too long", frames().raw(window).data('1', 1, "123456789", ""), "oversized"),
                arguments(
                        "a value too long",
                        frames().raw(window)
                                .start('1', 'D')
                                .u32(1)
                                .u32(1)
                                .u32(1)
                                .raw("k")
                                .u32(4096),
                        "oversized"),
                arguments(
                        "a bomb by its ratio",
                        frames().raw(window).packed('2', Frames.zlib(bomb(4096 - 10, 20))),
                        "zip_bomb"));
    }

    @Test
    void nothing_of_a_packed_frame_is_taken_before_its_sum_was_right() {
        var damaged = Frames.zlib(frames().json(1, "{\"n\":1}").bytes());
        damaged[damaged.length - 1]++;
        var decoded = Decoding.of(frames().window('2', 1).packed('2', damaged));
        assertThat(decoded.reason()).isEqualTo("garbage");
        assertThat(decoded.windows()).isEmpty();
    }

    @Test
    void a_bomb_by_its_size_is_stopped() {
        var limits = new Limits(1000, 1 << 20, 50_000, 1 << 20, 250, 3, 8, 1000);
        var stream = frames().window('2', 1000)
                .packed('2', Frames.zlib(bomb(4000, 20)))
                .bytes();
        assertThat(Decoding.of(stream, limits).reason()).isEqualTo("zip_bomb");
    }

    private static byte[] bomb(int eventSize, int events) {
        var frames = frames();
        for (int i = 1; i <= events; i++) {
            frames.json(i, " ".repeat(eventSize));
        }
        return frames.bytes();
    }

    @Test
    void a_stream_that_was_flushed_and_not_ended_is_taken() {
        var whole = Frames.zlib(frames().json(1, "{\"n\":1}").bytes());
        var withoutSum = java.util.Arrays.copyOf(whole, whole.length - 4);
        assertThat(Decoding.of(frames().window('2', 1).packed('2', withoutSum)).told())
                .containsExactly("2:1 {\"n\":1}");
    }

    @Test
    void a_large_window_is_handed_over_in_parts_that_are_acknowledged_with_their_place() {
        var stream = frames().window('2', 20);
        for (int i = 1; i <= 20; i++) {
            stream.json(i, "{\"n\":%2d}".formatted(i));
        }
        var decoded = Decoding.of(stream.bytes(), SMALL);
        assertThat(decoded.windows()).extracting(w -> w.ack()).containsExactly(8, 16, 20);
        assertThat(decoded.windows()).extracting(w -> w.events().size()).containsExactly(8, 8, 4);
    }

    @Test
    void unreadable_events_are_counted_and_mended_ones_are_not() {
        var window = Decoding.of(frames().window('2', 4)
                        .json(1, "{}")
                        .json(2, "nothing")
                        .json(3, "{\"n\":NaN}")
                        .json(4, "{\"message\":\"m\",\"tags\":[\"_jsonparsefailure\"]}"))
                .windows()
                .getFirst();
        assertThat(window.unreadable()).isEqualTo(1);
    }

    @Test
    void an_event_larger_than_every_buffer_comes_whole() {
        var json = "{\"m\":\"" + "x".repeat(3_000_000) + "\"}";
        var plain = Decoding.of(frames().window('2', 2).json(1, json).json(2, json));
        assertThat(plain.told()).containsExactly("2:2 " + json + " " + json);
        var packed = Decoding.of(frames().window('2', 1).packed('2', frames().json(1, json)));
        assertThat(packed.told()).containsExactly("2:1 " + json);
    }

    @Test
    void events_are_slices_of_one_array_and_outlive_what_follows() {
        var stream = frames();
        for (int i = 0; i < 50; i++) {
            stream.window('2', 100);
            for (int k = 0; k < 100; k++) {
                stream.json(k + 1, "{\"n\":%d}".formatted(i * 100 + k));
            }
        }
        var decoded = Decoding.of(stream);
        var numbers = decoded.windows().stream()
                .flatMap(w -> w.events().stream())
                .map(e -> e.get("n"))
                .toList();
        assertThat(numbers).hasSize(5000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void bytes_that_are_not_utf8_are_kept_as_readable_as_they_are() {
        var bytes = "{\"m\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);
        var decoded = Decoding.of(frames().window('2', 1).json(1, bytes));
        assertThat(decoded.windows().getFirst().events().getFirst().text("message"))
                .contains("{\"m\":");
    }
}
