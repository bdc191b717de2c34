package io.logroute.face;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/// How far long work has come: a bar on a terminal, else a line now and then. Nothing at all when
/// it is over soon.
final class Progress implements AutoCloseable {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration BAR_EVERY = Duration.ofMillis(100);
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);
    private static final int WIDTH = 30;

    private final PrintWriter to;
    private final String what;
    private final boolean bar;
    private final boolean bytes;
    private final long began = System.nanoTime();
    private long told = began;
    private boolean drawn;

    /// @param what the work, such as `verify core`
    /// @param bytes whether amounts are bytes
    Progress(PrintWriter to, String what, boolean bytes) {
        this.to = to;
        this.what = what;
        this.bytes = bytes;
        var console = System.console();
        this.bar = console != null && console.isTerminal();
    }

    void at(long done, long of) {
        long now = System.nanoTime();
        var every = bar ? BAR_EVERY : LINE_EVERY;
        if (now - began < FIRST.toNanos() || now - told < every.toNanos()) {
            return;
        }
        told = now;
        var line = line(what, done, of, Duration.ofNanos(now - began), bytes, bar);
        if (bar) {
            to.print("\r\u001b[K" + line);
            drawn = true;
        } else {
            to.println(line);
        }
        to.flush();
    }

    static String line(String what, long done, long of, Duration spent, boolean bytes, boolean bar) {
        double part = of <= 0 ? 1 : Math.clamp((double) done / of, 0, 1);
        int full = (int) (part * WIDTH);
        double rate = done / Math.max(0.001, spent.toMillis() / 1000.0);
        var left = done == 0 ? "" : ", %d s left".formatted((long) ((of - done) / Math.max(1, rate)));
        return "%s %s%3d%%  %s of %s, %s/s%s"
                .formatted(
                        what,
                        bar ? "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "] " : "",
                        (int) (part * 100),
                        amount(done, bytes),
                        amount(of, bytes),
                        amount((long) rate, bytes),
                        left);
    }

    private static String amount(long number, boolean bytes) {
        return bytes ? Sizes.text(number) : String.format(Locale.ROOT, "%,d", number);
    }

    /// Takes the bar away.
    @Override
    public void close() {
        if (drawn) {
            to.print("\r\u001b[K");
            to.flush();
            drawn = false;
        }
    }
}
