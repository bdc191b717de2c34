package io.logroute.parts.redis;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Shape;
import io.logroute.spec.SourceSpec.RedisCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes events of entries and elements. Nothing is turned away: what is no JSON where JSON was due becomes text
/// under `message`, so that no entry can stand in the way of others for ever. Bytes that are JSON objects go on as
/// they came. Used by one thread at a time.
final class Payload {
    /// The field of an entry that holds many events, one a line.
    static final String EVENTS = "events";

    /// The field of an entry that holds one event.
    static final String EVENT = "event";

    private static final String MESSAGE = "message";
    /// Of one entry or element; what has more stays text: in memory an event takes many times its bytes.
    private static final int MOST_EVENTS = 200_000;

    private final RedisCodec codec;
    private final Shape shape = new Shape();
    private long unreadable;

    Payload(RedisCodec codec) {
        this.codec = codec;
    }

    /// How many were no JSON where JSON was due, since this was last asked.
    long unreadable() {
        long now = unreadable;
        unreadable = 0;
        return now;
    }

    /// The events of an element of a list.
    void element(byte[] bytes, Instant received, List<Event> out) {
        switch (codec) {
            case JSON -> json(bytes, received, out);
            case TEXT -> out.add(field(MESSAGE, bytes, received));
        }
    }

    /// The events of an entry of a stream.
    ///
    /// @param fields names and values, in turn
    void entry(List<?> fields, Instant received, List<Event> out) {
        if (fields.size() != 2) {
            out.add(whole(fields, received));
            return;
        }
        var name = text(fields.get(0));
        var value = bytes(fields.get(1));
        byte first = first(value, 0);
        if (codec == RedisCodec.TEXT) {
            out.add(field(MESSAGE, value, received));
        } else if (name.equals(EVENTS) && first == '{') {
            lines(value, received, out);
        } else if (first == '{' || first == '[' || name.equals(EVENT) || name.equals(EVENTS)) {
            json(value, received, out);
        } else {
            out.add(field(name, value, received));
        }
    }

    private void json(byte[] bytes, Instant received, List<Event> out) {
        if (first(bytes, 0) != '[' || !array(bytes, received, out)) {
            out.add(one(bytes, 0, bytes.length, received));
        }
    }

    private void lines(byte[] bytes, Instant received, List<Event> out) {
        int from = 0;
        int mark = out.size();
        while (from < bytes.length) {
            int end = from;
            boolean isRest = out.size() - mark == MOST_EVENTS;
            while (end < bytes.length && (isRest || bytes[end] != '\n')) {
                end++;
            }
            if (first(bytes, from, end) != 0) {
                out.add(one(bytes, from, end, received));
            }
            from = end + 1;
        }
    }

    /// The elements of an array, each where it lies; false, and nothing in `out`, when it is none, or has too many.
    private boolean array(byte[] bytes, Instant received, List<Event> out) {
        int mark = out.size();
        int begin = 0;
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (quoted) {
                if (b == '\\') {
                    i++;
                } else if (b == '"') {
                    quoted = false;
                }
                continue;
            }
            switch (b) {
                case '"' -> quoted = true;
                case '{', '[' -> {
                    depth++;
                    begin = depth == 1 ? i + 1 : begin;
                }
                case '}', ']' -> depth--;
                default -> {}
            }
            if (depth == 1 && b == ',' || depth == 0 && b == ']') {
                if (out.size() - mark == MOST_EVENTS) {
                    break;
                }
                if (first(bytes, begin, i) != 0) {
                    out.add(one(bytes, begin, i, received));
                } else if (b == ',' || out.size() > mark) {
                    break; // Nothing where an element was due.
                }
                begin = i + 1;
                if (depth == 0) {
                    if (first(bytes, i + 1) == 0) {
                        return true;
                    }
                    break;
                }
            }
        }
        out.subList(mark, out.size()).clear();
        return false;
    }

    private Event one(byte[] bytes, int from, int to, Instant received) {
        var good = Event.checked(bytes, from, to, received, shape);
        if (good != null) {
            return good;
        }
        var kept = Event.lenient(bytes, from, to, received);
        if (kept.get("tags") instanceof List<?> tags && tags.equals(List.of(Event.UNREADABLE))) {
            unreadable++;
        }
        return kept;
    }

    private static Event field(String name, byte[] value, Instant received) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put(name, text(value));
        return Event.of(Json.write(fields), received);
    }

    /// The fields of an entry as those of an event. Of two with the same name both are kept, in a list.
    private static Event whole(List<?> entry, Instant received) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i + 1 < entry.size(); i += 2) {
            var value = text(entry.get(i + 1));
            var before = fields.putIfAbsent(text(entry.get(i)), value);
            if (before instanceof Several several) {
                several.add(value);
            } else if (before != null) {
                fields.put(text(entry.get(i)), new Several(List.of(before, value)));
            }
        }
        return Event.of(Json.write(fields), received);
    }

    /// Values of one name.
    private static final class Several extends ArrayList<@Nullable Object> {
        Several(List<?> values) {
            super(values);
        }
    }

    /// The first byte that is no blank, or 0.
    private static byte first(byte[] bytes, int from) {
        return first(bytes, from, bytes.length);
    }

    private static byte first(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b;
            }
        }
        return 0;
    }

    private static byte[] bytes(@Nullable Object told) {
        return told instanceof byte[] bytes ? bytes : String.valueOf(told).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(@Nullable Object told) {
        return told instanceof byte[] bytes ? text(bytes) : String.valueOf(told);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
