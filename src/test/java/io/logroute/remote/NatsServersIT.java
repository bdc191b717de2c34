package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.spec.ClientTls;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.NatsServer;
import io.nats.client.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Logging in at real servers of NATS.
class NatsServersIT {
    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static void logsIn(NatsServer server, NatsServers.Login login) throws Exception {
        try (var connection = new NatsServers(server.urls(), Optional.of(login), Optional.empty()).connect("test")) {
            assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);
        }
    }

    private static NatsServers plain(NatsServer server) {
        return new NatsServers(server.urls(), Optional.empty(), Optional.empty());
    }

    @Test
    void a_user_with_a_password_gets_in_and_one_without_is_told() throws Exception {
        try (var server = NatsServer.with("authorization { user: router, password: \"s3cret\" }\n")) {
            logsIn(server, new NatsServers.Login.Password("router", file("password", "s3cret\n")));
            assertThatThrownBy(() -> plain(server).connect("test"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(server.urls().getFirst());
            assertThatThrownBy(() -> logsIn(server, new NatsServers.Login.Password("router", folder.resolve("none"))))
                    .hasMessageContaining("none is not there");
        }
    }

    @Test
    void a_token_gets_in() throws Exception {
        try (var server = NatsServer.with("authorization { token: \"t0ken\" }\n")) {
            logsIn(server, new NatsServers.Login.Token(file("token", "t0ken")));
        }
    }

    @Test
    void an_nkey_gets_in_by_what_it_signs() throws Exception {
        var seed = file("seed", seed() + "\n");
        var nkey = NKeySeed.of(Files.readString(seed).strip(), seed).publicKey();
        assertThat(nkey).matches("U[A-Z2-7]{55}");
        try (var server = NatsServer.with("authorization { users: [ { nkey: \"%s\" } ] }\n".formatted(nkey))) {
            logsIn(server, new NatsServers.Login.NKey(seed));
            var other = file("other", seed());
            assertThatThrownBy(() -> logsIn(server, new NatsServers.Login.NKey(other)))
                    .isInstanceOf(IOException.class);
        }
        var broken = file("broken", seed().replace('A', 'B'));
        assertThatThrownBy(() -> NKeySeed.of(Files.readString(broken), broken)).hasMessageContaining("is no seed");
    }

    /// The seed of a user's key, by the book.
    private static String seed() {
        byte[] raw = new byte[36];
        byte[] chance = new byte[32];
        new java.security.SecureRandom().nextBytes(chance);
        raw[0] = (byte) (18 << 3 | 20 << 3 >> 5);
        raw[1] = (byte) ((20 << 3 & 31) << 3);
        System.arraycopy(chance, 0, raw, 2, 32);
        int sum = NKeySeed.crc(raw, 34);
        raw[34] = (byte) sum;
        raw[35] = (byte) (sum >> 8);
        return NKeySeed.encode(raw);
    }

    @Test
    void a_server_with_tls_is_believed_when_its_certificate_and_its_name_fit() throws Exception {
        var certificates = Certificates.make(folder, "server", "other");
        var extra = "tls { cert_file: \"%s\", key_file: \"%s\" }\n"
                .formatted(folder.resolve("server.crt"), folder.resolve("server.key"));
        try (var server = NatsServer.with(extra)) {
            var right = tls(certificates.folder().resolve("server.crt"), true);
            try (var connection =
                    new NatsServers(server.urls(), Optional.empty(), Optional.of(right)).connect("test")) {
                assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);
            }
            var wrong = tls(certificates.folder().resolve("other.crt"), true);
            assertThatThrownBy(
                            () -> new NatsServers(server.urls(), Optional.empty(), Optional.of(wrong)).connect("test"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_name_that_is_not_in_the_certificate_is_refused() throws Exception {
        Certificates.make(folder, "server");
        var extra = "tls { cert_file: \"%s\", key_file: \"%s\" }\n"
                .formatted(folder.resolve("server.crt"), folder.resolve("server.key"));
        try (var server = NatsServer.with(extra)) {
            // The same machine by an address that the certificate lacks.
            var byAnother = server.urls().stream()
                    .map(url -> url.replace("127.0.0.1", "0.0.0.0"))
                    .toList();
            var trusting = tls(folder.resolve("server.crt"), true);
            assertThatThrownBy(
                            () -> new NatsServers(byAnother, Optional.empty(), Optional.of(trusting)).connect("test"))
                    .isInstanceOf(IOException.class);
            try (var connection =
                    new NatsServers(byAnother, Optional.empty(), Optional.of(tls(null, false))).connect("test")) {
                assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);
            }
        }
    }

    private static ClientTls tls(@Nullable Path ca, boolean verify) {
        return new ClientTls(Optional.ofNullable(ca), Optional.empty(), Optional.empty(), verify);
    }
}
