package io.logroute.control;

import io.logroute.plan.Declared;
import io.logroute.plan.LineDiff;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Fleets;
import io.logroute.plan.swarm.Forecast;
import io.logroute.plan.swarm.Installation;
import io.logroute.plan.swarm.Known;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Notes;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Relays;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.SpecName;
import io.logroute.plan.swarm.Step;
import io.logroute.plan.swarm.Wishes;
import io.logroute.remote.Swarm;
import io.logroute.remote.SwarmRefused;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.Located;
import io.logroute.spec.LogRelay;
import io.logroute.spec.Name;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import io.logroute.spec.Words;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What operators ask of a controller of a swarm.
public final class SwarmOperator implements Operator {
    /// What was asked for is stored then; a pass that takes longer is not waited for.
    private static final Duration PASS = Duration.ofSeconds(5);

    private final Swarm swarm;
    private final SwarmReconciler reconciler;
    private final SwarmSpecs specs;
    private final Installation here;
    private final History history;
    private final Bell bell;
    private final Passes passes;
    private final InstantSource clock;

    public SwarmOperator(
            Swarm swarm,
            SwarmReconciler reconciler,
            SpecFiles files,
            Installation here,
            History history,
            Bell bell,
            Passes passes,
            InstantSource clock) {
        this.swarm = swarm;
        this.reconciler = reconciler;
        this.specs = new SwarmSpecs(files);
        this.here = here;
        this.history = history;
        this.bell = bell;
        this.passes = passes;
        this.clock = clock;
    }

    @Override
    public List<RevisionState> revisions() throws SwarmUnreachable {
        var seen = swarm.observe();
        var declared = reconciler.sight().declared();
        var all = new ArrayList<RevisionState>();
        for (var router : routers(seen)) {
            var known = Known.of(seen.owned(), router);
            var target = reconciler.sight().findings().stream()
                    .filter(each -> each.router().equals(router))
                    .findFirst()
                    .flatMap(Fleets.Finding::target);
            for (var each : known) {
                all.add(new RevisionState(
                        router,
                        each.revision(),
                        each.generation(),
                        each.since(),
                        each.accepted(),
                        each.refused(),
                        target.filter(each.revision()::equals).isPresent(),
                        each.paused(),
                        each.sources().orElse("")));
            }
        }
        return all;
    }

    private static List<String> routers(Seen seen) {
        var routers = new TreeSet<String>();
        seen.owned().configs().values().forEach(config -> {
            if (config.labels().get(Label.ROUTER) instanceof String router) {
                routers.add(router);
            }
        });
        return List.copyOf(routers);
    }

    @Override
    public Optional<String> text(String router, String revision) throws SwarmUnreachable {
        return known(swarm.observe(), router, revision).flatMap(Known::text);
    }

    private static Optional<Known> known(Seen seen, String router, String revision) {
        return Known.of(seen.owned(), router).stream()
                .filter(each -> each.revision().equals(revision))
                .findFirst();
    }

    @Override
    public Planned plan(String name, String yaml) throws SwarmUnreachable {
        var seen = swarm.observe();
        var judged = judge(seen, name, yaml);
        if (!judged.wrong().isEmpty()) {
            return new Planned(List.of(), List.of(), judged.wrong(), judged.besides());
        }
        var proposed = judged.proposed();
        var relays = Relays.decide(seen, proposed.relays(), here, clock.instant());
        var then = Relays.after(seen, relays);
        var decision = Fleets.decide(then, reconciler.wanted(proposed), reconciler.told(), here, clock.instant());
        var besides = new TreeSet<>(judged.besides());
        relays.states().forEach(relay -> besides.addAll(relay.problems()));
        decision.findings().forEach(finding -> besides.addAll(finding.problems()));
        var changes = new ArrayList<String>();
        for (var pipeline : proposed.pipelines()) {
            changes.addAll(changes(seen, pipeline));
        }
        var forecast = Forecast.of(then, reconciler.wanted(proposed), reconciler.told(), here, clock.instant());
        var steps = Stream.concat(relays.steps().stream(), forecast.stream())
                // Labels of our configs are notes to the next controller.
                .filter(step -> !(step instanceof Step.LabelConfig) && !step.isNote())
                .map(Step::describe);
        var idle = proposed.idle().entrySet().stream()
                .filter(each -> isIn(name, each.getValue()))
                .map(each -> "start nothing for router %s before a route names it".formatted(each.getKey()));
        var paused = decision.findings().stream()
                .filter(Fleets.Finding::paused)
                .map(each -> "change nothing of router %1$s, which is paused, before logroute resume %1$s"
                        .formatted(each.router()));
        return new Planned(
                Stream.of(steps, idle, paused).flatMap(each -> each).toList(),
                changes,
                List.of(),
                List.copyOf(besides));
    }

    /// What the newest revision and this one differ in, line by line.
    private static List<String> changes(Seen seen, PipelineDefinition pipeline) {
        var known = Known.of(seen.owned(), pipeline.name());
        var before = known.stream().findFirst().flatMap(Known::text).orElse("");
        return LineDiff.between(before, pipeline.text());
    }

    private static boolean isIn(String name, Problem problem) {
        return problem.where().startsWith(name + ":");
    }

    /// What comes of documents before they are stored.
    ///
    /// @param wrong what keeps them from being stored
    /// @param besides what is wrong elsewhere, and was before
    private record Judged(Declared proposed, List<Problem> wrong, List<Problem> besides) {}

    /// Decides what keeps a text from being stored: what is wrong in it, what it would come to where it stands,
    /// and what goes wrong elsewhere because of it.
    private Judged judge(Seen seen, String name, String yaml) {
        var mine = SpecReader.documents(name, yaml);
        var reading = proposed(seen, name, mine);
        var wrong = new TreeSet<>(mine.problems());
        if (wrong.isEmpty() && mine.documents().isEmpty()) {
            wrong.add(new Problem(name, "there is no document in it", "Write one."));
        }
        wrong.addAll(twins(seen, name, reading));
        var proposed = reconciler.declared(withoutTwins(name, reading), seen);
        var known = reconciler.declared(specs.read(seen), seen).problems().stream()
                .map(Said::of)
                .collect(Collectors.toSet());
        var besides = new TreeSet<Problem>();
        // Of a text that does not tell what it declares nothing can be said of what it would come to.
        boolean told = !(mine.documents().isEmpty() && mine.broken().isEmpty())
                && mine.broken().stream()
                        .allMatch(each -> each.kind().isPresent() && each.name().isPresent());
        for (var problem : proposed.problems()) {
            if (proposed.idle().containsValue(problem)) {
                continue;
            }
            if (!isIn(name, problem) && known.contains(Said.of(problem))) {
                besides.add(problem);
            } else if (told) {
                wrong.add(problem);
            }
        }
        return new Judged(proposed, List.copyOf(wrong), List.copyOf(besides));
    }

    /// A problem without how to mend it: that names what there is to choose from, which may be more now.
    private record Said(String where, String what) {
        static Said of(Problem problem) {
            return new Said(problem.where(), problem.what());
        }
    }

    /// As if those that are declared elsewhere, too, were taken out there: that is told by itself.
    private static Reading withoutTwins(String name, Reading reading) {
        var mine = reading.documents().stream()
                .filter(each -> each.file().equals(name))
                .map(SwarmOperator::id)
                .collect(Collectors.toSet());
        return new Reading(
                reading.documents().stream()
                        .filter(each -> each.file().equals(name) || !mine.contains(id(each)))
                        .toList(),
                reading.broken());
    }

    /// What would be written with these documents in place of the config that goes by that name.
    private Reading proposed(Seen seen, String name, Reading mine) {
        return specs.read(seen, config -> !SpecName.goneBy(config).equals(name), mine);
    }

    /// Documents among those of that name that somebody else declares, too: of both none would count.
    private static List<Problem> twins(Seen seen, String name, Reading reading) {
        var others = new TreeMap<String, Located>();
        reading.documents().stream()
                .filter(each -> !each.file().equals(name))
                .forEach(each -> others.putIfAbsent(id(each), each));
        return reading.documents().stream()
                .filter(each -> each.file().equals(name) && others.containsKey(id(each)))
                .map(each -> twin(seen, each, Objects.requireNonNull(others.get(id(each)))))
                .sorted()
                .toList();
    }

    private static Problem twin(Seen seen, Located mine, Located other) {
        return new Problem(
                mine.where("metadata.name"),
                "%s %s is declared already, in %s"
                        .formatted(mine.document().kind(), mine.document().name(), other.file()),
                seen.specs().stream()
                        .filter(config -> SwarmSpecs.file(config).equals(other.file()))
                        .findFirst()
                        .map(SwarmOperator::otherName)
                        .orElse("Rename it here, or take it out there."));
    }

    /// How to have the place of a config.
    private static String otherName(Seen.SpecConfig config) {
        var remove = "remove that first: docker config rm %s".formatted(config.name());
        var name = SpecName.goneBy(config);
        return Name.fits(name)
                ? "Give --name %s, which takes its place; or rename it here; or %s.".formatted(name, remove)
                : "Rename it here, or %s.".formatted(remove);
    }

    private static String id(Located located) {
        return located.document().kind() + "/" + located.document().name();
    }

    @Override
    public Done apply(String name, String yaml) throws SwarmUnreachable {
        var seen = swarm.observe();
        var wrong = judge(seen, name, yaml).wrong();
        if (!wrong.isEmpty()) {
            return new Done(List.of(), wrong);
        }
        try {
            var config = swarm.storeSpec(name, yaml.getBytes(StandardCharsets.UTF_8));
            history.happened(History.Kind.ASKED, "config/" + config, "Specs stored as config %s.".formatted(config));
            awaitPass();
            return new Done(List.of("store specs as config " + config), List.of());
        } catch (SwarmRefused e) {
            return new Done(List.of(), List.of(new Problem(name, e.what(), e.mend())));
        }
    }

    @Override
    public Done rollback(String router, String revision, String who) throws SwarmUnreachable {
        var seen = swarm.observe();
        var where = "router " + router;
        var wanted = known(seen, router, revision);
        var declared = reconciler
                .sight()
                .declared()
                .pipeline(router)
                .map(each -> each.revision().hash());
        if (wanted.isEmpty() || declared.isEmpty()) {
            return wrong(
                    where,
                    "it has no revision %s in the swarm".formatted(revision),
                    "Choose one of: logroute revisions ls.");
        }
        if (!wanted.get().whole()) {
            return wrong(where, "a part of revision %s is missing".formatted(revision), "Choose another one.");
        }
        if (Known.of(seen.owned(), router).stream().anyMatch(Known::paused)) {
            return wrong(
                    where,
                    "it is paused, and stays at what it has",
                    "Let it go on first: logroute resume %s.".formatted(router));
        }
        var steps = Notes.rollBack(seen, router, declared.get(), revision, "rolled back by " + who);
        return steps.isEmpty()
                ? wrong(where, "what is declared is not in the swarm yet", "Try again in a moment.")
                : make(
                        router,
                        steps.get(),
                        (revision.equals(declared.get())
                                        ? "go on with revision %s, by %s"
                                        : "roll back to revision %s, by %s")
                                .formatted(revision, who));
    }

    @Override
    public Done pause(String router, boolean paused, String who) throws SwarmUnreachable {
        var steps = Notes.pause(swarm.observe(), router, paused);
        return steps.isEmpty()
                ? wrong("router " + router, "the swarm has no such router", "Choose one of: logroute status.")
                : make(router, steps.get(), "%s, by %s".formatted(paused ? "pause" : "resume", who));
    }

    @Override
    public Done drain(Place place, String who) throws SwarmUnreachable {
        return wish(
                place,
                "drain, by " + who,
                (seen, each) -> Wishes.drain(seen, each.router(), each.number(), who, clock.instant()));
    }

    @Override
    public Done uncordon(Place place, String who) throws SwarmUnreachable {
        return wish(
                place,
                "take events in again, by " + who,
                (seen, each) -> Wishes.uncordon(seen, each.router(), each.number(), clock.instant()));
    }

    /// What is wished of an instance.
    @FunctionalInterface
    private interface Wish {
        Wishes.Answer of(Seen seen, Wishes.Who who);
    }

    /// Does what can be done. Of several instances those that refuse are told only where all do.
    private Done wish(Place place, String what, Wish wish) throws SwarmUnreachable {
        var seen = swarm.observe();
        var twins = place instanceof Place.Node(var node)
                ? seen.nodes().stream()
                        .filter(each -> each.hostname().equals(node))
                        .map(Seen.Node::id)
                        .toList()
                : List.<String>of();
        if (twins.size() > 1) {
            return wrong(
                    place.words(),
                    "%d nodes have that name".formatted(twins.size()),
                    "Name one by its id: %s.".formatted(String.join(", ", twins)));
        }
        var all = switch (place) {
            case Place.Fleet(var router) -> Wishes.of(seen, router);
            case Place.Instance(var router, var number) -> List.of(new Wishes.Who(router, number));
            case Place.Node(var node) -> Wishes.on(seen, node);
        };
        if (all.isEmpty()) {
            return nobody(seen, place);
        }
        var steps = new ArrayList<Step>();
        var done = new ArrayList<String>();
        var granted = new ArrayList<String>();
        var refused = new ArrayList<Problem>();
        for (var each : all) {
            switch (wish.of(seen, each)) {
                case Wishes.Answer.Granted(var more, var instead) -> {
                    steps.addAll(more);
                    granted.add(each.toString());
                    if (!more.isEmpty()) {
                        done.add("%s: %s".formatted(each, instead.orElse(what)));
                    }
                }
                case Wishes.Answer.Refused(var why, var mend) ->
                    refused.add(new Problem("instance " + each, why, mend));
            }
        }
        if (granted.isEmpty()) {
            return new Done(List.of(), refused);
        }
        return failed(place.words(), steps, what).orElseGet(() -> new Done(done, List.of(), granted));
    }

    /// There is no instance there.
    private Done nobody(Seen seen, Place place) {
        return switch (place) {
            case Place.Instance _ -> throw new IllegalStateException("an instance is one");
            case Place.Fleet _ -> wrong(place.words(), "no instance of it is there", "Choose one of: logroute status.");
            case Place.Node(var node) -> {
                var names = seen.nodes().stream().map(Seen.Node::hostname).toList();
                boolean isThere = seen.nodes().stream()
                        .anyMatch(each ->
                                each.hostname().equals(node) || each.id().equals(node));
                yield isThere
                        ? new Done(List.of(), List.of())
                        : wrong(
                                place.words(),
                                "the swarm has no such node",
                                Words.nearest(node, names)
                                        .map("Did you mean %s?"::formatted)
                                        .orElseGet(() -> "Choose one of: %s.".formatted(String.join(", ", names))));
            }
        };
    }

    @Override
    public Optional<Problem> keeps(String router, int instance) throws SwarmUnreachable {
        boolean declared = reconciler.sight().declared().pipeline(router).isPresent();
        return switch (Wishes.forget(swarm.observe(), router, instance, declared)) {
            case Wishes.Answer.Refused(var why, var mend) ->
                Optional.of(new Problem("instance %s/%d".formatted(router, instance), why, mend));
            case Wishes.Answer.Granted _ -> Optional.empty();
        };
    }

    @Override
    public Done forget(String router, int instance, String who) throws SwarmUnreachable {
        var name = "%s/%d".formatted(router, instance);
        boolean declared = reconciler.sight().declared().pipeline(router).isPresent();
        return switch (Wishes.forget(swarm.observe(), router, instance, declared)) {
            case Wishes.Answer.Refused(var why, var mend) -> wrong("instance " + name, why, mend);
            case Wishes.Answer.Granted(var steps, var _) -> {
                var what = "forget, by " + who;
                yield failed(new Place.Instance(router, instance).words(), steps, what)
                        .orElseGet(() -> new Done(
                                steps.isEmpty() ? List.of() : List.of("%s is forgotten, by %s".formatted(name, who)),
                                List.of(),
                                List.of(name)));
            }
        };
    }

    @Override
    public Optional<Problem> keepsRelay(String relay) throws SwarmUnreachable {
        return switch (Relays.forget(swarm.observe(), relay, deployed(relay))) {
            case Wishes.Answer.Refused(var why, var mend) -> Optional.of(new Problem("relay " + relay, why, mend));
            case Wishes.Answer.Granted _ -> Optional.empty();
        };
    }

    @Override
    public Done forgetRelay(String relay, String who) throws SwarmUnreachable {
        return switch (Relays.forget(swarm.observe(), relay, deployed(relay))) {
            case Wishes.Answer.Refused(var why, var mend) -> wrong("relay " + relay, why, mend);
            case Wishes.Answer.Granted(var steps, var _) ->
                failed("relay " + relay, steps, "forget, by " + who)
                        .orElseGet(() -> new Done(
                                steps.isEmpty()
                                        ? List.of()
                                        : List.of("relay %s is forgotten, by %s; its volume stays where it is"
                                                .formatted(relay, who)),
                                List.of()));
        };
    }

    /// What is declared of a relay that is to be deployed.
    private Optional<LogRelay.Deployed> deployed(String relay) {
        return reconciler.sight().declared().relays().stream()
                .filter(each -> each.name().value().equals(relay))
                .flatMap(each -> each.deploy().stream())
                .findFirst();
    }

    private Done make(String router, List<Step> steps, String what) throws SwarmUnreachable {
        var failed = failed("router " + router, steps, what);
        return failed.orElseGet(() ->
                new Done(steps.isEmpty() ? List.of() : List.of("router %s: %s".formatted(router, what)), List.of()));
    }

    /// Makes the steps, which were asked for.
    ///
    /// @param where what they are for: `router core`
    /// @param what they do
    /// @return why that was not done; empty when it was
    private Optional<Done> failed(String where, List<Step> steps, String what) throws SwarmUnreachable {
        try {
            for (var step : steps) {
                swarm.apply(step);
            }
        } catch (OutOfDate e) {
            return Optional.of(wrong(where, "it was changed by somebody else just now", "Try again."));
        } catch (SwarmRefused e) {
            return Optional.of(wrong(where, e.what(), e.mend()));
        }
        if (!steps.isEmpty()) {
            history.happened(
                    History.Kind.ASKED,
                    where.replaceFirst(" ", "/"),
                    Character.toUpperCase(what.charAt(0)) + what.substring(1) + ".");
            awaitPass();
        }
        return Optional.empty();
    }

    /// So that who asks for the state next hears of what was asked for here.
    private void awaitPass() {
        bell.ring();
        try {
            passes.awaitNext(PASS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Done wrong(String where, String what, String mend) {
        return new Done(List.of(), List.of(new Problem(where, what, mend)));
    }
}
