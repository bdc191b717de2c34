package io.logroute.parts.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever is stored of a log when all breaks off, reading on from its mark gives exactly the rest: no line
/// lost, none twice, each stream in order.
class PositionLaws {
    private static final long BEGIN = 1_795_000_000_000_000_000L;

    /// A log that is written by two streams side by side.
    private static final class Story {
        final List<DockerLog.Piece> pieces = new ArrayList<>();
        final Map<Boolean, List<String>> lines =
                new HashMap<>(Map.of(false, new ArrayList<>(), true, new ArrayList<>()));

        Story(Random random, boolean tty) {
            var waiting = new HashMap<Boolean, List<DockerLog.Piece>>();
            long time = BEGIN;
            long latest = BEGIN;
            for (int number = 0; number < random.nextInt(5, 60); number++) {
                time += switch (random.nextInt(6)) {
                    case 0, 1 -> 0;
                    case 2 -> random.nextInt(1_000);
                    case 3 -> -random.nextInt(2_000_000_000); // the clock is set back
                    case 4 -> random.nextInt(1_000_000_000);
                    default -> 8_000_000_000L;
                };
                latest = Math.max(latest, time);
                time = Math.max(time, latest - Position.WHILE);
                boolean err = !tty && random.nextInt(3) == 0;
                var line =
                        number + "-" + "x".repeat(random.nextInt(6) == 0 ? random.nextInt(40_000) : random.nextInt(9));
                Objects.requireNonNull(lines.get(err)).add(line);
                var cut = DockerLog.cut(err, time, line.getBytes(StandardCharsets.UTF_8), true);
                // Its pieces come slowly, between those of the other stream.
                var mine = waiting.computeIfAbsent(err, _ -> new ArrayList<>());
                pieces.addAll(mine);
                mine.clear();
                mine.addAll(cut);
                pieces.add(mine.removeFirst()); // with the others of its line still in the program, maybe for hours
                while (!mine.isEmpty() && random.nextInt(4) > 0) {
                    pieces.add(mine.removeFirst());
                }
            }
            waiting.values().forEach(pieces::addAll);
        }
    }

    private record Stored(boolean err, String line, String mark) {}

    @Test
    void no_line_is_lost_and_none_comes_twice_wherever_it_breaks_off() throws IOException {
        for (int seed : Seeds.upTo(2_000)) {
            var random = Seeds.random(seed);
            boolean tty = random.nextInt(4) == 0;
            boolean modern = random.nextBoolean();
            var story = new Story(random, tty);
            var log = new DockerLog(tty);
            story.pieces.forEach(log::add);
            var stored = new ArrayList<Stored>();
            int there = 0;
            var position = new Position(0);
            var lines = lines(position, stored);
            for (int life = 0; there < log.size() || life == 0; life++) {
                there = life > 6 ? log.size() : random.nextInt(there, log.size() + 1);
                var decoder = new LogDecoder(tty, lines.get());
                var bytes = again(log, position, lines.get(), there, modern);
                boolean whole = there == log.size();
                int end = whole ? bytes.length : random.nextInt(bytes.length + 1);
                int cut = random.nextInt(end + 1);
                decoder.take(bytes, 0, cut);
                decoder.take(bytes, cut, end);
                if (whole) {
                    break;
                }
                if (random.nextInt(3) > 0) {
                    continue; // the stream broke off, and we live
                }
                // kill -9, with some of it stored
                int kept = random.nextInt(stored.size() + 1);
                stored.subList(kept, stored.size()).clear();
                position = stored.isEmpty()
                        ? new Position(0)
                        : Position.read(stored.getLast().mark()).orElseThrow();
                lines = lines(position, stored);
            }
            for (boolean err : new boolean[] {false, true}) {
                assertThat(stored.stream()
                                .filter(each -> each.err() == err)
                                .map(Stored::line)
                                .map(PositionLaws::brief))
                        .as("seed %d, tty %s, modern %s, stream %s", seed, tty, modern, err ? "err" : "out")
                        .containsExactlyElementsOf(Objects.requireNonNull(story.lines.get(err)).stream()
                                .map(PositionLaws::brief)
                                .toList());
            }
        }
    }

    private static String brief(String line) {
        return line.length() < 30 ? line : line.substring(0, 10) + "... " + line.length();
    }

    private static java.util.function.Supplier<Lines> lines(Position position, List<Stored> stored) {
        var made = new Lines[1];
        made[0] = new Lines(position, 1 << 20, () -> true, (err, time, bytes, from, to, partial) -> {
            position.nextTimeId(time);
            stored.add(new Stored(
                    err,
                    new String(bytes, from, to - from, StandardCharsets.UTF_8),
                    position.now().written()));
        });
        return () -> made[0];
    }

    @Test
    void what_was_rotated_away_is_not_waited_for() throws IOException {
        var log = new DockerLog(false);
        for (int i = 0; i < 10; i++) {
            log.line(false, BEGIN + i, "line " + i);
        }
        var stored = new ArrayList<Stored>();
        var position = new Position(0);
        var lines = lines(position, stored);
        read(log, position, lines.get(), 4);
        log.rotate(7); // 4, 5 and 6 are gone unread
        read(log, position, lines.get(), log.size());
        assertThat(stored.stream().map(Stored::line))
                .containsExactly("line 0", "line 1", "line 2", "line 3", "line 7", "line 8", "line 9");
    }

    private static byte[] again(DockerLog log, Position position, Lines lines, int to, boolean modern) {
        lines.letGo();
        return log.since(position.reopen(), 0, to, modern);
    }

    private static void read(DockerLog log, Position position, Lines lines, int to) throws IOException {
        var bytes = again(log, position, lines, to, false);
        new LogDecoder(false, lines).take(bytes, 0, bytes.length);
    }

    @Test
    void a_line_that_its_writer_did_not_end_is_one_of_its_own() throws IOException {
        var log = new DockerLog(false);
        log.line(false, BEGIN, "whole");
        log.add(new DockerLog.Piece(false, BEGIN + 1, "killed in the mid".getBytes(StandardCharsets.UTF_8), false));
        log.line(false, BEGIN + 2, "started again");
        var stored = new ArrayList<Stored>();
        var position = new Position(0);
        var lines = lines(position, stored);
        read(log, position, lines.get(), 2);
        lines.get().end();
        var after = Position.read(stored.getLast().mark()).orElseThrow();
        var anew = lines(after, stored);
        read(log, after, anew.get(), 3);
        read(log, after, anew.get(), 3);
        assertThat(stored.stream().map(Stored::line)).containsExactly("whole", "killed in the mid", "started again");
    }

    @Test
    void a_line_that_is_too_long_comes_in_parts() throws IOException {
        var log = new DockerLog(false);
        log.line(false, BEGIN, "x".repeat(100_000));
        log.line(false, BEGIN + 1, "next");
        var parts = new ArrayList<String>();
        var position = new Position(0);
        var lines = new Lines(
                position,
                40_000,
                () -> true,
                (_, _, _, from, to, partial) -> parts.add((to - from) + (partial ? "+" : "")));
        read(log, position, lines, log.size());
        assertThat(parts).containsExactly("32768+", "32768+", "34464", "4");
        read(log, position, lines, log.size());
        assertThat(parts).as("read again").hasSize(4);
    }

    @Test
    void a_long_line_comes_in_parts_when_there_is_no_room_for_it() throws IOException {
        var log = new DockerLog(false);
        log.line(false, BEGIN, "x".repeat(100_000));
        var parts = new ArrayList<Integer>();
        var position = new Position(0);
        var lines = new Lines(
                position,
                1 << 20,
                () -> false,
                (_, _, _, from, to, partial) -> parts.add(partial ? from - to : to - from));
        read(log, position, lines, log.size());
        assertThat(parts).containsExactly(-65_536, 34_464);
    }

    @Test
    void marks_of_others_are_none() {
        assertThat(Position.read("")).isEmpty();
        assertThat(Position.read("2 1 1 1 1 1 1 1 1 1 1 0")).isEmpty();
        assertThat(Position.read("1 99999999999999999999 1 1 1 1 1 1 1 1 1 0")).isEmpty();
        assertThat(Position.read("1 1 1 1 1 1 1 1 1 1 1 0 and what a later one adds"))
                .isPresent();
    }
}
