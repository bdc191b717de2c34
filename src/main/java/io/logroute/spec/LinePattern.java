package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A regular expression for lines of logs.
public record LinePattern(String text) {
    public LinePattern {
        require(!text.isEmpty(), "the expression is empty; write for instance ^[0-9]{4}-");
    }

    @Override
    public String toString() {
        return text;
    }
}
