package io.logroute.parts.nats;

import io.logroute.flow.Behind;
import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.remote.NatsLink;
import io.logroute.remote.NatsServers;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import io.nats.client.ConnectionListener;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes messages from NATS: of a stream of JetStream, acknowledged when their events are stored
/// ([StreamFeed]), or of subjects of core NATS, at most once before us ([SubjectFeed]).
///
/// It starts without servers, and comes to them when they are there: only a missing secret or
/// certificate keeps it from starting. `docs/guide/nats.md` tells what is promised.
public final class NatsSource implements Source {
    private final SourceSpec.Nats spec;
    private final String router;
    private final Instruments meters;
    private final InstantSource clock;
    private final NatsServers servers;
    private volatile long pending;
    private @Nullable NatsLink link;
    private @Nullable Feed feed;
    private @Nullable Listening listening;
    private boolean closed;

    public NatsSource(SourceSpec.Nats spec, String router, Instruments meters, InstantSource clock) {
        this.spec = spec;
        this.router = router;
        this.meters = meters;
        this.clock = clock;
        this.servers = NatsServers.of(spec.servers(), spec.auth(), spec.tls());
    }

    @Override
    public synchronized void start(Inlet inlet) throws IOException {
        if (feed != null || closed) {
            throw new IllegalStateException(spec.label() + " was started before");
        }
        try {
            servers.check();
        } catch (IOException e) {
            throw new IOException("%s: %s".formatted(spec.label(), e.getMessage()), e);
        }
        var heard = new Listening();
        var opened = new NatsLink(servers, "logroute %s %s".formatted(router, spec.label()), heard);
        var counting = new Counting();
        feed = spec.jetstream().isPresent()
                ? stream(spec.jetstream().get(), opened, inlet, counting, heard)
                : new SubjectFeed(
                        spec.label(), spec.core().orElseThrow(), opened, this::decoder, inlet, clock, counting);
        link = opened;
        listening = heard;
        var taking = feed;
        meters.gauge(Meter.SOURCE_UP, () -> opened.isUp() && taking.isUp() ? 1 : 0, router, spec.label());
        meters.gauge(Meter.CONNECTIONS, () -> opened.isUp() ? 1 : 0, router, spec.label());
        feed.start();
    }

    private Feed stream(SourceSpec.NatsStream stream, NatsLink link, Inlet inlet, Counting counting, Listening heard) {
        var made = new StreamFeed(spec.label(), stream, link, decoder(), inlet, clock, counting);
        heard.feed = made;
        meters.gauge(Meter.NATS_PENDING_MESSAGES, () -> pending, router, spec.label());
        meters.gauge(Meter.NATS_UNACKNOWLEDGED_MESSAGES, made::unacknowledged, router, spec.label());
        return made;
    }

    private Decoder decoder() {
        return new Decoder(spec.codec(), spec.subjectField());
    }

    /// Messages that the consumer has not delivered yet; nothing ever waits in core NATS.
    @Override
    public Optional<Behind> behind() {
        Feed running;
        NatsLink opened;
        synchronized (this) {
            running = feed;
            opened = link;
        }
        boolean isUp = running != null && opened != null && opened.isUp() && running.isUp();
        return Optional.of(isUp ? new Behind(pending, Optional.empty()) : Behind.UNKNOWN);
    }

    @Override
    public void close() {
        Feed running;
        NatsLink opened;
        Listening heard;
        synchronized (this) {
            closed = true;
            running = feed;
            opened = link;
            heard = listening;
        }
        if (running == null || opened == null || heard == null) {
            return;
        }
        running.close();
        heard.closing = true;
        opened.close();
        meters.remove(Meter.SOURCE_UP, router, spec.label());
        meters.remove(Meter.CONNECTIONS, router, spec.label());
        if (spec.jetstream().isPresent()) {
            meters.remove(Meter.NATS_PENDING_MESSAGES, router, spec.label());
            meters.remove(Meter.NATS_UNACKNOWLEDGED_MESSAGES, router, spec.label());
        }
    }

    /// What happens to the connection.
    private final class Listening implements ConnectionListener {
        private final Counter losses = meters.counter(Meter.NATS_LOST_CONNECTIONS, router, spec.label());
        private volatile @Nullable StreamFeed feed;
        private volatile boolean closing;

        @Override
        public void connectionEvent(io.nats.client.Connection connection, Events event) {
            if (event == Events.DISCONNECTED && !closing) {
                losses.increment();
            }
            var pulling = feed;
            if (pulling != null && (event == Events.DISCONNECTED || event == Events.RESUBSCRIBED)) {
                pulling.linkChanged();
            }
        }
    }

    private final class Counting implements StreamFeed.Tally, SubjectFeed.Tally {
        private final Counter redelivered = meters.counter(Meter.NATS_REDELIVERED_MESSAGES, router, spec.label());
        private final Counter dropped = meters.counter(Meter.NATS_DROPPED_MESSAGES, router, spec.label());
        private final Counter unreadable = meters.counter(Meter.UNREADABLE_EVENTS, router, spec.label());

        @Override
        public void redelivered() {
            redelivered.increment();
        }

        @Override
        public void dropped(long messages) {
            dropped.increment(messages);
        }

        @Override
        public void refused(int events) {
            meters.counter(Meter.REFUSED_EVENTS, router, spec.label(), "not_stored")
                    .increment(events);
        }

        @Override
        public void unreadable(long events) {
            unreadable.increment(events);
        }

        @Override
        public void pending(long messages) {
            pending = messages;
        }
    }
}
