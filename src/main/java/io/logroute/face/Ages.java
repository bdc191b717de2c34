package io.logroute.face;

import java.time.Duration;
import java.time.Instant;

/// How old things are.
final class Ages {
    private Ages() {}

    /// Whole seconds; a clock that was set back gives 0.
    static long seconds(Instant then, Instant now) {
        return Math.max(0, Duration.between(then, now).toSeconds());
    }
}
