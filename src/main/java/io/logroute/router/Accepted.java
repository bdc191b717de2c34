package io.logroute.router;

import io.logroute.plan.swarm.Packed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// A pipeline that a router keeps on its volume, such as the newest one that was handed to it while it
/// ran:
///
///     <folder>/pipeline           the one in force
///     <folder>/pipeline.new       one on its way; what a crash leaves of it is written over
///     <folder>/pipeline.damaged   one that could not be read, for people to look at
///
/// A file is two lines and the text:
///
///     logroute-accepted 1 <hex SHA-256 of all that follows>
///     <revision> <generation>
///
/// Whatever moment a crash comes at, [#find] gives the one before or the new one, whole. Of one
/// thread.
final class Accepted implements Keeps {
    private static final int FORMAT = 1;
    private static final String FORM = "logroute-accepted ";
    private static final Pattern HEAD = Pattern.compile(FORM + "(\\d{1,9}) ([0-9a-f]{64})");
    private static final Pattern NAMES = Pattern.compile("([0-9a-f]{12}) (\\d{1,18})");
    private static final int MOST_HEAD = 256;

    /// What is done to the disk, one thing after the other.
    interface Disk {
        /// Writes the file anew and syncs it.
        void write(Path file, byte[] content) throws IOException;

        /// In one step; what was at `to` is no more.
        void move(Path from, Path to) throws IOException;

        /// Makes the names in a folder durable.
        void sync(Path folder) throws IOException;
    }

    static final Disk REAL = new Disk() {
        @Override
        public void write(Path file, byte[] content) throws IOException {
            try (var out = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                for (var left = ByteBuffer.wrap(content); left.hasRemaining(); ) {
                    out.write(left);
                }
                out.force(true);
            }
        }

        @Override
        public void move(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void sync(Path folder) throws IOException {
            DurableFolders.syncToDisk(folder);
        }
    };

    private final String what;
    private final Path folder;
    private final Disk disk;
    private final DurableFolders folders;

    /// @param what which one it is, in front of the word "pipeline"
    Accepted(String what, Path folder) {
        this(what, folder, REAL);
    }

    Accepted(String what, Path folder, Disk disk) {
        this.what = what;
        this.folder = folder;
        this.disk = disk;
        this.folders = new DurableFolders(folder, disk::sync);
    }

    @Override
    public String what() {
        return what;
    }

    /// What was found at the start.
    sealed interface Found {
        record Nothing() implements Found {}

        record Kept(Edition edition) implements Found {}

        /// @param trouble with what, where, and what became of it
        record Damaged(String trouble) implements Found {}

        /// What it lies on does not answer now.
        record Away(String trouble) implements Found {}

        /// It cannot be read, and no waiting mends that; no other one is to be run for it.
        record Refused(String reason) implements Found {}
    }

    /// Why it cannot be read, where a newer LogRoute wrote it: with what, where and how to mend.
    /// Changes nothing.
    @Override
    public Optional<String> tooNew() {
        var file = folder.resolve("pipeline");
        try {
            if (Files.size(file) > Packed.LARGEST_TEXT + MOST_HEAD) {
                return Optional.empty();
            }
            return newer(Files.readAllBytes(file))
                    .map(format ->
                            ("the %s pipeline %s has format %d; this LogRoute reads up to %d. Run the newer LogRoute"
                                            + " on this volume, or move that file away to go on without it")
                                    .formatted(what, file, format, FORMAT));
        } catch (IOException e) {
            return Optional.empty(); // told by find
        }
    }

    /// The one in force. One that is damaged is set aside.
    @Override
    public Found find() {
        var file = folder.resolve("pipeline");
        try {
            if (Files.size(file) > Packed.LARGEST_TEXT + MOST_HEAD) {
                return damaged(file, "it is larger than any pipeline");
            }
            var content = Files.readAllBytes(file);
            return read(content).<Found>map(Found.Kept::new).orElseGet(() -> damaged(file, "its sum does not fit"));
        } catch (NoSuchFileException e) {
            return new Found.Nothing();
        } catch (IOException e) {
            return new Found.Damaged("the %s pipeline %s cannot be read (%s); look at the disk and at who may read it"
                    .formatted(what, file, said(e)));
        }
    }

    private Found damaged(Path file, String why) {
        var aside = folder.resolve("pipeline.damaged");
        var told = "the %s pipeline %s is damaged: %s".formatted(what, file, why);
        try {
            disk.move(file, aside);
            return new Found.Damaged("%s; it was set aside as %s".formatted(told, aside.getFileName()));
        } catch (IOException e) {
            return new Found.Damaged("%s; it could not be set aside (%s)".formatted(told, said(e)));
        }
    }

    private static String said(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    /// A new edition that is durable beside the one in force.
    interface Prepared {
        /// Puts it in force, durably. When this throws, either may be in force at the next start.
        void keep() throws IOException;
    }

    /// Writes an edition beside the one in force, so that what can fail for want of room has failed.
    @Override
    public Prepared prepare(Edition edition) throws IOException {
        var next = folder.resolve("pipeline.new");
        folders.make();
        disk.write(next, written(edition));
        folders.changed();
        folders.settle();
        return () -> {
            disk.move(next, folder.resolve("pipeline"));
            folders.changed();
            folders.settle();
        };
    }

    private static byte[] written(Edition edition) {
        var rest = "%s %d\n".formatted(edition.revision(), edition.generation()) + edition.text();
        var bytes = rest.getBytes(StandardCharsets.UTF_8);
        var head = "%s%d %s\n".formatted(FORM, FORMAT, sum(bytes, 0)).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + bytes.length)
                .put(head)
                .put(bytes)
                .array();
    }

    /// Its format, where the sum fits and it is a later one.
    private static Optional<Integer> newer(byte[] content) {
        int head = lineEnd(content, 0);
        if (head < 0) {
            return Optional.empty();
        }
        var named = HEAD.matcher(ascii(content, 0, head));
        return named.matches() && named.group(2).equals(sum(content, head + 1))
                ? Optional.of(Integer.parseInt(named.group(1))).filter(format -> format > FORMAT)
                : Optional.empty();
    }

    private static Optional<Edition> read(byte[] content) {
        int head = lineEnd(content, 0);
        int names = head < 0 ? -1 : lineEnd(content, head + 1);
        if (names < 0) {
            return Optional.empty();
        }
        var sum = HEAD.matcher(ascii(content, 0, head));
        var named = NAMES.matcher(ascii(content, head + 1, names));
        if (!sum.matches()
                || !sum.group(1).equals(String.valueOf(FORMAT))
                || !sum.group(2).equals(sum(content, head + 1))
                || !named.matches()) {
            return Optional.empty();
        }
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content, names + 1, content.length - names - 1))
                    .toString();
            return Optional.of(new Edition(text, named.group(1), Long.parseLong(named.group(2))));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static int lineEnd(byte[] content, int from) {
        for (int at = from; at < Math.min(content.length, from + MOST_HEAD); at++) {
            if (content[at] == '\n') {
                return at;
            }
        }
        return -1;
    }

    private static String ascii(byte[] content, int from, int to) {
        return new String(content, from, to - from, StandardCharsets.US_ASCII);
    }

    private static String sum(byte[] content, int from) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(content, from, content.length - from);
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
