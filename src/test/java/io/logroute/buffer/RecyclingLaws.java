package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import io.logroute.buffer.Format.Head;
import io.logroute.buffer.Format.Home;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/// A file in its next life: what is left of the former ones is never read, and a crash in the
/// middle of the change costs nothing.
class RecyclingLaws {
    private static final Limits LIMITS = new Limits(64 * 1024, 4096, 0);

    private static DiskBuffer open(Disk disk) throws IOException {
        return DiskBuffer.open(disk, LIMITS, InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)), () -> 77 << 20);
    }

    /// What was appended and synced, by number; what a reader has settled is taken out.
    private static final class Kept {
        final TreeMap<Long, byte[]> records = new TreeMap<>();

        void append(DiskBuffer buffer, Random random) throws Exception {
            byte[] bytes = new byte[1 + random.nextInt(600)];
            random.nextBytes(bytes);
            long seq = buffer.append(bytes, 0, bytes.length, 1);
            buffer.sync(seq);
            records.put(seq, bytes);
        }

        void settle(Cursor cursor, long seq) throws IOException {
            cursor.settle(seq);
            cursor.save();
            records.headMap(seq).clear();
        }

        /// All of it comes, in order, and nothing that was never appended; what is not settled for
        /// certain may come once more, but not what is not in `also`.
        void isDelivered(DiskBuffer buffer, Map<Long, byte[]> also, String why) throws Exception {
            try (Cursor cursor = buffer.cursor("es")) {
                List<Long> seqs = new ArrayList<>();
                for (Optional<Stored> read = cursor.read(Duration.ZERO);
                        read.isPresent();
                        read = cursor.read(Duration.ZERO)) {
                    long seq = read.get().firstSeq();
                    assertThat(read.get().bytes()).as("%s, record %d", why, seq).isEqualTo(also.get(seq));
                    seqs.add(seq);
                }
                assertThat(seqs).as(why).isSorted().doesNotHaveDuplicates().containsAll(records.keySet());
            }
            assertThat(buffer.damage().corruptRecords()).as(why).isZero();
            assertThat(buffer.damage().lostEvents()).as(why).isZero();
            assertThat(buffer.recovery().setAside()).as(why).isEmpty();
        }
    }

    private static String newest(Map<String, byte[]> files) {
        return files.keySet().stream()
                .filter(Segment::isName)
                .max(String::compareTo)
                .orElseThrow();
    }

    @Test
    void records_of_former_lives_are_never_read_wherever_they_lie_and_whatever_they_say() throws Exception {
        for (int seed : Seeds.upTo(300)) {
            Random random = Seeds.random(seed);
            CrashingDisk disk = new CrashingDisk();
            DiskBuffer buffer = open(disk);
            Cursor cursor = buffer.cursor("es");
            Kept kept = new Kept();
            int lives = 1 + random.nextInt(4);
            while (disk.recycled() < lives || buffer.spareBytes() > 0) {
                kept.append(buffer, random);
                if (disk.recycled() < lives) {
                    kept.settle(cursor, buffer.durableSeq());
                }
            }
            for (int more = random.nextInt(5); more > 0; more--) {
                kept.append(buffer, random);
            }
            Map<String, byte[]> files = disk.files();
            buffer.abandon();

            String name = newest(files);
            byte[] live = Objects.requireNonNull(files.get(name));
            Home home = new Home(77L << 16, Segment.ordinal(name));
            Scan scan = Scan.of(CrashingDisk.of(files).openToRead(name), home, -1, Long.MAX_VALUE);
            boolean likely = random.nextBoolean();
            IntToLongFunction seqs = i -> likely ? scan.endSeq() + i : Math.max(0, scan.firstSeq() - 1 - i % 20);
            files.put(name, withStale(random, live, (int) scan.end(), home, seqs));

            String why = "seed %d, %s from %d on".formatted(seed, name, scan.end());
            try (DiskBuffer again = open(CrashingDisk.of(files))) {
                kept.isDelivered(again, kept.records, why);
                assertThat(again.nextSeq()).as(why).isGreaterThanOrEqualTo(scan.endSeq());
                boolean recycled = live.length > scan.end();
                assertThat(likely || !recycled || again.recovery().tornBytes() == 0)
                        .as("%s: %s", why, again.recovery())
                        .isTrue();
            }
        }
    }

    /// Records of other segments back to back, as far as the file goes, under the live ones: one
    /// begins at a place that chance chose, one straddles the end of the live ones.
    private static byte[] withStale(Random random, byte[] live, int end, Home home, IntToLongFunction seqs) {
        ByteBuffer file = ByteBuffer.allocate(Math.max(live.length, 4096));
        int at = Format.RECORDS_AT + 8 * random.nextInt(64);
        for (int i = 0; ; i++) {
            byte[] payload = new byte[random.nextInt(random.nextBoolean() ? 9 : 300)];
            random.nextBytes(payload);
            int size = (int) Format.recordSize(payload.length);
            if (at + size > file.capacity()) {
                break;
            }
            long other = random.nextBoolean() && home.ordinal() > 1
                    ? 1 + random.nextLong(home.ordinal() - 1)
                    : home.ordinal() + 1 + random.nextInt(3);
            long seq = seqs.applyAsLong(i);
            Head head = new Head(
                    payload.length, Format.sum(payload, 0, payload.length), seq, seq, 1_700_000_000_000L, 1, (byte) 0);
            file.put(at, head.encode(new Home(home.id(), other), at).array());
            file.put(at + Format.RECORD_HEAD, payload);
            at += size;
        }
        file.put(0, live, 0, end);
        return file.array();
    }

    @Test
    void a_record_is_refused_at_its_own_place_under_every_other_ordinal() {
        for (int seed : Seeds.upTo(20_000)) {
            Random random = Seeds.random(seed);
            long ordinal = random.nextLong(1L << (1 + random.nextInt(32)));
            long other = random.nextBoolean() ? ordinal ^ 1L << random.nextInt(32) : random.nextLong(1L << 32);
            long place = Format.RECORDS_AT + 8L * random.nextInt(1 << 23);
            Head head = new Head(
                    random.nextInt(5000),
                    random.nextInt(),
                    random.nextLong(1L << 40),
                    0,
                    random.nextLong(1L << 41),
                    1,
                    (byte) random.nextInt());
            ByteBuffer bytes = head.encode(new Home(77, ordinal), place);
            assertThat(Head.decode(bytes, 0, new Home(77, ordinal), place)).contains(head);
            if (other != ordinal) {
                assertThat(Head.decode(bytes, 0, new Home(77, other), place))
                        .as("seed %d: %d as %d", seed, ordinal, other)
                        .isEmpty();
            }
        }
    }

    /// Appends, settles and appends again until a file is in its second life, its third, and so on.
    private static void story(DiskBuffer buffer, Kept kept, Map<Long, byte[]> all, Random random) throws Exception {
        Cursor cursor = buffer.cursor("es");
        for (int i = 0; i < 40; i++) {
            try {
                kept.append(buffer, random);
            } finally {
                all.putAll(kept.records);
            }
            if (i % 6 == 5) {
                long seq = buffer.durableSeq() - random.nextInt(3);
                kept.records.headMap(seq).clear(); // whether the disk hears of it or not
                kept.settle(cursor, seq);
            }
        }
    }

    @Test
    void a_crash_between_any_two_operations_of_the_disk_costs_nothing_that_was_acknowledged() throws Exception {
        for (int seed : Seeds.upTo(3, 100)) {
            boolean whole = false;
            int least = Integer.MAX_VALUE;
            for (int operations = 0; !whole; operations++) {
                CrashingDisk disk = new CrashingDisk();
                Kept kept = new Kept();
                Map<Long, byte[]> all = new TreeMap<>();
                DiskBuffer buffer = open(disk);
                disk.powerFor(operations);
                try {
                    story(buffer, kept, all, Seeds.random(seed));
                    whole = true;
                    least = disk.recycled();
                } catch (IOException e) {
                    assertThat(disk.off()).as("%s", e).isTrue();
                }
                disk.powerFor(-1);
                CrashingDisk after = disk.crash(Seeds.random(31L * seed + operations));
                buffer.abandon();
                String why = "seed %d, off after %d operations".formatted(seed, operations);
                DiskBuffer again = open(after);
                assertThat(again.recovery().setAside()).as(why).isEmpty();
                seenAgain(again, kept, all, why);
                for (int i = 0; i < 12; i++) { // spares that were found are used, too
                    kept.append(again, new Random(i));
                    all.putAll(kept.records);
                }
                again.close();
                try (DiskBuffer third = open(after)) {
                    assertThat(third.recovery().clean()).as(why).isTrue();
                    seenAgain(third, kept, all, why);
                }
            }
            assertThat(least).as("files that had another life").isPositive();
        }
    }

    /// The record at work when the power went may be there or not.
    private static void seenAgain(DiskBuffer buffer, Kept kept, Map<Long, byte[]> all, String why) throws Exception {
        try (Cursor cursor = buffer.cursor("es")) {
            List<Long> seqs = new ArrayList<>();
            for (Optional<Stored> read = cursor.read(Duration.ZERO);
                    read.isPresent();
                    read = cursor.read(Duration.ZERO)) {
                long seq = read.get().firstSeq();
                if (all.containsKey(seq)) {
                    assertThat(read.get().bytes()).as("%s, record %d", why, seq).isEqualTo(all.get(seq));
                } else {
                    assertThat(seq).as(why).isGreaterThan(all.isEmpty() ? -1 : ((TreeMap<Long, byte[]>) all).lastKey());
                    all.put(seq, read.get().bytes());
                }
                seqs.add(seq);
            }
            assertThat(seqs).as(why).isSorted().doesNotHaveDuplicates().containsAll(kept.records.keySet());
        }
        assertThat(buffer.damage().corruptRecords()).as(why).isZero();
        assertThat(buffer.damage().lostEvents()).as(why).isZero();
    }
}
