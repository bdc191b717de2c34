package io.logroute.router;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A folder and the two above it, and which of them are owed a sync: names that came into them are durable only
/// when nothing is owed. A sync that failed stays owed; and since a process before this one may have died owing,
/// each is owed one to begin with. Guarded by its owner.
final class DurableFolders {
    /// Makes the names in a folder durable, or throws.
    interface Sync {
        void sync(Path folder) throws IOException;
    }

    private final Path folder;
    private final Sync sync;
    private final Set<Path> owed = new LinkedHashSet<>();

    DurableFolders(Path folder, Sync sync) {
        this.folder = folder.toAbsolutePath();
        this.sync = sync;
        var at = this.folder;
        for (int i = 0; i < 3 && at != null; i++, at = at.getParent()) {
            owed.add(at);
        }
    }

    static void syncToDisk(Path folder) throws IOException {
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /// Makes the folder and those around it where they are not there; [#settle] makes them durable.
    void make() throws IOException {
        for (var at = folder; at != null && Files.notExists(at); at = at.getParent()) {
            var above = at.getParent();
            if (above != null) {
                owed.add(above);
            }
        }
        Files.createDirectories(folder);
    }

    /// A name came into the folder, or went.
    void changed() {
        owed.add(folder);
    }

    /// Syncs what is owed.
    ///
    /// @throws IOException when a folder could not be synced; it is still owed then
    void settle() throws IOException {
        for (var each : List.copyOf(owed)) {
            sync.sync(each);
            owed.remove(each);
        }
    }
}
