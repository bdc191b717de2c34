package io.logroute.flow;

import java.io.IOException;
import java.util.Optional;

/// Where events come in. The constructor only holds; `start` opens, `close` ends it: safe twice
/// and without `start`. After `close` returns, the source gives nothing more to its inlet.
public interface Source extends AutoCloseable {
    /// Begins to take events in and to hand them to `inlet`, on threads of its own.
    ///
    /// @throws IOException when it cannot begin; the message says what, where, and how to mend,
    ///     and nothing is left open
    void start(Inlet inlet) throws IOException;

    /// What waits where it fetches its events from; empty of sources that are sent to, or do not tell.
    default Optional<Behind> behind() {
        return Optional.empty();
    }

    @Override
    void close();
}
