package io.logroute.parts.nats;

import io.logroute.flow.Event;
import io.logroute.parts.text.Template;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldTemplate.Piece;
import java.util.List;

/// The subject that an event is sent to. Fields are strangers' text: each fills part of one token and
/// nothing more.
///
/// In a field's value, and in a time, dots, blanks, control characters, `*`, `>`, `$` and what is not
/// ASCII become `_`. So no event adds tokens, names several subjects, or reaches the servers' own
/// (`$SYS`, `$JS`). A missing or empty value, and a subject longer than 1,000 characters, are refused.
public final class SafeSubject {
    private static final int LONGEST = 1_000;

    /// A subject, or why there is none.
    public sealed interface Answer {
        record To(String subject) implements Answer {}

        record Nowhere(String why) implements Answer {}
    }

    private record Place(Template template, String field, boolean isText) {}

    private final List<Place> places;

    public SafeSubject(FieldTemplate template) {
        this.places = template.pieces().stream()
                .map(piece -> new Place(
                        new Template(new FieldTemplate(template.text(), List.of(piece))),
                        piece instanceof Piece.Field(var path) ? path.toString() : "its time",
                        piece instanceof Piece.Text))
                .toList();
    }

    /// Safe for all threads.
    public Answer of(Event event) {
        if (places.size() == 1 && places.getFirst().isText) {
            return new Answer.To(String.valueOf(places.getFirst().template.render(event)));
        }
        var subject = new StringBuilder(64);
        for (var place : places) {
            var value = place.template.render(event);
            if (value == null) {
                return new Answer.Nowhere("the event has no field %s, which its subject needs".formatted(place.field));
            }
            if (value.isEmpty()) {
                return new Answer.Nowhere("field %s is empty; the subject needs it".formatted(place.field));
            }
            subject.append(place.isText ? value : tame(value));
        }
        return subject.length() > LONGEST
                ? new Answer.Nowhere("its subject would be longer than %,d characters".formatted(LONGEST))
                : new Answer.To(subject.toString());
    }

    private static String tame(String value) {
        int at = 0;
        while (at < value.length() && isTame(value.charAt(at))) {
            at++;
        }
        if (at == value.length()) {
            return value;
        }
        var tamed = new StringBuilder(value);
        for (; at < tamed.length(); at++) {
            if (!isTame(tamed.charAt(at))) {
                tamed.setCharAt(at, '_');
            }
        }
        return tamed.toString();
    }

    private static boolean isTame(char c) {
        return c > ' ' && c < 0x7f && c != '.' && c != '*' && c != '>' && c != '$';
    }
}
