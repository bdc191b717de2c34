package io.logroute.plan.swarm;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// One look at a swarm.
///
/// @param users the services that are not ours and carry a label that begins with `logroute.`, on the service
///     or on its
///     containers, sorted by name
/// @param specs configs with the label `logroute.spec=true`, sorted by name
/// @param states of our services, by name; the configs that a service's previous spec names among them
/// @param networks names of all networks that services can join
/// @param secrets names of all secrets
/// @param jobs of ours that remove volumes, by the name of their service
public record Seen(
        List<Node> nodes,
        List<UserService> users,
        List<SpecConfig> specs,
        Owned owned,
        SortedMap<String, State> states,
        Set<String> networks,
        Set<String> secrets,
        SortedMap<String, Job> jobs) {
    /// Nothing is there.
    public static final Seen NOTHING =
            new Seen(List.of(), List.of(), List.of(), Owned.NOTHING, new TreeMap<>(), Set.of(), Set.of());

    /// A swarm without jobs.
    public Seen(
            List<Node> nodes,
            List<UserService> users,
            List<SpecConfig> specs,
            Owned owned,
            SortedMap<String, State> states,
            Set<String> networks,
            Set<String> secrets) {
        this(nodes, users, specs, owned, states, networks, secrets, new TreeMap<>());
    }

    /// A job that removes a volume.
    ///
    /// @param done whether the volume is gone
    /// @param error why not, in Swarm's words or its own
    public record Job(String volume, String router, boolean done, Optional<String> error) {}

    /// @param ready whether the managers hear of it
    /// @param active whether it takes new tasks, by its availability
    public record Node(
            String id,
            String hostname,
            String address,
            boolean manager,
            String os,
            String arch,
            Map<String, String> labels,
            Map<String, String> engineLabels,
            boolean ready,
            boolean active) {
        public Node {
            labels = Map.copyOf(labels);
            engineLabels = Map.copyOf(engineLabels);
        }
    }

    /// @param labels those of the service
    /// @param containerLabels those of its containers, where labels for us do nothing
    public record UserService(
            String name,
            Optional<String> stack,
            SortedMap<String, String> labels,
            SortedMap<String, String> containerLabels,
            Set<String> networks) {
        public UserService {
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
            containerLabels = Collections.unmodifiableSortedMap(new TreeMap<>(containerLabels));
            networks = Set.copyOf(networks);
        }
    }

    public record SpecConfig(String name, Content content) {}

    /// How a service of ours does.
    ///
    /// @param previousConfigs names of the configs that its previous spec mounts: a rollback needs them
    /// @param tasks newest first
    /// @param wanted the hash that it carries of what we wanted it to be
    /// @param version another number after each change of the service
    public record State(
            Update update, Set<String> previousConfigs, List<Task> tasks, Optional<String> wanted, long version) {
        public static final State NEW = new State(Update.NONE, Set.of(), List.of(), Optional.empty(), 0);

        public State {
            previousConfigs = Set.copyOf(previousConfigs);
            tasks = List.copyOf(tasks);
        }

        /// Whether nothing runs, and Swarm waits for a node that could run it: that may be for ever.
        public boolean isStuck() {
            return !runs() && !tasks.isEmpty() && tasks.getFirst().state().equals("pending");
        }

        /// Whether a container runs.
        public boolean runs() {
            return tasks.stream().anyMatch(Task::running);
        }
    }

    /// The last update of a service.
    ///
    /// @param started when; absent when there was none
    public record Update(Phase phase, Optional<Instant> started, String message) {
        public static final Update NONE = new Update(Phase.NONE, Optional.empty(), "");

        public enum Phase {
            NONE,
            UPDATING,
            PAUSED,
            COMPLETED,
            ROLLING_BACK,
            ROLLED_BACK;

            /// Whether Swarm is still at it.
            public boolean underWay() {
                return this == UPDATING || this == ROLLING_BACK;
            }
        }
    }

    /// @param state Swarm's word: `running`, `failed`, `rejected`, ...
    /// @param error Swarm's words for what went wrong, and the router's own last ones where they could be read
    public record Task(String id, String node, String state, boolean running, Optional<String> error, Instant at) {}

    public Seen {
        nodes = nodes.stream()
                .sorted(java.util.Comparator.comparing(Node::hostname).thenComparing(Node::id))
                .toList();
        users = users.stream()
                .sorted(java.util.Comparator.comparing(UserService::name))
                .toList();
        specs = specs.stream()
                .sorted(java.util.Comparator.comparing(SpecConfig::name))
                .toList();
        states = Collections.unmodifiableSortedMap(new TreeMap<>(states));
        networks = Set.copyOf(networks);
        secrets = Set.copyOf(secrets);
        jobs = Collections.unmodifiableSortedMap(new TreeMap<>(jobs));
    }

    State state(String service) {
        return states.getOrDefault(service, State.NEW);
    }

    Optional<Node> node(String id) {
        return nodes.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /// What is seen once the step is made, before Swarm does anything about it. Steps are safe to repeat.
    ///
    /// @throws OutOfDate when what the step changes is not as it was when the step was planned
    public Seen after(Step step) throws OutOfDate {
        var configs = new TreeMap<>(owned.configs());
        var services = new TreeMap<>(owned.services());
        var links = new TreeSet<>(owned.secrets());
        var next = new TreeMap<>(states);
        var allSecrets = new TreeSet<>(secrets);
        var nextJobs = new TreeMap<>(jobs);
        var relays = new TreeMap<>(owned.relays());
        switch (step) {
            case Step.CreateSecret(var name) -> {
                links.add(name);
                allSecrets.add(name);
            }
            case Step.CreateConfig(var config, var _) -> {
                if (configs.putIfAbsent(config.name(), config) != null) {
                    throw new OutOfDate("config %s is there already".formatted(config.name()));
                }
            }
            case Step.LabelConfig(var name, var from, var labels, var _) -> {
                var config = configs.get(name);
                if (config == null || !config.labels().equals(from)) {
                    throw new OutOfDate("config %s is not as it was".formatted(name));
                }
                configs.put(name, config.with(labels));
            }
            case Step.CreateService(var service, var _) -> {
                if (services.putIfAbsent(service.name(), service) != null) {
                    throw new OutOfDate("service %s is there already".formatted(service.name()));
                }
                next.put(
                        service.name(),
                        new State(Update.NONE, Set.of(), List.of(), Optional.of(Fleets.hash(service)), 1));
            }
            case Step.UpdateService(var from, var to, var _) -> {
                if (!from.equals(services.get(to.name()))) {
                    throw new OutOfDate("service %s is not as it was".formatted(to.name()));
                }
                services.put(to.name(), to);
                next.put(
                        to.name(),
                        new State(
                                new Update(Update.Phase.UPDATING, Optional.empty(), ""),
                                Set.copyOf(from.configs().values()),
                                state(to.name()).tasks(),
                                Optional.of(Fleets.hash(to)),
                                state(to.name()).version() + 1));
            }
            case Step.RemoveConfig(var name) -> configs.remove(name);
            case Step.RemoveService(var name, var _, var _) -> {
                services.remove(name);
                next.remove(name);
            }
            case Step.RemoveVolume remove ->
                nextJobs.putIfAbsent(remove.job(), new Job(remove.volume(), remove.router(), false, Optional.empty()));
            case Step.RemoveJob(var name, var _) -> nextJobs.remove(name);
            case Step.CreateRelay(var service, var _) -> {
                if (relays.putIfAbsent(service.name(), service) != null) {
                    throw new OutOfDate("service %s is there already".formatted(service.name()));
                }
                next.put(
                        service.name(),
                        new State(Update.NONE, Set.of(), List.of(), Optional.of(Fleets.hash(service)), 1));
            }
            case Step.UpdateRelay(var from, var to, var _) -> {
                if (!from.equals(relays.get(to.name()))) {
                    throw new OutOfDate("service %s is not as it was".formatted(to.name()));
                }
                relays.put(to.name(), to);
                next.put(
                        to.name(),
                        new State(
                                new Update(Update.Phase.UPDATING, Optional.empty(), ""),
                                Set.of(),
                                state(to.name()).tasks(),
                                Optional.of(Fleets.hash(to)),
                                state(to.name()).version() + 1));
            }
            case Step.RemoveRelay(var name, var _, var _) -> {
                relays.remove(name);
                next.remove(name);
            }
            case Step.Push _, Step.Tell _ -> {}
        }
        return new Seen(
                nodes, users, specs, new Owned(configs, services, links, relays), next, networks, allSecrets, nextJobs);
    }

    /// What is seen once Swarm runs a service of ours, and has nothing more to do with it.
    public Seen running(String service, Instant since) {
        var next = new TreeMap<>(states);
        var was = state(service);
        var node = Stream.<Placed>concat(
                        Stream.ofNullable(owned.services().get(service)),
                        Stream.ofNullable(owned.relays().get(service)))
                .map(Placed::node)
                .findFirst()
                .orElse("");
        next.put(
                service,
                new State(
                        new Update(Update.Phase.COMPLETED, was.update().started(), ""),
                        was.previousConfigs(),
                        List.of(new Task(service, node, "running", true, Optional.empty(), since)),
                        was.wanted(),
                        was.version()));
        return new Seen(nodes, users, specs, owned, next, networks, secrets, jobs);
    }

    /// What is seen once a node did what it was asked for.
    Seen removed(Step.RemoveVolume remove) {
        var next = new TreeMap<>(jobs);
        next.put(remove.job(), new Job(remove.volume(), remove.router(), true, Optional.empty()));
        return new Seen(nodes, users, specs, owned, states, networks, secrets, next);
    }

    /// Configs that services name, now or in their previous spec, and that are not there.
    public Set<String> dangling() {
        var missing = new TreeSet<String>();
        owned.services().forEach((name, service) -> {
            missing.addAll(service.configs().values());
            missing.addAll(state(name).previousConfigs());
        });
        missing.removeAll(owned.configs().keySet());
        return missing;
    }
}
