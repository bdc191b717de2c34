package io.logroute.router;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/// Marks in a file of the router's folder:
///
///     <folder>/marks           those in force
///     <folder>/marks.new       some on their way; what a crash leaves of it is written over
///     <folder>/marks.damaged   some that could not be read, for people to look at
///
/// A line `logroute-marks 1 <hex SHA-256 of all that follows>`, then two lines for each: of what, and how far.
/// Of one thread.
final class MarksFile implements Marks.Kept {
    private static final System.Logger LOG = System.getLogger(MarksFile.class.getName());
    private static final int FORMAT = 1;
    private static final Pattern HEAD = Pattern.compile("logroute-marks (\\d{1,9}) ([0-9a-f]{64})");

    private final Path folder;
    private final Accepted.Disk disk;
    private final DurableFolders folders;

    MarksFile(Path folder) {
        this(folder, Accepted.REAL);
    }

    MarksFile(Path folder, Accepted.Disk disk) {
        this.folder = folder;
        this.disk = disk;
        this.folders = new DurableFolders(folder, disk::sync);
    }

    @Override
    public Map<String, String> read() throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(folder.resolve("marks"));
        } catch (NoSuchFileException e) {
            return Map.of();
        }
        var text = new String(content, StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        var head = HEAD.matcher(end < 0 ? "" : text.substring(0, end));
        var rest = text.substring(end + 1);
        if (head.matches() && head.group(2).equals(sum(rest))) {
            int format = Integer.parseInt(head.group(1));
            if (format > FORMAT) {
                throw new IOException(
                        "%s has format %d; this LogRoute reads up to %d. Run the newer LogRoute, or move that file away: logs are then read from their beginning"
                                .formatted(folder.resolve("marks"), format, FORMAT));
            }
            return Marks.read(rest);
        }
        Files.move(
                folder.resolve("marks"),
                folder.resolve("marks.damaged"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        LOG.log(
                System.Logger.Level.WARNING,
                "{0} was damaged and is set aside as marks.damaged: sources know only what the buffer says of how far they are,"
                        + " and begin anew with the rest, so lines come again. Check the disk.",
                folder.resolve("marks"));
        return Map.of();
    }

    @Override
    public void write(Map<String, String> marks) throws IOException {
        var rest = Marks.written(marks);
        var bytes =
                "logroute-marks %d %s\n%s".formatted(FORMAT, sum(rest), rest).getBytes(StandardCharsets.UTF_8);
        folders.make();
        disk.write(folder.resolve("marks.new"), ByteBuffer.wrap(bytes).array());
        disk.move(folder.resolve("marks.new"), folder.resolve("marks"));
        folders.changed();
        folders.settle();
    }

    private static String sum(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
