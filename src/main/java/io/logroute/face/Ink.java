package io.logroute.face;

/// Colours on a terminal; plain text elsewhere. Nothing that others wrote can steer the terminal
/// or break the line.
record Ink(boolean colour) {
    /// What others wrote, on one line and without control characters.
    static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    String bold(String text) {
        return in("1", text);
    }

    String red(String text) {
        return in("31", text);
    }

    String green(String text) {
        return in("32", text);
    }

    private String in(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
