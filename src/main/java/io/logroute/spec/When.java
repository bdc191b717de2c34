package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A condition on events in CEL, the Common Expression Language, over `event`: `event.level in ["error", "fatal"]`.
/// A question about a field that an event does not have makes the condition false.
public record When(String text) {
    public When {
        require(!text.isBlank(), "the condition is empty; write for instance event.level == \"error\"");
    }

    @Override
    public String toString() {
        return text;
    }
}
