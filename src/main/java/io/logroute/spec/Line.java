package io.logroute.spec;

import java.util.List;
import java.util.Optional;

/// The text of an event: what the program wrote.
public final class Line {
    /// What `field` is, wherever it is the line that is meant.
    static final String WORDS =
            "The field that holds the text. Without it `msg`, or `message` where there is no `msg`.";

    private Line() {}

    /// The fields to look at in turn; the first that an event has is meant.
    public static List<FieldPath> fields(Optional<FieldPath> named) {
        return named.map(List::of)
                .orElseGet(() -> List.of(new FieldPath(List.of("msg")), new FieldPath(List.of("message"))));
    }
}
