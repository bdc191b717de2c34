package io.logroute.parts.redact;

import static io.logroute.parts.redact.Chars.at;
import static io.logroute.parts.redact.Chars.isDigit;
import static io.logroute.parts.redact.Chars.isHex;
import static io.logroute.parts.redact.Chars.isLetter;
import static io.logroute.parts.redact.Chars.isWord;

/// Addresses of IP. Version 4: four numbers up to 255, unless they are part of something longer or
/// follow the word `version`. Version 6: eight groups, or fewer with `::`, of one case and with at
/// least one digit, so that `Base::Add` is none; a zone behind goes with it.
final class IpAddresses implements Finder {
    private static final String VERSION = "version";
    private static final int LONGEST = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length();

    @Override
    public void find(String text, Finds out) {
        findFour(text, out);
        findSix(text, out);
    }

    private static void findFour(String text, Finds out) {
        int i = text.indexOf('.') < 0 ? text.length() : 0;
        while (i < text.length()) {
            if (!isDigit(text.charAt(i))) {
                i++;
                continue;
            }
            int to = fourEnd(text, i);
            if (to > 0 && beginsAt(text, i) && endsAt(text, to)) {
                out.add(i, to);
            }
            while (i < text.length() && (isDigit(text.charAt(i)) || text.charAt(i) == '.')) {
                i++;
            }
        }
    }

    private static boolean beginsAt(String text, int from) {
        char before = at(text, from - 1);
        if (isWord(before) || before == '.' || before == '_' || before == '-' && isLetter(at(text, from - 2))) {
            return false;
        }
        int word = from;
        while (word > 0 && !isWord(text.charAt(word - 1)) && from - word < 3) {
            word--;
        }
        return !text.regionMatches(true, word - VERSION.length(), VERSION, 0, VERSION.length());
    }

    private static boolean endsAt(String text, int to) {
        char after = at(text, to);
        return !isWord(after)
                && after != '_'
                && !(after == '.' && isDigit(at(text, to + 1)))
                && !(after == '-' && isLetter(at(text, to + 1)));
    }

    /// After four numbers with dots; -1 when there are none.
    private static int fourEnd(String text, int from) {
        int i = from;
        for (int part = 0; part < 4; part++) {
            if (part > 0) {
                if (at(text, i) != '.') {
                    return -1;
                }
                i++;
            }
            int number = 0;
            int digits = 0;
            while (digits < 4 && isDigit(at(text, i))) {
                number = number * 10 + (text.charAt(i) - '0');
                digits++;
                i++;
            }
            if (digits == 0 || number > 255 || digits > 1 && text.charAt(i - digits) == '0') {
                return -1;
            }
        }
        return i;
    }

    private static void findSix(String text, Finds out) {
        int after = 0;
        for (int colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', after)) {
            int from = colon;
            while (from > after && isHex(text.charAt(from - 1))) {
                from--;
            }
            int to = colon;
            while (to < text.length() && (isHex(text.charAt(to)) || text.charAt(to) == ':')) {
                to++;
            }
            if (at(text, to) == '.') {
                while (to < text.length() && (isDigit(text.charAt(to)) || text.charAt(to) == '.')) {
                    to++;
                }
            }
            after = to;
            to = sixEnd(text, from, to);
            if (to > 0) {
                out.add(from, zoneEnd(text, to));
            }
        }
    }

    /// After the address that the run from `from` to `to` is; -1 when it is none.
    private static int sixEnd(String text, int from, int to) {
        while (to > from && text.charAt(to - 1) == '.') {
            to--;
        }
        if (text.charAt(to - 1) == ':' && at(text, to - 2) != ':') {
            to--;
        }
        if (to - from < 3 || to - from > LONGEST || isWord(at(text, from - 1)) || isWord(at(text, to))) {
            return -1;
        }
        return isOneCaseWithDigit(text, from, to) && isSix(text, from, to) ? to : -1;
    }

    private static boolean isOneCaseWithDigit(String text, int from, int to) {
        boolean lower = false;
        boolean upper = false;
        boolean digit = false;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            lower |= c >= 'a' && c <= 'f';
            upper |= c >= 'A' && c <= 'F';
            digit |= isDigit(c);
        }
        return digit && !(lower && upper);
    }

    private static boolean isSix(String text, int from, int to) {
        int groups = 0;
        boolean shortened = false;
        int i = from;
        while (i < to) {
            if (text.startsWith("::", i)) {
                if (shortened || at(text, i + 2) == ':' && i + 2 < to) {
                    return false;
                }
                shortened = true;
                i += 2;
                continue;
            }
            if (i > from && text.charAt(i) == ':') {
                i++;
            }
            int group = i;
            while (i < to && isHex(text.charAt(i))) {
                i++;
            }
            if (i < to && text.charAt(i) == '.') {
                groups += 2;
                return fourEnd(text, group) == to && (shortened ? groups < 8 : groups == 8);
            }
            if (i == group || i - group > 4) {
                return false;
            }
            groups++;
        }
        return shortened ? groups < 8 : groups == 8;
    }

    /// After `%eth0`, where one stands there.
    private static int zoneEnd(String text, int to) {
        if (at(text, to) != '%' || !isLetter(at(text, to + 1))) {
            return to;
        }
        int end = to + 1;
        while (isWord(at(text, end))) {
            end++;
        }
        return end;
    }
}
