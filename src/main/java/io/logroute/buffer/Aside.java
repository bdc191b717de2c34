package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Copies of damaged files in `corrupt/`, for people to look at. To a running buffer they are a
/// courtesy: no promise of it rests on them, so a full disk only means that there is no copy. A
/// repair promises them.
final class Aside {
    private static final System.Logger LOG = System.getLogger(Aside.class.getName());

    private Aside() {}

    /// Copies the file unless a copy is there, or `corrupt/` would occupy more than `mayOccupy`
    /// bytes; gives the copy's name when one was made.
    static Optional<String> copy(Disk disk, String name, long mayOccupy) {
        try {
            return disk.list(DiskBuffer.CORRUPT).contains(name) || occupied(disk) + size(disk, name) > mayOccupy
                    ? Optional.empty()
                    : Optional.of(copy(disk, name, name));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Damaged buffer file " + name + " could not be copied to corrupt/", e);
            return Optional.empty();
        }
    }

    /// Copies the file also when there is a copy of before: under a name with the time, then.
    ///
    /// @throws IOException when it cannot; then there is no part of a copy, either
    static String copyAgain(Disk disk, String name, long millis) throws IOException {
        boolean first = !disk.list(DiskBuffer.CORRUPT).contains(name);
        return copy(disk, name, first ? name : name + "." + millis);
    }

    private static String copy(Disk disk, String name, String as) throws IOException {
        String target = DiskBuffer.CORRUPT + "/" + as;
        String draft = target + ".tmp";
        try {
            try (Disk.File from = disk.openToRead(name);
                    Disk.File to = disk.create(draft)) {
                copy(from, to);
            }
            disk.rename(draft, target);
            disk.forceFolder(DiskBuffer.CORRUPT);
            return target;
        } catch (IOException e) {
            discard(disk, draft, e);
            throw e;
        }
    }

    static void discard(Disk disk, String draft, IOException cause) {
        try {
            disk.delete(draft);
        } catch (IOException e) {
            cause.addSuppressed(e); // opening deletes it
        }
    }

    private static long size(Disk disk, String name) throws IOException {
        try (Disk.File file = disk.openToRead(name)) {
            return file.size();
        }
    }

    private static void copy(Disk.File from, Disk.File to) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(Scan.BLOCK);
        for (long at = 0; from.read(block, at) > 0; ) {
            block.flip();
            int length = block.remaining();
            to.write(block, at);
            at += length;
            block.clear();
        }
        to.force();
    }

    private static long occupied(Disk disk) throws IOException {
        long sum = 0;
        for (String name : disk.list(DiskBuffer.CORRUPT)) {
            try (Disk.File file = disk.openToRead(DiskBuffer.CORRUPT + "/" + name)) {
                sum += file.size();
            }
        }
        return sum;
    }
}
