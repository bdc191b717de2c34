package io.logroute.face;

import java.io.PrintWriter;

/// Runs a controller until it is told to stop.
@FunctionalInterface
public interface ControllerRunner {
    /// @param err gets the one message on what cannot start
    /// @return the exit code: 0 after a clean stop, 2 when something cannot start
    int run(ControllerOptions options, PrintWriter out, PrintWriter err);
}
