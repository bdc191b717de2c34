package io.logroute.remote;

import io.logroute.flow.Json;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.plan.swarm.Packed;
import io.logroute.spec.Words;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Speaks to routers that run elsewhere, for the controller. Every call ends within a bound, whatever the other
/// side does, and tells what came of it as a value; an answer that is not signed with the link key is none. Safe
/// for all threads.
///
///     var link = new RouterLink(key, InstantSource.system());
///     switch (link.push(address, pipeline.text(), pipeline.revision(), 17)) { ... }
public final class RouterLink implements Routers, AutoCloseable {
    /// Where the management of an instance listens.
    private static final int MANAGEMENT_PORT = 9600;

    private static final Duration CONNECT = Duration.ofSeconds(3);
    /// For what only tells, and for orders.
    private static final Duration TELL = Duration.ofSeconds(10);
    /// For what changes something: it waits for disks, sources and sinks.
    private static final Duration CHANGE = Duration.ofSeconds(60);
    private static final long MOST_ANSWER = 64 << 20;
    private static final int NONCE_BYTES = 16;

    private final LinkKey key;
    private final InstantSource clock;
    private final Duration tell;
    private final Duration change;
    private final HttpClient http;
    private final SecureRandom random = new SecureRandom();

    public RouterLink(LinkKey key, InstantSource clock) {
        this(key, clock, TELL, CHANGE);
    }

    RouterLink(LinkKey key, InstantSource clock, Duration tell, Duration change) {
        this.key = key;
        this.clock = clock;
        this.tell = tell;
        this.change = change;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .build();
    }

    /// Where a router's management listens.
    ///
    /// @param host a name or an address; names of Swarm services, with their underscores, too
    /// @param instance who is expected there, such as `core-0`: nobody else obeys
    public record Address(String host, int port, String instance) {
        public Address {
            if (host.isBlank() || port < 1 || port > 65_535) {
                throw new IllegalArgumentException(
                        "%s:%d is no place to ask; write a host and a port from 1 to 65535".formatted(host, port));
            }
        }

        /// Of an instance that is a Swarm service: `logroute_core-0` is instance `core-0`.
        public static Address ofService(String service) {
            return new Address(service, MANAGEMENT_PORT, service.substring(service.lastIndexOf('_') + 1));
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /// What came of asking for a report.
    public sealed interface Reported {
        record Told(InstanceReport report) implements Reported {}

        /// It answers, and has nothing to tell yet: it starts, or stops.
        record NotYet(String reason) implements Reported {}

        /// It does not know this link key, or has none.
        record Denied(String reason) implements Reported {}

        record Unreachable(String reason) implements Reported {}
    }

    /// What came of a push.
    public sealed interface Pushed {
        /// It runs that, and keeps it.
        ///
        /// @param changed whether it did not before
        record Taken(boolean changed) implements Pushed {}

        /// It cannot run that, and goes on as it was.
        ///
        /// @param problems in its own words
        record Refused(List<String> problems) implements Pushed {
            public Refused {
                problems = List.copyOf(problems);
            }
        }

        /// It runs a later generation.
        record Outdated(String reason) implements Pushed {}

        /// More than routes and sinks would change.
        record NeedsRestart(String reason) implements Pushed {}

        /// It goes on as it was, for a reason that passes: another change is under way, it could not keep it,
        /// it starts or stops.
        record NotNow(String reason) implements Pushed {}

        /// It does not know this link key, or has none.
        record Denied(String reason) implements Pushed {}

        /// Nobody knows what came of it: the next report tells.
        record Unreachable(String reason) implements Pushed {}
    }

    /// What came of an order.
    public sealed interface Ordered {
        /// It does so, and keeps to it.
        record Taken() implements Ordered {}

        /// It goes on as it was, for a reason that passes.
        record NotNow(String reason) implements Ordered {}

        /// It is of a time before there were orders, and knows none.
        record KnowsNone() implements Ordered {}

        /// It does not know this link key, or has none.
        record Denied(String reason) implements Ordered {}

        /// Nobody knows what came of it: the next report tells.
        record Unreachable(String reason) implements Ordered {}
    }

    /// What came of any other request.
    public sealed interface Asked {
        /// @param status of HTTP
        @SuppressWarnings("ArrayRecordComponent") // compared by nobody
        record Answered(int status, byte[] body) implements Asked {}

        record Unreachable(String reason) implements Asked {}
    }

    @Override
    public Reported report(Address address) {
        return switch (ask(address, "GET", "/api/v1/report", new byte[0], tell)) {
            case Asked.Unreachable(var reason) -> new Reported.Unreachable(reason);
            case Asked.Answered(int status, var body) ->
                switch (status) {
                    case 200 -> told(address, body);
                    case 401, 403 -> new Reported.Denied(words(status, body));
                    case 503 -> new Reported.NotYet(words(status, body));
                    default -> new Reported.Unreachable("%s: %s".formatted(address, words(status, body)));
                };
        };
    }

    private static Reported told(Address address, byte[] body) {
        try {
            return new Reported.Told(Reports.read(body));
        } catch (IllegalArgumentException e) {
            return new Reported.Unreachable("what %s told is no report: %s".formatted(address, e.getMessage()));
        }
    }

    @Override
    public Pushed push(Address address, String text, Revision revision, long generation) {
        var target = "/api/v1/pipeline?revision=%s&generation=%d".formatted(revision.hash(), generation);
        return switch (ask(address, "PUT", target, Packed.zipped(text), change)) {
            case Asked.Unreachable(var reason) -> new Pushed.Unreachable(reason);
            case Asked.Answered(int status, var body) ->
                switch (status) {
                    case 200 -> new Pushed.Taken(tree(body).get("changed") instanceof Boolean changed && changed);
                    case 400, 409, 413 -> new Pushed.Refused(problems(status, body));
                    case 412 -> new Pushed.Outdated(words(status, body));
                    case 422 -> new Pushed.NeedsRestart(words(status, body));
                    case 401, 403 -> new Pushed.Denied(words(status, body));
                    case 503 -> new Pushed.NotNow(words(status, body));
                    default -> new Pushed.Unreachable("%s: %s".formatted(address, words(status, body)));
                };
        };
    }

    @Override
    public Ordered order(Address address, Order order) {
        var target = "/api/v1/order?do=" + order.name().toLowerCase(Locale.ROOT);
        // Sources are ended within seconds; what takes longer is told again.
        return switch (ask(address, "PUT", target, new byte[0], tell)) {
            case Asked.Unreachable(var reason) -> new Ordered.Unreachable(reason);
            case Asked.Answered(int status, var body) ->
                switch (status) {
                    case 200 -> new Ordered.Taken();
                    case 404 -> new Ordered.KnowsNone();
                    case 401, 403 -> new Ordered.Denied(words(status, body));
                    case 409, 503 -> new Ordered.NotNow(words(status, body));
                    default -> new Ordered.Unreachable("%s: %s".formatted(address, words(status, body)));
                };
        };
    }

    /// Any other request, such as one for dead letters, with what it answered.
    ///
    /// @param target path and query, encoded
    public Asked ask(Address address, String method, String target, byte[] body) {
        return ask(address, method, target, body, method.equals("GET") ? tell : change);
    }

    private Asked ask(Address address, String method, String target, byte[] body, Duration patience) {
        var outcome = new CompletableFuture<Asked>();
        // Finding the address of a name waits as long as the resolver pleases.
        var asking = Thread.ofVirtual().name("ask-" + address).start(() -> {
            try {
                outcome.complete(exchange(address, method, target, body, patience));
            } catch (RuntimeException | Error e) {
                outcome.completeExceptionally(e);
            }
        });
        try {
            return outcome.get(patience.toMillis() + 500, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Asked.Unreachable(slow(address, patience));
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking " + address + " failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Asked.Unreachable("asking %s was interrupted".formatted(address));
        } finally {
            asking.interrupt();
        }
    }

    private static String slow(Address address, Duration patience) {
        return "%s did not answer within %d ms".formatted(address, patience.toMillis());
    }

    private Asked exchange(Address address, String method, String target, byte[] body, Duration patience) {
        try {
            var hash = LinkKey.hash(body);
            var authorization = key.sign(address.instance(), method, target, clock.instant(), hash);
            var nonce = nonce();
            var request = HttpRequest.newBuilder(uri(address, target))
                    .timeout(patience)
                    .header("Authorization", authorization)
                    .header(LinkKey.NONCE, nonce)
                    .header(LinkKey.INSTANCE, address.instance())
                    .header(LinkKey.BODY_HASH, hash)
                    .header("Accept", "application/json")
                    .method(
                            method,
                            body.length == 0
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body));
            if (body.length > 0) {
                request.header("Content-Type", "application/octet-stream");
            }
            var answer =
                    http.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_ANSWER));
            try {
                // The client's own timeout ends with the head of the answer.
                var got = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
                return isItsOwn(got, authorization, nonce)
                        ? new Asked.Answered(got.statusCode(), got.body())
                        : new Asked.Unreachable(
                                "what answers at %s has not the link key, or is an older LogRoute: its answer (%d) is not signed with it"
                                        .formatted(address, got.statusCode()));
            } finally {
                answer.cancel(true);
            }
        } catch (UnknownHostException e) {
            return new Asked.Unreachable("there is no host %s".formatted(address.host()));
        } catch (TimeoutException e) {
            return new Asked.Unreachable(slow(address, patience));
        } catch (ExecutionException e) {
            return new Asked.Unreachable(why(address, patience, e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Asked.Unreachable("asking %s was interrupted".formatted(address));
        }
    }

    /// Whether the router that has the key answered. One that has another, or none, can say no without.
    private boolean isItsOwn(HttpResponse<byte[]> answer, String authorization, String nonce) {
        return answer.statusCode() == 401
                || answer.statusCode() == 403
                || key.isAnswer(
                        answer.headers().firstValue(LinkKey.ANSWER).orElse(""),
                        authorization,
                        nonce,
                        answer.statusCode(),
                        LinkKey.hash(answer.body()));
    }

    private String nonce() {
        var bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static String why(Address address, Duration patience, @Nullable Throwable cause) {
        return switch (cause) {
            case HttpConnectTimeoutException _ ->
                "no connection to %s within %d ms".formatted(address, CONNECT.toMillis());
            case java.net.http.HttpTimeoutException _ -> slow(address, patience);
            case ConnectException _ -> "nobody listens at %s".formatted(address);
            case IOException e -> "the connection to %s broke: %s".formatted(address, e.getMessage());
            case null, default -> "asking %s failed: %s".formatted(address, cause);
        };
    }

    /// A name is looked up here: one with an underscore is no host of a URI.
    private static URI uri(Address address, String target) throws UnknownHostException {
        var ip = InetAddress.getByName(address.host());
        var host = ip instanceof Inet6Address
                ? "[" + ip.getHostAddress().replaceAll("%.*", "") + "]"
                : ip.getHostAddress();
        return URI.create("http://%s:%d%s".formatted(host, address.port(), target));
    }

    private static List<String> problems(int status, byte[] body) {
        if (tree(body).get("problems") instanceof List<?> problems && !problems.isEmpty()) {
            return problems.stream().map(String::valueOf).toList();
        }
        return List.of(words(status, body));
    }

    private static String words(int status, byte[] body) {
        var tree = tree(body);
        if (tree.get("what") instanceof String what) {
            return tree.get("mend") instanceof String mend ? "%s %s".formatted(Words.sentence(what), mend) : what;
        }
        var text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "it answered " + status : "it answered %d: %s".formatted(status, text);
    }

    private static Map<String, @Nullable Object> tree(byte[] body) {
        try {
            return Json.parse(body, 0, body.length);
        } catch (IllegalArgumentException e) {
            return Map.of();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
