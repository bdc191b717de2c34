package io.logroute.face;

import io.logroute.parts.elastic.Mappings;
import io.logroute.router.Foresight;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What a command said, and its exit code.
record Said(int code, String out, String err) {
    static Said by(String... args) {
        return by((_, _, _) -> 0, false, args);
    }

    static Said by(Runner runner, boolean colour, String... args) {
        return reading("", runner, colour, args);
    }

    /// With that on the standard input.
    static Said reading(String in, String... args) {
        return reading(in, (_, _, _) -> 0, false, args);
    }

    private static Said reading(String in, Runner runner, boolean colour, String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = new Commands(
                        runner,
                        (_, _, _) -> 0,
                        (_, _) -> 0,
                        () -> new Foresight(Mappings.of(Optional.empty())),
                        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)))
                .execute(new PrintWriter(out), new PrintWriter(err), colour, args);
        return new Said(code, out.toString(), err.toString());
    }
}
