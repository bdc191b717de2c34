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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A swarm with routers on it, by the planner's own rules for steps, and by Swarm's for what comes of them: a
/// service that is created or updated runs after a while, or is rolled back when its pipeline is bad and it
/// has no other.
public final class World {
    public static final Installation HERE =
            new Installation("logroute", "logroute", "logroute:1", "logroute-link-1", 4000);

    public Seen seen;
    public Instant now = Instant.parse("2026-01-01T00:00:00Z");
    /// What runs, by service.
    public final Map<String, InstanceReport> reports = new HashMap<>();
    /// What a router keeps on its volume.
    private final Map<String, RouterService.Mounted> accepted = new HashMap<>();
    /// And the mounted one that it last started with.
    private final Map<String, RouterService.Mounted> started = new HashMap<>();
    private final Map<String, RouterService> previous = new HashMap<>();
    private final Predicate<PipelineDefinition> bad;
    /// Services whose routers run, and that nobody reaches.
    final Set<String> unreachable = new HashSet<>();
    public final List<Step> done = new ArrayList<>();

    /// @param bad pipelines that routers cannot run
    public World(int nodes, Predicate<PipelineDefinition> bad) {
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
        reachable.keySet().removeIf(each -> !answers(each));
        return Fleets.decide(seen, wanted, reachable, HERE, now);
    }

    /// Makes a step.
    public void apply(Step step) throws OutOfDate {
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
        if (!answers(push.service())) {
            return;
        }
        take(push.service(), push.text(), push.revision(), push.generation())
                .flatMap(why -> Notes.refuse(seen, push.router(), push.revision(), why, Optional.empty()))
                .ifPresent(step -> {
                    try {
                        seen = seen.after(step);
                    } catch (OutOfDate e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /// Whether its router runs and is reached.
    public boolean answers(String service) {
        return reports.containsKey(service) && !unreachable.contains(service) && isUp(service);
    }

    /// Whether the node of the service is up, and takes tasks.
    boolean isUp(String service) {
        var node = Objects.requireNonNull(seen.owned().services().get(service)).node();
        return seen.nodes().stream().anyMatch(each -> each.id().equals(node) && each.ready() && each.active());
    }

    /// The router takes what is pushed to it, or does not.
    ///
    /// @return why it cannot run that
    public Optional<String> take(String service, String text, String revision, long generation) {
        var now = Objects.requireNonNull(reports.get(service));
        if (generation < now.generation() || generation == now.generation() && !revision.equals(now.revision())) {
            throw new AssertionError(
                    "%s runs generation %d, and gets generation %d".formatted(service, now.generation(), generation));
        }
        var edition = new RouterService.Mounted(revision, generation);
        if (needsRestart(now, text)) {
            return Optional.empty(); // and says so
        }
        if (isBad(PipelineDefinition.parse(text))) {
            var words = "it cannot run " + revision;
            reports.put(
                    service,
                    report(now, new RouterService.Mounted(now.revision(), now.generation()), Optional.of(words)));
            return Optional.of(words);
        }
        accepted.put(service, edition);
        reports.put(service, report(now, edition, Optional.empty()));
        return Optional.empty();
    }

    /// Whether more than routes and sinks would change.
    private boolean needsRestart(InstanceReport runs, String text) {
        var now = Known.of(seen.owned(), runs.router()).stream()
                .filter(each -> each.revision().equals(runs.revision()))
                .flatMap(each -> each.pipeline().stream())
                .findFirst();
        return PipelineDefinition.parse(text) instanceof Read.Good<PipelineDefinition>(var wanted)
                && now.filter(each ->
                                !each.router().sources().equals(wanted.router().sources()))
                        .isPresent();
    }

    private boolean isBad(Read<PipelineDefinition> read) {
        return !(read instanceof Read.Good<PipelineDefinition>(var good)) || bad.test(good);
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

    /// Nodes lose their power, or get it back.
    ///
    /// @param up which are
    void power(Predicate<Seen.Node> up) {
        nodes(up, Seen.Node::active);
    }

    /// Nodes are drained, or take tasks again.
    ///
    /// @param active which do
    void availability(Predicate<Seen.Node> active) {
        nodes(Seen.Node::ready, active);
    }

    private void nodes(Predicate<Seen.Node> up, Predicate<Seen.Node> active) {
        var nodes = seen.nodes().stream()
                .map(node -> new Seen.Node(
                        node.id(),
                        node.hostname(),
                        node.address(),
                        node.manager(),
                        node.os(),
                        node.arch(),
                        node.labels(),
                        node.engineLabels(),
                        up.test(node),
                        active.test(node)))
                .toList();
        seen = new Seen(
                nodes, seen.users(), seen.specs(), seen.owned(), seen.states(), seen.networks(), seen.secrets());
        seen.owned().services().keySet().stream().filter(each -> !isUp(each)).forEach(reports::remove);
    }

    /// Somebody removes a config of ours by hand; Docker lets nobody do so while a service names it.
    void removeConfig(String name) {
        var used = new HashSet<String>();
        seen.owned().services().forEach((service, each) -> {
            used.addAll(each.configs().values());
            used.addAll(seen.state(service).previousConfigs());
        });
        if (!used.contains(name)) {
            var configs = new TreeMap<>(seen.owned().configs());
            configs.remove(name);
            seen = with(
                    new Owned(configs, seen.owned().services(), seen.owned().secrets()), new TreeMap<>(seen.states()));
        }
    }

    /// Swarm does what it has to do with one service.
    public void settle(String name) {
        var service = seen.owned().services().get(name);
        if (service == null || !isUp(name)) {
            return;
        }
        if (seen.dangling().contains(service.configs().values().iterator().next())) {
            throw new AssertionError("service %s has no config".formatted(name));
        }
        var phase = seen.state(name).update().phase();
        if (!phase.underWay() && reports.containsKey(name)) {
            return;
        }
        if (!run(service)) {
            if (phase == Seen.Update.Phase.UPDATING) {
                rollBack(name);
            }
            return; // else it crashes again and again
        }
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

    /// Starts with the newer of what is mounted and what it accepted, else with the other one.
    private boolean run(RouterService service) {
        var choices = new ArrayList<RouterService.Mounted>(List.of(service.pipeline()));
        var kept = accepted.get(service.name());
        if (kept != null) {
            choices.add(kept.generation() > service.pipeline().generation() ? 0 : 1, kept);
        }
        var before = started.get(service.name());
        if (before != null && !choices.contains(before)) {
            boolean last = choices.getLast().equals(service.pipeline())
                    || before.generation() <= choices.getLast().generation();
            choices.add(last ? choices.size() : choices.size() - 1, before);
        }
        var trouble = Optional.<String>empty();
        for (var choice : choices) {
            if (runnable(service, choice)) {
                reports.put(service.name(), report(service.router(), service.instance(), choice, trouble));
                if (choice.equals(service.pipeline())) {
                    started.put(service.name(), choice);
                }
                return true;
            }
            trouble = Optional.of("it cannot run " + choice.revision());
        }
        return false;
    }

    /// What is mounted has its config; what was accepted lies on the volume.
    private boolean runnable(RouterService service, RouterService.Mounted choice) {
        return choice.equals(accepted.get(service.name()))
                || choice.equals(started.get(service.name()))
                || Known.of(seen.owned(), service.router()).stream()
                        .filter(each -> each.revision().equals(choice.revision()))
                        .flatMap(each -> each.pipeline().stream())
                        .anyMatch(pipeline -> !bad.test(pipeline));
    }

    private InstanceReport report(InstanceReport was, RouterService.Mounted runs, Optional<String> trouble) {
        return report(was.router(), was.instance(), runs, trouble);
    }

    private InstanceReport report(String router, int instance, RouterService.Mounted runs, Optional<String> trouble) {
        return new InstanceReport(
                router,
                instance,
                runs.revision(),
                runs.generation(),
                now,
                now,
                List.of(),
                new BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                0,
                trouble);
    }

    /// Somebody changes or removes one of our services by hand.
    void tamper(String name, java.util.function.UnaryOperator<RouterService> change) {
        var services = new TreeMap<>(seen.owned().services());
        services.computeIfPresent(name, (_, service) -> change.apply(service));
        seen = with(new Owned(seen.owned().configs(), services, seen.owned().secrets()), new TreeMap<>(seen.states()));
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
