package io.logroute.router;

import io.logroute.flow.Sink;
import java.io.IOException;
import java.time.Duration;

/// A sink, what it is called in specs, and how it likes to be written to.
///
/// @param open reads what it needs before the first write, such as secrets; fails when that is
///     not there
record Outlet(String kind, Sink sink, Gathering gathering, Opening open) {
    /// How events are gathered into one write.
    ///
    /// @param inFlight writes at the same time
    record Gathering(int maxEvents, long maxBytes, Duration linger, int inFlight) {}

    /// The same, with chunks small enough for all that are under way to fit into so much memory.
    Outlet within(long bytes) {
        long each = Math.max(64 << 10, bytes / (gathering.inFlight() + 1));
        var fitting = new Gathering(
                gathering.maxEvents(), Math.min(gathering.maxBytes(), each), gathering.linger(), gathering.inFlight());
        return new Outlet(kind, sink, fitting, open);
    }

    /// Reads what a sink needs, or says what is missing and how to mend it.
    interface Opening {
        void open() throws IOException;

        Opening NOTHING = () -> {};
    }
}
