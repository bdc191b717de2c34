package io.logroute.buffer;

import io.logroute.buffer.Format.Head;
import io.logroute.buffer.Format.Home;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a walk through a whole segment finds, payloads included. Records from `cap` on do not
/// count.
///
/// - `firstSeq`, `endSeq`: of the records that are whole; both `-1` when there is none.
/// - `end`: the place after the last whole record.
/// - `millis`: when the first whole record came.
/// - `durable`: the highest sequence number known from its records to have been durable
///   (exclusive).
/// - `holes`: numbers missing between whole records; `damaged`: how many stretches among them
///   hold no whole record.
/// - `torn`: bytes from `end` on that are known to be of records of this segment, though none is
///   whole. What else lies there is a former life's, or cannot be told from that.
record Scan(
        long firstSeq, long endSeq, long end, long millis, long durable, List<Missing> holes, int damaged, long torn) {
    record Missing(long from, long to) {}

    static final int BLOCK = 1 << 20;

    /// `base` is the number that should come first, or `-1` when it is not known.
    static Scan of(Disk.File file, Home home, long base, long cap) throws IOException {
        long limit = file.size();
        Walk walk = new Walk(file, home, ByteBuffer.allocate(Math.clamp(limit, Format.SLOT, BLOCK)));
        List<Missing> holes = new ArrayList<>();
        long firstSeq = -1;
        long millis = 0;
        long expected = base;
        long end = Format.RECORDS_AT;
        long durable = 0;
        int damaged = 0;
        long brokenEnd = 0;
        boolean broken = false;
        while (walk.position() < limit) {
            Walk.Found found = walk.next(limit);
            if (!(found instanceof Walk.Entry entry)) {
                broken = true;
                continue;
            }
            if (!walk.intact(entry)) {
                broken = true;
                brokenEnd = entry.to();
                continue;
            }
            Head head = entry.head();
            if (head.endSeq() > cap) {
                break;
            }
            if (head.seq() < expected) {
                broken = true;
                continue;
            }
            if (expected >= 0 && head.seq() > expected) {
                holes.add(new Missing(expected, head.seq()));
            }
            if (broken) {
                damaged++;
                broken = false;
            }
            if (firstSeq < 0) {
                firstSeq = head.seq();
                millis = head.millis();
            }
            expected = head.endSeq();
            end = entry.to();
            durable = Math.max(durable, head.durable());
        }
        long torn = Math.max(brokenEnd - end, brokenHead(file, end, limit, Math.max(0, base), expected));
        return new Scan(
                firstSeq, firstSeq < 0 ? -1 : expected, end, millis, durable, List.copyOf(holes), damaged, torn);
    }

    /// How long a record of this segment at `end` is that lost its sum; 0 when there is none. One of
    /// a former life has lower numbers.
    private static long brokenHead(Disk.File file, long end, long limit, long base, long expected) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(Format.RECORD_HEAD);
        if (limit - end < Format.RECORD_HEAD || file.read(head, end) < Format.RECORD_HEAD) {
            return 0;
        }
        boolean numbered = head.getLong(16) == Math.max(base, expected);
        boolean later = head.getInt(0) == Format.RECORD && (head.getLong(16) >= base || head.getLong(24) >= base);
        if (!numbered && !later) {
            return 0;
        }
        return Math.min(limit - end, Format.recordSize(Math.max(0, head.getInt(8))));
    }
}
