package io.logroute.flow;

import java.time.Duration;

/// What became of one event at a sink.
public sealed interface Delivery {
    /// The destination has it.
    record Delivered() implements Delivery {
        static final Delivered ONCE = new Delivered();
    }

    /// Not now: try again, not before `after`.
    record Retry(String reason, Duration after, Cause cause) implements Delivery {
        /// What has to change before it is taken.
        public enum Cause {
            /// It passes by itself.
            NOT_NOW,
            /// The destination does not know us, or gives us no right: somebody has to mend a secret or a right.
            NOT_ALLOWED
        }

        public Retry(String reason, Duration after) {
            this(reason, after, Cause.NOT_NOW);
        }
    }

    /// Not now, for a reason that may end by itself but concerns only this event's own place there: try
    /// again, not before `after`, and for `atMost` in all; then it goes to the dead letters.
    record Held(String reason, Duration after, Duration atMost) implements Delivery {}

    /// Never: it goes to the dead letters, with the destination's own words.
    record Rejected(String reason) implements Delivery {}

    /// The one [Delivered] that all may share.
    static Delivery delivered() {
        return Delivered.ONCE;
    }
}
