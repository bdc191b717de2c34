package io.logroute.flow;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One log record: a JSON object with `@timestamp` and fields.
///
/// It keeps the bytes that came in, a slice of an array that others share and nobody changes. The
/// first question for a field looks over the top level once and remembers where each value lies;
/// changes to top-level fields are kept beside the bytes ([Edits]); only a change to what lies
/// deeper, or a question for that after any change, makes a tree of it. Values are `String`, `Long`,
/// `Double`, `Boolean`, `null`, `Map<String, Object>`, `List<Object>`, and `java.math.BigInteger` for
/// whole numbers beyond 64 bits.
///
/// A field is named by its keys from the outermost inward. When the event has no field under
/// nested keys but one whose single name is the keys joined by dots (`"service.name": …`, as ECS
/// loggers write), that one is meant.
///
/// Used by one thread at a time; [#copy] gives an independent event that shares the bytes.
public final class Event {
    /// The tag of an event that came in as something that is no JSON object.
    public static final String UNREADABLE = "_jsonparsefailure";

    private static final byte[] TIMESTAMP_KEY = "\"@timestamp\":\"".getBytes(StandardCharsets.US_ASCII);

    /// The bytes that came in, where they are not what it holds now.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Raw(byte[] bytes, int from, int to, long facts) {}

    private final @Nullable Raw raw;
    private final byte[] bytes;
    private final int from;
    private final int to;
    private final long seq;
    private final Instant received;
    private final @Nullable Address address;
    private final String piece;
    /// What is known of the bytes, whatever was changed since.
    private final long facts;

    private @Nullable Fields fields;
    private @Nullable Edits edits;
    private @Nullable Map<String, @Nullable Object> tree;
    private boolean changed;

    /// @param bytes what it holds now, but for changes in the tree
    private Event(
            @Nullable Raw raw,
            byte[] bytes,
            int from,
            int to,
            long seq,
            Instant received,
            @Nullable Address address,
            String piece,
            @Nullable Fields fields,
            long facts) {
        this.raw = raw;
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.seq = seq;
        this.received = received;
        this.address = address;
        this.piece = piece;
        this.fields = fields;
        this.facts = facts;
    }

    /// An event over a slice of bytes that are known to be a valid JSON object ([Json#check]) and
    /// are never changed again. Blanks around the object are left away.
    ///
    /// @param seq its number in the buffer, or -1 before it has one
    /// @param received when it came in: its time when it carries no `@timestamp`
    public static Event of(byte[] bytes, int from, int to, long seq, Instant received) {
        while (from < to && bytes[from] != '{') {
            from++;
        }
        while (to > from && bytes[to - 1] != '}') {
            to--;
        }
        return new Event(null, bytes, from, to, seq, received, null, "", null, Facts.UNKNOWN);
    }

    /// The same for bytes that were looked at before, with what was seen then ([Frames]).
    static Event stored(byte[] bytes, int from, int to, long seq, Instant received, long facts) {
        return new Event(null, bytes, from, to, seq, received, null, "", null, facts);
    }

    /// An event over bytes that nobody checked yet and that are never changed again; `null` when
    /// they are no JSON object.
    public static @Nullable Event checked(byte[] bytes, int from, int to, Instant received) {
        return checked(bytes, from, to, received, null);
    }

    /// The same for one of many events of one sender.
    ///
    /// @param shape what those before had in common; learns from this one
    public static @Nullable Event checked(byte[] bytes, int from, int to, Instant received, @Nullable Shape shape) {
        var check = new JsonCheck(bytes, from, to, shape);
        if (check.object() != null) {
            return null;
        }
        return new Event(null, bytes, check.start(), check.end(), -1, received, null, "", null, check.facts());
    }

    /// An event just received, from JSON text.
    public static Event of(String json, Instant received) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return of(bytes, 0, bytes.length, -1, received);
    }

    /// An event from bytes nobody checked, from a client that must not be turned away for one bad
    /// event. Bare `NaN` becomes `null`; what is no JSON object at all is kept as text under
    /// `message` with the tag `_jsonparsefailure`, as Logstash does.
    public static Event lenient(byte[] bytes, int from, int to, Instant received) {
        var good = checked(bytes, from, to, received);
        if (good != null) {
            return good;
        }
        var out = new ByteArrayOutputStream(to - from + 64);
        try {
            Json.write(Json.parse(bytes, from, to), out);
        } catch (IllegalArgumentException e) {
            out.reset();
            var kept = new LinkedHashMap<String, @Nullable Object>();
            kept.put("message", new String(bytes, from, to - from, StandardCharsets.UTF_8));
            kept.put("tags", List.of(UNREADABLE));
            Json.write(kept, out);
        }
        var mended = out.toByteArray();
        return of(mended, 0, mended.length, -1, received);
    }

    /// An independent event with the same content.
    public Event copy() {
        return copy(piece);
    }

    /// One of several events that this one comes apart into, for now with the same content.
    ///
    /// @param number 1 for the first
    public Event piece(int number) {
        return copy(piece.isEmpty() ? Integer.toString(number) : piece + "." + number);
    }

    /// Which piece it is of the event that came in: part of generated document ids, so that pieces do not
    /// replace each other. Empty when that event is whole; `3.1` for the first piece of the third one.
    public String piece() {
        return piece;
    }

    private Event copy(String piece) {
        var other = new Event(raw, bytes, from, to, seq, received, address, piece, fields, facts);
        if (changed) {
            other.changed = true;
            other.edits = edits == null ? null : edits.copy();
            other.tree = tree == null ? null : Json.copy(tree);
        }
        return other;
    }

    /// The same, with bytes of its own in place of slices of a larger array.
    public Event alone() {
        if (changed) {
            return written(address).alone();
        }
        var own = raw == null ? null : new Raw(raw(), 0, rawSize(), raw.facts());
        var copied = java.util.Arrays.copyOfRange(bytes, from, to);
        return new Event(own, copied, 0, copied.length, seq, received, address, piece, null, facts);
    }

    /// The same content, on its way to a sink, and no larger than it has to be: what was changed is
    /// written, and what the changes were kept in, many times the size of the bytes, is let go. This
    /// event is not changed any more.
    public Event addressed(Address to) {
        if (!changed) {
            return new Event(raw, bytes, from, this.to, seq, received, to, piece, small(fields), facts);
        }
        return written(to);
    }

    private Event written(@Nullable Address to) {
        var out = new Bytes(size() + 256);
        long known = Facts.UNKNOWN;
        if (edits == null) {
            Json.write(tree(), out);
        } else {
            known = edits.write(out);
        }
        var cameIn = raw == null ? new Raw(bytes, from, this.to, facts) : raw;
        boolean isTight = out.capacity() - out.size() <= out.size() / 8;
        var own = isTight ? out.array() : out.toByteArray();
        return new Event(cameIn, own, 0, out.size(), seq, received, to, piece, null, known);
    }

    private static @Nullable Fields small(@Nullable Fields fields) {
        return fields == null || fields.count() > 200 ? null : fields;
    }

    /// Why it comes to the sink that has it.
    ///
    /// @throws IllegalStateException when it is not on its way to a sink
    public Address address() {
        if (address == null) {
            throw new IllegalStateException("this event has no address yet");
        }
        return address;
    }

    /// Its number in the buffer of the router, or -1 before it has one.
    public long seq() {
        return seq;
    }

    public Instant received() {
        return received;
    }

    /// Bytes of JSON: as it came in, or as it was written on its way to a sink.
    public int size() {
        return to - from;
    }

    /// Writes the bytes that came in, whatever was changed since.
    public void rawTo(ByteArrayOutputStream out) {
        if (raw == null) {
            out.write(bytes, from, to - from);
        } else {
            out.write(raw.bytes(), raw.from(), raw.to() - raw.from());
        }
    }

    /// Writes the bytes that came in, whatever was changed since.
    public void rawTo(ByteBuffer out) {
        if (raw == null) {
            out.put(bytes, from, to - from);
        } else {
            out.put(raw.bytes(), raw.from(), raw.to() - raw.from());
        }
    }

    /// The bytes that came in, as a copy.
    public byte[] raw() {
        return raw == null
                ? java.util.Arrays.copyOfRange(bytes, from, to)
                : java.util.Arrays.copyOfRange(raw.bytes(), raw.from(), raw.to());
    }

    /// Bytes of JSON as it came in.
    int rawSize() {
        return raw == null ? to - from : raw.to() - raw.from();
    }

    /// What is known of the bytes that came in.
    long rawFacts() {
        return raw == null ? facts : raw.facts();
    }

    byte[] array() {
        return bytes;
    }

    /// Where the text under this key begins in [#array], its quote included; -1 when there is no such
    /// field at the top, it is no text, or the event was changed.
    int textFrom(String key) {
        if (changed) {
            return -1;
        }
        var name = Facts.Name.of(key);
        int known = name == null ? -1 : Facts.place(facts, name);
        int at = known > 0 ? from + known : known < 0 ? found(key) : -1;
        return at >= 0 && bytes[at] == '"' ? at : -1;
    }

    private int found(String key) {
        int field = fields().find(key);
        return field < 0 ? -1 : fields().slice(field).from();
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /// Writes the bytes that it holds now: as it came in, or as it was written on its way to a sink.
    ///
    /// @throws IllegalStateException when it was changed and not written since
    public void contentTo(ByteArrayOutputStream out) {
        if (changed) {
            throw new IllegalStateException("this event was changed and is not addressed yet");
        }
        out.write(bytes, from, to - from);
    }

    /// The same content as if it had come in so: dead letters keep it, and ids of content are made of
    /// it.
    public Event asCameIn() {
        var now = changed ? written(address) : this;
        return new Event(null, now.bytes, now.from, now.to, seq, received, address, piece, null, now.facts);
    }

    /// Whether it holds other bytes now than came in.
    public boolean isOtherThanCameIn() {
        return raw != null;
    }

    /// An event that was on its way to a sink once, and is again.
    ///
    /// @param content what it held then, a valid JSON object
    /// @param cameIn what had come in
    /// @param piece which [#piece] it was
    public static Event again(byte[] content, byte[] cameIn, long seq, Instant received, String piece) {
        var was = new Raw(cameIn, 0, cameIn.length, Facts.UNKNOWN);
        return new Event(was, content, 0, content.length, seq, received, null, piece, null, Facts.UNKNOWN);
    }

    /// What [#find] gives where there is no such field.
    public static final Object ABSENT = Json.ABSENT;

    /// The value of the field, which may be `null`; [#ABSENT] when there is none.
    ///
    /// @throws Json.TooManyValues when it has more than [Json#MOST_VALUES]
    public @Nullable Object find(String... keys) {
        if (tree == null && keys.length > 1) {
            return inside(keys);
        }
        var value = get(keys);
        return value != null || has(keys) ? value : ABSENT;
    }

    /// Whether there is such a field, be its value `null`.
    public boolean has(String... keys) {
        if (tree != null) {
            return Json.has(tree, keys);
        }
        if (keys.length > 1) {
            try {
                return inside(keys) != Json.ABSENT;
            } catch (Json.TooManyValues e) {
                return true;
            }
        }
        return edits == null ? fields().find(keys[0]) >= 0 : edits.has(keys[0]);
    }

    /// The value of the field; `null` when there is none or its value is `null`.
    ///
    /// @throws Json.TooManyValues when it has more than [Json#MOST_VALUES]
    public @Nullable Object get(String... keys) {
        if (tree != null) {
            return Json.get(tree, keys);
        }
        if (keys.length > 1) {
            var inside = inside(keys);
            return inside == Json.ABSENT ? null : inside;
        }
        if (edits != null) {
            return edits.get(keys[0]);
        }
        int at = fields().find(keys[0]);
        return at < 0 ? null : fields().value(at);
    }

    /// The value of a field deeper down, or [Json#ABSENT].
    private @Nullable Object inside(String[] keys) {
        if (edits != null) {
            return edits.get(keys);
        }
        int first = fields().find(keys[0]);
        if (first >= 0) {
            var inside = Json.inside(fields().slice(first), keys);
            if (inside != Json.ABSENT) {
                return inside;
            }
        }
        int joined = fields().find(String.join(".", keys));
        return joined < 0 ? Json.ABSENT : fields().value(joined);
    }

    /// The names of the fields at the top, each once, in their order.
    public List<String> names() {
        if (tree != null) {
            return List.copyOf(tree.keySet());
        }
        return edits == null ? fields().names() : edits.names();
    }

    /// The text in the field as UTF-8, in an array that is the caller's; `null` when there is no such
    /// field or it is no text.
    public byte @Nullable [] utf8(String... keys) {
        if (tree == null && edits == null && keys.length == 1) {
            int at = fields().find(keys[0]);
            if (at < 0) {
                return null;
            }
            var slice = fields().slice(at);
            return Json.utf8(slice.bytes(), slice.from(), slice.to());
        }
        return get(keys) instanceof String text ? Json.utf8(text) : null;
    }

    /// The field as text: strings as they are, numbers and booleans in their JSON form, objects
    /// and lists as JSON; `null` when there is none or its value is `null`.
    public @Nullable String text(String... keys) {
        try {
            return Json.text(get(keys));
        } catch (Json.TooManyValues e) {
            return e.json();
        }
    }

    /// Sets the field, making objects on the way where there are none.
    public void set(@Nullable Object value, String... keys) {
        if (tree == null && keys.length == 1) {
            edits().set(keys[0], value);
        } else {
            Json.set(tree(), Json.read(value), keys);
        }
        changed = true;
    }

    /// Takes the field away; nothing happens when there is none.
    public void remove(String... keys) {
        if (!has(keys)) {
            return;
        }
        if (tree == null && keys.length == 1) {
            edits().remove(keys[0]);
        } else {
            Json.remove(tree(), keys);
        }
        changed = true;
    }

    private Edits edits() {
        if (edits == null) {
            edits = new Edits(fields());
        }
        return edits;
    }

    /// The whole event as a tree. To be read only; changes go through [#set] and [#remove].
    ///
    /// @throws Json.TooManyValues when it has more than [Json#MOST_VALUES]
    public Map<String, @Nullable Object> tree() {
        if (tree == null) {
            tree = Json.parse(bytes, from, to);
            if (edits != null) {
                edits.applyTo(tree);
                edits = null;
            }
        }
        return tree;
    }

    /// When it happened: `@timestamp` where that is an ISO 8601 instant, else when it was received.
    public Instant timestamp() {
        var stamp = ownTimestamp();
        return stamp == null ? received : stamp;
    }

    private @Nullable Instant ownTimestamp() {
        int known = Facts.place(facts, Facts.Name.TIMESTAMP);
        if (known > 0 && !changed) {
            var quick = Timestamps.parse(bytes, from + known, to);
            if (quick != null) {
                return quick;
            }
        }
        try {
            return get("@timestamp") instanceof String text ? Timestamps.parse(text) : null;
        } catch (Json.TooManyValues e) {
            return null;
        }
    }

    /// Writes the event as one line of JSON, the way it leaves: without `@metadata` (Beats' and
    /// Logstash's word for what is not to be stored) and with `@timestamp`. Bytes that nobody
    /// changed are copied.
    public void writeTo(ByteArrayOutputStream out) {
        if (changed) {
            written(null).writeTo(out);
            return;
        }
        if (Facts.leavesAsItIs(facts)) {
            out.write(bytes, from, to - from);
            return;
        }
        var index = fields();
        boolean bare = index.find("@timestamp") < 0;
        out.write('{');
        if (bare) {
            out.writeBytes(TIMESTAMP_KEY);
            out.writeBytes(Timestamps.format(received).getBytes(StandardCharsets.US_ASCII));
            out.write('"');
        }
        if (index.find("@metadata") >= 0) {
            index.writeWithout("@metadata", bare, out);
            out.write('}');
            return;
        }
        if (bare && index.count() > 0) {
            out.write(',');
        }
        copy(from + 1, to, out);
    }

    /// Line ends that a pretty-printed event has between its tokens would end a line of NDJSON:
    /// they become spaces.
    private void copy(int start, int end, ByteArrayOutputStream out) {
        if (!fields().hasLineEnds()) {
            out.write(bytes, start, end - start);
            return;
        }
        for (int i = start; i < end; i++) {
            out.write(bytes[i] == '\n' || bytes[i] == '\r' ? ' ' : bytes[i]);
        }
    }

    /// The event as it leaves, as text.
    public String json() {
        var out = new ByteArrayOutputStream(size() + 64);
        writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    /// Adds to the list under `tags`, as Logstash does; a tag that is there is not added again.
    public void tag(String tag) {
        var tags = new ArrayList<@Nullable Object>();
        switch (get("tags")) {
            case List<?> list -> tags.addAll(list);
            case null -> {}
            case Object one -> tags.add(one);
        }
        if (!tags.contains(tag)) {
            tags.add(tag);
            set(tags, "tags");
        }
    }

    private Fields fields() {
        if (fields == null) {
            fields = Fields.of(bytes, from, to);
        }
        return fields;
    }

    @Override
    public String toString() {
        return json();
    }
}
