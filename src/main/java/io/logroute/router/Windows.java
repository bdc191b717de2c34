package io.logroute.router;

import io.logroute.buffer.Stored;
import io.logroute.flow.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// How events lie in a record of the buffer, big-endian:
///
///     window = version:u8 (1)  label:u8  source[label]  event*
///     event  = length:u32  json[length]
///
/// The number of events and the time of receipt stand in the record's head, which the buffer keeps.
final class Windows {
    private static final byte VERSION = 1;

    private Windows() {}

    /// Bytes that an event takes beyond its JSON.
    static final int EVENT_HEAD = 4;

    static byte[] encode(String source, List<Event> events) {
        var label = source.getBytes(StandardCharsets.UTF_8);
        int length = 2 + label.length;
        for (var event : events) {
            length += EVENT_HEAD + event.size();
        }
        var out = ByteBuffer.allocate(length);
        out.put(VERSION).put((byte) label.length).put(label);
        for (var event : events) {
            out.putInt(event.size());
            event.rawTo(out);
        }
        return out.array();
    }

    /// The events of a record, slices of its bytes.
    ///
    /// @throws IllegalStateException when the record was not written by [#encode]; its checksum
    ///     held, so a newer LogRoute wrote it
    static List<Event> decode(Stored stored) {
        var in = ByteBuffer.wrap(stored.bytes());
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalStateException(
                    "the buffer holds windows of version %d, this LogRoute reads version %d; run the newer one"
                            .formatted(version, VERSION));
        }
        in.position(2 + (in.get() & 0xff));
        var events = new ArrayList<Event>(stored.events());
        for (int i = 0; i < stored.events(); i++) {
            int length = in.getInt();
            int from = in.position();
            events.add(Event.of(stored.bytes(), from, from + length, stored.firstSeq() + i, stored.appended()));
            in.position(from + length);
        }
        return events;
    }
}
