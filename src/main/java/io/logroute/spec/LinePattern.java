package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A regular expression for lines of logs, of the form that Java knows. It is one that can be matched
/// within bounds ([RegexCheck]).
public record LinePattern(String text) {
    private static final int LONGEST = 10_000;

    public LinePattern {
        require(!text.isEmpty(), "the expression is empty; write for instance ^[0-9]{4}-");
        require(text.length() <= LONGEST, "the expression has %d characters; write at most %d", text.length(), LONGEST);
        RegexCheck.check(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
