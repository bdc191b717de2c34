package io.logroute.remote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Owned;
import io.logroute.plan.swarm.OwnedConfig;
import io.logroute.plan.swarm.RelayService;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Gathers what Docker's lists say into [Seen], element by element: of services that are neither ours nor
/// labelled for us, and of configs that are not ours, nothing is kept but names. Used by one thread, once.
final class Look {
    /// Tasks of one service that are kept, the newest.
    private static final int MOST_TASKS = 10;
    /// Letters of an error that are kept.
    private static final int LONGEST_ERROR = 1000;
    /// What is read of the spec of a service that is not ours.
    private static final Tree.Part OF_FOREIGN = new Tree.Part(Map.of(
            "Name",
            Tree.Part.WHOLE,
            "Labels",
            Tree.Part.WHOLE,
            "Networks",
            Tree.Part.WHOLE,
            "TaskTemplate",
            new Tree.Part(Map.of(
                    "Networks", Tree.Part.WHOLE, "ContainerSpec", new Tree.Part(Map.of("Labels", Tree.Part.WHOLE))))));

    private final String prefix;
    /// What configs hold, by id: it never changes.
    private final Map<String, Content> known;

    private final Map<String, Content> contents = new HashMap<>();
    private final List<Ours> ours = new ArrayList<>();
    private final List<Ours> ofRelays = new ArrayList<>();
    private final List<Tree> jobs = new ArrayList<>();
    private final List<User> users = new ArrayList<>();
    private final Map<String, List<Seen.Task>> tasks = new HashMap<>();
    private final Map<String, Spec> specs = new HashMap<>();
    private final TreeMap<String, OwnedConfig> configs = new TreeMap<>();
    private final TreeMap<String, Handle> configHandles = new TreeMap<>();
    private final TreeMap<String, String> secretIds = new TreeMap<>();
    private final TreeSet<String> ownedSecrets = new TreeSet<>();
    private final TreeMap<String, String> networkNames = new TreeMap<>();
    private final TreeSet<String> networks = new TreeSet<>();
    private final List<Seen.Node> nodes = new ArrayList<>();

    /// How Docker knows an object: its id, and the number that a change of it must name.
    record Handle(String id, long version) {}

    /// A service of ours: its whole spec.
    record Known(Handle handle, Tree spec) {}

    /// What a later change needs of this look.
    ///
    /// @param services those of ours, by name
    record Found(
            Seen seen,
            Map<String, Known> services,
            Map<String, Handle> configs,
            Map<String, String> secretIds,
            Map<String, String> networkIds,
            Map<String, Content> contents) {
        static final Found NOTHING = new Found(Seen.NOTHING, Map.of(), Map.of(), Map.of(), Map.of(), Map.of());
    }

    private record Ours(Handle handle, Matcher named, Tree service) {
        String name() {
            return named.group();
        }
    }

    private record User(Tree spec, List<Tree> networks) {}

    private record Spec(String created, Seen.SpecConfig config) {}

    Look(String prefix, Map<String, Content> known) {
        this.prefix = prefix;
        this.known = known;
    }

    /// Reads a foreign service no further than needed: Docker writes the labels before what is long.
    void service(JsonParser parser) throws IOException {
        expect(parser, JsonToken.START_OBJECT);
        var fields = new LinkedHashMap<String, @Nullable Object>();
        var spec = Tree.NOTHING;
        boolean foreign = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            if (name.equals("Spec")) {
                spec = spec(parser);
                fields.put(name, spec.value());
                foreign = isForeign(spec);
            } else if (foreign) {
                parser.skipChildren();
            } else {
                fields.put(name, Tree.read(parser).value());
            }
        }
        service(new Tree(fields), spec);
    }

    private Tree spec(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return Tree.read(parser);
        }
        var spec = new LinkedHashMap<String, @Nullable Object>();
        boolean foreign = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            var part = foreign ? OF_FOREIGN.below(name) : Tree.Part.WHOLE;
            spec.put(name, Tree.read(parser, part).value());
            foreign |= name.equals("Labels") && isForeign(new Tree(spec));
        }
        return new Tree(spec);
    }

    /// Whether it is known already that nothing is kept but what [#OF_FOREIGN] says.
    private boolean isForeign(Tree spec) {
        return spec.at("Labels").isThere() && !isOurs(spec.at("Labels").texts());
    }

    private void service(Tree service, Tree spec) {
        var labels = spec.at("Labels").texts();
        if (isOurs(labels) && JobForm.ROLE.equals(labels.get(Label.ROLE))) {
            jobs.add(service);
            return;
        }
        if (isOurs(labels)) {
            var name = spec.at("Name").text();
            ServiceForm.named(prefix, name).ifPresent(named -> ours.add(new Ours(handle(service), named, service)));
            RelayForm.named(prefix, name).ifPresent(named -> ofRelays.add(new Ours(handle(service), named, service)));
            return;
        }
        var containerLabels = spec.at("TaskTemplate", "ContainerSpec", "Labels").texts();
        // What another LogRoute owns is no user's either.
        if (!labels.containsKey(Label.MANAGED_BY)
                && Stream.concat(labels.keySet().stream(), containerLabels.keySet().stream())
                        .anyMatch(name -> name.startsWith("logroute."))) {
            users.add(new User(spec, ServiceForm.networks(spec)));
        }
    }

    private boolean isOurs(Map<String, String> labels) {
        return prefix.equals(labels.get(Label.MANAGED_BY));
    }

    private static Handle handle(Tree object) {
        return new Handle(object.at("ID").text(), object.at("Version", "Index").number());
    }

    void task(JsonParser parser) throws IOException {
        var task = Tree.read(parser);
        var status = task.at("Status");
        var state = status.at("State").text();
        var error = status.at("Err").word().map(Look::shortened);
        tasks.computeIfAbsent(task.at("ServiceID").text(), _ -> new ArrayList<>())
                .add(new Seen.Task(
                        task.at("ID").text(),
                        task.at("NodeID").text(),
                        state,
                        state.equals("running"),
                        error,
                        instant(task.at("CreatedAt")).orElse(Instant.EPOCH)));
    }

    private static String shortened(String error) {
        return error.length() <= LONGEST_ERROR ? error : error.substring(0, LONGEST_ERROR) + "...";
    }

    private static Optional<Instant> instant(Tree text) {
        try {
            return text.word().map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    void secret(JsonParser parser) throws IOException {
        var secret = Tree.read(parser);
        var name = secret.at("Spec", "Name").text();
        secretIds.put(name, secret.at("ID").text());
        if (isOurs(secret.at("Spec", "Labels").texts())) {
            ownedSecrets.add(name);
        }
    }

    void network(JsonParser parser) throws IOException {
        var network = Tree.read(parser);
        var name = network.at("Name").text();
        // Each node has networks of its own besides, which may be called the same and are nothing for a service.
        if (network.at("Scope").text().equals("swarm")) {
            networkNames.put(network.at("Id").text(), name);
            if (!network.at("Ingress").isTrue()) {
                networks.add(name);
            }
        }
    }

    void node(JsonParser parser) throws IOException {
        var node = Tree.read(parser);
        var description = node.at("Description");
        var address = node.at("Status", "Addr").text();
        if (address.isEmpty() || address.equals("0.0.0.0") || address.startsWith("127.")) {
            address = node.at("ManagerStatus", "Addr")
                    .word()
                    .map(each -> each.replaceFirst(":[0-9]+$", ""))
                    .orElse(address);
        }
        nodes.add(new Seen.Node(
                node.at("ID").text(),
                description.at("Hostname").text(),
                address,
                node.at("Spec", "Role").text().equals("manager"),
                description.at("Platform", "OS").text(),
                description.at("Platform", "Architecture").text(),
                node.at("Spec", "Labels").texts(),
                description.at("Engine", "Labels").texts(),
                node.at("Status", "State").text().equals("ready"),
                node.at("Spec", "Availability").text().equals("active")));
    }

    /// Reads the content, which may be long, only where it is wanted and not known: Docker writes the labels before
    /// it.
    void config(JsonParser parser) throws IOException {
        expect(parser, JsonToken.START_OBJECT);
        var fields = new LinkedHashMap<String, Tree>();
        var spec = new LinkedHashMap<String, Tree>();
        Content content = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            if (!name.equals("Spec")) {
                fields.put(name, Tree.read(parser));
                continue;
            }
            expect(parser, JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var part = parser.currentName();
                parser.nextToken();
                if (!part.equals("Data")) {
                    spec.put(part, Tree.read(parser));
                } else if (isRead(spec)) {
                    var id = fields.getOrDefault("ID", Tree.NOTHING).text();
                    content = known.get(id);
                    content = content == null ? content(parser) : content;
                } else {
                    parser.skipChildren();
                }
            }
        }
        if (isRead(spec)) {
            config(fields, spec, content == null ? new Content(new byte[0]) : content);
        }
    }

    private static Content content(JsonParser parser) throws IOException {
        return new Content(parser.currentToken() == JsonToken.VALUE_STRING ? parser.getBinaryValue() : new byte[0]);
    }

    private boolean isRead(Map<String, Tree> spec) {
        var labels = spec.getOrDefault("Labels", Tree.NOTHING).texts();
        return isOurs(labels) || "true".equals(labels.get(Label.SPEC));
    }

    private void config(Map<String, Tree> fields, Map<String, Tree> spec, Content content) {
        var name = spec.getOrDefault("Name", Tree.NOTHING).text();
        var labels = spec.getOrDefault("Labels", Tree.NOTHING).texts();
        var version = fields.getOrDefault("Version", Tree.NOTHING).at("Index").number();
        var handle = new Handle(fields.getOrDefault("ID", Tree.NOTHING).text(), version);
        contents.put(handle.id(), content);
        configHandles.put(name, handle);
        if (isOurs(labels)) {
            configs.put(name, new OwnedConfig(name, labels, content));
            return;
        }
        // Of those stored under one name the newest counts: the others are about to be removed.
        var found = new Spec(fields.getOrDefault("CreatedAt", Tree.NOTHING).text(), new Seen.SpecConfig(name, content));
        specs.merge(
                labels.containsKey(Label.SPEC_NAME) ? "stored " + labels.get(Label.SPEC_NAME) : "config " + name,
                found,
                (one, other) -> instant(one.created()).compareTo(instant(other.created())) >= 0 ? one : other);
    }

    private static Instant instant(String text) {
        return instant(new Tree(text)).orElse(Instant.EPOCH);
    }

    private static void expect(JsonParser parser, JsonToken wanted) throws IOException {
        if (parser.currentToken() != wanted) {
            throw new IOException("the answer is not what was asked for: %s where %s belongs"
                    .formatted(parser.currentToken(), wanted));
        }
    }

    /// The words that a task itself left, where Docker's own say nothing; empty when there are none.
    interface Words {
        Optional<String> of(Seen.Task task);
    }

    /// All of it.
    Found found(Words words) {
        var services = new TreeMap<String, RouterService>();
        var handles = new TreeMap<String, Known>();
        var states = new TreeMap<String, Seen.State>();
        for (var each : ours) {
            var spec = each.service().at("Spec");
            var service = ServiceForm.read(spec, each.named(), this::network);
            services.put(service.name(), service);
            handles.put(each.name(), new Known(each.handle(), spec));
            states.put(each.name(), state(each, words));
        }
        var relays = new TreeMap<String, RelayService>();
        for (var each : ofRelays) {
            var spec = each.service().at("Spec");
            relays.put(each.name(), RelayForm.read(spec, each.named(), this::network));
            handles.put(each.name(), new Known(each.handle(), spec));
            states.put(each.name(), state(each, words));
        }
        var removals = new TreeMap<String, Seen.Job>();
        for (var each : jobs) {
            var name = each.at("Spec", "Name").text();
            var labels = each.at("Spec", "Labels").texts();
            removals.put(name, JobForm.read(name, labels, newest(each.at("ID").text(), words)));
        }
        var seen = new Seen(
                nodes,
                users.stream().map(this::user).toList(),
                specs.values().stream().map(Spec::config).toList(),
                new Owned(configs, services, ownedSecrets, relays),
                states,
                networks,
                secretIds.keySet(),
                removals);
        var networkIds = new TreeMap<String, String>();
        networkNames.forEach((id, name) -> {
            if (networks.contains(name)) {
                networkIds.put(name, id);
            }
        });
        return new Found(seen, handles, configHandles, secretIds, networkIds, contents);
    }

    private String network(String idOrName) {
        return networkNames.getOrDefault(idOrName, idOrName);
    }

    private Seen.UserService user(User user) {
        var labels = user.spec().at("Labels").texts();
        return new Seen.UserService(
                user.spec().at("Name").text(),
                Optional.ofNullable(labels.get(Label.STACK)),
                labels,
                user.spec().at("TaskTemplate", "ContainerSpec", "Labels").texts(),
                user.networks().stream()
                        .map(each -> network(each.at("Target").text()))
                        .collect(Collectors.toSet()));
    }

    private Seen.State state(Ours each, Words words) {
        var service = each.service();
        var previous = service.at("PreviousSpec", "TaskTemplate", "ContainerSpec", "Configs").items().stream()
                .map(config -> config.at("ConfigName").text())
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        return new Seen.State(
                update(service),
                previous,
                newest(each.handle().id(), words),
                service.at("Spec", "Labels", Label.WANTED).word(),
                each.handle().version());
    }

    /// The newest tasks of a service, newest first.
    private List<Seen.Task> newest(String service, Words words) {
        var newest = tasks.getOrDefault(service, List.of()).stream()
                .sorted(Comparator.comparing(Seen.Task::at).reversed().thenComparing(Seen.Task::id))
                .limit(MOST_TASKS)
                .collect(Collectors.toCollection(ArrayList::new));
        newest.stream().filter(task -> task.error().isPresent()).findFirst().ifPresent(task -> {
            var own = words.of(task);
            if (own.isPresent()) {
                newest.set(newest.indexOf(task), saying(task, own.get()));
            }
        });
        return newest;
    }

    private static Seen.Task saying(Seen.Task task, String words) {
        return new Seen.Task(
                task.id(),
                task.node(),
                task.state(),
                task.running(),
                Optional.of("%s; its last words: %s".formatted(task.error().orElse(""), words)),
                task.at());
    }

    private static Seen.Update update(Tree service) {
        var status = service.at("UpdateStatus");
        Seen.Update.@Nullable Phase phase = switch (status.at("State").text()) {
            case "updating" -> Seen.Update.Phase.UPDATING;
            case "paused", "rollback_paused" -> Seen.Update.Phase.PAUSED;
            case "completed" -> Seen.Update.Phase.COMPLETED;
            case "rollback_started" -> Seen.Update.Phase.ROLLING_BACK;
            case "rollback_completed" -> Seen.Update.Phase.ROLLED_BACK;
            default -> null;
        };
        return phase == null
                ? Seen.Update.NONE
                : new Seen.Update(
                        phase,
                        instant(status.at("StartedAt")),
                        shortened(status.at("Message").text()));
    }
}
