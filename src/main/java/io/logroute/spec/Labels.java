package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Routes as a service's labels say them, read into the same records as specs.
///
///     logroute.enable: "true"                  without it the labels are a problem, "false" is off
///     logroute.router: core                    where there are several
///     logroute.KEY: VALUE                      the route of the service: to, index, when, ...
///     logroute.routes.NAME.KEY: VALUE          further routes of it, with the same keys
///
/// A route out of labels takes the events of its own service and of no other; its filters stand in
/// the order of [LabelFilter], whatever the order of the labels. Labels name sinks and never define
/// one, and hold no secret.
///
/// The name of a route is `STACK--SERVICE` or `STACK--SERVICE--NAME` where these are of `a-z`, `0-9`
/// and single hyphens, begin with a letter and fit in 40 characters. For all others it is what
/// fits of them, `---`, and the first 12 hex digits of the SHA-256 of the service's name, a line end
/// and the route's: no two have the same by accident, and a name never changes.
public final class Labels {
    /// What every label of ours begins with.
    public static final String PREFIX = "logroute.";

    /// The route that the labels without `routes.NAME` say.
    public static final String OWN = "";

    private static final String PRODUCT = "logroute";
    private static final String ENABLE = "enable";
    private static final String ROUTER = "router";
    private static final String ROUTES = "routes.";
    private static final String SET = LabelFilter.SET.key() + ".";

    private static final String TO = "to";
    private static final String INDEX = "index";
    private static final String WHEN = "when";

    /// What a route can be told; `set` stands with a field behind it.
    private static final List<String> KEYS = Stream.concat(
                    Stream.of(TO, INDEX, WHEN), Stream.of(LabelFilter.values()).map(LabelFilter::key))
            .toList();

    /// Keys of other tools, and what is meant by them here.
    private static final Map<String, String> SAID_ELSEWHERE = Map.ofEntries(
            Map.entry("output", "to"),
            Map.entry("outputs", "to"),
            Map.entry("sink", "to"),
            Map.entry("sinks", "to"),
            Map.entry("destination", "to"),
            Map.entry("copy-to", "to"),
            Map.entry("format", "parse"),
            Map.entry("match", "when"),
            Map.entry("condition", "when"),
            Map.entry("filter", "drop"),
            Map.entry("exclude", "drop"),
            Map.entry("level-min", "drop"),
            Map.entry("rate", "throttle"),
            Map.entry("limit", "throttle"),
            Map.entry("mask", "redact"),
            Map.entry("add", "set"),
            Map.entry("fields", "set"));

    /// Keys with which people would define a sink.
    private static final Set<String> OF_ENDPOINTS = Set.of(
            "url",
            "urls",
            "host",
            "hosts",
            "address",
            "endpoint",
            "port",
            "elasticsearch",
            "opensearch",
            "http",
            "https",
            "file",
            "path",
            "redis",
            "nats",
            "servers",
            "auth",
            "user",
            "username",
            "password",
            "passwordFile",
            "apiKey",
            "token",
            "secret",
            "tls");

    private static final int LONGEST_VALUE = 10_000;
    private static final Name ONLY_ROUTER = new Name("default");

    private static final Pattern SERVICE_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern PLAIN = Pattern.compile("[a-z0-9](?:-?[a-z0-9])*");
    private static final Pattern ADDRESS = Pattern.compile("://|:[0-9]+$|/");
    private static final int LONGEST_NAME = 40;
    private static final int HASH = 12;

    /// One label, as the swarm keeps it: text, and nothing else.
    ///
    /// @param line where it stands, from 1; 0 where there are no lines
    /// @param isTold whether its value could not be read, which is told already
    public record Label(String key, String value, int line, boolean isTold) {
        /// One with a value.
        public Label(String key, String value, int line) {
            this(key, value, line, false);
        }
    }

    /// A service and its labels; those of others are left alone.
    ///
    /// @param file the name that problems are told with
    /// @param service its name in the swarm: `shop_web`
    /// @param stack the stack that it is of; a service may be of none
    public record OfService(String file, String service, Optional<String> stack, List<Label> labels) {
        public OfService {
            labels = List.copyOf(labels);
        }
    }

    /// What labels may refer to.
    ///
    /// @param routers the routers there are: where it is one, labels need not name it
    /// @param sinks the sinks there are, relays among them: those without indices get none
    public record Known(Set<Name> routers, List<LogSink> sinks) {
        /// Nothing is known: routes without a router get `default`.
        public static final Known NOTHING = new Known(Set.of(), List.of());

        public Known {
            routers = Set.copyOf(routers);
            sinks = List.copyOf(sinks);
        }

        /// What these specs declare; a router with problems is one all the same.
        public static Known of(Reading specs) {
            var documents = specs.documents().stream().map(Located::document).toList();
            var routers = documents.stream().filter(LogRouter.class::isInstance).map(Document::name);
            var broken = specs.broken().stream()
                    .filter(each -> each.kind().equals(Optional.of("LogRouter")))
                    .flatMap(each -> each.name().stream());
            return new Known(
                    Stream.concat(routers, broken).collect(Collectors.toSet()),
                    documents.stream().flatMap(Known::asSink).toList());
        }

        private static Stream<LogSink> asSink(Document document) {
            return switch (document) {
                case LogSink sink -> Stream.of(sink);
                case LogRelay relay -> Stream.of(relay.asSink());
                case LogRouter _, LogRoute _, LogRouteTest _ -> Stream.empty();
            };
        }

        private boolean takesIndex(Name sink) {
            return sinks.stream()
                    .filter(each -> each.name().equals(sink))
                    .allMatch(each -> each.to().bulkApi().isPresent());
        }

        private boolean hasOnlySinksWithoutIndex(Collection<Name> named) {
            return named.stream().noneMatch(this::takesIndex);
        }
    }

    private Labels() {}

    /// The routes that the labels say, and all that is wrong with them. No routes where there are no
    /// labels of ours, or they are switched off.
    public static Reading read(OfService service, Known known) {
        return isOff(service) ? new Reading(List.of(), List.of()) : new Reader(service, known).read();
    }

    /// Whether `logroute.enable` is `false`: then the other labels are without effect, and are not
    /// looked at.
    public static boolean isOff(OfService service) {
        return service.labels().stream()
                .anyMatch(label ->
                        label.key().equals(PREFIX + ENABLE) && label.value().equals("false"));
    }

    /// Whether the key is one of ours, or was meant to be.
    static boolean isOurs(String key) {
        return key.startsWith(PREFIX) || isNearlyOurs(key);
    }

    /// Whether it is the label that switches the others on.
    static boolean isEnable(String key) {
        return key.equals(PREFIX + ENABLE);
    }

    private static boolean isNearlyOurs(String key) {
        int dot = key.indexOf('.');
        var first = (dot < 0 ? key : key.substring(0, dot)).toLowerCase(Locale.ROOT);
        return !key.startsWith(PREFIX) && first.length() <= PRODUCT.length() + 1 && Words.distance(first, PRODUCT) <= 1;
    }

    /// The name of a route of a service; see above for the rule.
    ///
    /// @param service its name in the swarm: `shop_web`
    /// @param route [#OWN], or what stands after `routes.`
    public static Name nameOf(String service, String route) {
        var parts = service.split("_", -1);
        var whole = String.join("--", parts) + (route.isEmpty() ? "" : "--" + route);
        boolean plain = parts.length == 2
                && Character.isLetter(whole.charAt(0))
                && PLAIN.matcher(parts[0]).matches()
                && PLAIN.matcher(parts[1]).matches()
                && (route.isEmpty() || PLAIN.matcher(route).matches());
        if (plain && whole.length() <= LONGEST_NAME) {
            return new Name(whole);
        }
        var fitting = (service + "--" + route)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^[^a-z]+", "");
        var cut = fitting.substring(0, Math.min(fitting.length(), LONGEST_NAME - HASH - 3))
                .replaceAll("-$", "");
        return new Name((cut.isEmpty() ? "service" : cut) + "---" + hash(service + "\n" + route));
    }

    private static String hash(String text) {
        try {
            var sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum).substring(0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Labels that say these routes: the inverse of [#read].
    ///
    /// @param service the name of the service in the swarm
    /// @param routes by what stands after `routes.`, or [#OWN]
    /// @throws IllegalArgumentException with what labels cannot say
    public static Map<String, String> write(String service, Map<String, LogRoute> routes) {
        require(!routes.isEmpty(), "there are no routes; labels say at least one");
        var router = routes.values().iterator().next().router();
        var out = new LinkedHashMap<String, String>();
        out.put(PREFIX + ENABLE, "true");
        out.put(PREFIX + ROUTER, router.value());
        new TreeMap<>(routes)
                .forEach((name, route) -> write(route, name.isEmpty() ? PREFIX : PREFIX + ROUTES + name + ".", out));
        var labels = out.entrySet().stream()
                .map(label -> new Label(label.getKey(), label.getValue(), 0))
                .toList();
        var again = read(new OfService(service, service, Optional.empty(), labels), Known.NOTHING);
        var said = again.documents().stream().map(Located::document).toList();
        require(
                again.broken().isEmpty() && said.equals(List.copyOf(new TreeMap<>(routes).values())),
                "labels of service %s cannot say all of these routes; write them as LogRoutes",
                service);
        return out;
    }

    private static void write(LogRoute route, String prefix, Map<String, String> out) {
        out.put(
                prefix + TO,
                String.join(
                        ", ",
                        route.to().stream().map(each -> each.sink().value()).toList()));
        route.to().getFirst().index().ifPresent(index -> out.put(prefix + INDEX, index.text()));
        route.match().when().ifPresent(when -> out.put(prefix + WHEN, when.text()));
        for (var filter : route.filters()) {
            if (filter instanceof FilterSpec.Set set) {
                set.fields().forEach((field, value) -> out.put(prefix + SET + field, text(route, value)));
                continue;
            }
            var key = LabelFilter.of(filter);
            require(
                    key.isPresent(),
                    "route %s has a filter that labels cannot say: %s",
                    route.name(),
                    Words.key(filter.getClass()));
            out.put(prefix + key.get().key(), key.get().write(filter));
        }
    }

    private static String text(LogRoute route, FieldValue value) {
        require(
                value instanceof FieldValue.Text,
                "route %s sets a field to what is no text; labels set text only",
                route.name());
        return ((FieldValue.Text) value).template().text();
    }

    /// Reads the labels of one service: what it has found out so far.
    private static final class Reader {
        private final OfService service;
        private final Known known;

        /// The labels of the service as a whole, by key.
        private final Map<String, Label> own = new TreeMap<>();
        /// The labels of each route, by key.
        private final Map<String, Map<String, Label>> routes = new TreeMap<>();
        /// What is wrong with each route, and with all of them.
        private final Map<String, List<Problem>> wrong = new TreeMap<>();

        private final List<Problem> common = new ArrayList<>();
        /// The routers and sinks that each route names.
        private final Map<String, List<Reading.Naming>> naming = new TreeMap<>();

        private int firstLine;

        Reader(OfService service, Known known) {
            this.service = service;
            this.known = known;
        }

        Reading read() {
            var ours = service.labels().stream()
                    .filter(label -> isOurs(label.key()))
                    .sorted(Comparator.comparingInt(Label::line).thenComparing(Label::key))
                    .toList();
            if (ours.isEmpty()) {
                return new Reading(List.of(), List.of());
            }
            firstLine = ours.getFirst().line();
            ours.forEach(this::place);
            checkService();
            var router = router();
            if (routes.isEmpty() && wrong.isEmpty()) {
                routes.put(OWN, Map.of());
            }
            var documents = new ArrayList<Located>();
            var broken = new ArrayList<Reading.Broken>();
            var names = new TreeSet<>(routes.keySet());
            names.addAll(wrong.keySet());
            for (var name : names) {
                var made = routes.containsKey(name) ? route(name, routes.get(name), router) : null;
                var problems = new ArrayList<>(common);
                problems.addAll(wrong.getOrDefault(name, List.of()));
                if (made != null && problems.isEmpty()) {
                    documents.add(made);
                } else if (!problems.isEmpty()) {
                    broken.add(new Reading.Broken(
                            Optional.of("LogRoute"),
                            Optional.of(nameOf(service.service(), name)),
                            problems,
                            naming.getOrDefault(name, List.of()),
                            Optional.of(new Located.FromLabels(service.service(), service.stack(), Map.of()))));
                }
            }
            return new Reading(documents, broken);
        }

        // ---- which label is whose

        private void place(Label label) {
            if (!label.key().startsWith(PREFIX)) {
                int dot = label.key().indexOf('.');
                var rest = dot < 0 ? TO : label.key().substring(dot + 1);
                wrong(OWN, label, NO_SUCH, "Did you mean %s?".formatted(PREFIX + rest));
                return;
            }
            var key = label.key().substring(PREFIX.length());
            if (key.equals(ENABLE) || key.equals(ROUTER)) {
                if (own.putIfAbsent(key, label) != null) {
                    common.add(problem(label, "stands twice", "Leave one of them away."));
                }
            } else if (key.startsWith(ROUTES)) {
                named(label, key.substring(ROUTES.length()));
            } else {
                put(OWN, key, label);
            }
        }

        private void named(Label label, String rest) {
            int dot = rest.indexOf('.');
            if (dot <= 0 || dot == rest.length() - 1) {
                var name = rest.replace(".", "");
                wrong(
                        OWN,
                        label,
                        NO_SUCH,
                        "Write what the route is to do, such as %s.to."
                                .formatted(PREFIX + ROUTES + (name.isEmpty() ? "audit" : name)));
                return;
            }
            var name = rest.substring(0, dot);
            var key = rest.substring(dot + 1);
            int last = rest.lastIndexOf('.');
            if (!isKey(key) && last > dot && isKey(rest.substring(last + 1))) {
                var dotted = rest.substring(0, last);
                wrong(
                        dotted,
                        label,
                        "name \"%s\" has a dot".formatted(dotted),
                        "Names of routes are of a-z, 0-9 and -: write %s."
                                .formatted(PREFIX + ROUTES + dotted.replace('.', '-') + rest.substring(last)));
                put(dotted, rest.substring(last + 1), label);
                return;
            }
            try {
                new Name(name);
            } catch (IllegalArgumentException e) {
                told(name, label, e);
            }
            put(name, key, label);
        }

        private void put(String route, String key, Label label) {
            var labels = routes.computeIfAbsent(route, _ -> new TreeMap<>());
            if (!isKey(key)) {
                wrong(route, label, NO_SUCH, meant(route, key));
                return;
            }
            if (labels.putIfAbsent(key, label) != null) {
                wrong(route, label, "stands twice", "Leave one of them away.");
            }
        }

        /// What the labels of a route begin with.
        private static String prefix(String route) {
            return route.isEmpty() ? PREFIX : PREFIX + ROUTES + route + ".";
        }

        /// Whether a label that there is not was told to mean that one: then it is not missing as well.
        private boolean isMeant(String route, String key) {
            return wrong.getOrDefault(route, List.of()).stream()
                    .anyMatch(problem -> problem.mend().matches("(?s).*\\Q" + key + "\\E[?. ]*"));
        }

        private static boolean isKey(String key) {
            return KEYS.contains(key) && !key.equals(LabelFilter.SET.key())
                    || key.startsWith(SET) && key.length() > SET.length();
        }

        private static String meant(String route, String key) {
            var before = prefix(route);
            var first = key.replaceFirst("\\..*", "");
            if (key.equals(ENABLE) || key.equals(ROUTER)) {
                return "It is said once for the service: %s.".formatted(PREFIX + key);
            }
            if (first.equals("set")) {
                return "Write the field behind it, such as %sset.env.".formatted(before);
            }
            if (first.equals("routes")) {
                return "Write its name and what it is to do, such as %sroutes.audit.to.".formatted(PREFIX);
            }
            if (SAID_ELSEWHERE.get(key) instanceof String here) {
                return "Here it is %s.".formatted(before + here + (here.equals("set") ? ".FIELD" : ""));
            }
            if (OF_ENDPOINTS.contains(first)) {
                return "Labels name sinks and define none: declare a LogSink in a spec, and name it with %s."
                        .formatted(before + TO);
            }
            if (KEYS.contains(first)) {
                return "%s takes one value; what needs more is for a LogRoute.".formatted(before + first);
            }
            var keys = new ArrayList<>(KEYS);
            if (route.isEmpty()) {
                keys.addAll(List.of(ENABLE, ROUTER));
            }
            return Words.nearest(key, keys)
                    .map(near -> "Did you mean %s?".formatted(before + near + (near.equals("set") ? ".FIELD" : "")))
                    .orElseGet(() -> Words.suggestion(key, keys));
        }

        // ---- the service as a whole

        private void checkService() {
            if (!SERVICE_NAME.matcher(service.service()).matches()) {
                common.add(problem(
                        firstLine,
                        PREFIX + ENABLE,
                        "\"%s\" is no name of a service".formatted(service.service()),
                        "Docker takes letters, digits, _, . and -."));
            }
            var enable = own.get(ENABLE);
            if (enable != null && enable.isTold()) {
                return;
            }
            if (enable != null && SecretLooking.value(enable.value())) {
                common.add(problem(enable, SECRET, TAKE_AWAY));
                return;
            }
            if (enable == null && isMeant(OWN, PREFIX + ENABLE)) {
                return;
            }
            if (enable == null) {
                common.add(problem(
                        firstLine,
                        PREFIX + ENABLE,
                        "is missing: the labels of this service have no effect",
                        "Write %s: \"true\"; or \"false\", when they are to have none.".formatted(PREFIX + ENABLE)));
            } else if (!enable.value().equals("true")) {
                common.add(problem(
                        enable,
                        "\"%s\" is not true or false".formatted(enable.value()),
                        "Write \"true\" or \"false\"."));
            }
        }

        private @Nullable Name router() {
            var named = own.get(ROUTER);
            if (named != null && named.isTold()) {
                return null;
            }
            if (named != null && SecretLooking.value(named.value())) {
                common.add(problem(named, SECRET, TAKE_AWAY));
                return null;
            }
            if (named != null) {
                try {
                    return new Name(named.value().strip());
                } catch (IllegalArgumentException e) {
                    common.add(problem(named, e));
                    return null;
                }
            }
            if (known.routers().size() > 1) {
                common.add(problem(
                        firstLine,
                        PREFIX + ROUTER,
                        "is missing, and there are several routers",
                        "Write one of: %s."
                                .formatted(String.join(
                                        ", ",
                                        known.routers().stream()
                                                .map(Name::value)
                                                .sorted()
                                                .toList()))));
                return null;
            }
            return known.routers().stream().findFirst().orElse(ONLY_ROUTER);
        }

        // ---- one route

        private @Nullable Located route(String name, Map<String, Label> labels, @Nullable Name router) {
            labels = readable(name, labels);
            var lines = new HashMap<String, Integer>();
            var keys = new HashMap<String, String>();
            var first = labels.values().stream().min(Comparator.comparingInt(Label::line));
            lines.put("", first.map(Label::line).orElse(firstLine));
            keys.put("", first.map(Label::key).orElse(PREFIX + ENABLE));
            lines.put("metadata.name", lines.get(""));
            keys.put("metadata.name", keys.get(""));
            var routed = own.get(ROUTER);
            lines.put("spec.router", routed == null ? firstLine : routed.line());
            keys.put("spec.router", PREFIX + ROUTER);
            var when = labels.get(WHEN);
            if (when != null) {
                standsAt("spec.match.when", when, lines, keys);
            }
            var match = match(name, when);
            var filters = filters(name, labels, lines, keys);
            var to = targets(name, labels, lines, keys);
            names(name, router, to, lines, keys);
            if (router == null
                    || to.isEmpty()
                    || !wrong.getOrDefault(name, List.of()).isEmpty()) {
                return null;
            }
            try {
                var route = new LogRoute(nameOf(service.service(), name), router, match, false, filters, to);
                return new Located(
                        route,
                        service.file(),
                        lines,
                        Optional.of(new Located.FromLabels(service.service(), service.stack(), keys)));
            } catch (IllegalArgumentException e) {
                told(name, labels.getOrDefault(TO, new Label(PREFIX + TO, "", firstLine)), e);
                return null;
            }
        }

        /// What it names, for when it is broken: that this is not there is told all the same.
        private void names(
                String route,
                @Nullable Name router,
                List<LogRoute.Target> to,
                Map<String, Integer> lines,
                Map<String, String> keys) {
            var labels = Optional.of(new Located.FromLabels(service.service(), service.stack(), keys));
            var names = new ArrayList<Reading.Naming>();
            if (router != null) {
                names.add(new Reading.Naming("LogRouter", router, place("spec.router", lines, keys), labels));
            }
            for (int i = 0; i < to.size(); i++) {
                names.add(new Reading.Naming(
                        "LogSink", to.get(i).sink(), place("spec.to[%d]".formatted(i), lines, keys), labels));
            }
            naming.put(route, names);
        }

        private String place(String path, Map<String, Integer> lines, Map<String, String> keys) {
            return Located.place(
                    service.file(), lines.getOrDefault(path, firstLine), Binder.shown(keys.getOrDefault(path, path)));
        }

        private static void standsAt(String path, Label label, Map<String, Integer> lines, Map<String, String> keys) {
            lines.put(path, label.line());
            keys.put(path, label.key());
        }

        /// Without those whose value nobody should read on with: they are told.
        private Map<String, Label> readable(String route, Map<String, Label> labels) {
            var readable = new TreeMap<String, Label>();
            labels.forEach((key, label) -> {
                if (label.isTold()) {
                    return;
                }
                if (label.value().length() > LONGEST_VALUE) {
                    wrong(
                            route,
                            label,
                            "is longer than %d characters".formatted(LONGEST_VALUE),
                            "What needs so much is for a LogRoute.");
                } else if (label.value().isBlank()) {
                    wrong(route, label, "is empty", "Write a value, or leave the label away.");
                } else if (looksSecret(key, label.value())) {
                    wrong(route, label, SECRET, TAKE_AWAY);
                } else {
                    readable.put(key, label);
                }
            });
            return readable;
        }

        private static boolean looksSecret(String key, String value) {
            if (key.startsWith(SET)) {
                return SecretLooking.value(value) || SecretLooking.field(key.substring(SET.length()), value);
            }
            return switch (key) {
                case WHEN, "drop", "parse", "multiline" -> SecretLooking.form(value);
                default -> SecretLooking.value(value);
            };
        }

        private LogRoute.Match match(String route, @Nullable Label when) {
            var service = SERVICE_NAME.matcher(this.service.service()).matches()
                    ? List.of(new Glob(this.service.service()))
                    : List.<Glob>of();
            var asked = when == null
                    ? Optional.<LogRoute.Match>empty()
                    : value(route, when, LogRoute.Match.class, Map.of(WHEN, chopped(when)));
            return new LogRoute.Match(service, List.of(), Map.of(), asked.flatMap(LogRoute.Match::when));
        }

        private List<FilterSpec> filters(
                String route, Map<String, Label> labels, Map<String, Integer> lines, Map<String, String> keys) {
            var filters = new ArrayList<FilterSpec>();
            for (var kind : LabelFilter.values()) {
                var path = "spec.filters[%d]".formatted(filters.size());
                if (kind == LabelFilter.SET) {
                    set(route, labels, path, lines, keys).ifPresent(filters::add);
                    continue;
                }
                var label = labels.get(kind.key());
                if (label == null) {
                    continue;
                }
                standsAt(path, label, lines, keys);
                var list = kind.list(chopped(label));
                gap(route, label, list);
                if (!list.isEmpty() && LabelFilter.items(list).isEmpty()) {
                    continue;
                }
                try {
                    value(route, label, FilterSpec.class, kind.tree(chopped(label), service.service()))
                            .ifPresent(filters::add);
                } catch (IllegalArgumentException e) {
                    told(route, label, e);
                }
            }
            return filters;
        }

        private Optional<FilterSpec> set(
                String route,
                Map<String, Label> labels,
                String path,
                Map<String, Integer> lines,
                Map<String, String> keys) {
            var fields = new LinkedHashMap<FieldPath, FieldValue>();
            labels.forEach((key, label) -> {
                if (!key.startsWith(SET)) {
                    return;
                }
                standsAt(path, label, lines, keys);
                var tree = Map.of("set", Map.of("fields", Map.of(key.substring(SET.length()), chopped(label))));
                if (value(route, label, FilterSpec.class, tree).orElse(null) instanceof FilterSpec.Set one) {
                    one.fields().forEach((field, value) -> {
                        standsAt(path + ".set.fields." + field, label, lines, keys);
                        if (fields.put(field, value) != null) {
                            wrong(
                                    route,
                                    label,
                                    "sets the field %s once more".formatted(field),
                                    "Leave one of them away.");
                        }
                    });
                }
            });
            return fields.isEmpty() ? Optional.empty() : Optional.of(new FilterSpec.Set(fields, Optional.empty()));
        }

        private List<LogRoute.Target> targets(
                String route, Map<String, Label> labels, Map<String, Integer> lines, Map<String, String> keys) {
            var named = routes.getOrDefault(route, Map.of()).get(TO);
            var label = labels.get(TO);
            if (label == null) {
                if (named == null && (route.isEmpty() || Name.fits(route)) && !isMeant(route, prefix(route) + TO)) {
                    missing(route, labels);
                }
                index(route, labels);
                return List.of();
            }
            gap(route, label, chopped(label));
            var sinks = new ArrayList<Name>();
            for (var item : LabelFilter.items(chopped(label))) {
                if (ADDRESS.matcher(item).find()) {
                    wrong(
                            route,
                            label,
                            "\"%s\" is an address".formatted(item),
                            "Labels name sinks and define none: declare a LogSink in a spec, and write its name.");
                    continue;
                }
                try {
                    var sink = new Name(item);
                    if (sinks.contains(sink)) {
                        wrong(route, label, "to has sink %s twice".formatted(sink), "Leave one away.");
                    } else {
                        sinks.add(sink);
                    }
                } catch (IllegalArgumentException e) {
                    told(route, label, e);
                }
            }
            var index = index(route, labels);
            boolean all = known.hasOnlySinksWithoutIndex(sinks);
            var targets = new ArrayList<LogRoute.Target>();
            for (var sink : sinks) {
                var path = "spec.to[%d]".formatted(targets.size());
                standsAt(path, label, lines, keys);
                if (labels.get(INDEX) instanceof Label from) {
                    standsAt(path + ".index", from, lines, keys);
                }
                targets.add(new LogRoute.Target(sink, all || known.takesIndex(sink) ? index : Optional.empty()));
            }
            return targets;
        }

        /// A list with nothing between two commas: what stands there otherwise is looked at all the same.
        private void gap(String route, Label label, String list) {
            if (LabelFilter.hasGap(list)) {
                wrong(
                        route,
                        label,
                        "\"%s\" is a list with nothing between two commas".formatted(list.strip()),
                        "Write its items, such as a, b.");
            }
        }

        private void missing(String route, Map<String, Label> labels) {
            var first = labels.values().stream().min(Comparator.comparingInt(Label::line));
            var key = prefix(route) + TO;
            boolean others = route.isEmpty() && routes.size() > 1;
            wrong.computeIfAbsent(route, _ -> new ArrayList<>())
                    .add(problem(
                            first.map(Label::line).orElse(firstLine),
                            key,
                            "is missing: nothing says where the events go",
                            "Write the names of sinks, such as %s: es%s"
                                    .formatted(
                                            key,
                                            others
                                                    ? "; routes with names take nothing over from the labels without."
                                                    : ".")));
        }

        private Optional<FieldTemplate> index(String route, Map<String, Label> labels) {
            var label = labels.get(INDEX);
            return label == null ? Optional.empty() : value(route, label, FieldTemplate.class, chopped(label));
        }

        // ---- values and problems

        /// What the spec of a route would make of it.
        private <T> Optional<T> value(String route, Label label, Class<T> type, Object tree) {
            var binder = new Binder("");
            var made = binder.value(LabelFilter.node(tree), type, "");
            binder.problems().forEach(problem -> wrong(route, label, problem.what(), problem.mend()));
            return binder.problems().isEmpty() ? Optional.ofNullable(type.cast(made)) : Optional.empty();
        }

        /// A line end at the end is the file's, and not the value's.
        private static String chopped(Label label) {
            return label.value().replaceFirst("[\\r\\n]+$", "");
        }

        private void told(String route, Label label, IllegalArgumentException why) {
            wrong.computeIfAbsent(route, _ -> new ArrayList<>()).add(problem(label, why));
        }

        private void wrong(String route, Label label, String what, String mend) {
            wrong.computeIfAbsent(route, _ -> new ArrayList<>()).add(problem(label, what, mend));
        }

        private Problem problem(Label label, IllegalArgumentException why) {
            var message = String.valueOf(why.getMessage());
            int cut = message.lastIndexOf("; ");
            return cut < 0
                    ? problem(label, message, "")
                    : problem(label, message.substring(0, cut), Binder.sentence(message.substring(cut + 2)));
        }

        private Problem problem(Label label, String what, String mend) {
            return problem(label.line(), label.key(), what, mend);
        }

        private Problem problem(int line, String key, String what, String mend) {
            return new Problem(
                    Located.place(service.file(), line, Binder.shown(key)), Binder.shown(what), Binder.shown(mend));
        }
    }

    private static final String SECRET = "looks like a secret";
    private static final String TAKE_AWAY =
            "Labels are read by whoever may see the service: take it away, and change it where it is used.";
    private static final String NO_SUCH = "there is no such label";
}
