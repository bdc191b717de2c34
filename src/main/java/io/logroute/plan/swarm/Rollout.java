package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Stage;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.LogRouter;
import io.logroute.spec.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Brings the instances of one fleet to the revision that it should run.
///
/// In one pass at most one of them is changed: the first that is not as it should be, once all before it are
/// settled. The first of all is the canary: it has to be well for [Fleets#CANARY] before the second one is changed.
/// Those that are missing are made besides: all of a new fleet, those that were there before, and more of what is
/// known to run; others once all before them are settled.
///
/// An instance on its way out takes what changes too, since that may be what it waits for. It holds nobody up, and
/// no revision is judged by it.
final class Rollout {
    private final Draft draft;
    private final Roster roster;
    private final Revisions revisions;
    private final Known target;
    private final long generation;
    private final PipelineDefinition pipeline;
    private final String text;
    private final List<Known> known;
    private final List<Problem> problems;
    /// Of those, on which no revision is judged: they are on their way out.
    private boolean judges = true;

    /// What became of one instance.
    private enum Way {
        SETTLED,
        BEHIND,
        BUSY,
        /// Its node is down: it holds nobody up.
        AWAY
    }

    /// @param target the revision that it should run, as it will lie in the swarm
    /// @param known all revisions
    /// @param problems what is found is added
    Rollout(
            Draft draft,
            Roster roster,
            Revisions revisions,
            Known target,
            long generation,
            PipelineDefinition pipeline,
            String text,
            List<Known> known,
            List<Problem> problems) {
        this.draft = draft;
        this.roster = roster;
        this.revisions = revisions;
        this.target = target;
        this.generation = generation;
        this.pipeline = pipeline;
        this.text = text;
        this.known = known;
        this.problems = problems;
    }

    void instances() {
        var elsewhere = Shape.keepsElsewhere(pipeline);
        var all = roster.running().stream()
                .filter(each -> each.isElsewhere() == elsewhere)
                .toList();
        var serving = all.stream().filter(each -> each.stage() == Stage.SERVING).toList();
        // Where an operator drained all of them they are what there is to try a revision on.
        var first = serving.isEmpty() ? all.stream().filter(Holder::counts).toList() : serving;
        int settled = serving(first);
        judges = false;
        // With all of those away there is none to try it on first, and a mended sink may be what others wait for.
        if (settled > 0 || first.stream().allMatch(Holder::isAway)) {
            all.stream().filter(each -> !first.contains(each)).forEach(this::leaving);
        }
        roster.running().stream()
                .filter(each -> each.isElsewhere() != elsewhere)
                .forEach(this::asBefore);
    }

    /// @return how many of them are settled
    private int serving(List<Holder> holders) {
        var name = pipeline.name();
        boolean isFirst = true;
        // Those on nodes that are up; without them no revision would be accepted while a node is down.
        int settled = 0;
        boolean allSettled = true;
        boolean mayChange = !draft.isBusy(name);
        boolean isNew = draft.seen.owned().of(name).findAny().isEmpty();
        for (var holder : holders) {
            var wanted = service(holder);
            var is = draft.seen.owned().services().get(holder.name());
            if (is == null) {
                boolean ran = holder.wasHeard();
                // More of what is not known to run would be more of what may be wrong.
                if (ran || isNew || target.accepted() || allSettled) {
                    create(holder, wanted, ran);
                }
                allSettled = false;
                continue;
            }
            if (!mayChange) {
                stays(is, wanted);
                allSettled = false;
                continue;
            }
            switch (way(holder, is, stays(is, wanted))) {
                case BEHIND, BUSY -> {
                    allSettled = false;
                    mayChange = false;
                }
                case SETTLED -> {
                    settled++;
                    if (isFirst) {
                        boolean alone = holders.size() > 1 && !allRun(holders);
                        mayChange = !alone
                                || draft.report(holder.name())
                                        .filter(report -> Duration.between(report.taken(), draft.now)
                                                        .compareTo(Fleets.CANARY)
                                                < 0)
                                        .isEmpty();
                    }
                    isFirst = false;
                }
                case AWAY -> {}
            }
        }
        if (allSettled && settled > 0 && !target.accepted() && !roster.waits()) {
            revisions.accept(target);
        }
        return settled;
    }

    /// One on its way out: it is made again when somebody removed it, and takes what changes.
    private void leaving(Holder holder) {
        var wanted = service(holder);
        var is = draft.seen.owned().services().get(holder.name());
        boolean goes = holder.stage() == Stage.DRAINED && !holder.counts() && !hasLetters(holder);
        if (holder.isAway() || goes) {
            return;
        }
        if (is == null) {
            create(holder, wanted, true);
            return;
        }
        if (!isTouched()) {
            way(holder, is, stays(is, wanted));
        }
    }

    /// One whose events are not where they are to be now keeps them where they are: it goes on with the router
    /// as its service has it. On its way out it takes the routes and sinks of now, since they may be what it
    /// waits for.
    private void asBefore(Holder holder) {
        boolean goes = holder.stage() == Stage.DRAINED && !hasLetters(holder);
        if (holder.isAway() || goes) {
            return;
        }
        var is = draft.seen.owned().services().get(holder.name());
        if (is == null) {
            before(holder).ifPresent(service -> create(holder, service, true));
            return;
        }
        var report = draft.told.fresh().get(holder.name());
        var runs = pipeline(is.pipeline().revision());
        if (holder.stage() == Stage.SERVING || report == null || runs.isEmpty() || isTouched()) {
            return;
        }
        var mended = new PipelineDefinition(runs.get().router(), pipeline.routes(), pipeline.sinks());
        var revision = mended.revision().hash();
        if (report.revision().equals(revision) || report.generation() >= generation) {
            return;
        }
        var lacking = new TreeSet<>(Shape.secrets(mended));
        lacking.removeAll(is.secrets().values());
        if (!lacking.isEmpty()) {
            problems.add(new Problem(
                    "instance " + is.name(),
                    "it delivers what it has by the sinks of before: those of now want secret %s, which it does not have"
                            .formatted(String.join(", ", lacking)),
                    "Let sinks do without until it is through, should it wait for them."));
            return;
        }
        draft.steps.add(new Step.Push(
                is.name(), pipeline.name(), is.instance(), report.revision(), revision, generation, mended.text()));
    }

    /// The service of such a one, by the newest revision that keeps events where it does.
    private Optional<RouterService> before(Holder holder) {
        return known.stream()
                .filter(each -> each.refused().isEmpty())
                .filter(each -> each.pipeline()
                        .filter(runs -> Shape.keepsElsewhere(runs) == holder.isElsewhere())
                        .isPresent())
                .findFirst()
                .map(each -> Shape.service(
                        draft.here,
                        each.pipeline().orElseThrow(),
                        holder.instance(),
                        holder.node(),
                        new RouterService.Mounted(each.revision(), each.generation()),
                        each.files()));
    }

    /// Whether Swarm is at one of the instances, or a step of this pass is.
    private boolean isTouched() {
        return draft.isBusy(pipeline.name())
                || draft.seen.owned().of(pipeline.name()).anyMatch(each -> draft.touches("service/" + each.name()));
    }

    /// Whether dead letters keep it: they are replayed by what it runs then.
    private boolean hasLetters(Holder holder) {
        return draft.report(holder)
                .filter(report -> report.holding().letters() > 0)
                .isPresent();
    }

    private Way way(Holder holder, RouterService is, RouterService wanted) {
        return holder.away().isPresent() ? Way.AWAY : instance(is, wanted);
    }

    private void create(Holder holder, RouterService service, boolean drift) {
        if (roster.isNew(holder)) {
            draft.steps.add(new Step.CreateConfig(holder.written(draft.here.prefix()), false));
        }
        draft.steps.add(new Step.CreateService(service, drift));
        draft.all.add(service);
    }

    private RouterService service(Holder holder) {
        return Shape.service(
                draft.here,
                pipeline,
                holder.instance(),
                holder.node(),
                new RouterService.Mounted(target.revision(), generation),
                target.files());
    }

    private boolean allRun(List<Holder> holders) {
        return holders.stream()
                .allMatch(each -> draft.report(each.name())
                        .filter(report -> report.revision().equals(target.revision()))
                        .isPresent());
    }

    /// An instance stays on its node for life, so that what the node cannot give is not asked for: its task would be
    /// ended for one that never starts.
    private RouterService stays(RouterService is, RouterService wanted) {
        var found = draft.seen.node(wanted.node());
        if (found.isEmpty()) {
            return wanted;
        }
        var node = found.get();
        var misfits = new ArrayList<String>();
        wanted.constraints().stream()
                .filter(each -> !is.constraints().contains(each) && !Placement.allows(each, node))
                .forEach(each -> misfits.add("does not fit " + each));
        wanted.ports().stream()
                .filter(port -> !is.ports().contains(port))
                .forEach(port -> draft.all.stream()
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

    private Way instance(RouterService is, RouterService wanted) {
        var state = draft.seen.state(is.name());
        // Where Swarm says that nothing runs, it is the one before that still answers.
        var report = state.runs() ? draft.told.fresh().get(is.name()) : null;
        boolean sameService = is.mounting(wanted.pipeline(), wanted.configs()).equals(wanted);
        boolean sameMounted = is.pipeline().revision().equals(target.revision());
        if (sameService && sameMounted && runs(report, wanted)) {
            return well(report) ? Way.SETTLED : Way.BEHIND;
        }
        if (sameMounted && state.isStuck() && isLong(state)) {
            if (!target.accepted() && mayRefuse()) {
                draft.steps.add(refusal(state, is));
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
            if (!target.accepted() && mayRefuse()) {
                Notes.refuse(
                                draft.seen,
                                target.router(),
                                target.revision(),
                                "instance %d: %s".formatted(is.instance(), why),
                                Optional.empty())
                        .ifPresent(draft.steps::add);
                return Way.BUSY;
            }
            if (sameService) {
                problems.add(new Problem("instance " + is.name(), why, "Mend that, or declare what can be started."));
                return Way.BEHIND;
            }
        }
        if (!(sameService && sameMounted) && wasRolledBack(state)) {
            boolean ofTarget = !sameMounted && wasTried(is, state) && !draft.touches(target);
            if (ofTarget && mayRefuse()) {
                draft.steps.add(refusal(state, is));
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
        if (sameService && (report != null || state.runs()) && mayTakeLive(is, report)) {
            if (report == null) {
                return Way.BEHIND; // it runs and cannot be reached
            }
            if (runs(report, wanted)) {
                return well(report) ? Way.SETTLED : Way.BEHIND;
            }
            draft.steps.add(new Step.Push(
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
        if (!wanted.node().isEmpty() && !draft.takesTasks(wanted.node())) {
            paused(is, wanted);
            return Way.AWAY; // Swarm would begin a change, and not end it before the node is back
        }
        if (draft.touches(target)) {
            return Way.BUSY; // in the next pass
        }
        boolean drift =
                state.wanted().filter(hash -> !hash.equals(Fleets.hash(is))).isPresent();
        if (!drift || !sameMounted) {
            // Should Swarm roll it back, this tells whose attempt it was, whichever controller looks.
            var tried = new TreeMap<>(target.tried());
            tried.put(
                    is.instance(),
                    Attempt.of(target, is.instance()).next(state, wanted).toString());
            var labels = new TreeMap<>(target.head().labels());
            labels.put(Label.TRIED, Known.write(tried));
            if (!labels.equals(target.head().labels())) {
                draft.steps.add(Notes.label(target, labels, "tried by instance " + is.instance()));
            }
        }
        draft.steps.add(new Step.UpdateService(is, wanted, drift));
        return Way.BUSY;
    }

    /// Whether Swarm is at it for so long that no task is just about to start.
    private boolean isLong(Seen.State state) {
        return state.update()
                .started()
                .filter(started -> Duration.between(started, draft.now).compareTo(Fleets.STUCK) >= 0)
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
    private boolean wasTried(RouterService is, Seen.State state) {
        var attempt = Attempt.of(target, is.instance());
        return attempt.wasMade() && attempt.version() != state.version();
    }

    private boolean isRecent(Seen.State state, Duration rest) {
        return state.update()
                .started()
                .filter(started -> Duration.between(started, draft.now).compareTo(rest) < 0)
                .isPresent();
    }

    private Step refusal(Seen.State state, RouterService is) {
        return Notes.refuse(
                        draft.seen,
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
    private boolean mayTakeLive(RouterService is, @Nullable InstanceReport report) {
        var mounted = pipeline(is.pipeline().revision());
        var runs = report == null ? mounted : pipeline(report.revision());
        if (mounted.isEmpty()
                || runs.filter(each -> !withoutDeploy(each.router()).equals(withoutDeploy(pipeline.router())))
                        .isPresent()) {
            return false;
        }
        boolean sameRouter = withoutDeploy(mounted.get().router()).equals(withoutDeploy(pipeline.router()));
        boolean sameRest = mounted.get().routes().equals(pipeline.routes())
                && mounted.get().sinks().equals(pipeline.sinks());
        return sameRouter && (Shape.deploy(pipeline).rollout() == DeploySpec.Rollout.LIVE || sameRest);
    }

    private Optional<PipelineDefinition> pipeline(String revision) {
        return known.stream()
                .filter(each -> each.revision().equals(revision))
                .findFirst()
                .flatMap(Known::pipeline);
    }

    private static LogRouter withoutDeploy(LogRouter router) {
        return new LogRouter(router.name(), router.sources(), router.buffer(), router.acknowledge(), Optional.empty());
    }

    /// Whether a revision is taken back for what became of this instance, and there is another one to run.
    private boolean mayRefuse() {
        return judges && !draft.touches(target) && Target.instead(target, known).isPresent();
    }

    private void paused(RouterService is, RouterService wanted) {
        var hostname = draft.seen.node(wanted.node()).map(Seen.Node::hostname).orElse(wanted.node());
        problems.add(new Problem(
                "instance " + is.name(),
                "it takes a restart, and its node %s takes no tasks".formatted(hostname),
                "Let it take some, docker node update --availability active %s: the instance goes on there, with what waits in its buffer."
                        .formatted(hostname)));
    }
}
