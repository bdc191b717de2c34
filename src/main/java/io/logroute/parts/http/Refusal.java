package io.logroute.parts.http;

/// A request that ends before its events were handed on.
final class Refusal extends Exception {
    private final Reply reply;
    private final String reason;

    /// @param reason a word that never changes: it is a label of a metric
    Refusal(String reason, Reply reply) {
        super(reason, null, false, false);
        this.reply = reply;
        this.reason = reason;
    }

    Reply reply() {
        return reply;
    }

    String reason() {
        return reason;
    }
}
