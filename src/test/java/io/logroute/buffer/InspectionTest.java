package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.buffer.DiskBuffer.Limits;
import io.logroute.buffer.Inspection.Watching;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectionTest {
    private static final Limits LIMITS = new Limits(4 << 20, 16 << 10);

    @TempDir
    Path folder;

    private static void fill(DiskBuffer buffer, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            var bytes = ("record %d %s".formatted(i, "x".repeat(500))).getBytes(UTF_8);
            buffer.append(bytes, 0, bytes.length, 2);
        }
        buffer.sync();
    }

    /// 100 records of 2 events; reader `es` has settled the first 10 events.
    private void written() throws Exception {
        try (var buffer = DiskBuffer.open(folder, LIMITS);
                var cursor = buffer.cursor("es")) {
            fill(buffer, 0, 100);
            cursor.settle(10);
            cursor.save();
        }
    }

    /// Changes a byte of the payload of the `n`th segment's second record.
    private String flip(int segment) throws IOException {
        return flip(segment, 1024 + 600 + 100);
    }

    private String flip(int segment, long at) throws IOException {
        var file = segments().get(segment);
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 4)).flip();
            channel.write(one, at);
        }
        return file.getFileName().toString();
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void damage_is_told_with_file_place_and_numbers_and_repair_leaves_the_rest() throws Exception {
        written();
        var hit = flip(2);
        var before = Inspection.of(folder).verify(Watching.NOTHING);
        assertThat(before.good()).isFalse();
        assertThat(before.lostEvents()).isEqualTo(2);
        assertThat(before.findings()).singleElement().satisfies(each -> {
            assertThat(each.file()).isEqualTo(hit);
            assertThat(each.fromByte()).isBetween(1024L, 1724L);
            assertThat(each.toByte()).isGreaterThan(1724L);
            assertThat(each.toSeq() - each.fromSeq()).isEqualTo(2);
        });

        var mending = Inspection.repair(folder, Watching.NOTHING);
        assertThat(mending.copies()).containsExactly("corrupt/" + hit);
        assertThat(Inspection.of(folder).verify(Watching.NOTHING).good()).isTrue();
        try (var buffer = DiskBuffer.open(folder, LIMITS);
                var cursor = buffer.cursor("es")) {
            int events = 0;
            for (var read = cursor.read(Duration.ZERO); read.isPresent(); read = cursor.read(Duration.ZERO)) {
                events += read.get().events();
            }
            assertThat(events).isEqualTo(200 - 10 - 2);
        }
    }

    @Test
    void damage_beside_damage_that_is_set_aside_is_new_until_it_is_set_aside_too() throws Exception {
        written();
        var hit = flip(2);
        Inspection.repair(folder, Watching.NOTHING);
        flip(2, 1024 + 5 * 568);
        var again = Inspection.of(folder).verify(Watching.NOTHING);
        assertThat(again.good()).isFalse();
        assertThat(again.findings()).extracting(Inspection.Finding::setAside).containsExactly(true, false);

        assertThat(Inspection.repair(folder, Watching.NOTHING).copies())
                .singleElement()
                .satisfies(copy -> assertThat(copy).startsWith("corrupt/" + hit + "."));
        assertThat(Inspection.of(folder).verify(Watching.NOTHING).good()).isTrue();
        assertThat(Inspection.repair(folder, Watching.NOTHING).copies()).isEmpty();
    }

    @Test
    void a_place_that_breaks_again_is_not_dealt_with_by_what_was_set_aside_before() throws Exception {
        written();
        for (int round = 0; round < 2; round++) {
            try (var places = Files.list(folder.resolve("cursors"))) {
                for (var place : places.toList()) {
                    Files.write(place, new byte[1024]);
                }
            }
            assertThat(Inspection.of(folder).verify(Watching.NOTHING).good())
                    .as("round %d", round)
                    .isFalse();
            Inspection.repair(folder, Watching.NOTHING);
            assertThat(Inspection.of(folder).verify(Watching.NOTHING).findings())
                    .isEmpty();
        }
    }

    @Test
    void a_segment_moved_aside_is_dealt_with_and_one_that_is_gone_is_not() throws Exception {
        written();
        var unreadable = segments().get(2);
        Files.write(unreadable, new byte[(int) Files.size(unreadable)]);
        Inspection.repair(folder, Watching.NOTHING);
        assertThat(unreadable).doesNotExist();
        var verdict = Inspection.of(folder).verify(Watching.NOTHING);
        assertThat(verdict.lostEvents()).isPositive();
        assertThat(verdict.good()).isTrue();
        Files.delete(segments().get(1));
        assertThat(Inspection.of(folder).verify(Watching.NOTHING).good()).isFalse();
    }

    @Test
    void what_every_reader_had_is_no_loss() throws Exception {
        written();
        flip(0);
        var verdict = Inspection.of(folder).verify(Watching.NOTHING);
        assertThat(verdict.findings()).hasSize(1);
        assertThat(verdict.lostEvents()).isZero();
    }

    @Test
    void a_torn_tail_is_told_and_no_damage_and_repair_cuts_it() throws Exception {
        written();
        try (var buffer = DiskBuffer.open(folder, LIMITS)) {
            fill(buffer, 100, 110);
            buffer.abandon();
        }
        var last = segments().getLast();
        try (var channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 100);
        }
        var verdict = Inspection.of(folder).verify(Watching.NOTHING);
        assertThat(verdict.good()).isTrue();
        assertThat(verdict.torn()).isPresent();
        var mending = Inspection.repair(folder, Watching.NOTHING);
        assertThat(mending.recovery().tornBytes()).isPositive();
        assertThat(Inspection.of(folder).verify(Watching.NOTHING).torn()).isEmpty();
    }

    /// A first life, killed: its newest segment is not sealed.
    private Path killed() throws Exception {
        written();
        try (var buffer = DiskBuffer.open(folder, LIMITS);
                var quick = buffer.cursor("quick")) {
            fill(buffer, 100, 110);
            quick.settle(220);
            quick.save();
            buffer.abandon();
        }
        return segments().getLast();
    }

    @Test
    void what_is_left_of_an_acknowledged_record_is_copied_before_it_is_cut() throws Exception {
        var last = killed();
        flip(segments().size() - 1, Files.size(last) - 100);
        var remains = Files.readAllBytes(last);
        var verdict = Inspection.of(folder).verify(Watching.NOTHING);
        assertThat(verdict.isCutShort()).isTrue();
        assertThat(verdict.steps())
                .hasSize(3)
                .startsWith(new Inspection.Step.Copy(last.getFileName().toString()))
                .last()
                .isInstanceOf(Inspection.Step.Cut.class);
        Inspection.repair(folder, Watching.NOTHING);
        assertThat(Files.size(last)).isLessThan(remains.length);
        assertThat(folder.resolve("corrupt").resolve(last.getFileName())).hasBinaryContent(remains);
    }

    @Test
    void a_copy_or_a_note_that_a_full_disk_refuses_is_told_and_no_part_of_it_stays() throws Exception {
        var last = killed();
        flip(segments().size() - 1, Files.size(last) - 100);
        var files = new TreeMap<String, byte[]>();
        try (var all = Files.walk(folder)) {
            for (var file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        long used = files.values().stream().mapToLong(each -> each.length).sum();
        for (long room : new long[] {1000, Files.size(last) + 10}) {
            var disk = CrashingDisk.of(files);
            disk.room(used + room);
            var inspection = Inspection.of(disk);
            var verdict = inspection.verify(Watching.NOTHING);
            assertThatThrownBy(() -> Inspection.keep(disk, inspection, verdict))
                    .hasMessageContaining(room == 1000 ? "could not be copied to corrupt/" : "could not be noted in")
                    .hasMessageContaining("ENOSPC");
            assertThat(disk.list(DiskBuffer.CORRUPT)).hasSize(room == 1000 ? 0 : 1);
            assertThat(disk.files()).containsAllEntriesOf(files);
        }
    }

    @Test
    void zeros_behind_the_last_record_are_cut_without_a_copy() throws Exception {
        var last = killed();
        try (var channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(3000), channel.size());
        }
        var steps = Inspection.of(folder).verify(Watching.NOTHING).steps();
        assertThat(steps)
                .containsExactly(new Inspection.Step.Cut(last.getFileName().toString(), 3000));
        assertThat(Inspection.repair(folder, Watching.NOTHING).copies()).isEmpty();
    }

    @Test
    void a_buffer_in_use_is_whole_at_every_look_while_it_is_written_read_and_swept() throws Exception {
        var stop = new AtomicBoolean();
        var failures = new ArrayList<Throwable>();
        try (var buffer = DiskBuffer.open(folder, LIMITS);
                var cursor = buffer.cursor("es")) {
            fill(buffer, 0, 10);
            var writer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 10; !stop.get(); i += 5) {
                        fill(buffer, i, i + 5);
                        while (cursor.read(Duration.ZERO).isPresent()) {
                            continue;
                        }
                        cursor.settle(Math.max(0, 2L * (i - 200)));
                        cursor.save();
                    }
                } catch (Exception e) {
                    failures.add(e);
                }
            });
            int looks = 0;
            int found = 0; // all that was there may be gone before it is read, where this thread had to wait
            long begun = System.nanoTime();
            for (; isGoingOn(begun, found, buffer); looks++) {
                var inspection = Inspection.of(folder);
                assertThat(inspection.live()).isTrue();
                var verdict = inspection.verify(Watching.NOTHING);
                assertThat(verdict.findings()).as("look %d", looks).isEmpty();
                inspection.contents(Watching.NOTHING);
                var read = new ArrayList<Stored>();
                inspection.read(0, Long.MAX_VALUE, read::add);
                if (!read.isEmpty()) {
                    areAsWritten(read);
                    found++;
                }
            }
            stop.set(true);
            writer.join();
            assertThat(failures).isEmpty();
            assertThat(found)
                    .as("of %d looks, those that found something", looks)
                    .isGreaterThan(5);
            assertThat(buffer.nextSeq()).as("it was written to").isGreaterThan(500);
            assertThatThrownBy(() -> Inspection.repair(folder, Watching.NOTHING))
                    .isInstanceOf(BufferLocked.class);
            assertThatThrownBy(() -> Inspection.hold(folder)).isInstanceOf(BufferLocked.class);
        }
        assertThat(Inspection.of(folder).live()).isFalse();
    }

    /// For four seconds, and for as long as it takes until there was something to see; a minute at most.
    private static boolean isGoingOn(long begun, int found, DiskBuffer buffer) {
        var past = Duration.ofNanos(System.nanoTime() - begun);
        boolean enough = found > 5 && buffer.nextSeq() > 500;
        return past.compareTo(enough ? Duration.ofSeconds(4) : Duration.ofSeconds(60)) < 0;
    }

    /// Each as it was written, in order, none twice. The oldest may go while it is read.
    private static void areAsWritten(List<Stored> read) {
        assertThat(read).isNotEmpty();
        long next = 0;
        for (var each : read) {
            assertThat(each.firstSeq()).isGreaterThanOrEqualTo(next).isEven();
            assertThat(each.events()).isEqualTo(2);
            assertThat(new String(each.bytes(), UTF_8))
                    .isEqualTo("record %d %s".formatted(each.firstSeq() / 2, "x".repeat(500)));
            next = each.endSeq();
        }
    }

    @Test
    void damage_in_a_buffer_in_use_is_told_too() throws Exception {
        written();
        try (var buffer = DiskBuffer.open(folder, LIMITS);
                var cursor = buffer.cursor("es")) {
            assertThat(cursor.settled()).isEqualTo(10);
            flip(3);
            assertThat(Inspection.of(folder).verify(Watching.NOTHING).lostEvents())
                    .isEqualTo(2);
        }
    }

    @Test
    void a_range_of_events_can_be_read() throws Exception {
        written();
        var seqs = new ArrayList<Long>();
        Inspection.of(folder).read(51, 57, record -> seqs.add(record.firstSeq()));
        assertThat(seqs).containsExactly(50L, 52L, 54L, 56L);
    }

    @Test
    void what_is_no_buffer_is_told() {
        assertThatThrownBy(() -> Inspection.of(folder.resolve("nowhere")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no folder");
    }
}
