package io.logroute.buffer;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// One reader's way through a [Buffer]: it reads on from where it was, and says what is settled,
/// which is what it finds again after a crash.
///
/// One thread reads and rewinds; any thread may settle, save and close. Only durable records are
/// read. An interrupted read leaves the cursor where it was.
public interface Cursor extends AutoCloseable {
    /// The next durable record, waiting at most `patience` for one; empty when none came.
    ///
    /// The first record after opening or [#rewind] is the one that contains [#settled], which may
    /// lie in its middle: skip the events before it. What is lost is stepped over, counted in
    /// [Buffer#damage]. Throws `IOException` when the log cannot be read (try again) or the
    /// cursor is closed.
    Optional<Stored> read(Duration patience) throws IOException, InterruptedException;

    /// Everything below `seq` is settled. Never goes back; in memory until [#save]. Throws
    /// `IllegalArgumentException` beyond what was ever appended.
    void settle(long seq);

    /// Makes the settled place durable, then deletes what every reader has durably
    /// passed. Throws `IOException` when either fails; then the place before stands, or what was passed
    /// stays, and a later save tries again.
    void save() throws IOException;

    long settled();

    /// Events from [#settled] to the end of the log; those that were lost or given up do not count.
    long unsettled();

    /// Those of them that come before this number.
    long unsettledBelow(long seq);

    /// Bytes in the log from [#settled] on; a part of what lies together is reckoned by its events.
    long unsettledBytes();

    /// The least place that has no more than so many bytes behind it, as [#unsettledBytes] reckons;
    /// 0 when the whole log is within.
    long placeWithin(long bytes);

    /// The next read goes on at `seq`, or after it when reading is beyond it already; what lies
    /// between is not read. Settles nothing.
    ///
    /// @param from where the reader is
    /// @return how many events from `from` to `seq` are passed over
    long skip(long from, long seq);

    /// Whether every event that was ever appended has been read or passed over, durable or not: one
    /// that is appended from now on came in later than this was asked.
    boolean hasReadAll();

    /// The next read starts again at [#settled].
    void rewind();

    /// Ends reading; a read that waits is woken. Does not save. Safe to call twice.
    @Override
    void close();
}
