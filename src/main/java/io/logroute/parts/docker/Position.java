package io.logroute.parts.docker;

import java.util.Optional;
import java.util.regex.Pattern;

/// How far we are in one container's log, and which pieces are new when it is read again.
///
/// Docker's API knows no places in a log: it can be read from a time on (`since`), that time included. Times repeat, pieces
/// of one line have the same, and the two streams are written side by side, so that a later piece may have an earlier
/// time. Within a stream pieces keep their order. So each stream has a place of its own:
///
///     place = the highest time of a piece that was taken, and how many were taken from the first of that time on
///
/// When it is read again, it is from a while before the highest of both, or from the time of a line that was not
/// whole. Of each stream what comes before the piece of that time is known, and of those from it on so many. When
/// that piece is not there any more (the log was rotated), what is later is new. A clock that is set back does no harm
/// while it is by less than that while.
///
/// Of one thread.
final class Position {
    /// Streams are not further apart than that in time; nor are clocks set back by more.
    static final long WHILE = 5_000_000_000L;

    private static final Pattern FORM =
            Pattern.compile("1 (\\d{1,19}) (\\d{1,18}) (\\d{1,19}) (\\d{1,18}) (\\d{1,19}) (\\d{1,19}) (\\d{1,19}) ([01])(?: .*)?");

    private final Stream out = new Stream();
    private final Stream err = new Stream();
    /// What is older is not wanted; 0 where all is.
    private final long first;
    /// The time of a line that was not whole when this was written, and was not seen since; 0 when there is none.
    private long floor;
    /// The time id of the event before.
    private long timeId;
    /// The last piece of a TTY was taken though its line had not ended: nothing tells it from what follows.
    private boolean cut;
    private boolean cutting;

    /// One of the two streams.
    private static final class Stream {
        /// 0 when nothing was taken.
        long at;
        long count;
        /// While it is read again: whether the piece of that time has come, and how many have been passed over since.
        boolean again;
        boolean found;
        long passed;

        void reopen() {
            again = at > 0;
            found = false;
            passed = 0;
        }

        boolean isNew(long time) {
            if (!again) {
                return true;
            }
            if (!found) {
                if (time < at) {
                    return false;
                }
                if (time > at) {
                    again = false;
                    return true;
                }
                found = true;
            }
            passed++;
            again = passed < count;
            return false;
        }

        void take(long time) {
            if (time > at) {
                at = time;
                count = 1;
            } else {
                count++;
            }
        }
    }

    /// @param first nanoseconds since 1970 of the oldest line that is wanted
    Position(long first) {
        this.first = first;
    }

    /// As [Snapshot#written] wrote it; empty when it is none of ours.
    static Optional<Position> read(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        try {
            var position = new Position(Long.parseLong(form.group(6)));
            position.out.at = Long.parseLong(form.group(1));
            position.out.count = Long.parseLong(form.group(2));
            position.err.at = Long.parseLong(form.group(3));
            position.err.count = Long.parseLong(form.group(4));
            position.timeId = Long.parseLong(form.group(5));
            position.floor = Long.parseLong(form.group(7));
            position.cut = form.group(8).equals("1");
            return Optional.of(position);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /// As it is at a moment.
    record Snapshot(
            long out, long outCount, long err, long errCount, long timeId, long first, long floor, boolean cut) {
        /// As a mark has it.
        String written() {
            return "1 %d %d %d %d %d %d %d %d"
                    .formatted(out, outCount, err, errCount, timeId, first, floor, cut ? 1 : 0);
        }
    }

    /// @param unfinished the time of the oldest line of which pieces came but not its end; 0 when there is none
    Snapshot now(long unfinished) {
        return new Snapshot(
                out.at, out.count, err.at, err.count, timeId, first, least(unfinished, floor), cut);
    }

    private static long least(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }

    private boolean isUntouched() {
        return out.at == 0 && err.at == 0;
    }

    /// The log is read again.
    ///
    /// @param unfinished as for [#now], of pieces that are let go of now
    /// @return from when on
    long reopen(long unfinished) {
        cutting = false;
        out.reopen();
        err.reopen();
        floor = least(unfinished, floor); // it has to come again before it is forgotten
        if (isUntouched()) {
            return first;
        }
        if (cut) {
            out.again = false;
            return out.at + 1;
        }
        long usual = Math.max(1, Math.max(out.at, err.at) - WHILE);
        return Math.max(first, least(usual, floor));
    }

    /// Whether a piece was not taken before. Asked once for each that comes.
    boolean isNew(boolean isErr, long time) {
        boolean isNew = (isErr ? err : out).isNew(time);
        if (isNew && time == floor) {
            floor = 0; // whoever asks has it, and says so
        }
        return isNew;
    }

    /// The time of a piece that came without one.
    long timeOf(boolean isErr, long time) {
        return time == LogDecoder.UNTIMED ? Math.max(1, (isErr ? err : out).at) : time;
    }

    void take(boolean isErr, long time) {
        (isErr ? err : out).take(time);
        cut = cutting;
    }

    /// The pieces that are taken next are the last ones of a TTY, and their line has not ended.
    void cutFromNowOn() {
        cutting = true;
    }

    /// Above those before, and the line's time where that is: AMP sorts by it.
    long nextTimeId(long time) {
        timeId = Math.max(timeId + 1, time);
        return timeId;
    }

    /// When the first of all logs was read first, as far as this knows; 0 where all is wanted.
    long first() {
        return first;
    }
}
