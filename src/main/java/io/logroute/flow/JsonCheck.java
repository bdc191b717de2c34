package io.logroute.flow;

import io.logroute.flow.Json.Fault;
import org.jspecify.annotations.Nullable;

/// Walks over bytes once and says whether they are one JSON object (RFC 8259), UTF-8 included,
/// that can be read: no half surrogate pair in a name, no deeper than [Json#MAX_DEPTH]. Makes
/// nothing: this runs for every event that comes in. Its twin in the tests is Jackson. On its way
/// it notes the [Facts] that later readers would look for.
final class JsonCheck {
    /// Longer numbers are not plain.
    private static final int MAX_PLAIN_NUMBER = 100;

    /// What is known of an object without any field.
    private static final long NOTHING = Facts.KNOWN | Facts.NAMED;

    private final byte[] bytes;
    private final int from;
    private final int to;
    private final @Nullable Shape shape;
    private int at;
    private @Nullable Fault fault;

    /// Whether the last string had an escape with a number in it.
    private boolean escaped;

    /// Whether some value would not be the same when written anew, or might not.
    private boolean odd;

    /// Where the object begins.
    private int start;

    private long facts = NOTHING;

    JsonCheck(byte[] bytes, int from, int to) {
        this(bytes, from, to, null);
    }

    /// @param shape what the objects before had in common
    JsonCheck(byte[] bytes, int from, int to, @Nullable Shape shape) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.at = from;
        this.shape = shape;
    }

    /// Where the object begins and ends, without the blanks around it; only when it is valid.
    int start() {
        return start;
    }

    int end() {
        int end = to;
        while (bytes[end - 1] != '}') {
            end--;
        }
        return end;
    }

    /// Whether its values may be copied in place of being written anew: no line ends between
    /// tokens, no escapes with numbers, no exponents, no very long numbers. Only when it is valid.
    boolean isPlain() {
        return !odd && (facts & Facts.LINE_ENDS) == 0;
    }

    /// What is known of the object, when it is valid.
    long facts() {
        return facts;
    }

    @Nullable
    Fault object() {
        blank();
        start = at;
        facts = NOTHING;
        if (at == to) {
            return new Fault(0, "nothing there; a JSON object is due");
        }
        if (bytes[at] != '{') {
            return new Fault(at - from, "a JSON object begins with {, not with " + shown(bytes[at]));
        }
        if (shape != null && isLike(shape)) {
            return null;
        }
        if (!object(1)) {
            return fault;
        }
        int end = at;
        blank();
        if (at < to) {
            return new Fault(at - from, "more after the end of the JSON object");
        }
        if (shape != null && isPlain()) {
            shape.learn(bytes, start, end, facts);
        }
        return null;
    }

    /// Whether it is valid, and goes on between its top-level values like the objects before. Where it
    /// does not, nothing is known of it yet.
    private boolean isLike(Shape shape) {
        if (!shape.isTried()) {
            return false;
        }
        for (int i = 0; i < shape.count(); i++) {
            if (!shape.fits(i, bytes, at, to)) {
                return isUnlike(shape);
            }
            at += shape.length(i);
            var name = shape.name(i);
            if (name != null) {
                facts = Facts.noted(facts, name, at - start);
            }
            if (!value(1)) {
                return isUnlike(shape);
            }
        }
        if (at == to || bytes[at] != '}') {
            return isUnlike(shape);
        }
        at++;
        blank();
        if (at < to) {
            return isUnlike(shape);
        }
        facts |= shape.facts();
        shape.fitted();
        return true;
    }

    private boolean isUnlike(Shape shape) {
        shape.missed();
        at = start;
        facts = NOTHING;
        odd = false;
        fault = null;
        return false;
    }

    private boolean value(int depth) {
        if (at == to) {
            return wrong("it ends where a value is due");
        }
        return switch (bytes[at]) {
            case '"' -> string();
            case '{' -> object(depth + 1);
            case '[' -> list(depth + 1);
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> wrong(shown(bytes[at]) + " where a value is due");
        };
    }

    private boolean object(int depth) {
        if (depth > Json.MAX_DEPTH) {
            return wrong("objects and lists nested deeper than " + Json.MAX_DEPTH);
        }
        at++;
        blank();
        if (at < to && bytes[at] == '}') {
            at++;
            return true;
        }
        while (true) {
            blank();
            if (at == to || bytes[at] != '"') {
                return wrong("a field's name in quotes is due");
            }
            int name = at;
            escaped = false;
            if (!string()) {
                return false;
            }
            if (escaped && !hasWholePairs(name)) {
                return wrong("half a surrogate pair in a field's name");
            }
            int nameEnd = at;
            blank();
            if (at == to || bytes[at] != ':') {
                return wrong("a colon is due after the field's name");
            }
            at++;
            blank();
            if (depth == 1 && Facts.matters(bytes[name + 1], escaped)) {
                facts = Facts.with(facts, bytes, name, nameEnd, at - start);
            }
            int value = at;
            if (!value(depth)) {
                return false;
            }
            if (depth == 1 && shape != null) {
                shape.mark(value, at);
            }
            blank();
            if (at == to) {
                return wrong("it ends within an object");
            }
            byte next = bytes[at];
            if (next != ',' && next != '}') {
                return wrong(shown(next) + " where a comma or } is due");
            }
            at++;
            if (next == '}') {
                return true;
            }
        }
    }

    private boolean list(int depth) {
        if (depth > Json.MAX_DEPTH) {
            return wrong("objects and lists nested deeper than " + Json.MAX_DEPTH);
        }
        at++;
        blank();
        if (at < to && bytes[at] == ']') {
            at++;
            return true;
        }
        while (true) {
            blank();
            if (!value(depth)) {
                return false;
            }
            blank();
            if (at == to) {
                return wrong("it ends within a list");
            }
            byte next = bytes[at];
            if (next != ',' && next != ']') {
                return wrong(shown(next) + " where a comma or ] is due");
            }
            at++;
            if (next == ']') {
                return true;
            }
        }
    }

    private boolean string() {
        int i = at + 1;
        while (true) {
            i = Eight.nextUnplain(bytes, i, to);
            if (i >= to) {
                break;
            }
            byte b = bytes[i];
            if (b == '"') {
                at = i + 1;
                return true;
            }
            int next = b == '\\' ? escape(i) : b < 0 ? utf8(i) : -1;
            if (next < 0) {
                at = i;
                return wrong(
                        b == '\\'
                                ? "a backslash that begins no escape"
                                : b < 0 ? "bytes that are not UTF-8" : "a control character within a string");
            }
            i = next;
        }
        at = to;
        return wrong("it ends within a string");
    }

    /// The place after the escape at `i`, or -1.
    private int escape(int i) {
        if (i + 1 >= to) {
            return -1;
        }
        switch (bytes[i + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                return i + 2;
            }
            case 'u' -> {
                escaped = true;
                odd = true;
                if (i + 6 > to) {
                    return -1;
                }
                for (int k = i + 2; k < i + 6; k++) {
                    if (Character.digit(bytes[k], 16) < 0) {
                        return -1;
                    }
                }
                return i + 6;
            }
            default -> {
                return -1;
            }
        }
    }

    /// Whether every escaped surrogate in the string from `i` to the present place has its other
    /// half. The grammar allows a half, but no reader takes it in a name; in a value it does no
    /// harm.
    private boolean hasWholePairs(int i) {
        boolean high = false;
        while (i < at) {
            int unit = bytes[i] == '\\' && bytes[i + 1] == 'u' ? unit(i + 2) : 0;
            boolean low = unit >= 0xdc00 && unit <= 0xdfff;
            if (high != low) {
                return false;
            }
            high = unit >= 0xd800 && unit <= 0xdbff;
            i += bytes[i] != '\\' ? 1 : bytes[i + 1] == 'u' ? 6 : 2;
        }
        return true;
    }

    private int unit(int from) {
        int unit = 0;
        for (int k = from; k < from + 4; k++) {
            unit = unit * 16 + Character.digit(bytes[k], 16);
        }
        return unit;
    }

    /// The place after the character beyond ASCII at `i`, or -1 (RFC 3629, table of section 4).
    private int utf8(int i) {
        int b = bytes[i] & 0xff;
        int more = b >= 0xc2 && b <= 0xdf ? 1 : b >= 0xe0 && b <= 0xef ? 2 : b >= 0xf0 && b <= 0xf4 ? 3 : -1;
        if (more < 0 || i + more >= to) {
            return -1;
        }
        int second = bytes[i + 1] & 0xff;
        int low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        int high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) {
            return -1;
        }
        for (int k = i + 2; k <= i + more; k++) {
            if ((bytes[k] & 0xc0) != 0x80) {
                return -1;
            }
        }
        return i + more + 1;
    }

    private boolean number() {
        int first = at;
        if (bytes[at] == '-') {
            at++;
        }
        if (at < to && bytes[at] == '0') {
            at++;
        } else if (digits() == 0) {
            return wrong("a digit is due");
        }
        if (at < to && bytes[at] == '.') {
            at++;
            if (digits() == 0) {
                return wrong("a digit is due after the point");
            }
        }
        if (at < to && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (at < to && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            if (digits() == 0) {
                return wrong("a digit is due in the exponent");
            }
            odd = true;
        }
        odd |= at - first > MAX_PLAIN_NUMBER;
        return true;
    }

    private int digits() {
        int start = at;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at - start;
    }

    private boolean word(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= to || bytes[at + i] != word.charAt(i)) {
                return wrong("a word that is not true, false or null");
            }
        }
        at += word.length();
        return true;
    }

    private void blank() {
        while (at < to && bytes[at] <= ' ') {
            switch (bytes[at]) {
                case ' ', '\t' -> at++;
                case '\n', '\r' -> {
                    facts |= Facts.LINE_ENDS;
                    at++;
                }
                default -> {
                    return;
                }
            }
        }
    }

    private boolean wrong(String what) {
        fault = new Fault(at - from, what);
        return false;
    }

    private static String shown(byte b) {
        return b > ' ' && b < 127 ? "'" + (char) b + "'" : "byte 0x%02x".formatted(b & 0xff);
    }
}
