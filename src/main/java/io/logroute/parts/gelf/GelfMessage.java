package io.logroute.parts.gelf;

import io.logroute.flow.Bytes;
import io.logroute.flow.Json;
import io.logroute.flow.Timestamps;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/// Makes fields of one GELF message:
///
/// | GELF | event |
/// |---|---|
/// | `short_message` | `message` |
/// | `full_message` | `full_message` |
/// | `timestamp` | `@timestamp` |
/// | `host` | `host.name` |
/// | `level` | `level` as a word, and `gelf.level` |
/// | `facility`, `file`, `line` | as they are |
/// | `_x` | `x`, or `_x` when the event has another `x` |
///
/// What is no JSON object is kept as text with the tag `_gelfparsefailure`.
final class GelfMessage {
    static final String UNREADABLE = "_gelfparsefailure";
    static final String CUT = "_gelftoolong";

    private static final int LONGEST_NUMBER = 40;
    private static final List<String> LEVELS =
            List.of("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug");

    private GelfMessage() {}

    /// What it is when inflated; `null` when it is larger than allowed, or broken.
    static byte @Nullable [] inflated(byte[] b, int length, long most) {
        if (length >= 2 && b[0] == 0x1f && b[1] == (byte) 0x8b) {
            return read(b, length, most, true);
        }
        if (length >= 2 && (b[0] & 0x0f) == 8 && ((b[0] & 0xff) << 8 | b[1] & 0xff) % 31 == 0) {
            return read(b, length, most, false);
        }
        return java.util.Arrays.copyOf(b, length);
    }

    private static byte @Nullable [] read(byte[] b, int length, long most, boolean isGzip) {
        var from = new ByteArrayInputStream(b, 0, length);
        try (InputStream in = isGzip ? new GZIPInputStream(from) : new InflaterInputStream(from)) {
            var out = new Bytes(4 * length);
            var step = new byte[8 << 10];
            for (int n = in.read(step); n >= 0; n = in.read(step)) {
                if (out.size() + n > most) {
                    return null;
                }
                out.write(step, 0, n);
            }
            return out.toByteArray();
        } catch (IOException e) {
            return null;
        }
    }

    static Map<String, @Nullable Object> fields(byte[] b, int from, int to, String sender, Instant received) {
        Map<String, @Nullable Object> gelf;
        try {
            gelf = Json.parse(b, from, to);
        } catch (IllegalArgumentException e) {
            return plain(new String(b, from, to - from, StandardCharsets.UTF_8), sender, received, UNREADABLE);
        }
        var event = new LinkedHashMap<String, @Nullable Object>();
        var own = new LinkedHashMap<String, @Nullable Object>();
        var time = time(gelf.get("timestamp"));
        event.put("@timestamp", Timestamps.format(time == null ? received : time));
        if (gelf.containsKey("short_message")) {
            event.put("message", gelf.get("short_message"));
        }
        var level = level(gelf.get("level"));
        if (level != null) {
            event.put("level", level);
            own.put("level", gelf.get("level"));
        }
        event.put("host", Map.of("name", gelf.get("host") instanceof String host && !host.isEmpty() ? host : sender));
        own.put("sender", sender);
        if (gelf.get("version") instanceof String version) {
            own.put("version", version);
        }
        gelf.forEach((name, value) -> {
            switch (name) {
                case "short_message", "version" -> {}
                case "timestamp" -> {
                    if (time == null) {
                        own.put(name, value);
                    }
                }
                case "host" -> {
                    if (!(value instanceof String)) {
                        own.put(name, value);
                    }
                }
                case "level" -> {
                    if (level == null) {
                        event.put(name, value);
                    }
                }
                default -> {
                    if (!name.startsWith("_")) {
                        event.putIfAbsent(name, value);
                    }
                }
            }
        });
        event.put("gelf", own);
        gelf.forEach((name, value) -> {
            if (name.startsWith("_")) {
                var bare = name.substring(1);
                boolean isTaken = bare.isEmpty() || event.containsKey(bare) || gelf.containsKey(bare);
                event.put(isTaken ? name : bare, value);
            }
        });
        return event;
    }

    static Map<String, @Nullable Object> plain(String text, String sender, Instant received, String tag) {
        var event = new LinkedHashMap<String, @Nullable Object>();
        event.put("@timestamp", Timestamps.format(received));
        event.put("message", text);
        event.put("gelf", Map.of("sender", sender));
        event.put("tags", List.of(tag));
        return event;
    }

    /// Seconds since 1970, with decimals; as text where a client writes it so.
    private static @Nullable Instant time(@Nullable Object value) {
        if (!(value instanceof Number) && !(value instanceof String)) {
            return null;
        }
        var text = value.toString();
        if (text.length() > LONGEST_NUMBER) {
            return null;
        }
        try {
            var seconds = new BigDecimal(text);
            // With an exponent a few bytes may stand for millions of digits.
            boolean isLong = Math.abs((long) seconds.scale()) > LONGEST_NUMBER;
            if (isLong || seconds.signum() < 0 || seconds.compareTo(BigDecimal.valueOf(253_402_300_799L)) > 0) {
                return null;
            }
            var whole = seconds.toBigInteger();
            // What a double holds of it is good for microseconds.
            long micros =
                    seconds.subtract(new BigDecimal(whole)).movePointRight(6).longValue();
            return Instant.ofEpochSecond(whole.longValue(), micros * 1_000);
        } catch (NumberFormatException | DateTimeException e) {
            return null;
        }
    }

    private static @Nullable String level(@Nullable Object value) {
        return value instanceof Long number && number >= 0 && number < LEVELS.size()
                ? LEVELS.get(number.intValue())
                : null;
    }
}
