package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Kind;
import io.logroute.spec.TimeForm;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the filters on fields do to any event.
class FieldsLaws {
    private static final List<String> NAMES = List.of("a", "b", "c", "a.b", "a.b.c", "b.c", "@metadata", "@timestamp");

    @Test
    void flattening_loses_no_value_and_leaves_an_event() {
        for (int seed : Seeds.upTo(2_000)) {
            var random = Seeds.random(seed);
            var json = event(random);
            var fields = IntStream.range(0, random.nextInt(3))
                    .mapToObj(_ -> path(random))
                    .toList();
            var spec = new FilterSpec.Flatten(fields, random.nextBoolean() ? "." : "_", Optional.empty());
            var left = leaf(new FlattenObjects(spec), json, seed);
            assertThat(leaves(left)).as("seed %d: %s of %s", seed, spec, json).isEqualTo(leaves(Some.fields(json)));
        }
    }

    @Test
    void renaming_loses_no_value_but_those_of_names_that_are_given_away() {
        for (int seed : Seeds.upTo(3_000)) {
            var random = Seeds.random(seed);
            var json = event(random);
            var fields = new LinkedHashMap<FieldPath, FieldPath>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                // New names that no event has: nothing is replaced.
                fields.put(
                        path(random),
                        FieldPath.parse(List.of("x", "y", "z.k", "z.l").get(i) + (random.nextBoolean() ? ".m" : "")));
            }
            var spec = new FilterSpec.Rename(fields, Optional.empty());
            var left = leaf(new RenameFields(spec), json, seed);
            assertThat(leaves(left)).as("seed %d: %s of %s", seed, spec, json).isEqualTo(leaves(Some.fields(json)));
        }
    }

    @Test
    void two_that_change_their_names_twice_are_as_they_were() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var json = event(random);
            var one = FieldPath.parse("[" + NAMES.get(random.nextInt(NAMES.size())) + "]");
            var other = FieldPath.parse("[" + NAMES.get(random.nextInt(NAMES.size())) + "]");
            if (one.equals(other)) {
                continue;
            }
            var rename = new RenameFields(new FilterSpec.Rename(Map.of(one, other, other, one), Optional.empty()));
            var event = Some.event(json);
            Some.through(rename, event);
            Some.through(rename, event);
            assertThat(event.tree()).as("seed %d: %s", seed, json).isEqualTo(Some.fields(json));
        }
    }

    @Test
    void what_is_kept_is_as_it_was_and_nothing_else_is_there() {
        for (int seed : Seeds.upTo(2_000)) {
            var random = Seeds.random(seed);
            var json = event(random);
            var fields = IntStream.rangeClosed(0, random.nextInt(3))
                    .mapToObj(_ -> path(random))
                    .toList();
            var left = leaf(new KeepFields(new FilterSpec.Keep(fields, Optional.empty())), json, seed);
            var was = Some.event(json);
            var kept = new ArrayList<>(fields);
            kept.add(FieldPath.parse("@timestamp"));
            kept.add(FieldPath.parse("@metadata"));
            for (var path : kept) {
                assertThat(Some.event(Json.write(left)).get(path.toArray()))
                        .as("seed %d: %s of %s, %s", seed, fields, json, path)
                        .isEqualTo(was.get(path.toArray()));
            }
            // Taking all that is kept away leaves nothing but objects that are empty.
            var rest = Some.event(Json.write(left));
            kept.forEach(path -> rest.remove(path.toArray()));
            assertThat(leaves(rest.tree()))
                    .as("seed %d: %s of %s", seed, fields, json)
                    .isEmpty();
        }
    }

    @Test
    void numbers_and_booleans_become_text_and_themselves_again() {
        for (int seed : Seeds.upTo(3_000)) {
            var random = Seeds.random(seed);
            Object value = switch (random.nextInt(4)) {
                case 0 -> random.nextLong();
                case 1 -> (long) random.nextInt(2_000) - 1_000;
                case 2 -> random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300);
                default -> random.nextBoolean();
            };
            var kind = value instanceof Long ? Kind.INTEGER : value instanceof Double ? Kind.FLOAT : Kind.BOOLEAN;
            for (Object each : List.of(value, List.of(value, value))) {
                var event = Some.event("{}");
                event.set(each, "v");
                Some.through(new ConvertFields(FieldPath.parse("v"), Kind.STRING), event);
                assertThat(event.get("v")).as("seed %d", seed).isNotEqualTo(each);
                Some.through(new ConvertFields(FieldPath.parse("v"), kind), event);
                assertThat(event.get("v")).as("seed %d", seed).isEqualTo(each);
                assertThat(event.has("tags")).isFalse();
            }
        }
    }

    /// The formatter of the JDK prints, we read: it is the model.
    @Test
    void what_is_printed_by_a_pattern_is_read_by_it() {
        var patterns = List.of(
                "yyyy-MM-dd HH:mm:ss.SSSSSSSSS",
                "dd/MMM/yyyy:HH:mm:ss.SSSSSSSSS Z",
                "EEE, d MMM yyyy h:m:s.SSSSSSSSS a Z",
                "yyyyMMddHHmmssSSSSSSSSS",
                "yyyy-DDD'T'kk:mm:ss.SSSSSSSSS",
                "EEEE MMMM dd yy K:mm:ss.SSSSSSSSS a",
                "MMM d HH:mm:ss.SSSSSSSSS");
        var zones = List.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "+03:30");
        for (int seed : Seeds.upTo(3_000)) {
            var random = Seeds.random(seed);
            var pattern = patterns.get(random.nextInt(patterns.size()));
            var zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
            var time = LocalDateTime.ofEpochSecond(
                            946_684_800L + random.nextLong(3_000_000_000L),
                            random.nextInt(1_000_000_000),
                            ZoneOffset.UTC)
                    .atZone(zone);
            var printed = DateTimeFormatter.ofPattern(pattern.replace('y', 'u'), Locale.ENGLISH)
                    .format(time);
            var received = time.toInstant().plusSeconds(random.nextInt(10_000_000) - 5_000_000);
            var event = Event.of("{\"t\":" + Json.write(printed) + "}", received);
            var spec = new FilterSpec.Timestamp(
                    FieldPath.parse("t"),
                    List.of(new TimeForm(pattern)),
                    zone,
                    FieldPath.parse("@timestamp"),
                    Optional.empty());
            Some.through(new ReadTimestamp(spec), event);
            var read = Instant.parse(String.valueOf(event.get("@timestamp")));
            // Of an hour that the clocks repeat the earlier is meant, unless the offset is written.
            var expected = pattern.contains("Z") ? time : time.withEarlierOffsetAtOverlap();
            assertThat(read)
                    .as("seed %d: %s in %s, %s", seed, printed, zone, pattern)
                    .isEqualTo(expected.toInstant());
        }
    }

    @Test
    void no_text_breaks_the_reading_of_a_time() {
        var forms = List.of("iso", "epoch", "dd/MMM/yyyy:HH:mm:ss Z", "yyyyMMddHHmmssSSS", "h:mm a ZZZ", "DDD EEE");
        var pieces = List.of(
                "2026", "-", "11", ":", "22", "T", "Z", " ", "+01", "Nov", "pm", ".", "9", "\u00e4", "Sun", "/", "00");
        for (int seed : Seeds.upTo(5_000)) {
            var random = Seeds.random(seed);
            var text = new StringBuilder();
            for (int i = random.nextInt(14); i > 0; i--) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            var event = Some.event("{}");
            event.set(text.toString(), "t");
            var spec = new FilterSpec.Timestamp(
                    FieldPath.parse("t"),
                    List.of(new TimeForm(forms.get(random.nextInt(forms.size())))),
                    ZoneOffset.UTC,
                    FieldPath.parse("@timestamp"),
                    Optional.empty());
            Some.through(new ReadTimestamp(spec), event);
            assertThat(event.has("@timestamp")).as("seed %d: %s", seed, text).isNotEqualTo(event.has("tags"));
        }
    }

    /// What the filter leaves, which can be written and read again.
    private static Map<String, ?> leaf(io.logroute.flow.Filter filter, String json, int seed) {
        var event = Some.event(json);
        if (seed % 2 == 0) {
            event.tree();
        }
        var left = Some.through(filter, event).getFirst();
        var bytes = Json.write(left.tree()).getBytes(StandardCharsets.UTF_8);
        assertThat(Json.check(bytes, 0, bytes.length)).as("seed %d", seed).isNull();
        return left.tree();
    }

    /// All values that are no objects with fields, in any order.
    private static List<String> leaves(Map<?, ?> object) {
        var leaves = new ArrayList<String>();
        gather(object, leaves);
        return leaves.stream().sorted().toList();
    }

    private static void gather(@Nullable Object value, List<String> leaves) {
        switch (value) {
            case Map<?, ?> map -> map.values().forEach(each -> gather(each, leaves));
            case null, default -> leaves.add(String.valueOf(value));
        }
    }

    private static FieldPath path(Random random) {
        var keys = IntStream.rangeClosed(0, random.nextInt(3))
                .mapToObj(_ -> NAMES.get(random.nextInt(6)))
                .toList();
        return new FieldPath(keys);
    }

    private static String event(Random random) {
        return object(random, 3);
    }

    /// Every value is another one.
    private static String object(Random random, int depth) {
        var json = new StringBuilder("{");
        for (var name : NAMES.subList(0, depth == 3 ? NAMES.size() : 6)) {
            if (random.nextInt(5) < 2) {
                continue;
            }
            json.append(json.length() > 1 ? "," : "").append('"').append(name).append("\":");
            if (depth > 0 && random.nextInt(3) > 0 && !name.equals("@timestamp")) {
                json.append(object(random, depth - 1));
            } else {
                json.append(random.nextInt(1_000_000));
            }
        }
        return json.append('}').toString();
    }
}
