package io.logroute;

import io.logroute.face.Commands;
import io.quarkus.runtime.annotations.QuarkusMain;

/// The door. Only `run` goes on to start Quarkus.
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
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
}
