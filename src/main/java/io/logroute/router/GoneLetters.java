package io.logroute.router;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// Which letters of one file were taken out: a file beside it, of lines of 26 bytes, only ever
/// appended to.
///
///     00000003.gone = (offset of the letter:16 hex digits, ' ', sum of its line:8 hex digits, '\n')*
///
/// The sum makes sure that only the very letter that was meant is gone: what a crash or a bad disk
/// makes of these lines brings a letter back at worst.
final class GoneLetters {
    private static final int LINE = 26;

    private final Path path;
    private final Map<Long, Integer> sums = new HashMap<>();

    private GoneLetters(Path path) {
        this.path = path;
    }

    static GoneLetters read(Path path) throws IOException {
        var gone = new GoneLetters(path);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return gone;
        }
        for (int at = 0; at + LINE <= bytes.length; at += LINE) {
            var line = new String(bytes, at, LINE, StandardCharsets.US_ASCII);
            if (line.matches("[0-9a-f]{16} [0-9a-f]{8}\n")) {
                gone.sums.put(
                        Long.parseUnsignedLong(line.substring(0, 16), 16),
                        Integer.parseUnsignedInt(line.substring(17, 25), 16));
            }
        }
        return gone;
    }

    boolean isGone(long offset, byte[] line) {
        var sum = sums.get(offset);
        return sum != null && sum == LetterLine.sum(line, line.length);
    }

    boolean has(DeadLetter letter) {
        var sum = sums.get(letter.id().offset());
        return sum != null && sum == letter.lineSum();
    }

    /// Takes letters out, durably.
    ///
    /// @param folders those that the file lies in
    void add(Collection<DeadLetter> letters, DurableFolders folders) throws IOException {
        if (!Files.exists(path)) {
            folders.changed();
        }
        var lines = new StringBuilder();
        for (var letter : letters) {
            lines.append("%016x %08x\n".formatted(letter.id().offset(), letter.lineSum()));
        }
        try (var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // What a crash left of a line is written over.
            long at = file.size() / LINE * LINE;
            var bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            file.force(true);
        }
        folders.settle();
        letters.forEach(letter -> sums.put(letter.id().offset(), letter.lineSum()));
    }
}
