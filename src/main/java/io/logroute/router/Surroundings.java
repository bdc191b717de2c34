package io.logroute.router;

import io.logroute.parts.cel.Given;
import io.logroute.telemetry.Instruments;
import java.time.InstantSource;

/// What a filter may ask besides its event.
///
/// @param router, route their names
/// @param clock the time of now, for what must not depend on the events' own times
/// @param isRehearsal whether nothing leaves: then no secret is read, and others stand for them
record Surroundings(String router, String route, Instruments meters, InstantSource clock, boolean isRehearsal) {
    /// What expressions in CEL may ask.
    Given given() {
        return new Given(route, clock);
    }
}
