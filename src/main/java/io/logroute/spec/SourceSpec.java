package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Where events come in.
public sealed interface SourceSpec {
    /// What it is called in metrics, status and logs: the kind, and the port where it has one.
    String label();

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
            Optional<ServerTls> tls)
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

    @Doc("Takes events from Redis (6.2 or later): streams, and the lists that Logstash and Beats push to. What was taken is"
            + " acknowledged there, or taken out, when it is on our disk.")
    record Redis(
            @Doc(
                    value = "The server; of a cluster or of Sentinels, some that are asked for the others. `rediss://` speaks"
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

            @Doc("TLS for `rediss://`, where the certificates Java trusts are not enough, or the server wants one of ours.")
            Optional<ClientTls> tls,

            @Doc(value = "Streams, or lists, to take from; they need not be there yet.", example = "[logs]")
            List<String> keys,

            @Doc(value = "What the keys hold.", or = "stream")
            RedisForm form,

            @Doc(
                    value = "Consumer group of the streams, which is made where it is not there, from the first entry on. All"
                            + " that take part in one share the entries; each group gets all. The router's name when nothing is"
                            + " written.",
                    example = "archive")
            Optional<String> group,

            @Doc(
                    value = "What the instances are called there, with their number behind it: `core-0`. The router's name when"
                            + " nothing is written; give each fleet its own where several are called the same and share a"
                            + " group or a list.",
                    example = "eu1-core")
            Optional<String> consumer,

            @Doc(
                    value = "An instance that has not been heard of for so long is taken for dead, and others take what it had"
                            + " begun with.",
                    or = "1m")
            Duration claimAfter,

            @Doc(value = "What the entries and elements are.", or = "json")
            RedisCodec codec,

            @Doc(
                    value = "Bytes taken from each key that are not on disk yet, at most; one reply of Redis, of about 4MiB, may"
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

    /// What entries of streams and elements of lists are.
    enum RedisCodec {
        @Doc("JSON objects, or arrays of them; in a field `events` of an entry also one a line. What is none is kept as text"
                + " under `message` and tagged `_jsonparsefailure`. An entry of several fields, or of one that does not"
                + " begin like JSON, is an event with these fields.")
        JSON,
        @Doc("Lines of text, kept under `message`. An entry of several fields is an event with these fields.")
        TEXT
    }

    private static void requirePort(int port) {
        require(port >= 0 && port <= 65_535, "port is %d; write a number from 1 to 65535, or 0 for a free one", port);
    }
}
