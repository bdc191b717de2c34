package io.logroute.buffer;

import java.io.IOException;

/// What a buffer would lie on cannot be one as it is, and no waiting mends that. Nothing in it was
/// changed.
public final class BufferUnfit extends IOException {
    public BufferUnfit(String message) {
        super(message);
    }
}
