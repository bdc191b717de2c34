package io.logroute.parts.sift;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A key by the first 128 bits of its SHA-256: as good as the text, and small however long that is.
record KeyHash(long high, long low) {
    /// Makes hashes; of one thread.
    static final class Maker {
        private final MessageDigest sha256;

        Maker() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        KeyHash of(String text) {
            return of(text.getBytes(StandardCharsets.UTF_8));
        }

        KeyHash of(byte[] bytes) {
            var digest = ByteBuffer.wrap(sha256.digest(bytes));
            return new KeyHash(digest.getLong(), digest.getLong());
        }
    }
}
