package io.logroute.plan.swarm;

import io.logroute.plan.Stage;
import io.logroute.spec.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Hands the secret that routers know this controller by to those whose services nothing else changes: of
/// fleets that are not declared any more, or stay as they are, and of instances on their way out. Without it
/// they would not let themselves be asked by a controller that came up elsewhere, and their drains would never
/// end.
///
/// One after the other, and only the secret: each goes on with the pipeline that it has.
final class Introduction {
    /// One that Swarm rolled back is tried again after this.
    private static final Duration AGAIN = Duration.ofMinutes(5);

    /// Swarm's words for a task that is about to run.
    private static final Set<String> STARTING = Set.of("new", "assigned", "accepted", "preparing", "ready", "starting");

    private final Draft draft;
    private final Roster roster;

    /// @param roster of the fleet, gone on with
    Introduction(Draft draft, Roster roster) {
        this.draft = draft;
        this.roster = roster;
    }

    /// All of the fleet.
    void all(List<Problem> problems) {
        next(_ -> true, problems);
    }

    /// Those that its rollout does not change.
    ///
    /// @param elsewhere whether the fleet keeps its events on no volumes
    void leaving(boolean elsewhere, List<Problem> problems) {
        next(
                service -> !roster.running().stream()
                        .anyMatch(each -> each.name().equals(service.name())
                                && each.stage() == Stage.SERVING
                                && each.isElsewhere() == elsewhere),
                problems);
    }

    private void next(Predicate<RouterService> which, List<Problem> problems) {
        var link = draft.here.linkSecret();
        var all = draft.seen.owned().of(roster.router()).toList();
        if (draft.isBusy(roster.router())
                || all.stream()
                        .anyMatch(
                                each -> draft.touches("service/" + each.name()) || each.knows(link) && starts(each))) {
            return;
        }
        for (var each : all) {
            if (each.knows(link) || !which.test(each) || !each.node().isEmpty() && !draft.takesTasks(each.node())) {
                continue;
            }
            var update = draft.seen.state(each.name()).update();
            boolean failed =
                    update.phase() == Seen.Update.Phase.ROLLED_BACK || update.phase() == Seen.Update.Phase.PAUSED;
            if (failed && !draft.isOver(update.started(), AGAIN)) {
                problems.add(new Problem(
                        "instance " + each.name(),
                        "it does not know this controller: Swarm rolled back the change that hands it the new link key",
                        "Look at docker service ps %s; it is tried again %d minutes after the last time."
                                .formatted(each.name(), AGAIN.toMinutes())));
                continue;
            }
            draft.steps.add(new Step.UpdateService(each, each.knowing(link), false));
            return;
        }
    }

    /// Whether Swarm is about to start it.
    private boolean starts(RouterService service) {
        var state = draft.seen.state(service.name());
        return (service.node().isEmpty() || draft.takesTasks(service.node()))
                && state.tasks().stream()
                        .findFirst()
                        .filter(task -> STARTING.contains(task.state()))
                        .isPresent()
                && !state.runs()
                && !state.isStuck();
    }
}
