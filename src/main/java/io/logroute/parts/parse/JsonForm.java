package io.logroute.parts.parse;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON object. It is read from the event's own bytes, and values that go to the top stay slices of
/// them.
final class JsonForm implements Form {
    private final boolean whole;

    /// @param whole whether the object stays one, in place of its fields
    JsonForm(boolean whole) {
        this.whole = whole;
    }

    @Override
    public String name() {
        return "json";
    }

    @Override
    public String tag() {
        return Event.UNREADABLE;
    }

    @Override
    public boolean read(Event event, String[] field, Found found) {
        var text = event.utf8(field);
        if (text != null) {
            read(text, found);
            return true;
        }
        if (event.get(field) == null) {
            return false;
        }
        found.misfit("it is no text");
        return true;
    }

    @Override
    public void read(String text, Found found) {
        read(text.getBytes(StandardCharsets.UTF_8), found);
    }

    private void read(byte[] text, Found found) {
        int at = 0;
        while (at < text.length && text[at] <= ' ' && text[at] >= 0) {
            at++;
        }
        if (at == text.length || text[at] != '{') {
            found.misfit(at == text.length ? "it is empty" : "it does not begin with {");
            return;
        }
        Map<String, @Nullable Object> fields;
        try {
            fields = whole ? Json.parse(text, 0, text.length) : Json.fields(text);
        } catch (IllegalArgumentException e) {
            found.misfit("it is no JSON object (" + e.getMessage() + ")");
            return;
        }
        fields.forEach(found::put);
    }
}
