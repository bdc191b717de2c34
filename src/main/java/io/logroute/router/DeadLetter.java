package io.logroute.router;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// An event that a sink refused for good, as it lies among the dead letters.
///
/// @param time when it was refused
/// @param received when the event came in: its time where it carries no `@timestamp`
/// @param buffer id of the buffer it was read from, empty when that is not known
/// @param seq its number in that buffer
/// @param route the route that sent it
/// @param copy how many routes before that one sent the same event to the same sink
/// @param index the index that the route named, already without templates
/// @param reason why it was refused, in the receiver's words
/// @param content what would have been sent, as JSON: what the route's filters made of it
/// @param cameIn what came in, byte for byte
/// @param lineBytes what it takes in its file
/// @param lineSum sum of its line
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record DeadLetter(
        LetterId id,
        Instant time,
        Instant received,
        String router,
        String sink,
        String buffer,
        long seq,
        String route,
        int copy,
        Optional<String> index,
        String reason,
        byte[] content,
        byte[] cameIn,
        int lineBytes,
        int lineSum) {

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
