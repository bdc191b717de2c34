package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes an event of each item of a list, or of each part of a text that is not empty. All have the other
/// fields of the event; the list itself goes where the item is put elsewhere. Each is a
/// [piece][Event#piece] of the event with a number, so that generated document ids stay apart and the
/// same.
///
/// - An event without the field, or with an empty one, passes as it is.
/// - One with neither a list nor a text there passes with the tag [#FAILED].
/// - One that would become more than [#MOST] events, or more than [#MOST_TEXT], is refused: it goes to the
///   dead letters.
public final class SplitEvent implements Filter {
    /// As Logstash has it.
    static final String FAILED = "_split_type_failure";

    static final int MOST = 10_000;

    /// Characters of all pieces together.
    static final long MOST_TEXT = 64L << 20;

    private final String[] field;
    private final String separator;
    private final String[] into;

    public SplitEvent(FilterSpec.Split spec) {
        field = spec.field().toArray();
        separator = spec.separator();
        into = spec.into().map(FieldPath::toArray).orElse(field);
    }

    @Override
    public void apply(Event event, Way way) {
        var value = event.get(field);
        if (value == null) {
            way.pass(event);
            return;
        }
        List<? extends @Nullable Object> items;
        switch (value) {
            case List<?> list -> items = list;
            case String text -> items = parts(text);
            default -> {
                event.tag(FAILED);
                way.pass(event);
                return;
            }
        }
        if (items.isEmpty()) {
            way.pass(event);
            return;
        }
        var rest = event.copy();
        rest.remove(field);
        if (items.size() > MOST || text(event, rest, items.size()) > MOST_TEXT) {
            way.refuse(
                    event,
                    "split of %s would make %d events; at most %d are made of one, with %d characters together"
                            .formatted(new FieldPath(List.of(field)), items.size(), MOST, MOST_TEXT));
            return;
        }
        if (items.stream().anyMatch(item -> !Depth.fits(item, into))) {
            event.tag(FAILED);
            way.pass(event);
            return;
        }
        int number = 0;
        for (var item : items) {
            var piece = rest.piece(++number);
            piece.set(item, into);
            way.pass(piece);
        }
    }

    /// About what the pieces take, all together.
    private static long text(Event event, Event rest, int pieces) {
        return event.json().length() + (long) rest.json().length() * pieces;
    }

    private List<String> parts(String text) {
        var parts = new ArrayList<String>();
        int at = 0;
        while (at <= text.length()) {
            int end = text.indexOf(separator, at);
            int stop = end < 0 ? text.length() : end;
            add(parts, text.substring(at, stop));
            at = stop + separator.length();
        }
        return parts;
    }

    /// A carriage return before a line end belongs to the line end.
    private void add(List<String> parts, String part) {
        boolean isLine = separator.equals("\n") && part.endsWith("\r");
        var whole = isLine ? part.substring(0, part.length() - 1) : part;
        if (!whole.isEmpty()) {
            parts.add(whole);
        }
    }
}
