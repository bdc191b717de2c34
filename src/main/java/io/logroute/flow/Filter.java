package io.logroute.flow;

import java.util.function.Consumer;

/// Changes an event, drops it or makes several of it. Called by one thread at a time.
public interface Filter {
    /// Gives to `next` what is left of the event: the event itself (changed in place or not),
    /// several, or nothing.
    void apply(Event event, Consumer<Event> next);
}
