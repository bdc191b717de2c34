package io.logroute.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.router.DeadLetters.Bounds;
import io.logroute.router.DeadLetters.Letter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest extends DeadLettersClaims {
    @TempDir
    Path folder;

    @Override
    DeadLetters open(long maxBytes) {
        return new LettersOnDisk(
                folder,
                "core",
                "es",
                "buf",
                new Bounds(maxBytes, Duration.ofDays(30)),
                () -> now,
                (why, letters) -> gone.merge(why, letters, Long::sum));
    }

    private Path file(int number) {
        return folder.resolve("%08d.ndjson".formatted(number));
    }

    @Test
    void a_letter_is_one_line_whatever_the_event_has() throws Exception {
        try (var letters = open()) {
            letters.keep(List.of(new Letter(
                    Event.of("{\"a\":1,\n \"b\":2}", Rig.NOON).addressed(new Address("shop", 0, Optional.empty())),
                    "no")));
        }
        assertThat(Files.readAllLines(file(1))).hasSize(1);
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
            letters.sweep();
            assertThat(letters.count()).hasValue(4);
        }
        try (var letters = open()) {
            assertThat(letters.summary().damaged())
                    .as("it was promised to nobody")
                    .isZero();
            assertThat(letters.page(LetterFilter.ALL, LetterId.START, letters.end(), 100, 1 << 20)
                            .damaged())
                    .isZero();
        }
    }

    @Test
    void a_last_letter_that_only_its_line_end_is_missing_of_is_a_letter() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 3);
        }
        try (var file = java.nio.channels.FileChannel.open(file(1), StandardOpenOption.WRITE)) {
            file.truncate(Files.size(file(1)) - 1);
        }
        try (var letters = open()) {
            letters.sweep();
            keep(letters, 7, 8);
            assertThat(numbers(letters)).containsExactly(0L, 1L, 2L, 7L);
            assertThat(letters.count()).hasValue(4);
        }
    }

    @Test
    void a_letter_that_is_damaged_counts_until_it_is_purged() throws Exception {
        try (var letters = open()) {
            keep(letters, 0, 3);
        }
        var bytes = Files.readAllBytes(file(1));
        bytes[bytes.length / 2] ^= 0x10;
        Files.write(file(1), bytes);
        try (var letters = open()) {
            letters.sweep();
            assertThat(letters.count()).hasValue(3);
            letters.remove(all(letters, LetterFilter.ALL), "replayed");
            assertThat(letters.count()).as("nobody said to give it up").hasValue(1);
            letters.purge(LetterFilter.ALL, LetterId.START, Optional.of(letters.end()), 100);
            assertThat(letters.count()).hasValue(0);
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
            var random = Seeds.random(seed);
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
