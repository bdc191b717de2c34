package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import io.logroute.buffer.Format.Block;
import io.logroute.buffer.Format.Head;
import io.logroute.buffer.Format.Home;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A folder with anything in it: noise, cut and stretched files, files in each other's place, and
/// blocks and records with right sums that say absurd things. Opening and reading end, in little
/// memory, without an error; then the buffer works.
class AnyBytesLaws {
    private static final Limits LIMITS = new Limits(64 * 1024, 4096, 0);
    private static final long ID = 77L << 16;

    private static final List<String> NAMES = List.of(
            "identity",
            "00000000000000000001.seg",
            "00000000000000000002.seg",
            "00000000000000000003.seg",
            "00000000000000000000.seg",
            "00000000000000000009.spare",
            "00000000000000000002.spare",
            "00000000000000000004.seg.tmp",
            "00999999999999999999.seg",
            "01000000000000000000.seg",
            "09223372036854775806.seg",
            "99999999999999999999.seg",
            "09223372036854775806.spare",
            "1.seg",
            ".spare",
            "cursors/es.cur",
            "cursors/other.cur",
            "cursors/%ZZ.cur",
            "cursors/.cur",
            "cursors/es.cur.tmp",
            "corrupt/00000000000000000002.seg",
            "corrupt/09223372036854775806.seg.1",
            "something else");

    private static DiskBuffer open(Disk disk) throws IOException {
        return DiskBuffer.open(disk, LIMITS, InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)), () -> 77 << 20);
    }

    /// A buffer of a few segments, killed or closed.
    private static Map<String, byte[]> written(Random random) throws Exception {
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer = open(disk);
        try (Cursor cursor = buffer.cursor("es")) {
            for (int i = random.nextInt(30); i >= 0; i--) {
                byte[] bytes = new byte[1 + random.nextInt(random.nextInt(9) == 0 ? 6000 : 700)];
                random.nextBytes(bytes);
                buffer.sync(buffer.append(bytes, 0, bytes.length, 1));
                if (random.nextInt(4) == 0) {
                    cursor.settle(buffer.durableSeq());
                    cursor.save();
                }
            }
        }
        Map<String, byte[]> files = disk.files();
        if (random.nextBoolean()) {
            buffer.close();
            files = disk.files();
        }
        buffer.abandon();
        return files;
    }

    private static void spoil(Map<String, byte[]> files, Random random) {
        List<String> there = List.copyOf(files.keySet());
        String name = random.nextInt(3) > 0 && !there.isEmpty()
                ? there.get(random.nextInt(there.size()))
                : NAMES.get(random.nextInt(NAMES.size()));
        byte[] bytes = files.getOrDefault(name, new byte[random.nextInt(6000)]).clone();
        switch (random.nextInt(8)) {
            case 0 -> files.put(name, noise(bytes, random));
            case 1 -> files.put(name, Arrays.copyOf(bytes, random.nextInt(bytes.length + 3000)));
            case 2 -> files.remove(name);
            case 3 -> files.put(name, there.isEmpty() ? bytes : files.getOrDefault(there.getFirst(), bytes));
            case 4 -> files.put(NAMES.get(random.nextInt(NAMES.size())), bytes);
            case 5, 6 -> files.put(name, absurd(name, Arrays.copyOf(bytes, Math.max(bytes.length, 9000)), random));
            default -> {
                for (int i = random.nextInt(20); i >= 0 && bytes.length > 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                files.put(name, bytes);
            }
        }
    }

    private static byte[] noise(byte[] bytes, Random random) {
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        } else {
            Arrays.fill(bytes, (byte) random.nextInt(256));
        }
        return bytes;
    }

    /// Right sums, wrong numbers.
    private static byte[] absurd(String name, byte[] bytes, Random random) {
        ByteBuffer file = ByteBuffer.wrap(bytes);
        long ordinal = name.matches("0[0-9]{19}.*") ? Segment.ordinal(name) : number(random);
        if (name.startsWith("cursors/")) {
            long settled = number(random);
            file.put(
                    random.nextBoolean() ? 0 : Format.SLOT,
                    new Block(Format.CURSOR, ID, number(random), settled, number(random), number(random))
                            .encode()
                            .array());
            return bytes;
        }
        if (name.equals("identity")) {
            long id = random.nextBoolean() ? ID : number(random);
            file.put(0, new Block(Format.IDENTITY, id, 0, 0, 0, 0).encode().array());
            return bytes;
        }
        if (random.nextBoolean()) {
            file.put(
                    0,
                    new Block(Format.SEGMENT, random.nextInt(3), ID, ordinal, number(random), number(random), 5)
                            .encode()
                            .array());
        }
        if (random.nextBoolean()) {
            long end = random.nextBoolean() ? bytes.length - 8L : number(random);
            file.put(
                    Format.SEAL_AT,
                    new Block(Format.SEAL, ID, ordinal, number(random), end, number(random))
                            .encode()
                            .array());
        }
        int at = Format.RECORDS_AT + 8 * random.nextInt(40);
        for (int i = random.nextInt(5); i > 0 && at < 8000; i--) {
            byte[] payload = new byte[random.nextInt(100)];
            int length = random.nextInt(3) == 0 ? (int) number(random) : payload.length;
            Head head = new Head(
                    length,
                    Format.sum(payload, 0, payload.length),
                    number(random),
                    number(random),
                    number(random),
                    random.nextBoolean() ? 1 : (int) number(random),
                    (byte) random.nextInt());
            file.put(at, head.encode(new Home(ID, ordinal), at).array());
            file.put(at + Format.RECORD_HEAD, payload);
            at += (int) Format.recordSize(payload.length);
        }
        return bytes;
    }

    private static long number(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> Long.MAX_VALUE - random.nextInt(3);
            case 1 -> Long.MIN_VALUE + random.nextInt(3);
            case 2 -> -random.nextInt(100);
            case 3 -> Integer.MAX_VALUE - random.nextInt(100);
            case 4 -> (1L << 62) - random.nextInt(100);
            case 5 -> random.nextLong();
            default -> random.nextInt(5000);
        };
    }

    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }

    @Test
    void whatever_a_folder_holds_it_opens_is_read_to_its_end_and_is_written_again() throws Exception {
        for (int seed : Seeds.upTo(1000)) {
            Random random = Seeds.random(seed);
            Map<String, byte[]> files = new TreeMap<>(random.nextInt(5) == 0 ? Map.of() : written(random));
            for (int i = random.nextInt(4); i >= 0; i--) {
                spoil(files, random);
            }
            CrashingDisk disk = CrashingDisk.of(files);
            try {
                opens(disk, random);
                opens(disk, random); // what the first left behind
            } catch (BufferTooNew e) {
                assertThat(e).hasMessageContaining("format");
            } catch (AssertionError | Exception e) {
                throw new AssertionError("seed %d: %s".formatted(seed, files.keySet()), e);
            }
        }
    }

    private static void opens(CrashingDisk disk, Random random) throws Exception {
        long bytes = disk.used();
        long before = allocated();
        try (DiskBuffer buffer = open(disk);
                Cursor cursor = buffer.cursor("es")) {
            int records = 0;
            for (Optional<Stored> read = cursor.read(Duration.ZERO);
                    read.isPresent();
                    read = cursor.read(Duration.ZERO)) {
                assertThat(read.get().firstSeq()).isNotNegative().isLessThan(buffer.nextSeq());
                assertThat(++records).isLessThan(10_000);
            }
            assertThat(cursor.unsettled()).isNotNegative();
            cursor.settle(buffer.nextSeq());
            cursor.save();
            byte[] more = ("more " + random.nextInt()).getBytes(UTF_8);
            buffer.sync(buffer.append(more, 0, more.length, 1));
            assertThat(cursor.read(Duration.ZERO).orElseThrow().bytes()).isEqualTo(more);
            assertThat(buffer.bytes()).isNotNegative();
            assertThat(buffer.damage().lostEvents()).isNotNegative();
        }
        // The blocks to read through, and each file's bytes some times over; a claimed length of
        // 2 GiB would show.
        assertThat(allocated() - before).isLessThan((32L << 20) + 40 * bytes);
    }
}
