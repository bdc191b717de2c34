package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The revisions of one fleet as they lie in the swarm: which one it should run, its configs, what is noted down on
/// their labels, and which are old enough to go.
final class Revisions {
    /// So often the document of a router is tried with other routes before it is held.
    private static final int TRIES = 2;

    private static final int MOST_PARTS = 32;

    private final Draft draft;
    private final Fleets.Wanted declared;
    private final List<Known> known;

    /// @param declared what people declare now
    /// @param known what there is of the router, newest first
    Revisions(Draft draft, Fleets.Wanted declared, List<Known> known) {
        this.draft = draft;
        this.declared = declared;
        this.known = known;
    }

    private String router() {
        return declared.pipeline().name();
    }

    /// What is to run: what is declared, or that with the router's document as it was accepted last.
    Fleets.Wanted wanted() {
        return held().orElse(declared);
    }

    /// Which revision is to run, and why none of another does.
    Target target() {
        var target = Target.of(wanted().pipeline().revision().hash(), known, running());
        if (held().isEmpty()) {
            return target;
        }
        return target.insteadOf(
                declared.pipeline().revision().hash(),
                "the document of the router was taken back with %d revisions, the last time for this: %s. The router stays as it was, and follows routes and sinks"
                        .formatted(
                                takenBack().size(),
                                takenBack().getFirst().refused().orElse("it failed")));
    }

    /// Plans what the revision that is to run needs in the swarm.
    ///
    /// @param problems what keeps it from being there are added
    /// @return the revision as it will be; empty when it cannot be there
    Optional<Known> prepare(Target target, String text, List<Problem> problems) {
        return target.known().isPresent()
                ? relabel(target.known().get(), target.generation())
                : create(text, target.generation(), problems);
    }

    /// Plans the configs of a revision that is not there yet.
    private Optional<Known> create(String text, long generation, List<Problem> problems) {
        var wanted = wanted();
        var name = router();
        var revision = wanted.pipeline().revision().hash();
        Packed packed;
        try {
            packed = Packed.of(text, draft.here.configBytes());
        } catch (IllegalArgumentException e) {
            problems.add(tooLarge(name, String.valueOf(e.getMessage())));
            return Optional.empty();
        }
        int count = packed.parts().size();
        if (count > MOST_PARTS) {
            problems.add(tooLarge(
                    name,
                    "the pipeline needs %d Docker configs of %d bytes, packed, and %d are the most"
                            .formatted(count, draft.here.configBytes(), MOST_PARTS)));
            return Optional.empty();
        }
        var configs = new ArrayList<OwnedConfig>();
        for (int i = 0; i < count; i++) {
            var labels = new TreeMap<String, String>();
            labels.put(Label.MANAGED_BY, draft.here.prefix());
            labels.put(Label.ROLE, "pipeline");
            labels.put(Label.ROUTER, name);
            labels.put(Label.REVISION, revision);
            if (count > 1) {
                labels.put(Label.PART, "%dof%d".formatted(i + 1, count));
            }
            if (i == 0) {
                labels.put(Label.GENERATION, Long.toString(generation));
                labels.put(Label.SINCE, draft.now.toString());
                labels.put(Label.SOURCES, Notes.shortened(String.join(", ", wanted.sources())));
            }
            var config = draft.here.config(name, revision) + (count > 1 ? "-%dof%d".formatted(i + 1, count) : "");
            configs.add(new OwnedConfig(
                    config, labels, new Content(packed.parts().get(i).bytes())));
        }
        // What an instance runs was there.
        boolean gone = draft.seen
                .owned()
                .of(name)
                .flatMap(each -> draft.report(each.name()).stream())
                .anyMatch(report -> report.revision().equals(revision));
        // What a controller left that was stopped in the middle is there already.
        configs.stream()
                .filter(config -> !draft.seen.owned().configs().containsKey(config.name()))
                .forEach(config -> draft.steps.add(new Step.CreateConfig(config, gone)));
        known.stream().filter(this::mayBeForgiven).forEach(this::forgive);
        return Optional.of(new Known(name, revision, configs, true));
    }

    private static Problem tooLarge(String router, String what) {
        return new Problem(
                "router " + router, what, "Share its routes among several routers, or write them with globs.");
    }

    /// A refusal holds while people declare what was refused, be it the document of the router alone when
    /// that may be what failed: with another one than runs.
    private boolean mayBeForgiven(Known refused) {
        var pipeline = declared.pipeline();
        if (refused.refused().isEmpty()
                || refused.revision().equals(pipeline.revision().hash())) {
            return false;
        }
        boolean sameRouter = takenBack().contains(refused);
        boolean runsAnother = known.stream()
                .filter(each -> each.accepted() && each.refused().isEmpty())
                .findFirst()
                .flatMap(Known::pipeline)
                .filter(each -> !each.router().equals(pipeline.router()))
                .isPresent();
        return !(sameRouter && runsAnother);
    }

    private void forgive(Known known) {
        draft.steps.add(Notes.forgiven(known));
    }

    /// Plans what changes in the labels of a revision that is there.
    private Optional<Known> relabel(Known target, long generation) {
        var labels = new TreeMap<>(target.head().labels());
        var why = new ArrayList<String>();
        if (target.generation() != generation) {
            labels.put(Label.GENERATION, Long.toString(generation));
            labels.put(Label.SINCE, draft.now.toString());
            labels.remove(Label.TRIED);
            why.add("generation " + generation);
        }
        // What was named to run in place of what is declared, and failed in its turn, stays refused with it.
        var named = known.stream()
                .filter(each ->
                        each.revision().equals(declared.pipeline().revision().hash()))
                .findFirst()
                .flatMap(Known::instead);
        known.stream()
                .filter(this::mayBeForgiven)
                .filter(each -> named.filter(each.revision()::equals).isEmpty())
                .forEach(this::forgive);
        if (labels.equals(target.head().labels())) {
            return Optional.of(target);
        }
        draft.steps.add(Notes.label(target, labels, String.join(", ", why)));
        var configs = new ArrayList<>(target.configs());
        configs.set(0, target.head().with(labels));
        return Optional.of(new Known(target.router(), target.revision(), configs, target.whole()));
    }

    /// Every instance that is up runs it.
    void accept(Known target) {
        if (draft.touches(target)) {
            return; // in the next pass
        }
        var labels = new TreeMap<>(target.head().labels());
        labels.put(Label.ACCEPTED, "true");
        draft.steps.add(Notes.label(target, labels, "every instance that is up runs it"));
    }

    /// Instances have records by now: what a LogRoute without them noted down of their places would grow old.
    void forgetPlaces() {
        known.stream()
                .filter(each -> each.head().labels().containsKey(Label.PLACED) && !draft.touches(each))
                .forEach(each -> {
                    var labels = new TreeMap<>(each.head().labels());
                    labels.remove(Label.PLACED);
                    draft.steps.add(Notes.label(each, labels, "its instances have records"));
                });
    }

    /// Removes configs that are old, and named by no service now or in its previous spec.
    void collect() {
        if (draft.isBusy(router())) {
            return;
        }
        var named = new HashSet<String>();
        draft.seen.owned().services().forEach((name, service) -> {
            named.addAll(service.configs().values());
            named.addAll(draft.seen.state(name).previousConfigs());
        });
        var run = wanted().pipeline().revision().hash();
        var kept = new HashSet<String>();
        known.stream().limit(Fleets.KEPT).map(Known::revision).forEach(kept::add);
        known.stream().filter(Known::accepted).findFirst().map(Known::revision).ifPresent(kept::add);
        known.stream().filter(Known::paused).map(Known::revision).forEach(kept::add);
        Target.of(run, known, running()).revision().ifPresent(kept::add);
        kept.add(run);
        takenBack().forEach(refused -> kept.add(refused.revision()));
        known.stream()
                .filter(each -> !kept.contains(each.revision()))
                .filter(each -> each.configs().stream()
                        .noneMatch(config -> named.contains(config.name()) || draft.touches("config/" + config.name())))
                .flatMap(each -> each.configs().stream())
                .forEach(config -> draft.steps.add(new Step.RemoveConfig(config.name())));
    }

    /// What is wanted with the router as it was accepted last, where its document as it is declared now
    /// was taken back with several revisions already: the routes of others go on without it.
    private Optional<Fleets.Wanted> held() {
        var pipeline = declared.pipeline();
        if (takenBack().size() < TRIES
                || known.stream()
                        .anyMatch(each ->
                                each.revision().equals(pipeline.revision().hash()))) {
            return Optional.empty();
        }
        return known.stream()
                .filter(each -> each.accepted() && each.refused().isEmpty())
                .flatMap(each -> each.pipeline().stream())
                .map(PipelineDefinition::router)
                .filter(router -> !router.equals(pipeline.router()))
                .findFirst()
                .map(router -> new Fleets.Wanted(
                        new PipelineDefinition(router, pipeline.routes(), pipeline.sinks()), declared.sources()));
    }

    /// The revisions with the very same document of the router that failed, the newest first.
    private List<Known> takenBack() {
        return known.stream()
                .filter(each -> each.refused().isPresent() && each.instead().isEmpty())
                .filter(each -> each.pipeline()
                        .filter(pipeline ->
                                pipeline.router().equals(declared.pipeline().router()))
                        .isPresent())
                .toList();
    }

    /// Whether it keeps its events where they are not to be any more, and runs the routes and sinks of now, which
    /// together are no revision.
    private boolean runsAsBefore(String service, String revision) {
        return draft.service(service)
                        .filter(each -> each.node().isEmpty() != Shape.keepsElsewhere(declared.pipeline()))
                        .isPresent()
                && known.stream().noneMatch(each -> each.revision().equals(revision));
    }

    /// The highest generation of each revision that an instance runs: what it is to take has to be above.
    private Map<String, Long> running() {
        return draft.told.fresh().entrySet().stream()
                .filter(each -> !runsAsBefore(each.getKey(), each.getValue().revision()))
                .map(Map.Entry::getValue)
                .filter(report -> report.router().equals(router()))
                .collect(Collectors.toMap(InstanceReport::revision, InstanceReport::generation, Math::max));
    }
}
