package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Many segments, as a sink that was away for long leaves them.
class BacklogTest {
    private static final int SEGMENTS = 400;
    private static final Limits LIMITS = new Limits(8 << 20, 1 << 13);

    private static DiskBuffer open(Disk disk) throws IOException {
        return DiskBuffer.open(disk, LIMITS, InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)), () -> 77);
    }

    /// One record of 6 kB in each segment.
    private static CrashingDisk backlog() throws Exception {
        CrashingDisk disk = new CrashingDisk();
        try (DiskBuffer buffer = open(disk)) {
            buffer.cursor("es");
            for (int i = 0; i < SEGMENTS; i++) {
                buffer.append(new byte[6000], 0, 6000, 1);
            }
        }
        return CrashingDisk.of(disk.files());
    }

    @Test
    void opening_reads_of_each_sealed_segment_its_first_kilobyte_and_reading_each_of_them_once() throws Exception {
        CrashingDisk disk = backlog();
        try (DiskBuffer buffer = open(disk);
                Cursor cursor = buffer.cursor("es")) {
            assertThat(buffer.nextSeq()).isEqualTo(SEGMENTS);
            assertThat(disk.bytesRead()).isBetween(SEGMENTS * 1024L, SEGMENTS * 1024L + 20_000);
            long before = disk.bytesRead();
            for (int i = 0; i < SEGMENTS; i++) {
                assertThat(cursor.read(Duration.ZERO).orElseThrow().firstSeq()).isEqualTo(i);
            }
            assertThat(disk.bytesRead() - before).isLessThan(SEGMENTS * 7300L);
        }
    }

    @Test
    void a_place_in_the_middle_of_many_segments_is_found_without_opening_the_others() throws Exception {
        CrashingDisk disk = backlog();
        try (DiskBuffer buffer = open(disk);
                Cursor cursor = buffer.cursor("es")) {
            Set<String> opened = new HashSet<>();
            disk.refuse(operation -> operation.startsWith("open ") && opened.add(operation) && false);
            for (long seq : new long[] {17, 200, 399}) {
                cursor.settle(seq);
                cursor.rewind();
                assertThat(cursor.read(Duration.ZERO).orElseThrow().firstSeq()).isEqualTo(seq);
            }
            assertThat(opened).hasSize(3);
            cursor.settle(400);
            cursor.save();
            assertThat(buffer.firstSeq()).isEqualTo(399);
            assertThat(buffer.bytes()).isLessThan(1L << 20);
        }
    }
}
