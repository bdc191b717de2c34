package io.logroute.face;

import java.time.Duration;
import java.time.Instant;

/// How old things are.
final class Ages {
    private Ages() {}

    /// For people: `12s`, `3m`, `5h`.
    static String text(long seconds) {
        if (seconds < 120) {
            return seconds + "s";
        }
        return seconds < 7_200 ? seconds / 60 + "m" : seconds / 3_600 + "h";
    }

    /// Whole seconds; a clock that was set back gives 0.
    static long seconds(Instant then, Instant now) {
        return Math.max(0, Duration.between(then, now).toSeconds());
    }
}
