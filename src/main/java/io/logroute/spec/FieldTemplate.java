package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/// Text with places that each event fills, as Logstash and Beats users know it: `%{field}`,
/// `%{[nested][field]}`, and `%{+yyyy.MM.dd}` for the event's own time in UTC. `YYYY` and `yyyy`
/// both mean the calendar year, never the week-based one; letters of weeks are refused.
public record FieldTemplate(String text, List<Piece> pieces) {
    /// Letters of `DateTimeFormatter` that say a calendar date, a time of day or a zone in the same way everywhere.
    private static final String LETTERS = "yuMLQdDEaHhKkmsSzZXVO";

    /// Letters that Joda (Logstash's) or `DateTimeFormatter` has for weeks and their days.
    private static final String OF_WEEKS = "wWxecF";

    private static final OffsetDateTime SOME_TIME = OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    /// One piece of a template.
    public sealed interface Piece {
        record Text(String text) implements Piece {}

        record Field(FieldPath path) implements Piece {}

        /// @param pattern of `java.time.format.DateTimeFormatter`, years already as `uuuu`
        record Time(String pattern) implements Piece {}
    }

    public FieldTemplate {
        pieces = List.copyOf(pieces);
    }

    /// @throws IllegalArgumentException when the text is no template
    public static FieldTemplate parse(String text) {
        var pieces = new ArrayList<Piece>();
        int at = 0;
        while (true) {
            int open = text.indexOf("%{", at);
            if (open < 0) {
                break;
            }
            int close = text.indexOf('}', open);
            require(
                    close > open + 2,
                    "\"%s\" has a %%{ without its field or }; write %%{field} or %%{+yyyy.MM.dd}",
                    text);
            require(
                    !text.substring(open + 2, close).contains("%{"),
                    "\"%s\" has a %%{ inside of another; write a } behind each field, as in %%{service_name}-%%{+dd}",
                    text);
            if (open > at) {
                pieces.add(new Piece.Text(text.substring(at, open)));
            }
            pieces.add(place(text.substring(open + 2, close)));
            at = close + 1;
        }
        if (at < text.length()) {
            pieces.add(new Piece.Text(text.substring(at)));
        }
        require(!pieces.isEmpty(), "the template is empty; write text, %%{field} or %%{+yyyy.MM.dd}");
        return new FieldTemplate(text, pieces);
    }

    private static Piece place(String inside) {
        if (!inside.startsWith("+")) {
            return new Piece.Field(FieldPath.parse(inside));
        }
        var pattern = calendarYears(inside.substring(1));
        checkLetters(pattern, inside);
        require(
                isTime(pattern),
                "\"%%{%s}\" is no time pattern; write for instance %%{+yyyy.MM.dd} or %%{+yyyy.MM.dd.HH}",
                inside);
        return new Piece.Time(pattern);
    }

    private static void checkLetters(String pattern, String inside) {
        boolean quoted = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
            }
            if (quoted || !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
                continue;
            }
            require(
                    OF_WEEKS.indexOf(c) < 0,
                    "\"%%{%s}\" has the letter %s, of weeks, which specs do not know; write months or days, such as"
                            + " %%{+yyyy.MM} or %%{+yyyy.MM.dd}",
                    inside,
                    c);
            require(
                    LETTERS.indexOf(c) >= 0 && !pattern.startsWith("QQQ", i),
                    "\"%%{%s}\" has the letter %s, which is no part of a date or time; write text in quotes, 'at', and"
                            + " times as in %%{+yyyy.MM.dd} or %%{+yyyy.MM.dd.HH}",
                    inside,
                    c);
        }
    }

    private static boolean isTime(String pattern) {
        try {
            return !DateTimeFormatter.ofPattern(pattern).format(SOME_TIME).isBlank();
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return false;
        }
    }

    /// `Y` and `y` outside of quotes become `u`: java.time's `Y` is the year that the week
    /// belongs to.
    private static String calendarYears(String pattern) {
        var out = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
            }
            out.append(!quoted && (c == 'Y' || c == 'y') ? 'u' : c);
        }
        return out.toString();
    }

    /// Whether events do not matter to it.
    public boolean isPlain() {
        return pieces.stream().allMatch(piece -> piece instanceof Piece.Text);
    }

    @Override
    public String toString() {
        return text;
    }
}
