package io.logroute.plan.swarm;

/// What a step was to change is no longer as it was when the step was planned: look again.
public final class OutOfDate extends Exception {
    public OutOfDate(String message) {
        super(message);
    }

    public OutOfDate(String message, Throwable cause) {
        super(message, cause);
    }
}
