package io.logroute.face;

import io.logroute.flow.Json;
import io.logroute.router.LetterFilter;
import io.logroute.router.LetterId;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which dead letters are meant, and how many at once: of a query or a body.
///
/// A key that nobody knows is refused: a typo in a filter must not mean all letters.
record LettersAsked(LetterFilter filter, Optional<String> to, LetterId after, Optional<LetterId> until, int limit) {
    static final int USUAL = 100;
    static final int MOST = 1_000;
    private static final Set<String> KEYS = Set.of("route", "reason", "since", "id", "to", "after", "until", "limit");

    LettersAsked {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit is %d; write a number from 1 to %d".formatted(limit, MOST));
        }
    }

    /// @throws IllegalArgumentException when something in it is wrong; the message says what to write
    static LettersAsked of(Map<String, String> given) {
        for (var key : given.keySet()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("there is no key \"%s\"; write some of %s"
                        .formatted(key, String.join(", ", new java.util.TreeSet<>(KEYS))));
            }
        }
        return new LettersAsked(
                new LetterFilter(
                        text(given, "route"),
                        text(given, "reason"),
                        text(given, "since").map(LettersAsked::instant),
                        text(given, "id").map(LetterId::parse)),
                text(given, "to"),
                text(given, "after").map(LetterId::parse).orElse(LetterId.START),
                text(given, "until").map(LetterId::parse),
                text(given, "limit").map(LettersAsked::number).orElse(USUAL));
    }

    /// @param body a JSON object
    static LettersAsked of(byte[] body) {
        var given = new LinkedHashMap<String, String>();
        for (var each : Json.parse(body, 0, body.length).entrySet()) {
            given.put(each.getKey(), plain(each.getKey(), each.getValue()));
        }
        return of(given);
    }

    private static String plain(String key, @Nullable Object value) {
        if (value instanceof String || value instanceof Long) {
            return value.toString();
        }
        throw new IllegalArgumentException("%s is no text; write it in quotes, or leave it away".formatted(key));
    }

    private static Optional<String> text(Map<String, String> given, String key) {
        return Optional.ofNullable(given.get(key)).filter(text -> !text.isEmpty());
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("limit is \"%s\"; write a whole number".formatted(text), e);
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "since is \"%s\"; write an instant such as 2026-11-23T02:00:00Z".formatted(text), e);
        }
    }
}
