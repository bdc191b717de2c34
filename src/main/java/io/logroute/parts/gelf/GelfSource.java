package io.logroute.parts.gelf;

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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Listens for GELF over UDP, TCP and TLS. Connections are closed with the reasons of a [Listener].
public final class GelfSource implements Source {
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
        this(spec, router, meters, clock, Listener.readingRoom(spec.maxConnections()));
    }

    GelfSource(SourceSpec.Gelf spec, String router, Instruments meters, InstantSource clock, Room reading) {
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
                meters,
                reading);
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
        public void read(byte[] bytes, int length, InetSocketAddress from, Instant received, Gathering into) {
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
        public void glance(Instant now) {
            chunks.giveUp(now);
        }
    }

    private void message(byte[] bytes, int length, String sender, Instant received, Gathering into) {
        var plain = GelfMessage.inflated(bytes, length, spec.maxMessage().bytes());
        if (plain == null) {
            // What cannot be inflated is no text.
            var text = Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, length));
            add(GelfMessage.plain(text, sender, received, GelfMessage.UNREADABLE), received, into);
            return;
        }
        if (plain.length > 0) {
            add(GelfMessage.fields(plain, 0, plain.length, sender, received), received, into);
        }
    }

    private void add(Map<String, @Nullable Object> fields, Instant received, Gathering into) {
        if (fields.get("tags") instanceof List<?> tags && tags.contains(GelfMessage.UNREADABLE)) {
            meters.counter(Meter.UNREADABLE_EVENTS, router, spec.label()).increment();
        }
        into.add(fields, received);
    }

    private void talk(Peer peer) throws IOException, Breach, InterruptedException {
        new Conversation(peer).run();
    }

    /// What one client says, over TCP: messages that end with NUL. What is longer than allowed comes in
    /// pieces, as text.
    private final class Conversation {
        private final Peer peer;
        private final String sender;
        private final int most = (int) spec.maxMessage().bytes();
        private final Gathering gathering = new Gathering();
        private byte[] bytes = new byte[ReadSize.LEAST];
        private int to;
        private boolean isRest;

        Conversation(Peer peer) {
            this.peer = peer;
            this.sender = peer.address();
        }

        void run() throws IOException, Breach, InterruptedException {
            boolean isFilled = false;
            boolean isQuiet = false;
            while (true) {
                makeRoom(isFilled, isQuiet);
                boolean isSmall = to > 0 || bytes.length == ReadSize.LEAST;
                int n = peer.read(bytes, to, false, isSmall ? FOREVER : ReadSize.QUIET);
                if (n < 0) {
                    break;
                }
                int looked = to;
                to += n;
                isFilled = to == bytes.length;
                isQuiet = n == 0;
                take(looked);
            }
            add(0, to, isRest, clock.instant());
            hand();
        }

        private void makeRoom(boolean isFilled, boolean isQuiet) throws Breach {
            int next = ReadSize.next(bytes.length, to, isFilled, isQuiet);
            if (next < bytes.length || next > bytes.length && peer.mayHold(bytes.length + next)) {
                bytes = Arrays.copyOf(bytes, next);
            }
            if (to == bytes.length) {
                int larger = Math.min(most + 1, 2 * bytes.length);
                peer.hold(bytes.length + larger);
                bytes = Arrays.copyOf(bytes, larger);
            }
            peer.holdOnly(bytes.length);
        }

        private void take(int looked) throws Breach, InterruptedException {
            var received = clock.instant();
            int from = 0;
            for (int i = looked; i < to; i++) {
                if (bytes[i] == 0) {
                    add(from, i, isRest, received);
                    isRest = false;
                    from = i + 1;
                }
            }
            if (to - from > most) {
                add(from, to, true, received);
                isRest = true;
                from = to;
            }
            hand();
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
        }

        private void add(int from, int end, boolean isPiece, Instant received) throws Breach, InterruptedException {
            while (end > from && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
                end--;
            }
            if (end == from) {
                return;
            }
            hold(jsonOf(end - from));
            var fields = isPiece
                    ? GelfMessage.plain(
                            new String(bytes, from, end - from, StandardCharsets.UTF_8),
                            sender,
                            received,
                            GelfMessage.CUT)
                    : GelfMessage.fields(bytes, from, end, sender, received);
            GelfSource.this.add(fields, received, gathering);
            if (gathering.isEnough()) {
                hand();
            }
        }

        /// Waits for memory for one event more; what is whole does not wait with it.
        private void hold(long event) throws Breach, InterruptedException {
            if (!gathering.isEmpty() && !peer.mayHold(bytes.length + gathering.bytesWith(event))) {
                hand();
            }
            peer.hold(bytes.length + gathering.bytesWith(event));
        }

        private void hand() throws InterruptedException {
            if (!gathering.isEmpty()) {
                long size = gathering.bytes();
                peer.insist(gathering.take(), size, GelfSource.this::lost);
                peer.holdOnly(bytes.length);
            }
        }
    }

    /// About as many bytes of JSON as a message becomes.
    private static long jsonOf(int length) {
        return length + (length >> 1) + 512L;
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
