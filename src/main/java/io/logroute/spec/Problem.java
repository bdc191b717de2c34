package io.logroute.spec;

import java.util.Comparator;
import java.util.regex.Pattern;

/// Something wrong in what people wrote: where, what, and how to mend it.
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
        return where + ": " + what + (mend.isEmpty() ? "" : ". " + mend);
    }
}
