package io.logroute.flow;

import java.io.IOException;

/// The destination does not know us, or gives us no right to what was asked: it is tried again, but somebody has to
/// mend a secret or a right. A sink that can tell throws it from [Sink#prepare] or [Sink#write].
public final class NotAllowed extends IOException {
    public NotAllowed(String message) {
        super(message);
    }

    public NotAllowed(String message, Throwable cause) {
        super(message, cause);
    }
}
