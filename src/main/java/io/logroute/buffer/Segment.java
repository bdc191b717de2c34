package io.logroute.buffer;

import io.logroute.buffer.Format.Block;
import io.logroute.buffer.Format.Home;

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

    /// What its file occupies.
    long size = Format.RECORDS_AT;

    /// A copy of the file is in `corrupt/`, or was not worth the space.
    boolean setAside;

    Segment(Home home, long baseSeq, long afterSeq, long millis) {
        this.home = home;
        this.baseSeq = baseSeq;
        this.afterSeq = afterSeq;
        this.millis = millis;
        this.endSeq = baseSeq;
        this.readableSeq = baseSeq;
    }

    String name() {
        return name(home.ordinal());
    }

    static String name(long ordinal) {
        return "%020d.seg".formatted(ordinal);
    }

    static boolean isName(String file) {
        return file.matches("[0-9]{20}\\.seg") && file.compareTo("09223372036854775807.seg") < 0;
    }

    static long ordinal(String name) {
        return Long.parseLong(name.substring(0, 20));
    }

    Block header() {
        return new Block(Format.SEGMENT, home.id(), home.ordinal(), baseSeq, afterSeq, millis);
    }

    /// `nextSeq`: numbers below it are not given to later records.
    Block seal(long nextSeq) {
        return new Block(Format.SEAL, home.id(), home.ordinal(), endSeq, end, nextSeq);
    }

    boolean holdsRecords() {
        return readable > Format.RECORDS_AT;
    }
}
