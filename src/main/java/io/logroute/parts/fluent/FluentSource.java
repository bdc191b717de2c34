package io.logroute.parts.fluent;

import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.parts.listen.InFlight;
import io.logroute.parts.listen.Listener;
import io.logroute.parts.listen.Room;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Listens for clients of the Forward protocol, with TLS or without.
///
/// Beside the reasons of a [Listener], connections are closed as `garbage` (not the protocol),
/// `oversized`, `not_logs` (metrics or traces of Fluent Bit) and `auth` (the handshake failed).
public final class FluentSource implements Source {
    /// So long one message may take to come, its waiting for memory and buffer aside.
    private static final Duration HALF = Duration.ofSeconds(60);

    private final SourceSpec.Fluent spec;
    private final String router;
    private final Instruments meters;
    private final InstantSource clock;
    private final Listener listener;
    private @Nullable InFlight inFlight;

    public FluentSource(SourceSpec.Fluent spec, String router, Instruments meters, InstantSource clock) {
        this(spec, router, meters, clock, Listener.readingRoom(spec.maxConnections()));
    }

    FluentSource(SourceSpec.Fluent spec, String router, Instruments meters, InstantSource clock, Room reading) {
        this.spec = spec;
        this.router = router;
        this.meters = meters;
        this.clock = clock;
        this.listener = new Listener(
                new Listener.Terms(
                        router,
                        spec.label(),
                        "fluent",
                        spec.host(),
                        spec.port(),
                        spec.maxConnections(),
                        spec.idleTimeout(),
                        HALF,
                        spec.tls()),
                meters,
                reading);
    }

    @Override
    public void start(Inlet inlet) throws IOException {
        var handshake =
                spec.security().isPresent() ? Handshake.of(spec.security().get()) : null;
        var handed = new InFlight(inlet);
        inFlight = handed;
        listener.start(
                handed,
                peer -> new Conversation(peer, handshake, spec.maxMessage().bytes(), clock, this::lost).run());
    }

    private void lost(String reason, int events) {
        meters.counter(Meter.REFUSED_EVENTS, router, spec.label(), "refused").increment(events);
    }

    /// The port that it listens on.
    ///
    /// @throws IllegalStateException before [#start]
    public int port() {
        return listener.port();
    }

    @Override
    public void close() {
        listener.close();
        if (inFlight != null) {
            inFlight.close();
        }
    }
}
