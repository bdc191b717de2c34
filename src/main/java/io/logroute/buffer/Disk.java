package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// What the buffer asks of a disk: one folder, names relative to it (`00000000000000000001.seg`,
/// `cursors/es.cur`). There are four: [FolderDisk], [MemoryDisk], [ReadOnlyDisk], and one in
/// the tests that crashes, tears and fails on request.
///
/// Nothing is durable before the `force` that covers it: bytes by [File#force], names (create,
/// rename, delete) by [#forceFolder].
///
/// As text it says where it is, for messages: a folder, or `memory`.
interface Disk extends AutoCloseable {
    /// Names in the folder (not in its sub-folders), without the folder's own name, in no order;
    /// empty when it is not there.
    List<String> list(String folder) throws IOException;

    void makeFolder(String folder) throws IOException;

    /// Creates the file, empty; one that is there already is emptied.
    File create(String name) throws IOException;

    /// Opens a file that is there, to read and write.
    File open(String name) throws IOException;

    /// Opens a file that is there, to read only.
    File openToRead(String name) throws IOException;

    /// Puts the file in the place of whatever has the new name.
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /// Makes creations, renames and deletions in this folder durable; `""` is the top.
    void forceFolder(String folder) throws IOException;

    /// Bytes that could still be written.
    long free() throws IOException;

    /// Gives the folder back to others.
    @Override
    void close();

    /// An open file. Reads and writes name their place; there is no position to share.
    interface File extends AutoCloseable {
        /// Fills `into` from `at` as far as the file goes; gives how many bytes came, 0 at the end.
        int read(ByteBuffer into, long at) throws IOException;

        /// Writes all of `from`, or throws; then an unknown part of it is in the file.
        void write(ByteBuffer from, long at) throws IOException;

        /// Makes all writes durable, and the length. After it threw once, the file is not to be
        /// trusted again.
        void force() throws IOException;

        long size() throws IOException;

        void truncate(long size) throws IOException;

        @Override
        void close() throws IOException;
    }
}
