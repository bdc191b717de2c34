package io.logroute.spec;

import static io.logroute.spec.Require.require;

@Doc("The durable log on disk that every accepted event is written to once.")
public record BufferSpec(
        @Doc(value = "Bytes that its files may occupy.", example = "8GiB", or = "8GiB")
        ByteSize maxBytes,

        @Doc(value = "What happens to sources while it is full.", or = "block")
        WhenFull whenFull) {
    /// What a full buffer does.
    public enum WhenFull {
        @Doc("Sources wait, and make their clients wait.")
        BLOCK
    }

    public BufferSpec {
        require(maxBytes.bytes() >= 16 << 20, "maxBytes is %s; write 16MiB or more", maxBytes);
    }
}
