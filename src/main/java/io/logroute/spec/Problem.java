package io.logroute.spec;

import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Something wrong in what people wrote: where, what, and how to mend it. All three may quote what was written, by
/// whomever, and are shown in terminals and logs: what is no letter to be shown is spelled out, and of what is
/// very long only the beginning and the end are there.
///
/// @param where file, line and path inside the document: `routes.yaml:12: spec.to[0].sink`
/// @param what one sentence part, without a full stop: `"es:9200" has no scheme`
/// @param mend a sentence that says what to do: `Write http://es:9200 or https://es:9200.`
public record Problem(String where, String what, String mend) implements Comparable<Problem> {
    private static final Comparator<Problem> ORDER = Comparator.comparing(Problem::file)
            .thenComparingInt(Problem::line)
            .thenComparing(Problem::where)
            .thenComparing(Problem::what)
            .thenComparing(Problem::mend);
    private static final Pattern PLACE = Pattern.compile("(?s)(.*?):(\\d{1,9})(?:: .*)?");

    private static final int LONGEST = 1500;
    private static final int END = 200;

    public Problem {
        where = shown(where);
        what = shown(what);
        mend = shown(mend);
    }

    private static String shown(String text) {
        var plain = text.length() <= LONGEST
                ? text
                : text.substring(0, LONGEST - END) + " ... " + text.substring(text.length() - END);
        if (plain.codePoints().noneMatch(Problem::isHidden)) {
            return plain;
        }
        // Where a line is shown with a mark below it, it is indented: nobody takes it for a line of the log.
        return Arrays.stream(plain.split("\n(?=    )", -1))
                .map(line -> line.codePoints()
                        .mapToObj(each -> isHidden(each) ? spelled(each) : Character.toString(each))
                        .collect(Collectors.joining()))
                .collect(Collectors.joining("\n"));
    }

    /// Whether a terminal or a log would take it for more than a letter.
    private static boolean isHidden(int letter) {
        if (letter == '\t') {
            return false; // a mark below the line stands behind as many
        }
        return switch (Character.getType(letter)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    private static String spelled(int letter) {
        return switch (letter) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            default -> "\\u%04x".formatted(letter);
        };
    }

    /// The file, or whatever else `where` names first.
    public String file() {
        var place = PLACE.matcher(where);
        return place.matches() ? place.group(1) : where;
    }

    /// The line, from 1; 0 when there is none.
    public int line() {
        var place = PLACE.matcher(where);
        return place.matches() ? Integer.parseInt(place.group(2)) : 0;
    }

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return where + ": " + (mend.isEmpty() ? what : Words.sentence(what) + " " + mend);
    }
}
