package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.Optional;

@Doc("The durable log that every accepted event is written to once: on disk, or in memory for those who want none.")
public record BufferSpec(
        @Doc(value = "Bytes that its files may occupy. `8GiB` when nothing is written.", example = "8GiB")
        Optional<ByteSize> maxBytes,

        @Doc("Keeps it in memory, not on disk: a crash, a stop or a restart then loses what is not delivered. In place"
                + " of `maxBytes`.")
        Optional<Memory> memory,

        @Doc(
                value = "What happens while it is full, or a sink lags more than its `maxLag`; a sink's own `whenFull`"
                        + " goes before.",
                or = "block")
        WhenFull whenFull) {
    private static final ByteSize USUAL = new ByteSize(8L << 30);
    /// Bytes; a smaller one holds no segment.
    public static final long LEAST = 16 << 20;

    /// What a full buffer does.
    public enum WhenFull {
        @Doc("Sources wait, and make their clients wait.")
        BLOCK,
        @Doc("The oldest events are passed over for the sink that lags, counted and told; the others and the sources"
                + " go on.")
        DROP_OLDEST
    }

    @Doc(value = "A buffer in memory, outside the Java heap.", plain = "maxBytes")
    public record Memory(
            @Doc(value = "Bytes it may occupy.", or = "256MiB")
            ByteSize maxBytes) {
        public Memory {
            require(maxBytes.bytes() >= LEAST, "maxBytes is %s; write 16MiB or more", maxBytes);
        }
    }

    public BufferSpec {
        require(
                maxBytes.isEmpty() || memory.isEmpty(),
                "memory stands beside maxBytes, which is the size on disk; write the size in it, memory: { maxBytes:"
                        + " 256MiB }, and leave the other away");
        maxBytes.ifPresent(size -> require(size.bytes() >= LEAST, "maxBytes is %s; write 16MiB or more", size));
        maxBytes = memory.isPresent() ? Optional.empty() : Optional.of(maxBytes.orElse(USUAL));
    }

    /// One on disk.
    public static BufferSpec onDisk(ByteSize maxBytes, WhenFull whenFull) {
        return new BufferSpec(Optional.of(maxBytes), Optional.empty(), whenFull);
    }

    /// Bytes it may occupy, wherever it is.
    public ByteSize size() {
        return memory.map(Memory::maxBytes).or(() -> maxBytes).orElse(USUAL);
    }
}
