package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where a Redis is, and who we are to it: what sources, sinks and relays say of it alike.
///
/// @param servers `redis://host:port`, or `rediss://` for TLS: one server, or those of a cluster that are
///     asked for the others, or Sentinels
public record RedisAt(
        List<URI> servers,
        Optional<Sentinel> sentinel,
        boolean cluster,
        int database,
        Optional<Auth> auth,
        Optional<ClientTls> tls) {
    /// The port where an address has none.
    public static final int PORT = 6379;

    public static final int SENTINEL_PORT = 26_379;

    @Doc("Sentinels in place of a server: they are asked which server is the master now.")
    public record Sentinel(
            @Doc(value = "What the Sentinels call the master.", example = "mymaster")
            String master,

            @Doc("Who we are to the Sentinels, where they ask.")
            Optional<Auth> auth) {
        public Sentinel {
            require(!master.isBlank(), "master is empty; write the name that the Sentinels watch it by");
        }
    }

    @Doc("Who we are to Redis: a password, of a user where there are several. Secrets stand in files, never in specs.")
    public record Auth(
            @Doc(value = "User name, as ACL has it; without it, the user is `default`.", example = "logroute")
            Optional<String> username,

            @Doc(value = "File with the password.", example = "/run/secrets/redis-password")
            Path passwordFile) {
        public Auth {
            username.ifPresent(user -> require(!user.isBlank(), "username is empty; leave it away or write a name"));
        }
    }

    public RedisAt {
        servers = List.copyOf(servers);
        require(!servers.isEmpty(), "servers is empty; name at least one, such as redis://redis:6379");
        for (var server : servers) {
            require(
                    server.getRawUserInfo() == null && server.toString().indexOf('@') < 0,
                    "servers has a user or password in it; write them under auth, the password as passwordFile");
            require(
                    ("redis".equals(server.getScheme()) || "rediss".equals(server.getScheme()))
                            && server.getHost() != null
                            && server.getPort() <= 65_535
                            && (server.getRawPath().isEmpty()
                                    || server.getRawPath().equals("/"))
                            && server.getRawQuery() == null
                            && server.getRawFragment() == null,
                    "servers has \"%s\"; write redis://host:6379 or rediss://host:6379, and the number of the database"
                            + " as database",
                    server);
            require(
                    server.getScheme().equals(servers.getFirst().getScheme()),
                    "servers has redis:// and rediss://; write the same for all of them");
        }
        require(
                servers.size() == 1 || cluster || sentinel.isPresent(),
                "servers has %d addresses; write one, or say with cluster: true or sentinel what they are",
                servers.size());
        require(
                !cluster || sentinel.isEmpty(),
                "cluster stands beside sentinel; leave one of them away: a cluster chooses its masters itself");
        require(database >= 0 && database <= 65_535, "database is %d; write a number from 0 to 65535", database);
        require(!cluster || database == 0, "database is %d; leave it away, a cluster has only 0", database);
        require(
                tls.isEmpty() || servers.getFirst().getScheme().equals("rediss"),
                "tls stands beside servers that begin with redis://; write rediss:// for a server that takes TLS");
    }

    public boolean isTls() {
        return servers.getFirst().getScheme().equals("rediss");
    }

    /// How people tell it from others: the host of the first server, and its port where it is not the usual one.
    public String label() {
        var first = servers.getFirst();
        int port = first.getPort();
        int usual = sentinel.isPresent() ? SENTINEL_PORT : PORT;
        return port < 0 || port == usual ? first.getHost() : first.getHost() + ":" + port;
    }
}
