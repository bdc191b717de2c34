package io.logroute.flow;

import java.util.Map;

/// The router's door for one source.
public interface Inlet {
    /// Takes the batch into the buffer. Waits while the buffer is full: waiting is how a source
    /// is made to wait. Every event must be a valid JSON object (see [Json#check]).
    ///
    /// `receipt` is told exactly once, from another thread: `stored` when every event of the batch
    /// is in the buffer as it keeps them (synced to disk, unless it is one in memory), and every
    /// sink has settled it where the router's `acknowledge` is `delivered`, which may take as long
    /// as a sink is away; `refused` when nobody will tell that any more, so that the client sends
    /// it again. Then the batch may be stored all the same: as the router stops, `delivered` refuses
    /// what lies in the buffer and is delivered after the next start.
    ///
    /// @throws InterruptedException when the waiting thread is interrupted; then the batch was
    ///     not taken in
    void accept(Batch batch, Receipt receipt) throws InterruptedException;

    /// Whether `accept` would wait now. A source whose clients can be told to come back later
    /// asks this first.
    boolean full();

    /// Where this source is, by what it reads: the newest of the marks that came with its batches and are
    /// stored, as it was when the source was started.
    default Map<String, String> marks() {
        return Map.of();
    }

    /// What it reads is no more: its mark need not be kept. It may be there all the same after a crash.
    default void forget(String of) {}

    /// The most bytes that an event may have; a batch with a larger one is refused.
    default long largest() {
        return Long.MAX_VALUE;
    }
}
