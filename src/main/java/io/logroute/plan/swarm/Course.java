package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState.Cause;
import io.logroute.plan.swarm.Holder.Held;
import io.logroute.plan.swarm.Holder.Why;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.Durations;
import io.logroute.spec.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/// What comes next for one instance.
///
///     SERVING -> DRAINING -> DRAINED -> KEPT                (its volume stays, and is used again)
///                                    -> REMOVING -> gone    (its volume is removed)
///
/// What comes next is noted down on its record before it is done, so that whichever controller looks goes on. A
/// service or a volume goes only when the router itself says now that nothing is left.
final class Course {
    /// A volume that could not be removed is tried again after this.
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final Draft draft;
    private final String router;
    private final boolean declared;
    private final Optional<PipelineDefinition> pipeline;
    private final List<Known> known;
    private final SortedMap<Integer, Holder> before;
    private final Set<Integer> made;
    private final List<Problem> problems;
    private final List<Step> deeds;

    /// @param declared whether people declare its router
    /// @param pipeline what the fleet runs, as far as that can be read
    /// @param known the revisions of the router
    /// @param before records as they lie in the swarm, by number
    /// @param made numbers of this pass: their records come with their services
    /// @param problems what is found is added
    /// @param deeds what is to be done is added, but for notes
    Course(
            Draft draft,
            String router,
            boolean declared,
            Optional<PipelineDefinition> pipeline,
            List<Known> known,
            SortedMap<Integer, Holder> before,
            Set<Integer> made,
            List<Problem> problems,
            List<Step> deeds) {
        this.draft = draft;
        this.router = router;
        this.declared = declared;
        this.pipeline = pipeline;
        this.known = known;
        this.before = before;
        this.made = made;
        this.problems = problems;
        this.deeds = deeds;
    }

    /// Notes down what it comes to, and plans what is to be done about it.
    Holder next(Holder is) {
        if (is.forgotten()) {
            return isForgotten(is);
        }
        var holder = writes(is) ? is.writing() : is;
        var next = switch (holder.stage()) {
            case SERVING -> serves(holder);
            case DRAINING -> drains(holder);
            case DRAINED -> isDrained(holder);
            case KEPT -> isKept(holder);
            case REMOVING -> isRemoved(holder);
        };
        tellAway(next);
        if (!made.contains(next.instance())) {
            note(next);
        }
        return next;
    }

    /// Whether what it runs, or is given in this pass, writes files on its volume: that is noted down before it
    /// does, and holds for as long as the volume is there, whatever it runs later.
    private boolean writes(Holder holder) {
        if (holder.files() || holder.isElsewhere() || !holder.runs()) {
            return holder.files();
        }
        var revisions = new TreeSet<String>();
        draft.service(holder.name())
                .ifPresent(each -> revisions.add(each.pipeline().revision()));
        draft.report(holder).ifPresent(each -> revisions.add(each.revision()));
        return pipeline.filter(Shape::writesOnVolume).isPresent()
                || known.stream()
                        .filter(each -> revisions.contains(each.revision()))
                        .flatMap(each -> each.pipeline().stream())
                        .anyMatch(Shape::writesOnVolume);
    }

    /// Its service goes first: without a record it would be taken for one that serves.
    private Holder isForgotten(Holder holder) {
        if (draft.service(holder.name()).isPresent()) {
            deeds.add(new Step.RemoveService(holder.name(), router, "forgotten"));
        }
        return forgotten(holder);
    }

    private void note(Holder holder) {
        if (deeds.stream().anyMatch(step -> step.object().equals("config/" + holder.name()))) {
            return; // it goes
        }
        if (holder.config().isEmpty() && draft.seen.owned().configs().containsKey(holder.name())) {
            problems.add(new Problem(
                    "config " + holder.name(),
                    "the record of instance %s/%d cannot be read: somebody changed its labels"
                            .formatted(router, holder.instance()),
                    "Remove it, docker config rm %s: LogRoute makes another one, of an instance that serves."
                            .formatted(holder.name())));
            return;
        }
        if (holder.config().isEmpty()) {
            draft.steps.add(new Step.CreateConfig(holder.written(draft.here.prefix()), false));
            return;
        }
        holder.note(draft.here.prefix(), news(Objects.requireNonNull(before.get(holder.instance())), holder))
                .ifPresent(draft.steps::add);
    }

    private static String news(Holder from, Holder to) {
        var news = new ArrayList<String>();
        if (from.stage() != to.stage() || !from.why().equals(to.why())) {
            var why = to.why().map(each -> ", " + each).orElse("");
            news.add(
                    switch (to.stage()) {
                        case SERVING -> "it serves again";
                        case DRAINING -> "it drains" + why;
                        case DRAINED -> "it has delivered everything" + why;
                        case REMOVING -> "its volume holds nothing and is removed" + why;
                        case KEPT -> "its volume holds nothing to deliver and is kept" + why;
                    });
        }
        if (!from.node().equals(to.node())) {
            news.add("it is on %s, as its service is".formatted(to.isElsewhere() ? "no node" : "node " + to.where()));
        }
        if (!from.away().equals(to.away())) {
            news.add("its node %s is %s".formatted(to.where(), to.away().isPresent() ? "away" : "back"));
        }
        if (!from.lost().equals(to.lost())) {
            news.add("another buffer is there: " + to.lost().orElse("-"));
        }
        if (!from.failed().equals(to.failed())) {
            news.add(
                    to.failed().map(why -> "its volume was not removed: " + why).orElse("its volume is removed"));
        }
        if (!from.asked().equals(to.asked())) {
            news.add(to.asked().map(words -> "it is not taken back: " + words).orElse("it may be taken back"));
        }
        if (from.files() != to.files()) {
            news.add("a file sink writes on its volume, which is kept");
        }
        if (!from.held().equals(to.held()) || !from.buffer().equals(to.buffer())) {
            news.add(to.held().map(Held::inWords).orElse("nothing is known of it"));
        }
        return news.isEmpty() ? "as it is" : String.join("; ", news);
    }

    private Holder serves(Holder holder) {
        if (draft.report(holder)
                .filter(each -> each.holding().mode() == Mode.DRAINING)
                .isPresent()) {
            tell(holder, Order.SERVE);
        }
        return holder;
    }

    private Holder drains(Holder holder) {
        var report = draft.report(holder);
        if (report.isEmpty()) {
            if (!holder.wasHeard() && !holder.isAway() && draft.isOver(holder.since(), Fleets.STUCK)) {
                problems.add(new Problem(
                        "instance " + holder.name(),
                        "it is to deliver what it has, and go, and never told whether it has anything",
                        "If it never took events in: logroute forget %s/%d --yes."
                                .formatted(router, holder.instance())));
            }
            return holder;
        }
        if (report.get().holding().mode() == Mode.SERVING) {
            // While its node is away nobody would hear it, and the pass would wait.
            if (holder.away().isEmpty()) {
                tell(holder, Order.DRAIN);
            }
            return holder;
        }
        if (report.get().hasNothingLeft()) {
            return full(holder, report.get()).at(Stage.DRAINED, holder.why(), draft.now);
        }
        var idle = report.get().sinks().stream()
                .filter(sink -> sink.lagEvents() > 0)
                .flatMap(sink -> sink.trouble().stream()
                        .map(trouble -> "sink %s takes nothing: %s".formatted(sink.name(), stripped(trouble))))
                .toList();
        if (!idle.isEmpty()) {
            problems.add(new Problem(
                    "instance " + holder.name(),
                    "it drains, %s, and waits: %s"
                            .formatted(holder.why().map(Why::toString).orElse(""), String.join("; ", idle)),
                    "Mend the sink, or declare another address for it: an instance that drains takes what changes."));
        }
        return holder;
    }

    private static String stripped(String words) {
        return words.replaceFirst("[.]+$", "");
    }

    private Holder isDrained(Holder holder) {
        var report = draft.report(holder);
        if (report.isPresent() && !report.get().hasNothingLeft()) {
            // Dead letters were replayed, or somebody had it take events in.
            var back = full(holder, report.get()).at(Stage.DRAINING, holder.why(), draft.now);
            return drains(back);
        }
        if (!goes(holder) || holder.lost().isPresent()) {
            return holder;
        }
        if (draft.service(holder.name()).isEmpty()) {
            return draft.isGone(holder) && isKnownToHoldNothing(holder)
                    ? forgotten(holder)
                    : holder.at(Stage.KEPT, holder.why(), draft.now);
        }
        if (report.isEmpty()) {
            if (draft.isGone(holder) && isKnownToHoldNothing(holder)) {
                remove(holder);
            }
            return holder;
        }
        if (staysInTheEnd(holder) || !isRecorded(holder, report.get())) {
            remove(holder);
            return full(holder, report.get()).at(Stage.KEPT, holder.why(), draft.now);
        }
        long letters = report.get().holding().letters();
        if (letters > 0) {
            problems.add(new Problem(
                    "instance " + holder.name(),
                    "it has delivered everything, and stays: there are dead letters on it",
                    "Replay or purge them, and it goes: logroute dlq ls --router %s-%d."
                            .formatted(router, holder.instance())));
            return holder;
        }
        var aside = report.get().holding().aside();
        if (aside.isPresent()) {
            problems.add(
                    new Problem(
                            "instance " + holder.name(),
                            "it has delivered everything, and stays: " + aside.get(),
                            "See whether somebody needs that, then delete it in its container, and it goes: logroute buffer clear --data /data --yes."));
            return holder;
        }
        if (holder.isElsewhere()) {
            tell(holder, Order.DISCARD);
        } else {
            remove(holder);
        }
        return full(holder, report.get()).at(Stage.REMOVING, holder.why(), draft.now);
    }

    /// Whether volumes are kept: files that a sink wrote there are all that there is of their events.
    private boolean staysInTheEnd(Holder holder) {
        return pipeline.map(Shape::deploy).orElse(DeploySpec.USUAL).volumes() == DeploySpec.Volumes.RETAIN
                || holder.files();
    }

    /// Whether it goes once it is drained. What an operator drained stands until that is taken back, as long as
    /// its router is declared.
    private boolean goes(Holder holder) {
        return !holder.isFor(Cause.OPERATOR) || !declared;
    }

    private static boolean isKnownToHoldNothing(Holder holder) {
        return holder.held().filter(Held::isNothing).isPresent();
    }

    /// Whether what it tells of is what the swarm remembers. A buffer in memory has nothing to be told by.
    private boolean isRecorded(Holder holder, InstanceReport report) {
        var recorded = Optional.ofNullable(before.get(holder.instance()))
                .map(Holder::buffer)
                .orElse("");
        return report.buffer().isInMemory()
                || !recorded.isEmpty() && recorded.equals(report.buffer().id());
    }

    private Holder full(Holder holder, InstanceReport report) {
        return holder.holding(holder.buffer(), Optional.of(Held.of(report, draft.now)));
    }

    /// Its volume stays. A service that is there still, or again, goes when it says that nothing is left.
    private Holder isKept(Holder holder) {
        if (draft.service(holder.name()).isEmpty()) {
            return draft.isGone(holder)
                            && isKnownToHoldNothing(holder)
                            && holder.lost().isEmpty()
                    ? forgotten(holder)
                    : holder;
        }
        return leftover(holder);
    }

    private Holder leftover(Holder holder) {
        var report = draft.report(holder);
        if (report.isPresent() && !report.get().hasNothingLeft()) {
            return drains(full(holder, report.get()).at(Stage.DRAINING, holder.why(), draft.now));
        }
        if (report.isPresent() || draft.isGone(holder)) {
            remove(holder);
        }
        return holder;
    }

    private Holder isRemoved(Holder holder) {
        if (holder.files() && !draft.isGone(holder)) {
            return holder.at(Stage.KEPT, holder.why(), draft.now);
        }
        var report = draft.report(holder);
        if (draft.service(holder.name()).isPresent()) {
            if (holder.isElsewhere() && report.filter(Course::hasStream).isPresent()) {
                if (report.get().holding().letters() == 0) {
                    tell(holder, Order.DISCARD);
                }
                return holder;
            }
            return leftover(holder);
        }
        if (!isKnownToHoldNothing(holder) && !draft.isGone(holder)) {
            // No pass notes that down so: its router has to say that nothing is left.
            return holder.at(Stage.DRAINING, holder.why(), draft.now);
        }
        var job = draft.seen.jobs().entrySet().stream()
                .filter(each -> each.getValue().volume().equals(holder.name()))
                .findFirst();
        if (holder.isElsewhere()
                || draft.isGone(holder)
                || job.filter(each -> each.getValue().done()).isPresent()) {
            var last = forgotten(holder);
            job.ifPresent(each -> deeds.add(new Step.RemoveJob(each.getKey(), router)));
            return last;
        }
        if (job.isPresent()) {
            var error = job.get().getValue().error();
            error.ifPresent(_ -> deeds.add(new Step.RemoveJob(job.get().getKey(), router)));
            return error.isPresent()
                    ? tellFailed(holder.failing(error.map(Course::stripped), draft.now))
                    : tellFailed(holder);
        }
        if (draft.takesTasks(holder.node()) && (holder.failed().isEmpty() || draft.isOver(holder.since(), AGAIN))) {
            deeds.add(new Step.RemoveVolume(holder.name(), router, holder.node(), holder.where(), draft.here.image()));
        }
        return tellFailed(holder);
    }

    /// Whether it is empty and its stream is there still: it was not told to give that up, or could not.
    private static boolean hasStream(InstanceReport report) {
        return switch (report.holding().mode()) {
            case SERVING -> false;
            case DRAINING -> report.hasNothingLeft();
            case DISCARDED -> !report.hasNothingLeft();
        };
    }

    private Holder tellFailed(Holder holder) {
        holder.failed()
                .ifPresent(why -> problems.add(new Problem(
                        "volume " + holder.name(),
                        "it holds nothing, and node %s did not remove it: %s".formatted(holder.where(), why),
                        "It is tried again each minute; or remove it there, docker volume rm %s, and say logroute forget %s/%d --yes."
                                .formatted(holder.name(), router, holder.instance()))));
        return holder;
    }

    private Holder forgotten(Holder holder) {
        deeds.add(new Step.RemoveConfig(holder.name()));
        return holder;
    }

    private void remove(Holder holder) {
        deeds.add(new Step.RemoveService(
                holder.name(),
                router,
                "it has delivered everything%s"
                        .formatted(holder.why().map(each -> ", " + each).orElse(""))));
    }

    private void tell(Holder holder, Order order) {
        deeds.add(new Step.Tell(holder.name(), router, holder.instance(), order));
    }

    // ---- what is told

    /// What an instance held that is not reached, and what is lost, VolumesReached tells.
    private void tellAway(Holder holder) {
        boolean isDelivered = holder.stage() == Stage.DRAINED || !holder.runs();
        if (!holder.isAway() || isDelivered && isKnownToHoldNothing(holder)) {
            return;
        }
        var where = "instance " + holder.name();
        var node = draft.seen.node(holder.node());
        if (node.isEmpty()) {
            problems.add(new Problem(
                    where,
                    "its node %s is no longer in the swarm, and its volume with it".formatted(holder.where()),
                    "When you have seen what it held, logroute volumes: logroute forget %s/%d --yes."
                            .formatted(router, holder.instance())));
            return;
        }
        var how = node.get().ready() ? "takes no tasks" : "is down";
        var mend = node.get().ready()
                ? "Let it take some, docker node update --availability active "
                        + node.get().hostname()
                : "Start the node, or mend its network";
        if (!holder.counts()) {
            return; // VolumesReached tells of what waits there
        }
        var deploy = pipeline.map(Shape::deploy).orElse(DeploySpec.USUAL);
        boolean waits = deploy.perNode() || holder.stage() != Stage.SERVING || !declared;
        boolean late = draft.isOver(holder.away(), deploy.nodeLossTimeout());
        problems.add(new Problem(
                where,
                "its node %s %s".formatted(node.get().hostname(), how),
                "%s: the instance goes on there, with what waits in its buffer%s."
                        .formatted(
                                mend,
                                waits
                                        ? ""
                                        : late
                                                ? "; no other node has a place for another one"
                                                : "; after %s another one takes its place"
                                                        .formatted(Durations.write(deploy.nodeLossTimeout())))));
    }
}
