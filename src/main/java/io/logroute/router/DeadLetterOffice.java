package io.logroute.router;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The dead letters of the routers that run.
public interface DeadLetterOffice {
    /// Of every router, those of its sinks, and of sinks that were once; sorted.
    List<DeadLetters> all() throws IOException;

    /// One step of a replay.
    ///
    /// @return empty when there is no such sink to replay to
    /// @throws IOException when the letters cannot be read or written
    Optional<Replay.Step> replay(DeadLetters letters, Replay replay) throws IOException, InterruptedException;

    /// An office without letters.
    DeadLetterOffice NONE = new DeadLetterOffice() {
        @Override
        public List<DeadLetters> all() {
            return List.of();
        }

        @Override
        public Optional<Replay.Step> replay(DeadLetters letters, Replay replay) {
            return Optional.empty();
        }
    };
}
