package io.logroute.parts.fluent;

import io.logroute.parts.listen.Breach;
import io.logroute.spec.SourceSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Proves to each other that client and server have the shared key, and who the user is:
///
///     server: ["HELO", {"nonce", "auth", "keepalive"}]
///     client: ["PING", host, salt, sha512(salt host nonce key), user, sha512(auth user password)]
///     server: ["PONG", ok, reason, our name, sha512(salt name nonce key)]
final class Handshake {
    /// The largest PING.
    static final int MOST = 4 << 10;

    private static final int RANDOM_BYTES = 16;

    private final String hostname;
    private final byte[] key;
    private final Map<String, byte[]> passwords;

    private Handshake(String hostname, byte[] key, Map<String, byte[]> passwords) {
        this.hostname = hostname;
        this.key = key;
        this.passwords = Map.copyOf(passwords);
    }

    /// Reads the secrets.
    static Handshake of(SourceSpec.FluentSecurity security) throws IOException {
        var passwords = new HashMap<String, byte[]>();
        for (var user : security.users()) {
            passwords.put(user.username(), secret("users[].passwordFile", user.passwordFile()));
        }
        return new Handshake(security.selfHostname(), secret("sharedKeyFile", security.sharedKeyFile()), passwords);
    }

    private static byte[] secret(String what, Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "%s is not there; give the router a secret under that path, or mend sources[].fluent.security.%s"
                            .formatted(file, what),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "%s cannot be read (%s); let the router's user read it, or mend sources[].fluent.security.%s"
                            .formatted(file, e, what),
                    e);
        }
        if (text.isEmpty()) {
            throw new IOException("%s has nothing in it; write the secret of sources[].fluent.security.%s into it"
                    .formatted(file, what));
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// What is asked of one connection.
    Asked ask(RandomGenerator random) {
        var nonce = new byte[RANDOM_BYTES];
        random.nextBytes(nonce);
        var salt = new byte[passwords.isEmpty() ? 0 : RANDOM_BYTES];
        random.nextBytes(salt);
        return new Asked(nonce, salt);
    }

    Asked ask() {
        return ask(new SecureRandom());
    }

    /// @param pong what to answer
    /// @param isIn whether the client may go on
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Verdict(byte[] pong, boolean isIn, String reason) {}

    final class Asked {
        private final byte[] nonce;
        private final byte[] salt;

        private Asked(byte[] nonce, byte[] salt) {
            this.nonce = nonce;
            this.salt = salt;
        }

        byte[] helo() {
            var out = new ByteArrayOutputStream();
            out.write(0x92);
            text(out, "HELO");
            out.write(0x83);
            text(out, "nonce");
            bin(out, nonce);
            text(out, "auth");
            bin(out, salt);
            text(out, "keepalive");
            out.write(0xc3);
            return out.toByteArray();
        }

        Verdict verdict(byte[] bytes, int from, int to) throws Breach {
            var in = new Transcoder(_ -> {});
            in.from(bytes, from, to);
            if (!Transcoder.isArray(in.head())
                    || in.array() != 6
                    || !in.textString().equals("PING")) {
                throw new Breach(
                        "auth",
                        "the client does not answer the handshake; give it the shared key that this source asks for");
            }
            var host = in.textBytes();
            var clientSalt = in.textBytes();
            var digest = in.textBytes();
            var user = in.textString();
            var passwordDigest = in.textBytes();
            var reason = "";
            if (!same(digest, hex(clientSalt, host, nonce, key))) {
                reason = "shared_key mismatch";
            } else if (!passwords.isEmpty() && !knows(user, passwordDigest)) {
                reason = "username/password mismatch";
            } else if (Arrays.equals(host, hostname.getBytes(StandardCharsets.UTF_8))) {
                reason = "same hostname between input and output: invalid configuration";
            }
            return new Verdict(pong(clientSalt, reason), reason.isEmpty(), reason);
        }

        private boolean knows(String user, byte[] digest) {
            var password = passwords.get(user);
            var expected = hex(salt, user.getBytes(StandardCharsets.UTF_8), password == null ? nonce : password);
            return same(digest, expected) && password != null;
        }

        private byte[] pong(byte[] clientSalt, String reason) {
            var out = new ByteArrayOutputStream();
            out.write(0x95);
            text(out, "PONG");
            out.write(reason.isEmpty() ? 0xc3 : 0xc2);
            text(out, reason);
            text(out, reason.isEmpty() ? hostname : "");
            var name = hostname.getBytes(StandardCharsets.UTF_8);
            text(out, reason.isEmpty() ? hex(clientSalt, name, nonce, key) : "");
            return out.toByteArray();
        }
    }

    private static boolean same(byte[] digest, String expected) {
        return MessageDigest.isEqual(digest, expected.getBytes(StandardCharsets.US_ASCII));
    }

    private static String hex(byte[]... parts) {
        try {
            var sum = MessageDigest.getInstance("SHA-512");
            for (var part : parts) {
                sum.update(part);
            }
            return HexFormat.of().formatHex(sum.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-512", e);
        }
    }

    static void text(ByteArrayOutputStream out, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        text(out, bytes);
    }

    /// At most 64 KiB.
    static void text(ByteArrayOutputStream out, byte[] bytes) {
        if (bytes.length < 32) {
            out.write(0xa0 | bytes.length);
        } else if (bytes.length < 256) {
            out.write(0xd9);
            out.write(bytes.length);
        } else {
            out.write(0xda);
            out.write(bytes.length >> 8);
            out.write(bytes.length);
        }
        out.writeBytes(bytes);
    }

    private static void bin(ByteArrayOutputStream out, byte[] bytes) {
        out.write(0xc4);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }
}
