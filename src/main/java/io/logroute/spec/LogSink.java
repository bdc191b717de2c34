package io.logroute.spec;

import java.util.List;
import java.util.Optional;

/// A named destination. What it is stands in its spec beside the other keys:
/// `spec: { console: {}, maxLag: 2h }`.
@Doc("A named destination, for routes to send to.")
public record LogSink(
        Name name,

        @Doc(value = "What it is.", beside = true) SinkSpec to,

        @Doc(
                value = "How far it may lag: a size of what lies in the buffer from its place on, such as `4GiB`, or an"
                        + " age of its oldest event that is not settled, such as `2h`. Without it the limit is the"
                        + " buffer itself.",
                example = "2h")
        Optional<MaxLag> maxLag,

        @Doc(
                value =
                        "What happens when it lags more than `maxLag`, or holds up a buffer that is full. Without it the"
                                + " router's `buffer.whenFull` says.",
                example = "dropOldest")
        Optional<BufferSpec.WhenFull> whenFull,

        @Doc(value = "How much is kept of what it refuses for good, and how long.", or = "{}")
        DeadLettersSpec deadLetters,

        @Doc("Whose labels may name it. Without it, those of every service. Routes in specs always may.")
        Optional<Allow> allow)
        implements Document {
    /// One that lags as far as the buffer goes, and whose dead letters are kept as usual.
    public LogSink(Name name, SinkSpec to) {
        this(name, to, Optional.empty(), Optional.empty(), DeadLettersSpec.USUAL, Optional.empty());
    }

    @Doc("Whose labels may name a sink.")
    public record Allow(
            @Doc(
                    value = "Stacks whose services may name it in their labels, with `*` and `?`.",
                    example = "[shop, \"team-*\"]")
            List<Glob> stacks) {
        public Allow {
            stacks = List.copyOf(stacks);
        }
    }
}
