package io.logroute.parts.redact;

import static io.logroute.parts.redact.Chars.at;
import static io.logroute.parts.redact.Chars.digitsEnd;
import static io.logroute.parts.redact.Chars.isDigit;
import static io.logroute.parts.redact.Chars.isWord;

/// Numbers of payment cards: 13 to 19 digits, in one piece or in the groups that cards show, with
/// blanks or hyphens between them, that begin as those of a card network do and whose check digit
/// holds (Luhn, ISO/IEC 7812-1).
///
/// Times since 1970, in any unit, begin with other digits and stay.
final class Cards implements Finder {
    private static final int LEAST = 13;
    private static final int MOST = 19;
    /// Digits of the groups, the longest first.
    private static final int[][] SHAPES = {{4, 4, 4, 4, 3}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4}, {4, 4, 4, 1}};

    @Override
    public void find(String text, Finds out) {
        int i = 0;
        int last = text.length() - LEAST;
        while (i <= last) {
            if (!isDigit(text.charAt(i))) {
                i++;
                continue;
            }
            int end = digitsEnd(text, i);
            int to = isFree(text, i) ? cardEnd(text, i, end) : -1;
            if (to > 0) {
                out.add(i, to);
                end = to;
            }
            i = end;
        }
    }

    /// Whether no number or word goes on into what begins there.
    private static boolean isFree(String text, int from) {
        char before = at(text, from - 1);
        return !isWord(before) && !((before == '.' || before == '-') && isDigit(at(text, from - 2)));
    }

    /// @param end of the first digits
    private static int cardEnd(String text, int from, int end) {
        if (end - from >= LEAST) {
            return end - from <= MOST && endsAt(text, end, '-') && isCard(text, from, end) ? end : -1;
        }
        char separator = at(text, end);
        if (end - from != 4 || separator != ' ' && separator != '-') {
            return -1;
        }
        for (var shape : SHAPES) {
            int to = shapeEnd(text, from, shape, separator);
            if (to > 0 && endsAt(text, to, separator) && isCard(text, from, to)) {
                return to;
            }
        }
        return -1;
    }

    private static int shapeEnd(String text, int from, int[] shape, char separator) {
        int at = from;
        for (int i = 0; i < shape.length; i++) {
            if (i > 0) {
                if (at(text, at) != separator) {
                    return -1;
                }
                at++;
            }
            int end = digitsEnd(text, at);
            if (end - at != shape[i]) {
                return -1;
            }
            at = end;
        }
        return at;
    }

    /// Whether no number or word goes on from what ends there. Other digits may follow after a blank.
    private static boolean endsAt(String text, int to, char separator) {
        char after = at(text, to);
        boolean goesOn = after == '.' || after == '-' && separator == '-';
        return !isWord(after) && !(goesOn && isDigit(at(text, to + 1)));
    }

    private static boolean isCard(String text, int from, int to) {
        long number = 0;
        int digits = 0;
        int sum = 0;
        for (int i = to - 1; i >= from; i--) {
            char c = text.charAt(i);
            if (isDigit(c)) {
                int digit = c - '0';
                int twice = digit * 2;
                sum += digits % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
                digits++;
            }
        }
        if (sum % 10 != 0) {
            return false;
        }
        int taken = 0;
        for (int i = from; taken < 4; i++) {
            if (isDigit(text.charAt(i))) {
                number = number * 10 + (text.charAt(i) - '0');
                taken++;
            }
        }
        return isOfNetwork((int) number, digits);
    }

    /// @param four the first four digits
    private static boolean isOfNetwork(int four, int digits) {
        int two = four / 100;
        int three = four / 10;
        return switch (four / 1000) {
            case 2 -> four >= 2221 && four <= 2720 && digits == 16 || three == 220 && digits >= 16;
            case 3 ->
                (two == 34 || two == 37) && digits == 15
                        || (three >= 300 && three <= 305 || three == 309 || two == 36 || two == 38 || two == 39)
                                && digits >= 14
                        || four >= 3528 && four <= 3589 && digits >= 16;
            case 4 -> digits == 13 || digits == 16 || digits == 19;
            case 5 -> two >= 51 && two <= 55 ? digits == 16 : two != 59;
            case 6 -> digits >= 16 || two == 63 || two == 67;
            case 8 -> (two == 81 || two == 82) && digits == 16;
            case 9 -> four == 9792 && digits == 16;
            default -> false;
        };
    }
}
