package io.logroute.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A small ext4 file system of its own, to be filled. It is a file mounted through a loop device,
/// for which this needs to be root on a kernel that has them; where it is not possible nothing is
/// tested, not even in CI: it is the machine that lacks something, and no installation mends that.
public final class TinyDisk implements AutoCloseable {
    private final Path mounted;

    private TinyDisk(Path mounted) {
        this.mounted = mounted;
    }

    /// One of this size, with its files below `folder`; skips the test where it cannot be had.
    public static TinyDisk mount(Path folder, long bytes) throws IOException, InterruptedException {
        var image = folder.resolve("image");
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        var mounted = Files.createDirectory(folder.resolve("mounted"));
        assumeThat(said("mkfs.ext4", "-q", "-F", image.toString()))
                .as("a file system could not be made; install e2fsprogs")
                .isEmpty();
        assumeThat(said("mount", "-o", "loop", image.toString(), mounted.toString()))
                .as("it could not be mounted; run this as root where the kernel has loop devices")
                .isEmpty();
        return new TinyDisk(mounted);
    }

    /// Where it is mounted.
    public Path folder() {
        return mounted;
    }

    /// Whoever writes there waits, until [#thaw].
    public void freeze() throws InterruptedException {
        assertThat(said("fsfreeze", "--freeze", mounted.toString())).isEmpty();
    }

    public void thaw() throws InterruptedException {
        assertThat(said("fsfreeze", "--unfreeze", mounted.toString())).isEmpty();
    }

    /// Empty when it went well.
    private static String said(String... command) throws InterruptedException {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return process.exitValue() == 0 ? "" : "exit code " + process.exitValue() + ": " + said;
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// A process that is just being made elsewhere has our files open for a moment.
    @Override
    public void close() {
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(
                        () -> assertThat(said("umount", mounted.toString())).isEmpty());
    }
}
