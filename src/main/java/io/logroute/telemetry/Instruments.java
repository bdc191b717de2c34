package io.logroute.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/// Counts and measures what [Meter] names. Safe for all threads. Values of labels stand in the
/// order of the meter's labels. Take the instrument once and keep it where it is used often.
public final class Instruments implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<AutoCloseable> bound = new ArrayList<>();
    /// What is registered of each meter, by the values of its labels: the registry itself finds one only by
    /// looking at all, which with a thousand routes costs more each second than the routes do.
    private final Map<Meter, Map<List<String>, io.micrometer.core.instrument.Meter>> known = new ConcurrentHashMap<>();

    /// Also measures this JVM: memory, garbage collection, processor, files, uptime.
    public Instruments withJvm() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        var gc = new JvmGcMetrics();
        gc.bindTo(registry);
        bound.add(gc);
        return this;
    }

    /// A counter; the same labels give the same one.
    public Counter counter(Meter meter, String... values) {
        return keep(
                meter,
                Counter.builder(meter.metric())
                        .description(meter.help())
                        .tags(tags(meter, Meter.Kind.COUNTER, values))
                        .register(registry),
                values);
    }

    /// A value that is asked for at each scrape. Asked for anew, it replaces the earlier one.
    ///
    /// @return takes it away again, and leaves alone what has replaced it
    public Runnable gauge(Meter meter, DoubleSupplier value, String... values) {
        remove(meter, values);
        var shown = keep(
                meter,
                Gauge.builder(meter.metric(), value::getAsDouble)
                        .description(meter.help())
                        .strongReference(true)
                        .tags(tags(meter, Meter.Kind.GAUGE, values))
                        .register(registry),
                values);
        // Meters are equal by their names.
        return () -> of(meter).computeIfPresent(List.of(values), (_, there) -> {
            if (there != shown) {
                return there;
            }
            registry.remove(shown);
            return null;
        });
    }

    /// A histogram of times, from 1 ms to a minute.
    public Timer timer(Meter meter, String... values) {
        return keep(
                meter,
                Timer.builder(meter.metric())
                        .description(meter.help())
                        .serviceLevelObjectives(
                                Duration.ofMillis(1),
                                Duration.ofMillis(5),
                                Duration.ofMillis(10),
                                Duration.ofMillis(50),
                                Duration.ofMillis(100),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(30),
                                Duration.ofMinutes(1))
                        .tags(tags(meter, Meter.Kind.TIMER, values))
                        .register(registry),
                values);
    }

    public DistributionSummary summary(Meter meter, String... values) {
        return keep(
                meter,
                DistributionSummary.builder(meter.metric())
                        .description(meter.help())
                        .tags(tags(meter, Meter.Kind.SUMMARY, values))
                        .register(registry),
                values);
    }

    /// Takes one instrument away, such as that of a sink that is no more.
    public void remove(Meter meter, String... values) {
        var one = of(meter).remove(List.of(values));
        if (one != null) {
            registry.remove(one);
        }
    }

    /// What a counter or gauge says now, summed over labels that are not given; 0 when it has
    /// said nothing yet.
    public double value(Meter meter, String... values) {
        var given = List.of(values);
        if (given.size() == meter.labels().size()) {
            var one = of(meter).get(given);
            return one == null ? 0 : value(one);
        }
        return of(meter).entrySet().stream()
                .filter(entry -> entry.getKey().subList(0, given.size()).equals(given))
                .mapToDouble(entry -> value(entry.getValue()))
                .sum();
    }

    private static double value(io.micrometer.core.instrument.Meter meter) {
        double sum = 0;
        for (var measurement : meter.measure()) {
            sum += measurement.getValue();
        }
        return sum;
    }

    private <T extends io.micrometer.core.instrument.Meter> T keep(Meter meter, T instrument, String... values) {
        of(meter).put(List.of(values), instrument);
        return instrument;
    }

    private Map<List<String>, io.micrometer.core.instrument.Meter> of(Meter meter) {
        return known.computeIfAbsent(meter, _ -> new ConcurrentHashMap<>());
    }

    /// Everything, in the text format of Prometheus 0.0.4.
    public String scrape() {
        return registry.scrape();
    }

    private static Tags tags(Meter meter, Meter.Kind kind, String... values) {
        if (meter.kind() != kind || meter.labels().size() != values.length) {
            throw new IllegalArgumentException("%s is a %s with labels %s, not a %s with values %s"
                    .formatted(meter.metric(), meter.kind(), meter.labels(), kind, List.of(values)));
        }
        var tags = new ArrayList<Tag>();
        for (int i = 0; i < values.length; i++) {
            tags.add(Tag.of(meter.labels().get(i), values[i]));
        }
        return Tags.of(tags);
    }

    @Override
    public void close() {
        for (var each : bound) {
            try {
                each.close();
            } catch (Exception e) {
                throw new IllegalStateException("a meter did not close", e);
            }
        }
        bound.clear();
        registry.close();
    }
}
