package io.logroute.router;

import java.util.Optional;

/// One step of giving dead letters back: some of them, to be asked for again until `next` is empty.
///
/// @param to the sink that gets them straight; when empty they go through the routes of today, as
///     events that just came in
/// @param after begins behind this letter
/// @param until no letter at or beyond this one: what is refused again is a new letter, and not
///     part of this replay
/// @param limit letters in this step, at most
public record Replay(LetterFilter filter, Optional<String> to, LetterId after, LetterId until, int limit) {
    public Replay {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException(
                    "limit is %d; write a number from 1 to 10000 (500 suits most)".formatted(limit));
        }
    }

    /// What came of it.
    ///
    /// @param replayed letters that are in the buffer or at the sink now, and no dead letters any more
    /// @param refused letters that the sink refused again: each is a new dead letter with the new
    ///     reason
    /// @param damaged lines on the way that are no whole letter; they stay
    /// @param next ask again with this as `after`; empty at the end
    /// @param trouble why some had to stay; ask again later
    public record Step(long replayed, long refused, long damaged, Optional<LetterId> next, Optional<String> trouble) {}
}
