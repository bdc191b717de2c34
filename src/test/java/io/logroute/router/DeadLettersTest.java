package io.logroute.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.router.DeadLetters.Bounds;
import io.logroute.router.DeadLetters.Letter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
    private static final LetterId END = new LetterId(Long.MAX_VALUE, 0);

    @TempDir
    Path folder;

    private Instant now = Rig.NOON;
    private final Map<String, Long> gone = new TreeMap<>();

    private DeadLetters open(long maxBytes) {
        return new DeadLetters(
                folder,
                "core",
                "es",
                "buf",
                new Bounds(maxBytes, Duration.ofDays(30)),
                () -> now,
                (why, letters) -> gone.merge(why, letters, Long::sum));
    }

    private DeadLetters open() {
        return open(1 << 30);
    }

    private static Event event(long n) {
        return Event.of("{\"n\":%d,\"text\":\"%s\"}".formatted(n, "x".repeat(50)), Rig.NOON)
                .addressed(new Address(n % 2 == 0 ? "even" : "odd", 0, Optional.empty()));
    }

    private static Letter letter(long n) {
        return new Letter(
                event(n), "mapper_parsing_exception: failed to parse field [x] in document '%d'".formatted(n));
    }

    private static void keep(DeadLetters letters, long from, long to) throws IOException {
        letters.keep(
                LongStream.range(from, to).mapToObj(DeadLettersTest::letter).toList());
    }

    private static List<DeadLetter> all(DeadLetters letters, LetterFilter filter) throws IOException {
        var all = new ArrayList<DeadLetter>();
        var after = LetterId.START;
        while (true) {
            var page = letters.page(filter, after, END, 7, 1 << 20);
            all.addAll(page.letters());
            if (page.next().isEmpty()) {
                return all;
            }
            after = page.next().get();
        }
    }

    private static List<Long> numbers(DeadLetters letters) throws IOException {
        return all(letters, LetterFilter.ALL).stream()
                .map(DeadLettersTest::number)
                .toList();
    }

    private static long number(DeadLetter letter) {
        return Long.parseLong(
                String.valueOf(Event.of(letter.contentText(), Rig.NOON).text("n")));
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private Path file(int number) {
        return folder.resolve("%08d.ndjson".formatted(number));
    }

    @Test
    void a_letter_holds_all_that_is_known_and_the_event_as_it_would_have_been_sent() throws Exception {
        var cameIn = "{\"level\":\"debug\",\n \"text\":\"a\\nb\"}";
        var changed = Event.of(cameIn, Rig.NOON);
        changed.set("info", "level");
        try (var letters = open()) {
            letters.keep(List.of(new Letter(
                    changed.piece(3).addressed(new Address("shop", 1, Optional.of("shop-2026"))),
                    "refused by http://me:secret@host/x")));
            var letter = all(letters, LetterFilter.ALL).getFirst();
            assertThat(letter.contentText()).isEqualTo("{\"level\":\"info\",\"text\":\"a\\nb\"}");
            assertThat(letter.cameInText()).isEqualTo(cameIn);
            assertThat(letter.isChanged()).isTrue();
            assertThat(letter.head().reason()).isEqualTo("refused by http://…@host/x");
            assertThat(letter.head().index()).contains("shop-2026");
            assertThat(letter.head().copy()).isEqualTo(1);
            assertThat(letter.head().piece()).isEqualTo("3");
            assertThat(letter.head().route()).isEqualTo("shop");
            assertThat(letter.head().buffer()).isEqualTo("buf");
            assertThat(letter.head().received()).isEqualTo(Rig.NOON);
            assertThat(letters.letter(letter.id()).orElseThrow().cameInText()).isEqualTo(cameIn);
        }
        assertThat(Files.readAllLines(file(1))).hasSize(1);
    }

    @Test
    void pages_give_every_letter_once_and_in_order() throws Exception {
        try (var letters = open(128 << 10)) { // files of 8 KiB
            keep(letters, 0, 20);
            keep(letters, 20, 300);
            assertThat(numbers(letters)).isEqualTo(range(0, 300));
            assertThat(all(
                                    letters,
                                    new LetterFilter(
                                            Optional.of("odd"),
                                            Optional.of("DOCUMENT '1"),
                                            Optional.empty(),
                                            Optional.empty()))
                            .size())
                    .isEqualTo(1 + 5 + 50);
        }
    }

    @Test
    void a_restart_finds_them_again_and_what_was_taken_out_stays_out() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 10);
            letters.remove(all(letters, LetterFilter.ALL).subList(2, 5), "purged");
        }
        try (var letters = open()) {
            keep(letters, 10, 12);
            assertThat(numbers(letters)).containsExactly(0L, 1L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
            assertThat(letters.summary().letters()).isEqualTo(9);
            assertThat(gone).isEqualTo(Map.of("purged", 3L));
        }
    }

    @Test
    void the_last_line_that_a_crash_cut_off_costs_only_itself() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 3);
        }
        long size = Files.size(file(1));
        try (var file = java.nio.channels.FileChannel.open(file(1), StandardOpenOption.WRITE)) {
            file.truncate(size - 40);
        }
        try (var letters = open()) {
            assertThat(numbers(letters)).containsExactly(0L, 1L);
            keep(letters, 7, 9);
            assertThat(numbers(letters)).containsExactly(0L, 1L, 7L, 8L);
            assertThat(letters.summary().damaged()).isEqualTo(1);
        }
    }

    @Test
    void a_purge_of_all_that_there_are_takes_damaged_lines_too_and_none_that_came_since() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 3);
        }
        try (var file = java.nio.channels.FileChannel.open(file(1), StandardOpenOption.WRITE)) {
            file.truncate(Files.size(file(1)) - 40);
        }
        try (var letters = open()) {
            var until = letters.end();
            keep(letters, 7, 9);
            assertThat(letters.purge(LetterFilter.ALL, LetterId.START, Optional.of(until), 100)
                            .removed())
                    .isEqualTo(2);
            assertThat(numbers(letters)).containsExactly(7L, 8L);
            assertThat(letters.purge(LetterFilter.ALL, LetterId.START, Optional.of(letters.end()), 100)
                            .removed())
                    .isEqualTo(2);
            assertThat(letters.summary().damaged()).isZero();
        }
    }

    @Test
    void whatever_bits_flip_the_other_letters_are_there_and_the_sink_goes_on() throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            var random = new Random(seed);
            for (var old : Files.list(folder).toList()) {
                Files.delete(old);
            }
            try (var letters = open()) {
                keep(letters, 0, 40);
                letters.remove(all(letters, LetterFilter.ALL).subList(0, 5), "purged");
            }
            var bytes = Files.readAllBytes(file(1));
            var hit = new TreeSet<Long>();
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                int at = random.nextInt(bytes.length);
                hit.add(new String(bytes, 0, at, UTF_8).lines().count() - (at > 0 && bytes[at - 1] == '\n' ? 0 : 1));
                hit.add(new String(bytes, 0, at, UTF_8).lines().count());
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file(1), bytes);
            var goneFile = folder.resolve("00000001.gone");
            var tombs = Files.readAllBytes(goneFile);
            tombs[random.nextInt(tombs.length)] ^= 1;
            Files.write(goneFile, tombs);
            try (var letters = open()) {
                var there = numbers(letters);
                var expected = new ArrayList<>(range(5, 40));
                expected.removeAll(hit);
                assertThat(there).as("seed %d, hit %s", seed, hit).containsAll(expected);
                assertThat(there).as("seed %d", seed).isSubsetOf(range(0, 40));
                keep(letters, 100, 102);
                assertThat(numbers(letters)).as("seed %d", seed).contains(100L, 101L);
                letters.summary();
            }
        }
    }

    @Test
    void beyond_its_bytes_the_oldest_go_and_are_counted() throws Exception {
        try (var letters = open(64 << 10)) {
            for (int i = 0; i < 100; i++) {
                keep(letters, i * 10, i * 10 + 10);
            }
            var left = numbers(letters);
            assertThat(left).endsWith(999L).isSorted();
            assertThat(left.size()).isLessThan(400);
            assertThat(gone).isEqualTo(Map.of("max_bytes", 1000L - left.size()));
            assertThat(letters.summary().bytes()).isLessThanOrEqualTo(64 << 10);
        }
    }

    @Test
    void what_went_while_it_was_replayed_is_passed_over_and_the_others_are_taken_out() throws Exception {
        try (var letters = open(64 << 10)) {
            for (int i = 0; i < 15; i++) {
                keep(letters, i * 10, i * 10 + 10);
            }
            var page = letters.page(LetterFilter.ALL, LetterId.START, END, 1000, 1 << 20);
            assertThat(page.letters()).hasSize(150);
            for (int i = 15; !gone.containsKey("max_bytes"); i++) {
                keep(letters, i * 10, i * 10 + 10);
            }
            long went = gone.getOrDefault("max_bytes", 0L);
            assertThat(went).isBetween(1L, 149L);
            assertThat(letters.remove(page.letters(), "replayed")).isEqualTo(150 - went);
            assertThat(gone).containsEntry("replayed", 150 - went).containsEntry("max_bytes", went);
            assertThat(numbers(letters)).isNotEmpty().allMatch(number -> number >= 150);
        }
    }

    @Test
    void beyond_their_age_they_go_even_when_few_come() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 3);
            for (int day = 0; day < 29; day++) {
                letters.sweep();
                keep(letters, 10 + day, 11 + day);
                now = now.plus(Duration.ofDays(1));
            }
            letters.sweep();
            assertThat(numbers(letters)).contains(0L, 38L);
            now = now.plus(Duration.ofDays(10));
            letters.sweep();
            assertThat(numbers(letters)).doesNotContain(0L, 1L, 2L, 10L).contains(38L);
            now = now.plus(Duration.ofDays(60));
            letters.sweep();
            letters.sweep();
            now = now.plus(Duration.ofDays(60));
            letters.sweep();
            assertThat(numbers(letters)).isEmpty();
            assertThat(gone).isEqualTo(Map.of("max_age", 32L));
        }
    }

    @Test
    void an_id_never_comes_twice_even_when_all_went() throws Exception {
        var ids = new TreeSet<LetterId>();
        for (int round = 0; round < 4; round++) {
            try (var letters = open()) {
                keep(letters, 0, 5);
                for (var letter : all(letters, LetterFilter.ALL)) {
                    assertThat(ids.add(letter.id())).as("%s", letter.id()).isTrue();
                }
                if (round % 2 == 0) {
                    assertThat(letters.removeAll()).isEqualTo(5);
                } else {
                    letters.remove(all(letters, LetterFilter.ALL), "replayed");
                }
                assertThat(numbers(letters)).isEmpty();
                assertThat(letters.summary().bytes()).isZero();
            }
        }
    }

    @Test
    void the_most_frequent_reasons_are_told_without_what_differs() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 5);
            letters.keep(List.of(new Letter(event(6), "too large: 5242881 bytes")));
            assertThat(letters.summary().reasons())
                    .containsExactly(
                            new DeadLetters.Reason(
                                    "mapper_parsing_exception: failed to parse field [x] in document '…'", 5),
                            new DeadLetters.Reason("too large: N bytes", 1));
            now = now.plusSeconds(60);
            keep(letters, 9, 10);
            letters.remove(all(letters, LetterFilter.ALL).subList(0, 6), "purged");
            assertThat(letters.summary().oldest()).contains(now);
            assertThat(letters.summary().reasons())
                    .extracting(DeadLetters.Reason::letters)
                    .containsExactly(1L);
        }
    }

    @Test
    void letters_of_the_first_version_are_read_too() throws Exception {
        Files.writeString(
                file(1),
                "{\"time\":\"2026-11-22T12:00:00Z\",\"router\":\"core\",\"sink\":\"es\",\"route\":\"all\",\"reason\":\"no\","
                        + "\"seq\":4,\"event\":{\"n\":4,\"a\":\"}\\\"{\"}}\n");
        try (var letters = open()) {
            var letter = all(letters, LetterFilter.ALL).getFirst();
            assertThat(letter.contentText()).isEqualTo("{\"n\":4,\"a\":\"}\\\"{\"}");
            assertThat(letter.head().buffer()).isEmpty();
            assertThat(letter.isChanged()).isFalse();
        }
    }
}
