package io.logroute.parts.beats;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;

/// Lumberjack as a client writes it: frames one after another.
final class Frames {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static Frames frames() {
        return new Frames();
    }

    Frames window(char version, int count) {
        return start(version, 'W').u32(count);
    }

    Frames json(int sequence, String json) {
        return json(sequence, json.getBytes(StandardCharsets.UTF_8));
    }

    Frames json(int sequence, byte[] json) {
        return start('2', 'J').u32(sequence).u32(json.length).raw(json);
    }

    Frames data(char version, int sequence, String... keysAndValues) {
        start(version, 'D').u32(sequence).u32(keysAndValues.length / 2);
        for (var each : keysAndValues) {
            var bytes = each.getBytes(StandardCharsets.UTF_8);
            u32(bytes.length).raw(bytes);
        }
        return this;
    }

    Frames packed(char version, Frames inner) {
        return packed(version, zlib(inner.bytes()));
    }

    Frames packed(char version, byte[] zlib) {
        return start(version, 'C').u32(zlib.length).raw(zlib);
    }

    /// A window of events, `{"n":first}` and on, packed as libbeat does.
    static Frames libbeat(int first, int count) {
        var events = frames();
        for (int i = 0; i < count; i++) {
            events.json(i + 1, "{\"n\":%d}".formatted(first + i));
        }
        return frames().window('2', count).packed('2', events);
    }

    Frames start(char version, char kind) {
        out.write(version);
        out.write(kind);
        return this;
    }

    Frames u32(int number) {
        return raw(ByteBuffer.allocate(4).putInt(number).array());
    }

    Frames raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Frames raw(String text) {
        return raw(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Frames add(Frames more) {
        return raw(more.bytes());
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    static byte[] zlib(byte[] bytes) {
        try (var deflater = new Deflater(3)) {
            deflater.setInput(bytes);
            deflater.finish();
            var packed = new ByteArrayOutputStream();
            var buffer = new byte[8192];
            while (!deflater.finished()) {
                packed.write(buffer, 0, deflater.deflate(buffer));
            }
            return packed.toByteArray();
        }
    }
}
