package io.logroute.parts.elastic;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.text.Template;
import io.logroute.spec.DocumentIds;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// How the id of an event's document is made. One of these per body under construction: it keeps
/// a digest.
///
/// The copy that a second route sends to the same sink carries the route's name after the id, and a
/// piece of an event its number, so that they do not replace each other.
public sealed interface DocumentId {
    /// Elasticsearch takes no longer ids, in bytes of UTF-8, and would turn the whole request away.
    int MAX_BYTES = 512;

    /// Whether we make the ids.
    default boolean isOurs() {
        return true;
    }

    /// Writes the id, ready for a JSON string, without quotes around.
    void write(Event event, ByteArrayOutputStream out);

    static DocumentId of(DocumentIds spec, String bufferId) {
        var sequence = new Sequence(bufferId);
        return switch (spec) {
            case DocumentIds.Sequence _ -> sequence;
            case DocumentIds.Content _ -> new Content();
            case DocumentIds.Template(var template) -> new FromFields(new Template(template), sequence);
            case DocumentIds.None _ -> new None();
        };
    }

    /// The buffer's id and the event's number in it, to the base 36.
    final class Sequence implements DocumentId {
        private final byte[] prefix;
        private final byte[] digits = new byte[13];

        Sequence(String bufferId) {
            this.prefix = quoted(bufferId + "-").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void write(Event event, ByteArrayOutputStream out) {
            out.writeBytes(prefix);
            if (event.seq() < 0) {
                throw new IllegalArgumentException("the event has no number in the buffer yet");
            }
            long rest = event.seq();
            int at = digits.length;
            do {
                digits[--at] = (byte) Character.forDigit((int) (rest % 36), 36);
                rest /= 36;
            } while (rest > 0);
            out.write(digits, at, digits.length - at);
            copy(event, out);
        }
    }

    /// The first 22 characters of the SHA-256 of the bytes that came in, in base64url: 132 bits.
    final class Content implements DocumentId {
        private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

        private final Digest digest = new Digest();

        @Override
        public void write(Event event, ByteArrayOutputStream out) {
            event.rawTo(digest);
            out.write(BASE64.encode(digest.finish()), 0, 22);
            copy(event, out);
        }

        static byte[] of(byte[] bytes) {
            var digest = new Digest();
            digest.writeBytes(bytes);
            return java.util.Arrays.copyOf(BASE64.encode(digest.finish()), 22);
        }
    }

    /// From fields of the event; by [Sequence] where one is missing; a hash of it where it is too
    /// long for an id.
    record FromFields(Template template, Sequence otherwise) implements DocumentId {
        @Override
        public void write(Event event, ByteArrayOutputStream out) {
            var id = template.render(event);
            if (id == null || id.isEmpty()) {
                otherwise.write(event, out);
                return;
            }
            var bytes = id.getBytes(StandardCharsets.UTF_8);
            if (bytes.length + suffix(event).length() > MAX_BYTES) {
                out.writeBytes(Content.of(bytes));
            } else {
                out.writeBytes(quoted(id).getBytes(StandardCharsets.UTF_8));
            }
            copy(event, out);
        }
    }

    /// Elasticsearch makes them.
    record None() implements DocumentId {
        @Override
        public boolean isOurs() {
            return false;
        }

        @Override
        public void write(Event event, ByteArrayOutputStream out) {
            throw new IllegalStateException("there is no id to write");
        }
    }

    private static void copy(Event event, ByteArrayOutputStream out) {
        if (event.address().copy() > 0 || !event.piece().isEmpty()) {
            out.writeBytes(quoted(suffix(event)).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String suffix(Event event) {
        var piece = event.piece().isEmpty() ? "" : "." + event.piece();
        return event.address().copy() > 0 ? "-" + event.address().route() + piece : piece;
    }

    /// The text as it stands between the quotes of a JSON string.
    static String quoted(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c >= 0x7f) {
                var json = Json.write(text);
                return json.substring(1, json.length() - 1);
            }
        }
        return text;
    }

    /// A stream whose bytes go into a digest and nowhere else.
    final class Digest extends ByteArrayOutputStream {
        private final MessageDigest sha256;

        Digest() {
            super(0);
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        @Override
        public void write(int b) {
            sha256.update((byte) b);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            sha256.update(from, offset, length);
        }

        @Override
        public void writeBytes(byte[] bytes) {
            sha256.update(bytes);
        }

        byte[] finish() {
            return sha256.digest();
        }
    }
}
