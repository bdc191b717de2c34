package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskBufferTest {
    private static final Limits LIMITS = new Limits(32 * 1024, 4096, 0);
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private static long append(DiskBuffer buffer, String text) throws IOException, InterruptedException {
        byte[] bytes = text.getBytes(UTF_8);
        return buffer.append(bytes, 0, bytes.length, 1);
    }

    private static Optional<String> read(Cursor cursor) throws IOException, InterruptedException {
        return cursor.read(Duration.ZERO).map(stored -> new String(stored.bytes(), UTF_8));
    }

    private static DiskBuffer inMemory(CrashingDisk disk) throws IOException {
        return DiskBuffer.open(
                disk, LIMITS, InstantSource.fixed(Instant.ofEpochMilli(1000)), () -> 0x0123_4567_89ab_cdefL);
    }

    @Test
    void a_folder_in_the_place_of_a_file_is_named_with_what_to_do() throws IOException {
        DiskBuffer.open(folder, LIMITS).close();
        var intruder = java.nio.file.Files.createDirectory(folder.resolve("00000000000000000077.seg"));
        assertThatThrownBy(() -> DiskBuffer.open(folder, LIMITS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(intruder.toString())
                .hasMessageContaining("move it away");
    }

    @Test
    void what_is_synced_is_read_again_after_reopening_and_space_comes_back_when_it_is_settled() throws Exception {
        String id;
        try (DiskBuffer buffer = DiskBuffer.open(folder, new Limits(1 << 20, 4096, 0))) {
            id = buffer.id();
            for (int i = 0; i < 100; i++) {
                append(buffer, "record " + i + " ".repeat(i * 3));
            }
            buffer.sync();
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, new Limits(1 << 20, 4096, 0));
                Cursor cursor = buffer.cursor("es")) {
            assertThat(buffer.id()).isEqualTo(id).matches("[0-9a-z]{12}");
            assertThat(buffer.recovery().clean()).isTrue();
            for (int i = 0; i < 100; i++) {
                assertThat(read(cursor).orElseThrow().strip()).isEqualTo("record " + i);
            }
            assertThat(cursor.unsettled()).isEqualTo(100);
            cursor.settle(100);
            cursor.save();
            assertThat(cursor.unsettled()).isZero();
            assertThat(buffer.bytes() - buffer.spareBytes()).isLessThan(5000);
        }
    }

    @Test
    void the_newest_segment_keeps_the_numbers_when_all_is_settled_and_every_reader_forgotten() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = inMemory(disk);
                Cursor cursor = buffer.cursor("es")) {
            for (int i = 0; i < 30; i++) {
                append(buffer, "x".repeat(500));
            }
            buffer.sync();
            cursor.settle(30);
            cursor.save();
        }
        try (DiskBuffer buffer = inMemory(disk)) {
            buffer.awaitHousekeeping();
            assertThat(buffer.forget("es")).isZero();
        }
        try (DiskBuffer buffer = inMemory(disk)) {
            assertThat(append(buffer, "next")).isGreaterThanOrEqualTo(30);
        }
    }

    @Test
    void a_second_opening_is_refused_and_the_first_keeps_its_lock() throws Exception {
        try (DiskBuffer buffer = DiskBuffer.open(folder, LIMITS)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> DiskBuffer.open(folder, LIMITS))
                        .isInstanceOf(BufferLocked.class)
                        .hasMessageContaining("pid " + ProcessHandle.current().pid());
            }
            assertThat(otherProcess())
                    .contains("BufferLocked")
                    .contains("pid " + ProcessHandle.current().pid() + " on host");
            assertThat(append(buffer, "still here")).isZero();
        }
        assertThat(otherProcess()).contains("opened");
    }

    /// Opens the folder in a process of its own.
    public static void main(String[] args) throws IOException {
        try (DiskBuffer buffer = DiskBuffer.open(Path.of(args[0]), LIMITS)) {
            System.out.println("opened " + buffer.id());
        }
    }

    private String otherProcess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DiskBufferTest.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return said;
    }

    @Test
    void what_a_forgotten_reader_had_not_settled_is_told_although_its_segments_cannot_be_deleted() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = inMemory(disk);
                Cursor other = buffer.cursor("other")) {
            buffer.cursor("es").close();
            for (int i = 0; i < 20; i++) {
                append(buffer, "x".repeat(1000));
            }
            buffer.sync();
            other.settle(20);
            other.save();
            disk.refuse(operation -> operation.startsWith("rename 0")
                    || operation.startsWith("delete 0")
                    || operation.equals("forceFolder "));
            assertThat(buffer.forget("es")).isEqualTo(20);
            assertThat(buffer.readers()).containsExactly("other");
            buffer.awaitHousekeeping();
            disk.refuse(operation -> false);
            long before = buffer.bytes();
            other.settle(20);
            other.save();
            assertThat(buffer.forget("nobody")).isZero();
            buffer.awaitHousekeeping();
            assertThat(buffer.firstSeq()).isGreaterThan(10);
            assertThat(buffer.bytes()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void a_reader_whose_place_cannot_be_deleted_is_forgotten_at_the_next_try() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = inMemory(disk)) {
            buffer.cursor("es").close();
            append(buffer, "x");
            buffer.sync();
            disk.refuse(operation -> operation.startsWith("delete cursors/"));
            assertThatIOException().isThrownBy(() -> buffer.forget("es"));
            assertThat(buffer.readers()).containsExactly("es");
            disk.refuse(operation -> false);
            assertThat(buffer.forget("es")).isEqualTo(1);
            assertThat(buffer.readers()).isEmpty();
        }
    }

    @Test
    void a_full_buffer_makes_appends_wait_until_every_reader_has_saved() throws Exception {
        try (DiskBuffer buffer = inMemory(new CrashingDisk());
                Cursor fast = buffer.cursor("fast");
                Cursor slow = buffer.cursor("slow")) {
            AtomicInteger appended = new AtomicInteger();
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    while (appended.get() < 100) {
                        append(buffer, "x".repeat(1000));
                        appended.incrementAndGet();
                    }
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await().atMost(SOON).until(buffer::full);
            int before = appended.get();
            assertThat(buffer.bytes()).isLessThanOrEqualTo(LIMITS.maxBytes());
            buffer.sync();
            fast.settle(buffer.durableSeq());
            fast.save();
            assertThat(buffer.full()).isTrue();
            assertThat(buffer.forget("slow")).isEqualTo(before);
            Awaitility.await().atMost(SOON).until(() -> appended.get() > before);
            Awaitility.await().atMost(SOON).until(() -> {
                fast.settle(buffer.sync());
                fast.save();
                return appended.get() == 100;
            });
            writer.join();
            assertThat(((DiskCursor) slow).isClosed()).isTrue();
            assertThat(buffer.readers()).containsExactly("fast");
        }
    }

    @Test
    void a_record_larger_than_a_segment_gets_one_to_itself_even_when_it_fills_the_buffer() throws Exception {
        try (DiskBuffer buffer = inMemory(new CrashingDisk());
                Cursor cursor = buffer.cursor("es")) {
            for (int i = 0; i < 5; i++) {
                byte[] large = new byte[(int) LIMITS.maxRecordBytes()];
                large[large.length - 1] = (byte) i;
                buffer.sync(buffer.append(large, 0, large.length, 7));
                Stored stored = cursor.read(Duration.ZERO).orElseThrow();
                assertThat(stored.bytes()).isEqualTo(large);
                cursor.settle(stored.endSeq());
                cursor.save();
            }
            byte[] tooLarge = new byte[(int) LIMITS.maxRecordBytes() + 1];
            assertThatThrownBy(() -> buffer.append(tooLarge, 0, tooLarge.length, 1))
                    .hasMessageContaining("raise maxBytes");
        }
    }

    @Test
    void many_writers_share_syncs_while_a_reader_follows_and_an_interrupt_harms_nothing() throws Exception {
        try (DiskBuffer buffer = DiskBuffer.open(folder, new Limits(1 << 22, 1 << 16));
                Cursor cursor = buffer.cursor("es")) {
            List<Thread> writers = new ArrayList<>();
            for (int w = 0; w < 8; w++) {
                String name = "writer " + w + " ";
                writers.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 200; i++) {
                        try {
                            buffer.sync(append(buffer, name + i));
                        } catch (InterruptedException e) {
                            i--;
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                }));
            }
            Map<String, Integer> next = new TreeMap<>();
            long seq = 0;
            while (seq < 1600) {
                writers.get((int) (seq % 8)).interrupt();
                Stored stored = cursor.read(Duration.ofSeconds(60)).orElseThrow();
                assertThat(stored.firstSeq()).isEqualTo(seq++);
                String text = new String(stored.bytes(), UTF_8);
                String writer = text.substring(0, 9);
                assertThat(text.substring(9)).isEqualTo(String.valueOf(next.merge(writer, 1, Integer::sum) - 1));
            }
            assertThat(next).hasSize(8);
        }
    }

    @Test
    void a_failed_force_is_told_to_the_one_who_waits_and_the_buffer_goes_on_in_a_new_segment() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        Cursor cursor = buffer.cursor("es");
        append(buffer, "kept");
        buffer.sync();
        disk.refuse(operation -> operation.startsWith("force 0"));
        long lost = append(buffer, "given up");
        assertThatThrownBy(() -> buffer.sync(lost))
                .isInstanceOf(SyncFailed.class)
                .hasMessageContaining("EIO");
        disk.refuse(operation -> false);
        append(buffer, "after");
        assertThatThrownBy(() -> buffer.sync(lost)).isInstanceOf(SyncFailed.class);
        assertThatThrownBy(buffer::sync).isInstanceOf(SyncFailed.class);
        buffer.sync();
        assertThat(read(cursor)).contains("kept");
        assertThat(read(cursor)).contains("after");
        assertThat(cursor.unsettled()).isEqualTo(2);
        CrashingDisk next = CrashingDisk.of(disk.files());
        buffer.abandon();
        try (DiskBuffer again = inMemory(next);
                Cursor reader = again.cursor("es")) {
            assertThat(read(reader)).contains("kept");
            assertThat(read(reader)).contains("after");
            assertThat(again.recovery().lostEvents()).isZero();
        }
    }

    @Test
    void what_did_not_reach_a_file_that_failed_counts_no_longer_as_occupied() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = inMemory(disk)) {
            append(buffer, "kept");
            buffer.sync();
            disk.refuse(operation -> operation.startsWith("write 0"));
            append(buffer, "x".repeat(2000));
            assertThatThrownBy(buffer::sync)
                    .isInstanceOf(SyncFailed.class)
                    .hasMessageContaining("could not be made durable in /crashing")
                    .hasMessageContaining("free that disk, or mend it");
            Awaitility.await().atMost(SOON).until(() -> buffer.bytes() == segments(disk));
            assertThat(buffer.bytes()).isGreaterThan(1024).isLessThan(3000);
        }
    }

    private static long segments(CrashingDisk disk) {
        return disk.files().entrySet().stream()
                .filter(file -> Segment.isName(file.getKey()))
                .mapToLong(file -> file.getValue().length)
                .sum();
    }

    @Test
    void a_reader_that_comes_after_a_failed_force_does_not_make_what_was_given_up_count_as_lost() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        buffer.cursor("early");
        disk.refuse(operation -> operation.startsWith("force 0"));
        append(buffer, "given up");
        assertThatThrownBy(buffer::sync).isInstanceOf(SyncFailed.class);
        disk.refuse(operation -> false);
        buffer.cursor("late");
        CrashingDisk next = disk.crash(new Random(1));
        buffer.abandon();
        DiskBuffer second = inMemory(next);
        append(second, "kept");
        second.close();
        try (DiskBuffer again = inMemory(next);
                Cursor early = again.cursor("early");
                Cursor late = again.cursor("late")) {
            assertThat(again.recovery().lostEvents()).isZero();
            assertThat(read(early)).contains("kept");
            assertThat(read(late)).contains("kept");
        }
    }

    @Test
    void a_segment_that_was_filled_and_forced_is_stored_although_the_next_one_cannot_be_written() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        buffer.cursor("es");
        append(buffer, "first");
        Awaitility.await().atMost(SOON).until(buffer::idle);
        append(buffer, "x".repeat(2500)); // waits in memory for the next round
        AtomicInteger writes = new AtomicInteger(); // the header, then the record
        disk.refuse(
                operation -> operation.startsWith("write 00000000000000000002.seg") && writes.incrementAndGet() > 1);
        long second = append(buffer, "y".repeat(2500));
        assertThatThrownBy(() -> buffer.sync(second))
                .isInstanceOf(SyncFailed.class)
                .hasMessageStartingWith("Events 2 to 2 ");
        assertThat(buffer.sync(1)).isEqualTo(3);
        disk.refuse(operation -> false);
        CrashingDisk next = disk.crash(new Random(5));
        buffer.abandon();
        try (DiskBuffer again = inMemory(next);
                Cursor cursor = again.cursor("es")) {
            assertThat(read(cursor)).contains("first");
            assertThat(read(cursor)).contains("x".repeat(2500));
            assertThat(again.recovery().lostEvents()).isZero();
        }
    }

    /// A force that failed leaves pages in memory that the system takes for written. A process that
    /// finds them there must not build on them.
    @Test
    void what_is_written_early_to_make_room_in_memory_is_not_read_before_it_is_forced() throws Exception {
        for (long recentBytes : new long[] {0, 32 << 20}) {
            CrashingDisk disk = new CrashingDisk();
            Limits limits = new Limits(64 << 20, 16 << 20, recentBytes);
            try (DiskBuffer buffer = DiskBuffer.open(disk, limits, InstantSource.fixed(Instant.EPOCH), () -> 77);
                    Cursor cursor = buffer.cursor("es")) {
                append(buffer, "first");
                buffer.sync();
                int forces = disk.forces();
                for (int i = 0; i < 5; i++) {
                    buffer.append(new byte[1 << 20], 0, 1 << 20, 1);
                }
                Awaitility.await().atMost(SOON).until(() -> buffer.idle() && disk.used() > 4 << 20);
                assertThat(disk.forces()).isEqualTo(forces);
                assertThat(read(cursor)).contains("first");
                assertThat(read(cursor)).isEmpty();
                buffer.sync();
                for (int i = 0; i < 5; i++) {
                    assertThat(read(cursor)).isPresent();
                }
            }
        }
    }

    @Test
    void what_only_the_memory_of_the_machine_holds_is_written_again_before_anything_is_built_on_it() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        Cursor cursor = buffer.cursor("es");
        for (int i = 0; i < 3; i++) {
            buffer.sync(append(buffer, "record " + i));
        }
        disk.refuse(operation -> operation.startsWith("force "));
        append(buffer, "in memory only");
        assertThatThrownBy(buffer::sync).isInstanceOf(SyncFailed.class);
        cursor.settle(2);
        assertThatIOException().isThrownBy(cursor::save).withMessageContaining("EIO");
        CrashingDisk killed = disk.kill();
        buffer.abandon();

        DiskBuffer second = inMemory(killed);
        assertThat(second.cursor("es").settled()).isEqualTo(2);
        assertThat(second.nextSeq()).isEqualTo(4);
        CrashingDisk off = killed.crash(new Random(0));
        second.abandon();
        try (DiskBuffer third = inMemory(off);
                Cursor reader = third.cursor("es")) {
            assertThat(reader.settled()).isEqualTo(2);
            assertThat(read(reader)).contains("record 2");
            assertThat(read(reader)).contains("in memory only");
            assertThat(third.damage().lostEvents()).isZero();
        }
    }

    @Test
    void a_full_disk_refuses_loses_nothing_that_was_acknowledged_and_is_used_again_when_space_returns()
            throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        Cursor cursor = buffer.cursor("es");
        disk.room(disk.used() + 10_000);
        List<String> acknowledged = new ArrayList<>();
        int refused = 0;
        for (int i = 0; refused < 5; i++) {
            String text = i + " " + "x".repeat(900);
            long seq = append(buffer, text);
            try {
                buffer.sync(seq);
                acknowledged.add(text);
            } catch (SyncFailed e) {
                assertThat(e).hasMessageContaining("ENOSPC");
                refused++;
            }
        }
        assertThat(acknowledged).hasSizeBetween(3, 10);
        assertThatIOException().isThrownBy(() -> buffer.cursor("new")).withMessageContaining("ENOSPC");
        assertThat(all(cursor)).isEqualTo(acknowledged);

        cursor.settle(buffer.durableSeq());
        cursor.save(); // frees the segments before the last
        String after = "space again";
        buffer.sync(append(buffer, after));
        assertThat(read(cursor)).contains(after);
        CrashingDisk next = disk.crash(new Random(3));
        buffer.abandon();
        try (DiskBuffer again = inMemory(next);
                Cursor reader = again.cursor("es")) {
            assertThat(all(reader)).containsExactly(after);
            assertThat(again.recovery().lostEvents()).isZero();
        }
    }

    @Test
    void a_disk_that_one_segment_fills_takes_records_again_when_all_of_it_is_settled() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = inMemory(disk);
                Cursor cursor = buffer.cursor("es")) {
            append(buffer, "x".repeat(3000));
            buffer.sync();
            disk.room(disk.used());
            for (int i = 0; i < 3; i++) {
                append(buffer, "y".repeat(1000));
                assertThatThrownBy(buffer::sync).isInstanceOf(SyncFailed.class);
                buffer.awaitHousekeeping();
            }
            assertThat(read(cursor)).isPresent();
            long settled = buffer.durableSeq();
            cursor.settle(settled);
            cursor.save();

            long seq = append(buffer, "z".repeat(1000));
            buffer.sync();
            assertThat(seq).isGreaterThanOrEqualTo(settled);
            assertThat(read(cursor)).contains("z".repeat(1000));

            // The newest went because there was no room for another. That is over.
            disk.refuse(operation -> operation.startsWith("force 0"));
            append(buffer, "given up, and its segment with it");
            assertThatThrownBy(buffer::sync).isInstanceOf(SyncFailed.class);
            disk.refuse(operation -> false);
            cursor.settle(buffer.durableSeq());
            cursor.save();
            assertThat(disk.files().keySet())
                    .as("the newest stays for the numbers")
                    .anyMatch(Segment::isName);
        }
        try (DiskBuffer buffer = inMemory(CrashingDisk.of(disk.files()))) {
            assertThat(buffer.damage()).isEqualTo(new Damage(0, 0, 0));
        }
    }

    @Test
    void a_reader_that_keeps_up_never_asks_the_disk() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        Limits limits = new Limits(LIMITS.maxBytes(), LIMITS.segmentBytes(), 1 << 20);
        try (DiskBuffer buffer = DiskBuffer.open(disk, limits, InstantSource.fixed(Instant.EPOCH), () -> 77);
                Cursor cursor = buffer.cursor("es")) {
            long before = disk.bytesRead();
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 3; i++) {
                    buffer.append(new byte[900], 0, 900, 1 + i);
                }
                buffer.sync();
                for (int i = 0; i < 3; i++) {
                    assertThat(cursor.read(Duration.ZERO)).map(Stored::events).contains(1 + i);
                }
            }
            assertThat(disk.bytesRead()).isEqualTo(before);
        }
    }

    @Test
    void a_segment_goes_only_after_the_place_beyond_it_is_forced() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        Cursor cursor = buffer.cursor("es");
        for (int i = 0; i < 8; i++) {
            buffer.sync(append(buffer, i + "x".repeat(1500)));
        }
        cursor.settle(8);
        for (String refused : List.of("write cursors/", "force cursors/")) {
            disk.refuse(operation -> operation.startsWith(refused));
            assertThatIOException().isThrownBy(cursor::save);
            assertThat(disk.files()).as("%s is refused", refused).containsKey("00000000000000000001.seg");
        }
        List<String> operations = Collections.synchronizedList(new ArrayList<>());
        disk.refuse(operation -> !operations.add(operation));
        cursor.save();
        assertThat(operations)
                .containsSubsequence(
                        "force cursors/es.cur",
                        "rename 00000000000000000001.seg", // a spare from now on
                        "delete 00000000000000000002.seg",
                        "forceFolder ");
        assertThat(operations.getLast()).isEqualTo("forceFolder ");
        buffer.close();
    }

    private static List<String> all(Cursor cursor) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        for (Optional<String> text = read(cursor); text.isPresent(); text = read(cursor)) {
            all.add(text.get());
        }
        return all;
    }

    @Test
    void many_threads_that_sync_their_own_record_are_told_the_truth_while_the_disk_fails_now_and_then()
            throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = DiskBuffer.open(disk, new Limits(1 << 22, 1 << 14), InstantSource.system(), () -> 42);
        AtomicInteger forces = new AtomicInteger();
        disk.refuse(operation -> operation.startsWith("force 0") && forces.incrementAndGet() % 5 == 0);
        Set<String> stored = ConcurrentHashMap.newKeySet();
        Set<String> refused = ConcurrentHashMap.newKeySet();
        inThreads(8, writer -> {
            for (int i = 0; i < 60; i++) {
                String text = writer + "/" + i + "x".repeat(i);
                long seq = append(buffer, text);
                try {
                    buffer.sync(seq);
                    stored.add(text);
                } catch (SyncFailed e) {
                    assertThat(seq).isBetween(e.from(), e.to() - 1);
                    refused.add(text);
                }
            }
        });
        disk.refuse(operation -> false);
        assertThat(refused).isNotEmpty();
        assertThat(stored.size() + refused.size()).isEqualTo(480);
        assertThat(all(buffer.cursor("es"))).containsExactlyInAnyOrderElementsOf(stored);
        CrashingDisk next = disk.crash(new Random(7));
        buffer.abandon();
        try (DiskBuffer again = inMemory(next);
                Cursor cursor = again.cursor("es")) {
            assertThat(all(cursor)).containsAll(stored);
            assertThat(again.recovery().lostEvents()).isZero();
        }
    }

    @Test
    void one_thread_that_syncs_for_many_hears_of_every_record_that_was_given_up() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = DiskBuffer.open(disk, new Limits(1 << 22, 1 << 14), InstantSource.system(), () -> 42);
        AtomicInteger forces = new AtomicInteger();
        disk.refuse(operation -> operation.startsWith("force 0") && forces.incrementAndGet() % 5 == 0);
        Map<Long, String> appended = new ConcurrentHashMap<>();
        Gaps told = new Gaps();
        AtomicInteger running = new AtomicInteger(8);
        inThreads(9, writer -> {
            for (int i = 0; writer < 8 && i < 100; i++) {
                String text = writer + "/" + i;
                appended.put(append(buffer, text), text);
                Thread.yield();
            }
            if (writer < 8) {
                running.decrementAndGet();
                return;
            }
            for (boolean more = true; more; ) {
                more = running.get() > 0;
                try {
                    buffer.sync();
                } catch (SyncFailed e) {
                    told.add(e.from(), e.to());
                    more = true;
                }
            }
        });
        disk.refuse(operation -> false);
        List<String> delivered = all(buffer.cursor("es"));
        assertThat(told.above(0)).isPositive();
        appended.forEach((seq, text) -> {
            if (!told.contains(seq)) {
                assertThat(delivered).as("record %d", seq).contains(text);
            }
        });
        buffer.close();
    }

    private interface Job {
        void run(int thread) throws Exception;
    }

    private static void inThreads(int count, Job job) throws Exception {
        List<Callable<Integer>> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int thread = i;
            jobs.add(() -> {
                job.run(thread);
                return thread;
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> done : threads.invokeAll(jobs)) {
                done.get();
            }
        }
    }

    @ParameterizedTest(name = "{0} at {1}")
    @CsvSource({
        "identity,                      0",
        "identity,                     64",
        "00000000000000000001.seg,      0",
        "00000000000000000001.seg,    512",
        "cursors/es.cur,                0",
        "cursors/es.cur,             4096"
    })
    void a_newer_format_is_refused_wherever_it_is_met_and_nothing_is_changed(String name, int at) throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = inMemory(disk);
                Cursor cursor = buffer.cursor("es")) {
            buffer.sync(append(buffer, "one"));
            cursor.settle(1);
            cursor.save();
        }
        Map<String, byte[]> files = disk.files();
        files.put(Segment.name(9) + ".tmp", new byte[5]); // else deleted at opening
        byte[] bytes = Objects.requireNonNull(files.get(name));
        bytes[at + 9] = 2;
        ByteBuffer.wrap(bytes).putInt(at + Format.BLOCK - 4, Format.sum(bytes, at, Format.BLOCK - 4));
        CrashingDisk newer = CrashingDisk.of(files);
        assertThatIOException()
                .isThrownBy(() -> inMemory(newer))
                .isInstanceOf(BufferTooNew.class)
                .withMessageContaining(name)
                .withMessageContaining("format 2");
        assertThat(newer.files()).usingRecursiveComparison().isEqualTo(files);
    }

    @Test
    void an_unusable_place_is_named_with_what_to_do() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatIOException()
                .isThrownBy(() -> DiskBuffer.open(file, LIMITS))
                .withMessageContaining("file is not a folder; move that file away");
        assertThatIOException()
                .isThrownBy(() -> DiskBuffer.open(file.resolve("below/it"), LIMITS))
                .withMessageContaining("cannot be made: " + file + " is not a folder");
    }

    @Test
    void a_folder_without_permission_is_named_with_the_user_who_needs_it() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, Set.of());
        try {
            assumeThat(Files.isWritable(closed))
                    .as("root may write everywhere; run this as another user")
                    .isFalse();
            for (Path wanted : List.of(closed, closed.resolve("below"))) {
                assertThatIOException()
                        .isThrownBy(() -> DiskBuffer.open(wanted, LIMITS))
                        .withMessageContaining("cannot be written by user " + System.getProperty("user.name"));
            }
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void every_folder_that_gained_a_name_on_the_way_to_the_buffer_is_forced() throws Exception {
        Path wanted = folder.resolve("data/buffers/core");
        assertThat(FolderDisk.make(wanted))
                .containsExactly(folder.resolve("data/buffers"), folder.resolve("data"), folder);
        assertThat(FolderDisk.make(wanted)).isEmpty();
    }

    @Test
    void the_bytes_on_disk_are_those_of_version_1() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = inMemory(disk);
        buffer.cursor("es/1");
        append(buffer, "hello");
        buffer.close();
        StringBuilder seen = new StringBuilder();
        disk.files().forEach((name, bytes) -> {
            seen.append(name).append(' ').append(bytes.length).append('\n');
            for (int at = 0; at < bytes.length; at += 16) {
                String line = HexFormat.of().formatHex(bytes, at, Math.min(at + 16, bytes.length));
                if (!line.matches("0*")) {
                    seen.append("%4d ".formatted(at)).append(line).append('\n');
                }
            }
        });
        assertThat(seen.toString()).isEqualTo("""
                00000000000000000001.seg 1080
                   0 4c525345474d4e540001000000000000
                  16 00123456789abcde0000000000000001
                  48 00000000000003e800000000887642b3
                 512 4c525345414c45440001000000000000
                 528 00123456789abcde0000000000000001
                 544 00000000000000010000000000000438
                 560 000000000000000100000000ac77cb69
                1024 4c52523121cdb1d7000000059a71bb4c
                1056 00000000000003e80000000101000000
                1072 68656c6c6f000000
                cursors/es%2F1.cur 8192
                   0 4c52435552534f520001000000000000
                  16 00123456789abcde0000000000000001
                  32 000000000000000000000000000003e8
                  48 000000000000000000000000b2d0f105
                identity 128
                   0 4c524255464645520001000000000000
                  16 00123456789abcde00000000000003e8
                  48 000000000000000000000000380590db
                  64 4c524255464645520001000000000000
                  80 00123456789abcde00000000000003e8
                 112 000000000000000000000000380590db
                """);
    }

    @Test
    void a_buffer_that_grows_lets_go_on_who_waits_for_room() throws Exception {
        try (DiskBuffer buffer = DiskBuffer.open(folder, LIMITS);
                Cursor cursor = buffer.cursor("es")) {
            CompletableFuture<Integer> appended = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> appendAll(buffer, 100, appended));
            Awaitility.await().atMost(SOON).until(buffer::full);
            buffer.resize(new Limits(256 * 1024, 16 * 1024, 0));
            assertThat(appended.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo(100);
            assertThat(buffer.maxBytes()).isEqualTo(256 * 1024);
            buffer.sync();
            for (int i = 0; i < 100; i++) {
                assertThat(read(cursor).orElseThrow().strip()).isEqualTo("record " + i);
            }
        }
    }

    @Test
    void one_that_becomes_smaller_than_what_lies_in_it_is_full_until_that_is_settled() throws Exception {
        try (DiskBuffer buffer = DiskBuffer.open(folder, new Limits(256 * 1024, 16 * 1024, 0));
                Cursor cursor = buffer.cursor("es")) {
            CompletableFuture<Integer> first = new CompletableFuture<>();
            appendAll(buffer, 100, first);
            assertThat(first).isCompleted();
            buffer.sync();
            buffer.resize(LIMITS);
            assertThat(buffer.full()).isTrue();
            CompletableFuture<Integer> more = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> appendAll(buffer, 10, more));
            for (int i = 0; i < 100; i++) {
                assertThat(read(cursor).orElseThrow().strip()).isEqualTo("record " + i);
            }
            assertThat(more).isNotDone();
            cursor.settle(100);
            cursor.save();
            assertThat(more.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo(10);
            assertThat(buffer.bytes()).isLessThanOrEqualTo(LIMITS.maxBytes());
        }
    }

    @Test
    void a_record_that_the_smaller_one_never_takes_does_not_wait_for_ever() throws Exception {
        try (DiskBuffer buffer = DiskBuffer.open(folder, new Limits(256 * 1024, 16 * 1024, 0));
                Cursor cursor = buffer.cursor("es")) {
            appendAll(buffer, 400, new CompletableFuture<>(), 500);
            CompletableFuture<Integer> large = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> appendAll(buffer, 1, large, 60_000));
            Awaitility.await().atMost(SOON).until(buffer::full);
            buffer.resize(LIMITS);
            assertThatThrownBy(() -> large.orTimeout(60, TimeUnit.SECONDS).join())
                    .hasMessageContaining("raise maxBytes");
            assertThat(cursor.settled()).isZero();
        }
    }

    @Test
    void sizes_that_come_and_go_under_load_lose_nothing_and_keep_the_order() throws Exception {
        Random random = new Random(3);
        int all = 3000;
        try (DiskBuffer buffer = DiskBuffer.open(folder, LIMITS);
                Cursor cursor = buffer.cursor("es")) {
            CompletableFuture<Integer> appended = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> appendAll(buffer, all, appended));
            for (int i = 0; i < all; ) {
                if (random.nextInt(20) == 0) {
                    int segment = 4096 << random.nextInt(3);
                    buffer.resize(new Limits((8L << random.nextInt(3)) * segment, segment, 0));
                }
                buffer.sync();
                for (Optional<String> read = read(cursor); read.isPresent(); read = read(cursor)) {
                    assertThat(read.get().strip()).isEqualTo("record " + i);
                    i++;
                }
                cursor.settle(i);
                cursor.save();
            }
            assertThat(appended.join()).isEqualTo(all);
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, LIMITS)) {
            assertThat(buffer.recovery().clean()).isTrue();
            assertThat(buffer.nextSeq()).isEqualTo(all);
        }
    }

    private static void appendAll(DiskBuffer buffer, int records, CompletableFuture<Integer> done) {
        appendAll(buffer, records, done, 400);
    }

    private static void appendAll(DiskBuffer buffer, int records, CompletableFuture<Integer> done, int padding) {
        try {
            for (int i = 0; i < records; i++) {
                append(buffer, "record " + i + " ".repeat(padding));
            }
            done.complete(records);
        } catch (IOException | InterruptedException | RuntimeException e) {
            done.completeExceptionally(e);
        }
    }
}
