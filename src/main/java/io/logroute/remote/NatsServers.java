package io.logroute.remote;

import io.logroute.flow.NotAllowed;
import io.logroute.spec.ClientTls;
import io.logroute.spec.NatsAuth;
import io.nats.client.AuthHandler;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Servers of NATS, and how we log in there. Secrets lie in files, which are read at each [#connect].
///
/// @param servers `nats://host:port`, of one cluster
/// @param tls as the servers want it; then their names are checked, unless it says `verify: false`
public record NatsServers(List<String> servers, Optional<Login> login, Optional<ClientTls> tls) {
    private static final System.Logger LOG = System.getLogger(NatsServers.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration MOST_PAUSE = Duration.ofSeconds(2);

    public NatsServers {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no server of NATS is given; write nats://host:4222");
        }
    }

    /// As specs name them. Who asks for TLS by the scheme alone gets names and signatures checked, too.
    public static NatsServers of(List<URI> servers, Optional<NatsAuth> auth, Optional<ClientTls> tls) {
        boolean asked = servers.stream().anyMatch(server -> "tls".equals(server.getScheme()));
        return new NatsServers(
                servers.stream().map(URI::toString).toList(),
                auth.map(NatsServers::login),
                tls.or(() -> asked
                        ? Optional.of(new ClientTls(Optional.empty(), Optional.empty(), Optional.empty(), true))
                        : Optional.empty()));
    }

    private static Login login(NatsAuth auth) {
        if (auth.credentialsFile().isPresent()) {
            return new Login.Creds(auth.credentialsFile().get());
        }
        if (auth.nkeyFile().isPresent()) {
            return new Login.NKey(auth.nkeyFile().get());
        }
        if (auth.tokenFile().isPresent()) {
            return new Login.Token(auth.tokenFile().get());
        }
        return new Login.Password(
                auth.username().orElseThrow(), auth.passwordFile().orElseThrow());
    }

    /// How we log in.
    public sealed interface Login {
        record Password(String user, Path file) implements Login {}

        record Token(Path file) implements Login {}

        /// @param file the seed of a user's NKey, `SU...`
        record NKey(Path file) implements Login {}

        /// @param file what `nsc` writes: a JWT and the seed of its NKey
        record Creds(Path file) implements Login {}
    }

    /// A connection that comes back by itself for as long as it is open.
    ///
    /// @param name who connects, for people who look at the server
    /// @throws NatsSetupWrong when a file that is needed for it is missing, or is not what it should be
    /// @throws NotAllowed when they do not let us in
    /// @throws IOException when no server takes us, with what each of them said
    public Connection connect(String name) throws IOException {
        return connect(options(name));
    }

    /// Reads the files that are needed, and asks nobody.
    ///
    /// @throws NatsSetupWrong when one is missing, or is not what it should be
    public void check() throws NatsSetupWrong {
        options("check");
    }

    private Options options(String name) throws NatsSetupWrong {
        var options = Options.builder()
                .servers(servers.toArray(String[]::new))
                .connectionName(name)
                .connectionTimeout(PATIENCE)
                .maxReconnects(-1)
                .reconnectDelayHandler(tries -> pause(tries, RandomGenerator.getDefault()))
                .reconnectBufferSize(0) // what is sent meanwhile is refused, and known to be so
                .pingInterval(PATIENCE)
                .connectionListener(new Quiet())
                .errorListener(new Quiet());
        try {
            if (tls.isPresent()) {
                var context = Pem.client(tls.get());
                options.sslContext(tls.get().verify() ? NamesChecked.by(context) : context);
            }
            if (login.isPresent()) {
                logIn(options, login.get());
            }
        } catch (IOException e) {
            throw new NatsSetupWrong(e);
        }
        return options.build();
    }

    private Connection connect(Options options) throws IOException {
        try {
            return Nats.connect(options);
        } catch (AuthenticationException e) {
            throw new NotAllowed(
                    "NATS at %s does not let us in: %s; mend auth"
                            .formatted(String.join(", ", servers), e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "no server of NATS answers at %s: %s; see that they run and may be reached from here"
                            .formatted(String.join(", ", servers), e.getMessage()),
                    e);
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new IOException("%s cannot be asked: %s".formatted(String.join(", ", servers), e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while connecting to " + String.join(", ", servers), e);
        }
    }

    /// Between two rounds of trying all servers: it grows from a quarter of a second to two, by chance
    /// a little less, so that many who lost a server together do not come back together.
    private static Duration pause(long tries, RandomGenerator random) {
        long most = Math.min(MOST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(Math.max(0, tries - 1), 10));
        return Duration.ofMillis(most - random.nextLong(most / 4 + 1));
    }

    private static void logIn(Options.Builder options, Login login) throws IOException {
        switch (login) {
            case Login.Password password ->
                options.userInfo(
                        password.user().toCharArray(), secret(password.file()).toCharArray());
            case Login.Token token -> options.token(secret(token.file()).toCharArray());
            case Login.NKey key -> {
                var pair = NKeySeed.of(secret(key.file()), key.file());
                options.authHandler(new Signed(pair, null));
            }
            case Login.Creds creds -> {
                var text = secret(creds.file());
                var jwt = block(text, "NATS USER JWT", creds.file());
                var pair = NKeySeed.of(block(text, "USER NKEY SEED", creds.file()), creds.file());
                options.authHandler(new Signed(pair, jwt));
            }
        }
    }

    private static String block(String text, String label, Path file) throws IOException {
        var lines = text.lines().map(String::strip).toList();
        for (int i = 0; i + 1 < lines.size(); i++) {
            if (lines.get(i).startsWith("-----BEGIN " + label)) {
                return lines.get(i + 1);
            }
        }
        throw new IOException(
                "%s has no -----BEGIN %s-----; give the file that nsc generate creds writes".formatted(file, label));
    }

    private static String secret(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "%s is not there; give the router a secret under that path, or correct the path".formatted(file),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "%s cannot be read (%s); let the router's user read it".formatted(file, e.getMessage()), e);
        }
        if (text.isEmpty()) {
            throw new IOException("%s has nothing in it; write the secret into it".formatted(file));
        }
        return text;
    }

    private record Signed(NKeySeed seed, @Nullable String jwt) implements AuthHandler {
        @Override
        public byte[] sign(byte[] nonce) {
            return seed.sign(nonce);
        }

        @Override
        @SuppressWarnings("NullAway") // it asks for null where there is none
        public char[] getID() {
            return jwt == null ? seed.publicKey().toCharArray() : null;
        }

        @Override
        @SuppressWarnings("NullAway")
        public char[] getJWT() {
            return jwt == null ? null : jwt.toCharArray();
        }
    }

    /// Whoever uses the connection sees what fails, and tells it.
    private static final class Quiet implements ErrorListener, ConnectionListener {
        @Override
        public void errorOccurred(Connection connection, String error) {
            LOG.log(System.Logger.Level.DEBUG, "NATS: {0}", error);
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "NATS", e);
        }

        @Override
        public void slowConsumerDetected(Connection connection, Consumer consumer) {
            LOG.log(System.Logger.Level.DEBUG, "NATS: a subscription does not keep up");
        }

        @Override
        public void connectionEvent(Connection connection, Events event) {
            LOG.log(System.Logger.Level.DEBUG, "NATS: {0} {1}", event, connection.getConnectedUrl());
        }
    }
}
