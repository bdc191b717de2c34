package io.logroute.control;

import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceState;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/// What the controller counts of itself; whoever does it says so here. Safe for all threads.
public final class ControllerMeters {
    private final Instruments meters;
    private final InstantSource clock;
    private final Map<Labels, Integer> instances = new ConcurrentHashMap<>();
    /// Of volumes and stages: each shows what is there for it now.
    private final Map<Gauged, DoubleSupplier> gauges = new ConcurrentHashMap<>();
    private volatile Instant settled;
    private volatile boolean streams;

    /// How a pass ended.
    public enum Result {
        /// Nothing was left to do.
        SETTLED,
        /// Something was changed; the next pass looks what came of it.
        CHANGED,
        /// Something that should be done could not be done.
        UNSETTLED,
        /// It broke off: the swarm was not reached, or was changed meanwhile.
        FAILED;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// What an instance is, for the count.
    enum State {
        READY,
        BEHIND,
        TROUBLED,
        UNREACHED;

        static State of(InstanceState instance, FleetState fleet) {
            if (instance.report().isEmpty()) {
                return UNREACHED;
            }
            if (!instance.takesEvents()) {
                return TROUBLED;
            }
            var runs = instance.report().get().revision();
            return fleet.target().filter(target -> !target.equals(runs)).isPresent() ? BEHIND : READY;
        }

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private record Labels(String router, State state) {}

    /// A gauge, by its labels.
    private record Gauged(Meter meter, List<String> labels) {}

    public ControllerMeters(Instruments meters, InstantSource clock) {
        this.meters = meters;
        this.clock = clock;
        this.settled = clock.instant();
        meters.gauge(
                Meter.SETTLED_PASS_AGE,
                () -> Math.max(0, Duration.between(settled, clock.instant()).toMillis() / 1000.0));
    }

    /// Shows what a controller of a swarm has besides passes; without a swarm it is not shown.
    public void ofSwarm() {
        meters.gauge(Meter.EVENT_STREAM_UP, () -> streams ? 1 : 0);
    }

    /// A pass ended.
    public void passed(Result result, Duration took) {
        if (result == Result.SETTLED) {
            settled = clock.instant();
        }
        meters.counter(Meter.PASSES, result.word()).increment();
        meters.timer(Meter.PASS_SECONDS, result.word()).record(took);
    }

    /// The controller changed something.
    ///
    /// @param kind what sort of change, such as `create_config`: one of a few words
    public void stepped(String kind) {
        meters.counter(Meter.STEPS, kind).increment();
    }

    /// Docker was asked.
    ///
    /// @param op what, such as `list_services`: one of a few words
    /// @param code the status of its answer; 0 when there was none
    public void asked(String op, int code) {
        meters.counter(Meter.DOCKER_REQUESTS, op, code == 0 ? "none" : Integer.toString(code))
                .increment();
    }

    /// The stream of Docker's events began, or ended.
    public void eventStream(boolean up) {
        streams = up;
    }

    /// A revision of the router was taken back.
    public void rolledBack(String router) {
        meters.counter(Meter.ROLLBACKS, router).increment();
    }

    /// Something of the controller's was found changed by somebody else, and put right.
    ///
    /// @param kind of what: `service`, `config`, `secret`
    public void drifted(String kind) {
        meters.counter(Meter.DRIFT, kind).increment();
    }

    /// How all fleets are now: their instances, and where their events lie.
    public synchronized void fleets(List<FleetState> fleets) {
        var gauged = new HashMap<Gauged, DoubleSupplier>();
        fleets.forEach(fleet -> gauge(fleet, gauged));
        show(gauged);
        var now = new HashMap<Labels, Integer>();
        for (var fleet : fleets) {
            for (var state : State.values()) {
                now.put(new Labels(fleet.router(), state), 0);
            }
            fleet.instances()
                    .forEach(each -> now.merge(new Labels(fleet.router(), State.of(each, fleet)), 1, Integer::sum));
        }
        Set<Labels> gone = new HashSet<>(instances.keySet());
        gone.removeAll(now.keySet());
        gone.forEach(labels -> {
            instances.remove(labels);
            meters.remove(Meter.INSTANCES, labels.router(), labels.state().word());
        });
        now.forEach((labels, count) -> {
            if (instances.put(labels, count) == null) {
                meters.gauge(
                        Meter.INSTANCES,
                        () -> instances.getOrDefault(labels, 0),
                        labels.router(),
                        labels.state().word());
            }
        });
    }

    private void gauge(FleetState fleet, Map<Gauged, DoubleSupplier> gauged) {
        var router = fleet.router();
        gauged.put(new Gauged(Meter.FLEET_WANTED_INSTANCES, List.of(router)), fleet::wanted);
        var stages = new EnumMap<Stage, Integer>(Stage.class);
        for (var stage : Stage.values()) {
            stages.put(stage, 0);
        }
        fleet.instances().forEach(each -> stages.merge(fleet.stage(each.number()), 1, Integer::sum));
        fleet.volumes().stream()
                .filter(volume -> fleet.instances().stream().noneMatch(each -> each.number() == volume.instance()))
                .forEach(volume -> stages.merge(volume.stage(), 1, Integer::sum));
        stages.forEach((stage, count) ->
                gauged.put(new Gauged(Meter.FLEET_INSTANCES, List.of(router, word(stage))), () -> count));
        for (var volume : fleet.volumes()) {
            var labels = List.of(router, volume.name(), volume.node().orElse(""));
            gauged.put(new Gauged(Meter.VOLUME_EVENTS, labels), volume::events);
            gauged.put(new Gauged(Meter.VOLUME_BYTES, labels), volume::bytes);
            gauged.put(new Gauged(Meter.VOLUME_OLDEST_SECONDS, labels), () -> age(volume));
            gauged.put(new Gauged(Meter.VOLUME_STAGE, List.of(router, volume.name(), word(volume.stage()))), () -> 1);
        }
    }

    private double age(VolumeState volume) {
        return volume.oldest()
                .map(oldest ->
                        Math.max(0, Duration.between(oldest, clock.instant()).toMillis() / 1000.0))
                .orElse(0.0);
    }

    private static String word(Stage stage) {
        return stage.name().toLowerCase(java.util.Locale.ROOT);
    }

    /// Shows those, and takes away what was shown before and is none of them.
    private void show(Map<Gauged, DoubleSupplier> gauged) {
        Set<Gauged> gone = new HashSet<>(gauges.keySet());
        gone.removeAll(gauged.keySet());
        gone.forEach(each -> {
            gauges.remove(each);
            meters.remove(each.meter(), each.labels().toArray(String[]::new));
        });
        gauged.forEach((each, value) -> {
            if (gauges.put(each, value) == null) {
                meters.gauge(
                        each.meter(),
                        () -> gauges.getOrDefault(each, () -> 0).getAsDouble(),
                        each.labels().toArray(String[]::new));
            }
        });
    }
}
