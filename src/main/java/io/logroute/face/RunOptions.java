package io.logroute.face;

import java.nio.file.Path;
import java.util.List;

/// What `run` was told.
///
/// @param paths spec files and folders, at least one
/// @param host address that REST listens on
/// @param port port that REST listens on; 0 takes a free one
/// @param data folder that all state lies under
public record RunOptions(List<Path> paths, String host, int port, Path data) {
    public RunOptions {
        paths = List.copyOf(paths);
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("no path is named; name a spec file or a folder with some");
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException(
                    "--host is empty; write 127.0.0.1 for this machine only, 0.0.0.0 for all");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "--port is %d; write a number from 1 to 65535, or 0 for a free one".formatted(port));
        }
    }
}
