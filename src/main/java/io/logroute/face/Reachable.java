package io.logroute.face;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether this user may look into a folder: what may not be looked into seems to be empty.
final class Reachable {
    private Reachable() {}

    /// @throws IOException when it is there and may not be looked into; the message is for the user
    static void need(Path folder) throws IOException {
        if (Files.isDirectory(folder) && !(Files.isReadable(folder) && Files.isExecutable(folder))) {
            throw new IOException(
                    "this user may not look into %s; ask as the user that LogRoute runs as".formatted(folder));
        }
    }
}
