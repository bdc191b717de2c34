package io.logroute.flow;

import org.jspecify.annotations.Nullable;

/// Finds a field inside of an object that lies in valid JSON: one look over that object, nothing made
/// but the answer. For a question or two it is much sooner than the whole tree.
final class Inside {
    private final byte[] bytes;
    private int at;

    private Inside(byte[] bytes, int at) {
        this.bytes = bytes;
        this.at = at;
    }

    /// Where the value of the field lies; `null` when the slice is no object, or has no such field. The
    /// last one counts where a name stands twice.
    static Json.@Nullable Slice find(Json.Slice object, String name) {
        return object.bytes()[object.from()] == '{' ? new Inside(object.bytes(), object.from() + 1).find(name) : null;
    }

    private Json.@Nullable Slice find(String name) {
        Json.Slice found = null;
        while (true) {
            blanks();
            if (bytes[at] == '}') {
                return found;
            }
            if (bytes[at] == ',') {
                at++;
                continue;
            }
            int key = at + 1;
            text();
            boolean meant = Fields.isNamed(bytes, key, at - 1, name);
            blanks();
            at++;
            blanks();
            int value = at;
            value();
            if (meant) {
                found = new Json.Slice(bytes, value, at);
            }
        }
    }

    private void blanks() {
        while (bytes[at] <= ' ' && bytes[at] >= 0) {
            at++;
        }
    }

    /// On behind the closing quote of the text that opens here.
    private void text() {
        at++;
        while (true) {
            at = Eight.nextQuoteOrBackslash(bytes, at);
            if (bytes[at] == '"') {
                at++;
                return;
            }
            at += 2;
        }
    }

    private void value() {
        switch (bytes[at]) {
            case '"' -> text();
            case '{', '[' -> nested();
            default -> {
                while (bytes[at] != ',' && bytes[at] != '}' && bytes[at] > ' ') {
                    at++;
                }
            }
        }
    }

    private void nested() {
        int depth = 0;
        while (true) {
            switch (bytes[at]) {
                case '"' -> {
                    text();
                    continue;
                }
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (--depth == 0) {
                        at++;
                        return;
                    }
                }
                default -> {}
            }
            at++;
        }
    }
}
