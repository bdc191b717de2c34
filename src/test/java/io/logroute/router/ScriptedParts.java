package io.logroute.router;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Sink;
import io.logroute.flow.Source;
import io.logroute.parts.elastic.Mappings;
import io.logroute.router.Outlet.Gathering;
import io.logroute.spec.LogSink;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Sources that a test feeds and destinations that it holds up, for routers that are real in all else.
final class ScriptedParts extends Assemble {
    private static final Gathering SMALL = new Gathering(7, 1 << 20, Duration.ofMillis(1), 2);

    /// How sinks that are opened from now on gather.
    volatile Gathering gathering = SMALL;

    private final Map<String, Destination> destinations = new ConcurrentHashMap<>();
    private final Map<String, Listening> listening = new ConcurrentHashMap<>();
    /// Labels of sources that cannot be opened.
    final Set<String> taken = ConcurrentHashMap.newKeySet();
    /// Labels of sources that cannot be opened the next time.
    final Set<String> failOnce = ConcurrentHashMap.newKeySet();
    /// What sources wait for at their end.
    volatile CountDownLatch sourcesEnd = new CountDownLatch(0);
    /// Names of sinks that cannot be opened.
    final Set<String> withoutSecret = ConcurrentHashMap.newKeySet();

    ScriptedParts(Path data, Instruments meters, InstantSource clock) {
        super(data, Mappings.of(Optional.empty()), new PrintStream(OutputStream.nullOutputStream()), meters, clock);
    }

    /// What became of sources: "open http:7001".
    final List<String> story = new CopyOnWriteArrayList<>();

    /// An event that a destination took.
    record Taken(long n, long seq, String route) {}

    /// Where a sink of that name writes to, whatever its spec.
    Destination destination(String sink) {
        return destinations.computeIfAbsent(sink, _ -> new Destination());
    }

    /// The source that listens under that label; none when nobody does.
    Optional<Listening> source(String label) {
        return Optional.ofNullable(listening.get(label));
    }

    @Override
    Source source(String router, SourceSpec spec, java.util.function.Supplier<java.util.Set<String>> enabled) {
        return new Listening(spec.label());
    }

    @Override
    Outlet outlet(String router, LogSink sink, String buffer) {
        var name = sink.name().value();
        return new Outlet("scripted", destination(name).sink(), gathering, () -> {
            if (withoutSecret.contains(name)) {
                throw new IOException("sink %s: the secret is not there".formatted(name));
            }
        });
    }

    final class Listening implements Source {
        private final String label;
        private volatile @Nullable Inlet inlet;

        private Listening(String label) {
            this.label = label;
        }

        @Override
        public void start(Inlet inlet) throws IOException {
            if (taken.contains(label) || failOnce.remove(label)) {
                throw new IOException(label + " is taken");
            }
            this.inlet = inlet;
            story.add("open " + label);
            if (listening.putIfAbsent(label, this) != null) {
                throw new IllegalStateException("two listen at " + label);
            }
        }

        /// Takes in a window; what is given completes when it is stored.
        CompletableFuture<Void> take(List<String> events) throws InterruptedException {
            var stored = new CompletableFuture<Void>();
            Objects.requireNonNull(inlet).accept(Rig.batch(events), Rig.receipt(stored));
            return stored.orTimeout(60, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            if (listening.remove(label, this)) {
                story.add("close " + label);
            }
            try {
                sourcesEnd.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// What is behind a sink, also when the sink is made anew.
    static final class Destination {
        private final List<Taken> taken = new ArrayList<>();
        private boolean held;
        private boolean deaf;
        private boolean failing;
        private int opened;

        /// Writes wait until [#goOn]; those that are deaf hear neither interrupts nor that the sink is closed.
        synchronized void hold(boolean deaf) {
            held = true;
            this.deaf = deaf;
        }

        /// Writes fail until [#goOn].
        synchronized void fail() {
            failing = true;
            held = false;
            notifyAll();
        }

        synchronized void goOn() {
            held = false;
            deaf = false;
            failing = false;
            notifyAll();
        }

        synchronized List<Taken> taken() {
            return List.copyOf(taken);
        }

        synchronized int size() {
            return taken.size();
        }

        /// How often a sink was made for it.
        synchronized int opened() {
            return opened;
        }

        private synchronized Sink sink() {
            opened++;
            return new Writer();
        }

        private final class Writer implements Sink {
            private boolean closed;

            @Override
            public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
                synchronized (Destination.this) {
                    awaitItsTurn();
                    if (failing || closed) {
                        throw new IOException("connection refused");
                    }
                    batch.events().forEach(Destination.this::take);
                    return batch.events().stream()
                            .map(_ -> Delivery.delivered())
                            .toList();
                }
            }

            private void awaitItsTurn() throws InterruptedException {
                while (held && (deaf || !closed)) {
                    try {
                        Destination.this.wait();
                    } catch (InterruptedException e) {
                        if (!deaf) {
                            throw e;
                        }
                    }
                }
            }

            @Override
            public void close() {
                synchronized (Destination.this) {
                    closed = true;
                    Destination.this.notifyAll();
                }
            }
        }

        private void take(Event event) {
            taken.add(new Taken(
                    Long.parseLong(String.valueOf(event.text("n"))),
                    event.seq(),
                    event.address().route()));
        }
    }
}
