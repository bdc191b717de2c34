package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;

@Doc("How much is kept of what the sink refuses for good, and how long. The oldest go first, and are counted.")
public record DeadLettersSpec(
        @Doc(value = "Bytes that their files may occupy.", example = "1GiB", or = "1GiB")
        ByteSize maxBytes,

        @Doc(value = "How old one may become.", example = "30d", or = "30d")
        Duration maxAge) {
    public DeadLettersSpec {
        require(maxBytes.bytes() >= 1 << 20, "maxBytes is %s; write 1MiB or more", maxBytes);
        require(
                maxAge.compareTo(Duration.ofMinutes(1)) >= 0 && maxAge.compareTo(Duration.ofDays(36_500)) <= 0,
                "maxAge is %s; write 1m to 36500d (30d suits most)",
                Durations.write(maxAge));
    }

    /// What holds when nothing is written.
    public static final DeadLettersSpec USUAL = new DeadLettersSpec(new ByteSize(1 << 30), Duration.ofDays(30));
}
