package io.logroute.router;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next try: a random time up to a limit that doubles with each try
/// (full jitter), so that many who failed together do not come back together.
///
/// @param again the first limit where others got through meanwhile: whoever refused is there again
record Backoff(Duration first, Duration most, Duration again) {
    static final Backoff USUAL = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(60));

    Backoff(Duration first, Duration most) {
        this(first, most, first);
    }

    /// @param tries how many failed in a row, from 1
    /// @param least not sooner than this, whatever chance says
    Duration after(int tries, Duration least, RandomGenerator random) {
        var wait = upTo(first, tries, random);
        return wait.compareTo(least) < 0 ? least : wait;
    }

    /// How long after others got through.
    ///
    /// @param tries which try of that kind it is, from 1
    Duration again(int tries, RandomGenerator random) {
        return upTo(again, tries, random);
    }

    private Duration upTo(Duration start, int tries, RandomGenerator random) {
        long limit = Math.min(most.toMillis(), start.toMillis() << Math.min(tries - 1, 20));
        return Duration.ofMillis(random.nextLong(Math.max(1, limit / 10), Math.max(2, limit + 1)));
    }
}
