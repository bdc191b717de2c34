package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.Order;
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
    /// By name and node: `logroute_core-0@n1-id`.
    private final Map<String, Disk> disks = new TreeMap<>();
    /// What was last heard of each service.
    private final Map<String, Told.Last> last = new HashMap<>();
    private int buffers;
    private final Map<String, RouterService> previous = new HashMap<>();
    private final Predicate<PipelineDefinition> bad;
    /// Services whose routers run, and that nobody reaches.
    final Set<String> unreachable = new HashSet<>();
    /// Sinks that take nothing, and what they say.
    final Map<String, String> idle = new TreeMap<>();
    /// How far the sinks of routers lag.
    final Map<String, Told.Load> loads = new HashMap<>();
    private final Set<String> paused = new HashSet<>();
    public final List<Step> done = new ArrayList<>();

    /// A volume, with what a router keeps on it.
    static final class Disk {
        /// Of the buffer.
        String id;
        long events;
        long letters;
        Optional<String> aside = Optional.empty();
        boolean draining;
        RouterService.@org.jspecify.annotations.Nullable Mounted accepted;
        /// The mounted one that it last started with.
        RouterService.@org.jspecify.annotations.Nullable Mounted started;

        Disk(String id) {
            this.id = id;
        }
    }

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
        return Fleets.decide(seen, wanted, told(), HERE, now);
    }

    Told told() {
        var reachable = new HashMap<>(reports);
        reachable.keySet().removeIf(each -> !answers(each));
        reachable.forEach((name, report) -> last.put(name, new Told.Last(report, now)));
        return new Told(reachable, last, loads);
    }

    /// The volume of a service, which Docker makes when it is not there.
    Disk disk(String service) {
        return disk(Objects.requireNonNull(seen.owned().services().get(service)));
    }

    private Disk disk(RouterService service) {
        return disks.computeIfAbsent(
                service.name() + "@" + service.node(), _ -> new Disk("buffer-%05d".formatted(buffers++)));
    }

    /// The volume of that name on a node, if there is one.
    Optional<Disk> disk(String volume, String node) {
        return Optional.ofNullable(disks.get(volume + "@" + node));
    }

    /// What of its buffer was damaged and is set aside on its volume, in words.
    void setAside(String service, Optional<String> words) {
        var disk = disk(service);
        disk.aside = words;
        holds(service, disk.events, disk.letters);
    }

    /// Something happens to what is on the volume of a service, and its router tells.
    public void holds(String service, long events, long letters) {
        var disk = disk(service);
        disk.events = events;
        disk.letters = letters;
        tellAgain(service);
    }

    /// Its volume burns, and Docker makes a new one.
    void burns(String service) {
        var is = Objects.requireNonNull(seen.owned().services().get(service));
        disks.remove(service + "@" + is.node());
        tellAgain(service);
    }

    private void tellAgain(String service) {
        var is = reports.get(service);
        if (is != null) {
            var now = report(is, new RouterService.Mounted(is.revision(), is.generation()), is.trouble());
            reports.put(
                    service,
                    new InstanceReport(
                            now.router(),
                            now.instance(),
                            now.revision(),
                            now.generation(),
                            is.since(),
                            is.taken(),
                            now.sources(),
                            now.buffer(),
                            now.sinks(),
                            now.routes(),
                            0,
                            now.trouble(),
                            now.holding()));
        }
    }

    /// Makes a step.
    public void apply(Step step) throws OutOfDate {
        done.add(step);
        now = now.plusMillis(1);
        if (step instanceof Step.Push push) {
            push(push);
            return;
        }
        if (step instanceof Step.Tell tell) {
            obey(tell.service(), tell.order());
            return;
        }
        if (step instanceof Step.UpdateService(var from, var _, var _)) {
            previous.put(from.name(), from);
        }
        if (step instanceof Step.RemoveService remove) {
            reports.remove(remove.name());
            previous.remove(remove.name());
        }
        seen = seen.after(step);
        if (step instanceof Step.UpdateService(var _, var to, var _)) {
            reports.remove(to.name());
            state(to.name(), Seen.Update.Phase.UPDATING);
        }
    }

    /// A router does what it is told, and remembers it on its volume.
    public void obey(String service, Order order) {
        if (answers(service)) {
            disk(service).draining = order != Order.SERVE;
            tellAgain(service);
        }
    }

    /// Swarm runs the jobs whose nodes are up.
    public void runJobs() {
        var jobs = new TreeMap<>(seen.jobs());
        jobs.replaceAll((name, job) -> {
            var node = Holder.of(seen.owned(), job.router()).values().stream()
                    .filter(each -> each.name().equals(job.volume()))
                    .map(Holder::node)
                    .findFirst()
                    .orElse("");
            var up = seen.node(node).filter(each -> each.ready() && each.active());
            if (job.done() || up.isEmpty()) {
                return job;
            }
            if (seen.owned().services().containsKey(job.volume())) {
                return new Seen.Job(job.volume(), job.router(), false, Optional.of("volume is in use"));
            }
            disks.remove(job.volume() + "@" + node);
            return new Seen.Job(job.volume(), job.router(), true, Optional.empty());
        });
        seen = new Seen(
                seen.nodes(),
                seen.users(),
                seen.specs(),
                seen.owned(),
                seen.states(),
                seen.networks(),
                seen.secrets(),
                jobs);
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
        return seen.nodes().stream()
                .anyMatch(each -> (node.isEmpty() || each.id().equals(node))
                        && each.ready()
                        && (each.active() || paused.contains(each.id())));
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
        disk(service).accepted = edition;
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
        return new Seen(
                seen.nodes(), seen.users(), seen.specs(), owned, states, seen.networks(), seen.secrets(), seen.jobs());
    }

    /// Nodes lose their power, or get it back.
    ///
    /// @param up which are
    void power(Predicate<Seen.Node> up) {
        nodes(up, Seen.Node::active);
    }

    /// The node of that name loses its power; all others have it.
    public void lose(String hostname) {
        power(node -> !node.hostname().equals(hostname));
    }

    /// Nodes are drained, or take tasks again.
    ///
    /// @param active which do
    void availability(Predicate<Seen.Node> active) {
        nodes(Seen.Node::ready, active);
    }

    /// Nodes take no more tasks, and go on with those that they have.
    void pause(Predicate<Seen.Node> which) {
        seen.nodes().stream().filter(which).map(Seen.Node::id).forEach(paused::add);
        availability(which.negate());
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
        become(nodes);
    }

    /// Nodes are removed from the swarm, and their disks are burnt.
    void removeNodes(Predicate<Seen.Node> which) {
        seen.nodes().stream()
                .filter(which)
                .forEach(node -> disks.keySet().removeIf(each -> each.endsWith("@" + node.id())));
        become(seen.nodes().stream().filter(which.negate()).toList());
    }

    void addNode(String name) {
        var nodes = new ArrayList<>(seen.nodes());
        nodes.add(node(name));
        become(nodes);
    }

    private void become(List<Seen.Node> nodes) {
        var states = new TreeMap<>(seen.states());
        seen.owned().services().forEach((name, service) -> {
            boolean drained = nodes.stream()
                    .anyMatch(each -> each.id().equals(service.node())
                            && each.ready()
                            && !each.active()
                            && !paused.contains(each.id()));
            if (drained) {
                states.computeIfPresent(
                        name,
                        (_, was) -> new Seen.State(
                                was.update(), was.previousConfigs(), List.of(), was.wanted(), was.version()));
            }
        });
        seen = new Seen(
                nodes, seen.users(), seen.specs(), seen.owned(), states, seen.networks(), seen.secrets(), seen.jobs());
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
                    new Owned(
                            configs,
                            seen.owned().services(),
                            seen.owned().secrets(),
                            seen.owned().relays()),
                    new TreeMap<>(seen.states()));
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
        seen = with(
                new Owned(
                        seen.owned().configs(),
                        services,
                        seen.owned().secrets(),
                        seen.owned().relays()),
                states);
        reports.remove(name);
        settle(name);
    }

    /// Swarm does what it has to do with the services of relays: those whose nodes are up run.
    public void settleRelays() {
        for (var relay : seen.owned().relays().values()) {
            boolean up = seen.nodes().stream()
                    .anyMatch(node -> (relay.node().isEmpty() || node.id().equals(relay.node()))
                            && node.ready()
                            && node.active());
            var state = seen.state(relay.name());
            if (up && (!state.runs() || state.update().phase().underWay())) {
                seen = seen.running(relay.name(), now);
            }
        }
    }

    /// Somebody does something to the services of relays by hand, Swarm took a change back, or a node lost them.
    void relays(
            java.util.function.UnaryOperator<TreeMap<String, RelayService>> services,
            java.util.function.UnaryOperator<TreeMap<String, Seen.State>> states) {
        seen = with(
                new Owned(
                        seen.owned().configs(),
                        seen.owned().services(),
                        seen.owned().secrets(),
                        services.apply(new TreeMap<>(seen.owned().relays()))),
                states.apply(new TreeMap<>(seen.states())));
    }

    /// Starts with the newer of what is mounted and what it accepted, else with the other one.
    private boolean run(RouterService service) {
        var choices = new ArrayList<RouterService.Mounted>(List.of(service.pipeline()));
        var kept = disk(service).accepted;
        if (kept != null) {
            choices.add(kept.generation() > service.pipeline().generation() ? 0 : 1, kept);
        }
        var before = disk(service).started;
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
                    disk(service).started = choice;
                }
                return true;
            }
            trouble = Optional.of("it cannot run " + choice.revision());
        }
        return false;
    }

    /// What is mounted has its config; what was accepted lies on the volume.
    private boolean runnable(RouterService service, RouterService.Mounted choice) {
        return choice.equals(disk(service).accepted)
                || choice.equals(disk(service).started)
                || Known.of(seen.owned(), service.router()).stream()
                        .filter(each -> each.revision().equals(choice.revision()))
                        .flatMap(each -> each.pipeline().stream())
                        .anyMatch(pipeline -> !bad.test(pipeline));
    }

    private InstanceReport report(InstanceReport was, RouterService.Mounted runs, Optional<String> trouble) {
        return report(was.router(), was.instance(), runs, trouble);
    }

    private InstanceReport report(String router, int instance, RouterService.Mounted runs, Optional<String> trouble) {
        var disk = disk(HERE.service(router, instance));
        return new InstanceReport(
                router,
                instance,
                runs.revision(),
                runs.generation(),
                now,
                now,
                List.of(),
                new BufferReport(
                        disk.id,
                        Objects.requireNonNull(seen.owned().services().get(HERE.service(router, instance)))
                                        .node()
                                        .isEmpty()
                                ? InstanceReport.Kind.JETSTREAM
                                : InstanceReport.Kind.DISK,
                        disk.events * 100,
                        1 << 30,
                        1 << 30,
                        disk.events,
                        false,
                        0,
                        0,
                        disk.events == 0 ? Optional.empty() : Optional.of(now),
                        Optional.empty()),
                sinks(disk),
                List.of(),
                0,
                trouble,
                new InstanceReport.Holding(
                        disk.draining ? InstanceReport.Mode.DRAINING : InstanceReport.Mode.SERVING,
                        disk.draining && disk.events == 0,
                        disk.letters,
                        List.of(),
                        disk.aside));
    }

    private List<InstanceReport.SinkReport> sinks(Disk disk) {
        return idle.entrySet().stream()
                .map(each -> new InstanceReport.SinkReport(
                        each.getKey(),
                        "discard",
                        0,
                        0,
                        0,
                        0,
                        0,
                        disk.events,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        new InstanceReport.Preparation(InstanceReport.Preparation.State.NOT_NEEDED, ""),
                        Optional.empty(),
                        Optional.of(each.getValue()),
                        Optional.empty()))
                .toList();
    }

    /// Somebody changes or removes one of our services by hand.
    void tamper(String name, java.util.function.UnaryOperator<RouterService> change) {
        var services = new TreeMap<>(seen.owned().services());
        services.computeIfPresent(name, (_, service) -> change.apply(service));
        seen = with(
                new Owned(
                        seen.owned().configs(),
                        services,
                        seen.owned().secrets(),
                        seen.owned().relays()),
                new TreeMap<>(seen.states()));
    }

    void remove(String name) {
        var services = new TreeMap<>(seen.owned().services());
        var states = new TreeMap<>(seen.states());
        services.remove(name);
        states.remove(name);
        reports.remove(name);
        seen = with(
                new Owned(
                        seen.owned().configs(),
                        services,
                        seen.owned().secrets(),
                        seen.owned().relays()),
                states);
    }
}
