package io.logroute.face;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;

/// What a command said, and its exit code.
record Said(int code, String out, String err) {
    static Said by(String... args) {
        return by((_, _, _) -> 0, false, args);
    }

    static Said by(Runner runner, boolean colour, String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = new Commands(runner, () -> Set.of("ampbeat"))
                .execute(new PrintWriter(out), new PrintWriter(err), colour, args);
        return new Said(code, out.toString(), err.toString());
    }
}
