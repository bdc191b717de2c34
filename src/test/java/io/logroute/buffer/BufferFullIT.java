package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.logroute.buffer.DiskBuffer.Limits;
import io.logroute.testbed.TinyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file system of 64 MiB that is full.
class BufferFullIT {
    private static final Limits LIMITS = new Limits(1 << 30, 4 << 20);
    private static final int LENGTH = 100_000;

    @TempDir
    Path folder;

    private @Nullable TinyDisk disk;
    private final List<DiskBuffer> opened = new ArrayList<>();

    /// What was acknowledged and not settled, by number.
    private final TreeSet<Long> kept = new TreeSet<>();

    @AfterEach
    void unmount() throws Exception {
        opened.forEach(DiskBuffer::close);
        if (disk != null) {
            disk.close();
        }
    }

    private DiskBuffer open(Path data) throws IOException {
        opened.add(DiskBuffer.open(data, LIMITS));
        return buffer();
    }

    private DiskBuffer buffer() {
        return opened.getLast();
    }

    private static byte[] content(long seq) {
        byte[] bytes = new byte[LENGTH];
        new Random(seq).nextBytes(bytes);
        return bytes;
    }

    /// Whether it was acknowledged.
    private boolean append() throws Exception {
        byte[] bytes = content(buffer().nextSeq());
        long seq = buffer().append(bytes, 0, LENGTH, 1);
        try {
            buffer().sync(seq);
        } catch (SyncFailed e) {
            assertThat(seq).isBetween(e.from(), e.to() - 1);
            assertThat(e).hasMessageContaining("No space left").hasMessageContaining("sent again");
            return false;
        }
        kept.add(seq);
        return true;
    }

    private void fill() throws Exception {
        for (int refused = 0; refused < 4; ) {
            refused += append() ? 0 : 1;
            assertThat(kept).hasSizeLessThan(1000);
        }
    }

    private void allIsThere(Cursor cursor) throws Exception {
        cursor.rewind();
        TreeSet<Long> seen = new TreeSet<>();
        for (Optional<Stored> read = cursor.read(Duration.ZERO); read.isPresent(); read = cursor.read(Duration.ZERO)) {
            long seq = read.get().firstSeq();
            assertThat(read.get().bytes()).as("record %d", seq).isEqualTo(content(seq));
            seen.add(seq);
        }
        assertThat(seen).containsAll(kept);
    }

    private void settle(Cursor cursor, long seq) throws IOException {
        cursor.settle(seq);
        cursor.save();
        kept.headSet(seq).clear();
    }

    @Test
    void a_file_system_that_is_full_refuses_keeps_what_was_acknowledged_and_goes_on_when_space_returns()
            throws Exception {
        disk = TinyDisk.mount(folder, 64 << 20);
        Path data = disk.folder().resolve("buffer");
        Path foreign = disk.folder().resolve("foreign");
        Cursor cursor = open(data).cursor("es");
        fill();
        assertThat(kept).hasSizeGreaterThan(300);
        assertThat(buffer().freeDiskBytes()).isLessThan(8 << 20);
        allIsThere(cursor);
        assertThatIOException()
                .isThrownBy(
                        () -> { // not even a folder of its own fits, or all of it does
                            Files.write(foreign, new byte[16 << 20]);
                        });
        Files.delete(foreign);

        buffer().abandon(); // a kill; then it opens although nothing more can be written
        cursor = open(data).cursor("es");
        assertThat(buffer().damage().lostEvents()).isZero();
        allIsThere(cursor);

        settle(cursor, kept.first() + kept.size() / 2);
        int before = kept.size();
        for (int i = 0; i < 100; i++) {
            assertThat(append())
                    .as("record %d after half of the space came back", i)
                    .isTrue();
        }
        assertThat(kept).hasSize(before + 100);
        fill();
        allIsThere(cursor);
        settle(cursor, kept.last() + 1);
        Files.write(foreign, new byte[30 << 20]); // others use the space, spares included
        fill();
        Files.delete(foreign);
        assertThat(append()).isTrue();
        buffer().close();

        try (DiskBuffer again = DiskBuffer.open(data, LIMITS);
                Cursor last = again.cursor("es")) {
            allIsThere(last);
            assertThat(again.damage()).isEqualTo(new Damage(0, 0, 0));
        }
    }
}
