package io.logroute.remote;

import io.logroute.flow.NotAllowed;
import io.logroute.spec.RedisAt;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/// Where the keys of a Redis are, be it one server, a cluster, or one that Sentinels watch over. Each [#connect]
/// looks anew where Sentinels are asked, and reads the secrets anew, so that a new master and a new password need
/// nothing but another connection. Safe for all threads.
public final class RedisServers {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /// How long an answer may take. Whoever asks Redis to wait asks for less.
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final RedisAt at;
    /// Of a cluster: the first slot of each range, and who has it; empty where that is not known.
    private volatile TreeMap<Integer, HostAndPort> slots = new TreeMap<>();

    public RedisServers(RedisAt at) {
        this.at = at;
    }

    /// What people know it by.
    public String label() {
        return at.label();
    }

    /// Reads the files that connecting needs, so that what is missing is told at the start; sends nothing.
    ///
    /// @throws IOException with the file that is missing, or is not what it should be, and how to mend it
    public void check() throws IOException {
        config(at.auth(), at.database());
        if (at.sentinel().isPresent()) {
            config(at.sentinel().get().auth(), 0);
        }
    }

    /// Keys that have the same place may be written to over one connection.
    public String place(byte[] key) throws IOException {
        return at.cluster() ? nodeOf(key).toString() : at.label();
    }

    /// A connection to the server that has the key now.
    ///
    /// @throws NotAllowed when it does not let us in
    /// @throws IOException when there is none; the message says where it was looked for, and what to mend
    public RedisLink connect(byte[] key) throws IOException {
        if (at.sentinel().isPresent()) {
            return master(at.sentinel().get());
        }
        return at.cluster()
                ? connect(nodeOf(key))
                : connect(address(at.servers().getFirst(), RedisAt.PORT));
    }

    /// What is known of a cluster's nodes is not so any more.
    public void lookAnew() {
        slots = new TreeMap<>();
    }

    private HostAndPort nodeOf(byte[] key) throws IOException {
        var known = slots;
        if (known.isEmpty()) {
            known = askForSlots();
            slots = known;
        }
        int slot = JedisClusterCRC16.getSlot(key);
        var found = known.floorEntry(slot);
        if (found == null) {
            lookAnew();
            throw new IOException(
                    "no node of the Redis cluster %s has slot %d, where the key %s belongs; see that the cluster is whole (redis-cli cluster info)"
                            .formatted(label(), slot, new String(key, StandardCharsets.UTF_8)));
        }
        return found.getValue();
    }

    private TreeMap<Integer, HostAndPort> askForSlots() throws IOException {
        IOException last = null;
        for (var server : at.servers()) {
            var asked = address(server, RedisAt.PORT);
            try (var link = connect(asked)) {
                var found = slots(link.ask(RedisCommand.CLUSTER, bytes("SLOTS")), asked);
                if (!found.isEmpty()) {
                    return found;
                }
                last = new IOException("%s knows of no node that has slots".formatted(asked));
            } catch (RedisRefused e) {
                last = new IOException(
                        "%s is of no cluster (%s); leave cluster away, or name nodes of one"
                                .formatted(asked, e.getMessage()),
                        e);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last == null ? new IOException("no node is given") : last;
    }

    /// Of `[[first, last, [host, port, ...], replicas...], ...]`.
    private static TreeMap<Integer, HostAndPort> slots(@Nullable Object answer, HostAndPort asked) {
        var found = new TreeMap<Integer, HostAndPort>();
        if (answer instanceof List<?> ranges) {
            for (var range : ranges) {
                if (range instanceof List<?> parts
                        && parts.size() > 2
                        && parts.get(0) instanceof Long first
                        && parts.get(2) instanceof List<?> node
                        && node.size() > 1
                        && node.get(1) instanceof Long port) {
                    var host = node.get(0) instanceof byte[] told ? text(told) : "";
                    boolean isKnown = !host.isEmpty() && !host.equals("?");
                    found.put(first.intValue(), new HostAndPort(isKnown ? host : asked.getHost(), port.intValue()));
                }
            }
        }
        return found;
    }

    private RedisLink master(RedisAt.Sentinel sentinel) throws IOException {
        IOException last = null;
        for (var server : at.servers()) {
            var asked = address(server, RedisAt.SENTINEL_PORT);
            try (var link = open(asked, config(sentinel.auth(), 0))) {
                var answer =
                        link.ask(RedisCommand.SENTINEL, bytes("get-master-addr-by-name"), bytes(sentinel.master()));
                if (answer instanceof List<?> pair
                        && pair.size() == 2
                        && pair.get(0) instanceof byte[] host
                        && pair.get(1) instanceof byte[] port) {
                    return checked(connect(new HostAndPort(text(host), Integer.parseInt(text(port)))), asked);
                }
                last = new IOException("the Sentinel %s watches no master \"%s\"; mend sentinel.master"
                        .formatted(asked, sentinel.master()));
            } catch (IOException e) {
                last = e;
            }
        }
        throw last == null ? new IOException("no Sentinel is given") : last;
    }

    /// Sentinels may name one that is a master no more.
    private static RedisLink checked(RedisLink link, HostAndPort sentinel) throws IOException {
        try {
            if (link.ask(RedisCommand.ROLE) instanceof List<?> role
                    && role.getFirst() instanceof byte[] what
                    && !text(what).equals("master")) {
                throw new IOException("the Sentinel %s names %s, which is no master; a change is under way"
                        .formatted(sentinel, link.server()));
            }
            return link;
        } catch (RedisRefused e) {
            return link; // It may not be asked by us, and tells so when it takes no writes.
        } catch (IOException e) {
            link.close();
            throw e;
        }
    }

    private RedisLink connect(HostAndPort server) throws IOException {
        return open(server, config(at.auth(), at.database()));
    }

    private static RedisLink open(HostAndPort server, DefaultJedisClientConfig config) throws IOException {
        try {
            return new RedisLink(new Connection(server, config), server.toString());
        } catch (JedisDataException e) {
            var refused = RedisLink.refused(e);
            throw switch (refused.code()) {
                case "NOAUTH", "WRONGPASS", "NOPERM" ->
                    new NotAllowed(
                            "Redis at %s does not let us in: %s; mend auth".formatted(server, refused.getMessage()), e);
                case "LOADING" -> refused;
                default -> new IOException("Redis at %s refuses us: %s".formatted(server, refused.getMessage()), e);
            };
        } catch (JedisException e) {
            throw new IOException(
                    "no Redis answers at %s: %s; see that it runs and may be reached from here"
                            .formatted(server, RedisLink.reason(e)),
                    e);
        }
    }

    private DefaultJedisClientConfig config(Optional<RedisAt.Auth> auth, int database) throws IOException {
        var config = DefaultJedisClientConfig.builder()
                .resp2()
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .connectionTimeoutMillis((int) PATIENCE.toMillis())
                .socketTimeoutMillis((int) ANSWER.toMillis())
                .blockingSocketTimeoutMillis((int) ANSWER.toMillis())
                .database(database);
        if (auth.isPresent()) {
            auth.get().username().ifPresent(config::user);
            config.password(secret(auth.get().passwordFile()));
        }
        if (at.isTls()) {
            config.ssl(true);
            config.sslSocketFactory(context().getSocketFactory());
            if (at.tls().isEmpty() || at.tls().get().verify()) {
                var parameters = new SSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                config.sslParameters(parameters);
            }
        }
        return config.build();
    }

    private SSLContext context() throws IOException {
        if (at.tls().isPresent()) {
            return Pem.client(at.tls().get());
        }
        try {
            return SSLContext.getDefault();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IOException("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    private static HostAndPort address(URI server, int usual) {
        return new HostAndPort(server.getHost(), server.getPort() < 0 ? usual : server.getPort());
    }

    private static String secret(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "%s is not there; give the router a secret with the password of Redis under that path, or mend passwordFile"
                            .formatted(file),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "%s cannot be read (%s); let the router's user read it, or mend passwordFile"
                            .formatted(file, e.getMessage()),
                    e);
        }
        if (text.isEmpty()) {
            throw new IOException("%s has nothing in it; write the password of Redis into it".formatted(file));
        }
        return text;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
