package io.logroute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The seeds that a law goes through: `for (int seed : Seeds.upTo(500))`.
///
/// - `-Dlogroute.seeds=20000`: at least so many for each law.
/// - `-Dlogroute.seconds=60`: as many as fit into this time, 20 at least, fewer of
///   those that are long stories.
/// - `-Dlogroute.seed=373`: from this one on, and it alone unless `logroute.seeds` says more.
///
/// Each law leaves a line in the file `logroute.seeds.report`, when that is named, for
/// `./dev soak`: law, first seed, seeds, milliseconds, and `done` or the seed it did not survive.
public final class Seeds implements Iterable<Integer> {
    private static final @Nullable Integer FIRST = Integer.getInteger("logroute.seed");
    private static final int WANTED = Integer.getInteger("logroute.seeds", 0);
    private static final long NANOS = 1_000_000_000L * Integer.getInteger("logroute.seconds", 0);
    private static final int LEAST = 20;
    private static final String REPORT = System.getProperty("logroute.seeds.report", "");
    private static final Map<Seeds, String> UNFINISHED = new ConcurrentHashMap<>();

    static {
        if (!REPORT.isEmpty()) {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> UNFINISHED.keySet().forEach(law -> law.report(false))));
        }
    }

    private final String law;
    private final int first;
    private final int count;
    private final int least;
    private final long began = System.nanoTime();
    private int given;

    private Seeds(String law, int first, int count, int weight) {
        this.law = law;
        this.first = first;
        this.count = count;
        this.least = Math.max(1, LEAST / weight);
    }

    /// `usual` seeds from 0 on, unless properties say otherwise.
    public static Seeds upTo(int usual) {
        return upTo(usual, 1);
    }

    /// As [#upTo(int)]; one of these seeds is as much work as `weight` of others, so of many fewer
    /// are gone through.
    public static Seeds upTo(int usual, int weight) {
        String law = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().endsWith("Laws"))
                        .reduce((_, outer) -> outer)
                        .map(frame -> frame.getClassName()
                                        .substring(frame.getClassName().lastIndexOf('.') + 1) + "#"
                                + frame.getMethodName())
                        .orElse("?"));
        if (FIRST != null && NANOS == 0) {
            return new Seeds(law, FIRST, Math.max(1, WANTED / weight), weight);
        }
        return new Seeds(law, FIRST == null ? 0 : FIRST, Math.max(usual, WANTED / weight), weight);
    }

    /// Chance that is as different between neighbours as between any two seeds: the first draws of `new
    /// Random(0)` to `new Random(500)` are nearly alike, the first `nextBoolean` is true for all of them.
    public static Random random(long seed) {
        return new Random(seed * 0x9E37_79B9_7F4A_7C15L ^ seed >>> 32);
    }

    /// Whether so many seeds are gone through that what is rare must have been among them.
    public static boolean many() {
        return FIRST == null;
    }

    /// How many were gone through.
    public int given() {
        return given;
    }

    private boolean more() {
        if (NANOS == 0) {
            return given < count;
        }
        return given < least || System.nanoTime() - began < NANOS;
    }

    private void report(boolean done) {
        UNFINISHED.remove(this);
        if (REPORT.isEmpty()) {
            return;
        }
        String line = String.format(
                Locale.ROOT,
                "%s %d %d %d %s%n",
                law,
                first,
                given,
                (System.nanoTime() - began) / 1_000_000,
                done ? "done" : String.valueOf(first + given - 1));
        try {
            Files.writeString(Path.of(REPORT), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Iterator<Integer> iterator() {
        UNFINISHED.put(this, law);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                boolean more = more();
                if (!more) {
                    report(true);
                }
                return more;
            }

            @Override
            public Integer next() {
                if (NANOS == 0 && given >= count) {
                    throw new NoSuchElementException(law);
                }
                return first + given++;
            }
        };
    }
}
