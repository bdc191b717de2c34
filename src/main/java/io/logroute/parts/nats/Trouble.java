package io.logroute.parts.nats;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Why there are no messages, told once for each reason that lasts, and when it is over; and how long
/// to wait before the next try. Used by one thread.
final class Trouble {
    private static final System.Logger LOG = System.getLogger(Trouble.class.getName());
    private static final Duration FIRST = Duration.ofMillis(250);
    private static final Duration MOST = Duration.ofSeconds(10);

    private final String who;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private String told = "";
    private int tries;

    Trouble(String who) {
        this.who = who;
    }

    /// One more try failed. The first one in a row is not worth a word: a server was restarted, or a
    /// leader elected.
    Duration failed(String why) {
        tries++;
        if (tries > 1 && !why.equals(told)) {
            told = why;
            LOG.log(System.Logger.Level.WARNING, "{0}: {1}", who, why);
        }
        long most = Math.min(MOST.toMillis(), FIRST.toMillis() << Math.min(tries - 1, 10));
        return Duration.ofMillis(most - random.nextLong(most / 2 + 1));
    }

    void over() {
        tries = 0;
        if (!told.isEmpty()) {
            told = "";
            LOG.log(System.Logger.Level.INFO, "{0}: goes on", who);
        }
    }
}
