package io.logroute.parts.beats;

import io.logroute.flow.Event;
import io.logroute.spec.Name;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/// The bytes of one window of Lumberjack 2, as [LumberjackDecoder] reads them: how many events there
/// are, then each with its place from 1 on; all but the first six bytes packed where they are compressed.
final class LumberjackWindow {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private LumberjackWindow() {}

    /// @param level of compression; 0 for none
    /// @param beat what events without `@metadata` get as `@metadata.beat`
    static byte[] of(List<Event> events, int level, Optional<Name> beat) {
        var frames = new ByteArrayOutputStream(64 << 10);
        var one = new ByteArrayOutputStream(1 << 10);
        int place = 0;
        for (var event : events) {
            one.reset();
            content(event, beat, one);
            frames.write('2');
            frames.write('J');
            number(++place, frames);
            number(one.size(), frames);
            frames.write(one.toByteArray(), 0, one.size());
        }
        var window = new ByteArrayOutputStream(frames.size() + 16);
        window.write('2');
        window.write('W');
        number(events.size(), window);
        if (level == 0) {
            window.writeBytes(frames.toByteArray());
            return window.toByteArray();
        }
        var packed = packed(frames, level);
        window.write('2');
        window.write('C');
        number(packed.size(), window);
        window.writeBytes(packed.toByteArray());
        return window.toByteArray();
    }

    /// As it came in; with its time where it has none, for the receiver would take its own.
    private static void content(Event event, Optional<Name> beat, ByteArrayOutputStream out) {
        boolean stamped = event.has("@timestamp");
        boolean named = beat.isEmpty() || event.has("@metadata");
        if (stamped && named) {
            event.contentTo(out);
            return;
        }
        var before = new StringBuilder("{");
        if (!stamped) {
            before.append("\"@timestamp\":\"")
                    .append(TIME.format(event.received()))
                    .append('"');
        }
        if (!named) {
            before.append(stamped ? "" : ",")
                    .append("\"@metadata\":{\"beat\":\"")
                    .append(beat.get())
                    .append("\",\"type\":\"_doc\"}");
        }
        var content = new ByteArrayOutputStream(event.size());
        event.contentTo(content);
        var bytes = content.toByteArray();
        int open = 0;
        while (bytes[open] != '{') {
            open++;
        }
        out.writeBytes(before.toString().getBytes(StandardCharsets.US_ASCII));
        if (!event.names().isEmpty()) {
            out.write(',');
        }
        out.write(bytes, open + 1, bytes.length - open - 1);
    }

    private static ByteArrayOutputStream packed(ByteArrayOutputStream frames, int level) {
        var packed = new ByteArrayOutputStream(frames.size() / 4 + 64);
        var deflater = new Deflater(level);
        try (var out = new DeflaterOutputStream(packed, deflater, 32 << 10)) {
            frames.writeTo(out);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return packed;
    }

    private static void number(int value, ByteArrayOutputStream out) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    }
}
