package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A form in which a time is written: `iso`, `epoch`, `epochSeconds`, `epochMillis`,
/// `epochMicros`, `epochNanos`, or a pattern of letters as Logstash
/// and `java.time` have them, `dd/MMM/yyyy:HH:mm:ss Z`.
///
/// Years are calendar years, `yyyy` and `YYYY` alike; letters of weeks are refused. Numbers may have fewer
/// digits than letters, unless another number follows at once (`yyyyMMdd`). A blank stands for one or
/// more. Brackets are text, as in Logstash.
public record TimeForm(String text) {
    /// What a form asks of a text.
    public sealed interface Shape {
        /// ISO 8601: `2026-11-22T10:15:30.123Z`, `2026-11-22 10:15:30,5+01:00`, `20261122T101530Z`,
        /// `2026-11-22`.
        record Iso() implements Shape {}

        /// Seconds since 1970, times ten to the power of `scale`; of unknown scale when that is empty.
        record Epoch(Optional<Integer> scale) implements Shape {}

        record Pattern(List<Piece> pieces) implements Shape {
            public Pattern {
                pieces = List.copyOf(pieces);
            }
        }
    }

    /// One piece of a pattern.
    public sealed interface Piece {
        /// Exactly this text; letters in any case.
        record Literal(String text) implements Piece {}

        /// One or more blanks.
        record Blank() implements Piece {}

        /// @param exact whether there are exactly so many digits, else from one on to so many
        record Digits(Unit unit, int most, boolean exact) implements Piece {}

        /// Decimals of a second, as many as there are.
        record Fraction() implements Piece {}

        /// `Nov`, `November`.
        record MonthName() implements Piece {}

        /// `Sun`, `Sunday`: read over.
        record DayName() implements Piece {}

        /// `AM`, `pm`.
        record HalfDay() implements Piece {}

        /// `Z`, `+0100`, `+01:00`, `+01`; or a name, `Europe/Berlin`, `CET`.
        record Zone() implements Piece {}
    }

    /// What a number is.
    public enum Unit {
        YEAR,
        /// Two digits: 2000 to 2099.
        YEAR_OF_CENTURY,
        MONTH,
        DAY,
        DAY_OF_YEAR,
        /// 0 to 23.
        HOUR,
        /// 1 to 24.
        CLOCK_HOUR,
        /// 0 to 11, of the half of the day.
        HALF_HOUR,
        /// 1 to 12, of the half of the day.
        HALF_CLOCK_HOUR,
        MINUTE,
        SECOND
    }

    private static final Map<String, Shape> WORDS = Map.of(
            "iso", new Shape.Iso(),
            "epoch", new Shape.Epoch(Optional.empty()),
            "epochSeconds", new Shape.Epoch(Optional.of(0)),
            "epochMillis", new Shape.Epoch(Optional.of(3)),
            "epochMicros", new Shape.Epoch(Optional.of(6)),
            "epochNanos", new Shape.Epoch(Optional.of(9)));

    /// Logstash's words, and ours.
    private static final Map<String, String> THEIRS =
            Map.of("ISO8601", "iso", "UNIX", "epochSeconds", "UNIX_MS", "epochMillis");

    /// What else it is called, and is a form of.
    private static final Set<String> ISO_NAMES = Set.of("iso", "iso8601", "rfc3339", "rfc3339nano");

    private static final int LONGEST = 200;

    /// @throws IllegalArgumentException when it is no such form, with what is wrong in it
    public TimeForm {
        require(!text.isBlank(), "the form is empty; write for instance iso, or \"dd/MMM/yyyy:HH:mm:ss Z\"");
        require(text.length() <= LONGEST, "the form has %d characters; write at most %d", text.length(), LONGEST);
        shape(text);
    }

    /// What it asks of a text.
    public Shape shape() {
        return shape(text);
    }

    private static Shape shape(String text) {
        var word = WORDS.get(text);
        if (word != null) {
            return word;
        }
        var ours = THEIRS.get(text);
        if (ours != null) {
            throw new IllegalArgumentException("\"" + text + "\" is Logstash's word; write " + ours);
        }
        require(
                !ISO_NAMES.contains(text.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "")),
                "\"%s\" is called iso here; write iso",
                text);
        try {
            return new Shape.Pattern(new Cut(text).pieces());
        } catch (IllegalArgumentException e) {
            var near = Words.nearest(text, WORDS.keySet());
            require(near.isEmpty(), "\"%s\" is no form of a time; did you mean %s?", text, near.orElse(""));
            throw e;
        }
    }

    @Override
    public String toString() {
        return text;
    }

    /// Cuts a pattern into its pieces.
    private static final class Cut {
        private final String text;
        private final List<Piece> pieces = new ArrayList<>();
        private final StringBuilder literal = new StringBuilder();
        /// Letters of each number, in order.
        private final List<Integer> letters = new ArrayList<>();

        private final EnumSet<Unit> units = EnumSet.noneOf(Unit.class);

        Cut(String text) {
            this.text = text;
        }

        List<Piece> pieces() {
            int at = 0;
            while (at < text.length()) {
                char c = text.charAt(at);
                int end = at + 1;
                if (c == '\'') {
                    end = quoted(at);
                } else if (isLetter(c)) {
                    require(
                            at == 0 || text.charAt(at - 1) != '%',
                            "\"%s\" has letters behind %%, as strftime has them; write the letters of Logstash and"
                                    + " java.time, such as \"dd/MM/yyyy:HH:mm:ss Z\"",
                            text);
                    while (end < text.length() && text.charAt(end) == c) {
                        end++;
                    }
                    flush();
                    pieces.add(piece(c, end - at));
                } else if (Character.isWhitespace(c)) {
                    flush();
                    if (pieces.isEmpty() || !(pieces.getLast() instanceof Piece.Blank)) {
                        pieces.add(new Piece.Blank());
                    }
                } else {
                    literal.append(c);
                }
                at = end;
            }
            flush();
            check();
            return withExactNumbers();
        }

        private static boolean isLetter(char c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
        }

        /// Text in quotes stands for itself, two quotes for one.
        private int quoted(int open) {
            if (text.startsWith("''", open)) {
                literal.append('\'');
                return open + 2;
            }
            int at = open + 1;
            while (at < text.length()) {
                if (text.startsWith("''", at)) {
                    literal.append('\'');
                    at += 2;
                } else if (text.charAt(at) == '\'') {
                    return at + 1;
                } else {
                    literal.append(text.charAt(at));
                    at++;
                }
            }
            throw new IllegalArgumentException(
                    "\"%s\" has a quote that is not closed; write it twice where it is meant itself".formatted(text));
        }

        private void flush() {
            if (!literal.isEmpty()) {
                pieces.add(new Piece.Literal(literal.toString()));
                literal.setLength(0);
            }
        }

        private Piece piece(char letter, int count) {
            return switch (letter) {
                case 'y', 'Y', 'u' -> count == 2 ? digits(Unit.YEAR_OF_CENTURY, 2, count) : digits(Unit.YEAR, 4, count);
                case 'M', 'L' -> {
                    if (count < 3) {
                        yield digits(Unit.MONTH, 2, count);
                    }
                    units.add(Unit.MONTH);
                    yield new Piece.MonthName();
                }
                case 'd' -> digits(Unit.DAY, 2, count);
                case 'D' -> digits(Unit.DAY_OF_YEAR, 3, count);
                case 'H' -> digits(Unit.HOUR, 2, count);
                case 'k' -> digits(Unit.CLOCK_HOUR, 2, count);
                case 'K' -> digits(Unit.HALF_HOUR, 2, count);
                case 'h' -> digits(Unit.HALF_CLOCK_HOUR, 2, count);
                case 'm' -> digits(Unit.MINUTE, 2, count);
                case 's' -> digits(Unit.SECOND, 2, count);
                case 'S' -> new Piece.Fraction();
                case 'E' -> new Piece.DayName();
                case 'a' -> new Piece.HalfDay();
                case 'Z', 'z', 'X', 'x', 'V', 'O' -> new Piece.Zone();
                case 'w', 'W', 'e', 'c' ->
                    throw new IllegalArgumentException(
                            "\"%s\" has the letter %s, of weeks, and weeks have years of their own; write days and months"
                                    .formatted(text, letter));
                default ->
                    throw new IllegalArgumentException(
                            "\"%s\" has the letter %s, which stands for nothing; put text in quotes, 'at', and write times with y M d D E a H h K k m s S Z z"
                                    .formatted(text, letter));
            };
        }

        private Piece digits(Unit unit, int most, int count) {
            require(
                    count <= most,
                    "\"%s\" has %d letters where there are at most %d digits; write fewer",
                    text,
                    count,
                    most);
            units.add(unit);
            letters.add(count);
            return new Piece.Digits(unit, most, false);
        }

        private void check() {
            require(!units.isEmpty(), "\"%s\" has no part of a time; write for instance \"yyyy-MM-dd HH:mm:ss\"", text);
            boolean hasHalf = pieces.stream().anyMatch(each -> each instanceof Piece.HalfDay);
            require(
                    hasHalf || !units.contains(Unit.HALF_HOUR) && !units.contains(Unit.HALF_CLOCK_HOUR),
                    "\"%s\" has hours up to 12 and no AM or PM; write HH for the hours of a day, or add a",
                    text);
            require(
                    !units.contains(Unit.DAY) || units.contains(Unit.MONTH),
                    "\"%s\" has a day and no month; add MM or MMM",
                    text);
        }

        /// A number that another one follows at once has as many digits as letters.
        private List<Piece> withExactNumbers() {
            var out = new ArrayList<Piece>();
            var counts = letters.iterator();
            for (int i = 0; i < pieces.size(); i++) {
                boolean isFollowed = i + 1 < pieces.size()
                        && (pieces.get(i + 1) instanceof Piece.Digits || pieces.get(i + 1) instanceof Piece.Fraction);
                if (pieces.get(i) instanceof Piece.Digits number) {
                    int count = counts.next();
                    out.add(isFollowed ? new Piece.Digits(number.unit(), count, true) : number);
                } else {
                    out.add(pieces.get(i));
                }
            }
            return out;
        }
    }
}
