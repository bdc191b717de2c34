package io.logroute.parts.text;

import io.logroute.spec.TimeForm.Piece;
import io.logroute.spec.TimeForm.Unit;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads one text as a time, from its first character on. Used once.
///
/// What the text does not say is taken so that the time is as near as possible to when the event came
/// in: the year, or the whole day where it has a time alone. A second 60 is the first of the next
/// minute. A time that a change of the clocks skips is moved on by what they skip; of one that they
/// repeat the earlier is meant.
final class TimeReader {
    private static final List<String> MONTHS = List.of(
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december");

    private static final List<String> DAYS =
            List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");

    /// Names that are no ids of zones, or stand for one offset whatever the season.
    private static final Map<String, ZoneId> ZONES = Map.ofEntries(
            Map.entry("z", ZoneOffset.UTC),
            Map.entry("utc", ZoneOffset.UTC),
            Map.entry("ut", ZoneOffset.UTC),
            Map.entry("gmt", ZoneOffset.UTC),
            Map.entry("wet", ZoneOffset.UTC),
            Map.entry("west", ZoneOffset.ofHours(1)),
            Map.entry("bst", ZoneOffset.ofHours(1)),
            Map.entry("cet", ZoneOffset.ofHours(1)),
            Map.entry("cest", ZoneOffset.ofHours(2)),
            Map.entry("eet", ZoneOffset.ofHours(2)),
            Map.entry("eest", ZoneOffset.ofHours(3)),
            Map.entry("msk", ZoneOffset.ofHours(3)),
            Map.entry("jst", ZoneOffset.ofHours(9)),
            Map.entry("est", ZoneOffset.ofHours(-5)),
            Map.entry("edt", ZoneOffset.ofHours(-4)),
            Map.entry("cst", ZoneOffset.ofHours(-6)),
            Map.entry("cdt", ZoneOffset.ofHours(-5)),
            Map.entry("mst", ZoneOffset.ofHours(-7)),
            Map.entry("mdt", ZoneOffset.ofHours(-6)),
            Map.entry("pst", ZoneOffset.ofHours(-8)),
            Map.entry("pdt", ZoneOffset.ofHours(-7)));

    private static final int NONE = -1;
    /// A 29 February is at most so many years away.
    private static final int LEAP_YEARS = 8;

    private final String text;
    private final ZoneId usual;
    private final Instant received;
    private int at;

    private final int[] numbers = new int[Unit.values().length];
    private int nanos;
    private boolean isAfternoon;
    private @Nullable ZoneId zone;

    /// @param usual the zone of a text that names none
    /// @param received when the event came in
    TimeReader(String text, ZoneId usual, Instant received) {
        this.text = text.strip();
        this.usual = usual;
        this.received = received;
        Arrays.fill(numbers, NONE);
    }

    /// The time, when the whole text is of that form and there is such a time; else `null`.
    @Nullable
    Instant pattern(List<Piece> pieces) {
        for (var piece : pieces) {
            if (!reads(piece)) {
                return null;
            }
        }
        return at == text.length() ? time() : null;
    }

    /// The same by ISO 8601, whose parts may be written without marks between them, with a blank for the
    /// `T` and a comma for the point; without a zone, or without a time of day.
    @Nullable
    Instant iso() {
        boolean marked = text.length() > 4 && text.charAt(4) == '-';
        boolean isDate = digits(Unit.YEAR, 4, true)
                && (!marked || skip('-'))
                && digits(Unit.MONTH, 2, true)
                && (!marked || skip('-'))
                && digits(Unit.DAY, 2, true);
        if (!isDate) {
            return null;
        }
        if (at == text.length()) {
            return time();
        }
        if (!skip('T') && !skip('t') && !blanks()) {
            return null;
        }
        if (!digits(Unit.HOUR, 2, true)) {
            return null;
        }
        boolean more = at < text.length() && (text.charAt(at) == ':' || isDigit(at));
        boolean colons = more && text.charAt(at) == ':';
        if (more && !((!colons || skip(':')) && digits(Unit.MINUTE, 2, true))) {
            return null;
        }
        boolean hasSeconds = more && at < text.length() && (colons ? text.charAt(at) == ':' : isDigit(at));
        if (hasSeconds && !((!colons || skip(':')) && digits(Unit.SECOND, 2, true))) {
            return null;
        }
        if (hasSeconds && (skip('.') || skip(',')) && !fraction()) {
            return null;
        }
        if (at < text.length()) {
            blanks();
            if (!zone()) {
                return null;
            }
        }
        return at == text.length() ? time() : null;
    }

    // ---- reading

    private boolean reads(Piece piece) {
        return switch (piece) {
            case Piece.Literal(var literal) -> literal(literal);
            case Piece.Blank _ -> blanks();
            case Piece.Digits(var unit, int most, boolean exact) -> digits(unit, most, exact);
            case Piece.Fraction _ -> fraction();
            case Piece.MonthName _ -> monthName();
            case Piece.DayName _ -> name(DAYS) >= 0;
            case Piece.HalfDay _ -> halfDay();
            case Piece.Zone _ -> zone();
        };
    }

    private boolean isDigit(int place) {
        return place < text.length() && text.charAt(place) >= '0' && text.charAt(place) <= '9';
    }

    private boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private boolean literal(String literal) {
        if (!text.regionMatches(true, at, literal, 0, literal.length())) {
            return false;
        }
        at += literal.length();
        return true;
    }

    private boolean blanks() {
        int from = at;
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\u00a0')) {
            at++;
        }
        return at > from;
    }

    private boolean digits(Unit unit, int most, boolean exact) {
        int number = 0;
        int count = 0;
        while (count < most && isDigit(at)) {
            number = number * 10 + text.charAt(at) - '0';
            at++;
            count++;
        }
        numbers[unit.ordinal()] = number;
        return exact ? count == most : count > 0;
    }

    /// Decimals beyond nanoseconds are cut off.
    private boolean fraction() {
        int count = 0;
        nanos = 0;
        while (isDigit(at)) {
            if (count < 9) {
                nanos = nanos * 10 + text.charAt(at) - '0';
            }
            at++;
            count++;
        }
        for (int i = count; i < 9; i++) {
            nanos *= 10;
        }
        return count > 0;
    }

    private boolean monthName() {
        int month = name(MONTHS);
        numbers[Unit.MONTH.ordinal()] = month + 1;
        return month >= 0;
    }

    /// The number of the name that is written here, whole or cut after three letters or more; -1 when
    /// there is none.
    private int name(List<String> names) {
        int end = at;
        while (end < text.length() && Character.isLetter(text.charAt(end))) {
            end++;
        }
        var word = text.substring(at, end).toLowerCase(Locale.ROOT);
        if (word.length() < 3) {
            return -1;
        }
        at = end;
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).startsWith(word)) {
                return i;
            }
        }
        return -1;
    }

    private boolean halfDay() {
        isAfternoon = text.regionMatches(true, at, "p", 0, 1);
        return literal("am") || literal("pm") || literal("a.m.") || literal("p.m.");
    }

    private boolean zone() {
        int from = at;
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
            return offset();
        }
        while (at < text.length() && isOfZone(text.charAt(at))) {
            at++;
        }
        var name = text.substring(from, at);
        zone = ZONES.get(name.toLowerCase(Locale.ROOT));
        if (zone != null || name.isEmpty()) {
            return zone != null;
        }
        try {
            zone = ZoneId.of(name);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isOfZone(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "/_+-".indexOf(c) >= 0;
    }

    /// `+01`, `+0100`, `+01:00`.
    private boolean offset() {
        int sign = text.charAt(at) == '-' ? -1 : 1;
        at++;
        int hours = two();
        boolean colon = hours >= 0 && isDigit(at + 1) && skip(':');
        int minutes = colon || isDigit(at) ? two() : 0;
        if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 18 * 60) {
            return false;
        }
        zone = ZoneOffset.ofTotalSeconds(sign * (hours * 60 + minutes) * 60);
        return true;
    }

    private int two() {
        if (!isDigit(at) || !isDigit(at + 1)) {
            return NONE;
        }
        at += 2;
        return (text.charAt(at - 2) - '0') * 10 + text.charAt(at - 1) - '0';
    }

    // ---- what it says

    private int number(Unit unit) {
        return numbers[unit.ordinal()];
    }

    private int number(Unit unit, int otherwise) {
        return number(unit) == NONE ? otherwise : number(unit);
    }

    private @Nullable Instant time() {
        try {
            int second = number(Unit.SECOND, 0);
            var time = LocalTime.of(hour(), number(Unit.MINUTE, 0), second == 60 ? 59 : second, nanos);
            var stands = zone == null ? usual : zone;
            var moment = nearest(time, stands);
            return moment == null || second != 60 ? moment : moment.plusSeconds(1);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private int hour() {
        if (number(Unit.CLOCK_HOUR) != NONE) {
            return within(number(Unit.CLOCK_HOUR), 1, 24) % 24;
        }
        if (number(Unit.HALF_CLOCK_HOUR) != NONE) {
            return within(number(Unit.HALF_CLOCK_HOUR), 1, 12) % 12 + (isAfternoon ? 12 : 0);
        }
        if (number(Unit.HALF_HOUR) != NONE) {
            return within(number(Unit.HALF_HOUR), 0, 11) + (isAfternoon ? 12 : 0);
        }
        return number(Unit.HOUR, 0);
    }

    private static int within(int number, int least, int most) {
        if (number < least || number > most) {
            throw new DateTimeException(number + " is no such hour");
        }
        return number;
    }

    private @Nullable Instant nearest(LocalTime time, ZoneId stands) {
        int year = number(Unit.YEAR_OF_CENTURY) == NONE ? number(Unit.YEAR) : 2000 + number(Unit.YEAR_OF_CENTURY);
        if (year != NONE) {
            return moment(date(year), time, stands);
        }
        var here = LocalDateTime.ofInstant(received, stands).toLocalDate();
        boolean hasDate = number(Unit.MONTH) != NONE || number(Unit.DAY_OF_YEAR) != NONE;
        Instant best = null;
        int reach = hasDate ? LEAP_YEARS : 1;
        for (int away = -reach; away <= reach; away++) {
            var date = hasDate ? dateOrNone(here.getYear() + away) : here.plusDays(away);
            if (date == null) {
                continue;
            }
            var moment = moment(date, time, stands);
            if (best == null || away(moment).compareTo(away(best)) < 0) {
                best = moment;
            }
        }
        return best;
    }

    private Duration away(Instant moment) {
        return Duration.between(received, moment).abs();
    }

    private static Instant moment(LocalDate date, LocalTime time, ZoneId stands) {
        return LocalDateTime.of(date, time).atZone(stands).toInstant();
    }

    private LocalDate date(int year) {
        return number(Unit.DAY_OF_YEAR) == NONE
                ? LocalDate.of(year, number(Unit.MONTH, 1), number(Unit.DAY, 1))
                : LocalDate.ofYearDay(year, number(Unit.DAY_OF_YEAR));
    }

    /// 29 February is not in every year.
    private @Nullable LocalDate dateOrNone(int year) {
        try {
            return date(year);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
