package io.logroute.remote;

/// No manager of the swarm answers; the message is for the user.
public final class SwarmUnreachable extends Exception {
    public SwarmUnreachable(String message, Throwable cause) {
        super(message, cause);
    }

    public SwarmUnreachable(String message) {
        super(message);
    }
}
