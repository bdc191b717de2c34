package io.logroute.face;

import java.io.PrintWriter;
import java.util.Optional;

/// A Java that can leave a virtual thread that waits behind for ever, whoever wakes it: JDK-8369227, mended in 25.0.3
/// and 26.0.1. Nearly everything here runs on virtual threads.
public final class OldJava {
    private OldJava() {}

    /// Tells whoever starts something that goes on.
    public static void tell(PrintWriter err) {
        warning(Runtime.version()).ifPresent(err::println);
        err.flush();
    }

    static Optional<String> warning(Runtime.Version version) {
        boolean isOld = switch (version.feature()) {
            case 25 -> version.interim() == 0 && version.update() < 3;
            case 26 -> version.interim() == 0 && version.update() < 1;
            default -> false;
        };
        return isOld
                ? Optional.of(
                        "This runs on Java %s, which can leave a thread that waits for a source or a sink behind for ever (JDK-8369227). Use Java 25.0.3, or 26.0.1, or a later one; an image gets it when it is built anew on a newer base."
                                .formatted(version))
                : Optional.empty();
    }
}
