package io.logroute.flow;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import org.jspecify.annotations.Nullable;

/// `@timestamp` as text: ISO 8601 with an offset or `Z`, up to nine decimals, years 0000 to 9999.
public final class Timestamps {
    private static final DateTimeFormatter MILLIS = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 3, 9, true)
            .appendLiteral('Z')
            .toFormatter()
            .withZone(ZoneOffset.UTC);

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    /// Characters of an instant with nine decimals.
    private static final int LONGEST = 30;

    private Timestamps() {}

    /// In UTC, with milliseconds or as many decimals as the instant has.
    public static String format(Instant instant) {
        return MILLIS.format(instant);
    }

    /// `null` when the text is no instant.
    public static @Nullable Instant parse(String text) {
        if (text.length() <= LONGEST && text.endsWith("Z")) {
            var ascii = text.getBytes(StandardCharsets.US_ASCII);
            var quick = quick(ascii, 0, ascii.length);
            if (quick != null) {
                return quick;
            }
        }
        try {
            var time = OffsetDateTime.parse(text).toInstant();
            return time.isBefore(FIRST) || time.isAfter(LAST) ? null : time;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /// As [#parse(String)], of the JSON string that opens with the quote at `from` and ends before
    /// `to`; `null` also when it is no plain string, or written in a way that is not usual.
    static @Nullable Instant parse(byte[] bytes, int from, int to) {
        if (bytes[from] != '"') {
            return null;
        }
        int end = from + 1;
        for (int last = Math.min(to, from + 2 + LONGEST); end < last && bytes[end] != '"'; end++) {}
        return quick(bytes, from + 1, end);
    }

    /// `2026-11-22T10:15:30[.fraction]Z` without a formatter; `null` where the text has another
    /// shape. Beyond ASCII, `t` has no digits.
    private static @Nullable Instant quick(byte[] t, int from, int to) {
        int last = to - 1 - from;
        if (last < 19
                || last > LONGEST - 1
                || t[to - 1] != 'Z'
                || t[from + 4] != '-'
                || t[from + 7] != '-'
                || t[from + 10] != 'T'
                || t[from + 13] != ':'
                || t[from + 16] != ':') {
            return null;
        }
        int nanos = 0;
        if (last > 19) {
            if (t[from + 19] != '.' || last == 20) {
                return null;
            }
            nanos = number(t, from + 20, from + last);
            for (int i = last; i < 29 && nanos > 0; i++) {
                nanos *= 10;
            }
        }
        int century = two(t, from);
        int ofCentury = two(t, from + 2);
        int month = two(t, from + 5);
        int day = two(t, from + 8);
        int hour = two(t, from + 11);
        int minute = two(t, from + 14);
        int second = two(t, from + 17);
        int year = century * 100 + ofCentury;
        if ((century | ofCentury | month | day | hour | minute | second | nanos) < 0
                || month < 1
                || month > 12
                || day < 1
                || day > 28 && day > java.time.YearMonth.of(year, month).lengthOfMonth()
                || hour > 23
                || minute > 59
                || second > 59) {
            return null;
        }
        return Instant.ofEpochSecond(days(year, month, day) * 86_400 + hour * 3600L + minute * 60L + second, nanos);
    }

    /// Days since 1970-01-01, counted in years that begin in March, so that the day that comes and
    /// goes is the last one.
    private static long days(int year, int month, int day) {
        int marchYear = month > 2 ? year : year - 1;
        int monthFromMarch = month > 2 ? month - 3 : month + 9;
        long era = Math.floorDiv(marchYear, 400);
        int ofEra = Math.floorMod(marchYear, 400);
        int ofYear = (153 * monthFromMarch + 2) / 5 + day - 1;
        return era * 146_097 + ofEra * 365L + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
    }

    /// Two digits as a number, or -1 when one of them is none.
    private static int two(byte[] text, int at) {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return (tens | ones | 9 - tens | 9 - ones) < 0 ? -1 : tens * 10 + ones;
    }

    /// The digits as a number, or -1 when one of them is none.
    private static int number(byte[] text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
