package io.logroute.remote;

import java.io.IOException;

/// A file that is needed to ask servers of NATS is missing, or is not what it should be. That is known
/// without asking them, and no waiting mends it.
public final class NatsSetupWrong extends IOException {
    NatsSetupWrong(IOException why) {
        super(why.getMessage(), why);
    }
}
