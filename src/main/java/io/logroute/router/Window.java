package io.logroute.router;

import io.logroute.buffer.Stored;
import io.logroute.flow.Event;
import java.time.Instant;
import java.util.List;

/// What a record of a router's buffer holds, for tools that look into it.
///
/// @param received when the events were stored
public record Window(Instant received, List<Event> events) {
    public Window {
        events = List.copyOf(events);
    }

    /// @throws IllegalStateException when another LogRoute wrote it
    public static Window of(Stored stored) {
        return new Window(stored.appended(), Drain.decode(stored));
    }
}
