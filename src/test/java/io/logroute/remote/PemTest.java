package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.spec.ClientTls;
import io.logroute.spec.ServerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class PemTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({"RSA, -keysize 2048", "EC, -groupname secp256r1", "Ed25519, -validity 30"})
    void a_certificate_and_its_key_make_a_server_that_clients_trust(String kind, String option) throws Exception {
        make("server", kind, option);
        var server = Pem.server(new ServerTls(file("server.crt"), file("server.key"), Optional.empty()));
        var client =
                Pem.client(new ClientTls(Optional.of(file("server.crt")), Optional.empty(), Optional.empty(), true));
        assertThat(greeting(server, client)).isEqualTo("!");
    }

    @Test
    void a_server_that_is_not_trusted_is_refused_unless_verify_is_false() throws Exception {
        make("server", "EC", "-groupname secp256r1");
        var server = Pem.server(new ServerTls(file("server.crt"), file("server.key"), Optional.empty()));
        var none = Optional.<Path>empty();
        assertThatThrownBy(() -> greeting(server, Pem.client(new ClientTls(none, none, none, true))))
                .isInstanceOf(SSLException.class);
        assertThat(greeting(server, Pem.client(new ClientTls(none, none, none, false))))
                .isEqualTo("!");
    }

    @Test
    void all_certificates_of_a_chain_are_read_in_their_order_and_other_text_is_passed_over() throws Exception {
        make("one", "EC", "-groupname secp256r1");
        make("two", "EC", "-groupname secp256r1");
        Files.writeString(
                file("chain.crt"),
                "subject=one\n" + Files.readString(file("one.crt")) + "subject=two\r\n"
                        + Files.readString(file("two.crt")).replace("\n", "\r\n"));
        assertThat(Pem.certificates(file("chain.crt")))
                .extracting(each -> each.getSubjectX500Principal().getName())
                .containsExactly("CN=one", "CN=two");
    }

    @Test
    void a_key_of_another_certificate_is_told() throws Exception {
        make("one", "EC", "-groupname secp256r1");
        make("two", "RSA", "-keysize 2048");
        assertThatThrownBy(() -> Pem.server(new ServerTls(file("one.crt"), file("two.key"), Optional.empty())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("two.key is not the key of the first certificate in")
                .hasMessageContaining("one.crt");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "RSA PRIVATE KEY       | openssl pkcs8 -topk8 -nocrypt -in some.key",
                "EC PRIVATE KEY        | openssl pkcs8 -topk8 -nocrypt -in some.key",
                "ENCRYPTED PRIVATE KEY | is encrypted",
                "OPENSSH PRIVATE KEY   | ssh-keygen",
                "PRIVATE KEY           | is no key that can be read",
                "CERTIFICATE           | has no private key"
            })
    void a_key_that_cannot_be_used_is_told_with_what_mends_it(String label, String message) throws IOException {
        pem("some.key", label, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> Pem.privateKey(file("some.key")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file("some.key").toString())
                .hasMessageContaining(message);
    }

    @Test
    void an_encrypted_key_of_the_old_form_is_told_too() throws IOException {
        Files.writeString(file("some.key"), """
                -----BEGIN RSA PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,0011

                AAAA
                -----END RSA PRIVATE KEY-----
                """);
        assertThatThrownBy(() -> Pem.privateKey(file("some.key"))).hasMessageContaining("openssl pkcs8 -topk8");
    }

    @Test
    void files_that_are_missing_empty_or_damaged_are_told_with_what_mends_them() throws Exception {
        assertThatThrownBy(() -> Pem.certificates(file("none.crt")))
                .isInstanceOf(IOException.class)
                .hasMessage("%s does not exist; mount the secret there or correct the path", file("none.crt"));
        Files.writeString(file("empty.crt"), "");
        assertThatThrownBy(() -> Pem.certificates(file("empty.crt")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has no certificate");
        pem("damaged.crt", "CERTIFICATE", new byte[] {1, 2, 3});
        assertThatThrownBy(() -> Pem.certificates(file("damaged.crt")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("certificate number 1 is damaged");
        assertThatThrownBy(() -> Pem.certificates(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void what_is_in_a_key_never_stands_in_a_message() throws Exception {
        var key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        var text = Base64.getEncoder().encodeToString(key);
        pem("some.key", "PRIVATE KEY", java.util.Arrays.copyOf(key, key.length - 3));
        assertThatThrownBy(() -> Pem.privateKey(file("some.key"))).message().doesNotContain(text.substring(20, 30));
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    /// What the client reads from the server once both trust each other.
    private static String greeting(SSLContext server, SSLContext client) throws Exception {
        try (var listening =
                server.getServerSocketFactory().createServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            var greeted = CompletableFuture.runAsync(() -> {
                try (var socket = listening.accept()) {
                    socket.getOutputStream().write('!');
                    socket.getInputStream().read();
                } catch (IOException e) {
                    // The client has its say.
                }
            });
            try (var socket =
                    (SSLSocket) client.getSocketFactory().createSocket("127.0.0.1", listening.getLocalPort())) {
                socket.setSoTimeout(60_000);
                socket.startHandshake();
                return Character.toString(socket.getInputStream().read());
            } finally {
                greeted.join();
            }
        }
    }

    private void make(String name, String kind, String option) throws Exception {
        var store = file(name + ".p12").toString();
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-alias", "own", "-keyalg", kind, "-dname", "CN=" + name));
        command.addAll(List.of(option.split(" ")));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", "secret", "-keystore", store));
        var log = file(name + ".log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        var read = KeyStore.getInstance(Path.of(store).toFile(), "secret".toCharArray());
        pem(name + ".crt", "CERTIFICATE", read.getCertificate("own").getEncoded());
        pem(
                name + ".key",
                "PRIVATE KEY",
                read.getKey("own", "secret".toCharArray()).getEncoded());
    }

    private void pem(String name, String label, byte[] bytes) throws IOException {
        Files.writeString(
                file(name),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(label, Base64.getMimeEncoder().encodeToString(bytes), label));
    }
}
