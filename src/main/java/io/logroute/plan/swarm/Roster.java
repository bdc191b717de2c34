package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.plan.VolumeState.Cause;
import io.logroute.plan.swarm.Holder.Held;
import io.logroute.plan.swarm.Holder.Why;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.Durations;
import io.logroute.spec.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The instances of one fleet: which there are, what they hold, which of them serve and which are to go. How
/// far each is on its way out is its [Course]; until it is REMOVING it can be taken back.
final class Roster {
    /// So long a note of what an instance holds is good enough, while it serves.
    private static final Duration NOTED = Duration.ofSeconds(15);

    private static final Pattern SUMMED =
            Pattern.compile("; and before that, (\\d{1,9}) times?, (\\d{1,18}) events in all that are known of$");
    private static final Pattern HELD = Pattern.compile("it held (\\d{1,18}) event");
    private static final Pattern OF_NUMBER = Pattern.compile("\\d+ (?:is|are) wanted");

    private final Draft draft;
    private final String router;
    private final List<Known> known;
    private final boolean declared;
    /// By number, as they will be.
    private final SortedMap<Integer, Holder> holders = new TreeMap<>();
    /// By number, as they lie in the swarm.
    private final SortedMap<Integer, Holder> before;
    /// Made in this pass: their records come with their services.
    private final SortedSet<Integer> made = new TreeSet<>();
    private final List<Step> deeds = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Integer> unplaced = new ArrayList<>();
    private Optional<String> scaling = Optional.empty();
    private int wanted;
    private boolean waits;

    /// @param known the revisions of the router
    /// @param declared whether people declare it
    Roster(Draft draft, String router, List<Known> known, boolean declared) {
        this.draft = draft;
        this.router = router;
        this.known = known;
        this.declared = declared;
        this.before = Holder.of(draft.seen.owned(), router);
        holders.putAll(before);
        adopt();
        holders.replaceAll((_, holder) -> heard(named(whereItRuns(holder))));
    }

    String router() {
        return router;
    }

    List<Problem> problems() {
        return problems;
    }

    List<Integer> unplaced() {
        return unplaced;
    }

    Optional<String> scaling() {
        return scaling;
    }

    int wanted() {
        return wanted;
    }

    /// Those that have, or should have, a service, by number.
    List<Holder> running() {
        return holders.values().stream().filter(Holder::runs).toList();
    }

    /// Whether some serve as before until others take their place.
    boolean waits() {
        return waits;
    }

    boolean isNew(Holder holder) {
        return made.contains(holder.instance());
    }

    private String hostname(String node) {
        return draft.seen.node(node).map(Seen.Node::hostname).orElse("");
    }

    // ---- what is there

    /// Instances of a LogRoute that kept no records get theirs.
    private void adopt() {
        draft.seen
                .owned()
                .of(router)
                .filter(each -> !holders.containsKey(each.instance()))
                .forEach(each -> {
                    holders.put(each.instance(), serving(each.instance(), each.node()));
                });
    }

    /// So do those whose service somebody removed, and whose place a revision remembers.
    private void adoptPlaces(PipelineDefinition pipeline) {
        var deploy = Shape.deploy(pipeline);
        places().forEach((number, node) -> {
            if (holders.containsKey(number)) {
                return;
            }
            var holder = serving(number, node);
            boolean isDeclared = deploy.perNode()
                    ? draft.seen.node(node).filter(each -> allows(deploy, each)).isPresent()
                    : number < deploy.replicas();
            holders.put(
                    number,
                    heard(
                            isDeclared
                                    ? holder
                                    : holder.at(
                                            Stage.KEPT,
                                            Optional.of(new Why(Cause.SCALE, "somebody removed its service")),
                                            draft.now)));
        });
    }

    private SortedMap<Integer, String> places() {
        var places = new TreeMap<Integer, String>();
        known.reversed().forEach(each -> places.putAll(each.placed()));
        return places;
    }

    /// Whether all that revisions remember has a record, so that they need to no longer.
    boolean remembersPlaces() {
        return before.keySet().containsAll(places().keySet());
    }

    private Holder serving(int number, String node) {
        return Holder.serving(draft.here.service(router, number), router, number, node, hostname(node), draft.now);
    }

    /// An instance keeps its node for life. A record that says another one than its service was edited, unless the
    /// service was: that one is not as we wanted it then.
    private Holder whereItRuns(Holder holder) {
        return draft.service(holder.name())
                .filter(each -> !each.node().equals(holder.node()))
                .filter(each -> draft.seen.state(each.name()).wanted().equals(Optional.of(Fleets.hash(each))))
                .map(each -> holder.on(each.node(), hostname(each.node())))
                .orElse(holder);
    }

    /// Nodes get other names.
    private Holder named(Holder holder) {
        var name = hostname(holder.node());
        return name.isEmpty() || name.equals(holder.hostname()) ? holder : holder.on(holder.node(), name);
    }

    /// What it tells, and whether its node is there.
    private Holder heard(Holder holder) {
        var told = draft.report(holder).map(report -> told(holder, report)).orElse(holder);
        var away = isNowAway(told)
                ? told.away().filter(from -> !from.isAfter(draft.now)).or(() -> Optional.of(draft.now))
                : Optional.<Instant>empty();
        if (away.isPresent() && told.away().isEmpty()) {
            told = lastTold(told);
        }
        return told.away(away);
    }

    /// A node that is paused runs what it runs.
    private boolean isNowAway(Holder holder) {
        if (holder.isElsewhere()) {
            return false;
        }
        var node = draft.seen.node(holder.node());
        return node.isEmpty()
                || !node.get().ready()
                || !node.get().active() && !draft.seen.state(holder.name()).runs();
    }

    private Holder told(Holder holder, InstanceReport report) {
        var id = report.buffer().id();
        var now = Held.of(report, draft.now);
        boolean another = !id.isEmpty() && !holder.buffer().isEmpty() && !id.equals(holder.buffer());
        if (!another) {
            return holder.holding(
                    id.isEmpty() ? holder.buffer() : id, isNews(holder, now) ? Optional.of(now) : holder.held());
        }
        boolean lost = report.buffer().kind() != InstanceReport.Kind.MEMORY
                && holder.held().filter(held -> held.kind() != now.kind()).isEmpty();
        return holder.holding(id, Optional.of(now)).losing(lost ? Optional.of(lost(holder)) : holder.lost());
    }

    private static String lost(Holder holder) {
        var words = "%s when it was last heard of%s"
                .formatted(
                        holder.held().map(Held::inWords).orElse("it is not known what it held"),
                        holder.held().map(held -> ", at " + held.at()).orElse(""));
        return holder.lost().map(earlier -> words + before(earlier)).orElse(words);
    }

    /// What was lost before, of which there may be more than a record has room for: then only how often, and
    /// how many events.
    private static String before(String earlier) {
        var summed = SUMMED.matcher(earlier);
        long times = summed.find() ? Long.parseLong(summed.group(1)) : 0;
        long events = times == 0 ? 0 : Long.parseLong(summed.group(2));
        var last = times == 0 ? earlier : earlier.substring(0, summed.start());
        var held = HELD.matcher(last);
        return "; and before that, %d time%s, %d events in all that are known of"
                .formatted(
                        times + 1, times == 0 ? "" : "s", events + (held.find() ? Long.parseLong(held.group(1)) : 0));
    }

    /// Each note is a write for all managers: only what is worth it.
    private boolean isNews(Holder holder, Held now) {
        if (holder.held().isEmpty()) {
            return true;
        }
        var noted = holder.held().get();
        boolean turned = noted.isNothing() != now.isNothing();
        if (turned && holder.stage() != Stage.SERVING) {
            return true;
        }
        return (turned || differ(noted.events(), now.events()) || differ(noted.letters(), now.letters()))
                && draft.isOver(Optional.of(noted.at()), NOTED);
    }

    /// By more than a tenth.
    private static boolean differ(long one, long other) {
        return Math.abs(one - other) > Math.max(one, other) / 10;
    }

    /// What it held when it was last heard of, now that nobody will hear of it for a while.
    private Holder lastTold(Holder holder) {
        return Optional.ofNullable(draft.told.last().get(holder.name()))
                .filter(last -> holder.buffer().isEmpty()
                        || last.report().buffer().id().isEmpty()
                        || last.report().buffer().id().equals(holder.buffer()))
                .filter(last -> holder.held()
                        .filter(held ->
                                !held.at().isBefore(last.at()) && !held.at().isAfter(draft.now))
                        .isEmpty())
                .map(last -> holder.holding(
                        holder.buffer().isEmpty() ? last.report().buffer().id() : holder.buffer(),
                        Optional.of(Held.of(last.report(), last.at()))))
                .orElse(holder);
    }

    // ---- how many there should be

    /// Chooses which serve, which go and where new ones come.
    void number(PipelineDefinition pipeline) {
        adoptPlaces(pipeline);
        var deploy = Shape.deploy(pipeline);
        boolean elsewhere = Shape.keepsElsewhere(pipeline);
        change(
                each -> each.counts() && draft.isGone(each),
                each -> leaves(Cause.NODE, "its node %s is no longer in the swarm".formatted(each.where())));
        if (deploy.perNode() && !elsewhere) {
            perNode(pipeline, deploy);
            giveWay(deploy, false);
            return;
        }
        int there = count(each -> isDeclared(each, elsewhere));
        wanted = deploy.replicas();
        if (deploy.autoscale().isPresent()) {
            var scaled = Autoscale.of(
                    deploy.autoscale().get(),
                    Math.max(there, count(each -> isDeclared(each, !elsewhere))),
                    Optional.ofNullable(draft.told.loads().get(router)),
                    holders.values().stream()
                            // Another try to remove a volume is no change of their number.
                            .filter(each -> each.failed().isEmpty())
                            .flatMap(each -> each.since().stream())
                            .max(Comparator.naturalOrder()),
                    draft.now);
            wanted = scaled.wanted();
            scaling = Optional.of(scaled.why());
        } else if (deploy.perNode()) {
            wanted = Math.max(
                    1,
                    Placement.fitting(draft.seen.nodes(), deploy.constraints()).size());
        }
        for (; there > wanted; there--) {
            leave(elsewhere, leaves(Cause.SCALE, areWanted()));
        }
        for (; there < wanted; there++) {
            if (!oneMore(pipeline)) {
                int next = lowestFree();
                for (int missing = there; missing < wanted; missing++, next++) {
                    while (holders.containsKey(next)) {
                        next++;
                    }
                    unplaced.add(next);
                }
                problems.add(noNode(
                        deploy,
                        unplaced.stream().map(each -> "instance " + each).collect(Collectors.joining(", "))));
                break;
            }
        }
        // Those that leave still do so for the number of now.
        change(Roster::leavesForNumber, _ -> leaves(Cause.SCALE, areWanted()));
        substitute(pipeline, deploy);
        giveWay(deploy, elsewhere);
    }

    private String areWanted() {
        return wanted == 1 ? "1 is wanted" : wanted + " are wanted";
    }

    private static boolean leavesForNumber(Holder holder) {
        return holder.runs()
                && holder.stage() != Stage.SERVING
                && holder.why()
                        .filter(why -> why.cause() == Cause.SCALE
                                && OF_NUMBER.matcher(why.words()).matches())
                        .isPresent();
    }

    /// Whether it is one of those that are declared, with its events where they are to be.
    private static boolean isDeclared(Holder holder, boolean elsewhere) {
        return holder.counts() && holder.isElsewhere() == elsewhere;
    }

    private int count(Predicate<Holder> which) {
        return (int) holders.values().stream().filter(which).count();
    }

    /// Those that keep their events where they are not to be any more leave one by one, each once another one takes
    /// events in its place: a buffer that nobody can open takes no fleet down. What an operator drained takes
    /// nothing in anyway.
    private void giveWay(DeploySpec deploy, boolean elsewhere) {
        var why = leaves(Cause.SCALE, "the buffer of the router is kept elsewhere now");
        change(each -> isDeclared(each, !elsewhere) && each.stage() != Stage.SERVING, _ -> why);
        int others = count(each -> isDeclared(each, !elsewhere));
        int well = count(each -> isDeclared(each, elsewhere) && isWell(each));
        int drained = count(each -> isDeclared(each, elsewhere) && each.stage() != Stage.SERVING);
        if (others > 0 && others - 1 + well + drained >= wanted && well > 0) {
            leave(!elsewhere, why);
        } else if (others > 0) {
            waits = true;
            tellWaiting(deploy, elsewhere);
        }
    }

    /// Whether it was made to take the place of another one, and takes events in, for a while already.
    private boolean isWell(Holder holder) {
        return holder.stage() == Stage.SERVING
                && draft.report(holder)
                        .filter(report -> report.holding().mode() == InstanceReport.Mode.SERVING
                                && report.takesEvents()
                                && (report.buffer().kind() == InstanceReport.Kind.JETSTREAM) == holder.isElsewhere()
                                && Duration.between(report.taken(), draft.now).compareTo(Fleets.CANARY) >= 0)
                        .isPresent();
    }

    /// What keeps others from going.
    private void tellWaiting(DeploySpec deploy, boolean elsewhere) {
        var serving = holders.values().stream()
                .filter(each -> isDeclared(each, !elsewhere))
                .map(Holder::name)
                .collect(Collectors.joining(", "));
        boolean noPort = elsewhere
                && !deploy.publish().isEmpty()
                && Placement.fitting(draft.seen.nodes(), deploy.constraints()).stream()
                        .noneMatch(node -> portsAreFree(deploy, node, ""));
        holders.values().stream()
                .filter(each -> isDeclared(each, elsewhere) && each.stage() == Stage.SERVING)
                .filter(each -> !each.isAway() && !isWell(each) && draft.isOver(each.since(), Fleets.STUCK))
                .findFirst()
                .ifPresent(each -> problems.add(new Problem(
                        "instance " + each.name(),
                        "it keeps its events where they are to be now, and does not take any in yet: %s; until it does, %s take%s events in as before"
                                .formatted(
                                        noPort
                                                ? "no node has port %s free of other routers".formatted(ports(deploy))
                                                : why(each),
                                        serving,
                                        serving.contains(",") ? "" : "s"),
                        noPort
                                ? "Add a node; or let one deliver what it has, which takes nothing in meanwhile, and its port is free: logroute drain %s/%d."
                                        .formatted(router, last(elsewhere))
                                : "Mend that, or declare the buffer of before.")));
    }

    /// The highest number of those that serve as before.
    private int last(boolean elsewhere) {
        return holders.values().stream()
                .filter(each -> isDeclared(each, !elsewhere))
                .mapToInt(Holder::instance)
                .max()
                .orElse(0);
    }

    private String why(Holder holder) {
        return draft.report(holder)
                .flatMap(report -> report.buffer().trouble())
                .or(() -> draft.seen.state(holder.name()).tasks().stream()
                        .flatMap(task -> task.error().stream())
                        .findFirst())
                .map(words -> words.replaceFirst("[.]+$", ""))
                .orElse("nothing is heard of it, see docker service logs " + holder.name());
    }

    private static Why leaves(Cause cause, String words) {
        return new Why(cause, words);
    }

    /// Lets those go that the test finds.
    private void change(Predicate<Holder> which, Function<Holder, Why> why) {
        holders.replaceAll((_, each) -> which.test(each) ? leaving(each, why.apply(each)) : each);
    }

    private Holder leaving(Holder holder, Why why) {
        return holder.stage() == Stage.SERVING
                ? holder.at(Stage.DRAINING, Optional.of(why), draft.now)
                : holder.because(why);
    }

    /// One goes: the first that an operator drained, then one whose node is away, then the highest number.
    private void leave(boolean elsewhere, Why why) {
        holders.values().stream()
                .filter(each -> isDeclared(each, elsewhere))
                .min(Comparator.<Holder>comparingInt(each -> each.stage() == Stage.SERVING ? 1 : 0)
                        .thenComparingInt(each -> each.isAway() ? 0 : 1)
                        .thenComparing(Holder::instance, Comparator.reverseOrder()))
                .ifPresent(each -> holders.put(each.instance(), leaving(each, why)));
    }

    /// One more serves: one on its way out, else one that was kept, else a new one.
    ///
    /// @return whether there is a place for it
    private boolean oneMore(PipelineDefinition pipeline) {
        var deploy = Shape.deploy(pipeline);
        boolean elsewhere = Shape.keepsElsewhere(pipeline);
        var back = holders.values().stream()
                .filter(each -> isTakenBack(each) && each.isElsewhere() == elsewhere)
                .findFirst()
                .or(() -> holders.values().stream()
                        .filter(each -> isUsedAgain(each, deploy) && each.isElsewhere() == elsewhere)
                        .findFirst());
        if (back.isPresent()) {
            takeBack(back.get());
            return true;
        }
        if (elsewhere) {
            add(lowestFree(), "");
            return true;
        }
        var there = new ArrayList<>(draft.all);
        running().stream()
                .filter(each ->
                        draft.all.stream().noneMatch(service -> service.name().equals(each.name())))
                .forEach(each -> there.add(Shape.service(
                        draft.here,
                        pipeline,
                        each.instance(),
                        each.node(),
                        new RouterService.Mounted("", 0),
                        new TreeMap<>())));
        var node = Placement.choose(draft.seen.nodes(), deploy.constraints(), router, deploy.publish(), there);
        node.ifPresent(each -> add(lowestFree(), each.id()));
        return node.isPresent();
    }

    private boolean isTakenBack(Holder holder) {
        return (holder.stage() == Stage.DRAINING || holder.stage() == Stage.DRAINED)
                && !holder.counts()
                && !holder.isAway()
                && !holder.forgotten()
                && holder.asked().isEmpty();
    }

    private boolean isUsedAgain(Holder holder, DeploySpec deploy) {
        if (holder.stage() != Stage.KEPT || holder.forgotten() || hasJob(holder.name())) {
            return false;
        }
        return holder.isElsewhere()
                || draft.seen
                        .node(holder.node())
                        .filter(node -> node.ready() && node.active() && allows(deploy, node))
                        .filter(node -> portsAreFree(deploy, node, holder.name()))
                        .isPresent();
    }

    private boolean portsAreFree(DeploySpec deploy, Seen.Node node, String service) {
        return draft.all.stream()
                .filter(each -> each.node().equals(node.id()) && !each.name().equals(service))
                .noneMatch(each -> each.ports().stream().anyMatch(deploy.publish()::contains));
    }

    private static boolean allows(DeploySpec deploy, Seen.Node node) {
        return deploy.constraints().stream().allMatch(each -> Placement.allows(each, node));
    }

    private void takeBack(Holder holder) {
        // What was known to hold nothing may be another one by now.
        var fresh = holder.stage() == Stage.KEPT
                        && holder.held().filter(Held::isNothing).isPresent()
                ? holder.holding("", holder.held())
                : holder;
        holders.put(holder.instance(), fresh.at(Stage.SERVING, Optional.empty(), draft.now));
    }

    private void add(int number, String node) {
        made.add(number);
        holders.put(number, serving(number, node));
    }

    /// A number that no volume has, as far as is known.
    private int lowestFree() {
        int number = 0;
        while (isTaken(number)) {
            number++;
        }
        return number;
    }

    /// Whether there is a record of it, be it one that cannot be read, or a job at its volume.
    private boolean isTaken(int number) {
        var name = draft.here.service(router, number);
        return holders.containsKey(number) || draft.seen.owned().configs().containsKey(name) || hasJob(name);
    }

    private boolean hasJob(String volume) {
        return draft.seen.jobs().values().stream().anyMatch(job -> job.volume().equals(volume));
    }

    /// Those whose nodes were away for too long give way to others, where there is a place for those.
    private void substitute(PipelineDefinition pipeline, DeploySpec deploy) {
        for (var each : List.copyOf(holders.values())) {
            if (each.stage() == Stage.SERVING
                    && isDeclared(each, Shape.keepsElsewhere(pipeline))
                    && draft.isOver(each.away(), deploy.nodeLossTimeout())
                    && oneMore(pipeline)) {
                holders.put(
                        each.instance(),
                        leaving(
                                each,
                                leaves(
                                        Cause.NODE,
                                        "its node %s was away for %s, and another instance took its place"
                                                .formatted(each.where(), Durations.write(deploy.nodeLossTimeout())))));
            }
        }
    }

    /// One on each node that fits. On a node that is down it waits for it; nobody could take its place.
    private void perNode(PipelineDefinition pipeline, DeploySpec deploy) {
        var fitting = Placement.fitting(draft.seen.nodes(), deploy.constraints());
        wanted = fitting.size();
        change(
                each -> each.counts()
                        && draft.seen
                                .node(each.node())
                                .filter(node -> !allows(deploy, node))
                                .isPresent(),
                each -> leaves(Cause.SCALE, "its node %s does not fit any more".formatted(each.where())));
        // One that an operator wants drained stays so, and no other one comes beside it.
        change(
                each -> each.runs()
                        && each.asked().isPresent()
                        && fitting.stream().anyMatch(node -> node.id().equals(each.node()))
                        && count(other -> other.counts() && other.node().equals(each.node())) == 0,
                each -> leaves(Cause.OPERATOR, each.asked().orElse("")));
        var served = new TreeMap<String, Integer>();
        for (var each : List.copyOf(holders.values())) {
            if (isDeclared(each, false) && served.putIfAbsent(each.node(), each.instance()) != null) {
                holders.put(each.instance(), leaving(each, leaves(Cause.SCALE, "1 is wanted on each node")));
            }
        }
        for (var node : fitting) {
            if (served.containsKey(node.id())) {
                continue;
            }
            var back = Stream.concat(
                            holders.values().stream().filter(this::isTakenBack),
                            holders.values().stream().filter(each -> isUsedAgain(each, deploy)))
                    .filter(each -> each.node().equals(node.id()))
                    .findFirst();
            if (back.isPresent()) {
                takeBack(back.get());
                continue;
            }
            var taken = draft.all.stream()
                    .filter(each -> each.node().equals(node.id()))
                    .filter(each -> each.ports().stream().anyMatch(deploy.publish()::contains))
                    .findFirst();
            if (taken.isPresent()) {
                problems.add(new Problem(
                        "router " + router,
                        "node %s has no port %s free for an instance: %s publishes it"
                                .formatted(
                                        node.hostname(),
                                        ports(deploy),
                                        taken.get().name()),
                        "Give one of the two routers another port, or other nodes by constraints."));
                continue;
            }
            add(lowestFree(), node.id());
        }
        if (count(Holder::counts) == 0 && fitting.isEmpty()) {
            problems.add(noNode(deploy, "no instance"));
        }
    }

    private static String ports(DeploySpec deploy) {
        return deploy.publish().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private Problem noNode(DeploySpec deploy, String who) {
        var wants = new ArrayList<String>();
        if (!deploy.constraints().isEmpty()) {
            wants.add("fits " + String.join(" and ", deploy.constraints()));
        }
        if (!deploy.publish().isEmpty()) {
            wants.add("has port %s free of other routers".formatted(ports(deploy)));
        }
        return new Problem(
                "router " + router,
                "no node that is ready and takes tasks %s: %s does not run"
                        .formatted(wants.isEmpty() ? "is there" : String.join(" and ", wants), who),
                "Add or label a node, or change constraints, publish or replicas.");
    }

    /// Goes on with each instance.
    ///
    /// @param pipeline what the fleet runs, as far as that can be read
    void proceed(Optional<PipelineDefinition> pipeline) {
        var course = new Course(draft, router, declared, pipeline, known, before, made, problems, deeds);
        holders.replaceAll((_, holder) -> course.next(holder));
    }

    /// What was planned besides notes. It comes last: what a router or a node refuses holds up nothing else.
    List<Step> deeds() {
        return deeds;
    }

    /// Where its events lie.
    List<VolumeState> volumes() {
        return holders.values().stream()
                .filter(each -> !made.contains(each.instance()))
                .filter(each -> deeds.stream().noneMatch(step -> step.equals(new Step.RemoveConfig(each.name()))))
                .map(this::state)
                .toList();
    }

    private VolumeState state(Holder holder) {
        var report = draft.report(holder);
        var held = report.map(each -> Held.of(each, draft.now))
                .or(() -> lastTold(holder).held());
        return new VolumeState(
                holder.name(),
                router,
                holder.instance(),
                held.map(Held::kind).orElse(InstanceReport.Kind.DISK),
                holder.isElsewhere() ? Optional.empty() : Optional.of(holder.where()),
                holder.stage(),
                holder.why().map(Why::toString),
                holder.since(),
                holder.away(),
                held.map(Held::events).orElse(0L),
                held.map(Held::bytes).orElse(0L),
                held.flatMap(Held::oldest),
                held.map(Held::letters).orElse(0L),
                held.map(Held::at),
                report.isPresent(),
                holder.lost(),
                draft.isGone(holder),
                holder.files());
    }
}
