package io.logroute.control;

import io.logroute.plan.Declared;
import java.time.Instant;

/// One pass of the controller: what it saw declared and what came of it.
public record Pass(Instant at, Declared declared, Fleet.Outcome outcome) {
    /// Whether everything that is declared runs, and nothing was wrong.
    public boolean settled() {
        return declared.problems().isEmpty() && outcome.refused().isEmpty();
    }
}
