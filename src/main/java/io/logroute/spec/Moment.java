package io.logroute.spec;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/// A point in time, written as in ISO 8601: `2026-11-22T10:00:00Z`.
public record Moment(Instant at) {
    /// @throws IllegalArgumentException when the text is no such time
    public static Moment parse(String text) {
        try {
            return new Moment(OffsetDateTime.parse(text.strip()).toInstant());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "\"%s\" is no time; write for instance 2026-11-22T10:00:00Z".formatted(text), e);
        }
    }

    @Override
    public String toString() {
        return at.toString();
    }
}
