package io.logroute.router;

import java.time.Instant;
import java.util.Optional;

/// All of a dead letter but its event.
///
/// @param time when it was refused
/// @param received when the event came in: its time where it carries no `@timestamp`
/// @param buffer id of the buffer it was read from, empty when that is not known
/// @param seq its number in that buffer
/// @param route the route that sent it
/// @param copy how many targets before that one the same event had at the same sink
/// @param piece which piece it is of the event that came in; empty when it is whole
/// @param index the index that the route named, already without templates
/// @param reason why it was refused, in the receiver's words
public record LetterHead(
        Instant time,
        Instant received,
        String router,
        String sink,
        String buffer,
        long seq,
        String route,
        int copy,
        String piece,
        Optional<String> index,
        String reason) {}
