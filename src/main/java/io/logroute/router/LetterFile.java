package io.logroute.router;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Reads the lines of a file of dead letters, one after the other, with little memory. A last line
/// without an end is none: it may still be written. Used by one thread.
final class LetterFile implements AutoCloseable {
    private static final int BLOCK = 256 << 10;
    /// A longer line is damage: line ends were overwritten.
    static final int LONGEST = 128 << 20;

    private final FileChannel file;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK).limit(0);
    private long readTo;
    private long lineAt;
    private long lastLength;

    LetterFile(Path path, long from) throws IOException {
        this.file = FileChannel.open(path, StandardOpenOption.READ);
        this.readTo = from;
        this.lineAt = from;
    }

    /// Where the line that [#next] gives begins.
    long position() {
        return lineAt - lastLength;
    }

    /// The next line without its end; `null` when there is none. One that is too long comes empty.
    byte @Nullable [] next() throws IOException {
        var line = new ByteArrayOutputStream();
        long length = 0;
        while (true) {
            if (!block.hasRemaining() && !more()) {
                return null;
            }
            int start = block.position();
            int end = lineEnd();
            int part = (end < 0 ? block.limit() : end) - start;
            if (length + part <= LONGEST) {
                line.write(block.array(), start, part);
            } else {
                line.reset();
            }
            length += part;
            if (end < 0) {
                block.position(block.limit());
                continue;
            }
            block.position(end + 1);
            lastLength = length + 1;
            lineAt += lastLength;
            return length <= LONGEST ? line.toByteArray() : new byte[0];
        }
    }

    /// Whether something follows the lines that were given: one without an end, after the last of them.
    boolean hasRest() throws IOException {
        return lineAt < file.size();
    }

    private int lineEnd() {
        var bytes = block.array();
        for (int i = block.position(); i < block.limit(); i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean more() throws IOException {
        block.clear();
        int read = file.read(block, readTo);
        block.flip();
        readTo += Math.max(0, read);
        return read > 0;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
