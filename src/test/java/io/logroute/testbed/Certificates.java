package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Certificates for a test, made by the JDK's own keytool: `NAME.crt` and `NAME.key` for each
/// name, signed by itself.
public record Certificates(Path folder) {
    public static Certificates make(Path folder, String... names) {
        return make(folder, "dns:localhost,ip:127.0.0.1", List.of(names));
    }

    /// @param alternatives whom they are for, as keytool takes it: `dns:relay-up,dns:localhost`
    public static Certificates make(Path folder, String alternatives, List<String> names) {
        try {
            for (var name : names) {
                make(folder, name, alternatives);
            }
            return new Certificates(folder);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificates", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void make(Path folder, String name, String alternatives)
            throws IOException, InterruptedException, GeneralSecurityException {
        var store = folder.resolve(name + ".p12");
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-alias", "own", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30"));
        command.addAll(List.of("-dname", "CN=" + name, "-ext", "san=" + alternatives));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", "secret", "-keystore", store.toString()));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve(name + ".log")))
                .isZero();
        var read = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        pem(
                folder.resolve(name + ".crt"),
                "CERTIFICATE",
                read.getCertificate("own").getEncoded());
        pem(
                folder.resolve(name + ".key"),
                "PRIVATE KEY",
                read.getKey("own", "secret".toCharArray()).getEncoded());
    }

    private static void pem(Path file, String label, byte[] bytes) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                        .formatted(label, Base64.getMimeEncoder().encodeToString(bytes), label));
    }

    public Path crt(String name) {
        return folder.resolve(name + ".crt");
    }

    public Path key(String name) {
        return folder.resolve(name + ".key");
    }
}
