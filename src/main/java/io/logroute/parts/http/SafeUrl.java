package io.logroute.parts.http;

import io.logroute.flow.Event;
import io.logroute.parts.text.Template;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldTemplate.Piece;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A URL that each event fills. What an event gives stays within its place: everything but letters,
/// digits, `-`, `_`, `.` and `~` is escaped, and no part of the path becomes `.` or `..`, which would
/// lead elsewhere on the server. Safe for all threads.
public final class SafeUrl {
    private static final int LONGEST_URL = 8_000;

    /// A URL, or why there is none.
    public sealed interface Answer {
        record At(URI url) implements Answer {}

        record Nowhere(String why) implements Answer {}
    }

    private record Place(Template template, String field, boolean fromEvent) {}

    private final List<Place> places;

    public SafeUrl(FieldTemplate template) {
        this.places = template.pieces().stream()
                .map(piece -> new Place(
                        new Template(new FieldTemplate(template.text(), List.of(piece))),
                        piece instanceof Piece.Field(var path) ? path.toString() : "",
                        !(piece instanceof Piece.Text)))
                .toList();
    }

    public Answer of(Event event) {
        var text = new StringBuilder(64);
        for (var place : places) {
            var value = place.template.render(event);
            if (value == null) {
                return new Answer.Nowhere("the event has no field %s, which its url needs".formatted(place.field));
            }
            if (value.isEmpty()) {
                return new Answer.Nowhere("field %s is empty; the event's url needs it".formatted(place.field));
            }
            text.append(place.fromEvent ? escaped(value) : value);
        }
        if (text.length() > LONGEST_URL) {
            return new Answer.Nowhere("the event's url is longer than %d characters".formatted(LONGEST_URL));
        }
        var url = URI.create(text.toString());
        if (leadsElsewhere(url)) {
            return new Answer.Nowhere("the event makes a . or .. of a part of its url's path, which leads elsewhere");
        }
        return new Answer.At(url);
    }

    private static boolean leadsElsewhere(URI url) {
        var path = url.getRawPath() == null ? "" : url.getRawPath();
        for (var part : path.split("/", -1)) {
            if (part.equals(".") || part.equals("..")) {
                return true;
            }
        }
        return false;
    }

    private static String escaped(String value) {
        var out = new StringBuilder(value.length() + 8);
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean isPlain = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '-'
                    || c == '_'
                    || c == '.'
                    || c == '~';
            if (isPlain) {
                out.append(c);
            } else {
                out.append('%').append("%02X".formatted((int) c));
            }
        }
        return out.toString();
    }
}
