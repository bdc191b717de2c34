package io.logroute.parts.file;

import io.logroute.spec.SinkSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One file that lines are appended to, with those put aside beside it: `x`, `x.1` (the newest
/// put aside), `x.2`, ...
///
/// A crash can leave half a line at the end; opening ends that line, so that the next one is
/// whole. A write that fails is cut off again for the same reason. A file that somebody moved or
/// deleted meanwhile is made anew. Used by one thread at a time.
final class OpenFile implements AutoCloseable {
    private final Path path;
    private final SinkSpec.Rotation rotation;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(64 << 10);
    private @Nullable FileChannel channel;
    private @Nullable Object key;
    private long size;

    OpenFile(Path path, SinkSpec.Rotation rotation) {
        this.path = path;
        this.rotation = rotation;
    }

    /// Adds a line, its end included; it is in the file after [#commit].
    void add(ByteArrayOutputStream line) throws IOException {
        if (pending.size() == 0) {
            open();
        }
        if (size + pending.size() > 0
                && size + pending.size() + line.size() > rotation.maxBytes().bytes()) {
            commit();
            rotate();
        }
        line.writeTo(pending);
    }

    /// Writes what was added and syncs it to disk.
    void commit() throws IOException {
        if (pending.size() == 0) {
            return;
        }
        var file = open();
        try {
            var bytes = ByteBuffer.wrap(pending.toByteArray());
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(false);
            size += pending.size();
        } catch (IOException e) {
            cutBack(file);
            throw e;
        } finally {
            pending.reset();
        }
    }

    /// What was added is not written.
    void forget() {
        pending.reset();
    }

    private void cutBack(FileChannel file) {
        try {
            file.truncate(size);
        } catch (IOException e) {
            // the next opening ends the half line
        }
        close();
    }

    private FileChannel open() throws IOException {
        var known = channel;
        if (known != null && Objects.equals(key, keyOf(path))) {
            return known;
        }
        close();
        var folder = folder();
        Files.createDirectories(folder);
        boolean isNew = Files.notExists(path);
        var opened =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel = opened;
        size = opened.size();
        opened.position(size);
        endTornLine(opened);
        key = keyOf(path);
        if (isNew) {
            sync(folder);
        }
        return opened;
    }

    private Path folder() {
        return Objects.requireNonNull(path.getParent(), "paths of files are absolute");
    }

    /// What tells a file from another of the same name; `null` when there is none.
    private static @Nullable Object keyOf(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void endTornLine(FileChannel file) throws IOException {
        if (size == 0) {
            return;
        }
        var last = ByteBuffer.allocate(1);
        file.read(last, size - 1);
        if (last.get(0) != '\n') {
            file.write(ByteBuffer.wrap(new byte[] {'\n'}));
            size++;
        }
    }

    /// A name is good for a crash only when its folder is synced too.
    private static void sync(Path folder) throws IOException {
        try (var opened = FileChannel.open(folder, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    private void rotate() throws IOException {
        close();
        int free = 1;
        while (free < rotation.keep() && Files.exists(aside(free))) {
            free++;
        }
        for (int i = free; i > 1; i--) {
            Files.move(aside(i - 1), aside(i), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(path, aside(1), StandardCopyOption.ATOMIC_MOVE);
        open();
    }

    private Path aside(int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    @Override
    public void close() {
        var open = channel;
        channel = null;
        key = null;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (IOException e) {
            // what counted was synced before
        }
    }
}
