package io.logroute.face;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import io.logroute.plan.Order;
import io.logroute.remote.LinkKey;
import io.logroute.remote.Reports;
import io.logroute.router.Instance.Ordered;
import io.logroute.router.Instance.Pushed;
import io.logroute.spec.Problem;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a router instance of a swarm serves over HTTP, with the server of the JDK:
///
/// | open to all | |
/// |---|---|
/// | `GET /` | who it is and how it does, as monitoring of Logstash asks for it |
/// | `GET /q/health/live`, `GET /q/health/ready` | 200, or 503 with words |
/// | `GET /metrics` | for Prometheus |
///
/// | signed with the link key ([LinkKey]) | |
/// |---|---|
/// | `GET /api/v1/report` | what it tells of itself ([Reports]) |
/// | `PUT /api/v1/pipeline?revision=R&generation=G` | runs and keeps that |
/// | `PUT /api/v1/order?do=drain` | only delivers what it has, until `do=serve`; keeps to that |
/// | `PUT /api/v1/order?do=discard` | gives up a buffer elsewhere, when it is drained |
/// | `/api/v1/dead-letters...` | as at `logroute run`, but that a replay or purge needs `until` |
/// | `GET /api/v1/dead-letters/ROUTER/SINK/end` | that: where the letters end now |
///
/// A push is answered with 200, with 409 when it cannot be run, with 412 when a later one runs, with 422 when
/// more than routes and sinks would change, with 503 when it does not suit now. An order is answered with 200
/// and `{"mode":"DRAINING"}`, with 409 when it cannot be obeyed, with 503 when it does not suit now; repeated,
/// it changes nothing.
///
/// A signature is looked at before the body is read, so a stranger's costs nothing. How long a
/// request may take to come in, and an answer to be read, the server of the JDK takes from
/// properties of the process, and reads those once: see [#bound].
public final class Management implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Management.class.getName());

    private static final int BACKLOG = 64;
    private static final int MAX_CONNECTIONS = 512;
    private static final int MAX_HEAD = 16 << 10;
    private static final Duration REQUEST = Duration.ofSeconds(10);
    /// More than a controller waits for a push.
    private static final Duration ANSWER = Duration.ofSeconds(75);
    private static final int MAX_PIPELINE = 8 << 20;
    private static final int MAX_BODY = 1 << 20;
    private static final int SCRAPES = 8;
    private static final int SIGNED = 8;
    private static final String PIPELINE = "/api/v1/pipeline";
    private static final String ORDER = "/api/v1/order";
    private static final String LETTERS = "/api/v1/dead-letters";
    /// Below the letters of a sink: where they end now.
    static final String END = "end";

    private static final String JSON = "application/json";

    static {
        bound();
    }

    private final Managed managed;
    private final Face.Life life;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("management-", 0).factory());
    /// Large answers that are made or read at once; strangers cannot take those of the controller.
    private final Semaphore scrapes = new Semaphore(SCRAPES);
    private final Semaphore signed = new Semaphore(SIGNED);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);

    Management(String host, int port, Managed managed, Face.Life life) throws CannotServe {
        this.managed = managed;
        this.life = life;
        this.server = open(host, port);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /// Bounds for slow and hostile clients; what the process was told otherwise stays.
    private static void bound() {
        tell("sun.net.httpserver.maxReqTime", REQUEST.toSeconds());
        tell("sun.net.httpserver.maxRspTime", ANSWER.toSeconds());
        tell("sun.net.httpserver.maxReqHeaderSize", MAX_HEAD);
        tell("sun.net.httpserver.maxReqHeaders", 64);
        tell("jdk.httpserver.maxConnections", MAX_CONNECTIONS);
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private static void tell(String property, long value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Long.toString(value));
        }
    }

    /// Serves, and returns when the process was told to end and all is closed, as [Face#serve]
    /// does. Belongs on the main thread.
    ///
    /// @param port 0 takes a free one
    /// @throws CannotServe when it cannot listen there
    public static void serve(String host, int port, Managed managed, Face.Life life) throws CannotServe {
        var management = new Management(host, port, managed, life);
        var hook = new Thread(management::close, "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            management.listening();
            managed.instance()
                    .over()
                    .thenRun(() -> Thread.ofVirtual().name("over").start(management::close));
            management.ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            forget(hook);
            management.close();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is on its way out, and the hook runs.
        }
    }

    private static HttpServer open(String host, int port) throws CannotServe {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), BACKLOG);
        } catch (UnknownHostException e) {
            throw new CannotServe(
                    "management: there is no address %s; name one of this machine with --host".formatted(host), e);
        } catch (BindException e) {
            throw Face.refused(host, port, e);
        } catch (SocketException e) {
            var told = new BindException(e.getMessage());
            told.initCause(e);
            throw Face.refused(host, port, told);
        } catch (IOException e) {
            throw new CannotServe(
                    "management: cannot listen on %s:%d (%s); choose another with --host and --port"
                            .formatted(host, port, e.getMessage()),
                    e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    private synchronized void listening() {
        // A signal may have come before it listened.
        if (!stopped.get()) {
            life.listening(port());
        }
    }

    /// Ends what goes along with it, then the serving, within [Face#STOPPING].
    @Override
    public void close() {
        if (stopped.compareAndSet(false, true)) {
            life.ending();
            Face.end(this::closeRest, Face.STOPPING);
            server.stop(0);
            threads.shutdownNow();
            ended.countDown();
        }
    }

    private synchronized void closeRest() {
        life.stopping();
    }

    /// @param body null where it has none
    private record Reply(int status, String type, byte[] body) {
        static Reply json(int status, Map<String, ? extends @Nullable Object> tree) {
            return json(status, (Object) tree);
        }

        static Reply json(int status, Object tree) {
            return new Reply(status, JSON, (Json.write(tree) + "\n").getBytes(StandardCharsets.UTF_8));
        }

        static Reply fault(int status, String what, String mend) {
            return of(new Fault(status, what, mend));
        }

        static Reply of(Fault fault) {
            return json(fault.status(), tree(fault));
        }

        static Map<String, @Nullable Object> tree(Fault fault) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("status", (long) fault.status());
            tree.put("what", fault.what());
            tree.put("mend", fault.mend());
            return tree;
        }
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            answer(exchange);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "A client of management is gone", e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getRawPath();
        if (path == null || !path.startsWith("/api/")) {
            bounded(
                    path != null && path.equals("/metrics") ? Optional.of(scrapes) : Optional.empty(),
                    exchange,
                    this::open,
                    (_, _) -> {});
            return;
        }
        var denied = denied(exchange);
        if (denied.isPresent()) {
            exchange.getResponseHeaders().set("Connection", "close");
            send(exchange, denied.get());
            return;
        }
        bounded(Optional.of(signed), exchange, this::obeyed, this::sign);
    }

    private interface Answering {
        Reply answer(HttpExchange exchange) throws IOException;
    }

    private interface Signing {
        void sign(HttpExchange exchange, Reply reply);
    }

    private static void bounded(Optional<Semaphore> room, HttpExchange exchange, Answering answering, Signing signing)
            throws IOException {
        if (room.isPresent() && !room.get().tryAcquire()) {
            var full = Reply.fault(503, "too many ask for this at once", "Ask again in a moment.");
            signing.sign(exchange, full);
            send(exchange, full);
            return;
        }
        try {
            Reply reply;
            try {
                reply = answering.answer(exchange);
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "%s %s failed"
                                .formatted(
                                        exchange.getRequestMethod(),
                                        exchange.getRequestURI().getPath()),
                        e);
                reply = Reply.fault(500, "a fault of LogRoute's own", "Please report it with what its log says now.");
            }
            signing.sign(exchange, reply);
            send(exchange, reply);
        } finally {
            room.ifPresent(Semaphore::release);
        }
    }

    /// Only those whose request was signed get this: a stranger learns nothing by it.
    private void sign(HttpExchange exchange, Reply reply) {
        managed.key()
                .ifPresent(key -> exchange.getResponseHeaders()
                        .set(
                                LinkKey.ANSWER,
                                key.signAnswer(
                                        header(exchange, "Authorization"),
                                        header(exchange, LinkKey.NONCE),
                                        reply.status(),
                                        LinkKey.hash(reply.body()))));
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", reply.type());
        boolean headOnly = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), headOnly ? -1 : reply.body().length);
        // Before the exchange is closed, which may wait for the rest of a body that nobody reads.
        try (var out = exchange.getResponseBody()) {
            if (!headOnly) {
                out.write(reply.body());
            }
        }
    }

    /// What everybody may know.
    private Reply open(HttpExchange exchange) {
        var path = exchange.getRequestURI().getRawPath();
        var method = exchange.getRequestMethod();
        if (path == null
                || !List.of("/", "/metrics", "/q/health", "/q/health/live", "/q/health/ready")
                        .contains(path)) {
            return nothing(path);
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return notFor(path, method);
        }
        return switch (path) {
            case "/" -> Reply.json(200, home());
            case "/metrics" ->
                new Reply(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        managed.meters().scrape().getBytes(StandardCharsets.UTF_8));
            case "/q/health/live" -> health(Optional.empty());
            default -> health(managed.instance().unready());
        };
    }

    private static Reply nothing(@Nullable String path) {
        return Reply.fault(404, "there is nothing at " + path, "GET / and /metrics tell how it does.");
    }

    private static Reply notFor(String path, String method) {
        return Reply.fault(405, "%s is not for %s".formatted(path, method), "The guide tells what each path is for.");
    }

    private Map<String, @Nullable Object> home() {
        var instance = managed.instance();
        var report = instance.report();
        var unready = instance.unready();
        var name = name();
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("host", hostName());
        tree.put("version", Commands.Version.number());
        tree.put(
                "http_address",
                "%s:%d".formatted(server.getAddress().getAddress().getHostAddress(), port()));
        tree.put("id", name);
        tree.put("name", name);
        boolean troubled = report.isPresent()
                && (report.get().trouble().isPresent()
                        || report.get().sinks().stream()
                                .anyMatch(sink -> sink.trouble().isPresent()));
        tree.put("status", unready.isPresent() ? "red" : troubled ? "yellow" : "green");
        unready.ifPresent(why -> tree.put("trouble", why));
        report.ifPresent(told -> {
            tree.put("revision", told.revision());
            tree.put("generation", told.generation());
        });
        return tree;
    }

    private String name() {
        return "%s-%d".formatted(managed.instance().router(), managed.instance().number());
    }

    private static String hostName() {
        var name = System.getenv("HOSTNAME");
        return name == null ? "localhost" : name;
    }

    /// In the form of MicroProfile Health, as at `logroute run`.
    private Reply health(Optional<String> trouble) {
        var word = trouble.isPresent() ? "DOWN" : "UP";
        var check = new LinkedHashMap<String, @Nullable Object>();
        check.put("name", "routers");
        check.put("status", word);
        trouble.ifPresent(why -> check.put("data", Map.of(managed.instance().router(), why)));
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("status", word);
        tree.put("checks", List.of(check));
        return Reply.json(trouble.isPresent() ? 503 : 200, tree);
    }

    /// Why nothing is done for this client; its body was not looked at.
    private Optional<Reply> denied(HttpExchange exchange) {
        if (managed.key().isEmpty()) {
            return Optional.of(Reply.fault(
                    403,
                    "this router has no link key, and obeys nobody",
                    "Give it the Docker secret that the controller made, or name its file with --link-key-file."));
        }
        var asked = header(exchange, LinkKey.INSTANCE).strip();
        var verdict = managed.key()
                .get()
                .verify(
                        header(exchange, "Authorization"),
                        asked,
                        exchange.getRequestMethod(),
                        target(exchange),
                        managed.clock().instant(),
                        bodyHash(exchange));
        return switch (verdict) {
            case LinkKey.Verdict.Right _ when asked.equals(name()) -> Optional.empty();
            case LinkKey.Verdict.Right _ ->
                Optional.of(Reply.fault(
                        401,
                        "the request is not obeyed: this is instance %s, and it is for %s"
                                .formatted(name(), asked.isEmpty() ? "none" : "instance " + asked),
                        "Name this one as %s, and sign that too.".formatted(LinkKey.INSTANCE)));
            case LinkKey.Verdict.Wrong(var reason) ->
                Optional.of(Reply.fault(
                        401,
                        "the request is not obeyed: " + reason,
                        "Sign it with the link key, and send the hash of its body as %s."
                                .formatted(LinkKey.BODY_HASH)));
        };
    }

    private static String header(HttpExchange exchange, String name) {
        var value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static String bodyHash(HttpExchange exchange) {
        var hash = header(exchange, LinkKey.BODY_HASH).strip();
        return hash.isEmpty() ? LinkKey.NO_BODY : hash;
    }

    private static String target(HttpExchange exchange) {
        var uri = exchange.getRequestURI();
        return uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + "?" + uri.getRawQuery();
    }

    /// What the controller asks for.
    private Reply obeyed(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getRawPath();
        int most = path.equals(PIPELINE) ? MAX_PIPELINE : MAX_BODY;
        var body = exchange.getRequestBody().readNBytes(most + 1);
        if (body.length > most) {
            return Reply.fault(
                    413, "the body is larger than %d bytes".formatted(most), "Send it as gzip, or send less.");
        }
        if (!MessageDigest.isEqual(ascii(LinkKey.hash(body)), ascii(bodyHash(exchange)))) {
            return Reply.fault(
                    401,
                    "the body is not the one that was signed",
                    "Send its SHA-256 as %s.".formatted(LinkKey.BODY_HASH));
        }
        var method = exchange.getRequestMethod();
        try {
            return switch (path) {
                case "/api/v1/report" -> method.equals("GET") ? report() : notFor(path, method);
                case PIPELINE -> method.equals("PUT") ? push(query(exchange), body) : notFor(path, method);
                case ORDER -> method.equals("PUT") ? order(query(exchange)) : notFor(path, method);
                default ->
                    path.equals(LETTERS) || path.startsWith(LETTERS + "/")
                            ? letters(method, path, query(exchange), body)
                            : nothing(path);
            };
        } catch (IllegalArgumentException e) {
            return Reply.fault(400, String.valueOf(e.getMessage()), "The guide tells what each path takes.");
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Map<String, String> query(HttpExchange exchange) {
        var query = exchange.getRequestURI().getRawQuery();
        var given = new LinkedHashMap<String, String>();
        if (query != null) {
            for (var each : query.split("&")) {
                var pair = each.split("=", 2);
                given.put(decoded(pair[0]), pair.length < 2 ? "" : decoded(pair[1]));
            }
        }
        return given;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private Reply report() {
        return managed.instance()
                .report()
                .map(report -> new Reply(200, JSON, Reports.write(report)))
                .orElseGet(() -> Reply.fault(
                        503,
                        "router %s: %s"
                                .formatted(
                                        managed.instance().router(),
                                        managed.instance().unready().orElse("it starts")),
                        "Ask again in a moment."));
    }

    private Reply push(Map<String, String> query, byte[] body) {
        var revision = query.getOrDefault("revision", "");
        var generation = query.getOrDefault("generation", "");
        if (!revision.matches("[0-9a-f]{12}") || !generation.matches("[0-9]{1,18}")) {
            return Reply.fault(
                    400,
                    "revision is \"%s\" and generation is \"%s\"".formatted(revision, generation),
                    "Write ?revision=<12 hex digits>&generation=<number>.");
        }
        return switch (managed.instance().push(revision, Long.parseLong(generation), body)) {
            case Pushed.Taken(boolean changed) -> {
                var tree = new LinkedHashMap<String, @Nullable Object>();
                tree.put("revision", revision);
                tree.put("generation", Long.parseLong(generation));
                tree.put("changed", changed);
                yield Reply.json(200, tree);
            }
            case Pushed.Refused(var problems) -> {
                var tree = Reply.tree(new Fault(
                        409,
                        "revision %s cannot be run; it goes on as it was".formatted(revision),
                        "Mend what the problems tell."));
                tree.put(
                        "problems",
                        new ArrayList<>(problems.stream().map(Problem::toString).toList()));
                yield Reply.json(409, tree);
            }
            case Pushed.Outdated(var reason) -> Reply.fault(412, reason, "Give it a higher generation.");
            case Pushed.NeedsRestart(var reason) -> Reply.fault(422, reason, "Its service is updated.");
            case Pushed.NotNow(var reason) -> Reply.fault(503, reason, "Send it again in a moment.");
        };
    }

    private Reply order(Map<String, String> query) {
        var word = query.getOrDefault("do", "");
        var order = Stream.of(Order.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst();
        if (order.isEmpty()) {
            return Reply.fault(
                    400, "do is \"%s\", which is no order".formatted(word), "Write ?do=serve, drain or discard.");
        }
        return switch (managed.instance().order(order.get())) {
            case Ordered.Taken(var mode) -> Reply.json(200, Map.of("mode", mode.name()));
            case Ordered.Refused(var reason) -> Reply.fault(409, reason, "It goes on as it was.");
            case Ordered.NotNow(var reason) -> Reply.fault(503, reason, "Send it again in a moment.");
        };
    }

    /// Which letters are meant has to be said: whoever sends a request again shall not reach those that came since.
    private static String bounded(String step, byte[] body) throws Letters.NoAnswer {
        if (!step.equals("replay") && !step.equals("purge")) {
            return step;
        }
        try {
            if (LettersAsked.of(body).until().isEmpty()) {
                throw new Letters.NoAnswer(new Fault(
                        400,
                        "a %s has to say where it ends".formatted(step),
                        "Write \"until\", as GET of %s below the same sink tells it.".formatted(END)));
            }
        } catch (IllegalArgumentException _) {
            return step; // what is wrong is told where it is read
        }
        return step;
    }

    private Reply letters(String method, String path, Map<String, String> query, byte[] body) {
        var desk = new LettersDesk(managed.letters());
        var at = path.equals(LETTERS)
                ? List.<String>of()
                : List.of(path.substring(LETTERS.length() + 1).split("/", -1)).stream()
                        .map(part -> decoded(part.replace("+", "%2B")))
                        .toList();
        try {
            return switch (method + " " + at.size()) {
                case "GET 0" ->
                    Reply.json(200, (Object)
                            desk.all().stream().map(DeadLettersView::tree).toList());
                case "GET 2" ->
                    Reply.json(200, desk.some(at.get(0), at.get(1), query).tree());
                case "GET 3" ->
                    at.get(2).equals(END)
                            ? Reply.json(200, Map.of("until", desk.end(at.get(0), at.get(1))))
                            : Reply.json(
                                    200,
                                    desk.one(at.get(0), at.get(1), at.get(2)).tree());
                case "POST 3" ->
                    switch (bounded(at.get(2), body)) {
                        case "replay" ->
                            Reply.json(
                                    200, desk.replay(at.get(0), at.get(1), body).tree());
                        case "purge" ->
                            Reply.json(
                                    200, desk.purge(at.get(0), at.get(1), body).tree());
                        default -> nothing(path);
                    };
                case "GET 1" -> nothing(path);
                default -> at.size() > 3 ? nothing(path) : notFor(path, method);
            };
        } catch (Letters.NoAnswer e) {
            return Reply.of(e.fault());
        }
    }
}
