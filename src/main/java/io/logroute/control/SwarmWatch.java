package io.logroute.control;

import io.logroute.remote.Swarm;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.Problem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Follows a swarm. Whatever happens there rings the bell; a pass looks at everything then, every half minute
/// besides, and every second while something is on its way. A swarm that cannot be reached is tried again,
/// for ever.
public final class SwarmWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SwarmWatch.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Duration ON_THE_WAY = Duration.ofSeconds(1);
    /// So many passes that changed nothing, and then fewer of them.
    private static final int MANY = 60;
    private static final Duration SLOWLY = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMillis(200);
    private static final Duration AGAIN = Duration.ofSeconds(3);

    private final Swarm swarm;
    private final SpecFiles files;
    private final SwarmReconciler reconciler;
    private final StatusBoard board;
    private final ControllerMeters meters;
    private final Bell bell;
    private final Passes passes;
    private final InstantSource clock;
    private final Duration lastPass;
    private final Thread looking;
    private final Thread passing;
    private Set<String> told = Set.of();
    private boolean reached = true;
    private int still;
    private @Nullable AutoCloseable following;
    private volatile boolean closed;

    /// @param lastPass how long [#close] waits for a pass that is under way
    public SwarmWatch(
            Swarm swarm,
            SpecFiles files,
            SwarmReconciler reconciler,
            StatusBoard board,
            ControllerMeters meters,
            Bell bell,
            Passes passes,
            InstantSource clock,
            Duration lastPass) {
        this.swarm = swarm;
        this.files = files;
        this.reconciler = reconciler;
        this.board = board;
        this.meters = meters;
        this.bell = bell;
        this.passes = passes;
        this.clock = clock;
        this.lastPass = lastPass;
        this.looking = Thread.ofVirtual().name("watch-routers").unstarted(this::look);
        this.passing = Thread.ofVirtual().name("passes").unstarted(this::passes);
    }

    public void start() {
        following = swarm.follow(bell::ring);
        looking.start();
        passing.start();
        bell.ring();
    }

    /// Asks the routers and looks at all conditions, so that a change is dated when it happens.
    private void look() {
        var seen = files.fingerprint();
        while (!closed) {
            try {
                Thread.sleep(LOOK);
                var now = files.fingerprint();
                if (!now.equals(seen)) {
                    seen = now;
                    bell.ring();
                }
                reconciler.ask();
                meters.eventStream(swarm.follows());
                meters.fleets(reconciler.states());
                board.look();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Looking at the routers failed; it is tried again", e);
            }
        }
    }

    private void passes() {
        while (!closed) {
            try {
                bell.await(patience(), QUIET);
                pass();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                meters.passed(ControllerMeters.Result.FAILED, Duration.ZERO);
                LOG.log(System.Logger.Level.ERROR, "A pass failed; it is tried again", e);
                if (!rest()) {
                    return;
                }
            }
        }
    }

    /// A router that is down for days needs no look each second.
    private Duration patience() {
        if (reconciler.settled()) {
            return SILENCE;
        }
        return still < MANY ? ON_THE_WAY : SLOWLY;
    }

    private void pass() throws InterruptedException {
        var start = clock.instant();
        long number = passes.begin();
        try {
            var pass = reconciler.pass();
            if (!reached) {
                reached = true;
                board.history().happened(History.Kind.CONTROLLER, "controller", "The swarm answers again.");
                LOG.log(System.Logger.Level.INFO, "The swarm answers again");
            }
            board.put(pass);
            passes.end(number);
            still = pass.outcome().changed().isEmpty() ? still + 1 : 0;
            meters.passed(result(pass), Duration.between(start, clock.instant()));
            tell(pass);
            if (!pass.outcome().changed().isEmpty()) {
                bell.ring(); // what it led to
            }
        } catch (SwarmUnreachable e) {
            meters.passed(ControllerMeters.Result.FAILED, Duration.between(start, clock.instant()));
            if (reached) {
                reached = false;
                board.history()
                        .happened(History.Kind.CONTROLLER, "controller", "The swarm is not reached: " + e.getMessage());
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The swarm is not reached; it is tried again: {0}",
                        e.getMessage());
            }
            if (!rest()) {
                throw new InterruptedException();
            }
            bell.ring();
        }
    }

    private ControllerMeters.Result result(Pass pass) {
        if (!pass.outcome().refused().isEmpty()) {
            return ControllerMeters.Result.UNSETTLED;
        }
        return pass.outcome().changed().isEmpty() && reconciler.settled()
                ? ControllerMeters.Result.SETTLED
                : ControllerMeters.Result.CHANGED;
    }

    private static boolean rest() {
        try {
            Thread.sleep(AGAIN);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /// Logs what was done, and each problem when it is new.
    private void tell(Pass pass) {
        pass.outcome().changed().forEach(done -> LOG.log(System.Logger.Level.INFO, "Done: {0}", done));
        var problems = new TreeSet<String>();
        pass.declared().problems().stream().map(Problem::toString).forEach(problems::add);
        reconciler
                .states()
                .forEach(state ->
                        state.problems().stream().map(Problem::toString).forEach(problems::add));
        reconciler
                .relays()
                .forEach(relay ->
                        relay.problems().stream().map(Problem::toString).forEach(problems::add));
        problems.stream()
                .filter(problem -> !told.contains(problem))
                .forEach(problem -> LOG.log(System.Logger.Level.WARNING, problem));
        if (problems.isEmpty() && !told.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, "All problems in what is declared are mended");
        }
        told = Set.copyOf(problems);
    }

    /// Ends following, after the pass that is under way, or without it when that takes too long. Safe twice
    /// and without start.
    @Override
    public void close() {
        closed = true;
        reconciler.ending();
        looking.interrupt();
        passing.interrupt();
        try {
            if (passing.isAlive() && !passing.join(lastPass)) {
                LOG.log(System.Logger.Level.WARNING, "A pass is still under way; not waited for");
            }
            if (following != null) {
                following.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "Following did not end cleanly", e);
        }
    }
}
