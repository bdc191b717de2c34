package io.logroute.buffer;

import io.logroute.buffer.Format.Head;
import io.logroute.buffer.Format.Home;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Goes through the records of one segment in order, with one block of memory however large the
/// segment or its records are. Where no record begins, it looks for the next place where one
/// does: that stretch is a [Hole]. Used by one thread.
final class Walk implements AutoCloseable {
    /// What lies at a place in a segment.
    sealed interface Found {
        long from();

        long to();
    }

    /// A record whose head is whole; its payload is not looked at yet.
    record Entry(long from, Head head) implements Found {
        @Override
        public long to() {
            return from + head.size();
        }
    }

    /// Bytes that are no record.
    record Hole(long from, long to) implements Found {}

    private final Disk.File file;
    private final Home home;
    private final ByteBuffer block;

    /// Where in the file the block's bytes are from.
    private long blockAt;

    private long position = Format.RECORDS_AT;
    private long limit;

    /// `block` is at least 4 KiB and belongs to this walk while it lasts; so does the file.
    Walk(Disk.File file, Home home, ByteBuffer block) {
        this.file = file;
        this.home = home;
        this.block = block.clear().limit(0);
    }

    long position() {
        return position;
    }

    /// Moves on to the end of a record that is known without looking.
    void pass(long to) {
        position = to;
    }

    /// What is at the place; call it only while `position() < upTo`. Nothing at or above `upTo` is
    /// looked at, or kept: it may still be written. Moves on to its end.
    Found next(long upTo) throws IOException {
        limit = upTo;
        long from = position;
        Optional<Head> here = headAt(from);
        if (here.isPresent()) {
            Entry entry = new Entry(from, here.get());
            position = entry.to();
            return entry;
        }
        long to = from + 8;
        while (to < limit && headAt(to).isEmpty()) {
            to += 8;
        }
        position = Math.min(to, limit);
        return new Hole(from, position);
    }

    private Optional<Head> headAt(long at) throws IOException {
        if (limit - at < Format.RECORD_HEAD || !load(at, Format.RECORD_HEAD)) {
            return Optional.empty();
        }
        return Head.decode(block, (int) (at - blockAt), home, at).filter(head -> at + head.size() <= limit);
    }

    /// The payload, or empty when it is not what was appended.
    Optional<byte[]> payload(Entry entry) throws IOException {
        byte[] bytes = new byte[entry.head().length()];
        long at = entry.from() + Format.RECORD_HEAD;
        for (int done = 0; done < bytes.length; ) {
            int part = loadSome(at + done, bytes.length - done);
            if (part == 0) {
                return Optional.empty();
            }
            block.get((int) (at + done - blockAt), bytes, done, part);
            done += part;
        }
        return Format.sum(bytes, 0, bytes.length) == entry.head().payloadSum() ? Optional.of(bytes) : Optional.empty();
    }

    /// Whether the payload is what was appended, without keeping it.
    boolean intact(Entry entry) throws IOException {
        CRC32C crc = new CRC32C();
        long at = entry.from() + Format.RECORD_HEAD;
        for (long done = 0; done < entry.head().length(); ) {
            int part = loadSome(at + done, entry.head().length() - done);
            if (part == 0) {
                return false;
            }
            crc.update(block.slice((int) (at + done - blockAt), part));
            done += part;
        }
        return (int) crc.getValue() == entry.head().payloadSum();
    }

    /// Has all `length` bytes from `at` on in the block; false when the file ends before.
    private boolean load(long at, int length) throws IOException {
        return available(at) >= length || read(at) >= length;
    }

    /// Has some of the `wanted` bytes from `at` on in the block and gives how many; 0 when the file
    /// has none.
    private int loadSome(long at, long wanted) throws IOException {
        long available = available(at);
        return (int) Math.min(wanted, available > 0 ? available : read(at));
    }

    private long available(long at) {
        return at < blockAt ? 0 : Math.max(0, blockAt + block.limit() - at);
    }

    private int read(long at) throws IOException {
        block.clear().limit(Math.clamp(limit - at, 0, block.capacity()));
        blockAt = at;
        try {
            file.read(block, at);
        } finally {
            block.flip();
        }
        return block.limit();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
