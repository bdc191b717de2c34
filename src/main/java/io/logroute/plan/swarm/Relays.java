package io.logroute.plan.swarm;

import io.logroute.plan.Condition;
import io.logroute.plan.RelayState;
import io.logroute.plan.swarm.RelayService.Part;
import io.logroute.spec.Durations;
import io.logroute.spec.LogRelay;
import io.logroute.spec.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/// Decides what is to be done with the relays that we deploy: the steps of one pass, in order, and how
/// each of them does.
///
/// A relay stays on the node that it was started on, for its volume does, and another one that is empty
/// would part what routers handed over from those who wait for it. While that node is away nothing is
/// done but to say so. One that is declared no longer stays as it is, as instances of routers do, until
/// somebody says to forget it. No volume is ever removed.
public final class Relays {
    /// What Docker takes as the name of a service.
    private static final int LONGEST_NAME = 63;

    private final Draft draft;
    private final SortedMap<String, RelayRecord> records;
    private final List<RelayState> states = new ArrayList<>();

    /// What is to be done, and what is to be told.
    public record Decision(List<Step> steps, List<RelayState> states) {
        public Decision {
            steps = List.copyOf(steps);
            states = states.stream()
                    .sorted(Comparator.comparing(RelayState::name))
                    .toList();
        }
    }

    private Relays(Draft draft) {
        this.draft = draft;
        this.records = RelayRecord.of(draft.seen.owned());
    }

    /// Decides.
    ///
    /// @param declared the relays in force, those that exist elsewhere among them; at most one of a
    ///     name
    public static Decision decide(Seen seen, List<LogRelay> declared, Installation here, Instant now) {
        var relays = new Relays(new Draft(seen, Told.NOTHING, here, now));
        var names = new HashSet<String>();
        for (var relay :
                declared.stream().sorted(Comparator.comparing(LogRelay::name)).toList()) {
            relay.deploy().ifPresent(deploy -> {
                names.add(relay.name().value());
                relays.new One(relay.name().value()).declared(relay, deploy);
            });
        }
        relays.undeclared(names);
        return new Decision(relays.draft.steps, relays.states);
    }

    /// What is seen once all steps of a decision are made, before Swarm does anything about them: what
    /// else is decided in the same pass finds their places taken.
    public static Seen after(Seen seen, Decision decision) {
        var next = seen;
        try {
            for (var step : decision.steps()) {
                next = next.after(step);
            }
        } catch (OutOfDate e) {
            return seen; // no decision does that
        }
        return next;
    }

    /// Has a relay be forgotten: its services go, and where it is, is remembered no longer. Its volume
    /// stays where it is.
    ///
    /// @param declared whether it is to be deployed by what is declared
    public static Wishes.Answer forget(Seen seen, String relay, Optional<LogRelay.Deployed> declared) {
        var record = RelayRecord.of(seen.owned()).get(relay);
        if (record == null) {
            var all = RelayRecord.of(seen.owned()).keySet();
            return new Wishes.Answer.Refused(
                    "there is no relay %s that this LogRoute deployed".formatted(relay),
                    all.isEmpty() ? "None is there." : "Choose one of %s.".formatted(String.join(", ", all)));
        }
        var fits = seen.node(record.node())
                .filter(node -> node.ready() && node.active())
                .filter(node -> declared.stream()
                        .flatMap(deploy -> deploy.constraints().stream())
                        .allMatch(each -> Placement.allows(each, node)));
        if (declared.isPresent() && fits.isPresent()) {
            return new Wishes.Answer.Refused(
                    "it is declared, and its node %s is there and fits".formatted(record.where()),
                    "Take it out of the specs first; or, to have it elsewhere, give it constraints that node %s does not fit."
                            .formatted(record.where()));
        }
        return new Wishes.Answer.Granted(record.config()
                .map(config -> config.labels().getOrDefault(Label.MANAGED_BY, ""))
                .flatMap(prefix -> record.forget().note(prefix, "to be forgotten"))
                .map(List::of)
                .orElseGet(List::of));
    }

    /// Relays that are there, and that nobody declares to be deployed.
    private void undeclared(Set<String> declared) {
        Stream.concat(
                        records.keySet().stream(),
                        draft.seen.owned().relays().values().stream()
                                .filter(each -> each.part() == Part.REDIS)
                                .map(RelayService::relay))
                .distinct()
                .filter(name -> !declared.contains(name))
                .sorted()
                .toList()
                .forEach(name -> new One(name).undeclared());
        // An exporter whose Redis somebody removed, and of which nothing else is left.
        draft.seen.owned().relays().values().stream()
                .filter(each -> each.part() == Part.EXPORTER
                        && !declared.contains(each.relay())
                        && !records.containsKey(each.relay())
                        && service(draft.here.relay(each.relay())).isEmpty())
                .forEach(each -> draft.steps.add(
                        new Step.RemoveRelay(each.name(), each.relay(), "there is no Redis beside it")));
    }

    private Optional<RelayService> service(String name) {
        return Optional.ofNullable(draft.seen.owned().relays().get(name));
    }

    /// What is decided of one relay.
    private final class One {
        private final String relay;
        private final String redis;
        private final String exporter;
        private final List<Problem> problems = new ArrayList<>();
        private Optional<RelayRecord> record;

        One(String relay) {
            this.relay = relay;
            this.redis = draft.here.relay(relay);
            this.exporter = draft.here.exporter(relay);
            this.record = Optional.ofNullable(records.get(relay));
        }

        void declared(LogRelay spec, LogRelay.Deployed deploy) {
            if (isForgotten()) {
                forget();
                tell(true, Optional.of(deploy), leaves(), Optional.empty());
                return;
            }
            var lacking = lacking(deploy);
            remember();
            if (record.isEmpty() && lacking.isEmpty()) {
                place(deploy);
            }
            if (record.isEmpty()) {
                tell(true, Optional.of(deploy), lacking.orElseGet(() -> nowhere(deploy)), exported(deploy.exporter()));
                return;
            }
            var place = record.get();
            fits(deploy, place);
            if (lacking.isEmpty()) {
                become(spec, deploy, place);
            }
            tell(
                    true,
                    Optional.of(deploy),
                    lacking.filter(_ -> service(redis).isEmpty()).orElseGet(() -> ready(place)),
                    exported(deploy.exporter()));
        }

        void undeclared() {
            if (isForgotten()) {
                forget();
                tell(false, Optional.empty(), leaves(), Optional.empty());
                return;
            }
            remember();
            var place = record.orElseThrow();
            boolean runs = service(redis).isPresent();
            problems.add(new Problem(
                    "relay " + relay,
                    runs
                            ? "no spec that can be read declares it to be deployed here; its Redis stays as it is, since what nobody took from it yet would be stuck"
                            : "no spec that can be read declares it to be deployed here, and its Redis is gone; its volume %s stays on node %s"
                                    .formatted(place.name(), place.where()),
                    "Declare it, or mend its spec; or give it up, which leaves its volume on node %s: logroute forget relay/%s."
                            .formatted(place.where(), relay)));
            tell(
                    false,
                    Optional.empty(),
                    ready(place),
                    exported(service(exporter).isPresent()));
        }

        private boolean isForgotten() {
            return record.filter(RelayRecord::forgotten).isPresent();
        }

        /// Its services go, and once they are gone what is remembered of it.
        private void forget() {
            remove(exporter, "the relay is forgotten");
            remove(redis, "the relay is forgotten");
            if (service(exporter).isEmpty() && service(redis).isEmpty()) {
                draft.steps.add(new Step.RemoveConfig(redis));
            }
        }

        private void remove(String name, String why) {
            service(name).ifPresent(each -> draft.steps.add(new Step.RemoveRelay(name, relay, why)));
        }

        /// A record that somebody removed is written again by what its Redis says.
        private void remember() {
            var there = service(redis);
            if (record.isPresent() || there.isEmpty()) {
                return;
            }
            var node = there.get().node();
            var again = RelayRecord.at(
                    draft.here,
                    relay,
                    node,
                    draft.seen.node(node).map(Seen.Node::hostname).orElse(""));
            record = Optional.of(again);
            draft.steps.add(new Step.CreateConfig(again.written(draft.here.prefix()), true));
        }

        // ---- its services

        /// Its services, and before them a note of what is tried.
        private void become(LogRelay spec, LogRelay.Deployed deploy, RelayRecord place) {
            var deeds = new ArrayList<Step>();
            if (draft.takesTasks(place.node())
                    || service(redis).isEmpty() && node(place).isPresent()) {
                become(RelayShape.redis(draft.here, spec, deploy, place.node(), ports(deploy, place)), place, deeds);
            }
            if (deploy.exporter()) {
                become(RelayShape.exporter(draft.here, spec, deploy), place, deeds);
            } else {
                remove(exporter, "the relay is to have none");
            }
            record.flatMap(each -> each.note(draft.here.prefix(), "its services change"))
                    .ifPresent(draft.steps::add);
            draft.steps.addAll(deeds);
        }

        private void become(RelayService wanted, RelayRecord before, List<Step> deeds) {
            var there = service(wanted.name());
            if (there.isEmpty()) {
                boolean drift = wanted.part() == Part.REDIS && before.config().isPresent();
                deeds.add(new Step.CreateRelay(wanted, drift));
                draft.all.add(wanted);
                return;
            }
            var is = there.get();
            var state = draft.seen.state(wanted.name());
            if (is.equals(wanted) || state.update().phase().underWay() && !state.isStuck()) {
                return;
            }
            var hash = Fleets.hash(wanted);
            var last = before.attempt(wanted.part());
            var rest = last.rest(hash);
            if (isUndone(state)
                    && last.wasMade()
                    && !draft.isOver(state.update().started(), rest)) {
                problems.add(new Problem(
                        "relay " + relay,
                        "Swarm took the change of service %s back: %s"
                                .formatted(
                                        wanted.name(),
                                        error(state).orElse(state.update().message())),
                        "Mend what is declared; else it is tried again after %s.".formatted(Durations.write(rest))));
                return;
            }
            record = record.map(each -> each.trying(wanted.part(), last.next(state, hash)));
            deeds.add(new Step.UpdateRelay(is, wanted, state.wanted().equals(Optional.of(hash))));
            draft.all.removeIf(each -> each.name().equals(wanted.name()));
            draft.all.add(wanted);
        }

        private static boolean isUndone(Seen.State state) {
            return switch (state.update().phase()) {
                case ROLLED_BACK, PAUSED -> true;
                case NONE, UPDATING, COMPLETED, ROLLING_BACK -> false;
            };
        }

        // ---- where it is

        private Optional<Seen.Node> node(RelayRecord place) {
            return draft.seen.node(place.node());
        }

        private void place(LogRelay.Deployed deploy) {
            var ports = deploy.publish().stream().toList();
            record = Placement.choose(draft.seen.nodes(), deploy.constraints(), "", ports, draft.all)
                    .map(node -> RelayRecord.at(draft.here, relay, node.id(), node.hostname()));
            record.ifPresent(each -> draft.steps.add(new Step.CreateConfig(each.written(draft.here.prefix()), false)));
        }

        /// It stays where its volume is, whatever becomes of the node's labels, and of what is
        /// declared.
        private void fits(LogRelay.Deployed deploy, RelayRecord place) {
            node(place)
                    .ifPresent(node -> deploy.constraints().stream()
                            .filter(each -> !Placement.allows(each, node))
                            .findFirst()
                            .ifPresent(each -> problems.add(new Problem(
                                    "relay " + relay,
                                    "it stays on node %s, which does not fit %s".formatted(place.where(), each),
                                    "Change the node or the constraints; or have it elsewhere, empty, once those above have taken what it holds: logroute forget relay/%s."
                                            .formatted(relay)))));
        }

        /// What its node cannot give is not asked for: its task would be ended for one that never
        /// starts.
        private List<Integer> ports(LogRelay.Deployed deploy, RelayRecord place) {
            var wanted = deploy.publish().stream().toList();
            var is = service(redis).map(RelayService::ports).orElse(List.of());
            var taken = draft.all.stream()
                    .filter(each ->
                            each.node().equals(place.node()) && !each.name().equals(redis))
                    .filter(each -> each.ports().stream().anyMatch(wanted::contains))
                    .findFirst();
            if (taken.isEmpty() || is.equals(wanted)) {
                return wanted;
            }
            problems.add(new Problem(
                    "relay " + relay,
                    "its port %d is not published: node %s has it taken by %s"
                            .formatted(
                                    wanted.getFirst(),
                                    place.where(),
                                    taken.get().name()),
                    "Give one of the two another port."));
            return is;
        }

        // ---- what it lacks

        /// What the swarm does not have. Without it Docker would refuse the services, or they would not
        /// start.
        private Optional<Condition> lacking(LogRelay.Deployed deploy) {
            for (var network : RelayShape.networks(draft.here, deploy)) {
                if (!draft.seen.networks().contains(network)) {
                    return Optional.of(lacks(
                            "NetworkMissing",
                            "the swarm has no network %s that services can join".formatted(network),
                            "Create it: docker network create -d overlay --attachable %s; or name another one."
                                    .formatted(network)));
                }
            }
            for (var secret : RelayShape.secrets(deploy)) {
                if (!draft.seen.secrets().contains(secret)) {
                    return Optional.of(lacks(
                            "SecretMissing",
                            "the swarm has no secret %s".formatted(secret),
                            "Create it: docker secret create %s FILE; or name another one.".formatted(secret)));
                }
            }
            if (exporter.length() > LONGEST_NAME) {
                return Optional.of(lacks(
                        "NameTooLong",
                        "its service would be called %s, and Docker takes %d letters".formatted(exporter, LONGEST_NAME),
                        "Give it a name of %d letters or fewer."
                                .formatted(
                                        LONGEST_NAME - draft.here.exporter("").length())));
            }
            var networks = RelayShape.networks(draft.here, deploy);
            return draft.seen.owned().services().values().stream()
                    .filter(each -> each.attachments().stream()
                            .anyMatch(at -> networks.contains(at.network())
                                    && at.aliases().stream().anyMatch(RelayShape.aliases(relay)::contains)))
                    .findFirst()
                    .map(each -> lacks(
                            "NameTaken",
                            "router %s answers to the name %s on a network of both"
                                    .formatted(each.router(), RelayShape.alias(relay)),
                            "Rename the router, the relay, or the alias."));
        }

        private Condition lacks(String reason, String what, String mend) {
            var problem = new Problem("relay " + relay, what, mend);
            problems.add(problem);
            return no("Ready", reason, problem);
        }

        private Condition nowhere(LogRelay.Deployed deploy) {
            var problem = new Problem(
                    "relay " + relay,
                    deploy.publish()
                            .map("no node that takes tasks fits its constraints and has port %d free"::formatted)
                            .orElse("no node that takes tasks fits its constraints"),
                    "Add or label one, or change constraints or publish.");
            problems.add(problem);
            return no("Ready", "NoNode", problem);
        }

        // ---- how it does

        private Condition leaves() {
            return new Condition(
                    "Ready",
                    Condition.Status.FALSE,
                    "Forgotten",
                    "It is forgotten: its services go, its volume %s stays on node %s."
                            .formatted(redis, record.map(RelayRecord::where).orElse("-")));
        }

        private Condition ready(RelayRecord place) {
            var node = node(place);
            var state = draft.seen.state(redis);
            if (node.isEmpty()) {
                var problem = new Problem(
                        "relay " + relay,
                        "its node %s was removed from the swarm, and its volume with it: routers keep what they have for it"
                                .formatted(place.where()),
                        "Give up what it held, for an empty one elsewhere: logroute forget relay/%s.".formatted(relay));
                problems.add(problem);
                return no("Ready", "NodeGone", problem);
            }
            if (!node.get().ready() || !node.get().active() && !state.runs()) {
                var problem = new Problem(
                        "relay " + relay,
                        "its node %s %s, and its volume is there: routers keep what they have for it until it is back"
                                .formatted(place.where(), node.get().ready() ? "takes no tasks" : "is down"),
                        "Bring the node back; or give up what it held, for an empty one elsewhere: logroute forget relay/%s."
                                .formatted(relay));
                problems.add(problem);
                return no("Ready", "NodeDown", problem);
            }
            return runs("Ready", redis, "Its Redis runs on node %s.".formatted(place.where()));
        }

        private Optional<Condition> exported(boolean wanted) {
            return wanted ? Optional.of(runs("Exported", exporter, "Its exporter runs.")) : Optional.empty();
        }

        /// How a service of it does. What begins is not known yet, and not wrong.
        private Condition runs(String type, String service, String well) {
            var state = draft.seen.state(service);
            if (state.runs()) {
                return state.update().phase().underWay()
                        ? new Condition(
                                type, Condition.Status.TRUE, RelayState.UPDATING, well + " It is being changed.")
                        : new Condition(type, Condition.Status.TRUE, "Running", well);
            }
            if (service(service).isEmpty()) {
                return draft.touches("service/" + service)
                        ? new Condition(type, Condition.Status.UNKNOWN, "Starting", "Its service is being made.")
                        : no(
                                type,
                                "NotThere",
                                new Problem(
                                        "service " + service, "it is not there", "See what keeps it from being made."));
            }
            var error = error(state);
            if (error.isPresent()) {
                return no(
                        type,
                        "Failing",
                        new Problem(
                                "service " + service,
                                "its task is %s: %s"
                                        .formatted(state.tasks().getFirst().state(), error.get()),
                                "Swarm starts it again and again; see docker service logs %s.".formatted(service)));
            }
            return new Condition(
                    type,
                    Condition.Status.UNKNOWN,
                    "Starting",
                    state.tasks().isEmpty()
                            ? "It starts: it has no task yet."
                            : "It starts: its task is %s."
                                    .formatted(state.tasks().getFirst().state()));
        }

        private static Optional<String> error(Seen.State state) {
            return state.tasks().stream()
                    .flatMap(task -> task.error().stream())
                    .findFirst()
                    .map(words -> words.replaceFirst("[.]+$", ""));
        }

        private static Condition no(String type, String reason, Problem problem) {
            return new Condition(
                    type, Condition.Status.FALSE, reason, "%s %s".formatted(sentence(problem.what()), problem.mend()));
        }

        private static String sentence(String words) {
            return Character.toUpperCase(words.charAt(0)) + words.substring(1) + ".";
        }

        private void tell(
                boolean declared, Optional<LogRelay.Deployed> deploy, Condition ready, Optional<Condition> exported) {
            var address = deploy.map(each -> RelayShape.address(relay, each))
                    .orElse("redis://%s:%d".formatted(RelayShape.alias(relay), RelayService.PORT));
            states.add(new RelayState(
                    relay,
                    declared,
                    address,
                    redis,
                    redis,
                    record.map(RelayRecord::where).filter(each -> !each.isEmpty()),
                    deploy.flatMap(LogRelay.Deployed::publish),
                    Stream.concat(Stream.of(ready), exported.stream()).toList(),
                    problems));
        }
    }
}
