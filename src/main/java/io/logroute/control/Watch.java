package io.logroute.control;

import io.logroute.spec.Problem;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/// Follows the spec files: when one comes, goes or changes, or the bell rings, it makes a pass.
/// What could not be done is tried again every half minute.
public final class Watch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Watch.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final int LOOKS_BEFORE_TRYING_AGAIN = 30;

    private final SpecFiles files;
    private final Reconciler reconciler;
    private final Bell bell;
    private final Thread thread;
    private Set<String> told = Set.of();

    /// @param first the pass that was made already
    public Watch(SpecFiles files, Reconciler reconciler, Bell bell, Pass first) {
        this.files = files;
        this.reconciler = reconciler;
        this.bell = bell;
        this.thread = Thread.ofVirtual().name("watch-specs").unstarted(() -> watch(first));
    }

    public void start() {
        thread.start();
    }

    private void watch(Pass first) {
        var pass = first;
        var seen = files.fingerprint();
        int looks = 0;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                boolean rung = bell.await(LOOK, QUIET);
                var now = files.fingerprint();
                boolean again = !pass.outcome().refused().isEmpty() && ++looks >= LOOKS_BEFORE_TRYING_AGAIN;
                if (rung || again || !now.equals(seen)) {
                    seen = now;
                    looks = 0;
                    pass = reconciler.pass();
                    tell(pass);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
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
        told = new HashSet<>(problems);
    }

    /// Ends watching, after the pass that is under way.
    @Override
    public void close() {
        thread.interrupt();
        try {
            if (thread.isAlive()) {
                thread.join(Duration.ofSeconds(15));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
