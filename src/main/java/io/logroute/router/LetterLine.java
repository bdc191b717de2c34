package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One dead letter as a line of JSON:
///
///     {"id":"1-0","time":…,"received":…,"router":…,"sink":…,"buffer":…,"seq":…,"route":…,"copy":0,
///      "index":…,"reason":…,"event":{…},"raw":{…},"sum":"9ae0daaf"}
///
/// `event` is what would have been sent, as the route's filters left it. `raw` is what came in, and
/// there only when that is something else; it is a string where it has line ends. `index` is there when
/// the route named one. `sum` is the CRC32C of all bytes before it, in hexadecimal digits; lines on a
/// stream have no `id`, and those of the first version have neither that, `received`, `buffer`, `copy`
/// nor `sum`.
final class LetterLine {
    private static final byte[] EVENT = ",\"event\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RAW = ",\"raw\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUM = ",\"sum\":\"".getBytes(StandardCharsets.US_ASCII);
    /// ASCII's own word for "what came before this is void".
    private static final byte CUT = 0x18;

    private static final int SUM_BYTES = SUM.length + 10;
    private static final Pattern CREDENTIALS = Pattern.compile("://[^/?#\\s]*@");

    private LetterLine() {}

    /// The line of a letter, its end included.
    ///
    /// @param id [LetterId#START] where it is not known before the line is kept
    static byte[] write(
            LetterId id, Instant time, String router, String sink, String buffer, Event event, String reason) {
        var head = new LinkedHashMap<String, @Nullable Object>();
        if (!id.equals(LetterId.START)) {
            head.put("id", id.toString());
        }
        head.put("time", time.toString());
        head.put("received", event.received().toString());
        head.put("router", router);
        head.put("sink", sink);
        head.put("buffer", buffer);
        head.put("seq", event.seq());
        head.put("route", event.address().route());
        head.put("copy", event.address().copy());
        if (!event.piece().isEmpty()) {
            head.put("piece", event.piece());
        }
        event.address().index().ifPresent(index -> head.put("index", index));
        head.put("reason", plain(reason));
        var out = new ByteArrayOutputStream(event.size() + 512);
        Json.write(head, out);
        var written = out.toByteArray();
        out.reset();
        out.write(written, 0, written.length - 1);

        var content = new ByteArrayOutputStream(event.size());
        event.contentTo(content);
        var bytes = content.toByteArray();
        boolean broken = hasLineEnd(bytes);
        out.writeBytes(EVENT);
        out.writeBytes(broken ? oneLine(bytes) : bytes);
        if (broken || event.isOtherThanCameIn()) {
            var cameIn = event.raw();
            out.writeBytes(RAW);
            if (hasLineEnd(cameIn)) {
                Json.write(new String(cameIn, StandardCharsets.UTF_8), out);
            } else {
                out.writeBytes(cameIn);
            }
        }
        var sum = sum(out.toByteArray(), out.size());
        out.writeBytes(SUM);
        out.writeBytes("%08x\"}\n".formatted(sum).getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    /// What ends a last line that has no end: one that is whole but for that is a letter, another one was cut
    /// off by a crash before anybody was told that it is kept, and is marked so.
    static byte[] ending(byte[] line) {
        return head(line).isPresent() ? new byte[] {'\n'} : new byte[] {CUT, '\n'};
    }

    /// Whether a line (without its end) that is no letter was cut off by a crash.
    static boolean isCut(byte[] line) {
        return line.length > 0 && line[line.length - 1] == CUT;
    }

    /// The reason without passwords.
    static String plain(String reason) {
        return CREDENTIALS.matcher(reason).replaceAll("://…@");
    }

    static int sum(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static boolean hasLineEnd(byte[] bytes) {
        for (byte b : bytes) {
            if (b == '\n' || b == '\r') {
                return true;
            }
        }
        return false;
    }

    private static byte[] oneLine(byte[] bytes) {
        var line = bytes.clone();
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                line[i] = ' ';
            }
        }
        return line;
    }

    /// Empty when the line (without its end) is no whole letter.
    static Optional<LetterHead> head(byte[] line) {
        int eventAt = find(line, EVENT, line.length);
        if (eventAt < 0 || line[line.length - 1] != '}' || end(line) < 0) {
            return Optional.empty();
        }
        var text = Arrays.copyOf(line, eventAt + 1);
        text[eventAt] = '}';
        try {
            var head = Json.parse(text, 0, text.length);
            if (head.containsKey("id") && !isSummed(line)) {
                return Optional.empty();
            }
            var time = Instant.parse(text(head, "time"));
            return Optional.of(new LetterHead(
                    time,
                    head.containsKey("received") ? Instant.parse(text(head, "received")) : time,
                    text(head, "router"),
                    text(head, "sink"),
                    head.containsKey("buffer") ? text(head, "buffer") : "",
                    number(head, "seq"),
                    text(head, "route"),
                    head.containsKey("copy") ? (int) number(head, "copy") : 0,
                    head.containsKey("piece") ? text(head, "piece") : "",
                    head.containsKey("index") ? Optional.of(text(head, "index")) : Optional.empty(),
                    text(head, "reason")));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static String text(Map<String, @Nullable Object> head, String key) {
        if (head.get(key) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("no text under " + key);
    }

    private static long number(Map<String, @Nullable Object> head, String key) {
        if (head.get(key) instanceof Long number) {
            return number;
        }
        throw new IllegalArgumentException("no number under " + key);
    }

    /// Where what stands before the sum ends; -1 when the sum is wrong.
    private static int end(byte[] line) {
        if (!isSummed(line)) {
            return line.length - 1;
        }
        int at = line.length - SUM_BYTES;
        var digits = new String(line, at + SUM.length, 8, StandardCharsets.US_ASCII);
        return digits.equals("%08x".formatted(sum(line, at))) ? at : -1;
    }

    private static boolean isSummed(byte[] line) {
        int at = line.length - SUM_BYTES;
        return at >= 0 && Arrays.equals(line, at, at + SUM.length, SUM, 0, SUM.length);
    }

    /// The whole letter, or empty when what it holds is none.
    static Optional<DeadLetter> letter(LetterId id, byte[] line, LetterHead head) {
        int end = end(line);
        int contentAt = find(line, EVENT, line.length) + EVENT.length;
        int contentEnd = objectEnd(line, contentAt, end);
        if (contentEnd < 0) {
            return Optional.empty();
        }
        var content = Arrays.copyOfRange(line, contentAt, contentEnd);
        var cameIn = content;
        if (contentEnd < end) {
            int rawAt = contentEnd + RAW.length;
            if (rawAt >= end || !Arrays.equals(line, contentEnd, rawAt, RAW, 0, RAW.length)) {
                return Optional.empty();
            }
            cameIn = line[rawAt] == '"' ? unquoted(line, rawAt, end) : Arrays.copyOfRange(line, rawAt, end);
        }
        if (Json.check(content, 0, content.length) != null
                || cameIn != content && Json.check(cameIn, 0, cameIn.length) != null) {
            return Optional.empty();
        }
        return Optional.of(new DeadLetter(id, head, content, cameIn, line.length + 1, sum(line, line.length)));
    }

    private static byte[] unquoted(byte[] line, int from, int to) {
        try {
            return String.valueOf(Json.value(line, from, to)).getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return new byte[0]; // no object, and so no letter
        }
    }

    /// Where the JSON object that begins at `from` ends; -1 when it does not.
    private static int objectEnd(byte[] line, int from, int to) {
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < to; i++) {
            byte b = line[i];
            if (quoted) {
                if (b == '\\') {
                    i++;
                } else if (b == '"') {
                    quoted = false;
                }
            } else if (b == '"') {
                quoted = true;
            } else if (b == '{') {
                depth++;
            } else if (b == '}' && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private static int find(byte[] line, byte[] part, int to) {
        for (int i = 0; i + part.length <= to; i++) {
            if (line[i] == part[0] && Arrays.equals(line, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        return -1;
    }
}
