package io.logroute.router;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.spec.LogRouter;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One router instance of a fleet. It starts with the newer of two pipelines, the mounted one and the
/// one that it accepted while it ran. Where that does not start it takes the other one, or the one that
/// was mounted when it last started well, whichever is newer. While another process has its buffer, as
/// one does that is still ending, or the servers that it lies on do not answer, it waits. A controller
/// hands it newer ones with [#push], which comes in this order:
///
/// 1. looked at: whose, of which revision, later than what runs, routes and sinks only
/// 2. written beside the accepted one, durably
/// 3. run, or refused as a whole
/// 4. put in force on the volume, durably
/// 5. answered
///
/// What a crash between them leaves is told in `docs/decisions/0020-a-push-and-a-crash.md`.
///
/// A controller tells it, too, whether to take events in ([#order]). It keeps that on the volume before
/// it answers, and starts with it: told to drain, it has its doors shut from the first moment. Pushes
/// are taken meanwhile, and open none.
///
/// Safe for all threads.
public final class Instance implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Instance.class.getName());
    private static final String MOUNTED = "mounted";
    /// Longer than Docker waits for the end of a container before it ends it.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final long LOOK_AGAIN_MS = 300;

    private final Pipelines routers;
    /// On the volume, or where there is none on the router's stream.
    private Keeps accepted;
    private final Keeps started;
    private final StandingOrder standing;
    private final String router;
    private final int number;
    private final Set<String> templates;
    private final Duration wait;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile boolean ending;
    /// Whether another process had its buffer at the last try, or what that lies on did not answer.
    private boolean isLocked;
    /// Why it waits before it runs.
    private volatile Optional<String> waits = Optional.empty();
    /// Whether that is one that it accepted, so that a restart finds it there only.
    private boolean isAccepted;
    /// What it runs; nothing before the start.
    private volatile @Nullable Running running;
    /// Why it does not run what it was told to.
    private volatile Optional<String> trouble = Optional.empty();

    /// @param kept whether a restart would run it, too
    private record Running(PipelineDefinition pipeline, Edition edition, boolean kept) {}

    /// What came of a push.
    public sealed interface Pushed {
        /// It runs that, and keeps it.
        ///
        /// @param changed whether it did not before
        record Taken(boolean changed) implements Pushed {}

        /// It cannot run that, and goes on as it was.
        record Refused(List<Problem> problems) implements Pushed {
            public Refused {
                problems = List.copyOf(problems);
            }
        }

        /// It runs a later one.
        record Outdated(String reason) implements Pushed {}

        /// More than routes and sinks would change.
        record NeedsRestart(String reason) implements Pushed {}

        /// It goes on as it was, for a reason that passes.
        record NotNow(String reason) implements Pushed {}
    }

    /// What came of an order.
    public sealed interface Ordered {
        /// It does so, and keeps to it.
        ///
        /// @param mode what it does now
        record Taken(Mode mode) implements Ordered {}

        /// It cannot do that.
        record Refused(String reason) implements Ordered {}

        /// It goes on as it was, for a reason that passes.
        record NotNow(String reason) implements Ordered {}
    }

    /// @param routers runs it, and nothing else
    /// @param data the folder of the routers' state
    /// @param router its fleet's name
    /// @param number its own in the fleet
    /// @param templates names of the index templates that there are
    public Instance(Pipelines routers, Path data, String router, int number, Set<String> templates) {
        this(
                routers,
                new Accepted("accepted", folder(data, router).resolve("accepted")),
                new Accepted("last mounted", folder(data, router).resolve("started")),
                new StandingOrder(folder(data, router)),
                router,
                number,
                templates,
                LONGEST_WAIT);
    }

    private static Path folder(Path data, String router) {
        return data.resolve("routers").resolve(router);
    }

    /// @param accepted the newest that it was handed
    /// @param started the mounted one that it last started with
    /// @param standing the order that it keeps to
    /// @param wait how long to wait for a buffer that another process has
    Instance(
            Pipelines routers,
            Accepted accepted,
            Accepted started,
            StandingOrder standing,
            String router,
            int number,
            Set<String> templates,
            Duration wait) {
        this.routers = routers;
        this.accepted = accepted;
        this.started = started;
        this.standing = standing;
        this.router = router;
        this.number = number;
        this.templates = Set.copyOf(templates);
        this.wait = wait;
        routers.keepAgain(this::keepAgain);
    }

    public String router() {
        return router;
    }

    public int number() {
        return number;
    }

    /// One of those that it may start with.
    ///
    /// @param words what it is called
    private record Choice(String words, Edition edition) {
        boolean isNoNewerThan(Choice other) {
            return edition.generation() <= other.edition.generation();
        }

        boolean isThat(Choice other) {
            return edition.equals(other.edition);
        }

        @Override
        public String toString() {
            return "%s pipeline, %s".formatted(words, edition);
        }
    }

    /// Starts what is newest. Where that does not start, what there is besides; the report says so.
    ///
    /// @return why nothing runs, in words; empty when something does, or when it was told to end
    public Optional<String> start(Read<Edition> mounted) {
        changing.lock();
        try {
            var why = new ArrayList<String>();
            keepOnStream(mounted);
            var newer = accepted.tooNew().or(started::tooNew).or(() -> obeyStanding(why));
            if (newer.isPresent()) {
                return newer;
            }
            var kept = found(accepted);
            if (kept instanceof Accepted.Found.Refused(var reason)) {
                return Optional.of(reason);
            }
            var choices = choices(mounted, kept, why);
            for (var choice : choices) {
                if (ending) {
                    return Optional.empty();
                }
                var refused = run(choice);
                if (refused.isEmpty()) {
                    if (choice.words().equals(MOUNTED)) {
                        remember(choice.edition());
                    }
                    tell(choice, why);
                    return Optional.empty();
                }
                why.add("the %s does not start: %s".formatted(choice, refused.get()));
                if (isLocked) {
                    break; // no other one could
                }
            }
            return ending ? Optional.empty() : Optional.of(String.join("\n", why));
        } finally {
            changing.unlock();
        }
    }

    /// Begins as it was told to before.
    ///
    /// @return why nobody can tell what it was told, where a newer LogRoute wrote it
    private Optional<String> obeyStanding(List<String> why) {
        return switch (standing.find()) {
            case StandingOrder.Found.Kept(var order) -> {
                if (order == Order.DRAIN) {
                    routers.drain();
                }
                yield Optional.empty();
            }
            case StandingOrder.Found.Damaged(var trouble) -> {
                routers.drain();
                why.add(trouble + ", so it takes nothing in until a controller tells it to");
                keepDraining();
                yield Optional.empty();
            }
            case StandingOrder.Found.TooNew(var reason) -> Optional.of(reason);
        };
    }

    /// The newer of the mounted and the accepted one first, the mounted one where they are of one
    /// generation. What was mounted before goes behind what is: a rollback may have gone back from it.
    private List<Choice> choices(Read<Edition> mounted, Accepted.Found kept, List<String> why) {
        var choices = new ArrayList<Choice>();
        switch (mounted) {
            case Read.Good<Edition>(var edition) -> choices.add(new Choice(MOUNTED, edition));
            case Read.Bad<Edition>(var problems) -> why.add(said(problems));
        }
        choice(accepted, kept, why).ifPresent(choice -> {
            boolean newest = choices.stream().noneMatch(choice::isNoNewerThan);
            choices.add(newest ? 0 : choices.size(), choice);
        });
        choice(started, started.find(), why)
                .filter(choice -> choices.stream().noneMatch(choice::isThat))
                .ifPresent(choice -> {
                    boolean last = choices.isEmpty()
                            || choices.getLast().words().equals(MOUNTED)
                            || choice.isNoNewerThan(choices.getLast());
                    choices.add(last ? choices.size() : choices.size() - 1, choice);
                });
        return choices;
    }

    /// Where the mounted pipeline says that nothing lies on a volume, the accepted one does not either:
    /// what a push cannot change is of the mounted one.
    private void keepOnStream(Read<Edition> mounted) {
        if (mounted instanceof Read.Good<Edition>(var edition)
                && Editions.pipeline(MOUNTED + " pipeline", edition, router, templates)
                        instanceof Read.Good<PipelineDefinition>(var pipeline)) {
            pipeline.router()
                    .buffer()
                    .jetstream()
                    .ifPresent(at -> accepted = new AcceptedOnStream(new Streams(at, router, number), () -> ending));
        }
    }

    /// Waits, as for a buffer, while what it lies on does not answer: an older one is not run for that.
    private Accepted.Found found(Keeps kept) {
        var found = kept.find();
        for (long end = System.nanoTime() + wait.toNanos();
                found instanceof Accepted.Found.Away(var words) && System.nanoTime() < end && !ending; ) {
            waits = Optional.of(words);
            waitForBuffer(words);
            found = kept.find();
        }
        waits = Optional.empty();
        return found;
    }

    private static Optional<Choice> choice(Keeps kept, Accepted.Found found, List<String> why) {
        return switch (found) {
            case Accepted.Found.Nothing _ -> Optional.empty();
            case Accepted.Found.Damaged(var damage) -> {
                why.add(damage);
                yield Optional.empty();
            }
            case Accepted.Found.Away(var words) -> {
                why.add(words);
                yield Optional.empty();
            }
            case Accepted.Found.Refused(var reason) -> {
                why.add(reason);
                yield Optional.empty();
            }
            case Accepted.Found.Kept(var edition) -> Optional.of(new Choice(kept.what(), edition));
        };
    }

    /// Where a next one that is mounted does not start, this is what to go back to. It runs without
    /// that, too.
    private void remember(Edition mounted) {
        if (started.find().equals(new Accepted.Found.Kept(mounted))) {
            return;
        }
        try {
            started.prepare(mounted).keep();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0} cannot keep the mounted {1} on its volume ({2}); it runs it",
                    router,
                    mounted,
                    e.toString());
        }
    }

    private Optional<String> run(Choice choice) {
        var read = Editions.pipeline(choice.words() + " pipeline", choice.edition(), router, templates);
        if (!(read instanceof Read.Good<PipelineDefinition>(var pipeline))) {
            return Optional.of(said(read.problems()));
        }
        var refused = become(pipeline);
        for (long end = System.nanoTime() + wait.toNanos(); isLocked && System.nanoTime() < end && !ending; ) {
            waits = refused;
            waitForBuffer(refused.orElse(""));
            refused = become(pipeline);
        }
        waits = Optional.empty();
        if (refused.isEmpty()) {
            running = new Running(pipeline, choice.edition(), true);
            isAccepted = choice.words().equals(accepted.what());
        }
        return refused;
    }

    private void waitForBuffer(String why) {
        LOG.log(System.Logger.Level.INFO, "Router {0} waits: {1}", router, why);
        try {
            Thread.sleep(LOOK_AGAIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ending = true;
        }
    }

    /// @return why it does not run that now
    private Optional<String> become(PipelineDefinition pipeline) {
        var change = routers.become(List.of(pipeline));
        isLocked = change.locked().contains(pipeline.name());
        var refused = change.refused().get(pipeline.name());
        return refused == null && ending
                ? Optional.of("router %s stops".formatted(router))
                : Optional.ofNullable(refused);
    }

    private void tell(Choice choice, List<String> why) {
        if (!why.isEmpty()) {
            var words = why.stream().map(each -> each.replaceFirst("[.]+$", "")).collect(Collectors.joining("; "))
                    + "; it runs the " + choice;
            trouble = Optional.of(words);
            LOG.log(System.Logger.Level.WARNING, "Router {0}: {1}", router, words);
        }
    }

    private static String said(List<Problem> problems) {
        return problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
    }

    /// Hands it a pipeline while it runs.
    ///
    /// @param content the text, packed or not
    public Pushed push(String revision, long generation, byte[] content) {
        if (!changing.tryLock()) {
            return new Pushed.NotNow("another change of router %s is under way".formatted(router));
        }
        try {
            var now = running;
            if (now == null || ending) {
                return new Pushed.NotNow("router %s %s".formatted(router, ending ? "stops" : "does not run yet"));
            }
            var pushed = push(now, revision, generation, content);
            switch (pushed) {
                case Pushed.Taken _ -> trouble = Optional.empty();
                case Pushed.Refused(var problems) ->
                    trouble = Optional.of("revision %s (generation %d) was refused: %s"
                            .formatted(revision, generation, said(problems)));
                case Pushed.Outdated _, Pushed.NeedsRestart _, Pushed.NotNow _ -> {}
            }
            return pushed;
        } finally {
            changing.unlock();
        }
    }

    private Pushed push(Running now, String revision, long generation, byte[] content) {
        var runs = now.edition();
        if (generation == runs.generation() && revision.equals(runs.revision())) {
            return now.kept() ? new Pushed.Taken(false) : take(now, now);
        }
        if (generation <= runs.generation()) {
            return new Pushed.Outdated("router %s runs %s, and revision %s (generation %d) is no later one"
                    .formatted(router, runs, revision, generation));
        }
        var text = Packed.text(content);
        if (!(text instanceof Read.Good<String>(var plain))) {
            return new Pushed.Refused(text.problems());
        }
        var edition = new Edition(plain, revision, generation);
        var read = Editions.pipeline("pipeline", edition, router, templates);
        if (!(read instanceof Read.Good<PipelineDefinition>(var pipeline))) {
            return ofAnother(plain)
                    .<Pushed>map(other -> new Pushed.NotNow(
                            "this is router %s, and that is the pipeline of router %s: its address is another's now"
                                    .formatted(router, other)))
                    .orElseGet(() -> new Pushed.Refused(read.problems()));
        }
        var more = more(now.pipeline().router(), pipeline.router());
        if (!more.isEmpty()) {
            return new Pushed.NeedsRestart(
                    "%s of router %s would change, and a running router takes changes of routes and sinks only; let it be started anew with that pipeline mounted"
                            .formatted(String.join(", ", more), router));
        }
        return take(now, new Running(pipeline, edition, true));
    }

    /// The router that a pipeline is of, when it is not this one: an address may have been another's a
    /// moment ago.
    private Optional<String> ofAnother(String text) {
        return PipelineDefinition.parse(text) instanceof Read.Good<PipelineDefinition>(var pipeline)
                ? Optional.of(pipeline.name()).filter(name -> !name.equals(router))
                : Optional.empty();
    }

    /// What of the router itself is another. What `deploy` says is of the service, and nothing that
    /// runs here.
    private static List<String> more(LogRouter now, LogRouter wanted) {
        var more = new ArrayList<String>();
        if (!now.sources().equals(wanted.sources())) {
            more.add("sources");
        }
        if (!now.buffer().equals(wanted.buffer())) {
            more.add("buffer");
        }
        if (now.acknowledge() != wanted.acknowledge()) {
            more.add("acknowledge");
        }
        return more;
    }

    private Pushed take(Running now, Running wanted) {
        Accepted.Prepared prepared;
        try {
            prepared = accepted.prepare(wanted.edition());
        } catch (IOException e) {
            return new Pushed.NotNow(notKept(wanted, e) + "; it goes on as it was");
        }
        var refused = become(wanted.pipeline());
        if (refused.isPresent()) {
            return ending
                    ? new Pushed.NotNow(refused.get())
                    : new Pushed.Refused(List.of(new Problem("router " + router, refused.get(), "")));
        }
        try {
            prepared.keep();
        } catch (IOException e) {
            return goBack(now, wanted, e);
        }
        running = new Running(wanted.pipeline(), wanted.edition(), true);
        isAccepted = true;
        return new Pushed.Taken(true);
    }

    /// What it accepted went with a stream that somebody deleted: the next push may be days away, and a restart
    /// would not find it.
    private void keepAgain() throws IOException {
        if (!changing.tryLock()) {
            throw new IOException("another change of router %s is under way".formatted(router));
        }
        try {
            var now = running;
            if (now != null && isAccepted && !ending) {
                accepted.prepare(now.edition()).keep();
                LOG.log(System.Logger.Level.INFO, "Router {0} keeps its accepted pipeline again", router);
            }
        } finally {
            changing.unlock();
        }
    }

    /// What it cannot keep it does not run: a restart would go back without anybody asking for it.
    private Pushed goBack(Running now, Running wanted, IOException why) {
        var back = become(now.pipeline());
        if (back.isEmpty()) {
            return new Pushed.NotNow(notKept(wanted, why) + "; it goes on as it was");
        }
        running = new Running(wanted.pipeline(), wanted.edition(), false);
        var words = "%s; and it cannot go back to %s: %s".formatted(notKept(wanted, why), now.edition(), back.get());
        trouble = Optional.of(words);
        return new Pushed.NotNow(words);
    }

    private String notKept(Running wanted, IOException why) {
        var words = "router %s cannot keep %s on its volume (%s)"
                .formatted(router, wanted.edition(), why.getMessage() == null ? why.toString() : why.getMessage());
        LOG.log(System.Logger.Level.WARNING, words);
        return words;
    }

    /// Tells it what to do with events. To repeat an order changes nothing. During a start or a push it
    /// says that it does not suit.
    public Ordered order(Order order) {
        if (!changing.tryLock()) {
            return new Ordered.NotNow("another change of router %s is under way".formatted(router));
        }
        try {
            if (running == null || ending) {
                return new Ordered.NotNow("router %s %s".formatted(router, ending ? "stops" : "does not run yet"));
            }
            return switch (order) {
                case SERVE -> serve();
                case DRAIN -> drain();
                case DISCARD -> discard();
            };
        } finally {
            changing.unlock();
        }
    }

    private Ordered drain() {
        try {
            standing.keep(Order.DRAIN);
        } catch (IOException e) {
            return new Ordered.NotNow(
                    "router %s cannot keep the order to drain on its volume (%s); it goes on as it was"
                            .formatted(router, e.getMessage() == null ? e.toString() : e.getMessage()));
        }
        routers.drain();
        return new Ordered.Taken(Mode.DRAINING);
    }

    private Ordered serve() {
        try {
            routers.serve(() -> standing.keep(Order.SERVE));
            return new Ordered.Taken(Mode.SERVING);
        } catch (IOException e) {
            if (standing.isUnsure()) {
                keepDraining();
            }
            return new Ordered.NotNow("router %s cannot take events in (%s); it goes on as it was"
                    .formatted(router, e.getMessage() == null ? e.toString() : e.getMessage()));
        }
    }

    /// It drains and nobody knows what a restart would find. While that is so it is not told as empty.
    private void keepDraining() {
        try {
            standing.keep(Order.DRAIN);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Router {0} drains and cannot keep that on its volume ({1}): after a restart it may take events in",
                    router,
                    e.toString());
        }
    }

    private Ordered discard() {
        var report = report();
        if (report.map(it -> it.holding().mode() == Mode.DISCARDED).orElse(false)) {
            return discardStreams();
        }
        if (!report.map(it -> it.holding().empty()).orElse(false)) {
            return new Ordered.Refused(
                    "router %s gives up no buffer before it is drained; tell it to drain, and wait until its report says that it is empty"
                            .formatted(router));
        }
        long letters = report.get().holding().letters();
        if (letters > 0) {
            return new Ordered.Refused(
                    "router %s gives up no buffer with %d dead letters beside it; replay or purge them first"
                            .formatted(router, letters));
        }
        return switch (report.get().buffer().kind()) {
            case DISK ->
                new Ordered.Refused(
                        "the buffer of router %s lies on its volume, and goes when that is removed".formatted(router));
            case MEMORY ->
                new Ordered.Refused(
                        "the buffer of router %s lies in its memory, and goes with the process".formatted(router));
            case JETSTREAM -> discardStreams();
        };
    }

    private Ordered discardStreams() {
        try {
            routers.discard();
            return new Ordered.Taken(Mode.DISCARDED);
        } catch (IOException e) {
            return new Ordered.NotNow("the streams of router %s are not deleted yet (%s)"
                    .formatted(router, e.getMessage() == null ? e.toString() : e.getMessage()));
        }
    }

    /// What it tells of itself; empty while it does not run.
    public Optional<InstanceReport> report() {
        var now = running;
        return routers.reports().stream()
                .filter(report -> report.router().equals(router) && now != null)
                .map(report -> report.of(number, now == null ? 0 : now.edition().generation(), trouble)
                        .with(holding(report.holding())))
                .findFirst();
    }

    /// It is empty only if a restart takes nothing in either.
    private Holding holding(Holding now) {
        if (now.mode() == Mode.DISCARDED) {
            return now;
        }
        return new Holding(
                now.mode(), now.empty() && standing.isKept(Order.DRAIN), now.letters(), now.removed(), now.aside());
    }

    /// Why it can take no events now, though it should. One that drains is as it should be.
    public Optional<String> unready() {
        if (ending) {
            return Optional.of("it stops");
        }
        var report = report();
        return report.isEmpty()
                ? Optional.of(
                        "it does not run yet" + waits.map(why -> ": " + why).orElse(""))
                : report.get().buffer().trouble();
    }

    /// Completed, with the reason, when it ended by itself: another process has taken its stream. It
    /// does nothing any more; the process is to end.
    public CompletableFuture<String> over() {
        return routers.over();
    }

    /// It is to be closed: begins nothing more. Returns at once.
    public void ending() {
        ending = true;
        routers.ending();
    }

    @Override
    public void close() {
        ending();
        routers.close();
    }
}
