package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What routers tell, as decisions need it.
///
/// @param fresh what instances tell now, by the name of their service; those that cannot be reached are missing
/// @param last what was last heard of each, however long ago
/// @param loads of routers whose number of instances follows the load, by router
public record Told(Map<String, InstanceReport> fresh, Map<String, Last> last, Map<String, Load> loads) {
    /// Nothing was heard of anybody.
    public static final Told NOTHING = new Told(Map.of(), Map.of(), Map.of());

    /// @param at when it was heard
    public record Last(InstanceReport report, Instant at) {}

    /// How far the sinks of a router lag that take events.
    ///
    /// @param lag the age of the oldest event that waits for one of them, over all instances
    /// @param above since when it is above the target without a break
    /// @param below since when it is far below the target without a break
    /// @param idle sinks that take nothing, sorted: what waits for them is none of it
    public record Load(Duration lag, Optional<Instant> above, Optional<Instant> below, List<String> idle) {
        public Load {
            idle = idle.stream().sorted().toList();
        }
    }

    public Told {
        fresh = Map.copyOf(fresh);
        last = Map.copyOf(last);
        loads = Map.copyOf(loads);
    }

    /// What is told now, and nothing of before.
    public static Told now(Map<String, InstanceReport> fresh) {
        return new Told(fresh, Map.of(), Map.of());
    }
}
