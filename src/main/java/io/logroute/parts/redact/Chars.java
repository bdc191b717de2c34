package io.logroute.parts.redact;

/// Letters and digits as finders see them.
final class Chars {
    private Chars() {}

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /// A letter of ASCII.
    static boolean isLetter(char c) {
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    }

    static boolean isHex(char c) {
        return isDigit(c) || (c | 0x20) >= 'a' && (c | 0x20) <= 'f';
    }

    /// A letter or digit of any script.
    static boolean isWord(char c) {
        return c < 128 ? isDigit(c) || isLetter(c) : Character.isLetterOrDigit(c);
    }

    /// The character at that place, or a blank before the beginning and after the end.
    static char at(String text, int at) {
        return at >= 0 && at < text.length() ? text.charAt(at) : ' ';
    }

    /// After the digits of ASCII that stand from `at` on.
    static int digitsEnd(String text, int at) {
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
