package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class RecyclingTest {
    private static final Limits LIMITS = new Limits(64 * 1024, 4096, 0);
    private static final String SPARE = Spare.name(1);

    private final CrashingDisk disk = new CrashingDisk();

    private static DiskBuffer open(Disk disk) throws IOException {
        return open(disk, LIMITS);
    }

    private static DiskBuffer open(Disk disk, Limits limits) throws IOException {
        return DiskBuffer.open(disk, limits, InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)), () -> 77);
    }

    private static long append(DiskBuffer buffer, int length) throws Exception {
        long seq = buffer.append("x".repeat(length).getBytes(UTF_8), 0, length, 1);
        buffer.sync(seq);
        return seq;
    }

    private static void settleAll(DiskBuffer buffer, Cursor cursor) throws IOException {
        cursor.settle(buffer.durableSeq());
        cursor.save();
    }

    /// Two segments; the first is a spare.
    private static DiskBuffer withSpare(CrashingDisk disk) throws Exception {
        DiskBuffer buffer = open(disk);
        try (Cursor cursor = buffer.cursor("es")) {
            for (int i = 0; i < 3; i++) {
                append(buffer, 1400);
            }
            settleAll(buffer, cursor);
        }
        assertThat(disk.files()).containsKeys(SPARE, Segment.name(2)).doesNotContainKey(Segment.name(1));
        return buffer;
    }

    @Test
    void a_file_in_its_second_life_keeps_its_length_whatever_is_written() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        int length = Objects.requireNonNull(disk.files().get(SPARE)).length;
        assertThat(buffer.spareBytes()).isEqualTo(length);
        append(buffer, 1400);
        long before = buffer.bytes();
        List<String> operations = Collections.synchronizedList(new ArrayList<>());
        disk.refuse(operation -> !operations.add(operation));
        append(buffer, 1000);
        append(buffer, 1000);
        assertThat(operations)
                .containsSubsequence(
                        "rename " + SPARE,
                        "open " + Segment.name(3) + ".tmp",
                        "write " + Segment.name(3) + ".tmp",
                        "force " + Segment.name(3) + ".tmp",
                        "rename " + Segment.name(3) + ".tmp",
                        "forceFolder ")
                .noneMatch(operation -> operation.startsWith("create ") || operation.startsWith("truncate "));
        assertThat(disk.files().get(Segment.name(3))).hasSize(length);
        assertThat(buffer.bytes()).isEqualTo(before);
        assertThat(buffer.spareBytes()).isZero();
        append(buffer, 1000); // does not fit any more: a file is not made longer
        assertThat(disk.files().get(Segment.name(3))).hasSize(length);
        assertThat(disk.files()).containsKey(Segment.name(4));
        buffer.close();
        assertThat(disk.files().get(Segment.name(3))).hasSize(length);
    }

    @Test
    void a_crash_in_its_second_life_leaves_its_length_and_counts_nothing_old_as_torn() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        int length = Objects.requireNonNull(disk.files().get(SPARE)).length;
        append(buffer, 1400);
        append(buffer, 500);
        CrashingDisk after = disk.crash(new Random(1));
        buffer.abandon();
        try (DiskBuffer again = open(after);
                Cursor cursor = again.cursor("es")) {
            assertThat(again.recovery().clean()).isFalse();
            assertThat(again.recovery().tornBytes()).isZero();
            assertThat(again.recovery().corruptRecords()).isZero();
            assertThat(again.recovery().setAside()).isEmpty();
            assertThat(cursor.read(Duration.ZERO)).map(Stored::firstSeq).contains(3L);
            assertThat(cursor.read(Duration.ZERO)).map(Stored::firstSeq).contains(4L);
            assertThat(cursor.read(Duration.ZERO)).isEmpty();
            assertThat(after.files().get(Segment.name(3))).hasSize(length);
        }
    }

    @Test
    void an_inspection_after_a_crash_tells_as_torn_what_opening_does_and_nothing_of_the_former_life() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        append(buffer, 1400);
        append(buffer, 500);
        CrashingDisk after = disk.crash(new Random(1));
        buffer.abandon();
        var verdict = Inspection.of(after).verify(Inspection.Watching.NOTHING);
        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.torn()).isEmpty();

        var files = new TreeMap<>(after.files());
        var bytes = Objects.requireNonNull(files.get(Segment.name(3)));
        bytes[Format.RECORDS_AT + Format.RECORD_HEAD + 200] ^= 1;
        files.put(Segment.name(3), bytes);
        var torn = Inspection.of(CrashingDisk.of(files))
                .verify(Inspection.Watching.NOTHING)
                .torn();
        try (DiskBuffer again = open(CrashingDisk.of(files))) {
            assertThat(again.recovery().tornBytes()).isPositive().isLessThan(700);
            assertThat(torn)
                    .contains(new Inspection.Torn(
                            Segment.name(3), again.recovery().tornBytes(), false));
        }
    }

    @Test
    void a_file_that_a_reader_has_open_gets_no_other_life() throws Exception {
        DiskBuffer buffer = open(disk);
        Cursor slow = buffer.cursor("slow");
        for (int i = 0; i < 3; i++) {
            append(buffer, 1400);
        }
        assertThat(slow.read(Duration.ZERO)).isPresent();
        settleAll(buffer, slow); // what it skips it has not read
        assertThat(disk.files()).doesNotContainKeys(SPARE, Segment.name(1));
        append(buffer, 1400);
        append(buffer, 1400);
        List<Long> seqs = new ArrayList<>();
        for (Optional<Stored> read = slow.read(Duration.ZERO); read.isPresent(); read = slow.read(Duration.ZERO)) {
            seqs.add(read.get().firstSeq());
        }
        assertThat(seqs).containsExactly(1L, 2L, 3L, 4L);
        assertThat(buffer.damage().corruptRecords()).isZero();
        settleAll(buffer, slow);
        assertThat(disk.files()).containsKey(Spare.name(2));
        buffer.close();
    }

    /// The newest segment on disk may be a spare when the power goes: the next is still being
    /// begun.
    @Test
    void no_file_gets_an_ordinal_that_it_had_before() throws Exception {
        DiskBuffer first = open(disk);
        Cursor cursor = first.cursor("es");
        append(first, 1400);
        append(first, 1400);
        settleAll(first, cursor);
        first.close();
        DiskBuffer second = open(disk);
        Cursor again = second.cursor("es");
        disk.holdAfter(0);
        second.append(new byte[10], 0, 10, 1); // begins segment 2, in memory so far
        again.save();
        assertThat(disk.files()).containsKey(SPARE).doesNotContainKey(Segment.name(1));
        CrashingDisk after = disk.crash(new Random(2));
        second.abandon();
        try (DiskBuffer third = open(after);
                Cursor reader = third.cursor("es")) {
            append(third, 100);
            assertThat(after.files()).containsKey(Segment.name(2)).doesNotContainKeys(Segment.name(1), SPARE);
            assertThat(reader.read(Duration.ZERO))
                    .map(stored -> stored.bytes().length)
                    .contains(100);
            assertThat(reader.read(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void spares_go_when_an_append_needs_their_space() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        long live = buffer.bytes() - buffer.spareBytes();
        int large = (int) (LIMITS.maxBytes() - live - Format.RECORDS_AT - 100);
        assertThat(buffer.full()).isFalse();
        var appended = new FutureTask<>(() -> append(buffer, large));
        Thread.ofVirtual().start(appended);
        assertThat(appended).as("an append that needs the space of the spares").succeedsWithin(Duration.ofSeconds(60));
        assertThat(disk.files()).doesNotContainKey(SPARE);
        assertThat(buffer.bytes()).isLessThanOrEqualTo(LIMITS.maxBytes());
        buffer.close();
    }

    @Test
    void spares_go_when_the_file_system_is_nearly_full() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        disk.room(disk.used() + 2L * LIMITS.segmentBytes() - 1);
        buffer.cursor("es").save();
        assertThat(disk.files()).doesNotContainKey(SPARE);
        assertThat(buffer.spareBytes()).isZero();
        buffer.close();
    }

    @Test
    void a_reader_gets_its_place_on_a_full_disk_that_has_spares() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        disk.room(disk.used() + 5000); // a place takes 8 KiB
        assertThat(buffer.cursor("new").settled()).isEqualTo(2);
        assertThat(disk.files()).doesNotContainKey(SPARE).containsKey("cursors/new.cur");
        buffer.close();
    }

    @Test
    void a_full_disk_takes_what_fits_into_a_spare() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        append(buffer, 1400);
        disk.room(disk.used());
        append(buffer, 1000);
        append(buffer, 1000);
        assertThatThrownBy(() -> append(buffer, 1000)).hasMessageContaining("ENOSPC");
        buffer.close();
    }

    @Test
    void a_spare_that_fails_is_dropped() throws Exception {
        for (String refused : List.of("rename " + SPARE, "open 00", "write " + Segment.name(3) + ".tmp")) {
            CrashingDisk own = new CrashingDisk();
            DiskBuffer buffer = withSpare(own);
            append(buffer, 1400);
            own.refuse(operation -> operation.startsWith(refused));
            assertThatThrownBy(() -> append(buffer, 1000))
                    .as(refused)
                    .isInstanceOf(SyncFailed.class)
                    .hasMessageContaining("EIO");
            own.refuse(operation -> false);
            append(buffer, 1000);
            assertThat(own.files()).as(refused).doesNotContainKeys(SPARE, Segment.name(3) + ".tmp", Segment.name(3));
            assertThat(buffer.spareBytes()).isZero();
            buffer.close();
        }
    }

    @Test
    void the_file_of_a_segment_that_failed_is_not_used_again() throws Exception {
        DiskBuffer buffer = open(disk);
        Cursor cursor = buffer.cursor("es");
        append(buffer, 1400);
        append(buffer, 800);
        disk.refuse(operation -> operation.startsWith("force 0"));
        assertThatThrownBy(() -> append(buffer, 300)).isInstanceOf(SyncFailed.class);
        disk.refuse(operation -> false);
        append(buffer, 1400);
        settleAll(buffer, cursor);
        assertThat(disk.files()).doesNotContainKeys(Segment.name(1), SPARE);
        buffer.close();
    }

    @Test
    void size_is_what_the_files_occupy_also_where_records_fill_little_of_them() throws Exception {
        DiskBuffer buffer = withSpare(disk);
        append(buffer, 2000);
        append(buffer, 100); // in the spare, which is much longer
        assertThat(buffer.bytes()).isEqualTo(onDisk(disk));
        for (boolean killed : new boolean[] {true, false}) {
            Map<String, byte[]> files = disk.files();
            CrashingDisk found = CrashingDisk.of(files);
            try (DiskBuffer again = open(found)) {
                assertThat(again.bytes()).as("killed: %s", killed).isEqualTo(onDisk(found));
                try (Cursor cursor = again.cursor("es")) {
                    append(again, 3000);
                    settleAll(again, cursor);
                }
                assertThat(again.bytes())
                        .as("killed: %s, and with segments gone", killed)
                        .isEqualTo(onDisk(found));
            }
            buffer.close();
        }
    }

    private static long onDisk(CrashingDisk disk) {
        return disk.files().entrySet().stream()
                .filter(file -> Segment.isName(file.getKey()) || Spare.isName(file.getKey()))
                .mapToLong(file -> file.getValue().length)
                .sum();
    }

    @Test
    void opening_keeps_the_spares_that_fit_and_deletes_the_others() throws Exception {
        withSpare(disk).close();
        Map<String, byte[]> files = disk.files();
        files.put(Spare.name(7), new byte[100]);
        files.put(Spare.name(8), new byte[5000]);
        files.put(Segment.name(9) + ".tmp", new byte[4096]);
        CrashingDisk found = CrashingDisk.of(files);
        try (DiskBuffer buffer = open(found)) {
            assertThat(found.files()).containsKey(SPARE).doesNotContainKeys(Spare.name(7), Spare.name(8));
            assertThat(buffer.bytes()).isEqualTo(onDisk(found));
        }
        CrashingDisk smaller = CrashingDisk.of(files);
        long live = Objects.requireNonNull(files.get(Segment.name(2))).length;
        try (DiskBuffer buffer = open(smaller, new Limits(2 * 4096, 4096))) {
            assertThat(buffer.bytes()).isLessThanOrEqualTo(8192).isGreaterThanOrEqualTo(live);
        }
        CrashingDisk other = CrashingDisk.of(files);
        try (DiskBuffer buffer = open(other, new Limits(1 << 20, 1 << 16))) {
            assertThat(other.files()).doesNotContainKey(SPARE);
            assertThat(buffer.spareBytes()).isZero();
        }
    }
}
