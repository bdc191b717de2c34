package io.logroute.plan;

import io.logroute.spec.Problem;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// The instances of one router as the controller knows them.
///
/// @param target the revision that should run now: another than the declared one when that was rolled
///     back, is paused, or cannot be run; empty when none ever could
/// @param refusal the newest revision that was tried and taken back
/// @param paused whether changes wait until somebody resumes the router
/// @param wanted how many instances there should be by what is declared now; 0 when the router is no longer declared
/// @param problems what keeps the fleet from being as declared, such as no node that fits or a secret that is
///     not there
/// @param instances sorted by number, those that should not be there any more among them
/// @param volumes where its events lie, sorted by number; of instances that are gone or not reached, too
/// @param scaling how many instances there are and why, where their number follows the load
public record FleetState(
        String router,
        Optional<String> target,
        Optional<Refusal> refusal,
        boolean paused,
        int wanted,
        List<Problem> problems,
        List<InstanceState> instances,
        List<VolumeState> volumes,
        Optional<String> scaling) {

    /// A revision that did not become healthy, and is not tried again until what is declared changes.
    ///
    /// @param instead the revision that runs in its place; empty when there was none before
    /// @param why in the router's own words, without a full stop
    public record Refusal(String revision, Optional<String> instead, String why) {}

    /// One whose volumes nobody asks for.
    public FleetState(
            String router,
            Optional<String> target,
            Optional<Refusal> refusal,
            boolean paused,
            int wanted,
            List<Problem> problems,
            List<InstanceState> instances) {
        this(router, target, refusal, paused, wanted, problems, instances, List.of(), Optional.empty());
    }

    public FleetState {
        volumes = volumes.stream()
                .sorted(Comparator.comparingInt(VolumeState::instance))
                .toList();
        problems = problems.stream().distinct().sorted().toList();
        instances = instances.stream()
                .sorted(Comparator.comparingInt(InstanceState::number))
                .toList();
        var numbers = new HashSet<Integer>();
        for (var each : instances) {
            if (!each.router().equals(router)) {
                throw new IllegalArgumentException(
                        "instance %s is none of router %s; put it into the fleet of its router"
                                .formatted(each.name(), router));
            }
            if (!numbers.add(each.number())) {
                throw new IllegalArgumentException("router %s has instance %d twice; give each a number of its own"
                        .formatted(router, each.number()));
            }
        }
    }

    /// A router that runs in the controller's own process.
    ///
    /// @param target the revision that it was told to run
    public static FleetState inProcess(String target, InstanceReport report) {
        return new FleetState(
                report.router(),
                Optional.of(target),
                Optional.empty(),
                false,
                1,
                List.of(),
                List.of(new InstanceState(
                        report.router(),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(report),
                        Optional.empty())));
    }

    /// A router of which nothing is known yet.
    public static FleetState unknown(String router) {
        return new FleetState(router, Optional.empty(), Optional.empty(), false, 1, List.of(), List.of());
    }

    /// Whether it is known what to run, nothing keeps it from being run, and there is nothing of it yet.
    public boolean starts() {
        return instances.isEmpty()
                && wanted > 0
                && problems.isEmpty()
                && target.filter(each -> refusal.filter(
                                        refused -> refused.revision().equals(each))
                                .isEmpty())
                        .isPresent();
    }

    /// Whether there are instances that should take events in, and all of them do. Those that are on
    /// their way out should not.
    public boolean takesEvents() {
        var serving = serving();
        return !serving.isEmpty() && serving.stream().allMatch(InstanceState::takesEvents);
    }

    /// The instances that should take events in.
    public List<InstanceState> serving() {
        return instances.stream()
                .filter(each -> stage(each.number()) == Stage.SERVING)
                .toList();
    }

    /// Where the events of an instance lie; empty where nothing is noted down of it.
    public Optional<VolumeState> volume(int instance) {
        return volumes.stream().filter(each -> each.instance() == instance).findFirst();
    }

    /// How far an instance is on its way out. One of which nothing is noted down serves.
    public Stage stage(int instance) {
        return volume(instance).map(VolumeState::stage).orElse(Stage.SERVING);
    }

    /// What the instances that are reached tell, by their number.
    public List<InstanceReport> reports() {
        return instances.stream().flatMap(each -> each.report().stream()).toList();
    }
}
