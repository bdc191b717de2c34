package io.logroute;

import io.logroute.face.Commands;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Set;

/// The door. Only `run` goes on to start Quarkus.
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // The runner is named by a lambda so that other commands do not load what it needs.
        var commands = new Commands((options, out, err) -> new Wiring().run(options, out, err), Set::of);
        int code = commands.execute(args);
        // System.exit starts the log, which takes longer than --version does; who ends well needs it not.
        if (code != 0) {
            System.exit(code);
        }
    }
}
