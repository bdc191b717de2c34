package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.DiskBuffer;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Json;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BufferCommandTest {
    @TempDir
    Path data;

    /// Router `core`: 50 records of 2 events, of which sink `es` has settled 20 events.
    @BeforeEach
    void write() throws Exception {
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            for (int i = 0; i < 50; i++) {
                var frames = frames("{\"n\":%d}".formatted(2 * i), "{\"n\":\n%d}".formatted(2 * i + 1));
                buffer.append(frames.bytes(), frames.from(), frames.length(), 2, Frames.CODEC);
            }
            buffer.sync();
            cursor.settle(20);
            cursor.save();
        }
    }

    private DiskBuffer open() throws IOException {
        return DiskBuffer.open(folder(), new DiskBuffer.Limits(1 << 20, 4096));
    }

    private Path folder() {
        return data.resolve("routers/core/buffer");
    }

    private static Frames frames(String... events) {
        return Frames.of(
                Stream.of(events).map(json -> Event.of(json, Instant.EPOCH)).toList());
    }

    private Said buffer(String verb, String... more) {
        var args = new java.util.ArrayList<>(List.of("buffer", verb, "--data", data.toString()));
        args.addAll(List.of(more));
        return Said.by(args.toArray(String[]::new));
    }

    private static Map<?, ?> first(Said said) {
        var bytes = said.out().getBytes(StandardCharsets.UTF_8);
        return (Map<?, ?>) ((List<?>) java.util.Objects.requireNonNull(Json.value(bytes, 0, bytes.length))).getFirst();
    }

    private String damage() throws IOException {
        try (var files = Files.list(folder())) {
            var file = files.filter(each -> each.toString().endsWith(".seg"))
                    .sorted()
                    .skip(1)
                    .findFirst()
                    .orElseThrow();
            try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[] {'#'}), 1024 + 48 + 15);
            }
            return file.getFileName().toString();
        }
    }

    @Test
    void ls_tells_of_a_place_that_cannot_be_read_what_comes_of_it() throws IOException {
        Files.write(folder().resolve("cursors/es.cur"), new byte[8192]);
        var said = buffer("ls");
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains(
                        "damaged: cursors/es.cur, bytes 0 to 8192: the place of reader es cannot be read: it begins again at"
                                + " the oldest record, so that nothing is lost and some comes twice")
                .contains("LogRoute moves it to corrupt/ when it starts, logroute buffer repair does so now;");
        assertThat(String.valueOf(first(buffer("ls", "-o", "json")).get("damage")))
                .contains("file=cursors/es.cur", "kind=place");
        assertThat(buffer("repair", "--yes").code()).isZero();
        assertThat(buffer("ls").out()).doesNotContain("damaged:");
    }

    @Test
    void a_segment_of_another_number_is_told_with_both_and_its_name_back_mends_it() throws IOException {
        Path last;
        try (var files = Files.list(folder())) {
            last = files.filter(each -> each.toString().endsWith(".seg"))
                    .sorted()
                    .toList()
                    .getLast();
        }
        var whole = buffer("verify").out();
        long number = Long.parseLong(last.getFileName().toString().substring(0, 20));
        var renamed = last.resolveSibling("%020d.seg".formatted(number + 5));
        Files.move(last, renamed);
        var words =
                ("its head says that it is segment %d, and its name that it is %d: it was renamed or copied, and nothing in"
                                + " it is read. Where there is no %s, give it that name back before LogRoute starts")
                        .formatted(number, number + 5, last.getFileName());
        assertThat(buffer("verify").out()).contains(words);
        assertThat(buffer("ls").out())
                .contains("damaged: " + renamed.getFileName())
                .contains(words);
        Files.move(renamed, last);
        assertThat(buffer("verify").out()).isEqualTo(whole);
    }

    @Test
    void ls_tells_segments_and_how_far_behind_readers_are() {
        var said = buffer("ls");
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("BUFFER of router core", "not in use", "sealed", "es", "80");
        var tree = first(buffer("ls", "-o", "json"));
        assertThat(tree.get("live")).isEqualTo(false);
        assertThat(String.valueOf(tree.get("readers"))).contains("reader=es", "settled=20", "lagEvents=80,");
        long events = 0;
        if (tree.get("segments") instanceof List<?> segments) {
            for (var each : segments) {
                events +=
                        each instanceof Map<?, ?> segment && segment.get("events") instanceof Long number ? number : 0;
            }
        }
        assertThat(events).isEqualTo(100);
    }

    @Test
    void ls_works_while_it_is_in_use_and_says_by_whom() throws Exception {
        try (var _ = open()) {
            assertThat(buffer("ls").out())
                    .contains("in use by pid " + ProcessHandle.current().pid());
            assertThat(buffer("verify").code()).isZero();
        }
    }

    @Test
    void verify_names_damage_repair_mends_it_and_then_verify_is_content() throws Exception {
        assertThat(buffer("verify").code()).isZero();
        assertThat(buffer("verify").out()).contains("It is whole.");
        var hit = damage();
        var said = buffer("verify");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains(hit, "no whole record", "2 events are lost");
        assertThat(first(buffer("verify", "-o", "json")).get("lostEvents")).isEqualTo(2L);

        var dry = buffer("repair");
        assertThat(dry.code()).isEqualTo(1);
        assertThat(dry.out()).contains("would: copy " + hit, "Do it with --yes.");
        assertThat(folder().resolve("corrupt").resolve(hit)).doesNotExist();

        var done = buffer("repair", "--yes");
        assertThat(done.code()).isZero();
        assertThat(done.out()).contains("done: copied to corrupt/" + hit);
        assertThat(buffer("verify").code()).isZero();
        assertThat(buffer("verify").out()).contains("set aside already");
        assertThat(buffer("ls").out()).contains("set aside: corrupt/" + hit);
    }

    @Test
    void clear_deletes_what_was_set_aside_once_somebody_says_so() throws Exception {
        assertThat(buffer("clear").code()).isZero();
        assertThat(buffer("clear").out()).contains("nothing is set aside");
        var hit = damage();
        buffer("repair", "--yes");
        var dry = buffer("clear");
        assertThat(dry.code()).isEqualTo(1);
        assertThat(dry.out()).contains("would delete: corrupt/" + hit, "Do it with --yes.");
        assertThat(folder().resolve("corrupt").resolve(hit)).exists();
        try (var _ = open()) {
            var done = buffer("clear", "--yes");
            assertThat(done.code()).isZero();
            assertThat(done.out()).contains("deleted: corrupt/" + hit);
        }
        assertThat(folder().resolve("corrupt").resolve(hit)).doesNotExist();
        assertThat(first(buffer("clear", "-o", "json")).get("files")).isEqualTo(List.of());
    }

    /// Cuts so many bytes off the newest segment, as it was left by a kill.
    private String cut(int bytes) throws Exception {
        Map<Path, byte[]> asKilled;
        try (var buffer = open();
                var _ = buffer.cursor("es")) {
            for (int i = 0; i < 3; i++) {
                var frames = frames("{\"late\":%d}".formatted(i), "{}");
                buffer.append(frames.bytes(), frames.from(), frames.length(), 2, Frames.CODEC);
            }
            buffer.sync();
            if (bytes > 200) {
                try (var other = buffer.cursor("quick")) {
                    other.settle(106);
                    other.save();
                }
            }
            asKilled = files();
        }
        for (var file : files().keySet()) {
            Files.delete(file);
        }
        for (var file : asKilled.entrySet()) {
            Files.write(file.getKey(), file.getValue());
        }
        try (var files = Files.list(folder())) {
            var last = files.filter(each -> each.toString().endsWith(".seg"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            try (var channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - bytes);
            }
            return last.getFileName().toString();
        }
    }

    private Map<Path, byte[]> files() throws IOException {
        var all = new HashMap<Path, byte[]>();
        try (var files = Files.walk(folder())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                all.put(file, Files.readAllBytes(file));
            }
        }
        return all;
    }

    @Test
    void a_torn_tail_is_told_by_the_dry_run_too_with_what_else_it_may_be() throws Exception {
        var last = cut(20);
        var verify = buffer("verify");
        assertThat(verify.out())
                .contains("are no record: most likely a write that never finished", "cut since, by hand")
                .contains("The rest is whole.");
        assertThat(verify.code()).as("most likely no damage").isZero();

        var dry = buffer("repair");
        assertThat(dry.code()).as("there is something to mend").isEqualTo(1);
        assertThat(dry.out())
                .contains("most likely a write that never finished")
                .contains("would: copy " + last)
                .containsPattern("would: cut the last \\d+ bytes of " + last)
                .contains("Do it with --yes.");
        var tree = first(buffer("repair", "-o", "json"));
        assertThat(tree.get("live")).as("this look is no LogRoute").isEqualTo(false);
        assertThat(String.valueOf(tree.get("steps"))).contains("cut the last");

        var done = buffer("repair", "--yes");
        assertThat(done.code()).isZero();
        assertThat(done.out())
                .contains("done: copied to corrupt/" + last)
                .containsPattern("done: cut \\d+ bytes behind the last record");
        assertThat(buffer("verify").out()).contains("It is whole.");
        assertThat(buffer("repair").code()).as("nothing is left to mend").isZero();
    }

    @Test
    void a_log_that_a_reader_had_come_further_in_has_lost_what_was_acknowledged() throws Exception {
        cut(220);
        var verify = buffer("verify");
        assertThat(verify.code()).isEqualTo(1);
        assertThat(verify.out())
                .contains("the log is shorter than a reader had come, so what is missing was acknowledged")
                .containsPattern("are gone, [1-9]\\d* of them some reader still wanted")
                .contains("left of one that was acknowledged and is gone")
                .doesNotContain("nobody was told");
        var dry = buffer("repair");
        assertThat(dry.code()).isEqualTo(1);
        assertThat(dry.out()).containsPattern("would: note in corrupt/ that \\d events are gone, from 10\\d on");

        var done = buffer("repair", "--yes");
        assertThat(done.code()).isZero();
        assertThat(done.out()).contains("done: noted in corrupt/gone-").containsPattern("\\d events are lost for good");
        for (int look = 0; look < 2; look++) {
            var after = buffer("verify");
            assertThat(after.code()).as("%d: %s", look, after.out()).isZero();
            assertThat(after.out()).contains("(noted in corrupt/)", "set aside already");
            assertThat(buffer("repair").code()).isZero();
            try (var buffer = open();
                    var _ = buffer.cursor("es")) {
                var frames = frames("{}");
                buffer.append(frames.bytes(), frames.from(), frames.length(), 1, Frames.CODEC);
                buffer.sync();
            }
        }
    }

    @Test
    void a_sealed_segment_cut_by_hand_is_told_once_by_its_seal_and_repair_satisfies_verify() throws Exception {
        for (boolean first : new boolean[] {true, false}) {
            try (var files = Files.list(folder())) {
                var segments = files.filter(each -> each.toString().endsWith(".seg"))
                        .sorted()
                        .toList();
                var cut = first ? segments.getFirst() : segments.getLast();
                try (var channel = FileChannel.open(cut, StandardOpenOption.WRITE)) {
                    channel.truncate(1024);
                }
                var told = buffer("verify");
                assertThat(told.code()).isEqualTo(1);
                assertThat(told.out())
                        .contains(cut.getFileName() + ": it is cut off: by its seal it went further")
                        .doesNotContain("what should lie before it", "nobody was told");
                assertThat(buffer("repair").out()).contains("would: copy " + cut.getFileName());
                assertThat(buffer("repair", "--yes").code()).isZero();
                assertThat(buffer("verify").code())
                        .as(() -> buffer("verify").out())
                        .isZero();
            }
        }
    }

    @Test
    void repair_cuts_nothing_when_it_cannot_copy_and_says_so() throws Exception {
        var last = cut(220);
        var obstacle = Files.createDirectories(folder().resolve("corrupt/" + last + ".tmp/in the way"));
        var before = files();
        before.keySet().removeIf(file -> file.endsWith("LOCK"));
        var said = buffer("repair", "--yes");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .contains("nothing in it was cut: " + last + " could not be copied to corrupt/ (")
                .contains("repair again");
        assertThat(said.out()).doesNotContain("done:");
        for (var file : before.entrySet()) {
            assertThat(file.getKey()).hasBinaryContent(file.getValue());
        }
        assertThat(buffer("verify").code()).isEqualTo(1);

        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        assertThat(buffer("repair", "--yes").code()).isZero();
        assertThat(buffer("verify").code()).isZero();
    }

    @Test
    void a_segment_that_was_moved_is_told_as_moved_and_not_as_noted() throws Exception {
        try (var all = Files.list(folder())) {
            var oldest = all.filter(each -> each.toString().endsWith(".seg"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
            Files.write(oldest, new byte[(int) Files.size(oldest)]);
        }
        open().close(); // a start moves it
        var after = buffer("verify");
        assertThat(after.code()).isZero();
        assertThat(after.out()).contains("the segments before it are gone", "(moved to corrupt/)");
    }

    @Test
    void repair_leaves_a_buffer_in_use_alone() throws Exception {
        damage();
        try (var _ = open()) {
            var said = buffer("repair", "--yes");
            assertThat(said.code()).isEqualTo(2);
            assertThat(said.err()).contains("is in use by");
            assertThat(buffer("repair").code()).isEqualTo(2);
        }
    }

    @Test
    void dump_prints_events_with_their_numbers_as_text_and_as_lines_of_json() {
        assertThat(buffer("dump", "--from", "10", "--to", "13").out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("10  ").endsWith("Z  {\"n\":10}"),
                        line -> assertThat(line).startsWith("11  ").endsWith("{\"n\": 11}"),
                        line -> assertThat(line).startsWith("12  "));
        assertThat(buffer("dump", "--limit", "7", "-o", "json").out().lines())
                .hasSize(7)
                .allSatisfy(line -> assertThat(Json.parse(line.getBytes(), 0, line.getBytes().length))
                        .containsKeys("seq", "received", "event"));
        assertThat(buffer("dump", "--limit", "2", "-o", "yaml").out().lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("--- {\"seq\":"));
        assertThat(buffer("dump", "--records", "--limit", "3").out().lines()).hasSize(3);
    }

    @Test
    void export_gives_what_is_not_settled_or_all() throws Exception {
        assertThat(buffer("export").out().lines()).hasSize(80).startsWith("{\"n\":20}", "{\"n\": 21}");
        assertThat(buffer("export", "--all").out().lines()).hasSize(100);
        var file = data.resolve("out.ndjson");
        var said = buffer("export", "--reader", "es", "--file", file.toString());
        assertThat(said.out()).contains("80 events of router core are in");
        assertThat(Files.readAllLines(file)).hasSize(80);
        assertThat(buffer("export", "--file", file.toString()).code()).isEqualTo(2);
        var wrong = buffer("export", "--reader", "nobody");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("this buffer has es");
    }

    @Test
    void damaged_places_are_passed_over_and_told() throws Exception {
        damage();
        var said = buffer("export", "--all");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out().lines()).hasSize(98);
        assertThat(said.err()).contains("1 damaged place was passed over");
    }

    @Test
    void what_does_not_fit_on_the_disk_is_told_and_a_reader_that_has_enough_is_not() throws Exception {
        for (var verb : List.of(new String[] {"export", "--all"}, new String[] {"dump"})) {
            var err = new StringWriter();
            try (var full = new FileOutputStream("/dev/full")) {
                assertThat(printed(full, err, verb)).isEqualTo(2);
            }
            assertThat(err.toString()).contains("standard output could not be written to the end", "No space left");

            var pipe = Pipe.open();
            pipe.source().close();
            var quiet = new StringWriter();
            assertThat(printed(Channels.newOutputStream(pipe.sink()), quiet, verb))
                    .isZero();
            assertThat(quiet.toString()).doesNotContain("could not");
        }
    }

    private int printed(OutputStream to, StringWriter err, String... verb) {
        var args = new ArrayList<>(List.of("buffer", verb[0], "--data", data.toString()));
        args.addAll(List.of(verb).subList(1, verb.length));
        return new Commands(
                        (_, _, _) -> 0,
                        (_, _, _) -> 0,
                        (_, _) -> 0,
                        () -> new io.logroute.router.Foresight(
                                io.logroute.parts.elastic.Mappings.of(java.util.Optional.empty())))
                .execute(new Printing(to), new PrintWriter(err), false, args.toArray(String[]::new));
    }

    @Test
    void a_folder_without_buffers_is_told() {
        var said = Said.by("buffer", "ls", "--data", data.resolve("nowhere").toString());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("there is no folder").contains("--data");
        assertThat(Said.by("buffer", "ls", "--data", folder().toString()).code())
                .as("a buffer's own folder")
                .isZero();
    }
}
