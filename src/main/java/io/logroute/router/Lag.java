package io.logroute.router;

import io.logroute.spec.BufferSpec;
import io.logroute.spec.BufferSpec.WhenFull;
import io.logroute.spec.LogSink;
import io.logroute.spec.MaxLag;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far a sink may lag, and whether its oldest events are passed over then (else sources wait).
record Lag(Optional<MaxLag> max, boolean drops) {
    /// As far as the buffer goes; then sources wait.
    static final Lag FREE = new Lag(Optional.empty(), false);

    static Lag of(LogSink sink, BufferSpec buffer) {
        return new Lag(sink.maxLag(), sink.whenFull().orElse(buffer.whenFull()) == WhenFull.DROP_OLDEST);
    }

    /// Bytes that may lie before the sink; any number when it is not the size that counts.
    long bytes() {
        return max.orElse(null) instanceof MaxLag.Size(var size) ? size.bytes() : Long.MAX_VALUE;
    }

    /// What was received before this is too old now; empty when it is not the age that counts.
    Optional<Instant> oldest(Instant now) {
        return max.orElse(null) instanceof MaxLag.Age(var time) ? Optional.of(now.minus(time)) : Optional.empty();
    }

    /// Whether events of these two times should not be settled together: a stretch that is passed
    /// over as a whole must be short beside the age that counts.
    boolean parts(@Nullable Instant first, Instant later) {
        return first != null
                && max.orElse(null) instanceof MaxLag.Age(var time)
                && Duration.between(first, later).compareTo(time.dividedBy(16)) > 0;
    }

    @Override
    public String toString() {
        return max.map(MaxLag::toString).orElse("none");
    }
}
