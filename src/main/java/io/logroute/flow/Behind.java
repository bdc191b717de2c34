package io.logroute.flow;

import java.time.Instant;
import java.util.Optional;

/// What waits to be taken where a source fetches its events from, or where a sink hands them on, as last asked.
///
/// @param entries in the words of that system: entries of a stream, elements of a list; less than 0 while it is not
///     known
/// @param oldest when the first of them came there; empty when nothing waits, or that system does not tell
public record Behind(long entries, Optional<Instant> oldest) {
    /// Nothing is known, for instance since nobody answers.
    public static final Behind UNKNOWN = new Behind(-1, Optional.empty());
}
