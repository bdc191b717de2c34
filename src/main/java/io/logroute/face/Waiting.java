package io.logroute.face;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;

/// What is waited for just now: one line on a terminal, which changes; elsewhere a line whenever there is
/// something new to say. Nothing at all when it is over soon.
final class Waiting implements AutoCloseable {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration REDRAWN_EVERY = Duration.ofMillis(100);
    private static final Duration LINE_EVERY = Duration.ofSeconds(2);
    /// A line that is broken cannot be taken away.
    private static final int WIDTH = 79;

    private static final Duration SLOW_LINE_EVERY = Duration.ofSeconds(10);

    private final PrintWriter to;
    private final boolean terminal;
    private final Duration lineEvery;
    private final LongSupplier nanos;
    private long next;
    private String last = "";

    /// @param nanos a clock like that of [System#nanoTime]
    Waiting(PrintWriter to, boolean terminal, LongSupplier nanos) {
        this(to, terminal, LINE_EVERY, nanos);
    }

    private Waiting(PrintWriter to, boolean terminal, Duration lineEvery, LongSupplier nanos) {
        this.to = to;
        this.lineEvery = lineEvery;
        this.terminal = terminal;
        this.nanos = nanos;
        this.next = nanos.getAsLong() + FIRST.toNanos();
    }

    static Waiting of(PrintWriter to) {
        return new Waiting(to, isTerminal(), System::nanoTime);
    }

    /// For what takes long, and has something new to say each time.
    static Waiting slowly(PrintWriter to) {
        return new Waiting(to, isTerminal(), SLOW_LINE_EVERY, System::nanoTime);
    }

    private static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /// @param words what is waited for, and why: `router core: Its task is preparing.`
    void at(int done, int of, String words) {
        long now = nanos.getAsLong();
        var line = "waiting for " + Ink.plain(words);
        if (now - next < 0 || line.equals(last) || words.isEmpty()) {
            return;
        }
        next = now + (terminal ? REDRAWN_EVERY : lineEvery).toNanos();
        last = line;
        if (terminal) {
            var drawn = "%d of %d, %s".formatted(done, of, line);
            to.print("\r\u001b[K" + drawn.substring(0, Math.min(WIDTH, drawn.length())));
        } else {
            to.println(line);
        }
        to.flush();
    }

    /// Takes the line away from the terminal.
    @Override
    public void close() {
        if (terminal && !last.isEmpty()) {
            to.print("\r\u001b[K");
            to.flush();
        }
    }
}
