package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.router.DeadLetters.Letter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What holds of dead letters wherever they lie.
abstract class DeadLettersClaims {
    private static final LetterId END = LetterId.AFTER_ALL;

    Instant now = Rig.NOON;
    final Map<String, Long> gone = new TreeMap<>();

    /// Those of sink `es` of router `core`, by the buffer `buf`, for thirty days.
    abstract DeadLetters open(long maxBytes) throws IOException;

    DeadLetters open() throws IOException {
        return open(1 << 30);
    }

    static Event event(long n) {
        return Event.of("{\"n\":%d,\"text\":\"%s\"}".formatted(n, "x".repeat(50)), Rig.NOON)
                .addressed(new Address(n % 2 == 0 ? "even" : "odd", 0, Optional.empty()));
    }

    static Letter letter(long n) {
        return new Letter(
                event(n), "mapper_parsing_exception: failed to parse field [x] in document '%d'".formatted(n));
    }

    static void keep(DeadLetters letters, long from, long to) throws IOException {
        letters.keep(
                LongStream.range(from, to).mapToObj(DeadLettersClaims::letter).toList());
    }

    static List<DeadLetter> all(DeadLetters letters, LetterFilter filter) throws IOException {
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

    static List<Long> numbers(DeadLetters letters) throws IOException {
        return all(letters, LetterFilter.ALL).stream()
                .map(DeadLettersClaims::number)
                .toList();
    }

    static long number(DeadLetter letter) {
        return Long.parseLong(
                String.valueOf(Event.of(letter.contentText(), Rig.NOON).text("n")));
    }

    static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
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
    }

    @Test
    void pages_give_every_letter_once_and_in_order() throws Exception {
        try (var letters = open(256 << 10)) {
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
        try (var letters = open(96 << 10)) {
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
    void a_letter_of_many_megabytes_is_whole_and_goes_whole() throws Exception {
        try (var letters = open()) {
            var large = "{\"text\":\"%s\"}".formatted("xyz".repeat(1_500_000));
            keep(letters, 0, 2);
            letters.keep(List.of(new Letter(
                    Event.of(large, Rig.NOON).addressed(new Address("r", 0, Optional.empty())), "too large")));
            keep(letters, 2, 4);
            var there = all(letters, LetterFilter.ALL);
            assertThat(there).hasSize(5);
            assertThat(there.get(2).contentText()).isEqualTo(large);
            assertThat(letters.letter(there.get(2).id()).orElseThrow().contentText())
                    .isEqualTo(large);
            assertThat(letters.summary().bytes()).isGreaterThan(4_500_000);
            assertThat(letters.remove(List.of(there.get(2)), "purged")).isEqualTo(1);
            assertThat(letters.remove(List.of(there.get(2)), "purged")).isZero();
            assertThat(letters.letter(there.get(2).id())).isEmpty();
            assertThat(numbers(letters)).isEqualTo(range(0, 4));
            assertThat(letters.summary().damaged()).isZero();
        }
    }

    @Test
    void a_purge_of_all_takes_none_that_came_since() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 3);
            var until = letters.end();
            keep(letters, 7, 9);
            assertThat(letters.purge(LetterFilter.ALL, LetterId.START, Optional.of(until), 100)
                            .removed())
                    .isEqualTo(3);
            assertThat(numbers(letters)).containsExactly(7L, 8L);
            assertThat(letters.purge(LetterFilter.ALL, LetterId.START, Optional.of(letters.end()), 100)
                            .removed())
                    .isEqualTo(2);
            assertThat(letters.summary().letters()).isZero();
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
}
