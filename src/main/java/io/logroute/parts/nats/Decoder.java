package io.logroute.parts.nats;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Shape;
import io.logroute.flow.Timestamps;
import io.logroute.spec.SourceSpec.NatsCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes events of messages. A message that is not what the codec says is an event all the same,
/// tagged, with its bytes in it: so it is neither lost nor delivered again for ever. Used by one
/// thread.
final class Decoder {
    private static final byte[] TEXT_HEAD = "{\"@timestamp\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TEXT_MESSAGE = "\",\"message\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final String FAILED = "_natsdecodefailure";
    private static final String NO_BATCH = "_ampparsefailure";
    private static final String NO_ENVELOPE = "_stanparsefailure";

    /// What has more objects than this stays one event: in memory an object takes many times its bytes.
    private static final int MOST_OBJECTS = 200_000;

    private final NatsCodec codec;
    private final Optional<String> subjectField;
    private final Shape shape = new Shape();
    private final Bytes out = new Bytes(512);
    private String lastSubject = "";
    private byte[] lastPrefix = new byte[0];
    private long unreadable;

    /// @param subjectField where the subject is put
    Decoder(NatsCodec codec, Optional<String> subjectField) {
        this.codec = codec;
        this.subjectField = subjectField;
    }

    /// Events so far that are messages, or parts of one, that could not be read.
    long unreadable() {
        return unreadable;
    }

    /// Adds the events of a message to the list; a batch of AMP without entries has none.
    ///
    /// @param sent when it was sent, or received where nobody knows
    void decode(byte[] message, String subject, Instant sent, Instant received, List<Event> into) {
        byte[] payload = message;
        if (StanMessage.isOne(subject)) {
            try {
                payload = StanMessage.payload(message);
            } catch (IOException e) {
                into.add(opaque(message, subject, NO_ENVELOPE, sent, received));
                return;
            }
        }
        int first = into.size();
        try {
            switch (codec) {
                case JSON -> json(payload, received, into);
                case TEXT -> into.add(text(payload, sent, received));
                case AMP -> amp(payload, subject, sent, received, into);
            }
        } catch (RuntimeException e) { // whatever a message does to us, it must not come again for ever
            into.subList(first, into.size()).clear();
            into.add(opaque(payload, subject, FAILED, sent, received));
        }
        if (subjectField.isPresent()) {
            for (int i = first; i < into.size(); i++) {
                into.set(i, named(into.get(i), subject, subjectField.get(), received));
            }
        }
    }

    // ---- json

    private void json(byte[] bytes, Instant received, List<Event> into) {
        var event = Event.checked(bytes, 0, bytes.length, received, shape);
        if (event != null) {
            into.add(event);
            return;
        }
        int at = blank(bytes, 0, bytes.length);
        if (at < bytes.length && bytes[at] == '[') {
            var items = items(bytes, received);
            if (items != null) {
                into.addAll(items);
                return;
            }
        }
        if (at < bytes.length && bytes[at] == '{' && lines(bytes, received, into)) {
            return;
        }
        into.add(lenient(bytes, 0, bytes.length, received));
    }

    private static int blank(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
        return at;
    }

    /// Objects of an array; `null` when it is none, or has something else in it, or too many.
    private static @Nullable List<Event> items(byte[] bytes, Instant received) {
        int objects = 0;
        for (byte b : bytes) {
            objects += b == '{' ? 1 : 0;
        }
        if (objects > MOST_OBJECTS) {
            return null;
        }
        Object value;
        try {
            value = Json.value(bytes, 0, bytes.length);
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (!(value instanceof List<?> list)) {
            return null;
        }
        var events = new ArrayList<Event>(list.size());
        for (var item : list) {
            if (!(item instanceof Map<?, ?>)) {
                return null;
            }
            events.add(Event.of(Json.write(item), received));
        }
        return events;
    }

    /// Whether the first line is an object; then each line is an event, readable or not.
    private boolean lines(byte[] bytes, Instant received, List<Event> into) {
        int from = 0;
        int mark = into.size();
        boolean any = false;
        while (from < bytes.length) {
            int end = from;
            boolean isRest = into.size() - mark == MOST_OBJECTS;
            while (end < bytes.length && (isRest || bytes[end] != '\n')) {
                end++;
            }
            if (blank(bytes, from, end) < end) {
                var event = Event.checked(bytes, from, end, received, shape);
                if (event == null && !any) {
                    return false;
                }
                any = true;
                into.add(event == null ? lenient(bytes, from, end, received) : event);
            }
            from = end + 1;
        }
        return any;
    }

    private Event lenient(byte[] bytes, int from, int to, Instant received) {
        var event = Event.lenient(bytes, from, to, received);
        if (event.get("tags") instanceof List<?> tags && tags.contains(Event.UNREADABLE)) {
            unreadable++;
        }
        return event;
    }

    // ---- text

    private Event text(byte[] bytes, Instant sent, Instant received) {
        out.reset();
        out.writeBytes(TEXT_HEAD);
        out.writeBytes(Timestamps.format(sent).getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(TEXT_MESSAGE);
        out.writeBytes(quoted(new String(bytes, StandardCharsets.UTF_8)));
        out.write('"');
        out.write('}');
        return event(out.toByteArray(), received);
    }

    private static byte[] quoted(String text) {
        return JsonStringEncoder.getInstance().quoteAsUTF8(text);
    }

    // ---- amp

    private void amp(byte[] bytes, String subject, Instant sent, Instant received, List<Event> into) {
        try {
            for (var event : AmpBatch.read(bytes, sent)) {
                into.add(event(event, received));
            }
        } catch (IOException e) {
            into.add(opaque(bytes, subject, NO_BATCH, sent, received));
        }
    }

    /// The bytes, whatever they are.
    private Event opaque(byte[] bytes, String subject, String tag, Instant sent, Instant received) {
        unreadable++;
        var kept = new LinkedHashMap<String, @Nullable Object>();
        kept.put("@timestamp", Timestamps.format(sent));
        kept.put("message", Base64.getEncoder().encodeToString(bytes));
        kept.put("tags", List.of(tag));
        subjectField.ifPresent(field -> kept.put(field, shown(subject)));
        return Event.of(Json.write(kept), received);
    }

    private static Event event(byte[] json, Instant received) {
        return Event.of(json, 0, json.length, -1, received);
    }

    // ---- the subject

    private static String shown(String subject) {
        return StanMessage.isOne(subject) ? StanMessage.subject(subject) : subject;
    }

    /// With the subject as its first field, unless it has such a field.
    private Event named(Event event, String subject, String field, Instant received) {
        if (event.has(field)) {
            return event;
        }
        if (!subject.equals(lastSubject)) {
            lastPrefix = ("{\"" + new String(quoted(field), StandardCharsets.UTF_8) + "\":\""
                            + new String(quoted(shown(subject)), StandardCharsets.UTF_8) + "\"")
                    .getBytes(StandardCharsets.UTF_8);
            lastSubject = subject;
        }
        out.reset();
        event.rawTo(out);
        int rest = blank(out.array(), 1, out.size());
        boolean isEmpty = out.array()[rest] == '}';
        var json = new byte[lastPrefix.length + (isEmpty ? 0 : 1) + out.size() - rest];
        System.arraycopy(lastPrefix, 0, json, 0, lastPrefix.length);
        int at = lastPrefix.length;
        if (!isEmpty) {
            json[at++] = ',';
        }
        System.arraycopy(out.array(), rest, json, at, out.size() - rest);
        return event(json, received);
    }
}
