package io.logroute.buffer.jetstream;

import java.io.IOException;

/// The servers say that there is no such stream.
final class StreamGone extends IOException {
    StreamGone(String stream) {
        super("stream %s is not there; somebody deleted it".formatted(stream));
    }
}
