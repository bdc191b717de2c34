package io.logroute.flow;

import java.util.List;

/// Events that travel together: a window from a source, or what a sink writes in one go. Never
/// empty.
public record Batch(List<Event> events) {
    public Batch {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one event");
        }
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
