package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;

/// How far a sink may lag: a size (`4GiB`) of what lies in the buffer from its place on, or an age
/// (`2h`) of its oldest event that is not settled.
public sealed interface MaxLag {
    /// Bytes in the buffer.
    record Size(ByteSize size) implements MaxLag {
        public Size {
            require(size.bytes() >= 1 << 20, "maxLag is %s; write 1MiB or more, or a time such as 2h", size);
        }

        @Override
        public String toString() {
            return size.toString();
        }
    }

    /// Time since the oldest event was received.
    record Age(Duration time) implements MaxLag {
        public Age {
            require(
                    time.compareTo(Duration.ofSeconds(1)) >= 0 && time.compareTo(Duration.ofDays(36_500)) <= 0,
                    "maxLag is %s; write 1s to 36500d, or a size such as 4GiB",
                    Durations.write(time));
        }

        @Override
        public String toString() {
            return Durations.write(time);
        }
    }

    /// @throws IllegalArgumentException when the text is neither a size nor a duration
    static MaxLag parse(String text) {
        var stripped = text.strip();
        if (Durations.isOne(stripped)) {
            return new Age(Durations.parse(stripped));
        }
        try {
            return new Size(ByteSize.parse(stripped));
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).startsWith("maxLag")) {
                throw e;
            }
            throw new IllegalArgumentException(
                    "\"%s\" is neither a size nor a time; write for instance 4GiB or 2h".formatted(text), e);
        }
    }
}
