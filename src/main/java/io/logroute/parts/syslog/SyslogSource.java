package io.logroute.parts.syslog;

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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Listens for syslog over UDP, TCP and TLS. Connections are closed with the reasons of a [Listener].
public final class SyslogSource implements Source {
    private static final int READ = 64 << 10;
    private static final long ENOUGH_BYTES = 4 << 20;
    private static final Duration FOREVER = Duration.ofDays(30);
    /// A line that does not come to its end is an event after so long.
    private static final Duration REST_OF_LINE = Duration.ofSeconds(10);

    private final SourceSpec.Syslog spec;
    private final String router;
    private final Instruments meters;
    private final InstantSource clock;
    private final Listener listener;
    private final Datagrams datagrams;
    private @Nullable InFlight inFlight;

    public SyslogSource(SourceSpec.Syslog spec, String router, Instruments meters, InstantSource clock) {
        this.spec = spec;
        this.router = router;
        this.meters = meters;
        this.clock = clock;
        this.listener = new Listener(
                new Listener.Terms(
                        router,
                        spec.label(),
                        "syslog",
                        spec.host(),
                        spec.port(),
                        spec.maxConnections(),
                        spec.idleTimeout(),
                        FOREVER,
                        spec.tls()),
                meters);
        this.datagrams = new Datagrams(router, spec.label(), "syslog", spec.host(), spec.port(), meters, clock);
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
                datagrams.start(port, handed, this::read);
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

    private void read(byte[] bytes, int length, InetSocketAddress from, Instant received, List<Event> into) {
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == 0)) {
            length--;
        }
        if (length > 0) {
            into.add(event(bytes, 0, length, from.getAddress().getHostAddress(), received));
        }
    }

    private Event event(byte[] bytes, int from, int to, String sender, Instant received) {
        return written(SyslogMessage.fields(bytes, from, to, sender, received, spec.timeZone()), received);
    }

    private Event written(Map<String, @Nullable Object> fields, Instant received) {
        if (fields.get("tags") instanceof List<?> tags && tags.contains(SyslogMessage.UNREADABLE)) {
            meters.counter(Meter.UNREADABLE_EVENTS, router, spec.label()).increment();
        }
        var out = new Bytes(512);
        Json.write(fields, out);
        return Event.of(out.array(), 0, out.size(), -1, received);
    }

    private void talk(Peer peer) throws IOException, Breach, InterruptedException {
        int most = (int) spec.maxMessage().bytes();
        var frames = new SyslogFrames(most);
        var bytes = new byte[Math.max(READ, most + 16)];
        peer.hold(bytes.length);
        var sender = peer.address();
        int to = 0;
        while (true) {
            int n = peer.read(bytes, to, false, to > 0 ? REST_OF_LINE : FOREVER);
            if (n < 0) {
                break;
            }
            to += n;
            to = take(peer, frames, bytes, to, sender, n == 0 && to > 0);
        }
        take(peer, frames, bytes, to, sender, true);
    }

    /// @param isEnd whether what is there is all that comes
    /// @return how many bytes are left
    private int take(Peer peer, SyslogFrames frames, byte[] bytes, int to, String sender, boolean isEnd)
            throws InterruptedException {
        var received = clock.instant();
        var events = new ArrayList<Event>();
        long size = 0;
        int from = 0;
        for (var frame = frames.next(bytes, from, to, isEnd); frame != null; ) {
            from = frame.next();
            if (frame.to() > frame.from()) {
                var event = event(frame, bytes, sender, received);
                events.add(event);
                size += event.size();
            }
            if (size >= ENOUGH_BYTES) {
                peer.insist(new Batch(events), size, this::lost);
                events.clear();
                size = 0;
            }
            frame = frames.next(bytes, from, to, isEnd);
        }
        if (!events.isEmpty()) {
            peer.insist(new Batch(events), size, this::lost);
        }
        System.arraycopy(bytes, from, bytes, 0, to - from);
        return to - from;
    }

    private Event event(SyslogFrames.Frame frame, byte[] bytes, String sender, Instant received) {
        if (!frame.isPiece()) {
            return event(bytes, frame.from(), frame.to(), sender, received);
        }
        if (frame.isRest()) {
            var text = new String(bytes, frame.from(), frame.to() - frame.from(), StandardCharsets.UTF_8);
            return written(SyslogMessage.plain(text, sender, received, SyslogMessage.CUT), received);
        }
        var fields = SyslogMessage.fields(bytes, frame.from(), frame.to(), sender, received, spec.timeZone());
        fields.put("tags", List.of(SyslogMessage.CUT));
        return written(fields, received);
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
