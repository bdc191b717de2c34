package io.logroute.parts.fluent;

import io.logroute.flow.Json;
import io.logroute.parts.listen.Breach;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;

/// Reads msgpack and writes JSON, straight from bytes to bytes:
/// `docs/decisions/0031-msgpack-by-hand.md`.
///
/// | msgpack | JSON |
/// |---|---|
/// | nil, bool, integers, floats | the same; NaN and infinities are `null` |
/// | str, bin | text; what is no UTF-8 in it becomes U+FFFD |
/// | array, map | the same; keys that are no text become text |
/// | EventTime | a timestamp, as text |
/// | other extensions | `{"type":N,"data":"<base64>"}` |
///
/// The read position and the output are fields, for the hot path; used by one thread.
final class Transcoder {
    /// The largest event, as JSON.
    static final int MOST_JSON = 16 << 20;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPLACEMENT = {(byte) 0xef, (byte) 0xbf, (byte) 0xbd};
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");

    byte[] in = {};
    int at;
    int to;

    /// Empty until there is something to write: who says nothing holds nothing.
    byte[] out = {};
    int size;
    /// What [#out] begins with.
    int first = 1 << 10;
    private final Memory memory;
    private int eventFrom;

    private final MessageEnd end = new MessageEnd(Integer.MAX_VALUE);
    private long second = Long.MIN_VALUE;
    private byte[] secondText = {};

    /// Waits for memory before it is taken.
    @FunctionalInterface
    interface Memory {
        /// @param bytes what is written to, in all, and its copy while it grows
        void hold(long bytes) throws Breach;
    }

    Transcoder(Memory memory) {
        this.memory = memory;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    void from(byte[] bytes, int from, int end) {
        in = bytes;
        at = from;
        to = end;
    }

    /// An event begins here.
    void begin() {
        eventFrom = size;
    }

    int head() throws Breach {
        need(1);
        return in[at] & 0xff;
    }

    private void need(long bytes) throws Breach {
        if (bytes > to - at) {
            throw new Breach("garbage", "a message ends within a value");
        }
    }

    /// The number of elements of the array here.
    int array() throws Breach {
        int head = head();
        if (head >= 0x90 && head < 0xa0) {
            at++;
            return head & 0x0f;
        }
        if (head == 0xdc) {
            need(3);
            at += 3;
            return MessageEnd.u16(in, at - 2);
        }
        if (head == 0xdd) {
            return many();
        }
        throw new Breach("garbage", "an array is missing where one must be");
    }

    /// The number of entries of the map here.
    int map() throws Breach {
        int head = head();
        if (head >= 0x80 && head < 0x90) {
            at++;
            return head & 0x0f;
        }
        if (head == 0xde) {
            need(3);
            at += 3;
            return MessageEnd.u16(in, at - 2);
        }
        if (head == 0xdf) {
            return many();
        }
        throw new Breach("garbage", "a map is missing where one must be; events are maps");
    }

    private int many() throws Breach {
        need(5);
        long count = MessageEnd.u32(in, at + 1);
        at += 5;
        need(count);
        return (int) count;
    }

    static boolean isText(int head) {
        return head >= 0xa0 && head < 0xc0 || head >= 0xd9 && head <= 0xdb || head >= 0xc4 && head <= 0xc6;
    }

    static boolean isArray(int head) {
        return head >= 0x90 && head < 0xa0 || head == 0xdc || head == 0xdd;
    }

    static boolean isMap(int head) {
        return head >= 0x80 && head < 0x90 || head == 0xde || head == 0xdf;
    }

    /// Goes to the bytes of the text (or bin) here.
    ///
    /// @return how many there are; the caller goes on behind them
    int text() throws Breach {
        int head = head();
        if (head >= 0xa0 && head < 0xc0) {
            at++;
            need(head & 0x1f);
            return head & 0x1f;
        }
        long length = switch (head) {
            case 0xd9, 0xc4 -> {
                need(2);
                at += 2;
                yield in[at - 1] & 0xff;
            }
            case 0xda, 0xc5 -> {
                need(3);
                at += 3;
                yield MessageEnd.u16(in, at - 2);
            }
            case 0xdb, 0xc6 -> {
                need(5);
                at += 5;
                yield MessageEnd.u32(in, at - 4);
            }
            default -> throw new Breach("garbage", "text is missing where it must be");
        };
        need(length);
        return (int) length;
    }

    byte[] textBytes() throws Breach {
        int length = text();
        at += length;
        return Arrays.copyOfRange(in, at - length, at);
    }

    String textString() throws Breach {
        return new String(textBytes(), StandardCharsets.UTF_8);
    }

    /// Goes behind the value here.
    void skip() throws Breach {
        end.begin(at);
        int behind = end.end(in, to);
        if (behind < 0) {
            throw new Breach("garbage", "a message ends within a value");
        }
        at = behind;
    }

    void raw(byte[] bytes) throws Breach {
        room(bytes.length);
        System.arraycopy(bytes, 0, out, size, bytes.length);
        size += bytes.length;
    }

    void raw(int b) throws Breach {
        room(1);
        out[size++] = (byte) b;
    }

    private void room(int more) throws Breach {
        if (out.length - size >= more) {
            return;
        }
        if (size - eventFrom + (long) more > MOST_JSON) {
            throw new Breach("oversized", "an event is larger than %d MiB as JSON".formatted(MOST_JSON >> 20));
        }
        long larger = Math.max(Math.max(first, 2L * out.length), (long) size + more);
        memory.hold(out.length + larger);
        out = Arrays.copyOf(out, Math.toIntExact(larger));
    }

    /// Leaves `HEAD` bytes free, as frames need before each event.
    void leave(int bytes) throws Breach {
        room(bytes);
        size += bytes;
    }

    /// Writes the value here.
    void value(int depth) throws Breach {
        int head = head();
        if (head < 0x80) {
            at++;
            whole(head);
            return;
        }
        if (isText(head)) {
            int length = text();
            string(in, at, length);
            at += length;
            return;
        }
        if (isMap(head)) {
            object(deeper(depth));
            return;
        }
        if (isArray(head)) {
            list(deeper(depth));
            return;
        }
        if (head >= 0xe0) {
            at++;
            whole((byte) head);
            return;
        }
        scalar(head);
    }

    private static int deeper(int depth) throws Breach {
        if (depth >= MessageEnd.MAX_DEPTH) {
            throw new Breach("garbage", "more than %d arrays within each other".formatted(MessageEnd.MAX_DEPTH));
        }
        return depth + 1;
    }

    private void scalar(int head) throws Breach {
        switch (head) {
            case 0xc0 -> {
                at++;
                raw(NULL);
            }
            case 0xc2 -> {
                at++;
                raw(FALSE);
            }
            case 0xc3 -> {
                at++;
                raw(TRUE);
            }
            case 0xca -> {
                float number = Float.intBitsToFloat((int) number(4));
                raw(Float.isFinite(number) ? ascii(Float.toString(number)) : NULL);
            }
            case 0xcb -> {
                double number = Double.longBitsToDouble(number(8));
                raw(Double.isFinite(number) ? ascii(Double.toString(number)) : NULL);
            }
            case 0xcc, 0xcd, 0xce -> whole(number(1 << (head - 0xcc)));
            case 0xcf -> {
                long number = number(8);
                if (number >= 0) {
                    whole(number);
                } else {
                    raw(ascii(Long.toUnsignedString(number)));
                }
            }
            case 0xd0 -> whole((byte) number(1));
            case 0xd1 -> whole((short) number(2));
            case 0xd2 -> whole((int) number(4));
            case 0xd3 -> whole(number(8));
            default -> extension();
        }
    }

    /// The number behind the head here, of so many bytes.
    private long number(int bytes) throws Breach {
        need(1L + bytes);
        long number = 0;
        for (int i = 1; i <= bytes; i++) {
            number = number << 8 | in[at + i] & 0xff;
        }
        at += 1 + bytes;
        return number;
    }

    /// The time here, in nanoseconds since 1970 in two fields; false when it is none.
    ///
    /// @param into seconds and nanoseconds
    boolean time(long[] into) throws Breach {
        int head = head();
        into[1] = 0;
        if (head < 0x80) {
            at++;
            into[0] = head;
            return true;
        }
        switch (head) {
            case 0xcc, 0xcd, 0xce -> into[0] = number(1 << (head - 0xcc));
            case 0xcf, 0xd3 -> into[0] = number(8);
            case 0xd2 -> into[0] = (int) number(4);
            case 0xcb -> {
                double seconds = Double.longBitsToDouble(number(8));
                into[0] = (long) Math.floor(seconds);
                into[1] = Math.clamp(Math.round((seconds - Math.floor(seconds)) * 1e6) * 1000, 0, 999_999_000);
            }
            case 0xd7 -> {
                need(10);
                eventTime(into, at + 2);
                at += 10;
            }
            case 0xc7 -> {
                need(3);
                if (in[at + 1] != 8) {
                    return false;
                }
                need(11);
                eventTime(into, at + 3);
                at += 11;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void eventTime(long[] into, int from) {
        into[0] = MessageEnd.u32(in, from);
        into[1] = Math.min(999_999_999, MessageEnd.u32(in, from + 4));
    }

    private void extension() throws Breach {
        int head = head();
        int first = at;
        long length;
        int type;
        if (head >= 0xd4 && head <= 0xd8) {
            need(2);
            length = 1L << (head - 0xd4);
            type = in[at + 1];
            at += 2;
        } else if (head >= 0xc7 && head <= 0xc9) {
            int lengthBytes = 1 << (head - 0xc7);
            length = number(lengthBytes);
            need(1);
            type = in[at++];
        } else {
            throw new Breach("garbage", "not msgpack: a byte that no type begins with");
        }
        need(length);
        if (type == 0 && length == 8) {
            var time = new long[2];
            at = first;
            time(time);
            raw('"');
            timestamp(time[0], (int) time[1]);
            raw('"');
            return;
        }
        var data = Arrays.copyOfRange(in, at, at + (int) length);
        at += (int) length;
        raw(ascii("{\"type\":" + type + ",\"data\":\""));
        raw(Base64.getEncoder().encode(data));
        raw(ascii("\"}"));
    }

    private void object(int depth) throws Breach {
        int count = map();
        raw('{');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                raw(',');
            }
            key(depth);
            raw(':');
            value(depth);
        }
        raw('}');
    }

    /// Writes the value here as the name of a field.
    void key(int depth) throws Breach {
        if (isText(head())) {
            int length = text();
            string(in, at, length);
            at += length;
            return;
        }
        int mark = size;
        value(depth);
        if (out[mark] == '"') {
            return;
        }
        var text = Arrays.copyOfRange(out, mark, size);
        size = mark;
        string(text, 0, text.length);
    }

    private void list(int depth) throws Breach {
        int count = array();
        raw('[');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                raw(',');
            }
            value(depth);
        }
        raw(']');
    }

    void whole(long number) throws Breach {
        room(20);
        if (number < 0 || number > Integer.MAX_VALUE) {
            raw(ascii(Long.toString(number)));
            return;
        }
        int rest = (int) number;
        int digits = 1;
        for (int i = rest; i >= 10; i /= 10) {
            digits++;
        }
        for (int i = size + digits - 1; i >= size; i--) {
            out[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    /// Writes a timestamp without quotes: `2026-11-30T07:22:36.123Z`.
    void timestamp(long seconds, int nanos) throws Breach {
        if (seconds != second) {
            secondText = ascii(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC)
                    .toString()
                    .concat(seconds % 60 == 0 ? ":00" : ""));
            second = seconds;
        }
        raw(secondText);
        room(11);
        out[size++] = '.';
        int digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1_000 == 0 ? 6 : 9;
        int rest = digits == 3 ? nanos / 1_000_000 : digits == 6 ? nanos / 1_000 : nanos;
        for (int i = size + digits - 1; i >= size; i--) {
            out[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        out[size++] = 'Z';
    }

    /// Writes the bytes as a JSON string.
    void string(byte[] b, int from, int length) throws Breach {
        room(length + 2);
        out[size++] = '"';
        int end = from + length;
        int i = from;
        while (i < end) {
            int run = Json.plainUntil(b, i, end);
            if (run > i) {
                room(run - i + 1);
                System.arraycopy(b, i, out, size, run - i);
                size += run - i;
                i = run;
                continue;
            }
            int c = b[i] & 0xff;
            if (c < 0x80) {
                escaped(c);
                i++;
                continue;
            }
            int whole = utf8(b, i, end);
            room(4);
            if (whole == 0) {
                raw(REPLACEMENT);
                i++;
                continue;
            }
            for (int k = 0; k < whole; k++) {
                out[size++] = b[i++];
            }
        }
        raw('"');
    }

    private void escaped(int c) throws Breach {
        room(6);
        out[size++] = '\\';
        switch (c) {
            case '"', '\\' -> out[size++] = (byte) c;
            case '\n' -> out[size++] = 'n';
            case '\r' -> out[size++] = 'r';
            case '\t' -> out[size++] = 't';
            default -> {
                out[size++] = 'u';
                out[size++] = '0';
                out[size++] = '0';
                out[size++] = HEX[c >> 4];
                out[size++] = HEX[c & 0xf];
            }
        }
    }

    /// Bytes of the character of several bytes here; 0 when they are no UTF-8.
    private static int utf8(byte[] b, int at, int end) {
        int first = b[at] & 0xff;
        int length = first >= 0xc2 && first < 0xe0
                ? 2
                : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
        if (length == 0 || at + length > end) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((b[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        int second = b[at + 1] & 0xff;
        boolean isWrong = first == 0xe0 && second < 0xa0
                || first == 0xed && second >= 0xa0
                || first == 0xf0 && second < 0x90
                || first == 0xf4 && second >= 0x90;
        return isWrong ? 0 : length;
    }

    static boolean isInRange(long seconds) {
        return seconds >= -62_167_219_200L && seconds <= 253_402_300_799L;
    }
}
