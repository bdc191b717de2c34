package io.logroute.flow;

/// What a sink needs at its destination before the first write, and where that stands.
public sealed interface Preparation {
    /// Nothing is needed.
    record NotNeeded() implements Preparation {}

    /// It was not looked at yet, or the destination could not be reached: writes wait.
    record Pending(String reason) implements Preparation {}

    /// It is there; `detail` says what, such as "template ampbeat, version 1".
    record Done(String detail) implements Preparation {}

    /// The destination has something else there that is not ours, or did not take ours. Writing
    /// goes on where that harms nothing; `reason` says what is wrong, `mend` what to do.
    record Refused(String reason, String mend) implements Preparation {}
}
