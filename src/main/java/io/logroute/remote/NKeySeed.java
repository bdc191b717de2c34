package io.logroute.remote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.util.Arrays;

/// The key pair of a NATS user, from its seed: 32 bytes of Ed25519.
///
///     base32( "SU" in 13 bits, 3 bits 0, seed:32, crc16 of all before, low byte first )
///
/// The public key is written likewise, after the one byte that makes it begin with "U".
record NKeySeed(KeyPair pair) {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int USER = 20 << 3;
    private static final int SEED = 18 << 3;

    /// @param file where it was read, for the message
    static NKeySeed of(String text, Path file) throws IOException {
        byte[] raw = decode(text);
        boolean user = raw.length == 36
                && (raw[0] & 0xf8) == SEED
                && ((raw[0] & 7) << 5 | (raw[1] & 0xf8) >> 3) == USER
                && crc(raw, 34) == ((raw[34] & 0xff) | (raw[35] & 0xff) << 8);
        if (!user) {
            throw new IOException(
                    "%s is no seed of a user's NKey; it begins with SU and has 58 characters (nk -gen user)"
                            .formatted(file));
        }
        byte[] seed = Arrays.copyOfRange(raw, 2, 34);
        try {
            var generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(255, new Given(seed));
            return new NKeySeed(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java has no Ed25519: " + e.getMessage(), e);
        }
    }

    byte[] sign(byte[] nonce) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(nonce);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new UncheckedIOException(new IOException("this Java cannot sign with Ed25519", e));
        }
    }

    String publicKey() {
        var point = ((EdECPublicKey) pair.getPublic()).getPoint();
        byte[] raw = new byte[35];
        raw[0] = (byte) USER;
        byte[] y = point.getY().toByteArray();
        for (int i = 0; i < Math.min(32, y.length); i++) {
            raw[1 + i] = y[y.length - 1 - i];
        }
        if (point.isXOdd()) {
            raw[32] |= (byte) 0x80;
        }
        int sum = crc(raw, 33);
        raw[33] = (byte) sum;
        raw[34] = (byte) (sum >> 8);
        return encode(raw);
    }

    static int crc(byte[] bytes, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc ^= (bytes[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x1021;
            }
            crc &= 0xffff;
        }
        return crc;
    }

    static String encode(byte[] bytes) {
        var text = new StringBuilder();
        int held = 0;
        int bits = 0;
        for (byte each : bytes) {
            held = held << 8 | each & 0xff;
            bits += 8;
            while (bits >= 5) {
                text.append(ALPHABET.charAt(held >> bits - 5 & 31));
                bits -= 5;
            }
        }
        if (bits > 0) {
            text.append(ALPHABET.charAt(held << 5 - bits & 31));
        }
        return text.toString();
    }

    /// Nothing when a character does not belong there.
    private static byte[] decode(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int held = 0;
        int bits = 0;
        int at = 0;
        for (char each : text.toCharArray()) {
            int value = ALPHABET.indexOf(each);
            if (value < 0) {
                return new byte[0];
            }
            held = held << 5 | value;
            bits += 5;
            if (bits >= 8) {
                bytes[at++] = (byte) (held >> bits - 8);
                bits -= 8;
            }
        }
        return bytes;
    }

    /// Gives the seed where chance is asked for: the JDK makes the pair of a seed in no other way.
    private static final class Given extends SecureRandom {
        private final transient byte[] seed;

        Given(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, bytes.length);
        }
    }
}
