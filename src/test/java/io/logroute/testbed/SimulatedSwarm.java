package io.logroute.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logroute.flow.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A Docker Swarm that is nothing but its API, over TCP on loopback: services, configs, secrets, networks, nodes and
/// tasks as JSON, with versions, conflicts and events, in the words of Docker 24. A service that says it is a router
/// gets a [SimulatedRouter] in place of a container. Safe for all threads.
///
/// It is for sizes that no test machine runs for real. What a real Docker does is in the `IT`s.
public final class SimulatedSwarm implements AutoCloseable {
    private static final String API = "1.43";
    private static final int AT_ONCE = 100;

    private final HttpServer http;
    private final InetAddress routersAt;
    private final int routersPort;
    private final Map<Kind, Map<String, Item>> items = new TreeMap<>();
    private final Map<String, SimulatedRouter> routers = new ConcurrentHashMap<>();
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<LinkedBlockingQueue<String>> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();
    private long index = 10;
    private volatile boolean closed;

    /// What has a version, and a name in its spec.
    private enum Kind {
        SERVICE,
        CONFIG,
        SECRET,
        NETWORK,
        NODE;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// A change that came over the API.
    ///
    /// @param before the labels of what was there; empty for what is new
    /// @param after those that it has now; empty for what is gone
    public record Write(
            String method, String kind, String name, Map<String, String> before, Map<String, String> after) {
        public Write {
            before = Map.copyOf(before);
            after = Map.copyOf(after);
        }
    }

    /// An object, and its JSON as long as it does not change.
    private static final class Item {
        final Kind kind;
        final String id;
        final Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        byte @Nullable [] json;

        Item(Kind kind, String id) {
            this.kind = kind;
            this.id = id;
        }

        String name() {
            return kind == Kind.NETWORK ? String.valueOf(fields.get("Name")) : String.valueOf(spec().get("Name"));
        }

        Map<String, @Nullable Object> spec() {
            return object(fields.get("Spec"));
        }

        Map<String, String> labels() {
            return texts(spec().get("Labels"));
        }

        byte[] json() {
            var known = json;
            if (known == null) {
                known = Json.write(fields).getBytes(StandardCharsets.UTF_8);
                json = known;
            }
            return known;
        }
    }

    public SimulatedSwarm() throws IOException {
        this(InetAddress.getLoopbackAddress(), 0);
    }

    /// @param routersAt the address of all routers
    /// @param routersPort their port, when there is one router only; 0 for a free one each
    public SimulatedSwarm(InetAddress routersAt, int routersPort) throws IOException {
        this.routersAt = routersAt;
        this.routersPort = routersPort;
        for (var kind : Kind.values()) {
            items.put(kind, new LinkedHashMap<>());
        }
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AT_ONCE);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::serve);
        http.start();
    }

    public URI url() {
        return URI.create("tcp://127.0.0.1:" + http.getAddress().getPort());
    }

    // ---- what people do

    public synchronized String node(String hostname) {
        var node = item(Kind.NODE, id());
        node.fields.put(
                "Spec", new LinkedHashMap<>(Map.of("Role", "manager", "Availability", "active", "Name", hostname)));
        node.fields.put(
                "Description",
                Map.of("Hostname", hostname, "Platform", Map.of("OS", "linux", "Architecture", "x86_64")));
        node.fields.put("Status", Map.of("State", "ready", "Addr", "10.0.0.1"));
        return node.id;
    }

    public synchronized String network(String name) {
        var network = item(Kind.NETWORK, id());
        network.fields.clear();
        network.fields.putAll(Map.of("Id", network.id, "Name", name, "Scope", "swarm", "Ingress", false));
        return network.id;
    }

    public synchronized void secret(String name) {
        secret(name, Map.of());
    }

    private void secret(String name, Map<String, String> labels) {
        var secret = item(Kind.SECRET, id());
        secret.fields.put("Spec", spec(name, labels));
    }

    public synchronized void config(String name, Map<String, String> labels, byte[] content) {
        var config = item(Kind.CONFIG, id());
        var spec = spec(name, labels);
        spec.put("Data", Base64.getEncoder().encodeToString(content));
        config.fields.put("Spec", spec);
        tell(config, "create");
    }

    /// A service of a user, of the size that services have.
    public synchronized void service(String name, Map<String, String> labels, Map<String, String> containerLabels) {
        var service = item(Kind.SERVICE, id());
        var environment = new ArrayList<Object>();
        for (int i = 0; i < 25; i++) {
            environment.add("SETTING_%d=what %s is told, part %d".formatted(i, name, i));
        }
        var spec = spec(name, labels);
        spec.put(
                "TaskTemplate",
                ordered(
                        "ContainerSpec",
                        ordered(
                                "Image",
                                "registry.example.com/team/%s:1.2.3@sha256:%s".formatted(name, "0a".repeat(32)),
                                "Labels",
                                containerLabels,
                                "Env",
                                environment,
                                "Mounts",
                                List.of(ordered("Type", "volume", "Source", name, "Target", "/data")),
                                "StopGracePeriod",
                                10_000_000_000L,
                                "Isolation",
                                "default"),
                        "Resources",
                        ordered("Limits", ordered("MemoryBytes", 268_435_456L)),
                        "RestartPolicy",
                        ordered("Condition", "any", "Delay", 5_000_000_000L, "MaxAttempts", 0L),
                        "Placement",
                        ordered("Constraints", List.of("node.labels.tier == web")),
                        "Networks",
                        List.of(ordered(
                                "Target",
                                named(Kind.NETWORK, "core").map(each -> each.id).orElse("n"))),
                        "ForceUpdate",
                        0L,
                        "Runtime",
                        "container"));
        spec.put("Mode", ordered("Replicated", ordered("Replicas", 2L)));
        spec.put("EndpointSpec", ordered("Mode", "vip"));
        service.fields.put("Spec", spec);
        service.fields.put("PreviousSpec", spec);
        service.fields.put(
                "Endpoint",
                ordered(
                        "Spec",
                        ordered("Mode", "vip"),
                        "VirtualIPs",
                        List.of(ordered("NetworkID", "n", "Addr", "10.0.1.7/24"))));
        tell(service, "create");
    }

    /// As `docker service update --label-add`, and with `null` as `--label-rm`.
    public synchronized void relabel(String service, String label, @Nullable String value) {
        var item = named(Kind.SERVICE, service).orElseThrow();
        var labels = new TreeMap<>(item.labels());
        if (value == null) {
            labels.remove(label);
        } else {
            labels.put(label, value);
        }
        var spec = new LinkedHashMap<>(item.spec());
        spec.put("Labels", labels);
        item.fields.put("PreviousSpec", item.spec());
        item.fields.put("Spec", spec);
        changed(item);
        tell(item, "update");
    }

    /// An event that tells of nothing new.
    public void ring() {
        streams.forEach(each -> each.add("{\"Type\":\"node\",\"Action\":\"update\",\"scope\":\"swarm\"}"));
    }

    // ---- what came of it

    /// All changes that came over the API, in order.
    public List<Write> writes() {
        return List.copyOf(writes);
    }

    /// All requests but those for events, in order: `GET /services`.
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /// How many follow the events.
    public int followers() {
        return streams.size();
    }

    /// The router that the service of that name runs.
    public Optional<SimulatedRouter> router(String service) {
        return Optional.ofNullable(routers.get(service));
    }

    /// What a config holds, as text.
    public synchronized Optional<String> content(String config) {
        return named(Kind.CONFIG, config)
                .map(each -> new String(bytes(each.spec().get("Data")), StandardCharsets.UTF_8));
    }

    public synchronized List<String> configs() {
        return all(Kind.CONFIG).values().stream().map(Item::name).toList();
    }

    // ---- the API

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath().replaceFirst("^/v[0-9.]+", "");
            exchange.getResponseHeaders().add("Api-Version", API);
            if (path.equals("/events")) {
                events(exchange);
                return;
            }
            requests.add(exchange.getRequestMethod() + " " + path);
            var body = exchange.getRequestBody().readAllBytes();
            var answer = answer(exchange.getRequestMethod(), path, query(exchange.getRequestURI()), body);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
            if (answer.body().length > 0) {
                exchange.getResponseBody().write(answer.body());
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Answer(int status, byte[] body) {
        static Answer of(int status, String body) {
            return new Answer(status, body.getBytes(StandardCharsets.UTF_8));
        }

        static Answer fault(int status, String message) {
            return of(status, Json.write(Map.of("message", message)));
        }
    }

    private static Map<String, String> query(URI uri) {
        var query = new TreeMap<String, String>();
        for (var pair : Optional.ofNullable(uri.getRawQuery()).orElse("").split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return query;
    }

    private void events(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        var mine = new LinkedBlockingQueue<String>();
        streams.add(mine);
        try {
            var out = exchange.getResponseBody();
            out.flush();
            while (!closed) {
                out.write((mine.take() + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.remove(mine);
        }
    }

    private synchronized Answer answer(String method, String path, Map<String, String> query, byte[] body)
            throws IOException {
        if (path.equals("/_ping")) {
            return Answer.of(200, "OK");
        }
        var words = path.split("/");
        if (method.equals("GET") && path.equals("/tasks")) {
            return tasks();
        }
        for (var kind : Kind.values()) {
            if (!words[1].equals(kind.word() + "s")) {
                continue;
            }
            if (words.length == 2) {
                return list(kind, query.getOrDefault("filters", ""));
            }
            if (words[2].equals("create")) {
                return create(kind, Json.parse(body, 0, body.length));
            }
            var item = find(kind, words[2]);
            if (item.isEmpty()) {
                return Answer.fault(404, "%s %s not found".formatted(kind.word(), words[2]));
            }
            return switch (method) {
                case "GET" -> new Answer(200, item.get().json());
                case "DELETE" -> remove(item.get());
                default -> update(item.get(), query.getOrDefault("version", ""), Json.parse(body, 0, body.length));
            };
        }
        return Answer.fault(404, "page not found");
    }

    private Answer list(Kind kind, String filters) throws IOException {
        var wanted = wantedLabels(filters);
        var out = new java.io.ByteArrayOutputStream();
        out.write('[');
        for (var item : all(kind).values()) {
            var labels = wanted.isEmpty() ? Map.<String, String>of() : item.labels();
            if (wanted.stream().anyMatch(each -> !each.getValue().equals(labels.get(each.getKey())))) {
                continue;
            }
            if (out.size() > 1) {
                out.write(',');
            }
            out.write(item.json());
        }
        out.write(']');
        return new Answer(200, out.toByteArray());
    }

    /// The labels that a filter `{"label":["name=value"]}` asks for.
    private static List<Map.Entry<String, String>> wantedLabels(String filters) {
        var out = new ArrayList<Map.Entry<String, String>>();
        if (!filters.isEmpty()) {
            var bytes = filters.getBytes(StandardCharsets.UTF_8);
            if (Json.parse(bytes, 0, bytes.length).get("label") instanceof List<?> labels) {
                for (var each : labels) {
                    var words = String.valueOf(each).split("=", 2);
                    out.add(Map.entry(words[0], words[1]));
                }
            }
        }
        return out;
    }

    private Answer tasks() {
        var tasks = new ArrayList<Object>();
        routers.forEach((name, router) -> named(Kind.SERVICE, name)
                .ifPresent(service -> tasks.add(ordered(
                        "ID", "task-" + name + "-" + router.started().getEpochSecond(),
                        "CreatedAt", router.started().toString(),
                        "ServiceID", service.id,
                        "NodeID", all(Kind.NODE).keySet().iterator().next(),
                        "Status", ordered("State", "running")))));
        return Answer.of(200, Json.write(tasks));
    }

    private Answer create(Kind kind, Map<String, @Nullable Object> spec) throws IOException {
        var name = String.valueOf(spec.get("Name"));
        if (named(kind, name).isPresent()) {
            return Answer.fault(
                    409, "rpc error: code = AlreadyExists desc = %s %s already exists".formatted(kind.word(), name));
        }
        var item = item(kind, id());
        item.fields.put("Spec", spec);
        writes.add(new Write("POST", kind.word(), name, Map.of(), item.labels()));
        if (kind == Kind.SERVICE) {
            start(item);
        }
        tell(item, "create");
        return Answer.of(201, Json.write(Map.of("ID", item.id)));
    }

    private Answer update(Item item, String version, Map<String, @Nullable Object> spec) throws IOException {
        if (!version.equals(Long.toString(version(item)))) {
            return Answer.fault(500, "rpc error: code = Unknown desc = update out of sequence");
        }
        writes.add(new Write("POST", item.kind.word(), item.name(), item.labels(), texts(spec.get("Labels"))));
        if (item.kind == Kind.SERVICE) {
            item.fields.put("PreviousSpec", item.spec());
            item.fields.put("Spec", spec);
            item.fields.put(
                    "UpdateStatus",
                    Map.of("State", "completed", "StartedAt", Instant.now().toString()));
            start(item);
        } else {
            var next = new LinkedHashMap<>(item.spec());
            next.put("Labels", spec.get("Labels"));
            // What it holds stands after its labels, and never changes.
            next.put("Data", next.remove("Data"));
            item.fields.put("Spec", next);
        }
        changed(item);
        tell(item, "update");
        return Answer.of(200, "{}");
    }

    private Answer remove(Item item) {
        boolean inUse = all(Kind.SERVICE).values().stream()
                .anyMatch(
                        service -> new String(service.json(), StandardCharsets.UTF_8).contains("\"" + item.id + "\""));
        if (inUse) {
            return Answer.fault(
                    400, "rpc error: code = InvalidArgument desc = config '%s' is in use".formatted(item.name()));
        }
        writes.add(new Write("DELETE", item.kind.word(), item.name(), item.labels(), Map.of()));
        all(item.kind).remove(item.id);
        tell(item, "remove");
        return new Answer(204, new byte[0]);
    }

    // ---- routers

    /// Runs the service, if it is a router, with the pipeline that it mounts.
    private void start(Item service) throws IOException {
        if (!"router".equals(service.labels().get("logroute.role"))) {
            return;
        }
        var container = object(object(service.spec().get("TaskTemplate")).get("ContainerSpec"));
        var mounted = new TreeMap<String, byte[]>();
        for (var each : list(container.get("Configs"))) {
            var config = find(Kind.CONFIG, String.valueOf(object(each).get("ConfigID")))
                    .orElseThrow();
            mounted.put(
                    String.valueOf(object(object(each).get("File")).get("Name")),
                    bytes(config.spec().get("Data")));
        }
        var environment = new TreeMap<String, String>();
        for (var each : list(container.get("Env"))) {
            var words = String.valueOf(each).split("=", 2);
            environment.put(words[0], words[1]);
        }
        var key = list(container.get("Secrets")).stream()
                .filter(each -> String.valueOf(object(object(each).get("File")).get("Name"))
                        .equals("logroute-link"))
                .flatMap(each -> find(Kind.SECRET, String.valueOf(object(each).get("SecretID"))).stream())
                .map(each -> new String(bytes(each.spec().get("Data")), StandardCharsets.US_ASCII))
                .findFirst()
                .orElseThrow();
        var router = routers.get(service.name());
        if (router == null) {
            router = new SimulatedRouter(new InetSocketAddress(routersAt, routersPort), key);
        }
        router.restart(environment, mounted.values());
        routers.put(service.name(), router);
    }

    // ---- objects

    private Map<String, Item> all(Kind kind) {
        return Objects.requireNonNull(items.get(kind));
    }

    private String id() {
        return "%025d".formatted(ids.incrementAndGet());
    }

    private Item item(Kind kind, String id) {
        var item = new Item(kind, id);
        item.fields.put("ID", id);
        item.fields.put("Version", Map.of("Index", ++index));
        item.fields.put("CreatedAt", Instant.now().toString());
        item.fields.put("UpdatedAt", Instant.now().toString());
        all(kind).put(id, item);
        return item;
    }

    private void changed(Item item) {
        item.fields.put("Version", Map.of("Index", ++index));
        item.fields.put("UpdatedAt", Instant.now().toString());
        item.json = null;
    }

    private static long version(Item item) {
        return object(item.fields.get("Version")).get("Index") instanceof Long number ? number : 0;
    }

    private Optional<Item> named(Kind kind, String name) {
        return all(kind).values().stream()
                .filter(each -> each.name().equals(name))
                .findFirst();
    }

    private Optional<Item> find(Kind kind, String idOrName) {
        return Optional.ofNullable(all(kind).get(idOrName)).or(() -> named(kind, idOrName));
    }

    private void tell(Item item, String action) {
        var event = Json.write(
                ordered("Type", item.kind.word(), "Action", action, "Actor", ordered("ID", item.id), "scope", "swarm"));
        streams.forEach(each -> each.add(event));
    }

    private static Map<String, @Nullable Object> spec(String name, Map<String, String> labels) {
        return ordered("Name", name, "Labels", new TreeMap<>(labels));
    }

    static Map<String, @Nullable Object> ordered(Object... namesAndValues) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static Map<String, String> texts(@Nullable Object value) {
        var texts = new TreeMap<String, String>();
        object(value).forEach((name, text) -> texts.put(name, String.valueOf(text)));
        return texts;
    }

    private static byte[] bytes(@Nullable Object data) {
        return Base64.getDecoder().decode(String.valueOf(data));
    }

    @Override
    public void close() {
        closed = true;
        ring();
        http.stop(0);
        routers.values().forEach(SimulatedRouter::close);
    }
}
