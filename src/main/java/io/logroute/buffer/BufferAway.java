package io.logroute.buffer;

import java.io.IOException;

/// What a buffer lies on does not answer, or does not take us now. That may pass without anybody
/// changing the router.
public final class BufferAway extends IOException {
    public BufferAway(IOException why) {
        super(why.getMessage() == null ? why.toString() : why.getMessage(), why);
    }
}
