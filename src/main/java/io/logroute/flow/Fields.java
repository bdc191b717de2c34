package io.logroute.flow;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the top-level fields of a valid JSON object lie in its bytes: one pass, no text made.
/// Four numbers a field: key from, key to (without quotes), value from, value to.
final class Fields {
    private static final int WIDTH = 4;

    private final byte[] bytes;
    private int[] places = new int[16 * WIDTH];
    private int count;
    private boolean lineEnds;

    private Fields(byte[] bytes) {
        this.bytes = bytes;
    }

    static Fields of(byte[] bytes, int from, int to) {
        var fields = new Fields(bytes);
        fields.scan(from, to);
        return fields;
    }

    int count() {
        return count;
    }

    /// Whether a line feed or carriage return stands somewhere between the tokens.
    boolean hasLineEnds() {
        return lineEnds;
    }

    /// The number of the field of that name, or -1. The last one counts where a name stands
    /// twice, as in most parsers.
    int find(String name) {
        for (int i = count - 1; i >= 0; i--) {
            if (isNamed(i, name)) {
                return i;
            }
        }
        return -1;
    }

    boolean isNamed(int field, String name) {
        return isNamed(bytes, places[field * WIDTH], places[field * WIDTH + 1], name);
    }

    /// Whether the name between the quotes is that one.
    static boolean isNamed(byte[] bytes, int from, int to, String name) {
        int length = to - from;
        if (length == name.length()) {
            for (int i = 0; i < length; i++) {
                if (bytes[from + i] != (byte) name.charAt(i) || name.charAt(i) > 127) {
                    return isNamedUnusually(bytes, from, to, name);
                }
            }
            return true;
        }
        return length > name.length() && isNamedUnusually(bytes, from, to, name);
    }

    /// Names with escapes or beyond ASCII.
    private static boolean isNamedUnusually(byte[] bytes, int from, int to, String name) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\' || bytes[i] < 0) {
                return name.equals(Json.known(bytes, from - 1, to + 1));
            }
        }
        return false;
    }

    String name(int field) {
        int from = places[field * WIDTH];
        int to = places[field * WIDTH + 1];
        return String.valueOf(Json.known(bytes, from - 1, to + 1));
    }

    /// The names, each once, in their order.
    List<String> names() {
        var names = new LinkedHashSet<String>();
        for (int i = 0; i < count; i++) {
            names.add(name(i));
        }
        return List.copyOf(names);
    }

    /// The value of a field; objects and lists are parsed.
    @Nullable
    Object value(int field) {
        return Json.known(bytes, places[field * WIDTH + 2], places[field * WIDTH + 3]);
    }

    /// Where the value of a field lies.
    Json.Slice slice(int field) {
        return new Json.Slice(bytes, places[field * WIDTH + 2], places[field * WIDTH + 3]);
    }

    /// Writes the name of a field as it stands, its quotes included.
    void writeName(int field, ByteArrayOutputStream out) {
        int from = places[field * WIDTH] - 1;
        out.write(bytes, from, places[field * WIDTH + 1] + 1 - from);
    }

    /// Writes the value of a field as it stands, but for line ends between its tokens.
    void writeValue(int field, ByteArrayOutputStream out) {
        write(places[field * WIDTH + 2], places[field * WIDTH + 3], out);
    }

    /// Writes all fields but those of that name, each after a comma but the first; also the first
    /// where `more` says that something stands before it.
    void writeWithout(String name, boolean more, ByteArrayOutputStream out) {
        for (int i = 0; i < count; i++) {
            if (isNamed(i, name)) {
                continue;
            }
            if (more) {
                out.write(',');
            }
            more = true;
            writeName(i, out);
            out.write(':');
            writeValue(i, out);
        }
    }

    private void write(int from, int to, ByteArrayOutputStream out) {
        if (!lineEnds) {
            out.write(bytes, from, to - from);
            return;
        }
        for (int i = from; i < to; i++) {
            out.write(bytes[i] == '\n' || bytes[i] == '\r' ? ' ' : bytes[i]);
        }
    }

    private void scan(int from, int to) {
        int at = blank(from, to) + 1;
        while (true) {
            at = blank(at, to);
            if (bytes[at] == '}') {
                lineEnds |= hasLineEnd(at + 1, to);
                return;
            }
            if (bytes[at] == ',') {
                at = blank(at + 1, to);
            }
            int key = at + 1;
            int keyEnd = stringEnd(bytes, at);
            at = blank(keyEnd, to) + 1;
            int value = blank(at, to);
            at = valueEnd(value, to);
            add(key, keyEnd - 1, value, at);
        }
    }

    private boolean hasLineEnd(int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                return true;
            }
        }
        return false;
    }

    private void add(int key, int keyEnd, int value, int valueEnd) {
        int at = count * WIDTH;
        if (at == places.length) {
            places = Arrays.copyOf(places, at * 2);
        }
        places[at] = key;
        places[at + 1] = keyEnd;
        places[at + 2] = value;
        places[at + 3] = valueEnd;
        count++;
    }

    private int blank(int at, int to) {
        while (at < to) {
            switch (bytes[at]) {
                case ' ', '\t' -> at++;
                case '\n', '\r' -> {
                    lineEnds = true;
                    at++;
                }
                default -> {
                    return at;
                }
            }
        }
        return at;
    }

    /// The place after the closing quote of the string that opens at `at`. The object is valid:
    /// there is one.
    static int stringEnd(byte[] bytes, int at) {
        int i = at + 1;
        while (true) {
            i = Eight.nextQuoteOrBackslash(bytes, i);
            if (bytes[i] == '"') {
                return i + 1;
            }
            i += 2;
        }
    }

    private int valueEnd(int at, int to) {
        return switch (bytes[at]) {
            case '"' -> stringEnd(bytes, at);
            case '{', '[' -> nestedEnd(at);
            default -> {
                int end = at;
                while (end < to && bytes[end] != ',' && bytes[end] != '}' && bytes[end] > ' ') {
                    end++;
                }
                yield end;
            }
        };
    }

    private int nestedEnd(int at) {
        int depth = 0;
        while (true) {
            switch (bytes[at]) {
                case '"' -> at = stringEnd(bytes, at) - 1;
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (--depth == 0) {
                        return at + 1;
                    }
                }
                case '\n', '\r' -> lineEnds = true;
                default -> {}
            }
            at++;
        }
    }
}
