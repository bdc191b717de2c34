package io.logroute.buffer.jetstream;

import java.io.IOException;

/// Another instance has opened the stream after this one: it owns it now, and this buffer takes and
/// gives nothing more.
public final class BufferTaken extends IOException {
    BufferTaken(String stream) {
        super(
                "another instance has opened stream %s and owns it now; this one stops using it. See that only one router runs with this name"
                        .formatted(stream));
    }
}
