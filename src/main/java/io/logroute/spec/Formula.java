package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// An expression in CEL over `event`, the name of the `route` and `now` that gives the value of a
/// field: `event.took_ms / 1000.0`.
public record Formula(String text) {
    public Formula {
        require(!text.isBlank(), "the expression is empty; write for instance event.took_ms / 1000.0");
    }

    /// All that is wrong with the expression, each with its place in it; empty when nothing is.
    public java.util.List<String> check() {
        return Expressions.check(text, Expressions.Use.FORMULA);
    }

    @Override
    public String toString() {
        return text;
    }
}
