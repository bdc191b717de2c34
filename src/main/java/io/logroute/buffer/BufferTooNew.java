package io.logroute.buffer;

import java.io.IOException;

/// The buffer was written by a newer LogRoute in a format that this one does not know. Nothing in
/// it was changed.
public final class BufferTooNew extends IOException {
    public BufferTooNew(String message) {
        super(message);
    }

    BufferTooNew(Disk disk, String file, int version) {
        this(
                "Buffer file %s in %s has format %d; this LogRoute reads up to %d. Run the newer LogRoute on this folder, or name another folder."
                        .formatted(file, disk, version, Format.VERSION));
    }
}
