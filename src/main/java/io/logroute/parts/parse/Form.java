package io.logroute.parts.parse;

import io.logroute.flow.Event;

/// One way in which people and programs write structure down. Used by one thread at a time.
interface Form {
    /// What it is called in messages: `dissect`.
    String name();

    /// The tag of events that do not fit.
    String tag();

    /// Reads the field of the event into `found`, which is empty.
    ///
    /// @return false when the event has no such field, or null there
    default boolean read(Event event, String[] field, Found found) {
        switch (event.get(field)) {
            case null -> {
                return false;
            }
            case String text -> read(text, found);
            case Object _ -> found.misfit("it is no text");
        }
        return true;
    }

    /// Puts what the text says into `found`, or tells it what does not fit.
    void read(String text, Found found);
}
