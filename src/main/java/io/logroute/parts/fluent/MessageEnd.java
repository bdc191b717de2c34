package io.logroute.parts.fluent;

import io.logroute.parts.listen.Breach;

/// Finds the end of the msgpack value that begins at a place, while its bytes come bit by bit: no byte
/// is looked at twice, but for the head of a text that is not all there.
final class MessageEnd {
    /// Arrays and maps within each other.
    static final int MAX_DEPTH = 100;

    private final long most;
    private final long[] left = new long[MAX_DEPTH + 1];
    private int depth;
    private int at;
    private int start;
    private long wanted;

    /// @param most the largest message
    MessageEnd(long most) {
        this.most = most;
    }

    /// Begins with the value at this place.
    void begin(int from) {
        start = from;
        at = from;
        depth = 1;
        left[0] = 1;
        wanted = 1;
    }

    /// The bytes were moved: what lay at the beginning of the value lies here now.
    void moved(int from) {
        at += from - start;
        start = from;
    }

    /// Bytes of the value that must be there before looking again is worth it.
    long wanted() {
        return wanted;
    }

    /// Where the value ends; -1 when it does not yet.
    ///
    /// @param to end of the bytes there are
    int end(byte[] b, int to) throws Breach {
        while (depth > 0) {
            if (at >= to) {
                return notYet(at + 1L);
            }
            int head = b[at] & 0xff;
            int size = size(head);
            if (at + size > to) {
                return notYet((long) at + size);
            }
            long length = length(b, head);
            long children = children(b, head);
            long next = at + size + length;
            if (next - start > most || children > most) {
                throw new Breach(
                        "oversized",
                        "a message is larger than maxMessage, %d bytes; raise it if this is wanted".formatted(most));
            }
            if (next > to) {
                return notYet(next);
            }
            at = (int) next;
            if (children > 0) {
                if (depth == left.length) {
                    throw new Breach("garbage", "more than %d arrays within each other".formatted(MAX_DEPTH));
                }
                left[depth++] = children;
                continue;
            }
            while (depth > 0 && --left[depth - 1] == 0) {
                depth--;
            }
        }
        return at;
    }

    private int notYet(long end) {
        wanted = end - start;
        return -1;
    }

    /// Bytes of the head: what tells type and length, and numbers whole.
    private static int size(int head) throws Breach {
        if (head < 0xc0 || head >= 0xe0) {
            return 1;
        }
        return switch (head) {
            case 0xc0, 0xc2, 0xc3 -> 1;
            case 0xc4, 0xd9, 0xcc, 0xd0 -> 2;
            case 0xc5, 0xda, 0xcd, 0xd1, 0xdc, 0xde -> 3;
            case 0xc6, 0xdb, 0xce, 0xd2, 0xca, 0xdd, 0xdf -> 5;
            case 0xcf, 0xd3, 0xcb -> 9;
            case 0xc7 -> 3;
            case 0xc8 -> 4;
            case 0xc9 -> 6;
            case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> 2;
            case 0xc1 -> throw new Breach("garbage", "not msgpack: a byte that no type begins with");
            default -> 1;
        };
    }

    private long length(byte[] b, int head) {
        if (head >= 0xa0 && head < 0xc0) {
            return head & 0x1f;
        }
        return switch (head) {
            case 0xc4, 0xd9, 0xc7 -> b[at + 1] & 0xff;
            case 0xc5, 0xda, 0xc8 -> u16(b, at + 1);
            case 0xc6, 0xdb, 0xc9 -> u32(b, at + 1);
            case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> 1L << (head - 0xd4);
            default -> 0;
        };
    }

    private long children(byte[] b, int head) {
        if (head >= 0x80 && head < 0x90) {
            return 2L * (head & 0x0f);
        }
        if (head >= 0x90 && head < 0xa0) {
            return head & 0x0f;
        }
        return switch (head) {
            case 0xdc -> u16(b, at + 1);
            case 0xdd -> u32(b, at + 1);
            case 0xde -> 2L * u16(b, at + 1);
            case 0xdf -> 2L * u32(b, at + 1);
            default -> 0;
        };
    }

    static int u16(byte[] b, int at) {
        return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
    }

    static long u32(byte[] b, int at) {
        return (long) u16(b, at) << 16 | u16(b, at + 2);
    }
}
