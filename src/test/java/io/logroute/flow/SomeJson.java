package io.logroute.flow;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Makes JSON texts by chance: valid objects of all shapes, and the same with a few bytes changed.
final class SomeJson {
    private static final List<String> NAMES = List.of(
            "msg",
            "level",
            "@timestamp",
            "@metadata",
            "service_name",
            "stack_name",
            "service.name",
            "service",
            "name",
            "a",
            "b",
            "",
            "größe",
            "\\u0061",
            "\\u0040metadata",
            "tags",
            "x\\\"y",
            "\\ud83d\\ude00");
    private static final List<String> TEXTS = List.of(
            "",
            "hello",
            "2026-11-22T10:15:30.123Z",
            "zwölf",
            "😀",
            "\\n\\t\\\\",
            "\\u00e9",
            "\\ud83d\\ude00",
            "half \\ud83d",
            "\\/",
            "a b",
            "\u007f",
            "\u2028");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1",
            "-17",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "123456789012345678901234567890",
            "0.5",
            "-1.25e3",
            "1E+2",
            "1e-7",
            "1e400",
            "0.1234567890123456789");
    private static final String BLANKS = " \t\n\r";

    private final Random random;

    SomeJson(Random random) {
        this.random = random;
    }

    byte[] object() {
        var out = new StringBuilder();
        blank(out);
        object(out, 0);
        blank(out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// A valid object with one to three bytes changed, left out or put in; by chance still valid.
    byte[] mutated() {
        var bytes = object();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes = switch (random.nextInt(4)) {
                case 0 ->
                    joined(
                            Arrays.copyOf(bytes, at),
                            Arrays.copyOfRange(bytes, Math.min(bytes.length, at + 1), bytes.length));
                case 1 ->
                    joined(
                            joined(Arrays.copyOf(bytes, at), new byte[] {anyByte()}),
                            Arrays.copyOfRange(bytes, at, bytes.length));
                case 2 -> {
                    bytes[at] = anyByte();
                    yield bytes;
                }
                default -> Arrays.copyOf(bytes, Math.max(1, at));
            };
            if (bytes.length == 0) {
                return new byte[] {'{'};
            }
        }
        return bytes;
    }

    private byte anyByte() {
        return random.nextInt(3) == 0
                ? (byte) random.nextInt(256)
                : (byte) "{}[],:\"\\0123456789.eE+-tfnul \n\r\t\u0001/".charAt(random.nextInt(32));
    }

    private static byte[] joined(byte[] one, byte[] other) {
        var both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private void object(StringBuilder out, int depth) {
        out.append('{');
        int fields = random.nextInt(depth == 0 ? 6 : 3);
        for (int i = 0; i < fields; i++) {
            out.append(i == 0 ? "" : ",");
            blank(out);
            out.append('"').append(any(NAMES)).append('"');
            blank(out);
            out.append(':');
            blank(out);
            value(out, depth);
            blank(out);
        }
        blank(out);
        out.append('}');
    }

    private void value(StringBuilder out, int depth) {
        switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0 -> out.append(any(List.of("true", "false", "null")));
            case 1 -> out.append(any(NUMBERS));
            case 2, 3, 4 ->
                out.append('"').append(any(TEXTS)).append(any(TEXTS)).append('"');
            case 5 -> object(out, depth + 1);
            default -> {
                out.append('[');
                int items = random.nextInt(3);
                for (int i = 0; i < items; i++) {
                    out.append(i == 0 ? "" : ",");
                    blank(out);
                    value(out, depth + 1);
                    blank(out);
                }
                blank(out);
                out.append(']');
            }
        }
    }

    private void blank(StringBuilder out) {
        if (random.nextInt(4) == 0) {
            out.append(BLANKS.charAt(random.nextInt(4)));
        }
    }

    private String any(List<String> some) {
        return some.get(random.nextInt(some.size()));
    }
}
