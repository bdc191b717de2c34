package io.logroute.buffer;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// What was appended and is not written yet, in the order of the log, in chunks of memory outside the heap
/// that are used again: 8 MiB at most, or one record that is longer. What the log thread has taken counts until
/// it is given back. Guarded by the lock of [DiskBuffer].
final class Staging {
    static final int CHUNK = 1 << 20;
    private static final int CHUNKS = 8;
    private static final int AT_MOST = CHUNKS * CHUNK;

    /// Bytes for one segment that the log thread has to write; none at all for one that only has to
    /// begin.
    record Piece(Segment segment, @Nullable ByteBuffer bytes) {}

    private final int chunkBytes;
    private final IntFunction<ByteBuffer> memory;
    private final ArrayDeque<Piece> staged = new ArrayDeque<>();
    private final ArrayDeque<ByteBuffer> chunks = new ArrayDeque<>();
    private @Nullable ByteBuffer chunk;
    private long stagedBytes;

    /// @param memory gives a chunk of so many bytes, or throws `OutOfMemoryError`
    Staging(int segmentBytes, IntFunction<ByteBuffer> memory) {
        this.chunkBytes = Math.min(CHUNK, segmentBytes);
        this.memory = memory;
    }

    /// Whether a record of this size may be added; one that is larger than all there is when there is
    /// nothing else.
    boolean takes(long size) {
        return stagedBytes == 0 || stagedBytes + size <= AT_MOST;
    }

    /// Whether it is time to write, though nobody waits for a sync.
    boolean isHalfFull() {
        return stagedBytes > AT_MOST / 2;
    }

    void begin(Segment segment) {
        chunk = null;
        staged.add(new Piece(segment, null));
    }

    /// Takes the memory for so many bytes, so that no [#add] of them can fail half way. False when the machine
    /// has no more; then all is as it was.
    boolean reserve(long length) {
        ByteBuffer begun = chunk;
        long there = (begun == null ? 0 : begun.remaining()) + (long) chunks.size() * chunkBytes;
        try {
            for (; there < length; there += chunkBytes) {
                chunks.add(memory.apply(chunkBytes));
            }
            return true;
        } catch (OutOfMemoryError e) {
            while (chunks.size() > CHUNKS) {
                chunks.removeLast();
            }
            return false;
        }
    }

    /// Adds bytes for which there is memory, see [#reserve].
    void add(Segment segment, byte[] bytes, int from, int length) {
        int done = 0;
        while (done < length) {
            ByteBuffer into = chunk;
            if (into == null || !into.hasRemaining()) {
                into = chunks.remove().clear();
                chunk = into;
                staged.add(new Piece(segment, into));
            }
            int part = Math.min(length - done, into.remaining());
            into.put(bytes, from + done, part);
            done += part;
        }
        stagedBytes += length;
    }

    /// Whether a segment has to begin before anything else is written.
    boolean begins() {
        Piece first = staged.peek();
        return first != null && first.bytes() == null;
    }

    /// All that is there, ready to be written.
    List<Piece> take() {
        List<Piece> pieces = new ArrayList<>();
        for (Piece piece : staged) {
            ByteBuffer bytes = piece.bytes();
            pieces.add(bytes == null ? piece : new Piece(piece.segment(), bytes.flip()));
        }
        staged.clear();
        chunk = null;
        return pieces;
    }

    /// The memory of these is free again.
    void giveBack(Collection<Piece> pieces) {
        for (Piece piece : pieces) {
            ByteBuffer bytes = piece.bytes();
            if (bytes != null && chunks.size() < CHUNKS) {
                chunks.add(bytes);
            }
        }
        stagedBytes = 0;
        for (Piece piece : staged) {
            ByteBuffer bytes = piece.bytes();
            stagedBytes += bytes == null ? 0 : bytes.position();
        }
    }

    /// Gives up what is there.
    void drop() {
        List<Piece> unwritten = List.copyOf(staged);
        staged.clear();
        chunk = null;
        giveBack(unwritten);
    }
}
