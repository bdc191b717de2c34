package io.logroute.control;

import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Routers in memory. It keeps the rule of a [Fleet]: a router that cannot become what is wanted
/// goes on as it was.
final class MemoryFleet implements Fleet {
    private final Map<String, PipelineDefinition> running = new TreeMap<>();
    private final Map<String, String> wanted = new HashMap<>();
    private final Map<String, String> faults = new HashMap<>();
    private final Map<String, Long> routed = new HashMap<>();

    /// From now on the router does not become what is wanted.
    void refuse(String router, String why) {
        faults.put(router, why);
    }

    void mend(String router) {
        faults.remove(router);
    }

    /// Events went along the router's routes.
    void flow(String router, long events) {
        routed.merge(router, events, Long::sum);
    }

    Map<String, PipelineDefinition> running() {
        return Map.copyOf(running);
    }

    @Override
    public Outcome become(List<PipelineDefinition> wanted) {
        var changed = new ArrayList<String>();
        var refused = new TreeMap<String, String>();
        this.wanted.clear();
        for (var pipeline : wanted) {
            this.wanted.put(pipeline.name(), pipeline.revision().hash());
            var now = running.get(pipeline.name());
            if (pipeline.equals(now)) {
                continue;
            }
            if (faults.containsKey(pipeline.name())) {
                refused.put(pipeline.name(), faults.getOrDefault(pipeline.name(), ""));
                continue;
            }
            running.put(pipeline.name(), pipeline);
            changed.add("%s %s".formatted(now == null ? "start" : "change", pipeline));
        }
        var gone = new ArrayList<>(running.keySet());
        wanted.forEach(pipeline -> gone.remove(pipeline.name()));
        for (var name : gone) {
            running.remove(name);
            changed.add("stop " + name);
        }
        return new Outcome(changed, refused);
    }

    @Override
    public List<FleetState> states() {
        return running.values().stream()
                .map(pipeline -> FleetState.inProcess(wanted.getOrDefault(pipeline.name(), ""), report(pipeline)))
                .toList();
    }

    private InstanceReport report(PipelineDefinition pipeline) {
        return new InstanceReport(
                pipeline.name(),
                0,
                pipeline.revision().hash(),
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                List.of(),
                new InstanceReport.BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(),
                pipeline.routes().stream()
                        .map(route -> new InstanceReport.RouteReport(
                                route.name().value(), routed.getOrDefault(pipeline.name(), 0L)))
                        .toList(),
                0,
                Optional.ofNullable(faults.get(pipeline.name())));
    }
}
