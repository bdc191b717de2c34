package io.logroute.face;

/// How `labels` prints what it found.
enum LabelsForm {
    /// For people: routes as YAML, then what is wrong.
    TEXT,
    /// Routes alone, as specs; what is wrong goes to the error output.
    YAML,
    /// For programs.
    JSON;

    /// As it is written after `-o`.
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
