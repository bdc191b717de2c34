package io.logroute.parts.multiline;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Taking;
import io.logroute.parts.text.OnlyWhen;
import io.logroute.spec.ByteSize;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.LinePattern;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultilineTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final Taking taking = new Taking();
    private long seq;

    @Test
    void a_line_that_start_is_found_in_begins_an_event() {
        var multiline = multiline(start("^[0-9]{4}-"));
        take(multiline, "c1", "2026- a", 0);
        take(multiline, "c1", "b", 1);
        take(multiline, "c1", " c 2026-", 2);
        assertThat(taking.released).isEmpty();
        take(multiline, "c1", "2026- d", 3);
        assertThat(texts()).containsExactly("2026- a\nb\n c 2026-");
        multiline.flush(taking);
        assertThat(texts()).endsWith("2026- d");
    }

    @Test
    void a_line_that_next_is_found_in_belongs_to_the_one_before() {
        var multiline = multiline(next("^[&]"));
        take(multiline, "c1", "&orphan", 0);
        take(multiline, "c1", "&more", 0);
        take(multiline, "c1", "a", 0);
        take(multiline, "c1", "b", 0);
        take(multiline, "c1", "&c", 0);
        multiline.flush(taking);
        assertThat(texts()).containsExactly("&orphan\n&more", "a", "b\n&c");
    }

    @Test
    void what_is_joined_is_the_first_lines_event_with_the_text_of_all_as_if_it_had_come_in_so() {
        var multiline = multiline(next("^ "));
        apply(
                multiline,
                "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"container_id\":\"c1\",\"msg\":\"a\",\"level\":\"error\"}",
                0);
        apply(
                multiline,
                "{\"@timestamp\":\"2026-01-01T00:00:01Z\",\"container_id\":\"c1\",\"msg\":\" b\\\"\\u00e4\",\"level\":\"info\"}",
                1);
        multiline.flush(taking);
        var joined = taking.released.getFirst();
        var json =
                "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"container_id\":\"c1\",\"msg\":\"a\\n b\\\"ä\",\"level\":\"error\"}";
        assertThat(joined.json()).isEqualTo(json);
        assertThat(joined.seq()).isZero();
        assertThat(joined.received()).isEqualTo(NOON);
        assertThat(new String(joined.raw(), StandardCharsets.UTF_8))
                .as("dead letters keep all of it")
                .isEqualTo(json);
        assertThat(joined.isOtherThanCameIn()).isFalse();
    }

    @Test
    void a_single_line_goes_on_as_the_bytes_that_came_in() {
        var multiline = multiline(next("^ "));
        var json = "{\"@timestamp\" : \"t\",  \"container_id\":\"c1\",\"msg\":\"a\\u0020b\",\"n\":1.50}";
        apply(multiline, json, 0);
        multiline.flush(taking);
        assertThat(taking.released.getFirst().json()).isEqualTo(json);
    }

    @ParameterizedTest(name = "{0} and {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"container_id\":\"c1\" | \"container_id\":\"c2\"",
                "\"container_id\":\"c1\",\"stream\":\"stdout\" | \"container_id\":\"c1\",\"stream\":\"stderr\"",
                "\"container_id\":\"c1\",\"container_name\":\"n\" | \"container_id\":\"c2\",\"container_name\":\"n\"",
                "\"container_id\":\"\",\"container_name\":\"n1\" | \"container_id\":\"\",\"container_name\":\"n2\"",
                "\"container\":{\"id\":\"c1\"} | \"container\":{\"id\":\"c2\"}",
                "\"container_name\":\"n1\" | \"container_name\":\"n2\"",
                "\"container_name\":\"n1\" | \"container_id\":\"c1\"",
                "\"container_short_name\":\"n1\" | \"container_short_name\":\"n2\"",
                "\"task_id\":\"t1\",\"service_name\":\"s\" | \"task_id\":\"t2\",\"service_name\":\"s\"",
                "\"service_name\":\"s1\" | \"service_name\":\"s2\"",
                "\"service_name\":\"s1\",\"stream\":\"stdout\" | \"service_name\":\"s1\",\"stream\":\"stderr\"",
                "\"service_name\":\"x\" | \"task_id\":\"x\"",
                "\"host\":{\"name\":\"h1\"} | \"host\":{\"name\":\"h2\"}",
                "\"host\":{\"hostname\":\"h1\"} | \"host\":{\"hostname\":\"h2\"}",
                "\"log\":{\"file\":{\"path\":\"/a\"}} | \"log.file.path\":\"/b\"",
                "\"host\":{\"name\":\"h1\"},\"log.file.path\":\"/a\" | \"host\":{\"name\":\"h2\"},\"log.file.path\":\"/a\"",
            })
    void streams_are_told_apart_by_whatever_says_where_they_come_from(String one, String other) {
        var multiline = multiline(next("^ "));
        apply(multiline, "{%s,\"msg\":\"a\"}".formatted(one), 0);
        apply(multiline, "{%s,\"msg\":\"b\"}".formatted(other), 0);
        apply(multiline, "{%s,\"msg\":\" a2\"}".formatted(one), 0);
        apply(multiline, "{%s,\"msg\":\" b2\"}".formatted(other), 0);
        multiline.flush(taking);
        assertThat(texts()).containsExactly("a\n a2", "b\n b2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"x\":1",
                "\"stream\":\"stdout\"",
                "\"container_id\":\"\",\"service_name\":null",
                "\"host\":\"h1\"",
                "\"level\":\"error\""
            })
    void events_of_which_nothing_says_where_they_come_from_pass_as_they_are(String fields) {
        var multiline = multiline(next("^ "));
        var texts = List.of("a", " of another", " of a third");
        for (var text : texts) {
            apply(multiline, "{%s,\"msg\":\"%s\"}".formatted(fields, text), 0);
        }
        assertThat(taking.passed).extracting(event -> event.get("msg")).isEqualTo(texts);
        assertThat(multiline.heldFrom()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_key_of_the_spec_tells_streams_apart_and_events_that_lack_a_field_of_it_pass() {
        var multiline = new Multiline(new FilterSpec.Multiline(
                Optional.empty(),
                Optional.empty(),
                Optional.of(new LinePattern("^ ")),
                Optional.of(FieldPath.parse("log.text")),
                Optional.of(FieldTemplate.parse("%{pod}")),
                Duration.ofSeconds(1),
                500,
                new ByteSize(1024),
                Optional.empty()));
        apply(multiline, "{\"pod\":\"p\",\"log\":{\"text\":\"a\"}}", 0);
        apply(multiline, "{\"log\":{\"text\":\" b\"}}", 0);
        apply(multiline, "{\"pod\":\"p\",\"msg\":\" c\"}", 0);
        apply(multiline, "{\"pod\":\"p\",\"log\":{\"text\":5}}", 0);
        assertThat(taking.passed).as("no pod, no text, no text").hasSize(3);
        apply(multiline, "{\"pod\":\"p\",\"log\":{\"text\":\" d\"}}", 0);
        multiline.flush(taking);
        assertThat(taking.released.getFirst().get("log", "text")).isEqualTo("a\n d");
    }

    @Test
    void an_event_is_complete_when_no_line_came_for_so_long() {
        var multiline = multiline(next("^ "));
        take(multiline, "c1", "a", 0);
        take(multiline, "c1", " b", 999);
        take(multiline, "c1", " c", 1998);
        take(multiline, "c1", " d", 2998);
        assertThat(texts()).containsExactly("a\n b\n c");
        take(multiline, "c2", "x", 3000);
        multiline.advance(NOON.plusMillis(3997), taking);
        assertThat(texts()).hasSize(1);
        multiline.advance(NOON.plusMillis(3998), taking);
        assertThat(texts()).containsExactly("a\n b\n c", " d");
        assertThat(multiline.heldFrom()).isEqualTo(4);
        multiline.advance(NOON.plusMillis(4000), taking);
        assertThat(multiline.heldFrom()).isEqualTo(Long.MAX_VALUE);
        assertThat(multiline.patience()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void time_that_goes_back_completes_nothing() {
        var multiline = multiline(next("^ "));
        take(multiline, "c1", "a", 0);
        multiline.advance(NOON.minusSeconds(100), taking);
        take(multiline, "c1", " b", -100_000);
        multiline.flush(taking);
        assertThat(texts()).containsExactly("a\n b");
    }

    @Test
    void so_many_lines_and_bytes_and_the_next_begins_another() {
        var multiline = multiline(next("^ "), 3, 1024);
        for (int i = 0; i < 7; i++) {
            take(multiline, "c1", " " + i, 0);
        }
        multiline.flush(taking);
        assertThat(texts()).containsExactly(" 0\n 1\n 2", " 3\n 4\n 5", " 6");
        taking.released.clear();
        var wide = multiline(next("^ "), 500, 1024);
        take(wide, "c1", "x".repeat(600), 0);
        take(wide, "c1", " " + "y".repeat(422), 0);
        take(wide, "c1", " z", 0);
        take(wide, "c1", " " + "ä".repeat(2000), 0);
        take(wide, "c1", " z", 0);
        wide.flush(taking);
        assertThat(taking.released)
                .extracting(event -> String.valueOf(event.get("msg")).length())
                .as("1024 bytes just fit; a line that is longer is an event of its own, and whole")
                .containsExactly(600 + 1 + 423, 2, 2001, 2);
    }

    @Test
    void others_than_those_that_when_holds_for_pass() {
        var multiline = OnlyWhen.of(event -> event.has("java"), multiline(next("^ ")));
        multiline.apply(event("{\"task_id\":\"t\",\"java\":1,\"msg\":\"a\"}", 0), taking);
        multiline.apply(event("{\"task_id\":\"t\",\"msg\":\" other\"}", 0), taking);
        multiline.apply(event("{\"task_id\":\"t\",\"java\":1,\"msg\":\" b\"}", 0), taking);
        assertThat(taking.passed).hasSize(1);
        assertThat(multiline).isInstanceOfSatisfying(io.logroute.flow.Holding.class, holding -> {
            assertThat(holding.heldFrom()).isZero();
            holding.flush(taking);
        });
        assertThat(texts()).containsExactly("a\n b");
    }

    @Test
    void too_many_streams_and_too_much_text_let_the_oldest_go_on_as_it_is() {
        var multiline = multiline(next("^ "));
        for (int i = 0; i < Multiline.MAX_STREAMS + 5; i++) {
            take(multiline, "c" + i, "first " + i, 0);
        }
        assertThat(texts()).containsExactly("first 0", "first 1", "first 2", "first 3", "first 4");
        var wide = multiline(next("^ "), 500, 16 << 20);
        taking.released.clear();
        int streams = (int) ((Multiline.MAX_BYTES + (16 << 20)) / (2 << 20));
        for (int i = 0; i < streams + 3; i++) {
            take(wide, "c" + i, "x".repeat(1 << 20), 0);
        }
        assertThat(taking.released).isNotEmpty().hasSizeLessThan(10);
    }

    /// Whatever comes: what is held is never less than what [Multiline#heldFrom] says, each line is in one
    /// event, and whoever begins again at a place where nothing is held gets the same from there on.
    @Test
    void nothing_is_lost_and_whoever_begins_again_at_a_clean_place_gets_the_same() {
        for (int seed = 0; seed < 300; seed++) {
            var random = Seeds.random(seed);
            var lines = new ArrayList<Event>();
            long millis = 0;
            for (int n = 0; n < 120; n++) {
                millis += random.nextInt(4) == 0 ? random.nextInt(1500) : random.nextInt(20);
                seq = n;
                lines.add(event(
                        "{\"container_id\":\"c%d\",\"msg\":\"%s%d\"}"
                                .formatted(random.nextInt(4), random.nextInt(3) == 0 ? "a" : " b", n),
                        millis));
            }
            var all = groups(lines, 0);
            assertThat(all.stream()
                            .mapToInt(group -> group.split("\n", -1).length)
                            .sum())
                    .as("seed %d", seed)
                    .isEqualTo(120);
            int clean = 0;
            var multiline = multiline(next("^ "), 6, 1024);
            for (int n = 0; n < 120; n++) {
                if (random.nextInt(4) == 0) {
                    multiline.advance(lines.get(n).received(), taking);
                }
                if (multiline.heldFrom() >= n) {
                    clean = n;
                }
                multiline.apply(lines.get(n).copy(), taking);
            }
            var again = groups(lines, clean);
            assertThat(all).as("seed %d from %d", seed, clean).containsAll(again);
        }
    }

    private static TreeSet<String> groups(List<Event> lines, int from) {
        var multiline = multiline(next("^ "), 6, 1024);
        var taking = new Taking();
        for (int n = from; n < lines.size(); n++) {
            multiline.advance(lines.get(n).received(), taking);
            multiline.apply(lines.get(n).copy(), taking);
        }
        multiline.flush(taking);
        var groups = new TreeSet<String>();
        taking.released.forEach(event -> groups.add(event.get("container_id") + ": " + event.get("msg")));
        return groups;
    }

    private List<String> texts() {
        return taking.released.stream()
                .map(event -> String.valueOf(event.get("msg")))
                .toList();
    }

    private void take(Multiline multiline, String container, String text, long millis) {
        apply(multiline, "{\"container_id\":\"%s\",\"msg\":\"%s\"}".formatted(container, text), millis);
    }

    private void apply(Multiline multiline, String json, long millis) {
        multiline.apply(event(json, millis), taking);
    }

    private Event event(String json, long millis) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return Event.of(bytes, 0, bytes.length, seq++, NOON.plusMillis(millis));
    }

    private record Kind(Optional<LinePattern> start, Optional<LinePattern> next) {}

    private static Kind start(String pattern) {
        return new Kind(Optional.of(new LinePattern(pattern)), Optional.empty());
    }

    private static Kind next(String pattern) {
        return new Kind(Optional.empty(), Optional.of(new LinePattern(pattern)));
    }

    private static Multiline multiline(Kind kind) {
        return multiline(kind, 500, 256 << 10);
    }

    private static Multiline multiline(Kind kind, int maxLines, long maxBytes) {
        return new Multiline(new FilterSpec.Multiline(
                Optional.empty(),
                kind.start(),
                kind.next(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(1),
                maxLines,
                new ByteSize(maxBytes),
                Optional.empty()));
    }
}
