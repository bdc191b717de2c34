package io.logroute.parts.beats;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Makes windows of events out of the bytes of one Lumberjack connection. Numbers are unsigned,
/// high byte first:
///
///     frame  = version:'1'|'2' kind
///     kind   = window | json | data | packed
///     window = 'W' count:u32                          so many events follow
///     json   = 'J' sequence:u32 length:u32 bytes      one event
///     data   = 'D' sequence:u32 pairs:u32 pair*       one event of keys and values
///     pair   = length:u32 bytes length:u32 bytes      a key and its value
///     packed = 'C' length:u32 zlib                    frames in a zlib stream, never nested
///
/// Sources: the protocol page of logstash-forwarder (version 1) and what libbeat sends (version
/// 2). Version 1 clients exist that send one window frame and then events for ever, so a window's
/// size holds until another is told; their sequence goes on, and an acknowledgement names the
/// last one. In version 2 it starts at 1 in each window, and the acknowledgement is the place in
/// the window.
///
/// In turns: [#readFrom], then [#next] until it has nothing more. Decoding goes no further than
/// it is asked to, so a reader that waits holds little more than what it was given. Nothing is
/// allocated on a client's word: arrays grow with the bytes that came. A packed frame is inflated
/// once, into one array where its size is as usual, and events are slices of that. Hot, and
/// therefore mutable throughout; used by one thread at a time. [#close] frees the inflater.
final class LumberjackDecoder implements AutoCloseable {
    /// What one connection may ask for.
    ///
    /// @param window events in a window: libbeat sends 2048 by default; a number beyond all use
    ///     is noise
    /// @param frame bytes of one event, and of a packed frame as it is on the wire. Filebeat cuts
    ///     messages at 10 MiB, and quoting makes them longer. An array of that size is copied
    ///     while it grows
    /// @param inflated bytes out of one packed frame. They never are in memory together
    /// @param free bytes that a packed frame may hold whatever its ratio: a few MiB of blanks
    ///     hurt nobody
    /// @param ratio bytes out for each byte in, beyond `free`. Real logs reach 130; zlib ends at
    ///     1032
    /// @param pairs keys of a data frame
    /// @param key bytes of a key of a data frame
    /// @param part weight of events (see [Window#weight]) that are handed over without waiting
    ///     for the rest of their window
    record Limits(int window, int frame, long inflated, int free, int ratio, int pairs, int key, int part) {
        static final Limits USUAL = new Limits(1_000_000, 16 << 20, 512L << 20, 16 << 20, 250, 1024, 4096, 16 << 20);
    }

    /// The events of a window, or as many of them as were handed over in one go.
    ///
    /// @param version `'1'` or `'2'`, of the window and so of its acknowledgement
    /// @param ack what acknowledges these events and those of the window before them
    /// @param unreadable how many of the events were no JSON object
    /// @param weight bytes they take in memory, roughly
    /// @param framed whether a frame's head that nobody needs lies before each event ([Batch#framed])
    record Window(byte version, List<Event> events, int ack, int unreadable, long weight, boolean framed) {
        Batch batch() {
            return new Batch(events, framed);
        }
    }

    /// Is asked before memory is taken.
    @FunctionalInterface
    interface Memory {
        /// @param bytes what the decoder is about to hold in all, roughly
        /// @throws Breach when it may not
        void hold(long bytes) throws Breach;
    }

    /// The client broke the protocol or a limit. `reason` is a stable word for counting.
    static final class Breach extends Exception {
        private final String reason;

        Breach(String reason, String message) {
            super(message);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    /// An [Event] and its place in a list, beside its bytes.
    private static final int EVENT_OVERHEAD = 128;

    /// So many times its size an event takes for a moment when it is made anew: as text, and in
    /// an array that grew.
    private static final long COPIES = 3;

    private static final int WIRE_BUFFER = 32 << 10;
    private static final int SMALLEST_ARRAY = 512;
    private static final int LARGEST_FIRST_ARRAY = 4 << 20;
    private static final int HEADER = 6;

    /// A larger packed frame is inflated as it comes: all of it would have to be there first.
    private static final int LARGEST_IN_ONE_GO = 1 << 20;

    private final Limits limits;
    private final Memory memory;
    private final Inflater inflater = new Inflater();
    private final @Nullable Libdeflate libdeflate;
    private final Shape shape = new Shape();
    private final Span wire = new Span(WIRE_BUFFER);
    private Span unpacked = new Span(0);
    private final ArrayDeque<Window> ready = new ArrayDeque<>(2);
    private long readyWeight;

    /// Bytes of the packed frame that were not fed to the inflater yet; -1 outside of one.
    private int packedLeft = -1;

    /// The packed frame is to be inflated in one go, when all of it is there.
    private boolean inOneGo;
    /// It was.
    private boolean wentInOneGo;

    private long packedIn;
    private long packedOut;
    private int usualRatio = 10;
    private long frames;

    private byte version;
    private int size;
    private int got;
    private int lastSequence;
    private List<Event> held = new ArrayList<>();
    private int heldUnreadable;
    private boolean heldFramed = true;
    private long heldWeight;
    /// Bytes of arrays that events keep from being freed, besides their own.
    private long slack;

    LumberjackDecoder(Limits limits) {
        this(limits, bytes -> {});
    }

    LumberjackDecoder(Limits limits, Memory memory) {
        this(limits, memory, true);
    }

    /// @param useLibdeflate where it is installed; both ways make the same of a stream
    LumberjackDecoder(Limits limits, Memory memory, boolean useLibdeflate) {
        this.limits = limits;
        this.memory = memory;
        this.libdeflate = useLibdeflate ? Libdeflate.create() : null;
    }

    /// Bytes of which `[at, end)` are not decoded. `lent` when events are slices of the array,
    /// and `lentBytes` is what they are in all.
    private static final class Span {
        byte[] bytes;
        int at;
        int end;
        boolean lent;
        int lentBytes;
        /// Bytes from `at` that the next frame has at least.
        int due = HEADER;

        Span(int size) {
            bytes = new byte[size];
        }

        int left() {
            return end - at;
        }
    }

    /// Makes room behind `end`: by starting again where nobody looks at the array, else in
    /// another, which is larger only when what is due did not fit into this one.
    private void makeRoom(Span in, int usual) throws Breach {
        if (in.at == in.end && in.bytes.length > usual) {
            move(in, usual);
        }
        if (in.at == in.end && !in.lent) {
            in.at = 0;
            in.end = 0;
        }
        if (in.end < in.bytes.length) {
            return;
        }
        int left = in.left();
        int length = in.bytes.length;
        int size = in.due > length && in.at == 0 ? (int) Math.min(in.due, length * 2L + 64) : usual;
        size = Math.max(size, left + left / 2 + 64);
        if (!in.lent && in.at > 0 && size <= length) {
            System.arraycopy(in.bytes, in.at, in.bytes, 0, left);
            in.at = 0;
            in.end = left;
        } else {
            move(in, size);
        }
    }

    private void move(Span in, int size) throws Breach {
        memory.hold(holding() + size);
        int left = in.left();
        var other = new byte[size];
        System.arraycopy(in.bytes, in.at, other, 0, left);
        retire(in);
        in.bytes = other;
        in.at = 0;
        in.end = left;
    }

    /// The array is not used any more, except by events. When all of them were handed over, they
    /// are weighed already.
    private void retire(Span in) {
        if (in.lent && !(held.isEmpty() && ready.isEmpty())) {
            slack += in.bytes.length - in.lentBytes;
        }
        in.lent = false;
        in.lentBytes = 0;
    }

    /// Bytes that it has in memory, roughly; windows that were given out do not count.
    long holding() {
        long arrays = (long) wire.bytes.length - wire.lentBytes + unpacked.bytes.length - unpacked.lentBytes;
        return arrays + slack + heldWeight + readyWeight;
    }

    /// Reads once, as much as is there and has room. Call it when [#next] had nothing more.
    ///
    /// @return the number of bytes, or -1 at the end of the stream
    int readFrom(InputStream in) throws IOException, Breach {
        makeRoom(wire, WIRE_BUFFER);
        int n = in.read(wire.bytes, wire.end, wire.bytes.length - wire.end);
        wire.end += Math.max(n, 0);
        return n;
    }

    /// The next window that is complete, or a large part of one; `null` when more bytes are
    /// needed first.
    ///
    /// @param received when the bytes came in
    @Nullable
    Window next(Instant received) throws Breach {
        // The sum over a packed frame stands at its end: what it holds is good then, unless it is
        // too much to keep.
        while (ready.isEmpty() || packedLeft >= 0 && readyWeight + slack < limits.part()) {
            boolean more = packedLeft < 0 ? frame(wire, received) : packed(received);
            if (!more) {
                return null;
            }
        }
        return take();
    }

    /// What is there of a window that is not complete yet; `null` when nothing is.
    @Nullable
    Window rest() {
        if (!holds()) {
            return null;
        }
        handOver();
        return take();
    }

    /// Whether events wait for the rest of their window, and not for the rest of a frame.
    boolean holds() {
        return packedLeft < 0 && !held.isEmpty();
    }

    private @Nullable Window take() {
        var window = ready.poll();
        if (window == null) {
            return null;
        }
        readyWeight -= window.weight();
        long weight = window.weight() + slack;
        slack = 0;
        return new Window(
                window.version(), window.events(), window.ack(), window.unreadable(), weight, window.framed());
    }

    /// Whether a frame began and did not end yet.
    boolean halfFrame() {
        return packedLeft >= 0 || wire.left() > 0;
    }

    /// Frames so far; one packed frame counts once.
    long frames() {
        return frames;
    }

    /// Whether the window that is not complete was told in version 1.
    boolean firstVersion() {
        return version == '1';
    }

    /// Decodes one frame; false when it is not there as a whole.
    private boolean frame(Span from, Instant received) throws Breach {
        if (from.left() < from.due) {
            return reject(from);
        }
        byte frameVersion = from.bytes[from.at];
        byte kind = from.bytes[from.at + 1];
        checkStart(frameVersion, kind);
        boolean done = switch (kind) {
            case 'W' -> window(from, frameVersion);
            case 'J' -> json(from, received);
            case 'D' -> data(from, received);
            default -> beginPacked(from);
        };
        if (done) {
            from.due = HEADER;
            if (from == wire && packedLeft < 0) {
                frames++;
            }
        }
        return done;
    }

    /// Noise is told from half a frame by its first bytes.
    private static boolean reject(Span from) throws Breach {
        if (from.left() >= 2) {
            checkStart(from.bytes[from.at], from.bytes[from.at + 1]);
        } else if (from.left() == 1) {
            checkStart(from.bytes[from.at], (byte) 'W');
        }
        return false;
    }

    private static void checkStart(byte version, byte kind) throws Breach {
        boolean known = kind == 'W' || kind == 'J' || kind == 'D' || kind == 'C';
        if (version != '1' && version != '2' || !known) {
            throw new Breach(
                    "garbage",
                    "bytes 0x%02x 0x%02x where a Lumberjack frame was due; is the client a Beat, and has it TLS like this port?"
                            .formatted(version & 0xff, kind & 0xff));
        }
    }

    private boolean window(Span from, byte frameVersion) throws Breach {
        int count = u32(from, 2, limits.window(), "events in a window");
        from.at += HEADER;
        // Events of a window that was left off: they are whole, and the client may not send them
        // again.
        if (!held.isEmpty()) {
            handOver();
        }
        version = frameVersion;
        size = count;
        got = 0;
        return true;
    }

    private boolean json(Span from, Instant received) throws Breach {
        if (!there(from, 10)) {
            return false;
        }
        int length = u32(from, 6, limits.frame(), "bytes of JSON in a frame");
        if (!there(from, 10 + length)) {
            return false;
        }
        requireWindow();
        int start = from.at + 10;
        int sequence = sequence(from);
        from.at = start + length;
        from.lent = true;
        from.lentBytes += length;
        add(from.bytes, start, from.at, sequence, received);
        return true;
    }

    private boolean data(Span from, Instant received) throws Breach {
        if (!there(from, 10)) {
            return false;
        }
        int pairs = u32(from, 6, limits.pairs(), "keys in a data frame");
        if (!measure(from, pairs)) {
            return false;
        }
        requireWindow();
        memory.hold(holding() + COPIES * from.due);
        int sequence = sequence(from);
        var record = new LinkedHashMap<String, @Nullable Object>();
        int at = from.at + 10;
        for (int i = 0; i < pairs; i++) {
            int keyLength = number(from.bytes, at);
            var key = new String(from.bytes, at + 4, keyLength, StandardCharsets.UTF_8);
            at += 4 + keyLength;
            int valueLength = number(from.bytes, at);
            record.put(key, new String(from.bytes, at + 4, valueLength, StandardCharsets.UTF_8));
            at += 4 + valueLength;
        }
        from.at = at;
        var out = new ByteArrayOutputStream();
        Json.write(record, out);
        var bytes = out.toByteArray();
        heldFramed = false;
        add(bytes, 0, bytes.length, sequence, received);
        return true;
    }

    /// Walks over the pairs of a data frame; false when they are not all there.
    private boolean measure(Span from, int pairs) throws Breach {
        int length = 10;
        for (int i = 0; i < pairs * 2; i++) {
            if (!there(from, length + 4)) {
                return false;
            }
            int limit = i % 2 == 0 ? limits.key() : limits.frame() - length;
            int part = u32(from, length, limit, i % 2 == 0 ? "bytes in a key" : "bytes in a data frame");
            length += 4 + part;
            if (length > limits.frame()) {
                throw oversized(length, limits.frame(), "bytes in a data frame");
            }
            if (!there(from, length)) {
                return false;
            }
        }
        return true;
    }

    private boolean beginPacked(Span from) throws Breach {
        if (from != wire) {
            throw new Breach("garbage", "a compressed frame within a compressed frame");
        }
        packedLeft = u32(from, 2, limits.frame(), "bytes in a compressed frame");
        from.at += HEADER;
        inflater.reset();
        packedIn = packedLeft;
        packedOut = 0;
        inOneGo = libdeflate != null && packedLeft <= LARGEST_IN_ONE_GO;
        wentInOneGo = false;
        memory.hold(holding() + firstArray());
        unpacked = new Span(firstArray());
        return true;
    }

    /// Room for what such a frame held lately, and some more.
    private int firstArray() {
        long usual = packedIn * usualRatio * 9 / 8 + 64;
        return Math.clamp(usual, SMALLEST_ARRAY, LARGEST_FIRST_ARRAY);
    }

    /// Goes on within a packed frame: a frame out of it, or more bytes, or its end. False when it
    /// needs more of the wire.
    private boolean packed(Instant received) throws Breach {
        if (frame(unpacked, received)) {
            return true;
        }
        if (inOneGo) {
            return inflateWhole();
        }
        try {
            if (inflate()) {
                return true;
            }
        } catch (DataFormatException e) {
            throw new Breach("garbage", "a compressed frame that is no zlib stream: " + e.getMessage());
        }
        if (packedLeft > 0) {
            return false;
        }
        if (unpacked.left() > 0) {
            throw new Breach("garbage", "a compressed frame that ends within a frame");
        }
        usualRatio = Math.clamp(packedOut / Math.max(1, packedIn) + 1, 2, limits.ratio());
        retire(unpacked);
        unpacked = new Span(0);
        packedLeft = -1;
        frames++;
        return true;
    }

    /// Inflates the packed frame in one go; what comes of it fits into the array. Where that fails,
    /// nothing has happened, and the usual way finds out why. False when bytes are missing.
    private boolean inflateWhole() {
        if (wire.left() < packedLeft) {
            wire.due = packedLeft;
            return false;
        }
        wire.due = HEADER;
        inOneGo = false;
        int n = libdeflate == null ? -1 : libdeflate.inflate(wire.bytes, wire.at, packedLeft, unpacked.bytes);
        // What may be too much is judged as it comes.
        if (n >= 0 && n <= limits.free() && n <= limits.inflated()) {
            unpacked.end = n;
            packedOut = n;
            wire.at += packedLeft;
            packedLeft = 0;
            wentInOneGo = true;
        }
        return true;
    }

    private boolean inflate() throws DataFormatException, Breach {
        if (wentInOneGo) {
            return false;
        }
        while (true) {
            if (inflater.finished()) {
                if (packedLeft > 0 || inflater.getRemaining() > 0) {
                    throw new Breach("garbage", "a compressed frame that goes on behind its zlib stream");
                }
                return false;
            }
            if (inflater.needsInput()) {
                int n = Math.min(packedLeft, wire.left());
                if (n == 0) {
                    return false;
                }
                inflater.setInput(wire.bytes, wire.at, n);
                wire.at += n;
                packedLeft -= n;
            }
            makeRoom(unpacked, firstArray());
            int n = inflater.inflate(unpacked.bytes, unpacked.end, unpacked.bytes.length - unpacked.end);
            if (n > 0) {
                unpacked.end += n;
                packedOut += n;
                checkBomb();
                return true;
            }
            if (inflater.needsDictionary()) {
                throw new Breach("garbage", "a compressed frame that needs a dictionary");
            }
        }
    }

    private void checkBomb() throws Breach {
        if (packedOut > limits.inflated()) {
            throw new Breach("zip_bomb", "a compressed frame holds more than %d bytes".formatted(limits.inflated()));
        }
        if (packedOut > limits.free() && packedOut / limits.ratio() > inflater.getBytesRead()) {
            throw new Breach(
                    "zip_bomb",
                    "a compressed frame inflates to more than %d times its size, and more than %d bytes"
                            .formatted(limits.ratio(), limits.free()));
        }
    }

    private void requireWindow() throws Breach {
        if (size == 0) {
            throw new Breach("garbage", "an event before the window that announces it");
        }
    }

    private void add(byte[] bytes, int from, int to, int sequence, Instant received) throws Breach {
        var good = Event.checked(bytes, from, to, received, shape);
        if (good != null) {
            held.add(good);
        } else {
            heldFramed = false;
            memory.hold(holding() + COPIES * (to - from));
            var event = Event.lenient(bytes, from, to, received);
            heldUnreadable += isKeptAsText(event) ? 1 : 0;
            held.add(event);
        }
        heldWeight += to - from + EVENT_OVERHEAD;
        memory.hold(holding());
        got = got == size ? 1 : got + 1;
        lastSequence = sequence;
        if (got == size || heldWeight >= limits.part()) {
            handOver();
        }
    }

    private static boolean isKeptAsText(Event event) {
        return event.names().size() == 2 && ("[\"" + Event.UNREADABLE + "\"]").equals(event.text("tags"));
    }

    private void handOver() {
        int ack = version == '1' ? lastSequence : got;
        ready.add(new Window(version, held, ack, heldUnreadable, heldWeight, heldFramed));
        readyWeight += heldWeight;
        held = new ArrayList<>(Math.min(size, 2048));
        heldUnreadable = 0;
        heldFramed = true;
        heldWeight = 0;
    }

    private static boolean there(Span from, int length) {
        if (from.left() >= length) {
            return true;
        }
        from.due = length;
        return false;
    }

    private static int sequence(Span from) {
        return number(from.bytes, from.at + 2);
    }

    /// @throws Breach `oversized` when it is over the limit
    private static int u32(Span from, int offset, int limit, String what) throws Breach {
        long number = number(from.bytes, from.at + offset) & 0xffff_ffffL;
        if (number > limit) {
            throw oversized(number, limit, what);
        }
        return (int) number;
    }

    private static Breach oversized(long number, int limit, String what) {
        return new Breach("oversized", "%d %s; at most %d are taken".formatted(number, what, Math.max(0, limit)));
    }

    private static int number(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }

    @Override
    public void close() {
        inflater.end();
        if (libdeflate != null) {
            libdeflate.close();
        }
    }
}
