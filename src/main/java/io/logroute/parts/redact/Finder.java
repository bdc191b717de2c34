package io.logroute.parts.redact;

/// Finds the places of one pattern in a text.
interface Finder {
    void find(String text, Finds out);
}
