package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
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
                    value = "A connection that sends nothing for so long is closed. Clients that ask for no acknowledgement, such"
                            + " as Docker's driver, lose what they write next: leave it long. Who is gone without a word is"
                            + " found by TCP.",
                    or = "24h")
            Duration idleTimeout,

            @Doc(value = "Largest message, before and after gunzip; a connection that sends a larger one is closed.", or = "32MiB")
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
                    value = "A TCP connection that sends nothing for so long is closed; what its client writes next is lost to"
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
                    value = "A TCP connection that sends nothing for so long is closed; what its client writes next is lost to"
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
