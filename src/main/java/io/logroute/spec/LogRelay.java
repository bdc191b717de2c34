package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A Redis between two tiers of routers. To the routes of its own swarm it is a sink of its name; the routers of the
/// swarm above take from it with their source `relay`.
@Doc(
        "A Redis between two tiers of routers: what routes of this swarm send to it, a router of the swarm above takes. Either"
                + " the controller deploys it, or it exists.")
public record LogRelay(
        Name name,

        @Doc(value = "What this swarm is called above: each event says so in `logroute.swarm`.", example = "eu1")
        Name swarm,

        @Doc("The Redis that the controller deploys here, with a volume of its own.")
        Optional<Deployed> deploy,

        @Doc("A Redis that exists, in place of `deploy`.") Optional<Existing> redis,

        @Doc(value = "The stream in it.", or = "logroute") String stream,

        @Doc(
                value =
                        "Events that wait there to be taken, at most. When there are as many the routers wait, and their"
                                + " buffers fill. Without it, the memory of Redis is the limit.",
                example = "10000000")
        Optional<Integer> maxLength,

        @Doc(value = "How far it may lag, as the `maxLag` of a sink.", example = "2h")
        Optional<MaxLag> maxLag,

        @Doc(
                value =
                        "What happens when it lags more than `maxLag`, or holds up a buffer that is full. Without it the"
                                + " router's `buffer.whenFull` says.",
                example = "dropOldest")
        Optional<BufferSpec.WhenFull> whenFull,

        @Doc(value = "How much is kept of what cannot be handed on, and how long.", or = "{}")
        DeadLettersSpec deadLetters,

        @Doc("Whose labels may name it. Without it, those of every service. Routes in specs always may.")
        Optional<LogSink.Allow> allow)
        implements Document {
    public LogRelay {
        require(!stream.isBlank(), "stream is empty; leave it away or write the name of a stream");
        require(
                FieldTemplate.parse(stream).isPlain(),
                "stream is \"%s\"; write the name of one stream, without %%{...}: all events of a relay go through it",
                stream);
        require(
                deploy.isPresent() != redis.isPresent(),
                "%s; write deploy: { passwordSecret: NAME } for a Redis that the controller starts, or redis: { servers:"
                        + " [\"redis://HOST:6379\"] } for one that exists",
                deploy.isPresent()
                        ? "deploy and redis stand beside each other"
                        : "neither deploy nor redis says which Redis");
        maxLength.ifPresent(most -> require(most >= 1, "maxLength is %d; write 1 or more", most));
    }

    /// Events in an entry: Redis spends as much on an entry of one event as on one of hundreds.
    private static final int EVENTS_PER_ENTRY = 500;

    /// Where routers find their secrets.
    private static final Path SECRETS = Path.of("/run/secrets");

    /// How routers of its swarm, and those that join its networks, reach a Redis that the controller deploys.
    public String host() {
        return "relay-" + name;
    }

    /// Where its Redis is for routers of its swarm.
    public RedisAt at() {
        return redis.map(Existing::at)
                .or(() -> deploy.map(each -> each.at(host())))
                .orElseThrow();
    }

    /// The sink that it is to routers of its swarm.
    public LogSink asSink() {
        var at = at();
        var sink = new SinkSpec.Redis(
                at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                at.auth(),
                at.tls(),
                FieldTemplate.parse(stream),
                RedisForm.STREAM,
                Optional.empty(),
                maxLength,
                SinkSpec.RedisTrim.ACKNOWLEDGED,
                EVENTS_PER_ENTRY,
                SinkSpec.RedisBatch.USUAL,
                Optional.of(new SinkSpec.RedisOrigin(swarm)));
        return new LogSink(name, sink, maxLag, whenFull, deadLetters, allow);
    }

    /// The Docker secrets that a Redis has that the controller deploys, by their place in the document.
    public Map<String, String> secrets() {
        var named = new LinkedHashMap<String, String>();
        deploy.ifPresent(each -> {
            named.put("spec.deploy.passwordSecret", each.passwordSecret());
            each.tls().ifPresent(tls -> {
                named.put("spec.deploy.tls.certificateSecret", tls.certificateSecret());
                named.put("spec.deploy.tls.keySecret", tls.keySecret());
                named.put("spec.deploy.tls.caSecret", tls.caSecret());
            });
        });
        return named;
    }

    @Doc("A Redis that exists.")
    public record Existing(
            @Doc(
                    value =
                            "The server; of a cluster or of Sentinels, some that are asked for the others. `rediss://` speaks"
                                    + " TLS.",
                    example = "[\"rediss://relay.example:6379\"]")
            List<URI> servers,

            @Doc("Says that `servers` are Sentinels, and which master of theirs is meant.")
            Optional<RedisAt.Sentinel> sentinel,

            @Doc(value = "Whether `servers` are of a cluster.", or = "false")
            boolean cluster,

            @Doc(value = "Number of the database.", or = "0")
            int database,

            @Doc("Who we are to Redis.") Optional<RedisAt.Auth> auth,

            @Doc(
                    "TLS for `rediss://`, where the certificates Java trusts are not enough, or the server wants one of ours.")
            Optional<ClientTls> tls) {
        public Existing {
            servers = at(servers, sentinel, cluster, database, auth, tls).servers();
        }

        private static RedisAt at(
                List<URI> servers,
                Optional<RedisAt.Sentinel> sentinel,
                boolean cluster,
                int database,
                Optional<RedisAt.Auth> auth,
                Optional<ClientTls> tls) {
            return new RedisAt(servers, sentinel, cluster, database, auth, tls);
        }

        public RedisAt at() {
            return at(servers, sentinel, cluster, database, auth, tls);
        }
    }

    /// When what was written is on the disk of Redis (`appendfsync`).
    public enum Fsync {
        @Doc("Before a write is answered: what a router has handed over survives everything but the disk.")
        ALWAYS,
        @Doc("Each second: quicker, and a Redis whose machine dies may lose a second of what routers have handed over.")
        EVERY_SECOND
    }

    @Doc(
            "A Redis that the controller runs as a Swarm service: append-only, one that makes its writers wait when its memory is"
                    + " full, beside it an exporter for Prometheus.")
    public record Deployed(
            @Doc(value = "Docker secret with the password.", example = "relay-password")
            String passwordSecret,

            @Doc(value = "Its memory for entries; when they fill it, the routers wait.", or = "512MiB")
            ByteSize memory,

            @Doc(value = "When what was written is on disk.", or = "always")
            Fsync fsync,

            @Doc(value = "Port on its node, in host mode, for the routers above.", example = "6379")
            Optional<Integer> publish,

            @Doc(
                    value = "Overlay networks that it joins, beside the one of the controller and the routers.",
                    example = "[up]",
                    or = "[]")
            List<String> networks,

            @Doc(
                    value = "Swarm placement constraints. It stays on the node it was started on, as its volume does.",
                    example = "[\"node.labels.relay == true\"]",
                    or = "[]")
            List<String> constraints,

            @Doc(value = "The volume with its append-only files.", or = "{}")
            DeploySpec.Volume volume,

            @Doc("TLS in place of plain connections.") Optional<RelayTls> tls,

            @Doc(value = "The image, of Redis 6.2 or later.", or = "redis:7.2-alpine")
            String image,

            @Doc(value = "Whether an exporter for Prometheus runs beside it.", or = "true")
            boolean exporter,

            @Doc(value = "The image of the exporter, one with a shell.", or = "oliver006/redis_exporter:v1.67.0-alpine")
            String exporterImage) {
        public Deployed {
            networks = List.copyOf(networks);
            constraints = List.copyOf(constraints);
            require(
                    memory.bytes() >= 16 << 20 && memory.bytes() <= 1L << 40,
                    "memory is %s; write a size from 16MiB to 1TiB (512MiB suits most)",
                    memory);
            publish.ifPresent(
                    port -> require(port >= 1 && port <= 65_535, "publish is %d; write a port, 1 to 65535", port));
            DeploySpec.requireObject("passwordSecret", passwordSecret, "Docker secret");
            networks.forEach(network -> DeploySpec.requireObject("networks", network, "network"));
            DeploySpec.requireConstraints(constraints);
            DeploySpec.requireImage("image", image);
            DeploySpec.requireImage("exporterImage", exporterImage);
        }

        private RedisAt at(String host) {
            var scheme = tls.isPresent() ? "rediss" : "redis";
            return new RedisAt(
                    List.of(URI.create("%s://%s:%d".formatted(scheme, host, RedisAt.PORT))),
                    Optional.empty(),
                    false,
                    0,
                    Optional.of(new RedisAt.Auth(Optional.empty(), SECRETS.resolve(passwordSecret))),
                    tls.map(each -> new ClientTls(
                            Optional.of(SECRETS.resolve(each.caSecret())), Optional.empty(), Optional.empty(), true)));
        }
    }

    @Doc("The certificate of a Redis that the controller deploys: Docker secrets with PEM.")
    public record RelayTls(
            @Doc(value = "Docker secret with its certificate.", example = "relay-cert")
            String certificateSecret,

            @Doc(value = "Docker secret with the key of the certificate.", example = "relay-key")
            String keySecret,

            @Doc(
                    value = "Docker secret with the authority that signed it, by which routers of this swarm know it.",
                    example = "relay-ca")
            String caSecret) {
        public RelayTls {
            DeploySpec.requireObject("certificateSecret", certificateSecret, "Docker secret");
            DeploySpec.requireObject("keySecret", keySecret, "Docker secret");
            DeploySpec.requireObject("caSecret", caSecret, "Docker secret");
        }
    }
}
