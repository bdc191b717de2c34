package io.logroute.face;

/// How a command prints what it found.
enum OutputForm {
    /// For people.
    TEXT,
    /// For programs.
    JSON;

    /// As it is written after `-o`.
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
