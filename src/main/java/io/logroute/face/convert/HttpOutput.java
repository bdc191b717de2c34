package io.logroute.face.convert;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Says the output that posts to a server. A body is the events as they are; what is made of them for
/// the body alone (`mapping`, `message`, a form) is not said.
final class HttpOutput {
    private static final Pattern CREDENTIALS = Pattern.compile("^(https?://)([^/@\\s]*)@(.*)$");
    private static final Pattern SECRET = Pattern.compile("(?i).*(authorization|token|key|secret|password|cookie).*");
    private static final int MOST_IN_FLIGHT = 64;

    private HttpOutput() {}

    static Map<String, Object> sink(End end) throws Untold {
        var settings = end.settings();
        settings.ignore(
                "ecs_compatibility",
                "automatic_retries",
                "connect_timeout",
                "socket_timeout",
                "keepalive",
                "pool_max_per_route",
                "retry_non_idempotent",
                "validate_after_inactivity",
                "ssl_enabled");
        var how = new LinkedHashMap<String, Object>();
        var user = url(end, how);
        method(settings, how);
        body(end, how);
        auth(end, how, user, headers(end, how));
        var files = end.clientTls();
        if (!files.isEmpty() && String.valueOf(how.get("url")).startsWith("https:")) {
            how.put("tls", files);
        }
        if (settings.truth("http_compression", false)) {
            how.put("gzip", true);
        }
        var most = settings.text("pool_max");
        if (most.isPresent()) {
            how.put("inFlight", Math.min(MOST_IN_FLIGHT, Hints.whole(most.get(), "pool_max")));
        }
        var patience = settings.text("request_timeout");
        if (patience.isPresent()) {
            how.put("timeout", Hints.whole(patience.get(), "request_timeout") + "s");
        }
        retries(end);
        return how;
    }

    /// @return the user that stood in it
    private static Optional<String> url(End end, Map<String, Object> how) throws Untold {
        var url = end.settings().text("url");
        if (url.isEmpty()) {
            throw new Untold("it has no url");
        }
        var credentials = CREDENTIALS.matcher(url.get());
        boolean inside = credentials.matches();
        var bare = End.named(inside ? credentials.group(1) + credentials.group(3) : url.get());
        how.put("url", Templates.ours(bare));
        if (!Templates.fields(bare).isEmpty()) {
            end.notes()
                    .general(
                            "http url",
                            "http: what an event fills into the url is escaped, so that it stays within its place; an event"
                                    + " without the field goes to the dead letters.");
        }
        return inside ? Optional.of(credentials.group(2).split(":", 2)[0]) : Optional.empty();
    }

    private static void method(Settings settings, Map<String, Object> how) throws Untold {
        var method = settings.text("http_method", "post").toLowerCase(Locale.ROOT);
        switch (method) {
            case "post" -> {}
            case "put", "patch" -> how.put("method", method);
            default -> throw new Untold("its http_method is %s; the sink knows POST, PUT and PATCH".formatted(method));
        }
    }

    private static void body(End end, Map<String, Object> how) throws Untold {
        var settings = end.settings();
        if (settings.has("mapping")) {
            throw new Untold(
                    "its mapping sends other fields than the event has; make them with set and keep in a route of its own, and leave the mapping away");
        }
        var format = settings.text("format", "json");
        switch (format) {
            case "json" -> {
                how.put("body", "single");
                end.note(
                        "format",
                        "one request for each event, as Logstash does it; body: ndjson, or json, is many times quicker where the server takes it");
            }
            case "json_batch" -> how.put("body", "json");
            default ->
                throw new Untold(
                        "its format is %s; the sink posts events as JSON, each by itself, in an array or one a line"
                                .formatted(format));
        }
        var type = settings.text("content_type", "application/json");
        if (!type.startsWith("application/json")) {
            end.changed("content_type", "the content type is application/json");
        }
    }

    /// @return what stood under Authorization
    private static Optional<String> headers(End end, Map<String, Object> how) throws Untold {
        Optional<String> authorization = Optional.empty();
        var headers = new LinkedHashMap<String, Object>();
        for (var header : end.settings().textTable("headers")) {
            var name = header.getKey();
            var value = header.getValue();
            if (name.equalsIgnoreCase("Authorization")) {
                authorization = Optional.of(value);
            } else if (name.equalsIgnoreCase("Content-Type")) {
                end.changed("headers", "Content-Type is made by the sink");
            } else if (SECRET.matcher(name).matches()) {
                end.leftOut(
                        "headers",
                        "%s looks like a secret, which specs do not hold; the sink shows a user or a token (auth)"
                                .formatted(name));
            } else if (!Templates.isPlain(value)) {
                end.leftOut("headers", "%s differs by event; headers are the same for all of them".formatted(name));
            } else {
                headers.put(name, value);
            }
        }
        if (!headers.isEmpty()) {
            how.put("headers", headers);
        }
        return authorization;
    }

    private static void auth(End end, Map<String, Object> how, Optional<String> inside, Optional<String> authorization)
            throws Untold {
        var settings = end.settings();
        var user = settings.text("user");
        settings.ignore("password");
        var words = authorization.orElse("").strip().split(" +", 2);
        var basic = words.length == 2 && words[0].equalsIgnoreCase("Basic") ? user(words[1]) : Optional.<String>empty();
        var who = user.or(() -> inside).or(() -> basic);
        if (who.isPresent()) {
            var option = settings.has("password") ? "password" : authorization.isPresent() ? "headers" : "url";
            var auth = new LinkedHashMap<String, Object>();
            auth.put("username", who.get());
            auth.put("passwordFile", end.secret(option, "the password", "http-password"));
            how.put("auth", auth);
            return;
        }
        if (words[0].equalsIgnoreCase("Bearer")) {
            how.put("auth", Map.of("tokenFile", end.secret("headers", "the token behind Bearer", "http-token")));
        } else if (authorization.isPresent()) {
            end.leftOut(
                    "headers",
                    "Authorization is neither Basic with a user nor Bearer; write auth with username and passwordFile, or tokenFile");
        }
    }

    /// The user within what Basic sends.
    private static Optional<String> user(String encoded) {
        try {
            var text = new String(Base64.getDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
            return text.indexOf(':') > 0 ? Optional.of(text.substring(0, text.indexOf(':'))) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static void retries(End end) throws Untold {
        var settings = end.settings();
        end.notes()
                .general(
                        "http",
                        "http: Logstash follows redirects, and forgets events at a status that it does not try again; here"
                                + " a redirect is not followed, and such events go to the dead letters.");
        settings.ignore("follow_redirects");
        if (!settings.truth("retry_failed", true)) {
            end.changed("retry_failed", "what fails is tried again, for ever");
        }
        if (settings.has("retryable_codes")) {
            settings.ignore("retryable_codes");
            end.changed(
                    "retryable_codes",
                    "408, 425, 429 and 5xx are tried again, and 401, 403 and redirects until somebody mends them");
        }
        if (settings.has("ignorable_codes")) {
            settings.ignore("ignorable_codes");
            end.changed("ignorable_codes", "2xx is success, and nothing else; other 4xx make dead letters");
        }
        if (settings.truth("cookies", false)) {
            end.changed("cookies", "the sink keeps no cookies");
        }
    }
}
