package io.logroute.parts.docker;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How far we are in one container's log, and which pieces are new when it is read again.
///
/// Docker's API knows no places in a log: it can be read from a time on (`since`), that time included. Times
/// repeat, pieces of one line have the same, and the two streams are written side by side, so that a later
/// piece may have an earlier time. Within a stream pieces keep their order. So each stream has a place of its
/// own:
///
///     place = the highest time of a piece that was taken, and how many were taken from the first of that time on
///
/// When it is read again, it is from a while before the highest of both, or from the time of a line that was not
/// whole. Of each stream what comes before the piece of that time is known, and of those from it on so many. When
/// that piece is not there any more (the log was rotated), what is later is new. A clock that is set back does
/// no harm while it is by less than that while.
///
/// Of one thread.
final class Position {
    /// Streams are not further apart than that in time; nor are clocks set back by more.
    static final long WHILE = 5_000_000_000L;

    private static final Pattern FORM = Pattern.compile("1" + " (\\d{1,19})".repeat(10) + " ([01])(?: .*)?");

    private final Stream out = new Stream();
    private final Stream err = new Stream();
    /// What is older is not wanted; 0 where all is.
    private final long first;
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
        /// The lowest time of these: lower than the highest when the clock was set back.
        long lowest;
        /// The time of a line of which pieces came but not its end, now or before it was opened again; 0 when
        /// all are whole.
        long unfinished;
        /// While it is read again: whether the piece of that time has come, and how many have been passed
        /// over since.
        boolean again;
        boolean found;
        long passed;
        /// The piece of that time is older than what is read now; with newer Dockers those after it may
        /// come all the same.
        boolean behind;

        void reopen(long since) {
            again = at > 0;
            found = false;
            passed = 0;
            behind = since > at;
        }

        boolean isNew(long time) {
            if (!again) {
                return true;
            }
            if (!found) {
                if (time < at || behind && time == at) {
                    return false;
                }
                if (time > at) {
                    again = false;
                    return true;
                }
                found = true;
            }
            if (time > at) {
                again = false;
                return true;
            }
            passed++;
            again = passed < count;
            return false;
        }

        void take(long time) {
            if (time > at) {
                at = time;
                count = 1;
                lowest = time;
            } else {
                count++;
                lowest = Math.min(lowest, time);
            }
            unfinished = 0;
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
            var position = new Position(Long.parseLong(form.group(10)));
            read(position.out, form, 1);
            read(position.err, form, 5);
            position.timeId = Long.parseLong(form.group(9));
            position.cut = form.group(11).equals("1");
            return Optional.of(position);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static void read(Stream stream, Matcher form, int group) {
        stream.at = Long.parseLong(form.group(group));
        stream.count = Long.parseLong(form.group(group + 1));
        stream.lowest = Long.parseLong(form.group(group + 2));
        stream.unfinished = Long.parseLong(form.group(group + 3));
    }

    /// A stream as it is at a moment.
    private record Place(long at, long count, long lowest, long unfinished) {
        static Place of(Stream stream) {
            return new Place(stream.at, stream.count, stream.lowest, stream.unfinished);
        }

        String written() {
            return "%d %d %d %d".formatted(at, count, lowest, unfinished);
        }
    }

    /// All as it is at a moment.
    static final class Snapshot {
        private final Place out;
        private final Place err;
        private final long timeId;
        private final long first;
        private final boolean cut;

        private Snapshot(Position of) {
            this.out = Place.of(of.out);
            this.err = Place.of(of.err);
            this.timeId = of.timeId;
            this.first = of.first;
            this.cut = of.cut;
        }

        /// As a mark has it: the form, 1; of each stream its place (the two numbers, the lowest time since, the
        /// time of what is not whole); the time id of the event before; from when on lines are wanted; and
        /// whether it is cut.
        String written() {
            return "1 %s %s %d %d %d".formatted(out.written(), err.written(), timeId, first, cut ? 1 : 0);
        }
    }

    Snapshot now() {
        return new Snapshot(this);
    }

    private static long least(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }

    private boolean isUntouched() {
        return out.at == 0 && err.at == 0;
    }

    /// The log is read again; pieces of lines that are not whole come again.
    ///
    /// @return from when on
    long reopen() {
        cutting = false;
        long since = since();
        out.reopen(since);
        err.reopen(since);
        return since;
    }

    private long since() {
        if (isUntouched()) {
            return first;
        }
        if (cut) {
            return out.at + 1;
        }
        long since = Math.max(1, Math.max(out.at, err.at) - WHILE);
        since = least(since, least(out.unfinished, err.unfinished));
        // Of a stream whose highest comes again all that were counted from there on have to.
        for (var each : List.of(out, err, out)) {
            since = each.at < since ? since : least(since, each.lowest);
        }
        return Math.max(first, since);
    }

    /// Whether a piece was not taken before. Asked once for each that comes.
    boolean isNew(boolean isErr, long time) {
        return (isErr ? err : out).isNew(time);
    }

    /// The time of a piece that came without one.
    long timeOf(boolean isErr, long time) {
        return time == LogDecoder.UNTIMED ? Math.max(1, (isErr ? err : out).at) : time;
    }

    void take(boolean isErr, long time) {
        (isErr ? err : out).take(time);
        cut = cutting;
    }

    /// A piece came whose line has not ended; nothing of that line is taken yet.
    void begin(boolean isErr, long time) {
        (isErr ? err : out).unfinished = time;
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
