package io.logroute.router;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// Which dead letters are meant: all that fit everything that is given.
///
/// @param route the route's whole name
/// @param reason a part of the reason, upper and lower case alike
/// @param since refused then or later
/// @param only this one letter
public record LetterFilter(
        Optional<String> route, Optional<String> reason, Optional<Instant> since, Optional<LetterId> only) {
    public static final LetterFilter ALL =
            new LetterFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// Whether every letter fits.
    public boolean isAll() {
        return equals(ALL);
    }

    boolean fits(LetterHead head, LetterId id) {
        return only.map(id::equals).orElse(true)
                && route.map(head.route()::equals).orElse(true)
                && since.map(from -> !head.time().isBefore(from)).orElse(true)
                && reason.map(part -> head.reason().toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT)))
                        .orElse(true);
    }
}
