package io.logroute.face;

import io.logroute.spec.Words;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Asks a running LogRoute over REST, with the JDK's plain client: it is loaded fastest.
@Command(
        name = "status",
        description = "Tells how a running LogRoute does: routers, sinks, routes, and what needs attention.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:something needs attention: a problem in the specs, or a router, sink or route that is not well",
            "2:wrong usage, or nothing answers at the url"
        })
final class StatusCommand implements Callable<Integer> {
    /// How conditions of routes begin that are about a sink.
    private static final Pattern OF_SINK = Pattern.compile("(?s)Sink ([a-z0-9-]+):? (.*)");

    /// How a condition ends that only points at others.
    static final Pattern POINTS = Pattern.compile("(?s).*; see ([A-Za-z]+(?: and [A-Za-z]+)?)\\.");

    /// What is told of a router and of an instance alike.
    private static final List<String> HEADINGS =
            List.of("REVISION", "RECEIVED", "BUFFERED", "BYTES", "OLDEST", "STATE");

    /// How the reason begins why an instance drains that somebody wants to.
    private static final String ASKED = "asked by ";

    private static final List<String> PARTS = List.of("routers", "sinks", "routes", "problems", "volumes", "relays");

    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Mixin
    private Where where = new Where();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OutputForm output = OutputForm.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final boolean colour;

    StatusCommand(boolean colour) {
        this.colour = colour;
    }

    @Override
    public Integer call() {
        var asking = where.asking(spec.commandLine());
        var parts = new LinkedHashMap<String, List<Map<?, ?>>>();
        try {
            for (var part : PARTS) {
                parts.put(part, list(asking.get("/api/v1/" + part)));
            }
        } catch (IOException e) {
            spec.commandLine().getErr().println("status: " + asking.unanswered(e));
            return Commands.CANNOT;
        }
        var trouble = trouble(parts);
        print(parts, trouble, spec.commandLine().getOut());
        return trouble.isEmpty() ? Commands.GOOD : Commands.FOUND;
    }

    /// What is not well, in sentences.
    private static List<String> trouble(Map<String, List<Map<?, ?>>> parts) {
        var trouble = new ArrayList<String>();
        if (part(parts, "routers").isEmpty()) {
            trouble.add("no router runs: nothing takes logs in");
        }
        for (var router : part(parts, "routers")) {
            trouble.addAll(ofRouter(router, part(parts, "problems")));
            fetching(router).stream()
                    .filter(source -> !isReached(source))
                    .map(source ->
                            ("router %s: source %s does not reach what it takes events from; they wait there. See that it"
                                            + " runs, may be reached from the router and lets it in; the router's log says more")
                                    .formatted(text(router, "name"), text(source, "name")))
                    .forEach(trouble::add);
        }
        part(parts, "relays").forEach(relay -> trouble.addAll(ofRelay(relay, part(parts, "problems"))));
        trouble.addAll(sinksAndRoutes(parts));
        part(parts, "problems").forEach(problem -> trouble.add(sentence(problem)));
        return trouble.stream().map(each -> atTheSink(parts, each)).toList();
    }

    /// The words with a pointer to a sink for what that says itself: each drain that waits for it repeats it.
    private static String atTheSink(Map<String, List<Map<?, ?>>> parts, String words) {
        var left = words;
        for (var sink : part(parts, "sinks")) {
            if (sink.containsKey("trouble")) {
                var name = text(sink, "name");
                left = left.replace(
                        "ink %s takes nothing: %s"
                                .formatted(name, text(sink, "trouble").replaceFirst("[.]+$", "")),
                        "ink %s takes nothing, see sink %s".formatted(name, name));
            }
        }
        return left;
    }

    /// A volume as it is, and what its note has of sinks left to them.
    private static Answer volume(Map<String, List<Map<?, ?>>> parts, Map<?, ?> volume) {
        var tree = new LinkedHashMap<Object, @Nullable Object>(volume);
        tree.computeIfPresent("note", (_, note) -> atTheSink(parts, String.valueOf(note)));
        return new Answer(tree);
    }

    /// A router that is not ready says so first, and then only what does not come of that.
    private static List<String> ofRouter(Map<?, ?> router, List<Map<?, ?>> problems) {
        var name = text(router, "name");
        var trouble = new ArrayList<String>();
        boolean ready = Boolean.TRUE.equals(router.get("ready"));
        if (!ready && !isFleet(router) && !isGone(router)) {
            trouble.add("router %s: %s".formatted(name, text(router, "trouble")));
        }
        var said = new LinkedHashMap<String, List<String>>();
        for (var condition : notGood(router)) {
            if (ready
                    || (isFleet(router) || isGone(router))
                            && !POINTS.matcher(text(condition, "message")).matches()) {
                said.computeIfAbsent(pointingAt(problems, text(condition, "message")), _ -> new ArrayList<>())
                        .add(named(condition));
            }
        }
        said.forEach((message, named) ->
                trouble.add("router %s: %s: %s".formatted(name, String.join(", ", named), message)));
        return trouble;
    }

    /// What stands among the problems is told there.
    private static List<String> ofRelay(Map<?, ?> relay, List<Map<?, ?>> problems) {
        return notGood(relay).stream()
                .filter(condition -> problems.stream()
                        .noneMatch(problem -> text(problem, "where").equals("relay " + text(relay, "name"))
                                && text(condition, "message").endsWith(text(problem, "mend"))))
                .map(condition ->
                        "relay %s: %s: %s".formatted(text(relay, "name"), named(condition), text(condition, "message")))
                .toList();
    }

    /// Whether it is declared no longer, and only volumes of it are left.
    private static boolean isGone(Map<?, ?> router) {
        return !router.containsKey("revision") && instances(router).isEmpty();
    }

    /// Whether its instances are services of a swarm, or should be, and have lines of their own.
    private static boolean isFleet(Map<?, ?> router) {
        var instances = instances(router);
        return instances.size() > 1 || instances.stream().anyMatch(each -> each.containsKey("service"));
    }

    private static List<Map<?, ?>> instances(Map<?, ?> router) {
        return router.get("instances") == null ? List.of() : list(router.get("instances"));
    }

    private static String sentence(Map<?, ?> problem) {
        return "%s: %s %s"
                .formatted(text(problem, "where"), Words.sentence(text(problem, "what")), text(problem, "mend"))
                .strip();
    }

    /// What a sink has is said once, at the sink, however many routes suffer from it; those point at
    /// it, or at their router where that has said it. Likewise a problem of the specs is said once.
    private static List<String> sinksAndRoutes(Map<String, List<Map<?, ?>>> parts) {
        var ofSinks = new LinkedHashMap<String, Set<String>>();
        for (var sink : part(parts, "sinks")) {
            if (sink.containsKey("trouble")) {
                ofSinks.computeIfAbsent(text(sink, "name"), _ -> new LinkedHashSet<>())
                        .add(text(sink, "trouble"));
            }
        }
        var ofRouters = part(parts, "routers").stream()
                .flatMap(router -> notGood(router).stream())
                .map(condition -> text(condition, "message"))
                .toList();
        var ofRoutes = new ArrayList<String>();
        for (var route : part(parts, "routes")) {
            var said = new LinkedHashMap<String, List<String>>();
            for (var condition : notGood(route)) {
                var message = pointingAt(part(parts, "problems"), text(origin(condition, notGood(route)), "message"));
                var sink = OF_SINK.matcher(message);
                var where = ofRouters.contains(message)
                        ? "see router " + text(route, "router")
                        : sink.matches() ? "see sink " + sink.group(1) : message;
                if (where.startsWith("see sink ")) {
                    tell(ofSinks.computeIfAbsent(sink.group(1), _ -> new LinkedHashSet<>()), sink.group(2));
                }
                said.computeIfAbsent(where, _ -> new ArrayList<>()).add(named(condition));
            }
            said.forEach((where, named) ->
                    ofRoutes.add("route %s: %s: %s".formatted(text(route, "name"), String.join(", ", named), where)));
        }
        var all = new ArrayList<String>();
        ofSinks.forEach((name, said) -> said.forEach(each -> all.add("sink %s: %s".formatted(name, each))));
        all.addAll(ofRoutes);
        return all;
    }

    /// The condition of the same route that a condition points at: that one says what is wrong.
    private static Map<?, ?> origin(Map<?, ?> condition, List<Map<?, ?>> odd) {
        var points = POINTS.matcher(text(condition, "message"));
        if (!points.matches()) {
            return condition;
        }
        var others = odd.stream().filter(each -> each != condition).toList();
        return others.stream()
                .filter(each -> List.of(points.group(1).split(" and ")).contains(text(each, "type")))
                .findFirst()
                .<Map<?, ?>>map(each -> origin(each, others))
                .orElse(condition);
    }

    /// The message with the places of problems for what they say: that has its own line.
    private static String pointingAt(List<Map<?, ?>> problems, String message) {
        var left = message;
        var places = new ArrayList<String>();
        for (var problem : problems) {
            var sentence = sentence(problem);
            if (left.contains(sentence)) {
                left = left.replace(sentence, "");
                places.add(text(problem, "where"));
            }
        }
        return places.isEmpty()
                ? message
                : "see %s. %s"
                        .formatted(String.join(", ", places), left.strip())
                        .strip();
    }

    /// Puts what says more in the place of what says less.
    private static void tell(Set<String> said, String more) {
        var without = more;
        for (var each : List.copyOf(said)) {
            if (without.startsWith(each)) {
                said.remove(each);
            } else {
                without = without.replace(" It says: " + Words.sentence(each), "");
            }
        }
        said.add(without);
    }

    private void print(Map<String, List<Map<?, ?>>> parts, List<String> trouble, PrintWriter out) {
        if (output != OutputForm.TEXT) {
            var all = new LinkedHashMap<String, @Nullable Object>();
            all.put("good", trouble.isEmpty());
            all.putAll(parts);
            out.println(output.written(all));
            return;
        }
        var ink = new Ink(colour);
        section("ROUTERS", routers(part(parts, "routers")), ink, out);
        scaling(part(parts, "routers"), ink, out);
        var fleets =
                part(parts, "routers").stream().filter(StatusCommand::isFleet).toList();
        if (!fleets.isEmpty()) {
            section("INSTANCES", instances(fleets), ink, out);
        }
        var volumes = part(parts, "volumes").stream()
                .filter(StatusCommand::isTold)
                .map(each -> volume(parts, each))
                .toList();
        if (!volumes.isEmpty()) {
            section("VOLUMES", VolumesCommand.table(volumes), ink, out);
        }
        if (!part(parts, "relays").isEmpty()) {
            section("RELAYS", relays(part(parts, "relays")), ink, out);
        }
        var fetching = fetching(part(parts, "routers"));
        if (!fetching.isEmpty()) {
            section("FETCHED FROM", fetching, ink, out);
        }
        section("SINKS", sinks(part(parts, "sinks")), ink, out);
        var handed = handed(part(parts, "sinks"));
        if (!handed.isEmpty()) {
            section("HANDED ON", handed, ink, out);
        }
        section("ROUTES", routes(part(parts, "routes")), ink, out);
        if (trouble.isEmpty()) {
            out.println(ink.green("All is well."));
            return;
        }
        out.println(ink.bold("NEEDS ATTENTION"));
        trouble.forEach(each -> out.println(ink.red(each)));
    }

    /// Whether a volume is not simply that of an instance that serves and is reached.
    private static boolean isTold(Map<?, ?> volume) {
        return !"serving".equals(volume.get("stage"))
                || volume.containsKey("away")
                || !Boolean.TRUE.equals(volume.get("good"));
    }

    private static void section(String title, Table table, Ink ink, PrintWriter out) {
        out.println(ink.bold(title));
        if (table.isEmpty()) {
            out.println("none");
        } else {
            table.print(out);
        }
        out.println();
    }

    private static Table routers(List<Map<?, ?>> routers) {
        var fleets = routers.stream().anyMatch(StatusCommand::isFleet);
        var table = new Table(cells(fleets, "NAME", "READY", HEADINGS));
        for (var router : routers) {
            var instances = instances(router);
            var ready = instances.stream()
                    .filter(each -> Boolean.TRUE.equals(each.get("ready")))
                    .count();
            table.row(cells(
                    fleets,
                    text(router, "name"),
                    "%d/%s".formatted(ready, text(router, "wantedInstances")),
                    work(router, isFleet(router))));
        }
        return table;
    }

    private static Table instances(List<Map<?, ?>> routers) {
        var table = new Table(cells(true, "NAME", "NODE", HEADINGS));
        for (var router : routers) {
            instances(router)
                    .forEach(each -> table.row(cells(true, text(each, "name"), text(each, "node"), work(each, false))));
        }
        return table;
    }

    /// How many instances there are and why, where that follows the load.
    private static void scaling(List<Map<?, ?>> routers, Ink ink, PrintWriter out) {
        var scaled =
                routers.stream().filter(each -> each.containsKey("scaling")).toList();
        if (scaled.isEmpty()) {
            return;
        }
        out.println(ink.bold("SCALING"));
        scaled.forEach(each -> out.println("%s: %s".formatted(text(each, "name"), text(each, "scaling"))));
        out.println();
    }

    private static String[] cells(boolean second, String first, String maybe, List<String> rest) {
        return Stream.of(List.of(first), second ? List.of(maybe) : List.<String>of(), rest)
                .flatMap(List::stream)
                .toArray(String[]::new);
    }

    /// What a router and an instance have in common.
    ///
    /// @param odd whether its state is what is not well, also when it is not ready
    private static List<String> work(Map<?, ?> of, boolean odd) {
        var buffer = of.get("buffer") instanceof Map<?, ?> map ? map : Map.of();
        boolean reached = of.containsKey("since");
        return List.of(
                revision(of),
                reached || !of.containsKey("number") ? text(of, "receivedEvents") : "-",
                buffer.isEmpty() ? "-" : text(buffer, "events"),
                buffer.isEmpty() ? "-" : size(buffer, "bytes") + " of " + size(buffer, "maxBytes") + where(buffer),
                age(buffer),
                leaves(of)
                        ? leaving(of, buffer)
                        : odd || Boolean.TRUE.equals(of.get("ready")) ? state(telling(of)) : "not ready");
    }

    /// Where the buffer lies, if not on disk.
    private static String where(Map<?, ?> buffer) {
        if (Boolean.TRUE.equals(buffer.get("inMemory"))) {
            return " in memory";
        }
        return "jetstream".equals(buffer.get("kind")) ? " on JetStream" : "";
    }

    private static boolean leaves(Map<?, ?> of) {
        return of.containsKey("stage") && !"serving".equals(of.get("stage"));
    }

    /// `draining: 1,204 events left`, `drained by alice`.
    private static String leaving(Map<?, ?> instance, Map<?, ?> buffer) {
        var stage = text(instance, "stage");
        if (!stage.equals("draining")) {
            var why = instance.containsKey("why") ? text(instance, "why") : "";
            return why.startsWith(ASKED) ? "%s by %s".formatted(stage, why.substring(ASKED.length())) : stage;
        }
        if (!(buffer.get("events") instanceof Number number)) {
            return stage + ": not reached";
        }
        return String.format(
                Locale.ROOT,
                "%s: %,d %s left",
                stage,
                number.longValue(),
                number.longValue() == 1 ? "event" : "events");
    }

    /// The one that runs. Of a router whose instances run none, or not the same, what it is told to run: what
    /// is declared is another one when that was taken back.
    private static String revision(Map<?, ?> of) {
        return Stream.of("runningRevision", "targetRevision")
                .filter(key -> of.get(key) != null)
                .findFirst()
                .map(key -> text(of, key))
                .orElseGet(() -> text(of, "revision"));
    }

    /// Sources that fetch their events, and what waits there: the lag of a relay above all.
    private static Table fetching(List<Map<?, ?>> routers) {
        var table = new Table("SOURCE", "ROUTER", "RECEIVED", "WAITING", "OLDEST", "STATE");
        for (var router : routers) {
            for (var source : fetching(router)) {
                table.row(
                        text(source, "name"),
                        text(router, "name"),
                        text(source, "receivedEvents"),
                        text(behind(source), "entries"),
                        age(behind(source)),
                        isReached(source) ? "takes" : "not reached");
            }
        }
        return table;
    }

    /// The sources of a router that fetch their events.
    private static List<Map<?, ?>> fetching(Map<?, ?> router) {
        return router.get("sources") instanceof List<?> sources
                ? list(sources).stream()
                        .filter(source -> source.containsKey("behind"))
                        .toList()
                : List.of();
    }

    private static Map<?, ?> behind(Map<?, ?> source) {
        return source.get("behind") instanceof Map<?, ?> behind ? behind : Map.of();
    }

    private static boolean isReached(Map<?, ?> source) {
        return behind(source).containsKey("entries") || behind(source).containsKey("oldest");
    }

    private static Table sinks(List<Map<?, ?>> sinks) {
        var table = new Table("NAME", "KIND", "DELIVERED", "DEAD", "DISCARDED", "WAITING", "LAG", "OLDEST", "STATE");
        for (var sink : sinks) {
            table.row(
                    text(sink, "name"),
                    text(sink, "kind"),
                    text(sink, "deliveredEvents"),
                    text(sink, "deadLetteredEvents"),
                    text(sink, "discardedEvents"),
                    text(sink, "waitingEvents"),
                    size(sink, "waitingBytes"),
                    age(sink),
                    sink.containsKey("trouble")
                            ? "down"
                            : List.of().equals(sink.get("routers")) ? "-" : "takes events");
        }
        return table;
    }

    private static Table relays(List<Map<?, ?>> relays) {
        var table = new Table("NAME", "ADDRESS", "NODE", "PORT", "STATE");
        for (var relay : relays) {
            table.row(
                    text(relay, "name"),
                    text(relay, "address"),
                    text(relay, "node"),
                    text(relay, "published"),
                    Boolean.TRUE.equals(relay.get("declared")) ? state(relay) : "declared no longer");
        }
        return table;
    }

    /// What waits where sinks write for those who take it on from there.
    private static Table handed(List<Map<?, ?>> sinks) {
        var table = new Table("SINK", "KIND", "WAITING THERE");
        for (var sink : sinks) {
            if (sink.containsKey("behind")) {
                table.row(text(sink, "name"), text(sink, "kind"), text(behind(sink), "entries"));
            }
        }
        return table;
    }

    private static Table routes(List<Map<?, ?>> routes) {
        var table = new Table("NAME", "ROUTER", "ROUTED", "STATE");
        for (var route : routes) {
            table.row(text(route, "name"), text(route, "router"), text(route, "routedEvents"), state(route));
        }
        return table;
    }

    /// The conditions that are not as they should be: `not Delivering, Degraded`.
    private static String state(Map<?, ?> of) {
        return state(notGood(of));
    }

    private static String state(List<Map<?, ?>> odd) {
        return odd.isEmpty() ? "well" : odd.stream().map(StatusCommand::named).collect(Collectors.joining(", "));
    }

    /// Without those that are not known because of another one.
    private static List<Map<?, ?>> telling(Map<?, ?> of) {
        return notGood(of).stream()
                .filter(condition -> !"Unknown".equals(condition.get("status"))
                        || !POINTS.matcher(text(condition, "message")).matches())
                .toList();
    }

    private static List<Map<?, ?>> notGood(Map<?, ?> of) {
        return list(of.get("conditions")).stream()
                .filter(condition -> !Boolean.TRUE.equals(condition.get("good")))
                .toList();
    }

    private static String named(Map<?, ?> condition) {
        var type = text(condition, "type");
        return switch (text(condition, "status")) {
            case "True" -> type;
            case "False" -> "not " + type;
            default -> type + "?";
        };
    }

    private static String text(Map<?, ?> of, String key) {
        return of.get(key) == null ? "-" : Ink.plain(String.valueOf(of.get(key)));
    }

    private static String age(Map<?, ?> of) {
        if (!(of.get("oldestSeconds") instanceof Number number)) {
            return "-";
        }
        return Ages.text(number.longValue());
    }

    private static String size(Map<?, ?> of, String key) {
        if (!(of.get(key) instanceof Number number)) {
            return "-";
        }
        return Sizes.text(number.longValue());
    }

    private static List<Map<?, ?>> part(Map<String, List<Map<?, ?>>> parts, String name) {
        return parts.getOrDefault(name, List.of());
    }

    private static List<Map<?, ?>> list(@Nullable Object value) {
        var list = new ArrayList<Map<?, ?>>();
        if (!(value instanceof List<?> items)) {
            throw new IllegalArgumentException("no list");
        }
        for (var item : items) {
            if (item instanceof Map<?, ?> map) {
                list.add(map);
            }
        }
        return list;
    }
}
