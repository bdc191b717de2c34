package io.logroute.buffer;

import java.io.IOException;
import java.nio.file.Path;

/// Another live process (or another `DiskBuffer` of this one) has the buffer open. A process that
/// died holds nothing: its lock went with it.
public final class BufferLocked extends IOException {
    BufferLocked(Path folder, String owner) {
        super(("Buffer %s is in use by %s. Stop that process, or give this router a data folder of its own; "
                        + "there is no need to delete anything.")
                .formatted(folder, owner));
    }
}
