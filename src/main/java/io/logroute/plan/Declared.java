package io.logroute.plan;

import io.logroute.spec.Document;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.Glob;
import io.logroute.spec.Located;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.MaxLag;
import io.logroute.spec.Name;
import io.logroute.spec.NamedFiles;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What people declared, sorted out: a pipeline for each router, what became of each route, and
/// all problems.
///
/// A document that is broken now and was good before is *held* at its last good state; so is a
/// route that names something that is not there. One broken document never disturbs another.
///
/// @param pipelines sorted by name
/// @param routes every route that was written and has a name, sorted by name
/// @param sinks the sinks in force, sorted by name; relays among them, as the sinks that they are to routers
/// @param problems sorted by place
/// @param idle those among the problems that are no fault: routers that are not started, since no route names
///     them yet, by their names
/// @param good the documents in force, for the next time
public record Declared(
        List<PipelineDefinition> pipelines,
        List<RouteVerdict> routes,
        List<LogSink> sinks,
        List<Problem> problems,
        SortedMap<String, Problem> idle,
        List<Located> good) {

    /// What became of a route.
    ///
    /// @param router the router that it names, where that could be read
    /// @param wrong problems in what was written
    /// @param unresolved problems with what it names
    /// @param failing its tests that fail
    /// @param inForce whether it is part of a pipeline: as it was written, or held at its last
    ///     good state
    public record RouteVerdict(
            String name,
            Optional<String> router,
            List<Problem> wrong,
            List<Problem> unresolved,
            List<Problem> failing,
            boolean inForce) {
        public RouteVerdict {
            wrong = wrong.stream().sorted().toList();
            unresolved = unresolved.stream().sorted().toList();
            failing = failing.stream().sorted().toList();
        }

        /// One whose tests hold.
        public RouteVerdict(
                String name, Optional<String> router, List<Problem> wrong, List<Problem> unresolved, boolean inForce) {
            this(name, router, wrong, unresolved, List.of(), inForce);
        }

        /// All that is wrong with it.
        public List<Problem> problems() {
            return Stream.of(wrong, unresolved, failing).flatMap(List::stream).toList();
        }

        /// Whether it runs as it was before the problems that it has now.
        public boolean held() {
            return inForce && !problems().isEmpty();
        }
    }

    /// Nothing declared yet.
    public static final Declared NOTHING =
            new Declared(List.of(), List.of(), List.of(), List.of(), new TreeMap<>(), List.of());

    public Declared {
        pipelines = List.copyOf(pipelines);
        routes = List.copyOf(routes);
        sinks = List.copyOf(sinks);
        problems = List.copyOf(problems);
        idle = Collections.unmodifiableSortedMap(new TreeMap<>(idle));
        good = List.copyOf(good);
    }

    /// Sorts out what was read.
    ///
    /// @param before what was declared the last time: the state that broken documents are held at
    /// @param templates names of the index templates that there are
    /// @param tests runs the tests of routes
    public static Declared of(Reading reading, Declared before, Set<String> templates, RouteTests tests) {
        return of(reading, before, new Ground(templates, Optional.empty(), Optional.empty(), true), tests);
    }

    /// The same on that ground.
    public static Declared of(Reading reading, Declared before, Ground ground, RouteTests tests) {
        return new Sorting(reading, before, ground, tests).sorted();
    }

    /// What routers will run on.
    ///
    /// @param templates names of the index templates that there are
    /// @param secrets names of the Docker secrets there are; empty where files are just files
    /// @param networks names of the networks that services can join; empty where there is no swarm
    /// @param oneMachine whether all routers listen on the same machine, so that two cannot have the same port,
    ///     nor write the same files
    public record Ground(
            Set<String> templates, Optional<Set<String>> secrets, Optional<Set<String>> networks, boolean oneMachine) {
        public Ground {
            templates = Set.copyOf(templates);
            secrets = secrets.map(Set::copyOf);
            networks = networks.map(Set::copyOf);
        }
    }

    /// What ran before, of which only the pipelines are left: what broken documents are held at, whatever file they
    /// were in.
    public static Declared running(List<PipelineDefinition> pipelines) {
        var good = new TreeMap<String, Located>();
        for (var pipeline : pipelines) {
            Stream.of(Stream.of(pipeline.router()), pipeline.routes().stream(), pipeline.sinks().stream())
                    .flatMap(documents -> documents)
                    .forEach(document -> good.put(
                            document.kind() + "/" + document.name(), new Located(document, ANY_FILE, Map.of())));
        }
        return new Declared(pipelines, List.of(), List.of(), List.of(), new TreeMap<>(), List.copyOf(good.values()));
    }

    private static final String ANY_FILE = "what runs";

    /// The same, with every test taken for good.
    public static Declared of(Reading reading, Declared before, Set<String> templates) {
        return of(reading, before, templates, RouteTests.UNASKED);
    }

    /// The documents of a kind that are in force, sorted by name.
    public List<Located> all(Class<? extends Document> kind) {
        return good.stream().filter(each -> kind.isInstance(each.document())).toList();
    }

    /// The relays in force, sorted by name.
    public List<LogRelay> relays() {
        return all(LogRelay.class).stream()
                .map(each -> (LogRelay) each.document())
                .toList();
    }

    /// The pipeline of that router.
    public Optional<PipelineDefinition> pipeline(String router) {
        return pipelines.stream().filter(each -> each.name().equals(router)).findFirst();
    }

    /// One run of sorting: what it has found out so far.
    private static final class Sorting {
        private static final Path SECRETS = Path.of("/run/secrets");
        /// Those that open LogRoute itself: its tokens, and the key of its routers.
        private static final Pattern OURS = Pattern.compile("logroute_(operator|viewer|link_key)|logroute-link.*");

        /// As a Swarm service of an instance is called.
        private static final Pattern SERVICE = Pattern.compile(".*_([^_]+)-\\d+");

        private static final String SINK = "LogSink/";
        private static final String RELAY = "LogRelay/";

        private static final String OWN_PROBLEMS = " has problems of its own";

        private final Reading reading;
        private final Declared before;
        private final Ground ground;
        private final RouteTests tests;
        private final List<Problem> problems;
        private final Map<String, Located> lastGood;
        private final Map<String, Located> inForce = new LinkedHashMap<>();
        private final Map<String, List<Problem>> wrong = new TreeMap<>();
        private final Map<String, List<Problem>> unresolved = new TreeMap<>();
        private final Map<String, List<Problem>> failing = new TreeMap<>();
        private final SortedMap<String, Problem> idle = new TreeMap<>();
        private final Map<String, String> refusedRouters = new HashMap<>();
        /// Routers and sinks that are no longer written, but stay because routes name them.
        private final Set<String> gone = new HashSet<>();
        /// Documents that are written and have problems of their own.
        private final Set<String> brokenIds;

        Sorting(Reading reading, Declared before, Ground ground, RouteTests tests) {
            this.reading = reading;
            this.before = before;
            this.ground = ground;
            this.tests = tests;
            this.problems = new ArrayList<>(reading.problems());
            this.brokenIds = reading.broken().stream()
                    .flatMap(broken -> broken.kind().stream()
                            .flatMap(kind -> broken.name().stream().map(name -> kind + "/" + name)))
                    .collect(Collectors.toCollection(HashSet::new));
            var labelled = labelled(reading);
            this.lastGood = before.good().stream()
                    .collect(Collectors.toMap(
                            located -> id(located.document()),
                            located -> withLabels(located, labelled.get(id(located.document())))));
        }

        /// Whose labels each route is read from that is written nowhere as a document.
        private static Map<String, Located.FromLabels> labelled(Reading reading) {
            var labelled = new HashMap<String, Located.FromLabels>();
            reading.broken()
                    .forEach(broken -> broken.name()
                            .ifPresent(name ->
                                    broken.labels().ifPresent(labels -> labelled.put("LogRoute/" + name, labels))));
            reading.documents()
                    .forEach(each -> each.labels().ifPresent(labels -> labelled.put(id(each.document()), labels)));
            reading.documents().stream()
                    .filter(each -> each.labels().isEmpty())
                    .forEach(each -> labelled.remove(id(each.document())));
            return labelled;
        }

        /// What runs does not tell that it came from labels; what is read now does, and who may name a sink
        /// hangs on it.
        private static Located withLabels(Located last, Located.@Nullable FromLabels now) {
            return now == null || last.labels().isPresent() || !last.file().equals(ANY_FILE)
                    ? last
                    : new Located(last.document(), ANY_FILE, Map.of("", 0), Optional.of(now));
        }

        Declared sorted() {
            takeGood();
            holdBroken();
            holdNamed();
            checkRouters();
            checkSinks();
            var sinks = sinks();
            var routers = documents(LogRouter.class, LogRouter::name);
            checkBroken(routers, sinks);
            checkRoutes(routers, sinks);
            checkTests(routers, sinks);
            var routes = documents(LogRoute.class, LogRoute::name);
            return new Declared(
                    pipelines(routers, routes, sinks),
                    verdicts(routes),
                    List.copyOf(sinks.values()),
                    problems.stream().distinct().sorted().toList(),
                    idle,
                    inForce.values().stream()
                            .sorted(Comparator.comparing(located -> id(located.document())))
                            .toList());
        }

        /// Takes the good documents; two of one kind and name are both refused, and so are a sink and a relay of one
        /// name.
        private void takeGood() {
            var twice = new TreeMap<String, List<Located>>();
            reading.documents().stream()
                    .sorted(Comparator.comparing(located -> located.where("metadata.name")))
                    .forEach(located -> twice.computeIfAbsent(space(located.document()), _ -> new ArrayList<>())
                            .add(located));
            twice.forEach((_, all) -> {
                if (all.size() == 1) {
                    inForce.put(id(all.getFirst().document()), all.getFirst());
                    return;
                }
                for (var each : all) {
                    var other =
                            all.stream().filter(one -> one != each).findFirst().orElseThrow();
                    var kind = each.document().kind();
                    var otherKind = other.document().kind();
                    var problem = new Problem(
                            each.where("metadata.name"),
                            "%s %s is declared twice%s"
                                    .formatted(
                                            kind,
                                            each.document().name(),
                                            kind.equals(otherKind)
                                                    ? ""
                                                    : ": there is a %s of that name, and sinks and relays share their names"
                                                            .formatted(otherKind)),
                            "The other one is at %s; rename or remove one of them."
                                    .formatted(other.where("metadata.name").replaceAll(": .*", "")));
                    problems.add(problem);
                    wrongRoute(each.document(), problem);
                    brokenIds.add(id(each.document()));
                }
                all.forEach(each -> hold(id(each.document())));
            });
        }

        /// What shares its names: routes name sinks and relays alike.
        private static String space(Document document) {
            return document instanceof LogRelay relay ? SINK + relay.name() : id(document);
        }

        /// The same name as of the other kind, where two kinds share their names.
        private static String twin(String id) {
            if (id.startsWith(SINK)) {
                return RELAY + id.substring(SINK.length());
            }
            return id.startsWith(RELAY) ? SINK + id.substring(RELAY.length()) : id;
        }

        private boolean isInForce(String id) {
            return inForce.containsKey(id) || inForce.containsKey(twin(id));
        }

        /// What it was the last time. Of a relay in what runs only the sink is known that it is to routers.
        private @Nullable Located last(String id) {
            var last = lastGood.get(id);
            return last == null ? lastGood.get(twin(id)) : last;
        }

        private void wrongRoute(Document document, Problem problem) {
            if (document instanceof LogRoute route) {
                wrong.computeIfAbsent(route.name().value(), _ -> new ArrayList<>())
                        .add(problem);
            }
        }

        private void holdBroken() {
            for (var broken : reading.broken()) {
                if (broken.kind().isPresent() && broken.name().isPresent()) {
                    var name = broken.name().get().value();
                    if (broken.kind().get().equals("LogRoute")) {
                        wrong.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(broken.problems());
                    }
                    hold(broken.kind().get() + "/" + name);
                    continue;
                }
                // It cannot be told which document this was: all that its file, or folder, gave
                // before is held.
                var file = broken.problems().getFirst().where().replaceAll("(?s):\\d+(: .*)?$", "");
                lastGood.forEach((_, located) -> {
                    if (located.file().equals(file)
                            || located.file().equals(ANY_FILE)
                            || located.file().startsWith(file + "/")) {
                        putUnlessInForce(located);
                    }
                });
            }
        }

        /// A router or sink that is gone while a route still names it stays as it was, and the route says so: a
        /// name mistyped, or a file moved, stops nothing.
        private void holdNamed() {
            for (var route : inOrder(LogRoute.class)) {
                var located = located(id(route));
                stays("LogRouter", route.router(), located.where("spec.router"), route);
                for (int i = 0; i < route.to().size(); i++) {
                    var target = route.to().get(i);
                    stays("LogSink", target.sink(), located.where("spec.to[%d].%s".formatted(i, target.key())), route);
                }
            }
        }

        private void stays(String kind, Name name, String where, LogRoute route) {
            var id = kind + "/" + name;
            var last = last(id);
            if (last == null || isInForce(id) && !gone.contains(id)) {
                return;
            }
            inForce.put(id(last.document()), last);
            gone.add(id);
            var problem = new Problem(
                    where,
                    "%s %s is no longer declared, and stays as it was"
                            .formatted(last.document().kind(), name),
                    "Declare it again, or name another one here.");
            problems.add(problem);
            unresolved
                    .computeIfAbsent(route.name().value(), _ -> new ArrayList<>())
                    .add(problem);
        }

        private void hold(String id) {
            var last = last(id);
            if (last != null) {
                putUnlessInForce(last);
            }
        }

        private void putUnlessInForce(Located last) {
            if (!isInForce(id(last.document()))) {
                inForce.put(id(last.document()), last);
            }
        }

        /// Where a source listens.
        private record Door(Name router, String host, int port) {
            /// Whether both cannot be open at once on one machine.
            boolean meets(Door other) {
                return port == other.port && (host.equals(other.host) || isEverywhere() || other.isEverywhere());
            }

            private boolean isEverywhere() {
                return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
            }
        }

        /// Of two routers that listen on the same port the one that is in force stays, and else the first by
        /// name; the other one is held, or is none.
        private void checkRouters() {
            for (var router : inOrder(LogRouter.class)) {
                holdLacking(id(router));
                holdUnmet(id(router));
            }
            checkAliases();
            if (!ground.oneMachine()) {
                return;
            }
            var open = new ArrayList<Door>();
            for (var router : inOrder(LogRouter.class)) {
                var id = id(router);
                var found = taken(located(id), router, open);
                if (!found.isEmpty()) {
                    problems.addAll(found);
                    brokenIds.add(id);
                    inForce.remove(id);
                    var last = lastGood.get(id);
                    if (last == null
                            || !(last.document() instanceof LogRouter held)
                            || !taken(last, held, open).isEmpty()) {
                        continue;
                    }
                    inForce.put(id, last);
                }
                open.addAll(doors(router(router.name())));
            }
        }

        /// Names are for whoever has them: clients that ask for a router get it, and no other that calls itself so.
        /// An alias that was in force before a router of that name was declared stays; of two with one
        /// alias the one that had it keeps it, and else the first by name.
        private void checkAliases() {
            var routers = documents(LogRouter.class, LogRouter::name);
            var taken = new TreeMap<String, Name>();
            for (var router : routers.values()) {
                aliases(router).stream()
                        .filter(alias -> had(router, alias))
                        .forEach(alias -> taken.putIfAbsent(alias, router.name()));
            }
            for (var router : inOrder(LogRouter.class)) {
                var id = id(router);
                var found = misleading(located(id), router, routers, taken);
                if (!found.isEmpty()) {
                    problems.addAll(found);
                    brokenIds.add(id);
                    inForce.remove(id);
                    var last = lastGood.get(id);
                    if (last == null) {
                        continue;
                    }
                    inForce.put(id, last);
                }
                aliases(router(router.name())).forEach(alias -> taken.putIfAbsent(alias, router.name()));
            }
        }

        private boolean had(LogRouter router, String alias) {
            var last = lastGood.get(id(router));
            return last != null
                    && last.document() instanceof LogRouter before
                    && aliases(before).contains(alias);
        }

        private static List<String> aliases(LogRouter router) {
            return router.deploy().stream()
                    .flatMap(deploy -> deploy.aliases().stream())
                    .map(alias -> alias.toLowerCase(Locale.ROOT))
                    .toList();
        }

        private List<Problem> misleading(
                Located located, LogRouter router, Map<String, LogRouter> routers, Map<String, Name> taken) {
            var found = new ArrayList<Problem>();
            var holder = taken.get(router.name().value());
            if (newness(router) == 2 && holder != null && !holder.equals(router.name())) {
                found.add(new Problem(
                        located.where("metadata.name"),
                        "router %s has the alias %s already".formatted(holder, router.name()),
                        "Name it otherwise, or take the alias from router %s.".formatted(holder)));
            }
            var aliases = aliases(router);
            for (int i = 0; i < aliases.size(); i++) {
                var alias = aliases.get(i);
                var where = located.where("spec.deploy.aliases[%d]".formatted(i));
                var named = routers.get(alias);
                var other = taken.get(alias);
                var service = SERVICE.matcher(alias);
                if (named != null
                        && !named.name().equals(router.name())
                        && !(had(router, alias) && newness(named) == 2)) {
                    found.add(new Problem(
                            where,
                            "%s is the name of another router".formatted(alias),
                            "Give router %s an alias of its own.".formatted(router.name())));
                } else if (other != null && !other.equals(router.name())) {
                    found.add(new Problem(
                            where,
                            "router %s has the alias %s already".formatted(other, alias),
                            "Give router %s an alias of its own.".formatted(router.name())));
                } else if (service.matches() && routers.containsKey(service.group(1))) {
                    found.add(new Problem(
                            where,
                            "%s is how the service of an instance of router %s is called"
                                    .formatted(alias, service.group(1)),
                            "Give router %s another alias.".formatted(router.name())));
                }
            }
            return found;
        }

        /// A router or sink that names a secret that is not there, or that opens LogRoute itself, is held, or
        /// is none.
        private void holdLacking(String id) {
            var found = lacking(located(id));
            if (found.isEmpty()) {
                return;
            }
            problems.addAll(found);
            brokenIds.add(id);
            inForce.remove(id);
            var last = last(id);
            if (last != null && lacking(last).isEmpty()) {
                inForce.put(id(last.document()), last);
            }
        }

        /// A router whose services would not get what they ask the swarm for goes on with what it had, so
        /// that routes of others still reach it. A new one has nothing to go on with: whoever would make it
        /// tells why it does not.
        private void holdUnmet(String id) {
            var now = inForce.get(id);
            var last = lastGood.get(id);
            if (now == null || last == null || !unmet(last).isEmpty()) {
                return;
            }
            var found = unmet(now);
            if (!found.isEmpty()) {
                problems.addAll(found);
                brokenIds.add(id);
                inForce.put(id, last);
            }
        }

        private List<Problem> unmet(Located located) {
            var found = new ArrayList<Problem>();
            if (located.document() instanceof LogRouter router
                    && router.deploy().isPresent()) {
                var deploy = router.deploy().get();
                missing(deploy.secrets(), ground.secrets())
                        .forEach((i, name) ->
                                found.add(noSecret(located.where("spec.deploy.secrets[%d]".formatted(i)), name)));
                found.addAll(noNetworks(located, deploy.networks()));
            }
            if (located.document() instanceof LogRelay relay && relay.deploy().isPresent()) {
                found.addAll(noNetworks(located, relay.deploy().get().networks()));
            }
            return found;
        }

        private List<Problem> noNetworks(Located located, List<String> named) {
            var found = new ArrayList<Problem>();
            missing(named, ground.networks())
                    .forEach((i, name) -> found.add(new Problem(
                            located.where("spec.deploy.networks[%d]".formatted(i)),
                            "the swarm has no network %s that services can join".formatted(name),
                            "Create it: docker network create -d overlay --attachable %s; or name another one."
                                    .formatted(name))));
            return found;
        }

        private static Problem noSecret(String where, String name) {
            return new Problem(
                    where,
                    "the swarm has no secret %s".formatted(name),
                    "Create it: docker secret create %s FILE; or name another one.".formatted(name));
        }

        /// Those that are not there, by their place.
        private static SortedMap<Integer, String> missing(List<String> named, Optional<Set<String>> there) {
            var missing = new TreeMap<Integer, String>();
            for (int i = 0; i < named.size(); i++) {
                if (there.isPresent() && !there.get().contains(named.get(i))) {
                    missing.put(i, named.get(i));
                }
            }
            return missing;
        }

        private List<Problem> lacking(Located located) {
            var found = new ArrayList<>(ours(located));
            if (ground.secrets().isEmpty()) {
                return found;
            }
            NamedFiles.of(located.document()).forEach((path, file) -> {
                if (SECRETS.equals(file.getParent())
                        && !OURS.matcher(file.getFileName().toString()).matches()
                        && !ground.secrets().get().contains(file.getFileName().toString())) {
                    found.add(new Problem(
                            located.where(path),
                            "the swarm has no secret \"%s\"".formatted(file.getFileName()),
                            "Create it: docker secret create %s FILE; or name another one."
                                    .formatted(file.getFileName())));
                }
            });
            secrets(located.document()).forEach((path, name) -> {
                if (!OURS.matcher(name).matches() && !ground.secrets().get().contains(name)) {
                    found.add(noSecret(located.where(path), name));
                }
            });
            return found;
        }

        /// Those of a Redis that the controller deploys.
        private static Map<String, String> secrets(Document document) {
            return document instanceof LogRelay relay ? relay.secrets() : Map.of();
        }

        /// What opens LogRoute is for itself alone: a sink would send it to whomever it is told to.
        private static List<Problem> ours(Located located) {
            var named = new LinkedHashMap<String, String>();
            NamedFiles.of(located.document()).forEach((path, file) -> {
                var plain = file.normalize();
                if (plain.getFileName() != null
                        && plain.getParent() != null
                        && plain.getParent().endsWith("secrets")) {
                    named.put(path, plain.getFileName().toString());
                }
            });
            named.putAll(secrets(located.document()));
            if (located.document() instanceof LogRouter router
                    && router.deploy().isPresent()) {
                var secrets = router.deploy().get().secrets();
                for (int i = 0; i < secrets.size(); i++) {
                    named.put("spec.deploy.secrets[%d]".formatted(i), secrets.get(i));
                }
            }
            var found = new ArrayList<Problem>();
            named.forEach((path, secret) -> {
                if (OURS.matcher(secret).matches()) {
                    found.add(new Problem(
                            located.where(path),
                            "secret %s opens LogRoute itself, and no spec may use it".formatted(secret),
                            "Name another secret."));
                }
            });
            return found;
        }

        private static List<Problem> taken(Located located, LogRouter router, List<Door> open) {
            var found = new ArrayList<Problem>();
            for (int i = 0; i < router.sources().size(); i++) {
                var path = "spec.sources[%d].%s.port"
                        .formatted(i, Words.key(router.sources().get(i).getClass()));
                door(router.name(), router.sources().get(i))
                        .flatMap(mine -> open.stream().filter(mine::meets).findFirst())
                        .map(other -> new Problem(
                                located.where(path),
                                "router %s has port %d already".formatted(other.router(), other.port()),
                                "Give router %s a port of its own.".formatted(router.name())))
                        .ifPresent(found::add);
            }
            return found;
        }

        private static List<Door> doors(LogRouter router) {
            return router.sources().stream()
                    .flatMap(source -> door(router.name(), source).stream())
                    .toList();
        }

        /// None of a source that has no port, or takes a free one.
        private static Optional<Door> door(Name router, SourceSpec source) {
            Optional<Door> door = switch (source) {
                case SourceSpec.Beats beats -> Optional.of(new Door(router, beats.host(), beats.port()));
                case SourceSpec.Http http -> Optional.of(new Door(router, http.host(), http.port()));
                case SourceSpec.Fluent fluent -> Optional.of(new Door(router, fluent.host(), fluent.port()));
                case SourceSpec.Syslog syslog -> Optional.of(new Door(router, syslog.host(), syslog.port()));
                case SourceSpec.Gelf gelf -> Optional.of(new Door(router, gelf.host(), gelf.port()));
                case SourceSpec.Docker _,
                        SourceSpec.Nats _,
                        SourceSpec.Redis _,
                        SourceSpec.Relay _,
                        SourceSpec.Demo _ -> Optional.empty();
            };
            return door.filter(each -> each.port() != 0);
        }

        /// Sinks that cannot be used are held, or are none. Of two that write the same files the
        /// one that is in force stays, and else the first by name.
        private void checkSinks() {
            for (var sink : inOrder(LogSink.class)) {
                holdLacking(id(sink));
            }
            for (var relay : inOrder(LogRelay.class)) {
                holdLacking(id(relay));
                holdUnmet(id(relay));
            }
            var byPath = new TreeMap<String, Name>();
            for (var sink : inOrder(LogSink.class)) {
                var id = id(sink);
                var wrongNow = wrongSink(located(id), sink, byPath);
                if (wrongNow.isPresent()) {
                    problems.add(wrongNow.get());
                    brokenIds.add(id);
                    inForce.remove(id);
                    var last = lastGood.get(id);
                    if (last == null
                            || !(last.document() instanceof LogSink held)
                            || wrongSink(last, held, byPath).isPresent()) {
                        continue;
                    }
                    inForce.put(id, last);
                }
                if (located(id).document()
                        instanceof LogSink(var name, SinkSpec.File file, var _, var _, var _, var _)) {
                    byPath.put(file.path().text(), name);
                }
            }
        }

        private Optional<Problem> wrongSink(Located located, LogSink sink, Map<String, Name> byPath) {
            return switch (sink.to()) {
                case SinkSpec.Elasticsearch elastic -> wrongTemplate(located, "elasticsearch", elastic.template());
                case SinkSpec.Opensearch open -> wrongTemplate(located, "opensearch", open.template());
                case SinkSpec.File file ->
                    Optional.ofNullable(byPath.get(file.path().text()))
                            .map(other -> new Problem(
                                    located.where("spec.file.path"),
                                    "sink %s writes the same files".formatted(other),
                                    "Give each sink a path of its own, or let the routes name the same sink."));
                case SinkSpec.Beats _,
                        SinkSpec.Http _,
                        SinkSpec.Nats _,
                        SinkSpec.Redis _,
                        SinkSpec.Console _,
                        SinkSpec.Discard _ -> Optional.empty();
            };
        }

        private Optional<Problem> wrongTemplate(Located located, String kind, Optional<Name> named) {
            return named.filter(template -> !ground.templates().contains(template.value()))
                    .map(template -> new Problem(
                            located.where("spec.%s.template".formatted(kind)),
                            "there is no template \"%s\"".formatted(template),
                            ground.templates().isEmpty()
                                    ? "Leave it away; there are no templates here."
                                    : "Write one of: "
                                            + String.join(
                                                    ", ",
                                                    ground.templates().stream()
                                                            .sorted()
                                                            .toList()) + "."));
        }

        /// The sinks in force, and the relays as the sinks that they are to routers; sorted by name.
        private Map<String, LogSink> sinks() {
            return Stream.concat(
                            documents(LogSink.class, LogSink::name).values().stream(),
                            documents(LogRelay.class, LogRelay::name).values().stream()
                                    .map(LogRelay::asSink))
                    .sorted(Comparator.comparing(LogSink::name))
                    .collect(Collectors.toMap(
                            sink -> sink.name().value(), Function.identity(), (first, _) -> first, LinkedHashMap::new));
        }

        /// The document that declares it.
        private Located declaring(LogSink sink) {
            return located(inForce.containsKey(twin(id(sink))) ? twin(id(sink)) : id(sink));
        }

        /// What routes name that are broken otherwise: all is told at once.
        private void checkBroken(Map<String, LogRouter> routers, Map<String, LogSink> sinks) {
            for (var broken : reading.broken()) {
                for (var named : broken.names()) {
                    boolean isRouter = named.kind().equals("LogRouter");
                    var there = isRouter ? routers.keySet() : sinks.keySet();
                    if (!there.contains(named.name().value())) {
                        var problem = missing(isRouter ? "router" : "sink", named.name(), named.where(), there);
                        if (!problem.what().endsWith(OWN_PROBLEMS)) {
                            problems.add(problem);
                        }
                    } else if (!isRouter && sinks.get(named.name().value()) instanceof LogSink sink) {
                        mayName(named.labels(), named.where(), sink).ifPresent(problems::add);
                    }
                }
            }
        }

        /// Routes that name what is not there are held, or are none. Files are written by one
        /// router only: those of a route that is in force stay its own, and so do those of a
        /// route that is held.
        private void checkRoutes(Map<String, LogRouter> routers, Map<String, LogSink> sinks) {
            for (var route : inOrder(LogRoute.class)) {
                var id = id(route);
                var found = dangling(located(id), route, routers, sinks);
                if (!found.isEmpty()) {
                    refuse(route, found);
                    holdRoute(
                            id,
                            held -> dangling(located(held), route(held), routers, sinks)
                                    .isEmpty());
                }
            }
            var writers = new TreeMap<String, Name>();
            for (var route : inOrder(LogRoute.class)) {
                var id = id(route);
                var found = writtenByOthers(located(id), route, sinks, writers);
                if (!found.isEmpty()) {
                    refuse(route, found);
                    holdRoute(
                            id,
                            held -> dangling(located(held), route(held), routers, sinks)
                                            .isEmpty()
                                    && writtenByOthers(located(held), route(held), sinks, writers)
                                            .isEmpty());
                }
                if (inForce.containsKey(id)) {
                    fileSinks(route(id), sinks)
                            .forEach(sink -> writers.put(sink, route(id).router()));
                }
            }
        }

        /// Routes whose tests fail are held, or are none. A test is of the route that is in force: where that
        /// is the last good one of a route that is broken now, the test says nothing.
        private void checkTests(Map<String, LogRouter> routers, Map<String, LogSink> sinks) {
            var routes = documents(LogRoute.class, LogRoute::name);
            var byRoute = new TreeMap<String, List<Located>>();
            for (var test : documents(LogRouteTest.class, LogRouteTest::name).values()) {
                var located = located(id(test));
                var name = test.route().value();
                var route = routes.get(name);
                if (isHeldOrRefused(name)) {
                    continue;
                }
                if (route == null) {
                    problems.add(missing("route", test.route(), located.where("spec.route"), routes.keySet()));
                    continue;
                }
                var misfits = misfits(located, test, route, sinks);
                problems.addAll(misfits);
                if (misfits.isEmpty()) {
                    byRoute.computeIfAbsent(name, _ -> new ArrayList<>()).add(located);
                }
            }
            var pipelines = new HashMap<String, PipelineDefinition>();
            byRoute.forEach((name, own) -> {
                var route = route("LogRoute/" + name);
                var pipeline = pipelines.computeIfAbsent(
                        route.router().value(), _ -> definition(router(route.router()), sinks));
                var found = tests.failures(pipeline, route.toSinks(), own);
                if (!found.isEmpty()) {
                    problems.addAll(found);
                    failing.put(name, found);
                    refusedRouters.put(name, route.router().value());
                    holdFailing(id(route), routers, sinks);
                    pipelines.clear(); // what others of the router are tested in
                }
            });
        }

        private LogRouter router(Name name) {
            return (LogRouter) located("LogRouter/" + name).document();
        }

        private boolean isHeldOrRefused(String route) {
            return wrong.containsKey(route) || unresolved.containsKey(route) || brokenIds.contains("LogRoute/" + route);
        }

        private PipelineDefinition definition(LogRouter router, Map<String, LogSink> sinks) {
            var own = documents(LogRoute.class, LogRoute::name).values().stream()
                    .filter(route -> route.router().equals(router.name()))
                    .toList();
            return definition(router, own, named(own, sinks));
        }

        /// Routers know relays as sinks.
        private static PipelineDefinition definition(LogRouter router, List<LogRoute> routes, List<LogSink> sinks) {
            return new PipelineDefinition(
                    router, routes.stream().map(LogRoute::toSinks).toList(), sinks);
        }

        private static List<LogSink> named(List<LogRoute> routes, Map<String, LogSink> sinks) {
            return routes.stream()
                    .flatMap(route -> route.to().stream())
                    .map(target -> target.sink().value())
                    .distinct()
                    .map(sinks::get)
                    .toList();
        }

        /// As it ran before it stays, also where it is the test that changed.
        private void holdFailing(String id, Map<String, LogRouter> routers, Map<String, LogSink> sinks) {
            var last = lastGood.get(id);
            inForce.remove(id);
            if (last == null) {
                return;
            }
            inForce.put(id, last);
            if (!dangling(last, route(id), routers, sinks).isEmpty()) {
                inForce.remove(id);
            }
        }

        /// What a test asks of its route and never can be.
        private List<Problem> misfits(Located located, LogRouteTest test, LogRoute route, Map<String, LogSink> sinks) {
            var found = new ArrayList<Problem>();
            var named = route.to().stream()
                    .map(target -> target.sink().value())
                    .distinct()
                    .sorted()
                    .toList();
            for (int i = 0; i < test.expect().size(); i++) {
                var expected = test.expect().get(i);
                var path = "spec.expect[%d]".formatted(i);
                var sink = sinks.get(expected.sink().value());
                if (!named.contains(expected.sink().value()) || sink == null) {
                    found.add(new Problem(
                            located.where(path + ".sink"),
                            "route %s does not send to a sink \"%s\"".formatted(route.name(), expected.sink()),
                            "Write one of: %s; or add it to the route's to.".formatted(String.join(", ", named))));
                    continue;
                }
                boolean isElastic = sink.to().bulkApi().isPresent();
                if (!isElastic && expected.index().isPresent()) {
                    found.add(new Problem(
                            located.where(path + ".index"),
                            "sink %s has no indices".formatted(sink.name()),
                            "Leave index away."));
                }
                if (!isElastic && expected.id().isPresent()) {
                    found.add(new Problem(
                            located.where(path + ".id"),
                            "sink %s has no document ids".formatted(sink.name()),
                            "Leave id away."));
                }
                if (!(sink.to() instanceof SinkSpec.File) && expected.file().isPresent()) {
                    found.add(new Problem(
                            located.where(path + ".file"),
                            "sink %s writes no files".formatted(sink.name()),
                            "Leave file away."));
                }
            }
            return found;
        }

        private void refuse(LogRoute route, List<Problem> found) {
            // What follows from another problem is told of the route, and not as one more to mend.
            found.stream()
                    .filter(problem -> !problem.what().endsWith(OWN_PROBLEMS))
                    .forEach(problems::add);
            refusedRouters.put(route.name().value(), route.router().value());
            unresolved
                    .computeIfAbsent(route.name().value(), _ -> new ArrayList<>())
                    .addAll(found);
        }

        /// Puts the route back to its last good state where that is `fitting`, and else takes it
        /// out of force.
        private void holdRoute(String id, Predicate<String> fitting) {
            var now = inForce.remove(id);
            var last = lastGood.get(id);
            if (last == null || last.equals(now)) {
                return;
            }
            inForce.put(id, last);
            if (!fitting.test(id)) {
                inForce.remove(id);
            }
        }

        private LogRoute route(String id) {
            return (LogRoute) located(id).document();
        }

        /// The documents of a kind: first those that are as they were, then the others that were
        /// there, then new ones; by name among themselves.
        private <D extends Document> List<D> inOrder(Class<D> kind) {
            return documents(kind, Document::name).values().stream()
                    .sorted(Comparator.comparingInt(this::newness))
                    .toList();
        }

        private int newness(Document document) {
            var last = lastGood.get(id(document));
            if (last == null) {
                return 2;
            }
            return last.document().equals(document) ? 0 : 1;
        }

        private static Stream<String> fileSinks(LogRoute route, Map<String, LogSink> sinks) {
            return route.to().stream()
                    .map(target -> target.sink().value())
                    .filter(name -> sinks.get(name) instanceof LogSink sink && sink.to() instanceof SinkSpec.File);
        }

        private List<Problem> writtenByOthers(
                Located located, LogRoute route, Map<String, LogSink> sinks, Map<String, Name> writers) {
            var found = new ArrayList<Problem>();
            if (!ground.oneMachine()) {
                return found; // each instance has a volume of its own
            }
            for (int i = 0; i < route.to().size(); i++) {
                var sink = route.to().get(i).sink().value();
                var writer = writers.get(sink);
                if (writer != null
                        && !writer.equals(route.router())
                        && fileSinks(route, sinks).anyMatch(sink::equals)) {
                    found.add(new Problem(
                            located.where("spec.to[%d].%s"
                                    .formatted(i, route.to().get(i).key())),
                            "router %s writes the files of sink %s already".formatted(writer, sink),
                            "Give router %s a file sink of its own.".formatted(route.router())));
                }
            }
            return found;
        }

        private List<Problem> dangling(
                Located located, LogRoute route, Map<String, LogRouter> routers, Map<String, LogSink> sinks) {
            var found = new ArrayList<Problem>();
            if (!routers.containsKey(route.router().value())) {
                found.add(missing("router", route.router(), located.where("spec.router"), routers.keySet()));
            }
            for (int i = 0; i < route.to().size(); i++) {
                var target = route.to().get(i);
                var sink = sinks.get(target.sink().value());
                var path = "spec.to[%d]".formatted(i);
                var where = located.where(path + "." + target.key());
                if (sink == null) {
                    found.add(missing(target.key(), target.sink(), where, sinks.keySet()));
                    continue;
                }
                otherKind(located, i, target).ifPresent(found::add);
                mayName(located.labels(), where, sink).ifPresent(found::add);
                if (target.index().map(FieldTemplate::text).isPresent()
                        && sink.to().bulkApi().isEmpty()) {
                    found.add(new Problem(
                            located.where(path + ".index"),
                            "sink %s has no indices".formatted(sink.name()),
                            "Leave index away, or name a sink that is an elasticsearch or opensearch."));
                }
            }
            return found;
        }

        /// A relay that is named as a sink, or the other way round. Who writes nothing but the name means either.
        private Optional<Problem> otherKind(Located located, int i, LogRoute.Target target) {
            boolean isRelay = inForce.containsKey(RELAY + target.sink());
            var path = "spec.to[%d].%s".formatted(i, target.key());
            boolean isWritten =
                    located.lines().containsKey(path) || located.lines().containsKey("spec.to." + target.key());
            // Of what runs it is not known whether a sink was a relay.
            boolean isKnown = isRelay || !located(SINK + target.sink()).file().equals(ANY_FILE);
            if (!isWritten || !isKnown || isRelay == target.relay().isPresent()) {
                return Optional.empty();
            }
            return Optional.of(new Problem(
                    located.where(path),
                    "%s is a %s".formatted(target.sink(), isRelay ? "LogRelay" : "LogSink"),
                    "Write { %s: %s }, or only %s."
                            .formatted(isRelay ? "relay" : "sink", target.sink(), target.sink())));
        }

        /// A sink may say which stacks' labels may name it. One that no longer lets a stack in does not get its
        /// events on from a route that is held, either.
        private Optional<Problem> mayName(Optional<Located.FromLabels> labels, String where, LogSink sink) {
            var allow = sink.allow();
            if (allow.isEmpty() || labels.isEmpty()) {
                return Optional.empty();
            }
            var stack = labels.get().stack();
            if (stack.isPresent() && allow.get().stacks().stream().anyMatch(glob -> glob.matches(stack.get()))) {
                return Optional.empty();
            }
            var stacks = allow.get().stacks().stream().map(Glob::text).toList();
            return Optional.of(new Problem(
                    where,
                    "sink %s may be named by labels of %s, and not by those of service %s"
                            .formatted(
                                    sink.name(),
                                    stacks.isEmpty() ? "no stack" : "stack " + String.join(", ", stacks),
                                    labels.get().service()),
                    stack.map(name -> "Name another sink, or have %s added to spec.allow.stacks of %s %s."
                                    .formatted(name, declaring(sink).document().kind(), sink.name()))
                            .orElse("Name another sink; this service is of no stack.")));
        }

        private Problem missing(String what, Name name, String where, Set<String> names) {
            var id = switch (what) {
                case "router" -> "LogRouter/" + name;
                case "sink", "relay" -> SINK + name;
                default -> "LogRoute/" + name;
            };
            return brokenIds.contains(id) || brokenIds.contains(twin(id))
                    ? new Problem(where, what + " " + name + OWN_PROBLEMS, "Mend those.")
                    : new Problem(where, "there is no %s \"%s\"".formatted(what, name), choice(what, name, names));
        }

        private static String choice(String what, Name name, Set<String> names) {
            return names.isEmpty()
                    ? "Declare a %s of that name.".formatted(what)
                    : names.size() > 10
                            ? Words.nearest(name.value(), names)
                                    .map("Did you mean %s? Or declare it."::formatted)
                                    .orElse("Write one of the %d that there are, or declare it."
                                            .formatted(names.size()))
                            : "Write one of: " + String.join(", ", names) + "; or declare it.";
        }

        private List<PipelineDefinition> pipelines(
                Map<String, LogRouter> routers, Map<String, LogRoute> routes, Map<String, LogSink> sinks) {
            var pipelines = new ArrayList<PipelineDefinition>();
            routers.forEach((name, router) -> {
                var own = routes.values().stream()
                        .filter(route -> route.router().value().equals(name))
                        .toList();
                if (own.isEmpty()) {
                    // Its routes may be among those that have problems, which are told.
                    if (reading.broken().stream()
                                    .anyMatch(broken -> broken.kind()
                                            .filter(Set.of("LogSink", "LogRelay")::contains)
                                            .isEmpty())
                            || refusedRouters.containsValue(name)) {
                        return;
                    }
                    var problem = new Problem(
                            located("LogRouter/" + name).where("metadata.name"),
                            "no route takes the events of router %s; it is not started".formatted(name),
                            "Declare a LogRoute with router: %s.".formatted(name));
                    problems.add(problem);
                    idle.put(name, problem);
                    return;
                }
                var named = named(own, sinks);
                named.forEach(sink -> lagBeyondBuffer(sink, router).ifPresent(problems::add));
                pipelines.add(asBefore(definition(router, own, named)));
            });
            return pipelines;
        }

        /// The very one of the last time when it is the same: what was made of it, such as its revision, need not be
        /// made again.
        private PipelineDefinition asBefore(PipelineDefinition pipeline) {
            return before.pipeline(pipeline.name()).filter(pipeline::equals).orElse(pipeline);
        }

        /// A limit that the buffer reaches first is none; what it is for would not happen. One of the
        /// buffer's own size is such: a sink has to lag more than its limit.
        private Optional<Problem> lagBeyondBuffer(LogSink sink, LogRouter router) {
            var room = router.buffer().size();
            return sink.maxLag()
                    .filter(lag -> lag instanceof MaxLag.Size(var size) && size.bytes() >= room.bytes())
                    .map(lag -> new Problem(
                            declaring(sink).where("spec.maxLag"),
                            "maxLag is %s, and the buffer of router %s has %s: it is full before the sink lags more"
                                    .formatted(lag, router.name(), room),
                            "Write less than %s, or raise spec.buffer of LogRouter %s."
                                    .formatted(room, router.name())));
        }

        private List<RouteVerdict> verdicts(Map<String, LogRoute> routes) {
            var names = new TreeMap<String, Optional<String>>();
            wrong.keySet().forEach(name -> names.put(name, Optional.empty()));
            refusedRouters.forEach((name, router) -> names.put(name, Optional.of(router)));
            routes.forEach(
                    (name, route) -> names.put(name, Optional.of(route.router().value())));
            return names.entrySet().stream()
                    .map(entry -> new RouteVerdict(
                            entry.getKey(),
                            entry.getValue(),
                            wrong.getOrDefault(entry.getKey(), List.of()),
                            unresolved.getOrDefault(entry.getKey(), List.of()),
                            failing.getOrDefault(entry.getKey(), List.of()),
                            routes.containsKey(entry.getKey())))
                    .toList();
        }

        private Located located(String id) {
            var located = inForce.get(id);
            if (located == null) {
                throw new IllegalStateException(id + " is not in force");
            }
            return located;
        }

        private <D extends Document> Map<String, D> documents(Class<D> kind, Function<D, ?> name) {
            return inForce.values().stream()
                    .map(Located::document)
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .sorted(Comparator.comparing(document -> document.name()))
                    .collect(Collectors.toMap(
                            document -> String.valueOf(name.apply(document)),
                            Function.identity(),
                            (a, _) -> a,
                            LinkedHashMap::new));
        }

        private static String id(Document document) {
            return document.kind() + "/" + document.name();
        }
    }
}
