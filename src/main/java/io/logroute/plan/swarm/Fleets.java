package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Revision;
import io.logroute.plan.VolumeState;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.LogRouter;
import io.logroute.spec.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Decides what is to be done with all fleets: the steps of one pass, in order, and what is to be told of each
/// fleet.
///
/// In one pass at most one instance of a fleet is changed: the first that is not as it should be, once all
/// before it are settled. The first of all is the canary: it has to be well for [#CANARY] before the second
/// one is changed. Those that are missing are made besides: all of a new fleet, those that were there
/// before, and more of what is known to run; others once all before them are settled.
public final class Fleets {
    /// Where a router's container finds its pipeline.
    public static final String FOLDER = "/etc/logroute/pipeline";
    /// Where Docker mounts secrets.
    public static final Path SECRETS = Path.of("/run/secrets");
    /// The name of the link secret's file there.
    public static final String LINK = "logroute-link";
    /// For so long the first instance has to be well with a new revision before the others get it.
    public static final Duration CANARY = Duration.ofSeconds(5);
    /// A task that waits so long for a node that could run it is not waited for.
    public static final Duration STUCK = Duration.ofSeconds(30);
    /// So often the document of a router is tried with other routes before it is held.
    private static final int TRIES = 2;
    /// Revisions of a router that are kept, at least.
    public static final int KEPT = 5;

    private static final int MOST_PARTS = 32;

    private final Seen seen;
    private final Map<String, InstanceReport> reports;
    private final Installation here;
    private final Instant now;
    /// All router services there are and, as they are planned, will be: for placing the next ones.
    private final List<RouterService> all;
    private final List<Step> steps = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    /// A fleet as people declare it.
    ///
    /// @param sources where its documents stand: files, configs, services
    public record Wanted(PipelineDefinition pipeline, List<String> sources) {
        public Wanted {
            sources = List.copyOf(sources);
        }
    }

    /// What is to be done, and what is to be told.
    public record Decision(List<Step> steps, List<Finding> findings) {
        public Decision {
            steps = List.copyOf(steps);
            findings = List.copyOf(findings);
        }
    }

    /// What is to be told of a fleet, besides what its instances report.
    ///
    /// @param target the revision that it should run; empty when it stays as it is
    /// @param wanted instances that are declared
    /// @param unplaced numbers of instances that have no node
    /// @param volumes where its events lie
    /// @param scaling how many instances there are and why, where their number follows the load
    public record Finding(
            String router,
            Optional<String> target,
            Optional<Target.Refusal> refused,
            boolean paused,
            int wanted,
            List<Problem> problems,
            List<Integer> unplaced,
            List<VolumeState> volumes,
            Optional<String> scaling) {
        Finding(
                String router,
                Optional<String> target,
                Optional<Target.Refusal> refused,
                boolean paused,
                int wanted,
                List<Problem> problems,
                List<Integer> unplaced) {
            this(router, target, refused, paused, wanted, problems, unplaced, List.of(), Optional.empty());
        }

        public Finding {
            volumes = List.copyOf(volumes);
            problems = List.copyOf(problems);
            unplaced = List.copyOf(unplaced);
        }
    }

    private Fleets(Seen seen, Map<String, InstanceReport> reports, Installation here, Instant now) {
        this.seen = seen;
        this.reports = reports;
        this.here = here;
        this.now = now;
        this.all = new ArrayList<>(seen.owned().services().values());
    }

    /// Decides.
    ///
    /// @param wanted what is declared, at most one for each router
    /// @param reports what instances tell, by the name of their service; those that cannot be reached are missing
    public static Decision decide(
            Seen seen, List<Wanted> wanted, Map<String, InstanceReport> reports, Installation here, Instant now) {
        return decide(seen, wanted, Told.now(reports), here, now);
    }

    /// Decides.
    ///
    /// @param wanted what is declared, at most one for each router
    public static Decision decide(Seen seen, List<Wanted> wanted, Told told, Installation here, Instant now) {
        var fleets = new Fleets(seen, told.fresh(), here, now);
        if (!wanted.isEmpty() && !seen.secrets().contains(here.linkSecret())) {
            fleets.steps.add(new Step.CreateSecret(here.linkSecret()));
        }
        var names = new HashSet<String>();
        for (var each : wanted) {
            names.add(each.pipeline().name());
            fleets.fleet(each);
        }
        fleets.undeclared(names);
        fleets.collect(wanted);
        return new Decision(fleets.steps, fleets.findings);
    }

    // ---- one fleet

    private void fleet(Wanted declaredNow) {
        var name = declaredNow.pipeline().name();
        var known = Known.of(seen.owned(), name);
        var problems = new ArrayList<Problem>();
        var held = held(declaredNow, known);
        var wanted = held.orElse(declaredNow);
        var declared = wanted.pipeline().revision().hash();
        var target = Target.of(declared, known, running(name));
        if (held.isPresent()) {
            target = target.insteadOf(
                    declaredNow.pipeline().revision().hash(),
                    "the document of the router was taken back with %d revisions, the last time for this: %s. The router stays as it was, and follows routes and sinks"
                            .formatted(
                                    takenBack(declaredNow.pipeline(), known).size(),
                                    takenBack(declaredNow.pipeline(), known)
                                            .getFirst()
                                            .refused()
                                            .orElse("it failed")));
        }
        var text = target.known().isPresent()
                ? target.known().get().text()
                : Optional.of(wanted.pipeline().text());
        var pipeline = target.known().isPresent() ? target.known().get().pipeline() : Optional.of(wanted.pipeline());
        if (target.revision().isEmpty() || text.isEmpty() || pipeline.isEmpty()) {
            target.revision()
                    .ifPresent(revision -> problems.add(new Problem(
                            "router " + name,
                            "revision %s lies in the swarm and cannot be read: a part is missing, somebody changed it, or a newer LogRoute wrote it"
                                    .formatted(revision),
                            "Look at its configs: docker config ls -f label=%s=%s."
                                    .formatted(Label.REVISION, revision))));
            findings.add(new Finding(
                    name,
                    Optional.empty(),
                    target.refused(),
                    target.paused(),
                    count(wanted.pipeline()),
                    problems,
                    List.of()));
            return;
        }
        var lacking = lacking(pipeline.get());
        if (!lacking.isEmpty()) {
            findings.add(new Finding(
                    name,
                    Optional.empty(),
                    target.refused(),
                    target.paused(),
                    count(wanted.pipeline()),
                    lacking,
                    List.of()));
            return;
        }
        var placed = placed(name, known);
        var unplaced = new ArrayList<Integer>();
        place(pipeline.get(), placed, problems, unplaced);
        var now = target.known().isPresent()
                ? relabel(target.known().get(), target.generation(), placed, known, declaredNow.pipeline())
                : create(wanted, text.get(), target.generation(), placed, known, declaredNow.pipeline(), problems);
        if (now.isPresent()) {
            var there = new TreeMap<>(placed);
            there.entrySet().removeIf(each -> isGone(pipeline.get(), each.getKey(), each.getValue()));
            instances(now.get(), target.generation(), pipeline.get(), text.get(), there, known, problems);
        }
        findings.add(new Finding(
                name, target.revision(), target.refused(), target.paused(), count(pipeline.get()), problems, unplaced));
    }

    /// What is wanted with the router as it was accepted last, where its document as it is declared now
    /// was taken back with several revisions already: the routes of others go on without it.
    private static Optional<Wanted> held(Wanted wanted, List<Known> known) {
        var pipeline = wanted.pipeline();
        if (takenBack(pipeline, known).size() < TRIES
                || known.stream()
                        .anyMatch(each ->
                                each.revision().equals(pipeline.revision().hash()))) {
            return Optional.empty();
        }
        return known.stream()
                .filter(each -> each.accepted() && each.refused().isEmpty())
                .flatMap(each -> each.pipeline().stream())
                .map(PipelineDefinition::router)
                .filter(router -> !router.equals(pipeline.router()))
                .findFirst()
                .map(router -> new Wanted(
                        new PipelineDefinition(router, pipeline.routes(), pipeline.sinks()), wanted.sources()));
    }

    /// The revisions with the very same document of the router that failed, the newest first.
    private static List<Known> takenBack(PipelineDefinition declared, List<Known> known) {
        return known.stream()
                .filter(each -> each.refused().isPresent() && each.instead().isEmpty())
                .filter(each -> each.pipeline()
                        .filter(pipeline -> pipeline.router().equals(declared.router()))
                        .isPresent())
                .toList();
    }

    /// The highest generation of each revision that an instance runs: what it is to take has to be above.
    private Map<String, Long> running(String router) {
        return reports.values().stream()
                .filter(report -> report.router().equals(router))
                .collect(Collectors.toMap(InstanceReport::revision, InstanceReport::generation, Math::max));
    }

    /// Networks and secrets that the swarm does not have. Without them Docker would refuse the services.
    private List<Problem> lacking(PipelineDefinition pipeline) {
        var deploy = deploy(pipeline);
        var problems = new ArrayList<Problem>();
        for (var network : Stream.concat(Stream.of(here.network()), deploy.networks().stream())
                .distinct()
                .toList()) {
            if (!seen.networks().contains(network)) {
                problems.add(new Problem(
                        "router " + pipeline.name(),
                        "the swarm has no network %s that services can join".formatted(network),
                        "Create it: docker network create -d overlay --attachable %s; or name another one."
                                .formatted(network)));
            }
        }
        for (var secret : secrets(pipeline)) {
            if (!seen.secrets().contains(secret)) {
                problems.add(new Problem(
                        "router " + pipeline.name(),
                        "the swarm has no secret %s".formatted(secret),
                        "Create it: docker secret create %s FILE; or name another one.".formatted(secret)));
            }
        }
        return problems;
    }

    private int count(PipelineDefinition pipeline) {
        var deploy = deploy(pipeline);
        return deploy.perNode()
                ? Placement.fitting(seen.nodes(), deploy.constraints()).size()
                : deploy.replicas();
    }

    private static DeploySpec deploy(PipelineDefinition pipeline) {
        return pipeline.router().deploy().orElse(DeploySpec.USUAL);
    }

    /// Docker secrets of a pipeline: those that its documents name as files, and those of `deploy.secrets`.
    static Set<String> secrets(PipelineDefinition pipeline) {
        var names = new TreeSet<>(deploy(pipeline).secrets());
        pipeline.files().stream()
                .filter(file -> SECRETS.equals(file.getParent()))
                .map(file -> file.getFileName().toString())
                .forEach(names::add);
        names.remove(LINK);
        return names;
    }

    /// The nodes of the instances there are or once were: as configs tell, and as services do.
    private SortedMap<Integer, String> placed(String router, List<Known> known) {
        var placed = new TreeMap<Integer, String>();
        known.reversed().forEach(each -> placed.putAll(each.placed()));
        seen.owned().of(router).filter(each -> !each.node().isEmpty()).forEach(each -> {
            placed.putIfAbsent(each.instance(), each.node());
        });
        return placed;
    }

    /// Gives each instance that has none a node.
    private void place(
            PipelineDefinition pipeline,
            SortedMap<Integer, String> placed,
            List<Problem> problems,
            List<Integer> unplaced) {
        var deploy = deploy(pipeline);
        var name = pipeline.name();
        if (deploy.perNode()) {
            for (var node : Placement.fitting(seen.nodes(), deploy.constraints())) {
                if (!placed.containsValue(node.id())) {
                    var taken = all.stream()
                            .filter(each -> each.node().equals(node.id()))
                            .filter(each -> each.ports().stream().anyMatch(deploy.publish()::contains))
                            .findFirst();
                    if (taken.isPresent()) {
                        problems.add(new Problem(
                                "router " + name,
                                "node %s has no port %s free for an instance: %s publishes it"
                                        .formatted(
                                                node.hostname(),
                                                deploy.publish().stream()
                                                        .map(String::valueOf)
                                                        .collect(Collectors.joining(", ")),
                                                taken.get().name()),
                                "Give one of the two routers another port, or other nodes by constraints."));
                        continue;
                    }
                    int number = 0;
                    while (placed.containsKey(number)) {
                        number++;
                    }
                    placed.put(number, node.id());
                }
            }
            if (placed.isEmpty()) {
                problems.add(noNode(name, deploy, "no instance"));
            }
            return;
        }
        for (int number = 0; number < deploy.replicas(); number++) {
            if (placed.containsKey(number)) {
                continue;
            }
            var there = new ArrayList<>(all);
            int next = number;
            placed.forEach((other, node) -> {
                if (all.stream().noneMatch(each -> each.name().equals(here.service(name, other)))) {
                    there.add(service(pipeline, other, node, new RouterService.Mounted("", 0), new TreeMap<>()));
                }
            });
            var node = Placement.choose(seen.nodes(), deploy.constraints(), name, deploy.publish(), there);
            if (node.isPresent()) {
                placed.put(next, node.get().id());
            } else {
                unplaced.add(next);
            }
        }
        if (!unplaced.isEmpty()) {
            problems.add(noNode(
                    name,
                    deploy,
                    unplaced.stream().map(each -> "instance " + each).collect(Collectors.joining(", "))));
        }
        long there = seen.owned().of(name).count();
        if (there > deploy.replicas()) {
            problems.add(new Problem(
                    "router " + name,
                    "%s declared and %d are there; a smaller number is not obeyed, since what waits in a buffer would be lost"
                            .formatted(
                                    deploy.replicas() == 1 ? "1 instance is" : deploy.replicas() + " instances are",
                                    there),
                    "Write replicas: %d; or, once nothing waits for it, remove the service with the highest number."
                            .formatted(there)));
        }
    }

    private static Problem noNode(String router, DeploySpec deploy, String who) {
        var wants = new ArrayList<String>();
        if (!deploy.constraints().isEmpty()) {
            wants.add("fits " + String.join(" and ", deploy.constraints()));
        }
        if (!deploy.publish().isEmpty()) {
            wants.add("has port %s free of other routers"
                    .formatted(deploy.publish().stream().map(String::valueOf).collect(Collectors.joining(", "))));
        }
        return new Problem(
                "router " + router,
                "no node that is ready and takes tasks %s: %s does not run"
                        .formatted(wants.isEmpty() ? "is there" : String.join(" and ", wants), who),
                "Add or label a node, or change constraints, publish or replicas.");
    }

    // ---- the revision's configs

    /// Plans the configs of a revision that is not there yet.
    private Optional<Known> create(
            Wanted wanted,
            String text,
            long generation,
            SortedMap<Integer, String> placed,
            List<Known> known,
            PipelineDefinition declared,
            List<Problem> problems) {
        var name = wanted.pipeline().name();
        var revision = wanted.pipeline().revision().hash();
        Packed packed;
        try {
            packed = Packed.of(text, here.configBytes());
        } catch (IllegalArgumentException e) {
            problems.add(tooLarge(name, String.valueOf(e.getMessage())));
            return Optional.empty();
        }
        int count = packed.parts().size();
        if (count > MOST_PARTS) {
            problems.add(tooLarge(
                    name,
                    "the pipeline needs %d Docker configs of %d bytes, packed, and %d are the most"
                            .formatted(count, here.configBytes(), MOST_PARTS)));
            return Optional.empty();
        }
        var configs = new ArrayList<OwnedConfig>();
        for (int i = 0; i < count; i++) {
            var labels = new TreeMap<String, String>();
            labels.put(Label.MANAGED_BY, here.prefix());
            labels.put(Label.ROLE, "pipeline");
            labels.put(Label.ROUTER, name);
            labels.put(Label.REVISION, revision);
            if (count > 1) {
                labels.put(Label.PART, "%dof%d".formatted(i + 1, count));
            }
            if (i == 0) {
                labels.put(Label.GENERATION, Long.toString(generation));
                labels.put(Label.SINCE, now.toString());
                labels.put(Label.SOURCES, Notes.shortened(String.join(", ", wanted.sources())));
                labels.put(Label.PLACED, Known.write(placed));
            }
            var config = here.config(name, revision) + (count > 1 ? "-%dof%d".formatted(i + 1, count) : "");
            configs.add(new OwnedConfig(
                    config, labels, new Content(packed.parts().get(i).bytes())));
        }
        // What an instance runs was there.
        boolean gone = placed.keySet().stream()
                .map(number -> reports.get(here.service(name, number)))
                .anyMatch(report -> report != null && report.revision().equals(revision));
        // What a controller left that was stopped in the middle is there already.
        configs.stream()
                .filter(config -> !seen.owned().configs().containsKey(config.name()))
                .forEach(config -> steps.add(new Step.CreateConfig(config, gone)));
        known.stream().filter(each -> mayBeForgiven(each, declared, known)).forEach(this::forgive);
        return Optional.of(new Known(name, revision, configs, true));
    }

    private static Problem tooLarge(String router, String what) {
        return new Problem(
                "router " + router, what, "Share its routes among several routers, or write them with globs.");
    }

    /// A refusal holds while people declare what was refused, be it the document of the router alone when
    /// that may be what failed: with another one than runs.
    private static boolean mayBeForgiven(Known refused, PipelineDefinition declared, List<Known> known) {
        if (refused.refused().isEmpty()
                || refused.revision().equals(declared.revision().hash())) {
            return false;
        }
        boolean sameRouter = takenBack(declared, known).contains(refused);
        boolean runsAnother = known.stream()
                .filter(each -> each.accepted() && each.refused().isEmpty())
                .findFirst()
                .flatMap(Known::pipeline)
                .filter(each -> !each.router().equals(declared.router()))
                .isPresent();
        return !(sameRouter && runsAnother);
    }

    private void forgive(Known known) {
        steps.add(Notes.forgiven(known));
    }

    /// Plans what changes in the labels of a revision that is there.
    private Optional<Known> relabel(
            Known known,
            long generation,
            SortedMap<Integer, String> placed,
            List<Known> others,
            PipelineDefinition declared) {
        var labels = new TreeMap<>(known.head().labels());
        var why = new ArrayList<String>();
        if (known.generation() != generation) {
            labels.put(Label.GENERATION, Long.toString(generation));
            labels.put(Label.SINCE, now.toString());
            labels.remove(Label.TRIED);
            why.add("generation " + generation);
        }
        if (!known.placed().equals(placed)) {
            labels.put(Label.PLACED, Known.write(placed));
            why.add("instances at " + Known.write(placed));
        }
        // What was named to run in place of what is declared, and failed in its turn, stays refused with it.
        var named = others.stream()
                .filter(each -> each.revision().equals(declared.revision().hash()))
                .findFirst()
                .flatMap(Known::instead);
        others.stream()
                .filter(each -> mayBeForgiven(each, declared, others))
                .filter(each -> named.filter(each.revision()::equals).isEmpty())
                .forEach(this::forgive);
        if (labels.equals(known.head().labels())) {
            return Optional.of(known);
        }
        steps.add(Notes.label(known, labels, String.join(", ", why)));
        var configs = new ArrayList<>(known.configs());
        configs.set(0, known.head().with(labels));
        return Optional.of(new Known(known.router(), known.revision(), configs, known.whole()));
    }

    // ---- the instances

    /// What became of one instance.
    private enum Way {
        SETTLED,
        BEHIND,
        BUSY,
        /// Its node is down: it holds nobody up.
        AWAY
    }

    private void instances(
            Known target,
            long generation,
            PipelineDefinition pipeline,
            String text,
            SortedMap<Integer, String> placed,
            List<Known> known,
            List<Problem> problems) {
        var name = pipeline.name();
        var mounted = new RouterService.Mounted(target.revision(), generation);
        boolean isFirst = true;
        // Those on nodes that are up; without them no revision would be accepted while a node is down.
        int settled = 0;
        boolean allSettled = true;
        boolean mayChange = !isBusy(name);
        boolean isNew = seen.owned().of(name).findAny().isEmpty();
        for (var entry : placed.entrySet()) {
            var service = service(pipeline, entry.getKey(), entry.getValue(), mounted, target.files());
            var node = seen.node(entry.getValue());
            if (node.isEmpty()) {
                problems.add(new Problem(
                        "instance " + service.name(),
                        "its node %s is no longer in the swarm, and its volume with it".formatted(entry.getValue()),
                        "Let the node join again."));
                continue;
            }
            var is = seen.owned().services().get(service.name());
            if (is == null) {
                boolean ran = ran(entry.getKey(), known);
                // More of what is not known to run would be more of what may be wrong.
                if (ran || isNew || target.accepted() || allSettled) {
                    steps.add(new Step.CreateService(service, ran));
                    all.add(service);
                }
                allSettled = false;
                continue;
            }
            service = stays(is, service, node.get(), problems);
            if (!mayChange) {
                allSettled = false;
                continue;
            }
            var way = node.get().ready()
                    ? instance(is, service, node.get(), target, pipeline, text, known, problems)
                    : away(is, "is down", "Start the node, or mend its network", node.get(), problems);
            switch (way) {
                case BEHIND, BUSY -> {
                    allSettled = false;
                    mayChange = false;
                }
                case SETTLED -> {
                    settled++;
                    if (isFirst) {
                        var report = reports.get(service.name());
                        boolean alone = placed.size() > 1 && !allRun(placed, name, target.revision());
                        mayChange = !alone
                                || report == null
                                || Duration.between(report.taken(), now).compareTo(CANARY) >= 0;
                    }
                    isFirst = false;
                }
                case AWAY -> {}
            }
        }
        if (allSettled && settled > 0 && !target.accepted()) {
            accept(target);
        }
    }

    /// Swarm would begin a change, and not end it before the node is back.
    private static Way away(RouterService is, String how, String mend, Seen.Node node, List<Problem> problems) {
        problems.add(new Problem(
                "instance " + is.name(),
                "its node %s %s".formatted(node.hostname(), how),
                mend + ": the instance goes on there, with what waits in its buffer."));
        return Way.AWAY;
    }

    /// An instance stays on its node for life, so that what the node cannot give is not asked for: its task would be
    /// ended for one that never starts.
    private RouterService stays(RouterService is, RouterService wanted, Seen.Node node, List<Problem> problems) {
        var misfits = new ArrayList<String>();
        wanted.constraints().stream()
                .filter(each -> !is.constraints().contains(each) && !Placement.allows(each, node))
                .forEach(each -> misfits.add("does not fit " + each));
        wanted.ports().stream()
                .filter(port -> !is.ports().contains(port))
                .forEach(port -> all.stream()
                        .filter(each ->
                                each.node().equals(node.id()) && !each.name().equals(is.name()))
                        .filter(each -> each.ports().contains(port))
                        .findFirst()
                        .ifPresent(each -> misfits.add("has port %d taken by %s".formatted(port, each.name()))));
        if (misfits.isEmpty()) {
            return wanted;
        }
        problems.add(
                new Problem(
                        "instance " + is.name(),
                        "it stays as it is published and constrained: its node %s %s"
                                .formatted(node.hostname(), String.join(" and ", misfits)),
                        "Change the node, or constraints or publish of the router; an instance keeps its node and its buffer for life."));
        return wanted.standing(is);
    }

    /// Whether somebody removed an instance that is declared no longer. Its place is remembered, where its
    /// volume is.
    private boolean isGone(PipelineDefinition pipeline, int number, String node) {
        if (seen.owned().services().containsKey(here.service(pipeline.name(), number))) {
            return false;
        }
        var deploy = deploy(pipeline);
        return deploy.perNode()
                ? Placement.fitting(seen.nodes(), deploy.constraints()).stream()
                        .noneMatch(each -> each.id().equals(node))
                : number >= deploy.replicas();
    }

    /// Whether the instance was there once: it belonged to a revision that every instance ran.
    private static boolean ran(int instance, List<Known> known) {
        return known.stream().anyMatch(each -> each.accepted() && each.placed().containsKey(instance));
    }

    /// Whether Swarm is at one of its instances, and can come to an end with it: not on a node that is down or
    /// takes no tasks, and not where no node has what the task asks for.
    private boolean isBusy(String router) {
        return seen.owned()
                .of(router)
                .filter(each -> seen.node(each.node())
                        .filter(node -> node.ready() && node.active())
                        .isPresent())
                .map(each -> seen.state(each.name()))
                .anyMatch(state -> state.update().phase().underWay() && !state.isStuck());
    }

    private boolean allRun(SortedMap<Integer, String> placed, String router, String revision) {
        return placed.keySet().stream()
                .map(number -> reports.get(here.service(router, number)))
                .allMatch(report -> report != null && report.revision().equals(revision));
    }

    private void accept(Known target) {
        if (isTouched(target)) {
            return; // in the next pass
        }
        var labels = new TreeMap<>(target.head().labels());
        labels.put(Label.ACCEPTED, "true");
        steps.add(Notes.label(target, labels, "every instance that is up runs it"));
    }

    /// Whether its labels change in this pass already.
    private boolean isTouched(Known known) {
        return steps.stream()
                .anyMatch(step -> step.object().equals("config/" + known.head().name()));
    }

    private Way instance(
            RouterService is,
            RouterService wanted,
            Seen.Node node,
            Known target,
            PipelineDefinition pipeline,
            String text,
            List<Known> known,
            List<Problem> problems) {
        var state = seen.state(is.name());
        // Where Swarm says that nothing runs, it is the one before that still answers.
        var report = state.runs() ? reports.get(is.name()) : null;
        boolean sameService = is.mounting(wanted.pipeline(), wanted.configs()).equals(wanted);
        boolean sameMounted = is.pipeline().revision().equals(target.revision());
        if (sameService && sameMounted && runs(report, wanted)) {
            return well(report) ? Way.SETTLED : Way.BEHIND;
        }
        if (sameMounted && state.isStuck() && isLong(state)) {
            if (!target.accepted()
                    && !isTouched(target)
                    && Target.instead(target, known).isPresent()) {
                steps.add(refusal(target, state, is));
                return Way.BUSY;
            }
            problems.add(new Problem(
                    "instance " + is.name(),
                    "Swarm finds no way to run it: " + words(state),
                    "Look at docker service ps %s; give its node what is missing, or ask for less."
                            .formatted(is.name())));
        }
        if (sameMounted && report != null && fellBack(report, is)) {
            var why = report.trouble().orElse("it does not start");
            if (!target.accepted()
                    && !isTouched(target)
                    && Target.instead(target, known).isPresent()) {
                Notes.refuse(
                                seen,
                                target.router(),
                                target.revision(),
                                "instance %d: %s".formatted(is.instance(), why),
                                Optional.empty())
                        .ifPresent(steps::add);
                return Way.BUSY;
            }
            if (sameService) {
                problems.add(new Problem("instance " + is.name(), why, "Mend that, or declare what can be started."));
                return Way.BEHIND;
            }
        }
        if (!(sameService && sameMounted) && wasRolledBack(state)) {
            boolean ofTarget = !sameMounted && wasTried(is, state, target) && !isTouched(target);
            if (ofTarget && Target.instead(target, known).isPresent()) {
                steps.add(refusal(target, state, is));
                return Way.BUSY;
            }
            // The pipeline is not at fault, or nothing could run in its place.
            var rest = Attempt.of(target, is.instance()).rest(wanted);
            if ((ofTarget || sameMounted) && isRecent(state, rest)) {
                problems.add(new Problem(
                        "instance " + is.name(),
                        "Swarm rolled its change back: " + words(state),
                        "Look at docker service ps %s; it is tried again %d minutes after the last time."
                                .formatted(is.name(), rest.toMinutes())));
                return Way.BUSY;
            }
        }
        if (sameService && (report != null || state.runs()) && mayTakeLive(is, report, pipeline, known)) {
            if (report == null) {
                return Way.BEHIND; // it runs and cannot be reached
            }
            if (runs(report, wanted)) {
                return well(report) ? Way.SETTLED : Way.BEHIND;
            }
            steps.add(new Step.Push(
                    is.name(),
                    pipeline.name(),
                    wanted.instance(),
                    report.revision(),
                    target.revision(),
                    wanted.pipeline().generation(),
                    text));
            return Way.BUSY;
        }
        if (sameService && sameMounted && report == null) {
            return Way.BEHIND; // it starts, or cannot be reached; Swarm looks after it
        }
        if (sameService && is.pipeline().equals(wanted.pipeline())) {
            return Way.BEHIND; // a restart with the same would change nothing
        }
        if (!node.active()) {
            return away(
                    is,
                    "takes no tasks",
                    "Let it take some, docker node update --availability active " + node.hostname(),
                    node,
                    problems);
        }
        if (isTouched(target)) {
            return Way.BUSY; // in the next pass
        }
        boolean drift = state.wanted().filter(hash -> !hash.equals(hash(is))).isPresent();
        if (!drift || !sameMounted) {
            // Should Swarm roll it back, this tells whose attempt it was, whichever controller looks.
            var tried = new TreeMap<>(target.tried());
            tried.put(
                    is.instance(),
                    Attempt.of(target, is.instance()).next(state, wanted).toString());
            var labels = new TreeMap<>(target.head().labels());
            labels.put(Label.TRIED, Known.write(tried));
            if (!labels.equals(target.head().labels())) {
                steps.add(Notes.label(target, labels, "tried by instance " + is.instance()));
            }
        }
        steps.add(new Step.UpdateService(is, wanted, drift));
        return Way.BUSY;
    }

    /// Whether Swarm is at it for so long that no task is just about to start.
    private boolean isLong(Seen.State state) {
        return state.update()
                .started()
                .filter(started -> Duration.between(started, now).compareTo(STUCK) >= 0)
                .isPresent();
    }

    /// Whether it did not start with what is mounted, and says so.
    private static boolean fellBack(InstanceReport report, RouterService is) {
        return report.generation() < is.pipeline().generation()
                && report.trouble()
                        .filter(why -> why.contains(is.pipeline().revision()))
                        .isPresent();
    }

    /// Whether it runs what it should, under its number, and has no trouble with it. To hand it the same once
    /// more puts both right: what it was handed last and refused, or could not keep, it forgets then, and what
    /// its service mounts does not come before it at a restart.
    private static boolean runs(@Nullable InstanceReport report, RouterService wanted) {
        return report != null
                && report.revision().equals(wanted.pipeline().revision())
                && report.generation() == wanted.pipeline().generation()
                && report.trouble().isEmpty();
    }

    /// Where it takes no events its disk is at fault, and no revision.
    private static boolean well(@Nullable InstanceReport report) {
        return report != null && report.takesEvents();
    }

    private static boolean wasRolledBack(Seen.State state) {
        return state.update().phase() == Seen.Update.Phase.ROLLED_BACK
                || state.update().phase() == Seen.Update.Phase.PAUSED;
    }

    /// Whether the service was updated to this revision, and then changed once more.
    private static boolean wasTried(RouterService is, Seen.State state, Known target) {
        var attempt = Attempt.of(target, is.instance());
        return attempt.wasMade() && attempt.version() != state.version();
    }

    private boolean isRecent(Seen.State state, Duration rest) {
        return state.update()
                .started()
                .filter(started -> Duration.between(started, now).compareTo(rest) < 0)
                .isPresent();
    }

    private Step refusal(Known target, Seen.State state, RouterService is) {
        return Notes.refuse(
                        seen,
                        target.router(),
                        target.revision(),
                        "instance %d did not become healthy: %s".formatted(is.instance(), words(state)),
                        Optional.empty())
                .orElseGet(() -> Notes.label(target, target.head().labels(), "refused"));
    }

    private static String words(Seen.State state) {
        return state.tasks().stream()
                .flatMap(task -> task.error().stream())
                .findFirst()
                .orElse(
                        state.update().message().isEmpty()
                                ? "it says no more"
                                : state.update().message());
    }

    /// Whether the running router can take it as it is: only routes and sinks change, or what is of the deployment
    /// alone. That holds for what its service mounts and for what it runs, which may be newer.
    private static boolean mayTakeLive(
            RouterService is, @Nullable InstanceReport report, PipelineDefinition pipeline, List<Known> known) {
        var mounted = pipeline(is.pipeline().revision(), known);
        var runs = report == null ? mounted : pipeline(report.revision(), known);
        if (mounted.isEmpty()
                || runs.filter(each -> !withoutDeploy(each.router()).equals(withoutDeploy(pipeline.router())))
                        .isPresent()) {
            return false;
        }
        boolean sameRouter = withoutDeploy(mounted.get().router()).equals(withoutDeploy(pipeline.router()));
        boolean sameRest = mounted.get().routes().equals(pipeline.routes())
                && mounted.get().sinks().equals(pipeline.sinks());
        return sameRouter && (deploy(pipeline).rollout() == DeploySpec.Rollout.LIVE || sameRest);
    }

    private static Optional<PipelineDefinition> pipeline(String revision, List<Known> known) {
        return known.stream()
                .filter(each -> each.revision().equals(revision))
                .findFirst()
                .flatMap(Known::pipeline);
    }

    private static LogRouter withoutDeploy(LogRouter router) {
        return new LogRouter(router.name(), router.sources(), router.buffer(), router.acknowledge(), Optional.empty());
    }

    private RouterService service(
            PipelineDefinition pipeline,
            int instance,
            String node,
            RouterService.Mounted mounted,
            SortedMap<String, String> configs) {
        var deploy = deploy(pipeline);
        var router = pipeline.name();
        var name = here.service(router, instance);
        var files = new TreeMap<String, String>();
        secrets(pipeline).forEach(secret -> files.put(secret, secret));
        files.put(LINK, here.linkSecret());
        var environment = new TreeMap<>(deploy.environment());
        environment.put("LOGROUTE_ROUTER", router);
        environment.put("LOGROUTE_INSTANCE", Integer.toString(instance));
        var labels = new TreeMap<>(deploy.labels());
        labels.put(Label.MANAGED_BY, here.prefix());
        labels.put(Label.ROLE, "router");
        labels.put(Label.ROUTER, router);
        labels.put(Label.INSTANCE, Integer.toString(instance));
        var aliases = Stream.concat(Stream.of(router), deploy.aliases().stream())
                .distinct()
                .toList();
        return new RouterService(
                name,
                router,
                instance,
                deploy.image().orElse(here.image()),
                node,
                deploy.constraints(),
                mounted,
                configs,
                files,
                new RouterService.Volume(
                        name,
                        deploy.volume().driver(),
                        new TreeMap<>(deploy.volume().options())),
                Stream.concat(Stream.of(here.network()), deploy.networks().stream())
                        .distinct()
                        .map(network -> new RouterService.Attachment(network, aliases))
                        .toList(),
                deploy.publish(),
                deploy.resources().memory().map(io.logroute.spec.ByteSize::bytes),
                deploy.resources().cpus().map(Fleets::nano),
                environment,
                labels,
                1,
                List.of());
    }

    private static long nano(String cpus) {
        return new java.math.BigDecimal(cpus).movePointRight(9).longValueExact();
    }

    // ---- what is left over

    /// Fleets that are no longer declared stay: what waits in their buffers would be lost.
    private void undeclared(Set<String> declared) {
        seen.owned().services().values().stream()
                .map(RouterService::router)
                .distinct()
                .filter(router -> !declared.contains(router))
                .sorted()
                .forEach(router -> findings.add(new Finding(
                        router,
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        0,
                        List.of(new Problem(
                                "router " + router,
                                "it is no longer declared, or no route names it; its instances stay as they are, since what waits in their buffers would be lost",
                                "Declare it again, with a route; or, once nothing waits, remove its services, which begin with %s."
                                        .formatted(here.service(router, 0).replaceAll("0$", "")))),
                        List.of())));
    }

    /// Removes configs that are old, and named by no service now or in its previous spec.
    private void collect(List<Wanted> wanted) {
        var named = new HashSet<String>();
        seen.owned().services().forEach((name, service) -> {
            named.addAll(service.configs().values());
            named.addAll(seen.state(name).previousConfigs());
        });
        for (var each : wanted) {
            var router = each.pipeline().name();
            if (isBusy(router)) {
                continue;
            }
            var all = Known.of(seen.owned(), router);
            var run = held(each, all).orElse(each).pipeline().revision().hash();
            var target = Target.of(run, all, running(router));
            var kept = new HashSet<String>();
            all.stream().limit(KEPT).map(Known::revision).forEach(kept::add);
            all.stream()
                    .filter(Known::accepted)
                    .findFirst()
                    .map(Known::revision)
                    .ifPresent(kept::add);
            all.stream().filter(Known::paused).map(Known::revision).forEach(kept::add);
            target.revision().ifPresent(kept::add);
            kept.add(run);
            takenBack(each.pipeline(), all).forEach(refused -> kept.add(refused.revision()));
            var touched = steps.stream().map(Step::object).collect(Collectors.toSet());
            all.stream()
                    .filter(known -> !kept.contains(known.revision()))
                    .filter(known -> known.configs().stream()
                            .noneMatch(config ->
                                    named.contains(config.name()) || touched.contains("config/" + config.name())))
                    .flatMap(known -> known.configs().stream())
                    .forEach(config -> steps.add(new Step.RemoveConfig(config.name())));
        }
    }

    /// The hash that a service carries of what we wanted it to be.
    public static String hash(RouterService service) {
        return Revision.of(service.toString()).hash();
    }
}
