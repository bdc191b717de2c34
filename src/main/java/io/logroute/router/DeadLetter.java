package io.logroute.router;

import java.nio.charset.StandardCharsets;

/// An event that a sink refused for good, as it lies among the dead letters.
///
/// @param content what would have been sent, as JSON: what the route's filters made of it
/// @param cameIn what came in, byte for byte
/// @param lineBytes what it takes in its file
/// @param lineSum sum of its line
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record DeadLetter(LetterId id, LetterHead head, byte[] content, byte[] cameIn, int lineBytes, int lineSum) {

    /// Whether a filter made something else of what came in.
    public boolean isChanged() {
        return content != cameIn;
    }

    /// What would have been sent, as text.
    public String contentText() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /// What came in, as text.
    public String cameInText() {
        return new String(cameIn, StandardCharsets.UTF_8);
    }
}
