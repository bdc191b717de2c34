package io.logroute.control;

import io.logroute.plan.Declared;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceState;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.RelayState;
import io.logroute.plan.Revision;
import io.logroute.plan.RouteTests;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.plan.swarm.Fleets;
import io.logroute.plan.swarm.Holder;
import io.logroute.plan.swarm.Installation;
import io.logroute.plan.swarm.Known;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Notes;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Relays;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import io.logroute.plan.swarm.Told;
import io.logroute.remote.RouterLink;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.Routers;
import io.logroute.remote.Swarm;
import io.logroute.remote.SwarmRefused;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Stream;

/// Keeps a swarm equal to what is declared on it: looks, reads, decides, acts, tells. One thread makes the
/// passes; what is known can be asked for by all.
public final class SwarmReconciler implements FleetStates {
    private static final System.Logger LOG = System.getLogger(SwarmReconciler.class.getName());

    /// Swarm's words for a task on its way.
    private static final Set<String> STARTING =
            Set.of("new", "pending", "assigned", "accepted", "preparing", "ready", "starting");

    private final Swarm swarm;
    private final Routers routers;
    private final Function<String, RouterLink.Address> addresses;
    private final RouterReports reports;
    private final SwarmSpecs specs;
    private final Installation here;
    private final Set<String> templates;
    private final RouteTests tests;
    private final History history;
    private final ControllerMeters meters;
    private final InstantSource clock;
    private final Loads loads = new Loads();
    private final Orders orders;
    private volatile Map<String, DeploySpec.Autoscale> scaled = Map.of();
    private volatile Sight sight = Sight.NOTHING;
    private volatile boolean ending;
    /// Steps of the pass before that did not find what they were to change.
    private Set<String> outdatedBefore = Set.of();

    /// What the last pass left.
    ///
    /// @param troubles why steps could not be made, by what they were for
    record Sight(
            Seen seen,
            Declared declared,
            List<Fleets.Finding> findings,
            List<RelayState> relays,
            Map<Owner, List<Problem>> troubles) {
        static final Sight NOTHING = new Sight(Seen.NOTHING, Declared.NOTHING, List.of(), List.of(), Map.of());

        List<Problem> troubles(Owner owner) {
            return troubles.getOrDefault(owner, List.of());
        }
    }

    /// What a step is for: those of one are made or not, whatever becomes of those of another.
    sealed interface Owner {
        Owner ALL = new All();

        static Owner of(Step step) {
            return step.forRouter()
                    .<Owner>map(OfRouter::new)
                    .or(() -> step.forRelay().map(OfRelay::new))
                    .orElse(ALL);
        }

        /// As it is called in what is told, where a step says what it is done to.
        default String words(Step step) {
            return switch (this) {
                case OfRouter(var router) -> "router " + router;
                case OfRelay(var relay) -> "relay " + relay;
                case All _ -> step.object();
            };
        }

        record OfRouter(String router) implements Owner {}

        record OfRelay(String relay) implements Owner {}

        /// For all, or for none.
        record All() implements Owner {}
    }

    /// @param addresses where the management of an instance listens, by the name of its service
    /// @param bell rung when a router tells something else than before
    /// @param templates names of the index templates that there are
    /// @param tests runs the tests of routes
    public SwarmReconciler(
            Swarm swarm,
            Routers routers,
            Function<String, RouterLink.Address> addresses,
            SpecFiles files,
            Installation here,
            Set<String> templates,
            RouteTests tests,
            Bell bell,
            History history,
            ControllerMeters meters,
            InstantSource clock) {
        this(
                swarm,
                routers,
                addresses,
                files,
                here,
                templates,
                tests,
                bell,
                history,
                meters,
                clock,
                asks -> Thread.ofVirtual().name("ask").start(asks));
    }

    /// @param asking runs what asks one router, and waits for it
    SwarmReconciler(
            Swarm swarm,
            Routers routers,
            Function<String, RouterLink.Address> addresses,
            SpecFiles files,
            Installation here,
            Set<String> templates,
            RouteTests tests,
            Bell bell,
            History history,
            ControllerMeters meters,
            InstantSource clock,
            Executor asking) {
        this.swarm = swarm;
        this.routers = routers;
        this.addresses = addresses;
        this.reports = new RouterReports(routers, addresses, clock, bell::ring, asking);
        this.orders = new Orders(
                tell -> {
                    var answer = routers.order(addresses.apply(tell.service()), tell.order());
                    reports.askNow(tell.service());
                    return answer;
                },
                asking);
        this.specs = new SwarmSpecs(files);
        this.here = here;
        this.templates = Set.copyOf(templates);
        this.tests = tests;
        this.history = history;
        this.meters = meters;
        this.clock = clock;
    }

    /// Looks, reads, decides, acts.
    ///
    /// @throws SwarmUnreachable when no manager answered; what was not done is done by the next pass
    public Pass pass() throws SwarmUnreachable {
        var seen = swarm.observe();
        var declared = declared(specs.read(seen), seen);
        reports.remember(Holder.names(seen.owned()));
        reports.meet(seen.owned().services().values());
        scaled = scaled(declared);
        loads.look(scaled, reports.fresh().values(), clock.instant());
        // First the relays, for routers send to them.
        var relays = Relays.decide(seen, declared.relays(), here, clock.instant());
        var decision = Fleets.decide(Relays.after(seen, relays), wanted(declared), told(), here, clock.instant());
        var acted = act(
                seen,
                Stream.concat(relays.steps().stream(), decision.steps().stream())
                        .toList());
        sight = new Sight(seen, declared, decision.findings(), relays.states(), acted.troubles());
        return new Pass(clock.instant(), declared, new Fleet.Outcome(acted.done(), refused(acted.troubles())));
    }

    /// The routers whose number of instances follows the load.
    private static Map<String, DeploySpec.Autoscale> scaled(Declared declared) {
        var scaled = new TreeMap<String, DeploySpec.Autoscale>();
        declared.pipelines()
                .forEach(pipeline -> pipeline.router()
                        .deploy()
                        .flatMap(DeploySpec::autoscale)
                        .ifPresent(spec -> scaled.put(pipeline.name(), spec)));
        return scaled;
    }

    /// Of relays that is told with what else is known of them.
    private static Map<String, String> refused(Map<Owner, List<Problem>> troubles) {
        var refused = new TreeMap<String, String>();
        troubles.forEach((owner, problems) -> {
            switch (owner) {
                case Owner.OfRouter(var router) ->
                    refused.put(router, problems.getFirst().toString());
                case Owner.All _ -> refused.put("", problems.getFirst().toString());
                case Owner.OfRelay _ -> {}
            }
        });
        return refused;
    }

    /// What is declared, broken documents held at what ran last: as this controller knows, or as the swarm does.
    Declared declared(Reading reading, Seen seen) {
        var last = sight;
        var before = last == Sight.NOTHING ? Declared.running(running(seen)) : last.declared();
        return Declared.of(
                reading,
                before,
                new Declared.Ground(templates, Optional.of(seen.secrets()), Optional.of(seen.networks()), false),
                tests);
    }

    /// The newest pipelines that were not refused.
    private static List<PipelineDefinition> running(Seen seen) {
        var routers = new TreeSet<String>();
        seen.owned().services().values().forEach(each -> routers.add(each.router()));
        return routers.stream()
                .flatMap(router -> Known.of(seen.owned(), router).stream()
                        .filter(each -> each.refused().isEmpty())
                        .flatMap(each -> each.pipeline().stream())
                        .limit(1))
                .toList();
    }

    List<Fleets.Wanted> wanted(Declared declared) {
        return declared.pipelines().stream()
                .map(pipeline -> new Fleets.Wanted(pipeline, SwarmSpecs.sources(declared.good(), pipeline)))
                .toList();
    }

    /// What steps came to.
    private record Acted(List<String> done, Map<Owner, List<Problem>> troubles) {}

    /// Makes the steps in order. A router, or a relay, whose step failed gets none of those that follow; the
    /// others do. What an instance is told, and does not do, holds up none of the others.
    private Acted act(Seen seen, List<Step> steps) throws SwarmUnreachable {
        var done = new ArrayList<String>();
        var troubles = new LinkedHashMap<Owner, List<Problem>>();
        // Those whose step failed, and those that somebody else changed meanwhile: they are looked at again.
        var held = new HashSet<Owner>();
        var tells = new ArrayList<Step.Tell>();
        var outdated = new TreeSet<String>();
        for (var step : steps) {
            if (ending) {
                break;
            }
            var owner = Owner.of(step);
            if (held.contains(owner)) {
                continue;
            }
            try {
                if (step instanceof Step.Push push) {
                    boolean revision = isRevision(seen, steps, push);
                    push(push, revision, done).ifPresent(problem -> {
                        told(troubles, owner, problem);
                        if (revision) {
                            held.add(owner);
                        }
                    });
                    continue;
                }
                if (step instanceof Step.Tell tell) {
                    tells.add(tell);
                    continue;
                }
                if (step instanceof Step.RemoveService remove
                        && !Holder.isForgotten(seen.owned(), remove.name())
                        && !hasNothingLeft(seen, remove.name())) {
                    continue;
                }
                swarm.apply(step);
                if (step instanceof Step.UpdateService update) {
                    reports.forget(update.to().name());
                }
                made(step, done);
            } catch (OutOfDate e) {
                LOG.log(System.Logger.Level.DEBUG, "Looking again: " + e.getMessage());
                outdated.add(step.describe());
                if (outdatedBefore.contains(step.describe())) {
                    told(troubles, owner, again(step, e));
                }
                if (owner.equals(Owner.ALL)) {
                    break;
                }
                held.add(owner);
            } catch (SwarmRefused e) {
                if (step instanceof Step.RemoveConfig) {
                    // Somebody else's service has it. It stays, and does no harm.
                    LOG.log(System.Logger.Level.DEBUG, step.describe() + ": " + e.getMessage());
                    continue;
                }
                told(troubles, owner, new Problem(owner.words(step), step.describe() + ": " + e.what(), e.mend()));
                held.add(owner);
            }
        }
        outdatedBefore = outdated;
        for (var each : orders.tell(ending ? List.of() : tells)) {
            outcome(seen, each, done).ifPresent(problem -> told(troubles, Owner.of(each.tell()), problem));
        }
        return new Acted(done, troubles);
    }

    /// What one look at the swarm does not show, and the swarm says pass after pass.
    private static Problem again(Step step, OutOfDate why) {
        return new Problem(
                step.object(),
                "%s: the swarm says each time that it is not as it was looked at (%s)"
                        .formatted(step.describe(), why.getMessage()),
                step instanceof Step.CreateConfig create
                        ? "If it has lost the labels of LogRoute, remove it: docker config rm %s."
                                .formatted(create.config().name())
                        : "See that nobody else changes it, and that one controller runs.");
    }

    private static void told(Map<Owner, List<Problem>> troubles, Owner owner, Problem problem) {
        troubles.computeIfAbsent(owner, _ -> new ArrayList<>()).add(problem);
    }

    /// Whether an instance says just now that nothing is left of it, or has no node any more where it
    /// could be asked.
    /// What the pass went by is seconds old, and it may have been started anew since.
    private boolean hasNothingLeft(Seen seen, String name) {
        var service = seen.owned().services().get(name);
        if (service == null
                || !service.node().isEmpty()
                        && seen.nodes().stream().noneMatch(each -> each.id().equals(service.node()))) {
            return true;
        }
        reports.askNow(name);
        return Optional.ofNullable(reports.fresh().get(name))
                .filter(InstanceReport::hasNothingLeft)
                .isPresent();
    }

    private void made(Step step, List<String> done) {
        if (!step.isNote()) {
            done.add(step.describe());
        }
        meters.stepped(step.kind());
        if (step.isDrift()) {
            meters.drifted(step.object().startsWith("config/") ? "config" : "service");
        }
        if (!step.isNote()) {
            history.happened(kind(step), step.object(), sentence(step.describe()));
        }
        if (kind(step) == History.Kind.ROLLBACK) {
            step.forRouter().ifPresent(meters::rolledBack);
        }
    }

    private static History.Kind kind(Step step) {
        if (step.isDrift()) {
            return History.Kind.DRIFT;
        }
        return step.isRefusal() ? History.Kind.ROLLBACK : History.Kind.STEP;
    }

    private static String sentence(String words) {
        return Character.toUpperCase(words.charAt(0)) + words.substring(1) + ".";
    }

    /// Whether what is handed over is a revision, which can be taken back: what an instance gets on its way out may
    /// be none, and holds nobody up.
    private static boolean isRevision(Seen seen, List<Step> steps, Step.Push push) {
        return Known.of(seen.owned(), push.router()).stream()
                        .anyMatch(each -> each.revision().equals(push.revision()))
                || steps.stream()
                        .anyMatch(step -> step instanceof Step.CreateConfig create
                                && push.revision()
                                        .equals(create.config().labels().get(Label.REVISION)));
    }

    /// Hands a pipeline to a router.
    ///
    /// @param revision whether it is one
    /// @return why it did not take it, for a reason that may pass
    private Optional<Problem> push(Step.Push push, boolean revision, List<String> done) throws SwarmUnreachable {
        var outcome = routers.push(
                addresses.apply(push.service()), push.text(), new Revision(push.revision()), push.generation());
        reports.askNow(push.service());
        return switch (outcome) {
            case Pushed.Taken _ -> {
                made(push, done);
                yield Optional.empty();
            }
            case Pushed.Refused(var problems) -> {
                if (!revision) {
                    yield trouble(push, String.join(" ", problems));
                }
                refuse(push, "instance %d: %s".formatted(push.instance(), String.join(" ", problems)));
                yield Optional.empty();
            }
            case Pushed.Outdated(var reason) -> trouble(push, reason);
            case Pushed.NeedsRestart(var reason) -> trouble(push, reason);
            case Pushed.NotNow(var reason) -> trouble(push, reason);
            case Pushed.Denied(var reason) -> trouble(push, reason);
            case Pushed.Unreachable(var reason) -> trouble(push, reason);
        };
    }

    /// @return why an instance does not do what it was told to
    private Optional<Problem> outcome(Seen seen, Orders.Outcome outcome, List<String> done) {
        var tell = outcome.tell();
        if (outcome.answer().isEmpty()) {
            return trouble(tell, "it has not answered yet");
        }
        return switch (outcome.answer().get()) {
            case Ordered.Taken _ -> {
                made(tell, done);
                yield Optional.empty();
            }
            case Ordered.KnowsNone _ ->
                Optional.of(new Problem(
                        "instance " + tell.service(),
                        "%s: its image%s knows no orders"
                                .formatted(
                                        tell.describe(),
                                        Optional.ofNullable(
                                                        seen.owned().services().get(tell.service()))
                                                .map(service -> " " + service.image())
                                                .orElse("")),
                        "Give router %s a newer image.".formatted(tell.router())));
            case Ordered.NotNow(var reason) -> trouble(tell, reason);
            case Ordered.Denied(var reason) -> trouble(tell, reason);
            case Ordered.Unreachable(var reason) -> trouble(tell, reason);
        };
    }

    private static Optional<Problem> trouble(Step.Tell tell, String reason) {
        return Optional.of(new Problem(
                "instance " + tell.service(),
                "%s: %s".formatted(tell.describe(), reason.replaceFirst("[.]+$", "")),
                "It is tried again."));
    }

    private static Optional<Problem> trouble(Step.Push push, String reason) {
        return Optional.of(new Problem(
                "instance " + push.service(),
                "it did not take revision %s: %s".formatted(push.revision(), reason.replaceFirst("[.]+$", "")),
                "It is tried again."));
    }

    private void refuse(Step.Push push, String why) throws SwarmUnreachable {
        var step = Notes.refuse(swarm.observe(), push.router(), push.revision(), why, Optional.empty());
        try {
            if (step.isPresent()) {
                swarm.apply(step.get());
                made(step.get(), new ArrayList<>());
            }
        } catch (OutOfDate | SwarmRefused e) {
            LOG.log(System.Logger.Level.DEBUG, "Refused in the next pass: " + e.getMessage());
        }
    }

    /// Makes no more steps: whoever takes a swarm's services away would have them made again by a controller that is
    /// still ending. The next one goes on.
    public void ending() {
        ending = true;
    }

    /// Asks the routers that the last pass saw how they do. Does not wait for them.
    public void ask() {
        reports.ask(sight.seen().owned().services().values());
        loads.look(scaled, reports.fresh().values(), clock.instant());
    }

    Sight sight() {
        return sight;
    }

    /// What routers tell, now and before.
    Told told() {
        return new Told(reports.fresh(), reports.last(), loads.now());
    }

    /// Whether all that the last pass saw is as it should be, so that the next one has time.
    public boolean settled() {
        var fresh = reports.fresh();
        var now = sight;
        return now.troubles().isEmpty()
                && now.relays().stream().noneMatch(RelayState::isOnItsWay)
                && now.findings().stream()
                        .flatMap(finding -> finding.volumes().stream())
                        .noneMatch(SwarmReconciler::isOnItsWay)
                && now.findings().stream()
                        .allMatch(finding -> finding.target().isEmpty()
                                || now.seen().owned().services().values().stream()
                                        .filter(each -> each.router().equals(finding.router()))
                                        .filter(each -> serves(finding, each.name()))
                                        .allMatch(each -> Optional.ofNullable(fresh.get(each.name()))
                                                .map(InstanceReport::revision)
                                                .equals(finding.target())));
    }

    /// Whether something is about to come of it.
    private static boolean isOnItsWay(VolumeState volume) {
        return switch (volume.stage()) {
            case SERVING, KEPT -> false;
            case DRAINING, REMOVING -> volume.away().isEmpty();
            case DRAINED -> false; // what it waits for rings the bell
        };
    }

    private static boolean serves(Fleets.Finding finding, String service) {
        return finding.volumes().stream()
                .filter(each -> each.name().equals(service))
                .allMatch(each -> each.stage() == Stage.SERVING);
    }

    /// With what routers told since the last pass.
    private static VolumeState asTold(VolumeState volume, Optional<Told.Last> last, Instant now) {
        return last.filter(each ->
                        volume.asOf().filter(at -> !at.isBefore(each.at())).isEmpty())
                .map(each -> volume.holding(
                        each.report(),
                        each.at(),
                        Duration.between(each.at(), now).compareTo(RouterReports.LASTING) < 0))
                .orElse(volume);
    }

    @Override
    public List<FleetState> states() {
        var now = sight;
        var fresh = reports.lately();
        var last = reports.last();
        var time = clock.instant();
        var states = new ArrayList<FleetState>();
        for (var finding : now.findings()) {
            var instances = new ArrayList<InstanceState>();
            now.seen().owned().services().values().stream()
                    .filter(each -> each.router().equals(finding.router()))
                    .forEach(each -> {
                        var report = Optional.ofNullable(fresh.get(each.name()));
                        instances.add(new InstanceState(
                                each.router(),
                                each.instance(),
                                Optional.of(each.name()),
                                node(now.seen(), each),
                                report,
                                report.isPresent() ? Optional.empty() : Optional.of(trouble(now.seen(), each.name()))));
                    });
            finding.unplaced().stream()
                    .filter(number -> instances.stream().noneMatch(each -> each.number() == number))
                    .forEach(number -> instances.add(new InstanceState(
                            finding.router(),
                            number,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            // Why stands among the problems.
                            Optional.empty())));
            var problems = new ArrayList<>(finding.problems());
            problems.addAll(now.troubles(new Owner.OfRouter(finding.router())));
            problems.addAll(now.troubles(Owner.ALL));
            states.add(new FleetState(
                    finding.router(),
                    finding.target(),
                    finding.refused().map(each -> new FleetState.Refusal(each.revision(), each.instead(), each.why())),
                    finding.paused(),
                    finding.wanted(),
                    problems,
                    instances,
                    finding.volumes().stream()
                            .map(each -> asTold(each, Optional.ofNullable(last.get(each.name())), time))
                            .toList(),
                    finding.scaling()));
        }
        states.sort(java.util.Comparator.comparing(FleetState::router));
        return states;
    }

    @Override
    public List<RelayState> relays() {
        var now = sight;
        return now.relays().stream()
                .map(each -> each.with(now.troubles(new Owner.OfRelay(each.name()))))
                .toList();
    }

    /// The name of the node that it is pinned to; of one that is pinned to none, of that it runs on.
    private static Optional<String> node(Seen seen, RouterService service) {
        var id = service.node().isEmpty()
                ? seen.states().getOrDefault(service.name(), Seen.State.NEW).tasks().stream()
                        .filter(Seen.Task::running)
                        .map(Seen.Task::node)
                        .findFirst()
                : Optional.of(service.node());
        return seen.nodes().stream()
                .filter(node -> id.filter(node.id()::equals).isPresent())
                .map(Seen.Node::hostname)
                .findFirst();
    }

    /// Why an instance tells nothing: what Swarm says of its task, else what came of asking it.
    private String trouble(Seen seen, String service) {
        var state = seen.states().getOrDefault(service, Seen.State.NEW);
        var tasks = state.tasks();
        if (tasks.isEmpty()) {
            return "it starts: it has no task yet";
        }
        if (state.runs()) {
            return reports.silence(service).orElse(InstanceState.NOT_ASKED);
        }
        var error = tasks.stream().flatMap(task -> task.error().stream()).findFirst();
        return "%sits task is %s%s"
                .formatted(
                        error.isEmpty() && STARTING.contains(tasks.getFirst().state()) ? "it starts: " : "",
                        tasks.getFirst().state(),
                        error.map(": "::concat).orElse(""));
    }
}
