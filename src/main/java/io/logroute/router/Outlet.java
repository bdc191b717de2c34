package io.logroute.router;

import io.logroute.flow.Batch;
import io.logroute.flow.Behind;
import io.logroute.flow.Delivery;
import io.logroute.flow.Preparation;
import io.logroute.flow.Sink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

    /// The same, which is not ready before that drain has ended: it writes to the same place.
    Outlet after(String other, Drain drain) {
        return new Outlet(kind, new After(sink, other, drain), gathering, open);
    }

    private record After(Sink sink, String other, Drain drain) implements Sink {
        private static final Duration PATIENCE = Duration.ofSeconds(1);

        @Override
        public void prepare() throws IOException, InterruptedException {
            if (!drain.awaitEnd(PATIENCE)) {
                throw new IOException(
                        "sink %s writes the same files and has not ended yet: it is no longer declared, but has not taken all that was accepted before"
                                .formatted(other));
            }
            sink.prepare();
        }

        @Override
        public Preparation preparation() {
            return sink.preparation();
        }

        @Override
        public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
            return sink.write(batch);
        }

        @Override
        public Optional<Behind> behind() {
            return sink.behind();
        }

        @Override
        public void close() {
            sink.close();
        }
    }

    /// Reads what a sink needs, or says what is missing and how to mend it.
    interface Opening {
        void open() throws IOException;

        Opening NOTHING = () -> {};
    }
}
