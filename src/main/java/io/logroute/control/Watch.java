package io.logroute.control;

import io.logroute.spec.Problem;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/// Follows the spec files. One thread looks every second and rings the bell when a file came, went or changed; the
/// other makes a pass when it was rung, and every half minute while a router could not become what was wanted.
public final class Watch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Watch.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Duration QUIET = Duration.ofMillis(100);

    private final SpecFiles files;
    private final Reconciler reconciler;
    private final StatusBoard board;
    private final Bell bell;
    private final Duration lastPass;
    private final Thread looking;
    private final Thread passing;
    private Set<String> told = Set.of();
    private volatile boolean closed;

    /// @param seen fingerprint of the files, taken before they were read for the first pass
    /// @param lastPass how long [#close] waits for a pass that is under way
    public Watch(SpecFiles files, String seen, Reconciler reconciler, StatusBoard board, Bell bell, Duration lastPass) {
        this.files = files;
        this.reconciler = reconciler;
        this.board = board;
        this.bell = bell;
        this.lastPass = lastPass;
        this.looking = Thread.ofVirtual().name("watch-specs").unstarted(() -> look(seen));
        this.passing = Thread.ofVirtual().name("passes").unstarted(this::pass);
    }

    public void start() {
        looking.start();
        passing.start();
    }

    private void look(String first) {
        var seen = first;
        while (!closed) {
            try {
                var now = files.fingerprint();
                if (!now.equals(seen)) {
                    seen = now;
                    bell.ring();
                }
                board.look();
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "The spec files could not be looked at; it is tried again", e);
                bell.ring();
                if (!rest()) {
                    return;
                }
            }
        }
    }

    private static boolean rest() {
        try {
            Thread.sleep(LOOK);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void pass() {
        while (!closed) {
            try {
                boolean rung = bell.await(SILENCE, QUIET);
                if (rung || !board.last().outcome().refused().isEmpty()) {
                    var pass = reconciler.pass();
                    if (closed) {
                        return; // what it could not do, it could not because of that
                    }
                    tell(pass);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "What is declared could not be followed; it is tried again", e);
            }
        }
    }

    /// Logs what was done, and each problem when it is new.
    private void tell(Pass pass) {
        pass.outcome().changed().forEach(done -> LOG.log(System.Logger.Level.INFO, "Done: {0}", done));
        var problems = new TreeSet<String>();
        pass.declared().problems().stream().map(Problem::toString).forEach(problems::add);
        pass.outcome()
                .refused()
                .forEach((router, why) -> problems.add("router " + router + " goes on as it was: " + why));
        problems.stream()
                .filter(problem -> !told.contains(problem))
                .forEach(problem -> LOG.log(System.Logger.Level.WARNING, problem));
        if (problems.isEmpty() && !told.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, "All problems in what is declared are mended");
        }
        told = Set.copyOf(problems);
    }

    /// Ends watching, after the pass that is under way, or without it when that takes too
    /// long. Safe twice and without start.
    @Override
    public void close() {
        closed = true;
        looking.interrupt();
        passing.interrupt();
        try {
            if (passing.isAlive()) {
                if (!passing.join(lastPass)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "A change of what is declared is still being made; not waited for");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
