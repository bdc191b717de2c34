package io.logroute.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The name of a pipeline: the first 12 hex digits of the SHA-256 of its canonical text. Same
/// content, same name.
public record Revision(String hash) {
    /// That of a pipeline's canonical text.
    public static Revision of(String text) {
        try {
            var sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Revision(HexFormat.of().formatHex(sum, 0, 6));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return hash;
    }
}
