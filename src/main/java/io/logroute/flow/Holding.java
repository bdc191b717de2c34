package io.logroute.flow;

import java.time.Duration;
import java.time.Instant;

/// A filter that holds events back until it knows what belongs to them. Of each event that it keeps
/// it either says [Way#hold], and releases it later, or lets it be part of one that it holds and
/// says nothing.
///
/// What it gives on is decided by the events alone, and by when they came in: whoever reads the
/// buffer again from a place before everything that it holds gets the same.
public interface Holding extends Filter {
    /// The least number of an event that it holds; `Long.MAX_VALUE` while it holds none. Whoever
    /// settles that one loses it.
    long heldFrom();

    /// So long after the last event that anybody got, nothing more is to be waited for.
    Duration patience();

    /// Releases what has waited long enough.
    ///
    /// @param received when what is read now came in
    void advance(Instant received, Way way);

    /// Releases everything.
    void flush(Way way);
}
