package io.logroute.spec;

import java.util.ArrayList;
import java.util.List;

/// The parts of a condition that `&&` joins, as they were written. Each is a condition of its own,
/// and the whole is true when all of them are.
public final class Conjuncts {
    private final String text;
    private final List<String> parts = new ArrayList<>();
    private int depth;
    private int at;

    private Conjuncts(String text) {
        this.text = text;
    }

    /// The parts in the order they stand; the whole, when it is not joined by `&&` at the outermost.
    ///
    /// @param text a condition that can be compiled
    public static List<String> of(String text) {
        var bare = withoutParentheses(text.strip());
        var parts = new Conjuncts(bare).split();
        if (parts.size() < 2) {
            return List.of(text.strip());
        }
        var all = new ArrayList<String>();
        parts.forEach(part -> all.addAll(of(part)));
        return List.copyOf(all);
    }

    private List<String> split() {
        int from = 0;
        while (at < text.length()) {
            if (isQuote()) {
                skipText();
                continue;
            }
            char c = text.charAt(at);
            if (text.startsWith("//", at)) {
                skipLine();
                continue;
            }
            if ("([{".indexOf(c) >= 0) {
                depth++;
            } else if (")]}".indexOf(c) >= 0) {
                depth--;
            } else if (depth == 0 && (c == '?' || text.startsWith("||", at))) {
                // They bind less than && does: what stands between two && is no part.
                return List.of();
            } else if (depth == 0 && text.startsWith("&&", at)) {
                parts.add(text.substring(from, at));
                at += 2;
                from = at;
                continue;
            }
            at++;
        }
        parts.add(text.substring(from));
        return parts;
    }

    private boolean isQuote() {
        return text.charAt(at) == '"' || text.charAt(at) == '\'';
    }

    /// Over a text in quotes: single or threefold, raw or not.
    private void skipText() {
        boolean isRaw = isRaw();
        var quote = text.substring(at, at + 1);
        var end = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
        at += end.length();
        while (at < text.length() && !text.startsWith(end, at)) {
            at += !isRaw && text.charAt(at) == '\\' ? 2 : 1;
        }
        at = Math.min(text.length(), at + end.length());
    }

    /// Whether the quote has an `r` before it (`r"\d"`, `br'x'`), in which a backslash is one.
    private boolean isRaw() {
        int from = at;
        while (from > 0 && at - from < 2 && "rRbB".indexOf(text.charAt(from - 1)) >= 0) {
            from--;
        }
        boolean endsName = from > 0 && Character.isJavaIdentifierPart(text.charAt(from - 1));
        return !endsName
                && text.substring(from, at).toLowerCase(java.util.Locale.ROOT).contains("r");
    }

    private void skipLine() {
        while (at < text.length() && text.charAt(at) != '\n') {
            at++;
        }
    }

    /// Without parentheses that enclose all of it.
    private static String withoutParentheses(String text) {
        if (!text.startsWith("(") || !text.endsWith(")")) {
            return text;
        }
        var inner = new Conjuncts(text);
        inner.at = 0;
        while (inner.at < text.length()) {
            if (inner.isQuote()) {
                inner.skipText();
                continue;
            }
            char c = text.charAt(inner.at);
            inner.depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
            inner.at++;
            if (inner.depth == 0 && inner.at < text.length()) {
                return text;
            }
        }
        return withoutParentheses(text.substring(1, text.length() - 1).strip());
    }
}
