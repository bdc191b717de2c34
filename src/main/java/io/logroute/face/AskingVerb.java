package io.logroute.face;

import java.io.IOException;
import picocli.CommandLine.Mixin;

/// A verb that asks a running LogRoute.
abstract class AskingVerb extends Verb {
    @Mixin
    private Where where = new Where();

    @Override
    public final Integer call() {
        var asking = where.asking(line());
        try {
            return ask(asking);
        } catch (IOException e) {
            return cannot(asking.unanswered(e));
        }
    }

    /// @return the exit code
    abstract int ask(Asking asking) throws IOException;

    /// Whoever asks, for the record.
    static String who() {
        return System.getProperty("user.name", "");
    }
}
