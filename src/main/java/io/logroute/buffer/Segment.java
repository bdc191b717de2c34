package io.logroute.buffer;

import io.logroute.buffer.Format.Block;
import io.logroute.buffer.Format.Home;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One file of the log, as the process knows it. The fields that change are guarded by the lock
/// of [DiskBuffer].
final class Segment {
    final Home home;

    /// The first sequence number it may hold.
    final long baseSeq;

    /// Where the log before it ended. Numbers from here to `baseSeq` were passed over and belong to
    /// no record; records of earlier segments with these numbers were never acknowledged and do not
    /// count.
    final long afterSeq;

    /// When its first record came.
    final long millis;

    /// Place and sequence number after the last record appended.
    long end = Format.RECORDS_AT;

    long endSeq;

    /// How far readers may go: what is durable.
    long readable = Format.RECORDS_AT;

    long readableSeq;

    /// Nothing will be added to what is readable.
    boolean finished;

    /// What its file occupies: more than up to `end` when the file had a life before.
    long size = Format.RECORDS_AT;

    /// Behind its last record may lie bytes of a former life, which mean nothing.
    final boolean recycled;

    /// The spare that its file was until the log thread begins it.
    @Nullable
    Spare spare;

    /// Its file could not be written or forced: not to be used for another life.
    boolean failed;

    /// How many cursors have its file open, or are about to.
    int readers;

    /// Damaged places that opening has counted; readers that come by do not count them again.
    int countedAtOpening;

    /// A copy of the file is in `corrupt/`, or was not worth the space.
    boolean setAside;

    Segment(Home home, long baseSeq, long afterSeq, long millis, boolean recycled) {
        this.home = home;
        this.recycled = recycled;
        this.baseSeq = baseSeq;
        this.afterSeq = afterSeq;
        this.millis = millis;
        this.endSeq = baseSeq;
        this.readableSeq = baseSeq;
    }

    /// Whether a record of this size goes here; the first one does even when it is too large.
    boolean takes(long bytes, int segmentBytes) {
        return end == Format.RECORDS_AT || end + bytes <= (recycled ? size : segmentBytes);
    }

    /// What its file would occupy more with a record of this size.
    long growth(long bytes) {
        return Math.max(0, end + bytes - size);
    }

    String name() {
        return name(home.ordinal());
    }

    static String name(long ordinal) {
        return "%020d.seg".formatted(ordinal);
    }

    static boolean isName(String file) {
        return file.matches("00[0-9]{18}\\.seg");
    }

    static long ordinal(String name) {
        return Long.parseLong(name.substring(0, 20));
    }

    Block header() {
        return new Block(
                Format.SEGMENT, recycled ? Format.RECYCLED : 0, home.id(), home.ordinal(), baseSeq, afterSeq, millis);
    }

    /// `nextSeq`: numbers below it are not given to later records.
    Block seal(long nextSeq) {
        return new Block(Format.SEAL, home.id(), home.ordinal(), endSeq, end, nextSeq);
    }

    /// Header, and zeros where the seal comes: whatever a former life left there is gone.
    ByteBuffer face() {
        return ByteBuffer.allocate(Format.RECORDS_AT).put(header().encode()).position(0);
    }

    boolean holdsRecords() {
        return readable > Format.RECORDS_AT;
    }
}
