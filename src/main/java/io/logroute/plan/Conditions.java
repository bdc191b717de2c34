package io.logroute.plan;

import io.logroute.plan.Condition.Status;
import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.Reported.SinkTogether;
import io.logroute.plan.Reported.Some;
import io.logroute.spec.Problem;
import io.logroute.spec.Words;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Decides what is true of a route, an instance or a whole fleet. The same situation gives the same words. Where a
/// router has one instance, what is said of it names none; else instances are named by their numbers.
public final class Conditions {
    /// So many different words are told of the instances of one router.
    private static final int WORDS = 3;

    /// How messages end that say to look elsewhere, or to wait for what is under way.
    private static final Pattern FOLLOWS =
            Pattern.compile("(?s).*(?:; see [A-Za-z]+(?: and [A-Za-z]+)?|Wait for the [a-z ]+)\\.");

    private static final String NOT_RUNNING = "The router does not run.";

    private Conditions() {}

    /// Whether it only comes of what is told by itself: the `Ready` of an instance that is not reached, a change
    /// under way, or the condition that it points at.
    public static boolean follows(Condition condition) {
        return switch (condition.reason()) {
            case "NotReached" -> !condition.type().equals("Ready");
            case "NotRunning", "NoRouter", "InstanceDown", "AsTold" -> true;
            default -> FOLLOWS.matcher(condition.message()).matches();
        };
    }

    /// The conditions of a route, in a fixed order.
    ///
    /// @param router what the instances of its router tell; empty when there is no such router
    public static List<Condition> ofRoute(RouteVerdict route, Optional<Reported> router) {
        var sinks = router.map(each -> each.sinksOf(route.name())).orElse(List.of());
        var reported = router.filter(Reported::reports);
        return List.of(
                accepted(route),
                resolved(route),
                templateInstalled(route, sinks, router),
                programmed(route, router),
                delivering(route, sinks, reported),
                router.map(Reported::backpressured).orElseGet(Conditions::hasRoom),
                degraded(route, sinks, router));
    }

    /// The conditions of an instance, in a fixed order.
    public static List<Condition> ofInstance(Reported router, InstanceState instance) {
        if (instance.report().isEmpty()) {
            return List.of(
                    ready(router.fleet(), instance),
                    silent("ConfigCurrent"),
                    silent("BufferHealthy"),
                    silent("EventsRouted"),
                    draining(router.fleet(), instance));
        }
        var report = instance.report().get();
        return List.of(
                ready(router.fleet(), instance),
                configCurrent(router, report),
                bufferHealthy(report),
                eventsRouted(report),
                draining(router.fleet(), instance));
    }

    /// The conditions of a router, in a fixed order: those of its instances together, then its own.
    public static List<Condition> ofFleet(Reported router) {
        if (isGone(router)) {
            return gone(router.fleet());
        }
        return List.of(
                router.ready().orElseGet(() -> Condition.no("Ready", "NotRunning", notRunning(router))),
                configCurrent(router),
                together(
                        router,
                        "BufferHealthy",
                        Status.TRUE,
                        Conditions::bufferHealthy,
                        Condition.yes("BufferHealthy", "Healthy", "Every buffer is whole and can be written.")),
                together(
                        router,
                        "EventsRouted",
                        Status.TRUE,
                        Conditions::eventsRouted,
                        Condition.yes("EventsRouted", "AllRouted", "Every event so far was taken by a route.")),
                draining(router.fleet()),
                scheduled(router.fleet()),
                scaled(router),
                volumesReached(router.fleet()),
                rolledBack(router),
                paused(router.fleet()));
    }

    /// Whether a router is declared no longer, and no instance of it is left: only volumes may be.
    private static boolean isGone(Reported router) {
        return router.declared().isEmpty()
                && router.fleet().instances().isEmpty()
                && !router.fleet().volumes().isEmpty();
    }

    /// Of a router that is gone only its volumes have something to tell.
    private static List<Condition> gone(FleetState fleet) {
        var all = new ArrayList<Condition>();
        for (var type :
                List.of("Ready", "ConfigCurrent", "BufferHealthy", "EventsRouted", "Draining", "Scheduled", "Scaled")) {
            all.add(Condition.well(type, "Gone", "The router is declared no longer, and none of it runs."));
        }
        all.add(volumesReached(fleet));
        all.add(Condition.no("RolledBack", "NotRefused", "What is declared was not taken back."));
        all.add(Condition.no("Paused", "Follows", "It follows what is declared."));
        return List.copyOf(all);
    }

    /// Whether every instance takes events in that should.
    static Condition ready(FleetState fleet) {
        var serving = fleet.serving();
        if (serving.isEmpty() && !fleet.instances().isEmpty()) {
            return Condition.no(
                    "Ready",
                    "Drained",
                    fleet.wanted() == 0
                            ? "It takes nothing in; see Scaled."
                            : "No instance takes events in: all are drained, or on the way there. logroute uncordon %s has them take events in again."
                                    .formatted(fleet.router()));
        }
        return together(
                fleet,
                serving,
                Status.TRUE,
                instance -> ready(fleet, instance),
                Condition.yes("Ready", "TakesEvents", "The sources of every instance take events in."));
    }

    private static Condition ready(FleetState fleet, InstanceState instance) {
        if (fleet.stage(instance.number()) != Stage.SERVING && instance.report().isPresent()) {
            return Condition.no("Ready", "Draining", "It takes nothing in, as it should; see Draining.");
        }
        if (isUnplaced(instance)) {
            return Condition.no("Ready", "NoNode", "It has no node; see Scheduled.");
        }
        if (instance.report().isEmpty()) {
            return instance.trouble()
                    .map(why -> Condition.no(
                            "Ready",
                            "NotReached",
                            why.equals(InstanceState.NOT_ASKED)
                                    ? Words.sentence(capital(why))
                                    : "Router %s does not answer: %s"
                                            .formatted(instance.router(), Words.sentence(why))))
                    .orElseGet(() -> Condition.no("Ready", "NotRunning", NOT_RUNNING));
        }
        return instance.report()
                .get()
                .buffer()
                .trouble()
                .map(trouble -> Condition.no("Ready", "Troubled", trouble))
                .orElseGet(() -> Condition.yes("Ready", "TakesEvents", "Sources take events in."));
    }

    /// Of a router without instances.
    private static String notRunning(Reported router) {
        return router.fleet().starts() ? "The router starts: its instances are being made." : NOT_RUNNING;
    }

    private static Condition silent(String type) {
        return Condition.unknown(type, "NotReached", "It tells nothing; see Ready.");
    }

    /// Of one instance. It is told what its record says, though it is not reached: so it will be when
    /// it is.
    private static Condition draining(FleetState fleet, InstanceState instance) {
        var volume = fleet.volume(instance.number());
        if (volume.isEmpty() || volume.get().stage() == Stage.SERVING) {
            return instance.report().isEmpty()
                    ? silent("Draining")
                    : Condition.no("Draining", "Serving", "It is not being emptied.");
        }
        return switch (volume.get().stage()) {
            case SERVING, DRAINING ->
                Condition.yes(
                        "Draining",
                        reason(volume.get()),
                        "It drains (%s): it takes nothing in, and delivers what it has. %s"
                                .formatted(why(volume.get()), goesOn(volume.get(), instance)));
            case DRAINED, REMOVING, KEPT ->
                Condition.no(
                        "Draining",
                        "Drained",
                        "It is drained (%s): it takes nothing in, and has delivered everything.%s%s"
                                .formatted(why(volume.get()), beside(volume.get(), instance), back(volume.get())));
        };
    }

    private static String reason(VolumeState volume) {
        return volume.cause()
                .map(cause -> switch (cause) {
                    case OPERATOR -> "ByOperator";
                    case SCALE -> "ScalingDown";
                    case NODE -> "NodeLost";
                })
                .orElse("Leaving");
    }

    private static String why(VolumeState volume) {
        return volume.whyInWords()
                .filter(words -> !words.isBlank())
                .map(words -> words.replaceFirst("[.]+$", ""))
                .orElse("nobody says why");
    }

    /// What becomes of a drain, and what keeps it from its end.
    private static String goesOn(VolumeState volume, InstanceState instance) {
        if (volume.nodeGone()) {
            return "Its node was removed from the swarm: what is there is not delivered any more. logroute forget %s gives it up."
                    .formatted(volume.of());
        }
        if (instance.report().isEmpty()) {
            return instance.trouble()
                            .map(each -> Words.sentence(capital(each)) + " ")
                            .orElse("")
                    + "That goes on when it is reached again.";
        }
        var report = instance.report().get();
        if (report.stuck().isEmpty()) {
            return "logroute volumes tells how much is left." + back(volume);
        }
        var idle = sentences(report.idle());
        var removed = sentences(report.holding().removed().stream()
                .map(InstanceReport.Removed::inLastingWords)
                .toList());
        return Stream.of(
                                idle.map(each -> each + " What waits for it stays, and the drain does not end before."),
                                removed.map(each -> each + " The drain does not end before."))
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining(" "))
                + back(volume);
    }

    private static Optional<String> sentences(List<String> all) {
        return all.stream()
                .limit(WORDS)
                .map(each -> Words.sentence(capital(each)))
                .reduce((a, b) -> a + " " + b);
    }

    private static String back(VolumeState volume) {
        return volume.byOperator() ? " logroute uncordon %s has it take events in again.".formatted(volume.of()) : "";
    }

    private static String beside(VolumeState volume, InstanceState instance) {
        return letters(volume)
                + instance.report()
                        .flatMap(report -> report.holding().aside())
                        .map(aside -> " " + Words.sentence(capital(aside)))
                        .orElse("");
    }

    private static String letters(VolumeState volume) {
        return volume.letters() == 0
                ? ""
                : " Its dead letters are still there: logroute dlq ls --router %s-%d."
                        .formatted(volume.router(), volume.instance());
    }

    private static Condition draining(FleetState fleet) {
        var known = fleet.instances().stream()
                .filter(each -> each.report().isPresent() || fleet.stage(each.number()) != Stage.SERVING)
                .toList();
        if (known.isEmpty()) {
            return silent("Draining");
        }
        var drained = known.stream()
                .map(InstanceState::number)
                .filter(number -> fleet.stage(number) == Stage.DRAINED)
                .toList();
        return together(
                fleet,
                known,
                Status.FALSE,
                each -> draining(fleet, each),
                drained.isEmpty()
                        ? Condition.no("Draining", "Serving", "No instance is being emptied.")
                        : Condition.no(
                                "Draining",
                                "Drained",
                                "%s: delivered everything, and takes nothing in."
                                        .formatted(capital(Numbers.instances(drained)))));
    }

    /// Whether nothing that was not delivered lies where nobody can get at it.
    private static Condition volumesReached(FleetState fleet) {
        var lost =
                fleet.volumes().stream().filter(each -> each.lost().isPresent()).toList();
        var away = fleet.volumes().stream()
                .filter(each -> each.outOfReach(isServed(fleet, each)))
                .toList();
        var said = new ArrayList<String>();
        lost.stream()
                .limit(WORDS)
                .forEach(each -> said.add("%s: %s logroute forget %s has that told no longer."
                        .formatted(each.of(), Words.sentence(each.lost().orElseThrow()), each.of())));
        away.stream()
                .limit(WORDS)
                .forEach(each -> said.add("%s: its volume %s holds %s, and %s logroute forget %s gives it up."
                        .formatted(each.of(), each.name(), held(each), outOfReach(each), each.of())));
        int others = Math.max(0, lost.size() - WORDS) + Math.max(0, away.size() - WORDS);
        if (others > 0) {
            said.add("So do %d more: logroute volumes.".formatted(others));
        }
        if (said.isEmpty()) {
            return Condition.yes(
                    "VolumesReached", "AllReached", "Nothing that is not delivered lies where it is not reached.");
        }
        boolean isAway = away.stream().anyMatch(each -> each.away().isPresent());
        return Condition.no(
                "VolumesReached", !lost.isEmpty() ? "Lost" : isAway ? "NodeAway" : "NotServed", String.join(" ", said));
    }

    private static boolean isServed(FleetState fleet, VolumeState volume) {
        return fleet.instances().stream()
                .anyMatch(each ->
                        each.number() == volume.instance() && each.service().isPresent());
    }

    /// Why, and what brings it back; else it is given up.
    private static String outOfReach(VolumeState volume) {
        if (volume.nodeGone()) {
            return "%s was removed from the swarm. A machine that joins anew is another node: what is there comes back by hand only; or"
                    .formatted(volume.node().map("node %s"::formatted).orElse("its node"));
        }
        return volume.away()
                .map(since -> "%s is away since %s. That is delivered when it is back; if it never will be,"
                        .formatted(
                                volume.node().map("node %s"::formatted).orElse("its node"),
                                since.truncatedTo(ChronoUnit.SECONDS)))
                .orElse(
                        "its instance has no service. Declare more instances, and it comes back with what is there; or");
    }

    /// What was last heard of a volume that is not reached, which does not change.
    private static String held(VolumeState volume) {
        return volume.asOf()
                .map(at -> "%s that %s not delivered%s (as of %s)"
                        .formatted(
                                volume.events() == 1 ? "1 event" : volume.events() + " events",
                                volume.events() == 1 ? "is" : "are",
                                volume.letters() == 0
                                        ? ""
                                        : volume.letters() == 1
                                                ? ", and 1 dead letter"
                                                : ", and %d dead letters".formatted(volume.letters()),
                                at.truncatedTo(ChronoUnit.SECONDS)))
                .orElse("nobody knows what");
    }

    private static Condition configCurrent(Reported router, InstanceReport report) {
        var target = router.target();
        if (router.fleet().stage(report.instance()) != Stage.SERVING) {
            return Condition.yes(
                    "ConfigCurrent",
                    "Draining",
                    "It takes nothing in; what it has goes by what was declared when that came.");
        }
        if (target.isEmpty()) {
            return Condition.yes(
                    "ConfigCurrent",
                    "NotDeclared",
                    "Runs revision %s, and goes on with it: its router is declared no longer, or no route names it."
                            .formatted(report.revision()));
        }
        if (target.filter(report.revision()::equals).isEmpty()) {
            return Condition.no(
                    "ConfigCurrent",
                    "Behind",
                    "Runs revision %s, not what is declared. %s"
                            .formatted(report.revision(), report.trouble().orElse("Wait for the change to be made.")));
        }
        var taken = report.taken().truncatedTo(ChronoUnit.SECONDS);
        return target.equals(router.revision())
                ? Condition.yes(
                        "ConfigCurrent",
                        "Current",
                        "Runs what is declared, revision %s, taken %s.".formatted(report.revision(), taken))
                : Condition.yes(
                        "ConfigCurrent",
                        "AsTold",
                        "Runs what it was told to run, revision %s, taken %s. That is not what is declared, and its router says why."
                                .formatted(report.revision(), taken));
    }

    /// Of all instances. A router that was rolled back or is paused says so itself.
    private static Condition configCurrent(Reported router) {
        var problems = router.fleet().problems();
        var told = together(
                router,
                "ConfigCurrent",
                Status.TRUE,
                report -> configCurrent(router, report),
                router.target().isEmpty()
                        ? Condition.yes(
                                "ConfigCurrent",
                                "NotDeclared",
                                "Every instance goes on with what it runs: the router is declared no longer, or no route names it.")
                        : Condition.yes(
                                "ConfigCurrent",
                                router.behindDeclared() ? "AsTold" : "Current",
                                "Every instance runs %s, revision %s."
                                        .formatted(
                                                router.behindDeclared()
                                                        ? "what it was told to run"
                                                        : "what is declared",
                                                router.target().orElse("-"))));
        return router.behindDeclared() && !router.refused() && !router.fleet().paused() && !problems.isEmpty()
                ? Condition.no("ConfigCurrent", "Blocked", said(problems))
                : told;
    }

    private static Condition scheduled(FleetState fleet) {
        var homeless = fleet.serving().stream()
                .filter(each -> isHomeless(each) && !isAnywhere(fleet, each))
                .toList();
        if (!homeless.isEmpty()) {
            return Condition.no("Scheduled", "NoNode", words(fleet, homeless));
        }
        if (fleet.instances().isEmpty()) {
            return fleet.problems().isEmpty()
                    ? Condition.unknown("Scheduled", "NotRunning", "It has no instance; see Ready.")
                    : Condition.no("Scheduled", "NoNode", said(fleet.problems()));
        }
        return fleet.instances().stream().allMatch(InstanceState::inProcess)
                ? Condition.yes("Scheduled", "OwnProcess", "It runs in the process of the controller.")
                : Condition.yes("Scheduled", "Placed", "Every instance has its node.");
    }

    /// What those without a node say, or else what the fleet says.
    private static String words(FleetState fleet, List<InstanceState> homeless) {
        var own = homeless.stream()
                .flatMap(each -> each.trouble().stream())
                .distinct()
                .limit(WORDS)
                .map(Words::sentence)
                .collect(Collectors.joining(" "));
        var who = capital(Numbers.instances(
                        homeless.stream().map(InstanceState::number).toList()))
                + (homeless.size() == 1 ? " has" : " have") + " no node";
        var why = own.isEmpty() ? said(fleet.problems()) : own;
        return why.isEmpty() ? who + "." : who + ": " + why;
    }

    private static boolean isHomeless(InstanceState instance) {
        return instance.node().isEmpty() && !instance.inProcess();
    }

    /// Whether there is nothing of it yet, for want of a node.
    private static boolean isUnplaced(InstanceState instance) {
        return isHomeless(instance) && instance.service().isEmpty();
    }

    /// Whether Swarm runs it wherever it likes, since it keeps nothing on a volume.
    private static boolean isAnywhere(FleetState fleet, InstanceState instance) {
        return instance.service().isPresent()
                && fleet.volume(instance.number())
                        .filter(each -> each.kind() == InstanceReport.Kind.JETSTREAM)
                        .isPresent();
    }

    /// Those that leave because somebody asked for it stay among those that are declared, and nobody
    /// takes their place. Those whose node was lost wait for it, and are told by themselves.
    private static Condition scaled(Reported router) {
        var fleet = router.fleet();
        int there = (int) fleet.instances().stream()
                .filter(each -> !isUnplaced(each))
                .filter(each -> !leaves(fleet, each.number()))
                .count();
        if (router.declared().isEmpty()) {
            return Condition.no(
                    "Scaled", "NotDeclared", "The router is declared no longer, or no route names it." + rest(fleet));
        }
        if (fleet.instances().isEmpty()) {
            return Condition.unknown("Scaled", "NotRunning", "It has no instance; see Ready.");
        }
        if (there > fleet.wanted()) {
            return Condition.no(
                    "Scaled",
                    "Draining",
                    "%s %s, and %d are there. Wait for the others to be drained."
                            .formatted(declared(fleet.wanted()), byWhom(fleet), there));
        }
        if (there < fleet.wanted()) {
            return Condition.no(
                    "Scaled",
                    "Missing",
                    "%s %s, and %s there. %s"
                            .formatted(
                                    declared(fleet.wanted()),
                                    byWhom(fleet),
                                    there == 1 ? "1 is" : there + " are",
                                    fleet.problems().isEmpty()
                                            ? "Wait for the others to be made."
                                            : said(fleet.problems())));
        }
        return leaving(fleet)
                .orElseGet(() -> Condition.yes(
                        "Scaled", "AsDeclared", "%s %s, and there.".formatted(declared(there), byWhom(fleet))));
    }

    /// What becomes of the instances of a router that is not declared.
    private static String rest(FleetState fleet) {
        var stay = fleet.serving().stream().map(InstanceState::number).toList();
        var go = fleet.instances().stream()
                .map(InstanceState::number)
                .filter(number -> !stay.contains(number))
                .toList();
        return (stay.isEmpty()
                        ? ""
                        : " %s %s as %s."
                                .formatted(
                                        capital(Numbers.instances(stay)),
                                        stay.size() == 1 ? "stays" : "stay",
                                        stay.size() == 1 ? "it is" : "they are"))
                + (go.isEmpty()
                        ? ""
                        : " %s %s when %s; see Draining."
                                .formatted(
                                        capital(Numbers.instances(go)),
                                        go.size() == 1 ? "goes" : "go",
                                        go.size() == 1
                                                ? "it has delivered what it has"
                                                : "they have delivered what they have"));
    }

    /// Whether the fleet is counted without it.
    private static boolean leaves(FleetState fleet, int instance) {
        return fleet.volume(instance)
                .filter(each -> each.leaves() && !each.byOperator())
                .isPresent();
    }

    /// What becomes of those that leave, when one does that is not away.
    private static Optional<Condition> leaving(FleetState fleet) {
        var leaving = fleet.volumes().stream()
                .filter(each -> leaves(fleet, each.instance()) && each.stage() != Stage.KEPT)
                .filter(each -> each.away().isEmpty())
                .toList();
        var drain = numbers(leaving, each -> each.stage() == Stage.DRAINING);
        if (!drain.isEmpty()) {
            return Optional.of(Condition.no(
                    "Scaled",
                    "Draining",
                    "%s %s. %s before %s; see Draining."
                            .formatted(
                                    declared(fleet.wanted()),
                                    byWhom(fleet),
                                    capital(Numbers.instances(drain))
                                            + (drain.size() == 1 ? " delivers what it has" : " deliver what they have"),
                                    drain.size() == 1 ? "it goes" : "they go")));
        }
        var lettered = numbers(leaving, each -> each.letters() > 0);
        if (!lettered.isEmpty()) {
            return Optional.of(Condition.no(
                    "Scaled",
                    "DeadLetters",
                    "%s delivered everything; dead letters are still there, and %s before they are replayed or purged: logroute dlq ls --router %s-%d."
                            .formatted(
                                    capital(Numbers.instances(lettered)) + (lettered.size() == 1 ? " has" : " have"),
                                    lettered.size() == 1 ? "it does not go" : "they do not go",
                                    fleet.router(),
                                    lettered.getFirst())));
        }
        var going = numbers(leaving, _ -> true);
        return going.isEmpty()
                ? Optional.empty()
                : Optional.of(Condition.no(
                        "Scaled",
                        "Removing",
                        "%s %s delivered everything, and %s being removed."
                                .formatted(
                                        capital(Numbers.instances(going)),
                                        going.size() == 1 ? "has" : "have",
                                        going.size() == 1 ? "is" : "are")));
    }

    private static List<Integer> numbers(List<VolumeState> volumes, Predicate<VolumeState> which) {
        return volumes.stream().filter(which).map(VolumeState::instance).toList();
    }

    /// What says how many instances there should be.
    private static String byWhom(FleetState fleet) {
        return fleet.scaling().isPresent() ? "wanted for the load" : "declared";
    }

    private static String declared(int instances) {
        return instances == 1 ? "1 instance is" : instances + " instances are";
    }

    private static Condition rolledBack(Reported router) {
        return router.refused()
                ? Condition.yes("RolledBack", "Refused", takenBack(router))
                : Condition.no("RolledBack", "NotRefused", "What is declared was not taken back.");
    }

    private static String takenBack(Reported router) {
        var refusal = router.fleet().refusal().orElseThrow();
        return "Revision %s was taken back: %s %s It is not tried again until what is declared changes."
                .formatted(
                        refusal.revision(),
                        Words.sentence(refusal.why()),
                        refusal.instead()
                                .map("Revision %s runs in its place."::formatted)
                                .orElse("There is none to run in its place."));
    }

    private static Condition paused(FleetState fleet) {
        return fleet.paused()
                ? Condition.yes("Paused", "Asked", pausedAt(fleet))
                : Condition.no("Paused", "Follows", "It follows what is declared.");
    }

    private static String pausedAt(FleetState fleet) {
        return "Router %s is paused%s: changes of what is declared wait. Let it follow them again with logroute resume %s."
                .formatted(
                        fleet.router(),
                        fleet.target().map(" at revision %s"::formatted).orElse(""),
                        fleet.router());
    }

    /// What reports of all instances that are reached say together.
    private static Condition together(
            Reported router, String type, Status wanted, Function<InstanceReport, Condition> of, Condition well) {
        // The revision of one that takes nothing in does not matter.
        var reached = (type.equals("ConfigCurrent")
                        ? router.fleet().serving()
                        : router.fleet().instances())
                .stream().filter(each -> each.report().isPresent()).toList();
        if (reached.isEmpty()) {
            return silent(type);
        }
        return together(
                router.fleet(), reached, wanted, each -> of.apply(each.report().orElseThrow()), well);
    }

    /// What instances say together: a single one in its own words; else those that are not as they should be are
    /// named, each of the same words once.
    private static Condition together(
            FleetState fleet,
            List<InstanceState> instances,
            Status wanted,
            Function<InstanceState, Condition> of,
            Condition well) {
        if (fleet.instances().size() == 1) {
            return of.apply(instances.getFirst());
        }
        var odd = new LinkedHashMap<String, List<Integer>>();
        @Nullable Condition first = null;
        for (var each : instances) {
            var condition = of.apply(each);
            if (condition.status() == wanted) {
                continue;
            }
            first = first == null ? condition : first;
            odd.computeIfAbsent(condition.message(), _ -> new ArrayList<>()).add(each.number());
        }
        if (first == null) {
            return well;
        }
        var said = new ArrayList<String>();
        odd.entrySet().stream()
                .limit(WORDS)
                .forEach(each -> said.add(capital(Numbers.instances(each.getValue())) + ": " + each.getKey()));
        var others =
                odd.values().stream().skip(WORDS).flatMap(List::stream).sorted().toList();
        if (!others.isEmpty()) {
            said.add("In other words, " + Numbers.instances(others) + ".");
        }
        return new Condition(first.type(), first.status(), first.reason(), String.join(" ", said));
    }

    private static String capital(String words) {
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /// Of the first that has trouble.
    private static String troubled(List<InstanceReport> reports) {
        return reports.stream()
                .map(InstanceReport::buffer)
                .filter(buffer -> buffer.trouble().isPresent())
                .findFirst()
                .map(Conditions::troubled)
                .orElse("DiskTrouble");
    }

    private static String troubled(InstanceReport.BufferReport buffer) {
        return buffer.kind() == InstanceReport.Kind.JETSTREAM ? "StreamTrouble" : "DiskTrouble";
    }

    private static Condition bufferHealthy(InstanceReport report) {
        var buffer = report.buffer();
        if (buffer.trouble().isPresent()) {
            return Condition.no(
                    "BufferHealthy", troubled(buffer), buffer.trouble().get());
        }
        if (buffer.kind() == InstanceReport.Kind.JETSTREAM
                && (buffer.lostEvents() > 0 || buffer.corruptRecords() > 0)) {
            return Condition.no(
                    "BufferHealthy",
                    "Damaged",
                    "Messages are gone from the stream that every sink had not settled: somebody deleted or purged them, or"
                            + " the servers lost them. The metric logroute_buffer_lost_events tells how many events are"
                            + " lost; all others are delivered. This stands until the router starts and finds none.");
        }
        if (buffer.lostEvents() > 0 || buffer.corruptRecords() > 0) {
            return Condition.no(
                    "BufferHealthy",
                    "Damaged",
                    "Damage was found in the buffer and set aside. The metric logroute_buffer_lost_events tells how many"
                            + " events are lost; all others are delivered. Look into the folder corrupt of the buffer and"
                            + " check the disk. This stands until the router starts and finds none.");
        }
        return Condition.yes("BufferHealthy", "Healthy", "The buffer is whole and can be written.");
    }

    private static Condition eventsRouted(InstanceReport report) {
        return report.unroutedEvents() > 0
                ? Condition.no(
                        "EventsRouted",
                        "Unrouted",
                        "Events came that no route took, and were dropped; the metric logroute_unrouted_events_total"
                                + " counts them. Declare a route with default: true and router: %s; to a sink that is"
                                        .formatted(report.router())
                                + " discard: {} where they are not wanted. This stands until the router starts again.")
                : Condition.yes("EventsRouted", "AllRouted", "Every event so far was taken by a route.");
    }

    private static Condition accepted(RouteVerdict route) {
        if (!route.wrong().isEmpty()) {
            return Condition.no("Accepted", "Invalid", said(route.wrong()) + held(route));
        }
        if (!route.failing().isEmpty()) {
            return Condition.no("Accepted", "TestsFail", said(route.failing()) + held(route));
        }
        return Condition.yes("Accepted", "Valid", "What is written can be run.");
    }

    private static Condition resolved(RouteVerdict route) {
        if (route.unresolved().isEmpty()) {
            return route.inForce() || route.wrong().isEmpty()
                    ? Condition.yes("Resolved", "Found", "The router and all sinks it names are there.")
                    : Condition.unknown(
                            "Resolved", "NotAccepted", "Not looked at until what is written is mended; see Accepted.");
        }
        return Condition.no("Resolved", "NotFound", said(route.unresolved()) + held(route));
    }

    private static String held(RouteVerdict route) {
        return route.inForce() ? " Until then the route runs as it was before." : " Until then the route does not run.";
    }

    private static String said(List<Problem> problems) {
        return problems.stream().map(Problem::toString).collect(Collectors.joining(" "));
    }

    private static Condition templateInstalled(
            RouteVerdict route, List<SinkTogether> sinks, Optional<Reported> router) {
        if (!route.inForce()) {
            return Condition.unknown("TemplateInstalled", "NotRunning", "The route does not run; see Programmed.");
        }
        if (router.flatMap(Reported::ready).isEmpty()) {
            return Condition.unknown(
                    "TemplateInstalled",
                    "NoRouter",
                    router.map(Conditions::notRunning).orElse(NOT_RUNNING));
        }
        if (router.filter(Reported::reports).isEmpty()) {
            return Condition.unknown("TemplateInstalled", "NotReached", "No instance tells; see Programmed.");
        }
        var refused = first(sinks, SinkTogether::refused);
        if (refused.isPresent()) {
            return Condition.no("TemplateInstalled", "Refused", ofSink(refused.get()));
        }
        var pending = first(sinks, SinkTogether::pending);
        if (pending.isPresent()) {
            return Condition.unknown("TemplateInstalled", "Pending", ofSink(pending.get()));
        }
        var done = first(sinks, SinkTogether::done);
        return done.map(sink -> Condition.yes("TemplateInstalled", "Installed", ofSink(sink)))
                .orElseGet(() -> Condition.yes("TemplateInstalled", "NotNeeded", "No sink of the route asks for one."));
    }

    private static String ofSink(Some<SinkReport> sink) {
        var message = sink.what().preparation().message();
        boolean stop = message.endsWith(".") && !sink.at().isEmpty();
        return "Sink %s: %s%s%s"
                .formatted(
                        sink.sink(),
                        stop ? message.substring(0, message.length() - 1) : message,
                        sink.at(),
                        stop ? "." : "");
    }

    private static Optional<Some<SinkReport>> first(
            List<SinkTogether> sinks, Function<SinkTogether, Optional<Some<SinkReport>>> which) {
        return sinks.stream().flatMap(sink -> which.apply(sink).stream()).findFirst();
    }

    private static Condition programmed(RouteVerdict route, Optional<Reported> router) {
        if (!route.inForce()) {
            return Condition.no("Programmed", "NotInForce", "No router runs it; see Accepted and Resolved.");
        }
        if (router.flatMap(Reported::revision).isEmpty() || router.get().ready().isEmpty()) {
            return Condition.no(
                    "Programmed", "NoRouter", router.map(Conditions::notRunning).orElse(NOT_RUNNING));
        }
        var ofAll = router.get().programmed();
        return route.held() && ofAll.status() == Status.TRUE
                ? Condition.no(
                        "Programmed", "Held", "The router runs the route as it was before; see Accepted and Resolved.")
                : ofAll;
    }

    /// Of every route in force of a router that is declared.
    static Condition programmed(Reported router) {
        var fleet = router.fleet();
        var declared = router.revision().orElseThrow();
        if (router.refused()) {
            return Condition.no("Programmed", "RolledBack", takenBack(router));
        }
        if (router.behindDeclared() && fleet.paused()) {
            return Condition.no("Programmed", "Paused", pausedAt(fleet));
        }
        if (router.behindDeclared() && !fleet.problems().isEmpty()) {
            return Condition.no("Programmed", "Blocked", said(fleet.problems()));
        }
        var behind = fleet.serving().stream()
                .filter(each -> each.report().isPresent()
                        && !each.report().get().revision().equals(declared))
                .toList();
        if (!behind.isEmpty()) {
            return Condition.no("Programmed", "Behind", behind(router, behind));
        }
        if (fleet.serving().stream().anyMatch(Conditions::isUnplaced)
                && !fleet.problems().isEmpty()) {
            return Condition.no("Programmed", "Blocked", said(fleet.problems()));
        }
        if (fleet.serving().isEmpty()) {
            return Condition.no(
                    "Programmed", "Drained", router.ready().orElseThrow().message());
        }
        if (fleet.serving().stream().anyMatch(each -> each.report().isEmpty())) {
            return Condition.no(
                    "Programmed", "NotReached", router.ready().orElseThrow().message());
        }
        if (router.behindDeclared()) {
            return Condition.no(
                    "Programmed",
                    "Behind",
                    "Router %s was not told yet to run revision %s. Wait for the change to be made."
                            .formatted(router.router(), declared));
        }
        return Condition.yes("Programmed", "Runs", "Every instance runs revision %s.".formatted(declared));
    }

    private static String behind(Reported router, List<InstanceState> behind) {
        var revisions = behind.stream()
                .flatMap(each -> each.report().stream())
                .map(InstanceReport::revision)
                .distinct()
                .sorted()
                .toList();
        var trouble = behind.stream()
                .flatMap(each -> each.report().flatMap(InstanceReport::trouble).stream())
                .findFirst()
                .orElse("Wait for the change to be made.");
        var numbers = behind.stream().map(InstanceState::number).toList();
        return "%s still %s revision%s %s. %s"
                .formatted(
                        capital(router.who(numbers)),
                        numbers.size() == 1
                                        || numbers.size()
                                                == router.fleet().serving().size()
                                ? "runs"
                                : "run",
                        revisions.size() == 1 ? "" : "s",
                        String.join(" and ", revisions.stream().limit(WORDS).toList()),
                        trouble);
    }

    private static Condition delivering(RouteVerdict route, List<SinkTogether> sinks, Optional<Reported> reported) {
        if (!route.inForce() || reported.isEmpty()) {
            return Condition.no("Delivering", "NotRunning", "The route does not run; see Programmed.");
        }
        var down = first(sinks, SinkTogether::down);
        return down.map(sink -> Condition.no("Delivering", "SinkDown", trouble(sink)))
                .orElseGet(
                        () -> Condition.yes("Delivering", "SinksTakeEvents", "Every sink of the route takes events."));
    }

    private static String trouble(Some<SinkReport> sink) {
        var words = Words.sentence(sink.what().trouble().orElse("") + sink.at());
        return sink.what().limit().filter(limit -> !limit.blocks()).isPresent()
                ? "Sink %s: %s Its events wait in the buffer and are tried again, except the oldest, which are passed over."
                        .formatted(sink.sink(), words)
                : "Sink %s: %s Nothing is lost: its events wait in the buffer and are tried again."
                        .formatted(sink.sink(), words);
    }

    /// Of every route of a router.
    static Condition backpressured(Reported router) {
        var lagging = router.blocking();
        if (lagging.isPresent()) {
            return Condition.yes(
                    "Backpressured",
                    "SinkLags",
                    "Sink %s: %s, so clients of %s wait. Mend the sink, raise its maxLag, or let it be passed over with whenFull: dropOldest."
                            .formatted(
                                    lagging.get().sink(),
                                    lagging.get().what().reason(),
                                    router.who(lagging.get().numbers())));
        }
        var full = router.serving(instance -> instance.report().isPresent()
                && instance.report().get().buffer().full());
        if (!full.isEmpty()) {
            return Condition.yes(
                    "Backpressured",
                    "BufferFull",
                    "The buffer of %s is full: its clients wait. Mend the sink that lags most, or raise buffer.maxBytes."
                            .formatted(router.who(full)));
        }
        return hasRoom();
    }

    private static Condition hasRoom() {
        return Condition.no("Backpressured", "BufferHasRoom", "Sources need not wait.");
    }

    private static Condition degraded(RouteVerdict route, List<SinkTogether> sinks, Optional<Reported> router) {
        if (route.held()) {
            return Condition.yes(
                    "Degraded", "Held", "The route runs as it was before its last change; see Accepted and Resolved.");
        }
        var passed = first(sinks, SinkTogether::discarding);
        if (passed.isPresent()) {
            var sink = passed.get();
            boolean now = sink.what().limit().filter(limit -> !limit.blocks()).isPresent();
            return Condition.yes(
                    "Degraded",
                    "EventsDiscarded",
                    "Sink %s %s%s, and its oldest events %s (whenFull: dropOldest); logroute_discarded_events_total counts them. %s"
                            .formatted(
                                    sink.sink(),
                                    now ? "lags too far" : "lagged too far since the router started",
                                    sink.at(),
                                    now ? "are passed over" : "were passed over",
                                    now
                                            ? sink.what()
                                                    .trouble()
                                                    .map(words -> "It says: " + Words.sentence(words))
                                                    .orElse("Mend it, or raise its maxLag.")
                                            : "It keeps up now."));
        }
        var down = first(sinks, SinkTogether::down);
        if (down.isPresent()) {
            return Condition.yes("Degraded", "SinkDown", trouble(down.get()));
        }
        var refused = first(sinks, SinkTogether::refused);
        if (refused.isPresent()) {
            return Condition.yes("Degraded", "TemplateRefused", ofSink(refused.get()));
        }
        var unready = router.filter(_ -> route.inForce())
                .flatMap(Reported::ready)
                .filter(ready -> ready.status() != Status.TRUE);
        if (unready.isPresent()) {
            return Condition.yes(
                    "Degraded",
                    unready.get().reason().equals("Troubled")
                            ? troubled(router.get().fleet().reports())
                            : "InstanceDown",
                    unready.get().message());
        }
        var letters = first(sinks, SinkTogether::letters);
        return letters.map(sink -> Condition.yes(
                        "Degraded",
                        "DeadLetters",
                        "Sink %s refused events for good%s; they are kept, with the reasons, in its dead letters, until they are replayed or purged: logroute dlq ls."
                                .formatted(sink.sink(), sink.at())))
                .orElseGet(() -> Condition.no("Degraded", "AllWell", "Nothing needs attention."));
    }
}
