package io.logroute.parts.docker;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes that become more. Of one thread.
final class Bytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    /// U+FFFD.
    private static final byte[] REPLACED = {(byte) 0xef, (byte) 0xbf, (byte) 0xbd};

    private byte[] bytes;
    private int length;

    Bytes(int room) {
        this.bytes = new byte[room];
    }

    int length() {
        return length;
    }

    /// Those there are; more may come behind them.
    byte[] array() {
        return bytes;
    }

    void cutTo(int less) {
        length = less;
    }

    void add(byte one) {
        need(1);
        bytes[length++] = one;
    }

    void add(byte[] more) {
        need(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    private void need(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    /// Text as it stands in a JSON string; what is no UTF-8 is replaced by U+FFFD.
    void addEscaped(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            int plain = at;
            while (plain < to && text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\') {
                plain++;
            }
            need(plain - at);
            System.arraycopy(text, at, bytes, length, plain - at);
            length += plain - at;
            at = plain;
            if (at < to) {
                at = text[at] >= 0 ? escape(text, at) : character(text, at, to);
            }
        }
    }

    private int escape(byte[] text, int at) {
        byte one = text[at];
        need(6);
        bytes[length++] = '\\';
        switch (one) {
            case '"', '\\' -> bytes[length++] = one;
            case '\n' -> bytes[length++] = 'n';
            case '\r' -> bytes[length++] = 'r';
            case '\t' -> bytes[length++] = 't';
            default -> {
                bytes[length++] = 'u';
                bytes[length++] = '0';
                bytes[length++] = '0';
                bytes[length++] = HEX[one >> 4];
                bytes[length++] = HEX[one & 15];
            }
        }
        return at + 1;
    }

    /// Of more than one byte (RFC 3629).
    private int character(byte[] text, int at, int to) {
        int first = text[at] & 0xff;
        int more = first >= 0xc2 && first < 0xe0
                ? 1
                : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
        int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        int end = at + 1;
        while (end < to && end <= at + more) {
            int next = text[end] & 0xff;
            if (next < lowest || next > highest) {
                break;
            }
            lowest = 0x80;
            highest = 0xbf;
            end++;
        }
        if (more > 0 && end == at + more + 1) {
            need(end - at);
            System.arraycopy(text, at, bytes, length, end - at);
            length += end - at;
        } else {
            add(REPLACED);
        }
        return end;
    }
}
