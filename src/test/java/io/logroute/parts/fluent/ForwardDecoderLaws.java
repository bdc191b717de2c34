package io.logroute.parts.fluent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.Seeds;
import io.logroute.flow.Json;
import io.logroute.parts.listen.Breach;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ForwardDecoderLaws {
    private static final Instant TIME = Instant.parse("2026-11-30T07:22:36.123456789Z");
    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");

    private final PartialLines partials = new PartialLines();
    private final ForwardDecoder decoder = new ForwardDecoder(1 << 20, partials, _ -> {});

    @Test
    void what_any_record_holds_comes_out_as_json_in_every_mode_and_form() throws Exception {
        for (long seed = 0; seed < 400; seed++) {
            var random = Seeds.random(seed);
            var record = map(random, 3);
            var expected = new LinkedHashMap<String, @Nullable Object>();
            expected.put("@timestamp", TIME.toString());
            expected.put("fluent.tag", "app.ü");
            expected.putAll(record);
            var entry = List.of(TIME, record);
            var option = Map.of("chunk", "c1", "size", 1);
            for (var message : List.of(
                    List.of("app.ü", TIME, record, option),
                    List.of("app.ü", List.of(entry), option),
                    List.of("app.ü", Pack.pairs(List.of(entry)), option),
                    List.of(
                            "app.ü",
                            Pack.gzip(Pack.pairs(List.of(entry))),
                            Map.of("chunk", "c1", "compressed", "gzip")))) {
                for (var bytes : List.of(Pack.of(message), Pack.wide(message))) {
                    var chunk = decoder.message(bytes, 0, bytes.length, NOW, () -> {});
                    assertThat(chunk).as("seed %d", seed).isEqualTo("c1".getBytes());
                    assertThat(taken()).as("seed %d", seed).containsExactly(expected);
                }
            }
        }
    }

    @Test
    void the_end_of_a_message_is_found_at_every_cut_and_only_there() throws Exception {
        for (long seed = 0; seed < 60; seed++) {
            var random = Seeds.random(seed);
            var bytes = random.nextBoolean() ? Pack.of(map(random, 3)) : Pack.wide(map(random, 3));
            var end = new MessageEnd(1 << 20);
            end.begin(0);
            for (int cut = 0; cut < bytes.length; cut++) {
                assertThat(end.end(bytes, cut)).as("seed %d cut %d", seed, cut).isEqualTo(-1);
                assertThat(end.wanted()).isBetween((long) cut + 1, (long) bytes.length);
            }
            assertThat(end.end(bytes, bytes.length)).isEqualTo(bytes.length);
        }
    }

    @Test
    void a_broken_message_is_refused_and_gives_nothing() throws Exception {
        var good = Pack.of(List.of(
                "t", List.of(List.of(TIME, Map.of("a", 1)), List.of(TIME, Map.of("b", List.of(1, 2)))), Map.of()));
        for (long seed = 0; seed < 3_000; seed++) {
            var random = Seeds.random(seed);
            var bytes = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
            try {
                decoder.message(bytes, 0, length, NOW, () -> {});
                taken();
            } catch (Breach e) {
                assertThat(decoder.count()).as("seed %d", seed).isZero();
            }
        }
    }

    @Test
    void what_claims_to_be_large_is_refused_before_it_comes() {
        for (var head : List.of(
                new byte[] {(byte) 0xdb, 0x7f, -1, -1, -1},
                new byte[] {(byte) 0xdd, -1, -1, -1, -1},
                new byte[] {(byte) 0xdf, -1, -1, -1, -1},
                new byte[] {(byte) 0xc9, -1, -1, -1, -1, 0})) {
            var end = new MessageEnd(1 << 20);
            end.begin(0);
            assertThatThrownBy(() -> end.end(head, head.length))
                    .isInstanceOf(Breach.class)
                    .hasMessageContaining("maxMessage");
        }
        var deep = new byte[1000];
        java.util.Arrays.fill(deep, (byte) 0x91);
        var end = new MessageEnd(1 << 20);
        end.begin(0);
        assertThatThrownBy(() -> end.end(deep, deep.length))
                .isInstanceOf(Breach.class)
                .hasMessageContaining("within each other");
    }

    @Test
    void a_gzip_bomb_is_refused() {
        var bomb = Pack.of(List.of("t", Pack.gzip(new byte[4 << 20]), Map.of("compressed", "gzip")));
        assertThatThrownBy(() -> decoder.message(bomb, 0, bomb.length, NOW, () -> {}))
                .isInstanceOf(Breach.class)
                .hasMessageContaining("inflated");
    }

    @Test
    void a_timestamp_of_the_record_stays_and_times_of_all_kinds_are_understood() throws Exception {
        message(List.of("t", 1_800_000_000, Map.of("@timestamp", "2020-01-01T00:00:00.000Z", "a", 1)));
        message(List.of("t", List.of(List.of(List.of(TIME, Map.of("m", 1)), Map.of("a", 2)))));
        message(List.of("t", 1_800_000_000.5, Map.of("a", 3)));
        message(List.of("t", true, Map.of("a", 4)));
        assertThat(taken())
                .extracting(Json::write)
                .containsExactly(
                        "{\"fluent.time\":\"2027-01-15T08:00:00.000Z\",\"fluent.tag\":\"t\"," + own(),
                        "{\"@timestamp\":\"" + TIME + "\",\"fluent.tag\":\"t\",\"fluent.metadata\":{\"m\":1},\"a\":2}",
                        "{\"@timestamp\":\"2027-01-15T08:00:00.500Z\",\"fluent.tag\":\"t\",\"a\":3}",
                        "{\"@timestamp\":\"2026-12-01T00:00:00.000Z\",\"fluent.tag\":\"t\",\"a\":4}");
    }

    @Test
    void memory_is_asked_for_before_it_is_taken() throws Exception {
        for (long seed = 0; seed < 200; seed++) {
            var random = Seeds.random(seed);
            long[] asked = new long[1];
            var careful =
                    new ForwardDecoder(8 << 20, new PartialLines(), bytes -> asked[0] = Math.max(asked[0], bytes));
            var entries = new ArrayList<Object>();
            for (int i = random.nextInt(3_000); i >= 0; i--) {
                entries.add(List.of(TIME, Map.of("a", "x".repeat(random.nextInt(seed % 2 == 0 ? 10 : 3_000)))));
            }
            var bytes = random.nextBoolean()
                    ? Pack.of(List.of("t", Pack.gzip(Pack.pairs(entries)), Map.of("compressed", "gzip")))
                    : Pack.of(List.of("t", entries));
            var what = "seed " + seed;
            careful.message(bytes, 0, bytes.length, NOW, () -> {
                assertThat(careful.bytes()).as(what).isPositive().isLessThanOrEqualTo(asked[0]);
                careful.take(NOW);
            });
            assertThat(careful.bytes()).as(what).isLessThanOrEqualTo(asked[0]);
            careful.take(NOW);
            assertThat(careful.bytes()).as("who says nothing holds nothing").isZero();
        }
    }

    private static String own() {
        // The order of Map.of is not ours.
        return Map.of("@timestamp", 0, "a", 0).keySet().iterator().next().equals("a")
                ? "\"a\":1,\"@timestamp\":\"2020-01-01T00:00:00.000Z\"}"
                : "\"@timestamp\":\"2020-01-01T00:00:00.000Z\",\"a\":1}";
    }

    @Test
    void parts_of_a_line_become_one_unless_their_client_waits() throws Exception {
        part(1, "false", "ab", Map.of());
        part(2, "false", "cd", Map.of());
        assertThat(taken()).isEmpty();
        part(3, "true", "ef", Map.of());
        assertThat(taken()).singleElement().satisfies(event -> {
            assertThat(event).containsEntry("log", "abcdef").doesNotContainKey("partial_message");
        });
        part(1, "false", "ab", Map.of("chunk", "x"));
        assertThat(taken()).singleElement().satisfies(event -> {
            assertThat(event).containsEntry("log", "ab").containsEntry("tags", List.of("_partial"));
        });
        assertThat(partials.bytes()).isZero();
    }

    @Test
    void a_part_of_a_line_with_more_values_than_are_read_is_an_event_as_it_came() throws Exception {
        var record = new LinkedHashMap<String, Object>();
        record.put("log", "ab");
        record.put("partial_message", "true");
        record.put("many", java.util.Collections.nCopies(4, java.util.Collections.nCopies(50_001, 1)));
        message(List.of("t", TIME, record, Map.of()));
        var batch = decoder.take(NOW);
        assertThat(batch == null ? List.of() : batch.events()).singleElement().satisfies(event -> {
            var raw = new String(((io.logroute.flow.Event) event).raw(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(raw).contains("\"log\":\"ab\"", "\"partial_message\":\"true\"");
        });
        assertThat(partials.isEmpty()).isTrue();
    }

    private void part(int ordinal, String last, String log, Map<String, Object> option) throws Exception {
        var record = new LinkedHashMap<String, Object>();
        record.put("log", log);
        record.put("container_id", "c");
        record.put("partial_message", "true");
        record.put("partial_id", "p");
        record.put("partial_ordinal", "" + ordinal);
        record.put("partial_last", last);
        message(List.of("t", TIME, record, option));
    }

    private void message(Object message) throws Exception {
        var bytes = Pack.of(message);
        decoder.message(bytes, 0, bytes.length, NOW, () -> {});
    }

    private List<Map<String, @Nullable Object>> taken() {
        var batch = decoder.take(NOW);
        var all = new ArrayList<Map<String, @Nullable Object>>();
        if (batch != null) {
            batch.events().forEach(event -> {
                assertThat(event.has("fluent.tag")).isTrue();
                var raw = event.raw();
                assertThat(Json.check(raw, 0, raw.length)).isNull();
                all.add(Json.parse(raw, 0, raw.length));
            });
        }
        return all;
    }

    private static Map<String, @Nullable Object> map(Random random, int depth) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (int i = random.nextInt(random.nextInt(8) == 0 ? 40 : 6); i >= 0; i--) {
            map.put("k" + random.nextInt(1000) + text(random), value(random, depth));
        }
        return map;
    }

    private static @Nullable Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> (long) random.nextInt(300) - 150;
            case 3 -> random.nextLong();
            case 4 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
            case 5 -> (long) random.nextInt();
            case 6 -> text(random);
            case 7 -> map(random, depth - 1);
            default -> {
                var list = new ArrayList<@Nullable Object>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(random, depth - 1));
                }
                yield list;
            }
        };
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 400 : 12); i > 0; i--) {
            text.append(
                    switch (random.nextInt(6)) {
                        case 0 -> "ü";
                        case 1 -> "😀";
                        case 2 -> "" + (char) random.nextInt(32);
                        case 3 -> "\"";
                        case 4 -> "\\";
                        default -> "" + (char) ('a' + random.nextInt(26));
                    });
        }
        return text.toString();
    }
}
