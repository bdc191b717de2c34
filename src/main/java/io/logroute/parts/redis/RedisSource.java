package io.logroute.parts.redis;

import io.logroute.flow.Behind;
import io.logroute.flow.Inlet;
import io.logroute.flow.Source;
import io.logroute.remote.RedisServers;
import io.logroute.spec.RedisForm;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;

/// Takes events from keys of Redis, each on its own. It starts also while Redis is away, and takes what is
/// there when it comes.
public final class RedisSource implements Source {
    /// Between tries to reach Redis.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private static final List<String> SUSPECTS = List.of("redelivered", "refused", "deleted");

    private final SourceSpec.Redis spec;
    private final String label;
    private final boolean isRelay;
    private final String router;
    private final String group;
    private final String consumer;
    private final Instruments meters;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Duration longestPause;
    private final List<Taker> takers = new CopyOnWriteArrayList<>();
    private boolean started;
    private boolean closed;

    /// @param instance number of the instance in its fleet: it names the consumer
    public RedisSource(
            SourceSpec.Redis spec,
            String router,
            int instance,
            Instruments meters,
            InstantSource clock,
            RandomGenerator random) {
        this(spec, spec.label(), false, router, instance, meters, clock, random, LONGEST_PAUSE);
    }

    /// One that takes what a swarm below sends up.
    public static RedisSource of(
            SourceSpec.Relay relay,
            String router,
            int instance,
            Instruments meters,
            InstantSource clock,
            RandomGenerator random) {
        return new RedisSource(
                relay.redis(), relay.label(), true, router, instance, meters, clock, random, LONGEST_PAUSE);
    }

    /// @param label what it is called in metrics, status and logs
    /// @param isRelay whether the lag is measured, too
    RedisSource(
            SourceSpec.Redis spec,
            String label,
            boolean isRelay,
            String router,
            int instance,
            Instruments meters,
            InstantSource clock,
            RandomGenerator random,
            Duration longestPause) {
        this.spec = spec;
        this.label = label;
        this.isRelay = isRelay;
        this.router = router;
        this.group = spec.group().orElse(router);
        this.consumer = spec.consumer().orElse(router) + "-" + instance;
        this.meters = meters;
        this.clock = clock;
        this.random = random;
        this.longestPause = longestPause;
    }

    @Override
    public synchronized void start(Inlet inlet) throws IOException {
        if (started || closed) {
            throw new IllegalStateException(label + " was started before");
        }
        var servers = new RedisServers(spec.at());
        try {
            servers.check();
        } catch (IOException e) {
            throw new IOException("%s: %s".formatted(label, e.getMessage()), e);
        }
        started = true;
        var setting = new Taker.Setting(
                label,
                servers,
                inlet,
                spec.maxUnacknowledged().bytes(),
                spec.claimAfter(),
                longestPause,
                clock,
                random,
                new Told());
        for (var key : spec.keys()) {
            takers.add(new Taker(setting, key, shelf(key), new Payload(spec.codec())));
        }
        meters.gauge(Meter.REDIS_WAITING_ENTRIES, this::waiting, router, label);
        if (isRelay) {
            meters.gauge(Meter.RELAY_LAG_SECONDS, this::lagSeconds, router, label);
        }
        meters.gauge(Meter.SOURCE_UP, () -> takers.stream().allMatch(Taker::isUp) ? 1 : 0, router, label);
        takers.forEach(Taker::start);
    }

    private double waiting() {
        return all().entries();
    }

    private double lagSeconds() {
        var all = all();
        return all.equals(Behind.UNKNOWN)
                ? -1
                : all.oldest()
                        .map(oldest -> Math.max(
                                0, Duration.between(oldest, clock.instant()).toMillis() / 1e3))
                        .orElse(0.0);
    }

    @Override
    public Optional<Behind> behind() {
        return Optional.of(all());
    }

    private Behind all() {
        long entries = 0;
        var oldest = Optional.<Instant>empty();
        for (var taker : takers) {
            var waiting = taker.waiting();
            if (waiting == Shelf.Waiting.UNKNOWN) {
                return Behind.UNKNOWN;
            }
            entries = entries < 0 || waiting.items() < 0 ? -1 : entries + waiting.items();
            var first = waiting.oldest();
            if (oldest.isEmpty() || first.isPresent() && first.get().isBefore(oldest.get())) {
                oldest = first;
            }
        }
        return takers.isEmpty() ? Behind.UNKNOWN : new Behind(entries, oldest);
    }

    private Shelf shelf(String key) {
        return switch (spec.form()) {
            case RedisForm.STREAM -> new StreamShelf(key, group, consumer, spec.claimAfter());
            case RedisForm.LIST -> new ListShelf(key, consumer, spec.claimAfter());
        };
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (!started) {
            return;
        }
        var closing = takers.stream()
                .map(taker -> Thread.ofVirtual().name("close-redis").start(taker::close))
                .toList();
        for (var each : closing) {
            try {
                each.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        meters.remove(Meter.SOURCE_UP, router, label);
        meters.remove(Meter.REDIS_WAITING_ENTRIES, router, label);
        if (isRelay) {
            meters.remove(Meter.RELAY_LAG_SECONDS, router, label);
        }
    }

    private final class Told implements Taker.Tally {
        private final Counter unreadable = meters.counter(Meter.UNREADABLE_EVENTS, router, label);
        private final Counter takenOver = meters.counter(Meter.REDIS_TAKEN_OVER_ENTRIES, router, label);

        Told() {
            SUSPECTS.forEach(reason -> meters.counter(Meter.REDIS_SUSPECT_ENTRIES, router, label, reason));
        }

        @Override
        public void unreadable(long events) {
            if (events > 0) {
                unreadable.increment(events);
            }
        }

        @Override
        public void takenOver(long entries) {
            takenOver.increment(entries);
        }

        @Override
        public void suspect(String reason, long entries) {
            meters.counter(Meter.REDIS_SUSPECT_ENTRIES, router, label, reason).increment(entries);
        }
    }
}
