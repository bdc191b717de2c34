package io.logroute.control;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.swarm.Autoscale;
import io.logroute.plan.swarm.Told;
import io.logroute.spec.DeploySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How far the sinks of routers lag whose number of instances follows the load, over time. Used by one thread at a
/// time.
///
/// - a sink that takes nothing does not count, and while there is one no lag is low: its events are still to come
/// - an instance that takes nothing in does not count: others could not take from it what it has
/// - with another number of instances everything begins anew: what was, was of other instances
final class Loads {
    private final Map<String, Of> loads = new HashMap<>();

    private record Of(int instances, Told.Load load) {}

    /// Looks once more.
    ///
    /// @param scaled the routers that there are of that kind
    /// @param reports what instances tell now
    synchronized Map<String, Told.Load> look(
            Map<String, DeploySpec.Autoscale> scaled, Collection<InstanceReport> reports, Instant now) {
        loads.keySet().retainAll(scaled.keySet());
        scaled.forEach((router, spec) -> {
            var serving = reports.stream()
                    .filter(each ->
                            each.router().equals(router) && each.holding().mode() == Mode.SERVING)
                    .toList();
            if (serving.isEmpty()) {
                loads.remove(router); // nobody tells
            } else {
                loads.put(router, next(Optional.ofNullable(loads.get(router)), spec, serving, now));
            }
        });
        return now();
    }

    /// What was seen when somebody looked last.
    synchronized Map<String, Told.Load> now() {
        var all = new HashMap<String, Told.Load>();
        loads.forEach((router, each) -> all.put(router, each.load()));
        return all;
    }

    private static Of next(Optional<Of> last, DeploySpec.Autoscale spec, List<InstanceReport> serving, Instant now) {
        var before = last.filter(each -> each.instances() == serving.size()).map(Of::load);
        var idle = new HashSet<String>();
        var lag = Duration.ZERO;
        for (var report : serving) {
            for (var sink : report.sinks()) {
                if (sink.trouble().isPresent()) {
                    idle.add(sink.name());
                } else {
                    var its = lag(sink, now);
                    lag = its.compareTo(lag) > 0 ? its : lag;
                }
            }
        }
        boolean above = lag.compareTo(spec.targetLag()) > 0;
        boolean below = idle.isEmpty() && lag.compareTo(spec.targetLag().dividedBy(Autoscale.LOW_PART)) < 0;
        return new Of(
                serving.size(),
                new Told.Load(
                        lag,
                        since(above, before.flatMap(Told.Load::above), now),
                        since(below, before.flatMap(Told.Load::below), now),
                        List.copyOf(idle)));
    }

    private static Optional<Instant> since(boolean is, Optional<Instant> before, Instant now) {
        return is ? before.or(() -> Optional.of(now)) : Optional.empty();
    }

    private static Duration lag(SinkReport sink, Instant now) {
        return sink.oldest()
                .map(oldest -> Duration.between(oldest, now))
                .filter(lag -> !lag.isNegative())
                .orElse(Duration.ZERO);
    }
}
