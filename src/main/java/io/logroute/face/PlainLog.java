package io.logroute.face;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.jspecify.annotations.Nullable;

/// The log of a process that Quarkus does not run in, the same as where it does: what
/// `application.properties` says there is said here once more.
final class PlainLog {
    private static final String FORM = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c{1}: %s%e%n";
    /// Kept, so that what is set on it stays.
    private static @Nullable Logger ours;

    private PlainLog() {}

    /// Lets lines of log come out on the standard error; has to come before the first one.
    static void take() {
        Face.takeLog();
        show(new ConsoleHandler(ConsoleHandler.Target.SYSTEM_ERR, new PatternFormatter(FORM)));
    }

    private static void show(Handler handler) {
        var root = Logger.getLogger("");
        for (var each : root.getHandlers()) {
            root.removeHandler(each); // one of Quarkus, which waits for Quarkus to start
        }
        root.addHandler(handler);
        root.setLevel(Level.WARNING);
        ours = Logger.getLogger("io.logroute");
        ours.setLevel(Level.INFO);
    }
}
