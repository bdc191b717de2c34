package io.logroute.parts.parse;

import org.jspecify.annotations.Nullable;

/// The times of web servers' logs, as ISO 8601; `null` where the text is none.
final class Times {
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private Times() {}

    /// `29/Nov/2026:10:15:30 +0100` as `2026-11-29T10:15:30+01:00`, and with `Z` for `+0000`.
    static @Nullable String common(String text) {
        if (text.length() != 26
                || text.charAt(2) != '/'
                || text.charAt(6) != '/'
                || text.charAt(11) != ':'
                || text.charAt(20) != ' '
                || text.charAt(21) != '+' && text.charAt(21) != '-'
                || !isNumber(text, 22, 26)) {
            return null;
        }
        var local = local(text.substring(7, 11), text.substring(3, 6), text.substring(0, 2), text.substring(12, 20));
        if (local == null) {
            return null;
        }
        return text.startsWith("0000", 22)
                ? local + "Z"
                : local + text.substring(21, 24) + ":" + text.substring(24, 26);
    }

    /// `Sun Nov 29 10:15:30.123456 2026` as `2026-11-29T10:15:30.123456`; also `2026-11-29 10:15:30.123456`,
    /// as `%{cu}t` writes it, and the time of access logs.
    static @Nullable String ofApacheError(String text) {
        if (text.startsWith("-", 4) && text.startsWith("-", 7) && text.startsWith(" ", 10)) {
            return local(text.substring(0, 4), text.substring(5, 7), text.substring(8, 10), text.substring(11));
        }
        if (text.startsWith("/", 2)) {
            return common(text);
        }
        var words = text.split(" +", 6);
        return words.length == 5 && words[2].length() <= 2
                ? local(words[4], words[1], words[2].length() == 1 ? "0" + words[2] : words[2], words[3])
                : null;
    }

    /// `2026/11/29 10:15:30` as `2026-11-29T10:15:30`.
    static @Nullable String ofNginxError(String text) {
        if (text.length() != 19 || text.charAt(4) != '/' || text.charAt(7) != '/' || text.charAt(10) != ' ') {
            return null;
        }
        return local(text.substring(0, 4), text.substring(5, 7), text.substring(8, 10), text.substring(11));
    }

    /// @param month its name, or its number in two digits
    /// @param day two digits
    /// @param time hours, minutes and seconds, with decimals or without
    private static @Nullable String local(String year, String month, String day, String time) {
        var number = month.length() == 3 ? named(month) : month;
        if (number == null
                || year.length() != 4
                || !isNumber(year, 0, 4)
                || !isWithin(number, 1, 12)
                || !isWithin(day, 1, 31)
                || !isTime(time)) {
            return null;
        }
        return year + "-" + number + "-" + day + "T" + time;
    }

    private static @Nullable String named(String month) {
        int at = MONTHS.indexOf(month);
        if (at < 0 || at % 3 != 0) {
            return null;
        }
        int number = at / 3 + 1;
        return number < 10 ? "0" + number : "" + number;
    }

    private static boolean isTime(String time) {
        int length = time.length();
        return length >= 8
                && time.charAt(2) == ':'
                && time.charAt(5) == ':'
                && isWithin(time.substring(0, 2), 0, 23)
                && isWithin(time.substring(3, 5), 0, 59)
                && isWithin(time.substring(6, 8), 0, 60)
                && (length == 8 || length > 9 && length <= 18 && time.charAt(8) == '.' && isNumber(time, 9, length));
    }

    private static boolean isWithin(String two, int least, int most) {
        if (two.length() != 2 || !isNumber(two, 0, 2)) {
            return false;
        }
        int number = (two.charAt(0) - '0') * 10 + two.charAt(1) - '0';
        return number >= least && number <= most;
    }

    private static boolean isNumber(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
