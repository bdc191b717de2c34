package io.logroute.face;

import io.logroute.flow.Json;
import io.logroute.spec.Words;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// Asks a running LogRoute over REST, with the JDK's plain client: it is loaded fastest.
final class Asking {
    static final String USUAL = "http://127.0.0.1:8080";

    private static final int CONNECT_MS = 3_000;
    private static final int ANSWER_MS = 10_000;
    /// What changes something waits for disks and receivers.
    private static final int CHANGE_MS = 120_000;
    private static final int MAX_ANSWER = 64 << 20;
    private static final byte[] NOTHING = {};
    private static final String JSON = "application/json";

    private final String url;
    private final URI base;
    private final Optional<String> token;

    private Asking(String url, URI base, Optional<String> token) {
        this.url = url;
        this.base = base;
        this.token = token;
    }

    /// It answered, and what it said is no yes.
    static final class Refused extends IOException {
        Refused(String message) {
            super(message);
        }
    }

    /// @param tokenFile file with the token to show; none when empty or blank
    /// @throws ParameterException when the text is no url, or the file holds no token
    static Asking at(String url, Optional<String> tokenFile, CommandLine command) {
        try {
            var uri = URI.create(url.replaceFirst("/+$", ""));
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return new Asking(
                        url, uri, tokenFile.filter(file -> !file.isBlank()).map(file -> token(file, command)));
            }
        } catch (IllegalArgumentException e) {
            // Told below, as for any other text that is no url.
        }
        throw new ParameterException(command, "--url is \"%s\"; write http://host:port".formatted(url));
    }

    private static String token(String file, CommandLine command) {
        try {
            return Access.read("REST", Path.of(file));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, "--token-file: " + e.getMessage(), e);
        }
    }

    @Nullable
    Object get(String path) throws IOException {
        return ask("GET", path, NOTHING, JSON, ANSWER_MS, Set.of(200));
    }

    /// What is there; empty when there is no such thing.
    Optional<Answer> find(String path) throws IOException {
        var found = ask("GET", path, NOTHING, JSON, ANSWER_MS, Set.of(200, 404));
        return found instanceof Map<?, ?> map
                        && map.containsKey("mend")
                        && Long.valueOf(404).equals(map.get("status"))
                ? Optional.empty()
                : Optional.of(Answer.of(found));
    }

    /// Sends a change; `null` as body sends none.
    @Nullable
    Object change(String method, String path, @Nullable Object body) throws IOException {
        var bytes = body == null ? NOTHING : Json.write(body).getBytes(StandardCharsets.UTF_8);
        return ask(method, path, bytes, JSON, CHANGE_MS, Set.of(200));
    }

    /// Asks for something to be done. What was not done, for problems, is an answer like any other.
    ///
    /// @param yaml documents; empty for none
    @Nullable
    Object order(String path, String yaml) throws IOException {
        return order("POST", path, yaml);
    }

    /// The same by another method.
    @Nullable
    Object order(String method, String path, String yaml) throws IOException {
        return ask(
                method, path, yaml.getBytes(StandardCharsets.UTF_8), "application/yaml", CHANGE_MS, Set.of(200, 422));
    }

    /// A path of these parts, with these questions; those without an answer are left away.
    static String path(String path, Map<String, String> query) {
        var out = new StringBuilder(path);
        char next = '?';
        for (var each : query.entrySet()) {
            if (!each.getValue().isEmpty()) {
                out.append(next).append(each.getKey()).append('=').append(encoded(each.getValue()));
                next = '&';
            }
        }
        return out.toString();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private @Nullable Object ask(
            String method, String path, byte[] body, String type, int patience, Set<Integer> answers)
            throws IOException {
        var uri = base.resolve(base.getRawPath() + path);
        if (!(uri.toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException("not http");
        }
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(patience);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestMethod(method);
        connection.setRequestProperty("Accept", JSON);
        token.ifPresent(each -> connection.setRequestProperty("Authorization", "Bearer " + each));
        try {
            if (body.length > 0) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", type);
                try (var out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            int status = connection.getResponseCode();
            if (!answers.contains(status)) {
                throw refused(connection, method, uri);
            }
            byte[] answer;
            try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                answer = in.readNBytes(MAX_ANSWER);
            }
            return Json.value(answer, 0, answer.length);
        } catch (IllegalArgumentException e) {
            throw new IOException("what it answered to %s %s is no JSON".formatted(method, uri.getPath()), e);
        } finally {
            connection.disconnect();
        }
    }

    /// With its own words where it has some.
    private static IOException refused(HttpURLConnection connection, String method, URI uri) throws IOException {
        int status = connection.getResponseCode();
        try (var in = connection.getErrorStream()) {
            var answer = in == null ? new byte[0] : in.readNBytes(1 << 16);
            if (Json.value(answer, 0, answer.length) instanceof Map<?, ?> fault
                    && fault.get("what") instanceof String) {
                return new Refused(
                        "%s %s".formatted(Words.sentence(String.valueOf(fault.get("what"))), fault.get("mend")));
            }
        } catch (IllegalArgumentException e) {
            // It has none.
        }
        return new IOException("it answered %d to %s %s".formatted(status, method, uri.getPath()));
    }

    /// What to tell when it did not answer.
    String unanswered(IOException why) {
        if (why instanceof Refused) {
            return String.valueOf(why.getMessage());
        }
        if (why instanceof java.net.SocketTimeoutException) {
            return "the LogRoute at %s did not answer in time (%s); it may be busy, try again"
                    .formatted(url, why.getMessage());
        }
        var reason = why instanceof UnknownHostException
                ? "there is no host " + why.getMessage()
                : String.valueOf(why.getMessage());
        return "no LogRoute answers at %s (%s); start one with logroute run, or name another with --url"
                .formatted(url, reason);
    }
}
