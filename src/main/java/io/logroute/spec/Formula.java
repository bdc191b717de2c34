package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// An expression in CEL over `event` that gives a value.
public record Formula(String text) {
    public Formula {
        require(!text.isBlank(), "the expression is empty; write for instance event.took_ms / 1000");
    }

    @Override
    public String toString() {
        return text;
    }
}
