package io.logroute.buffer;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The durable, append-only log of a router: records go in at one end, and every reader takes them
/// out at a place of its own.
///
/// [DiskBuffer] keeps it on a disk or in memory, `jetstream.JetStreamBuffer` on a stream of a NATS
/// server; what "durable" means stands in their packages' documentation. What holds for both:
///
/// 1. What [#sync] returned for is durable, and stays until every reader has settled it and saved its
///    place.
/// 2. A lost place means duplicates, never loss: that reader starts at the oldest record.
/// 3. A sequence number that a reader may have seen is not given to another record. Numbers may be
///    passed over; that is not loss.
/// 4. Only durable records are read, each reader in order.
/// 5. What was given up is told, once by [#sync()] and for ever by [#sync(long)]; no reader gets it
///    from this process.
///
/// All methods may be called from any thread.
public interface Buffer extends AutoCloseable {
    /// Twelve characters of 0-9 and a-z that name this buffer for its whole life. With a sequence
    /// number they name an event for ever.
    String id();

    /// The text of an id of 60 bits: characters of 5 bits each, high bits first.
    static String id(long bits) {
        StringBuilder text = new StringBuilder();
        for (int shift = 55; shift >= 0; shift -= 5) {
            text.append("0123456789abcdefghjkmnpqrstvwxyz".charAt((int) (bits >>> shift & 31)));
        }
        return text.toString();
    }

    /// Where it lies, for people.
    String where();

    /// As [#append(byte[], int, int, int, byte)], with codec 0: bytes as they came.
    default long append(byte[] bytes, int from, int length, int events) throws IOException, InterruptedException {
        return append(bytes, from, length, events, (byte) 0);
    }

    /// Appends one record that carries `events` events, and gives the sequence number of the first. Not
    /// durable before [#sync]. Waits while the buffer is full. The array is kept for a while: nobody
    /// may change it any more.
    ///
    /// Throws `IllegalArgumentException` for a record longer than [#maxRecordBytes] or with
    /// fewer bytes than events; `IOException` when the buffer is closed or has no memory to
    /// take the record in. Of a record that is refused nothing is kept.
    ///
    /// `codec` says what kind of bytes they are; the buffer keeps it and asks nothing.
    long append(byte[] bytes, int from, int length, int events, byte codec) throws IOException, InterruptedException;

    /// Makes all that was appended before durable, together with whatever others wait for. Gives the
    /// sequence number below which everything is settled one way or
    /// the other: durable, or reported as not stored.
    ///
    /// Throws [SyncFailed] when records were given up since the last call that returned or threw;
    /// so one thread that syncs for all hears of every loss. When several threads append and sync
    /// on their own, each calls [#sync(long)] with its own record.
    long sync() throws IOException;

    /// As [#sync()], for the record that begins at `seq`: returns when it is durable, throws
    /// [SyncFailed] when it was given up, now or before.
    long sync(long seq) throws IOException;

    /// Whether [#append] waits, or would for a record such as the last one that had to.
    boolean full();

    /// Opens the cursor of this reader. A reader seen for the first time starts at the oldest
    /// record still there, and from now on holds back deletion. Throws `IllegalStateException`
    /// while the reader's cursor is open.
    Cursor cursor(String reader) throws IOException;

    /// Removes a reader and its cursor for good; an open one is closed. Gives how many events it
    /// had not settled; 0 for a reader that is not known. What nobody else needs is deleted soon after.
    ///
    /// @throws IOException when its place could not be removed durably; then it is still known, and may
    ///     be forgotten again
    long forget(String reader) throws IOException;

    /// All readers that have a place here, open or not, in order of their names.
    List<String> readers();

    /// Where a reader is, open or not: everything below is settled for it. Empty for one that is not
    /// known.
    OptionalLong settled(String reader);

    /// Events below this number that a reader has not settled, its cursor open or not; those that were lost or
    /// given up do not count. 0 for one that is not known.
    long unsettled(String reader, long below);

    /// The place that all readers must have passed before the oldest stretch of the log can go; empty
    /// while nothing would go.
    OptionalLong oldestEnd();

    /// The sequence number of the oldest event still there; that of the next one when there is
    /// none.
    long firstSeq();

    /// The sequence number that the next event will have.
    long nextSeq();

    /// Everything below is durable, or was reported as not stored.
    long durableSeq();

    /// What it occupies, with what is about to be written.
    long bytes();

    long maxBytes();

    /// From now on it may occupy so much. What is there stays; while it occupies more, [#append] waits
    /// as it does while the buffer is full.
    void resize(long maxBytes);

    /// The longest payload of a record.
    long maxRecordBytes();

    /// Bytes that whatever it lies on has left for this process.
    ///
    /// @throws IOException when that cannot be known
    long freeDiskBytes() throws IOException;

    /// Why it ended by itself, in words: it takes and gives nothing more, whatever is tried. Empty while it goes on.
    default Optional<String> over() {
        return Optional.empty();
    }

    /// What opening found.
    Recovery recovery();

    /// What opening and reading found so far.
    Damage damage();

    /// Makes durable what was appended and gives the buffer back. Threads
    /// that wait here are woken with an `IOException`. Cursors are closed without saving. Safe to
    /// call twice.
    @Override
    void close();
}
