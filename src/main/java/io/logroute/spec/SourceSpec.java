package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where events come in.
public sealed interface SourceSpec {
    /// What it is called in metrics, status and logs: the kind, and the port where it has one.
    String label();

    /// Whether it marks in the buffer how far it is.
    default boolean marks() {
        return false;
    }

    @Doc(
            "Takes events from Filebeat and other Beats, from Logstash's lumberjack output and from ampbeat: the Lumberjack"
                    + " protocol, versions 1 and 2. A window is acknowledged when all its events are on disk.")
    record Beats(
            @Doc(value = "Address to listen on.", example = "127.0.0.1", or = "0.0.0.0")
            String host,

            @Doc(value = "Port to listen on; 0 takes a free one.", example = "5044", or = "5044")
            int port,

            @Doc(value = "Connections at the same time; more are closed at once.", or = "1000")
            int maxConnections,

            @Doc(value = "A connection that sends nothing for so long, and waits for nothing, is closed.", or = "60s")
            Duration idleTimeout,

            @Doc("TLS, and mutual TLS where `clientCaFile` is set.")
            Optional<ServerTls> tls)
            implements SourceSpec {
        public Beats {
            requirePort(port);
            require(!host.isBlank(), "host is empty; write 0.0.0.0 for every address, 127.0.0.1 for this machine only");
            require(maxConnections >= 1, "maxConnections is %d; write 1 or more", maxConnections);
            require(
                    idleTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                    "idleTimeout is %s; write 1s or more (60s suits most clients)",
                    Durations.write(idleTimeout));
        }

        @Override
        public String label() {
            return "beats:" + port;
        }
    }

    @Doc(
            "Takes events over HTTP: POST a JSON object, an array of objects, or NDJSON, plain or gzip. 200 means that every"
                    + " event is on disk.")
    record Http(
            @Doc(value = "Address to listen on.", example = "127.0.0.1", or = "0.0.0.0")
            String host,

            @Doc(value = "Port to listen on; 0 takes a free one.", example = "8088", or = "8088")
            int port,

            @Doc(value = "Path to post to.", example = "/logs", or = "/")
            String path,

            @Doc(value = "Largest body, before and after gunzip; a larger one is answered with 413.", or = "16MiB")
            ByteSize maxBody,

            @Doc("TLS, and mutual TLS where `clientCaFile` is set.")
            Optional<ServerTls> tls,

            @Doc(
                    value =
                            "Whether it also answers as Elasticsearch does, so that a Beat, Logstash or a client whose output"
                                    + " is Elasticsearch can point here unchanged: `_bulk` and single documents are taken as events,"
                                    + " steps of a setup are answered and have no effect, everything else is refused.",
                    or = "false",
                    later = true)
            boolean elasticsearch)
            implements SourceSpec {
        public Http {
            requirePort(port);
            require(!host.isBlank(), "host is empty; write 0.0.0.0 for every address, 127.0.0.1 for this machine only");
            require(path.startsWith("/"), "path is \"%s\"; begin it with /", path);
            require(
                    maxBody.bytes() >= 1 && maxBody.bytes() <= 256 << 20,
                    "maxBody is %s; write a size from 1 to 256MiB",
                    maxBody);
        }

        @Override
        public String label() {
            return "http:" + port;
        }
    }

    @Doc("Takes messages from NATS: from a stream of JetStream, each acknowledged when its events are on disk, or from"
            + " subjects of core NATS, at most once. The instances of a fleet share the messages.")
    record Nats(
            @Doc(
                    value = "Servers of the cluster; the next is tried when one does not answer.",
                    example = "[\"nats://nats:4222\"]")
            List<URI> servers,

            @Doc(value = "The stream of JetStream to read.", example = "{ stream: LOGS }")
            Optional<NatsStream> jetstream,

            @Doc(
                    "Subjects of core NATS to listen to, in place of `jetstream`. At most once before us: what is sent while no"
                            + " instance is connected, or faster than it is stored, is lost, the latter counted.")
            Optional<NatsSubjects> core,

            @Doc(value = "What a message is.", or = "json") NatsCodec codec,

            @Doc(
                    value = "Field that the subject of the message is put into, where the event has no such field.",
                    example = "nats_subject")
            Optional<String> subjectField,

            @Doc("Who we are to NATS.") Optional<NatsAuth> auth,

            @Doc("TLS, where the certificates Java trusts are not enough, or the servers want one of ours.")
            Optional<ClientTls> tls)
            implements SourceSpec {
        public Nats {
            servers = List.copyOf(servers);
            NatsNames.requireServers(servers);
            require(
                    jetstream.isPresent() != core.isPresent(),
                    "%s; write jetstream: { stream: LOGS } to read a stream, or core: { subjects: [\"logs.>\"] } to"
                            + " listen to subjects",
                    jetstream.isPresent()
                            ? "jetstream and core stand beside each other"
                            : "neither jetstream nor core says where messages come from");
            subjectField.ifPresent(field -> require(
                    !field.isEmpty() && field.length() <= 200,
                    "subjectField is \"%s\"; write the name of a field, of 200 characters at most",
                    field));
        }

        @Override
        public String label() {
            return jetstream
                    .map(stream -> "nats:" + stream.stream() + "/" + stream.consumer())
                    .orElseGet(
                            () -> "nats:" + String.join(",", core.orElseThrow().subjects()));
        }
    }

    @Doc(
            value =
                    "A stream of JetStream, read through a durable pull consumer that all instances share. The stream must be"
                            + " there; the consumer is made when it is not.",
            plain = "stream")
    record NatsStream(
            @Doc(value = "Name of the stream.", example = "LOGS")
            String stream,

            @Doc(
                    value =
                            "Name of the durable consumer. It keeps the place in the stream: who reads the same stream for"
                                    + " another purpose gives it another name.",
                    or = "logroute")
            String consumer,

            @Doc(value = "Only messages with this subject; it may have `*` and `>` in it.", example = "logs.shop.>")
            Optional<String> subject,

            @Doc(value = "Where a consumer begins that is made.", or = "all")
            NatsStart start,

            @Doc(
                    value =
                            "A message that was neither acknowledged nor asked time for within it is delivered again, to any"
                                    + " instance. Who waits for room in the buffer asks for time.",
                    or = "30s")
            Duration ackWait,

            @Doc(
                    value =
                            "Messages delivered and not acknowledged yet, of all instances together, at most; each instance"
                                    + " holds 64MiB of them at most.",
                    or = "20000")
            int maxAckPending) {
        public NatsStream {
            NatsNames.requireName("stream", stream);
            NatsNames.requireName("consumer", consumer);
            subject.ifPresent(each -> NatsNames.requireSubscription("subject", each));
            require(
                    ackWait.compareTo(Duration.ofSeconds(1)) >= 0 && ackWait.compareTo(Duration.ofHours(1)) <= 0,
                    "ackWait is %s; write 1s to 1h (30s suits most)",
                    Durations.write(ackWait));
            require(
                    maxAckPending >= 1 && maxAckPending <= 1_000_000,
                    "maxAckPending is %d; write a number from 1 to 1000000 (20000 suits most)",
                    maxAckPending);
        }
    }

    /// Where a consumer of a stream begins.
    enum NatsStart {
        @Doc("At the first message that the stream has.")
        ALL,
        @Doc("After the last message that it has when the consumer is made.")
        NEW
    }

    @Doc(value = "Subjects of core NATS.", plain = "subjects")
    record NatsSubjects(
            @Doc(value = "Subjects; they may have `*` and `>` in them.", example = "[\"logs.>\"]")
            List<String> subjects,

            @Doc(value = "Queue group: of its members each message goes to one.", or = "logroute")
            String queue,

            @Doc(
                    value = "Messages that wait for room in the buffer, at most, and 64MiB of them; more are dropped,"
                            + " counted and told.",
                    or = "100000")
            int maxWaiting) {
        public NatsSubjects {
            subjects = List.copyOf(subjects);
            require(!subjects.isEmpty(), "subjects is empty; name at least one, such as logs.>");
            require(
                    subjects.size() <= 100 && subjects.stream().distinct().count() == subjects.size(),
                    "subjects has %d entries; write each once, and 100 at most",
                    subjects.size());
            subjects.forEach(each -> NatsNames.requireSubscription("subjects", each));
            NatsNames.requireSubscription("queue", queue);
            require(
                    maxWaiting >= 1 && maxWaiting <= 10_000_000,
                    "maxWaiting is %d; write a number from 1 to 10000000 (100000 suits most)",
                    maxWaiting);
        }
    }

    /// What a message is.
    enum NatsCodec {
        @Doc(
                "A JSON object, an array of objects, or one object a line. What is none is kept as text under `message`, tagged"
                        + " `_jsonparsefailure`.")
        JSON,
        @Doc("Text in UTF-8; the event has it under `message`, and under `@timestamp` when it was sent.")
        TEXT,
        @Doc(
                "A batch of AMP's agent (the protobuf `logs.GetReply`); each entry becomes an event with the fields that ampbeat"
                        + " gave. What is none is kept in base64 under `message`, tagged `_ampparsefailure`.")
        AMP
    }

    @Doc(
            "Reads the logs of the containers on the router's own node, through Docker's API: with `deploy: { perNode: true }`"
                    + " those of the whole swarm. How far it is in each container's log is stored together with the lines, so"
                    + " that a restart neither loses nor repeats one.")
    record Docker(
            @Doc(
                    value =
                            "Where Docker listens: `unix:///PATH`, which the controller mounts into the router's containers, or"
                                    + " `tcp://HOST:PORT`, a proxy in front of the node's socket say.",
                    example = "unix:///var/run/docker.sock",
                    or = "unix:///var/run/docker.sock")
            String host,

            @Doc(value = "Which containers. LogRoute's own are never read.", or = "all")
            Containers containers,

            @Doc(
                    value =
                            "Containers that are not read, by the name of their service or their own, with `*` and `?`: an"
                                    + " Elasticsearch that these logs go to, say.",
                    example = "[\"logs_elasticsearch\"]",
                    or = "[]")
            List<Glob> exclude,

            @Doc(value = "The names of the fields.", or = "amp")
            Schema schema,

            @Doc(value = "Where it begins in the log of a container that it has never read.", or = "beginning")
            StartAt startAt,

            @Doc(
                    value =
                            "A line longer than that becomes several events; all but the last have `log.flags: [partial]`."
                                    + " Docker itself cuts at 16 KiB, which is undone.",
                    or = "256KiB")
            ByteSize maxLine,

            @Doc("TLS towards a `tcp://` host.") Optional<ClientTls> tls)
            implements SourceSpec {
        /// Where Docker listens on nodes, unless told otherwise.
        public static final String USUAL_HOST = "unix:///var/run/docker.sock";

        private static final Pattern HOST = Pattern.compile("unix:///[^\\s:,]+|tcp://[A-Za-z0-9._-]+:[0-9]{1,5}");
        private static final long SHORTEST_LINE = 16 << 10;
        private static final long LONGEST_LINE = 4 << 20;

        /// Which containers.
        public enum Containers {
            @Doc("All on the node.")
            ALL,
            @Doc("Those that say `logroute.enable=true` in a label of the container, or of their service.")
            ENABLED
        }

        /// How fields are called.
        public enum Schema {
            @Doc("As AMP's agent and ampbeat call them: `msg`, `service_name`, `container_id`, ...")
            AMP,
            @Doc("As the Elastic Common Schema does: `message`, `service.name`, `container.id`, ...")
            ECS
        }

        /// Where to begin.
        public enum StartAt {
            @Doc("With the oldest line that Docker still has.")
            BEGINNING,
            @Doc("With what is written from now on. Containers that start later are read from their beginning.")
            NOW
        }

        public Docker {
            exclude = List.copyOf(exclude);
            require(
                    HOST.matcher(host).matches(),
                    "host is \"%s\"; write unix:///var/run/docker.sock, or tcp://HOST:2375",
                    host);
            require(
                    tls.isEmpty() || host.startsWith("tcp:"),
                    "tls stands beside host %s, a socket file; leave it away, or write tcp://HOST:2376",
                    host);
            require(
                    maxLine.bytes() >= SHORTEST_LINE && maxLine.bytes() <= LONGEST_LINE,
                    "maxLine is %s; write a size from 16KiB to 4MiB",
                    maxLine);
        }

        /// The socket's file on the node; empty where it is no file.
        public Optional<String> socket() {
            return host.startsWith("unix://") ? Optional.of(host.substring("unix://".length())) : Optional.empty();
        }

        @Override
        public String label() {
            return "docker";
        }

        @Override
        public boolean marks() {
            return true;
        }
    }

    @Doc(
            "Takes events over the Forward protocol, version 1: from Fluent Bit, Fluentd, fluent-logger libraries and Docker's"
                    + " fluentd log driver. What asks for an acknowledgement (`chunk`) gets it when the events are on disk.")
    record Fluent(
            @Doc(value = "Address to listen on.", example = "127.0.0.1", or = "0.0.0.0")
            String host,

            @Doc(value = "Port to listen on; 0 takes a free one.", example = "24224", or = "24224")
            int port,

            @Doc(value = "Connections at the same time; more are closed at once.", or = "1000")
            int maxConnections,

            @Doc(
                    value =
                            "A connection that sends nothing for so long is closed. Clients that ask for no acknowledgement, such"
                                    + " as Docker's driver, lose what they write next: leave it long. Who is gone without a word is"
                                    + " found by TCP.",
                    or = "24h")
            Duration idleTimeout,

            @Doc(
                    value = "Largest message, before and after gunzip; a connection that sends a larger one is closed.",
                    or = "32MiB")
            ByteSize maxMessage,

            @Doc("What clients must know: a shared key, and users where there are any.")
            Optional<FluentSecurity> security,

            @Doc("TLS, and mutual TLS where `clientCaFile` is set.")
            Optional<ServerTls> tls)
            implements SourceSpec {
        public Fluent {
            requirePort(port);
            requireListening(host, maxConnections, idleTimeout);
            requireMessage(maxMessage, 256 << 20);
        }

        @Override
        public String label() {
            return "fluent:" + port;
        }
    }

    @Doc("The handshake of the Forward protocol (`<security>` in Fluentd, `Shared_Key` in Fluent Bit).")
    record FluentSecurity(
            @Doc(value = "File with the key that clients have, too.", example = "/run/secrets/fluent-key")
            Path sharedKeyFile,

            @Doc(value = "What the server calls itself to clients.", or = "logroute")
            String selfHostname,

            @Doc(value = "Users; a client must be one of them when there are any.", or = "[]")
            List<FluentUser> users) {
        public FluentSecurity {
            users = List.copyOf(users);
            require(!selfHostname.isBlank(), "selfHostname is empty; write a name, such as logroute");
            require(
                    users.stream().map(FluentUser::username).distinct().count() == users.size(),
                    "users has a name twice; write each once");
        }
    }

    @Doc("One user of the Forward protocol.")
    record FluentUser(
            @Doc(value = "The name.", example = "fluent-bit")
            String username,

            @Doc(value = "File with the password.", example = "/run/secrets/fluent-password")
            Path passwordFile) {
        public FluentUser {
            require(!username.isBlank(), "username is empty; write a name");
        }
    }

    /// Which ways a port takes messages.
    enum Transport {
        @Doc("TCP alone.")
        TCP,
        @Doc("UDP alone.")
        UDP,
        @Doc("Both, on the same port.")
        BOTH
    }

    @Doc(
            "Takes syslog, RFC 5424 and RFC 3164, over UDP, TCP and TLS: from rsyslog, syslog-ng, network devices and Docker's"
                    + " syslog log driver. Syslog knows no acknowledgement: what was received and was not synced when the router"
                    + " dies is lost.")
    record Syslog(
            @Doc(value = "Address to listen on.", example = "127.0.0.1", or = "0.0.0.0")
            String host,

            @Doc(value = "Port to listen on; 0 takes a free one.", example = "5514", or = "5514")
            int port,

            @Doc(value = "Over what: `tcp`, `udp` or `both`.", or = "both")
            Transport transport,

            @Doc(value = "TCP connections at the same time; more are closed at once.", or = "1000")
            int maxConnections,

            @Doc(
                    value =
                            "A TCP connection that sends nothing for so long is closed; what its client writes next is lost to"
                                    + " it, so leave it long.",
                    or = "24h")
            Duration idleTimeout,

            @Doc(value = "Largest message over TCP; a longer one becomes several events.", or = "64KiB")
            ByteSize maxMessage,

            @Doc(value = "Time zone of timestamps that name none (RFC 3164).", example = "Europe/Berlin", or = "UTC")
            ZoneId timeZone,

            @Doc("TLS, and mutual TLS where `clientCaFile` is set; with `transport: tcp`.")
            Optional<ServerTls> tls)
            implements SourceSpec {
        public Syslog {
            requirePort(port);
            requireListening(host, maxConnections, idleTimeout);
            requireMessage(maxMessage, 16 << 20);
            require(
                    tls.isEmpty() || transport == Transport.TCP,
                    "tls is for TCP and transport is %s; write transport: tcp",
                    transport.name().toLowerCase(Locale.ROOT));
        }

        @Override
        public String label() {
            return "syslog:" + port;
        }
    }

    @Doc(
            "Takes GELF 1.1, Graylog's format, over UDP (in chunks, gzip, zlib or plain) and TCP: from Docker's gelf log driver"
                    + " and logging libraries. GELF knows no acknowledgement: what was received and was not synced when the"
                    + " router dies is lost.")
    record Gelf(
            @Doc(value = "Address to listen on.", example = "127.0.0.1", or = "0.0.0.0")
            String host,

            @Doc(value = "Port to listen on; 0 takes a free one.", example = "12201", or = "12201")
            int port,

            @Doc(value = "Over what: `tcp`, `udp` or `both`.", or = "both")
            Transport transport,

            @Doc(value = "TCP connections at the same time; more are closed at once.", or = "1000")
            int maxConnections,

            @Doc(
                    value =
                            "A TCP connection that sends nothing for so long is closed; what its client writes next is lost to"
                                    + " it, so leave it long.",
                    or = "24h")
            Duration idleTimeout,

            @Doc(value = "Largest message, before and after gunzip.", or = "2MiB")
            ByteSize maxMessage,

            @Doc("TLS, and mutual TLS where `clientCaFile` is set; with `transport: tcp`.")
            Optional<ServerTls> tls)
            implements SourceSpec {
        public Gelf {
            requirePort(port);
            requireListening(host, maxConnections, idleTimeout);
            requireMessage(maxMessage, 16 << 20);
            require(
                    tls.isEmpty() || transport == Transport.TCP,
                    "tls is for TCP and transport is %s; write transport: tcp",
                    transport.name().toLowerCase(Locale.ROOT));
        }

        @Override
        public String label() {
            return "gelf:" + port;
        }
    }

    @Doc("Makes up the logs of a web shop, to try things with.")
    record Demo(
            @Doc(value = "Events a second.", example = "20", or = "20")
            int eventsPerSecond) implements SourceSpec {
        public Demo {
            require(
                    eventsPerSecond >= 1 && eventsPerSecond <= 100_000,
                    "eventsPerSecond is %d; write a number from 1 to 100000",
                    eventsPerSecond);
        }

        @Override
        public String label() {
            return "demo";
        }
    }

    @Doc(
            "Takes events from Redis (6.2 or later): streams, and the lists that Logstash and Beats push to. What was taken is"
                    + " acknowledged there, or taken out, when it is on our disk.")
    record Redis(
            @Doc(
                    value =
                            "The server; of a cluster or of Sentinels, some that are asked for the others. `rediss://` speaks"
                                    + " TLS.",
                    example = "[\"redis://redis:6379\"]")
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
            Optional<ClientTls> tls,

            @Doc(value = "Streams, or lists, to take from; they need not be there yet.", example = "[logs]")
            List<String> keys,

            @Doc(value = "What the keys hold.", or = "stream")
            RedisForm form,

            @Doc(
                    value =
                            "Consumer group of the streams, which is made where it is not there, from the first entry on. All"
                                    + " that take part in one share the entries; each group gets all. The router's name when nothing is"
                                    + " written.",
                    example = "archive")
            Optional<String> group,

            @Doc(
                    value =
                            "What the instances are called there, with their number behind it: `core-0`. The router's name when"
                                    + " nothing is written; give each fleet its own where several are called the same and share a"
                                    + " group or a list.",
                    example = "eu1-core")
            Optional<String> consumer,

            @Doc(
                    value =
                            "An instance that has not been heard of for so long is taken for dead, and others take what it had"
                                    + " begun with.",
                    or = "1m")
            Duration claimAfter,

            @Doc(value = "What the entries and elements are.", or = "json")
            RedisCodec codec,

            @Doc(
                    value =
                            "Bytes taken from each key that are not on disk yet, at most; one reply of Redis, of about 4MiB, may"
                                    + " come on top.",
                    or = "32MiB")
            ByteSize maxUnacknowledged)
            implements SourceSpec {
        public Redis {
            at(servers, sentinel, cluster, database, auth, tls);
            keys = List.copyOf(keys);
            require(!keys.isEmpty(), "keys is empty; name at least one, such as logs");
            var seen = new HashSet<String>();
            for (var key : keys) {
                require(!key.isBlank(), "keys has an empty one; write its name");
                require(seen.add(key), "keys has %s twice; write it once", key);
            }
            group.ifPresent(name -> require(!name.isBlank(), "group is empty; leave it away or write a name"));
            consumer.ifPresent(name -> require(!name.isBlank(), "consumer is empty; leave it away or write a name"));
            require(
                    claimAfter.compareTo(Duration.ofSeconds(5)) >= 0 && claimAfter.compareTo(Duration.ofDays(1)) <= 0,
                    "claimAfter is %s; write 5s to 1d (1m suits most)",
                    Durations.write(claimAfter));
            require(
                    maxUnacknowledged.bytes() >= 1 << 20 && maxUnacknowledged.bytes() <= 1 << 30,
                    "maxUnacknowledged is %s; write a size from 1MiB to 1GiB",
                    maxUnacknowledged);
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

        @Override
        public String label() {
            return "redis:%s/%s".formatted(at().label(), String.join(",", keys));
        }
    }

    @Doc(
            "Takes what a swarm below sends up through its LogRelay. Each event stays as it came and says in `logroute.swarm`,"
                    + " `logroute.router` and `logroute.id` where it came from. What was taken is acknowledged in the relay when it is"
                    + " on our disk.")
    record Relay(
            @Doc(value = "The relay's Redis; `rediss://` speaks TLS.", example = "redis://relay.eu1.example:6379")
            Optional<URI> url,

            @Doc(
                    value =
                            "In place of `url`: some servers of a cluster, or Sentinels, each `redis://` or `rediss://`.",
                    or = "[]")
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
            Optional<ClientTls> tls,

            @Doc(value = "The stream, as the LogRelay says it.", or = "logroute")
            String stream,

            @Doc(
                    value =
                            "Consumer group. The instances of a fleet share what comes; each group gets all. The router's name"
                                    + " when nothing is written.",
                    example = "archive")
            Optional<String> group,

            @Doc(
                    value =
                            "What the instances are called in the group, with their number behind it: `core-0`. The router's name"
                                    + " when nothing is written; give each fleet its own where several are called the same and share"
                                    + " a group.",
                    example = "top-core")
            Optional<String> consumer,

            @Doc(
                    value =
                            "An instance that has not been heard of for so long is taken for dead, and others take what it had"
                                    + " begun with.",
                    or = "1m")
            Duration claimAfter,

            @Doc(
                    value =
                            "Bytes taken that are not on disk yet, at most; one reply of Redis, of about 4MiB, may come on top.",
                    or = "32MiB")
            ByteSize maxUnacknowledged)
            implements SourceSpec {
        /// What a LogRelay calls its stream when nothing is written.
        private static final String USUAL_STREAM = "logroute";

        public Relay {
            servers = List.copyOf(servers);
            require(
                    url.isPresent() == servers.isEmpty(),
                    "%s; write url: redis://HOST:6379",
                    url.isPresent()
                            ? "url and servers stand beside each other"
                            : "neither url nor servers says where it is");
            require(!stream.isBlank(), "stream is empty; leave it away or write the name of a stream");
            try {
                redis(
                        url,
                        servers,
                        sentinel,
                        cluster,
                        database,
                        auth,
                        tls,
                        stream,
                        group,
                        consumer,
                        claimAfter,
                        maxUnacknowledged);
            } catch (IllegalArgumentException e) {
                var told = String.valueOf(e.getMessage());
                throw new IllegalArgumentException(url.isPresent() ? told.replaceFirst("^servers ", "url ") : told, e);
            }
        }

        private static Redis redis(
                Optional<URI> url,
                List<URI> servers,
                Optional<RedisAt.Sentinel> sentinel,
                boolean cluster,
                int database,
                Optional<RedisAt.Auth> auth,
                Optional<ClientTls> tls,
                String stream,
                Optional<String> group,
                Optional<String> consumer,
                Duration claimAfter,
                ByteSize maxUnacknowledged) {
            return new Redis(
                    url.map(List::of).orElse(servers),
                    sentinel,
                    cluster,
                    database,
                    auth,
                    tls,
                    List.of(stream),
                    RedisForm.STREAM,
                    group,
                    consumer,
                    claimAfter,
                    RedisCodec.JSON,
                    maxUnacknowledged);
        }

        /// The source of Redis that it is.
        public Redis redis() {
            return redis(
                    url,
                    servers,
                    sentinel,
                    cluster,
                    database,
                    auth,
                    tls,
                    stream,
                    group,
                    consumer,
                    claimAfter,
                    maxUnacknowledged);
        }

        @Override
        public String label() {
            var at = redis().at().label();
            return stream.equals(USUAL_STREAM) ? "relay:" + at : "relay:%s/%s".formatted(at, stream);
        }
    }

    /// What entries of streams and elements of lists are.
    enum RedisCodec {
        @Doc(
                "JSON objects, or arrays of them; in a field `events` of an entry also one a line. What is none is kept as text"
                        + " under `message` and tagged `_jsonparsefailure`. An entry of several fields, or of one that does not"
                        + " begin like JSON, is an event with these fields.")
        JSON,
        @Doc("Lines of text, kept under `message`. An entry of several fields is an event with these fields.")
        TEXT
    }

    private static void requireListening(String host, int maxConnections, Duration idleTimeout) {
        require(!host.isBlank(), "host is empty; write 0.0.0.0 for every address, 127.0.0.1 for this machine only");
        require(maxConnections >= 1, "maxConnections is %d; write 1 or more", maxConnections);
        require(
                idleTimeout.compareTo(Duration.ofSeconds(1)) >= 0 && idleTimeout.compareTo(Duration.ofDays(20)) <= 0,
                "idleTimeout is %s; write a time from 1s to 20d (24h suits clients that are often silent)",
                Durations.write(idleTimeout));
    }

    private static void requireMessage(ByteSize maxMessage, int most) {
        require(
                maxMessage.bytes() >= 1 << 10 && maxMessage.bytes() <= most,
                "maxMessage is %s; write a size from 1KiB to %s",
                maxMessage,
                new ByteSize(most));
    }

    private static void requirePort(int port) {
        require(port >= 0 && port <= 65_535, "port is %d; write a number from 1 to 65535, or 0 for a free one", port);
    }
}
