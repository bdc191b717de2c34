package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import io.logroute.buffer.Format.Block;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// One byte of a small buffer changed, every fifth in turn; each file gone, cut or emptied, each
/// in turn.
class DamageLaws {
    private static final Limits LIMITS = new Limits(1 << 20, 4096, 0);
    private static final int RECORDS = 14;

    /// How many bytes lie between two that are changed; `-Dlogroute.stride=1` changes each.
    private static final int STRIDE = Integer.getInteger("logroute.stride", 5);

    private static DiskBuffer open(CrashingDisk disk) throws Exception {
        return DiskBuffer.open(disk, LIMITS, InstantSource.fixed(Instant.EPOCH), () -> 0x1234_5678_9abc_def0L);
    }

    private static byte[] payload(int i) {
        return ("record " + i + "x".repeat(300 + i)).getBytes(UTF_8);
    }

    /// Records of two events each in two segments; the reader "es" has settled the first. Closed
    /// properly, or killed after the last sync.
    private static Map<String, byte[]> written(boolean closed) throws Exception {
        return written(closed, RECORDS, false);
    }

    /// @param followed another reader has settled all of them
    private static Map<String, byte[]> written(boolean closed, int records, boolean followed) throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = open(disk);
        Cursor cursor = buffer.cursor("es");
        for (int i = 0; i < records; i++) {
            byte[] bytes = payload(i);
            buffer.append(bytes, 0, bytes.length, 2);
            buffer.sync();
        }
        cursor.settle(2);
        cursor.save();
        if (followed) {
            Cursor other = buffer.cursor("other");
            other.settle(buffer.durableSeq());
            other.save();
        }
        if (closed) {
            buffer.close();
        } else {
            buffer.abandon();
        }
        return disk.files();
    }

    /// The numbers of the records that come, each checked for its content; whatever is missing is
    /// counted.
    private static List<Long> delivered(Map<String, byte[]> files, String why) throws Exception {
        try (DiskBuffer buffer = open(CrashingDisk.of(files));
                Cursor cursor = buffer.cursor("es")) {
            List<Long> seqs = new ArrayList<>();
            for (Optional<Stored> read = cursor.read(Duration.ZERO);
                    read.isPresent();
                    read = cursor.read(Duration.ZERO)) {
                Stored stored = read.get();
                assertThat(stored.bytes()).as(why).isEqualTo(payload((int) stored.firstSeq() / 2));
                seqs.add(stored.firstSeq());
            }
            assertThat(seqs).as(why).isSorted().doesNotHaveDuplicates();
            assertThat(cursor.unsettled())
                    .as(why)
                    .isEqualTo(2L
                            * seqs.stream()
                                    .filter(seq -> seq >= cursor.settled())
                                    .count());

            byte[] more = "more".getBytes(UTF_8);
            long seq = buffer.append(more, 0, 4, 1);
            buffer.sync(seq);
            assertThat(seq).as("%s: a number given again", why).isGreaterThanOrEqualTo(2 * RECORDS);
            assertThat(cursor.read(Duration.ZERO).orElseThrow().bytes()).as(why).isEqualTo(more);
            long missing = RECORDS - 1 - seqs.stream().filter(s -> s >= 2).count();
            assertThat(buffer.damage().lostEvents() + tail(buffer, seqs))
                    .as(why)
                    .isEqualTo(2 * missing);
            return seqs;
        }
    }

    /// Events cut off the end of an unsealed log: there is no later record to count them by.
    private static long tail(DiskBuffer buffer, List<Long> seqs) {
        boolean cut = buffer.recovery().tornBytes() > 0;
        return cut ? 2 * RECORDS - (seqs.getLast() + 2) : 0;
    }

    @Test
    void any_byte_of_a_closed_buffer_may_change_and_all_but_one_record_is_delivered_and_the_one_counted()
            throws Exception {
        everyByte(written(true), STRIDE);
    }

    @Test
    void bytes_of_a_killed_buffer_may_change_and_all_but_one_record_is_delivered() throws Exception {
        everyByte(written(false), 2 * STRIDE);
    }

    private static void everyByte(Map<String, byte[]> files, int stride) throws Exception {
        assertThat(files.keySet().stream().filter(name -> name.endsWith(".seg")))
                .hasSize(2);
        assertThat(delivered(files, "untouched")).hasSize(RECORDS - 1);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            for (int at = 0; at < file.getValue().length; at += stride) {
                if (file.getKey().endsWith(".cur") && at % Format.SLOT >= Format.BLOCK && at % 64 != 0) {
                    continue; // zeros that nobody reads
                }
                Map<String, byte[]> damaged = new TreeMap<>(files);
                byte[] bytes = file.getValue().clone();
                bytes[at] ^= (byte) (1 << at % 8);
                damaged.put(file.getKey(), bytes);
                assertThat(delivered(damaged, "byte %d of %s".formatted(at, file.getKey())))
                        .hasSizeGreaterThanOrEqualTo(RECORDS - 2);
            }
        }
    }

    /// What was appended and not settled, by number: in files that had several lives.
    private static TreeMap<Long, byte[]> writtenAgain(CrashingDisk disk, Random random, boolean closed)
            throws Exception {
        TreeMap<Long, byte[]> kept = new TreeMap<>();
        DiskBuffer buffer = open(disk);
        Cursor cursor = buffer.cursor("es");
        int lives = 1 + random.nextInt(3);
        while (disk.recycled() < lives || buffer.spareBytes() > 0 || kept.size() < 4) {
            byte[] bytes = new byte[1 + random.nextInt(500)];
            random.nextBytes(bytes);
            long seq = buffer.append(bytes, 0, bytes.length, 1);
            buffer.sync(seq);
            kept.put(seq, bytes);
            if (disk.recycled() < lives) {
                cursor.settle(seq - 2);
                cursor.save();
                kept.headMap(seq - 2).clear();
            }
        }
        if (closed) {
            buffer.close();
        } else {
            buffer.abandon();
        }
        return kept;
    }

    @Test
    void a_bit_of_a_file_in_its_next_life_may_change_and_all_but_one_record_is_delivered_and_the_one_counted()
            throws Exception {
        for (int seed : Seeds.upTo(400)) {
            Random random = Seeds.random(seed);
            boolean closed = random.nextBoolean();
            CrashingDisk disk = new CrashingDisk();
            TreeMap<Long, byte[]> kept = writtenAgain(disk, random, closed);
            Map<String, byte[]> files = disk.files();
            List<String> names = List.copyOf(files.keySet());
            String name = names.get(random.nextInt(names.size()));
            byte[] bytes = Objects.requireNonNull(files.get(name));
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            String why = "seed %d, byte %d of %s, closed: %s".formatted(seed, at, name, closed);
            try (DiskBuffer buffer = open(CrashingDisk.of(files));
                    Cursor cursor = buffer.cursor("es")) {
                TreeMap<Long, byte[]> missing = new TreeMap<>(kept);
                for (Optional<Stored> read = cursor.read(Duration.ZERO);
                        read.isPresent();
                        read = cursor.read(Duration.ZERO)) {
                    byte[] expected = missing.remove(read.get().firstSeq());
                    if (read.get().firstSeq() >= kept.firstKey()) { // else it was settled; a place was damaged
                        assertThat(read.get().bytes()).as(why).isEqualTo(expected);
                    }
                }
                assertThat(missing.size()).as(why).isLessThanOrEqualTo(1);
                boolean cut =
                        !closed && !missing.isEmpty() && missing.firstKey().equals(kept.lastKey());
                // With a damaged place the one before counts, one event earlier; that event may be gone, being settled.
                long settled = name.startsWith(Place.FOLDER) ? 1 : 0;
                long lost = buffer.damage().lostEvents();
                assertThat(
                                cut
                                        ? buffer.recovery().tornBytes() > 0
                                        : lost >= missing.size() && lost <= missing.size() + settled)
                        .as("%s: %s, %s", why, buffer.recovery(), buffer.damage())
                        .isTrue();
            }
        }
    }

    /// All in one segment and equally long, so each would fit in the place of each.
    @Test
    void a_record_that_the_disk_wrote_over_another_is_damage_there_and_the_other_is_counted() throws Exception {
        for (int seed : Seeds.upTo(100)) {
            Random random = Seeds.random(seed);
            CrashingDisk disk = new CrashingDisk();
            DiskBuffer buffer = open(disk);
            buffer.cursor("es");
            int count = 3 + random.nextInt(5);
            byte[][] payloads = new byte[count][1 + random.nextInt(300)];
            for (byte[] payload : payloads) {
                random.nextBytes(payload);
                buffer.append(payload, 0, payload.length, 1);
                buffer.sync();
            }
            boolean closed = random.nextBoolean();
            if (closed) {
                buffer.close();
            } else {
                buffer.abandon();
            }
            Map<String, byte[]> files = disk.files();
            byte[] bytes = Objects.requireNonNull(files.get(Segment.name(1)));
            int size = (int) Format.recordSize(payloads[0].length);
            int over = random.nextInt(count - 1); // the last one of a killed buffer would be a torn write
            int record = (over + 1 + random.nextInt(count - 1)) % count;
            System.arraycopy(bytes, Format.RECORDS_AT + record * size, bytes, Format.RECORDS_AT + over * size, size);
            String why = "seed %d, %d over %d of %d, closed: %s".formatted(seed, record, over, count, closed);
            CrashingDisk damaged = CrashingDisk.of(files);
            try (DiskBuffer again = open(damaged);
                    Cursor cursor = again.cursor("es")) {
                List<Long> expected =
                        new ArrayList<>(LongStream.range(0, count).boxed().toList());
                expected.remove((long) over);
                for (long seq : expected) {
                    Stored stored = cursor.read(Duration.ZERO).orElseThrow();
                    assertThat(stored.firstSeq()).as(why).isEqualTo(seq);
                    assertThat(stored.bytes()).as(why).isEqualTo(payloads[(int) seq]);
                }
                assertThat(cursor.read(Duration.ZERO)).as(why).isEmpty();
                assertThat(again.recovery().lostEvents()).as(why).isEqualTo(closed ? 0 : 1);
                assertThat(again.damage()).as(why).isEqualTo(new Damage(1, 1, 0));
                again.awaitHousekeeping();
                isSetAside(damaged, Segment.name(1), bytes, why);
            }
        }
    }

    /// It is in `corrupt/` as it was, for people to look at.
    private static void isSetAside(CrashingDisk disk, String name, byte[] bytes, String why) {
        String file = name.substring(name.lastIndexOf('/') + 1);
        assertThat(disk.files().entrySet()).as("%s: in corrupt/", why).anySatisfy(aside -> {
            assertThat(aside.getKey()).startsWith("corrupt/" + file);
            assertThat(aside.getValue()).isEqualTo(bytes);
        });
    }

    @Test
    void a_torn_tail_is_cut_off_its_file_and_told() throws Exception {
        Map<String, byte[]> files = written(false);
        String name = Segment.name(2);
        byte[] whole = Objects.requireNonNull(files.get(name));
        for (int torn : new int[] {1, 7, 48, 333}) {
            byte[] longer = Arrays.copyOf(whole, whole.length + torn);
            Arrays.fill(longer, whole.length, longer.length, (byte) 0x4c);
            Map<String, byte[]> damaged = new TreeMap<>(files);
            damaged.put(name, longer);
            CrashingDisk disk = CrashingDisk.of(damaged);
            try (DiskBuffer buffer = open(disk)) {
                assertThat(buffer.recovery().tornBytes()).isEqualTo(torn);
                assertThat(buffer.recovery().corruptRecords()).isZero();
                assertThat(buffer.damage()).isEqualTo(new Damage(0, 0, 0));
                assertThat(disk.files().get(name)).hasSize(whole.length);
            }
        }
    }

    @Test
    void a_place_that_was_torn_while_it_was_written_is_the_one_before() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer written = open(disk);
        Cursor saving = written.cursor("es");
        for (int i = 0; i < 10; i++) {
            written.sync(written.append(payload(i), 0, payload(i).length, 2));
        }
        String name = Place.FOLDER + "/" + Place.fileName("es");
        for (long settled = 2; settled < 12; settled += 2) {
            saving.settle(settled);
            saving.save();
            Map<String, byte[]> files = disk.files();
            for (int torn : new int[] {0, Format.SLOT}) {
                byte[] slots = Objects.requireNonNull(files.get(name)).clone();
                Arrays.fill(slots, torn + 30, torn + Format.BLOCK, (byte) 0x55);
                Map<String, byte[]> damaged = new TreeMap<>(files);
                damaged.put(name, slots);
                boolean newest = torn == (settled / 2 % 2 == 0 ? 0 : Format.SLOT);
                try (DiskBuffer buffer = open(CrashingDisk.of(damaged));
                        Cursor cursor = buffer.cursor("es")) {
                    assertThat(cursor.settled())
                            .as("%d saved, slot at %d torn", settled, torn)
                            .isEqualTo(newest ? settled - 2 : settled);
                }
            }
        }
        written.abandon();
    }

    /// Its sum holds, and it says that all is settled; the buffer's own places say otherwise.
    @Test
    void a_place_of_another_buffer_is_a_lost_one_and_costs_duplicates_only() throws Exception {
        Map<String, byte[]> files = new TreeMap<>(written(true));
        String name = Place.FOLDER + "/" + Place.fileName("es");
        byte[] slots = Objects.requireNonNull(files.get(name)).clone();
        for (int at : new int[] {0, Format.SLOT}) {
            Block foreign = new Block(Format.CURSOR, 0x777L, 1_000 + at, 2 * RECORDS, 0, 0);
            System.arraycopy(foreign.encode().array(), 0, slots, at, Format.BLOCK);
        }
        files.put(name, slots);
        CrashingDisk disk = CrashingDisk.of(files);
        try (DiskBuffer buffer = open(disk);
                Cursor cursor = buffer.cursor("es")) {
            assertThat(buffer.recovery().cursorsReset()).containsExactly("es");
            for (int i = 0; i < RECORDS; i++) {
                assertThat(cursor.read(Duration.ZERO).orElseThrow().firstSeq()).isEqualTo(2L * i);
            }
            assertThat(buffer.damage().lostEvents()).isZero();
            isSetAside(disk, name, slots, "the foreign place");
        }
    }

    @Test
    void any_file_may_be_gone_empty_or_cut_and_the_records_of_the_others_are_delivered_and_the_rest_counted()
            throws Exception {
        Map<String, byte[]> files = written(true);
        for (String name : files.keySet()) {
            spoiled(files, name, RECORDS, false);
        }
        Map<String, byte[]> followed = written(true, 2 * RECORDS, true);
        List<String> segments =
                followed.keySet().stream().filter(Segment::isName).toList();
        assertThat(segments).as("one has others around it").hasSizeGreaterThan(2);
        for (String name : segments) {
            spoiled(followed, name, 2 * RECORDS, true);
        }
    }

    /// @param followed another reader's place says where the log ended
    private static void spoiled(Map<String, byte[]> files, String name, int records, boolean followed)
            throws Exception {
        int length = Objects.requireNonNull(files.get(name)).length;
        for (int left : new int[] {-1, 0, 1, 63, 64, 700, 1024, 1100, length - 1}) {
            String why = "%s cut to %d, followed: %s".formatted(name, left, followed);
            Map<String, byte[]> damaged = new TreeMap<>(files);
            damaged.remove(name);
            if (left >= 0) {
                damaged.put(name, Arrays.copyOf(files.get(name), Math.min(left, length)));
            }
            CrashingDisk disk = CrashingDisk.of(damaged);
            try (DiskBuffer buffer = open(disk);
                    Cursor cursor = buffer.cursor("es")) {
                int count = 0;
                while (cursor.read(Duration.ZERO).isPresent()) {
                    count++;
                }
                boolean segment = Segment.isName(name);
                int others = segment ? records - 10 : records - 1;
                assertThat(count).as(why).isGreaterThanOrEqualTo(others);
                // The next segment, the seal or a reader's place says how many there were; else nothing does.
                boolean told = name.equals(Segment.name(1)) || left >= Format.SEAL_AT + Format.BLOCK || followed;
                long missing = segment && told ? 2L * (records - 1 - count) : 0;
                assertThat(buffer.recovery().lostEvents()).as(why).isEqualTo(missing);
                assertThat(buffer.damage().lostEvents()).as(why).isEqualTo(missing);
                boolean unreadable = left >= 0 && left < Format.BLOCK;
                if (unreadable || (segment && left == length - 1)) {
                    isSetAside(disk, name, Objects.requireNonNull(damaged.get(name)), why);
                }
            }
        }
    }
}
