package io.logroute.parts.redact;

import static io.logroute.parts.redact.Chars.isLetter;
import static io.logroute.parts.redact.Chars.isWord;

/// Addresses of mail: a name, `@` (or `%40`, as in URLs), and a domain with a dot whose last part is
/// letters. `lodash@4.17.21` and `icon@2x.png` are none.
final class Emails implements Finder {
    @Override
    public void find(String text, Finds out) {
        for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
            find(text, at, at + 1, out);
        }
        for (int at = text.indexOf("%40"); at >= 0; at = text.indexOf("%40", at + 3)) {
            find(text, at, at + 3, out);
        }
    }

    private static void find(String text, int at, int domain, Finds out) {
        int from = at;
        while (from > 0 && isOfName(text.charAt(from - 1)) && !text.startsWith("%40", from - 1)) {
            from--;
        }
        while (from < at && !isWord(text.charAt(from)) && text.charAt(from) != '_') {
            from++;
        }
        if (from < at) {
            out.add(from, domainEnd(text, domain));
        }
    }

    private static boolean isOfName(char c) {
        return isWord(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' || c == '\'' || c == '~';
    }

    /// After the domain that begins there; -1 when none does.
    private static int domainEnd(String text, int from) {
        int end = -1;
        int label = from;
        while (true) {
            int to = label;
            boolean letters = true;
            while (to < text.length() && (isWord(text.charAt(to)) || text.charAt(to) == '-')) {
                letters &= isLetter(text.charAt(to)) || text.charAt(to) > 127;
                to++;
            }
            if (to == label) {
                return end;
            }
            if (label > from && (letters && to - label >= 2 || text.startsWith("xn--", label))) {
                end = to;
            }
            if (label == from && isScale(text, from, to) || to >= text.length() || text.charAt(to) != '.') {
                return end;
            }
            label = to + 1;
        }
    }

    /// `2x` of `icon@2x.png`.
    private static boolean isScale(String text, int from, int to) {
        return to - from == 2 && text.charAt(from + 1) == 'x' && Chars.isDigit(text.charAt(from));
    }
}
