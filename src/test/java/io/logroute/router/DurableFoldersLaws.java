package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import io.logroute.router.DeadLetters.Bounds;
import io.logroute.router.DeadLetters.Letter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever dead letters are said to be durable lie under names that are: each name that came since was there
/// when its folder was synced, whichever sync failed before.
class DurableFoldersLaws {
    private static final LetterId END = new LetterId(Long.MAX_VALUE, 0);

    @TempDir
    Path data;

    /// A disk whose sync number `failing` fails, which remembers the names that are durable.
    private final class Disk implements DurableFolders.Sync {
        private final int failing;
        private final Map<Path, Set<String>> durable = new HashMap<>();
        private int syncs;

        Disk(int failing) {
            this.failing = failing;
        }

        @Override
        public void sync(Path folder) throws IOException {
            if (++syncs == failing) {
                throw new IOException("EIO: sync " + folder);
            }
            durable.put(folder, names(folder));
        }

        void hasAll(String as, Path letters) throws IOException {
            for (var at = letters; at != null && !at.equals(data); at = at.getParent()) {
                assertThat(durable.getOrDefault(at, Set.of()))
                        .as(as + ": " + at)
                        .containsAll(names(at));
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static Set<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void whichever_sync_of_a_folder_fails_nothing_is_called_durable_before_it_was_made_up_for() throws Exception {
        int failed = 0;
        boolean reached = true;
        for (int n = 1; reached; n++) {
            var disk = new Disk(n);
            var folder = data.resolve("story-" + n).resolve("dead-letters").resolve("es");
            try (var letters = open(folder, disk)) {
                for (int i = 0; i < 4; i++) {
                    failed += untilItWorks(
                            "sync %d, letter %d".formatted(n, i), disk, folder, () -> letters.keep(List.of(letter())));
                }
                failed += untilItWorks(
                        "sync %d, removing".formatted(n),
                        disk,
                        folder,
                        () -> letters.remove(
                                letters.page(LetterFilter.ALL, LetterId.START, END, 1, 1 << 20)
                                        .letters(),
                                "purged"));
            }
            reached = disk.syncs >= n;
        }
        assertThat(failed).isGreaterThan(5);
    }

    @Test
    void a_new_process_syncs_what_one_before_it_may_have_owed() throws Exception {
        var folder = Files.createDirectories(
                data.resolve("core").resolve("dead-letters").resolve("es"));
        var disk = new Disk(0);
        try (var letters = open(folder, disk)) {
            letters.keep(List.of(letter()));
            disk.hasAll("kept", folder);
        }
    }

    /// How often it failed, once at most.
    private static int untilItWorks(String as, Disk disk, Path folder, Step step) throws IOException {
        try {
            step.run();
            disk.hasAll(as, folder);
            return 0;
        } catch (IOException e) {
            assertThat(e).as(as).hasMessageStartingWith("EIO");
            step.run();
            disk.hasAll(as + ", again", folder);
            return 1;
        }
    }

    private static Letter letter() {
        return new Letter(
                Event.of("{\"text\":\"%s\"}".formatted("x".repeat(3000)), Rig.NOON)
                        .addressed(new Address("r", 0, Optional.empty())),
                "refused");
    }

    private static DeadLetters open(Path folder, DurableFolders.Sync sync) {
        return new LettersOnDisk(
                folder,
                "core",
                "es",
                "buf",
                new Bounds(1 << 16, Duration.ofDays(30)),
                () -> Rig.NOON,
                (_, _) -> {},
                sync);
    }
}
