package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A condition on events in CEL, the Common Expression Language, over `event`: `event.level in
/// ["error", "fatal"]`. A question about a field that an event does not have makes the condition
/// false.
public record When(String text) {
    public When {
        require(!text.isBlank(), "the condition is empty; write for instance event.level == \"error\"");
    }

    /// All that is wrong with the condition, each with its place in it; empty when nothing is.
    public java.util.List<String> check() {
        return Expressions.check(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
