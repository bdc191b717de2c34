package io.logroute.flow;

/// What a source hears about a batch it handed over. Calls are short and do not block for long:
/// the thread that syncs the buffer makes them.
public interface Receipt {
    /// The events are safe, as the router understands it: acknowledge them.
    void stored();

    /// Do not acknowledge the events: they are not stored, or nobody will tell whether they are
    /// safe. `reason` is for the log and the client.
    void refused(String reason);
}
