package io.logroute.parts.parse;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.text.Depth;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON object. It is read from the event's own bytes, and values that go to the top stay slices of
/// them.
final class JsonForm implements Form {
    /// A mark of the order of bytes, which editors of Windows put before a text.
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final String @Nullable [] into;

    /// @param into the field that gets the object; `null` when its fields go to the top
    JsonForm(String @Nullable [] into) {
        this.into = into;
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
        int from = hasMark(text) ? MARK.length : 0;
        int at = from;
        while (at < text.length && text[at] <= ' ' && text[at] >= 0) {
            at++;
        }
        if (at == text.length || text[at] != '{') {
            found.misfit(at == text.length ? "it is empty" : "it does not begin with {");
            return;
        }
        Map<String, @Nullable Object> fields;
        try {
            fields = into != null
                    ? Json.parse(text, from, text.length)
                    : Json.fields(from == 0 ? text : Arrays.copyOfRange(text, from, text.length));
        } catch (IllegalArgumentException e) {
            found.misfit("it is no JSON object (" + e.getMessage() + ")");
            return;
        }
        if (into != null && !Depth.fits(fields, into)) {
            found.misfit("its objects and lists would be nested deeper than %d".formatted(Json.MAX_DEPTH));
            return;
        }
        fields.forEach(found::put);
    }

    private static boolean hasMark(byte[] text) {
        return text.length >= MARK.length && Arrays.equals(text, 0, MARK.length, MARK, 0, MARK.length);
    }
}
