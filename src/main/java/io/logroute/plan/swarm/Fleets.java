package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Revision;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Decides what is to be done with all fleets: the steps of one pass, in order, and what is to be told of each
/// fleet.
///
/// Of each fleet [Revisions] says what it should run, [Roster] which instances there should be and which are on
/// their way out, and [Rollout] brings the ones to the other, one after the other.
public final class Fleets {
    /// Where a router's container finds its pipeline.
    public static final String FOLDER = "/etc/logroute/pipeline";
    /// Where Docker mounts secrets.
    public static final Path SECRETS = Path.of("/run/secrets");
    /// The name of the link secret's file there.
    public static final String LINK = "logroute-link";
    /// For so long the first instance has to be well with a new revision before the others get it.
    public static final Duration CANARY = Duration.ofSeconds(5);
    /// A task that waits so long for a node that could run it is not waited for.
    public static final Duration STUCK = Duration.ofSeconds(30);
    /// Revisions of a router that are kept, at least.
    public static final int KEPT = 5;

    private final Draft draft;
    private final List<Finding> findings = new ArrayList<>();

    /// A fleet as people declare it.
    ///
    /// @param sources where its documents stand: files, configs, services
    public record Wanted(PipelineDefinition pipeline, List<String> sources) {
        public Wanted {
            sources = List.copyOf(sources);
        }
    }

    /// What is to be done, and what is to be told.
    public record Decision(List<Step> steps, List<Finding> findings) {
        public Decision {
            steps = List.copyOf(steps);
            findings = List.copyOf(findings);
        }
    }

    /// What is to be told of a fleet, besides what its instances report.
    ///
    /// @param target the revision that it should run; empty when it stays as it is
    /// @param wanted instances that are declared
    /// @param unplaced numbers of instances that have no node
    /// @param volumes where its events lie
    /// @param scaling how many instances there are and why, where their number follows the load
    public record Finding(
            String router,
            Optional<String> target,
            Optional<Target.Refusal> refused,
            boolean paused,
            int wanted,
            List<Problem> problems,
            List<Integer> unplaced,
            List<VolumeState> volumes,
            Optional<String> scaling) {
        public Finding {
            volumes = List.copyOf(volumes);
            problems = List.copyOf(problems);
            unplaced = List.copyOf(unplaced);
        }
    }

    private Fleets(Draft draft) {
        this.draft = draft;
    }

    /// Decides.
    ///
    /// @param wanted what is declared, at most one for each router
    /// @param reports what instances tell, by the name of their service; those that cannot be reached are missing
    public static Decision decide(
            Seen seen, List<Wanted> wanted, Map<String, InstanceReport> reports, Installation here, Instant now) {
        return decide(seen, wanted, Told.now(reports), here, now);
    }

    /// Decides.
    ///
    /// @param wanted what is declared, at most one for each router
    public static Decision decide(Seen seen, List<Wanted> wanted, Told told, Installation here, Instant now) {
        var fleets = new Fleets(new Draft(seen, told, here, now));
        var steps = fleets.draft.steps;
        boolean isAny = !wanted.isEmpty() || !seen.owned().services().isEmpty();
        if (isAny && !seen.secrets().contains(here.linkSecret())) {
            steps.add(new Step.CreateSecret(here.linkSecret()));
        }
        var names = new HashSet<String>();
        for (var each : wanted) {
            names.add(each.pipeline().name());
            fleets.fleet(each);
        }
        fleets.undeclared(names);
        fleets.jobs();
        for (var each : wanted) {
            new Revisions(
                            fleets.draft,
                            each,
                            Known.of(seen.owned(), each.pipeline().name()))
                    .collect();
        }
        return new Decision(steps, fleets.findings);
    }

    private void fleet(Wanted declared) {
        var name = declared.pipeline().name();
        var known = Known.of(draft.seen.owned(), name);
        var revisions = new Revisions(draft, declared, known);
        var roster = new Roster(draft, name, known, true);
        var problems = new ArrayList<Problem>();
        var wanted = revisions.wanted();
        var target = revisions.target();
        var text = target.known().isPresent()
                ? target.known().get().text()
                : Optional.of(wanted.pipeline().text());
        var pipeline = target.known().isPresent() ? target.known().get().pipeline() : Optional.of(wanted.pipeline());
        if (target.revision().isEmpty() || text.isEmpty() || pipeline.isEmpty()) {
            target.revision()
                    .ifPresent(revision -> problems.add(new Problem(
                            "router " + name,
                            "revision %s lies in the swarm and cannot be read: a part is missing, somebody changed it, or a newer LogRoute wrote it"
                                    .formatted(revision),
                            "Look at its configs: docker config ls -f label=%s=%s."
                                    .formatted(Label.REVISION, revision))));
            stays(roster, Optional.of(wanted.pipeline()), target, problems);
            return;
        }
        var lacking = lacking(pipeline.get());
        if (!lacking.isEmpty()) {
            stays(roster, pipeline, target, lacking);
            return;
        }
        var now = revisions.prepare(target, text.get(), problems);
        roster.number(pipeline.get());
        roster.proceed(pipeline);
        if (now.isPresent()) {
            new Rollout(
                            draft,
                            roster,
                            revisions,
                            now.get(),
                            target.generation(),
                            pipeline.get(),
                            text.get(),
                            known,
                            problems)
                    .instances();
        }
        if (roster.remembersPlaces()) {
            revisions.forgetPlaces();
        }
        draft.steps.addAll(roster.deeds());
        new Introduction(draft, roster).leaving(Shape.keepsElsewhere(pipeline.get()), problems);
        found(roster, target.revision(), target, roster.wanted(), problems);
    }

    /// Nothing of it changes but what is on its way already.
    private void stays(Roster roster, Optional<PipelineDefinition> pipeline, Target target, List<Problem> problems) {
        roster.proceed(pipeline);
        draft.steps.addAll(roster.deeds());
        new Introduction(draft, roster).all(problems);
        found(roster, Optional.empty(), target, count(pipeline), problems);
    }

    private void found(Roster roster, Optional<String> revision, Target target, int wanted, List<Problem> problems) {
        findings.add(new Finding(
                roster.router(),
                revision,
                target.refused(),
                target.paused(),
                wanted,
                Stream.concat(problems.stream(), roster.problems().stream()).toList(),
                roster.unplaced(),
                roster.volumes(),
                roster.scaling()));
    }

    private int count(Optional<PipelineDefinition> pipeline) {
        var deploy = pipeline.map(Shape::deploy).orElse(DeploySpec.USUAL);
        return deploy.perNode()
                ? Placement.fitting(draft.seen.nodes(), deploy.constraints()).size()
                : deploy.autoscale().map(DeploySpec.Autoscale::min).orElse(deploy.replicas());
    }

    /// Networks and secrets that the swarm does not have. Without them Docker would refuse the services.
    private List<Problem> lacking(PipelineDefinition pipeline) {
        var deploy = Shape.deploy(pipeline);
        var problems = new ArrayList<Problem>();
        for (var network : Stream.concat(Stream.of(draft.here.network()), deploy.networks().stream())
                .distinct()
                .toList()) {
            if (!draft.seen.networks().contains(network)) {
                problems.add(new Problem(
                        "router " + pipeline.name(),
                        "the swarm has no network %s that services can join".formatted(network),
                        "Create it: docker network create -d overlay --attachable %s; or name another one."
                                .formatted(network)));
            }
        }
        for (var secret : Shape.secrets(pipeline)) {
            if (!draft.seen.secrets().contains(secret)) {
                problems.add(new Problem(
                        "router " + pipeline.name(),
                        "the swarm has no secret %s".formatted(secret),
                        "Create it: docker secret create %s FILE; or name another one.".formatted(secret)));
            }
        }
        return problems;
    }

    // ---- what is left over

    /// Fleets that are no longer declared stay: what waits in their buffers would be lost. Instances that an
    /// operator drained go.
    private void undeclared(Set<String> declared) {
        Stream.concat(
                        draft.seen.owned().services().values().stream().map(RouterService::router),
                        draft.seen.owned().configs().values().stream()
                                .flatMap(config -> Holder.read(config).stream())
                                .map(Holder::router))
                .distinct()
                .filter(router -> !declared.contains(router))
                .sorted()
                .forEach(this::undeclared);
    }

    private void undeclared(String router) {
        var known = Known.of(draft.seen.owned(), router);
        var roster = new Roster(draft, router, known, false);
        roster.proceed(known.stream()
                .filter(each -> each.refused().isEmpty())
                .flatMap(each -> each.pipeline().stream())
                .findFirst());
        draft.steps.addAll(roster.deeds());
        var problems = new ArrayList<>(roster.problems());
        new Introduction(draft, roster).all(problems);
        // Of one whose service somebody removed the conditions tell, with what it may hold.
        if (roster.running().stream()
                .anyMatch(each -> each.stage() == Stage.SERVING
                        && draft.seen.owned().services().containsKey(each.name()))) {
            problems.add(new Problem(
                    "router " + router,
                    "it is no longer declared, or no route names it; its instances stay as they are, since what waits in their buffers would be lost",
                    "Declare it again, with a route; or let them deliver what they have, and go: logroute drain %s."
                            .formatted(router)));
        }
        findings.add(new Finding(
                router,
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                problems,
                List.of(),
                roster.volumes(),
                Optional.empty()));
    }

    /// Jobs that remove a volume of which nobody says that it may go.
    private void jobs() {
        draft.seen.jobs().forEach((name, job) -> {
            boolean wanted = Holder.of(draft.seen.owned(), job.router()).values().stream()
                    .anyMatch(each ->
                            each.name().equals(job.volume()) && each.stage() == Stage.REMOVING && !each.forgotten());
            if (!wanted) {
                draft.steps.add(new Step.RemoveJob(name, job.router()));
            }
        });
    }

    /// The hash that a service carries of what we wanted it to be.
    public static String hash(RouterService service) {
        return Revision.of(service.toString()).hash();
    }

    /// The same of a service of a relay.
    public static String hash(RelayService service) {
        return Revision.of(service.toString()).hash();
    }
}
