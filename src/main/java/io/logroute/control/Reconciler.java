package io.logroute.control;

import io.logroute.plan.Declared;
import io.logroute.plan.RouteTests;
import java.time.InstantSource;
import java.util.Set;

/// Keeps the fleet equal to what is declared. One thread makes the passes.
public final class Reconciler {
    private final SpecFiles files;
    private final Set<String> templates;
    private final RouteTests tests;
    private final Fleet fleet;
    private final StatusBoard board;
    private final InstantSource clock;
    private Declared last = Declared.NOTHING;

    /// @param templates names of the index templates that there are
    /// @param tests runs the tests of routes
    public Reconciler(
            SpecFiles files,
            Set<String> templates,
            RouteTests tests,
            Fleet fleet,
            StatusBoard board,
            InstantSource clock) {
        this.files = files;
        this.templates = Set.copyOf(templates);
        this.tests = tests;
        this.fleet = fleet;
        this.board = board;
        this.clock = clock;
    }

    /// Looks, decides, acts, tells.
    public Pass pass() {
        var declared = Declared.of(files.read(), last, templates, tests);
        var outcome = fleet.become(declared.pipelines());
        last = declared;
        var pass = new Pass(clock.instant(), declared, outcome);
        board.put(pass);
        outcome.changed().forEach(done -> board.history().happened(History.Kind.STEP, "controller", done));
        return pass;
    }
}
