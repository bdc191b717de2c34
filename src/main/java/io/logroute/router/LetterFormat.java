package io.logroute.router;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// In which form the dead letters of a sink are written: a file `format` beside them, of one line,
/// `logroute-dead-letters 1`. Where there is none, or none that can be read, they are of the first form;
/// whoever writes a later one says so before the first letter, durably.
final class LetterFormat {
    private static final int FORMAT = 1;
    private static final String FORM = "logroute-dead-letters ";
    private static final Pattern LINE = Pattern.compile(FORM + "(\\d{1,9})\n");
    private static final int MOST_BYTES = 4096;

    private LetterFormat() {}

    /// @param folder of one sink
    /// @throws IOException when a newer LogRoute wrote what lies there, with what, where and how to
    ///     mend
    static void refuseNewer(Path folder) throws IOException {
        String text;
        try (var in = Files.newInputStream(file(folder))) {
            text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            return;
        }
        var line = LINE.matcher(text);
        if (line.matches() && Integer.parseInt(line.group(1)) > FORMAT) {
            throw new IOException(
                    ("the dead letters in %s have format %s; this LogRoute reads up to %d. Run the newer LogRoute on this"
                                    + " folder, or move it away to go on without them")
                            .formatted(folder, line.group(1), FORMAT));
        }
    }

    /// Says it where nothing is said yet; the name is durable once the folder is synced.
    ///
    /// @return whether a name came into the folder
    static boolean tell(Path folder) throws IOException {
        if (Files.exists(file(folder))) {
            return false;
        }
        Accepted.REAL.write(file(folder), "%s%d\n".formatted(FORM, FORMAT).getBytes(StandardCharsets.US_ASCII));
        return true;
    }

    private static Path file(Path folder) {
        return folder.resolve("format");
    }
}
