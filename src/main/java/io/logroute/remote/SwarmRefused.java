package io.logroute.remote;

/// The swarm will not have a change; the message is Docker's, for the user.
public final class SwarmRefused extends Exception {
    public SwarmRefused(String message) {
        super(message);
    }
}
