package io.logroute.parts.beats;

import io.logroute.flow.Event;
import io.logroute.parts.beats.LumberjackDecoder.Breach;
import io.logroute.parts.beats.LumberjackDecoder.Limits;
import io.logroute.parts.beats.LumberjackDecoder.Window;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What a decoder makes of a whole stream.
///
/// @param holding what the decoder held at the end
/// @param halfFrame whether the stream ended within a frame
record Decoding(List<Window> windows, Optional<Breach> breach, long holding, boolean halfFrame) {
    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    static Decoding of(Frames frames) {
        return of(frames.bytes(), Limits.USUAL);
    }

    static Decoding of(byte[] stream, Limits limits) {
        return of(new ByteArrayInputStream(stream), limits, true);
    }

    /// The stream arrives in pieces as chance has it.
    static Decoding inPieces(byte[] stream, Limits limits, RandomGenerator random) {
        return inPieces(stream, limits, random, true);
    }

    static Decoding inPieces(byte[] stream, Limits limits, RandomGenerator random, boolean useLibdeflate) {
        return of(
                new ByteArrayInputStream(stream) {
                    @Override
                    public synchronized int read(byte[] to, int at, int length) {
                        int most = random.nextInt(4) == 0 ? 3 : 1 + random.nextInt(5000);
                        return super.read(to, at, Math.min(length, 1 + random.nextInt(most)));
                    }
                },
                limits,
                useLibdeflate);
    }

    private static Decoding of(InputStream in, Limits limits, boolean useLibdeflate) {
        var windows = new ArrayList<Window>();
        try (var decoder = new LumberjackDecoder(limits, _ -> {}, useLibdeflate)) {
            Optional<Breach> broken = Optional.empty();
            try {
                do {
                    for (var window = decoder.next(NOON); window != null; window = decoder.next(NOON)) {
                        windows.add(window);
                    }
                } while (decoder.readFrom(in) >= 0);
                var rest = decoder.rest();
                if (rest != null) {
                    windows.add(rest);
                }
            } catch (Breach breach) {
                broken = Optional.of(breach);
            }
            return new Decoding(windows, broken, decoder.holding(), decoder.halfFrame());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Each window as `2:3 {"n":1} {"n":2} {"n":3}`: its version, its acknowledgement, its events
    /// as received.
    List<String> told() {
        return windows.stream()
                .map(window -> (char) window.version() + ":" + Integer.toUnsignedString(window.ack())
                        + String.join(
                                "",
                                window.events().stream()
                                        .map(event -> " " + raw(event))
                                        .toList()))
                .toList();
    }

    private static String raw(Event event) {
        return new String(event.raw(), java.nio.charset.StandardCharsets.UTF_8);
    }

    String reason() {
        return breach.map(Breach::reason).orElse("none");
    }
}
