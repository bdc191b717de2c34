package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A condition on events in CEL, the Common Expression Language, over `event`, the name of the
/// `route`, and, but in a match, `now`: `event.level in ["error", "fatal"]`. A question about a field
/// that an event does not have makes the condition false.
public record When(String text) {
    public When {
        require(!text.isBlank(), "the condition is empty; write for instance event.level == \"error\"");
    }

    /// All that is wrong with the condition, each with its place in it; empty when nothing is.
    public java.util.List<String> check() {
        return Expressions.check(text, Expressions.Use.CONDITION);
    }

    /// The same of the condition of a match, which may not ask for `now`.
    public java.util.List<String> checkInMatch() {
        return Expressions.check(text, Expressions.Use.MATCH);
    }

    @Override
    public String toString() {
        return text;
    }
}
