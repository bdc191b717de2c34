package io.logroute.plan.swarm;

import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// A pipeline's text as Docker configs hold it, and as files in a router's container give it back.
///
/// - as it is, when it fits into one part
/// - as gzip, known by its first two bytes, when that fits
/// - as gzip in several parts: `pipeline.1of3`, with zeros before the number where there are ten or
///   more, so that the names sort as the parts follow
///
/// The same text gives the same parts.
///
/// @param parts in order, and so sorted by name
public record Packed(List<Part> parts) {
    /// Bytes of UTF-8 that a pipeline may have.
    public static final int LARGEST_TEXT = 64 << 20;

    /// The name of the only part, and the beginning of the names of several.
    public static final String NAME = "pipeline";

    private static final int MAGIC_1 = 0x1f;
    private static final int MAGIC_2 = 0x8b;

    /// One Docker config, one file.
    ///
    /// @param name its file's name in the router's container
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Part(String name, byte[] bytes) {}

    public Packed {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a pipeline has one part or more");
        }
    }

    /// Packs that text.
    ///
    /// @param largestPart bytes that one part may have
    /// @throws IllegalArgumentException when the text is larger than [#LARGEST_TEXT]
    public static Packed of(String text, int largestPart) {
        if (largestPart < 1) {
            throw new IllegalArgumentException(
                    "a part of %d bytes holds nothing; give it 1 or more".formatted(largestPart));
        }
        var plain = text.getBytes(StandardCharsets.UTF_8);
        if (plain.length > LARGEST_TEXT) {
            throw new IllegalArgumentException(
                    "the pipeline has %d bytes, and %d are the most; share its routes among several routers"
                            .formatted(plain.length, LARGEST_TEXT));
        }
        if (plain.length <= largestPart) {
            return new Packed(List.of(new Part(NAME, plain)));
        }
        var packed = zipped(plain);
        int count = Math.ceilDiv(packed.length, largestPart);
        var parts = new ArrayList<Part>();
        for (int i = 0; i < count; i++) {
            int from = i * largestPart;
            int to = (int) Math.min(packed.length, (long) from + largestPart);
            parts.add(new Part(name(i, count), Arrays.copyOfRange(packed, from, to)));
        }
        return new Packed(parts);
    }

    /// The name of a part of so many.
    ///
    /// @param index from 0
    static String name(int index, int count) {
        if (count == 1) {
            return NAME;
        }
        var digits = Integer.toString(count).length();
        return "%s.%s".formatted(NAME, ("%0" + digits + "dof%d").formatted(index + 1, count));
    }

    /// All parts, one after the other.
    public byte[] content() {
        var all = new ByteArrayOutputStream();
        parts.forEach(part -> all.writeBytes(part.bytes()));
        return all.toByteArray();
    }

    /// The text as one piece of gzip, as it travels to a router that runs.
    public static byte[] zipped(String text) {
        return zipped(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] zipped(byte[] plain) {
        var out = new ByteArrayOutputStream();
        try (var zip = new Zip(out)) {
            zip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// Its head has neither time nor name.
    private static final class Zip extends GZIPOutputStream {
        Zip(OutputStream out) throws IOException {
            super(out, 8 << 10);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }

    /// The text that this content is: all parts one after the other, packed or not.
    public static Read<String> text(byte[] content) {
        byte[] plain;
        try {
            plain = isZipped(content) ? unzipped(content) : content;
        } catch (IOException e) {
            return bad(
                    "it is no whole gzip: " + e.getMessage(), "Look whether a part is missing, or in the wrong place.");
        }
        if (plain.length > LARGEST_TEXT) {
            return bad("it has more than %d bytes".formatted(LARGEST_TEXT), "Share its routes among several routers.");
        }
        try {
            return new Read.Good<>(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(plain))
                    .toString());
        } catch (CharacterCodingException e) {
            return bad("it is neither UTF-8 nor gzip", "Give the text of one pipeline.");
        }
    }

    private static boolean isZipped(byte[] content) {
        return content.length >= 2 && (content[0] & 0xff) == MAGIC_1 && (content[1] & 0xff) == MAGIC_2;
    }

    /// One byte more than is allowed, at most.
    private static byte[] unzipped(byte[] content) throws IOException {
        try (var zip = new GZIPInputStream(new ByteArrayInputStream(content), 8 << 10)) {
            return zip.readNBytes(LARGEST_TEXT + 1);
        }
    }

    private static Read<String> bad(String what, String mend) {
        return new Read.Bad<>(List.of(new Problem(NAME, what, mend)));
    }
}
