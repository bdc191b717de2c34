package io.logroute.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A disk under [Accepted] that dies at a moment, with the whole process.
class CrashingVolume implements Accepted.Disk {
    /// What the moment leaves behind.
    enum Wound {
        /// What was to be done is not.
        BEFORE,
        /// Half of what was written is there; all else is not.
        HALF,
        /// What was done is there.
        AFTER,
        /// What was done is there, but for names that no sync has made durable.
        FORGETFUL
    }

    /// The process is no more.
    static final class Died extends Error {
        Died(String what) {
            super("died at: " + what);
        }
    }

    private final int moment;
    private final Wound wound;
    private int at;
    /// What stood at names that were moved to and not synced since; null where nothing did.
    private final Map<Path, byte @Nullable []> undone = new LinkedHashMap<>();

    /// @param moment the step that it dies at, from 1; 0 never
    CrashingVolume(int moment, Wound wound) {
        this.moment = moment;
        this.wound = wound;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void step(String what, Step step) throws IOException {
        at++;
        if (at != moment) {
            step.run();
            return;
        }
        if (wound == Wound.AFTER || wound == Wound.FORGETFUL) {
            step.run();
        }
        if (wound == Wound.FORGETFUL) {
            forget();
        }
        throw new Died(what);
    }

    private void forget() throws IOException {
        for (var each : undone.entrySet()) {
            if (each.getValue() == null) {
                Files.deleteIfExists(each.getKey());
            } else {
                Files.write(each.getKey(), each.getValue());
            }
        }
    }

    @Override
    public void write(Path file, byte[] content) throws IOException {
        if (wound == Wound.HALF && at + 1 == moment) {
            Files.write(file, Arrays.copyOf(content, content.length / 2));
        }
        step("write " + file, () -> Accepted.REAL.write(file, content));
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step("move to " + to, () -> {
            undone.putIfAbsent(to, Files.exists(to) ? Files.readAllBytes(to) : null);
            Accepted.REAL.move(from, to);
        });
    }

    @Override
    public void sync(Path folder) {
        try {
            step("sync " + folder, () -> {
                Accepted.REAL.sync(folder);
                undone.keySet()
                        .removeIf(file -> folder.equals(file.toAbsolutePath().getParent()));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How many steps there were.
    int steps() {
        return at;
    }
}
