package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.util.List;
import java.util.Optional;

@Doc("The durable log that every accepted event is written to once: on disk, on a NATS JetStream stream, or in memory"
        + " for those who want none of them.")
public record BufferSpec(
        @Doc(value = "Bytes that its files may occupy. `8GiB` when nothing is written.", example = "8GiB")
        Optional<ByteSize> maxBytes,

        @Doc("Keeps it in memory, not on disk: a crash, a stop or a restart then loses what is not delivered. In place"
                + " of `maxBytes`.")
        Optional<Memory> memory,

        @Doc("Keeps it on a stream of a NATS JetStream cluster, not on disk: it survives the loss of a node, and the"
                + " router needs no volume. In place of `maxBytes`.")
        Optional<JetStream> jetstream,

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

    @Doc(
            value =
                    "A buffer on streams of a NATS server with JetStream (2.9 or later): one for the events of each"
                            + " instance, one for its dead letters. An event is acknowledged after most of the replicas have it.",
            plain = "servers")
    public record JetStream(
            @Doc(
                    value = "Servers of the cluster; the next is tried when one does not answer.",
                    example = "[\"nats://nats:4222\"]")
            List<URI> servers,

            @Doc(
                    value =
                            "Copies that the cluster keeps of each stream, on as many of its servers. One of three may be"
                                    + " lost, two of five; with `1` what is on that server is lost with it.",
                    or = "3")
            int replicas,

            @Doc(value = "Bytes of events that it may hold; each replica occupies so much.", or = "8GiB")
            ByteSize maxBytes,

            @Doc(
                    value = "What the names of the streams begin with: `LOGROUTE_core-0` and `LOGROUTE_core-0_DEAD` are"
                            + " those of instance 0 of router core. Give each swarm its own where several use one cluster:"
                            + " a stream has one router, and whoever opened it last.",
                    example = "EU1",
                    or = "LOGROUTE")
            String stream,

            @Doc("Who we are to NATS.") Optional<NatsAuth> auth,

            @Doc("TLS, where the certificates Java trusts are not enough, or the servers want one of ours.")
            Optional<ClientTls> tls) {
        public JetStream {
            servers = List.copyOf(servers);
            NatsNames.requireServers(servers);
            require(
                    replicas >= 1 && replicas <= 5,
                    "replicas is %d; write a number from 1 to 5 (3 suits most)",
                    replicas);
            require(maxBytes.bytes() >= LEAST, "maxBytes is %s; write 16MiB or more", maxBytes);
            require(
                    stream.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,31}"),
                    "stream is \"%s\"; write letters, digits, _ and -, 32 at most",
                    stream);
        }

        /// Whether the other one is the same, whatever its size.
        public boolean isSameButForSize(JetStream other) {
            return equals(new JetStream(other.servers, other.replicas, maxBytes, other.stream, other.auth, other.tls));
        }
    }

    public BufferSpec {
        require(
                maxBytes.isEmpty() || memory.isEmpty(),
                "memory stands beside maxBytes, which is the size on disk; write the size in it, memory: { maxBytes:"
                        + " 256MiB }, and leave the other away");
        require(
                maxBytes.isEmpty() || jetstream.isEmpty(),
                "jetstream stands beside maxBytes, which is the size on disk; write the size in it, jetstream: {"
                        + " servers: [...], maxBytes: 8GiB }, and leave the other away");
        require(
                memory.isEmpty() || jetstream.isEmpty(),
                "jetstream stands beside memory; a router has one buffer: leave one of them away");
        maxBytes.ifPresent(size -> require(size.bytes() >= LEAST, "maxBytes is %s; write 16MiB or more", size));
        maxBytes = memory.isPresent() || jetstream.isPresent() ? Optional.empty() : Optional.of(maxBytes.orElse(USUAL));
    }

    /// One on disk.
    public static BufferSpec onDisk(ByteSize maxBytes, WhenFull whenFull) {
        return new BufferSpec(Optional.of(maxBytes), Optional.empty(), Optional.empty(), whenFull);
    }

    /// One in memory.
    public static BufferSpec inMemory(ByteSize maxBytes, WhenFull whenFull) {
        return new BufferSpec(Optional.empty(), Optional.of(new Memory(maxBytes)), Optional.empty(), whenFull);
    }

    /// Whether it lies under the router's own folder, and so on its volume.
    public boolean isOnDisk() {
        return maxBytes.isPresent();
    }

    /// Bytes it may occupy, wherever it is.
    public ByteSize size() {
        return memory.map(Memory::maxBytes)
                .or(() -> jetstream.map(JetStream::maxBytes))
                .or(() -> maxBytes)
                .orElse(USUAL);
    }
}
