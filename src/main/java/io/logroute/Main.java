package io.logroute;

import io.logroute.face.Commands;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/// The door. Only `run` goes on to start Quarkus.
@QuarkusMain
public final class Main {
    private static final int CARRIERS = 4;

    private Main() {}

    public static void main(String[] args) {
        carriers();
        // What the commands need is named by lambdas so that a command loads only its own.
        var commands = new Commands(
                (options, _, err) -> new Wiring().run(options, err),
                (options, _, err) -> new ControllerRole().run(options, err),
                (options, err) -> new RouterRole().run(options, err),
                () -> new Wiring().foresight());
        int code = commands.execute(args);
        // System.exit starts the log, which takes longer than --version does; who ends well needs
        // it not.
        if (code != 0) {
            System.exit(code);
        }
    }

    /// Virtual threads share as many carriers as there are processors. Whoever opens, reads or writes a file keeps
    /// one, and Java takes another for that only while fewer run than it wants. On one or two processors two
    /// files on a disk that hangs would keep everything from running. Counts before the first virtual thread.
    private static void carriers() {
        var carriers = Integer.toString(Math.max(CARRIERS, Runtime.getRuntime().availableProcessors()));
        for (var property : List.of("parallelism", "minRunnable")) {
            var name = "jdk.virtualThreadScheduler." + property;
            if (System.getProperty(name) == null) {
                System.setProperty(name, carriers);
            }
        }
    }
}
