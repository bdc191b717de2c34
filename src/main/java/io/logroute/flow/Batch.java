package io.logroute.flow;

import java.util.List;
import java.util.Optional;

/// Events that travel together: a window from a source, or what a sink writes in one go. Never
/// empty.
///
/// @param isFramed the source's word that the ten bytes before each event, in the event's own
///     array, belong to nobody and may be written to: see [Frames]
/// @param mark how far the source is with these events
public record Batch(List<Event> events, boolean isFramed, Optional<Mark> mark) {
    public Batch {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one event");
        }
    }

    public Batch(List<Event> events) {
        this(events, false);
    }

    public Batch(List<Event> events, boolean isFramed) {
        this(events, isFramed, Optional.empty());
    }

    /// Events that take their source to this mark.
    public static Batch marked(List<Event> events, Mark mark) {
        return new Batch(events, false, Optional.of(mark));
    }

    public static Batch framed(List<Event> events) {
        return new Batch(events, true);
    }

    public int size() {
        return events.size();
    }

    /// Bytes of JSON in all events together.
    public long bytes() {
        long sum = 0;
        for (Event event : events) {
            sum += event.size();
        }
        return sum;
    }
}
