package io.logroute.parts.syslog;

import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.parts.listen.Breach;
import io.logroute.parts.listen.Datagrams;
import io.logroute.parts.listen.Gathering;
import io.logroute.parts.listen.InFlight;
import io.logroute.parts.listen.Listener;
import io.logroute.parts.listen.Peer;
import io.logroute.parts.listen.ReadSize;
import io.logroute.parts.listen.Room;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Listens for syslog over UDP, TCP and TLS. Connections are closed with the reasons of a [Listener].
public final class SyslogSource implements Source {
    /// Digits of a count, and what comes with them.
    private static final int COUNT = 16;
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
        this(spec, router, meters, clock, Listener.readingRoom(spec.maxConnections()));
    }

    SyslogSource(SourceSpec.Syslog spec, String router, Instruments meters, InstantSource clock, Room reading) {
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
                meters,
                reading);
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

    private void read(byte[] bytes, int length, InetSocketAddress from, Instant received, Gathering into) {
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == 0)) {
            length--;
        }
        if (length > 0) {
            var sender = from.getAddress().getHostAddress();
            add(SyslogMessage.fields(bytes, 0, length, sender, received, spec.timeZone()), received, into);
        }
    }

    private void add(Map<String, @Nullable Object> fields, Instant received, Gathering into) {
        if (fields.get("tags") instanceof List<?> tags && tags.contains(SyslogMessage.UNREADABLE)) {
            meters.counter(Meter.UNREADABLE_EVENTS, router, spec.label()).increment();
        }
        into.add(fields, received);
    }

    private void talk(Peer peer) throws IOException, Breach, InterruptedException {
        new Conversation(peer).run();
    }

    /// What one client says, over TCP.
    private final class Conversation {
        private final Peer peer;
        private final String sender;
        private final int most = (int) spec.maxMessage().bytes();
        private final SyslogFrames frames = new SyslogFrames(most);
        private final Gathering gathering = new Gathering();
        private byte[] bytes = new byte[ReadSize.LEAST];
        private int to;

        Conversation(Peer peer) {
            this.peer = peer;
            this.sender = peer.address();
        }

        void run() throws IOException, Breach, InterruptedException {
            boolean isFilled = false;
            boolean isQuiet = false;
            while (true) {
                makeRoom(isFilled, isQuiet);
                int n = peer.read(bytes, to, false, patience());
                if (n < 0) {
                    break;
                }
                to += n;
                isFilled = to == bytes.length;
                isQuiet = n == 0;
                take(n == 0 && to > 0);
            }
            take(true);
        }

        private Duration patience() {
            if (to > 0) {
                return REST_OF_LINE;
            }
            return bytes.length > ReadSize.LEAST ? ReadSize.QUIET : FOREVER;
        }

        private void makeRoom(boolean isFilled, boolean isQuiet) throws Breach {
            int next = ReadSize.next(bytes.length, to, isFilled, isQuiet);
            if (next < bytes.length || next > bytes.length && peer.mayHold(bytes.length + next)) {
                bytes = Arrays.copyOf(bytes, next);
            }
            if (to == bytes.length) {
                int larger = Math.min(2 * bytes.length, most + COUNT);
                peer.hold(bytes.length + larger);
                bytes = Arrays.copyOf(bytes, larger);
            }
            peer.holdOnly(bytes.length);
        }

        /// @param isEnd whether what is there is all that comes
        private void take(boolean isEnd) throws Breach, InterruptedException {
            var received = clock.instant();
            int from = 0;
            for (var frame = frames.next(bytes, from, to, isEnd); frame != null; ) {
                from = frame.next();
                if (frame.to() > frame.from()) {
                    hold(jsonOf(frame.to() - frame.from()));
                    add(fields(frame, received), received, gathering);
                }
                if (gathering.isEnough()) {
                    hand();
                }
                frame = frames.next(bytes, from, to, isEnd);
            }
            hand();
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
        }

        /// Waits for memory for one event more; what is whole does not wait with it.
        private void hold(long event) throws Breach, InterruptedException {
            if (!gathering.isEmpty() && !peer.mayHold(bytes.length + gathering.bytesWith(event))) {
                hand();
            }
            peer.hold(bytes.length + gathering.bytesWith(event));
        }

        private Map<String, @Nullable Object> fields(SyslogFrames.Frame frame, Instant received) {
            if (frame.isRest()) {
                var text = new String(bytes, frame.from(), frame.to() - frame.from(), StandardCharsets.UTF_8);
                return SyslogMessage.plain(text, sender, received, SyslogMessage.CUT);
            }
            var fields = SyslogMessage.fields(bytes, frame.from(), frame.to(), sender, received, spec.timeZone());
            if (frame.isPiece() || frame.isTorn()) {
                fields.put("tags", List.of(frame.isTorn() ? SyslogMessage.TORN : SyslogMessage.CUT));
            }
            return fields;
        }

        private void hand() throws InterruptedException {
            if (!gathering.isEmpty()) {
                long size = gathering.bytes();
                peer.insist(gathering.take(), size, SyslogSource.this::lost);
                peer.holdOnly(bytes.length);
            }
        }
    }

    /// About as many bytes of JSON as a message becomes.
    private static long jsonOf(int length) {
        return 2L * length + 1_024;
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
