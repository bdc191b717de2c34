package io.logroute.flow;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Changes to the top level of an event, beside bytes that stay as they are: what was not changed
/// is copied when the event is written, not read and written anew. Does what changes to a
/// `LinkedHashMap` do, order included; where a name stands twice in the bytes, setting it leaves
/// the place of the last. Used by one thread at a time.
final class Edits {
    /// In [#now]: the field is gone. A field that nothing happened to has `null` there.
    private static final Object GONE = new Object();

    /// In [#now] and [Added]: the field is `null`.
    private static final Object NULL = new Object();

    private static final byte[] NO_LETTER = {'u', '0', '0'};
    private static final String HEX = "0123456789ABCDEF";

    private record Added(String name, Object value) {}

    private final Fields fields;
    private final @Nullable Object[] now;
    private final List<Added> added;

    Edits(Fields fields) {
        this.fields = fields;
        this.now = new Object[fields.count()];
        this.added = new ArrayList<>(4);
    }

    private Edits(Edits from) {
        fields = from.fields;
        now = from.now.clone();
        added = new ArrayList<>(from.added.size() + 2);
        for (var each : from.added) {
            added.add(new Added(each.name, copyOf(each.value)));
        }
        Arrays.setAll(now, i -> now[i] == null ? null : copyOf(now[i]));
    }

    private static Object copyOf(Object value) {
        return value == NULL || value == GONE ? value : held(Json.copyOf(value));
    }

    Edits copy() {
        return new Edits(this);
    }

    boolean has(String name) {
        int at = fields.find(name);
        return at >= 0 && now[at] != GONE || indexOf(name) >= 0;
    }

    @Nullable
    Object get(String name) {
        int own = indexOf(name);
        if (own >= 0) {
            return seen(added.get(own).value);
        }
        int at = fields.find(name);
        if (at < 0) {
            return null;
        }
        var value = now[at];
        return value == null ? fields.value(at) : value == GONE ? null : seen(value);
    }

    /// The value of a field deeper down: it lies under the first key, or its single name is the keys
    /// joined by dots. [Json#ABSENT] when there is none.
    @Nullable
    Object get(String[] keys) {
        int own = indexOf(keys[0]);
        int at = own < 0 ? fields.find(keys[0]) : -1;
        var held = own >= 0 ? added.get(own).value : at < 0 ? GONE : now[at];
        Object inside = held == null
                ? Json.inside(fields.slice(at), keys)
                : Json.inside(held == GONE || held == NULL ? null : held, keys);
        if (inside != Json.ABSENT) {
            return inside;
        }
        var joined = String.join(".", keys);
        return has(joined) ? get(joined) : Json.ABSENT;
    }

    /// The names of the fields, each once, in their order.
    List<String> names() {
        var names = new LinkedHashSet<String>();
        for (int i = 0; i < now.length; i++) {
            if (now[i] != GONE) {
                names.add(fields.name(i));
            }
        }
        added.forEach(each -> names.add(each.name));
        return List.copyOf(names);
    }

    void set(String name, @Nullable Object value) {
        int at = fields.find(name);
        if (at >= 0 && now[at] != GONE) {
            removeAll(name);
            now[at] = held(value);
            return;
        }
        var one = new Added(name, held(value));
        int own = indexOf(name);
        if (own >= 0) {
            added.set(own, one);
        } else {
            added.add(one);
        }
    }

    void remove(String name) {
        removeAll(name);
        added.removeIf(each -> each.name.equals(name));
    }

    /// A name may stand twice in the bytes.
    private void removeAll(String name) {
        for (int i = 0; i < now.length; i++) {
            if (fields.isNamed(i, name)) {
                now[i] = GONE;
            }
        }
    }

    private int indexOf(String name) {
        for (int i = 0; i < added.size(); i++) {
            if (added.get(i).name.equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private static Object held(@Nullable Object value) {
        return value == null ? NULL : value;
    }

    private static @Nullable Object seen(Object held) {
        return held == NULL ? null : Json.read(held);
    }

    /// The same changes to a tree of the bytes.
    void applyTo(Map<String, @Nullable Object> tree) {
        for (int i = 0; i < now.length; i++) {
            var value = now[i];
            if (value == GONE && !isNamedLater(i)) {
                tree.remove(fields.name(i));
            } else if (value != null && value != GONE) {
                tree.put(fields.name(i), seen(value));
            }
        }
        for (var each : added) {
            tree.put(each.name, seen(each.value));
        }
    }

    private boolean isNamedLater(int field) {
        return fields.find(fields.name(field)) != field;
    }

    /// Writes the event as one line of JSON; tells the [Facts] of what it wrote, counted from the
    /// first byte written.
    long write(Bytes out) {
        int start = out.size();
        long facts = Facts.KNOWN;
        boolean more = false;
        out.write('{');
        for (int i = 0; i < now.length; i++) {
            var value = now[i];
            if (value == GONE) {
                continue;
            }
            if (more) {
                out.write(',');
            }
            more = true;
            int name = out.size();
            fields.writeName(i, out);
            facts = noted(facts, out, start, name);
            if (value == null) {
                fields.writeValue(i, out);
            } else {
                write(value, out);
            }
        }
        for (var each : added) {
            if (more) {
                out.write(',');
            }
            more = true;
            int name = out.size();
            writeText(each.name, out);
            facts = noted(facts, out, start, name);
            write(each.value, out);
        }
        out.write('}');
        return facts;
    }

    /// Writes the colon after a name that was written from `name` on, and notes what it tells.
    private static long noted(long facts, Bytes out, int start, int name) {
        int end = out.size();
        out.write(':');
        var bytes = out.array();
        return bytes[name + 1] == '@' || bytes[name + 1] == '\\'
                ? Facts.with(facts, bytes, name, end, end + 1 - start)
                : facts;
    }

    private static void write(Object value, Bytes out) {
        switch (value) {
            case Json.Slice(var bytes, var from, var to) -> out.write(bytes, from, to - from);
            case String text -> writeText(text, out);
            case Long number -> out.writeBytes(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
            case Object other when other == NULL -> Json.write(null, out);
            case Object other -> Json.write(other, out);
        }
    }

    /// Most text has little to escape, or nothing.
    private static void writeText(String text, Bytes out) {
        var bytes = Json.utf8(text);
        out.write('"');
        int from = 0;
        while (true) {
            int next = Eight.nextUnplain(bytes, from, bytes.length);
            while (next < bytes.length && bytes[next] < 0) {
                next++;
            }
            out.write(bytes, from, next - from);
            if (next == bytes.length) {
                break;
            }
            if (bytes[next] < ' ' || bytes[next] == '"' || bytes[next] == '\\') {
                escape(bytes[next++], out);
            }
            from = next;
        }
        out.write('"');
    }

    private static void escape(byte c, Bytes out) {
        out.write('\\');
        switch (c) {
            case '"', '\\' -> out.write(c);
            case '\b' -> out.write('b');
            case '\f' -> out.write('f');
            case '\n' -> out.write('n');
            case '\r' -> out.write('r');
            case '\t' -> out.write('t');
            default -> {
                out.writeBytes(NO_LETTER);
                out.write(HEX.charAt(c >> 4));
                out.write(HEX.charAt(c & 15));
            }
        }
    }
}
