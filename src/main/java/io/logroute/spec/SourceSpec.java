package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;
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
            Optional<ServerTls> tls,

            @Doc(
                    value = "Whether it also answers as Elasticsearch does, so that a Beat, Logstash or a client whose output"
                            + " is Elasticsearch can point here unchanged: `_bulk` and single documents are taken as events,"
                            + " steps of a setup are answered and have no effect, everything else is refused.",
                    or = "false")
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
