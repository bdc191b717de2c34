package io.logroute.flow;

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

    private Timestamps() {}

    /// In UTC, with milliseconds or as many decimals as the instant has.
    public static String format(Instant instant) {
        return MILLIS.format(instant);
    }

    /// `null` when the text is no instant.
    public static @Nullable Instant parse(String text) {
        if (text.endsWith("Z") && text.length() >= 20) {
            var quick = quick(text);
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

    /// `2026-11-22T10:15:30[.fraction]Z` without a formatter; `null` where the text has another
    /// shape.
    private static @Nullable Instant quick(String t) {
        if (t.charAt(4) != '-'
                || t.charAt(7) != '-'
                || t.charAt(10) != 'T'
                || t.charAt(13) != ':'
                || t.charAt(16) != ':') {
            return null;
        }
        int nanos = 0;
        int last = t.length() - 1;
        if (last > 19) {
            if (t.charAt(19) != '.' || last == 20 || last > 29) {
                return null;
            }
            nanos = number(t, 20, last);
            for (int i = last; i < 29 && nanos > 0; i++) {
                nanos *= 10;
            }
        }
        int year = number(t, 0, 4);
        int month = number(t, 5, 7);
        int day = number(t, 8, 10);
        int hour = number(t, 11, 13);
        int minute = number(t, 14, 16);
        int second = number(t, 17, 19);
        if ((year | month | day | hour | minute | second | nanos) < 0
                || month < 1
                || month > 12
                || day < 1
                || day > 28 && day > java.time.YearMonth.of(year, month).lengthOfMonth()
                || hour > 23
                || minute > 59
                || second > 59) {
            return null;
        }
        long days = java.time.LocalDate.of(year, month, day).toEpochDay();
        return Instant.ofEpochSecond(days * 86_400 + hour * 3600L + minute * 60L + second, nanos);
    }

    /// The digits as a number, or -1 when one of them is none.
    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
