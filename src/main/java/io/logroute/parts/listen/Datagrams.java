package io.logroute.parts.listen;

import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A UDP port. One thread takes what is there and hands it over in batches; while the buffer is full it
/// does not read, and the system drops what finds no place in its own buffer. Where the system tells
/// how much that was (Linux does), it is counted, and once a minute there is a line in the log.
public final class Datagrams implements AutoCloseable {
    private static final int LARGEST = 64 << 10;
    /// Chunks may come for long and be no message.
    private static final int MOST_DATAGRAMS = 5_000;
    /// Asked for; the system gives what it may (`net.core.rmem_max`).
    private static final int KERNEL_BUFFER = 16 << 20;

    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration LAST = Duration.ofSeconds(1);
    private static final Duration SAME_WARNING = Duration.ofMinutes(1);
    private static final System.Logger LOG = System.getLogger(Datagrams.class.getName());

    /// Makes events of one datagram.
    public interface Reading {
        /// @param bytes of the caller; they change afterwards
        void read(byte[] bytes, int length, InetSocketAddress from, Instant received, Gathering into);

        /// About once a second: what waited too long for its rest is given up.
        default void glance(Instant now) {}
    }

    private final String router;
    private final String label;
    private final String kind;
    private final String host;
    private final int port;
    private final Instruments meters;
    private final InstantSource clock;
    private @Nullable DatagramChannel channel;
    private @Nullable Selector selector;
    private @Nullable Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closing;
    private long dropped;
    private long untold;
    private long toldAt;

    /// @param kind the key of the source in documents, for messages
    public Datagrams(
            String router, String label, String kind, String host, int port, Instruments meters, InstantSource clock) {
        this.router = router;
        this.label = label;
        this.kind = kind;
        this.host = host;
        this.port = port;
        this.meters = meters;
        this.clock = clock;
    }

    /// @param port the port to take, where it is not that of the constructor
    /// @throws IOException when it cannot listen, in words for people; nothing is left open then
    public void start(int port, InFlight inFlight, Reading reading) throws IOException {
        var opened = DatagramChannel.open();
        try {
            opened.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER);
            opened.bind(new InetSocketAddress(host, port));
            opened.configureBlocking(false);
            selector = Selector.open();
            opened.register(selector, SelectionKey.OP_READ);
            // Sockets of others on another address of the port count there, too.
            dropped = dropped(opened.socket().getLocalPort());
            toldAt = System.nanoTime() - SAME_WARNING.toNanos();
        } catch (IOException e) {
            opened.close();
            throw new IOException(label + ": " + Listener.whyNot(e, kind, host, port), e);
        }
        channel = opened;
        var selecting = selector;
        thread = Thread.ofPlatform().name(label + "-udp").daemon().start(() -> {
            try {
                run(opened, selecting, inFlight, reading);
            } finally {
                ended.countDown();
            }
        });
    }

    /// @throws IllegalStateException before [#start]
    public int port() {
        if (channel == null) {
            throw new IllegalStateException(label + " was not started");
        }
        return channel.socket().getLocalPort();
    }

    private void run(DatagramChannel from, Selector selecting, InFlight inFlight, Reading reading) {
        var buffer = ByteBuffer.allocate(LARGEST);
        var gathering = new Gathering();
        long glanced = System.nanoTime();
        try {
            while (!closing) {
                selecting.select(GLANCE.toMillis());
                selecting.selectedKeys().clear();
                boolean more = true;
                while (more && !closing) {
                    more = gather(from, buffer, reading, gathering);
                    if (System.nanoTime() - glanced >= GLANCE.toNanos()) {
                        glanced = System.nanoTime();
                        reading.glance(clock.instant());
                        countDropped(from.socket().getLocalPort());
                    }
                    hand(gathering, inFlight);
                }
            }
            takeLast(from, buffer, reading, gathering, inFlight);
        } catch (InterruptedException | ClosedSelectorException e) {
            // This closes.
        } catch (IOException e) {
            if (!closing) {
                LOG.log(Level.ERROR, router + "/" + label + ": UDP is not read any more", e);
            }
        } finally {
            countDropped(from.socket().getLocalPort());
        }
    }

    /// What has come before the source ends.
    private void takeLast(
            DatagramChannel from, ByteBuffer buffer, Reading reading, Gathering gathering, InFlight inFlight)
            throws IOException, InterruptedException {
        long until = System.nanoTime() + LAST.toNanos();
        boolean more = true;
        while (more && System.nanoTime() < until) {
            more = gather(from, buffer, reading, gathering);
            hand(gathering, inFlight);
        }
    }

    private void hand(Gathering gathering, InFlight inFlight) throws InterruptedException {
        if (gathering.isEmpty()) {
            return;
        }
        long bytes = gathering.bytes();
        var batch = gathering.take();
        try {
            inFlight.insist(batch, bytes, this::lost);
        } catch (InterruptedException e) {
            lost("stopped", batch.size());
            throw e;
        }
    }

    /// @return whether there may be more
    private boolean gather(DatagramChannel from, ByteBuffer buffer, Reading reading, Gathering gathering)
            throws IOException {
        var received = clock.instant();
        for (int i = 0; i < MOST_DATAGRAMS && !gathering.isEnough(); i++) {
            buffer.clear();
            if (!(from.receive(buffer) instanceof InetSocketAddress sender)) {
                return false;
            }
            try {
                reading.read(buffer.array(), buffer.position(), sender, received, gathering);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a datagram from " + sender + " could not be read; please report this", e);
            }
        }
        return true;
    }

    private void lost(String reason, int events) {
        meters.counter(Meter.LOST_DATAGRAMS, router, label, "stopped").increment(events);
    }

    private void countDropped(int port) {
        long now = dropped(port);
        if (now > dropped) {
            meters.counter(Meter.LOST_DATAGRAMS, router, label, "kernel").increment(now - dropped);
            untold += now - dropped;
        }
        dropped = now;
        if (untold > 0 && System.nanoTime() - toldAt >= SAME_WARNING.toNanos()) {
            LOG.log(
                    Level.WARNING,
                    "{0}/{1}: {2} datagrams at UDP port {3} found no place in the system''s buffer and are lost; they come faster than they are stored: raise net.core.rmem_max, or have them sent over TCP",
                    router,
                    label,
                    Long.toString(untold),
                    Integer.toString(port));
            untold = 0;
            toldAt = System.nanoTime();
        }
    }

    /// What the system says that it dropped at this port.
    private static long dropped(int port) {
        return drops("/proc/net/udp", port) + drops("/proc/net/udp6", port);
    }

    private static long drops(String file, int port) {
        try {
            return drops(Files.readAllLines(Path.of(file)), port);
        } catch (IOException e) {
            return 0;
        }
    }

    /// The last columns of the lines of sockets at this port.

    static long drops(List<String> lines, int port) {
        var ours = String.format(Locale.ROOT, ":%04X", port);
        long sum = 0;
        for (var line : lines) {
            var columns = line.strip().split("\\s+");
            if (columns.length >= 13 && columns[1].endsWith(ours) && columns[12].matches("\\d{1,18}")) {
                sum += Long.parseLong(columns[12]);
            }
        }
        return sum;
    }

    /// Takes what has come, and reads no more. What was read is handed over, where the buffer takes it
    /// soon.
    @Override
    public void close() {
        closing = true;
        var running = thread;
        if (channel == null || selector == null || running == null) {
            return;
        }
        try {
            selector.wakeup();
            if (!hasEnded(GRACE)) {
                running.interrupt();
                hasEnded(GRACE);
            }
            selector.close();
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the port", e);
        }
    }

    /// To join a thread of the platform is a timed wait at an object.
    private boolean hasEnded(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
