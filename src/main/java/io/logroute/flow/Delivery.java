package io.logroute.flow;

import java.time.Duration;

/// What became of one event at a sink.
public sealed interface Delivery {
    /// The destination has it.
    record Delivered() implements Delivery {
        static final Delivered ONCE = new Delivered();
    }

    /// Not now: try again, not before `after`.
    record Retry(String reason, Duration after) implements Delivery {}

    /// Never: it goes to the dead letters, with the destination's own words.
    record Rejected(String reason) implements Delivery {}

    /// The one [Delivered] that all may share.
    static Delivery delivered() {
        return Delivered.ONCE;
    }
}
