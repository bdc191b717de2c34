package io.logroute.remote;

import io.logroute.spec.ClientTls;
import io.logroute.spec.ServerTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Certificates and keys in PEM files (RFC 7468), made into what TLS takes.
///
/// Keys are PKCS #8, not encrypted: RSA, EC, Ed25519. Every other kind is refused with the
/// command that converts it. Messages name the file and never what is in it.
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> KEY_KINDS = List.of("RSA", "EC", "Ed25519", "Ed448");
    private static final char[] NO_PASSWORD = new char[0];

    private Pem() {}

    private record Block(String label, byte[] bytes) {}

    /// For a listening port. Whether a client must show a certificate is for the socket to ask.
    ///
    /// @throws IOException when a file is missing or is not what it should be; the message says
    ///     how to mend it
    public static SSLContext server(ServerTls tls) throws IOException {
        var trust = tls.clientCaFile().isPresent()
                ? trusting(
                        certificates(tls.clientCaFile().get()),
                        tls.clientCaFile().get())
                : null;
        return context(identity(tls.certificateFile(), tls.keyFile()), trust);
    }

    /// For connections to a server.
    ///
    /// With `verify: false`, any certificate is taken; a client that checks names itself, as HTTP
    /// clients do, must be told apart.
    ///
    /// @throws IOException when a file is missing or is not what it should be; the message says
    ///     how to mend it
    public static SSLContext client(ClientTls tls) throws IOException {
        var identity = tls.certificateFile().isPresent() && tls.keyFile().isPresent()
                ? identity(tls.certificateFile().get(), tls.keyFile().get())
                : null;
        if (!tls.verify()) {
            return context(identity, new TrustManager[] {new Anyone()});
        }
        var trust = tls.caFile().isPresent()
                ? trusting(certificates(tls.caFile().get()), tls.caFile().get())
                : null;
        return context(identity, trust);
    }

    private static SSLContext context(KeyManager @Nullable [] identity, TrustManager @Nullable [] trust)
            throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(identity, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] identity(Path certificateFile, Path keyFile) throws IOException {
        var chain = certificates(certificateFile);
        var key = privateKey(keyFile);
        if (!belongs(key, chain.getFirst().getPublicKey())) {
            throw new IOException(
                    "%s is not the key of the first certificate in %s; give the pair that belongs together, the server's own certificate first"
                            .formatted(keyFile, certificateFile));
        }
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s and %s cannot be used for TLS: %s".formatted(certificateFile, keyFile, e.getMessage()), e);
        }
    }

    private static TrustManager[] trusting(List<X509Certificate> authorities, Path file) throws IOException {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw new IOException("%s cannot be used for TLS: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// The certificates in a file, in their order; never none.
    static List<X509Certificate> certificates(Path file) throws IOException {
        var found = new ArrayList<X509Certificate>();
        for (var block : blocks(file)) {
            if (!block.label().equals("CERTIFICATE") && !block.label().equals("X509 CERTIFICATE")) {
                continue;
            }
            try {
                var factory = CertificateFactory.getInstance("X.509");
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
            } catch (GeneralSecurityException e) {
                throw new IOException(
                        "%s: certificate number %d is damaged; write the file anew".formatted(file, found.size() + 1),
                        e);
            }
        }
        if (found.isEmpty()) {
            throw new IOException(
                    "%s has no certificate; it must hold -----BEGIN CERTIFICATE----- (convert DER with: openssl x509 -inform der -in FILE -out %s)"
                            .formatted(file, file.getFileName()));
        }
        return found;
    }

    /// The first private key in a file.
    static PrivateKey privateKey(Path file) throws IOException {
        var name = file.getFileName();
        for (var block : blocks(file)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return pkcs8(file, block.bytes());
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
                    throw new IOException(
                            "%s is a key in the old form \"%s\"; convert it with: openssl pkcs8 -topk8 -nocrypt -in %s -out pkcs8-%s"
                                    .formatted(file, block.label(), name, name));
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new IOException(
                            "%s is encrypted, and there is no one to ask for the password; decrypt it with: openssl pkcs8 -in %s -out plain-%s, and keep it as a secret"
                                    .formatted(file, name, name));
                case "OPENSSH PRIVATE KEY" ->
                    throw new IOException(
                            "%s is a key of OpenSSH; convert a copy of it with: ssh-keygen -p -m PKCS8 -f COPY"
                                    .formatted(file));
                default -> {}
            }
        }
        throw new IOException(
                "%s has no private key; it must hold -----BEGIN PRIVATE KEY----- (convert others with: openssl pkcs8 -topk8 -nocrypt -in FILE -out %s)"
                        .formatted(file, name));
    }

    private static PrivateKey pkcs8(Path file, byte[] bytes) throws IOException {
        for (var kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(bytes));
            } catch (InvalidKeySpecException e) {
                // Another kind, or damaged.
            } catch (GeneralSecurityException e) {
                throw new IOException("this Java has no keys of kind " + kind, e);
            }
        }
        throw new IOException(
                "%s is no key that can be read; RSA, EC and Ed25519 can, make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out %s"
                        .formatted(file, file.getFileName()));
    }

    /// Whether the two are a pair: what one signs, the other confirms.
    private static boolean belongs(PrivateKey key, PublicKey certified) throws IOException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(NONCE);
            var signed = signature.sign();
            signature.initVerify(certified);
            signature.update(NONCE);
            return signature.verify(signed);
        } catch (java.security.InvalidKeyException | java.security.SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java cannot sign with " + key.getAlgorithm(), e);
        }
    }

    private static final byte[] NONCE = "a pair?".getBytes(StandardCharsets.US_ASCII);

    private static List<Block> blocks(Path file) throws IOException {
        var found = new ArrayList<Block>();
        var matcher = BLOCK.matcher(text(file));
        while (matcher.find()) {
            found.add(new Block(matcher.group(1), base64(file, matcher.group(1), matcher.group(2))));
        }
        return found;
    }

    /// Keys of the old form carry header lines when they are encrypted; then there is nothing to
    /// decode here.
    private static byte[] base64(Path file, String label, String body) throws IOException {
        if (body.contains(":")) {
            return new byte[0];
        }
        try {
            return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new IOException("%s: the block \"%s\" is damaged; write the file anew".formatted(file, label), e);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException("%s does not exist; mount the secret there or correct the path".formatted(file), e);
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "%s may not be read by this user; give it the right to (chmod, or uid and mode of the secret)"
                            .formatted(file),
                    e);
        } catch (IOException e) {
            throw new IOException("%s cannot be read: %s; is it a file?".formatted(file, e.getMessage()), e);
        }
    }

    /// Takes every certificate, and does not look at names. Made only where people wrote `verify:
    /// false`.
    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
