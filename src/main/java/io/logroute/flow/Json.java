package io.logroute.flow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as events need it: whether bytes are an object, the tree of one, and back.
///
/// Reading is by RFC 8259, with one leniency where it is asked for: the bare `NaN` and `Infinity`
/// that old Beats write become `null`, since no receiver takes them.
///
/// Everything that [#check] lets pass can be read and written again. Two things change on the
/// way, where a value is written anew: a number of more than 1,000 digits, or whose exponent no
/// number type holds, becomes text; half a surrogate pair becomes U+FFFD.
public final class Json {
    /// Objects and lists in one another; Elasticsearch takes far fewer.
    public static final int MAX_DEPTH = 256;

    /// Values, at most, in what is made of an event or of one of its fields: each costs many times its
    /// bytes, `[]` thirty times.
    public static final int MOST_VALUES = 200_000;

    /// Longer ones are costly to turn into numbers, and nobody means them.
    private static final int MAX_DIGITS = 1_000;

    /// Whole numbers of so many characters fit into 64 bits.
    private static final int MAX_PLAIN_DIGITS = 18;

    /// Letters after a backslash, and what they mean.
    private static final String ESCAPES = "\"\\/bfnrt";

    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, true)
            .configure(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW, false)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Json() {}

    /// There are more than [#MOST_VALUES] values.
    public static final class TooManyValues extends IllegalArgumentException {
        private final transient byte[] bytes;
        private final int from;
        private final int to;

        TooManyValues(byte[] bytes, int from, int to) {
            super("more than %,d values".formatted(MOST_VALUES));
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }

        /// What has so many, as JSON.
        String json() {
            return new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }
    }

    /// Counts values while they are made.
    private static final class Count {
        private final byte[] bytes;
        private final int from;
        private final int to;
        private int left;

        Count(int most, byte[] bytes, int from, int to) {
            this.left = most;
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }

        void one() {
            if (--left < 0) {
                throw new TooManyValues(bytes, from, to);
            }
        }
    }

    /// What is wrong with bytes that were to be JSON. `at` counts bytes from the first one looked
    /// at.
    public record Fault(int at, String what) {}

    /// Whether the bytes are one JSON object by RFC 8259 and nothing else; `null` when they are.
    public static @Nullable Fault check(byte[] bytes, int from, int to) {
        return new JsonCheck(bytes, from, to).object();
    }

    /// The first place from `at` on, and before `to`, with a byte of text that cannot stand in JSON as
    /// it is, or is beyond ASCII; `to` when there is none.
    public static int plainUntil(byte[] text, int at, int to) {
        return Eight.nextUnplain(text, at, to);
    }

    /// Reads an object; also one with bare `NaN`.
    ///
    /// @throws TooManyValues when it has more than [#MOST_VALUES]
    /// @throws IllegalArgumentException when it is no JSON object; events were checked and always
    ///     are
    public static Map<String, @Nullable Object> parse(byte[] bytes, int from, int to) {
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object");
            }
            var tree = object(parser, new Count(MOST_VALUES, bytes, from, to));
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("more after the JSON object");
            }
            return tree;
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        } catch (java.io.CharConversionException e) {
            // Bytes with zeros, taken for UTF-16 or UTF-32.
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads any JSON value.
    ///
    /// @throws IllegalArgumentException when it is none
    public static @Nullable Object value(byte[] bytes, int from, int to) {
        return value(bytes, from, to, Integer.MAX_VALUE);
    }

    private static @Nullable Object value(byte[] bytes, int from, int to, int most) {
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
            if (parser.nextToken() == null) {
                throw new IllegalArgumentException("nothing where a JSON value was due");
            }
            var value = value(parser, new Count(most, bytes, from, to));
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("more after the JSON value");
            }
            return value;
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        } catch (java.io.CharConversionException e) {
            // Bytes with zeros, taken for UTF-16 or UTF-32.
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A value that stays text until somebody asks for it: a slice of valid JSON that nobody
    /// changes, without line ends between its tokens.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Slice(byte[] bytes, int from, int to) {}

    /// What a value of [#fields] is: text, a number, a boolean or `null` where it was a slice.
    public static @Nullable Object read(@Nullable Object value) {
        return value instanceof Slice(var bytes, var from, var to) ? known(bytes, from, to) : value;
    }

    /// The value in a slice of valid JSON without blanks around it: what [#value] gives, sooner for
    /// plain text and plain numbers.
    ///
    /// @throws TooManyValues when it has more than [#MOST_VALUES]
    static @Nullable Object known(byte[] bytes, int from, int to) {
        byte first = bytes[from];
        if (first == '"') {
            return Eight.nextQuoteOrBackslash(bytes, from + 1) == to - 1
                    ? new String(bytes, from + 1, to - from - 2, StandardCharsets.UTF_8)
                    : value(bytes, from, to);
        }
        return switch (first) {
            case 't' -> true;
            case 'f' -> false;
            case 'n' -> null;
            case '{', '[' -> value(bytes, from, to, MOST_VALUES);
            default -> {
                if (to - from > MAX_PLAIN_DIGITS) {
                    yield value(bytes, from, to);
                }
                long number = 0;
                for (int i = first == '-' ? from + 1 : from; i < to; i++) {
                    if (bytes[i] > '9' || bytes[i] < '0') {
                        yield decimal(bytes, from, to);
                    }
                    number = number * 10 + (bytes[i] - '0');
                }
                yield first == '-' ? -number : number;
            }
        };
    }

    /// A decimal of a few characters, as [#value] gives it.
    private static @Nullable Object decimal(byte[] bytes, int from, int to) {
        double number = Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        return Double.isFinite(number) ? (Object) number : value(bytes, from, to);
    }

    /// The text of a JSON string in valid JSON as UTF-8; `null` when the value is no string.
    static byte @Nullable [] utf8(byte[] bytes, int from, int to) {
        if (bytes[from] != '"') {
            return null;
        }
        var text = new byte[to - from - 2];
        int length = 0;
        int at = from + 1;
        while (true) {
            int next = Eight.nextQuoteOrBackslash(bytes, at);
            System.arraycopy(bytes, at, text, length, next - at);
            length += next - at;
            if (bytes[next] == '"') {
                return length == text.length ? text : Arrays.copyOf(text, length);
            }
            int meant = ESCAPES.indexOf(bytes[next + 1]);
            if (meant < 0) {
                return utf8(String.valueOf(value(bytes, from, to)));
            }
            text[length++] = (byte) ESCAPED.charAt(meant);
            at = next + 2;
        }
    }

    /// The text as UTF-8, with U+FFFD for half a surrogate pair.
    static byte[] utf8(String text) {
        return whole(text).getBytes(StandardCharsets.UTF_8);
    }

    /// The fields at the top of a JSON object, in their order. Plain values are slices of the
    /// bytes, which nobody may change any more ([Event#set] takes them as they are); objects, lists
    /// and whatever changes when it is written anew are values.
    ///
    /// @throws TooManyValues when it has more than [#MOST_VALUES]
    /// @throws IllegalArgumentException when it is no JSON object
    public static Map<String, @Nullable Object> fields(byte[] bytes) {
        var check = new JsonCheck(bytes, 0, bytes.length);
        if (check.object() != null || !check.isPlain()) {
            return parse(bytes, 0, bytes.length);
        }
        var found = Fields.of(bytes, 0, bytes.length);
        var map = new LinkedHashMap<String, @Nullable Object>();
        int left = MOST_VALUES;
        for (int i = 0; i < found.count(); i++) {
            var slice = found.slice(i);
            boolean nested = bytes[slice.from] == '{' || bytes[slice.from] == '[';
            var value = nested ? found.value(i) : slice;
            left -= nested ? values(value) : 1;
            if (left < 0) {
                throw new TooManyValues(bytes, 0, bytes.length);
            }
            map.put(found.name(i), value);
        }
        return map;
    }

    private static int values(@Nullable Object value) {
        int count = 1;
        if (value instanceof Map<?, ?> map) {
            for (var each : map.values()) {
                count += values(each);
            }
        } else if (value instanceof List<?> list) {
            for (var each : list) {
                count += values(each);
            }
        }
        return count;
    }

    private static Map<String, @Nullable Object> object(JsonParser parser, Count count) throws IOException {
        var map = new LinkedHashMap<String, @Nullable Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var key = parser.currentName();
            parser.nextToken();
            map.put(key, value(parser, count));
        }
        return map;
    }

    private static @Nullable Object value(JsonParser parser, Count count) throws IOException {
        count.one();
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, count);
            case START_ARRAY -> {
                var list = new ArrayList<@Nullable Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser, count));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            default -> throw new IllegalArgumentException("not a JSON value: " + parser.currentToken());
        };
    }

    private static @Nullable Object number(JsonParser parser) throws IOException {
        if (parser.isNaN()) {
            return null;
        }
        if (parser.getTextLength() > MAX_DIGITS) {
            return parser.getText();
        }
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    ? parser.getBigIntegerValue()
                    : (Object) parser.getLongValue();
        }
        double number = parser.getDoubleValue();
        if (Double.isFinite(number)) {
            return number;
        }
        try {
            return new java.math.BigDecimal(parser.getText());
        } catch (NumberFormatException e) {
            return parser.getText();
        }
    }

    /// Writes a value the way it was read, without blanks.
    public static void write(@Nullable Object value, ByteArrayOutputStream out) {
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            write(value, generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The value as JSON text.
    public static String write(@Nullable Object value) {
        var out = new ByteArrayOutputStream();
        write(value, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void write(@Nullable Object value, JsonGenerator to) throws IOException {
        switch (value) {
            case null -> to.writeNull();
            case String text -> to.writeString(whole(text));
            case Boolean truth -> to.writeBoolean(truth);
            case Long number -> to.writeNumber(number);
            case Integer number -> to.writeNumber(number);
            case Double number when !Double.isFinite(number) -> to.writeNull();
            case Double number -> to.writeNumber(number);
            case java.math.BigInteger number -> to.writeNumber(number);
            case java.math.BigDecimal number -> to.writeNumber(number);
            case Map<?, ?> map -> {
                to.writeStartObject();
                for (var entry : map.entrySet()) {
                    to.writeFieldName(whole(String.valueOf(entry.getKey())));
                    write(entry.getValue(), to);
                }
                to.writeEndObject();
            }
            case Iterable<?> list -> {
                to.writeStartArray();
                for (var item : list) {
                    write(item, to);
                }
                to.writeEndArray();
            }
            default -> to.writeString(whole(value.toString()));
        }
    }

    /// The text with U+FFFD in place of each half of a surrogate pair: JSON can escape a half,
    /// UTF-8 cannot hold it.
    private static String whole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (!Character.isHighSurrogate(c)
                    || i + 1 == text.length()
                    || !Character.isLowSurrogate(text.charAt(i + 1))) {
                return mended(text);
            }
            i++;
        }
        return text;
    }

    private static String mended(String text) {
        var mended = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> mended.appendCodePoint(
                        c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c));
        return mended.toString();
    }

    /// A value as text: what stands in a template's place.
    static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Map<?, ?> map -> write(map);
            case List<?> list -> write(list);
            default -> value.toString();
        };
    }

    static Map<String, @Nullable Object> copy(Map<String, @Nullable Object> tree) {
        var copy = new LinkedHashMap<String, @Nullable Object>(tree.size() * 2);
        tree.forEach((key, value) -> copy.put(key, copyOf(value)));
        return copy;
    }

    static @Nullable Object copyOf(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> copy(asObject(map));
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>(list.size());
                list.forEach(item -> copy.add(copyOf(item)));
                yield copy;
            }
            case null -> null;
            default -> value;
        };
    }

    /// Trees are made here only, and their objects have text keys.
    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> asObject(Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
    }

    /// There is no such field.
    static final Object ABSENT = new Object();

    /// The value under all keys but the first, of what lies under the first; [#ABSENT] when there is
    /// none.
    ///
    /// @param under what lies under the first key: a value, or a slice of JSON
    static @Nullable Object inside(@Nullable Object under, String[] keys) {
        var at = under;
        for (int i = 1; i < keys.length; i++) {
            at = switch (at) {
                case Slice slice -> Inside.find(slice, keys[i]) instanceof Slice found ? found : ABSENT;
                case Map<?, ?> map -> map.containsKey(keys[i]) ? map.get(keys[i]) : ABSENT;
                case null, default -> ABSENT;
            };
        }
        return read(at);
    }

    static boolean has(Map<String, @Nullable Object> tree, String... keys) {
        var parent = parent(tree, keys);
        return parent != null && parent.containsKey(keys[keys.length - 1])
                || keys.length > 1 && tree.containsKey(String.join(".", keys));
    }

    static @Nullable Object get(Map<String, @Nullable Object> tree, String... keys) {
        var parent = parent(tree, keys);
        if (parent != null && parent.containsKey(keys[keys.length - 1])) {
            return parent.get(keys[keys.length - 1]);
        }
        return keys.length > 1 ? tree.get(String.join(".", keys)) : null;
    }

    static void remove(Map<String, @Nullable Object> tree, String... keys) {
        var parent = parent(tree, keys);
        if (parent != null && parent.containsKey(keys[keys.length - 1])) {
            parent.remove(keys[keys.length - 1]);
            return;
        }
        tree.remove(String.join(".", keys));
    }

    static void set(Map<String, @Nullable Object> tree, @Nullable Object value, String... keys) {
        var parent = parent(tree, keys);
        boolean isNested = parent != null && parent.containsKey(keys[keys.length - 1]);
        if (!isNested && keys.length > 1 && tree.containsKey(String.join(".", keys))) {
            tree.put(String.join(".", keys), value);
            return;
        }
        var at = tree;
        for (int i = 0; i < keys.length - 1; i++) {
            if (at.get(keys[i]) instanceof Map<?, ?> map) {
                at = asObject(map);
            } else {
                var made = new LinkedHashMap<String, @Nullable Object>();
                at.put(keys[i], made);
                at = made;
            }
        }
        at.put(keys[keys.length - 1], value);
    }

    private static @Nullable Map<String, @Nullable Object> parent(Map<String, @Nullable Object> tree, String... keys) {
        var at = tree;
        for (int i = 0; i < keys.length - 1; i++) {
            if (!(at.get(keys[i]) instanceof Map<?, ?> map)) {
                return null;
            }
            at = asObject(map);
        }
        return at;
    }
}
