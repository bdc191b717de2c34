package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Json;
import io.logroute.flow.Timestamps;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Line;
import io.logroute.spec.ParseSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Parses the JSON object that a field holds as text, and puts it under another field or its
/// fields at the top.
///
/// - An event without the field, or with null there, passes as it is.
/// - A field that holds no JSON object stays, and the event gets the tag `_jsonparsefailure`.
/// - At the top, parsed fields replace those of the same name; `@timestamp` only when it is an
///   instant, so that a stranger's text never costs an event its time; `@metadata` never, for it
///   tells how the event travels and is not the log line's to say.
/// - The field itself stays, unless the object has one of its name.
public final class ParseJson implements Filter {
    private final String[] field;
    private final String @Nullable [] into;

    public ParseJson(ParseSpec.Json spec) {
        field = Line.fields(spec.field()).getFirst().toArray();
        into = spec.into().map(FieldPath::toArray).orElse(null);
    }

    @Override
    public void apply(Event event, Way way) {
        var text = event.utf8(field);
        if (text != null || event.get(field) != null) {
            take(event, text == null ? null : parse(text));
        }
        way.pass(event);
    }

    private void take(Event event, @Nullable Map<String, @Nullable Object> parsed) {
        if (parsed == null) {
            event.tag(Event.UNREADABLE);
            return;
        }
        if (into != null) {
            event.set(parsed, into);
            return;
        }
        parsed.forEach((name, each) -> {
            if (mayStandAtTop(name, each)) {
                event.set(each, name);
            }
        });
    }

    private static boolean mayStandAtTop(String name, @Nullable Object value) {
        return switch (name) {
            case "@metadata" -> false;
            case "@timestamp" -> Json.read(value) instanceof String text && Timestamps.parse(text) != null;
            default -> true;
        };
    }

    /// `null` when the text is no JSON object.
    private @Nullable Map<String, @Nullable Object> parse(byte[] text) {
        int at = 0;
        while (at < text.length && text[at] <= ' ' && text[at] >= 0) {
            at++;
        }
        if (at == text.length || text[at] != '{') {
            return null;
        }
        try {
            return into == null ? Json.fields(text) : Json.parse(text, 0, text.length);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
