package io.logroute.flow;

/// Changes an event, drops it or makes several of it. Called by one thread at a time.
public interface Filter {
    /// Where what is left of an event goes on.
    interface Way {
        /// On to the next filter, or to the sink.
        void pass(Event event);

        /// To the dead letters of the sink: it cannot go on.
        ///
        /// @param reason for people: what is wrong with it, and where
        void refuse(Event event, String reason);

        /// Not yet: the event at hand is held back, and goes on later by [#release]. Only a [Holding]
        /// filter may say so.
        default void hold() {}

        /// On, after it was held back.
        ///
        /// @param event with the number of the one that was held back
        /// @param last the number of the last one that became part of it
        default void release(Event event, long last) {
            pass(event);
        }
    }

    /// Gives to `way` what is left of the event: the event itself (changed in place or not),
    /// several, or nothing.
    void apply(Event event, Way way);
}
