package io.logroute.face;

import io.logroute.spec.Name;
import java.nio.file.Path;

/// What `router` was told.
///
/// @param pipeline folder that the pipeline is mounted in
/// @param data folder that all state lies under
/// @param host address that management listens on
/// @param port port that management listens on; 0 takes a free one
/// @param router name of the fleet
/// @param instance number in the fleet
/// @param revision what the mounted pipeline is
/// @param generation which change of the fleet brought it
/// @param linkKey file with the key that the controller is known by; need not be there
public record RouterOptions(
        Path pipeline,
        Path data,
        String host,
        int port,
        String router,
        int instance,
        String revision,
        long generation,
        Path linkKey) {
    public RouterOptions {
        require(!host.isBlank(), "--host is empty; write 0.0.0.0 for all addresses, 127.0.0.1 for this machine only");
        require(port >= 0 && port <= 65_535, "--port is %d; write a number from 1 to 65535, or 0 for a free one", port);
        try {
            new Name(router);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--router: " + e.getMessage(), e);
        }
        require(instance >= 0, "--instance is %d; instances are numbered from 0", instance);
        require(
                revision.matches("[0-9a-f]{12}"),
                "--revision is \"%s\"; it has 12 hex digits, as in 3f9a1c0d2b4e",
                revision);
        require(generation >= 0, "--generation is %d; generations count up from 1", generation);
    }

    private static void require(boolean fits, String message, Object... values) {
        if (!fits) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
