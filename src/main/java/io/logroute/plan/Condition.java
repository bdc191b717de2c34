package io.logroute.plan;

import java.util.Set;

/// Something that is true of a route, an instance or a router, or is not.
///
/// @param type what. Of a route: `Accepted`, `Resolved`, `TemplateInstalled`, `Programmed`, `Delivering`,
///     `Backpressured`, `Degraded`. Of an instance, and of a router over all of them: `Ready`, `ConfigCurrent`,
/// `BufferHealthy`, `EventsRouted`, `Draining`. Of a router besides: `Scheduled`, `Scaled`, `VolumesReached`,
///     `RolledBack`, `Paused`
/// @param reason one word in CamelCase, for programs
/// @param message what, where, and how to mend; the same text while the situation is the same
public record Condition(String type, Status status, String reason, String message) implements Comparable<Condition> {
    private static final Set<String> GOOD_WHEN_FALSE =
            Set.of("Backpressured", "Degraded", "Draining", "Paused", "RolledBack");

    /// Whether it is true.
    public enum Status {
        TRUE("True"),
        FALSE("False"),
        UNKNOWN("Unknown");

        private final String word;

        Status(String word) {
            this.word = word;
        }

        /// As it stands in answers.
        public String word() {
            return word;
        }
    }

    /// Whether it is as it should be: false is good for `Degraded`, true for `Delivering`.
    public boolean good() {
        return status == (GOOD_WHEN_FALSE.contains(type) ? Status.FALSE : Status.TRUE);
    }

    static Condition yes(String type, String reason, String message) {
        return new Condition(type, Status.TRUE, reason, message);
    }

    static Condition no(String type, String reason, String message) {
        return new Condition(type, Status.FALSE, reason, message);
    }

    /// As it should be, whichever way that is.
    static Condition well(String type, String reason, String message) {
        return new Condition(type, GOOD_WHEN_FALSE.contains(type) ? Status.FALSE : Status.TRUE, reason, message);
    }

    static Condition unknown(String type, String reason, String message) {
        return new Condition(type, Status.UNKNOWN, reason, message);
    }

    @Override
    public int compareTo(Condition other) {
        return type.compareTo(other.type);
    }
}
