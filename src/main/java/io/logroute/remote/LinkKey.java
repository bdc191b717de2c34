package io.logroute.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The key that a controller and its routers know each other by. It never travels between them: a
/// request carries a signature made with it.
///
///     Authorization: LogRoute-HMAC-SHA256 <unix seconds>:<hex hmac>
///     LogRoute-Instance: <router>-<number>
///     LogRoute-Body-SHA256: <hex sha256 of body>
///
/// over
///
///     METHOD\nPATH?QUERY\n<router>-<number>\n<unix seconds>\n<hex sha256 of body>
///
/// The second header says which instance is asked: all of them have the same key, and one obeys nothing that is for
/// another. The third is there so that a signature is looked at before the body is read. Whoever
/// listens in can send a request again for as long as [#LASTING], to the same instance, and no other; what
/// requests do is safe to repeat.
///
/// So does the answer, for a service that took a router's name shall not be believed that nothing is left there:
///
///     LogRoute-Nonce: <32 hex digits>          with the request, new each time
///     LogRoute-Answer-HMAC: <hex hmac>         with the answer
///
/// over
///
///     answer\n<Authorization of the request>\n<nonce>\n<status>\n<hex sha256 of the answer's body>
///
/// What denies a request, 401 and 403, goes without: whoever denies may have another key, or none.
///
/// It is written, as in its file and its Docker secret, in 64 hex digits, and shown nowhere.
public final class LinkKey {
    /// Names the header with the instance that is asked.
    public static final String INSTANCE = "LogRoute-Instance";
    /// Names the header with the hash of the body.
    public static final String BODY_HASH = "LogRoute-Body-SHA256";
    /// Names the header that makes each request one that was never made before.
    public static final String NONCE = "LogRoute-Nonce";
    /// Names the header of an answer with its signature.
    public static final String ANSWER = "LogRoute-Answer-HMAC";
    /// How far the clocks of both may be apart.
    public static final Duration LASTING = Duration.ofSeconds(300);
    /// The hash of no body.
    public static final String NO_BODY = hash(new byte[0]);

    private static final int BYTES = 32;
    private static final long MOST_FILE_BYTES = 1 << 10;
    private static final String SCHEME = "LogRoute-HMAC-SHA256";
    private static final Pattern AUTHORIZATION = Pattern.compile("(?i:" + SCHEME + ") +(\\d{1,18}):([0-9a-fA-F]{64})");
    private static final Pattern HMAC = Pattern.compile("[0-9a-fA-F]{64}");
    private static final String MEND = "write 64 hex digits into it, such as openssl rand -hex 32 gives";

    private final byte[] key;

    private LinkKey(byte[] key) {
        this.key = key;
    }

    /// A new one.
    public static LinkKey generate(SecureRandom random) {
        var key = new byte[BYTES];
        random.nextBytes(key);
        return new LinkKey(key);
    }

    /// Reads the text of one.
    ///
    /// @throws IllegalArgumentException when it is none; does not repeat the text
    public static LinkKey parse(String text) {
        var digits = text.strip();
        if (!digits.matches("[0-9a-fA-F]{" + 2 * BYTES + "}")) {
            throw new IllegalArgumentException(
                    "it holds %d characters that are no key; %s".formatted(digits.length(), MEND));
        }
        return new LinkKey(HexFormat.of().parseHex(digits.toLowerCase(Locale.ROOT)));
    }

    /// @throws IOException when it cannot be read or is none, with the file and how to mend;
    ///     [java.nio.file.NoSuchFileException] when there is no such file
    public static LinkKey read(Path file) throws IOException {
        if (Files.size(file) > MOST_FILE_BYTES) {
            throw new IOException("the link key %s is too large to be one; %s".formatted(file, MEND));
        }
        try {
            return parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new IOException("the link key %s is none: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// What to write into its file or secret.
    public String secret() {
        return HexFormat.of().formatHex(key) + "\n";
    }

    /// Names it without telling it: the first 12 hex digits of its SHA-256.
    public String fingerprint() {
        return hash(key).substring(0, 12);
    }

    /// The value of `Authorization` for a request.
    ///
    /// @param instance the one that is asked, such as `core-0`
    /// @param target path and query, as they are sent
    /// @param bodyHash as [#hash] gives it
    public String sign(String instance, String method, String target, Instant now, String bodyHash) {
        long seconds = now.getEpochSecond();
        return "%s %d:%s"
                .formatted(SCHEME, seconds, HexFormat.of().formatHex(mac(instance, method, target, seconds, bodyHash)));
    }

    /// What a signature is worth.
    public sealed interface Verdict {
        /// Made with this key, for this request, now.
        record Right() implements Verdict {}

        /// @param reason tells nothing of the key
        record Wrong(String reason) implements Verdict {}
    }

    /// Looks at a signature; takes as long for one that is nearly right as for any other.
    ///
    /// @param authorization what was sent; may be empty
    /// @param instance the one that it says it is for; whoever looks has to be that
    public Verdict verify(
            String authorization, String instance, String method, String target, Instant now, String bodyHash) {
        var given = AUTHORIZATION.matcher(authorization.strip());
        if (!given.matches()) {
            return new Verdict.Wrong("it has no Authorization: %s <unix seconds>:<hmac>".formatted(SCHEME));
        }
        long seconds = Long.parseLong(given.group(1));
        var sent = HexFormat.of().parseHex(given.group(2));
        boolean same = MessageDigest.isEqual(sent, mac(instance, method, target, seconds, bodyHash));
        if (!same) {
            return new Verdict.Wrong(
                    "its signature was not made with this router's link key, or for another request or instance");
        }
        long apart = now.getEpochSecond() - seconds;
        if (Math.abs(apart) > LASTING.toSeconds()) {
            return new Verdict.Wrong("it was signed %d s %s by the clock here, and %d s are the most; set both clocks"
                    .formatted(Math.abs(apart), apart > 0 ? "ago" : "ahead", LASTING.toSeconds()));
        }
        return new Verdict.Right();
    }

    /// The signature of an answer.
    ///
    /// @param authorization of the request, as it was sent
    /// @param nonce of the request
    /// @param bodyHash of the answer's body, as [#hash] gives it
    public String signAnswer(String authorization, String nonce, int status, String bodyHash) {
        return HexFormat.of().formatHex(answer(authorization, nonce, status, bodyHash));
    }

    /// Whether an answer was made with this key, for that request.
    ///
    /// @param signature what was sent; may be anything
    public boolean isAnswer(String signature, String authorization, String nonce, int status, String bodyHash) {
        return HMAC.matcher(signature).matches()
                && MessageDigest.isEqual(
                        HexFormat.of().parseHex(signature), answer(authorization, nonce, status, bodyHash));
    }

    private byte[] answer(String authorization, String nonce, int status, String bodyHash) {
        return mac("answer\n" + authorization + "\n" + nonce + "\n" + status + "\n" + bodyHash);
    }

    private byte[] mac(String instance, String method, String target, long seconds, String bodyHash) {
        return mac(method + "\n" + target + "\n" + instance + "\n" + seconds + "\n" + bodyHash);
    }

    private byte[] mac(String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /// The SHA-256 of a body in hex.
    public static String hash(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Without the key.
    @Override
    public String toString() {
        return "link key " + fingerprint();
    }
}
