package io.logroute.flow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Events end to end in one array, as a record of the buffer holds them, big-endian:
///
///     frames = frame*
///     frame  = facts:u48 (see Facts)  length:u32  json[length]
///
/// It is as long as a JSON frame of Lumberjack (`2J`, sequence, length): a window of Beats is
/// stored as the bytes that came in, but for the facts in the place of `2J` and the sequence. Their
/// number and the time of receipt stand in the record's head, which the buffer keeps. The form of the facts, and
/// why the codec stays what it was: `docs/decisions/0019-what-was-seen-at-the-door.md`.
///
/// @param bytes not changed by anybody any more
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Frames(byte[] bytes, int from, int to) {
    /// Bytes of a frame before its JSON.
    public static final int HEAD = 10;

    /// What the record's head says when a record holds frames.
    public static final byte CODEC = 1;

    /// What it says when a mark comes before them: `marked = length:u16  mark[length]  frames`, the mark as two
    /// lines of text. Records without a mark stay what they were (docs/decisions/0029).
    public static final byte MARKED = 2;

    public int length() {
        return to - from;
    }

    /// The events of the batch as frames: where they lie, when that is how they lie and the source
    /// said so ([Batch#framed]); else a copy.
    public static Frames of(Batch batch) {
        return batch.isFramed() && lieEndToEnd(batch.events()) ? inPlace(batch.events()) : of(batch.events());
    }

    /// A copy of the events as frames.
    public static Frames of(List<Event> events) {
        int length = 0;
        for (var event : events) {
            length += HEAD + event.rawSize();
        }
        var out = ByteBuffer.allocate(length);
        for (var event : events) {
            head(out, out.position(), event.rawFacts(), event.rawSize());
            out.position(out.position() + HEAD);
            event.rawTo(out);
        }
        return new Frames(out.array(), 0, out.position());
    }

    /// The same with a mark before them, a copy.
    public Frames with(Mark mark) {
        var text = (mark.of() + "\n" + mark.at()).getBytes(StandardCharsets.UTF_8);
        var out = ByteBuffer.allocate(2 + text.length + length());
        out.putShort((short) text.length).put(text).put(bytes, from, length());
        return new Frames(out.array(), 0, out.position());
    }

    /// The mark before these; empty when there is none that can be read.
    public Optional<Mark> mark() {
        int length = markLength();
        var text = length < 0 ? "" : new String(bytes, from + 2, length, StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        return end < 1 || text.indexOf('\n', end + 1) >= 0
                ? Optional.empty()
                : Optional.of(new Mark(text.substring(0, end), text.substring(end + 1)));
    }

    /// Those after the mark.
    ///
    /// @throws IllegalStateException when these are no frames with a mark
    public Frames withoutMark() {
        int length = markLength();
        if (length < 0) {
            throw new IllegalStateException(
                    "a record of the buffer is said to begin with a mark and has none; the LogRoute that wrote it can read it");
        }
        return new Frames(bytes, from + 2 + length, to);
    }

    /// -1 when it does not fit.
    private int markLength() {
        if (length() < 2) {
            return -1;
        }
        int length = ByteBuffer.wrap(bytes).getShort(from) & 0xffff;
        return length > length() - 2 ? -1 : length;
    }

    private static boolean lieEndToEnd(List<Event> events) {
        if (events.getFirst().from() < HEAD) {
            return false;
        }
        for (int i = 1; i < events.size(); i++) {
            var event = events.get(i);
            var before = events.get(i - 1);
            if (event.array() != before.array() || event.from() - HEAD != before.to()) {
                return false;
            }
        }
        return true;
    }

    private static Frames inPlace(List<Event> events) {
        var bytes = events.getFirst().array();
        var out = ByteBuffer.wrap(bytes);
        for (var event : events) {
            head(out, event.from() - HEAD, event.rawFacts(), event.size());
        }
        return new Frames(
                bytes, events.getFirst().from() - HEAD, events.getLast().to());
    }

    private static void head(ByteBuffer out, int at, long facts, int length) {
        long stored = Facts.stored(facts);
        out.putShort(at, (short) (stored >>> 32)).putInt(at + 2, (int) stored).putInt(at + 6, length);
    }

    private static long facts(ByteBuffer in, int at) {
        return Facts.ofStored((long) in.getShort(at) << 32 | in.getInt(at + 2) & 0xffffffffL);
    }

    /// The events of a record, slices of its bytes.
    ///
    /// @param count how many there are
    /// @param firstSeq the number of the first
    /// @throws IllegalStateException when these are no such frames; the record's sum held, so
    ///     another LogRoute wrote it
    public static List<Event> read(Frames frames, int count, long firstSeq, Instant received) {
        var bytes = frames.bytes();
        var in = ByteBuffer.wrap(bytes);
        var events = new ArrayList<Event>(count);
        int at = frames.from();
        for (int i = 0; i < count; i++) {
            int length = frames.to() - at < HEAD ? -1 : in.getInt(at + 6);
            if (length < 0 || length > frames.to() - at - HEAD) {
                throw new IllegalStateException(
                        "event %d of %d does not fit into the record of the buffer that begins with number %d; the LogRoute that wrote it can read it, and logroute buffer dump --records --from %d shows it"
                                .formatted(i + 1, count, firstSeq, firstSeq));
            }
            int from = at + HEAD;
            at = from + length;
            events.add(Event.stored(bytes, from, at, firstSeq + i, received, facts(in, from - HEAD)));
        }
        return events;
    }
}
