package io.logroute.face;

import java.util.regex.Pattern;

/// Colours on a terminal; plain text elsewhere. Nothing that others wrote can steer the terminal
/// or break the line.
record Ink(boolean colour) {
    /// A line that is shown below what is wrong with it, and the mark below its place.
    private static final Pattern SHOWN = Pattern.compile("\n {4}(.*)\n[ \t]{4,}\\^");

    /// What others wrote, on one line and without control characters. A caret would point at nothing there.
    static String plain(String text) {
        return SHOWN.matcher(text)
                .replaceAll(", in: $1")
                .replaceAll("[\\p{Cntrl}\\x{80}-\\x{9F}\\x{2028}\\x{2029}]+", " ");
    }

    /// The same on several lines, each indented; blanks at the beginning of a line stay, so that a caret
    /// points where it should.
    static String plainLines(String text, String indent) {
        return text.lines().map(line -> indent + plain(line)).collect(java.util.stream.Collectors.joining("\n"));
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

    String yellow(String text) {
        return in("33", text);
    }

    private String in(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
