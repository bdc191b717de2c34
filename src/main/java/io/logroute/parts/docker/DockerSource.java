package io.logroute.parts.docker;

import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.remote.NodeDocker;
import io.logroute.remote.NodeDocker.Container;
import io.logroute.remote.NodeDocker.Happening;
import io.logroute.remote.NodeDocker.Listed;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The logs of a node's containers. One thread hears from Docker what begins; another looks every few seconds
/// what there is, for events may be missed; a [Tail] reads each log.
///
/// LogRoute's own containers are never read, whatever the options say: a router that shows events on its output
/// would read them again, for ever. They are known by a label of the image, and ours by its host name.
public final class DockerSource implements Source {
    /// On every container of LogRoute's image (deploy/Dockerfile).
    static final String SELF = "logroute.self";

    private static final String ENABLE = "logroute.enable";
    private static final String SERVICE = "com.docker.swarm.service.name";
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMinutes(5);
    private static final Duration SHORTEST_REST = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);
    private static final Duration END = Duration.ofSeconds(1);
    private static final long ROOM = 32 << 20;
    private static final int ENDED = 16;
    private static final int CUT = 12;
    private static final System.Logger LOG = System.getLogger(DockerSource.class.getName());

    private final SourceSpec.Docker spec;
    private final String router;
    private final Supplier<Set<String>> enabled;
    private final Instruments meters;
    private final InstantSource clock;
    private final String host;
    private final Map<String, Tail> tails = new ConcurrentHashMap<>();
    private final Map<String, String> unreadable = new ConcurrentHashMap<>();
    private final Duration lookEvery;
    private final Duration quiet;
    private @Nullable NodeDocker docker;
    private @Nullable Inlet inlet;
    private Tail.@Nullable Terms terms;
    private @Nullable Thread hearing;
    private @Nullable Thread looking;
    /// From when on the logs of containers are wanted that were not read before; 0 for all.
    private long first;
    /// Guarded by this.
    private final Map<String, String> marks = new HashMap<>();

    private volatile boolean hears;
    private volatile boolean answers = true;
    private volatile boolean closed;

    /// @param enabled services that say in labels of theirs where their logs go, as of the moment
    public DockerSource(
            SourceSpec.Docker spec,
            String router,
            Supplier<Set<String>> enabled,
            Instruments meters,
            InstantSource clock) {
        this(
                spec,
                router,
                enabled,
                meters,
                clock,
                Optional.ofNullable(System.getenv("HOSTNAME")).orElse(""),
                LOOK_EVERY,
                QUIET);
    }

    DockerSource(
            SourceSpec.Docker spec,
            String router,
            Supplier<Set<String>> enabled,
            Instruments meters,
            InstantSource clock,
            String host,
            Duration lookEvery,
            Duration quiet) {
        this.spec = spec;
        this.router = router;
        this.enabled = enabled;
        this.meters = meters;
        this.clock = clock;
        this.host = host;
        this.lookEvery = lookEvery;
        this.quiet = quiet;
    }

    /// @throws IOException when Docker may not be asked; one that is not there, or does not answer, is
    ///     waited for, for it
    ///     may be just starting
    @Override
    public synchronized void start(Inlet inlet) throws IOException {
        if (docker != null || closed) {
            throw new IllegalStateException("docker was started before");
        }
        var asked = new NodeDocker(
                spec.host(),
                spec.tls(),
                (op, status) -> meters.counter(
                                Meter.DOCKER_REQUESTS, op, status == 0 ? "none" : Integer.toString(status))
                        .increment());
        try {
            asked.ping();
        } catch (SwarmUnreachable e) {
            var why = String.valueOf(e.getMessage());
            if (why.contains("Permission denied")) {
                asked.close();
                throw new IOException(why + "; see docs/guide/docker.md", e);
            }
            answers = false;
            LOG.log(Level.WARNING, "{0}: {1}; it is waited for", name(), why);
        }
        docker = asked;
        this.inlet = inlet;
        marks.putAll(inlet.marks());
        first = first(marks);
        terms = new Tail.Terms(
                asked,
                inlet,
                spec.schema(),
                (int) spec.maxLine().bytes(),
                new Semaphore((int) (ROOM / Tail.LARGE)),
                new Semaphore((int) Math.max(4, ROOM / spec.maxLine().bytes())),
                new Semaphore(ENDED),
                clock,
                new Tally());
        meters.gauge(Meter.SOURCE_UP, () -> answers ? 1 : 0, router, spec.label());
        meters.gauge(Meter.DOCKER_CONTAINERS, () -> tails.size() - unreadable.size(), router);
        meters.gauge(Meter.DOCKER_UNREADABLE, unreadable::size, router);
        hearing = Thread.ofVirtual().name("docker-events-" + router).start(this::hear);
        looking = Thread.ofVirtual().name("docker-look-" + router).start(this::lookAll);
    }

    private String name() {
        return router + "/" + spec.label();
    }

    /// What was so at the first start of all stays so: between two starts nothing is passed over.
    private long first(Map<String, String> marks) {
        if (spec.startAt() == SourceSpec.Docker.StartAt.BEGINNING) {
            return 0;
        }
        return marks.values().stream()
                .flatMap(each -> Position.read(each).stream())
                .mapToLong(Position::first)
                .filter(each -> each > 0)
                .min()
                .orElseGet(() -> nanos(clock.instant()));
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }

    // ---- what there is

    private void hear() {
        var rest = SHORTEST_REST;
        while (!closed) {
            try {
                Objects.requireNonNull(docker).follow(new NodeDocker.Telling() {
                    @Override
                    public void begins() {
                        hears = true;
                        answers = true;
                        Thread.ofVirtual().name("docker-look-" + router).start(() -> look(true));
                    }

                    @Override
                    public void happened(Happening happening) {
                        DockerSource.this.happened(happening);
                    }
                });
            } catch (SwarmUnreachable e) {
                LOG.log(Level.DEBUG, "{0}: {1}", name(), e.getMessage());
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, name() + ": listening to Docker failed; it goes on", e);
            }
            rest = hears ? SHORTEST_REST : rest.multipliedBy(2);
            rest = rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
            hears = false;
            try {
                Thread.sleep(rest);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void happened(Happening happening) {
        var known = tails.get(happening.id());
        if (known != null) {
            known.wake();
            return;
        }
        if (happening.what().equals("start") || happening.what().equals("create")) {
            // It may be gone in a moment: nobody waits for a look at all of them.
            Thread.ofVirtual().name("docker-meet").start(() -> meet(happening.id()));
        }
    }

    private void meet(String id) {
        try {
            Objects.requireNonNull(docker)
                    .container(id)
                    .filter(each -> isWanted(each.listed()))
                    .ifPresent(each -> tail(id));
        } catch (SwarmUnreachable e) {
            LOG.log(Level.DEBUG, "{0}: {1}", name(), e.getMessage()); // the next look finds it
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, name() + ": a container could not be looked at", e);
        }
    }

    private void lookAll() {
        while (!closed) {
            look(false);
            try {
                Thread.sleep(lookEvery);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// Docker is asked while nobody is kept waiting: it may take its time.
    ///
    /// @param again whether something may have been missed, so that all are looked at
    private void look(boolean again) {
        Set<String> marked;
        synchronized (this) {
            marked = Set.copyOf(marks.keySet());
        }
        try {
            found(Objects.requireNonNull(docker).list(), marked, again);
        } catch (SwarmUnreachable e) {
            if (answers && !closed) {
                LOG.log(Level.WARNING, "{0}: {1}; it is waited for", name(), e.getMessage());
            }
            answers = false;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, name() + ": looking for containers failed; it goes on", e);
        }
    }

    /// @param marked those that were known before it was asked
    private synchronized void found(List<Listed> there, Set<String> marked, boolean again) {
        if (closed) {
            return;
        }
        answers = true;
        for (var each : there) {
            var known = tails.get(each.id());
            if (!isWanted(each)) {
                if (known != null) {
                    marks.put(each.id(), known.written());
                    known.close();
                    tails.remove(each.id(), known);
                    unreadable.remove(each.id());
                }
            } else if (known == null) {
                tail(each.id());
            } else if (again || each.isUp() && known.isResting() && !unreadable.containsKey(each.id())) {
                known.wake();
            }
        }
        forget(there, marked);
        tails.values().forEach(each -> each.lookAfter(quiet));
    }

    /// Those of which nothing can come any more. One that is marked since Docker was asked may have begun since.
    private void forget(List<Listed> there, Set<String> marked) {
        var ids = new java.util.HashSet<String>();
        there.forEach(each -> ids.add(each.id()));
        for (var id : marked) {
            if (!ids.contains(id) && !tails.containsKey(id)) {
                marks.remove(id);
                Objects.requireNonNull(inlet).forget(id);
            }
        }
    }

    private boolean isWanted(Listed container) {
        var labels = container.labels();
        if ("true".equals(labels.get(SELF))
                || host.length() == CUT && container.id().startsWith(host)) {
            return false;
        }
        var service = labels.getOrDefault(SERVICE, "");
        if (spec.exclude().stream()
                .anyMatch(glob -> glob.matches(container.name()) || !service.isEmpty() && glob.matches(service))) {
            return false;
        }
        return switch (spec.containers()) {
            case ALL -> true;
            case ENABLED -> "true".equals(labels.get(ENABLE)) || enabled.get().contains(service);
        };
    }

    private synchronized void tail(String id) {
        if (closed || tails.containsKey(id)) {
            return;
        }
        var mark = Optional.ofNullable(marks.get(id));
        var position = mark.flatMap(Position::read).orElseGet(() -> new Position(first));
        mark.filter(text -> Position.read(text).isEmpty())
                .ifPresent(text -> LOG.log(
                        Level.WARNING,
                        "{0}: the mark of container {1}, \"{2}\", is none that this LogRoute reads; its log is read from the"
                                + " beginning",
                        name(),
                        id,
                        text));
        marks.putIfAbsent(id, position.now().written());
        var tail = new Tail(id, position, Objects.requireNonNull(terms));
        tails.put(id, tail);
        tail.start();
    }

    private final class Tally implements Tail.Told {
        @Override
        public void opened(boolean again) {
            meters.counter(Meter.DOCKER_READS, router, again ? "again" : "first")
                    .increment();
        }

        @Override
        public void cutLine() {
            meters.counter(Meter.DOCKER_CUT_LINES, router).increment();
        }

        @Override
        public void unreadable(Container container, String why) {
            var before = unreadable.put(container.listed().id(), why);
            if (before == null) {
                LOG.log(
                        Level.WARNING,
                        "{0}: the log of container {1} cannot be read: its logging driver is {2}, and Docker says: {3}. Use"
                                + " json-file, local or journald, or let the driver keep a copy (cache-disabled: false); or"
                                + " exclude it",
                        name(),
                        container.listed().name(),
                        container.driver(),
                        why);
            }
        }

        @Override
        public void breaksOff(Container container, String why) {
            unreadable.put(container.listed().id(), why);
            LOG.log(
                    Level.WARNING,
                    "{0}: the log of container {1} breaks off each time at the same place, so what comes after it is not read:"
                            + " {2}. See whether docker logs {1} gives more; a log that a crash has damaged ends when the"
                            + " container is made anew. It is tried again until it can be read",
                    name(),
                    container.listed().name(),
                    why);
        }

        @Override
        public void readable(String id) {
            unreadable.remove(id);
        }

        @Override
        public void over(Tail tail) {
            unreadable.remove(tail.id());
            synchronized (DockerSource.this) {
                if (tails.remove(tail.id(), tail)) {
                    marks.put(tail.id(), tail.written()); // should the next look find it again
                }
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        var open = docker;
        if (open == null) {
            return;
        }
        Objects.requireNonNull(hearing).interrupt();
        Objects.requireNonNull(looking).interrupt();
        var all = List.copyOf(tails.values());
        all.forEach(Tail::close);
        try {
            long end = System.nanoTime() + END.toNanos();
            for (var each : all) {
                each.awaitEnd(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tails.clear();
        open.close();
        meters.remove(Meter.SOURCE_UP, router, spec.label());
        meters.remove(Meter.DOCKER_CONTAINERS, router);
        meters.remove(Meter.DOCKER_UNREADABLE, router);
    }
}
