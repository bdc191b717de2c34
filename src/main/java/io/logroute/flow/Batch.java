package io.logroute.flow;

import java.util.List;

/// Events that travel together: a window from a source, or what a sink writes in one go. Never
/// empty.
///
/// @param isFramed the source's word that the ten bytes before each event, in the event's own
///     array, belong to nobody and may be written to: see [Frames]
public record Batch(List<Event> events, boolean isFramed) {
    public Batch {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one event");
        }
    }

    public Batch(List<Event> events) {
        this(events, false);
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
