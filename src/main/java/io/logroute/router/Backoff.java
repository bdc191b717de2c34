package io.logroute.router;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next try: a random time up to a limit that doubles with each try
/// (full jitter), so that many who failed together do not come back together.
record Backoff(Duration first, Duration most) {
    static final Backoff USUAL = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(60));

    /// @param tries how many failed in a row, from 1
    /// @param least not sooner than this, whatever chance says
    Duration after(int tries, Duration least, RandomGenerator random) {
        long limit = Math.min(most.toMillis(), first.toMillis() << Math.min(tries - 1, 20));
        long wait = random.nextLong(Math.max(1, limit / 10), Math.max(2, limit + 1));
        return Duration.ofMillis(Math.max(wait, least.toMillis()));
    }
}
