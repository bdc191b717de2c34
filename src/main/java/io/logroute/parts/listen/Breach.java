package io.logroute.parts.listen;

/// A client does what it may not: its connection is closed for this reason.
public final class Breach extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    /// @param reason one word, for the metric
    public Breach(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
