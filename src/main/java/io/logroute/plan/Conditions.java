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
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
                    ready(instance),
                    silent("ConfigCurrent"),
                    silent("BufferHealthy"),
                    silent("EventsRouted"),
                    silent("Draining"));
        }
        var report = instance.report().get();
        return List.of(
                ready(instance),
                configCurrent(router, report),
                bufferHealthy(report),
                eventsRouted(report),
                draining());
    }

    /// The conditions of a router, in a fixed order: those of its instances together, then its own.
    public static List<Condition> ofFleet(Reported router) {
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
                together(
                        router,
                        "Draining",
                        Status.FALSE,
                        _ -> draining(),
                        Condition.no("Draining", "Serving", "No instance is being emptied.")),
                scheduled(router.fleet()),
                scaled(router),
                rolledBack(router),
                paused(router.fleet()));
    }

    /// Whether every instance takes events in.
    static Condition ready(FleetState fleet) {
        return together(
                fleet,
                fleet.instances(),
                Status.TRUE,
                Conditions::ready,
                Condition.yes("Ready", "TakesEvents", "The sources of every instance take events in."));
    }

    private static Condition ready(InstanceState instance) {
        if (isUnplaced(instance)) {
            return Condition.no("Ready", "NoNode", "It has no node; see Scheduled.");
        }
        if (instance.report().isEmpty()) {
            return instance.trouble()
                    .map(why -> Condition.no(
                            "Ready",
                            "NotReached",
                            "Router %s does not answer: %s".formatted(instance.router(), Words.sentence(why))))
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

    private static Condition draining() {
        return Condition.no("Draining", "Serving", "It is not being emptied.");
    }

    private static Condition configCurrent(Reported router, InstanceReport report) {
        var target = router.target();
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
                Condition.yes(
                        "ConfigCurrent",
                        router.behindDeclared() ? "AsTold" : "Current",
                        "Every instance runs %s, revision %s."
                                .formatted(
                                        router.behindDeclared() ? "what it was told to run" : "what is declared",
                                        router.target().orElse("-"))));
        return router.behindDeclared() && !router.refused() && !router.fleet().paused() && !problems.isEmpty()
                ? Condition.no("ConfigCurrent", "Blocked", said(problems))
                : told;
    }

    private static Condition scheduled(FleetState fleet) {
        var homeless = fleet.instances().stream().filter(Conditions::isHomeless).toList();
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

    private static Condition scaled(Reported router) {
        var fleet = router.fleet();
        int there = (int)
                fleet.instances().stream().filter(each -> !isUnplaced(each)).count();
        if (router.declared().isEmpty()) {
            return Condition.no(
                    "Scaled",
                    "NotDeclared",
                    "The router is declared no longer. %s on: an instance is not removed before its buffer is empty. Declare the router again to have it follow what is declared."
                            .formatted(there == 1 ? "Its instance runs" : "Its %d instances run".formatted(there)));
        }
        if (fleet.instances().isEmpty()) {
            return Condition.unknown("Scaled", "NotRunning", "It has no instance; see Ready.");
        }
        if (there > fleet.wanted()) {
            return Condition.no(
                    "Scaled",
                    "SmallerRefused",
                    "%s declared, and %d run on: an instance is not removed before its buffer is empty. Declare %d again."
                            .formatted(declared(fleet.wanted()), there, there));
        }
        if (there < fleet.wanted()) {
            return Condition.no(
                    "Scaled",
                    "Missing",
                    "%s declared, and %s there. %s"
                            .formatted(
                                    declared(fleet.wanted()),
                                    there == 1 ? "1 is" : there + " are",
                                    fleet.problems().isEmpty()
                                            ? "Wait for the others to be made."
                                            : said(fleet.problems())));
        }
        return Condition.yes("Scaled", "AsDeclared", declared(there) + " declared, and there.");
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
        var reached = router.fleet().instances().stream()
                .filter(each -> each.report().isPresent())
                .toList();
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

    private static String troubled(InstanceReport.BufferReport buffer) {
        return buffer.kind() == InstanceReport.Kind.JETSTREAM ? "StreamTrouble" : "DiskTrouble";
    }

    private static Condition bufferHealthy(InstanceReport report) {
        var buffer = report.buffer();
        if (buffer.trouble().isPresent()) {
            return Condition.no("BufferHealthy", troubled(buffer), buffer.trouble().get());
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
        var behind = fleet.instances().stream()
                .filter(each -> each.report().isPresent()
                        && !each.report().get().revision().equals(declared))
                .toList();
        if (!behind.isEmpty()) {
            return Condition.no("Programmed", "Behind", behind(router, behind));
        }
        if (fleet.instances().stream().anyMatch(Conditions::isUnplaced)
                && !fleet.problems().isEmpty()) {
            return Condition.no("Programmed", "Blocked", said(fleet.problems()));
        }
        if (fleet.instances().stream().anyMatch(each -> each.report().isEmpty())) {
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
                                                == router.fleet().instances().size()
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
        var full = router.numbers(instance -> instance.report().isPresent()
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
                    unready.get().reason().equals("Troubled") ? "DiskTrouble" : "InstanceDown",
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
