package io.logroute.buffer;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// A disk in memory outside the Java heap, for buffers that need not outlive the process: all
/// that is written counts as durable at once, and is gone when this is closed.
///
///     file = pieces: the first of 16 KiB, the others of 1 MiB, made when they are first written
///
/// As on a real disk, a file that was deleted goes on for those who have it open; its memory is
/// given back when the last of them closes it. It is not bounded here, but by the buffer's own
/// limits.
final class MemoryDisk implements Disk {
    private static final int FIRST = 16 << 10;
    private static final int PIECE = 1 << 20;

    private final long capacity;

    // Guarded by `this`.
    private final TreeMap<String, Bytes> names = new TreeMap<>();

    /// `capacity` is only what [#free] goes by.
    MemoryDisk(long capacity) {
        this.capacity = capacity;
    }

    private static String folderOf(String name) {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }

    @Override
    public synchronized List<String> list(String folder) {
        return names.keySet().stream()
                .filter(name -> folderOf(name).equals(folder))
                .map(name -> folder.isEmpty() ? name : name.substring(folder.length() + 1))
                .toList();
    }

    @Override
    public void makeFolder(String folder) {
        // names carry theirs
    }

    @Override
    public synchronized File create(String name) {
        delete(name);
        Bytes bytes = new Bytes();
        names.put(name, bytes);
        return new Open(bytes);
    }

    @Override
    public synchronized File open(String name) throws IOException {
        Bytes bytes = names.get(name);
        if (bytes == null) {
            throw new NoSuchFileException(name);
        }
        return new Open(bytes);
    }

    @Override
    public File openToRead(String name) throws IOException {
        return open(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Bytes bytes = names.remove(from);
        if (bytes == null) {
            throw new NoSuchFileException(from);
        }
        delete(to);
        names.put(to, bytes);
    }

    @Override
    public synchronized void delete(String name) {
        Bytes bytes = names.remove(name);
        if (bytes != null) {
            bytes.leave();
        }
    }

    @Override
    public void forceFolder(String folder) {
        // nothing outlives the process
    }

    @Override
    public synchronized long free() {
        return Math.max(0, capacity - occupied());
    }

    /// Bytes of memory held by the files that have a name.
    synchronized long occupied() {
        return names.values().stream().mapToLong(Bytes::occupied).sum();
    }

    /// Frees all files; those still open when their last reader closes them.
    @Override
    public synchronized void close() {
        names.values().forEach(Bytes::leave);
        names.clear();
    }

    @Override
    public String toString() {
        return "memory";
    }

    /// The content of a file. Its name and each who has it open are users; with the last its memory
    /// goes. Copying needs no lock: pieces are never replaced while there is a user.
    private static final class Bytes {
        private final Arena arena = Arena.ofShared();
        private final List<MemorySegment> pieces = new ArrayList<>();
        private long size;
        private int users = 1;

        synchronized void enter() {
            users++;
        }

        synchronized void leave() {
            users--;
            if (users == 0) {
                arena.close();
            }
        }

        synchronized long size() {
            return size;
        }

        synchronized long occupied() {
            return pieces.stream().mapToLong(MemorySegment::byteSize).sum();
        }

        synchronized MemorySegment piece(long at) {
            return pieces.get(number(at));
        }

        private static int number(long at) {
            return at < FIRST ? 0 : Math.toIntExact(1 + (at - FIRST) / PIECE);
        }

        static long inPiece(long at) {
            return at < FIRST ? at : (at - FIRST) % PIECE;
        }

        synchronized void reserve(long end) throws IOException {
            try {
                while (pieces.isEmpty() || pieces.size() <= number(end - 1)) {
                    pieces.add(arena.allocate(pieces.isEmpty() ? FIRST : PIECE, 8));
                }
            } catch (OutOfMemoryError e) {
                throw new IOException(
                        "The machine has no memory left for a buffer in memory; lower its size, or give it a folder.",
                        e);
            }
        }

        synchronized void grown(long end) {
            size = Math.max(size, end);
        }

        synchronized void truncate(long to) {
            for (long at = to; at < size; ) {
                MemorySegment piece = piece(at);
                long length = Math.min(size - at, piece.byteSize() - inPiece(at));
                piece.asSlice(inPiece(at), length).fill((byte) 0);
                at += length;
            }
            size = Math.min(size, to);
        }
    }

    private static final class Open implements File {
        private final Bytes bytes;
        private boolean closed;

        Open(Bytes bytes) {
            this.bytes = bytes;
            bytes.enter();
        }

        @Override
        public int read(ByteBuffer into, long at) {
            int length = Math.clamp(bytes.size() - at, 0, into.remaining());
            MemorySegment to = MemorySegment.ofBuffer(into);
            for (long done = 0; done < length; ) {
                MemorySegment from = bytes.piece(at + done);
                long start = Bytes.inPiece(at + done);
                long part = Math.min(length - done, from.byteSize() - start);
                MemorySegment.copy(from, start, to, done, part);
                done += part;
            }
            into.position(into.position() + length);
            return length;
        }

        @Override
        public void write(ByteBuffer from, long at) throws IOException {
            int length = from.remaining();
            if (length == 0) {
                return;
            }
            bytes.reserve(at + length);
            MemorySegment source = MemorySegment.ofBuffer(from);
            for (long done = 0; done < length; ) {
                MemorySegment to = bytes.piece(at + done);
                long start = Bytes.inPiece(at + done);
                long part = Math.min(length - done, to.byteSize() - start);
                MemorySegment.copy(source, done, to, start, part);
                done += part;
            }
            from.position(from.limit());
            bytes.grown(at + length);
        }

        @Override
        public void force() {
            // nothing outlives the process
        }

        @Override
        public long size() {
            return bytes.size();
        }

        @Override
        public void truncate(long size) {
            bytes.truncate(size);
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                bytes.leave();
            }
        }
    }
}
