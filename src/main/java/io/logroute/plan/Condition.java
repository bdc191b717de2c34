package io.logroute.plan;

/// Something that is true of a route or an instance, or is not.
///
/// @param type what: `Accepted`, `Resolved`, `TemplateInstalled`, `Programmed`, `Delivering`,
///     `Backpressured`, `Degraded`
/// @param reason one word in CamelCase, for programs
/// @param message what, where, and how to mend; the same text while the situation is the same
public record Condition(String type, Status status, String reason, String message) implements Comparable<Condition> {
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

    static Condition yes(String type, String reason, String message) {
        return new Condition(type, Status.TRUE, reason, message);
    }

    static Condition no(String type, String reason, String message) {
        return new Condition(type, Status.FALSE, reason, message);
    }

    static Condition unknown(String type, String reason, String message) {
        return new Condition(type, Status.UNKNOWN, reason, message);
    }

    @Override
    public int compareTo(Condition other) {
        return type.compareTo(other.type);
    }
}
