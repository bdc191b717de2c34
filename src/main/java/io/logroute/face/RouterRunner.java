package io.logroute.face;

import java.io.PrintWriter;

/// Runs one router instance of a fleet in this process until it is told to stop.
@FunctionalInterface
public interface RouterRunner {
    /// @param err gets the one message on what cannot start
    /// @return the exit code: 0 after a clean stop, 2 when something cannot start
    int run(RouterOptions options, PrintWriter err);
}
