package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/// A real file, open for what its channel was opened for: one opened to read can be neither written nor cut,
/// which throws a `NonWritableChannelException`.
record ChannelFile(FileChannel channel) implements Disk.File {
    /// @throws FileSystemException with the file, and what to do where a folder stands in its place
    static ChannelFile open(Path file, OpenOption... how) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(
                    file.toString(), null, "a folder stands where a file of the buffer belongs; move it away");
        }
        return new ChannelFile(FileChannel.open(file, how));
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        int start = into.position();
        while (into.hasRemaining()) {
            if (channel.read(into, at + into.position() - start) < 0) {
                break;
            }
        }
        return into.position() - start;
    }

    @Override
    public void write(ByteBuffer from, long at) throws IOException {
        long to = at;
        while (from.hasRemaining()) {
            to += channel.write(from, to);
        }
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
