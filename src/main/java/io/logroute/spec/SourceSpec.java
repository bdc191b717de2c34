package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;
import java.util.List;
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

            @Doc(
                    value = "Where it begins in the log of a container that it has never read.",
                    or = "beginning")
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

    private static void requirePort(int port) {
        require(port >= 0 && port <= 65_535, "port is %d; write a number from 1 to 65535, or 0 for a free one", port);
    }
}
