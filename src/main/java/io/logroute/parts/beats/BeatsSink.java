package io.logroute.parts.beats;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Monitor;
import io.logroute.flow.Sink;
import io.logroute.remote.Pem;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Writes each batch as one window over Lumberjack 2 and waits for its acknowledgement. There is one
/// connection a host, on which several windows are under way; with `loadBalance` a window goes to the
/// host that has the least to acknowledge, else to the first that can be reached.
///
/// A host that cannot be reached, or whose connection was lost, is left alone for a second, then for
/// twice that, up to a minute: for ever, until it is back. When all are left alone the one that is due
/// first is tried. While one thread connects, others that want that host wait for what comes of it, so
/// a batch never waits for longer than a connection takes. Certificates and keys are read anew for each
/// connection: they may have been renewed.
///
/// Of a window whose connection ends, the events before the last acknowledgement are delivered; the
/// others come again. Takes as many threads as [#windowsAtOnce].
public final class BeatsSink implements Sink {
    private static final Duration FIRST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofSeconds(1);

    /// A host, and what is known of it. Guarded by `monitor`.
    private static final class Door {
        final SinkSpec.Beats.Host host;

        @Nullable
        LumberjackLine line;
        /// Whether one thread is connecting now.
        boolean opening;
        /// What came of the last connecting that failed.
        String trouble = "";
        Duration rest = Duration.ZERO;
        long restsUntil;

        Door(SinkSpec.Beats.Host host) {
            this.host = host;
        }
    }

    private final String router;
    private final String name;
    private final SinkSpec.Beats spec;
    private final Instruments meters;
    private final Counter lost;
    private final Monitor monitor = new Monitor();
    private final List<Door> doors;
    private boolean opened;
    /// Takes its gauge away.
    private @Nullable Runnable shown;
    private volatile boolean closed;

    /// @param router, name the labels of its metrics
    public BeatsSink(String router, String name, SinkSpec.Beats spec, Instruments meters) {
        this.router = router;
        this.name = name;
        this.spec = spec;
        this.meters = meters;
        this.lost = meters.counter(Meter.SINK_LOST_CONNECTIONS, router, name);
        this.doors = spec.receivers().stream().map(Door::new).toList();
    }

    /// How many windows may be under way.
    public int windowsAtOnce() {
        return spec.pipelining() * (spec.loadBalance() ? doors.size() : 1);
    }

    /// Reads certificates and keys, so that what is missing is told at the start; connects to nobody.
    ///
    /// @throws IOException with the file that is missing, or not what it should be
    public void open() throws IOException {
        try (var _ = monitor.enter()) {
            if (opened) {
                return;
            }
            tls();
            opened = true;
        }
    }

    /// From the first write on: one that is opened may be turned away, while another of its name goes on.
    private void show() {
        try (var _ = monitor.enter()) {
            if (shown == null && !closed) {
                shown = meters.gauge(Meter.SINK_CONNECTIONS, this::connections, router, name);
            }
        }
    }

    private Optional<SSLContext> tls() throws IOException {
        if (spec.tls().isEmpty()) {
            return Optional.empty();
        }
        try {
            var files = spec.tls().get();
            boolean usual = files.caFile().isEmpty() && files.certificateFile().isEmpty() && files.verify();
            return Optional.of(usual ? SSLContext.getDefault() : Pem.client(files));
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("sink %s: this Java has no TLS".formatted(name), e);
        } catch (IOException e) {
            throw new IOException("sink %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private double connections() {
        try (var _ = monitor.enter()) {
            return doors.stream()
                    .filter(door -> door.line != null && door.line.isUp())
                    .count();
        }
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        open();
        show();
        var window = LumberjackWindow.of(batch.events(), spec.compressionLevel(), spec.beat());
        var door = next();
        var line = connected(door);
        var outcome = line.send(window, batch.size());
        if (outcome.trouble().isEmpty()) {
            worked(door);
            return Collections.nCopies(batch.size(), Delivery.delivered());
        }
        if (failed(door, line)) {
            lost.increment();
        }
        var trouble = "%s: %s".formatted(door.host, outcome.trouble().get());
        if (outcome.acknowledged() == 0) {
            throw new IOException(trouble);
        }
        var deliveries = new ArrayList<Delivery>(batch.size());
        deliveries.addAll(Collections.nCopies(outcome.acknowledged(), Delivery.delivered()));
        deliveries.addAll(
                Collections.nCopies(batch.size() - outcome.acknowledged(), new Delivery.Retry(trouble, SOON)));
        return deliveries;
    }

    /// The host for the next window.
    private Door next() throws InterruptedException {
        try (var _ = monitor.enter()) {
            var wanted = wanted();
            // Whether the others are wanted is known when it is.
            while (!spec.loadBalance() && wanted.opening && !closed) {
                monitor.await(LOOK);
                wanted = wanted();
            }
            return wanted;
        }
    }

    private Door wanted() {
        long now = System.nanoTime();
        Door best = null;
        for (var door : doors) {
            if (door.restsUntil - now > 0 && !door.rest.isZero()) {
                continue;
            }
            if (!spec.loadBalance()) {
                return door;
            }
            if (!door.opening && (best == null || load(door) < load(best))) {
                best = door;
            }
        }
        if (best != null) {
            return best;
        }
        var first = doors.getFirst();
        for (var door : doors) {
            if (door.restsUntil - first.restsUntil < 0) {
                first = door;
            }
        }
        return first;
    }

    private static int load(Door door) {
        return door.line == null ? 0 : door.line.pending();
    }

    private LumberjackLine connected(Door door) throws IOException, InterruptedException {
        try (var _ = monitor.enter()) {
            boolean waited = false;
            while (door.opening && !closed) {
                waited = true;
                monitor.await(LOOK);
            }
            if (closed) {
                throw new IOException("the sink was closed");
            }
            if (door.line != null && door.line.isUp()) {
                return door.line;
            }
            if (waited && door.line == null) {
                throw new IOException(door.trouble);
            }
            door.opening = true;
        }
        LumberjackLine line = null;
        var trouble = "%s: it was not connected to".formatted(door.host);
        try {
            line = LumberjackLine.connect(door.host, tls(), isVerified(), spec.timeout());
            return line;
        } catch (SSLException e) {
            trouble = "%s: TLS failed: %s".formatted(door.host, e.getMessage());
            throw new IOException(trouble, e);
        } catch (IOException e) {
            trouble = "%s: %s".formatted(door.host, LumberjackLine.words(e));
            throw new IOException(trouble, e);
        } finally {
            opened(door, line, trouble);
        }
    }

    private boolean isVerified() {
        return spec.tls().isPresent() && spec.tls().get().verify();
    }

    private void opened(Door door, @Nullable LumberjackLine line, String trouble) {
        try (var _ = monitor.enter()) {
            door.opening = false;
            door.line = line;
            if (line == null) {
                door.trouble = trouble;
                rest(door);
            } else if (closed) {
                line.close();
            }
            monitor.changed();
        }
    }

    private void worked(Door door) {
        try (var _ = monitor.enter()) {
            door.rest = Duration.ZERO;
        }
    }

    /// Whether this is the first to tell that this connection is lost.
    private boolean failed(Door door, LumberjackLine line) {
        try (var _ = monitor.enter()) {
            if (door.line != line) {
                return false;
            }
            door.line = null;
            rest(door);
            return true;
        }
    }

    private static void rest(Door door) {
        var longer = door.rest.isZero() ? FIRST_REST : door.rest.multipliedBy(2);
        door.rest = longer.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : longer;
        // Routers that lost the same host do not all come back at once.
        double part = 0.5 + ThreadLocalRandom.current().nextDouble() / 2;
        door.restsUntil = System.nanoTime() + (long) (door.rest.toNanos() * part);
    }

    @Override
    public void close() {
        try (var _ = monitor.enter()) {
            closed = true;
            for (var door : doors) {
                if (door.line != null) {
                    door.line.close();
                }
            }
            monitor.changed();
            if (shown != null) {
                shown.run();
            }
        }
    }
}
