package io.logroute.face;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who may ask what: by bearer tokens, of which only sums are kept. Viewers look, operators do all.
///
/// Without any token everybody may do all that reaches the port; but nothing by a name that others can point at it,
/// and a page in somebody's browser that comes from elsewhere may change nothing even then.
public final class Access {
    /// Everybody on this machine may do all.
    public static final Access OPEN = new Access(null, null, ControllerOptions.THIS_MACHINE);

    static final int SHORTEST = 16;
    static final int LONGEST = 1024;

    private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern BEARER = Pattern.compile("(?i)bearer +(\\S+) *");
    /// Methods that change nothing.
    private static final Set<String> LOOKS = Set.of("GET", "HEAD", "OPTIONS");

    /// What `Host` says: an address or a name, and its port.
    private static final Pattern HOST = Pattern.compile("(\\[[^\\[\\]]*]|[^:\\[\\]]*)(?::\\d{0,5})?");

    private static final Pattern LOOPBACK = Pattern.compile("(?i)localhost|127(\\.\\d{1,3}){3}|\\[?::1]?");
    /// An address, or a name that has no domain: of a machine or service nearby.
    private static final Pattern NEARBY = Pattern.compile("(?i)\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]|[a-z0-9_-]+");

    private final byte @Nullable [] operator;
    private final byte @Nullable [] viewer;
    private final String listens;

    private Access(byte @Nullable [] operator, byte @Nullable [] viewer, String listens) {
        this.operator = operator;
        this.viewer = viewer;
        this.listens = listens;
    }

    /// Everybody who reaches the port may do all.
    ///
    /// @param host the address it listens on, as it was told
    static Access open(String host) {
        return new Access(null, null, host);
    }

    /// Whether only this machine reaches that address.
    static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host).matches();
    }

    /// What is asked.
    ///
    /// @param authorizations every header `Authorization`
    /// @param origin where the page came from that asks, by the browser's word
    record Asked(String method, List<String> authorizations, Optional<String> host, Optional<String> origin) {
        Asked {
            authorizations = List.copyOf(authorizations);
        }

        boolean changes() {
            return !LOOKS.contains(method.toUpperCase(Locale.ROOT));
        }
    }

    /// What becomes of a request.
    sealed interface Verdict {
        record Let() implements Verdict {}

        /// @param challenge what `WWW-Authenticate` says
        record Unknown(Fault fault, String challenge) implements Verdict {}

        record Forbidden(Fault fault) implements Verdict {}
    }

    /// Reads the tokens.
    ///
    /// @param operatorFile empty when there is no operator token
    /// @param viewerFile empty when there is no viewer token
    /// @throws IllegalArgumentException when a file cannot be read or holds no token; the message says
    ///     what, where, and how to mend
    public static Access of(Optional<Path> operatorFile, Optional<Path> viewerFile) {
        var operator = operatorFile.map(file -> token("operator", file)).orElse(null);
        var viewer = viewerFile.map(file -> token("viewer", file)).orElse(null);
        if (operator != null && viewer != null && same(operator, viewer)) {
            throw new IllegalArgumentException(
                    "the tokens in %s and %s are the same, so viewers would be operators; make another one for viewers, such as with openssl rand -hex 32"
                            .formatted(operatorFile.orElseThrow(), viewerFile.orElseThrow()));
        }
        return operator == null && viewer == null ? OPEN : new Access(operator, viewer, "");
    }

    /// The token in a file, for whoever sends it.
    ///
    /// @param whose `viewer`, `operator`; for the message
    /// @throws IllegalArgumentException when it cannot be read or holds no token
    static String read(String whose, Path file) {
        String text;
        try (var in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(LONGEST * 4), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the %s token cannot be read from %s (%s); name a file that this user may read"
                            .formatted(whose, file, e.getClass().getSimpleName()),
                    e);
        }
        var make = "; write one of %d to %d, such as openssl rand -hex 32 makes".formatted(SHORTEST, LONGEST);
        if (text.length() < SHORTEST || text.length() > LONGEST) {
            throw new IllegalArgumentException("the %s token in %s has %s characters%s"
                    .formatted(whose, file, text.length() > LONGEST ? "too many" : text.length(), make));
        }
        if (!VISIBLE.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "the %s token in %s has blanks, line breaks or other characters that do not travel in a header%s"
                            .formatted(whose, file, make));
        }
        return text;
    }

    private static byte[] token(String whose, Path file) {
        return sum(read(whose, file));
    }

    /// Whether anybody has to show a token.
    public boolean isOpen() {
        return operator == null && viewer == null;
    }

    Verdict judge(Asked asked) {
        if (isOpen()) {
            var led = asked.host().flatMap(this::byNameOfOthers);
            if (led.isPresent()) {
                return new Verdict.Forbidden(led.get());
            }
            return asked.changes() && fromElsewhere(asked)
                    ? new Verdict.Forbidden(new Fault(
                            403,
                            "a page from elsewhere asks for a change",
                            "Ask with curl or logroute; or give LogRoute tokens."))
                    : new Verdict.Let();
        }
        if (asked.authorizations().isEmpty()) {
            return new Verdict.Unknown(
                    new Fault(
                            401,
                            "no token was sent",
                            "Send the header \"Authorization: Bearer TOKEN\"; commands of logroute take --token-file FILE."),
                    "Bearer realm=\"logroute\"");
        }
        var token = BEARER.matcher(asked.authorizations().getFirst());
        if (asked.authorizations().size() > 1 || !token.matches()) {
            return unknown("the header Authorization is not one bearer token");
        }
        var sum = sum(token.group(1));
        // Both are compared, whatever the first one says.
        boolean operates = same(sum, operator);
        boolean views = same(sum, viewer);
        if (operates || views && !asked.changes()) {
            return new Verdict.Let();
        }
        if (views) {
            return new Verdict.Forbidden(new Fault(
                    403,
                    "viewers look and change nothing, and %s changes something".formatted(asked.method()),
                    operator == null
                            ? "Start the controller with --operator-token-file, and ask with that token."
                            : "Ask with the operator's token."));
        }
        return unknown("the token is none of this LogRoute's");
    }

    private static Verdict unknown(String what) {
        return new Verdict.Unknown(
                new Fault(401, what, "Send the token of a viewer or operator of this installation."),
                "Bearer realm=\"logroute\", error=\"invalid_token\"");
    }

    /// A page can point a name of its own at this machine, and is then no page from elsewhere to the browser. By the
    /// name that was asked for it is told; every browser sends that.
    private Optional<Fault> byNameOfOthers(String asked) {
        var host = HOST.matcher(asked.strip());
        var name = host.matches() ? host.group(1) : "";
        if (isLoopback(name)) {
            return Optional.empty();
        }
        if (isLoopback(listens)) {
            return Optional.of(new Fault(
                    403,
                    "it was asked by another name than localhost, and has no tokens",
                    "Ask localhost, 127.0.0.1 or [::1]; or give LogRoute tokens."));
        }
        return NEARBY.matcher(name).matches() || name.equalsIgnoreCase(listens)
                ? Optional.empty()
                : Optional.of(new Fault(
                        403,
                        "it was asked by a name that others may have pointed at it, and has no tokens",
                        "Ask by its address or a name without dots; or start it with --host and that name."));
    }

    /// Programs send no Origin; browsers do with every change that a page asks for.
    private static boolean fromElsewhere(Asked asked) {
        return asked.origin()
                .filter(origin -> !authority(origin).equals(asked.host()))
                .isPresent();
    }

    private static Optional<String> authority(String origin) {
        try {
            return Optional.ofNullable(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// Takes the same time whatever is in it.
    private static boolean same(byte[] sum, byte @Nullable [] other) {
        return other != null && MessageDigest.isEqual(sum, other);
    }

    private static byte[] sum(String token) {
        var bytes = token.getBytes(StandardCharsets.UTF_8);
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /// Says who is known, and nothing of the tokens.
    @Override
    public String toString() {
        if (isOpen()) {
            return "open";
        }
        return operator == null ? "viewers" : viewer == null ? "operators" : "viewers and operators";
    }
}
