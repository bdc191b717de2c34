package io.logroute.parts.fluent;

import io.logroute.flow.Batch;
import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Json;
import io.logroute.flow.Shape;
import io.logroute.parts.listen.Breach;
import io.logroute.parts.listen.Gathering;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// Makes events of messages of the Forward protocol:
///
///     message = [tag, time, record, option?]                   Message
///             | [tag, [[time, record], ...], option?]          Forward
///             | [tag, bytes of (time, record) pairs, option?]  PackedForward, gzip with compressed
///
/// An event is the record with `@timestamp` and `fluent.tag` before it. A record that has `@timestamp`
/// keeps it, and its time is `fluent.time`. Without IO, clock or thread; used by one thread.
final class ForwardDecoder {
    private static final byte[] TIMESTAMP = Transcoder.ascii("{\"@timestamp\":\"");
    private static final byte[] OPEN = Transcoder.ascii("{");
    private static final byte[] FLUENT_TIME = Transcoder.ascii("\"fluent.time\":\"");
    private static final byte[] FLUENT_METADATA = Transcoder.ascii("\"fluent.metadata\":");
    private static final byte[] FLUENT_TAG = Transcoder.ascii("\"fluent.tag\":");
    private static final byte[] AT_TIMESTAMP = Transcoder.ascii("@timestamp");
    private static final byte[] PARTIAL = Transcoder.ascii("partial_message");
    private static final byte[] NOTHING = {};
    private static final int MOST_CHUNK = 256;
    private static final int INFLATED = 64 << 10;
    private static final int MOST_TAG = 4 << 10;

    /// What is decoded and not taken away is no more than this and one event.
    private static final int ENOUGH_BYTES = 1 << 20;

    private static final int ENOUGH_EVENTS = 4_000;

    /// Takes what is decoded, so that a large message needs no memory for all its events.
    @FunctionalInterface
    interface Full {
        void take() throws InterruptedException, Breach;
    }

    /// Waits for memory before it is taken.
    @FunctionalInterface
    interface Hold {
        /// @param bytes what the decoder has in all, besides the message
        void hold(long bytes) throws Breach;
    }

    private final long most;
    private final PartialLines partials;
    private final Hold hold;
    private final Transcoder coder = new Transcoder(this::holdFor);
    private final Shape shape = new Shape();
    private int[] ends = new int[64];
    private int count;
    /// Events for which memory was asked.
    private int counted;
    /// Events before those of the message at hand: of a message that is broken nothing is taken.
    private int messageFrom;
    private final long[] time = new long[2];
    /// Memory that the inflated content of the message takes.
    private long inflated;
    private int inflatedSize;

    private Instant received = Instant.EPOCH;
    private byte[] tagField = {};
    private byte @Nullable [] lastTag;
    private boolean acknowledged;

    /// @param most bytes of a message after gunzip
    ForwardDecoder(long most, PartialLines partials, Hold hold) {
        this.most = most;
        this.partials = partials;
        this.hold = hold;
    }

    boolean hasEnough() {
        return coder.size >= ENOUGH_BYTES || count >= ENOUGH_EVENTS;
    }

    /// Whether the client of the message decoded last waits for an acknowledgement.
    boolean isAcknowledged() {
        return acknowledged;
    }

    int count() {
        return count;
    }

    /// Bytes of memory that it has.
    long bytes() {
        return batchBytes() + inflated;
    }

    /// Bytes of memory that goes with what [#take] gives.
    long batchBytes() {
        return coder.out.length + count * Gathering.EVENT;
    }

    private void holdFor(long written) throws Breach {
        hold.hold(written + counted * Gathering.EVENT + inflated);
    }

    /// Decodes one message.
    ///
    /// @return the chunk to acknowledge; `null` when none is asked for
    byte @Nullable [] message(byte[] bytes, int from, int to, Instant now, Full full)
            throws Breach, InterruptedException {
        messageFrom = count;
        try {
            return decoded(bytes, from, to, now, full);
        } catch (Breach e) {
            count = messageFrom;
            coder.size = count == 0 ? 0 : ends[count - 1];
            throw e;
        } finally {
            inflated = 0;
            // Nobody holds on to a large message that is done.
            coder.from(NOTHING, 0, 0);
        }
    }

    private byte @Nullable [] decoded(byte[] bytes, int from, int to, Instant now, Full full)
            throws Breach, InterruptedException {
        received = now;
        coder.from(bytes, from, to);
        int head = coder.head();
        if (head == 0xc0) {
            return null;
        }
        if (!Transcoder.isArray(head)) {
            throw new Breach(
                    "garbage",
                    "this is not the Forward protocol: no message is an array; does the client speak it, in msgpack, and TLS where this source does?");
        }
        int fields = coder.array();
        if (fields < 2 || fields > 4) {
            throw new Breach("garbage", "a message of %d fields; the Forward protocol has 2 to 4".formatted(fields));
        }
        tag();
        int kind = coder.head();
        if (Transcoder.isArray(kind)) {
            return forward(fields, bytes, to, full);
        }
        if (Transcoder.isText(kind)) {
            return packed(fields, bytes, to, full);
        }
        return single(fields, bytes, to);
    }

    private void tag() throws Breach {
        int length = coder.text();
        if (length > MOST_TAG) {
            throw new Breach("garbage", "a tag of %d bytes; the most is %d".formatted(length, MOST_TAG));
        }
        int from = coder.at;
        coder.at += length;
        if (lastTag != null && Arrays.equals(lastTag, 0, lastTag.length, coder.in, from, from + length)) {
            return;
        }
        lastTag = Arrays.copyOfRange(coder.in, from, from + length);
        int mark = coder.size;
        coder.begin();
        coder.raw(FLUENT_TAG);
        coder.string(lastTag, 0, length);
        tagField = Arrays.copyOfRange(coder.out, mark, coder.size);
        coder.size = mark;
    }

    private byte @Nullable [] single(int fields, byte[] bytes, int to) throws Breach {
        if (fields < 3) {
            throw new Breach("garbage", "a message without a record");
        }
        int from = coder.at;
        coder.skip();
        coder.skip();
        var option = fields == 4 ? option() : Option.NONE;
        acknowledged = option.chunk() != null;
        coder.from(bytes, from, to);
        event();
        endOfChunk();
        return option.chunk();
    }

    private byte @Nullable [] forward(int fields, byte[] bytes, int to, Full full) throws Breach, InterruptedException {
        int from = coder.at;
        coder.skip();
        var option = fields >= 3 ? option() : Option.NONE;
        acknowledged = option.chunk() != null;
        coder.from(bytes, from, to);
        int entries = coder.array();
        for (int i = 0; i < entries; i++) {
            entry(bytes, to, full);
        }
        endOfChunk();
        return option.chunk();
    }

    private byte @Nullable [] packed(int fields, byte[] bytes, int to, Full full) throws Breach, InterruptedException {
        int length = coder.text();
        int from = coder.at;
        coder.at += length;
        var option = fields >= 3 ? option() : Option.NONE;
        acknowledged = option.chunk() != null;
        var content = bytes;
        int end = from + length;
        if (!option.compressed().isEmpty() && !option.compressed().equals("text")) {
            content = inflated(option.compressed(), bytes, from, length);
            from = 0;
            end = inflatedSize;
        }
        coder.from(content, from, end);
        while (coder.at < end) {
            entry(content, end, full);
        }
        endOfChunk();
        return option.chunk();
    }

    private byte[] inflated(String how, byte[] bytes, int from, int length) throws Breach {
        if (!how.equals("gzip")) {
            throw new Breach(
                    "garbage",
                    "compressed with \"%s\"; only gzip is understood: set that at the client".formatted(how));
        }
        var out = new Bytes(INFLATED);
        var step = new byte[32 << 10];
        try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes, from, length), 16 << 10)) {
            for (int n = in.read(step); n >= 0; n = in.read(step)) {
                if ((long) out.size() + n > most) {
                    throw new Breach(
                            "oversized",
                            "a message is larger than maxMessage, %d bytes, when inflated".formatted(most));
                }
                if (out.size() + n > out.capacity()) {
                    // It grows to twice of it, and has both for a moment.
                    inflated = 3L * out.capacity();
                    holdFor(coder.out.length);
                }
                out.write(step, 0, n);
            }
            inflated = out.capacity();
        } catch (IOException e) {
            throw new Breach("garbage", "what is said to be gzip is none: " + e.getMessage());
        }
        inflatedSize = out.size();
        return out.array();
    }

    /// @param chunk what to acknowledge
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Option(byte @Nullable [] chunk, String compressed) {
        static final Option NONE = new Option(null, "");
    }

    private Option option() throws Breach {
        int head = coder.head();
        if (head == 0xc0) {
            return Option.NONE;
        }
        int entries = coder.map();
        byte[] chunk = null;
        var compressed = "";
        for (int i = 0; i < entries; i++) {
            var key = Transcoder.isText(coder.head()) ? coder.textString() : skipped();
            boolean isText = Transcoder.isText(coder.head());
            if (key.equals("chunk") && isText) {
                chunk = coder.textBytes();
            } else if (key.equals("compressed") && isText) {
                compressed = coder.textString();
            } else if (key.equals("fluent_signal") && coder.head() != 0) {
                throw new Breach(
                        "not_logs", "metrics or traces of Fluent Bit; this source takes logs: route only those here");
            } else {
                coder.skip();
            }
        }
        if (chunk != null && chunk.length > MOST_CHUNK) {
            throw new Breach(
                    "garbage", "a chunk's name of %d bytes; the most is %d".formatted(chunk.length, MOST_CHUNK));
        }
        return new Option(chunk, compressed);
    }

    private String skipped() throws Breach {
        coder.skip();
        return "";
    }

    private void entry(byte[] bytes, int end, Full full) throws Breach, InterruptedException {
        if (hasEnough()) {
            int at = coder.at;
            full.take();
            coder.from(bytes, at, end);
        }
        if (coder.array() != 2) {
            throw new Breach("garbage", "an entry that is no pair of time and record");
        }
        event();
    }

    /// Writes the event whose time stands here, then its record.
    private void event() throws Breach {
        int metadataFrom = -1;
        int head = coder.head();
        boolean timed;
        if (Transcoder.isArray(head)) {
            int parts = coder.array();
            if (parts != 2) {
                throw new Breach("garbage", "a time of %d parts; Fluent Bit writes two".formatted(parts));
            }
            timed = timeHere();
            metadataFrom = coder.at;
            if (coder.head() == 0x80) {
                metadataFrom = -1;
            }
            coder.skip();
        } else {
            timed = timeHere();
        }
        if (!timed) {
            time[0] = received.getEpochSecond();
            time[1] = received.getNano();
        }
        int recordFrom = coder.at;
        int mark = coder.size;
        if (!write(metadataFrom, false)) {
            coder.size = mark;
            coder.at = recordFrom;
            write(metadataFrom, true);
        }
    }

    private boolean timeHere() throws Breach {
        int at = coder.at;
        if (coder.time(time)) {
            return Transcoder.isInRange(time[0]);
        }
        coder.at = at;
        coder.skip();
        return false;
    }

    /// @param own whether the record has a timestamp of its own
    /// @return false when it has, and `own` does not say so
    private boolean write(int metadataFrom, boolean own) throws Breach {
        coder.begin();
        int mark = coder.size;
        coder.leave(Frames.HEAD);
        if (own) {
            coder.raw(OPEN);
            coder.raw(FLUENT_TIME);
        } else {
            coder.raw(TIMESTAMP);
        }
        coder.timestamp(time[0], (int) time[1]);
        coder.raw('"');
        coder.raw(',');
        coder.raw(tagField);
        int recordFrom = coder.at;
        if (metadataFrom >= 0) {
            coder.raw(',');
            coder.raw(FLUENT_METADATA);
            coder.at = metadataFrom;
            coder.value(1);
            coder.at = recordFrom;
        }
        boolean isPartial = false;
        int fields = coder.map();
        for (int i = 0; i < fields; i++) {
            coder.raw(',');
            int key = coder.at;
            coder.key(1);
            int length = coder.at - key;
            if (length == PARTIAL.length + 1 && is(PARTIAL, key)) {
                isPartial = true;
            } else if (!own
                    && length <= AT_TIMESTAMP.length + 2
                    && is(AT_TIMESTAMP, coder.at - AT_TIMESTAMP.length - 1)) {
                return false;
            }
            coder.raw(':');
            coder.value(1);
        }
        coder.raw('}');
        if (isPartial) {
            partial(mark);
        } else {
            finished();
        }
        return true;
    }

    /// Whether these bytes stand one behind the place.
    private boolean is(byte[] name, int at) {
        return at >= 0
                && Arrays.equals(
                        name, 0, name.length, coder.in, at + 1, Math.min(coder.in.length, at + 1 + name.length));
    }

    private void finished() throws Breach {
        if (count == counted) {
            counted = Math.max(64, 2 * count);
            holdFor(coder.out.length);
        }
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
        }
        ends[count++] = coder.size;
    }

    private void partial(int mark) throws Breach {
        int length = coder.size - mark;
        Map<String, @Nullable Object> record;
        try {
            record = Json.parse(coder.out, mark + Frames.HEAD, coder.size);
        } catch (Json.TooManyValues e) {
            finished(); // Docker's parts are not like that
            return;
        }
        coder.size = mark;
        write(partials.take(record, length));
    }

    /// What a client waits for is not held back: an acknowledgement would lie, and a wait never end.
    private void endOfChunk() throws Breach {
        if (acknowledged) {
            write(partials.rest());
        }
    }

    /// Lines that waited for their rest too long, or whose sender is gone.
    void write(List<Map<String, @Nullable Object>> records) throws Breach {
        for (var record : records) {
            coder.begin();
            coder.leave(Frames.HEAD);
            coder.raw(Json.write(record).getBytes(StandardCharsets.UTF_8));
            finished();
        }
    }

    /// The events that were decoded; `null` when there are none.
    @Nullable
    Batch take(Instant now) {
        if (count == 0) {
            return null;
        }
        boolean isLoose = coder.size < coder.out.length / 2;
        var bytes = isLoose ? Arrays.copyOf(coder.out, coder.size) : coder.out;
        var events = new ArrayList<Event>(count);
        int from = 0;
        for (int i = 0; i < count; i++) {
            var event = Event.checked(bytes, from + Frames.HEAD, ends[i], now, shape);
            events.add(event == null ? Event.lenient(bytes, from + Frames.HEAD, ends[i], now) : event);
            from = ends[i];
        }
        coder.first = Math.clamp(coder.size + (coder.size >> 3), 1 << 10, ENOUGH_BYTES + (ENOUGH_BYTES >> 3));
        coder.out = NOTHING;
        coder.size = 0;
        count = 0;
        counted = 0;
        messageFrom = 0;
        return Batch.framed(events);
    }
}
