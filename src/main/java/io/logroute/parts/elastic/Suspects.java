package io.logroute.parts.elastic;

import io.logroute.flow.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/// Events at which the destination ends the connection in place of an answer, and for how long it has.
///
/// An event is to blame only when it was sent alone [#ALONE] times over [Verdict#HOLD] or longer, each time the
/// destination answered to another document right afterwards, and other events were answered since it began: no
/// outage looks like that.
///
/// Safe for all threads. It keeps no event alive.
final class Suspects {
    /// So many requests that begin with an event end without an answer before its events are sent in halves.
    static final int REQUESTS = 3;

    static final int ALONE = 5;

    /// Others were answered meanwhile, too, when it was so short before the event was first sent alone: they
    /// may be of the same request.
    private static final Duration MEANWHILE = Duration.ofSeconds(10);

    private final Map<Event, Times> known = new WeakHashMap<>();
    private Instant lastAnswer = Instant.EPOCH;

    private static final class Times {
        int requests;
        int alone;
        Instant first = Instant.MAX;
    }

    /// A request that begins with the event ended without an answer.
    ///
    /// @return whether the event that is to blame may be looked for
    synchronized boolean ended(Event first) {
        return ++times(first).requests >= REQUESTS;
    }

    /// A request with only this event ended without an answer, and one with another document did not.
    ///
    /// @return why it is to blame, once it is
    synchronized Optional<String> endedAlone(Event event, Instant now) {
        var times = times(event);
        times.alone++;
        times.first = now.isBefore(times.first) ? now : times.first;
        var tried = Duration.between(times.first, now);
        boolean isToBlame = times.alone >= ALONE
                && tried.compareTo(Verdict.HOLD) >= 0
                && !lastAnswer.isBefore(times.first.minus(MEANWHILE));
        return isToBlame
                ? Optional.of(
                        "elasticsearch ended the connection without an answer each of the %d times that this event was sent alone, over %d s, and answered to others meanwhile"
                                .formatted(times.alone, tried.toSeconds()))
                : Optional.empty();
    }

    /// Some events were answered.
    ///
    /// @return whether each of them has to be told by [#answered(Event)]
    synchronized boolean answered(Instant now) {
        lastAnswer = now;
        return !known.isEmpty();
    }

    synchronized void answered(Event event) {
        known.remove(event);
    }

    private Times times(Event event) {
        return known.computeIfAbsent(event, _ -> new Times());
    }
}
