package io.logroute.buffer;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The bytes on disk: version 1, big-endian, every sum a CRC32C. The layout is told in the
/// package's documentation.
final class Format {
    static final int VERSION = 1;

    /// Bytes of a [Block].
    static final int BLOCK = 64;

    /// Where the seal lies in a segment: not in the header's sector, so that writing one cannot
    /// tear the other.
    static final int SEAL_AT = 512;

    /// Where the records of a segment begin.
    static final int RECORDS_AT = 1024;

    /// Bytes of a record before its payload.
    static final int RECORD_HEAD = 48;

    /// Distance of the two slots of a cursor file.
    static final int SLOT = 4096;

    /// The mark of a segment whose file had a life before: bytes behind its last record may be from
    /// then.
    static final int RECYCLED = 1;

    static final long IDENTITY = magic("LRBUFFER");
    static final long SEGMENT = magic("LRSEGMNT");
    static final long SEAL = magic("LRSEALED");
    static final long CURSOR = magic("LRCURSOR");

    /// Sequence numbers, ordinals, epochs and times are below, or else no process of ours wrote them.
    static final long SANE = 1L << 60;

    static final int RECORD = 0x4C525231; // "LRR1"
    private static final byte KIND_EVENTS = 1;

    private Format() {}

    private static long magic(String text) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            value = value << 8 | text.charAt(i);
        }
        return value;
    }

    static int sum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    static int sum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /// Bytes that a record with a payload of this length takes in its segment: records begin at
    /// multiples of 8.
    static long recordSize(long length) {
        return RECORD_HEAD + (length + 7 & ~7L);
    }

    /// The 64 bytes that identity, segment header, seal and cursor slot have in common:
    /// magic, version, a mark, the buffer's id, four numbers whose meaning goes with the magic, sum.
    record Block(long magic, int mark, long id, long first, long second, long third, long fourth) {
        Block(long magic, long id, long first, long second, long third, long fourth) {
            this(magic, 0, id, first, second, third, fourth);
        }

        ByteBuffer encode() {
            ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
            bytes.putLong(magic).putShort((short) VERSION).putShort((short) 0).putInt(mark);
            bytes.putLong(id).putLong(first).putLong(second).putLong(third).putLong(fourth);
            bytes.putInt(0).putInt(sum(bytes.slice(0, BLOCK - 4)));
            return bytes.flip();
        }

        /// Empty when these bytes are no such block; throws when they are one of a newer format.
        static Optional<Block> decode(ByteBuffer bytes, int at, long magic, Disk disk, String file)
                throws BufferTooNew {
            if (bytes.limit() < at + BLOCK || bytes.getLong(at) != magic) {
                return Optional.empty();
            }
            if (sum(bytes.slice(at, BLOCK - 4)) != bytes.getInt(at + BLOCK - 4)) {
                return Optional.empty();
            }
            int version = Short.toUnsignedInt(bytes.getShort(at + 8));
            if (version > VERSION) {
                throw new BufferTooNew(disk, file, version);
            }
            Block block = new Block(
                    magic,
                    bytes.getInt(at + 12),
                    bytes.getLong(at + 16),
                    bytes.getLong(at + 24),
                    bytes.getLong(at + 32),
                    bytes.getLong(at + 40),
                    bytes.getLong(at + 48));
            boolean sane = sane(block.first) && sane(block.second) && sane(block.third) && sane(block.fourth);
            return sane ? Optional.of(block) : Optional.empty();
        }
    }

    private static boolean sane(long number) {
        return number >= 0 && number < SANE;
    }

    /// What makes a record belong to one place of one segment of one buffer. It goes into the
    /// record's sum but not into the file, so bytes from a former life of the file, from another
    /// buffer, or quoted inside a payload never pass for a record.
    record Home(long id, long ordinal) {
        int sum(ByteBuffer head, long position) {
            ByteBuffer salt = ByteBuffer.allocate(24)
                    .putLong(id)
                    .putLong(ordinal)
                    .putLong(position)
                    .flip();
            CRC32C crc = new CRC32C();
            crc.update(salt);
            crc.update(head);
            return (int) crc.getValue();
        }
    }

    /// The head of a record: `length` bytes with sum `payloadSum` follow, `events` events from
    /// `seq` on; all below `durable` was durable when it was appended, at `millis` since 1970.
    record Head(int length, int payloadSum, long seq, long durable, long millis, int events, byte codec) {
        long endSeq() {
            return seq + events;
        }

        long size() {
            return recordSize(length);
        }

        ByteBuffer encode(Home home, long position) {
            ByteBuffer bytes = ByteBuffer.allocate(RECORD_HEAD);
            bytes.putInt(RECORD).putInt(0).putInt(length).putInt(payloadSum);
            bytes.putLong(seq).putLong(durable).putLong(millis).putInt(events);
            bytes.put(KIND_EVENTS).put(codec).putShort((short) 0);
            bytes.putInt(4, home.sum(bytes.slice(8, RECORD_HEAD - 8), position));
            return bytes.flip();
        }

        /// Empty when no record of this home begins here. `at` is the place in `bytes`, `position`
        /// that in the segment.
        static Optional<Head> decode(ByteBuffer bytes, int at, Home home, long position) {
            if (bytes.getInt(at) != RECORD
                    || bytes.getInt(at + 4) != home.sum(bytes.slice(at + 8, RECORD_HEAD - 8), position)) {
                return Optional.empty();
            }
            Head head = new Head(
                    bytes.getInt(at + 8),
                    bytes.getInt(at + 12),
                    bytes.getLong(at + 16),
                    bytes.getLong(at + 24),
                    bytes.getLong(at + 32),
                    bytes.getInt(at + 40),
                    bytes.get(at + 45));
            boolean sane = head.length >= 0
                    && head.events > 0
                    && sane(head.seq)
                    && sane(head.durable)
                    && sane(head.millis)
                    && bytes.get(at + 44) == KIND_EVENTS;
            return sane ? Optional.of(head) : Optional.empty();
        }
    }
}
