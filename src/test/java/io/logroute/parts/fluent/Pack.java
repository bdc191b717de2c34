package io.logroute.parts.fluent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// Writes msgpack, in any of the forms that a value may have: the wide ones when `wide`.
final class Pack {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean wide;

    Pack(boolean wide) {
        this.wide = wide;
    }

    static byte[] of(Object value) {
        return new Pack(false).value(value).bytes();
    }

    static byte[] wide(Object value) {
        return new Pack(true).value(value).bytes();
    }

    /// Values one after the other, as PackedForward has them.
    static byte[] pairs(List<?> entries) {
        var all = new ByteArrayOutputStream();
        entries.forEach(entry -> all.writeBytes(of(entry)));
        return all.toByteArray();
    }

    static byte[] gzip(byte[] bytes) {
        var all = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(all)) {
            zip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return all.toByteArray();
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    Pack value(Object value) {
        switch (value) {
            case null -> out.write(0xc0);
            case Boolean bool -> out.write(bool ? 0xc3 : 0xc2);
            case Integer number -> whole(number);
            case Long number -> whole(number);
            case Double number -> head(0xcb, 8, Double.doubleToLongBits(number));
            case Float number -> head(0xca, 4, Float.floatToIntBits(number));
            case String text -> {
                var bytes = text.getBytes(StandardCharsets.UTF_8);
                if (!wide && bytes.length < 32) {
                    out.write(0xa0 | bytes.length);
                } else if (!wide && bytes.length < 256) {
                    head(0xd9, 1, bytes.length);
                } else if (!wide && bytes.length < 65536) {
                    head(0xda, 2, bytes.length);
                } else {
                    head(0xdb, 4, bytes.length);
                }
                out.writeBytes(bytes);
            }
            case byte[] bytes -> {
                head(bytes.length < 256 && !wide ? 0xc4 : 0xc6, bytes.length < 256 && !wide ? 1 : 4, bytes.length);
                out.writeBytes(bytes);
            }
            case Instant time -> {
                if (wide) {
                    out.writeBytes(new byte[] {(byte) 0xc7, 8, 0});
                } else {
                    out.writeBytes(new byte[] {(byte) 0xd7, 0});
                }
                out.writeBytes(ByteBuffer.allocate(8)
                        .putInt((int) time.getEpochSecond())
                        .putInt(time.getNano())
                        .array());
            }
            case List<?> list -> {
                if (!wide && list.size() < 16) {
                    out.write(0x90 | list.size());
                } else {
                    head(wide ? 0xdd : 0xdc, wide ? 4 : 2, list.size());
                }
                list.forEach(this::value);
            }
            case Map<?, ?> map -> {
                if (!wide && map.size() < 16) {
                    out.write(0x80 | map.size());
                } else {
                    head(wide ? 0xdf : 0xde, wide ? 4 : 2, map.size());
                }
                map.forEach((key, inner) -> value(key).value(inner));
            }
            default -> throw new IllegalArgumentException(value.getClass().toString());
        }
        return this;
    }

    private void whole(long number) {
        if (wide || number > Integer.MAX_VALUE || number < Integer.MIN_VALUE) {
            head(0xd3, 8, number);
        } else if (number >= 0 && number < 128 || number < 0 && number >= -32) {
            out.write((int) number);
        } else if (number < 0) {
            head(0xd2, 4, number);
        } else if (number < 256) {
            head(0xcc, 1, number);
        } else if (number < 65536) {
            head(0xcd, 2, number);
        } else {
            head(0xce, 4, number);
        }
    }

    private void head(int type, int bytes, long number) {
        out.write(type);
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (number >> 8 * i));
        }
    }
}
