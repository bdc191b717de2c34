package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Read;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A swarm with routers on it, by the planner's own rules for steps, and by Swarm's for what comes of them: a service
/// that
/// is created or updated runs after a while, or is rolled back when its pipeline is bad.
final class World {
    static final Installation HERE = new Installation("logroute", "logroute", "logroute:1", "logroute-link-1", 4000);

    Seen seen;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    /// What runs, by service.
    final Map<String, InstanceReport> reports = new HashMap<>();
    /// What a router keeps on its volume.
    private final Map<String, RouterService.Mounted> accepted = new HashMap<>();
    private final Map<String, RouterService> previous = new HashMap<>();
    private final Predicate<PipelineDefinition> bad;
    final Set<String> unreachable = new HashSet<>();
    final List<Step> done = new ArrayList<>();

    /// @param bad pipelines that routers cannot run
    World(int nodes, Predicate<PipelineDefinition> bad) {
        var all = new ArrayList<Seen.Node>();
        for (int i = 1; i <= nodes; i++) {
            all.add(node("n" + i));
        }
        this.bad = bad;
        this.seen = new Seen(
                all,
                List.of(),
                List.of(),
                Owned.NOTHING,
                new TreeMap<>(),
                Set.of("logroute", "core"),
                Set.of("es-password"));
    }

    static Seen.Node node(String name) {
        return new Seen.Node(
                name + "-id", name, "10.0.0.1", true, "linux", "x86_64", Map.of("zone", name), Map.of(), true, true);
    }

    Fleets.Decision decide(List<Fleets.Wanted> wanted) {
        var reachable = new HashMap<>(reports);
        unreachable.forEach(reachable::remove);
        return Fleets.decide(seen, wanted, reachable, HERE, now);
    }

    /// Makes a step.
    void apply(Step step) throws OutOfDate {
        done.add(step);
        now = now.plusMillis(1);
        if (step instanceof Step.Push push) {
            push(push);
            return;
        }
        if (step instanceof Step.UpdateService(var from, var _, var _)) {
            previous.put(from.name(), from);
        }
        seen = seen.after(step);
        if (step instanceof Step.UpdateService(var _, var to, var _)) {
            reports.remove(to.name());
            state(to.name(), Seen.Update.Phase.UPDATING);
        }
    }

    private void push(Step.Push push) {
        if (!reports.containsKey(push.service()) || unreachable.contains(push.service())) {
            return;
        }
        var pipeline = PipelineDefinition.parse(push.text()) instanceof Read.Good<PipelineDefinition>(var good)
                ? Optional.of(good)
                : Optional.<PipelineDefinition>empty();
        if (pipeline.isEmpty() || bad.test(pipeline.get())) {
            Fleets.refuse(seen, push.router(), push.revision(), "it cannot run that", Optional.empty())
                    .ifPresent(step -> {
                        try {
                            seen = seen.after(step);
                        } catch (OutOfDate e) {
                            throw new AssertionError(e);
                        }
                    });
            return;
        }
        accepted.put(push.service(), new RouterService.Mounted(push.revision(), push.generation()));
        reports.put(push.service(), report(push.router(), push.instance(), push.revision()));
    }

    private void state(String service, Seen.Update.Phase phase) {
        var states = new TreeMap<>(seen.states());
        var was = seen.state(service);
        states.put(
                service,
                new Seen.State(
                        new Seen.Update(phase, Optional.of(now), ""),
                        was.previousConfigs(),
                        tasks(service),
                        was.wanted(),
                        was.version() + (phase == Seen.Update.Phase.UPDATING ? 0 : 1)));
        seen = with(seen.owned(), states);
    }

    private List<Seen.Task> tasks(String service) {
        return reports.containsKey(service)
                ? List.of(new Seen.Task("t", "n", "running", true, Optional.empty(), now))
                : List.of(new Seen.Task("t", "n", "failed", false, Optional.of("it cannot run that"), now));
    }

    private Seen with(Owned owned, TreeMap<String, Seen.State> states) {
        return new Seen(seen.nodes(), seen.users(), seen.specs(), owned, states, seen.networks(), seen.secrets());
    }

    void nodes(List<Seen.Node> nodes) {
        seen = new Seen(
                nodes, seen.users(), seen.specs(), seen.owned(), seen.states(), seen.networks(), seen.secrets());
    }

    /// Swarm does what it has to do with one service.
    void settle(String name) {
        var service = seen.owned().services().get(name);
        if (service == null) {
            return;
        }
        if (seen.dangling().contains(service.configs().values().iterator().next())) {
            throw new AssertionError("service %s has no config".formatted(name));
        }
        var phase = seen.state(name).update().phase();
        if (!phase.underWay() && reports.containsKey(name)) {
            return;
        }
        var mounted = Known.of(seen.owned(), service.router()).stream()
                .filter(each -> each.revision().equals(service.pipeline().revision()))
                .findFirst()
                .flatMap(Known::pipeline);
        if (mounted.isEmpty() || bad.test(mounted.get())) {
            if (phase == Seen.Update.Phase.UPDATING) {
                rollBack(name);
            }
            return; // else it crashes again and again
        }
        run(service);
        state(name, phase.underWay() ? Seen.Update.Phase.COMPLETED : phase);
    }

    /// As Swarm does by itself, or somebody with `docker service rollback`.
    void rollBack(String name) {
        var before = previous.remove(name);
        if (before == null) {
            return;
        }
        var services = new TreeMap<>(seen.owned().services());
        services.put(name, before);
        var states = new TreeMap<>(seen.states());
        states.put(
                name,
                new Seen.State(
                        new Seen.Update(Seen.Update.Phase.ROLLED_BACK, Optional.of(now), "rollback completed"),
                        Set.of(),
                        List.of(),
                        Optional.of(Fleets.hash(before)),
                        seen.state(name).version() + 1));
        seen = with(new Owned(seen.owned().configs(), services, seen.owned().secrets()), states);
        reports.remove(name);
        settle(name);
    }

    private void run(RouterService service) {
        var kept = accepted.get(service.name());
        var runs = kept != null && kept.generation() > service.pipeline().generation() ? kept : service.pipeline();
        accepted.put(service.name(), runs);
        reports.put(service.name(), report(service.router(), service.instance(), runs.revision()));
    }

    private InstanceReport report(String router, int instance, String revision) {
        return new InstanceReport(
                router,
                instance,
                revision,
                0,
                now,
                now,
                List.of(),
                new BufferReport(false, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                0,
                Optional.empty());
    }

    /// Somebody changes or removes one of our services by hand.
    void tamper(String name, java.util.function.UnaryOperator<RouterService> change) {
        var services = new TreeMap<>(seen.owned().services());
        services.computeIfPresent(name, (_, service) -> change.apply(service));
        seen = with(new Owned(seen.owned().configs(), services, seen.owned().secrets()), new TreeMap<>(seen.states()));
    }

    void removeConfig(String name) {
        var configs = new TreeMap<>(seen.owned().configs());
        configs.remove(name);
        seen = with(new Owned(configs, seen.owned().services(), seen.owned().secrets()), new TreeMap<>(seen.states()));
    }

    void remove(String name) {
        var services = new TreeMap<>(seen.owned().services());
        var states = new TreeMap<>(seen.states());
        services.remove(name);
        states.remove(name);
        reports.remove(name);
        seen = with(new Owned(seen.owned().configs(), services, seen.owned().secrets()), states);
    }
}
