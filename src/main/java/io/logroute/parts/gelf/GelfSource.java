package io.logroute.parts.gelf;

import io.logroute.flow.Batch;
import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Json;
import io.logroute.flow.Source;
import io.logroute.parts.listen.Breach;
import io.logroute.parts.listen.Datagrams;
import io.logroute.parts.listen.InFlight;
import io.logroute.parts.listen.Listener;
import io.logroute.parts.listen.Peer;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Listens for GELF over UDP, TCP and TLS. Connections are closed with the reasons of a [Listener].
public final class GelfSource implements Source {
    private static final int READ = 64 << 10;
    private static final long ENOUGH_BYTES = 4 << 20;
    private static final int MOST_MESSAGES = 1_000;
    private static final long MOST_BYTES = 16 << 20;
    private static final Duration FOREVER = Duration.ofDays(30);
    private static final Duration HALF = Duration.ofSeconds(60);

    private final SourceSpec.Gelf spec;
    private final String router;
    private final Instruments meters;
    private final InstantSource clock;
    private final Listener listener;
    private final Datagrams datagrams;
    private @Nullable InFlight inFlight;

    public GelfSource(SourceSpec.Gelf spec, String router, Instruments meters, InstantSource clock) {
        this.spec = spec;
        this.router = router;
        this.meters = meters;
        this.clock = clock;
        this.listener = new Listener(
                new Listener.Terms(
                        router,
                        spec.label(),
                        "gelf",
                        spec.host(),
                        spec.port(),
                        spec.maxConnections(),
                        spec.idleTimeout(),
                        HALF,
                        spec.tls()),
                meters);
        this.datagrams = new Datagrams(router, spec.label(), "gelf", spec.host(), spec.port(), meters, clock);
    }

    @Override
    public void start(Inlet inlet) throws IOException {
        var handed = new InFlight(inlet);
        inFlight = handed;
        if (spec.transport() != SourceSpec.Transport.UDP) {
            listener.start(handed, this::talk);
        }
        if (spec.transport() != SourceSpec.Transport.TCP) {
            try {
                int port = spec.transport() == SourceSpec.Transport.BOTH ? listener.port() : spec.port();
                datagrams.start(port, handed, new Reading());
            } catch (IOException e) {
                listener.close();
                throw e;
            }
        }
    }

    /// The port that it listens on.
    ///
    /// @throws IllegalStateException before [#start]
    public int port() {
        return spec.transport() == SourceSpec.Transport.UDP ? datagrams.port() : listener.port();
    }

    private final class Reading implements Datagrams.Reading {
        private final Chunks chunks = new Chunks(
                MOST_MESSAGES,
                MOST_BYTES,
                spec.maxMessage().bytes(),
                datagrams -> meters.counter(Meter.LOST_DATAGRAMS, router, spec.label(), "incomplete")
                        .increment(datagrams));

        @Override
        public void read(byte[] bytes, int length, InetSocketAddress from, Instant received, List<Event> into) {
            var sender = from.getAddress().getHostAddress();
            if (!Chunks.isChunk(bytes, length)) {
                message(bytes, length, sender, received, into);
                return;
            }
            var whole = chunks.take(bytes, length, from.toString(), received);
            if (whole != null) {
                message(whole, whole.length, sender, received, into);
            }
        }

        @Override
        public void glance(Instant now, List<Event> into) {
            chunks.giveUp(now);
        }
    }

    private void message(byte[] bytes, int length, String sender, Instant received, List<Event> into) {
        var plain = GelfMessage.inflated(bytes, length, spec.maxMessage().bytes());
        if (plain == null) {
            // What cannot be inflated is no text.
            var text = Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, length));
            into.add(written(GelfMessage.plain(text, sender, received, GelfMessage.UNREADABLE), received));
            return;
        }
        if (plain.length > 0) {
            into.add(written(GelfMessage.fields(plain, 0, plain.length, sender, received), received));
        }
    }

    private Event written(Map<String, @Nullable Object> fields, Instant received) {
        if (fields.get("tags") instanceof List<?> tags && tags.contains(GelfMessage.UNREADABLE)) {
            meters.counter(Meter.UNREADABLE_EVENTS, router, spec.label()).increment();
        }
        var out = new Bytes(512);
        Json.write(fields, out);
        return Event.of(out.array(), 0, out.size(), -1, received);
    }

    /// Messages that end with NUL. What is longer than allowed comes in pieces, as text.
    private void talk(Peer peer) throws IOException, Breach, InterruptedException {
        int most = (int) spec.maxMessage().bytes();
        var bytes = new byte[READ];
        var sender = peer.address();
        int to = 0;
        int looked = 0;
        boolean isRest = false;
        while (true) {
            if (to == bytes.length) {
                int larger = Math.min(most + 1, 2 * bytes.length);
                peer.hold(bytes.length + larger);
                bytes = Arrays.copyOf(bytes, larger);
            }
            int n = peer.read(bytes, to, false, FOREVER);
            if (n < 0) {
                break;
            }
            to += n;
            var received = clock.instant();
            var events = new ArrayList<Event>();
            int from = 0;
            for (int i = looked; i < to; i++) {
                if (bytes[i] == 0) {
                    add(bytes, from, i, isRest, sender, received, events);
                    isRest = false;
                    from = i + 1;
                }
            }
            if (to - from > most) {
                add(bytes, from, to, true, sender, received, events);
                isRest = true;
                from = to;
            }
            hand(peer, events);
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
            looked = to;
            if (to == 0 && bytes.length > READ) {
                bytes = new byte[READ];
            }
            peer.holdOnly(bytes.length);
        }
        var events = new ArrayList<Event>();
        add(bytes, 0, to, isRest, sender, clock.instant(), events);
        hand(peer, events);
    }

    private void add(
            byte[] bytes, int from, int to, boolean isPiece, String sender, Instant received, List<Event> events) {
        while (to > from && (bytes[to - 1] == '\n' || bytes[to - 1] == '\r')) {
            to--;
        }
        if (to == from) {
            return;
        }
        var fields = isPiece
                ? GelfMessage.plain(
                        new String(bytes, from, to - from, StandardCharsets.UTF_8), sender, received, GelfMessage.CUT)
                : GelfMessage.fields(bytes, from, to, sender, received);
        events.add(written(fields, received));
    }

    private void hand(Peer peer, List<Event> events) throws InterruptedException {
        int from = 0;
        long size = 0;
        for (int i = 0; i < events.size(); i++) {
            size += events.get(i).size();
            if (size >= ENOUGH_BYTES || i == events.size() - 1) {
                peer.insist(new Batch(events.subList(from, i + 1)), size, this::lost);
                from = i + 1;
                size = 0;
            }
        }
    }

    private void lost(String reason, int events) {
        meters.counter(Meter.REFUSED_EVENTS, router, spec.label(), "refused").increment(events);
    }

    @Override
    public void close() {
        listener.close();
        datagrams.close();
        if (inFlight != null) {
            inFlight.close();
        }
    }
}
