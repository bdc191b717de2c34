package io.logroute.router;

import java.io.IOException;
import java.util.Optional;

/// Keeps one pipeline over restarts: [Accepted] on the volume, [AcceptedOnStream] for routers that have
/// none.
interface Keeps {
    /// Which one it is, in front of the word "pipeline".
    String what();

    /// Why it cannot be read, where a newer LogRoute wrote it. Changes nothing.
    default Optional<String> tooNew() {
        return Optional.empty();
    }

    /// The one in force.
    Accepted.Found find();

    /// Makes ready for a new edition, so that what can fail for want of room, or of servers, has
    /// failed.
    Accepted.Prepared prepare(Edition edition) throws IOException;
}
