package io.logroute.spec;

import java.util.Comparator;

/// Something wrong in what people wrote: where, what, and how to mend it.
///
/// @param where file, line and path inside the document: `routes.yaml:12: spec.to[0].sink`
/// @param what one sentence part, without a full stop: `"es:9200" has no scheme`
/// @param mend a sentence that says what to do: `Write http://es:9200 or https://es:9200.`
public record Problem(String where, String what, String mend) implements Comparable<Problem> {
    private static final Comparator<Problem> ORDER =
            Comparator.comparing(Problem::where).thenComparing(Problem::what).thenComparing(Problem::mend);

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return where + ": " + what + (mend.isEmpty() ? "" : ". " + mend);
    }
}
