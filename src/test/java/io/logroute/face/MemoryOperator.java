package io.logroute.face;

import io.logroute.control.Operator;
import io.logroute.plan.Declared;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.LineDiff;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.VolumeState;
import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Fleets;
import io.logroute.plan.swarm.Holder;
import io.logroute.plan.swarm.Installation;
import io.logroute.plan.swarm.Known;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Notes;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Owned;
import io.logroute.plan.swarm.OwnedConfig;
import io.logroute.plan.swarm.Relays;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import io.logroute.plan.swarm.Wishes;
import io.logroute.remote.MemorySwarm;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.Document;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What operators ask of a controller, of a swarm that only remembers and of a [Shop], whose files
/// stand for spec configs. By the planner's own rules; what is to be done is done before it answers.
final class MemoryOperator implements Operator {
    private static final Installation HERE =
            new Installation("logroute", "logroute", "logroute:1", "logroute-link", 100_000);
    private static final Seen.Node NODE =
            new Seen.Node("n1", "one", "10.0.0.1", true, "linux", "x86_64", Map.of(), Map.of(), true, true);

    private final Shop shop;
    /// Whether the records of instances are what tests wrote: none of them has a service, and nothing settles.
    private boolean remembering;

    final MemorySwarm swarm = new MemorySwarm(new Seen(
            List.of(NODE), List.of(), List.of(), Owned.NOTHING, new TreeMap<>(), Set.of("logroute"), Set.of()));

    MemoryOperator(Shop shop) {
        this.shop = shop;
        try {
            settle();
        } catch (SwarmUnreachable e) {
            throw new IllegalStateException(e);
        }
    }

    private Declared declared() {
        return shop.board.last().declared();
    }

    private Fleets.Decision decide(List<PipelineDefinition> pipelines) throws SwarmUnreachable {
        var seen = swarm.observe();
        var reports = new HashMap<String, InstanceReport>();
        for (var service : seen.owned().services().values()) {
            shop.states().stream()
                    .flatMap(state -> state.reports().stream())
                    .filter(report -> report.router().equals(service.router()))
                    .forEach(report -> reports.put(service.name(), numbered(seen, service.instance(), report)));
        }
        return Fleets.decide(
                seen,
                pipelines.stream()
                        .map(each -> new Fleets.Wanted(each, List.of("shop")))
                        .toList(),
                reports,
                HERE,
                Shop.NOW);
    }

    /// As an instance tells it that was handed its revision: under the number of that.
    private static InstanceReport numbered(Seen seen, int instance, InstanceReport report) {
        var generation = Known.of(seen.owned(), report.router()).stream()
                .filter(known -> known.revision().equals(report.revision()))
                .mapToLong(Known::generation)
                .findFirst()
                .orElse(0);
        return report.of(instance, generation, report.trouble());
    }

    /// Does all that is to be done; what would be handed to routers the shop has already.
    private List<String> settle() throws SwarmUnreachable {
        var done = new ArrayList<String>();
        for (int pass = 0; pass < 20; pass++) {
            var steps = decide(declared().pipelines()).steps().stream()
                    .filter(step -> !(step instanceof Step.Push))
                    .toList();
            if (steps.isEmpty()) {
                return done;
            }
            for (var step : steps) {
                make(step);
                done.add(step.describe());
            }
        }
        throw new IllegalStateException("it does not settle");
    }

    private static Seen running(Seen seen) {
        var now = seen;
        for (var service : seen.owned().services().keySet()) {
            now = now.running(service, Shop.NOW);
        }
        return now;
    }

    private void make(Step step) throws SwarmUnreachable {
        try {
            swarm.apply(step);
            swarm.happens(MemoryOperator::running);
        } catch (OutOfDate e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized List<RevisionState> revisions() throws SwarmUnreachable {
        var seen = swarm.observe();
        var findings = decide(declared().pipelines()).findings();
        var routers = new TreeSet<String>();
        declared().pipelines().forEach(each -> routers.add(each.name()));
        seen.owned().services().values().forEach(each -> routers.add(each.router()));
        var all = new ArrayList<RevisionState>();
        for (var router : routers) {
            var finding = findings.stream()
                    .filter(each -> each.router().equals(router))
                    .findFirst();
            for (var known : Known.of(seen.owned(), router)) {
                all.add(new RevisionState(
                        router,
                        known.revision(),
                        known.generation(),
                        known.since(),
                        known.accepted(),
                        known.refused(),
                        finding.flatMap(Fleets.Finding::target)
                                .filter(known.revision()::equals)
                                .isPresent(),
                        finding.filter(Fleets.Finding::paused).isPresent(),
                        known.sources().orElse("")));
            }
        }
        return all;
    }

    @Override
    public synchronized Optional<String> text(String router, String revision) throws SwarmUnreachable {
        return Known.of(swarm.observe().owned(), router).stream()
                .filter(known -> known.revision().equals(revision))
                .findFirst()
                .flatMap(Known::text);
    }

    @Override
    public synchronized Planned plan(String name, String yaml) throws SwarmUnreachable {
        var given = SpecReader.documents(name, yaml);
        var named = new HashSet<String>();
        given.documents().forEach(each -> named.add(id(each.document())));
        var place = shop.folder().resolve(name + ".yaml").toString();
        var together = Stream.concat(
                        declared().good().stream()
                                .filter(each -> !each.file().equals(place))
                                .filter(each -> !named.contains(id(each.document()))),
                        given.documents().stream())
                .toList();
        var planned = Declared.of(new Reading(together, given.broken()), declared(), Set.of("ampbeat"));
        var decision = decide(planned.pipelines());
        var known = declared().problems();
        var wrong = withoutIdle(planned).stream()
                .filter(each -> !known.contains(each))
                .toList();
        var besides = withoutIdle(declared()).stream()
                .filter(each -> !each.where().startsWith(place))
                .toList();
        var changes = new ArrayList<String>();
        for (var pipeline : planned.pipelines()) {
            changes.addAll(LineDiff.between(
                    declared()
                            .pipeline(pipeline.name())
                            .map(PipelineDefinition::text)
                            .orElse(""),
                    pipeline.text()));
        }
        return new Planned(decision.steps().stream().map(Step::describe).toList(), changes, wrong, besides);
    }

    /// Routers that no route names yet are no fault.
    private static List<Problem> withoutIdle(Declared declared) {
        return declared.problems().stream()
                .filter(problem -> !declared.idle().containsValue(problem))
                .toList();
    }

    private static String id(Document document) {
        return document.kind() + "/" + document.name();
    }

    @Override
    public synchronized Done apply(String name, String yaml) throws SwarmUnreachable {
        swarm.observe();
        var file = name + ".yaml";
        var before = shop.read(file);
        shop.write(file, yaml);
        shop.pass();
        var problems = withoutIdle(shop.board.last().declared()).stream()
                .map(each -> new Problem(
                        each.where().replace(shop.folder().resolve(file).toString(), name), each.what(), each.mend()))
                .sorted(Comparator.naturalOrder())
                .toList();
        if (!problems.isEmpty()) {
            before.ifPresentOrElse(text -> shop.write(file, text), () -> shop.remove(file));
            shop.pass();
            return new Done(List.of(), problems);
        }
        if (!remembering) {
            settle();
        }
        return new Done(List.of("create config " + name + ", with the label logroute.spec=true"), List.of());
    }

    @Override
    public synchronized Done rollback(String router, String revision, String who) throws SwarmUnreachable {
        var declared = declared().pipeline(router).orElseThrow().revision().hash();
        if (declared.equals(revision)) {
            return new Done(
                    List.of(),
                    List.of(new Problem(
                            "router " + router,
                            "revision %s is the declared one".formatted(revision),
                            "Name an older one.")));
        }
        var step = Notes.refuse(
                swarm.observe(),
                router,
                declared,
                "%s rolled back to %s".formatted(who, revision),
                Optional.of(revision));
        if (step.isEmpty()) {
            return new Done(List.of(), List.of());
        }
        make(step.get());
        var done = new ArrayList<>(List.of(step.get().describe()));
        done.addAll(settle());
        return new Done(done, List.of());
    }

    @Override
    public synchronized Done pause(String router, boolean paused, String who) throws SwarmUnreachable {
        var steps = Notes.pause(swarm.observe(), router, paused);
        if (steps.isEmpty()) {
            return new Done(
                    List.of(),
                    List.of(new Problem(
                            "router " + router, "nothing of it lies in the swarm yet", "Wait until it runs.")));
        }
        for (var step : steps.get()) {
            make(step);
        }
        return new Done(steps.get().stream().map(Step::describe).toList(), List.of());
    }

    @Override
    public synchronized Done drain(Place place, String who) throws SwarmUnreachable {
        return wish(place, "drain", each -> Wishes.drain(swarm.observe(), each.router(), each.number(), who, Shop.NOW));
    }

    @Override
    public synchronized Done uncordon(Place place, String who) throws SwarmUnreachable {
        return wish(
                place, "uncordon", each -> Wishes.uncordon(swarm.observe(), each.router(), each.number(), Shop.NOW));
    }

    @Override
    public synchronized Optional<Problem> keeps(String router, int instance) throws SwarmUnreachable {
        return Wishes.forget(
                                swarm.observe(),
                                router,
                                instance,
                                declared().pipeline(router).isPresent())
                        instanceof Wishes.Answer.Refused(var why, var mend)
                ? Optional.of(new Problem("instance %s/%d".formatted(router, instance), why, mend))
                : Optional.empty();
    }

    @Override
    public synchronized Done forget(String router, int instance, String who) throws SwarmUnreachable {
        var forgotten = Wishes.forget(
                swarm.observe(), router, instance, declared().pipeline(router).isPresent());
        var done = wish(new Place.Instance(router, instance), "forget", _ -> forgotten);
        // As the next pass does.
        var name = "logroute_%s-%d".formatted(router, instance);
        if (Holder.isForgotten(swarm.observe().owned(), name)) {
            if (swarm.observe().owned().services().containsKey(name)) {
                make(new Step.RemoveService(name, router, "forgotten"));
            }
            make(new Step.RemoveConfig(name));
        }
        return done;
    }

    @Override
    public synchronized Optional<Problem> keepsRelay(String relay) throws SwarmUnreachable {
        return Relays.forget(swarm.observe(), relay, Optional.empty())
                        instanceof Wishes.Answer.Refused(var why, var mend)
                ? Optional.of(new Problem("relay " + relay, why, mend))
                : Optional.empty();
    }

    @Override
    public synchronized Done forgetRelay(String relay, String who) throws SwarmUnreachable {
        return switch (Relays.forget(swarm.observe(), relay, Optional.empty())) {
            case Wishes.Answer.Refused(var why, var mend) ->
                new Done(List.of(), List.of(new Problem("relay " + relay, why, mend)));
            case Wishes.Answer.Granted(var steps, var _) -> {
                for (var step : steps) {
                    make(step);
                }
                yield new Done(List.of("relay %s is forgotten, by %s".formatted(relay, who)), List.of());
            }
        };
    }

    private interface Wish {
        Wishes.Answer of(Wishes.Who who) throws SwarmUnreachable;
    }

    private Done wish(Place place, String what, Wish wish) throws SwarmUnreachable {
        var all = switch (place) {
            case Place.Fleet(var router) -> Wishes.of(swarm.observe(), router);
            case Place.Instance(var router, var number) -> List.of(new Wishes.Who(router, number));
            case Place.Node(var node) -> Wishes.on(swarm.observe(), node);
        };
        var done = new ArrayList<String>();
        var granted = new ArrayList<String>();
        for (var each : all) {
            switch (wish.of(each)) {
                case Wishes.Answer.Refused(var why, var mend) -> {
                    return new Done(List.of(), List.of(new Problem("instance " + each, why, mend)));
                }
                case Wishes.Answer.Granted(var steps, var instead) -> {
                    for (var step : steps) {
                        make(step);
                    }
                    granted.add(each.toString());
                    if (!steps.isEmpty()) {
                        done.add("%s: %s".formatted(each, instead.orElse(what)));
                    }
                }
            }
        }
        return new Done(done, List.of(), granted);
    }

    /// From now on `core` is a fleet of instances 0, 1, ... on `node-a`, `node-b`, ..., and the swarm
    /// remembers each.
    void fleet(int instances) {
        remembering = true;
        for (int number = 0; number < instances; number++) {
            remembers(number, Map.of(Label.STAGE, "serving"), 12);
        }
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of(revision),
                        Optional.empty(),
                        false,
                        (int) holders().values().stream()
                                .filter(each ->
                                        each.why().stream().noneMatch(why -> why.cause() == VolumeState.Cause.SCALE))
                                .count(),
                        List.of(),
                        holders().keySet().stream()
                                .filter(number -> !away(number))
                                .map(number -> shop.instance(number, node(number), revision))
                                .toList(),
                        volumes(),
                        Optional.empty()));
    }

    /// The swarm remembers this of an instance of `core`.
    ///
    /// @param more labels, in place of those that are there
    void remembers(int number, Map<String, String> more, long events) {
        var name = "logroute_core-" + number;
        swarm.happens(seen -> {
            var labels =
                    new TreeMap<>(Optional.ofNullable(seen.owned().configs().get(name))
                            .map(OwnedConfig::labels)
                            .orElseGet(TreeMap::new));
            labels.putAll(Map.of(
                    Label.MANAGED_BY,
                    "logroute",
                    Label.ROLE,
                    "volume",
                    Label.ROUTER,
                    "core",
                    Label.INSTANCE,
                    Integer.toString(number),
                    Label.NODE,
                    "id-" + node(number),
                    Label.HOSTNAME,
                    node(number),
                    Label.BUFFER,
                    "b" + number,
                    Label.CONTENT,
                    "events=%d,bytes=%d,letters=0,oldest=%s,at=%s"
                            .formatted(events, events * 1024, Shop.NOW.minusSeconds(90), Shop.NOW)));
            labels.putAll(more);
            var configs = new TreeMap<>(seen.owned().configs());
            configs.put(name, new OwnedConfig(name, labels, new Content("".getBytes(StandardCharsets.UTF_8))));
            var owned = new Owned(configs, seen.owned().services(), seen.owned().secrets());
            return new Seen(
                    seen.nodes(),
                    seen.users(),
                    seen.specs(),
                    owned,
                    seen.states(),
                    seen.networks(),
                    seen.secrets(),
                    seen.jobs());
        });
    }

    /// The swarm has a record of that relay.
    void remembersRelay(String relay) {
        var name = "logroute_relay_" + relay;
        var labels = new TreeMap<>(
                Map.of(Label.MANAGED_BY, "logroute", Label.ROLE, "relay", Label.RELAY, relay, Label.NODE, "n1-id"));
        swarm.happens(seen -> {
            try {
                return seen.after(
                        new Step.CreateConfig(new OwnedConfig(name, labels, new Content(new byte[0])), false));
            } catch (OutOfDate e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /// The swarm has no record of that instance of `core` any more.
    void forgets(int number) {
        swarm.happens(seen -> {
            try {
                return seen.after(new Step.RemoveConfig("logroute_core-" + number));
            } catch (OutOfDate e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String node(int number) {
        return "node-" + (char) ('a' + number);
    }

    private SortedMap<Integer, Holder> holders() {
        try {
            return Holder.of(swarm.observe().owned(), "core");
        } catch (SwarmUnreachable e) {
            return new TreeMap<>();
        }
    }

    private boolean away(int number) {
        return holders().get(number) instanceof Holder holder && holder.away().isPresent();
    }

    private List<VolumeState> volumes() {
        return holders().values().stream()
                .map(each -> new VolumeState(
                        each.name(),
                        each.router(),
                        each.instance(),
                        InstanceReport.Kind.DISK,
                        Optional.of(each.hostname()),
                        each.stage(),
                        each.why().map(Holder.Why::toString),
                        each.since(),
                        each.away(),
                        each.held().map(Holder.Held::events).orElse(0L),
                        each.held().map(Holder.Held::bytes).orElse(0L),
                        each.held().flatMap(Holder.Held::oldest),
                        each.held().map(Holder.Held::letters).orElse(0L),
                        each.held().map(Holder.Held::at),
                        each.away().isEmpty(),
                        each.lost(),
                        false,
                        false))
                .toList();
    }
}
