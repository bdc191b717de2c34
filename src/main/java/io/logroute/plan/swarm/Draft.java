package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The steps of one pass as they come together, and all that they are decided by.
final class Draft {
    final Seen seen;
    final Told told;
    final Installation here;
    final Instant now;
    /// All services there are that have a place and, as they are planned, will be: for placing the next ones.
    final List<Placed> all;
    final List<Step> steps = new ArrayList<>();

    Draft(Seen seen, Told told, Installation here, Instant now) {
        this.seen = seen;
        this.told = told;
        this.here = here;
        this.now = now;
        this.all = new ArrayList<>(seen.owned().services().values());
        this.all.addAll(seen.owned().relays().values());
    }

    /// What an instance tells now.
    Optional<InstanceReport> report(String service) {
        return Optional.ofNullable(told.fresh().get(service));
    }

    /// What an instance tells now, if its service is there.
    Optional<InstanceReport> report(Holder holder) {
        return service(holder.name()).isPresent() ? report(holder.name()) : Optional.empty();
    }

    /// Whether its node is no longer in the swarm.
    boolean isGone(Holder holder) {
        return !holder.isElsewhere() && seen.node(holder.node()).isEmpty();
    }

    Optional<RouterService> service(String name) {
        return Optional.ofNullable(seen.owned().services().get(name));
    }

    /// Whether a step of this pass is about it already.
    boolean touches(String object) {
        return steps.stream().anyMatch(step -> step.object().equals(object));
    }

    /// Whether the labels of a revision change in this pass already.
    boolean touches(Known known) {
        return touches("config/" + known.head().name());
    }

    /// Whether Swarm is at one of a router's instances, and can come to an end with it: not on a node that is down
    /// or takes no tasks, and not where no node has what the task asks for.
    boolean isBusy(String router) {
        return seen.owned()
                .of(router)
                .filter(each -> each.node().isEmpty() || takesTasks(each.node()))
                .map(each -> seen.state(each.name()))
                .anyMatch(state -> state.update().phase().underWay() && !state.isStuck());
    }

    boolean takesTasks(String node) {
        return seen.node(node).filter(each -> each.ready() && each.active()).isPresent();
    }

    /// Whether so much time is over since then. A time that is as far ahead was noted down by a clock that was
    /// set back since, and nothing waits for that to come.
    boolean isOver(Optional<Instant> since, Duration time) {
        return since.filter(each -> Duration.between(each, now).abs().compareTo(time) >= 0)
                .isPresent();
    }
}
