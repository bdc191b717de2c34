package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file system of 64 MiB that is full. It is a file mounted through a loop device, for which
/// this needs to be root on a kernel that has them; where it is not possible nothing is tested,
/// not even in CI: it is the machine that lacks something, and no installation mends that.
class BufferFullIT {
    private static final Limits LIMITS = new Limits(1 << 30, 4 << 20);
    private static final int LENGTH = 100_000;

    @TempDir
    Path folder;

    private Path mounted;
    private boolean isMounted;
    private final List<DiskBuffer> opened = new ArrayList<>();

    /// What was acknowledged and not settled, by number.
    private final TreeSet<Long> kept = new TreeSet<>();

    @BeforeEach
    void mount() throws Exception {
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(64 << 20);
        }
        mounted = Files.createDirectory(folder.resolve("mounted"));
        String made = said("mkfs.ext4", "-q", "-F", image.toString());
        assumeThat(made)
                .as("a file system could not be made; install e2fsprogs")
                .isEmpty();
        String told = said("mount", "-o", "loop", image.toString(), mounted.toString());
        assumeThat(told)
                .as("it could not be mounted; run this as root where the kernel has loop devices")
                .isEmpty();
        isMounted = true;
    }

    @AfterEach
    void unmount() throws Exception {
        opened.forEach(DiskBuffer::close);
        if (isMounted) {
            assertThat(said("umount", mounted.toString())).isEmpty();
        }
    }

    /// Empty when it went well.
    private static String said(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return process.exitValue() == 0 ? "" : "exit code " + process.exitValue() + ": " + said;
        } catch (IOException e) {
            return e.toString();
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
        Path data = mounted.resolve("buffer");
        Path foreign = mounted.resolve("foreign");
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
