package io.logroute.face.convert;

import java.util.Map;

/// Says regular expressions of Ruby in RE2.
///
/// What RE2 does not have, because it could take for ever, cannot be said: looking ahead and
/// behind, groups that keep what they have, and references to what a group matched.
final class Regexes {
    private static final String HEX = "[0-9a-fA-F]";

    private Regexes() {}

    /// @throws Untold when RE2 has nothing like it
    static String re2(String ruby) throws Untold {
        var out = new StringBuilder();
        boolean lines = false;
        boolean inClass = false;
        for (int i = 0; i < ruby.length(); i++) {
            char c = ruby.charAt(i);
            if (c == '\\') {
                if (i + 1 >= ruby.length()) {
                    throw new Untold("the expression ends with a backslash");
                }
                out.append(escape(ruby.charAt(++i), inClass));
                continue;
            }
            if (inClass) {
                if (c == '[' && !ruby.startsWith("[:", i)) {
                    throw new Untold("the expression has a class within a class; write one class");
                }
                if (c == '&' && ruby.startsWith("&&", i)) {
                    throw new Untold("the expression has an intersection of classes (&&); write one class");
                }
                if (ruby.startsWith("[:", i) && ruby.indexOf(":]", i) > 0) {
                    int end = ruby.indexOf(":]", i) + 2;
                    out.append(ruby, i, end);
                    i = end - 1;
                    continue;
                }
                inClass = c != ']';
                out.append(c);
                continue;
            }
            switch (c) {
                case '[' -> {
                    inClass = true;
                    out.append(c);
                    if (ruby.startsWith("^", i + 1)) {
                        out.append('^');
                        i++;
                    }
                    if (ruby.startsWith("]", i + 1)) {
                        out.append("\\]");
                        i++;
                    }
                }
                case '^', '$' -> {
                    lines = true;
                    out.append(c);
                }
                case '(' -> i = group(ruby, i, out);
                case '*', '+', '?', '}' -> {
                    if (c != '}' && ruby.startsWith("+", i + 1)) {
                        throw new Untold(
                                "the expression has %c+, which gives nothing back; leave the + away where it does not matter"
                                        .formatted(c));
                    }
                    out.append(c);
                }
                default -> out.append(c);
            }
        }
        return (lines ? "(?m)" : "") + out;
    }

    /// @return the place of the last character that was taken
    private static int group(String ruby, int at, StringBuilder out) throws Untold {
        if (!ruby.startsWith("(?", at)) {
            out.append('(');
            return at;
        }
        for (var look : Map.of(
                        "(?=", "looks ahead",
                        "(?!", "looks ahead",
                        "(?<=", "looks behind",
                        "(?<!", "looks behind",
                        "(?>", "has a group that gives nothing back")
                .entrySet()) {
            if (ruby.startsWith(look.getKey(), at)) {
                throw new Untold(
                        "the expression %s (%s), which RE2 does not do".formatted(look.getValue(), look.getKey()));
            }
        }
        if (ruby.startsWith("(?<", at) || ruby.startsWith("(?'", at)) {
            int end = ruby.indexOf(ruby.charAt(at + 2) == '<' ? '>' : '\'', at + 3);
            if (end < 0) {
                throw new Untold("the expression has a group without the end of its name");
            }
            // What the group is called does not matter to a condition.
            out.append('(');
            return end;
        }
        if (ruby.startsWith("(?#", at)) {
            int end = ruby.indexOf(')', at);
            if (end < 0) {
                throw new Untold("the expression has a comment that does not end");
            }
            return end;
        }
        int end = at + 2;
        while (end < ruby.length() && (Character.isLetter(ruby.charAt(end)) || ruby.charAt(end) == '-')) {
            end++;
        }
        var flags = ruby.substring(at + 2, end);
        int minus = flags.indexOf('-');
        var on = minus < 0 ? flags : flags.substring(0, minus);
        var off = minus < 0 ? "" : flags.substring(minus + 1).replace("x", "");
        if (on.contains("x")) {
            throw new Untold("the expression is an extended one (?x); write it without blanks");
        }
        // Ruby's m lets a dot match a line end, which RE2 calls s.
        out.append("(?").append(on.replace('m', 's')).append(off.isEmpty() ? "" : "-" + off.replace('m', 's'));
        return end - 1;
    }

    private static String escape(char c, boolean inClass) throws Untold {
        return switch (c) {
            case '/' -> "/";
            case '"', '\'', '#', '<', '>', '=', '!', '@', '%', '&', ',', ';', ':', '~', '`', ' ' -> String.valueOf(c);
            case 'h' -> inClass ? "0-9a-fA-F" : HEX;
            case 'H' -> {
                if (inClass) {
                    throw new Untold("the expression has \\H in a class; write out what is meant");
                }
                yield "[^0-9a-fA-F]";
            }
            case 'Z' -> "\\n?\\z";
            case 'e' -> "\\x1b";
            case 'G', 'K', 'R', 'X', 'k', 'g' ->
                throw new Untold("the expression has \\%c, which RE2 does not have".formatted(c));
            case '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
                throw new Untold(
                        "the expression refers to what a group matched (\\%c), which RE2 does not do".formatted(c));
            case 'b' -> inClass ? "\\x08" : "\\b";
            default -> "\\" + c;
        };
    }
}
