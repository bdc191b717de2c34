package io.logroute.parts.redact;

/// Finds the places of one pattern in a text.
interface Finder {
    void find(String text, Finds out);

    /// Whether an escape goes whose letter it found: of `\n` the `n`. Else what it found begins behind.
    default boolean takesEscapes() {
        return false;
    }
}
